//! What a run amounted to.

use serde_json::Value;

use super::notation::{flag, instant, list, maybe, ms, named, object, pair, said, text, whole, word};

/// The whole of it.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn report() -> Value {
    let verdict = || word(&["passed", "refused"]);
    object(&[
        ("mission", text()),
        ("level", whole()),
        ("level_name", text()),
        ("state", named("RunState")),
        ("plan", text()),
        ("started", instant()),
        ("ended", instant()),
        ("wall", ms()),
        ("counts", named("Counts")),
        (
            "deliverables",
            list(object(&[
                ("task", text()),
                ("what", text()),
                ("found", maybe(object(&[("files", whole()), ("bytes", whole())]))),
                ("proven", flag()),
            ])),
        ),
        (
            "branch",
            maybe(object(&[
                ("name", text()),
                ("base", text()),
                (
                    "work",
                    list(object(&[
                        ("task", text()),
                        ("branch", text()),
                        ("commit", text()),
                        ("files", whole()),
                        ("landed", maybe(text())),
                    ])),
                ),
                ("wanted", maybe(text())),
                (
                    "merged",
                    list(object(&[
                        ("branch", text()),
                        ("by", named("By")),
                        ("at", instant()),
                        ("verdict", verdict()),
                        ("commit", maybe(text())),
                        ("onto", maybe(text())),
                        ("message", text()),
                    ])),
                ),
            ])),
        ),
        (
            "quality",
            object(&[
                ("passed", whole()),
                ("refused", whole()),
                ("first_time", whole()),
                ("completed", whole()),
                (
                    "gates",
                    list(object(&[
                        ("task", text()),
                        ("gate", text()),
                        ("verdict", verdict()),
                        ("message", text()),
                        ("refused_before", whole()),
                        ("took", ms()),
                    ])),
                ),
            ]),
        ),
        ("agents", list(named("AgentRecord"))),
        ("spent", named("Spent")),
        ("attempts", list(named("AttemptCost"))),
        (
            "budgets",
            list(object(&[
                ("of", text()),
                ("unit", named("BudgetUnit")),
                ("used", whole()),
                ("limit", whole()),
                ("percent", whole()),
            ])),
        ),
        ("insights", list(object(&[("at", instant()), ("agent", text()), ("task", text()), ("text", text())]))),
        ("claims", list(object(&[("task", text()), ("path", maybe(text())), ("text", text())]))),
        (
            "phases",
            list(object(&[
                ("number", maybe(whole())),
                ("name", text()),
                ("planned", ms()),
                ("actual", maybe(ms())),
                ("work", ms()),
                ("spent", named("Spent")),
                ("status", text()),
            ])),
        ),
        (
            "critical_path",
            list(object(&[
                ("task", text()),
                ("agent", text()),
                ("started", instant()),
                ("ended", instant()),
                ("waited", ms()),
                ("attempts", whole()),
            ])),
        ),
        (
            "parallel",
            object(&[
                ("work", ms()),
                ("busy", ms()),
                ("saved", ms()),
                ("alone", ms()),
                ("peak", whole()),
                ("slots", whole()),
                ("waited", ms()),
            ]),
        ),
        (
            "failures",
            list(object(&[
                ("task", text()),
                ("agent", text()),
                ("attempt", whole()),
                ("at", instant()),
                ("class", text()),
                ("message", text()),
                ("lost", ms()),
                ("recovered", flag()),
            ])),
        ),
        ("skipped", said(list(pair(text(), text())), "a task, and why")),
        ("decisions", said(list(pair(instant(), text())), "when, and what people or rules did")),
        ("opportunities", list(named("Advice"))),
        ("lessons", list(named("Advice"))),
    ])
}
