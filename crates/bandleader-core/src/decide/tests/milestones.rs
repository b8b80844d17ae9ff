//! Milestones: reached when everything before them is, once; what is decided there is waited for.

use super::check;
use super::scene::run_after;
use crate::plan::Plan;
use crate::view::milestones::{MilestoneState, milestones, next_milestone};
use crate::{CheckOptions, Millis};

fn plan(text: &str) -> Plan {
    let checked = crate::check("plan.yaml", text, &CheckOptions::default(), &mut |_| Err(String::new()));
    checked.plan.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// What comes after the first phase waits for an answer, and the last milestone for all.
fn launch() -> Plan {
    plan(
        "
mission: m
milestones:
  - { id: beta, title: The beta, decision: { question: 'Go on?', recommend: approve, timeout: 30s } }
  - { id: end, needs: [build, ship] }
phases:
  - { id: build, milestone: beta, tasks: [{ id: a, run: x, expected_time: 10s, on_failure: fail }] }
  - { id: ship, needs: [build], tasks: [{ id: b, run: x, expected_time: 20s }] }
",
    )
}

#[test]
fn what_needs_the_phase_waits_for_the_answer_at_its_milestone() {
    check(
        launch(),
        "boot; build.a 0; answer 1 approve; ship.b 0",
        "boot: booted 1, build.a#1 starts
         build.a 0: build.a ok, build.a completed, milestone reached, question 1 until Some(30000)
         answer 1 approve: question 1 is approve by person, beta completed, build completed, ship.b#1 starts
         ship.b 0: ship.b ok, ship.b completed, ship completed, milestone reached, end completed, ended succeeded",
    );
}

#[test]
fn silence_and_a_no_count_as_at_any_decision() {
    check(
        launch(),
        "boot; build.a 0; +30000",
        "boot: booted 1, build.a#1 starts
         build.a 0: build.a ok, build.a completed, milestone reached, question 1 until Some(30000)
         +30000: question 1 is approve by timeout, beta completed, build completed, ship.b#1 starts",
    );
    check(
        launch(),
        "boot; build.a 0; answer 1 reject; retry beta; answer 2 approve",
        "boot: booted 1, build.a#1 starts
         build.a 0: build.a ok, build.a completed, milestone reached, question 1 until Some(30000)
         answer 1 reject: question 1 is reject by person, beta failed, build skipped upstream, ship.b skipped upstream, \
         end skipped upstream, ship skipped upstream, ended failed
         retry beta: run reopened, beta reset, build reset, ship.b reset, ship reset, end reset, milestone reached, question 2 until Some(30000)
         answer 2 approve: question 2 is approve by person, beta completed, build completed, ship.b#1 starts",
    );
}

#[test]
fn one_that_something_before_it_has_failed_is_missed() {
    let (run, now) = run_after(launch(), "boot; build.a 1");
    let all = milestones(&run, now);
    assert_eq!(all.iter().map(|one| one.state).collect::<Vec<_>>(), [MilestoneState::Missed; 2]);
    assert_eq!(next_milestone(&all), None);
}

#[test]
fn the_next_one_is_that_which_takes_least_and_its_time_shrinks() {
    let (run, now) = run_after(launch(), "boot; +4000");
    let all = milestones(&run, now);
    let left = |id: &str| all.iter().find(|one| one.id == id).unwrap().left;
    assert_eq!((left("beta"), left("end")), (Some(Millis(6_000)), Some(Millis(26_000))));
    assert_eq!(next_milestone(&all).map(|one| one.title.as_str()), Some("The beta"));
    let (run, now) = run_after(launch(), "boot; build.a 0");
    let all = milestones(&run, now);
    let states: Vec<_> = all.iter().map(|one| (one.state, one.reached.is_some(), one.decision)).collect();
    assert_eq!(states, [(MilestoneState::Asking, true, Some(1)), (MilestoneState::Ahead, false, None)]);
}

#[test]
fn work_that_is_done_anew_is_reached_anew() {
    let text = "mission: m\ntasks:\n- {id: q, decision: {question: Which?, options: [x, y], recommend: A}}\n- {id: a, run: x, needs: [q]}\nmilestones: [{id: beta, needs: [a]}]";
    check(
        plan(&format!("{text}\n")),
        "boot; answer 1 A; a 0; correct 1 B; a 0",
        "boot: booted 1, question 1 until Some(300000)
         answer 1 A: question 1 is A by person, q completed, a#1 starts
         a 0: a ok, a completed, milestone reached, beta completed, ended succeeded
         correct 1 B: run reopened, question 1 corrected to B, a anew, beta anew, a#2 starts
         a 0: a ok, a completed, milestone reached, beta completed, ended succeeded",
    );
}
