//! Tasks that cannot be done as they are written.

use super::{check, check_hint, check_tasks};

#[test]
fn a_task_has_exactly_one_work() {
    let agent = "mission: m\nagents: {bot: {command: [b]}}\ntasks:\n";
    let cases = [
        ("- {id: a}", "4:8 plan::no-work: this task has nothing to do"),
        ("- {id: a, agent: bot}", "4:18 plan::missing-key: `bot` is not told what to do"),
        ("- {id: a, task: do it}", "4:11 plan::missing-key: nobody is named to do this task"),
        ("- {id: a, run: x, task: do it}", "4:19 plan::two-works: a task has either `run` or `task`"),
        ("- {id: a, run: x, agent: bot}", "4:19 plan::two-works: a task has either `run` or `agent`"),
        ("- {id: a, run: ''}", "4:16 plan::no-work: this script is empty"),
        ("- {id: a, run: []}", "4:16 plan::no-work: this command has no program"),
        ("- {id: a, run: [' ', b]}", "4:16 plan::no-work: this command has no program"),
        ("- {id: a, runn: x}", "4:11 plan::unknown-key: `runn` is not a key of a task"),
    ];
    for (task, expected) in cases {
        check(&format!("{agent}{task}"), expected);
    }
}

#[test]
fn scripts_are_never_templates() {
    let message = "plan::template-in-run: a script is not a template: values reach it through `env`, so that no value can become code";
    check_tasks("- {id: a, run: 'echo {{ needs.b.outputs.c }}'}", &format!("3:22 {message}"));
    check_tasks("- {id: a, run: [echo, '{{ inputs.b }}']}", &format!("3:24 {message}"));
    check_tasks("- {id: a, run: x, compensate: 'rm {{ item }}'}", &format!("3:35 {message}"));
    check_tasks("- {id: a, run: x, gates: ['test {{ inputs.b }}']}", &format!("3:33 {message}"));
    check_tasks("- {id: a, run: x, gates: [{run: 'test {{ inputs.b }}'}]}", &format!("3:39 {message}"));
    check_tasks("- id: a\n  run: |\n    set -e\n    echo {{ inputs.name }}", &format!("6:10 {message}"));
    check_hint(
        "- {id: a, run: 'echo {{ needs.b.outputs.title }}'}",
        "{{ needs.b.outputs.title }}",
        "add `env: { TITLE: \"{{ needs.b.outputs.title }}\" }` and write `\"$TITLE\"` in the script",
    );
    check_tasks("- {id: a, run: \"docker ps --format '{{.Names}}' | awk '{{print}}'\"}", "");
}

#[test]
fn paths_stay_inside_the_project() {
    let cases = [
        ("deliverables: [/etc/passwd]", 34, "a deliverable must be relative to the project folder, not `/etc/passwd`"),
        ("deliverables: [a/../../b]", 34, "a deliverable must stay inside the project folder, not `a/../../b`"),
        ("deliverables: [~/x.md]", 34, "a deliverable must be relative to the project folder, not `~/x.md`"),
        ("directory: ../other", 30, "a directory must stay inside the project folder, not `../other`"),
        ("writes: /tmp/**", 27, "a path pattern must be relative to the project folder, not `/tmp/**`"),
        ("outputs: {v: {file: C:/v}}", 39, "an output's file must be relative to the project folder, not `C:/v`"),
    ];
    for (entry, column, expected) in cases {
        check_tasks(&format!("- {{id: a, run: x, {entry}}}"), &format!("3:{column} plan::bad-path: {expected}"));
    }
}

#[test]
fn no_file_is_delivered_twice() {
    check_tasks(
        "- {id: a, run: x, deliverables: [out/a.md]}\n- {id: b, run: x, deliverables: [./out/a.md, other.md]}",
        "4:34 plan::claimed-twice: `out/a.md` is delivered by `a` and by `b`",
    );
    check_tasks(
        "- {id: a, run: x, deliverables: [a.md, a.md]}",
        "3:40 plan::claimed-twice: `a.md` is delivered twice by `a`",
    );
    check_tasks(
        "- {id: a, run: x, foreach: [1, 2, 3], deliverables: [a.md]}",
        "3:54 plan::claimed-twice: every instance delivers `a.md`: `a.1`, `a.2` …",
    );
    check_tasks("- {id: a, run: x, foreach: [1, 2, 3], deliverables: ['{{ item }}.md']}", "");
    check_tasks(
        "- {id: a, run: x, levels: 1, deliverables: [a.md]}\n- {id: b, run: x, levels: 2+, deliverables: [a.md]}",
        "",
    );
    check_tasks("- {id: a, run: x, deliverables: [a good idea]}\n- {id: b, run: x, deliverables: [a good idea]}", "");
}

