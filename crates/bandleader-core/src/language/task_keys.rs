//! The table of a task.

use super::Status::{NotYet, Optional};
use super::parts::{DELIVERABLE, GATE, ON_FAILURE, OUTPUT, RETRY, TASK_LIMITS, TEXT};
use super::people_keys::DECISION;
use super::plan_keys::NEEDS;
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

const fn later(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: NotYet }
}

pub(super) const NEEDS_DOC: &str = "What must be over before it starts: tasks, groups or phases. A name is looked for beside \
the task first, then around it, outwards; `build.api` names a task of a phase; any ending of a path that fits only one task is enough.";

const JOINS: &[(&str, &str)] = &[
    ("all_success", "Each need completed, was skipped by a condition, or failed where that is allowed. The default."),
    ("all_done", "Each need is over, however it ended."),
    ("any_success", "One need completed; the rest is not waited for."),
];

const ISOLATIONS: &[(&str, &str)] = &[
    ("worktree", "In a git worktree of its own."),
    ("shared", "In the project folder."),
    ("none", "Nothing is promised."),
];

const USE: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Map(&Shape::Either(&[
        Shape::Whole(1, 1_000_000),
        Shape::Choice(&[("shared", "Together with others that use it as `shared`."), ("exclusive", "Alone.")]),
    ])),
]);
const GATE_VALUE: Shape = Shape::Either(&[Shape::Text, Shape::Table(&GATE)]);
const DELIVERABLE_VALUE: Shape = Shape::Either(&[Shape::Text, Shape::Table(&DELIVERABLE)]);
const OUTPUT_VALUE: Shape = Shape::Either(&[
    Shape::Choice(&[
        ("reported", "A `name=value` line that the task wrote to the file `$BAND_OUTPUT`."),
        ("stdout", "All of its standard output, without the last line break."),
    ]),
    Shape::Table(&OUTPUT),
]);
const GLOB: Shape = Shape::Glob;
const ANYTHING: Shape = Shape::Value;

