//! Made-up plans: every feature of the run core in small, at random.

use std::collections::BTreeMap;

use super::Rng;
use crate::plan::{
    Agent, Awaited, ByLevel, Caps, CheckIn, Choice, FailureClass, Gate, Isolation, Join, LeveledGate, Levels, Limits,
    Milestone, Mode, OUTCOMES, OnFailure, OnSilence, Patience, Plan, Question, Repository, Resource, Retry, Task, Use,
    Work,
};
use crate::{Millis, TaskId};

pub(super) fn some_plan(rng: &mut Rng) -> Plan {
    let parallel = 1 + u32::try_from(rng.below(5)).unwrap();
    let capacities = [parallel, 1, 3];
    let resources = ["slots", "lock", "cpu"].iter().zip(capacities);
    let count = 1 + rng.below(24);
    Plan {
        mission: "simulated".into(),
        level: 3,
        limits: Limits { parallel, time: rng.once_in(12).then(|| Millis(500 + rng.below(4_000))), ..Limits::default() },
        resources: resources.map(|(name, capacity)| Resource { name: (*name).into(), capacity }).collect(),
        tasks: (0..u32::try_from(count).unwrap()).map(|id| some_task(rng, id, &capacities)).collect(),
        mode: some_mode(rng),
        scopes: vec![BTreeMap::new()],
        repository: Some(Repository { base: String::new(), inside: String::new() }),
        ..Plan::default()
    }
}

/// Some tasks are not part of the highest levels. One in four plans has agents that spend, with budgets of all kinds.
pub(super) fn with_budgets(mut plan: Plan, odds: &mut Rng) -> Plan {
    for task in &mut plan.tasks {
        if odds.once_in(8) {
            task.levels = Levels::range(1, 3);
        }
    }
    if !odds.once_in(4) {
        return plan;
    }
    let tokens = |odds: &mut Rng| odds.once_in(2).then(|| 100 + odds.below(400));
    for task in &mut plan.tasks {
        if !matches!(task.work, Work::Script { .. }) || odds.once_in(4) {
            continue;
        }
        let agent = if odds.once_in(2) { "writer" } else { "other" };
        task.work = Work::Agent { agent: agent.into(), instruction: "write".into() };
        if odds.once_in(4) {
            task.caps = Caps { tokens: tokens(odds), cost: tokens(odds) }.into();
        }
    }
    for name in ["writer", "other"] {
        let agent = Agent { driver: "claude".into(), token_limit: tokens(odds), ..Agent::default() };
        plan.agents.insert(name.into(), agent);
    }
    if odds.once_in(4) {
        plan.limits.tokens = Some(500 + odds.below(1_000));
    }
    plan
}

/// Some tasks, questions too, are of higher levels only: the plan's own leaves them out, and keeps what they would do.
pub(super) fn with_left_out(mut plan: Plan, latest: &mut Rng) -> Plan {
    for task in &mut plan.tasks {
        if !matches!(task.work, Work::Join | Work::Left) && latest.once_in(6) {
            task.levels = Levels::range(4, 5);
            task.leave_out();
        }
    }
    plan
}

/// What came last: questions that wait for a message, gates and tries that follow the level, milestones.
pub(super) fn with_points(mut plan: Plan, later: &mut Rng) -> Plan {
    plan.by_level = ByLevel { mode: later.once_in(2), retries: true };
    let level = plan.level;
    let retries = plan.level_row().retries;
    for (id, task) in (0..).map(TaskId).zip(&mut plan.tasks) {
        plan.leveled_gates.extend(follow_the_level(task, level, retries, later).map(|gates| (id, gates)));
        let work = task.left.as_deref_mut().unwrap_or(&mut task.work);
        if let Work::Decision { question, check_in: None } = work
            && later.once_in(2)
        {
            wait_for_a_message(question, later);
        }
    }
    with_milestones(plan, later)
}

