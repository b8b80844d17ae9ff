//! The tables of what people are asked: decisions, and check-ins of phases.

use super::Status::{Optional, Required};
use super::hook_keys::HOOK;
use super::parts::TEXT;
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

const KINDS: &[(&str, &str)] = &[
    ("general", "None of those below. The default."),
    ("database", "How data is stored: 10 minutes at least."),
    ("security", "Who can do what: 15 minutes at least."),
    ("cost", "Money: 10 minutes at least."),
    ("api-design", "What others build on: 8 minutes at least."),
    ("irreversible", "As `irreversible: true`."),
];

const WEIGHTS: &[(&str, &str)] = &[
    ("urgent", "Somebody waits for it: a minute, before level and timeline count."),
    ("confirmation", "A yes is expected: 2 minutes."),
    ("standard", "5 minutes. The default."),
    ("critical", "Much hangs on it: 10 minutes."),
];

const SILENCES: &[(&str, &str)] = &[
    ("recommend", "The recommendation is taken. The default where there is one."),
    ("fail", "The task has failed, and what needs it is skipped."),
    ("park", "It waits for as long as it takes, and other branches go on. The default where nothing is recommended."),
    ("escalate", "More people are told, and it waits."),
];

const OPTION: Shape = Shape::Either(&[Shape::Map(&TEXT), Shape::Text]);

/// A question to people.
pub(crate) static DECISION: Table = Table {
    name: "decision",
    called: "a decision",
    doc: "What people are asked: a task that a person does. It is completed when it is decided, and hands on `choice` (the option's id), `name`, `by` and `because` as outputs.",
    keys: &[
        Key {
            name: "question",
            aliases: &[],
            shape: TEXT,
            doc: "The question, in a sentence; a template.",
            example: "question: Which transport carries alerts?",
            status: Required,
        },
        key(
            "options",
            Shape::List(&OPTION),
            "options: [{ id: A, name: WebSocket, effort: 3 days }, { id: B, name: Server-sent events, effort: 1 day }]",
            "What can be chosen, two to twelve. Each is a text, or a map with `id`, `name`, `details` and `fails: true` (choosing it fails the task); any further keys are columns by which options are compared. Without `id` they are A, B, C. Texts are templates. Without `options` it is an approval: `approve`, or `reject`, which fails the task.",
        ),
        key("recommend", TEXT, "recommend: B", "The id of the option that you would take."),
        key("kind", Shape::Choice(KINDS), "kind: api-design", "What it is about. Some kinds get more time."),
        key(
            "weight",
            Shape::Choice(WEIGHTS),
            "weight: critical",
            "How much hangs on it. It sets the time that people get.",
        ),
        key(
            "details",
            TEXT,
            "details: The shop has 40,000 products and three warehouses.",
            "What people should know before they choose; a template.",
        ),
        key("on_silence", Shape::Choice(SILENCES), "on_silence: fail", "What follows when nobody answers in time."),
        key(
            "timeout",
            Shape::Patience,
            "timeout: 30s",
            "How long people get, in place of what level, timeline, kind and weight come to; `none`: as long as they want.",
        ),
        key("hook", Shape::Table(&HOOK), "hook: { name: ci, about: '{{ needs.push.outputs.commit }}' }", HOOK_DOC),
        key(
            "irreversible",
            Shape::Flag,
            "irreversible: true",
            "It cannot be taken back: only a person chooses, whatever the mode.",
        ),
        key(
            "auto_proceed",
            Shape::Flag,
            "auto_proceed: false",
            "`false`: neither silence nor a mode takes the recommendation.",
        ),
    ],
};

const HOOK_DOC: &str = "A message from outside answers it too, such as how the checks of a commit went: `passed`, or `failed`, \
which fails the task. It asks nobody for their time, so it waits in every mode; people may answer it as well. Without `on_silence` it \
fails when `timeout` is over; without both it waits.";

const MOMENTS: &[(&str, &str)] =
    &[("before", "Before any of its tasks starts."), ("after", "When all of its tasks are done. The default.")];

/// A check-in written as a map.
pub(crate) static CHECK_IN: Table = Table {
    name: "check-in",
    called: "a check-in",
    doc: "People see what was done and what comes next, and say whether to go on: `continue`, `adjust` or `stop`.",
    keys: &[
        key("at", Shape::OneOrMany(&Shape::Choice(MOMENTS)), "at: before", "At which end."),
        key("question", TEXT, "question: Shall we go live?", "In place of the usual question."),
        key(
            "on_silence",
            Shape::Choice(&[
                ("recommend", "It goes on. The default."),
                ("park", "It waits for as long as it takes, and other branches go on."),
                ("escalate", "More people are told, and it waits."),
            ]),
            "on_silence: park",
            "What follows when nobody answers in time.",
        ),
        key("weight", Shape::Choice(WEIGHTS), "weight: standard", "As in a decision. Default `confirmation`."),
        key("timeout", Shape::Patience, "timeout: 10m", "As in a decision."),
        key("auto_proceed", Shape::Flag, "auto_proceed: false", "As in a decision."),
        key("levels", Shape::Levels, "levels: 3..5", "At which levels people are asked. Default those of the phase."),
    ],
};

/// `check_in` of a phase or a group.
pub(super) const CHECK_IN_VALUE: Shape = Shape::Either(&[Shape::Flag, Shape::Choice(MOMENTS), Shape::Table(&CHECK_IN)]);
