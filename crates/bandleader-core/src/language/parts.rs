//! The tables of the smaller maps: limits, resources, inputs, retry, gates, outputs, deliverables.

use super::Status::{Optional, Required};
use super::{Key, Shape, Table};

/// Text, where a `const` reference is wanted.
pub(crate) const TEXT: Shape = Shape::Text;

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

const fn required(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Required }
}

/// Caps over the whole run.
pub(crate) static LIMITS: Table = Table {
    name: "limits",
    called: "`limits`",
    doc: "Caps over the whole run.",
    keys: &[
        key(
            "parallel",
            Shape::Whole(1, 10_000),
            "parallel: 8",
            "How many tasks may run at once. `--parallel` on the command line wins. Default 4.",
        ),
        key("time", Shape::Length, "time: 6h", "Wall time of the run while it is not paused."),
        key("cost", Shape::Money, "cost: 20 USD", "Money that metered agents may spend, in US dollars."),
        key("tokens", Shape::Tokens, "tokens: 2M", "Tokens that metered agents may use, in and out."),
    ],
};

/// What a model costs.
pub(crate) static PRICE: Table = Table {
    name: "price",
    called: "a price",
    doc: "What a million tokens of a model cost, in US dollars.",
    keys: &[
        required("input", Shape::Money, "input: 1.25 USD", "Tokens that go in."),
        key(
            "cached",
            Shape::Money,
            "cached: 0.125 USD",
            "Tokens that go in from the provider's cache. Default: as `input`.",
        ),
        required("output", Shape::Money, "output: 10 USD", "Tokens that come out."),
    ],
};

/// The value of an entry of `prices`.
pub(crate) const PRICE_VALUE: Shape = Shape::Table(&PRICE);

/// What `prices` is for, in plans and in `band.toml`.
pub(crate) const PRICES_DOC: &str =
    "What models cost, by name. Wins over our own table and over what an agent's program says.";

/// A resource written as a map.
pub(crate) static RESOURCE: Table = Table {
    name: "resource",
    called: "a resource",
    doc: "Something with a capacity that tasks hold while they run.",
    keys: &[
        key(
            "capacity",
            Shape::Whole(1, 1_000_000),
            "capacity: 4",
            "How many units there are. 1 makes it an exclusive lock.",
        ),
        key(
            "shared",
            Shape::Flag,
            "shared: true",
            "A read/write lock: any number of tasks may use it as `shared`, or one as `exclusive`.",
        ),
    ],
};

const INPUT_TYPES: &[(&str, &str)] = &[
    ("text", "Any text."),
    ("number", "A number."),
    ("boolean", "True or false."),
    ("path", "A path, relative to the project folder."),
    ("list", "A list; on the command line its items are separated by commas."),
];

/// A parameter of the plan.
pub(crate) static INPUT: Table = Table {
    name: "input",
    called: "an input",
    doc: "A parameter of the plan; templates see its value as `inputs.NAME`.",
    keys: &[
        key(
            "type",
            Shape::Choice(INPUT_TYPES),
            "type: text",
            "What its value is. Default: the type of its default, else `text`.",
        ),
        key(
            "default",
            Shape::Value,
            "default: src",
            "Its value when none is given. An input without a default must be given.",
        ),
        key("choices", Shape::List(&Shape::Value), "choices: [dev, staging, live]", "The values that it may have."),
        key(
            "required",
            Shape::Flag,
            "required: false",
            "`false`: may be left out even without a default; its value is then empty.",
        ),
        Key {
            name: "description",
            aliases: &["doc"],
            shape: TEXT,
            doc: "What it is for, for people.",
            example: "description: The folder to look at",
            status: Optional,
        },
    ],
};

const CLASSES: &[(&str, &str)] = &[
    ("exit", "It ended with an exit code other than 0."),
    ("crash", "A signal that nobody here sent ended it."),
    ("timeout", "It ran longer than its `timeout`."),
    ("stall", "It was silent for its `stall` time."),
    ("lost", "Its supervisor died or the machine went down."),
    ("deliverable", "It said done, but a deliverable or an output was missing."),
    ("gate", "A gate refused it."),
    ("start", "It could not be started."),
    ("rate-limit", "The provider of its model asked for fewer requests, or a usage limit was reached."),
    ("overloaded", "The provider of its model had too much to do."),
    ("network", "The provider could not be reached, or the connection broke."),
    ("auth", "The key or the login was missing or wrong."),
    ("context-overflow", "It did not fit into its model any more."),
    ("invalid", "The provider or the agent's program refused what was asked of it as wrong."),
    ("max-turns", "It used up the turns that it may take."),
    ("budget", "It used up the money or the tokens that it may spend."),
    ("denied", "It needed something that it may not do."),
    ("conflict", "Its work did not merge with that of others."),
];

