//! `band webhooks`: who is told what happens in runs, who may tell us, and what became of every message.

mod received;
mod wait;

use bandleader_core::Timestamp;
use bandleader_engine::clock::Clock;
use bandleader_engine::hooks::{Book, BookError, Delivery, Hook, State, test};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::cli::runs;
use crate::error::{Exit, Failure, Outcome, with_causes};
use crate::hooks;
use crate::json::webhooks;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, pad};
use crate::render::when::local;

/// Show who is told over HTTP what happens in runs, tell them again
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band webhooks                      who is told, and how many messages wait
  band webhooks show ops             the newest messages to one of them
  band webhooks show msg_4f2c…       one message, with every try
  band webhooks replay msg_4f2c…     tell it again, under the same id
  band webhooks replay --failed ops  all that was given up
  band webhooks test ops             send a message of no run now
  band webhooks received ci          what came by a hook, and what came of it
  band webhooks received 12          one that came, with what it says
  band webhooks wait ci --check unit wait until a hook has said how it went: for gates
They are configured in band.toml; docs/WEBHOOKS.md says how. Whoever drives a run, and `band serve`, tells them.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List who is told
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Show the newest messages, or one of them
    Show {
        /// A webhook's name, or the id of a message; all webhooks if left out
        #[arg(value_name = "NAME|ID")]
        what: Option<String>,
        /// Only those that stand so
        #[arg(long, value_enum, value_name = "STATE")]
        state: Option<Wanted>,
        /// How many at most
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        number: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Tell a message again, or all that was given up
    Replay {
        /// The id of a message
        #[arg(value_name = "ID", required_unless_present = "failed")]
        id: Option<String>,
        /// All that was given up, of this webhook
        #[arg(long, value_name = "NAME", conflicts_with = "id")]
        failed: Option<String>,
    },
    /// Show what came by hooks: from whom, whether it was believed, what came of it
    Received {
        /// A hook's name, or the number of a message; all hooks if left out
        #[arg(value_name = "NAME|NUMBER")]
        what: Option<String>,
        /// How many at most
        #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
        number: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Wait until a hook has said how something went; for the gates of plans, and for shells
    Wait(wait::Arguments),
    /// Send a message of no run now, and say what came back
    Test {
        /// The webhook
        #[arg(value_name = "NAME")]
        name: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    /// To be told
    Waiting,
    /// Taken
    Delivered,
    /// Tried for days in vain
    GivenUp,
}

/// Does what is asked.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    match &arguments.verb {
        None => list(arguments.json, screen),
        Some(Verb::List { json }) => list(*json || arguments.json, screen),
        Some(Verb::Show { what, state, number, json }) => {
            show(what.as_deref(), *state, *number, *json || arguments.json, screen)
        }
        Some(Verb::Replay { id, failed }) => replay(id.as_deref(), failed.as_deref(), screen),
        Some(Verb::Received { what, number, json }) => {
            received::show(what.as_deref(), *number, *json || arguments.json, screen)
        }
        Some(Verb::Wait(arguments)) => wait::run(arguments, screen),
        Some(Verb::Test { name }) => try_out(name, screen),
    }
}

fn book() -> Result<Option<Book>, Failure> {
    // A project without runs has no state folder yet, and nothing to tell.
    let Ok(folder) = runs::folder() else { return Ok(None) };
    Ok(Some(Book::open(&folder).map_err(|error| trouble(&error))?))
}

fn trouble(error: &BookError) -> Failure {
    Failure::internal(with_causes(error))
}

fn named(name: &str) -> Result<Hook, Failure> {
    let all = hooks::all()?;
    let names: Vec<String> = all.iter().map(|hook| clean(&hook.webhook.name).into_owned()).collect();
    all.into_iter().find(|hook| hook.webhook.name == name).ok_or_else(|| {
        let known =
            if names.is_empty() { "there are none".to_owned() } else { format!("there are {}", names.join(", ")) };
        Failure::usage(format!("no webhook is called `{}`", clean(name)))
            .hint(format!("{known}; `[[webhooks]]` in band.toml makes one"))
    })
}

fn list(as_json: bool, screen: &mut Screen) -> Outcome {
    let (all, book) = (hooks::all()?, book()?);
    let rows = webhooks::all(&all, book.as_ref()).map_err(|error| trouble(&error))?;
    let incoming = webhooks::hooks(&hooks::incoming()?, book.as_ref()).map_err(|error| trouble(&error))?;
    if as_json {
        screen.json(&received::with_direction(rows, incoming))?;
        return Ok(Exit::Succeeded);
    }
    if rows.is_empty() && incoming.is_empty() {
        screen.note("nobody is told of anything; `[[webhooks]]` in band.toml changes that (docs/WEBHOOKS.md)");
    }
    for row in &rows {
        let text = |key: &str| clean(row.get(key).and_then(Value::as_str).unwrap_or_default()).into_owned();
        let number = |key: &str| row.get(key).and_then(Value::as_u64).unwrap_or_default();
        let (waiting, given_up) = (number("waiting"), number("given_up"));
        let left = if given_up > 0 { paint(BAD, format_args!(" · {given_up} given up")) } else { String::new() };
        screen.line(&format!("{}  {}", paint(STRONG, text("name")), paint(QUIET, text("url"))))?;
        screen.line(&format!("   {} delivered · {waiting} waiting{left}", number("delivered")))?;
        if row.get("problem").is_some_and(|problem| !problem.is_null()) {
            screen.line(&format!("   {}", paint(BAD, text("problem"))))?;
        } else if row.get("signed") == Some(&json!(false)) {
            screen.line(&format!("   {}", paint(ALERT, "not signed: the receiver cannot tell who it is from")))?;
        }
    }
    received::list(&incoming, screen)?;
    Ok(Exit::Succeeded)
}

