//! To leave something out is not to overtake what comes before it: order, approvals and failures hold across it.

use super::scene::check;
use super::{gate, with};
use crate::TaskId;
use crate::plan::tests::plan_of;
use crate::plan::{Choice, Join, Levels, Plan, Question, Work};

fn of_higher_levels(plan: Plan, task: &str) -> Plan {
    with(plan, task, |task| {
        task.levels = Levels::range(4, 5);
        task.leave_out();
    })
}

fn asks(plan: Plan, task: &str) -> Plan {
    let option = |id: &str, fails| Choice { id: id.into(), name: id.into(), fails, ..Choice::default() };
    let options = vec![option("approve", false), option("reject", true)];
    let question = Question { text: "Go?".into(), options, ..Question::default() };
    with(plan, task, |task| {
        task.work = Work::Decision { question: Box::new(question), check_in: None };
        task.uses.clear();
        task.estimate = None;
    })
}

#[test]
fn what_the_level_leaves_out_keeps_the_order_of_what_is_around_it() {
    let plan =
        plan_of(&[("build", 1, &[]), ("harden", 1, &["build"]), ("audit", 1, &["harden"]), ("ship", 1, &["audit"])]);
    let plan = of_higher_levels(of_higher_levels(plan, "harden"), "audit");
    check(
        plan,
        "boot; build 0; ship 0",
        "boot: booted 1, build#1 starts
         build 0: build ok, build completed, ship#1 starts
         ship 0: ship ok, ship completed, ended succeeded",
    );
}

#[test]
fn an_approval_is_not_bypassed_by_leaving_out_what_stands_behind_it() {
    let plan = || {
        asks(plan_of(&[("build", 1, &[]), ("go", 0, &["build"]), ("load", 1, &["go"]), ("ship", 1, &["load"])]), "go")
    };
    for (plan, skip, skipped) in [
        (plan(), "adjust skip=load", "adjust skip=load: load skipped asked\n"),
        (of_higher_levels(plan(), "load"), "go", ""),
    ] {
        check(
            plan.clone(),
            &format!("boot; {skip}; build 0; answer 1 approve; ship 0"),
            &format!(
                "boot: booted 1, build#1 starts
                 {skipped}build 0: build ok, build completed, question 1 until Some(300000)
                 answer 1 approve: question 1 is approve by person, go completed, ship#1 starts
                 ship 0: ship ok, ship completed, ended succeeded"
            ),
        );
        check(
            plan,
            &format!("boot; {skip}; build 0; answer 1 reject"),
            &format!(
                "boot: booted 1, build#1 starts
                 {skipped}build 0: build ok, build completed, question 1 until Some(300000)
                 answer 1 reject: question 1 is reject by person, go failed, ship skipped upstream, ended failed"
            ),
        );
    }
}

#[test]
fn a_failure_before_it_counts_and_what_is_tried_again_takes_all_behind_it_along() {
    let plan = plan_of(&[("build", 1, &[]), ("harden", 1, &["build"]), ("ship", 1, &["harden"])]);
    let plan = of_higher_levels(plan, "harden");
    check(
        plan.clone(),
        "boot; build 1; retry build; build 0; ship 0",
        "boot: booted 1, build#1 starts
         build 1: build fails exit, build failed, ship skipped upstream, ended failed
         retry build: run reopened, build reset, ship reset, build#2 starts
         build 0: build ok, build completed, ship#1 starts
         ship 0: ship ok, ship completed, ended succeeded",
    );
    // From behind, too: what it was skipped for is tried again with it.
    check(
        with(plan.clone(), "build", |task| task.gates = vec![gate(None)].into()),
        "boot; build 0; build gate 1; retry ship; build 0; build gate 0",
        "boot: booted 1, build#1 starts
         build 0: build ok
         build gate 1: build gate refused: refused: exit code 1, build fails gate, build failed, ship skipped upstream, ended failed
         retry ship: run reopened, build reset, ship reset, build#2 starts
         build 0: build ok
         build gate 0: build gate passed: passed, build completed, ship#1 starts",
    );
    // One that may fail lets pass what one may pass.
    check(
        with(plan, "ship", |task| task.join = Join::AllDone),
        "boot; build 1; ship 0",
        "boot: booted 1, build#1 starts
         build 1: build fails exit, build failed, ship#1 starts
         ship 0: ship ok, ship completed, ended failed",
    );
}

#[test]
fn a_correction_reaches_what_is_behind_it_and_does_not_bring_it_back() {
    let plan = plan_of(&[("go", 0, &[]), ("harden", 1, &["go"]), ("ship", 1, &["harden"]), ("brag", 1, &["ship"])]);
    let mut plan = of_higher_levels(asks(plan, "go"), "harden");
    if let Work::Decision { question, .. } = &mut plan.tasks[0].work {
        question.options[1].fails = false;
    }
    check(
        plan,
        "boot; answer 1 approve; ship 0; correct 1 reject; ship 0; brag 0",
        "boot: booted 1, question 1 until Some(300000)
         answer 1 approve: question 1 is approve by person, go completed, ship#1 starts
         ship 0: ship ok, ship completed, brag#1 starts
         correct 1 reject: question 1 corrected to reject, brag stop retried politely, ship anew, ship#2 starts
         ship 0: ship ok, ship completed
         brag 0: brag fails cancelled, brag again in 0, brag ready, brag#2 starts",
    );
}

#[test]
fn a_chain_of_left_out_tasks_is_no_deeper_than_any_other() {
    let names: Vec<String> = (0..20_000).map(|at| format!("t{at}")).collect();
    let tasks: Vec<(&str, u64, &[&str])> = names.iter().map(|name| (name.as_str(), 1, &[][..])).collect();
    let mut plan = plan_of(&tasks);
    for (at, task) in (0..).zip(&mut plan.tasks[1..]) {
        task.needs = vec![TaskId(at)];
    }
    let last = plan.tasks.len() - 1;
    for task in &mut plan.tasks[1..last] {
        task.levels = Levels::range(4, 5);
        task.leave_out();
    }
    check(
        plan,
        "boot; t0 0; t19999 0",
        "boot: booted 1, t0#1 starts
         t0 0: t0 ok, t0 completed, t19999#1 starts
         t19999 0: t19999 ok, t19999 completed, ended succeeded",
    );
}
