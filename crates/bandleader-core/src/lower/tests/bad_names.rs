//! Names that mean nothing, too much, or the one who says them; circles.

use super::{check, check_hint, check_tasks, checked};
use crate::CheckOptions;

#[test]
fn a_need_must_exist() {
    check("mission: m\ntasks: [{id: a, run: x, needs: [b]}]", "2:33 plan::unknown-need: no task is called `b`");
    check_hint("- {id: build, run: x}\n- {id: test, run: x, needs: biuld}", "biuld", "did you mean `build`?");
    check_hint(
        "- {id: a, run: x}\n- {id: b, run: x, needs: 'a, c'}",
        "'a, c'",
        "several needs are written as a list: `[a, c]`",
    );
    check_hint("- {id: a, run: x}\n- {id: b, run: x, needs: zebra}", "zebra", "beside it there is only `a`");
    check_hint(
        "- {id: a, run: x}\n- {id: b, run: x}\n- {id: c, run: x, needs: zebra}",
        "zebra",
        "beside it there are `a` and `b`",
    );
}

#[test]
fn a_need_into_a_group_is_found_with_its_path() {
    let text = |need: &str| {
        format!(
            "mission: m\nphases:\n- {{id: one, tasks: [{{id: a, run: x}}, {{id: b, run: x}}]}}\n- {{id: two, tasks: [{{id: b, run: x}}]}}\n- {{id: three, tasks: [{{id: c, run: x, needs: [{need}]}}]}}"
        )
    };
    check(&text("one.a"), "");
    check(&text("a"), "");
    check(&text("two"), "");
    check(&text("b"), "5:47 plan::ambiguous-need: `b` may mean `one.b` or `two.b`");
    check(&text("one.c"), "5:47 plan::unknown-need: no task is called `one.c`");
    check(&text("three"), "5:47 plan::self-need: `c` stands in `three` and cannot wait for its end");
    check(&text("c"), "5:47 plan::self-need: `c` needs itself");
    let hint = checked(&text("on.a"), &CheckOptions::default(), &[]).diagnostics[0].hint.clone();
    assert_eq!(hint.unwrap(), "did you mean `one.a`?");
}

#[test]
fn the_nearest_name_counts() {
    let text = "
mission: m
phases:
  - { id: test, tasks: [{ id: unit, run: x }] }
  - id: build
    tasks:
      - { id: unit, run: x }
      - { id: all, run: x, needs: [unit, test.unit] }
      - { id: build, run: x, needs: test }";
    super::check_graph(
        text,
        "test.unit\n[test] < test.unit\nbuild.unit\nbuild.all < test.unit build.unit\nbuild.build < [test]\n[build] < build.unit build.all build.build",
    );
}

#[test]
fn ids_are_unique_in_their_group() {
    check_tasks("- {id: a, run: x}\n- {id: a, run: y}", "4:8 plan::duplicate-id: `a` is there twice");
    check(
        "mission: m\nphases: [{id: p, tasks: [{id: a, run: x}, {id: a, tasks: [{id: b, run: x}]}]}]",
        "2:48 plan::duplicate-id: `a` is there twice in `p`",
    );
    check("mission: m\nphases: [{id: p, tasks: [{id: a, run: x}]}, {id: q, tasks: [{id: a, run: x}]}]", "");
}

#[test]
fn ids_can_be_typed_and_stand_in_paths() {
    check_tasks("- {id: Build API!, run: x}", "3:8 plan::bad-id: `Build API!` cannot be a name");
    check_hint(
        "- {id: Build API!, run: x}",
        "Build API!",
        "use lower-case letters, digits, dashes and underscores: `build-api`",
    );
    check_tasks("- {id: ../x, run: x}", "3:8 plan::bad-id: `../x` cannot be a name");
    check_tasks("- {id: a.b, run: x}", "3:8 plan::bad-id: `a.b` cannot be a name");
    check_tasks("- {id: 2024, run: x}\n- {id: b_c-d, run: x, needs: 2024}", "");
    check_tasks("- {id: A, run: x}\n- {id: b, run: x, needs: A}", "3:8 plan::bad-id: `A` cannot be a name");
    check_tasks("- {run: x}", "3:3 plan::missing-key: this task has no `id`");
}

#[test]
fn circles_are_shown_as_a_path() {
    check_tasks("- {id: a, run: x, needs: a}", "3:26 plan::self-need: `a` needs itself");
    check_tasks(
        "- {id: a, run: x, needs: c}\n- {id: b, run: x, needs: a}\n- {id: c, run: x, needs: b}",
        "3:26 plan::cycle: tasks wait for each other in a circle: `a` → `c` → `b` → `a`",
    );
    check(
        "mission: m\nphases:\n- {id: p, needs: q, tasks: [{id: a, run: x}]}\n- {id: q, tasks: [{id: b, run: x, needs: p.a}]}",
        "3:18 plan::cycle: tasks wait for each other in a circle: `p.a` → `q` → `q.b` → `p.a`",
    );
    check(
        "mission: m\nphases:\n- {id: p, mode: sequential, tasks: [{id: a, run: x, needs: b}, {id: b, run: x}]}",
        "3:60 plan::cycle: tasks wait for each other in a circle: `p.a` → `p.b` → `p.a`",
    );
    check_tasks(
        "- {id: a, run: x, needs: b}\n- {id: b, run: x, needs: a}\n- {id: c, run: x, needs: d}\n- {id: d, run: x, needs: c}",
        "3:26 plan::cycle: tasks wait for each other in a circle: `a` → `b` → `a`\n\
         5:26 plan::cycle: tasks wait for each other in a circle: `c` → `d` → `c`",
    );
}

