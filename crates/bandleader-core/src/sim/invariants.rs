//! What must hold at every step of every history, worked out afresh from the state and not from the core's own indexes.

use super::points::{follows_the_level, milestones_are_behind_what_they_need};
use crate::plan::{Join, OnSilence, Work};
use crate::run::{MERGE_TIMEOUT, clash};
use crate::{Asker, Decider, Event, Run, RunState, SkipReason, Step, TaskId, TaskState, Timestamp};

/// Checked for each event before it is applied.
pub(super) fn before(run: &Run, event: &Event, seed: u64) {
    match event {
        Event::AttemptStarted { attempt, .. } => {
            let state = run.task(attempt.task).state.clone();
            assert!(matches!(state, TaskState::Ready { .. }), "seed {seed}: {state:?} starts");
            let open = |need: &TaskId| run.question_about(*need).is_some();
            let needs = &run.plan().task(attempt.task).needs;
            let any_will_do = run.plan().task(attempt.task).join == Join::AnySuccess;
            assert!(any_will_do || !needs.iter().any(open), "seed {seed}: starts before what it needs is decided");
            assert!(run.plan().task(attempt.task).question().is_none(), "seed {seed}: a question has no process");
            assert_eq!(
                standing(run, attempt.task),
                Some(true),
                "seed {seed}: task {} starts before its needs",
                attempt.task.0
            );
            assert!(!matches!(run.state(), RunState::Paused), "seed {seed}: starts while paused");
            may_spend(run, attempt.task, seed);
            let busy = |id: &TaskId| {
                matches!(run.task(*id).state, TaskState::Running { .. } | TaskState::Reviewing { .. })
                    && run.plan().task(*id).uses.iter().any(|held| held.resource == 0)
            };
            let at_work = run.plan().ids().filter(busy).count();
            assert!(at_work < run.parallel() as usize, "seed {seed}: {at_work} at work, and one more starts");
            is_allowed_by_people(run, attempt.task, seed);
            follows_the_level(run, attempt.task, seed);
            assert_eq!(attempt.number, run.task(attempt.task).attempts + 1, "seed {seed}");
        }
        Event::TaskBroughtBack { task, .. } => {
            let state = &run.task(*task).state;
            let is_out =
                matches!(state, TaskState::Skipped { reason: SkipReason::Level | SkipReason::Asked { .. }, .. });
            assert!(is_out, "seed {seed}: {state:?} is brought back");
        }
        Event::TaskReset { task, .. } => {
            let state = &run.task(*task).state;
            assert!(!matches!(state, TaskState::Completed { .. }), "seed {seed}: completed work is run again");
        }
        Event::DecisionTaken { decision, option, by, .. } => {
            let open = &run.decisions()[decision];
            assert!(open.taken.is_none(), "seed {seed}: decision {decision} is decided twice");
            let by_itself = matches!(by, Decider::Timeout | Decider::Policy);
            let question = &open.question;
            assert!(
                !by_itself || option.is_none() || !(question.irreversible || question.people_only),
                "seed {seed}: decision {decision} is for people only"
            );
            assert!(!by_itself || option.is_none() || *option == question.recommend, "seed {seed}");
        }
        Event::MilestoneReached { task } => {
            let (state, past) = (&run.task(*task).state, run.task(*task).past());
            assert!(*state == TaskState::Pending && past.reached.is_none(), "seed {seed}: {state:?} is reached again");
            assert_eq!(standing(run, *task), Some(true), "seed {seed}: milestone {} is reached too soon", task.0);
        }
        Event::DecisionOpened { asker: Asker::Task { task }, .. } if run.plan().milestone(*task).is_some() => {
            assert!(run.task(*task).past().reached.is_some(), "seed {seed}: milestone {} asks too soon", task.0);
        }
        Event::TaskCompleted { task } if run.plan().task(*task).question().is_some() => {
            let asker = Asker::Task { task: *task };
            let last = run.decisions().values().rfind(|one| one.asker == asker).and_then(|one| one.taken.as_ref());
            assert!(last.is_some_and(|taken| taken.option.is_some()), "seed {seed}: task {} decides itself", task.0);
        }
        Event::RunEnded { .. } => assert!(run.jobs().is_empty(), "seed {seed}: ended with live processes"),
        _ => (),
    }
}

/// Nothing that must have an answer starts without it because its question was left out.
fn is_allowed_by_people(run: &Run, task: TaskId, seed: u64) {
    let mut behind = vec![task];
    while let Some(id) = behind.pop() {
        let task = run.plan().task(id);
        if task.join != Join::AllSuccess {
            continue;
        }
        for need in &task.needs {
            let is_left_out =
                matches!(run.task(*need).state, TaskState::Skipped { reason: SkipReason::Asked { .. }, .. });
            match &run.plan().task(*need).work {
                Work::Decision { check_in: None, .. } => {
                    assert!(!is_left_out, "seed {seed}: task {} starts without an answer", id.0);
                }
                Work::Join => behind.push(*need),
                _ if is_left_out => behind.push(*need),
                _ => (),
            }
        }
    }
}

