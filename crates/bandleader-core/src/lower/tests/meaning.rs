//! What is made of plans that are right.

use super::{CheckOptions, check_graph, plan, plan_with};
use crate::plan::{Brief, Deliverable, GroupKind, OnFailure, OutputSource, Work};
use crate::{Millis, TaskId};

#[test]
fn a_phase_passes_its_needs_on_and_ends_with_its_members() {
    check_graph(
        "
mission: m
phases:
  - { id: one, tasks: [{ id: a, run: x }, { id: b, run: x }] }
  - id: two
    needs: [one]
    tasks:
      - { id: c, run: x }
      - { id: g, tasks: [{ id: d, run: x, needs: c }] }",
        "one.a
         one.b
         [one] < one.a one.b
         two.c < [one]
         two.g.d < [one] two.c
         [two.g] < two.g.d
         [two] < two.c [two.g]",
    );
}

#[test]
fn sequential_entries_need_the_one_before() {
    check_graph(
        "
mission: m
phases:
  - id: p
    mode: sequential
    tasks:
      - { id: a, run: x }
      - { id: g, tasks: [{ id: b, run: x }, { id: c, run: x }] }
      - { id: d, run: x }",
        "p.a
         p.g.b < p.a
         p.g.c < p.a
         [p.g] < p.g.b p.g.c
         p.d < [p.g]
         [p] < p.a [p.g] p.d",
    );
}

#[test]
fn fans_spread_out_and_come_together() {
    let text = "
mission: m
tasks:
  - { id: s, run: x }
  - { id: f, run: x, needs: s, foreach: [Core API, web] }
  - { id: t, run: x, matrix: { os: [linux, mac], v: [1, 2], exclude: { os: mac, v: 2 }, include: { os: bsd, v: 9 } }, needs: f.web }
  - { id: z, run: x, needs: [f, t] }";
    check_graph(
        text,
        "s
         f.core-api < s
         f.web < s
         [f] < f.core-api f.web
         t.linux-1 < f.web
         t.linux-2 < f.web
         t.mac-1 < f.web
         t.bsd-9 < f.web
         [t] < t.linux-1 t.linux-2 t.mac-1 t.bsd-9
         z < [f] [t]",
    );
    let plan = plan(text);
    assert_eq!(plan.tasks[1].bindings["item"], "Core API");
    assert_eq!(plan.tasks[7].bindings["matrix"]["os"], "bsd");
    assert_eq!((plan.groups[0].kind, plan.groups[0].end.0), (GroupKind::Fan, 3));
}

#[test]
fn a_fan_over_an_input_may_be_empty_and_still_waits() {
    let text = "mission: m\ninputs: {parts: {type: list, default: []}}\ntasks:\n- {id: a, run: x}\n- {id: f, run: x, needs: a, foreach: '{{ inputs.parts }}'}\n- {id: z, run: x, needs: f}";
    check_graph(text, "a\n[f] < a\nz < [f]");
}

#[test]
fn other_levels_are_left_out_but_stay_in_the_graph() {
    let text = "
mission: m
level: 2
phases:
  - id: p
    levels: 2..5
    tasks:
      - { id: a, run: x, levels: 3+ }
      - { id: b, run: x, needs: a, gates: [{ run: y, levels: 1 }, { run: z, levels: 2 }] }";
    let left = |level: Option<u8>| -> Vec<bool> {
        let plan = plan_with(text, &CheckOptions { level, ..CheckOptions::default() }, &[]);
        plan.tasks.iter().filter(|task| task.is_real()).map(|task| task.work == Work::Left).collect()
    };
    assert_eq!(left(None), [true, false]);
    assert_eq!(left(Some(4)), [false, false]);
    assert_eq!(left(Some(1)), [true, true]);
    let plan = plan(text);
    assert_eq!((plan.level, plan.tasks[1].gates.len(), plan.tasks[1].gates[0].run.as_str()), (2, 1, "z"));
    let kept = plan.tasks[0].left.as_deref();
    assert_eq!(kept, Some(&Work::Script { script: "x".into() }), "it may be brought back");
    assert!(plan.leaves_out(TaskId(0)) && !plan.leaves_out(TaskId(1)));
    // One that is left out keeps the gates of the level that would have it.
    let text = "mission: m\nlevel: 3\ntasks:\n- { id: a, run: x, levels: 4+, gates: [{ run: y, levels: 4+ }, { run: z, levels: 1..3 }] }";
    let gates: Vec<String> = self::plan(text).tasks[0].gates.iter().map(|gate| gate.run.clone()).collect();
    assert_eq!(gates, ["y"]);
}

