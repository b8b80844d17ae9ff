//! `band adjust`: a change of what is left of a run, seen before it is made. What it would bring about is worked out by the engine's core;
//! nothing is changed without a yes.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::time::Duration;

use bandleader_core::view::{Adjustment, adjustment};
use bandleader_core::{
    BudgetScope, BudgetUnit, By, Change, Command, Millis, NewLimit, Note, Run, RunId, TaskState, parse_length,
    parse_millionths, parse_tokens,
};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, Leave, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;
use clap::Args;
use serde_json::json;

use super::{OfRun, Seeing, drive, outcome, steer};
use crate::error::{Exit, Failure, Outcome};
use crate::render::adjustment::lines;
use crate::render::screen::Screen;
use crate::render::text::clean;

/// Change what is left of a run: see first what it would bring about
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band adjust --skip docs --first api          what that would change; asks before it does it
  band adjust --skip polish --yes              a whole phase, without being asked
  band adjust --level 2 --because 'a demo is enough'
  band adjust --bring-back audit --parallel 6  what a level or people left out, done after all
  band adjust --cost 40USD --tokens build=2M --tell api='use the v2 endpoints'
  band adjust --change change.json --json      the same as a file: skip, bring_back, first, last, level, parallel, limits, tell, because
Tasks are named by path or the end of it; a phase or another group stands for all its tasks. What is left out is not a failure: what needs
it goes on without it. What comes back is waited for by what has not begun; the rest is not done anew. A run that has ended is taken up again. Without `--yes`, and where nobody can be asked, nothing is changed.
At a check-in, `band decide NUMBER adjust` stops its clock for this, and `continue` goes on.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    of: OfRun,
    /// Leave a task, or a group, out
    #[arg(long, value_name = "TASK")]
    skip: Vec<String>,
    /// Do a task, or a group, after all: a level or people have left it out
    #[arg(long, value_name = "TASK")]
    bring_back: Vec<String>,
    /// Do it before all others that may start; several in this order
    #[arg(long, value_name = "TASK")]
    first: Vec<String>,
    /// Do it after all others; several in this order
    #[arg(long, value_name = "TASK")]
    last: Vec<String>,
    /// How much rigor from now on: leaves out what is no part of it, and brings back what is
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    level: Option<u8>,
    /// How many tasks may run at once from now on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    parallel: Option<u32>,
    /// A new limit on the time that the whole run may take: 8h, 90m
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    time: Option<Millis>,
    /// A new limit on money, of the run or of a phase, a task or an agent: 40USD, build=10USD
    #[arg(long, value_name = "[WHAT=]MONEY")]
    cost: Vec<String>,
    /// A new limit on tokens, in the same way: 5M, writer=200k
    #[arg(long, value_name = "[WHAT=]NUMBER")]
    tokens: Vec<String>,
    /// Say something to the agent of a task, or to all in a group
    #[arg(long, value_name = "TASK=TEXT")]
    tell: Vec<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
    /// Read the change from a JSON file; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["skip", "bring_back", "parallel", "first", "last", "level", "time", "cost", "tokens", "tell"])]
    change: Option<String>,
    /// Do it without being asked
    #[arg(short, long)]
    yes: bool,
    /// Print what it brings about as JSON
    #[arg(long)]
    json: bool,
}

/// How long an engine may take to answer before we go.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file with a change is no larger.
const LONGEST_CHANGE: u64 = 1 << 20;

/// Shows it, asks, and does it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if is_within_a_task() {
        return Err(Failure::usage("only people change what is to be done, and this is a task of a run")
            .hint("`band report ask` asks them"));
    }
    let (folder, id) = super::find(arguments.of.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let change = wanted(arguments, follower.run())?;
    let seen = foreseen(follower.run(), &change)?;
    if !arguments.json {
        for line in lines(&seen) {
            screen.line(&line)?;
        }
    }
    let does = arguments.yes || !arguments.json && agrees(screen);
    if does {
        desk::ask(&folder, &id, &Command::from(change.clone()))?;
    }
    if arguments.json {
        screen.json(&json!({ "run": id.as_str(), "change": change, "brings": seen, "done": does }))?;
    }
    if does && seen.reopens && desk::owner(&folder, &id).is_none() {
        // As `band retry` does: whoever takes an ended run up again wants it to move.
        return again(&folder, &id, arguments.json, screen);
    }
    match (does, desk::owner(&folder, &id).is_some()) {
        (false, _) => screen.note("nothing was changed; `--yes` does it"),
        (true, true) => {
            wait(&folder, &id, follower.run(), &change)?;
            screen.note(&format!("run {id} was changed"));
            if let Some((number, _)) = waiting(follower.run()) {
                screen.note(&format!("`band decide {number} continue` goes on"));
            }
        }
        (true, false) => {
            screen.note(&format!("run {id} has no engine now; the change counts when `band resume {id}` takes it up"));
        }
    }
    Ok(Exit::Succeeded)
}

/// Goes on with an ended run, in this process. Whoever wanted JSON has it, and gets no more than that.
fn again(folder: &Folder, id: &RunId, is_json: bool, screen: &mut Screen) -> Outcome {
    if !is_json {
        return drive::go(folder, id, &Seeing::default(), screen);
    }
    steer::lend_an_engine(folder, id, Leave::WhenTold, screen)?;
    Ok(outcome::exit_of(Follower::open(folder, id)?.run()))
}

fn foreseen(run: &Run, change: &Change) -> Result<Adjustment, Failure> {
    let now = Clock::start(run.last_at()).now();
    let by = By::Person { name: "you".into() };
    adjustment(run, change, &by, now)
        .map_err(|rejected| Failure::usage(rejected.0).hint("nothing was changed; `band status` shows what is left"))
}

