//! `band decide`: what a run asks, as people look at it; `answer` hands in what they say, `approval` has `band approve` and `band reject`. Whoever looks at an open question in a terminal
//! holds its clock, for a lease at a time, so that a terminal that dies holds it for no longer than that.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use bandleader_core::view::{History, check_in};
use bandleader_core::{Asker, Command, Decision, Millis, Run, RunId};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;
use clap::Args;
use serde_json::Value;

pub(crate) use super::answer::settle;
use super::answer::{Words, late_words, put};
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
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal() && !is_within_a_task();
    let holds = is_open && can_ask && hold(meant, number).is_ok();
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
///
/// # Errors
/// Why it goes on, for the person who looks.
fn hold(meant: &Meant, number: u32) -> Result<(), String> {
    if desk::owner(&meant.folder, &meant.id).is_none() {
        return Err("no engine is there, so no time counts".to_owned());
    }
    let command = Command::Hold { decision: number, lease: LEASE };
    desk::ask(&meant.folder, &meant.id, &command).map_err(|error| error.to_string())
}

/// What the person types, while the clock is held again and again; none if nothing.
fn typed(meant: &Meant, number: u32, ids: &[String], mut holds: bool, screen: &mut Screen) -> Option<String> {
    let asks = format!("Your choice ({}; Enter leaves it open): ", ids.join(", "));
    screen.prompt(&asks);
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
                if let Err(reason) = hold(meant, number) {
                    holds = false;
                    screen.prompt("\n");
                    screen.note(&reason);
                    screen.prompt(&asks);
                }
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
