//! Questions to people: opened, answered by the first who does, decided by silence as declared, and what follows from each.
//!
//! An answer and everything that follows from it are one commit, so that no crash comes between.

use super::Rejected;
use super::command::{accept, cancel, resolve, retry, with_skipped_behind};
use super::redo::redone;
use crate::plan::{CheckIn, FailureClass, OnSilence, Question, Work};
use crate::policy::{self, Ruling};
use crate::run::{Decision, TaskContext, TaskState};
use crate::template;
use crate::{
    Asker, BudgetScope, BudgetUnit, By, Decider, Event, JobId, Millis, Run, SkipReason, StopHow, StopReason, TaskId,
    Timestamp,
};

/// A question on its way to people.
pub(super) struct Asking {
    pub(super) asker: Asker,
    pub(super) question: Question,
    /// Whoever asks waits no longer than this.
    pub(super) patience: Option<Millis>,
}

/// What somebody answers.
pub(super) struct Answer<'a> {
    pub(super) option: &'a str,
    pub(super) because: &'a str,
    pub(super) by: &'a By,
}

/// Opens a question, or decides it at once where nobody is to be asked.
pub(super) fn open(run: &Run, decision: u32, asking: Asking, now: Timestamp) -> Vec<Event> {
    let Asking { asker, mut question, patience } = asking;
    let ruling = policy::ruling(run.plan(), &question);
    let (option, because) = match ruling {
        Ruling::Asks { within, then } => {
            question.on_silence = then;
            let within = within.map(|within| patience.map_or(within, |patience| within.min(patience)));
            let deadline = within.map(|within| now.plus(within));
            return vec![Event::DecisionOpened { decision, asker, question, deadline }];
        }
        Ruling::Takes(option) => (Some(option), "the mode of the plan asks nobody about this"),
        Ruling::Fails => (None, "the mode of the plan asks nobody, and nothing is recommended"),
    };
    let taken = Event::DecisionTaken { decision, option: option.clone(), by: Decider::Policy, because: because.into() };
    let follows = follows(&asker, &question, option.as_deref());
    let opened = Event::DecisionOpened { decision, asker, question, deadline: None };
    [opened, taken].into_iter().chain(follows).collect()
}

/// A task that is a question asks it, with its texts filled in; none if they cannot be.
pub(super) fn ask_task(run: &Run, task: TaskId, decision: u32, now: Timestamp) -> Option<Vec<Event>> {
    let question = run.plan().task(task).question()?;
    match filled(run, task, question).and_then(|question| super::check_question(&question).map(|()| question)) {
        Ok(question) => {
            let asking = Asking { asker: Asker::Task { task }, question, patience: None };
            Some(open(run, decision, asking, now))
        }
        Err(message) => {
            let reason = SkipReason::BadCondition { message: format!("its question cannot be asked: {message}") };
            Some(vec![Event::TaskSkipped { task, reason }])
        }
    }
}

fn filled(run: &Run, task: TaskId, question: &Question) -> Result<Question, String> {
    let mut question = question.clone();
    if let Work::Decision { check_in: Some(_), .. } = &run.plan().task(task).work {
        return Ok(question);
    }
    let context = TaskContext { run, run_id: None, task }.to_value();
    let options = question.options.iter_mut().flat_map(|option| {
        std::iter::once(&mut option.name).chain(option.details.as_mut()).chain(option.columns.values_mut())
    });
    for text in std::iter::once(&mut question.text).chain(question.details.as_mut()).chain(options) {
        *text = template::render(text, &context).map_err(|error| error.to_string())?;
    }
    Ok(question)
}

/// What follows at once where no person chose: the recommendation of the question is taken, or nothing is.
fn follows(asker: &Asker, question: &Question, option: Option<&str>) -> Vec<Event> {
    let Asker::Task { task } = asker else { return Vec::new() };
    vec![match option.and_then(|option| question.option(option)) {
        Some(option) if option.fails => Event::TaskFailed { task: *task, class: FailureClass::Gate },
        Some(_) => Event::TaskCompleted { task: *task },
        None => Event::TaskFailed { task: *task, class: FailureClass::Timeout },
    }]
}