fn show(what: Option<&str>, state: Option<Wanted>, number: u32, as_json: bool, screen: &mut Screen) -> Outcome {
    let Some(book) = book()? else {
        if as_json {
            screen.json(&json!([]))?;
        }
        return Ok(Exit::Succeeded);
    };
    if let Some(id) = what.filter(|what| what.starts_with("msg_")) {
        let one = book.message(id).map_err(|error| trouble(&error))?;
        let one = one.ok_or_else(|| Failure::usage(format!("there is no message `{}`", clean(id))))?;
        return show_one(&book, &one, as_json, screen);
    }
    let state = state.map(|state| match state {
        Wanted::Waiting => State::Waiting,
        Wanted::Delivered => State::Delivered,
        Wanted::GivenUp => State::GivenUp,
    });
    let found = book.newest(what, state, number).map_err(|error| trouble(&error))?;
    if as_json {
        screen.json(&found.iter().map(webhooks::message).collect::<Vec<_>>())?;
        return Ok(Exit::Succeeded);
    }
    if found.is_empty() {
        screen.note("no message yet");
    }
    let now = Clock::start(Timestamp(0)).now();
    for one in &found {
        screen.line(&line(one, now))?;
    }
    Ok(Exit::Succeeded)
}

fn line(one: &Delivery, now: Timestamp) -> String {
    let (style, word) = match one.state {
        State::Waiting => (ALERT, "waiting"),
        State::Delivered => (GOOD, "delivered"),
        State::GivenUp => (BAD, "given up"),
    };
    let next = (one.state == State::Waiting && one.tries > 0).then(|| format!(", next {}", local(one.next_at, now)));
    format!(
        "{}  {}{}{}{}",
        paint(QUIET, &one.id),
        pad(&local(one.at, now), 10),
        paint(style, pad(word, 11)),
        clean(&format!("{} of {} to {}", one.event, one.run, one.hook)),
        paint(QUIET, format_args!(" · tried {}×{}", one.tries, next.unwrap_or_default())),
    )
}

fn show_one(book: &Book, one: &Delivery, as_json: bool, screen: &mut Screen) -> Outcome {
    if as_json {
        screen.json(&webhooks::whole(book, one).map_err(|error| trouble(&error))?)?;
        return Ok(Exit::Succeeded);
    }
    let attempts = book.attempts(one).map_err(|error| trouble(&error))?;
    let now = Clock::start(Timestamp(0)).now();
    screen.line(&line(one, now))?;
    for attempt in &attempts {
        let came = attempt.error.as_deref().map_or_else(|| paint(GOOD, "taken"), |error| paint(BAD, clean(error)));
        screen.line(&format!("   {} {came} after {} ms", pad(&local(attempt.at, now), 10), attempt.took.0))?;
    }
    screen.line(&clean(&one.body))?;
    Ok(Exit::Succeeded)
}

fn replay(id: Option<&str>, failed: Option<&str>, screen: &mut Screen) -> Outcome {
    let Some(mut book) = book()? else {
        return Err(Failure::usage("this project has told nobody anything yet"));
    };
    let now = Clock::start(Timestamp(0)).now();
    let number = match (id, failed) {
        (Some(id), _) => {
            if !book.replay(id, now).map_err(|error| trouble(&error))? {
                return Err(Failure::usage(format!("there is no message `{}`", clean(id)))
                    .hint("`band webhooks show` lists them; they are kept for a month"));
            }
            1
        }
        (None, Some(name)) => book.replay_failed(name, now).map_err(|error| trouble(&error))?,
        (None, None) => 0,
    };
    screen.note(&format!("{number} to be told again: by whoever drives a run now, or by `band serve`"));
    Ok(Exit::Succeeded)
}

fn try_out(name: &str, screen: &mut Screen) -> Outcome {
    let hook = named(name)?;
    let answer = test(&hook).map_err(Failure::internal)?;
    let attempt = &answer.attempt;
    match &attempt.error {
        None => {
            let status = attempt.status.map(|status| format!(" with {status}")).unwrap_or_default();
            screen.note(&format!("`{}` took it{status}, after {} ms", clean(name), attempt.took.0));
            Ok(Exit::Succeeded)
        }
        Some(why) => Err(Failure::usage(format!("`{}` did not take it: {}", clean(name), clean(why)))),
    }
}
