//! What is said of runs and their tasks.

use std::iter;

use bandleader_core::TaskState;
use bandleader_core::view::milestones::MilestoneState;
use serde_json::Value;

use super::notation::{
    flag, instant, list, map, maybe, ms, named, number, object, pair, said, text, time, whole, word,
};
use super::tasks;
use crate::json::runs::STATES;

/// All of them, by name.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let counts: Vec<_> = iter::once("total").chain(TaskState::NAMES).map(|name| (name, whole())).collect();
    vec![
        ("RunState", said(word(&STATES), "`interrupted`: it should go on, but no engine is there")),
        ("TaskState", word(&TaskState::NAMES)),
        ("Counts", object(&counts)),
        (
            "Spent",
            object(&[
                ("input", whole()),
                ("cached", whole()),
                ("output", whole()),
                ("tokens", whole()),
                ("turns", whole()),
                ("cost_usd", maybe(number())),
                ("cost_is_partial", flag()),
            ]),
        ),
        (
            "RunRow",
            object(&[
                ("id", text()),
                ("state", named("RunState")),
                ("owner", owner()),
                ("mission", text()),
                ("plan", text()),
                ("plan_hash", said(text(), "the same: the very same plan")),
                ("project", text()),
                ("created", time()),
                ("last", time()),
                ("length_ms", ms()),
                ("ended", said(maybe(time()), "null while it goes on")),
                ("took_ms", said(maybe(ms()), "from its creation to its end; null while it goes on")),
                ("counts", named("Counts")),
                ("seq", whole()),
                ("progress", said(number(), "0 to 1: tasks that are over")),
                ("needs", said(whole(), "questions that wait for a person")),
                ("finish?", said(maybe(pair(time(), time())), "of runs that go on: the earliest and the latest end")),
                ("used", maybe(named("Spent"))),
                ("budgets?", list(named("Budget"))),
            ]),
        ),
        ("Runs", page("runs", "RunRow", &[])),
        ("Run", run()),
        ("Tasks", page("tasks", "TaskRow", &[("seq", whole())])),
        ("TaskRow", object(&tasks::row())),
        ("Task", tasks::task()),
        ("Attempt", tasks::attempt()),
        (
            "Activity",
            object(&[
                ("at", time()),
                ("doing", text()),
                ("progress", maybe(text())),
                ("percent", maybe(whole())),
                ("todo", list(object(&[("text", text()), ("state", word(&["open", "active", "done"]))]))),
                ("tools", whole()),
                ("model", maybe(text())),
                ("used", named("Spent")),
                ("waits_until", maybe(time())),
            ]),
        ),
        (
            "Branch",
            object(&[
                ("name", text()),
                ("base", text()),
                ("merge_into", maybe(text())),
                (
                    "merged",
                    list(object(&[
                        ("into", text()),
                        ("status", word(&["success", "refused"])),
                        ("at", time()),
                        ("commit", maybe(text())),
                        ("onto", maybe(text())),
                        ("message", text()),
                    ])),
                ),
            ]),
        ),
        (
            "Budget",
            object(&[
                ("of", text()),
                ("unit", named("BudgetUnit")),
                ("used", whole()),
                ("limit", whole()),
                ("used_up", flag()),
                ("at_least", flag()),
            ]),
        ),
        (
            "BudgetUnit",
            said(word(&["cost", "tokens", "time"]), "cost in millionths of a US dollar, time in milliseconds"),
        ),
        ("AgentUse", object(&[("agent", text()), ("used", maybe(named("Spent")))])),
        (
            "Message",
            object(&[
                ("message", whole()),
                ("task", text()),
                ("text", text()),
                ("delivered_to_attempt", maybe(whole())),
            ]),
        ),
        (
            "Log",
            object(&[
                ("job", text()),
                ("chunks", list(named("LogChunk"))),
                ("offset", said(whole(), "where this part begins")),
                ("size", said(whole(), "how much there is by now")),
                ("next_offset", whole()),
                ("end", said(flag(), "nothing more will come")),
            ]),
        ),
        (
            "LogChunk",
            object(&[
                ("stream", word(&["stdout", "stderr", "note"])),
                ("at_ms", said(whole(), "since the process began")),
                ("text", text()),
            ]),
        ),
        (
            "MergedLog",
            object(&[
                ("lines", list(named("MergedLine"))),
                ("prev", said(maybe(text()), "`before` for what stands before; null at the beginning")),
                ("next", said(text(), "`after` for what follows")),
                ("end", said(flag(), "nothing more will come")),
            ]),
        ),
        (
            "MergedLine",
            object(&[
                ("task", text()),
                ("attempt", whole()),
                ("job", text()),
                ("name", said(text(), "of the process: the task, or `build.api gate 1`")),
                ("stream", word(&["stdout", "stderr", "note"])),
                ("at", instant()),
                ("text", text()),
            ]),
        ),
        (
            "Diff",
            object(&[
                ("task", text()),
                ("base", text()),
                ("commit", maybe(text())),
                ("diff", text()),
                ("is_cut", flag()),
                ("new_files", list(text())),
            ]),
        ),
        ("Event", object(&[("seq", whole()), ("at", instant()), ("event", named("Fact"))])),
        ("Fact", said(fact(), "what happened; its members go by its type, and are kept for ever")),
        ("Events", object(&[("events", list(named("Event"))), ("next", next())])),
        ("RunChanged", object(&[("run", text()), ("seq", whole()), ("state", named("RunState"))])),
        ("InboxChanged", object(&[("open", whole())])),
    ]
}

