//! Whatever happened to the files on the way, at the end they are what the log says.

use std::fs;

use bandleader_core::plan::{Limits, Resource, Task, Work};
use bandleader_core::{Exit, Input, JobId, Millis, Plan, Report, RunId, Timestamp, Usage, create, decide};

use super::*;
use crate::folder::Folder;

/// Twelve commands, two at a time; every fourth fails.
fn plan() -> Arc<Plan> {
    let script = || Work::Script { script: "make ü".into() };
    Arc::new(Plan {
        mission: "Twelve things".into(),
        level: 2,
        limits: Limits { parallel: 2, ..Limits::default() },
        resources: vec![Resource { name: "slots".into(), capacity: 2 }],
        tasks: (0..12).map(|number| Task::plain(&format!("t{number}"), script())).collect(),
        scopes: vec![std::collections::BTreeMap::new()],
        ..Plan::default()
    })
}

/// Its whole log, in the batches in which an engine commits it.
fn batches(plan: &Arc<Plan>) -> Vec<Arc<[Recorded]>> {
    let mut run = Run::new(plan.clone());
    let mut now = Timestamp(1_705_761_000_000);
    let mut batches = Vec::new();
    let mut inputs = vec![Input::Boot { epoch: 1, pid: 1 }];
    let mut batch = vec![create(&"ab".repeat(32), &plan.mission, 1).record(0, now)];
    run.apply(&batch[0]).unwrap();
    while !run.is_over() {
        inputs.push(Input::Tick);
        for input in inputs.drain(..) {
            for event in decide(&run, input, now).unwrap() {
                let recorded = event.record(run.last_seq(), now);
                run.apply(&recorded).unwrap();
                batch.push(recorded);
            }
        }
        if batch.is_empty() {
            now = now.plus(Millis(1_500));
            inputs.extend(run.jobs().keys().next().map(|job| ended(*job, now)));
        } else {
            batches.push(std::mem::take(&mut batch).into());
        }
    }
    batches
}

fn ended(job: JobId, now: Timestamp) -> Input {
    let code = i32::from(job.attempt.task.0.is_multiple_of(4));
    let usage = Usage { ended: now, ..Usage::default() };
    let report = Report { exit: Exit::Code { code }, usage, ..Report::default() };
    Input::WorkEnded { attempt: job.attempt, report }
}

struct Place {
    _project: tempfile::TempDir,
    folder: RunFolder,
}

fn place() -> Place {
    let project = tempfile::tempdir().unwrap();
    let folder = Folder::create(project.path()).unwrap().create_run(&RunId::parse("k3v9").unwrap()).unwrap();
    Place { _project: project, folder }
}

/// Lets a projector start with the first `known` batches in its log and feeds it the rest.
fn project(folder: &RunFolder, known: usize) -> Result<(), ProjectorError> {
    let plan = plan();
    let batches = batches(&plan);
    let log: Vec<Recorded> = batches.iter().take(known).flat_map(|batch| batch.iter().cloned()).collect();
    let projector = start(folder, plan, log);
    for batch in batches.iter().skip(known) {
        projector.feed(batch, mark(batch));
    }
    projector.finish()
}

/// A projector that is told `log` in pages of seven.
fn start(folder: &RunFolder, plan: Arc<Plan>, log: Vec<Recorded>) -> Projector {
    let run = Run::replay(plan, &log).unwrap();
    let start = Start {
        run,
        mark: None,
        story: Box::new(move |tell| log.chunks(7).try_for_each(tell)),
        snapshots: Snapshots::new(folder, &RunId::parse("k3v9").unwrap(), "ab", 0),
        on_damage: Box::new(|| ()),
    };
    Projector::start(folder, start, Clock::by_hand(Timestamp(1_705_761_000_000))).unwrap()
}

fn mark(batch: &[Recorded]) -> Mark {
    Mark { seq: batch.last().unwrap().seq, sum: [0; 16] }
}

