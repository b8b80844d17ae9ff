//! What there is to see of a run besides its state: drawings, sums, reports.

use serde_json::Value;

use super::notation::{flag, instant, integer, list, maybe, ms, named, object, pair, said, text, time, whole, word};

/// All of them, by name.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("Graph", graph()),
        ("Timeline", timeline()),
        (
            "Resources",
            object(&[
                (
                    "resources",
                    list(object(&[
                        ("name", text()),
                        ("capacity", whole()),
                        ("free", whole()),
                        ("peak", integer()),
                        ("held", list(object(&[("at", instant()), ("held", integer())]))),
                        ("is_thinned", flag()),
                    ])),
                ),
                ("since", time()),
                ("until", time()),
            ]),
        ),
        (
            "Agents",
            object(&[(
                "agents",
                list(object(&[
                    ("agent", text()),
                    (
                        "at_work",
                        list(object(&[
                            ("task", text()),
                            ("attempt", whole()),
                            ("since", maybe(instant())),
                            ("activity", maybe(named("Activity"))),
                        ])),
                    ),
                    (
                        "definition",
                        maybe(object(&[
                            ("driver", text()),
                            ("model", maybe(text())),
                            ("description", maybe(text())),
                            ("max_parallel", maybe(whole())),
                            ("backup", list(text())),
                        ])),
                    ),
                    ("record", maybe(named("AgentRecord"))),
                ])),
            )]),
        ),
        (
            "AgentRecord",
            object(&[
                ("agent", text()),
                ("tasks", whole()),
                ("attempts", whole()),
                ("completed", whole()),
                ("failed", whole()),
                ("success_rate", maybe(whole())),
                ("average", ms()),
                ("total", ms()),
                ("cpu", ms()),
                ("spent", named("Spent")),
                ("quality_score", maybe(whole())),
            ]),
        ),
        (
            "AttemptCost",
            object(&[
                ("task", text()),
                ("attempt", whole()),
                ("agent", text()),
                ("driver", text()),
                ("version", maybe(text())),
                ("model", maybe(text())),
                ("spent", named("Spent")),
            ]),
        ),
        (
            "Costs",
            object(&[
                ("spent", named("Spent")),
                ("agents", list(named("AgentUse"))),
                ("budgets", list(named("Budget"))),
                ("attempts", list(named("AttemptCost"))),
                ("phases", list(object(&[("name", text()), ("spent", named("Spent"))]))),
            ]),
        ),
        ("Report", super::report::report()),
        ("Advice", object(&[("text", text()), ("tasks", list(text()))])),
    ]
}

fn graph() -> Value {
    let place = [("x", integer()), ("y", integer()), ("w", whole()), ("h", whole())];
    let node = [
        ("id", whole()),
        ("task", said(maybe(text()), "its path; none for a point that bundles arrows")),
        ("name", text()),
        ("group", maybe(text())),
        ("phase", maybe(text())),
        ("doer", text()),
        ("estimate_ms", maybe(ms())),
        ("critical", flag()),
        ("state", named("TaskState")),
    ];
    let group = [
        ("path", text()),
        ("title", text()),
        ("kind", word(&["phase", "group", "fan", "include"])),
        ("parent", maybe(text())),
    ];
    object(&[
        ("width", whole()),
        ("height", whole()),
        ("seq", whole()),
        ("nodes", list(object(&[&node[..], &place].concat()))),
        (
            "edges",
            list(object(&[
                ("from", whole()),
                ("to", whole()),
                ("critical", flag()),
                ("points", list(pair(integer(), integer()))),
            ])),
        ),
        ("groups", list(object(&[&group[..], &place].concat()))),
    ])
}

fn timeline() -> Value {
    object(&[
        ("created", instant()),
        ("now", instant()),
        ("ended", maybe(instant())),
        ("finish", maybe(pair(instant(), instant()))),
        ("planned", maybe(list(object(&[("task", text()), ("start", instant()), ("end", instant())])))),
        ("expected", list(object(&[("task", text()), ("end", instant())]))),
        (
            "attempts",
            list(object(&[
                ("task", text()),
                ("attempt", whole()),
                ("agent", text()),
                ("ready", instant()),
                ("started", instant()),
                ("ended", maybe(instant())),
                ("outcome", word(&["live", "completed", "failed"])),
            ])),
        ),
        (
            "phases",
            list(object(&[
                ("path", text()),
                ("title", text()),
                ("number", whole()),
                ("started", maybe(instant())),
                ("ended", maybe(instant())),
                ("status", word(&["open", "success", "failed", "cancelled", "skipped"])),
            ])),
        ),
        (
            "decisions",
            list(object(&[
                ("decision", whole()),
                ("text", text()),
                ("opened", instant()),
                ("deadline", maybe(instant())),
                ("taken", maybe(instant())),
                ("option", maybe(text())),
            ])),
        ),
        ("notes", list(object(&[("at", instant()), ("text", text())]))),
        ("critical_path", list(text())),
        ("critical_is_of", word(&["what is left", "the plan"])),
    ])
}
