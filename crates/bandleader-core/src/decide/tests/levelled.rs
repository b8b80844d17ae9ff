//! What another level makes of the tasks that have not started: their gates, their tries, and who is asked.

use super::check;
use super::scene::{change, run_after};
use crate::plan::{Mode, Plan};
use crate::view::{GateChange, adjustment};
use crate::{By, CheckOptions};

/// Nothing is said of mode and tries; `load` is a gate of the levels from 4 on, `demo` one of those under 3.
fn plan(more: &str) -> Plan {
    let text = format!(
        "
mission: m
level: 2
tasks:
  - {{ id: a, run: x, gates: [{{ run: load, levels: 4+ }}] }}
  - {{ id: b, run: x, needs: [a], gates: [always, {{ run: load, levels: 4+ }}, {{ run: demo, levels: 1..2 }}] }}
  - {{ id: own, run: x, needs: [b], retry: 1 }}
  - {{ id: q, needs: [b], decision: {{ question: Which?, options: [x, y], recommend: A }} }}
{more}"
    );
    let checked = crate::check("plan.yaml", &text, &CheckOptions::default(), &mut |_| Err(String::new()));
    checked.plan.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

#[test]
fn what_has_started_keeps_its_gates_and_tries_and_the_rest_follows_the_level() {
    check(
        plan(""),
        "boot; adjust level=5; a 1; retry a; a 0; b 0; b gate 0; b gate 1; b 0",
        "boot: booted 1, a#1 starts
         adjust level=5: level changed
         a 1: a fails exit, a failed, b skipped upstream, own skipped upstream, q skipped upstream, ended failed
         retry a: run reopened, a reset, b reset, own reset, q reset, a#2 starts
         a 0: a ok, a completed, b#1 starts
         b 0: b ok
         b gate 0: b gate passed: passed
         b gate 1: b gate refused: refused: exit code 1, b fails gate, b again in 0, b ready, b#2 starts
         b 0: b ok",
    );
}

#[test]
fn every_part_of_it_is_seen_before_it_is_done() {
    let (run, now) = run_after(plan(""), "boot");
    let by = By::Person { name: "ada".into() };
    let seen = adjustment(&run, &change(&["level=5"]), &by, now).unwrap();
    assert_eq!((seen.mode, seen.retries), (Some((Mode::SemiAutonomous, Mode::Interactive)), Some((0, 2))));
    let gate = |gate: &str, checked| GateChange { task: "b".into(), gate: gate.into(), checked };
    assert_eq!(seen.gates, [gate("load", true), gate("demo", false)], "`a` has started");
    let seen = adjustment(&run, &change(&["level=1"]), &by, now).unwrap();
    assert_eq!((seen.mode, seen.retries), (Some((Mode::SemiAutonomous, Mode::Autonomous)), None));
    assert_eq!(seen.gates, []);
}

#[test]
fn what_the_plan_says_itself_stays() {
    let said = "mode: guided\ndefaults: { retry: 3 }\n";
    let (run, now) = run_after(plan(said), "boot");
    let seen = adjustment(&run, &change(&["level=5"]), &By::Person { name: "ada".into() }, now).unwrap();
    assert_eq!((seen.mode, seen.retries), (None, None));
    let (run, _) = run_after(plan(""), "boot; adjust level=5");
    let own = run.plan().find("own").unwrap();
    assert_eq!((run.plan().task(own).retry.limit, run.mode()), (1, Mode::Interactive));
}

#[test]
fn questions_are_asked_as_the_new_level_has_it() {
    let script = |level: &str| format!("boot; a 0; adjust level={level}; b 0; b gate 0; b gate 0");
    check(
        plan(""),
        &script("1"),
        "boot: booted 1, a#1 starts
         a 0: a ok, a completed, b#1 starts
         adjust level=1: level changed
         b 0: b ok
         b gate 0: b gate passed: passed
         b gate 0: b gate passed: passed, b completed, question 1 until None, question 1 is A by policy, q completed, own#1 starts",
    );
}

#[test]
fn a_plan_that_was_frozen_before_the_level_was_followed_stays_as_it_is() {
    let mut old = plan("");
    old.by_level = crate::plan::ByLevel::default();
    old.leveled_gates.clear();
    let (run, _) = run_after(old.clone(), "boot; adjust level=5");
    assert_eq!((run.mode(), run.plan().as_ref()), (old.mode, &old));
}
