//! What is said of a task.

use serde_json::Value;

use super::notation::{any, flag, integer, list, maybe, ms, named, number, object, said, text, time, whole, word};

/// Its row.
pub(super) fn row() -> Vec<(&'static str, Value)> {
    vec![
        ("id", said(whole(), "as events name it")),
        ("path", text()),
        ("title", maybe(text())),
        ("phase", maybe(text())),
        ("state", named("TaskState")),
        ("agent", text()),
        ("attempts", whole()),
        ("started", maybe(time())),
        ("ended", maybe(time())),
        ("spent_ms", ms()),
        ("estimate_ms", maybe(ms())),
        ("used", maybe(named("Spent"))),
        (
            "work",
            maybe(object(&[("branch", text()), ("commit", text()), ("files", whole()), ("landed", maybe(text()))])),
        ),
        ("session", maybe(text())),
        ("activity", maybe(named("Activity"))),
        ("failure", maybe(object(&[("class", text()), ("message", text())]))),
    ]
}

/// All of it.
pub(super) fn task() -> Value {
    let verdict = || maybe(word(&["passed", "refused"]));
    let mut members = row();
    members.extend([
        (
            "does",
            object(&[("kind", word(&["script", "program", "agent", "decision", "join", "left"])), ("text", text())]),
        ),
        ("optional", flag()),
        ("when", maybe(text())),
        ("needs", list(text())),
        ("needed_by", list(text())),
        ("timeout_ms", maybe(ms())),
        ("priority", integer()),
        ("worktree", flag()),
        ("outputs", list(object(&[("name", text()), ("from", text()), ("value", any())]))),
        (
            "gates",
            list(object(&[
                ("name", text()),
                ("run", text()),
                ("number", maybe(object(&[("parse", text()), ("min", maybe(number())), ("max", maybe(number()))]))),
                ("verdict", verdict()),
                ("message", maybe(text())),
                ("took_ms", maybe(ms())),
            ])),
        ),
        ("deliverables", list(object(&[("path?", text()), ("described?", text())]))),
        ("tries", list(named("Attempt"))),
        ("accepted", said(maybe(text()), "why a person took it as done")),
        ("question", said(maybe(whole()), "the number of the question that is about it")),
        ("insights", list(object(&[("at", time()), ("agent", text()), ("text", text())]))),
        ("claims", list(object(&[("path", maybe(text())), ("text", text())]))),
        ("messages", list(object(&[("message", whole()), ("text", text()), ("delivered_to_attempt", maybe(whole()))]))),
    ]);
    object(&members)
}

/// One try.
pub(super) fn attempt() -> Value {
    object(&[
        ("number", whole()),
        ("agent", text()),
        ("ready", time()),
        ("started", time()),
        ("ended", maybe(time())),
        ("outcome", word(&["live", "completed", "failed"])),
        ("class", maybe(text())),
        ("message", maybe(text())),
        ("ran", maybe(object(&[("driver", text()), ("version", maybe(text())), ("model", maybe(text()))]))),
        ("used", named("Spent")),
        ("silent_ms", maybe(ms())),
        ("cpu_ms", maybe(ms())),
        ("peak_kib", maybe(whole())),
        ("delivered", list(object(&[("path", text()), ("files", whole()), ("bytes", whole())]))),
        (
            "gates",
            list(object(&[
                ("gate", whole()),
                ("verdict", word(&["passed", "refused"])),
                ("message", text()),
                ("took_ms", ms()),
            ])),
        ),
        ("jobs", said(list(object(&[("job", text()), ("name", text())])), "its processes, for `log?job=`")),
    ])
}
