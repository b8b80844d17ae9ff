//! Values of the wrong type, keys that are not there, numbers out of bounds.

use super::{check, check_hint, check_tasks};

#[test]
fn wrong_types_say_what_was_expected_and_found() {
    let cases = [
        (
            "- [a]",
            "3:3 plan::wrong-type: expected a task (a map with `id` and `run`, or `agent` and `task`), found a list",
        ),
        (
            "- make",
            "3:3 plan::wrong-type: expected a task (a map with `id` and `run`, or `agent` and `task`), found text",
        ),
        ("- {id: a, run: {a: b}}", "3:16 plan::wrong-type: expected text, or a list of texts, found a map"),
        ("- {id: a, run: x, optional: yes}", "3:29 plan::wrong-type: expected true or false, found `yes`"),
        ("- {id: a, run: x, priority: high}", "3:29 plan::wrong-type: expected a whole number, found `high`"),
        ("- {id: a, run: x, priority: '3'}", "3:29 plan::wrong-type: expected a whole number, found `3`"),
        ("- {id: a, run: x, env: [A]}", "3:24 plan::wrong-type: expected a map, found a list"),
        ("- {id: a, run: x, env: {A: [b]}}", "3:28 plan::wrong-type: expected text, found a list"),
        (
            "- {id: a, run: x, timeout: [1]}",
            "3:28 plan::wrong-type: expected a length of time such as `30m`, found a list",
        ),
        ("- {id: [a], run: x}", "3:8 plan::wrong-type: expected a name, found a list"),
        (
            "- {id: a, run: x, retry: [1]}",
            "3:26 plan::wrong-type: expected a whole number, or a map (limit, backoff, max_backoff, on), found a list",
        ),
        ("- {id: a, run: x, when: {a: b}}", "3:25 plan::wrong-type: expected text, found a map"),
        ("- {id: a, run: x, needs: }", "3:24 plan::wrong-type: nothing is given here; expected text or a list"),
        ("- {id: a, run: x, uses: [[a]]}", "3:26 plan::wrong-type: expected text, or a map, found a list"),
        ("- {id: a, run: x, foreach: {a: 1}}", "3:28 plan::wrong-type: expected a list, or text, found a map"),
    ];
    for (tasks, expected) in cases {
        check_tasks(tasks, expected);
    }
}

#[test]
fn the_whole_plan_has_a_shape() {
    check("just text", "1:1 plan::wrong-type: expected a plan (a map), found text");
    check("mission: m\ntasks: {a: {run: x}}", "2:8 plan::wrong-type: expected a list of tasks, found a map");
    check("tasks: [{id: a, run: x}]", "1:1 plan::missing-key: `mission` is missing");
    check("mission: m", "1:1 plan::missing-key: this plan has no tasks");
    check("mission: m\ntasks: []", "2:1 plan::empty: `tasks` is empty");
    check("mission: m\nphases: [{id: p, tasks: []}]", "2:18 plan::empty: the phase `p` has no tasks");
    check("mission: ''\ntasks: [{id: a, run: x}]", "1:10 plan::missing-key: the mission is empty");
    check(
        "mission: m\ntasks: [{id: a, run: x}]\nphases: [{id: p, tasks: [{id: b, run: x}]}]",
        "2:1 plan::two-works: a plan has either `phases` or `tasks`",
    );
    check("mission: m\nphases: [{tasks: [{id: b, run: x}]}]", "2:10 plan::missing-key: `id` is missing");
    check("mission: m\nphases: [{id: p}]", "2:10 plan::missing-key: `tasks` is missing");
}

#[test]
fn unknown_keys_are_named_with_the_nearest_one() {
    let cases = [
        ("- {id: a, run: x, need: []}", "need", "did you mean `needs`?"),
        ("- {id: a, run: x, time-out: 5m}", "time-out", "did you mean `timeout`?"),
        ("- {id: a, script: x}", "script", "here this is `run`"),
        ("- {id: a, run: x, if: 'true'}", "if", "here this is `when`"),
        ("- {id: a, run: x, environment: {}}", "environment", "here this is `env`"),
        ("- {id: a, run: x, working-directory: b}", "working-directory", "here this is `directory`"),
        (
            "- {id: a, run: x, continue-on-error: true}",
            "continue-on-error",
            "here this is `on_failure: continue` or `optional: true`",
        ),
        ("- {id: a, run: x, retry: {limit: 1, backof: 1s}}", "backof", "did you mean `backoff`?"),
        ("- {id: a, run: x, retry: {limit: 1, banana: 1s}}", "banana", "`retry` has: limit, backoff, max_backoff, on"),
        ("- {id: a, run: x, gates: [{run: y, minimum: 1}]}", "minimum", "`min`"),
    ];
    for (tasks, words, hint) in &cases[..9] {
        check_hint(tasks, words, hint);
    }
    check_hint("- {id: a, run: x, retry: {max: 3}}", "max", "here this is `limit`");
    check_tasks("- {id: a, run: x, retry: {max: 3}}", "3:27 plan::unknown-key: `max` is not a key of `retry`");
    check_hint("- {id: a, run: x, when: level = 3}", "level = 3", "write `==` to compare");
    check_hint(
        "- Build API:\n    run: x",
        "Build API",
        "if it is the task's name, write `- id: build-api`, and the other keys below it",
    );
    check_tasks(cases[9].0, "3:36 plan::unknown-key: `minimum` is not a key of a gate");
}

