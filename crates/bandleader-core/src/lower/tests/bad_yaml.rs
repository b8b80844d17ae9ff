//! Texts that are not YAML, or not as a plan wants it.

use super::check;

#[test]
fn syntax_errors_say_what_to_do() {
    check("mission: m\ntasks:\n\t- id: a", "3:1 plan::syntax: a tab is used for indentation");
    check("mission: \"m\ntasks: []", "1:10 plan::syntax: this quote is not closed");
    check("mission: 'm", "1:10 plan::syntax: this quote is not closed");
    check("mission: a: b", "1:11 plan::syntax: a second `:` in one line");
    check("mission: @home", "1:10 plan::syntax: a text cannot start with `@`");
    check("mission: `x`", "1:10 plan::syntax: a text cannot start with ```");
    check(
        "mission: m\ntasks: [{id: a, run: b}\nlevel: 3",
        "3:6 plan::syntax: inside `[`: expected `,` or `]` before this",
    );
    check(
        "tasks:\n  - id: a\n   run: b",
        "3:4 plan::syntax: this line does not fit the indentation of the lines above it",
    );
    check("a: [", "1:4 plan::syntax: this `[` is not closed");
    check("a: }", "1:4 plan::syntax: this is not YAML: misplaced bracket");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_fine() {
    check(
        "\u{feff}mission: m\r\ntasks:\r\n  - id: a\r\n    run: |\r\n      x\r\n      y\r\n    needs: ü\r\n",
        "7:12 plan::unknown-need: no task is called `ü`",
    );
    let plan = super::plan("mission: m\r\ntasks:\r\n  - id: a\r\n    run: |\r\n      x\r\n      y\r\n");
    assert_eq!(plan.tasks[0].work, crate::plan::Work::Script { script: "x\ny\n".into() });
}

#[test]
fn a_template_needs_quotes() {
    let message = "plan::unquoted-template: a text that starts with `{{` needs quotes";
    check("mission: m\ntasks:\n- {id: a, run: x}\n- id: b\n  needs: {{ a }}\n  run: x", &format!("5:10 {message}"));
    check("mission: {{ a }} b", &format!("1:10 {message}"));
    check("mission: m\ntasks:\n- {{ a }} b", &format!("3:3 {message}"));
}

#[test]
fn a_plan_is_one_document_that_says_something() {
    check("", "1:1 plan::empty: the plan is empty");
    check("# nothing here\n", "1:1 plan::empty: the plan is empty");
    check("~", "1:1 plan::empty: the plan is empty");
    check(
        "mission: m\ntasks: [{id: a, run: x}]\n---\nmission: n\n",
        "3:1 plan::several-documents: a second document starts here; a plan is one document",
    );
}

#[test]
fn a_key_is_a_text_and_given_once() {
    check(
        "mission: m\nlevel: 3\nmission: n\ntasks: [{id: a, run: x, run: y}]",
        "3:1 plan::duplicate-key: `mission` is given twice\n4:25 plan::duplicate-key: `run` is given twice",
    );
    check("? [a]\n: b\nmission: m", "1:3 plan::bad-key: a key must be a text");
    let many = (0..30).map(|n| format!("  K{n}: v\n")).collect::<Vec<_>>().concat();
    check(
        &format!("mission: m\ntasks: [{{id: a, run: x}}]\nenv:\n{many}  K7: w\n"),
        "34:3 plan::duplicate-key: `K7` is given twice",
    );
}

#[test]
fn tags_and_anchors_that_mean_nothing_are_refused() {
    check("mission: !secret m\ntasks: [{id: a, run: x}]", "1:10 plan::tag: tags mean nothing in a plan");
    check("mission: *m\ntasks: [{id: a, run: x}]", "1:10 plan::unknown-anchor: no anchor is called `m`");
    check(
        "mission: m\ntasks: &t [{id: a, run: x}, *t]",
        "2:29 plan::alias: this alias stands inside the value that it repeats",
    );
}

#[test]
fn anchors_aliases_and_merged_maps_are_read() {
    let text = "
mission: !!str m
tasks:
  - &base { id: a, run: x, env: &env { A: '1' }, timeout: 5m }
  - { <<: *base, id: b, timeout: 9m }
  - { id: c, run: y, env: *env }
  - { <<: [{ priority: 1 }, { priority: 2, retry: 1 }], id: d, run: x }";
    let plan = super::plan(text);
    let shown: Vec<String> = plan
        .tasks
        .iter()
        .map(|task| format!("{} {:?} {}", task.path, task.timeout.map(|t| t.0), task.priority))
        .collect();
    assert_eq!(shown, ["a Some(300000) 0", "b Some(540000) 0", "c None 0", "d None 1"]);
    assert_eq!(plan.tasks[1].env, plan.tasks[2].env);
    assert_eq!(plan.tasks[3].retry.limit, 1);
}
