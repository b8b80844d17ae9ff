//! Webhooks, and what became of their messages.

use serde_json::Value;

use super::notation::{any, flag, list, maybe, named, object, said, text, whole, word};

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let webhook = object(&[
        ("name", text()),
        ("url", text()),
        ("signed", flag()),
        ("problem", maybe(text())),
        ("events", list(text())),
        ("waiting", whole()),
        ("delivered", whole()),
        ("given_up", whole()),
    ]);
    let attempt = object(&[("at", text()), ("took_ms", whole()), ("status", maybe(whole())), ("error", maybe(text()))]);
    let message = object(&[
        ("id", text()),
        ("webhook", text()),
        ("run", text()),
        ("seq", whole()),
        ("event", text()),
        ("at", text()),
        ("state", word(&["waiting", "delivered", "given_up"])),
        ("tries", whole()),
        ("next", maybe(text())),
        ("attempts?", list(attempt)),
        ("body?", any()),
    ]);
    let hook = object(&[
        ("name", text()),
        ("path", text()),
        ("format", word(&["standard", "github"])),
        ("problem", maybe(text())),
        ("accepted", whole()),
        ("ignored", whole()),
        ("repeated", whole()),
        ("refused", whole()),
    ]);
    let states = word(&["accepted", "ignored", "repeated", "refused"]);
    let answered = object(&[("run", text()), ("decision", whole()), ("outcome", text()), ("at", text())]);
    let received = object(&[
        ("number", whole()),
        ("hook", text()),
        ("id", text()),
        ("at", text()),
        ("from", text()),
        ("event", text()),
        ("state", states.clone()),
        ("why", maybe(text())),
        ("answered", list(answered)),
        ("body?", any()),
    ]);
    vec![
        ("Webhook", webhook),
        ("Hook", hook),
        ("Webhooks", object(&[("webhooks", list(named("Webhook"))), ("hooks", list(named("Hook")))])),
        ("Received", received),
        ("AllReceived", object(&[("received", list(named("Received")))])),
        ("Told", said(any(), "as Standard Webhooks or GitHub has it; docs/WEBHOOKS.md says what is read")),
        ("Taken", object(&[("accepted", flag()), ("state", states), ("why", maybe(text()))])),
        ("WebhookMessage", message),
        ("WebhookMessages", object(&[("messages", list(named("WebhookMessage")))])),
        ("Again", said(object(&[("id?", maybe(text())), ("failed?", maybe(text()))]), "one of the two")),
        ("ToldAgain", object(&[("again", whole())])),
    ]
}
