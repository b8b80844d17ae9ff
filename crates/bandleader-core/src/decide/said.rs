//! What agents and their attendants say while they work: a claim each, weighed here before it becomes a fact.

use serde::{Deserialize, Serialize};

use super::people::{Asking, open};
use super::{Rejected, failure};
use crate::plan::Question;
use crate::{Asker, AttemptId, Decider, Event, Heard, Millis, Run, Spending, Timestamp};

/// Texts of one saying together: events stay small, and larger things are files.
const LONGEST: usize = 3 << 10;

/// Options that people are asked to choose from at most.
const MOST_OPTIONS: usize = 12;

/// What an agent, or the attendant that runs it, says of its own accord. It comes through the run's inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// Its program is under way.
    Started {
        /// The driver.
        driver: String,
        /// Version of its program.
        version: Option<String>,
        /// Its model.
        model: Option<String>,
        /// The conversation's name.
        session: Option<String>,
    },
    /// What it used in this attempt so far.
    Spent {
        /// In all.
        spending: Spending,
    },
    /// Its provider asks for patience.
    Limited {
        /// Until when, if it is known.
        until: Option<Timestamp>,
        /// In the provider's words.
        message: String,
    },
    /// It has a person's message.
    Told {
        /// Which.
        message: u64,
    },
    /// It makes something known.
    Known {
        /// What.
        heard: Heard,
    },
    /// It asks people. It may be told the answer later, by the same key.
    Asks {
        /// How it knows the question again.
        key: String,
        /// What.
        question: Question,
        /// It will wait no longer than this.
        patience: Option<Millis>,
    },
}

pub(super) fn said(run: &Run, attempt: AttemptId, said: Said, now: Timestamp) -> Result<Vec<Event>, Rejected> {
    if !run.jobs().keys().any(|job| job.attempt == attempt) {
        let path = run.plan().tasks.get(attempt.task.index()).map_or("?", |task| &task.path);
        return Err(Rejected::because(format!("attempt {} at `{path}` is over", attempt.number)));
    }
    match said {
        Said::Started { driver, version, model, session } => {
            Ok(vec![Event::AgentStarted { attempt, driver, version, model, session }])
        }
        Said::Spent { spending } if spending.since(run.spent_so_far(attempt)).is_nothing() => {
            Err(Rejected::because("that is known"))
        }
        Said::Spent { spending } => Ok(vec![Event::SpendingNoticed { attempt, spending }]),
        Said::Limited { until, message } => match run.account(attempt.task) {
            Some(provider) => {
                let until = until.unwrap_or_else(|| failure::patience(run, attempt, now));
                Ok(vec![Event::ProviderLimited { provider: provider.to_owned(), until, message: cut(message) }])
            }
            None => Err(Rejected::because("it has no account")),
        },
        Said::Told { message } => match run.messages().get(&message) {
            Some(known) if known.delivered.is_none() => Ok(vec![Event::MessageDelivered { message, attempt }]),
            _ => Err(Rejected::because(format!("message {message} is not under way"))),
        },
        Said::Known { heard } => {
            let size = serde_json::to_string(&heard).map_or(usize::MAX, |text| text.len());
            if size > LONGEST {
                return Err(Rejected::because(format!("it is longer than {LONGEST} bytes; write a file and name it")));
            }
            Ok(vec![Event::AgentHeard { attempt, heard }])
        }
        Said::Asks { key, question, patience } => ask(run, Asker::Agent { attempt, key }, question, patience, now),
    }
}

/// Opens a question, unless the same was asked before.
fn ask(
    run: &Run,
    asker: Asker,
    question: Question,
    patience: Option<Millis>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejected> {
    check(&question).map_err(Rejected)?;
    if run.was_asked(&asker) {
        return Err(Rejected::because("that was asked before"));
    }
    Ok(open(run, run.next_decision(), Asking { asker, question, patience, class: None }, now))
}

/// What is wrong with a question, if anything is.
pub(crate) fn check(question: &Question) -> Result<(), String> {
    let size = serde_json::to_string(question).map_or(usize::MAX, |text| text.len());
    let ids: std::collections::BTreeSet<String> =
        question.options.iter().map(|option| option.id.to_ascii_lowercase()).collect();
    match () {
        () if question.text.trim().is_empty() => Err("the question has no text".into()),
        () if size > LONGEST => Err(format!("the question is longer than {LONGEST} bytes")),
        () if question.options.len() < 2 => Err("a question has two options at least".into()),
        () if question.options.len() > MOST_OPTIONS => Err(format!("a question has {MOST_OPTIONS} options at most")),
        () if ids.len() < question.options.len() => Err("two options have the same id".into()),
        () if question.options.iter().any(|option| option.id.trim().is_empty()) => Err("an option has no id".into()),
        () => match &question.recommend {
            Some(id) if question.option(id).is_none() => Err(format!("it recommends `{id}`, which is no option")),
            _ => Ok(()),
        },
    }
}

/// Whoever asked is gone.
pub(super) fn withdraw(run: &Run, attempt: AttemptId) -> impl Iterator<Item = Event> {
    run.questions_of(attempt).map(|decision| Event::DecisionTaken {
        decision,
        option: None,
        by: Decider::Withdrawn,
        because: String::new(),
    })
}

fn cut(text: String) -> String {
    if text.len() <= 500 { text } else { text.chars().take(300).collect() }
}