fn check_equal_to_the_log(folder: &RunFolder) {
    let plan = plan();
    let log: Vec<Recorded> = batches(&plan).iter().flat_map(|batch| batch.iter().cloned()).collect();
    let files = rebuild(plan, &log).unwrap();
    assert_eq!(files.len(), 4);
    for (name, content) in files {
        assert_eq!(fs::read_to_string(folder.path().join(&name)).unwrap(), content, "{name}");
    }
    let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left = names.filter(|name| name.to_string_lossy().ends_with(".new")).count();
    assert_eq!(left, 0, "nothing is left beside them");
}

#[test]
fn the_live_files_are_those_that_the_log_gives() {
    let place = place();
    project(&place.folder, 0).unwrap();
    check_equal_to_the_log(&place.folder);
}

#[test]
fn a_torn_or_foreign_timeline_is_mended() {
    let whole = {
        let place = place();
        project(&place.folder, 0).unwrap();
        fs::read(place.folder.timeline()).unwrap()
    };
    let cuts = (0..whole.len()).step_by(211).map(|length| whole[..length].to_vec());
    let foreign = [b"somebody else's\n".to_vec(), [&whole[..400], b"\xff\xfe\n"].concat()];
    for before in cuts.chain(foreign) {
        let place = place();
        fs::write(place.folder.timeline(), &before).unwrap();
        project(&place.folder, 5).unwrap();
        check_equal_to_the_log(&place.folder);
    }
}

#[test]
fn lines_behind_the_story_go_even_if_nothing_else_happens() {
    let place = place();
    project(&place.folder, 0).unwrap();
    let mut whole = fs::read(place.folder.timeline()).unwrap();
    whole.extend_from_slice(b"{\"seq\":9999}\n");
    fs::write(place.folder.timeline(), whole).unwrap();
    project(&place.folder, usize::MAX).unwrap();
    check_equal_to_the_log(&place.folder);
}

#[test]
fn damage_in_the_story_is_told_at_once_and_again_at_the_end() {
    let place = place();
    let (told, heard) = mpsc::channel();
    let damage = StoreError::NoRuns;
    let start = Start {
        run: Run::new(plan()),
        mark: None,
        story: Box::new(|_| Err(damage.into())),
        snapshots: Snapshots::new(&place.folder, &RunId::parse("k3v9").unwrap(), "ab", 0),
        on_damage: Box::new(move || told.send(()).unwrap()),
    };
    let projector = Projector::start(&place.folder, start, Clock::by_hand(Timestamp(1))).unwrap();
    heard.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(matches!(projector.finish(), Err(ProjectorError::Log(StoreError::NoRuns))));
}

#[test]
fn a_run_that_ended_before_its_report_was_written_gets_it_when_it_is_looked_at_again() {
    let place = place();
    project(&place.folder, usize::MAX).unwrap();
    check_equal_to_the_log(&place.folder);
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_the_others_are_kept() {
    let place = place();
    fs::create_dir(place.folder.timeline()).unwrap();
    let error = project(&place.folder, 0).unwrap_err().to_string();
    assert!(error.contains("orchestration-timeline.jsonl`; the run itself is safe"), "{error}");
    assert!(fs::read_to_string(place.folder.plan_file()).unwrap().contains("- Completed: 9\n"));
}

#[test]
fn a_timeline_shows_what_was_fed_while_the_run_goes_on() {
    let place = place();
    let plan = plan();
    let batches = batches(&plan);
    let projector = start(&place.folder, plan, Vec::new());
    projector.feed(&batches[0], mark(&batches[0]));
    let last = batches[0].last().unwrap().seq;
    let seen =
        || fs::read_to_string(place.folder.timeline()).is_ok_and(|text| text.contains(&format!("\"seq\":{last}")));
    let deadline = Instant::now() + Duration::from_secs(20);
    while !seen() {
        assert!(Instant::now() < deadline, "nothing was written");
        thread::yield_now();
    }
    drop(projector);
}
