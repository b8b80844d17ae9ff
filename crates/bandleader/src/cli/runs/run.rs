//! `band run` and `band resume`: the engine at work, seen live.

use bandleader_core::plan::{Mode, Work};
use bandleader_core::{
    BudgetScope, BudgetUnit, Command, Millis, Plan, Run, RunId, RunState, parse_length, parse_millionths, parse_tokens,
};
use bandleader_engine::engine::{Follower, NewMission, desk, submit_told};
use bandleader_engine::folder::Folder;
use bandleader_engine::store::RunRow;
use bandleader_engine::workspace;
use clap::{Args, ValueEnum};

use super::{Seeing, WhichRun, drive, outcome, status};
use crate::config;
use crate::error::{Failure, Outcome};
use crate::plans::{self, Missing, PlanArguments, Wishes};
use crate::render::live::state_words;
use crate::render::screen::Screen;
use crate::render::text::{clean, count};
use crate::render::words::brief;
use crate::render::wrap::hang;

/// Run a plan, and watch it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band run plan.yaml
  band run review --input target=src
  band run plan.yaml --detach && band watch
  band run plan.yaml --merge-into main
  band run plan.yaml --mode autonomous --cost 20USD
Ctrl-C once: start nothing new, let running tasks finish. Twice: stop them politely. Three times: kill them.
Ends with 0 when all is done, 3 when tasks failed, 4 when a gate refused or `--merge-into` could not be done, 6 over budget,
130 when cancelled.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// How many tasks at once, in place of the plan's own number
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,
    /// Who is asked what, in place of what the plan says
    #[arg(long, value_enum, value_name = "MODE")]
    mode: Option<ModeWanted>,
    /// A limit on the time that the whole run may take, in place of the plan's: 8h, 90m
    #[arg(long, value_name = "LENGTH", value_parser = limit_of_time)]
    time: Option<Millis>,
    /// On what it may cost: 40USD, $2.50
    #[arg(long, value_name = "MONEY", value_parser = limit_of_cost)]
    cost: Option<f64>,
    /// On the tokens that it may use: 200k, 5M
    #[arg(long, value_name = "NUMBER", value_parser = limit_of_tokens)]
    tokens: Option<u64>,
    /// Merge the work of tasks in git worktrees into this branch when the run has succeeded; nothing is forced
    #[arg(long, value_name = "BRANCH")]
    merge_into: Option<String>,
    #[command(flatten)]
    seeing: Seeing,
}

/// Go on with a run: after a crash, a stop or a pause
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band resume              the newest run
  band resume k3v9         the run whose id begins so
  band resume --time 8h    one that is over budget, with a new limit on its time
  band resume --cost 40USD --tokens 5M
  band resume --now        one that waits for a provider's limit, at once
Tasks that went on while nobody looked are found again and kept; completed ones are not repeated.")]
pub(crate) struct ResumeArguments {
    #[command(flatten)]
    which: WhichRun,
    /// A new limit on the time that the whole run may take: 8h, 90m
    #[arg(long, value_name = "LENGTH", value_parser = parse_length)]
    time: Option<Millis>,
    /// A new limit on what the whole run may cost: 40USD, $2.50
    #[arg(long, value_name = "MONEY", value_parser = money)]
    cost: Option<u64>,
    /// A new limit on the tokens of the whole run: 200k, 5M
    #[arg(long, value_name = "NUMBER", value_parser = tokens)]
    tokens: Option<u64>,
    /// Wait no longer for a provider that takes no more
    #[arg(long)]
    now: bool,
    /// Merge its work into this branch when it has succeeded, as `band run --merge-into` does
    #[arg(long, value_name = "BRANCH")]
    merge_into: Option<String>,
    #[command(flatten)]
    seeing: Seeing,
}

/// The modes of a plan, as they are typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ModeWanted {
    /// People are asked about everything
    Interactive,
    /// Only about what is critical or of a kind of its own
    Guided,
    /// About everything, with little time
    SemiAutonomous,
    /// About nothing
    Autonomous,
}

