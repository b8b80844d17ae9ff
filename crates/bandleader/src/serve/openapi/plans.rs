//! What is said of plans: their mistakes, what a run of one would be like, levels, who would be asked what.

use serde_json::Value;

use super::notation::{any, flag, list, maybe, ms, named, number, object, pair, said, text, whole, word};
use super::runs::texts;

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![
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
    ]
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
                (
                    "limits",
                    object(&[("time_ms", maybe(ms())), ("cost_usd", maybe(number())), ("tokens", maybe(whole()))]),
                ),
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
                ("cost", cost()),
            ])),
        ),
    ])
}

fn cost() -> Value {
    let cost = object(&[
        ("least_usd", said(number(), "what its agents with history cost at least, by earlier runs")),
        ("most_usd", said(maybe(number()), "no more than that; null where neither history nor a limit says so")),
        ("limit_usd", said(maybe(number()), "where it stops and asks")),
        ("free_tasks", said(whole(), "commands and questions")),
        ("known_tasks", said(whole(), "by agents whose cost earlier runs tell")),
        ("unknown_tasks", said(whole(), "by agents without history")),
        ("words", text()),
    ]);
    said(cost, "what a run may cost, as far as that is known")
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
        ("most_held_ms", ms()),
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
