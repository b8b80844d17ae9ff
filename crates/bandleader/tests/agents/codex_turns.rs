//! The driver for Codex while a turn runs: messages, the last call of the model, the stop.

use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::codex::{done, ends, failure, item, says, scene, sent, used};

#[test]
fn its_calls_of_the_model_are_counted_and_then_it_is_interrupted() {
    let command = json!({ "type": "commandExecution", "id": "c1", "status": "completed", "command": "x" });
    let script = item("item/completed", &command)
        + &used(100, 4, (100, 4))
        + "< turn/interrupt\n"
        + &ends("interrupted", &Value::Null)
        + "all\n";
    let ended = scene(&script).with("max_turns", json!(1)).run();
    assert_eq!(failure(&ended).class, FailureClass::MaxTurns);
    let ended = scene(&done("Done.")).with("max_turns", json!(1)).run();
    assert_eq!(ended.code, Some(0), "the last call that it may make is allowed: {}", ended.errors);
}

#[test]
fn a_message_reaches_the_turn_or_becomes_one() {
    let working = item("item/started", &json!({ "type": "commandExecution", "id": "c1", "command": "x" }));
    let steered =
        working.clone() + "< turn/steer\n> {\"id\":5,\"result\":{\"turnId\":\"u-1\"}}\n" + &done("With tabs.");
    let refused = working
        + "< turn/steer\n"
        + &ends("completed", &Value::Null)
        + "> {\"id\":5,\"error\":{\"message\":\"no active turn to steer\"}}\n< turn/start\n"
        + "> {\"id\":6,\"result\":{\"turn\":{\"id\":\"u-1\"}}}\n"
        + &done("With tabs.");
    let between = ends("completed", &Value::Null)
        + "< turn/start\n> {\"id\":5,\"result\":{\"turn\":{\"id\":\"u-1\"}}}\n"
        + &done("With tabs.");
    for script in [steered, refused, between] {
        let scene = scene(&script);
        scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
        let ended = scene.run();
        assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "With tabs."), "{}", ended.errors);
        assert!(ended.output.contains("message 4 has reached it"), "{}", ended.output);
        assert!(ended.seen.iter().any(|line| line.contains("use tabs")));
    }
}

#[test]
fn told_to_stop_it_interrupts_its_turn_first() {
    let scene = scene(&(says("at work") + "< turn/interrupt\n" + &ends("interrupted", &Value::Null) + "all\n"));
    let child = scene.start();
    let pid = Pid::from_child(&child);
    while scene.notes().activity().is_none_or(|activity| activity.doing != "at work") {
        std::thread::yield_now();
    }
    kill_process(pid, Signal::TERM).unwrap();
    let ended = scene.end(child);
    assert_eq!(failure(&ended).class, FailureClass::Cancelled);
    assert_eq!(sent(&ended, "turn/interrupt")[0]["turnId"], "u-1");
}