/// No agent starts at the expense of a budget of which nothing is left.
fn may_spend(run: &Run, task: TaskId, seed: u64) {
    let goes_free = run.agent_of(task).is_none() || run.task(task).past().resolved;
    let is_used_up = |(scope, _, used, limit): &(_, _, u64, u64)| used >= limit && run.scopes(task).contains(scope);
    let over = run.budgets().into_iter().find(is_used_up);
    assert!(goes_free || over.is_none(), "seed {seed}: task {} starts, and of {over:?} nothing is left", task.0);
}

/// What a need means to those who need it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    Open,
    Good,
    Neutral,
    Bad,
}

fn means(run: &Run, need: TaskId) -> Means {
    let task = run.plan().task(need);
    let allowed = |is_allowed| if is_allowed { Means::Neutral } else { Means::Bad };
    // What an older plan left out was over at once.
    let is_of_old = task.work == Work::Left && task.left.is_none();
    match &run.task(need).state {
        TaskState::Completed { .. } => Means::Good,
        TaskState::Skipped { reason: SkipReason::Level | SkipReason::Asked { .. }, .. } if !is_of_old => {
            // It is passed through: what it would have waited for is waited for.
            match standing(run, need) {
                None => Means::Open,
                Some(may_start) => allowed(may_start || task.optional),
            }
        }
        TaskState::Skipped { reason: SkipReason::Level | SkipReason::Condition, .. } => Means::Neutral,
        TaskState::Failed { .. } => allowed(task.optional || task.on_failure == crate::plan::OnFailure::Continue),
        state if state.is_over() => allowed(task.optional),
        _ => Means::Open,
    }
}

/// Whether the needs of a task let it start; none while that is not known.
fn standing(run: &Run, id: TaskId) -> Option<bool> {
    let task = run.plan().task(id);
    let needs: Vec<Means> = task.needs.iter().map(|need| means(run, *need)).collect();
    let is_open = needs.contains(&Means::Open);
    match task.join {
        Join::AllSuccess if needs.contains(&Means::Bad) => Some(false),
        Join::AnySuccess if needs.contains(&Means::Good) => Some(true),
        _ if is_open => None,
        Join::AnySuccess => Some(needs.is_empty()),
        Join::AllSuccess | Join::AllDone => Some(true),
    }
}

/// Checked after each batch of events, once nothing more follows at `now`.
pub(super) fn after(run: &Run, now: Timestamp, seed: u64) {
    let busy: Vec<TaskId> = run
        .plan()
        .ids()
        .filter(|id| matches!(run.task(*id).state, TaskState::Running { .. } | TaskState::Reviewing { .. }))
        .collect();
    for (index, resource) in run.plan().resources.iter().enumerate() {
        let uses = busy.iter().flat_map(|id| &run.plan().task(*id).uses);
        let held: u32 = uses.filter(|held| held.resource as usize == index).map(|held| held.units).sum();
        // People may have less run at once than runs already.
        let capacity = if index == 0 { run.parallel() } else { resource.capacity };
        assert!(held <= capacity || index == 0, "seed {seed}: {held} of {capacity} {}", resource.name);
        assert_eq!(run.free(u32::try_from(index).unwrap()), capacity.saturating_sub(held), "seed {seed}");
    }
    for (at, one) in busy.iter().enumerate() {
        let others = busy.get(at + 1..).unwrap_or_default();
        assert!(
            !others.iter().any(|other| clash(run.plan().task(*one), run.plan().task(*other))),
            "seed {seed}: leases"
        );
    }
    for task in &busy {
        if run.waits_to_merge(*task) {
            continue;
        }
        let has_job = run.jobs().keys().any(|job| job.attempt.task == *task && job.step != Step::Undo);
        assert!(has_job, "seed {seed}: task {} is busy without a process", task.0);
    }
    one_merges(run, seed);
    assert!(run.wake_at().is_none_or(|at| at > now), "seed {seed}: would spin at {now:?}, wake {:?}", run.wake_at());
    let counted = run.plan().ids().filter(|id| run.plan().task(*id).is_real() && run.task(*id).state.is_over()).count();
    assert_eq!(counted, run.counts().over() as usize, "seed {seed}: counts drifted");
    needs_are_counted(run, seed);
    nothing_is_overdue(run, now, seed);
    questions_are_kept(run, now, seed);
    milestones_are_behind_what_they_need(run, seed);
    no_stall(run, seed);
}