fn follow_the_level(task: &mut Task, level: u8, retries: u32, later: &mut Rng) -> Option<Vec<LeveledGate>> {
    task.own_retry = later.once_in(2);
    if !task.own_retry && matches!(task.left.as_deref().unwrap_or(&task.work), Work::Script { .. } | Work::Agent { .. })
    {
        task.retry = Retry { limit: retries, ..Retry::default() }.into();
    }
    if task.gates.is_empty() || later.once_in(2) {
        return None;
    }
    let mut leveled = |gate: &Gate| {
        let levels = [Levels::ALL, Levels::range(1, 3), Levels::range(3, 5), Levels::range(4, 4)];
        LeveledGate { levels: levels[usize::try_from(later.below(4)).unwrap()], gate: gate.clone() }
    };
    let gates: Vec<LeveledGate> = task.gates.iter().map(&mut leveled).collect();
    let counts = |one: &&LeveledGate| one.levels.contains(task.levels.nearest(level));
    task.gates = gates.iter().filter(counts).map(|one| one.gate.clone()).collect::<Vec<_>>().into();
    Some(gates)
}

fn wait_for_a_message(question: &mut Question, later: &mut Rng) {
    let choice = |id: &str| Choice { id: id.into(), name: id.into(), fails: id == "failed", ..Choice::default() };
    question.options = OUTCOMES.map(choice).into();
    question.hook = Some(Box::new(Awaited { name: "ci".into(), ..Awaited::default() }));
    (question.recommend, question.irreversible, question.people_only) = (None, false, false);
    (question.timeout, question.on_silence) = match later.below(3) {
        0 => (None, OnSilence::Park),
        1 => (Some(Patience::For(Millis(500 + later.below(5_000)))), OnSilence::Escalate),
        _ => (Some(Patience::For(Millis(500 + later.below(5_000)))), OnSilence::Fail),
    };
}

/// Some points of the way have names, and at some of them people are asked.
fn with_milestones(mut plan: Plan, latest: &mut Rng) -> Plan {
    let count = u32::try_from(plan.tasks.len()).unwrap();
    for place in 0..u32::try_from(latest.below(3)).unwrap() {
        let needs: Vec<TaskId> = (0..count).filter(|_| latest.once_in(5)).map(TaskId).collect();
        let path = format!("t{}", count + place);
        let work = match latest.below(2) {
            0 => Work::Milestone,
            _ => Work::Decision { question: Box::new(some_question(latest)), check_in: None },
        };
        let levels = if latest.once_in(4) { Levels::range(1, 3) } else { Levels::ALL };
        plan.milestones.push(Milestone { id: path.clone(), title: path.clone(), task: TaskId(count + place) });
        plan.tasks.push(Task { needs, levels, ..Task::plain(&path, work) });
        // Something waits for it.
        if latest.once_in(2) {
            let path = format!("t{}", plan.tasks.len());
            let uses = vec![Use { resource: 0, units: 1 }];
            let work = Work::Script { script: "true".into() };
            plan.tasks.push(Task { needs: vec![TaskId(count + place)], uses, ..Task::plain(&path, work) });
            break;
        }
    }
    plan
}

fn some_task(rng: &mut Rng, id: u32, capacities: &[u32]) -> Task {
    let needs: Vec<TaskId> = (0..id).filter(|_| rng.once_in(6)).map(TaskId).collect();
    let path = format!("t{id}");
    if rng.once_in(10) && !needs.is_empty() {
        return Task { needs, ..Task::plain(&path, Work::Join) };
    }
    if rng.once_in(9) {
        let work = Work::Decision {
            question: Box::new(some_question(rng)),
            check_in: rng.once_in(4).then_some(CheckIn::After),
        };
        return Task {
            join: some_join(rng),
            when: some_condition(rng, &needs),
            need_names: needs.iter().map(|need| (format!("t{}", need.0), *need)).collect::<BTreeMap<_, _>>().into(),
            needs,
            optional: rng.once_in(8),
            on_failure: if rng.once_in(5) { OnFailure::Continue } else { OnFailure::Fail },
            ..Task::plain(&path, work)
        };
    }
    let work = if rng.once_in(30) { Work::Left } else { Work::Script { script: "true".into() } };
    let uses_slot = work != Work::Left;
    Task {
        join: some_join(rng),
        when: some_condition(rng, &needs),
        need_names: needs.iter().map(|need| (format!("t{}", need.0), *need)).collect::<BTreeMap<_, _>>().into(),
        needs,
        estimate: Some(Millis(1 + rng.below(300))),
        timeout: rng.once_in(5).then(|| Millis(50 + rng.below(300))),
        stall: rng.once_in(8).then_some(Millis(100)),
        retry: some_retry(rng).into(),
        priority: i32::try_from(rng.below(3)).unwrap(),
        optional: rng.once_in(8),
        uses: if uses_slot { some_uses(rng, capacities) } else { Vec::new() },
        reads: if rng.once_in(8) { vec!["src/**".into()] } else { Vec::new() }.into(),
        writes: if rng.once_in(8) { vec![format!("src/{}", rng.below(3))] } else { Vec::new() }.into(),
        gates: some_gates(rng).into(),
        on_failure: some_on_failure(rng),
        isolation: (id % 2 == 1).then_some(Isolation::Worktree),
        compensate: rng.once_in(4).then(|| "true".into()),
        ..Task::plain(&path, work)
    }
}

