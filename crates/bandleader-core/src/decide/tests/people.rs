//! Questions to people: what opens them, what ends them, and what follows.

use super::{check, with};
use crate::plan::tests::plan_of;
use crate::plan::{CheckIn, Choice, Limits, Mode, OnFailure, OnSilence, Patience, Plan, Question, Task, Work};
use crate::{Decider, Millis, TaskId};

pub(super) fn question() -> Question {
    let option = |id: &str| Choice { id: id.into(), name: format!("option {id}"), ..Choice::default() };
    Question {
        text: "Which?".into(),
        options: vec![option("A"), option("B"), Choice { fails: true, ..option("no") }],
        recommend: Some("B".into()),
        ..Question::default()
    }
}

fn asks(task: &mut Task, question: Question) {
    task.work = Work::Decision { question: Box::new(question), check_in: None };
    task.uses.clear();
}

/// `d` is a question; `a` needs it, `b` does not.
pub(super) fn plan(question: Question) -> Plan {
    with(plan_of(&[("d", 1, &[]), ("a", 1, &["d"]), ("b", 1, &[])]), "d", |task| asks(task, question))
}

#[test]
fn an_answer_completes_its_task_and_others_never_wait_for_it() {
    check(
        plan(question()),
        "boot; b 0; answer 1 x; answer 1 a; a 0",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         b 0: b ok, b completed
         answer 1 x: REFUSED `x` is no option; there are A, B, no
         answer 1 a: question 1 is A by person, d completed, a#1 starts
         a 0: a ok, a completed, ended succeeded",
    );
}

#[test]
fn a_rejection_fails_its_task() {
    check(
        plan(question()),
        "boot; b 0; answer 1 no",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         b 0: b ok, b completed
         answer 1 no: question 1 is no by person, d failed, a skipped upstream, ended failed",
    );
}

#[test]
fn the_record_says_how_long_people_had_and_not_how_long_nobody_counted() {
    let script = "boot; b 0; +100000; down 9000000; boot; hold 1 60000; +60000; +300000";
    let (run, _) = super::scene::run_after(plan(question()), script);
    let decision = &run.decisions()[&1];
    let taken = decision.taken.as_ref().unwrap();
    assert_eq!((taken.by.clone(), taken.because.as_str()), (Decider::Timeout, "nobody answered in 5 m 00 s"));
    assert_eq!(decision.took(), Some(Millis(9_460_000)));
}

#[test]
fn silence_is_as_declared() {
    let silent = |on_silence, expected: &str| {
        check(plan(Question { on_silence, ..question() }), "boot; b 0; +300000; +1", expected);
    };
    let begin = "boot: booted 1, question 1 until Some(300000), b#1 starts\nb 0: b ok, b completed\n";
    silent(OnSilence::Recommend, &format!("{begin} +300000: question 1 is B by timeout, d completed, a#1 starts"));
    let failed = "question 1 is nothing by timeout, d failed, a skipped upstream, ended failed";
    silent(OnSilence::Fail, &format!("{begin} +300000: {failed}"));
    silent(OnSilence::Escalate, &format!("{begin} +300000: question 1 escalated"));
    silent(OnSilence::Park, &begin.replace("Some(300000)", "None"));
}

/// A timeout default that never fires: its deadline has to survive crashes, holds and everything else.
#[test]
fn the_deadline_fires_after_crashes_and_holds() {
    check(
        plan(Question { timeout: Some(Patience::For(Millis(1_000))), ..question() }),
        "boot; b 0; +400; hold 1 500; +400; hold 1 500; +100; +5000; boot; +400; boot; +499; +101",
        "boot: booted 1, question 1 until Some(1000), b#1 starts
         b 0: b ok, b completed
         hold 1 500: question 1 held for Some(500)
         hold 1 500: question 1 held for Some(500)
         +5000: question 1 is B by timeout, d completed, a#1 starts
         boot: booted 2
         boot: booted 3",
    );
    // An engine that was away for long takes nothing from the time that was left: 600 of 1,000.
    check(
        plan(Question { timeout: Some(Patience::For(Millis(1_000))), ..question() }),
        "boot; +400; b 0; down 90000; boot; +599; +1",
        "boot: booted 1, question 1 until Some(1000), b#1 starts
         b 0: b ok, b completed
         boot: booted 2
         +1: question 1 is B by timeout, d completed, a#1 starts",
    );
}

#[test]
fn a_hold_is_bounded_and_a_release_gives_back_what_was_left() {
    check(
        plan(Question { timeout: Some(Patience::For(Millis(1_000))), ..question() }),
        "boot; b 0; release 1; hold 1 9000000; +60000; release 1; +999; +1",
        "boot: booted 1, question 1 until Some(1000), b#1 starts
         b 0: b ok, b completed
         release 1: REFUSED nobody holds question 1
         hold 1 9000000: question 1 held for Some(120000)
         release 1: question 1 released
         +1: question 1 is B by timeout, d completed, a#1 starts",
    );
}

