//! Rules about budgets of phases, tasks and agents: people are asked, what spends waits for the answer, and the rest goes on.

use super::agents::agents;
use super::scene::check;
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Agent, Caps, Group, GroupKind, Join, Mode, OnFailure, Plan, Work};
use crate::{GroupId, TaskId};

/// `a` has 50 tokens; `b` needs it; `c` is alone.
fn capped() -> Plan {
    let plan = agents(plan_of(&[("a", 2, &[]), ("b", 1, &["a"]), ("c", 1, &[])]));
    with(plan, "a", |task| task.caps = Caps { cost: None, tokens: Some(50) }.into())
}

const BEGIN: &str = "boot: booted 1, a#1 starts, c#1 starts
     a spends 60 1: a spends, 100 % of tokens, question 1 until Some(600000), a stop budget politely
     a 1: a fails budget, a blocked
     c 0: c ok, c completed\n";

fn expect(then: &str, expected: &str) {
    check(capped(), &format!("boot; a spends 60 1; a 1; c 0; {then}"), &format!("{BEGIN} {expected}"));
}

#[test]
fn a_task_over_its_own_budget_waits_and_each_answer_means_something() {
    expect(
        "answer 1 raise; a done 30 1; b 0",
        "answer 1 raise: question 1 is raise by person, budget raised, a reset, a#2 starts
         a done 30 1: a ok, a completed, 80 % of tokens, b#1 starts
         b 0: b ok, b completed, ended succeeded",
    );
    expect(
        "answer 1 finish",
        "answer 1 finish: question 1 is finish by person, a failed, b skipped upstream, ended failed",
    );
    expect("+600000", "+600000: question 1 is finish by timeout, a failed, b skipped upstream, ended failed");
    expect(
        "answer 1 stop",
        "answer 1 stop: question 1 is stop by person, run cancelled, a cancelled, b cancelled, ended cancelled",
    );
    // Another try goes nowhere while nothing is left.
    expect("retry a", "retry a: a reset, a blocked");
    expect("accept a", "accept a: a accepted, b#1 starts");
}

#[test]
fn where_nobody_is_asked_a_task_over_its_budget_fails_alone() {
    let plan = Plan { mode: Mode::Autonomous, ..capped() };
    check(
        plan,
        "boot; a spends 60 1; a 1; c 0",
        "boot: booted 1, a#1 starts, c#1 starts
         a spends 60 1: a spends, 100 % of tokens, question 1 until None, question 1 is finish by policy, a stop budget politely
         a 1: a fails budget, a failed, b skipped upstream
         c 0: c ok, c completed, ended failed",
    );
}

#[test]
fn what_its_own_program_stopped_waits_for_the_same_question() {
    check(
        capped(),
        "boot; c 0; a broke 60 1; answer 1 raise",
        "boot: booted 1, a#1 starts, c#1 starts
         c 0: c ok, c completed
         a broke 60 1: a fails budget, a blocked, 100 % of tokens, question 1 until Some(600000)
         answer 1 raise: question 1 is raise by person, budget raised, a reset, a#2 starts",
    );
    check(
        with(capped(), "a", |task| task.on_failure = OnFailure::Compensate),
        "boot; c 0; a broke 60 1; answer 1 finish",
        "boot: booted 1, a#1 starts, c#1 starts
         c 0: c ok, c completed
         a broke 60 1: a fails budget, a blocked, 100 % of tokens, question 1 until Some(600000)
         answer 1 finish: question 1 is finish by person, a failed, a compensation_started, b cancelled, ended failed",
    );
}

/// `a`, `b`, `c` are one agent's, who has 100 tokens; `d` is a command that runs whatever happened.
fn of_one_agent() -> Plan {
    let mut plan =
        agents(plan_of(&[("a", 4, &[]), ("b", 3, &["a"]), ("c", 2, &["a"]), ("d", 1, &["b", "c"]), ("e", 9, &[])]));
    plan.agents.insert("writer".into(), Agent { token_limit: Some(100), ..Agent::default() });
    for command in ["d", "e"] {
        plan = with(plan, command, |task| task.work = Work::Script { script: "true".into() });
    }
    with(plan, "d", |task| task.join = Join::AllDone)
}

