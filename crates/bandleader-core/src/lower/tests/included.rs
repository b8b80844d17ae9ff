//! Plans included as a task.

use super::{CheckOptions, checked, graph, plan_with, problems};

const CHECKS: &str = "mission: The usual checks\ninputs: {target: {}, deep: {default: false}}\nresources: {cpu: 4, lint: lock}\ntasks:\n- {id: lint, run: x, uses: lint, env: {T: '{{ inputs.target }}'}}\n- {id: test, run: x, needs: lint}\n";

#[track_caller]
fn check(text: &str, files: &[(&str, &str)], expected: &str) {
    assert_eq!(problems(&checked(text, &CheckOptions::default(), files)).trim_end(), expected, "\n{text}");
}

#[test]
fn an_included_plan_is_a_group_with_inputs_of_its_own() {
    let text = "mission: m\ninputs: {where: {default: src}}\nresources: {cpu: 4}\ntasks:\n- {id: a, run: x}\n- {plan: lib/checks.yaml, with: {target: '{{ inputs.where }}'}, needs: a}\n- {id: z, run: x, needs: checks}";
    let plan = plan_with(text, &CheckOptions::default(), &[("lib/checks.yaml", CHECKS)]);
    assert_eq!(
        graph(&plan),
        "a\nchecks.lint < a\nchecks.test < a checks.lint\n[checks] < checks.lint checks.test\nz < [checks]"
    );
    assert_eq!(plan.groups[0].title, "The usual checks");
    assert_eq!(plan.scopes[1]["target"], "src");
    assert_eq!((plan.tasks[0].scope, plan.tasks[1].scope), (0, 1));
    let resources: Vec<&str> = plan.resources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(resources, ["slots", "cpu", "lint"]);
}

#[test]
fn names_inside_do_not_reach_out() {
    let inner = "mission: n\ntasks: [{id: b, run: x, needs: a}]";
    check(
        "mission: m\ntasks: [{id: a, run: x}, {id: i, plan: i.yaml}]",
        &[("i.yaml", inner)],
        "i.yaml:2:32 plan::unknown-need: no task is called `a`",
    );
}

#[test]
fn a_plan_may_be_included_twice_and_from_folders() {
    let text =
        "mission: m\nresources: {cpu: 4}\ntasks:\n- {id: one, plan: lib/outer.yaml}\n- {id: two, plan: lib/outer.yaml}";
    let outer = "mission: o\ntasks: [{plan: sub/../checks.yaml, with: {target: x}}]";
    let plan = plan_with(text, &CheckOptions::default(), &[("lib/outer.yaml", outer), ("lib/checks.yaml", CHECKS)]);
    assert!(graph(&plan).contains("two.checks.test < two.checks.lint"));
    assert_eq!(plan.scopes.len(), 5);
}

#[test]
fn wrong_inclusions_say_why() {
    let files = [
        ("c.yaml", CHECKS),
        ("self.yaml", "mission: s\ntasks: [{plan: self.yaml}]"),
        ("back.yaml", "mission: b\ntasks: [{plan: plan.yaml}]"),
        ("bad.yaml", "mission: ["),
    ];
    let cases = [
        ("{plan: none.yaml}", "3:10 plan::unreadable: the plan `none.yaml` cannot be read: no such file"),
        ("{plan: /etc/x.yaml}", "3:10 plan::bad-path: `/etc/x.yaml` is not a path relative to this file"),
        (
            "{plan: self.yaml}",
            "self.yaml:2:16 plan::include-cycle: plans include each other in a circle: `self.yaml` → `self.yaml`",
        ),
        (
            "{plan: back.yaml}",
            "back.yaml:2:16 plan::include-cycle: plans include each other in a circle: `plan.yaml` → `back.yaml` → `plan.yaml`",
        ),
        ("{plan: bad.yaml}", "bad.yaml:1:10 plan::syntax: this `[` is not closed"),
        ("{plan: c.yaml}", "3:10 plan::missing-input: the input `target` has no value"),
        (
            "{plan: c.yaml, with: {target: x, taregt: y}}",
            "3:44 plan::unknown-input: the included plan has no input `taregt`",
        ),
        (
            "{plan: c.yaml, with: {target: x, deep: maybe}}",
            "3:42 plan::bad-input: `maybe`, given here for `deep`, is not true or false",
        ),
        (
            "{plan: c.yaml, with: {target: '{{ needs.a.outputs.b }}'}}",
            "3:37 plan::unknown-name: outputs of tasks are not known here; only inputs are",
        ),
        (
            "{plan: c.yaml, with: {target: x}, foreach: [1]}",
            "3:37 plan::unknown-key: `foreach` is not a key of an included plan",
        ),
    ];
    for (task, expected) in cases {
        check(&format!("mission: m\ntasks:\n- {task}"), &files, expected);
    }
}

#[test]
fn resources_are_shared_and_agents_kept_apart() {
    let inner = "mission: n\nresources: {cpu: 2}\nagents: {bot: {command: [other]}}\ntasks: [{agent: bot, task: t}]";
    let text = "mission: m\nagents: {bot: {command: [mine]}}\ntasks: [{agent: bot, task: t}, {id: i, plan: i.yaml}]";
    let plan = plan_with(text, &CheckOptions::default(), &[("i.yaml", inner)]);
    let agents: Vec<&str> = plan.agents.keys().map(String::as_str).collect();
    assert_eq!(agents, ["bot", "i.bot"]);
    check(
        "mission: m\nresources: {cpu: 4}\ntasks: [{id: i, plan: i.yaml}]",
        &[("i.yaml", inner)],
        "i.yaml:2:13 plan::bad-resource: the resource `cpu` has capacity 2 here and 4 elsewhere",
    );
}

#[test]
fn plans_that_multiply_are_stopped() {
    let files: Vec<(String, String)> = (0..20)
        .map(|n| {
            (
                format!("p{n}.yaml"),
                format!("mission: m\ntasks: [{{id: a, plan: p{0}.yaml}}, {{id: b, plan: p{0}.yaml}}]", n + 1),
            )
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let checked = checked("mission: m\ntasks: [{plan: p0.yaml}]", &CheckOptions::default(), &files);
    assert!(checked.plan.is_none());
}
