//! Webhooks for programs: who is told, who may tell us, and what became of messages.

use bandleader_core::view::when::rfc3339;
use bandleader_engine::hooks::incoming::Incoming;
use bandleader_engine::hooks::{Book, BookError, Delivery, Hook, Received, State};
use serde_json::{Value, json};

/// Everybody who is told, with how many messages wait, were taken and were given up. Without a book nothing was told yet.
pub(crate) fn all(hooks: &[Hook], book: Option<&Book>) -> Result<Vec<Value>, BookError> {
    let row = |hook: &Hook| {
        let counts = book.map(|book| book.counts(&hook.webhook.name)).transpose()?;
        let [waiting, delivered, given_up] = counts.unwrap_or_default();
        Ok(json!({
            "name": hook.webhook.name, "url": hook.webhook.url, "signed": matches!(hook.secret, Ok(Some(_))),
            "problem": hook.secret.as_ref().err(), "events": hook.webhook.events,
            "waiting": waiting, "delivered": delivered, "given_up": given_up,
        }))
    };
    hooks.iter().map(row).collect()
}

/// A message in a list.
pub(crate) fn message(one: &Delivery) -> Value {
    json!({
        "id": one.id, "webhook": one.hook, "run": one.run, "seq": one.seq, "event": one.event, "at": rfc3339(one.at),
        "state": one.state, "tries": one.tries, "next": (one.state == State::Waiting).then(|| rfc3339(one.next_at)),
    })
}

/// A message with every try and what is sent.
pub(crate) fn whole(book: &Book, one: &Delivery) -> Result<Value, BookError> {
    let mut value = message(one);
    let tried = book
        .attempts(one)?
        .into_iter()
        .map(|one| json!({ "at": rfc3339(one.at), "took_ms": one.took, "status": one.status, "error": one.error }));
    if let Value::Object(fields) = &mut value {
        fields.insert("attempts".into(), tried.collect());
        fields.insert("body".into(), serde_json::from_str(&one.body).unwrap_or_default());
    }
    Ok(value)
}

/// Everybody who may tell us something, with how many messages were accepted, ignored, repeated and refused.
pub(crate) fn hooks(all: &[Incoming], book: Option<&Book>) -> Result<Vec<Value>, BookError> {
    let row = |one: &Incoming| {
        let counts = book.map(|book| book.arrivals(&one.hook.name)).transpose()?;
        let [accepted, ignored, repeated, refused] = counts.unwrap_or_default();
        Ok(json!({
            "name": one.hook.name, "path": format!("/hooks/{}", one.hook.name), "format": one.hook.format.name(),
            "problem": one.problem(), "accepted": accepted, "ignored": ignored, "repeated": repeated, "refused": refused,
        }))
    };
    all.iter().map(row).collect()
}

/// A message that came, with the questions that it answered.
pub(crate) fn received(book: &Book, one: &Received) -> Result<Value, BookError> {
    let came = book.came_of(one.number)?.into_iter().map(
        |came| json!({ "run": came.run, "decision": came.decision, "outcome": came.outcome, "at": rfc3339(came.at) }),
    );
    Ok(json!({
        "number": one.number, "hook": one.hook, "id": one.id, "at": rfc3339(one.at), "from": one.sender, "event": one.event,
        "state": one.stands.name(), "why": one.why, "answered": came.collect::<Vec<_>>(),
    }))
}

/// The same with what it says, where that was kept.
pub(crate) fn whole_received(book: &Book, one: &Received) -> Result<Value, BookError> {
    let mut value = received(book, one)?;
    if let (Value::Object(fields), Some(body)) = (&mut value, &one.body) {
        fields.insert("body".into(), serde_json::from_str(body).unwrap_or_default());
    }
    Ok(value)
}
