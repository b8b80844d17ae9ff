//! `band report insight …` and the like: what a task's own process makes known of itself, as agents do by their tools.

use bandleader_core::plan::{OnSilence, QuestionKind, Weight};
use bandleader_core::view::when::rfc3339;
use bandleader_core::{Decider, Heard, Millis, Severity, parse_length};
use bandleader_engine::agent::speaker::{Answer, SpeakError, Speaker};
use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{Exit, Failure, Outcome, with_causes};
use crate::mcp::{Asked, OptionAsked, know, words_of};
use crate::render::screen::Screen;
use crate::render::text::clean;

/// What a task can make known.
#[derive(Debug, Subcommand)]
pub(crate) enum Say {
    /// From a task: say how far it is
    #[command(after_help = "Example:  band report progress 40 --doing 'running the tests'")]
    Progress {
        /// Percent of the whole task
        #[arg(value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100), required_unless_present = "doing")]
        percent: Option<u8>,
        /// What it is at, in a few words
        #[arg(long, value_name = "TEXT")]
        doing: Option<String>,
    },
    /// From a task: record a finding that others should know
    #[command(after_help = "Example:  band report insight 'the index is built twice'")]
    Insight {
        /// The finding
        #[arg(value_name = "TEXT")]
        text: String,
    },
    /// From a task: record a choice that it made itself
    #[command(after_help = "Example:  band report choice 'which queue' --choice redis --because 'it is there already'")]
    Choice {
        /// What was to be chosen
        #[arg(value_name = "QUESTION")]
        question: String,
        /// What was chosen
        #[arg(long, value_name = "TEXT")]
        choice: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// What else there was; may be given several times
        #[arg(long = "alternative", value_name = "TEXT")]
        alternatives: Vec<String>,
    },
    /// From a task: say that something stands in its way
    #[command(after_help = "Example:  band report blocker staging-down 'no answer from staging' --severity high")]
    Blocker {
        /// A short name, by which it is resolved later
        #[arg(value_name = "NAME")]
        name: String,
        /// What stands in the way
        #[arg(value_name = "TEXT")]
        text: String,
        /// low, medium, high or critical
        #[arg(long, value_name = "SEVERITY", value_parser = word::<Severity>, default_value = "medium")]
        severity: Severity,
        /// What would help
        #[arg(long, value_name = "TEXT")]
        needs: Option<String>,
    },
    /// From a task: say that a blocker is gone
    #[command(after_help = "Example:  band report unblocked staging-down 'it was restarted'")]
    Unblocked {
        /// The blocker's name
        #[arg(value_name = "NAME")]
        name: String,
        /// What helped
        #[arg(value_name = "TEXT")]
        how: String,
    },
    /// From a task: say what it made
    #[command(after_help = "Example:  band report deliverable 'the API in OpenAPI 3.1' --path docs/api.yaml")]
    Deliverable {
        /// What it is
        #[arg(value_name = "TEXT")]
        text: String,
        /// Its path, relative to the folder that the task works in
        #[arg(long, value_name = "PATH")]
        path: Option<String>,
    },
    /// From a task: read facts that other tasks left, or leave one
    #[command(after_help = "Examples:
  band report context url http://localhost:8080 --ttl 1h
  url=$(band report context url)
  band report context --json")]
    Context {
        /// The fact's name; all of them when left out
        #[arg(value_name = "KEY")]
        key: Option<String>,
        /// What is so: leaves the fact
        #[arg(value_name = "VALUE", requires = "key")]
        value: Option<String>,
        /// How long it holds: 30m, 2h
        #[arg(long, value_name = "LENGTH", value_parser = parse_length, requires = "value")]
        ttl: Option<Millis>,
        /// Print facts as JSON
        #[arg(long, conflicts_with = "value")]
        json: bool,
    },
    /// From a task: ask people to decide, and wait for it; prints the option's id
    Ask(AskArguments),
}

/// A question to people.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  choice=$(band report ask 'Which region?' --option 'A=Frankfurt' --option 'B=Dublin' --recommend A)
Ends with 0 when it is decided, 5 when it is still open after --wait, 4 when nothing was chosen.")]
pub(crate) struct AskArguments {
    /// The question
    #[arg(value_name = "QUESTION")]
    question: String,
    /// An option, as ID=NAME; two at least
    #[arg(short, long = "option", value_name = "ID=NAME", required = true)]
    options: Vec<String>,
    /// The id of the option that is taken when nobody answers
    #[arg(short, long, value_name = "ID")]
    recommend: Option<String>,
    /// What it is about: general, database, security, cost or api-design
    #[arg(long, value_name = "KIND", value_parser = word::<QuestionKind>, default_value = "general")]
    kind: QuestionKind,
    /// How much hangs on it: urgent, confirmation, standard or critical
    #[arg(long, value_name = "WEIGHT", value_parser = word::<Weight>, default_value = "standard")]
    weight: Weight,
    /// It cannot be taken back: silence never decides it
    #[arg(long)]
    irreversible: bool,
    /// What follows when nobody answers: recommend, fail, park or escalate
    #[arg(long, value_name = "WHAT", value_parser = word::<OnSilence>, default_value = "recommend")]
    on_silence: OnSilence,
    /// Wait no longer than this; until it is decided when left out
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    wait: Option<Millis>,
    /// Give people no more time than this
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    patience: Option<Millis>,
    /// Print what came of it as JSON
    #[arg(long)]
    json: bool,
}

