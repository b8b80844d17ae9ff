//! Rules about agents: what their providers, their budgets and people mean for them.

use super::scene::check;
use super::with;
use crate::plan::tests::plan_of;
use crate::plan::{Mode, Plan, Resource, Use, Work};

/// Every task is an agent's, and all of them use the account `anthropic`.
pub(super) fn agents(mut plan: Plan) -> Plan {
    plan.resources.push(Resource { name: "account:anthropic".into(), capacity: 1_000_000 });
    for task in &mut plan.tasks {
        task.work = Work::Agent { agent: "writer".into(), instruction: "write".into() };
        task.uses.push(Use { resource: 1, units: 1 });
    }
    plan
}

fn two() -> Plan {
    agents(plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]))
}

#[test]
fn a_limit_with_a_known_end_closes_the_account_until_then_and_costs_no_try() {
    let plan = agents(plan_of(&[("a", 2, &[]), ("b", 1, &[]), ("c", 1, &[])]));
    check(
        plan,
        "boot; a limited 5000; b 0; +4000; +1000; a 0; c 0",
        "boot: booted 1, a#1 starts, b#1 starts
         a limited 5000: a fails ratelimit, anthropic closed for 5000, a again in 5000
         b 0: b ok, b completed
         +1000: a ready, anthropic open, a#2 starts, c#1 starts
         a 0: a ok, a completed
         c 0: c ok, c completed, ended succeeded",
    );
}

#[test]
fn plain_commands_go_on_while_an_account_is_closed() {
    let plan = with(agents(plan_of(&[("a", 2, &[]), ("b", 1, &[])])), "b", |task| {
        task.work = Work::Script { script: "true".into() };
        task.uses.truncate(1);
    });
    let mut plan = plan;
    plan.resources[0].capacity = 1;
    check(
        plan,
        "boot; a limited 5000; b 0; +5000",
        "boot: booted 1, a#1 starts
         a limited 5000: a fails ratelimit, anthropic closed for 5000, a again in 5000, b#1 starts
         b 0: b ok, b completed
         +5000: a ready, anthropic open, a#2 starts",
    );
}

#[test]
fn a_person_may_open_an_account_early() {
    check(
        two(),
        "boot; a limited 5000; open; open; +5000",
        "boot: booted 1, a#1 starts
         a limited 5000: a fails ratelimit, anthropic closed for 5000, a again in 5000
         open: anthropic open
         open: REFUSED no provider is waited for
         +5000: a ready, a#2 starts",
    );
}

#[test]
fn other_troubles_of_a_provider_are_forgiven_a_few_times_with_doubling_pauses() {
    check(
        two(),
        "boot; a overloaded; +10000; a overloaded; +20000; a overloaded; +40000; a overloaded; +80000; a overloaded; +160000; a overloaded;
         +320000; a overloaded",
        "boot: booted 1, a#1 starts
         a overloaded: a fails overloaded, a again in 5854
         +10000: a ready, a#2 starts
         a overloaded: a fails overloaded, a again in 12314
         +20000: a ready, a#3 starts
         a overloaded: a fails overloaded, a again in 19023
         +40000: a ready, a#4 starts
         a overloaded: a fails overloaded, a again in 43515
         +80000: a ready, a#5 starts
         a overloaded: a fails overloaded, a again in 75781
         +160000: a ready, a#6 starts
         a overloaded: a fails overloaded, a again in 193593
         +320000: a ready, a#7 starts
         a overloaded: a fails overloaded, a failed, b skipped upstream, ended failed",
    );
}

#[test]
fn a_budget_gives_notice_then_stops_who_spends_and_ends_the_run() {
    let mut plan = two();
    plan.limits.cost_usd = Some(0.001);
    plan.mode = Mode::Autonomous;
    check(
        plan,
        "boot; a spends 10 799; a spends 11 800; a spends 11 800; a spends 12 1000; a done 12 1000",
        "boot: booted 1, a#1 starts
         a spends 10 799: a spends
         a spends 11 800: a spends, 80 % of cost
         a spends 11 800: REFUSED that is known
         a spends 12 1000: a spends, 100 % of cost, question 1 until None, question 1 is finish by policy, a stop budget politely
         a done 12 1000: a ok, a completed, ended overbudget",
    );
}

#[test]
fn a_raised_budget_takes_the_run_up_again() {
    let mut plan = two();
    plan.limits.tokens = Some(100);
    check(
        plan,
        "boot; a done 100 0; raise tokens 90; raise tokens 200; b done 99 0",
        "boot: booted 1, a#1 starts
         a done 100 0: a ok, a completed, 100 % of tokens, question 1 until Some(600000)
         raise tokens 90: REFUSED the limit is 100 already
         raise tokens 200: budget raised, question 1 is nothing by withdrawn, b#1 starts
         b done 99 0: b ok, b completed, 80 % of tokens, ended succeeded",
    );
}

#[test]
fn a_message_waits_for_the_next_attempt_or_reaches_the_one_at_work() {
    check(
        two(),
        "boot; tell b later; tell a now; a told 2; a told 2; a 0; b 0; tell b late",
        "boot: booted 1, a#1 starts
         tell b later: message 1 for b
         tell a now: message 2 for a
         a told 2: a has message 2
         a told 2: REFUSED message 2 is not under way
         a 0: a ok, a completed, b#1 starts, b has message 1
         b 0: b ok, b completed, ended succeeded
         tell b late: REFUSED `b` is completed already",
    );
}

#[test]
fn the_first_answer_wins_and_silence_takes_the_recommendation() {
    check(
        two(),
        "boot; a asks B; answer 1 C; answer 1 a; answer 1 B",
        "boot: booted 1, a#1 starts
         a asks B: question 1 until Some(300000)
         answer 1 C: REFUSED `C` is no option; there are A, B
         answer 1 a: question 1 is A by person
         answer 1 B: REFUSED decision 1 is over: A was chosen",
    );
    check(
        two(),
        "boot; a asks B; +300000",
        "boot: booted 1, a#1 starts
         a asks B: question 1 until Some(300000)
         +300000: question 1 is B by timeout",
    );
}

#[test]
fn a_question_ends_with_its_asker_and_is_not_asked_twice() {
    check(
        two(),
        "boot; a asks B; a asks B; a 0",
        "boot: booted 1, a#1 starts
         a asks B: question 1 until Some(300000)
         a asks B: REFUSED that was asked before
         a 0: question 1 is nothing by withdrawn, a ok, a completed, b#1 starts",
    );
}

#[test]
fn nobody_is_asked_in_a_run_that_goes_by_itself() {
    let plan = Plan { mode: Mode::Autonomous, ..two() };
    check(
        plan,
        "boot; a asks B",
        "boot: booted 1, a#1 starts
         a asks B: question 1 until None, question 1 is B by policy",
    );
}

#[test]
fn what_is_missing_because_a_tool_was_refused_is_not_tried_again() {
    let tries = |script| {
        let plan = with(agents(plan_of(&[("a", 1, &[])])), "a", |task| task.retry.limit = 1);
        move |expected: &str| check(plan, script, expected)
    };
    tries("boot; a missing Write Bash")(
        "boot: booted 1, a#1 starts
         a missing Write Bash: a fails denied, a failed, ended failed",
    );
    tries("boot; a missing; a missing")(
        "boot: booted 1, a#1 starts
         a missing: a fails deliverable, a again in 0, a ready, a#2 starts
         a missing: a fails deliverable, a failed, ended failed",
    );
}
