//! A run on a small stage: steps in words (`inputs`), events in words (`words`).

mod inputs;
mod words;

use std::fmt::Write as _;
use std::sync::Arc;

pub(super) use inputs::change;

use crate::plan::Plan;
use crate::{Event, Input, Millis, Run, Timestamp, create, decide};

/// Plays `script` (steps divided by `;`) and compares the events, one line a step that had any. Steps: `go` (tick until
/// nothing follows, done after every step), `a 0` (task a's work ends with code 0), `a gate 1`, `a gate 0 =87.5`, `a signal 9`,
/// `a lost`, `a missing`, `a missing Write` (a tool that was refused), `a undone 0`, `a silent 50`, `+100` (milliseconds pass), `boot`, `pause`, `resume`, `cancel`,
/// `down 100` (the same, and no engine runs), `kill`, `cancel a`, `retry`, `retry a`, `accept a`, `limit 900`; of agents `a limited 500` (until then) and `a limited`, `a overloaded`,
/// `a spends 100 7` (tokens and money so far), `a done 100 7`, `a asks B` (recommends B), `a told 1`, `a session x`; `tell a words`, `answer 1 A`,
/// `a broke 100 7` (its own program saw the end of its money), `raise cost 900`, `raise writer 900` (an agent's tokens), `open`, `adjust skip=a` (see `change`); of worktrees `a works t0` (from the commit t0), `a merged 0 m1 t0` (round, commit, onto), `a clashes 0 file`,
/// `a regate 0 0` (index, exit), `a landed 0`, `a moved 0`, `a lost merge0`, `resolve a`; of questions `hold 1 5000`, `release 1`, `correct 1 A`; of
/// the run's branch `into main`, `joined 0` (round), `unjoined 0`, `lost 0.0.into0`.
pub(super) fn check(plan: Plan, script: &str, expected: &str) {
    let mut scene = Scene::new(plan);
    for step in script.split(';').map(str::trim) {
        scene.step(step);
    }
    let found = scene.text.trim_end();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(found, expected.join("\n"), "\nfound:\n{found}\n");
}

/// The run after a script, and when that is.
pub(super) fn run_after(plan: Plan, script: &str) -> (Run, Timestamp) {
    let mut scene = Scene::new(plan);
    script.split(';').map(str::trim).for_each(|step| scene.step(step));
    (scene.run, scene.now)
}

struct Scene {
    run: Run,
    now: Timestamp,
    epoch: u32,
    text: String,
}

impl Scene {
    fn new(plan: Plan) -> Scene {
        let mut run = Run::new(Arc::new(plan));
        run.apply(&create("hash", "test", 1).record(0, Timestamp(1_000))).unwrap();
        Scene { run, now: Timestamp(1_000), epoch: 0, text: String::new() }
    }

    fn step(&mut self, step: &str) {
        let mut line = Vec::new();
        if let Some(input) = self.input(step) {
            match decide(&self.run, input, self.now) {
                Ok(events) => self.apply(events, &mut line),
                Err(rejected) => line.push(format!("REFUSED {rejected}")),
            }
        } else {
            let length = step.trim_start_matches(['+', 'd', 'o', 'w', 'n', ' ']);
            self.now = self.now.plus(Millis(length.parse().unwrap_or(0)));
            if step.starts_with("down") {
                return;
            }
        }
        loop {
            let events = decide(&self.run, Input::Tick, self.now).unwrap();
            if events.is_empty() {
                break;
            }
            self.apply(events, &mut line);
        }
        if !line.is_empty() {
            writeln!(self.text, "{step}: {}", line.join(", ")).unwrap();
        }
    }

    fn apply(&mut self, events: Vec<Event>, line: &mut Vec<String>) {
        for event in events {
            line.push(self.word(&event));
            self.run.apply(&event.record(self.run.last_seq(), self.now)).unwrap();
        }
    }
}