/// One of the words that stand for the values of `T`.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(Value::String(text.to_lowercase())).map_err(|error| error.to_string())
}

/// Makes it known.
pub(super) fn run(say: &Say, screen: &mut Screen) -> Outcome {
    let speaker = Speaker::from_environment().map_err(|error| {
        Failure::usage(error.to_string()).hint(
            "this form of `band report` is for the commands of a running task; `band report [RUN]` shows a report",
        )
    })?;
    let heard = match say {
        Say::Progress { percent, doing } => {
            speaker.progress(*percent, doing.as_deref()).map_err(|error| failure(&error))?;
            return Ok(Exit::Succeeded);
        }
        Say::Context { key, value: None, json, .. } => return context(&speaker, key.as_deref(), *json, screen),
        Say::Ask(arguments) => return ask(&speaker, arguments, screen),
        Say::Context { key, value: Some(value), ttl, .. } => {
            Heard::Context { key: key.clone().unwrap_or_default(), value: value.clone(), ttl: *ttl }
        }
        Say::Insight { text } => Heard::Insight { text: text.clone() },
        Say::Choice { question, choice, because, alternatives } => Heard::Choice {
            question: question.clone(),
            choice: choice.clone(),
            because: because.clone(),
            alternatives: alternatives.clone(),
        },
        Say::Blocker { name, text, severity, needs } => {
            Heard::Blocker { name: name.clone(), severity: *severity, text: text.clone(), needs: needs.clone() }
        }
        Say::Unblocked { name, how } => Heard::Unblocked { name: name.clone(), how: how.clone() },
        Say::Deliverable { text, path } => Heard::Deliverable { path: path.clone(), text: text.clone() },
    };
    know(&speaker, heard).map_err(Failure::usage)?;
    Ok(Exit::Succeeded)
}

fn failure(error: &SpeakError) -> Failure {
    let words = with_causes(error);
    if matches!(error, SpeakError::Refused(_)) { Failure::usage(words) } else { Failure::internal(words) }
}

fn context(speaker: &Speaker, key: Option<&str>, json: bool, screen: &mut Screen) -> Outcome {
    let mut facts = speaker.context().map_err(|error| failure(&error))?;
    if let Some(key) = key {
        facts.retain(|name, _| name == key);
        if facts.is_empty() {
            return Err(Failure::usage(format!("no task has left the fact `{key}`"))
                .hint("`band report context` lists those that are there"));
        }
    }
    if json {
        let shown = facts.iter().map(|(key, fact)| {
            let until = fact.until.map(rfc3339);
            (key.clone(), json!({ "value": fact.value, "by": fact.by, "at": rfc3339(fact.at), "until": until }))
        });
        screen.json(&Value::Object(shown.collect()))?;
        return Ok(Exit::Succeeded);
    }
    for (name, fact) in &facts {
        match key {
            Some(_) => screen.line(&clean(&fact.value))?,
            None => screen.line(&format!("{}={}", clean(name), clean(&fact.value)))?,
        }
    }
    Ok(Exit::Succeeded)
}

fn ask(speaker: &Speaker, arguments: &AskArguments, screen: &mut Screen) -> Outcome {
    let option = |text: &String| match text.split_once('=') {
        Some((id, name)) => json!({ "id": id.trim(), "name": name.trim() }),
        None => json!({ "id": text.trim(), "name": text.trim() }),
    };
    let options: Vec<Value> = arguments.options.iter().map(option).collect();
    let seconds = |length: Millis| length.0.div_ceil(1_000);
    let answer = loop {
        let read: Result<Vec<OptionAsked>, _> = serde_json::from_value(Value::Array(options.clone()));
        let asked = Asked {
            question: arguments.question.clone(),
            options: read.map_err(|error| Failure::usage(error.to_string()))?,
            recommend: arguments.recommend.clone(),
            kind: arguments.kind,
            weight: arguments.weight,
            irreversible: arguments.irreversible,
            on_silence: arguments.on_silence,
            wait_seconds: Some(arguments.wait.map_or(u64::MAX, seconds)),
            patience_seconds: arguments.patience.map(seconds),
        };
        let answer = asked.put(speaker).map_err(|error| failure(&error))?;
        if matches!(answer, Answer::Over(_)) || arguments.wait.is_some() {
            break answer;
        }
    };
    let taken = match &answer {
        Answer::Over(decision) => decision.taken.as_ref(),
        Answer::Open { .. } => None,
    };
    if arguments.json {
        let by = taken.map(|taken| match &taken.by {
            Decider::Person { name } => json!({ "who": "person", "name": name }),
            other => json!(other),
        });
        screen.json(&json!({
            "open": taken.is_none(), "option": taken.and_then(|taken| taken.option.clone()), "by": by,
            "because": taken.map(|taken| taken.because.clone()), "text": words_of(&answer),
        }))?;
    } else {
        screen.note(&clean(&words_of(&answer)));
    }
    match taken {
        None => Ok(Exit::Waiting),
        Some(taken) => match &taken.option {
            None => Ok(Exit::Refused),
            Some(option) => {
                if !arguments.json {
                    screen.line(&clean(option))?;
                }
                Ok(Exit::Succeeded)
            }
        },
    }
}
