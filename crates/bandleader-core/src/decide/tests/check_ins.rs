//! What people see at a check-in before they say whether to go on.

use super::scene::run_after;
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Caps, CheckIn, Choice, Group, GroupKind, Plan, Question, Work};
use crate::view::{History, check_in};
use crate::{GroupId, TaskId};

fn asks(plan: Plan, task: &str, ids: &[&str], check_in: Option<CheckIn>) -> Plan {
    let option = |id: &&str| Choice { id: (*id).into(), name: format!("option {id}"), ..Choice::default() };
    let options = ids.iter().map(option).collect();
    let question =
        Question { text: format!("{task}?"), options, recommend: Some(ids[0].into()), ..Question::default() };
    with(plan, task, |task| {
        task.work = Work::Decision { question: Box::new(question), check_in };
        task.uses.clear();
        task.estimate = None;
    })
}

/// The phase `plan` with a task, a question and a check-in after it; then `build`, which is no phase of its own here.
fn plan() -> Plan {
    let tasks: &[(&str, u64, &[&str])] = &[
        ("plan.spec", 1, &[]),
        ("plan.which", 1, &["plan.spec"]),
        ("plan.check-in", 1, &["plan.spec", "plan.which"]),
        ("plan", 1, &["plan.spec", "plan.which", "plan.check-in"]),
        ("build", 1, &["plan"]),
    ];
    let plan = asks(plan_of(tasks), "plan.which", &["A", "B"], None);
    let plan = asks(plan, "plan.check-in", &["continue", "adjust", "stop"], Some(CheckIn::After));
    let mut plan = with(plan, "plan", |task| {
        task.work = Work::Join;
        task.uses.clear();
    });
    plan.groups.push(Group {
        path: "plan".into(),
        title: "Planning".into(),
        kind: GroupKind::Phase,
        parent: None,
        end: TaskId(3),
        check_in: true,
        caps: Caps::default(),
    });
    for task in ["plan.spec", "plan.which", "plan.check-in", "plan"] {
        plan = with(plan, task, |task| task.group = Some(GroupId(0)));
    }
    plan
}

#[test]
fn the_phase_that_is_done_counts_as_over_and_what_was_decided_in_it_is_told_in_words() {
    let (run, now) = run_after(plan(), "boot; plan.spec 0; answer 1 B");
    let history = History::new(run.plan().clone());
    let open = check_in::open_check_ins(&run, &history, now);
    let [(2, summary)] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!(summary.progress.phases, (1, 1));
    let told: Vec<&str> = summary.completed.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(told, ["true", "plan.which? Decided: B (option B), by ada"]);
    let names: Vec<&str> = summary.completed[1].metrics.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.contains(&"choice"), "{names:?}");
    let upcoming: Vec<&str> = summary.upcoming.iter().map(|one| one.task.as_str()).collect();
    assert_eq!(upcoming, ["build"]);
}
