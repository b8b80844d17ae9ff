//! What each step of a script is as an input.

use super::Scene;
use crate::plan::{Choice, FailureClass, Question};
use crate::{
    AgentFailure, AgentReport, AttemptId, BudgetScope, BudgetUnit, By, Change, Command, Exit, GroupId, Input,
    IntoBranch, JobId, Landing, Merging, Millis, NewLimit, Note, Report, Said, Spending, Step, StopHow, TaskId, Usage,
    WorkLeft,
};

/// `skip=a,b back=e first=c last=d level=2 parallel=3 tokens=900 tell=a:words because=x`.
pub(in super::super) fn change(words: &[&str]) -> Change {
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

impl Scene {
    /// What a step is; none for those that only let time pass.
    pub(super) fn input(&mut self, step: &str) -> Option<Input> {
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
            ["hook", decision, hook, message, option] => ask(Command::Signal {
                decision: decision.parse().unwrap(),
                option: (*option).into(),
                because: String::new(),
                hook: (*hook).into(),
                message: (*message).into(),
            }),
            ["hold", decision, lease] => {
                ask(Command::Hold { decision: decision.parse().unwrap(), lease: Millis(lease.parse().unwrap()) })
            }
            ["release", decision] => ask(Command::Release { decision: decision.parse().unwrap() }),
            ["raise", what, limit] => ask(Command::RaiseBudget {
                scope: match *what {
                    "cost" | "tokens" => BudgetScope::Run,
                    "group-9" => BudgetScope::Group { group: GroupId(9) },
                    "task-9" => BudgetScope::Task { task: TaskId(9) },
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
}
