//! Decides otherwise what was decided.

use super::Rejected;
use super::people::{Answer, check_in, chosen, known};
use super::redo::redone;
use crate::run::TaskState;
use crate::{Asker, By, Event, Run, StopHow, StopReason};

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
