//! The world around the core: processes, an engine that dies, a supervisor that dies, people.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::branch::Branch;
use super::hooks::{Told, counts, must_count};
use super::invariants::{after, before, fingerprint};
use super::tally::Tally;
use super::{Rng, plans, whole};
use crate::plan::Plan;
use crate::policy::LONGEST_HOLD;
use crate::{
    By, Command, Event, Exit, Input, JobId, Millis, Recorded, Run, Step, StopHow, StoredRun, TaskId, Timestamp, create,
    decide,
};

pub(super) struct World {
    pub(super) seed: u64,
    pub(super) rng: Rng,
    /// For what came later, so that histories without it stay what they are.
    pub(super) odds: Rng,
    /// For what came later still; none in the first histories.
    pub(super) latest: Option<Rng>,
    /// For what came last; none in the histories before.
    pub(super) later: Option<Rng>,
    /// Somebody has a question open in a window that nobody closes.
    leaves_open: bool,
    pub(super) told: Told,
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
    pub(super) branch: Branch,
    tally: Tally,
}

/// Histories under this have nothing that came later, so that seeds that once found a fault there still play what they played.
const OF_FIRST_TIMES: u64 = 7_000;
/// The same, of what came later still.
const OF_SECOND_TIMES: u64 = 10_000;

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
    let plan = match &mut latest {
        Some(latest) => plans::with_left_out(plan, latest),
        None => plan,
    };
    let mut later = (seed >= OF_SECOND_TIMES).then(|| Rng::new(seed ^ 0x1A7E));
    let plan = Arc::new(match &mut later {
        Some(later) => plans::with_points(plan, later),
        None => plan,
    });
    let leaves_open = later.as_mut().is_some_and(|later| later.once_in(8));
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
        later,
        leaves_open,
        told: Told::default(),
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
    whole::messages_count_once(&world.log, seed);
    whole::no_hold_is_for_ever(&world.log, seed);
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
            let first = must_count(run, &input);
            let (is_hold, was_over) =
                (matches!(&input, Input::Asked { command: Command::Hold { .. }, .. }), run.is_over());
            let decided = decide(run, input, self.now);
            if is_hold && decided.as_ref().is_err_and(|reason| reason.0.contains("in all")) {
                self.tally.worn_out += 1;
            }
            let events = decided.unwrap_or_default();
            assert!(first.is_none_or(|first| counts(&events, &first)), "seed {}: the first answer is lost", self.seed);
            let takes_up = |event: &Event| matches!(event, Event::TaskBroughtBack { .. });
            self.tally.adjusted_again += u64::from(was_over && events.iter().any(takes_up));
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
        let watched = run.open_decisions().find(|(_, open)| open.deadline.is_some()).map(|(number, _)| number);
        let watched = watched.filter(|_| self.leaves_open && !run.is_over());
        // Such a window holds the clock again before it goes on.
        let next = if watched.is_some() { next.min(self.now.plus(Millis::MINUTE)) } else { next };
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
        self.tell_outcomes(run, inputs);
        if let Some(decision) = watched {
            let by = By::Person { name: "simulated".into() };
            inputs.push_back(Input::Asked { command: Command::Hold { decision, lease: LONGEST_HOLD }, by });
        }
    }
}