/// The time of a question is over.
pub(super) fn silence(run: &Run, decision: u32) -> Vec<Event> {
    let Some(open) = run.decisions().get(&decision).filter(|open| open.taken.is_none()) else { return Vec::new() };
    if is_stale(run, open) {
        return vec![withdrawn(decision)];
    }
    let question = &open.question;
    let option = match question.on_silence {
        OnSilence::Escalate => return vec![Event::DecisionEscalated { decision }],
        OnSilence::Park => return Vec::new(),
        OnSilence::Recommend => question.recommend.clone().filter(|_| !policy::is_for_people_only(question)),
        OnSilence::Fail => None,
    };
    let waited = open.deadline.unwrap_or(open.opened).since(open.opened);
    let because = format!("nobody answered in {waited}");
    let follows = follows(&open.asker, question, option.as_deref());
    let taken = Event::DecisionTaken { decision, option, by: Decider::Timeout, because };
    std::iter::once(taken).chain(follows).collect()
}

/// Questions that mean nothing any more: what they are about has gone on without an answer.
pub(super) fn stale(run: &Run) -> impl Iterator<Item = Event> {
    run.open_decisions().filter(|(_, open)| is_stale(run, open)).map(|(decision, _)| withdrawn(decision))
}

fn is_stale(run: &Run, open: &Decision) -> bool {
    match &open.asker {
        Asker::Task { task } | Asker::Engine { task } => !matches!(run.task(*task).state, TaskState::Blocked { .. }),
        Asker::Budget { unit: BudgetUnit::Time, .. } => run.time_noticed() < 100,
        Asker::Budget { scope, .. } => !run.is_used_up(scope),
        Asker::Agent { .. } | Asker::Phase { .. } | Asker::Run => false,
    }
}

/// It means nothing any more.
pub(super) fn withdrawn(decision: u32) -> Event {
    Event::DecisionTaken { decision, option: None, by: Decider::Withdrawn, because: String::new() }
}

/// Somebody has it open.
pub(super) fn hold(run: &Run, decision: u32, lease: Millis, by: &By, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let By::Person { .. } = by else { return Err(Rejected::because("only people hold a question open")) };
    let open = still_open(run, decision)?;
    if open.held.as_ref().is_some_and(|held| held.until.is_none()) {
        return Err(Rejected::because(format!("question {decision} waits already, for as long as it takes")));
    }
    let until = Some(now.plus(lease.min(policy::LONGEST_HOLD)));
    Ok(vec![Event::DecisionHeld { decision, until, by: by.clone() }])
}

/// Nobody has it open any more.
pub(super) fn release(run: &Run, decision: u32, by: &By, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    let open = still_open(run, decision)?;
    if !open.is_held(now) {
        return Err(Rejected::because(format!("nobody holds question {decision}")));
    }
    Ok(vec![Event::DecisionReleased { decision, by: by.clone() }])
}

fn known(run: &Run, decision: u32) -> Result<&Decision, Rejected> {
    run.decisions().get(&decision).ok_or_else(|| Rejected::because(format!("there is no decision {decision}")))
}

fn still_open(run: &Run, decision: u32) -> Result<&Decision, Rejected> {
    let known = known(run, decision)?;
    if known.taken.is_some() {
        return Err(Rejected::because(format!("decision {decision} is over")));
    }
    Ok(known)
}

fn chosen(question: &Question, option: &str) -> Result<String, Rejected> {
    if let Some(option) = question.option(option) {
        return Ok(option.id.clone());
    }
    let ids: Vec<&str> = question.options.iter().map(|option| option.id.as_str()).collect();
    Err(Rejected::because(format!("`{option}` is no option; there are {}", ids.join(", "))))
}

/// Only people decide: `by` says who handed the answer in. The first one counts; one after silence or a rule had decided is kept.
pub(super) fn answer(run: &Run, decision: u32, answer: &Answer<'_>) -> Result<Vec<Event>, Rejected> {
    let By::Person { name } = answer.by else { return Err(Rejected::because("only people decide")) };
    let known = known(run, decision)?;
    if known.taken.is_some() {
        return keep(decision, known, answer);
    }
    if is_stale(run, known) {
        return Err(Rejected::because(format!("decision {decision} means nothing any more")));
    }
    let option = chosen(&known.question, answer.option)?;
    let (by, because) = (Decider::Person { name: name.clone() }, answer.because.to_owned());
    let taken = Event::DecisionTaken { decision, option: Some(option.clone()), by, because };
    let mut events = match &known.asker {
        Asker::Task { task } => match check_in(run, *task, &option) {
            // Whoever wants to change something gets the time for it; it is asked again until it goes on or stops.
            Some(Word::Adjust) if known.held.as_ref().is_some_and(|held| held.until.is_none()) => {
                return Err(Rejected::because("it waits for your changes already; then `continue` or `stop`"));
            }
            Some(Word::Adjust) => {
                return Ok(vec![Event::DecisionHeld { decision, until: None, by: answer.by.clone() }]);
            }
            Some(Word::Stop) => cancel(run, StopHow::Politely, answer.by)?,
            None => follows(&known.asker, &known.question, Some(&option)),
        },
        Asker::Engine { task } => about_failure(run, *task, &option, answer)?,
        Asker::Budget { scope, unit } => about_budget(run, scope, *unit, &option, answer.by),
        Asker::Agent { .. } | Asker::Phase { .. } | Asker::Run => Vec::new(),
    };
    events.insert(0, taken);
    Ok(events)
}

