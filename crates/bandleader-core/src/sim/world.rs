//! The world around the core: processes, an engine that dies, a supervisor that dies, people.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::branch::Branch;
use super::invariants::{after, before, fingerprint};
use super::{Rng, plans};
use crate::{
    By, Command, Decider, Event, Exit, Input, IntoBranch, JobId, Millis, Recorded, Report, Run, RunState, Step,
    StopHow, StoredRun, Timestamp, create, decide,
};

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) crashes: u64,
    pub(super) losses: u64,
    pub(super) retries: u64,
    pub(super) undone: u64,
    pub(super) refused_gates: u64,
    pub(super) snapshots: u64,
    pub(super) landed: u64,
    pub(super) clashes: u64,
    pub(super) merged_again: u64,
    pub(super) merged_into: u64,
    pub(super) decided: u64,
    pub(super) silent: u64,
    pub(super) corrected: u64,
    pub(super) held: u64,
}

impl Tally {
    pub(super) fn plus(self, other: Tally) -> Tally {
        Tally {
            events: self.events + other.events,
            crashes: self.crashes + other.crashes,
            losses: self.losses + other.losses,
            retries: self.retries + other.retries,
            undone: self.undone + other.undone,
            refused_gates: self.refused_gates + other.refused_gates,
            snapshots: self.snapshots + other.snapshots,
            landed: self.landed + other.landed,
            clashes: self.clashes + other.clashes,
            merged_again: self.merged_again + other.merged_again,
            merged_into: self.merged_into + other.merged_into,
            decided: self.decided + other.decided,
            silent: self.silent + other.silent,
            corrected: self.corrected + other.corrected,
            held: self.held + other.held,
        }
    }
}

pub(super) struct World {
    seed: u64,
    rng: Rng,
    now: Timestamp,
    /// What is committed.
    log: Vec<Recorded>,
    /// Processes with the time of their end; they outlive the engine.
    live: BTreeMap<JobId, Timestamp>,
    /// Outcomes on disk that no engine has committed yet.
    outcomes: BTreeMap<JobId, Exit>,
    meddling: u32,
    talks: u32,
    branch: Branch,
    tally: Tally,
}

/// Why an engine's life ended.
enum Life {
    Crashed,
    Over,
}

pub(super) fn play(seed: u64) -> Tally {
    play_whole(seed).tally
}

pub(super) fn log_of(seed: u64) -> Vec<Recorded> {
    play_whole(seed).log
}

fn play_whole(seed: u64) -> World {
    let mut rng = Rng::new(seed);
    let plan = Arc::new(plans::some_plan(&mut rng));
    let now = Timestamp(1_000_000);
    let mut log = vec![create("plan", "simulated", seed).record(0, now)];
    if seed.is_multiple_of(3) {
        let wanted = Event::MergeWanted { branch: "main".into(), by: By::Person { name: "simulated".into() } };
        log.push(wanted.record(1, now));
    }
    let (live, outcomes) = (BTreeMap::new(), BTreeMap::new());
    let mut world = World {
        seed,
        rng,
        now,
        log,
        live,
        outcomes,
        meddling: 0,
        talks: 0,
        branch: Branch::default(),
        tally: Tally::default(),
    };
    for epoch in 1.. {
        assert!(epoch < 500, "seed {seed}: never ends");
        let run = Run::replay(plan.clone(), &world.log).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        match world.live_through(run, epoch) {
            Life::Crashed => {
                world.tally.crashes += 1;
                if world.rng.once_in(4) {
                    world.now = world.now.plus(Millis(world.rng.below(400_000)));
                }
            }
            Life::Over => break,
        }
    }
    world.tally.events = world.log.len() as u64;
    world
}

