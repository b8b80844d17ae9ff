//! `band status` and `band watch`: one run, once or until it ends.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use bandleader_core::view::update::Rhythm;
use bandleader_core::view::{History, check_in};
use bandleader_core::{RunId, RunState, parse_rhythm};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;

use super::show::Show;
use super::{Seeing, WhichRun, full, outcome};
use crate::error::{Exit, Failure, Outcome};
use crate::json;
use crate::json::status::{LATELY, lately};
use crate::render::live::{Presence, Scene, Size, frame_without_bars, lengths};
use crate::render::progress;
use crate::render::screen::Screen;

/// Show how a run stands
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band status
  band status k3v9 --json | jq .counts")]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRun,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Follow a run live until it ends; looking changes nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band watch                    the newest run, full screen; `?` shows the keys
  band watch k3v9 --plain
Leaving ends the looking, not the run. Ends as `band run` would when the run has ended.")]
pub(crate) struct WatchArguments {
    #[command(flatten)]
    which: WhichRun,
    /// One line per fact instead of the full screen (so it is without a terminal)
    #[arg(long)]
    plain: bool,
    /// One JSON object per event on stdout
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    /// Do not ring when a decision is opened (`bell = false` in band.toml says so for ever)
    #[arg(long)]
    no_bell: bool,
    /// How often plain lines say how far it is: 10m, none (else as `updates` in band.toml or the level says)
    #[arg(long, value_name = "LENGTH", value_parser = parse_rhythm)]
    updates: Option<Rhythm>,
}

/// How often a run that another process drives is looked at.
const BEAT: Duration = Duration::from_millis(200);

/// Shows it once.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let run = follower.run();
    if arguments.json {
        let lately = lately(&folder, &id, run);
        screen.json(&json::status::describe_with(&folder, &id, run, lately.as_ref()))?;
        return Ok(Exit::Succeeded);
    }
    if run.is_over() {
        let seeing = Seeing { plain: true, no_bell: true, ..Seeing::default() };
        outcome::tell(&folder, &id, run, &seeing, screen)?;
        return Ok(Exit::Succeeded);
    }
    let now = Clock::start(run.last_at()).now();
    let (engine, hint) = match desk::owner(&folder, &id) {
        Some(pid) => (Presence::Here, format!("process {pid}")),
        None => (Presence::Gone, format!("no engine · `band resume {id}` goes on")),
    };
    let size = Size { columns: screen.width() + 1, rows: 200 };
    let activities = &desk::activities(&folder, &id, run);
    let scene = Scene { id: id.as_str(), run, lengths: &lengths(run), now, hint: &hint, activities, engine };
    for line in frame_without_bars(&scene, size) {
        screen.line(&line)?;
    }
    if check_in::is_open(run) {
        let history = History::replay(Arc::clone(run.plan()), &desk::story(&folder, &id)?);
        for (_, summary) in check_in::open_check_ins(run, &history, now) {
            screen.line("")?;
            for line in crate::render::check_in::lines(&summary, screen.text_width()) {
                screen.line(&line)?;
            }
        }
    } else if let Some(lately) = lately(&folder, &id, run) {
        screen.line("")?;
        for line in progress::lately(&lately.update(run, now, LATELY), screen.text_width()) {
            screen.line(&line)?;
        }
    }
    let mut troubles = outcome::troubles(&folder, &id, run);
    troubles.extend(outcome::branch(&id, run));
    if !troubles.is_empty() {
        screen.line("")?;
    }
    for line in troubles {
        screen.line(&line)?;
    }
    Ok(Exit::Succeeded)
}

/// Follows it.
pub(crate) fn watch(arguments: &WatchArguments, screen: &mut Screen) -> Outcome {
    let (folder, id) = super::find(arguments.which.run.as_deref())?;
    let WatchArguments { plain, json, no_bell, updates, .. } = *arguments;
    let seeing = Seeing { plain, json, no_bell, updates, ..Seeing::default() };
    if !plain && !json && full::is_possible() {
        return full::watch(&folder, &id, seeing.bell(), screen);
    }
    follow(&folder, &id, &seeing, screen)
}

/// Shows a run that another process drives until it ends or is left alone: with its story so far, except in the live view.
pub(super) fn follow(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    let follower = see(folder, id, seeing, screen)?;
    outcome::tell(folder, id, follower.run(), seeing, screen)?;
    Ok(outcome::exit_of(follower.run()))
}

/// The same without the last words.
pub(super) fn see(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Result<Follower, Failure> {
    let mut follower = Follower::open(folder, id)?;
    let mut show = Show::new(folder, id, follower.run(), seeing, screen).of_another();
    show.open(folder, id, follower.run(), 0)?;
    loop {
        // Before the log is read: what an engine commits before it goes is in there by then.
        let alone = desk::owner(folder, id).is_none();
        let fresh = follower.catch_up()?;
        for recorded in &fresh {
            show.event(follower.run(), recorded)?;
        }
        show.draw(follower.run())?;
        let waits = seeing.no_wait && follower.run().state() == RunState::Waiting;
        if follower.run().is_over() || (alone && fresh.is_empty()) || waits {
            break;
        }
        thread::sleep(BEAT);
    }
    show.end()?;
    Ok(follower)
}