fn some_mode(rng: &mut Rng) -> Mode {
    match rng.below(8) {
        0 => Mode::Guided,
        1 => Mode::Autonomous,
        2 => Mode::SemiAutonomous,
        _ => Mode::Interactive,
    }
}

fn some_question(rng: &mut Rng) -> Question {
    let option = |id: &str, fails| Choice { id: id.into(), name: id.into(), fails, ..Choice::default() };
    let options = ["A", "continue", "adjust", "stop"].map(|id| option(id, false));
    let on_silence = match rng.below(6) {
        0 => OnSilence::Fail,
        1 => OnSilence::Park,
        2 => OnSilence::Escalate,
        _ => OnSilence::Recommend,
    };
    let timeout = match rng.below(6) {
        0 => Some(Patience::Unbounded),
        1 | 2 => Some(Patience::For(Millis(1 + rng.below(2_000)))),
        _ => None,
    };
    Question {
        text: "which?".into(),
        options: options.into_iter().chain([option("no", true)]).collect(),
        recommend: (!rng.once_in(5)).then(|| "A".to_owned()),
        irreversible: rng.once_in(6),
        people_only: rng.once_in(8),
        on_silence,
        timeout,
        ..Question::default()
    }
}

fn some_condition(rng: &mut Rng, needs: &[TaskId]) -> Option<String> {
    let first = needs.first()?;
    match rng.below(12) {
        0 => Some(format!("needs.t{}.state == 'completed'", first.0)),
        1 => Some("level > 3".into()),
        2 => Some("no_such_name".into()),
        _ => None,
    }
}

fn some_retry(rng: &mut Rng) -> Retry {
    let on = if rng.once_in(6) { vec![FailureClass::Timeout] } else { Vec::new() };
    let limit = u32::try_from(rng.below(3)).unwrap();
    Retry { limit, backoff: Millis(rng.below(200)), max_backoff: Millis(rng.below(2) * 300), on }
}

fn some_uses(rng: &mut Rng, capacities: &[u32]) -> Vec<Use> {
    let mut uses = vec![Use { resource: 0, units: 1 }];
    for resource in 1..3_u32 {
        if rng.once_in(4) {
            let units = 1 + u32::try_from(rng.below(u64::from(capacities[resource as usize]))).unwrap();
            uses.push(Use { resource, units });
        }
    }
    uses
}

fn some_join(rng: &mut Rng) -> Join {
    match rng.below(4) {
        0 => Join::AllDone,
        1 => Join::AnySuccess,
        _ => Join::AllSuccess,
    }
}

fn some_gates(rng: &mut Rng) -> Vec<Gate> {
    let count = if rng.once_in(3) { 1 + rng.below(2) } else { 0 };
    (0..count).map(|_| some_gate(rng)).collect()
}

fn some_gate(rng: &mut Rng) -> Gate {
    Gate { name: "gate".into(), run: "true".into(), timeout: rng.once_in(4).then_some(Millis(100)), number: None }
}

fn some_on_failure(rng: &mut Rng) -> OnFailure {
    match rng.below(12) {
        0 => OnFailure::Continue,
        1 => OnFailure::Ask,
        2 => OnFailure::RetryWith("other".into()),
        3 if rng.once_in(2) => OnFailure::Compensate,
        _ => OnFailure::Fail,
    }
}
