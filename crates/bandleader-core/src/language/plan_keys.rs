//! The tables of a plan, its phases, its groups, and of plans included as a task.

use super::Status::{Optional, Required};
use super::agent_keys::AGENT;
use super::milestone_keys::MILESTONE_VALUE;
use super::parts::{DEFAULTS, GROUP_LIMITS, INPUT, LIMITS, PRICE_VALUE, PRICES_DOC, RESOURCE, TEXT};
use super::people_keys::{CHECK_IN_VALUE, DECISION};
use super::task_keys::NEEDS_DOC;
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

const fn required(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Required }
}

const TIMELINES: &[(&str, &str)] = &[
    ("urgent", "Short deadlines for decisions."),
    ("normal", "The deadlines of the table. The default."),
    ("relaxed", "Long deadlines."),
];

pub(super) const MODES: &[(&str, &str)] = &[
    ("interactive", "Everything asks. The default."),
    ("guided", "Only critical and special kinds of decisions ask."),
    ("semi-autonomous", "Asks, with short deadlines."),
    ("autonomous", "Nothing waits."),
];

const ORDERS: &[(&str, &str)] = &[
    ("parallel", "Each starts as soon as its own needs allow. The default."),
    ("sequential", "Each needs the one before it."),
];

const RESOURCE_VALUE: Shape = Shape::Either(&[
    Shape::Whole(1, 1_000_000),
    Shape::Choice(&[("lock", "One task at a time: capacity 1."), ("shared", "A read/write lock.")]),
    Shape::Table(&RESOURCE),
]);
const AGENT_VALUE: Shape = Shape::Table(&AGENT);
const INPUT_VALUE: Shape = Shape::Table(&INPUT);
const PHASE_VALUE: Shape = Shape::Table(&PHASE);
const ENTRY: Shape = Shape::Entry;
const ANYTHING: Shape = Shape::Value;
const DECISION_VALUE: Shape = Shape::Table(&DECISION);
const DECISION_DOC: &str =
    "What people decide when all its tasks are done, and before anything that needs it: the task `PHASE.decision`.";

/// The plan itself.
pub(crate) static PLAN: Table = Table {
    name: "plan",
    called: "a plan",
    doc: "A plan: a mission, and the tasks that lead there.",
    keys: &[
        required(
            "mission",
            TEXT,
            "mission: Low-stock alerts for the shop",
            "What this is for, in one line. May name inputs: `Review {{ inputs.target }}`.",
        ),
        key(
            "level",
            Shape::Whole(1, 5),
            "level: 3",
            "How much rigor: 1 prototype, 2 beta, 3 first production, 4 production, 5 enterprise. Tasks and gates with other `levels` are left out. Default 3; `--level` wins.",
        ),
        key("timeline", Shape::Choice(TIMELINES), "timeline: normal", "How pressed the mission is."),
        key("mode", Shape::Choice(MODES), "mode: interactive", "Who is asked what."),
        key(
            "limits",
            Shape::Table(&LIMITS),
            "limits: { parallel: 8, time: 6h, cost: 20 USD }",
            "Caps over the whole run.",
        ),
        key(
            "resources",
            Shape::Map(&RESOURCE_VALUE),
            "resources: { staging-db: lock, cpu: 4, docs: { shared: true } }",
            "Things with a capacity that tasks hold while they run, by name: a number of units, `lock`, or `shared`.",
        ),
        key(
            "agents",
            Shape::Map(&AGENT_VALUE),
            "agents: { linter: { command: [./lint.sh] } }",
            "The agents that tasks refer to, by name.",
        ),
        key("prices", Shape::Map(&PRICE_VALUE), "prices: { gpt-5.5: { input: 4 USD, output: 25 USD } }", PRICES_DOC),
        key(
            "inputs",
            Shape::Map(&INPUT_VALUE),
            "inputs: { target: { type: path, default: src } }",
            "The plan's parameters, by name. `--input target=lib` gives a value; an interactive run asks for what is missing.",
        ),
        key(
            "env",
            Shape::Map(&TEXT),
            "env: { CI: 'true' }",
            "Environment of every task; a task's own `env` wins. Values may be templates.",
        ),
        key(
            "secrets",
            Shape::OneOrMany(&TEXT),
            "secrets: [SHOP_TOKEN]",
            "Names of environment variables whose values must never reach the disk.",
        ),
        key(
            "defaults",
            Shape::Table(&DEFAULTS),
            "defaults: { timeout: 1h, retry: 1 }",
            "What every task has when it does not say otherwise.",
        ),
        key(
            "phases",
            Shape::List(&PHASE_VALUE),
            "phases: [{ id: build, tasks: [{ id: api, run: make }] }]",
            "The phases, in order. Either `phases` or `tasks`. Phases run beside each other as far as their `needs` allow.",
        ),
        key(
            "tasks",
            Shape::List(&ENTRY),
            "tasks: [{ id: api, run: make }]",
            "The tasks of a small plan without phases.",
        ),
        key(
            "milestones",
            Shape::List(&MILESTONE_VALUE),
            "milestones: [{ id: beta, needs: [build] }]",
            "Named points of the way, in order.",
        ),
    ],
};

