//! Events of questions to people.

use std::collections::BTreeMap;

use bandleader_core::plan::{Choice, OnSilence, Patience, Question, QuestionKind, Weight};
use bandleader_core::{Asker, BudgetScope, BudgetUnit, Decider, Event, GroupId, Millis, Timestamp};

use super::{ATTEMPT, Golden, TASK, person};

pub(super) fn of_decisions() -> Vec<Golden> {
    let text = |text: &str| text.to_owned();
    let option = |id: &str, name: &str| Choice { id: id.into(), name: name.into(), ..Choice::default() };
    let effort = Choice {
        columns: BTreeMap::from([(text("effort"), text("3 days"))]),
        details: Some(text("keeps a connection open")),
        ..option("A", "WebSocket")
    };
    let plain = Question {
        text: text("Which transport?"),
        options: vec![option("A", "WebSocket"), option("B", "Server-sent events")],
        ..Question::default()
    };
    let full = Question {
        options: vec![effort, option("B", "Server-sent events")],
        recommend: Some(text("B")),
        kind: QuestionKind::ApiDesign,
        weight: Weight::Critical,
        irreversible: true,
        on_silence: OnSilence::Park,
        ..plain.clone()
    };
    let opened = |asker, question, deadline| Event::DecisionOpened { decision: 4, asker, question, deadline };
    let taken = |option, by, because: &str| Event::DecisionTaken { decision: 4, option, by, because: because.into() };
    let soon = Some(Timestamp(1_700_000_300_000));
    golden! {
        "decision_opened" => opened(Asker::Agent { attempt: ATTEMPT, key: text("q1") }, full, None),
        "decision_opened.task" => opened(Asker::Task { task: TASK }, plain.clone(), soon),
        "decision_opened.phase" => opened(Asker::Phase { group: GroupId(1) }, plain.clone(), soon),
        "decision_opened.engine" => opened(Asker::Engine { task: TASK }, plain.clone(), soon),
        "decision_opened.run" => opened(Asker::Run, plain.clone(), soon),
        "decision_opened.budget" => opened(
            Asker::Budget { scope: BudgetScope::Run, unit: BudgetUnit::Cost },
            Question {
                options: vec![option("approve", "approve"), Choice { fails: true, ..option("reject", "reject") }],
                details: Some(text("what is known")),
                timeout: Some(Patience::For(Millis(30_000))),
                people_only: true,
                ..plain.clone()
            },
            soon,
        ),
        "decision_opened.unbounded" => opened(
            Asker::Task { task: TASK },
            Question { timeout: Some(Patience::Unbounded), ..plain },
            None,
        ),
        "decision_held" => Event::DecisionHeld { decision: 4, until: soon, by: person() },
        "decision_held.unbounded" => Event::DecisionHeld { decision: 4, until: None, by: person() },
        "decision_released" => Event::DecisionReleased { decision: 4, by: person() },
        "decision_escalated" => Event::DecisionEscalated { decision: 4 },
        "answer_kept" => Event::AnswerKept {
            decision: 4,
            option: text("A"),
            by: person(),
            because: text("I was at lunch"),
        },
        "decision_corrected" => Event::DecisionCorrected {
            decision: 4,
            option: text("A"),
            by: person(),
            because: text("we know it"),
        },
        "task_reopened" => Event::TaskReopened { task: TASK, by: person() },
        "decision_taken.person" => taken(Some(text("A")), Decider::Person { name: text("ada") }, "we know it"),
        "decision_taken.timeout" => taken(Some(text("B")), Decider::Timeout, "nobody answered in 5 m"),
        "decision_taken.policy" => taken(Some(text("B")), Decider::Policy, "mode autonomous"),
        "decision_taken.withdrawn" => taken(None, Decider::Withdrawn, ""),
    }
}