#[test]
fn resources_become_units() {
    let text = "
mission: m
limits: { parallel: 3 }
resources: { db: lock, cpu: 4, docs: { shared: true }, net: shared }
agents: { bot: { command: [b], max_parallel: 2 } }
tasks:
  - { id: a, run: x, uses: [db, { cpu: 2 }] }
  - { id: b, run: x, uses: [docs, cpu] }
  - { id: c, run: x, uses: { docs: shared } }
  - { id: d, run: x, uses: [{ net: exclusive }, { cpu: exclusive }] }
  - { agent: bot, task: t }";
    let plan = plan(text);
    let capacities: Vec<String> = plan.resources.iter().map(|one| format!("{}:{}", one.name, one.capacity)).collect();
    assert_eq!(capacities, ["slots:3", "db:1", "cpu:4", "docs:1000000", "net:1000000", "agent:bot:2"]);
    let uses = |at: usize| {
        plan.tasks[at].uses.iter().map(|one| format!("{}x{}", one.resource, one.units)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(uses(0), "0x1 1x1 2x2");
    assert_eq!(uses(1), "0x1 2x1 3x1000000");
    assert_eq!(uses(2), "0x1 3x1");
    assert_eq!(uses(3), "0x1 2x4 4x1000000");
    assert_eq!(uses(4), "0x1 5x1");
}

#[test]
fn needs_have_names_for_templates() {
    let text = "
mission: m
phases:
  - { id: one, tasks: [{ id: the-spec, run: x }, { id: b, run: x }] }
  - { id: two, mode: sequential, tasks: [{ id: b, run: x, needs: [one] }, { id: c, run: x, when: needs.one_b.state, needs: [one.the-spec, one.b, two.b] }] }";
    let plan = plan(text);
    let names = |at: usize| plan.tasks[at].need_names.keys().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(names(4), ["b", "one_b", "the-spec", "the_spec", "two_b"]);
    assert_eq!(names(3), [""; 0], "no template of the second `b` looks at what it needs");
    assert_eq!(plan.tasks[3].needs.len(), 1);
}

#[test]
fn a_task_is_read_whole() {
    let text = "
mission: m
agents: { bot: { command: [./bot] }, boss: { command: [./boss] } }
env: { A: one, B: two }
defaults: { timeout: 1h, retry: 2 }
tasks:
  - id: a
    agent: bot
    task: Do it.
    input: { spec: docs/a.md, also: [b, c] }
    subtasks: first
    focus_areas: [second]
    env: { B: three }
    retry: { limit: 1, backoff: 30s, on: [timeout, crash] }
    on_failure: { retry-with: boss }
    expected_time: 1.5h
    limits: { time: 30m }
    deliverables: [out/*.md, a good idea, { path: the spec.md }]
    outputs: { v: { file: v.txt }, log: stdout, r: reported }
    gates: [\"make test\\n# more\"]
    directory: web
  - { id: b, run: [echo, '{{.X}}'], when: '{{ level > 2 }}' }";
    let plan = plan(text);
    let task = &plan.tasks[0];
    assert_eq!(task.work, Work::Agent { agent: "bot".into(), instruction: "Do it.".into() });
    let input = |text: &str| Brief::Input(text.into());
    assert_eq!(
        *task.brief,
        [
            input("spec: docs/a.md"),
            input("also: b"),
            input("also: c"),
            Brief::Subtask("first".into()),
            Brief::Focus("second".into())
        ]
    );
    assert_eq!(serde_json::to_string(&task.env).unwrap(), r#"{"A":"one","B":"three"}"#);
    assert_eq!((task.retry.limit, task.retry.backoff, task.retry.on.len()), (1, Millis(30_000), 2));
    assert_eq!(task.on_failure, OnFailure::RetryWith("boss".into()));
    assert_eq!((task.estimate, task.timeout), (Some(Millis(5_400_000)), Some(Millis(1_800_000))));
    let path = |text: &str| Deliverable::Path(text.into());
    assert_eq!(
        *task.deliverables,
        [path("out/*.md"), Deliverable::Described("a good idea".into()), path("the spec.md")]
    );
    assert_eq!(task.outputs["v"], OutputSource::File("v.txt".into()));
    assert_eq!(task.gates[0].name, "make test");
    assert_eq!(plan.tasks[1].when.as_deref(), Some("level > 2"));
    assert_eq!((plan.tasks[1].timeout, plan.tasks[1].retry.limit), (Some(Millis(3_600_000)), 2));
}

#[test]
fn paths_of_instances_are_filled_in_early() {
    let plan = plan(
        "mission: m\ninputs: {src: {default: lib}}\ntasks: [{id: a, run: x, foreach: [p, q], writes: '{{ inputs.src }}/{{ item }}/**', directory: '{{ item }}'}]",
    );
    let shown: Vec<String> = plan.tasks[..2]
        .iter()
        .map(|task| format!("{} {}", task.writes[0], task.directory.as_deref().unwrap()))
        .collect();
    assert_eq!(shown, ["lib/p/** p", "lib/q/** q"]);
}

#[test]
fn a_mission_may_name_inputs() {
    let plan = plan("mission: 'Review {{ inputs.src }}'\ninputs: {src: {default: lib}}\ntasks: [{id: a, run: x}]");
    assert_eq!(plan.mission, "Review lib");
}

#[test]
fn the_command_line_wins_over_the_plan() {
    let text = "mission: m\nlevel: 2\nlimits: {parallel: 3}\ntasks: [{id: a, run: x}]";
    let with = |options: CheckOptions| plan_with(text, &options, &[]);
    let plan =
        with(CheckOptions { level: Some(5), parallel: Some(9), default_parallel: Some(7), ..CheckOptions::default() });
    assert_eq!((plan.level, plan.limits.parallel, plan.resources[0].capacity), (5, 9, 9));
    let plan = with(CheckOptions { default_parallel: Some(7), ..CheckOptions::default() });
    assert_eq!((plan.level, plan.limits.parallel), (2, 3));
}

#[test]
fn a_frozen_plan_reads_back() {
    let plan = plan(
        include_str!("seed.yaml")
            .replace("plan: other.yaml, with: { target: \"{{ inputs.target }}\" }", "run: x")
            .as_str(),
    );
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<crate::Plan>(&text).unwrap(), plan);
}