/// When a failed attempt is tried again.
pub(crate) static RETRY: Table = Table {
    name: "retry",
    called: "`retry`",
    doc: "When a failed attempt is tried again.",
    keys: &[
        required("limit", Shape::Whole(0, 100), "limit: 2", "Further tries after the first."),
        key(
            "backoff",
            Shape::Length,
            "backoff: 30s",
            "The pause before the first further try; it doubles with each. Default none.",
        ),
        key("max_backoff", Shape::Length, "max_backoff: 5m", "The longest pause. Default ten minutes."),
        key(
            "on",
            Shape::OneOrMany(&Shape::Choice(CLASSES)),
            "on: [crash, timeout]",
            "Which failures are tried again. Default: all that may pass by themselves, which is all but `start`.",
        ),
    ],
};

/// A check that must pass before a task counts as completed.
pub(crate) static GATE: Table = Table {
    name: "gate",
    called: "a gate",
    doc: "A check that must pass before a task counts as completed.",
    keys: &[
        required("run", TEXT, "run: cargo test", "A shell script; exit 0 passes. Never a template."),
        key("name", TEXT, "name: all tests pass", "For people. Default: the script's first line."),
        key("timeout", Shape::Length, "timeout: 10m", "After this long it has failed."),
        key(
            "parse",
            Shape::Pattern,
            "parse: 'coverage: ([0-9.]+)%'",
            "A regular expression; its first group, or the whole match, is a number. The last match counts.",
        ),
        key("min", Shape::Number, "min: 80", "The least number that passes; needs `parse`."),
        key("max", Shape::Number, "max: 5", "The greatest number that passes; needs `parse`."),
        key("levels", Shape::Levels, "levels: 3..5", "At which levels it is checked. Default all."),
    ],
};

/// A deliverable written as a map.
pub(crate) static DELIVERABLE: Table = Table {
    name: "deliverable",
    called: "a deliverable",
    doc: "Something that a task must leave behind: either a `path` or a `text`.",
    keys: &[
        key(
            "path",
            TEXT,
            "path: docs/spec.md",
            "A file or glob, relative to the project folder, that must exist afterwards and not be empty.",
        ),
        key(
            "text",
            TEXT,
            "text: A verdict on every finding",
            "In words; listed for people and agents, not checked by machine.",
        ),
    ],
};

/// An output written as a map.
pub(crate) static OUTPUT: Table = Table {
    name: "output",
    called: "an output",
    doc: "Where an output's value comes from.",
    keys: &[required("file", TEXT, "file: out/version.txt", "The text of this file, without the last line break.")],
};

/// Caps of one task.
pub(crate) static TASK_LIMITS: Table = Table {
    name: "task limits",
    called: "`limits` of a task",
    doc: "Caps of one task.",
    keys: &[
        key("time", Shape::Length, "time: 1h", "As `timeout`; the shorter of the two counts."),
        key("cost", Shape::Money, "cost: 2 USD", "Money that agents may spend on the task, over all tries."),
        key("tokens", Shape::Tokens, "tokens: 200k", "Tokens that agents may use for the task, over all tries."),
    ],
};

/// `on_failure` written as a map.
pub(crate) static RETRY_WITH: Table = Table {
    name: "on_failure",
    called: "`on_failure`",
    doc: "One more round of tries by another agent.",
    keys: &[required("retry-with", TEXT, "retry-with: senior-reviewer", "The agent that tries next.")],
};

/// What tasks have when they do not say otherwise.
pub(crate) static DEFAULTS: Table = Table {
    name: "defaults",
    called: "`defaults`",
    doc: "What every task has when it does not say otherwise.",
    keys: &[
        key("timeout", Shape::Length, "timeout: 1h", "As in a task."),
        key("stall", Shape::Length, "stall: 10m", "As in a task."),
        key("retry", Shape::Either(&[Shape::Whole(0, 100), Shape::Table(&RETRY)]), "retry: 1", "As in a task."),
        key("on_failure", Shape::Either(ON_FAILURE), "on_failure: ask", "As in a task."),
    ],
};

/// What may follow when a task has no try left.
pub(crate) const ON_FAILURE: &[Shape] = &[
    Shape::Choice(&[
        ("fail", "It has failed; what needs it is skipped; other branches go on. The default."),
        ("continue", "It has failed; what needs it goes on all the same. The run still ends as failed."),
        ("ask", "It is blocked until a person retries it or cancels it."),
        ("compensate", "No new task starts; completed tasks are undone in reverse order."),
    ]),
    Shape::Table(&RETRY_WITH),
];

/// Caps of a phase or a group.
pub(crate) static GROUP_LIMITS: Table = Table {
    name: "group limits",
    called: "`limits` of a group",
    doc: "What agents may spend on the tasks of a phase or a group.",
    keys: &[
        key("cost", Shape::Money, "cost: 5 USD", "Money, over all its tasks and tries."),
        key("tokens", Shape::Tokens, "tokens: 1M", "Tokens in and out, over all its tasks and tries."),
    ],
};
