//! What is said of people and asked by them: questions, answers, commands, plans.

use serde_json::Value;

use super::notation::{
    any, flag, instant, list, map, maybe, ms, named, number, object, pair, said, text, time, whole, word,
};
use super::runs::texts;

/// All of them, by name.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = bodies();
    all.extend([
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
        ("CheckIn", check_in()),
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
        ("Check", check()),
        (
            "Diagnostic",
            object(&[
                ("severity", text()),
                ("code", text()),
                ("message", text()),
                ("place", named("Place")),
                ("means?", text()),
                ("hint", maybe(text())),
                ("also", list(object(&[("message", text()), ("place", named("Place"))]))),
            ]),
        ),
        (
            "Place",
            object(&[
                ("file", text()),
                ("line", whole()),
                ("column", whole()),
                ("end_line", whole()),
                ("end_column", whole()),
            ]),
        ),
        (
            "Input",
            object(&[
                ("name", text()),
                ("kind", text()),
                ("default", any()),
                ("choices", list(any())),
                ("is_missing", flag()),
                ("doc", maybe(text())),
            ]),
        ),
        (
            "Plans",
            object(&[(
                "plans",
                list(object(&[
                    ("name", text()),
                    ("shelf", word(&["project", "user", "built-in"])),
                    ("valid", flag()),
                    ("mission", maybe(text())),
                    ("level", maybe(whole())),
                    ("inputs", list(named("Input"))),
                ])),
            )]),
        ),
        (
            "Levels",
            list(object(&[
                ("number", whole()),
                ("name", text()),
                ("mode", text()),
                ("retries", whole()),
                ("deadline_tenths", whole()),
                ("updates", ms()),
                ("quality", texts()),
                ("changed", said(list(text()), "cells that `band.toml` changes")),
            ])),
        ),
        ("Policy", policy()),
    ]);
    all
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

/// What people see before they say whether to go on.
fn check_in() -> Value {
    let done = object(&[
        ("task", text()),
        ("agent", text()),
        ("what", text()),
        ("said", maybe(text())),
        ("delivered", list(text())),
        ("metrics", list(pair(text(), text()))),
        ("findings", list(text())),
    ]);
    let ahead = object(&[
        ("task", text()),
        ("agent", text()),
        ("what", text()),
        ("since", maybe(instant())),
        ("expected", maybe(ms())),
    ]);
    let progress = object(&[
        ("phases", pair(whole(), whole())),
        ("completed", whole()),
        ("over", whole()),
        ("tasks", whole()),
        ("elapsed", ms()),
    ]);
    object(&[
        ("title", text()),
        ("moment", word(&["before", "after"])),
        ("completed", list(done.clone())),
        ("undone", list(done)),
        ("running", list(ahead.clone())),
        ("upcoming", list(ahead)),
        ("later", whole()),
        ("blockers", list(text())),
        ("decisions", list(pair(whole(), text()))),
        ("progress", progress),
    ])
}

fn check() -> Value {
    object(&[
        ("valid", flag()),
        ("can_start", flag()),
        ("diagnostics", list(named("Diagnostic"))),
        ("inputs", list(named("Input"))),
        ("driver", said(maybe(text()), "what `driver: auto` means here")),
        ("lacking", list(text())),
        (
            "plan",
            maybe(object(&[
                ("mission", text()),
                ("level", whole()),
                ("mode", text()),
                ("timeline", text()),
                ("parallel", whole()),
                ("tasks", whole()),
                ("phases", list(text())),
                ("agents", list(text())),
                ("decisions", list(text())),
                ("critical_path", list(text())),
                ("critical_path_ms", ms()),
                ("without_estimate", whole()),
                ("makespan_ms", maybe(ms())),
                ("takes_ms", said(maybe(pair(ms(), ms())), "from the best order of its tasks to the worst")),
            ])),
        ),
    ])
}

fn policy() -> Value {
    let decision = [
        ("question", text()),
        ("kind", text()),
        ("weight", text()),
        ("irreversible", flag()),
        ("recommend", maybe(text())),
        ("asks", flag()),
        ("within_ms", maybe(ms())),
        ("then", text()),
        ("words", text()),
    ];
    object(&[
        ("level", whole()),
        ("timeline", text()),
        ("mode", text()),
        ("shortest_ms", ms()),
        ("longest_ms", ms()),
        ("warnings_ms", list(ms())),
        ("levels", list(object(&[("level", whole()), ("tenths", whole())]))),
        ("timelines", list(object(&[("timeline", text()), ("tenths", whole())]))),
        ("weights", list(object(&[("weight", text()), ("base_ms", ms())]))),
        ("kinds", list(object(&[("kind", text()), ("floor_ms", maybe(ms()))]))),
        ("times", list(object(&[("weight", text()), ("kind", text()), ("ms", ms())]))),
        ("decisions", list(object(&[&[("task", text())], &decision[..]].concat()))),
        ("engine", list(object(&[&decision[..], &[("when", text()), ("options", list(text()))]].concat()))),
    ])
}

/// What is sent.
fn bodies() -> Vec<(&'static str, Value)> {
    let wanted = [
        ("plan?", said(maybe(text()), "a name, or a path below the project's folder")),
        ("text?", said(maybe(text()), "or the plan itself")),
        ("inputs?", map(any())),
        ("level?", maybe(whole())),
        ("parallel?", maybe(whole())),
    ];
    let more = [("merge_into?", maybe(text())), ("preview?", said(flag(), "only say what it would be like"))];
    vec![
        ("TokenGiven", object(&[("token", text())])),
        ("Nothing", object(&[])),
        ("PlanMeant", object(&wanted)),
        ("RunWanted", object(&[&wanted[..], &more].concat())),
        (
            "Resume",
            object(&[
                ("time_ms?", maybe(ms())),
                ("cost_usd?", maybe(number())),
                ("tokens?", maybe(whole())),
                ("now?", flag()),
                ("merge_into?", maybe(text())),
            ]),
        ),
        ("Cancel", object(&[("tasks?", list(text())), ("now?", flag())])),
        ("Retry", said(object(&[("tasks?", list(text()))]), "all that failed when left out")),
        ("Tell", object(&[("task", text()), ("text", text())])),
        ("Accept", object(&[("task", text()), ("because", text())])),
        ("OfTask", object(&[("task", text())])),
        ("Merge", object(&[("into", text())])),
        ("Answer", object(&[("option", text()), ("because?", text()), ("correct?", flag())])),
    ]
}