#[test]
fn what_would_start_at_its_expense_waits_and_commands_go_on() {
    let begin = "boot: booted 1, e#1 starts, a#1 starts
        a done 100 1: a ok, a completed, 100 % of tokens, question 1 until Some(600000), b blocked, c blocked
        e 0: e ok, e completed\n";
    let expect = |then: &str, expected: &str| {
        check(of_one_agent(), &format!("boot; a done 100 1; e 0; {then}"), &format!("{begin} {expected}"));
    };
    expect(
        "answer 1 raise; b done 99 1",
        "answer 1 raise: question 1 is raise by person, budget raised, b reset, c reset, b#1 starts, c#1 starts
         b done 99 1: b ok, b completed, 80 % of tokens",
    );
    expect(
        "answer 1 finish; d 0",
        "answer 1 finish: question 1 is finish by person, b skipped budget, c skipped budget, d#1 starts
         d 0: d ok, d completed, ended failed",
    );
    // A word from another window answers it as well.
    expect(
        "raise writer 300",
        "raise writer 300: budget raised, b reset, c reset, question 1 is nothing by withdrawn, b#1 starts, c#1 starts",
    );
    expect(
        "boot; +600000",
        "boot: booted 2\n +600000: question 1 is finish by timeout, b skipped budget, c skipped budget, d#1 starts",
    );
}

#[test]
fn of_a_budget_at_whose_expense_nothing_is_left_to_do_nobody_is_asked() {
    let plan = with(capped(), "a", |task| task.caps = Caps { cost: None, tokens: Some(50) }.into());
    check(
        plan,
        "boot; a done 60 1; c 0; b 0",
        "boot: booted 1, a#1 starts, c#1 starts
         a done 60 1: a ok, a completed, 100 % of tokens, b#1 starts
         c 0: c ok, c completed
         b 0: b ok, b completed, ended succeeded",
    );
}

#[test]
fn a_phase_and_an_agent_that_are_used_up_at_once_are_two_questions_and_no_task_ends_twice() {
    let mut plan = of_one_agent();
    let end = plan.tasks.len() - 1;
    plan.groups.push(Group {
        path: "build".into(),
        title: "build".into(),
        kind: GroupKind::Phase,
        parent: None,
        end: TaskId(u32::try_from(end).unwrap()),
        check_in: false,
        caps: Caps { cost: Some(1), tokens: None },
    });
    for task in ["a", "b", "c"] {
        plan = with(plan, task, |task| task.group = Some(GroupId(0)));
    }
    let begin = "boot: booted 1, e#1 starts, a#1 starts
        a done 100 1: a ok, a completed, 100 % of cost, question 1 until Some(600000), 100 % of tokens, question 2 until Some(600000), b blocked, c blocked
        e 0: e ok, e completed\n";
    let expect = |then: &str, expected: &str| {
        check(plan.clone(), &format!("boot; a done 100 1; e 0; {then}"), &format!("{begin} {expected}"));
    };
    expect(
        "+600000",
        "+600000: question 1 is finish by timeout, b skipped budget, c skipped budget, question 2 is finish by timeout, d#1 starts",
    );
    expect(
        "answer 1 raise; answer 2 raise",
        "answer 1 raise: question 1 is raise by person, budget raised, b reset, c reset, b blocked, c blocked
         answer 2 raise: question 2 is raise by person, budget raised, b reset, c reset, b#1 starts, c#1 starts",
    );
}

#[test]
fn the_only_task_of_a_run_over_its_budget_waits_for_the_answer_too() {
    let mut plan = agents(plan_of(&[("a", 1, &[])]));
    plan.limits.tokens = Some(50);
    let begin = "boot: booted 1, a#1 starts
        a spends 60 1: a spends, 100 % of tokens, question 1 until Some(600000), a stop budget politely
        a 1: a fails budget, a blocked\n";
    let expect = |then: &str, expected: &str| {
        check(plan.clone(), &format!("boot; a spends 60 1; a 1; {then}"), &format!("{begin} {expected}"));
    };
    expect("answer 1 raise", "answer 1 raise: question 1 is raise by person, budget raised, a reset, a#2 starts");
    expect(
        "raise tokens 100",
        "raise tokens 100: budget raised, a reset, question 1 is nothing by withdrawn, a#2 starts",
    );
    expect("answer 1 finish", "answer 1 finish: question 1 is finish by person, a failed, ended failed");
}

#[test]
fn a_limit_of_what_the_plan_does_not_have_is_refused() {
    let mut plan = agents(plan_of(&[("a", 1, &[])]));
    plan.limits.tokens = Some(50);
    check(
        plan,
        "boot; raise group-9 10; raise task-9 10; raise nobody 10",
        "boot: booted 1, a#1 starts
         raise group-9 10: REFUSED there is no such budget
         raise task-9 10: REFUSED there is no such budget
         raise nobody 10: REFUSED there is no such budget",
    );
}
