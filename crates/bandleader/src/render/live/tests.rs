//! Frames as text: a small run, stopped at the moments that people look at.

use std::fmt::Write as _;
use std::sync::Arc;

use bandleader_core::{
    AttemptId, CheckOptions, Exit, Input, Millis, Report, Run, TaskId, Timestamp, check, create, decide,
};

use super::{Activities, Presence, Scene, Size, frame, lengths};

const SHOP: &str = "
mission: Low-stock alerts
limits: { parallel: 2 }
phases:
  - id: planning
    tasks:
      - { id: spec, run: 'true', expected_time: 30m }
  - id: build
    needs: [planning]
    tasks:
      - { id: api, run: 'true', expected_time: 1h, on_failure: ask }
      - { id: docs, run: 'true', expected_time: 10m, retry: { limit: 1, backoff: 5m } }
      - { id: wire, run: 'true', expected_time: 20m, needs: [api] }
";

/// A run whose time passes when it is told to.
struct Stage {
    run: Run,
    now: Timestamp,
    activities: Activities,
}

impl Stage {
    fn new(text: &str) -> Stage {
        let checked = check("plan", text, &CheckOptions::default(), &mut |path| Err(path.to_owned()));
        let mut run = Run::new(Arc::new(checked.plan.unwrap()));
        let now = Timestamp(1_763_640_000_000);
        run.apply(&create("", "", 0).record(0, now)).unwrap();
        let mut stage = Stage { run, now, activities: Activities::default() };
        stage.feed(Input::Boot { epoch: 1, pid: 1 });
        stage
    }

    fn feed(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            for event in decide(&self.run, input, self.now).unwrap_or_default() {
                let recorded = event.record(self.run.last_seq(), self.now);
                self.run.apply(&recorded).unwrap();
                next = Some(Input::Tick);
            }
        }
    }

    fn pass(&mut self, minutes: u64) {
        self.now = self.now.plus(Millis::MINUTE.times(minutes));
        self.feed(Input::Tick);
    }

    fn end(&mut self, path: &str, code: i32) {
        let task: TaskId = self.run.plan().find(path).unwrap();
        let attempt = AttemptId { task, number: self.run.task(task).attempts };
        let report = Report { exit: Exit::Code { code }, ..Report::default() };
        self.feed(Input::WorkEnded { attempt, report });
    }

    /// The frame without colours, and without the time of day, which depends on where the reader is.
    fn frame(&self, rows: usize) -> String {
        self.frame_of(Size { columns: 80, rows })
    }

    fn frame_of(&self, size: Size) -> String {
        let lengths = lengths(&self.run);
        let scene = Scene {
            id: "k3v9",
            run: &self.run,
            lengths: &lengths,
            now: self.now,
            hint: "hint",
            activities: &self.activities,
            engine: Presence::Here,
        };
        let lines = frame(&scene, size);
        let plain = lines.iter().map(|line| anstream::adapter::strip_str(line).to_string());
        let plain: Vec<String> = plain.collect();
        assert!(plain.iter().all(|line| line.chars().count() < size.columns), "{plain:#?}");
        assert!(plain.len() < size.rows, "{plain:#?}");
        let without_time = |line: &String| line.split(" · ends ").next().unwrap().trim_end().to_owned();
        plain.iter().map(without_time).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn the_first_look_says_what_runs_and_what_comes() {
    let mut stage = Stage::new(SHOP);
    stage.pass(12);
    let expected = "\
\x20Low-stock alerts   k3v9 · level 3 · 12:00
 planning ░░░░░░░░░░░░ 0/1   build ░░░░░░░░░░░░ 0/3

 ● spec  ████░░░░░░  40 %    12:00  left ~18 m

 critical path spec → api → wire
 next          api, docs
 done 0   running 1   waiting 3   failed 0                                 hint";
    assert_eq!(stage.frame(24), expected);
}

#[test]
fn what_needs_a_person_stands_above_what_runs() {
    let mut stage = Stage::new(SHOP);
    stage.pass(30);
    stage.end("planning.spec", 0);
    stage.pass(15);
    stage.end("build.docs", 2);
    stage.end("build.api", 1);
    stage.pass(2);
    let expected = "\
\x20Low-stock alerts   k3v9 · level 3 · 47:00
 planning ████████████ 1/1   build ░░░░░░░░░░░░ 0/3

 ? 1  build.api failed. How shall it go on? · waits for an answer
     retry   try it again
     accept  take its work as done
     skip    leave it failed; what needs it is skipped
     stop    stop the run
   build.api: band decide 1 retry · band decide shows the options
 ! api  blocked 2 m: exit code 1
   band retry build.api · band accept build.api --because … · band cancel
 ↻ docs  try 2 in 4 m: exit code 2

 critical path api → wire
 done 1   running 0   waiting 2   blocked 1   failed 0                     hint";
    assert_eq!(stage.frame(24), expected);
    // In a low window the options are a command away.
    assert!(!stage.frame(16).contains("take its work as done"), "{}", stage.frame(16));
}

#[test]
fn a_question_has_its_options_and_what_is_recommended_and_no_level_is_told_as_skipping() {
    let mut stage = Stage::new(
        "
mission: Transport
level: 1
mode: interactive
tasks:
  - id: transport
    decision:
      question: Which transport?
      options: [{ id: A, name: WebSocket }, { id: B, name: Server-sent events }]
      recommend: B
  - { id: load, run: 'true', levels: 3..5 }
",
    );
    stage.pass(0);
    let frame = stage.frame(24);
    let options = "     A  WebSocket\n     B  Server-sent events (recommended)\n   transport: band decide 1 B";
    assert!(frame.contains(options), "{frame}");
    assert!(frame.contains("done 0   running 0   waiting 0   asking you 1   failed 0"), "{frame}");
}

#[test]
fn a_task_past_its_estimate_says_by_how_much() {
    let mut stage = Stage::new(SHOP);
    stage.pass(45);
    let frame = stage.frame(24);
    assert!(frame.contains("● spec  ██████████  over    45:00  by 15 m"), "{frame}");
}

#[test]
fn many_tasks_and_phases_fit_a_small_screen() {
    let mut text = String::from("mission: Many\nlimits: { parallel: 100 }\nphases:\n");
    for phase in 0..30 {
        let _ = write!(text, "  - id: phase-{phase}\n    tasks:\n");
        for task in 0..10 {
            let _ = writeln!(text, "      - {{ id: task-{task}, run: 'true' }}");
        }
    }
    let mut stage = Stage::new(&text);
    stage.pass(1);
    let frame = stage.frame(12);
    assert!(frame.contains("more active"), "{frame}");
    assert!(frame.contains("more running"), "{frame}");
    assert!(frame.contains("done 0   running 100   waiting 200   failed 0"), "{frame}");
}

#[test]
fn a_narrow_window_keeps_what_matters() {
    let mut stage = Stage::new(SHOP);
    stage.pass(12);
    let expected = "\
\x20Low-stock alerts   12:00
 planning ░░░░ 0/1   build ░░░░ 0/3
 ● spec   40 %    12:00  left ~18 m
 running 1   waiting 3             hint";
    assert_eq!(stage.frame_of(Size { columns: 40, rows: 10 }), expected);
    for columns in 2..80 {
        stage.frame_of(Size { columns, rows: 8 });
    }
}

#[test]
fn the_last_instant_of_an_estimate_is_not_over_it() {
    let mut stage = Stage::new(SHOP);
    stage.now = stage.now.plus(Millis(30 * 60_000 + 1));
    let frame = stage.frame(24);
    assert!(frame.contains("over    30:00  by 1 s"), "{frame}");
}
