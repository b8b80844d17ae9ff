//! What holds for every run, however it goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bandleader_core::plan::{OnFailure, Plan, Retry, Work};
use bandleader_core::report::RunReport;
use bandleader_core::view::{History, Timeline, plan_file, remaining};
use bandleader_core::{Command, JobId, Millis, Recorded, Run, StopHow, Timestamp};
use serde_json::Value;

use crate::story::{Ending, START, TaskLine, badly, plan, play, well};

fn lines(plan: &Arc<Plan>, log: &[Recorded]) -> Vec<Value> {
    let mut timeline = Timeline::new(plan.clone());
    log.iter().flat_map(|recorded| timeline.lines(recorded)).collect()
}

fn report(plan: &Arc<Plan>, log: &[Recorded]) -> RunReport {
    let run = Run::replay(plan.clone(), log).unwrap();
    RunReport::of(&run, &History::replay(plan.clone(), log))
}

/// Ten phases of eight tasks that fail and succeed by a rule of thumb of their number.
fn wild(seed: u64) -> (Arc<Plan>, Vec<Recorded>) {
    let names: Vec<Vec<String>> =
        (0..10).map(|phase| (0..8).map(|task| format!("t{phase}-{task}")).collect()).collect();
    // Each phase needs the one before it.
    let ends: Vec<String> = (0..10).map(|phase| format!("phase-{phase}")).collect();
    let needs: Vec<Vec<&str>> = (0..10_usize)
        .map(|phase| phase.checked_sub(1).map(|before| ends[before].as_str()).into_iter().collect())
        .collect();
    let tasks: Vec<Vec<TaskLine<'_>>> = names
        .iter()
        .zip(&needs)
        .map(|(names, needs)| names.iter().map(|name| (name.as_str(), 1, needs.as_slice())).collect())
        .collect();
    let phases: Vec<(&str, &[TaskLine<'_>])> = tasks.iter().map(|tasks| ("A phase", tasks.as_slice())).collect();
    let mut plan = plan("Wild", &phases);
    for (number, task) in (0_u64..).zip(&mut plan.tasks).filter(|(_, task)| task.work != Work::Join) {
        task.retry = Retry { limit: 1, backoff: Millis(100), ..Retry::default() }.into();
        task.on_failure = if (number * 31 + seed).is_multiple_of(4) { OnFailure::Fail } else { OnFailure::Continue };
    }
    let plan = Arc::new(plan);
    let ending = move |job: JobId| -> Ending {
        let dice = u64::from(job.attempt.task.0) * 2_654_435_761 + u64::from(job.attempt.number) * 40_503 + seed * 97;
        if dice.is_multiple_of(7) { badly(dice % 50, 3) } else { well(dice % 90) }
    };
    let people = match seed % 4 {
        0 => vec![(100 + seed, Command::Cancel { how: StopHow::Politely }), (9_000, Command::Retry { tasks: vec![] })],
        1 => vec![(50, Command::Pause), (60 + seed, Command::Resume)],
        2 => vec![(20_000, Command::Retry { tasks: vec![] })],
        _ => vec![],
    };
    let log = play(&plan, ending, people);
    (plan, log)
}

#[test]
fn every_start_has_an_end_and_every_phase_ends_after_its_tasks() {
    for seed in 0..60 {
        let (plan, log) = wild(seed);
        let mut open: BTreeMap<String, u64> = BTreeMap::new();
        let mut last = 0;
        for line in lines(&plan, &log) {
            let seq = line["seq"].as_u64().unwrap();
            assert!(seq >= last, "seed {seed}: {line}");
            last = seq;
            let phase = || line["phase"].to_string();
            match line["event"].as_str().unwrap() {
                "agent_start" => *open.entry(phase()).or_default() += 1,
                "agent_failed" => *open.get_mut(&phase()).unwrap() -= 1,
                "agent_complete" if line["status"] == "success" => *open.get_mut(&phase()).unwrap() -= 1,
                "phase_complete" => assert_eq!(open.get(&phase()).copied().unwrap_or(0), 0, "seed {seed}: {line}"),
                _ => {}
            }
        }
        assert!(open.values().all(|count| *count == 0), "seed {seed}: {open:?}");
        assert_eq!(last, log.last().unwrap().seq, "the end has a line");
    }
}

#[test]
fn the_same_log_gives_the_same_pages_in_one_go_and_step_by_step() {
    for seed in 0..8 {
        let (plan, log) = wild(seed);
        let mut run = Run::new(plan.clone());
        let mut timeline = Timeline::new(plan.clone());
        for recorded in &log {
            run.apply(recorded).unwrap();
            timeline.lines(recorded);
        }
        let whole = History::replay(plan.clone(), &log);
        let now = run.last_at();
        assert_eq!(plan_file(&run, timeline.history(), now), plan_file(&run, &whole, now), "seed {seed}");
        assert_eq!(RunReport::of(&run, timeline.history()), report(&plan, &log), "seed {seed}");
    }
}

#[test]
fn the_figures_of_a_report_agree_with_one_another() {
    for seed in 0..60 {
        let (plan, log) = wild(seed);
        let report = report(&plan, &log);
        let parallel = &report.parallel;
        assert!(parallel.alone <= parallel.busy && parallel.busy <= parallel.work, "seed {seed}: {parallel:?}");
        assert!(parallel.busy <= report.wall, "seed {seed}");
        assert!(parallel.peak <= 2, "seed {seed}: two slots");
        let total: u64 = report.agents.iter().map(|row| row.total.0).sum();
        assert_eq!(total, parallel.work.0, "seed {seed}");
        let failed: u32 = report.agents.iter().map(|row| row.failed).sum();
        assert_eq!(failed as usize, report.failures.len(), "seed {seed}");
        let by_phase: u64 = report.phases.iter().filter(|row| row.number.is_some()).map(|row| row.work.0).sum();
        assert_eq!(by_phase, parallel.work.0, "seed {seed}");
        let steps = &report.critical_path;
        assert!(steps.windows(2).all(|pair| pair[0].ended <= pair[1].ended), "seed {seed}: {steps:?}");
    }
}

#[test]
fn hostile_words_reach_no_page_as_markup() {
    let nasty = "x\n# Owned\n| a | <img src=x onerror=alert(1)>\u{1b}]0;t\u{7}\u{202e} `</td>`";
    let mut plan = plan(nasty, &[(nasty, &[("a", 1, &[])])]);
    plan.tasks[0].work = Work::Agent { agent: nasty.into(), instruction: nasty.into() };
    let plan = Arc::new(plan);
    let ending = |_| Ending { missing: vec![nasty.to_owned()], ..well(60) };
    let log = play(&plan, ending, vec![]);
    let run = Run::replay(plan.clone(), &log).unwrap();
    let history = History::replay(plan.clone(), &log);
    let pages = [plan_file(&run, &history, run.last_at()), report(&plan, &log).to_markdown()];
    for page in pages {
        let control = page.chars().find(|char| (char.is_control() && *char != '\n') || *char == '\u{202e}');
        assert_eq!(control, None, "{page}");
        assert!(!page.contains("\n# Owned"), "{page}");
        let bare = without_code(&page).replace("\\<", "");
        assert!(!bare.contains('<'), "{page}");
        for row in page.lines().filter(|line| line.starts_with("| x")) {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 9, "{row}");
        }
    }
    for line in lines(&plan, &log) {
        assert!(!line.to_string().contains('\u{1b}'), "JSON escapes it");
    }
}

/// What is left when stretches between backtick runs of the same length, in which nothing is markup, are taken out.
fn without_code(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page.replace("\\`", "");
    while let Some(at) = rest.find('`') {
        let fence: String = rest[at..].chars().take_while(|char| *char == '`').collect();
        out.push_str(&rest[..at]);
        let inside = rest.split_off(at + fence.len());
        let end = inside
            .match_indices(&fence)
            .find(|(at, _)| !inside[..*at].ends_with('`') && !inside[at + fence.len()..].starts_with('`'));
        let (end, _) = end.unwrap_or_else(|| panic!("an open fence: {inside}"));
        rest = inside[end + fence.len()..].to_owned();
    }
    out + &rest
}

fn check_remaining(tasks: &[TaskLine<'_>], at: u64, expected: (u64, u64)) {
    let plan = Arc::new(plan("Some", &[("All", tasks)]));
    let log = play(&plan, |job| well(60 * u64::from(job.attempt.task.0 + 1)), vec![]);
    let now = Timestamp(START.0 + at * 60_000);
    let so_far: Vec<Recorded> = log.into_iter().filter(|recorded| recorded.at <= now).collect();
    let run = Run::replay(plan, &so_far).unwrap();
    let minutes = |length: Millis| length.0 / Millis::MINUTE.0;
    let remaining = remaining(&run, now);
    assert_eq!((minutes(remaining.least), minutes(remaining.most)), expected);
}

#[test]
fn what_remains_is_the_longest_path_or_the_work_shared_among_the_slots() {
    check_remaining(&[("a", 10, &[]), ("b", 4, &["a"])], 0, (14, 14));
    check_remaining(&[("a", 10, &[]), ("b", 10, &[]), ("c", 10, &[]), ("d", 10, &[])], 0, (20, 25));
    // `a` ends after 1 minute in truth, `b` after 2.
    check_remaining(&[("a", 10, &[]), ("b", 4, &["a"])], 2, (3, 3));
    check_remaining(&[("a", 1, &[]), ("b", 1, &["a"])], 60, (0, 0));
}

#[test]
fn a_plan_of_ten_thousand_tasks_is_shown_without_delay() {
    let names: Vec<String> = (0..10_000).map(|number| format!("t{number}")).collect();
    let tasks: Vec<TaskLine<'_>> = names.iter().map(|name| (name.as_str(), 1, [].as_slice())).collect();
    let plan = Arc::new(plan("Large", &[("All", &tasks)]));
    let log = [bandleader_core::create("", "Large", 1).record(0, START)];
    let run = Run::replay(plan.clone(), &log).unwrap();
    let page = plan_file(&run, &History::replay(plan, &log), run.last_at());
    assert!(page.contains("(0/10000 completed)"));
    assert_eq!(page.matches("- [ ]").count(), 10_000);
}
