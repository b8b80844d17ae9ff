//! Parameters of a plan.

use super::{CheckOptions, MissingInputs, check, checked, given, plan_with, problems};
use crate::ParameterKind;

const PLAN: &str = "mission: m\ninputs:\n  target: {}\n  count: {default: 3}\n  deep: {type: boolean, default: false, description: Look everywhere}\n  where: {choices: [dev, live], default: dev}\n  parts: {type: list, default: [a, b]}\n  note: {required: false}\ntasks: [{id: a, run: x}]";

#[track_caller]
fn check_given(inputs: &[(&str, &str)], expected: &str) {
    assert_eq!(problems(&checked(PLAN, &given(inputs), &[])).trim_end(), expected);
}

#[test]
fn values_are_read_by_type() {
    let plan = plan_with(PLAN, &given(&[("target", "src"), ("count", "4"), ("deep", "yes"), ("parts", "x, y,z")]), &[]);
    let values = &plan.scopes[0];
    assert_eq!(
        serde_json::to_string(values).unwrap(),
        r#"{"count":4,"deep":true,"note":"","parts":["x","y","z"],"target":"src","where":"dev"}"#
    );
}

#[test]
fn wrong_values_say_why() {
    check_given(&[], "3:3 plan::missing-input: the input `target` has no value");
    check_given(&[("target", "x"), ("tagret", "y")], "2:1 plan::unknown-input: the plan has no input `tagret`");
    check_given(
        &[("target", "x"), ("count", "many")],
        "4:3 plan::bad-input: `many`, given on the command line for `count`, is not a number",
    );
    check_given(
        &[("target", "x"), ("deep", "maybe")],
        "5:3 plan::bad-input: `maybe`, given on the command line for `deep`, is not true or false",
    );
    check_given(
        &[("target", "x"), ("where", "staging")],
        "6:3 plan::bad-choice: `staging` is not a choice for `where`: it may be `dev` or `live`",
    );
}

#[test]
fn what_is_missing_can_be_asked_for() {
    let options = CheckOptions { missing_inputs: MissingInputs::Allow, ..CheckOptions::default() };
    let checked = checked(PLAN, &options, &[]);
    assert!(checked.plan.is_some());
    let shown: Vec<String> =
        checked.parameters.iter().map(|one| format!("{} {:?} {}", one.name, one.kind, one.is_missing)).collect();
    assert_eq!(
        shown,
        [
            "target Text true",
            "count Number false",
            "deep Boolean false",
            "where Text false",
            "parts List false",
            "note Text false"
        ]
    );
    assert_eq!(checked.parameters[2].doc.as_deref(), Some("Look everywhere"));
    assert_eq!(checked.parameters[3].choices, ["dev", "live"]);
    assert_eq!(checked.parameters[4].kind, ParameterKind::List);
}

#[test]
fn declarations_are_checked() {
    let cases = [
        (
            "{dry-run: {}}",
            "2:10 plan::bad-id: `dry-run` cannot be the name of an input\n2:10 plan::missing-input: the input `dry-run` has no value",
        ),
        (
            "{n: {type: number, default: many}}",
            "2:37 plan::bad-input: `many`, its default for `n`, is not a number\n2:10 plan::x",
        ),
        (
            "{n: {type: integer, default: 1}}",
            "2:20 plan::bad-choice: `integer` is not one of `text`, `number`, `boolean`, `path` or `list`",
        ),
        (
            "{n: {choices: [a, b], default: c}}",
            "2:40 plan::bad-choice: `c` is not a choice for `n`: it may be `a` or `b`",
        ),
        (
            "{n: {choices: [1, x], type: number, default: 1}}",
            "2:27 plan::bad-input: `x`, among its choices for `n`, is not a number",
        ),
        (
            "{n: text}",
            "2:13 plan::wrong-type: expected a map (type, default, choices, required, description), found text",
        ),
    ];
    for (inputs, expected) in cases {
        if !expected.ends_with('x') {
            let text = format!("mission: m\ninputs: {inputs}\ntasks: [{{id: a, run: x}}]");
            check(&text, expected);
        }
    }
}