/// A task.
pub(crate) static TASK: Table = Table {
    name: "task",
    called: "a task",
    doc: "One piece of work: `run`, or `agent` with `task`, or `decision`.",
    keys: &[
        Key {
            name: "id",
            aliases: &[],
            shape: Shape::Id,
            doc: "Its name: lower-case letters, digits, dashes and underscores. Default: the agent's name.",
            example: "id: api",
            status: Optional,
        },
        key(
            "title",
            TEXT,
            "title: The alert service",
            "What it is for people, in a few words. Default: the start of its instruction or script.",
        ),
        key(
            "agent",
            TEXT,
            "agent: backend-architect",
            "Who does it: a name from the plan's `agents`, from `band.toml`, or of an agent file.",
        ),
        key(
            "task",
            TEXT,
            "task: Build the alert service of {{ needs.spec.outputs.title }}.",
            "The instruction for the agent; a template.",
        ),
        key(
            "run",
            Shape::Either(&[Shape::Text, Shape::List(&TEXT)]),
            "run: make test",
            "Instead of an agent: a shell script (`sh -e -c`), or a list of a program and its arguments, without a shell. Never a template: values reach it through `env`.",
        ),
        Key {
            name: "needs",
            aliases: NEEDS,
            shape: Shape::OneOrMany(&TEXT),
            doc: NEEDS_DOC,
            example: "needs: [spec, design.backend]",
            status: Optional,
        },
        Key {
            name: "join",
            aliases: &[],
            shape: Shape::Choice(JOINS),
            doc: "How its needs must have ended.",
            example: "join: all_done",
            status: Optional,
        },
        key(
            "when",
            Shape::Condition,
            "when: needs.spec.outputs.risk == 'high'",
            "An expression over `needs`, `inputs`, `item`, `matrix`, `level`; false means that the task is skipped.",
        ),
        key(
            "levels",
            Shape::Levels,
            "levels: 3..5",
            "At which levels it is done: `3`, `3..5`, `3+` or `[1, 3]`. Default all.",
        ),
        key(
            "input",
            Shape::Value,
            "input: docs/spec.md",
            "What the agent works from: a text, a list, or a map; templates.",
        ),
        key(
            "subtasks",
            Shape::OneOrMany(&TEXT),
            "subtasks: [write the parser, write its tests]",
            "Parts of the work, told to the agent; templates.",
        ),
        key(
            "focus_areas",
            Shape::OneOrMany(&TEXT),
            "focus_areas: [error handling]",
            "What the agent looks at most; templates.",
        ),
        key(
            "deliverables",
            Shape::OneOrMany(&DELIVERABLE_VALUE),
            "deliverables: [docs/spec.md, { text: a list of open questions }]",
            "What it must leave behind. A text without spaces is a path or glob that must exist afterwards and not be empty; a sentence is a description, listed and not checked. Paths may be templates.",
        ),
        key(
            "outputs",
            Shape::Either(&[Shape::List(&TEXT), Shape::Map(&OUTPUT_VALUE)]),
            "outputs: { title: reported, log: stdout, version: { file: out/version.txt } }",
            "Named values that it hands on, seen by others as `needs.NAME.outputs.KEY`. A list of names means reported values.",
        ),
        key(
            "schema",
            Shape::Either(&[Shape::Text, Shape::Map(&Shape::Value)]),
            "schema: forms/review.json",
            "The form of an agent's answer: a JSON Schema, or the path of a file with one, relative to this file. The answer is then JSON, is checked, and goes back to the agent twice at most when it is wrong. Outputs that are `reported` and were not reported are taken from its members of the same name: texts, numbers, and true or false.",
        ),
        key(
            "expected_time",
            Shape::Length,
            "expected_time: 30 minutes",
            "How long it will probably take. Used for the order of tasks, and for forecasts.",
        ),
        key("timeout", Shape::Length, "timeout: 1h", "After this long an attempt is stopped."),
        key(
            "stall",
            Shape::Length,
            "stall: 10m",
            "With no output and no processor time for this long, an attempt is stopped.",
        ),
        key(
            "retry",
            Shape::Either(&[Shape::Whole(0, 100), Shape::Table(&RETRY)]),
            "retry: { limit: 2, backoff: 30s }",
            "Further tries after a failure: their number, or a map.",
        ),
        key("on_failure", Shape::Either(ON_FAILURE), "on_failure: ask", "What follows when no try is left."),
        key("compensate", TEXT, "compensate: ./undo.sh", "A shell script that undoes it. Never a template."),
        key("optional", Shape::Flag, "optional: true", "Its failure does not fail the run."),
        key(
            "priority",
            Shape::Whole(-1_000_000, 1_000_000),
            "priority: 10",
            "Among tasks with as much work behind them, the higher goes first. Default 0.",
        ),
        key(
            "uses",
            Shape::OneOrMany(&USE),
            "uses: [staging-db, { cpu: 2 }, { docs: shared }]",
            "Resources that it holds while it runs, all acquired at once. A name alone takes one unit; of a shared resource, all of it.",
        ),
        key(
            "reads",
            Shape::OneOrMany(&GLOB),
            "reads: [src/**]",
            "Path globs that it reads: no task that writes there runs beside it.",
        ),
        key(
            "writes",
            Shape::OneOrMany(&GLOB),
            "writes: [docs/**]",
            "Path globs that it writes: no task that reads or writes there runs beside it.",
        ),
        key(
            "gates",
            Shape::OneOrMany(&GATE_VALUE),
            "gates: [cargo test, { run: ./coverage.sh, parse: '([0-9.]+)%', min: 80 }]",
            "Checks that must pass before it counts as completed, in order.",
        ),
        key(
            "env",
            Shape::Map(&TEXT),
            "env: { TITLE: '{{ needs.spec.outputs.title }}' }",
            "Environment of its processes. Values may be templates; `{{ env.HOME }}` is the engine's own environment.",
        ),
        key("directory", TEXT, "directory: web", "Where its processes start, relative to the project folder."),
        key(
            "foreach",
            Shape::Either(&[Shape::List(&ANYTHING), Shape::Text]),
            "foreach: [core, engine, web]",
            "One instance for each item: a list, or a template that names a list input. Templates see `item` and `index`. Others that need the task need all instances.",
        ),
        key(
            "matrix",
            Shape::Map(&ANYTHING),
            "matrix: { os: [linux, mac], rust: [stable, beta], exclude: [{ os: mac, rust: beta }] }",
            "One instance for each combination; templates see `matrix.KEY`. `exclude` and `include` are lists of combinations.",
        ),
        key("limits", Shape::Table(&TASK_LIMITS), "limits: { time: 1h }", "Caps of this task."),
        key(
            "isolation",
            Shape::Choice(ISOLATIONS),
            "isolation: worktree",
            "Where it works. Usual: `worktree` for coding agents when the project is in a git repository, else `shared`.",
        ),
        later("cache", ANYTHING, "cache: true", "Serve it from the cache when its inputs are unchanged."),
        Key {
            name: "decision",
            aliases: &[],
            shape: Shape::Table(&DECISION),
            doc: "A task that a person does, instead of `run` or `agent`: it ends when it is decided.",
            example: "decision: { question: 'Which transport?', options: [WebSocket, Server-sent events], recommend: B }",
            status: Optional,
        },
    ],
};