impl World {
    /// One engine's life: boots, adopts, and loops as the dispatcher does.
    fn live_through(&mut self, mut run: Run, epoch: u32) -> Life {
        let mut inputs = VecDeque::from([Input::Boot { epoch, pid: 1 }]);
        for _ in 0..5_000 {
            if self.turn(&mut run, &mut inputs).is_none() {
                return Life::Crashed;
            }
            if self.rng.once_in(60) && self.tally.crashes < 20 {
                return Life::Crashed; // After the commit, before any effect of it.
            }
            self.reconcile(&run);
            if run.is_over() && !self.reopen(&run, &mut inputs) {
                assert!(self.live.is_empty(), "seed {}: processes outlive the run", self.seed);
                let replayed = Run::replay(run.plan().clone(), &self.log).unwrap();
                assert_eq!(fingerprint(&replayed), fingerprint(&run), "seed {}: replay differs", self.seed);
                return Life::Over;
            }
            if inputs.is_empty() {
                self.wait(&run, &mut inputs);
            }
        }
        panic!("seed {}: one engine's life never ends: {:?}", self.seed, run.state());
    }

    /// Decides all inputs and ticks on staged state, then commits the batch. None if the engine dies before the commit.
    fn turn(&mut self, run: &mut Run, inputs: &mut VecDeque<Input>) -> Option<()> {
        let mut batch = Vec::new();
        let mut rounds = 0;
        let mut queue = std::mem::take(inputs);
        loop {
            let input = queue.pop_front();
            let is_tick = input.is_none();
            let input = input.unwrap_or(Input::Tick);
            if self.rng.once_in(100) && !is_tick {
                queue.push_back(input.clone()); // Delivered twice: the second must do no harm.
            }
            let events = decide(run, input, self.now).unwrap_or_default();
            if is_tick && events.is_empty() {
                break;
            }
            rounds += 1;
            assert!(rounds < 3_000, "seed {}: ticks without end", self.seed);
            for event in events {
                before(run, &event, self.seed);
                self.branch.agrees(run, &event, self.seed);
                self.count(&event);
                let recorded = event.record(run.last_seq(), self.now);
                run.apply(&recorded).unwrap_or_else(|error| panic!("seed {}: {error}", self.seed));
                batch.push(recorded);
            }
        }
        if self.rng.once_in(60) && self.tally.crashes < 20 {
            return None;
        }
        self.log.extend(batch);
        // Outcomes may go once their facts are committed.
        self.outcomes.retain(|job, _| run.jobs().contains_key(job));
        after(run, self.now, self.seed);
        self.go_through_bytes(run);
        Some(())
    }

    /// Now and then the history goes on with a run that was a snapshot in between: no part of it may be another then.
    fn go_through_bytes(&mut self, run: &mut Run) {
        // Not by `rng`, so that the histories stay what they are.
        if !(run.last_seq() + self.seed).is_multiple_of(13) {
            return;
        }
        let bytes = run.snapshot().unwrap();
        let restored = StoredRun::read(&bytes).unwrap().restore(run.plan().clone()).unwrap();
        assert_eq!(format!("{restored:?}"), format!("{run:?}"), "seed {}: restored differs", self.seed);
        self.tally.snapshots += 1;
        *run = restored;
    }

    fn count(&mut self, event: &Event) {
        match event {
            Event::RetryScheduled { .. } => self.tally.retries += 1,
            Event::AttemptFailed { class: crate::plan::FailureClass::Lost, .. } => self.tally.losses += 1,
            Event::AttemptFailed { class: crate::plan::FailureClass::Conflict, .. } => self.tally.clashes += 1,
            Event::WorkLanded { verdict: crate::Verdict::Passed, .. } => self.tally.landed += 1,
            Event::WorkLanded { .. } => self.tally.merged_again += 1,
            Event::DecisionTaken { by: Decider::Person { .. }, .. } => self.tally.decided += 1,
            Event::DecisionTaken { by: Decider::Timeout, .. } => self.tally.silent += 1,
            Event::DecisionCorrected { .. } => self.tally.corrected += 1,
            Event::DecisionHeld { .. } => self.tally.held += 1,
            Event::UndoEnded { .. } => self.tally.undone += 1,
            Event::RunMerged { .. } => self.tally.merged_into += 1,
            Event::GateEnded { verdict: crate::Verdict::Refused, .. } => self.tally.refused_gates += 1,
            _ => (),
        }
    }

