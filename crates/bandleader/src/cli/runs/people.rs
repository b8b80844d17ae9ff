//! `band decide`: people's answers to what a run asks; `approval` has `band approve` and `band reject`. Whoever looks at an open question in a terminal
//! holds its clock, for a lease at a time, so that a terminal that dies holds it for no longer than that.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::view::{History, check_in};
use bandleader_core::{Asker, Command, Decider, Decision, Millis, Run, RunId};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use clap::Args;
use serde_json::Value;

use super::{Seeing, drive};
use crate::error::{Exit, Failure, Outcome};
use crate::json::talk::describe;
use crate::render::card::card;
use crate::render::screen::Screen;
use crate::render::text::clean;
use crate::render::{check_in as check_in_words, heard};

/// Answer a question of a run, look at one, or list the open ones
#[derive(Debug, Args)]
#[command(
    visible_alias = "answer",
    override_usage = "band decide [RUN] DECISION OPTION [--because TEXT] [--correct]\n       band decide [RUN] [DECISION] [--json]",
    after_help = "Examples:
  band decide                   what is open in the newest run
  band decide 2                 question 2: its options side by side, and the time that is left
  band decide 2 B               option B for question 2
  band decide k3v9 2 B --because 'cheaper to run'
  band decide 2 A --correct     A after all: what hangs on it is done anew
The first answer counts. In a terminal `band decide 2` asks for the option, and the clock of the question stands still meanwhile.
Only people decide: tasks of a run are refused."
)]
pub(crate) struct DecideArguments {
    /// The run, the number of the question, the id of the option
    #[arg(value_name = "RUN DECISION OPTION", num_args = 0..=3)]
    words: Vec<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
    /// Decide otherwise what was decided, and do anew what hangs on it
    #[arg(long)]
    correct: bool,
    /// Print open questions, or what was decided, as JSON
    #[arg(long)]
    json: bool,
}

/// How long an engine may take to answer before we go.
const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(50);

/// The clock stands still for so long after the last sign of life of a terminal …
pub(crate) const LEASE: Millis = Millis(60_000);
/// … which it gives this often.
pub(crate) const RENEWAL: Duration = Duration::from_secs(20);

/// A question of a run, or none in particular.
pub(super) struct Meant {
    pub(super) folder: Folder,
    pub(super) id: RunId,
    pub(super) number: Option<u32>,
}

/// Decides, shows, or lists.
pub(crate) fn decide(arguments: &DecideArguments, screen: &mut Screen) -> Outcome {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    let is_number = |word: &str| word.parse::<u32>().is_ok();
    match words.as_slice() {
        [] => list(&meant(None, None)?, arguments.json, screen),
        // No run of that name: a question was meant.
        [word] if is_number(word) && (asks(word)? || super::find(Some(word)).is_err()) => {
            show(&meant(None, Some(word))?, arguments, screen)
        }
        [run] => list(&meant(Some(run), None)?, arguments.json, screen),
        [run, number] if !is_number(run) && is_number(number) => {
            show(&meant(Some(run), Some(number))?, arguments, screen)
        }
        [number, option] => answer(&meant(None, Some(number))?, option, arguments, screen),
        [run, number, option, ..] => answer(&meant(Some(run), Some(number))?, option, arguments, screen),
    }
}

pub(super) fn meant(run: Option<&str>, number: Option<&str>) -> Result<Meant, Failure> {
    let number = number.map(|word| {
        word.parse::<u32>().map_err(|_| {
            Failure::usage(format!("`{}` is not the number of a question", clean(word)))
                .hint("`band decide` lists those that are open")
        })
    });
    let number = number.transpose()?;
    let (folder, id) = super::find(run)?;
    Ok(Meant { folder, id, number })
}

/// Whether the newest run has a question of this number: a run's name may be a number as well.
pub(super) fn asks(word: &str) -> Result<bool, Failure> {
    let meant = meant(None, Some(word))?;
    let follower = Follower::open(&meant.folder, &meant.id)?;
    Ok(meant.number.is_some_and(|number| follower.run().decisions().contains_key(&number)))
}

fn list(meant: &Meant, json: bool, screen: &mut Screen) -> Outcome {
    let follower = Follower::open(&meant.folder, &meant.id)?;
    let run = follower.run();
    if json {
        let open: Vec<Value> = run.open_decisions().map(|(number, open)| describe(run, number, open)).collect();
        screen.json(&open)?;
        return Ok(Exit::Succeeded);
    }
    let now = crate::json::inbox::moment(&meant.folder, &meant.id, run);
    let mut any = false;
    for (number, open) in run.open_decisions() {
        any = true;
        for line in heard::question(run, number, open, now, screen.text_width()) {
            screen.line(&line)?;
        }
    }
    if !any {
        screen.note(&format!("run {} asks nothing now", meant.id));
    }
    Ok(Exit::Succeeded)
}

