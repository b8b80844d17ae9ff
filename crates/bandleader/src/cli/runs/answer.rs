//! An answer to a question of a run on its way: handed in, waited for, and what becomes of one that comes too late.

use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{Asker, Command, Decider, Decision, Run, RunId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;

use super::people::{Meant, wanted};
use super::{Seeing, drive};
use crate::error::{Exit, Failure, Outcome};
use crate::json::talk::describe;
use crate::render::heard;
use crate::render::screen::Screen;
use crate::render::text::clean;

/// How long an engine may take to answer before we go.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(50);

/// An answer as it was typed.
pub(super) struct Words<'a> {
    pub(super) option: &'a str,
    pub(super) because: &'a str,
    pub(super) correct: bool,
    pub(super) json: bool,
}

pub(super) fn put(meant: &Meant, given: &Words<'_>, screen: &mut Screen) -> Outcome {
    let (folder, id) = (&meant.folder, &meant.id);
    let follower = Follower::open(folder, id)?;
    let (number, before) = wanted(follower.run(), meant.number)?;
    let is_late = before.taken.is_some() && !given.correct;
    let (option, because) = (given.option.to_owned(), given.because.to_owned());
    let command = if given.correct {
        Command::Correct { decision: number, option, because }
    } else {
        Command::Answer { decision: number, option, because }
    };
    let Some(follower) = settle(folder, id, number, &command)? else {
        if given.correct {
            let seeing = Seeing { detach: true, no_bell: true, ..Seeing::default() };
            return drive::go(folder, id, &seeing, screen);
        }
        screen.note(&format!("run {id} has no engine now; the answer counts when `band resume {id}` takes it up"));
        return Ok(Exit::Succeeded);
    };
    let run = follower.run();
    let (_, decision) = wanted(run, Some(number))?;
    if given.json {
        screen.json(&describe(run, number, decision))?;
    } else if decision.taken.is_none() {
        screen
            .note(&format!("question {number} waits for your changes; then `band decide {number} continue`, or stop"));
        screen.note("`band adjust` shows what a change would bring about, and does it after a yes: --skip, --bring-back, --first, --last, --level, --parallel, --cost, --tell …");
    } else if is_late {
        late_words(run, number, decision, screen);
    } else {
        screen.note(&format!("question {number}: {}", heard::taken(decision)));
    }
    Ok(Exit::Succeeded)
}

/// Hands in what a person says to a question, and waits until the engine has taken it in; the run after that. None where no engine
/// is: it counts when one takes the run up. For every face: whether a person said it is for the face to know.
pub(crate) fn settle(folder: &Folder, id: &RunId, number: u32, command: &Command) -> Result<Option<Follower>, Failure> {
    if is_within_a_task() {
        return Err(
            Failure::usage("only people decide, and this is a task of a run").hint("`band report ask` asks them")
        );
    }
    let mut follower = Follower::open(folder, id)?;
    let was = wanted(follower.run(), Some(number))?.1.clone();
    desk::ask(folder, id, command)?;
    if desk::owner(folder, id).is_none() {
        return Ok(None);
    }
    // An answer may also only stop the clock for good (`adjust`), or be kept as one that came late. A clock that stands still for a
    // while is somebody who looks at it.
    let adjusted = |now: &Decision| now.held.as_ref().is_some_and(|held| held.until.is_none()) && now.held != was.held;
    let changed = |now: &Decision| now.taken != was.taken || now.late != was.late || adjusted(now);
    let start = Instant::now();
    loop {
        follower.catch_up()?;
        if follower.run().decisions().get(&number).is_some_and(changed) {
            return Ok(Some(follower));
        }
        if start.elapsed() > PATIENCE {
            let id = clean(id.as_str());
            return Err(Failure::internal(format!("the engine of run {id} does not answer"))
                .hint("it was told all the same, and will do it when it wakes"));
        }
        thread::sleep(BEAT);
    }
}

/// Tasks named one by one at most.
const NAMED: usize = 8;

/// An answer that came after the decision: what it would take to follow it.
pub(super) fn late_words(run: &Run, number: u32, decision: &Decision, screen: &mut Screen) {
    let (Some(taken), Some(late)) = (&decision.taken, &decision.late) else { return };
    if !matches!(taken.by, Decider::Timeout | Decider::Policy) {
        return;
    }
    let option = clean(&late.option);
    screen.note(&format!(
        "question {number} was decided before: {}; your answer {option} is kept",
        heard::taken(decision)
    ));
    let again = run.hangs_on(number);
    let names: Vec<_> = again.iter().take(NAMED).map(|task| clean(&run.plan().task(*task).path).into_owned()).collect();
    let more = again.len().saturating_sub(names.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let what = match (&decision.asker, names.is_empty()) {
        (Asker::Task { .. }, false) => format!("follows it, and does anew: {}{more}", names.join(", ")),
        (Asker::Task { .. }, true) => "follows it; nothing that hangs on it has begun".into(),
        _ => return,
    };
    screen.note(&format!("`band decide {number} {option} --correct` {what}"));
}
