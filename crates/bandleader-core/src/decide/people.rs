//! Questions to people: opened, answered by the first who does, decided by silence as declared, and what follows from each.
//!
//! An answer and everything that follows from it are one commit, so that no crash comes between.

use super::command::cancel;
use super::{Rejected, about_budget, about_failure};
use crate::plan::{CheckIn, FailureClass, OnSilence, Question, Work};
use crate::policy::{self, Ruling};
use crate::run::{Decision, TaskContext, TaskState};
use crate::template;
use crate::{Asker, BudgetUnit, By, Decider, Event, Millis, Onward, Run, SkipReason, StopHow, TaskId, Timestamp};

/// A question on its way to people.
pub(super) struct Asking {
    pub(super) asker: Asker,
    pub(super) question: Question,
    /// Whoever asks waits no longer than this.
    pub(super) patience: Option<Millis>,
    /// How the attempt failed that it is about, where that is not committed yet.
    pub(super) class: Option<FailureClass>,
}

/// What somebody answers.
pub(super) struct Answer<'a> {
    pub(super) option: &'a str,
    pub(super) because: &'a str,
    pub(super) by: &'a By,
}

/// Opens a question, or decides it at once where nobody is to be asked.
pub(super) fn open(run: &Run, decision: u32, asking: Asking, now: Timestamp) -> Vec<Event> {
    let Asking { asker, mut question, patience, class } = asking;
    let ruling = policy::ruling(policy::Terms::in_run(run), &question);
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
    let follows = follows(run, &asker, &question, option.as_deref(), class);
    let opened = Event::DecisionOpened { decision, asker, question, deadline: None };
    [opened, taken].into_iter().chain(follows).collect()
}

/// A task that is a question asks it, with its texts filled in; none if they cannot be.
pub(super) fn ask_task(run: &Run, task: TaskId, decision: u32, now: Timestamp) -> Option<Vec<Event>> {
    let question = run.plan().task(task).question()?;
    match filled(run, task, question).and_then(|question| super::check_question(&question).map(|()| question)) {
        Ok(question) => {
            let asking = Asking { asker: Asker::Task { task }, question, patience: None, class: None };
            Some(open(run, decision, asking, now))
        }
        Err(message) => {
            let reason = SkipReason::BadCondition { message: format!("its question cannot be asked: {message}") };
            Some(vec![Event::TaskSkipped { task, reason, onward: Onward::AtOnce }])
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
    let about = question.hook.as_mut().and_then(|hook| hook.about.as_mut());
    for text in std::iter::once(&mut question.text).chain(question.details.as_mut()).chain(about).chain(options) {
        *text = template::render(text, &context).map_err(|error| error.to_string())?;
    }
    Ok(question)
}

/// What follows where no person chose: the recommendation of the question is taken, or nothing is. The engine's own questions
/// recommend nothing but to leave it at that.
fn follows(
    run: &Run,
    asker: &Asker,
    question: &Question,
    option: Option<&str>,
    class: Option<FailureClass>,
) -> Vec<Event> {
    match asker {
        Asker::Task { task } => vec![chosen_by_task(*task, question, option)],
        Asker::Engine { task } => about_failure::settled(run, *task, class),
        Asker::Budget { scope, .. } => about_budget::settled(run, scope),
        Asker::Agent { .. } | Asker::Phase { .. } | Asker::Run => Vec::new(),
    }
}

pub(super) fn chosen_by_task(task: TaskId, question: &Question, option: Option<&str>) -> Event {
    match option.and_then(|option| question.option(option)) {
        Some(option) if option.fails => Event::TaskFailed { task, class: FailureClass::Gate },
        Some(_) => Event::TaskCompleted { task },
        None => Event::TaskFailed { task, class: FailureClass::Timeout },
    }
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
    // Not how long ago it was opened: its clock may have stood still meanwhile.
    let because = format!("nobody answered in {}", open.given.unwrap_or_default());
    let follows = follows(run, &open.asker, question, option.as_deref(), None);
    let taken = Event::DecisionTaken { decision, option, by: Decider::Timeout, because };
    std::iter::once(taken).chain(follows).collect()
}

/// Questions that mean nothing any more: what they are about has gone on without an answer.
pub(super) fn stale(run: &Run) -> impl Iterator<Item = Event> {
    run.doubtful_decisions().filter(|(_, open)| is_stale(run, open)).map(|(decision, _)| withdrawn(decision))
}

pub(super) fn is_stale(run: &Run, open: &Decision) -> bool {
    match &open.asker {
        Asker::Task { task } | Asker::Engine { task } => !matches!(run.task(*task).state, TaskState::Blocked { .. }),
        Asker::Budget { unit: BudgetUnit::Time, .. } => run.time_noticed() < 100,
        Asker::Budget { scope, unit } => !run.is_told_used_up(scope, *unit),
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
    let room = policy::MOST_HELD.0.saturating_sub(open.held_in_all(now).0);
    if room == 0 {
        let most = policy::MOST_HELD;
        return Err(Rejected::because(format!("question {decision} was held for {most} in all; its time goes on now")));
    }
    let until = Some(now.plus(lease.min(policy::LONGEST_HOLD).min(Millis(room))));
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

pub(super) fn known(run: &Run, decision: u32) -> Result<&Decision, Rejected> {
    run.decisions().get(&decision).ok_or_else(|| Rejected::because(format!("there is no decision {decision}")))
}

fn still_open(run: &Run, decision: u32) -> Result<&Decision, Rejected> {
    let known = known(run, decision)?;
    if known.taken.is_some() {
        return Err(Rejected::because(format!("decision {decision} is over")));
    }
    Ok(known)
}

pub(super) fn chosen(question: &Question, option: &str) -> Result<String, Rejected> {
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
            None => vec![chosen_by_task(*task, &known.question, Some(&option))],
        },
        Asker::Engine { task } => about_failure::answered(run, *task, &option, answer)?,
        Asker::Budget { scope, unit } => about_budget::answered(run, (scope, *unit), &option, answer)?,
        Asker::Agent { .. } | Asker::Phase { .. } | Asker::Run => Vec::new(),
    };
    events.insert(0, taken);
    Ok(events)
}

pub(super) enum Word {
    Adjust,
    Stop,
}

/// What an answer to a check-in means, when it is not to go on.
pub(super) fn check_in(run: &Run, task: TaskId, option: &str) -> Option<Word> {
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
