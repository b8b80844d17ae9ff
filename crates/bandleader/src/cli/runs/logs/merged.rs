//! `band logs --merged`: what all tasks printed in one log, in the order of time.

use std::thread;

use bandleader_core::{Run, TaskId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::merged::{Cursor, Merged, MergedLine, Much, Scene, Sieve, Tracks};

use super::{Arguments, BEAT};
use crate::error::{Exit, Outcome};
use crate::json::jobs::label;
use crate::render::log::{as_json, named, shown};
use crate::render::screen::Screen;
use crate::render::style::{QUIET, paint};
use crate::render::text::{clean, pad, width};
use crate::render::when::time_of_day;

/// Lines are read in pieces of this size.
const PIECE: Much = Much { lines: 1_000, bytes: 64 << 10, seen: 16 << 20 };

/// No more of a name stands before a line.
const WIDEST: usize = 32;

/// Tells it, and goes on as it grows if that is wanted.
pub(super) fn run(
    arguments: &Arguments,
    folder: &Folder,
    follower: &mut Follower,
    wanted: &[TaskId],
    screen: &mut Screen,
) -> Outcome {
    let place = folder.run(follower.id()).path().to_owned();
    let tasks = (!arguments.tasks.is_empty()).then(|| wanted.iter().copied().collect());
    let sieve = Sieve { tasks, streams: arguments.stream().into_iter().collect(), search: String::new() };
    let widest = wanted.iter().map(|id| width(&clean(&follower.run().plan().task(*id).path))).max().unwrap_or(0);
    let say = |run: &Run, line: &MergedLine| {
        let label = label(run, line.job);
        if arguments.json {
            return as_json(&label, line.job, line.at, line.stream, &line.bytes);
        }
        let name = pad(&label, widest.clamp(width(&label), WIDEST.max(width(&label))));
        format!("{} {}", paint(QUIET, time_of_day(line.at)), named(&name, &shown(line.stream, &line.bytes)))
    };
    let (mut tracks, mut told) = (Tracks::default(), 0_usize);
    let mut tell = |run: &Run, lines: &[MergedLine], screen: &mut Screen| {
        told += lines.len();
        let text: String = lines.iter().map(|line| say(run, line) + "\n").collect();
        if text.is_empty() { Ok(()) } else { screen.out(&text) }
    };
    // First: what is committed and printed before the engine goes is there by then.
    let mut is_owned = desk::owner(folder, follower.id()).is_some();
    follower.catch_up()?;
    tracks.catch_up(follower)?;
    let mut scene = Scene::of(follower.run(), &tracks, 0);
    let mut from = Cursor::default();
    if let Some(lines) = arguments.lines {
        let much = Much { lines, bytes: lines.saturating_mul(256).max(64 << 10), seen: usize::MAX };
        if let Some(end) = Merged::before(&place, &sieve, &scene, None, much)? {
            tell(follower.run(), &end.lines, screen)?;
            from = end.end;
        }
    }
    let Some(mut merged) = Merged::after(place, sieve, &scene, &from)? else { return Ok(Exit::Succeeded) };
    loop {
        let lines = merged.read(&scene, PIECE)?;
        tell(follower.run(), &lines, screen)?;
        if merged.has_more() {
            continue;
        }
        if !arguments.follow || !is_owned || merged.is_at_end(&scene) {
            break;
        }
        thread::sleep(BEAT);
        is_owned = desk::owner(folder, follower.id()).is_some();
        follower.catch_up()?;
        tracks.catch_up(follower)?;
        scene = Scene::of(follower.run(), &tracks, merged.known());
    }
    if told == 0 {
        screen.note("nothing was printed");
    }
    for line in super::lost(follower.run(), wanted) {
        screen.note(&line);
    }
    Ok(Exit::Succeeded)
}
