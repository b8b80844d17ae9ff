//! The world around the core: processes, an engine that dies, a supervisor that dies, people.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::branch::Branch;
use super::invariants::{after, before, fingerprint};
use super::tally::Tally;
use super::{Rng, plans};
use crate::plan::Plan;
use crate::{
    AgentReport, By, Event, Exit, Input, IntoBranch, JobId, Millis, Recorded, Report, Run, Step, StopHow, StoredRun,
    TaskId, Timestamp, create, decide,
};

pub(super) struct World {
    pub(super) seed: u64,
    pub(super) rng: Rng,
    /// For what came later, so that histories without it stay what they are.
    pub(super) odds: Rng,
    /// For what came later still; none in the first histories.
    pub(super) latest: Option<Rng>,
    /// As it was frozen.
    plan: Arc<Plan>,
    pub(super) now: Timestamp,
    /// Each attempt at this task takes its supervisor down.
    doomed: Option<TaskId>,
    /// What is committed.
    log: Vec<Recorded>,
    /// Processes with the time of their end; they outlive the engine.
    pub(super) live: BTreeMap<JobId, Timestamp>,
    /// Outcomes on disk that no engine has committed yet.
    outcomes: BTreeMap<JobId, Exit>,
    pub(super) meddling: u32,
    pub(super) talks: u32,
    branch: Branch,
    tally: Tally,
}

/// Histories under this have nothing that came later, so that seeds that once found a fault there still play what they played.
const OF_FIRST_TIMES: u64 = 7_000;
/// The same, of what came later still.
pub(super) const OF_SECOND_TIMES: u64 = 10_000;

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
    let mut odds = Rng::new(seed ^ 0x0DD5);
    let mut latest = (seed >= OF_FIRST_TIMES).then(|| Rng::new(seed ^ 0xBAC4));
    let plan = plans::with_budgets(plans::some_plan(&mut rng), &mut odds);
    let plan = Arc::new(match &mut latest {
        Some(latest) if seed >= OF_SECOND_TIMES => {
            plans::with_milestones(plans::with_left_out(plan, latest), latest)
        }
        Some(latest) => plans::with_left_out(plan, latest),
        None => plan,
    });
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
        odds,
        latest,
        plan: plan.clone(),
        now,
        doomed: seed.is_multiple_of(16).then_some(TaskId(0)),
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
                let replayed = Run::replay(self.plan.clone(), &self.log).unwrap();
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
                self.tally.count(&event);
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
        let restored = StoredRun::read(&bytes).unwrap().restore(self.plan.clone()).unwrap();
        assert_eq!(format!("{restored:?}"), format!("{run:?}"), "seed {}: restored differs", self.seed);
        self.tally.snapshots += 1;
        *run = restored;
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
            let is_doomed = job.step == Step::Work && self.doomed == Some(job.attempt.task) && !stopped;
            let exit = match self.rng.below(8) {
                _ if is_doomed => Exit::Unseen,
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
        inputs.extend(outcomes.into_iter().map(|(job, exit)| self.seen(run, job, exit)));
        self.spend(run, inputs);
        self.meddle(run, inputs);
    }

    fn seen(&mut self, run: &Run, job: JobId, exit: Exit) -> Input {
        let attempt = job.attempt;
        match job.step {
            _ if exit == Exit::Unseen => Input::Lost { job },
            Step::Work => {
                let missing = if self.rng.once_in(20) { vec!["report.md".to_owned()] } else { Vec::new() };
                let mut agent = self.branch.work_left(attempt);
                if run.agent_of(attempt.task).is_some() {
                    let spending = self.spending(100);
                    agent = Some(AgentReport { spending, ..agent.unwrap_or_default() });
                }
                let agent = agent.map(Box::new);
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
}