#[test]
fn aliases_of_needs_are_noted_once_each() {
    check_tasks(
        "- {id: a, run: x}\n- {id: b, run: x, depends_on: a}\n- {id: c, run: x, depends_on: [b]}\n- {id: d, run: x, deps: c}",
        "4:19 note plan::alias: `depends_on` is read as `needs`\n6:19 note plan::alias: `deps` is read as `needs`",
    );
    check_tasks(
        "- {id: a, run: x}\n- {id: b, run: x, needs: a, depends: a}",
        "4:29 plan::duplicate-key: `depends` says the same as `needs`\n4:29 note plan::alias: `depends` is read as `needs`",
    );
}

#[test]
fn numbers_have_bounds() {
    check("mission: m\nlevel: 6\ntasks: [{id: a, run: x}]", "2:8 plan::bad-number: `6` is too large");
    check("mission: m\nlimits: {parallel: 0}\ntasks: [{id: a, run: x}]", "2:20 plan::bad-number: `0` is too small");
    check("mission: m\nlimits: {parallel: -2}\ntasks: [{id: a, run: x}]", "2:20 plan::bad-number: `-2` is negative");
    check_tasks("- {id: a, run: x, retry: -1}", "3:26 plan::bad-number: `-1` is negative");
    check_tasks("- {id: a, run: x, retry: 1.5}", "3:26 plan::bad-number: expected a whole number, found `1.5`");
    check_tasks("- {id: a, run: x, retry: 101}", "3:26 plan::bad-number: `101` is too large");
    check_tasks(
        "- {id: a, run: x, priority: 99999999999999999999}",
        "3:29 plan::bad-number: expected a whole number, found `99999999999999999999`",
    );
}

#[test]
fn lengths_levels_amounts_and_choices_are_read_strictly() {
    let cases = [
        ("timeout: 90", "plan::bad-length: `90` has no unit"),
        ("timeout: soon", "plan::bad-length: `soon` is not a length of time"),
        ("timeout: -5m", "plan::bad-length: `-5m`: a length of time cannot be negative"),
        ("timeout: 0s", "plan::bad-length: `timeout` cannot be zero"),
        ("levels: 7", "plan::bad-level: there is no level 7"),
        ("levels: 4..2", "plan::bad-level: 4 comes after 2"),
        ("levels: [1, x]", "plan::bad-level: `x` is not a level"),
        ("join: all", "plan::bad-choice: `all` is not one of `all_success`, `all_done` or `any_success`"),
        ("on_failure: ignore", "plan::bad-choice: `ignore` is not one of `fail`, `continue`, `ask` or `compensate`"),
        ("when: a ==", "plan::bad-condition: this condition cannot be read: it ends where a value should follow"),
        ("reads: 'a['", "plan::bad-glob: `a[` is not a path pattern: unclosed character class; missing ']'"),
    ];
    for (entry, expected) in cases {
        let column = 19 + entry.find(": ").unwrap() + 2;
        check_tasks(&format!("- {{id: a, run: x, {entry}}}"), &format!("3:{column} {expected}"));
    }
    check(
        "mission: m\nlimits: {cost: 5 EUR}\ntasks: [{id: a, run: x}]",
        "2:16 plan::bad-amount: `5 EUR` is not an amount of money",
    );
    check(
        "mission: m\nlimits: {tokens: many}\ntasks: [{id: a, run: x}]",
        "2:18 plan::bad-amount: `many` is not a number of tokens",
    );
    check(
        "mission: m\nmode: auto\ntasks: [{id: a, run: x}]",
        "2:7 plan::bad-choice: `auto` is not one of `interactive`, `guided`, `semi-autonomous` or `autonomous`",
    );
    check_hint("- {id: a, run: x, timeout: 90}", "90", "write `90s`, `90m` or `90h`");
    check_hint("- {id: a, run: x, join: all_don}", "all_don", "did you mean `all_done`?");
}

#[test]
fn what_has_no_effect_yet_says_so() {
    check(
        "mission: m\nphases: [{id: p, check_in: true, tasks: [{id: a, run: x, cache: true}]}]\nmilestones: []",
        "2:58 warning plan::not-yet: `cache` is accepted, but has no effect yet",
    );
}
