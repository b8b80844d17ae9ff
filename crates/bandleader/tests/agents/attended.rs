//! What is the same for all drivers, by way of the plainest.

use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::common::Scene;

#[test]
fn a_folder_that_is_gone_is_said_in_words() {
    let scene = Scene::new("command", "exit 0\n");
    std::fs::remove_dir(scene.project()).unwrap();
    let ended = scene.run();
    assert_eq!(ended.code, Some(1));
    let failure = ended.report.failure.unwrap();
    assert_eq!(failure.class, FailureClass::Start);
    assert!(failure.message.contains("project` is not there"), "{}", failure.message);
    assert!(ended.errors.contains("is not there"), "{}", ended.errors);
}

#[test]
fn a_program_gets_its_instruction_and_its_last_words_are_kept() {
    let scene = Scene::new("command", "all\n> first\n! a warning\n> done at last\n");
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "done at last"));
    assert_eq!(ended.report.said, "done at last");
    assert_eq!(ended.output, "first\ndone at last\n");
    assert_eq!(ended.errors, "a warning\n");
    assert!(ended.seen.contains(&"in Write the specification.".to_owned()), "{:?}", ended.seen);
    assert!(ended.seen.contains(&"env BAND_TASK=Write the specification.".to_owned()), "{:?}", ended.seen);
}

#[test]
fn a_secret_is_in_nothing_that_is_written_down() {
    let scene = Scene::new("command", "> it is $DEPLOY_KEY\nexit 3\n").env("DEPLOY_KEY", "s3cr3t-value");
    let ended = scene.with("secrets", json!(["DEPLOY_KEY"])).run();
    assert_eq!(ended.report.failure.unwrap().message, "exit code 3");
    let done = Scene::new("command", "> it is $DEPLOY_KEY\n").env("DEPLOY_KEY", "s3cr3t-value");
    let done = done.with("secrets", json!(["DEPLOY_KEY"])).run();
    assert_eq!((done.answer.as_str(), done.report.said.as_str()), ("it is ***", "it is ***"));
}

#[test]
fn asked_to_end_it_ends_its_program_first_and_says_so() {
    let scene = Scene::new("command", "> at work\nhang\n");
    let child = scene.start();
    let pid = Pid::from_child(&child);
    while scene.notes().activity().is_none_or(|activity| activity.doing != "at work") {
        std::thread::yield_now();
    }
    kill_process(pid, Signal::TERM).unwrap();
    let ended = scene.end(child);
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::Cancelled);
}

#[test]
fn silence_ends_it() {
    let scene = Scene::new("command", "hang\n").with("stall", json!(50));
    let failure = scene.run().report.failure.unwrap();
    assert_eq!((failure.class, failure.message.as_str()), (FailureClass::Stall, "nothing was heard from it for 50 ms"));
}

#[test]
fn messages_that_were_left_before_it_started_do_no_harm() {
    let scene = Scene::new("command", "all\n> done\n");
    scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
    assert_eq!(scene.run().code, Some(0));
}