enum Word {
    Adjust,
    Stop,
}

/// What an answer to a check-in means, when it is not to go on.
fn check_in(run: &Run, task: TaskId, option: &str) -> Option<Word> {
    let Work::Decision { check_in: Some(CheckIn::Before | CheckIn::After), .. } = &run.plan().task(task).work else {
        return None;
    };
    match option {
        "adjust" => Some(Word::Adjust),
        "stop" => Some(Word::Stop),
        _ => None,
    }
}

/// An answer that comes after silence or a rule has decided.
fn keep(decision: u32, known: &Decision, answer: &Answer<'_>) -> Result<Vec<Event>, Rejected> {
    let Some(taken) = &known.taken else { return Err(Rejected::because("it is open")) };
    let was = taken.option.as_deref().unwrap_or("nothing");
    if !matches!(taken.by, Decider::Timeout | Decider::Policy) {
        return Err(Rejected::because(format!("decision {decision} is over: {was} was chosen")));
    }
    let option = chosen(&known.question, answer.option)?;
    if taken.option.as_deref() == Some(option.as_str()) {
        return Err(Rejected::because(format!("decision {decision} is over: {was} was chosen, as you would have")));
    }
    if known.late.as_ref().is_some_and(|late| late.option == option && late.by == *answer.by) {
        return Err(Rejected::because(format!("your answer to decision {decision} is kept already")));
    }
    let (by, because) = (answer.by.clone(), answer.because.to_owned());
    Ok(vec![Event::AnswerKept { decision, option, by, because }])
}

/// Decides otherwise what was decided, and does anew what hangs on it.
pub(super) fn correct(run: &Run, decision: u32, answer: &Answer<'_>) -> Result<Vec<Event>, Rejected> {
    let By::Person { .. } = answer.by else { return Err(Rejected::because("only people decide")) };
    let known = known(run, decision)?;
    let Some(taken) = &known.taken else {
        return Err(Rejected::because(format!("decision {decision} is open: answer it")));
    };
    let option = chosen(&known.question, answer.option)?;
    let Asker::Task { task } = &known.asker else {
        return Err(Rejected::because("only decisions of the plan are corrected; `band retry` does a task anew"));
    };
    let fails = known.question.option(&option).is_some_and(|option| option.fails);
    match &run.task(*task).state {
        _ if run.is_cancelling() || run.is_compensating() => {
            return Err(Rejected::because("the run is winding up"));
        }
        _ if taken.option.as_deref() == Some(option.as_str()) => {
            return Err(Rejected::because(format!("{option} is what was chosen")));
        }
        TaskState::Completed { .. } if !fails && check_in(run, *task, &option).is_none() => (),
        TaskState::Completed { .. } => {
            return Err(Rejected::because(format!("{option} would end it; `band cancel` does that")));
        }
        state => {
            let path = &run.plan().task(*task).path;
            let state = state.name();
            return Err(Rejected::because(format!("`{path}` is {state}; `band retry {path}` asks it again")));
        }
    }
    let (by, because) = (answer.by.clone(), answer.because.to_owned());
    let again = redone(run, *task)?;
    let mut events = Vec::new();
    if run.is_over() {
        events.push(Event::RunReopened { by: by.clone() });
    }
    events.push(Event::DecisionCorrected { decision, option, by: by.clone(), because });
    events.extend(again.stops.into_iter().map(|job| Event::StopRequested {
        job,
        why: StopReason::Retried,
        how: StopHow::Politely,
    }));
    events.extend(again.tasks.into_iter().map(|task| Event::TaskReopened { task, by: by.clone() }));
    Ok(events)
}

