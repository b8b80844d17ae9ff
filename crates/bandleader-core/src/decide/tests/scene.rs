//! A run on a small stage: steps in words, events in words.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::plan::{Choice, FailureClass, Plan, Question};
use crate::{
    AgentFailure, AgentReport, AttemptId, BudgetScope, BudgetUnit, By, Change, Command, Event, Exit, Input, IntoBranch,
    JobId, Landing, Merging, Millis, NewLimit, Note, Report, Run, Said, Spending, Step, StopHow, TaskId, Timestamp,
    Usage, WorkLeft, create, decide,
};

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

/// `skip=a,b back=e first=c last=d level=2 parallel=3 tokens=900 tell=a:words because=x`.
pub(super) fn change(words: &[&str]) -> Change {
    let mut change = Change::default();
    for word in words {
        let (key, value) = word.split_once('=').unwrap();
        let names = || value.split(',').map(str::to_owned).collect();
        match key {
            "skip" => change.skip = names(),
            "back" => change.bring_back = names(),
            "parallel" => change.parallel = Some(value.parse().unwrap()),
            "first" => change.first = names(),
            "last" => change.last = names(),
            "level" => change.level = Some(value.parse().unwrap()),
            "because" => change.because = value.to_owned(),
            "tell" => {
                let (task, text) = value.split_once(':').unwrap();
                change.tell.push(Note { task: task.to_owned(), text: text.to_owned() });
            }
            key => {
                let unit = if key == "time" { BudgetUnit::Time } else { BudgetUnit::Tokens };
                change.limits.push(NewLimit { scope: BudgetScope::Run, unit, limit: value.parse().unwrap() });
            }
        }
    }
    change
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

    fn input(&mut self, step: &str) -> Option<Input> {
        let by = By::Person { name: "ada".into() };
        let ask = |command| Some(Input::Asked { command, by: by.clone() });
        let words: Vec<&str> = step.split(' ').collect();
        match words.as_slice() {
            ["go"] | ["down", _] => None,
            ["boot"] => {
                self.epoch += 1;
                Some(Input::Boot { epoch: self.epoch, pid: 1 })
            }
            ["pause"] => ask(Command::Pause),
            ["resume"] => ask(Command::Resume),
            ["cancel"] => ask(Command::Cancel { how: StopHow::Politely }),
            ["kill"] => ask(Command::Cancel { how: StopHow::AtOnce }),
            ["cancel", task] => ask(Command::CancelTask { task: (*task).into() }),
            ["retry", tasks @ ..] => ask(Command::Retry { tasks: tasks.iter().map(|task| (*task).into()).collect() }),
            ["resolve", task] => ask(Command::Resolve { task: (*task).into() }),
            ["into", branch] => ask(Command::MergeInto { branch: (*branch).into() }),
            ["joined", round] => Some(Input::MergedInto {
                round: round.parse().unwrap(),
                came: IntoBranch::Merged { commit: "m".into(), onto: "o".into(), message: "merge".into() },
            }),
            ["unjoined", round] => Some(Input::MergedInto {
                round: round.parse().unwrap(),
                came: IntoBranch::Refused { message: "dirty".into() },
            }),
            ["lost", job] => Some(Input::Lost { job: JobId::parse(job).unwrap() }),
            ["accept", task] => ask(Command::Accept { task: (*task).into(), because: "fine".into() }),
            ["limit", length] => ask(Command::RaiseTimeLimit { limit: Millis(length.parse().unwrap()) }),
            ["tell", task, text] => ask(Command::Tell { task: (*task).into(), text: (*text).into() }),
            ["answer", decision, option] => ask(Command::Answer {
                decision: decision.parse().unwrap(),
                option: (*option).into(),
                because: String::new(),
            }),
            ["correct", decision, option] => ask(Command::Correct {
                decision: decision.parse().unwrap(),
                option: (*option).into(),
                because: String::new(),
            }),
            ["hold", decision, lease] => {
                ask(Command::Hold { decision: decision.parse().unwrap(), lease: Millis(lease.parse().unwrap()) })
            }
            ["release", decision] => ask(Command::Release { decision: decision.parse().unwrap() }),
            ["raise", what, limit] => ask(Command::RaiseBudget {
                scope: match *what {
                    "cost" | "tokens" => BudgetScope::Run,
                    agent => BudgetScope::Agent { name: agent.into() },
                },
                unit: if *what == "cost" { BudgetUnit::Cost } else { BudgetUnit::Tokens },
                limit: limit.parse().unwrap(),
            }),
            ["adjust", words @ ..] => ask(Command::Adjust { change: change(words) }),
            ["open"] => ask(Command::OpenProvider { provider: None }),
            [task, rest @ ..] if !task.starts_with('+') => Some(self.seen(task, rest)),
            _ => None,
        }
    }

    fn seen(&self, task: &str, rest: &[&str]) -> Input {
        let task = self.run.plan().find(task).unwrap();
        let attempt = AttemptId { task, number: self.run.task(task).attempts };
        let code = |text: &str| Exit::Code { code: text.parse().unwrap() };
        let report = |exit| Report { exit, ..Report::default() };
        let spent = |tokens: &str, cost: &str| Spending {
            output: tokens.parse().unwrap(),
            cost: Some(cost.parse().unwrap()),
            ..Spending::default()
        };
        let ended = |spending, failure: Option<AgentFailure>| {
            let code = i32::from(failure.is_some());
            let agent = AgentReport { spending, failure, ..AgentReport::default() };
            let report = Report { agent: Some(Box::new(agent)), ..report(Exit::Code { code }) };
            Input::WorkEnded { attempt, report }
        };
        let trouble = |class, until| AgentFailure { class, message: "no".into(), until };
        let said = |said| Input::Said { attempt, said };
        match rest {
            ["limited", after @ ..] => {
                let until = after.first().map(|after| self.now.plus(Millis(after.parse().unwrap())));
                ended(Spending::default(), Some(trouble(FailureClass::RateLimit, until)))
            }
            ["broke", tokens, cost] => ended(spent(tokens, cost), Some(trouble(FailureClass::Budget, None))),
            ["overloaded"] => ended(Spending::default(), Some(trouble(FailureClass::Overloaded, None))),
            ["spends", tokens, cost] => said(Said::Spent { spending: spent(tokens, cost) }),
            ["done", tokens, cost] => ended(spent(tokens, cost), None),
            ["told", message] => said(Said::Told { message: message.parse().unwrap() }),
            ["asks", recommended] => {
                let option = |id: &str| Choice { id: id.into(), name: id.into(), ..Choice::default() };
                let recommend = Some((*recommended).to_owned());
                let options = vec![option("A"), option("B")];
                let question = Question { text: "which?".into(), options, recommend, ..Question::default() };
                said(Said::Asks { key: "k".into(), question, patience: None })
            }
            ["signal", signal] => {
                Input::WorkEnded { attempt, report: report(Exit::Signal { signal: signal.parse().unwrap() }) }
            }
            ["missing", denied @ ..] => {
                let denied: Vec<String> = denied.iter().map(|tool| (*tool).to_owned()).collect();
                let agent = (!denied.is_empty()).then(|| Box::new(AgentReport { denied, ..AgentReport::default() }));
                Input::WorkEnded {
                    attempt,
                    report: Report { missing: vec!["no x".into()], agent, ..report(code("0")) },
                }
            }
            ["lost"] => Input::Lost { job: JobId { attempt, step: Step::Work } },
            ["silent", length] => Input::Silent { attempt, silent: Millis(length.parse().unwrap()) },
            ["undone", exit] => Input::UndoEnded { attempt, exit: code(exit) },
            ["gate", exit, number @ ..] => {
                let gate = u32::try_from(self.run.task(task).past().gates.len()).unwrap();
                let number = number.first().map(|number| number.trim_start_matches('=').parse().unwrap());
                Input::GateEnded { attempt, gate, exit: code(exit), usage: Usage::default(), number }
            }
            [exit] => Input::WorkEnded { attempt, report: report(code(exit)) },
            other => self.seen_of_work(attempt, other),
        }
    }

    fn seen_of_work(&self, attempt: AttemptId, words: &[&str]) -> Input {
        let task = attempt.task;
        let code = |text: &str| Exit::Code { code: text.parse().unwrap() };
        let report = |exit| Report { exit, ..Report::default() };
        match words {
            ["works", base] => {
                let commit = format!("{}{}", self.run.plan().task(task).path, attempt.number);
                let work = WorkLeft { branch: "b".into(), base: (*base).into(), commit, files: 1 };
                let agent = AgentReport { work: Some(work), ..AgentReport::default() };
                Input::WorkEnded { attempt, report: Report { agent: Some(Box::new(agent)), ..report(code("0")) } }
            }
            ["merged", round, commit, onto] => {
                let came = Merging::Merged { commit: (*commit).into(), onto: (*onto).into() };
                Input::Merged { attempt, round: round.parse().unwrap(), came }
            }
            ["clashes", round, file] => {
                let (files, onto) = (vec![(*file).to_owned()], "tip".to_owned());
                let came = Merging::Clashes { files, tasks: Vec::new(), onto, advice: "merge it".into() };
                Input::Merged { attempt, round: round.parse().unwrap(), came }
            }
            ["landed", round] => {
                let came = Landing::Landed { commit: "c".into() };
                Input::Landed { attempt, round: round.parse().unwrap(), came }
            }
            ["moved", round] => {
                let came = Landing::Moved { message: "moved".into() };
                Input::Landed { attempt, round: round.parse().unwrap(), came }
            }
            ["lost", step] => {
                Input::Lost { job: JobId::parse(&format!("{}.{}.{step}", task.0, attempt.number)).unwrap() }
            }
            ["regate", index, exit] => {
                let (index, usage) = (index.parse().unwrap(), Usage::default());
                Input::MergedGateEnded { attempt, index, exit: code(exit), usage, number: None }
            }
            other => panic!("no such step: {other:?}"),
        }
    }

    /// An event in a few words.
    fn word(&self, event: &Event) -> String {
        let name = |task: &TaskId| self.run.plan().task(*task).path.clone();
        let after = |at: &Timestamp| at.since(self.now).0;
        match event {
            Event::EngineBooted { epoch, .. } => format!("booted {epoch}"),
            Event::RunEnded { state } => format!("ended {state:?}").to_lowercase(),
            Event::TaskSkipped { task, reason, .. } => {
                let reason = format!("{reason:?}").to_lowercase();
                format!("{} skipped {}", name(task), reason.split([' ', '(']).next().unwrap_or_default())
            }
            Event::AttemptStarted { attempt, agent } => {
                let agent = agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default();
                format!("{}#{} starts{agent}", name(&attempt.task), attempt.number)
            }
            Event::StopRequested { job, why, how } => {
                format!("{} stop {why:?} {how:?}", name(&job.attempt.task)).to_lowercase()
            }
            Event::StallNoticed { attempt, .. } => format!("{} is silent", name(&attempt.task)),
            Event::AttemptSucceeded { attempt, .. } => format!("{} ok", name(&attempt.task)),
            Event::AttemptFailed { attempt, class, .. } => {
                format!("{} fails {class:?}", name(&attempt.task)).to_lowercase()
            }
            Event::GateEnded { attempt, verdict, message, .. } => {
                format!("{} gate {verdict:?}: {message}", name(&attempt.task)).to_lowercase()
            }
            Event::RetryScheduled { task, at, agent } => {
                let agent = agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default();
                format!("{} again in {}{agent}", name(task), after(at))
            }
            Event::TaskFailed { task, .. } => format!("{} failed", name(task)),
            Event::TaskBlocked { task, .. } => format!("{} blocked", name(task)),
            Event::TimeBudgetReached { percent, .. } => format!("{percent} % of the time"),
            Event::UndoEnded { attempt, verdict, .. } => {
                format!("{} undo {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::ProviderLimited { provider, until, .. } => format!("{provider} closed for {}", after(until)),
            Event::ProviderOpened { provider } => format!("{provider} open"),
            Event::BudgetReached { unit, percent, .. } => format!("{percent} % of {unit:?}").to_lowercase(),
            Event::SpendingNoticed { attempt, .. } => format!("{} spends", name(&attempt.task)),
            Event::MessageSent { message, task, .. } => format!("message {message} for {}", name(task)),
            Event::MessageDelivered { message, attempt } => format!("{} has message {message}", name(&attempt.task)),
            Event::DecisionOpened { decision, deadline, .. } => {
                format!("question {decision} until {:?}", deadline.map(|until| after(&until)))
            }
            Event::DecisionTaken { decision, option, by, .. } => {
                let by = format!("{by:?}").to_lowercase();
                let by = by.split(' ').next().unwrap_or_default().to_owned();
                format!("question {decision} is {} by {by}", option.as_deref().unwrap_or("nothing"))
            }
            Event::DecisionHeld { decision, until, .. } => {
                format!("question {decision} held for {:?}", until.map(|until| after(&until)))
            }
            Event::DecisionReleased { decision, .. } => format!("question {decision} released"),
            Event::DecisionEscalated { decision } => format!("question {decision} escalated"),
            Event::AnswerKept { decision, option, .. } => format!("{option} kept for question {decision}"),
            Event::DecisionCorrected { decision, option, .. } => format!("question {decision} corrected to {option}"),
            Event::TaskReopened { task, .. } => format!("{} anew", name(task)),
            Event::TaskBroughtBack { task, .. } => format!("{} back", name(task)),
            Event::UndoStarted { attempt } => format!("{} undo", name(&attempt.task)),
            Event::TaskReady { task }
            | Event::TaskCompleted { task }
            | Event::TaskCancelled { task }
            | Event::TaskReset { task, .. }
            | Event::TaskResolved { task, .. }
            | Event::TaskAccepted { task, .. }
            | Event::CompensationStarted { task } => {
                format!("{} {}", name(task), event.name().trim_start_matches("task_"))
            }
            other => self.word_of_work(other),
        }
    }

    fn word_of_work(&self, event: &Event) -> String {
        let name = |task: &TaskId| self.run.plan().task(*task).path.clone();
        match event {
            Event::WorkMerged { attempt, verdict, .. } => {
                format!("{} merge {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::WorkLanded { attempt, verdict, .. } => {
                format!("{} land {verdict:?}", name(&attempt.task)).to_lowercase()
            }
            Event::MergeWanted { branch, by } => {
                let again = if *by == By::Engine { " once more" } else { "" };
                format!("wanted in {branch}{again}")
            }
            Event::RunMerged { branch, verdict, .. } => format!("into {branch} {verdict:?}").to_lowercase(),
            Event::WorkAccepted { task, .. } => format!("{} accepted to merge", name(task)),
            other => other.name().replace('_', " "),
        }
    }
}
