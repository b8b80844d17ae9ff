//! Plays a plan through the core as the engine does, with processes that end as a script says, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use bandleader_core::plan::{Caps, Group, GroupKind, Plan, Resource, Task, Use, Work};
use bandleader_core::{
    Command, Delivered, Event, Exit, GroupId, Input, JobId, Millis, Recorded, Report, Run, Step, TaskId, Timestamp,
    Usage, create, decide,
};

/// 2024-01-20 14:30:00 UTC.
pub(crate) const START: Timestamp = Timestamp(1_705_761_000_000);

/// How one process ends.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) after: Millis,
    pub(crate) exit: Exit,
    pub(crate) outputs: BTreeMap<String, serde_json::Value>,
    pub(crate) delivered: Vec<Delivered>,
    pub(crate) missing: Vec<String>,
    pub(crate) number: Option<f64>,
}

/// Well, after so many seconds.
pub(crate) fn well(seconds: u64) -> Ending {
    let (outputs, delivered, missing) = (BTreeMap::new(), Vec::new(), Vec::new());
    let after = Millis(seconds * 1_000);
    Ending { after, exit: Exit::Code { code: 0 }, outputs, delivered, missing, number: None }
}

/// With this exit code, after so many seconds.
pub(crate) fn badly(seconds: u64, code: i32) -> Ending {
    Ending { exit: Exit::Code { code }, ..well(seconds) }
}

/// What people do, at how many seconds after the start.
pub(crate) type People = Vec<(u64, Command)>;

/// The whole log of a run of `plan`.
pub(crate) fn play(plan: &Arc<Plan>, ending: impl Fn(JobId) -> Ending, people: People) -> Vec<Recorded> {
    let mut stage = Stage { run: Run::new(plan.clone()), log: Vec::new(), now: START };
    stage.record(create(&"ab".repeat(32), &plan.mission, 7));
    stage.feed(Input::Boot { epoch: 1, pid: 4711 });
    let mut people: Vec<(Timestamp, Command)> =
        people.into_iter().rev().map(|(at, what)| (START.plus(Millis(at * 1_000)), what)).collect();
    loop {
        while stage.feed(Input::Tick) {}
        let next = stage.run.jobs().iter().map(|(id, job)| (job.since.plus(ending(*id).after), *id)).min();
        let act = people.last().map(|(at, _)| *at);
        let wake = stage.run.wake_at();
        let at = [next.map(|next| next.0), act, wake].into_iter().flatten().min();
        let Some(at) = at.filter(|_| !(stage.run.is_over() && act.is_none())) else { return stage.log };
        stage.now = at;
        if act == Some(at) {
            let (_, command) = people.pop().unwrap();
            let by = bandleader_core::By::Person { name: "ada".into() };
            stage.feed(Input::Asked { command, by });
        } else if let Some((_, job)) = next.filter(|next| next.0 == at) {
            stage.end(job, &ending(job));
        }
    }
}

struct Stage {
    run: Run,
    log: Vec<Recorded>,
    now: Timestamp,
}

impl Stage {
    fn record(&mut self, event: Event) {
        let recorded = event.record(self.run.last_seq(), self.now);
        self.run.apply(&recorded).unwrap();
        self.log.push(recorded);
    }

    fn feed(&mut self, input: Input) -> bool {
        let events = decide(&self.run, input, self.now).unwrap_or_default();
        let any = !events.is_empty();
        for event in events {
            self.record(event);
        }
        any
    }

    fn end(&mut self, job: JobId, ending: &Ending) {
        let started = self.run.jobs().get(&job).unwrap().since;
        let cpu = Millis(self.now.since(started).0 / 4);
        let usage = Usage { started, ended: self.now, cpu, peak_kib: 20_480, output_bytes: 100, swept: 0 };
        let Ending { exit, outputs, delivered, missing, number, .. } = ending.clone();
        let attempt = job.attempt;
        self.feed(match job.step {
            Step::Work => Input::WorkEnded {
                attempt,
                report: Report { exit, usage, outputs, delivered, missing, output_lost: None, agent: None },
            },
            Step::Gate(gate) => Input::GateEnded { attempt, gate, exit, usage, number },
            Step::Undo => Input::UndoEnded { attempt, exit },
            Step::Merge(_) | Step::MergedGate(_) | Step::Land(_) | Step::Into(_) => Input::Lost { job },
        });
    }
}

/// A task's name, its estimate in minutes, and its needs.
pub(crate) type TaskLine<'a> = (&'a str, u64, &'a [&'a str]);

/// A plan of phases: each a title and its tasks.
pub(crate) fn plan(mission: &str, phases: &[(&str, &[TaskLine<'_>])]) -> Plan {
    let mut plan = Plan {
        mission: mission.into(),
        level: 3,
        resources: vec![Resource { name: "slots".into(), capacity: 2 }],
        scopes: vec![BTreeMap::new()],
        ..Plan::default()
    };
    plan.limits.parallel = 2;
    for (number, (title, tasks)) in (0_u32..).zip(phases) {
        let group = Some(GroupId(number));
        let mut members = Vec::new();
        for (name, minutes, needs) in *tasks {
            members.push(TaskId(u32::try_from(plan.tasks.len()).unwrap()));
            let needs = needs.iter().map(|need| plan.find(need).unwrap()).collect();
            let work = Work::Agent { agent: (*name).to_owned(), instruction: format!("Do {name}.\nIn detail.") };
            let (estimate, uses) = (Some(Millis::MINUTE.times(*minutes)), vec![Use { resource: 0, units: 1 }]);
            plan.tasks.push(Task { group, needs, estimate, uses, ..Task::plain(name, work) });
        }
        let end = TaskId(u32::try_from(plan.tasks.len()).unwrap());
        let path = format!("phase-{number}");
        plan.tasks.push(Task { group, needs: members, ..Task::plain(&path, Work::Join) });
        let (title, kind) = ((*title).to_owned(), GroupKind::Phase);
        plan.groups.push(Group { path, title, kind, parent: None, end, check_in: false, caps: Caps::default() });
    }
    plan
}