/// An answer applied twice: the first wins, whoever comes second is told.
#[test]
fn the_first_answer_counts() {
    check(
        plan(question()),
        "boot; answer 1 A; answer 1 B; answer 1 A; hold 1 1000",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         answer 1 A: question 1 is A by person, d completed, a#1 starts
         answer 1 B: REFUSED decision 1 is over: A was chosen
         answer 1 A: REFUSED decision 1 is over: A was chosen
         hold 1 1000: REFUSED decision 1 is over",
    );
}

/// Resume bypassing an approval: nothing but an answer opens the way.
#[test]
fn no_command_and_no_engine_takes_the_place_of_an_approval() {
    check(
        plan(Question { irreversible: true, ..question() }),
        "boot; b 0; boot; pause; resume; retry; retry d; accept d; resolve d; +90000000; boot; answer 1 A",
        "boot: booted 1, question 1 until None, b#1 starts
         b 0: b ok, b completed
         boot: booted 2
         pause: run paused
         resume: run resumed
         retry: REFUSED nothing failed, was cancelled or is blocked
         retry d: REFUSED `d` is question 1; `band decide` answers it
         accept d: REFUSED `d` is question 1; `band decide` answers it
         resolve d: REFUSED `d` has no worktree of its own; `band retry` tries it again
         boot: booted 3
         answer 1 A: question 1 is A by person, d completed, a#1 starts",
    );
}

/// Rework skipping a re-check: what is done anew is asked, judged and checked anew.
#[test]
fn what_hangs_on_a_corrected_decision_is_done_and_asked_anew() {
    let plan = plan_of(&[("d", 1, &[]), ("a", 1, &["d"]), ("e", 1, &["a"]), ("c", 1, &["e"]), ("x", 1, &["d"])]);
    let plan = with(plan, "d", |task| asks(task, question()));
    let plan = with(plan, "e", |task| asks(task, question()));
    let plan = with(plan, "a", |task| task.gates = vec![super::gate(None)].into());
    let plan = with(plan, "x", |task| {
        task.when = Some("needs.d.outputs.choice == 'A'".into());
        task.need_names =
            [("d".to_owned(), TaskId(0))].into_iter().collect::<std::collections::BTreeMap<_, _>>().into();
    });
    check(
        plan,
        "boot; +300000; a 0; a gate 0; answer 2 B; answer 1 A; correct 1 B; correct 2 no; correct 1 A; c 0; x 0; a 0; a gate 0; answer 3 A; c 0",
        "boot: booted 1, question 1 until Some(300000)
         +300000: question 1 is B by timeout, d completed, x skipped condition, a#1 starts
         a 0: a ok
         a gate 0: a gate passed: passed, a completed, question 2 until Some(300000)
         answer 2 B: question 2 is B by person, e completed, c#1 starts
         answer 1 A: A kept for question 1
         correct 1 B: REFUSED B is what was chosen
         correct 2 no: REFUSED no would end it; `band cancel` does that
         correct 1 A: question 1 corrected to A, c stop retried politely, a anew, e anew, x anew, x ready, a#2 starts
         c 0: c fails cancelled, c again in 0, x#1 starts
         x 0: x ok, x completed
         a 0: a ok
         a gate 0: a gate passed: passed, a completed, question 3 until Some(300000)
         answer 3 A: question 3 is A by person, e completed, c#2 starts
         c 0: c ok, c completed, ended succeeded",
    );
}

#[test]
fn modes_decide_at_once_and_say_so_but_what_cannot_be_taken_back_parks() {
    let autonomous = |question| Plan { mode: Mode::Autonomous, ..plan(question) };
    check(
        autonomous(question()),
        "boot",
        "boot: booted 1, question 1 until None, question 1 is B by policy, d completed, a#1 starts, b#1 starts",
    );
    check(
        autonomous(Question { irreversible: true, ..question() }),
        "boot; b 0; +90000000",
        "boot: booted 1, question 1 until None, b#1 starts
         b 0: b ok, b completed",
    );
}

#[test]
fn a_question_ends_with_its_task_and_with_the_run() {
    check(
        plan(question()),
        "boot; cancel d; b 0",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         cancel d: d cancelled, question 1 is nothing by withdrawn, a skipped upstream
         b 0: b ok, b completed, ended failed",
    );
    check(
        plan(question()),
        "boot; cancel; b signal 15",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         cancel: run cancelled, b stop cancelled politely, d cancelled, a cancelled, question 1 is nothing by withdrawn
         b signal 15: b fails cancelled, b cancelled, ended cancelled",
    );
}

