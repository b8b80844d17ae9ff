//! Milestones, and what people decide at the end of a phase: what is wrong with them, and what becomes of them.

use super::{CheckOptions, check, checked};
use crate::plan::{Plan, Question, Work};

fn plan_at(text: &str, level: u8) -> Plan {
    let checked = checked(text, &CheckOptions { level: Some(level), ..CheckOptions::default() }, &[]);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    checked.plan.unwrap()
}

fn plan(text: &str) -> Plan {
    plan_at(text, 3)
}

fn needs<'p>(plan: &'p Plan, path: &str) -> Vec<&'p str> {
    plan.task(plan.find(path).unwrap()).needs.iter().map(|need| plan.task(*need).path.as_str()).collect()
}

fn end_needs(plan: &Plan, group: usize) -> Vec<&str> {
    plan.task(plan.groups[group].end).needs.iter().map(|need| plan.task(*need).path.as_str()).collect()
}

fn question<'p>(plan: &'p Plan, path: &str) -> &'p Question {
    plan.task(plan.find(path).unwrap()).question().unwrap()
}

#[test]
fn a_milestone_comes_after_all_of_its_phase_and_nobody_waits_for_it_unless_it_asks() {
    let plan = plan(
        "mission: m\nmilestones: [{id: beta, title: Out}, {id: live, decision: {question: Go?}}]\nphases:\n- {id: p, milestone: beta, check_in: true, tasks: [{id: a, run: x}]}\n- {id: q, needs: [p], milestone: live, tasks: [{id: b, run: x}]}\n- {id: r, needs: [q, beta], tasks: [{id: c, run: x}]}",
    );
    assert_eq!(needs(&plan, "beta"), ["p.a", "p.check-in"], "a phase is complete when its check-in is");
    assert_eq!(end_needs(&plan, 0), ["p.a", "p.check-in"]);
    assert_eq!(plan.task(plan.find("beta").unwrap()).work, Work::Milestone);
    assert_eq!((needs(&plan, "live"), end_needs(&plan, 1)), (vec!["q.b"], vec!["q.b", "live"]));
    assert_eq!(needs(&plan, "r.c"), ["beta", "q"]);
    assert_eq!(question(&plan, "live").text, "Go?");
    let named: Vec<_> = plan.milestones.iter().map(|one| (one.id.as_str(), one.title.as_str())).collect();
    assert_eq!(named, [("beta", "Out"), ("live", "live")]);
    assert_eq!(plan.phase_of(plan.find("live").unwrap()), plan.find_group("q"), "it stands in its phase");
}

#[test]
fn several_phases_and_needs_may_lead_to_one() {
    let plan = plan(
        "mission: m\nmilestones: [{id: both, decision: {question: Go?}}, {id: late, needs: [both, r.c]}]\nphases:\n- {id: p, milestone: both, tasks: [{id: a, run: x}]}\n- {id: q, milestone: both, tasks: [{id: b, run: x}]}\n- {id: r, tasks: [{id: c, run: x}]}",
    );
    assert_eq!((needs(&plan, "both"), needs(&plan, "late")), (vec!["p.a", "q.b"], vec!["r.c", "both"]));
    assert_eq!((end_needs(&plan, 0), end_needs(&plan, 1)), (vec!["p.a", "both"], vec!["q.b", "both"]));
    assert_eq!(plan.phase_of(plan.find("both").unwrap()), None);
}

#[test]
fn a_name_alone_is_a_milestone_and_so_is_a_map_in_a_phase() {
    let plan = plan(
        "mission: m\nphases:\n- {id: p, milestone: beta, tasks: [{id: a, run: x}]}\n- {id: q, milestone: {id: live, needs: [beta]}, tasks: [{id: b, run: x}]}",
    );
    assert_eq!((needs(&plan, "beta"), needs(&plan, "live")), (vec!["p.a"], vec!["beta", "q.b"]));
    assert_eq!(plan.phase_of(plan.find("live").unwrap()), None, "other things lead to it, too");
}

#[test]
fn a_milestone_of_a_level_that_has_none_of_its_phases_is_left_out() {
    let text = "mission: m\nphases:\n- {id: p, levels: 4+, milestone: hard, tasks: [{id: a, run: x}]}\n- {id: q, tasks: [{id: b, run: x}]}";
    let at = |level| {
        let plan = plan_at(text, level);
        (plan.task(plan.find("hard").unwrap()).work.clone(), plan.tasks.iter().filter(|task| task.is_real()).count())
    };
    assert_eq!((at(3), at(4)), ((Work::Left, 2), (Work::Milestone, 2)));
}

