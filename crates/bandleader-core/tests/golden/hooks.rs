//! Events of questions that wait for a message from outside.

use bandleader_core::plan::{Awaited, Choice, OnSilence, Question};
use bandleader_core::{Asker, Decider, Event, Timestamp};

use super::{Golden, TASK};

pub(super) fn of_hooks() -> Vec<Golden> {
    let text = |text: &str| text.to_owned();
    let option = |id: &str| Choice { id: id.into(), name: id.into(), fails: id == "failed", ..Choice::default() };
    let question = Question {
        text: text("Do the checks pass?"),
        options: vec![option("passed"), option("failed")],
        on_silence: OnSilence::Fail,
        hook: Some(Box::new(Awaited { name: text("ci"), about: Some(text("c3")), check: Some(text("build")) })),
        ..Question::default()
    };
    let (asker, deadline) = (Asker::Task { task: TASK }, Some(Timestamp(1_700_000_300_000)));
    let (by, because) = (Decider::Hook { name: text("ci"), message: text("msg_1") }, text("build: failure"));
    golden! {
        "decision_opened.hook" => Event::DecisionOpened { decision: 4, asker, question, deadline },
        "decision_taken.hook" => Event::DecisionTaken { decision: 4, option: Some(text("failed")), by, because },
    }
}