#[test]
fn a_failure_that_asks_is_a_question_and_each_answer_is_a_command() {
    let asking = || {
        let plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
        with(plan, "a", |task| task.on_failure = OnFailure::Ask)
    };
    let begin = "boot: booted 1, a#1 starts\n a 1: a fails exit, a blocked, question 1 until None\n";
    let expect = |answer: &str, then: &str| {
        check(asking(), &format!("boot; a 1; answer 1 {answer}"), &format!("{begin} answer 1 {answer}: {then}"));
    };
    expect("retry", "question 1 is retry by person, a reset, a#2 starts");
    expect("accept", "question 1 is accept by person, a accepted, b#1 starts");
    expect("skip", "question 1 is skip by person, a failed, b skipped upstream, ended failed");
    expect("stop", "question 1 is stop by person, run cancelled, a cancelled, b cancelled, ended cancelled");
    check(
        asking(),
        "boot; a 1; retry a",
        &format!("{begin} retry a: a reset, question 1 is nothing by withdrawn, a#2 starts"),
    );
}

#[test]
fn time_that_is_used_up_asks_and_each_answer_means_something() {
    let plan = || {
        let plan = plan_of(&[("a", 1, &[]), ("b", 1, &["a"])]);
        Plan { limits: Limits { time: Some(Millis(1_000)), ..plan.limits.clone() }, ..plan }
    };
    let begin = "boot: booted 1, a#1 starts\n +1000: 100 % of the time, question 1 until Some(600000)\n";
    let expect = |script: &str, then: &str| {
        check(plan(), &format!("boot; +1000; {script}"), &format!("{begin} {then}"));
    };
    expect("a 0", "a 0: a ok, a completed");
    expect(
        "a 0; answer 1 raise",
        "a 0: a ok, a completed\n answer 1 raise: question 1 is raise by person, time limit raised, b#1 starts",
    );
    expect(
        "answer 1 finish; a 0",
        "answer 1 finish: question 1 is finish by person\n a 0: a ok, a completed, ended overbudget",
    );
    expect("answer 1 stop", "answer 1 stop: question 1 is stop by person, a stop budget politely");
    expect("a 0; +600000", "a 0: a ok, a completed\n +600000: question 1 is finish by timeout, ended overbudget");
    expect("limit 9000", "limit 9000: time limit raised, question 1 is nothing by withdrawn");
}

#[test]
fn a_check_in_goes_on_waits_for_changes_or_stops() {
    let plan = || {
        with(plan(question()), "d", |task| {
            let option = |id: &str| Choice { id: id.into(), name: id.into(), ..Choice::default() };
            let options = vec![option("continue"), option("adjust"), option("stop")];
            let recommend = Some("continue".to_owned());
            let question = Question { text: "Go on?".into(), options, recommend, ..Question::default() };
            task.work = Work::Decision { question: Box::new(question), check_in: Some(CheckIn::After) };
        })
    };
    check(
        plan(),
        "boot; answer 1 adjust; answer 1 adjust; hold 1 100; +9000000; boot; cancel a; answer 1 continue",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         answer 1 adjust: question 1 held for None
         answer 1 adjust: REFUSED it waits for your changes already; then `continue` or `stop`
         hold 1 100: REFUSED question 1 waits already, for as long as it takes
         boot: booted 2
         cancel a: a cancelled
         answer 1 continue: question 1 is continue by person, d completed",
    );
    check(
        plan(),
        "boot; answer 1 stop; b signal 15",
        "boot: booted 1, question 1 until Some(300000), b#1 starts
         answer 1 stop: question 1 is stop by person, run cancelled, b stop cancelled politely, d cancelled, a cancelled
         b signal 15: b fails cancelled, b cancelled, ended cancelled",
    );
}

#[test]
fn the_question_is_filled_in_when_it_is_asked() {
    let broken = Question { text: "{{ needs.nobody.state }}?".into(), ..question() };
    check(
        plan(broken),
        "boot; b 0",
        "boot: booted 1, d skipped badcondition, a skipped upstream, b#1 starts
         b 0: b ok, b completed, ended failed",
    );
}

/// A window that nobody closes holds the clock again and again: silence counts all the same.
#[test]
fn no_window_holds_a_clock_for_ever() {
    let plan = plan(question());
    let renewals = "; hold 1 60000; +30000".repeat(60);
    let (run, now) = super::scene::run_after(plan, &format!("boot; b 0{renewals}"));
    let asked = &run.decisions()[&1];
    let taken = asked.taken.as_ref().unwrap();
    assert_eq!(taken.by, crate::Decider::Timeout);
    let most = Millis(asked.given.unwrap().0 + crate::policy::MOST_HELD.0);
    assert!(asked.took().unwrap() <= most && asked.took().unwrap() > crate::policy::MOST_HELD, "{:?}", asked.took());
    assert!(now > taken.at);
}