/// The counts of needs that are kept up event by event are those that a look at all needs gives.
fn needs_are_counted(run: &Run, seed: u64) {
    for id in run.plan().ids() {
        let needs = &run.plan().task(id).needs;
        let count = |what| u32::try_from(needs.iter().filter(|need| means(run, **need) == what).count()).unwrap();
        let kept = run.task(id).needs;
        let counted = [count(Means::Open), count(Means::Good), count(Means::Bad)];
        assert_eq!([kept.unmet, kept.good, kept.bad], counted, "seed {seed}: needs of task {}", id.0);
    }
}

/// Of all work under review one alone is merged.
fn one_merges(run: &Run, seed: u64) {
    let steps =
        run.jobs().keys().filter(|job| matches!(job.step, Step::Merge(_) | Step::MergedGate(_) | Step::Land(_)));
    let merging: Vec<TaskId> = steps.map(|job| job.attempt.task).collect();
    assert!(merging.len() <= 1, "seed {seed}: {} are merged at once", merging.len());
    let waits = run.plan().ids().any(|id| run.waits_to_merge(id));
    assert!(!waits || merging.len() == 1, "seed {seed}: work waits for nothing to be merged");
}

/// What has run for longer than it may is on its way out.
fn nothing_is_overdue(run: &Run, now: Timestamp, seed: u64) {
    for (id, job) in run.jobs() {
        let task = run.plan().task(id.attempt.task);
        let timeout = match id.step {
            Step::Work => task.timeout,
            Step::Gate(gate) => task.gates[gate as usize].timeout,
            Step::MergedGate(index) => task.gate_of(index).and_then(|gate| gate.timeout),
            Step::Merge(_) | Step::Land(_) | Step::Into(_) => Some(MERGE_TIMEOUT),
            Step::Undo => None,
        };
        let overdue = timeout.is_some_and(|timeout| job.since.plus(timeout) <= now);
        assert!(!overdue || job.stop.is_some(), "seed {seed}: job {id} is overdue");
    }
}

/// Silence counts when it must, and a task that is a question waits exactly while it is open.
fn questions_are_kept(run: &Run, now: Timestamp, seed: u64) {
    for (number, open) in run.open_decisions() {
        assert!(run.is_over() || open.deadline.is_none_or(|at| at > now), "seed {seed}: question {number} is overdue");
        let question = &open.question;
        assert!(
            question.on_silence != OnSilence::Recommend || !(question.irreversible || question.people_only),
            "seed {seed}: silence would decide question {number}"
        );
    }
    let blocked = |id: &TaskId| matches!(run.task(*id).state, TaskState::Blocked { .. });
    for id in run.plan().ids().filter(blocked).filter(|id| run.question_about(*id).is_none()) {
        let asked = |asker: &Asker| matches!(asker, Asker::Budget { scope, .. } if run.scopes(id).contains(scope));
        let waits = run.open_decisions().any(|(_, open)| asked(&open.asker));
        assert!(waits, "seed {seed}: task {} is blocked and nobody is asked", id.0);
    }
    for id in run.plan().ids().filter(|id| run.plan().task(*id).question().is_some()) {
        let asks = run.question_about(id).is_some();
        let waits = matches!(run.task(id).state, TaskState::Blocked { .. });
        assert_eq!(asks, waits, "seed {seed}: task {} is {:?}", id.0, run.task(id).state);
    }
}

/// If nothing is alive and no timer is set, then it is over, paused, or a person must act.
fn no_stall(run: &Run, seed: u64) {
    let idle = run.jobs().is_empty() && run.wake_at().is_none();
    if idle && !matches!(run.state(), RunState::Paused | RunState::Waiting) {
        assert!(run.is_over(), "seed {seed}: stuck as {:?}: {:?}", run.state(), run.counts());
    }
    let is_left = |id: &TaskId| !run.task(*id).state.is_over();
    let may_be_left = !run.is_over() || run.state() == RunState::OverBudget;
    assert!(may_be_left || !run.plan().ids().any(|id| is_left(&id)), "seed {seed}: ended with something left to do");
    if run.is_over() && run.state() == RunState::Succeeded {
        let fine = |id: &TaskId| {
            let task = run.plan().task(*id);
            task.work == Work::Join || task.optional || !matches!(run.task(*id).state, TaskState::Failed { .. })
        };
        assert!(run.plan().ids().all(|id| fine(&id)), "seed {seed}: a failure counted as success");
    }
}

/// The parts of the state that effects and views are derived from.
pub(super) fn fingerprint(run: &Run) -> String {
    let tasks: Vec<_> = run.plan().ids().map(|id| format!("{:?}", run.task(id))).collect();
    let ready = run.ready();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {ready:?} {tasks:?}",
        run.state(),
        run.counts(),
        run.jobs(),
        run.wake_at(),
        run.starts(),
        (run.level(), run.parallel(), run.plan()),
        run.decisions()
    )
}
