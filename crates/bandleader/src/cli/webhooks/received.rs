//! What came by hooks: who may tell us, and what became of every message.

use bandleader_core::Timestamp;
use bandleader_engine::clock::Clock;
use bandleader_engine::hooks::{Received, Stands};
use serde_json::{Value, json};

use super::{book, trouble};
use crate::error::{Exit, Failure, Outcome};
use crate::json::webhooks;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, pad};
use crate::render::when::local;

/// Both kinds in one list, told apart.
pub(super) fn with_direction(out: Vec<Value>, into: Vec<Value>) -> Vec<Value> {
    let with = |direction: &'static str| {
        move |mut row: Value| {
            if let Value::Object(fields) = &mut row {
                fields.insert("direction".into(), json!(direction));
            }
            row
        }
    };
    out.into_iter().map(with("out")).chain(into.into_iter().map(with("in"))).collect()
}

/// Who may tell us.
pub(super) fn list(rows: &[Value], screen: &mut Screen) -> Result<(), Failure> {
    for row in rows {
        let text = |key: &str| clean(row.get(key).and_then(Value::as_str).unwrap_or_default()).into_owned();
        let number = |key: &str| row.get(key).and_then(Value::as_u64).unwrap_or_default();
        let refused = number("refused");
        let bad = if refused > 0 { paint(BAD, format_args!(" · {refused} refused")) } else { String::new() };
        let path = format!("in by {} ({})", text("path"), text("format"));
        screen.line(&format!("{}  {}", paint(STRONG, text("name")), paint(QUIET, path)))?;
        let (accepted, ignored, repeated) = (number("accepted"), number("ignored"), number("repeated"));
        screen.line(&format!("   {accepted} accepted · {ignored} ignored · {repeated} repeated{bad}"))?;
        if row.get("problem").is_some_and(|problem| !problem.is_null()) {
            screen.line(&format!("   {}", paint(BAD, text("problem"))))?;
        }
    }
    Ok(())
}

/// What came, or one of it.
pub(super) fn show(what: Option<&str>, number: u32, as_json: bool, screen: &mut Screen) -> Outcome {
    let Some(book) = book()? else {
        if as_json {
            screen.json(&json!([]))?;
        }
        return Ok(Exit::Succeeded);
    };
    let now = Clock::start(Timestamp(0)).now();
    if let Some(one) = what.and_then(|what| what.parse::<u64>().ok()) {
        let one = book.delivery(one).map_err(|error| trouble(&error))?;
        let one =
            one.ok_or_else(|| Failure::usage("nothing of this number came").hint("messages are kept for a month"))?;
        let value = webhooks::whole_received(&book, &one).map_err(|error| trouble(&error))?;
        if as_json {
            screen.json(&value)?;
            return Ok(Exit::Succeeded);
        }
        screen.line(&line(&one, now))?;
        came_of(&value, screen)?;
        if let Some(body) = &one.body {
            screen.line(&clean(body))?;
        }
        return Ok(Exit::Succeeded);
    }
    let found = book.received(what, None, number).map_err(|error| trouble(&error))?;
    let rows: Result<Vec<Value>, _> = found.iter().map(|one| webhooks::received(&book, one)).collect();
    let rows = rows.map_err(|error| trouble(&error))?;
    if as_json {
        screen.json(&rows)?;
        return Ok(Exit::Succeeded);
    }
    if found.is_empty() {
        screen.note("nothing came yet");
    }
    for (one, row) in found.iter().zip(&rows) {
        screen.line(&line(one, now))?;
        came_of(row, screen)?;
    }
    Ok(Exit::Succeeded)
}

fn line(one: &Received, now: Timestamp) -> String {
    let style = match one.stands {
        Stands::Accepted => GOOD,
        Stands::Ignored | Stands::Repeated => ALERT,
        Stands::Refused => BAD,
    };
    let event = if one.event.is_empty() { String::new() } else { format!("{} ", clean(&one.event)) };
    let why = one.why.as_ref().map(|why| format!(": {}", clean(why))).unwrap_or_default();
    format!(
        "{}  {}{}{}{}",
        pad(&one.number.to_string(), 5),
        pad(&local(one.at, now), 10),
        paint(style, pad(one.stands.name(), 10)),
        clean(&format!("{event}to {}", one.hook)),
        paint(QUIET, format_args!(" from {}{why}", clean(&one.sender))),
    )
}

fn came_of(row: &Value, screen: &mut Screen) -> Result<(), Failure> {
    for came in row.get("answered").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| clean(came.get(key).and_then(Value::as_str).unwrap_or_default()).into_owned();
        let decision = came.get("decision").and_then(Value::as_u64).unwrap_or_default();
        screen.line(&format!("       question {decision} of run {}: {}", text("run"), text("outcome")))?;
    }
    Ok(())
}
