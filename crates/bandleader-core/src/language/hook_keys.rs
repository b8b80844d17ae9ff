//! The tables of what comes from outside: hooks in `band.toml`, and the questions of a plan that wait for what comes by them.

use super::Status::{Optional, Required};
use super::parts::TEXT;
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

/// The message from outside that a question waits for.
pub(crate) static HOOK: Table = Table {
    name: "hook",
    called: "a hook",
    doc: "Which message from outside answers a question. Hooks are set up in `band.toml`, and `band serve` takes what comes.",
    keys: &[
        Key { status: Required, ..key("name", Shape::Id, "name: ci", "The hook, as `band.toml` calls it.") },
        key(
            "about",
            TEXT,
            "about: '{{ needs.push.outputs.commit }}'",
            "What the message has to be about: a commit, a branch, or any name that both sides use; a template. Without it the message has to name the run and the task.",
        ),
        key("check", TEXT, "check: build", "Which check, where several are told of. Without it any counts."),
    ],
};

/// `hooks` in `band.toml`.
pub(super) const INCOMING_VALUE: Shape = Shape::Table(&INCOMING);

/// One `[[hooks]]` of `band.toml`.
pub(crate) static INCOMING: Table = Table {
    name: "incoming",
    called: "an incoming hook",
    doc: "Somebody who may tell `band serve` how something went: signed messages to `/hooks/NAME`.",
    keys: &[
        Key { status: Required, ..key("name", Shape::Id, "name: ci", "What plans and people call it.") },
        Key {
            status: Required,
            ..key(
                "secret_env",
                TEXT,
                "secret_env: CI_SECRET",
                "The name of the environment variable with the secret that its messages are signed with. The secret itself never stands in a file.",
            )
        },
        key(
            "format",
            Shape::Choice(&[
                ("standard", "Standard Webhooks; the secret is `whsec_` and 24 to 64 bytes in Base64"),
                (
                    "github",
                    "as GitHub signs and tells of workflows, checks and statuses; the secret is the one that its settings have",
                ),
            ]),
            "format: github",
            "Whose form its messages have. Default: standard.",
        ),
    ],
};
