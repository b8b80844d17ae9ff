//! The table of milestones.

use super::Status::{NotYet, Optional, Required};
use super::parts::TEXT;
use super::people_keys::DECISION;
use super::plan_keys::NEEDS;
use super::{Key, Shape, Table};

/// A named point of the way.
pub(crate) static MILESTONE: Table = Table {
    name: "milestone",
    called: "a milestone",
    doc: "A named point of the way: it is reached when the phases that name it, and what it needs, are complete.",
    keys: &[
        Key {
            name: "id",
            aliases: &[],
            shape: Shape::Id,
            doc: "Its name: lower-case letters, digits, dashes and underscores. Others may need it by that.",
            example: "id: beta",
            status: Required,
        },
        Key {
            name: "title",
            aliases: &["name"],
            shape: TEXT,
            doc: "For people. Default: its id.",
            example: "title: The beta is out",
            status: Optional,
        },
        Key {
            name: "needs",
            aliases: NEEDS,
            shape: Shape::OneOrMany(&TEXT),
            doc: "What must be complete: tasks, groups, phases, other milestones; besides the phases that name it.",
            example: "needs: [build, docs.guide]",
            status: Optional,
        },
        Key {
            name: "decision",
            aliases: &[],
            shape: Shape::Table(&DECISION),
            doc: "What people decide when it is reached. What needs it, or a phase that names it, waits for the answer.",
            example: "decision: { question: 'Do we invite the first customers?' }",
            status: Optional,
        },
        later("criteria", "criteria: [{ run: ./load-test.sh }]", "What is checked before it counts as reached."),
        later("quality", "quality: 80", "The score that it has to have."),
    ],
};

const fn later(name: &'static str, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape: Shape::Value, doc, example, status: NotYet }
}

/// One of `milestones`, or what a phase leads to: a name alone, or a map.
pub(super) const MILESTONE_VALUE: Shape = Shape::Either(&[Shape::Id, Shape::Table(&MILESTONE)]);
