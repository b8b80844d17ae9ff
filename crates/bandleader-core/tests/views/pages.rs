//! Whole pages, as they were read and found good.

use std::sync::Arc;

use bandleader_core::plan::{Deliverable, Gate, Plan, Retry};
use bandleader_core::report::RunReport;
use bandleader_core::view::spans::spans;
use bandleader_core::view::{History, Timeline, plan_file};
use bandleader_core::{Command, Delivered, JobId, Millis, Recorded, Run, RunId, Step, Timestamp};
use serde_json::json;

use crate::story::{Ending, badly, plan, play, well};

/// Three phases; `api` is refused by its gate once, `docs` fails for good, `notes` is skipped for it.
fn shop() -> Arc<Plan> {
    let mut plan = plan(
        "Low-stock alerts for the shop",
        &[
            ("Planning", &[("spec", 30, &[]), ("threats", 20, &["spec"])]),
            ("Build", &[("api", 60, &["phase-0"]), ("page", 45, &["phase-0"]), ("docs", 15, &["phase-0"])]),
            ("Release", &[("notes", 5, &["docs"]), ("ship", 10, &["api", "page"])]),
        ],
    );
    let api = plan.find("api").unwrap().index();
    plan.tasks[api].retry = Retry { limit: 2, backoff: Millis(30_000), ..Retry::default() }.into();
    plan.tasks[api].gates =
        vec![Gate { name: "tests pass".into(), run: "cargo test".into(), timeout: None, number: None }].into();
    let spec = plan.find("spec").unwrap().index();
    plan.tasks[spec].deliverables =
        vec![Deliverable::Path("docs/spec.md".into()), Deliverable::Described("A shared understanding".into())].into();
    let notes = plan.find("notes").unwrap().index();
    plan.tasks[notes].optional = true;
    Arc::new(plan)
}

fn shop_ending(plan: &Plan, job: JobId) -> Ending {
    let path = plan.task(job.attempt.task).path.as_str();
    match (path, job.step, job.attempt.number) {
        ("api", Step::Gate(_), 1) => badly(60, 1),
        ("api", Step::Gate(_), _) => well(90),
        ("spec", ..) => {
            let mut ending = well(28 * 60);
            ending.outputs.insert("insight".into(), json!("Shops count by shelf, not by item"));
            ending.delivered = vec![Delivered { path: "docs/spec.md".into(), files: 1, bytes: 4_321 }];
            ending
        }
        ("docs", ..) => badly(300, 2),
        ("page", ..) => well(100 * 60),
        ("api", Step::Work, 2) => well(15 * 60),
        _ => well(18 * 60),
    }
}

fn shop_log(plan: &Arc<Plan>) -> Vec<Recorded> {
    let people = vec![(50 * 60, Command::Pause), (52 * 60, Command::Resume)];
    play(plan, |job| shop_ending(plan, job), people)
}

fn check(expected: &str, found: &str, name: &str) {
    if found != expected {
        let first = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        panic!("{name} differs, first at {first:?}\n---- whole page:\n{found}");
    }
}

#[test]
fn a_timeline_tells_the_story_in_known_words() {
    let plan = shop();
    let mut timeline = Timeline::new(plan.clone());
    let lines: Vec<String> =
        shop_log(&plan).iter().flat_map(|recorded| timeline.lines(recorded)).map(|line| line.to_string()).collect();
    check(include_str!("expected/timeline.jsonl"), &(lines.join("\n") + "\n"), "timeline.jsonl");
}

fn page_until(plan: &Arc<Plan>, log: &[Recorded], now: Option<Timestamp>) -> String {
    let run = Run::replay(plan.clone(), log).unwrap();
    plan_file(&run, &History::replay(plan.clone(), log), now.unwrap_or(run.last_at()))
}

#[test]
fn a_plan_file_in_the_middle_shows_what_goes_on() {
    let plan = shop();
    let log = shop_log(&plan);
    let now = Timestamp(log[0].at.0 + 75 * 60_000);
    let so_far: Vec<Recorded> = log.into_iter().filter(|recorded| recorded.at <= now).collect();
    check(include_str!("expected/plan_middle.md"), &page_until(&plan, &so_far, Some(now)), "plan_middle.md");
}

#[test]
fn a_plan_file_at_the_end_shows_what_became_of_it() {
    let plan = shop();
    let page = page_until(&plan, &shop_log(&plan), None);
    check(include_str!("expected/plan_end.md"), &page, "plan_end.md");
}

#[test]
fn what_is_over_has_a_span_within_that_of_its_task_its_phase_and_the_run() {
    let plan = shop();
    let log = shop_log(&plan);
    let id = RunId::parse("k3v9").unwrap();
    let all = spans(&id, &History::replay(plan.clone(), &log));
    let lines: Vec<String> = all.iter().map(|span| serde_json::to_string(span).unwrap()).collect();
    check(include_str!("expected/spans.jsonl"), &(lines.join("\n") + "\n"), "spans.jsonl");
    // At every moment: parents are there or to come, and begin before their parts and end after them.
    for until in 0..=log.len() {
        for span in spans(&id, &History::replay(plan.clone(), &log[..until])) {
            let Some(parent) = &span.parent else { continue };
            let parent = all.iter().find(|one| one.key == *parent).unwrap();
            assert!(parent.start <= span.start && span.end <= parent.end, "{} in {}", span.key, parent.key);
        }
    }
}

#[test]
fn a_report_has_every_figure_and_its_advice() {
    let plan = shop();
    let log = shop_log(&plan);
    let run = Run::replay(plan.clone(), &log).unwrap();
    let report = RunReport::of(&run, &History::replay(plan, &log));
    assert_eq!(report.date(), "2024-01-20");
    check(include_str!("expected/report.md"), &report.to_markdown(), "report.md");
    let json = serde_json::to_string_pretty(&report).unwrap() + "\n";
    check(include_str!("expected/report.json"), &json, "report.json");
}

#[test]
fn a_report_of_a_run_that_goes_on_does_not_say_that_it_has_ended() {
    let plan = shop();
    let log = shop_log(&plan);
    for (events, words) in [(log.len(), "- Ended: "), (log.len() / 2, "- As of: ")] {
        let log = &log[..events];
        let run = Run::replay(plan.clone(), log).unwrap();
        let page = RunReport::of(&run, &History::replay(plan.clone(), log)).to_markdown();
        assert_eq!(page.lines().filter(|line| line.starts_with(words)).count(), 1, "{page}");
    }
}