fn owner() -> Value {
    said(maybe(whole()), "the process whose engine drives it")
}

pub(super) fn next() -> Value {
    said(maybe(text()), "`after` of the page that follows")
}

fn page(rows: &str, row: &str, more: &[(&str, Value)]) -> Value {
    let own = [(rows, list(named(row))), ("next", next()), ("total", whole())];
    object(&[more, &own].concat())
}

fn fact() -> Value {
    let mut schema = object(&[("type", text())]);
    if let Value::Object(members) = &mut schema {
        members.insert("additionalProperties".to_owned(), true.into());
    }
    schema
}

fn milestone() -> Value {
    object(&[
        ("id", text()),
        ("title", text()),
        ("state", word(&MilestoneState::NAMES)),
        ("reached", said(maybe(time()), "when everything before it was over")),
        ("decision", said(maybe(whole()), "the question that people are asked there, while it is open")),
        ("left_ms", said(maybe(ms()), "while it is ahead: how long it takes at least, by the estimates")),
    ])
}

fn run() -> Value {
    object(&[
        ("id", text()),
        ("mission", text()),
        ("state", named("RunState")),
        ("seq", said(whole(), "its last event")),
        ("now", said(time(), "by the server's clock; of a state in the past, when it was")),
        ("level", whole()),
        ("mode", word(&["interactive", "guided", "semi-autonomous", "autonomous"])),
        ("owner", owner()),
        ("phases", list(object(&[("path", text()), ("title", text())]))),
        ("milestones", list(milestone())),
        ("created", time()),
        ("last", time()),
        ("time_used_ms", ms()),
        ("time_limit_ms", maybe(ms())),
        ("counts", named("Counts")),
        ("used", maybe(named("Spent"))),
        ("agents", list(named("AgentUse"))),
        ("budgets", list(named("Budget"))),
        ("waits_for", list(object(&[("provider", text()), ("until", time())]))),
        (
            "blockers",
            list(object(&[
                ("task", text()),
                ("name", text()),
                ("severity", text()),
                ("text", text()),
                ("needs", maybe(text())),
                ("since", time()),
            ])),
        ),
        ("decisions", list(named("Decision"))),
        ("messages", list(named("Message"))),
        ("branch", maybe(named("Branch"))),
        ("critical_path", maybe(list(text()))),
        ("next", maybe(list(text()))),
        ("finish", said(maybe(pair(time(), time())), "the earliest and the latest end that the estimates allow")),
        ("tasks", list(named("TaskRow"))),
        (
            "points",
            said(
                list(object(&[("id", whole()), ("path", text()), ("title", text())])),
                "the ends of phases and groups, and milestones: events name them as they name tasks, by `id`",
            ),
        ),
        ("lately?", said(maybe(named("Lately")), "what happened last; not of a state in the past")),
    ])
}

/// Names with a value each.
pub(super) fn texts() -> Value {
    map(text())
}
