//! The driver for OpenCode with the real program, and a scripted model behind it.

use bandleader_core::Spending;
use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use model_server::ModelServer;
use serde_json::json;

use crate::common::{Scene, counted};
use crate::installed;

fn scene(server: &ModelServer, instruction: &str) -> Option<Scene> {
    let endpoint = json!({ "base_url": server.url(), "api_key_env": "MODEL_KEY" });
    let scene =
        Scene::new("opencode", "").with("command", json!([installed::program("opencode")?])).with("endpoint", endpoint);
    let scene = scene.with("model", json!("mock-1")).with("role", json!("ROLE_ARCHITECT"));
    Some(scene.with("instruction", json!(instruction)).env("MODEL_KEY", "dummy"))
}

#[test]
fn it_works_is_counted_and_is_taken_up_again() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "SCENE_WRITE", "system": "ROLE_ARCHITECT", "turn": 0, "headers": {"authorization": "."}},
         "do": {"text": "I write it.", "thinking": "Hm.", "call": [{"write": {"path": "hello.txt", "text": "hello\n"}}], "usage": [1000, 40, 100]}},
        {"if": {"user": "SCENE_WRITE"}, "do": {"text": "Written.", "usage": [1100, 12, 1000]}},
        {"if": {"user": "SCENE_AGAIN"}, "do": {"text": "Still there.", "usage": [1300, 7]}},
    ])).unwrap();
    let Some(scene) = scene(&server, "SCENE_WRITE") else { return };
    let first = scene.run();
    assert_eq!((first.code, first.answer.as_str()), (Some(0), "Written."), "{} {}", first.output, first.errors);
    assert_eq!(std::fs::read_to_string(scene.project().join("hello.txt")).unwrap(), "hello\n");
    assert_eq!(first.report.spending, counted(&server));
    assert!(first.output.contains("→ write: hello.txt") && first.output.contains("I write it."), "{}", first.output);
    let session = first.report.session.unwrap();
    let second = scene.with("session", json!(session)).with("instruction", json!("SCENE_AGAIN")).run();
    assert_eq!((second.answer.as_str(), second.report.session), ("Still there.", Some(session)), "{}", second.errors);
    assert_eq!(second.report.spending, Spending { input: 1_300, output: 7, turns: 1, ..Spending::default() });
}

#[test]
fn what_its_provider_answers_is_understood_at_once() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "SCENE_LIMITED"}, "do": {"status": 429, "error": {"message": "slow down"}, "headers": {"retry-after": "600"}}},
        {"if": {"user": "SCENE_BUSY"}, "do": {"status": 529, "error": {"message": "Overloaded"}}},
        {"if": {"user": "SCENE_KEY"}, "do": {"status": 401, "error": {"message": "bad key"}}},
        {"if": {"user": "SCENE_CUT"}, "do": {"text": "This is a text of more than forty letters for it", "cut_after": 500}},
        {"if": {"user": "SCENE_LENGTH"}, "do": {"text": "half", "stop": "length", "usage": [10, 5]}},
    ])).unwrap();
    let table = [
        ("SCENE_LIMITED", FailureClass::RateLimit),
        ("SCENE_BUSY", FailureClass::Overloaded),
        ("SCENE_KEY", FailureClass::Auth),
        ("SCENE_CUT", FailureClass::Network),
        ("SCENE_LENGTH", FailureClass::ContextOverflow),
    ];
    for (index, (instruction, class)) in table.into_iter().enumerate() {
        let Some(scene) = scene(&server, instruction) else { return };
        let ended = scene.run();
        let failure = ended.report.failure.unwrap_or_else(|| panic!("{instruction} {} {}", ended.output, ended.errors));
        assert_eq!((failure.class, failure.until.is_some()), (class, index == 0), "{instruction} {failure:?}");
        assert_eq!(server.log().len(), index + 1, "it does not try again by itself");
    }
}

#[test]
fn what_it_may_not_is_refused_and_it_does_not_hang() {
    let server = ModelServer::playing(json!([
        {"if": {"turn": 0, "offers": "bash"}, "do": {"call": [{"shell": "touch changed"}], "usage": [10, 1]}},
        {"if": {"turn": 0}, "do": {"text": "I have no shell.", "usage": [10, 1]}},
        {"do": {"text": "It was refused.", "usage": [10, 1]}},
    ]))
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_SHELL") else { return };
    let ended = scene.run();
    assert!(!scene.project().join("changed").exists());
    assert_eq!((ended.code, ended.report.spending), (Some(0), counted(&server)), "{} {}", ended.output, ended.errors);
    let scene = scene.with("permissions", json!("full"));
    let full = scene.run();
    assert!(scene.project().join("changed").exists(), "{} {}", full.output, full.errors);
}

#[test]
fn a_model_that_goes_on_for_ever_is_ended() {
    let server = ModelServer::playing(json!([{"do": {"call": [{"shell": "echo again"}], "usage": [100, 4]}}])).unwrap();
    let Some(scene) = scene(&server, "SCENE_LOOP") else { return };
    let ended = scene.with("permissions", json!("full")).with("max_turns", json!(2)).run();
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::MaxTurns, "{}", ended.output);
    assert!((2..=3).contains(&ended.report.spending.turns), "{:?}", ended.report.spending);
}

#[test]
fn a_message_is_heard_while_it_works() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "use tabs"}, "do": {"text": "With tabs.", "usage": [10, 1]}},
        {"if": {"turn": 0}, "do": {"call": [{"shell": "sleep 2"}], "usage": [10, 1]}},
        {"do": {"text": "Without.", "usage": [10, 1]}},
    ]))
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_TOLD") else { return };
    let scene = scene.with("permissions", json!("full"));
    scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
    let ended = scene.run();
    assert!(ended.output.contains("message 4 has reached it"), "{} {}", ended.output, ended.errors);
    assert_eq!((ended.answer.as_str(), ended.report.spending), ("With tabs.", counted(&server)), "{}", ended.output);
}

#[test]
fn an_answer_of_a_form_is_given_by_its_own_tool() {
    let server = ModelServer::playing(json!([
        {"if": {"offers": "StructuredOutput"}, "do": {"call": [{"tool": {"name": "StructuredOutput", "args": {"verdict": "pass"}}}], "usage": [10, 5]}},
    ])).unwrap();
    let Some(scene) = scene(&server, "SCENE_FORM") else { return };
    let schema =
        json!({ "type": "object", "required": ["verdict"], "properties": { "verdict": { "type": "string" } } });
    let ended = scene.with("schema", schema).run();
    assert_eq!(ended.answer, r#"{"verdict":"pass"}"#, "{} {}", ended.output, ended.errors);
}

#[test]
fn a_model_that_hangs_has_stalled() {
    let server = ModelServer::playing(
        json!([{"do": {"text": "This is a text of more than forty letters for it", "hang_after": 500}}]),
    )
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_HANG") else { return };
    let ended = scene.with("stall", json!(15_000)).run();
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::Stall, "{}", ended.output);
}