impl From<ModeWanted> for Mode {
    fn from(mode: ModeWanted) -> Mode {
        match mode {
            ModeWanted::Interactive => Mode::Interactive,
            ModeWanted::Guided => Mode::Guided,
            ModeWanted::SemiAutonomous => Mode::SemiAutonomous,
            ModeWanted::Autonomous => Mode::Autonomous,
        }
    }
}

/// With a limit of nothing nothing starts.
fn more_than_none<T: PartialEq + Default>(found: T) -> Result<T, String> {
    if found == T::default() { Err("a limit of nothing lets nothing start".into()) } else { Ok(found) }
}

fn limit_of_time(text: &str) -> Result<Millis, String> {
    parse_length(text).map_err(|error| error.to_string()).and_then(more_than_none)
}

#[expect(clippy::cast_precision_loss, reason = "nobody spends so much")]
fn limit_of_cost(text: &str) -> Result<f64, String> {
    money(text).and_then(more_than_none).map(|millionths| millionths as f64 / 1e6)
}

fn limit_of_tokens(text: &str) -> Result<u64, String> {
    tokens(text).and_then(more_than_none)
}

fn money(text: &str) -> Result<u64, String> {
    parse_millionths(text).ok_or_else(|| "not an amount of money; write 40USD or $2.50".into())
}

fn tokens(text: &str) -> Result<u64, String> {
    parse_tokens(text).ok_or_else(|| "not a number of tokens; write 200000, 200k or 5M".into())
}

impl ResumeArguments {
    /// What is asked for beyond going on.
    fn raises(&self) -> Vec<Command> {
        let budget =
            |unit, limit: Option<u64>| limit.map(|limit| Command::RaiseBudget { scope: BudgetScope::Run, unit, limit });
        let open = self.now.then_some(Command::OpenProvider { provider: None });
        let merge = self.merge_into.clone().map(|branch| Command::MergeInto { branch });
        let all = [budget(BudgetUnit::Cost, self.cost), budget(BudgetUnit::Tokens, self.tokens), open, merge];
        all.into_iter().flatten().collect()
    }
}

/// Freezes a plan as a run and drives it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let mut plan = plans::load(&arguments.plan, arguments.parallel, Missing::Ask, screen)?;
    let Arguments { mode, time, cost, tokens, .. } = *arguments;
    Wishes { mode: mode.map(Mode::from), time, cost_usd: cost, tokens }.apply(&mut plan);
    let changes = plans::level_changes(&arguments.plan)?;
    let left_out = left_out(&plan).filter(|_| changes.is_empty());
    for line in changes.into_iter().chain(left_out) {
        let text = line.trim_start();
        let before = " ".repeat(line.len() - text.len());
        for line in hang(&before, before.len() + 2, text, screen.width()) {
            screen.note(&line);
        }
    }
    let folder = Folder::find_or_create(&config::here()?)?;
    let plan_name = arguments.plan.plan.as_str();
    let merge_into = arguments.merge_into.as_deref();
    let new = NewMission { plan: &plan, plan_name, project: folder.project(), merge_into };
    let id = submit_told(&folder, &new, &mut |note| screen.note(&clean(note)))?;
    // The engine reads the frozen one; a large plan need not be there twice for as long as the run takes.
    drop(plan);
    drive::afresh(&folder, &id, &arguments.seeing, screen)
}

/// What the level leaves out, in a line.
fn left_out(plan: &Plan) -> Option<String> {
    let left = plan.tasks.iter().filter(|task| task.work == Work::Left && task.is_real());
    let names: Vec<&str> = left.map(|task| task.path.as_str()).collect();
    let some: Vec<_> = names.iter().take(6).map(|name| clean(name)).collect();
    let more = if names.len() > some.len() { ", …" } else { "" };
    let number = count(names.len(), "task");
    (!names.is_empty()).then(|| format!("level {} leaves out {number}: {}{more}", plan.level, some.join(", ")))
}