/// What people are asked about a task that failed for good and asks for them.
pub(super) fn failed_question(run: &Run, task: TaskId, class: FailureClass, why: &str) -> Question {
    let choice = |id: &str, name: &str| crate::plan::Choice { id: id.into(), name: name.into(), ..Default::default() };
    let mut options = vec![choice("retry", "try it again"), choice("accept", "take its work as done")];
    if run.plan().has_worktree(task) {
        options.push(choice("resolve", "take what is in its worktree now, put right by hand"));
    }
    options.push(choice("skip", "leave it failed; what needs it is skipped"));
    options.push(choice("stop", "stop the run"));
    let path = &run.plan().task(task).path;
    let verb = if class == FailureClass::Conflict { "does not merge" } else { "failed" };
    let why: String = why.chars().take(500).collect();
    Question {
        text: format!("{path} {verb}. How shall it go on?"),
        details: Some(why),
        options,
        on_silence: OnSilence::Park,
        people_only: true,
        ..Question::default()
    }
}

fn about_failure(run: &Run, task: TaskId, option: &str, answer: &Answer<'_>) -> Result<Vec<Event>, Rejected> {
    let path = run.plan().task(task).path.clone();
    let class = run.task(task).past().failure.as_ref().map_or(FailureClass::Exit, |failure| failure.0);
    match option {
        "retry" => retry(run, &[path], answer.by),
        "accept" => {
            let because = if answer.because.is_empty() { "as decided" } else { answer.because };
            accept(run, &path, because, answer.by)
        }
        "resolve" => resolve(run, &path, answer.by),
        "skip" => Ok(vec![Event::TaskFailed { task, class }]),
        _ => cancel(run, StopHow::Politely, answer.by),
    }
}

/// What people are asked when the run has used what it may.
pub(super) fn budget_question(run: &Run, scope: &BudgetScope, unit: BudgetUnit, limit: u64) -> Asking {
    let choice = |id: &str, name: String| crate::plan::Choice { id: id.into(), name, ..Default::default() };
    let amount = |limit| crate::view::amount(unit, limit);
    let (what, of) = (crate::view::unit_words(unit), scope.words(run.plan()));
    let question = Question {
        text: format!("The {what} of {of} ({}) is used up. How shall it go on?", amount(limit)),
        options: vec![
            choice("raise", format!("raise it to {}", amount(raised(run, scope, unit, limit)))),
            choice("finish", "finish what runs and spends nothing, and start nothing new".into()),
            choice("stop", "stop what runs".into()),
        ],
        recommend: Some("finish".into()),
        kind: crate::plan::QuestionKind::Cost,
        ..Question::default()
    };
    Asking { asker: Asker::Budget { scope: scope.clone(), unit }, question, patience: None }
}

/// As much again, on top of what is used already.
fn raised(run: &Run, scope: &BudgetScope, unit: BudgetUnit, limit: u64) -> u64 {
    let used = run.used_of(scope, unit);
    used.max(limit).saturating_add(limit)
}

fn about_budget(run: &Run, scope: &BudgetScope, unit: BudgetUnit, option: &str, by: &By) -> Vec<Event> {
    match option {
        "raise" => {
            let by = by.clone();
            let raise = match unit {
                BudgetUnit::Time => {
                    let limit = run.time_used(run.last_at()).1.unwrap_or_default().0;
                    Event::TimeLimitRaised { limit: Millis(raised(run, scope, unit, limit)), by: by.clone() }
                }
                unit => {
                    let limit = run.budget_limit(scope, unit).unwrap_or_default();
                    let limit = raised(run, scope, unit, limit);
                    Event::BudgetRaised { scope: scope.clone(), unit, limit, by: by.clone() }
                }
            };
            std::iter::once(raise).chain(stopped_for_budget(run, &by)).collect()
        }
        "stop" => {
            let running = run.jobs().iter().filter(|(_, job)| job.stop.is_none());
            let stop = |(job, _): (&JobId, _)| Event::StopRequested {
                job: *job,
                why: StopReason::Budget,
                how: StopHow::Politely,
            };
            running.map(stop).collect()
        }
        _ => Vec::new(),
    }
}

/// What failed or was skipped for want of budget is tried again.
fn stopped_for_budget(run: &Run, by: &By) -> impl Iterator<Item = Event> {
    let is_for_budget = |id: &TaskId| match &run.task(*id).state {
        TaskState::Failed { class, .. } => *class == FailureClass::Budget,
        TaskState::Skipped { reason, .. } => matches!(reason, SkipReason::Budget { .. }),
        _ => false,
    };
    let roots = run.plan().ids().filter(is_for_budget).collect();
    let by = by.clone();
    with_skipped_behind(run, roots).into_iter().map(move |task| Event::TaskReset { task, by: by.clone() })
}
