//! What is said of how far a run is: at its check-ins, of late, and of a change that somebody wants.

use bandleader_core::plan::Mode;
use bandleader_core::view::milestones::MilestoneState;
use serde_json::Value;

use super::notation::{flag, instant, list, maybe, ms, object, pair, said, text, whole, word};

/// All of them, by name.
pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    vec![("CheckIn", check_in()), ("Lately", lately()), ("Adjustment", adjustment())]
}

/// A task that is over.
fn done() -> Value {
    object(&[
        ("task", text()),
        ("agent", text()),
        ("what", text()),
        ("said", maybe(text())),
        ("delivered", list(text())),
        ("metrics", list(pair(text(), text()))),
        ("findings", list(text())),
    ])
}

/// A task that is not.
fn ahead() -> Value {
    object(&[
        ("task", text()),
        ("agent", text()),
        ("what", text()),
        ("since", maybe(instant())),
        ("expected", maybe(ms())),
    ])
}

fn progress() -> Value {
    object(&[
        ("phases", pair(whole(), whole())),
        ("completed", whole()),
        ("over", whole()),
        ("tasks", whole()),
        ("elapsed", ms()),
    ])
}

/// What people see before they say whether to go on.
fn check_in() -> Value {
    object(&[
        ("title", text()),
        ("moment", word(&["before", "after"])),
        ("completed", list(done())),
        ("undone", list(done())),
        ("running", list(ahead())),
        ("upcoming", list(ahead())),
        ("later", whole()),
        ("blockers", list(text())),
        ("decisions", list(pair(whole(), text()))),
        ("progress", progress()),
    ])
}

/// What happened last.
fn lately() -> Value {
    let phase = object(&[
        ("path", text()),
        ("title", text()),
        ("done", whole()),
        ("failed", whole()),
        ("missed", said(whole(), "skipped because something before them was not done")),
        ("total", whole()),
        ("begun", flag()),
        ("started", maybe(instant())),
        ("ended", maybe(instant())),
    ]);
    let milestone = object(&[
        ("id", text()),
        ("title", text()),
        ("state", word(&MilestoneState::NAMES)),
        ("reached", maybe(instant())),
        ("decision", maybe(whole())),
        ("left", maybe(ms())),
    ]);
    object(&[
        ("completed", list(done())),
        ("undone", list(done())),
        ("more", whole()),
        ("findings", list(object(&[("agent", text()), ("task", text()), ("text", text())]))),
        ("phases", list(phase)),
        ("to_come", whole()),
        ("milestones", list(milestone)),
        ("progress", progress()),
        ("starting", list(ahead())),
        ("running", whole()),
        ("decisions", list(pair(whole(), text()))),
        ("blockers", list(text())),
    ])
}

/// What a change of what is left would bring about.
fn adjustment() -> Value {
    let mode = || word(&Mode::ALL.map(Mode::name));
    let span = || object(&[("least", ms()), ("most", ms())]);
    let skipped = object(&[("task", text()), ("why", word(&["asked", "level", "follows"]))]);
    let back = object(&[
        ("task", text()),
        ("why", word(&["asked", "level"])),
        ("waits_for", list(text())),
        ("gone_on", list(text())),
    ]);
    let without = object(&[("task", text()), ("needs", list(text())), ("reads_it", flag())]);
    let moved = object(&[("task", text()), ("from", whole()), ("to", whole()), ("waits_for", list(text()))]);
    object(&[
        ("reopens", flag()),
        ("skipped", list(skipped)),
        ("without", list(without)),
        ("back", list(back)),
        ("moved", list(moved)),
        ("level", maybe(pair(whole(), whole()))),
        ("mode", maybe(pair(mode(), mode()))),
        ("retries", maybe(pair(whole(), whole()))),
        ("gates", list(object(&[("task", text()), ("gate", text()), ("checked", flag())]))),
        ("not_added", list(text())),
        ("parallel", maybe(pair(whole(), whole()))),
        ("limits", list(object(&[("of", text()), ("from", text()), ("to", text())]))),
        ("told", list(object(&[("task", text()), ("text", text())]))),
        ("starts", list(text())),
        ("remaining", pair(span(), span())),
    ])
}