/// A phase.
pub(crate) static PHASE: Table = Table {
    name: "phase",
    called: "a phase",
    doc: "A named group of tasks.",
    keys: &[
        required("id", Shape::Id, "id: build", "Its name: lower-case letters, digits, dashes and underscores."),
        Key {
            name: "title",
            aliases: &["name"],
            shape: TEXT,
            doc: "For people. Default: its id.",
            example: "title: Build it",
            status: Optional,
        },
        key("mode", Shape::Choice(ORDERS), "mode: sequential", "How its entries follow each other."),
        Key {
            name: "needs",
            aliases: NEEDS,
            shape: Shape::OneOrMany(&TEXT),
            doc: "What must be over before any of its tasks starts.",
            example: "needs: [planning]",
            status: Optional,
        },
        required(
            "tasks",
            Shape::List(&ENTRY),
            "tasks: [{ id: api, run: make }]",
            "Its tasks, groups and included plans.",
        ),
        key("levels", Shape::Levels, "levels: 3..5", "At which levels its tasks are done. Default all."),
        key("limits", Shape::Table(&GROUP_LIMITS), "limits: { cost: 5 USD }", "What agents may spend on its tasks."),
        key(
            "check_in",
            CHECK_IN_VALUE,
            "check_in: true",
            "People are asked whether to go on: `true` or `after` when it is done, `before`, or a map.",
        ),
        key("decision", DECISION_VALUE, "decision: { question: 'Is it good enough?' }", DECISION_DOC),
        key(
            "milestone",
            MILESTONE_VALUE,
            "milestone: beta",
            "The milestone that it leads to: the id of one of `milestones`, or a milestone itself, as a map.",
        ),
    ],
};

/// Other spellings of `needs`.
pub(super) const NEEDS: &[&str] = &["depends_on", "depends", "dependencies", "deps"];

/// A group inside a phase.
pub(crate) static GROUP: Table = Table {
    name: "group",
    called: "a group",
    doc: "Tasks that belong together inside a phase. Other tasks may need the whole group by its id.",
    keys: &[
        required("id", Shape::Id, "id: services", "Its name within the phase."),
        Key {
            name: "title",
            aliases: &["name"],
            shape: TEXT,
            doc: "For people. Default: its id.",
            example: "title: All services",
            status: Optional,
        },
        key("mode", Shape::Choice(ORDERS), "mode: parallel", "How its entries follow each other."),
        Key {
            name: "needs",
            aliases: NEEDS,
            shape: Shape::OneOrMany(&TEXT),
            doc: NEEDS_DOC,
            example: "needs: spec",
            status: Optional,
        },
        required(
            "tasks",
            Shape::List(&ENTRY),
            "tasks: [{ id: api, run: make api }, { id: ui, run: make ui }]",
            "Its tasks, groups and included plans.",
        ),
        key("levels", Shape::Levels, "levels: 3..5", "At which levels its tasks are done. Default all."),
        key("limits", Shape::Table(&GROUP_LIMITS), "limits: { cost: 5 USD }", "What agents may spend on its tasks."),
        key("check_in", CHECK_IN_VALUE, "check_in: after", "As of a phase."),
        key("decision", DECISION_VALUE, "decision: { question: 'Which of the two?' }", "As of a phase."),
    ],
};

/// Another plan as a task.
pub(crate) static INCLUDE: Table = Table {
    name: "included plan",
    called: "an included plan",
    doc: "Another plan as a task: its tasks become a group here. Its resources and agents are added to this plan's; its mission becomes the title; its level, mode, timeline and limits do not count.",
    keys: &[
        key("id", Shape::Id, "id: checks", "Its name here. Default: the file's name without its ending."),
        required("plan", TEXT, "plan: shared/checks.yaml", "The file, relative to this one."),
        key(
            "with",
            Shape::Map(&ANYTHING),
            "with: { target: src }",
            "Values for its `inputs`. Templates may use this plan's `inputs`.",
        ),
        Key {
            name: "title",
            aliases: &["name"],
            shape: TEXT,
            doc: "For people. Default: its mission.",
            example: "title: The usual checks",
            status: Optional,
        },
        Key {
            name: "needs",
            aliases: NEEDS,
            shape: Shape::OneOrMany(&TEXT),
            doc: NEEDS_DOC,
            example: "needs: [build]",
            status: Optional,
        },
        key("levels", Shape::Levels, "levels: 3..5", "At which levels its tasks are done. Default all."),
    ],
};
