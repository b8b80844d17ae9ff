//! Updates as text: after a quarter of an hour, at the end of a phase, and when nothing happened.

use std::sync::Arc;

use bandleader_core::view::update::{Lately, Rhythm};
use bandleader_core::{
    AttemptId, CheckOptions, Event, Exit, Heard, Input, Millis, Report, Run, Timestamp, check, create, decide,
};

use super::{headline, lines};

const PLAN: &str = "
mission: AI Social Media Scheduler
limits: { parallel: 2 }
agents:
  business-analyst: { driver: command, command: [x] }
  competitive-intelligence-expert: { driver: command, command: [x] }
phases:
  - id: research
    title: Research & Analysis
    tasks:
      - { id: market, agent: business-analyst, task: Market analysis and competitor research, expected_time: 20m }
      - { id: features, agent: competitive-intelligence-expert, task: Feature comparison matrix, needs: [market], expected_time: 20m, optional: true }
  - id: build
    needs: [research]
    tasks:
      - { id: api, run: 'true' }
      - { id: web, run: 'true' }
";

const EVERY: Rhythm = Rhythm::Every(Millis(15 * 60_000));

/// A run with time that passes when it is told to, and somebody who takes notes.
struct Stage {
    run: Run,
    now: Timestamp,
    lately: Lately,
}

impl Stage {
    fn new() -> Stage {
        let checked = check("plan", PLAN, &CheckOptions::default(), &mut |path| Err(path.to_owned()));
        let now = Timestamp(1_763_640_000_000);
        let run = Run::new(Arc::new(checked.plan.unwrap()));
        let mut stage = Stage { run, now, lately: Lately::new(now) };
        stage.take(create("", "", 0));
        stage.feed(Input::Boot { epoch: 1, pid: 1 });
        stage
    }

    fn take(&mut self, event: Event) {
        let recorded = event.record(self.run.last_seq(), self.now);
        self.run.apply(&recorded).unwrap();
        self.lately.note(&self.run, &recorded);
    }

    fn feed(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            for event in decide(&self.run, input, self.now).unwrap_or_default() {
                self.take(event);
                next = Some(Input::Tick);
            }
        }
    }

    fn pass(&mut self, minutes: u64) {
        self.now = self.now.plus(Millis::MINUTE.times(minutes));
        self.feed(Input::Tick);
    }

    fn attempt(&self, path: &str) -> AttemptId {
        let task = self.run.plan().find(path).unwrap();
        AttemptId { task, number: self.run.task(task).attempts }
    }

    fn end(&mut self, path: &str, code: i32) {
        let report = Report { exit: Exit::Code { code }, ..Report::default() };
        self.feed(Input::WorkEnded { attempt: self.attempt(path), report });
    }

    fn finds(&mut self, path: &str, text: &str) {
        let event = Event::AgentHeard { attempt: self.attempt(path), heard: Heard::Insight { text: text.into() } };
        self.take(event);
    }

    /// What people are told now.
    fn told(&mut self, columns: usize) -> String {
        if !self.lately.is_due(&self.run, EVERY, self.now) {
            return String::new();
        }
        let update = self.lately.take(&self.run, self.now);
        let text = [vec![headline(&update.progress)], lines(&update, columns)].concat().join("\n");
        anstream::adapter::strip_str(&text).to_string()
    }
}

#[test]
fn an_update_tells_what_was_done_and_found_how_far_it_is_and_what_starts() {
    let mut stage = Stage::new();
    stage.finds("research.market", "Existing tools lack suggestions by a model");
    stage.pass(14);
    assert_eq!(stage.told(80), "", "not yet");
    stage.finds(
        "research.market",
        "Small shops spend ten hours a week on it; \u{1b}[2Jthey would pay 49 to 99 USD a month for help",
    );
    stage.end("research.market", 0);
    stage.pass(1);
    let expected = "\
1 of 4 tasks completed, 15 m so far
  ✓ business-analyst (research.market): Market analysis and competitor research
      metrics: time 14m
Key findings
   1. Existing tools lack suggestions by a model
   2. Small shops spend ten hours a week on it; \\e[2Jthey would pay 49 to 99 USD
      a month for help
Progress
  Research & Analysis  [██████████░░░░░░░░░░]   50 %  1/2 tasks
  1 phase to come
  Overall              [█████░░░░░░░░░░░░░░░]   25 %  1/4 tasks, 0/2 phases
Now starting
  · competitive-intelligence-expert (research.features): Feature comparison
    matrix, about 20 m";
    assert_eq!(stage.told(80), expected);
    stage.pass(60);
    assert_eq!(stage.told(80), "", "nothing happened");
}

#[test]
fn the_end_of_a_phase_is_told_before_its_time_and_failures_are_seen() {
    let mut stage = Stage::new();
    stage.end("research.market", 0);
    stage.end("research.features", 1);
    assert_eq!(stage.told(80), "", "within a minute of the beginning");
    stage.pass(1);
    let said = stage.told(80);
    for words in [
        "1 of 4 tasks completed, 1 over otherwise, 1 m so far",
        "  ✗ competitive-intelligence-expert (research.features): ",
        "  Research & Analysis  [██████████▒▒▒▒▒▒▒▒▒▒]  100 %  1/2 tasks, 1 failed",
    ] {
        assert!(said.contains(words), "`{words}` is missing in\n{said}");
    }
}

#[test]
fn who_wants_no_updates_gets_none_and_who_wants_all_gets_each() {
    let mut stage = Stage::new();
    stage.end("research.market", 0);
    assert!(!stage.lately.is_due(&stage.run, Rhythm::Off, stage.now.plus(Millis::HOUR)));
    assert!(stage.lately.is_due(&stage.run, Rhythm::Every(Millis(0)), stage.now));
}
