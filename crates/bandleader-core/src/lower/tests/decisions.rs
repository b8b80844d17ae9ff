//! Tasks that are questions, and check-ins: what is wrong with them, and what becomes of them.

use super::{CheckOptions, check, check_tasks, checked};
use crate::plan::{CheckIn, OnSilence, Patience, Plan, Question, QuestionKind, Weight, Work};
use crate::{Millis, TaskId};

#[test]
fn mistakes_are_named_where_they_stand() {
    let cases = [
        (
            r"- {id: a, decision: {question: b, options: [x]}}",
            "3:35 plan::bad-decision: a decision has 2 to 12 options, not 1",
        ),
        (
            r"- {id: a, decision: {question: b, options: [x, y], recommend: C}}",
            "3:63 plan::bad-decision: `C` is recommended, but is no option",
        ),
        (
            r"- {id: a, decision: {question: b, options: [{id: A}, {id: a}, {id: B}]}}",
            "3:59 plan::duplicate-id: two options are called `a`",
        ),
        (
            r"- {id: a, decision: {question: b, options: [{id: 'A 1'}, {id: B}]}}",
            "3:50 plan::bad-id: `A 1` cannot be the id of an option",
        ),
        (
            r"- {id: a, decision: {question: b, on_silence: recommend}}",
            "3:47 plan::bad-decision: silence takes the recommendation, but there is none",
        ),
        (r"- {id: a, decision: {question: ' '}}", "3:32 plan::bad-decision: the question is empty"),
        (r"- {id: a, decision: {question: b, timeout: 0s}}", "3:44 plan::bad-length: `timeout` cannot be zero"),
        (r"- {id: a, decision: {question: b, timeout: 5}}", "3:44 plan::bad-length: `5` has no unit"),
        (
            r"- {id: a, decision: {question: b, kind: databse}}",
            "3:41 plan::bad-choice: `databse` is not one of `general`, `database`, `security`, `cost`, `api-design` or `irreversible`",
        ),
        (
            r"- {id: a, decision: {question: b, option: [x, y]}}",
            "3:35 plan::unknown-key: `option` is not a key of a decision",
        ),
        (r"- {id: a, run: x, decision: {question: b}}", "3:11 plan::two-works: a task has either `decision` or `run`"),
        (
            r"- {id: a, decision: {question: b}, on_failure: ask}",
            "3:48 plan::bad-choice: a decision can only `fail`, or `continue` all the same",
        ),
        (
            r"- {id: a, decision: {question: b}, gates: x}",
            "3:36 warning plan::no-effect: `gates` means nothing for a task that a person does",
        ),
        (
            r"- {id: a, decision: {question: b, timeout: none, on_silence: fail}}",
            "3:35 warning plan::no-effect: with `timeout: none` silence never counts, so `on_silence: fail` has no effect",
        ),
        (
            r"- {id: a, decision: {question: b, irreversible: true, recommend: approve, on_silence: recommend}}",
            "3:87 warning plan::no-effect: only a person chooses here, so silence never takes the recommendation: it waits",
        ),
        (
            r"- {id: a, decision: {question: 'Is {{ needs.x.outputs.y }}?'}}",
            "3:39 plan::unknown-name: `x` is not among what this task needs",
        ),
    ];
    for (tasks, expected) in cases {
        check_tasks(tasks, expected);
    }
}

#[test]
fn mistakes_of_a_question_that_a_message_answers_are_named() {
    let cases = [
        (
            r"- {id: a, decision: {question: b, hook: {name: ci}, options: [x, y]}}",
            "3:53 plan::bad-decision: a message from outside says `passed` or `failed`, and nothing else",
        ),
        (
            r"- {id: a, decision: {question: b, hook: {name: ci}, on_silence: fail}}",
            "3:65 warning plan::no-effect: without a `timeout` nobody is ever late, so `on_silence: fail` has no effect",
        ),
        (
            r"- {id: a, decision: {question: b, hook: {name: ci}, weight: urgent}}",
            "3:53 warning plan::no-effect: `weight` means nothing where a message from outside answers",
        ),
        (
            r"- {id: a, decision: {question: b, hook: {name: ci, about: '{{ needs.x.outputs.y }}'}}}",
            "3:63 plan::unknown-name: `x` is not among what this task needs",
        ),
    ];
    for (tasks, expected) in cases {
        check_tasks(tasks, expected);
    }
}

fn plan(text: &str) -> Plan {
    let checked = checked(text, &CheckOptions::default(), &[]);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    checked.plan.unwrap()
}

fn question<'p>(plan: &'p Plan, path: &str) -> &'p Question {
    plan.task(plan.find(path).unwrap()).question().unwrap()
}

fn needs<'p>(plan: &'p Plan, path: &str) -> Vec<&'p str> {
    plan.task(plan.find(path).unwrap()).needs.iter().map(|need| plan.task(*need).path.as_str()).collect()
}

