//! What is sent: the bodies of requests.

use serde_json::Value;

use super::notation::{any, flag, list, map, maybe, ms, number, object, said, text, whole, word};

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let wanted = [
        ("plan?", said(maybe(text()), "a name, or a path below the project's folder")),
        ("text?", said(maybe(text()), "or the plan itself")),
        ("inputs?", map(any())),
        ("level?", maybe(whole())),
        ("parallel?", maybe(whole())),
    ];
    let more = [
        ("mode?", maybe(word(&["interactive", "guided", "semi-autonomous", "autonomous"]))),
        ("time_ms?", maybe(ms())),
        ("cost_usd?", maybe(number())),
        ("tokens?", maybe(whole())),
        ("merge_into?", maybe(text())),
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
                ("cost_usd?", maybe(number())),
                ("tokens?", maybe(whole())),
                ("now?", flag()),
                ("merge_into?", maybe(text())),
            ]),
        ),
        (
            "AdjustmentWanted",
            object(&[
                ("skip?", list(text())),
                ("first?", list(text())),
                ("last?", list(text())),
                ("level?", maybe(whole())),
                ("limits?", list(object(&[("scope", any()), ("unit", text()), ("limit", whole())]))),
                ("tell?", list(object(&[("task", text()), ("text", text())]))),
                ("because?", text()),
                ("preview?", said(flag(), "only say what it would bring about (200)")),
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

/// Whether a body of this schema has a member that must be there, so that it cannot be left out.
pub(super) fn needs(name: &str) -> bool {
    let all = schemas();
    let found = all.iter().find(|(known, _)| *known == name).map(|(_, schema)| schema);
    found.is_none_or(|schema| schema.get("required").and_then(Value::as_array).is_some_and(|all| !all.is_empty()))
}