#[test]
fn what_is_wrong_with_milestones_is_named_where_it_stands() {
    check(
        "mission: m\nmilestones: [beta, {id: live}]\nphases: [{id: p, milestone: bata, tasks: [{id: a, run: x}]}]",
        "2:14 plan::empty: nothing leads to the milestone `beta`\n\
         2:25 plan::empty: nothing leads to the milestone `live`\n\
         3:29 plan::unknown-milestone: no milestone is called `bata`",
    );
    check(
        "mission: m\nmilestones: [{id: p, needs: [p.a]}]\nphases: [{id: p, tasks: [{id: a, run: x}]}]",
        "2:19 plan::duplicate-id: `p` is there twice",
    );
    check(
        "mission: m\nmilestones: [{id: x, needs: [y]}, {id: y, needs: [x]}]\ntasks: [{id: a, run: x}]",
        "2:30 plan::cycle: tasks wait for each other in a circle: `x` → `y` → `x`",
    );
    check(
        "mission: m\nphases: [{id: p, milestone: {id: live, decision: {question: 'Is {{ needs.b.outputs.v }}?'}}, tasks: [{id: a, run: x}]}]",
        "2:68 plan::unknown-name: `b` is not among what this task needs",
    );
    check(
        "mission: m\nmilestones: [{id: live, needs: [a], criteria: [{run: x}], quality: 80}]\ntasks: [{id: a, run: x}]",
        "2:37 warning plan::not-yet: `criteria` is accepted, but has no effect yet\n\
         2:59 warning plan::not-yet: `quality` is accepted, but has no effect yet",
    );
}

#[test]
fn a_phase_may_end_in_a_decision_which_sees_what_its_tasks_hand_on() {
    let plan = plan(
        "mission: m\nphases:\n- {id: p, check_in: true, decision: {question: 'Is {{ needs.a.outputs.v }} enough?'}, tasks: [{id: a, run: x, outputs: [v]}, {id: g, decision: {question: 'Which?'}, needs: [a]}]}\n- {id: q, needs: [p], tasks: [{id: b, run: x}]}",
    );
    assert_eq!(needs(&plan, "p.decision"), ["p.a", "p.g"]);
    assert_eq!(needs(&plan, "p.check-in"), ["p.a", "p.g", "p.decision"], "it is asked before the check-in");
    assert_eq!(end_needs(&plan, 0), ["p.a", "p.g", "p.decision", "p.check-in"]);
}

#[test]
fn what_was_decided_at_a_milestone_is_handed_on() {
    let plan = plan(
        "mission: m\nphases:\n- {id: p, milestone: {id: live, decision: {question: Go?}}, tasks: [{id: a, run: x}]}\n- {id: q, needs: [live], tasks: [{id: b, run: x, env: {WHO: '{{ needs.live.outputs.by }}'}}]}",
    );
    let task = plan.task(plan.find("q.b").unwrap());
    assert_eq!(task.need_names.get("live"), plan.find("live").as_ref());
}

#[test]
fn an_included_plan_has_milestones_of_its_own() {
    let files = [(
        "checks.yaml",
        "mission: c\nmilestones: [{id: good, needs: [load], decision: {question: Enough?}}]\nphases:\n- {id: p, milestone: half, tasks: [{id: a, run: x}]}\n- {id: load, tasks: [{id: b, run: x}]}",
    )];
    let text = "mission: m\ntasks:\n- {id: checks, plan: checks.yaml}\n- {id: after, run: x, needs: [checks]}\n- {id: half, run: x, needs: [checks.half]}";
    let found = checked(text, &CheckOptions::default(), &files);
    let codes: Vec<_> = found.diagnostics.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["plan::unknown-need", "plan::unknown-milestone"], "it has a list, and `half` is not in it");
    let files = [(files[0].0, files[0].1.replace("milestone: half", "milestone: {id: half}"))];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let found = checked(text, &CheckOptions::default(), &files);
    let plan = found.plan.unwrap_or_else(|| panic!("{:?}", found.diagnostics));
    let ids: Vec<&str> = plan.milestones.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["checks.half", "checks.good"]);
    assert_eq!((needs(&plan, "checks.half"), needs(&plan, "half")), (vec!["checks.p.a"], vec!["checks.half"]));
    assert!(needs(&plan, "checks").contains(&"checks.good"), "what needs the plan waits for the answer in it");
}