/// The check-in that waits for changes, if one does.
fn waiting(run: &Run) -> Option<(u32, &bandleader_core::Decision)> {
    run.open_decisions().find(|(_, open)| open.held.as_ref().is_some_and(|held| held.until.is_none()))
}

fn agrees(screen: &mut Screen) -> bool {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return false;
    }
    screen.prompt("Do it? (y/N) ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

/// Until its engine has done it: then something of it is to be seen.
fn wait(folder: &Folder, id: &RunId, before: &Run, change: &Change) -> Result<(), Failure> {
    let sent = before.messages().len();
    let tasks = |run: &Run, names: &[String]| -> Vec<_> {
        names.iter().filter_map(|name| run.named(name).ok()).flat_map(|(tasks, _)| tasks).collect()
    };
    let moved = [change.first.clone(), change.last.clone()].concat();
    let is_done = |run: &Run| {
        let out = |task: &_| matches!(run.task(*task).state, TaskState::Skipped { .. });
        let skipped = change.skip.is_empty() || tasks(run, &change.skip).iter().any(out);
        let back = change.bring_back.is_empty() || !tasks(run, &change.bring_back).iter().any(out);
        let placed = |task: &_| run.urgency(*task) != before.urgency(*task);
        let ordered = moved.is_empty() || tasks(run, &moved).iter().any(placed);
        let levelled = change.level.is_none_or(|level| run.level() == level);
        let parallel = change.parallel.is_none_or(|parallel| run.parallel() == parallel);
        let told = change.tell.is_empty() || run.messages().len() > sent;
        let raised = change.limits.iter().all(|limit| match limit.unit {
            BudgetUnit::Time => run.time_used(run.last_at()).1.is_some_and(|now| now.0 >= limit.limit),
            unit => run.budget_limit(&limit.scope, unit).is_some_and(|now| now >= limit.limit),
        });
        run.is_over() || skipped && back && ordered && levelled && parallel && told && raised
    };
    steer::wait_until(folder, id, Some(PATIENCE), is_done).map(|_| ())
}

/// The change as it was given.
fn wanted(arguments: &Arguments, run: &Run) -> Result<Change, Failure> {
    if let Some(file) = &arguments.change {
        let change = read(file)?;
        let because = if arguments.because.is_empty() { change.because.clone() } else { arguments.because.clone() };
        return Ok(Change { because, ..change });
    }
    let mut limits = Vec::new();
    for text in &arguments.cost {
        limits.push(limit(run, text, BudgetUnit::Cost, &|text| parse_millionths(text))?);
    }
    for text in &arguments.tokens {
        limits.push(limit(run, text, BudgetUnit::Tokens, &|text| parse_tokens(text))?);
    }
    let time = arguments.time.map(|time| NewLimit { scope: BudgetScope::Run, unit: BudgetUnit::Time, limit: time.0 });
    limits.extend(time);
    let tell = arguments.tell.iter().map(|text| {
        let (task, text) = text.split_once('=').ok_or_else(|| {
            Failure::usage(format!("`--tell {}` names no task", clean(text))).hint("write `--tell TASK=TEXT`")
        })?;
        Ok(Note { task: task.trim().to_owned(), text: text.to_owned() })
    });
    let tell = tell.collect::<Result<Vec<Note>, Failure>>()?;
    let Arguments { skip, bring_back, first, last, level, parallel, because, .. } = arguments;
    let (skip, bring_back) = (skip.clone(), bring_back.clone());
    let (first, last, because) = (first.clone(), last.clone(), because.clone());
    Ok(Change { skip, bring_back, first, last, level: *level, parallel: *parallel, limits, tell, because })
}

fn read(file: &str) -> Result<Change, Failure> {
    let mut text = String::new();
    let read = if file == "-" {
        io::stdin().take(LONGEST_CHANGE).read_to_string(&mut text)
    } else {
        fs::File::open(file).and_then(|file| file.take(LONGEST_CHANGE).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", clean(file))))?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::usage(format!("`{}` is no change: {error}", clean(file)))
            .hint("its keys are skip, bring_back, first, last, level, parallel, limits, tell and because; `band adjust … --json` prints one")
    })
}

/// `40USD`, or `build=40USD`.
fn limit(run: &Run, text: &str, unit: BudgetUnit, parse: &dyn Fn(&str) -> Option<u64>) -> Result<NewLimit, Failure> {
    let (of, amount) = text.split_once('=').map_or((None, text), |(of, amount)| (Some(of.trim()), amount));
    let Some(limit) = parse(amount) else {
        let hint = if unit == BudgetUnit::Cost { "write 40USD or build=40USD" } else { "write 5M or writer=200k" };
        return Err(Failure::usage(format!("`{}` is no amount", clean(amount))).hint(hint));
    };
    let scope = match of {
        None => BudgetScope::Run,
        Some(name) if run.plan().agents.contains_key(name) => BudgetScope::Agent { name: name.to_owned() },
        Some(name) => match run.named(name) {
            Ok((tasks, is_group)) => match (tasks.as_slice(), run.plan().find_group(name).filter(|_| is_group)) {
                (_, Some(group)) => BudgetScope::Group { group },
                ([task, ..], None) => BudgetScope::Task { task: *task },
                ([], None) => return Err(Failure::usage(format!("`{}` has no limits", clean(name)))),
            },
            Err(reason) => {
                return Err(Failure::usage(reason).hint("name a phase, a task or an agent of the plan"));
            }
        },
    };
    Ok(NewLimit { scope, unit, limit })
}
