//! What is said of people and asked of them: sessions, questions, what becomes of commands.

use serde_json::Value;

use super::notation::{any, flag, list, maybe, ms, named, object, said, text, time, whole, word};
use super::runs::texts;

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Session",
            object(&[
                ("role", word(&["operator", "reader"])),
                ("project", text()),
                ("version", text()),
                ("user", text()),
            ]),
        ),
        ("By", object(&[("who", word(&["person", "engine"])), ("name?", text())])),
        ("Question", question()),
        ("Decision", object(&decision())),
        (
            "InboxEntry",
            object(
                &[
                    &decision()[..],
                    &[("run", text()), ("mission", text()), ("owner", maybe(whole())), ("left_ms", maybe(ms()))],
                ]
                .concat(),
            ),
        ),
        ("Inbox", list(named("InboxEntry"))),
        ("WholeDecision", object(&[&decision()[..], &[("check_in", maybe(named("CheckIn")))]].concat())),
        ("Decisions", object(&[("decisions", list(named("Decision")))])),
        (
            "Problem",
            object(&[
                ("type", text()),
                ("title", text()),
                ("status", whole()),
                ("detail", text()),
                ("hint?", text()),
                ("problems?", list(any())),
            ]),
        ),
        (
            "Accepted",
            said(
                object(&[
                    ("run", text()),
                    ("accepted", flag()),
                    ("repeated", said(flag(), "the same key was used before: nothing was done")),
                    ("engine", maybe(whole())),
                    ("started", said(flag(), "an engine was started for it")),
                    ("hint", maybe(text())),
                ]),
                "it is durable; what comes of it is told by the run's events",
            ),
        ),
        ("Started", object(&[("run", text()), ("repeated", flag()), ("notes", list(text()))])),
    ]
}

fn question() -> Value {
    object(&[
        ("text", text()),
        (
            "options",
            list(object(&[
                ("id", text()),
                ("name", text()),
                ("columns?", texts()),
                ("details?", text()),
                ("fails?", flag()),
            ])),
        ),
        ("recommend?", text()),
        ("kind", text()),
        ("weight", text()),
        ("irreversible?", flag()),
        ("on_silence", text()),
        ("details?", text()),
        ("timeout?", any()),
        ("people_only?", flag()),
        (
            "hook?",
            said(
                object(&[("name", text()), ("about?", text()), ("check?", text())]),
                "the message from outside that answers it too",
            ),
        ),
    ])
}

fn decision() -> Vec<(&'static str, Value)> {
    vec![
        ("decision", whole()),
        ("asked_by", text()),
        ("question", named("Question")),
        ("opened", time()),
        ("deadline", maybe(time())),
        ("held", maybe(object(&[("until", maybe(time())), ("left_ms", maybe(ms())), ("by", any())]))),
        ("escalated", maybe(time())),
        ("took_ms", maybe(ms())),
        ("late", maybe(object(&[("at", time()), ("option", text()), ("by", any()), ("because", text())]))),
        ("hangs_on_it", list(text())),
        (
            "taken",
            maybe(object(&[("at", time()), ("option", maybe(text())), ("by", any()), ("because", maybe(text()))])),
        ),
    ]
}