    /// Makes the world as the state wants it.
    fn reconcile(&mut self, run: &Run) {
        for (id, job) in run.jobs() {
            let known = self.live.contains_key(id) || self.outcomes.contains_key(id);
            match job.stop {
                None if !known => {
                    let ends = self.now.plus(Millis(1 + self.rng.below(300)));
                    self.live.insert(*id, ends);
                }
                Some((_, how)) => {
                    let grace = if how == StopHow::AtOnce { 1 } else { 1 + self.rng.below(50) };
                    let ends = self.now.plus(Millis(grace));
                    match self.live.get_mut(id) {
                        Some(at) => *at = ends.min(*at),
                        None if !known => {
                            self.outcomes.insert(*id, Exit::Unseen);
                        }
                        None => (),
                    }
                }
                None => (),
            }
        }
    }

    /// Waits for the next thing to happen and turns it into inputs.
    fn wait(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let ends = self.live.values().copied().min();
        let waiting = self.outcomes.keys().any(|job| run.jobs().contains_key(job));
        let next = ends.into_iter().chain(run.wake_at()).min().unwrap_or(self.now);
        if !waiting {
            // People do not wait for the next thing to happen.
            let early = Millis(self.rng.below(next.since(self.now).0 + 1));
            let some = if self.rng.once_in(4) { self.now.plus(early) } else { next };
            self.now = self.now.max(some);
        }
        if self.rng.once_in(50) {
            self.now = Timestamp(self.now.0.saturating_sub(5)).max(run.last_at());
        }
        let ended: Vec<JobId> = self.live.iter().filter(|(_, at)| **at <= self.now).map(|(job, _)| *job).collect();
        for job in ended {
            self.live.remove(&job);
            let stopped = run.stopping(job).is_some();
            self.branch.ended(run, job, self.now, self.seed);
            let exit = match self.rng.below(8) {
                0 | 1 => Exit::Code { code: 1 },
                2 => Exit::Signal { signal: 15 },
                3 if self.rng.once_in(4) => Exit::Code { code: 127 },
                _ if stopped => Exit::Signal { signal: 15 },
                _ => Exit::Code { code: 0 },
            };
            self.outcomes.insert(job, exit);
        }
        if self.rng.once_in(150) {
            // The supervisor is killed: whatever it held is gone.
            let lost: Vec<JobId> = std::mem::take(&mut self.live).into_keys().collect();
            inputs.extend(lost.into_iter().map(|job| Input::Lost { job }));
        }
        let outcomes: Vec<(JobId, Exit)> = self.outcomes.iter().map(|(job, exit)| (*job, exit.clone())).collect();
        inputs.extend(outcomes.into_iter().map(|(job, exit)| self.seen(job, exit)));
        self.meddle(run, inputs);
    }

    fn seen(&mut self, job: JobId, exit: Exit) -> Input {
        let attempt = job.attempt;
        match job.step {
            _ if exit == Exit::Unseen => Input::Lost { job },
            Step::Work => {
                let missing = if self.rng.once_in(20) { vec!["report.md".to_owned()] } else { Vec::new() };
                let agent = self.branch.work_left(attempt).map(Box::new);
                Input::WorkEnded { attempt, report: Report { exit, missing, agent, ..Report::default() } }
            }
            Step::Gate(gate) => Input::GateEnded { attempt, gate, exit, usage: crate::Usage::default(), number: None },
            Step::Undo => Input::UndoEnded { attempt, exit },
            Step::MergedGate(index) => {
                let usage = crate::Usage::default();
                Input::MergedGateEnded { attempt, index, exit, usage, number: None }
            }
            Step::Merge(round) => Input::Merged { attempt, round, came: self.branch.merge(attempt, round, &exit) },
            Step::Into(round) => {
                let came = match exit {
                    Exit::Code { code: 0 } => {
                        let (commit, onto) = ("m1".to_owned(), "m0".to_owned());
                        IntoBranch::Merged { commit, onto, message: "fast-forward".into() }
                    }
                    _ => IntoBranch::Refused { message: "it is dirty".into() },
                };
                Input::MergedInto { round, came }
            }
            Step::Land(round) => match self.branch.land(job, &exit) {
                Some(came) => Input::Landed { attempt, round, came },
                None => Input::Lost { job },
            },
        }
    }

