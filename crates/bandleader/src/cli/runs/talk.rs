//! `band tell` and `band decide`: a word to those at work, and answers to what they ask.

mod json;

use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{Command, RunId};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;
use serde_json::Value;

pub(super) use json::{activity, agents, blockers, budgets, closed, describe, messages, used};

use super::OfRun;
use crate::error::{Exit, Failure, Outcome};
use crate::render::heard;
use crate::render::screen::Screen;
use crate::render::text::clean;

/// Say something to the agent that works on a task
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band tell build.api 'use the v2 endpoints'
  band tell api --run k3v9 - < notes.txt
It reaches an agent at work where its program can hear; otherwise its next attempt begins with it.
`band timeline` shows when it has arrived.")]
pub(crate) struct TellArguments {
    /// The task, or the end of its path
    #[arg(value_name = "TASK")]
    task: String,
    /// The words; `-` reads them from standard input
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    of: OfRun,
}

/// Answer a question that a run asks, or list those that are open
#[derive(Debug, Args)]
#[command(
    visible_alias = "answer",
    override_usage = "band decide [RUN] DECISION OPTION [--because TEXT]\n       band decide [RUN] [--json]",
    after_help = "Examples:
  band decide                   what is open in the newest run
  band decide 2 B               option B for question 2
  band decide k3v9 2 B --because 'cheaper to run'
The first answer counts. Only people decide: tasks of a run are refused."
)]
pub(crate) struct DecideArguments {
    /// The run, the number of the question, the id of the option
    #[arg(value_name = "RUN DECISION OPTION", num_args = 0..=3)]
    words: Vec<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
    /// Print open questions, or what was decided, as JSON
    #[arg(long)]
    json: bool,
}

/// How long an engine may take to answer before we go.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(50);

/// Says it.
pub(crate) fn tell(arguments: &TellArguments, screen: &mut Screen) -> Outcome {
    let text = if arguments.text == "-" {
        std::io::read_to_string(std::io::stdin())
            .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?
    } else {
        arguments.text.clone()
    };
    let (folder, id) = super::find(arguments.of.run.as_deref())?;
    let task = arguments.task.clone();
    desk::ask(&folder, &id, &Command::Tell { task, text: text.trim_end().to_owned() })?;
    match desk::owner(&folder, &id) {
        Some(_) => screen.note(&format!("run {id} was told")),
        None => screen.note(&format!("run {id} has no engine now; it is told when `band resume {id}` takes it up")),
    }
    Ok(Exit::Succeeded)
}

/// Decides, or lists what is to be decided.
pub(crate) fn decide(arguments: &DecideArguments, screen: &mut Screen) -> Outcome {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] => list(None, arguments.json, screen),
        [run] => list(Some(run), arguments.json, screen),
        [decision, option] => answer(None, decision, option, arguments, screen),
        [run, decision, option, ..] => answer(Some(run), decision, option, arguments, screen),
    }
}

fn list(run: Option<&str>, json: bool, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(run)?;
    let follower = Follower::open(&folder, &id)?;
    let run = follower.run();
    if json {
        let open: Vec<Value> = run.open_decisions().map(|(number, open)| describe(run, number, open)).collect();
        screen.json(&open)?;
        return Ok(Exit::Succeeded);
    }
    let now = Clock::start(run.last_at()).now();
    let mut any = false;
    for (number, open) in run.open_decisions() {
        any = true;
        for line in heard::question(run, number, open, now) {
            screen.line(&line)?;
        }
    }
    if !any {
        screen.note(&format!("run {id} asks nothing now"));
    }
    Ok(Exit::Succeeded)
}

fn answer(
    run: Option<&str>,
    decision: &str,
    option: &str,
    arguments: &DecideArguments,
    screen: &mut Screen,
) -> Outcome {
    if std::env::var_os("BAND_JOB").is_some() {
        return Err(
            Failure::usage("only people decide, and this is a task of a run").hint("`band report ask` asks them")
        );
    }
    let Ok(number) = decision.parse::<u32>() else {
        return Err(Failure::usage(format!("`{decision}` is not the number of a question"))
            .hint("`band decide` lists those that are open"));
    };
    let (folder, id) = super::find(run)?;
    let command = Command::Answer { decision: number, option: option.to_owned(), because: arguments.because.clone() };
    desk::ask(&folder, &id, &command)?;
    if desk::owner(&folder, &id).is_none() {
        screen.note(&format!("run {id} has no engine now; the answer counts when `band resume {id}` takes it up"));
        return Ok(Exit::Succeeded);
    }
    told(&folder, &id, number, arguments.json, screen)
}

/// Waits for what the run made of it.
fn told(folder: &Folder, id: &RunId, number: u32, json: bool, screen: &mut Screen) -> Outcome {
    let mut follower = Follower::open(folder, id)?;
    let start = Instant::now();
    loop {
        follower.catch_up()?;
        let run = follower.run();
        let over = run.decisions().get(&number).filter(|decision| decision.taken.is_some());
        if let Some(decision) = over {
            if json {
                screen.json(&describe(run, number, decision))?;
            } else {
                screen.note(&format!("question {number}: {}", heard::taken(decision)));
            }
            return Ok(Exit::Succeeded);
        }
        if start.elapsed() > PATIENCE {
            let id = clean(id.as_str());
            return Err(Failure::internal(format!("the engine of run {id} does not answer"))
                .hint("it was told all the same, and will do it when it wakes"));
        }
        thread::sleep(BEAT);
    }
}