#[test]
fn gates_retries_and_times_make_sense() {
    let cases = [
        ("gates: [{timeout: 5m}]", "3:27 plan::missing-key: `run` is missing"),
        ("gates: [{run: x, min: 1}]", "3:36 plan::bad-gate: `min` needs `parse`, which finds the number"),
        (
            "gates: [{run: x, parse: 'a'}]",
            "3:36 plan::bad-gate: a number is found, but there is no `min` or `max` for it",
        ),
        (
            "gates: [{run: x, parse: '(', min: 1}]",
            "3:43 plan::bad-pattern: this is not a regular expression: unclosed group",
        ),
        ("gates: [{run: x, parse: 'a', min: 5, max: 2}]", "3:61 plan::bad-gate: no number is at least 5 and at most 2"),
        ("retry: {backoff: 5s}", "3:26 plan::missing-key: `limit` is missing"),
        (
            "retry: {limit: 1, backoff: 5m, max_backoff: 5s}",
            "3:63 plan::bad-retry: `max_backoff` (5.0 s) is shorter than `backoff` (5 m 00 s)",
        ),
        (
            "retry: {limit: 1, on: [crush]}",
            "3:42 plan::bad-choice: `crush` is not one of `exit`, `crash`, `timeout`, `stall`, `lost`, `deliverable`, `gate`, `start` and 10 more",
        ),
        (
            "expected_time: 1h, timeout: 5m",
            "3:47 warning plan::short-timeout: the timeout (5 m 00 s) is shorter than the expected time (1 h 00 m)",
        ),
        (
            "stall: 1h, timeout: 5m",
            "3:26 warning plan::short-timeout: `stall` (1 h 00 m) has no effect: the timeout (5 m 00 s) comes first",
        ),
        ("input: docs", "3:19 warning plan::no-effect: `input` is for agents; a command does not see it"),
        ("outputs: [a-b]", "3:29 plan::bad-id: `a-b` cannot be the name of an output"),
        ("outputs: {a: stdin}", "3:32 plan::bad-choice: `stdin` is not one of `reported` or `stdout`"),
        (
            "deliverables: [{path: a, text: b}]",
            "3:34 plan::bad-deliverable: a deliverable has either a `path` or a `text`",
        ),
        ("deliverables: ['']", "3:34 plan::bad-deliverable: this deliverable is empty"),
    ];
    for (entry, expected) in cases {
        check_tasks(&format!("- {{id: a, run: x, {entry}}}"), expected);
    }
}

#[test]
fn fans_need_something_to_repeat_for() {
    let cases = [
        ("foreach: []", "3:28 plan::empty: there is nothing to repeat the task for"),
        ("foreach: [1], matrix: {a: [1]}", "3:33 plan::two-works: a task has either `foreach` or `matrix`"),
        ("foreach: some text", "3:28 plan::bad-foreach: `some text` is not a list"),
        ("foreach: '{{ inputs.none }}'", "3:28 plan::unknown-name: no input is called `none`"),
        (
            "foreach: '{{ needs.b.outputs.c }}'",
            "3:28 plan::not-yet: repeating a task for the output of another cannot run yet",
        ),
        ("matrix: {}", "3:19 plan::empty: this matrix has no axis"),
        ("matrix: {a: []}", "3:31 plan::empty: the axis `a` has no values"),
        ("matrix: {a-b: [1]}", "3:28 plan::bad-id: `a-b` cannot be the name of an axis"),
        ("matrix: {a: [1], exclude: [{b: 1}]}", "3:47 plan::bad-matrix: the matrix has no axis `b`\n3:46 warning"),
        ("matrix: {a: [1], exclude: [{a: 2}]}", "3:46 warning plan::no-effect: no combination is like this"),
        ("matrix: {a: [1], exclude: [{a: 1}]}", "3:19 plan::empty: every combination is excluded"),
        (
            "matrix: {a: [1], b: [2], include: [{a: 2}]}",
            "3:54 plan::bad-matrix: an included combination needs a value for each of `a` and `b`",
        ),
    ];
    for (entry, expected) in cases {
        if !expected.ends_with("warning") {
            check_tasks(&format!("- {{id: a, run: x, {entry}}}"), expected);
        }
    }
    let many = "[0,1,2,3,4,5,6,7,8,9]";
    check_tasks(
        &format!("- {{id: a, run: x, matrix: {{a: {many}, b: {many}, c: {many}, d: {many}, e: {many}}}}}"),
        "3:27 plan::too-many-tasks: this comes to more than 20000 instances",
    );
}