    /// People and silence.
    fn meddle(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let by = || By::Person { name: "simulated".into() };
        let ask = |command| Input::Asked { command, by: by() };
        let stuck = matches!(run.state(), RunState::Paused | RunState::Waiting)
            && self.live.is_empty()
            && run.wake_at().is_none();
        self.talk(run, inputs);
        if stuck && self.meddling > 8 {
            inputs.push_back(ask(Command::Cancel { how: StopHow::Politely }));
        } else if stuck || (self.meddling <= 8 && self.rng.once_in(25)) {
            self.meddling += 1;
            let some_task = format!("t{}", self.rng.below(run.plan().tasks.len() as u64));
            inputs.push_back(match self.rng.below(10) {
                0 => ask(Command::Pause),
                1 | 2 => ask(Command::Resume),
                3 if self.rng.once_in(4) => ask(Command::Cancel { how: StopHow::Politely }),
                4 => ask(Command::CancelTask { task: some_task }),
                5 => ask(Command::Retry { tasks: vec![some_task] }),
                8 => ask(Command::Resolve { task: some_task }),
                7 => ask(Command::Accept { task: some_task, because: "it will do".into() }),
                6 => ask(Command::RaiseTimeLimit { limit: Millis(5_000) }),
                _ => ask(Command::Retry { tasks: Vec::new() }),
            });
        }
        if let Some(job) = self.live.keys().next().copied().filter(|_| self.rng.once_in(20)) {
            let silent = Millis(50 + 50 * self.rng.below(2));
            inputs.push_back(Input::Silent { attempt: job.attempt, silent });
        }
    }

    /// People who answer, look, go away again, and change their minds.
    fn talk(&mut self, run: &Run, inputs: &mut VecDeque<Input>) {
        let known = run.decisions().len() as u64;
        if known == 0 || self.talks > 60 || !self.rng.once_in(3) {
            return;
        }
        self.talks += 1;
        let decision = u32::try_from(1 + self.rng.below(known)).unwrap();
        let options = &run.decisions()[&decision].question.options;
        let option = options[usize::try_from(self.rng.below(options.len() as u64)).unwrap()].id.clone();
        let because = String::new();
        let command = match self.rng.below(8) {
            0 | 1 => Command::Hold { decision, lease: Millis(self.rng.below(400_000)) },
            2 => Command::Release { decision },
            3 => Command::Correct { decision, option, because },
            _ => Command::Answer { decision, option, because },
        };
        inputs.push_back(Input::Asked { command, by: By::Person { name: "simulated".into() } });
    }

    /// Sometimes a person takes an ended run up again.
    fn reopen(&mut self, run: &Run, inputs: &mut VecDeque<Input>) -> bool {
        let may = self.meddling < 8 && run.state() != RunState::Succeeded && self.rng.once_in(3);
        if may {
            self.meddling += 1;
            let command = match run.state() {
                RunState::OverBudget => Command::RaiseTimeLimit { limit: Millis(60_000) },
                _ => Command::Retry { tasks: Vec::new() },
            };
            let by = By::Person { name: "simulated".into() };
            inputs.push_back(Input::Asked { command, by });
        }
        may
    }
}