/// One question with everything that belongs to it; in a terminal, its answer as well.
fn show(meant: &Meant, arguments: &DecideArguments, screen: &mut Screen) -> Outcome {
    let follower = Follower::open(&meant.folder, &meant.id)?;
    let run = follower.run();
    let (number, decision) = wanted(run, meant.number)?;
    if arguments.json {
        screen.json(&describe(run, number, decision))?;
        return Ok(Exit::Succeeded);
    }
    if let Asker::Task { task } = &decision.asker
        && check_in::moment_of(run, *task).is_some()
    {
        let history = History::replay(std::sync::Arc::clone(run.plan()), &desk::story(&meant.folder, &meant.id)?);
        let now = Clock::start(run.last_at()).now();
        let (summary, columns) = (check_in::summary(run, &history, *task, now), screen.text_width());
        for line in summary.iter().flat_map(|summary| check_in_words::lines(summary, columns)) {
            screen.line(&line)?;
        }
        screen.line("")?;
    }
    let is_open = decision.taken.is_none();
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal() && std::env::var_os("BAND_JOB").is_none();
    let holds = is_open && can_ask && hold(meant, number);
    let follower = Follower::open(&meant.folder, &meant.id)?;
    let run = follower.run();
    let (_, decision) = wanted(run, meant.number)?;
    let now = crate::json::inbox::moment(&meant.folder, &meant.id, run);
    for line in card(run, number, decision, now, screen.width()) {
        screen.line(&line)?;
    }
    let ids: Vec<String> = decision.question.options.iter().map(|one| clean(&one.id).into_owned()).collect();
    let short = clean(meant.id.as_str()).into_owned();
    if !is_open {
        late_words(run, number, decision, screen);
        return Ok(Exit::Succeeded);
    }
    if !can_ask {
        screen.note(&format!("`band decide {short} {number} OPTION` answers it: {}", ids.join(", ")));
        return Ok(Exit::Succeeded);
    }
    if let Some(option) = typed(meant, number, &ids, holds, screen) {
        return answer(meant, &option, arguments, screen);
    }
    if holds {
        let _ = desk::ask(&meant.folder, &meant.id, &Command::Release { decision: number });
    }
    screen.note(&format!("question {number} stays open"));
    Ok(Exit::Succeeded)
}

pub(super) fn wanted(run: &Run, number: Option<u32>) -> Result<(u32, &Decision), Failure> {
    let number = number.unwrap_or_default();
    let decision = run.decisions().get(&number);
    decision.map(|decision| (number, decision)).ok_or_else(|| {
        Failure::usage(format!("there is no question {number}")).hint("`band decide` lists those that are open")
    })
}

/// Stops its clock for a while. Where no engine is, nobody counts.
fn hold(meant: &Meant, number: u32) -> bool {
    desk::owner(&meant.folder, &meant.id).is_some()
        && desk::ask(&meant.folder, &meant.id, &Command::Hold { decision: number, lease: LEASE }).is_ok()
}

/// What the person types, while the clock is held again and again; none if nothing.
fn typed(meant: &Meant, number: u32, ids: &[String], holds: bool, screen: &mut Screen) -> Option<String> {
    screen.prompt(&format!("Your choice ({}; Enter leaves it open): ", ids.join(", ")));
    let (sender, line) = channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = io::stdin().lock().read_line(&mut text);
        let _ = sender.send(read.ok().filter(|bytes| *bytes > 0).map(|_| text.trim().to_owned()));
    });
    loop {
        match line.recv_timeout(RENEWAL) {
            Ok(text) => return text.filter(|text| !text.is_empty()),
            Err(RecvTimeoutError::Timeout) if holds => {
                hold(meant, number);
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn answer(meant: &Meant, option: &str, arguments: &DecideArguments, screen: &mut Screen) -> Outcome {
    let given = Words { option, because: &arguments.because, correct: arguments.correct, json: arguments.json };
    put(meant, &given, screen)
}

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
        screen.note("`band adjust` shows what a change would bring about, and does it after a yes: --skip, --first, --last, --level, --cost, --tell …");
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
    if std::env::var_os("BAND_JOB").is_some() {
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
fn late_words(run: &Run, number: u32, decision: &Decision, screen: &mut Screen) {
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
