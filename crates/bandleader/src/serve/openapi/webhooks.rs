//! Webhooks, and what became of their messages.

use serde_json::Value;

use super::notation::{any, flag, list, maybe, named, object, text, whole, word};

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
    vec![
        ("Webhook", webhook),
        ("Webhooks", object(&[("webhooks", list(named("Webhook")))])),
        ("Message", message),
        ("Messages", object(&[("messages", list(named("Message")))])),
        ("Again", object(&[("id?", text()), ("failed?", text())])),
        ("ToldAgain", object(&[("again", whole())])),
    ]
}
