//! A message as it comes: whose it is, when it is from, whether it came before, and what it says.
//!
//! Whoever cannot sign learns nothing: a name that nobody has and a signature that is wrong get the same answer, after the same work.

use bandleader_core::{HookFormat, Timestamp};

use super::{Content, Incoming, Signs, github, plain, standard};
use crate::hooks::book::{Arrival, Book, BookError, Stands};
use crate::hooks::sign::PlainSecret;

/// Clocks differ, and messages take their time: so far may a message's time be from ours, in seconds. Standard Webhooks advises it.
const TOLERANCE: u64 = 300;

/// Letters of an id or a name that are kept.
const LONGEST_NAME: usize = 100;

/// A message as it came.
pub struct Message<'a> {
    /// The end of the path that it was sent to.
    pub name: &'a str,
    /// The address that it came from.
    pub sender: &'a str,
    /// The value of a header, if it is text and stands there once.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The body, at most `LONGEST` bytes.
    pub body: &'a [u8],
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It was taken: how it stands, and why where that is not plain.
    Taken(Stands, Option<String>),
    /// Nobody believes it.
    Unknown,
    /// It is believed, but not what was agreed; in words for people.
    Wrong(String),
    /// Nobody believes it, and there were many such.
    TooOften,
}

/// What is found out about a message.
struct Seen {
    id: String,
    /// By which it is known if it comes again.
    key: Option<String>,
    content: Result<Content, Fault>,
}

enum Fault {
    /// Nobody believes it; why, for the record alone.
    Unknown(String),
    /// It is believed, but not what was agreed.
    Wrong(String),
}

/// Takes a message: it is written down when this returns, whatever becomes of it; but for one of a stranger where `may_knock` says that
/// there were too many.
///
/// # Errors
/// The disk refuses: it was not taken, and is to be sent again.
pub fn receive(
    book: &mut Book,
    all: &[Incoming],
    message: &Message<'_>,
    now: Timestamp,
    may_knock: impl FnOnce() -> bool,
) -> Result<Reply, BookError> {
    let known = all.iter().find(|one| one.hook.name == message.name);
    let seen = look(known, message, now);
    if matches!(seen.content, Err(Fault::Unknown(_))) && !may_knock() {
        return Ok(Reply::TooOften);
    }
    let name: String = plain(message.name).chars().take(LONGEST_NAME).collect();
    let (event, signals) = match &seen.content {
        Ok(content) => (content.event.as_str(), content.signal.as_slice()),
        Err(_) => ("", &[][..]),
    };
    let (stands, why) = match &seen.content {
        Ok(content) if content.signal.is_some() => (Stands::Accepted, None),
        Ok(_) => (Stands::Ignored, Some("it says nothing of how anything went")),
        Err(Fault::Unknown(why) | Fault::Wrong(why)) => (Stands::Refused, Some(why.as_str())),
    };
    let text = String::from_utf8_lossy(message.body);
    let arrival = Arrival {
        hook: &name,
        id: &seen.id,
        sender: message.sender,
        event,
        stands,
        why,
        body: (stands != Stands::Refused).then_some(&text),
        key: seen.key.as_deref().filter(|_| stands != Stands::Refused),
        signals,
    };
    let stands = book.receive(&arrival, now)?;
    Ok(match seen.content {
        Ok(_) => Reply::Taken(stands, why.filter(|_| stands == Stands::Ignored).map(str::to_owned)),
        Err(Fault::Unknown(_)) => Reply::Unknown,
        Err(Fault::Wrong(why)) => Reply::Wrong(why),
    })
}

fn look(known: Option<&Incoming>, message: &Message<'_>, now: Timestamp) -> Seen {
    let format = known.map_or(HookFormat::Standard, |known| known.hook.format);
    let header = |name: &str| (message.header)(name);
    let short = |text: Option<String>| plain(&text.unwrap_or_default()).chars().take(LONGEST_NAME).collect::<String>();
    let id = match format {
        HookFormat::Standard => short(header("webhook-id")),
        HookFormat::Github => short(header("x-github-delivery")),
    };
    let unknown = |why: &str| Seen { id: id.clone(), key: None, content: Err(Fault::Unknown(why.to_owned())) };
    let Some(known) = known else {
        // As long as for one that there is.
        let _ = PlainSecret::nobodys().verifies(message.body, &header("x-hub-signature-256").unwrap_or_default());
        return unknown("there is no such hook");
    };
    match &known.secret {
        Err(why) => unknown(why),
        Ok(Signs::Standard(secret)) => {
            let signature = header("webhook-signature").unwrap_or_default();
            let (Some(full), Some(at)) = (header("webhook-id"), header("webhook-timestamp")) else {
                return unknown("it has no `webhook-id` or no `webhook-timestamp`");
            };
            if !secret.verifies((&full, &at), message.body, &signature) {
                return unknown("its signature is wrong");
            }
            let content = if is_of_now(&at, now) {
                standard::read(message.body).map_err(Fault::Wrong)
            } else {
                Err(Fault::Wrong(format!("its time is more than {TOLERANCE} seconds from ours")))
            };
            let key = format!("id {}", blake3::hash(full.as_bytes()).to_hex());
            Seen { id: id.clone(), key: Some(key), content }
        }
        Ok(Signs::Github(secret)) => {
            if !secret.verifies(message.body, &header("x-hub-signature-256").unwrap_or_default()) {
                return unknown("its signature is wrong");
            }
            // Neither its time nor its id is signed: the body itself is what is known again.
            let key = format!("body {}", blake3::hash(message.body).to_hex());
            let event = header("x-github-event").unwrap_or_default();
            let content = github::read(&event, message.body).map_err(Fault::Wrong);
            Seen { id: id.clone(), key: Some(key), content }
        }
    }
}

fn is_of_now(at: &str, now: Timestamp) -> bool {
    at.trim().parse::<u64>().is_ok_and(|at| at.abs_diff(now.0 / 1_000) <= TOLERANCE)
}