const TRANSPORT: &str = "
mission: m
tasks:
  - id: transport
    decision:
      question: Which transport carries alerts?
      kind: api-design
      weight: critical
      details: Three thousand clients.
      options:
        - { id: A, name: WebSocket, effort: 3 days, details: keeps a connection open }
        - { id: B, name: Server-sent events, effort: 1 day, risk: 2 }
      recommend: b
      timeout: 30s
  - { id: ws, run: x, needs: [transport], when: \"needs.transport.outputs.choice == 'A'\" }
  - { id: tell, run: x, needs: [transport], env: { WHY: '{{ needs.transport.outputs.because }}' } }
";

#[test]
fn a_decision_is_a_task_that_holds_nothing_and_hands_its_choice_on() {
    let plan = plan(TRANSPORT);
    let found = question(&plan, "transport");
    assert_eq!((found.kind, found.weight), (QuestionKind::ApiDesign, Weight::Critical));
    assert_eq!((found.recommend.as_deref(), found.on_silence), (Some("B"), OnSilence::Recommend));
    assert_eq!(found.timeout, Some(Patience::For(Millis(30_000))));
    let columns: Vec<_> =
        found.options.iter().map(|option| option.columns.clone().into_iter().collect::<Vec<_>>()).collect();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(columns, [vec![pair("effort", "3 days")], vec![pair("effort", "1 day"), pair("risk", "2")]]);
    let task = plan.task(plan.find("transport").unwrap());
    assert!(task.uses.is_empty() && task.outputs.contains_key("choice"));
    assert_eq!(plan.task(plan.find("ws").unwrap()).need_names.get("transport"), Some(&TaskId(0)));
}

#[test]
fn options_may_be_texts_and_without_them_it_is_an_approval() {
    let plan = plan(
        "mission: m\ntasks:\n- {id: a, decision: {question: b, options: [one, two]}}\n- {id: c, decision: {question: d, kind: irreversible}}",
    );
    let ids = |path| question(&plan, path).options.iter().map(|one| (one.id.as_str(), one.fails)).collect::<Vec<_>>();
    assert_eq!(ids("a"), [("A", false), ("B", false)]);
    assert_eq!(ids("c"), [("approve", false), ("reject", true)]);
    assert_eq!(question(&plan, "a").on_silence, OnSilence::Park, "nothing is recommended");
    assert!(question(&plan, "c").irreversible);
}

#[test]
fn check_ins_stand_before_or_after_all_of_a_phase() {
    let plan = plan(
        "mission: m\nphases:\n- {id: p, check_in: true, tasks: [{id: a, run: x}, {id: b, run: x}]}\n- {id: q, needs: [p], check_in: {at: [before, after], question: Live?, auto_proceed: false}, tasks: [{id: c, run: x}]}",
    );
    assert_eq!(needs(&plan, "p.check-in"), ["p.a", "p.b"]);
    assert_eq!(needs(&plan, "q.check-in-before"), ["p"]);
    assert_eq!(needs(&plan, "q.c"), ["p", "q.check-in-before"]);
    assert_eq!(needs(&plan, "q.check-in"), ["q.c"]);
    let end = plan.task(plan.groups[0].end);
    assert!(end.needs.contains(&plan.find("p.check-in").unwrap()), "whoever needs the phase waits for its check-in");
    assert!(plan.groups.iter().all(|group| group.check_in));
    let asked = question(&plan, "p.check-in");
    assert_eq!((asked.text.as_str(), asked.weight), ("p is done. Go on?", Weight::Confirmation));
    assert_eq!(asked.recommend.as_deref(), Some("continue"));
    assert!(question(&plan, "q.check-in").people_only && question(&plan, "q.check-in").text == "Live?");
    let before = plan.task(plan.find("q.check-in-before").unwrap());
    assert!(matches!(before.work, Work::Decision { check_in: Some(CheckIn::Before), .. }));
}

#[test]
fn a_check_in_of_another_level_is_left_out_and_false_means_none() {
    let plan = plan(
        "mission: m\nphases:\n- {id: p, levels: 5, check_in: after, tasks: [{id: a, run: x}]}\n- {id: q, check_in: false, tasks: [{id: b, run: x}]}",
    );
    assert_eq!(plan.task(plan.find("p.check-in").unwrap()).work, Work::Left);
    assert!(plan.find("q.check-in").is_none() && !plan.groups[1].check_in);
}

#[test]
fn a_task_of_the_name_of_a_check_in_is_in_its_way() {
    let text = "mission: m\nphases:\n- {id: p, check_in: true, tasks: [{id: check-in, run: x}]}";
    let found = checked(text, &CheckOptions::default(), &[]);
    assert!(found.plan.is_none() && found.diagnostics.iter().any(|one| one.code == "plan::duplicate-id"));
    check(
        "mission: m\nphases:\n- {id: p, check_in: later, tasks: [{id: a, run: x}]}",
        "3:21 plan::bad-choice: `later` is not one of `before` or `after`",
    );
}

#[test]
fn a_question_that_a_message_answers_has_two_outcomes_and_fails_when_none_comes_in_time() {
    let of = |more: &str| {
        let plan =
            plan(&format!("mission: m\ntasks:\n- {{id: a, decision: {{question: b, hook: {{name: ci}}{more}}}}}\n"));
        question(&plan, "a").clone()
    };
    let timed = of(", timeout: 2h");
    let ids: Vec<(&str, bool)> = timed.options.iter().map(|option| (option.id.as_str(), option.fails)).collect();
    assert_eq!(ids, [("passed", false), ("failed", true)]);
    assert_eq!(timed.hook.as_ref().map(|hook| (hook.name.as_str(), &hook.about)), Some(("ci", &None)));
    assert_eq!((timed.on_silence, of("").on_silence), (OnSilence::Fail, OnSilence::Park));
    assert_eq!(of(", timeout: 2h, on_silence: escalate").on_silence, OnSilence::Escalate);
}