/// Takes one up again. A run that another process drives is only watched; one that has ended is left as it is, unless more
/// time is what it lacked.
pub(crate) fn resume(arguments: &ResumeArguments, screen: &mut Screen) -> Outcome {
    let folder = super::folder()?;
    let row = desk::find(&folder, arguments.which.run.as_deref())?;
    if let Some(into) = &arguments.merge_into {
        workspace::check_target(&row.project, into).map_err(Failure::usage)?;
    }
    if goes_on(&folder, &row, arguments)? {
        return drive::go(&folder, &row.id, &arguments.seeing, screen);
    }
    let id = row.id;
    let follower = Follower::open(&folder, &id)?;
    let run = follower.run();
    let raises = arguments.raises();
    if let Some(into) = arguments.merge_into.as_ref().filter(|_| run.is_over() && run.state() != RunState::OverBudget) {
        return Err(Failure::usage(format!("run {id} has ended: {}", state_words(run.state())))
            .hint(format!("`band merge {id} --into {into}` merges what it has done")));
    }
    if let Some(limit) = arguments.time {
        give_time(&folder, &id, run, limit)?;
    }
    for raise in &raises {
        desk::ask(&folder, &id, raise)?;
    }
    if arguments.time.is_some() || !raises.is_empty() {
        // More of what it lacked: it goes on.
    } else if run.is_over() {
        say_over(&id, run.state(), screen);
        return Ok(outcome::exit_of(run));
    }
    if run.state() == RunState::Paused {
        desk::ask(&folder, &id, &Command::Resume).map_err(Failure::from)?;
    }
    // Its copy of the run is not needed beside the engine's.
    drop(follower);
    let Some(pid) = desk::owner(&folder, &id) else {
        return drive::go(&folder, &id, &arguments.seeing, screen);
    };
    screen.note(&format!("run {id} is driven by process {pid}; watching it"));
    let follower = status::see(&folder, &id, &arguments.seeing, screen)?;
    let (run, left) = (follower.run(), desk::owner(&folder, &id).is_none());
    if left && run.state() == RunState::Running {
        screen.note(&format!("process {pid} is gone; taking run {id} up"));
        drop(follower);
        return drive::go(&folder, &id, &arguments.seeing, screen);
    }
    outcome::tell(&folder, &id, run, &arguments.seeing, screen)?;
    Ok(outcome::exit_of(run))
}

/// Whether an engine can take it up at once, which folds the log: nobody drives it, and by the last commit's word it is not over.
/// One that is paused is asked to go on.
fn goes_on(folder: &Folder, row: &RunRow, arguments: &ResumeArguments) -> Result<bool, Failure> {
    let paused = row.state == RunState::Paused.name();
    let waits = [RunState::Running, RunState::Waiting].iter().any(|state| row.state == state.name());
    let asks = arguments.time.is_some() || !arguments.raises().is_empty();
    if asks || !(paused || waits) || desk::owner(folder, &row.id).is_some() {
        return Ok(false);
    }
    if paused {
        desk::post(folder, row, &Command::Resume)?;
    }
    Ok(true)
}

/// Raises the limit on the run's time, for a run that may still make use of it.
fn give_time(folder: &Folder, id: &RunId, run: &Run, limit: Millis) -> Result<(), Failure> {
    if run.is_over() && run.state() != RunState::OverBudget {
        return Err(Failure::usage(format!("run {id} has ended: {}", state_words(run.state())))
            .hint("more time is for runs that go on or are over budget"));
    }
    let (used, _) = run.time_used(run.last_at());
    if limit <= used {
        return Err(Failure::usage(format!("run {id} has used {} already", brief(used))).hint("give a longer time"));
    }
    Ok(desk::ask(folder, id, &Command::RaiseTimeLimit { limit })?)
}

fn say_over(id: &RunId, state: RunState, screen: &mut Screen) {
    screen.note(&format!("run {id} has ended: {}", state_words(state)));
    match state {
        RunState::Failed | RunState::Cancelled => {
            screen.note(&format!("`band retry --failed --run {id}` takes it up again"));
        }
        RunState::OverBudget => screen.note(&format!("`band resume {id} --time 8h` gives it more time")),
        _ => {}
    }
}
