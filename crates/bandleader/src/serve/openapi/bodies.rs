//! What is sent: the bodies of requests.

use serde_json::{Value, json};

use super::notation::{any, dollars, flag, list, map, maybe, ms, named, object, said, some, text, whole, word, words};

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let wanted = [
        ("plan?", said(maybe(text()), "a name, or a path below the project's folder")),
        ("text?", said(maybe(text()), "or the plan itself")),
        ("inputs?", map(any())),
        ("level?", maybe(level())),
        ("parallel?", maybe(some())),
    ];
    let more = [
        ("mode?", maybe(word(&["interactive", "guided", "semi-autonomous", "autonomous"]))),
        ("time_ms?", maybe(some())),
        ("cost_usd?", maybe(said(dollars(), "above 0"))),
        ("tokens?", maybe(some())),
        ("merge_into?", maybe(words())),
        ("preview?", said(flag(), "only say what it would be like")),
    ];
    vec![
        ("TokenGiven", object(&[("token", text())])),
        ("Nothing", object(&[])),
        ("PlanMeant", object(&wanted)),
        ("RunWanted", object(&[&wanted[..], &more].concat())),
        (
            "Resume",
            object(&[
                ("time_ms?", maybe(ms())),
                ("cost_usd?", maybe(dollars())),
                ("tokens?", maybe(whole())),
                ("now?", flag()),
                ("merge_into?", maybe(words())),
            ]),
        ),
        (
            "AdjustmentWanted",
            object(&[
                ("skip?", list(text())),
                ("bring_back?", list(text())),
                ("first?", list(text())),
                ("last?", list(text())),
                ("level?", maybe(level())),
                ("parallel?", maybe(whole())),
                ("limits?", list(object(&[("scope", scope()), ("unit", named("BudgetUnit")), ("limit", whole())]))),
                ("tell?", list(object(&[("task", text()), ("text", text())]))),
                ("because?", text()),
                ("preview?", said(flag(), "only say what it would bring about (200)")),
            ]),
        ),
        ("Cancel", object(&[("tasks?", list(text())), ("now?", flag())])),
        ("Retry", said(object(&[("tasks?", list(text()))]), "all that failed when left out")),
        ("Tell", object(&[("task", text()), ("text", text())])),
        ("Accept", object(&[("task", text()), ("because", words())])),
        ("OfTask", object(&[("task", text())])),
        ("Merge", object(&[("into", words())])),
        ("Answer", object(&[("option", text()), ("because?", text()), ("correct?", flag())])),
    ]
}

fn level() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 5 })
}

/// What a budget is of: groups and tasks by their number in the plan.
fn scope() -> Value {
    let of = |kind: &str| ("of", word(&[kind]));
    let all = [
        object(&[of("run")]),
        object(&[of("group"), ("group", whole())]),
        object(&[of("task"), ("task", whole())]),
        object(&[of("agent"), ("name", text())]),
    ];
    json!({ "oneOf": all })
}

/// Whether a body of this schema has a member that must be there, so that it cannot be left out.
pub(super) fn needs(name: &str) -> bool {
    let all = schemas();
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, schema)| schema);
    found.is_none_or(|schema| schema.get("required").and_then(Value::as_array).is_some_and(|all| !all.is_empty()))
}