#[test]
fn every_step_of_a_circle_is_shown() {
    let text = "mission: m\nphases:\n- {id: p, needs: q, tasks: [{id: a, run: x}]}\n- {id: q, mode: sequential, tasks: [{id: b, run: x, needs: p}, {id: c, run: x}]}";
    let checked = checked(text, &CheckOptions::default(), &[]);
    let steps: Vec<&str> = checked.diagnostics[0].also.iter().map(|(_, words)| words.as_str()).collect();
    assert_eq!(
        steps,
        [
            "`p.a` stands in `p`, which needs `q`",
            "`q` ends when `q.b` ends",
            "`q.b` needs `p`",
            "`p` ends when `p.a` ends",
        ]
    );
}

#[test]
fn a_need_named_twice_is_a_warning() {
    check_tasks(
        "- {id: a, run: x}\n- {id: b, run: x, needs: [a, a]}",
        "4:30 warning plan::duplicate-need: `a` is needed twice",
    );
}

#[test]
fn agents_and_resources_must_exist() {
    check_tasks("- {agent: bot, task: y}", "3:11 plan::unknown-agent: no agent is called `bot`");
    check_hint(
        "- {agent: bot, task: y}",
        "bot",
        "the plan has no `agents`; add it there, or use `run` for a plain command",
    );
    let text = |task: &str| {
        format!(
            "mission: m\nagents: {{bot: {{command: [b]}}, far: {{driver: claude}}}}\nresources: {{db: lock, cpu: 2, tree: shared}}\ntasks: [{task}]"
        )
    };
    check(&text("{agent: bott, task: y}"), "4:17 plan::unknown-agent: no agent is called `bott`");
    check(&text("{agent: far, task: y}"), "");
    check(&text("{id: a, run: x, uses: dbb}"), "4:31 plan::unknown-resource: no resource is called `dbb`");
    check(
        &text("{id: a, run: x, uses: {cpu: 3}}"),
        "4:37 plan::impossible-resource: 3 of `cpu` are asked for, but there are only 2",
    );
    check(&text("{id: a, run: x, uses: {cpu: 0}}"), "4:37 plan::bad-number: `0` is too small");
    check(&text("{id: a, run: x, uses: [cpu, {cpu: 1}]}"), "4:38 plan::duplicate-use: `cpu` is used twice");
    check(
        &text("{agent: bot, task: y, on_failure: {retry-with: boss}}"),
        "4:56 plan::unknown-agent: no agent is called `boss`",
    );
    check(
        &text("{id: a, run: x, on_failure: {retry-with: bot}}"),
        "4:37 plan::bad-choice: only a task that an agent does can be tried by another agent",
    );
}

#[test]
fn settings_are_checked() {
    let cases = [
        ("agents: {Bot: {command: [b]}}", "2:10 plan::bad-id: `Bot` cannot be the name of an agent"),
        ("agents: {b: {driver: command}}", "2:10 plan::missing-key: the agent `b` has no command"),
        ("agents: {b: {command: ./x --y}}", "2:23 plan::bad-command: a command with arguments is written as a list"),
        ("agents: {b: {command: [x], backup: [c]}}", "2:37 plan::unknown-agent: no agent is called `c`"),
        ("agents: {b: {command: [x], backup: b}}", "2:36 plan::unknown-agent: an agent cannot be its own backup"),
        (
            "agents: {b: {driver: cladue}}",
            "2:22 plan::bad-choice: `cladue` is not one of `auto`, `command`, `claude`, `codex`, `gemini`, `opencode`, `acp` or `llm`",
        ),
        ("resources: {slots: 3}", "2:13 plan::bad-id: the resource `slots` is built in"),
        ("resources: {DB: 3}", "2:13 plan::bad-id: `DB` cannot be the name of a resource"),
        ("resources: {db: 0}", "2:17 plan::bad-number: `0` is too small"),
        ("resources: {db: {}}", "2:13 plan::bad-resource: the resource `db` has no capacity"),
        (
            "resources: {db: {shared: true, capacity: 2}}",
            "2:32 plan::bad-resource: a shared resource has no capacity of its own",
        ),
        ("env: {BAND_X: y}", "2:7 plan::bad-env: `BAND_X` is set by Bandleader itself"),
        ("env: {'A B': y}", "2:7 plan::bad-env: `A B` cannot be the name of an environment variable"),
        ("env: {A: '{{ needs.x }}'}", "2:14 plan::unknown-name: outputs of tasks are not known here; only inputs are"),
        ("defaults: {on_failure: {retry-with: b}}", "2:37 plan::unknown-agent: no agent is called `b`"),
    ];
    for (setting, expected) in cases {
        check(&format!("mission: m\n{setting}\ntasks: [{{id: a, run: x}}]"), expected);
    }
}
