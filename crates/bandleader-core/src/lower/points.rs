//! Points of the plan that do no work: what people decide at the end of a phase, and milestones.
//!
//! What is before a point is known when all nodes are: `wire` fills in its needs.

use super::check_in::reported;
use super::decision::texts_of;
use super::draft::Draft;
use super::names::Target;
use super::outline::Around;
use super::{Lowering, Scope};
use crate::amounts::Levels;
use crate::plan::{Rare, Task, Work};
use crate::tree::{Node, Spanned};
use crate::{GroupId, TaskId};

/// A point, as the plan says it.
pub(super) struct Point<'p> {
    /// Its own name.
    pub(super) id: Spanned<String>,
    /// The dotted path before that, with the dot.
    pub(super) prefix: &'p str,
    /// The group that it stands in.
    pub(super) group: Option<GroupId>,
    /// For people.
    pub(super) title: Option<String>,
    /// What people decide there.
    pub(super) decision: Option<&'p Node>,
    /// What it needs by its own words.
    pub(super) needs: Vec<Spanned<String>>,
    /// The levels at which it is there.
    pub(super) levels: Levels,
}

impl Lowering<'_> {
    /// Makes the node of a point, and the draft by which its names are resolved and its texts checked.
    pub(super) fn point(&mut self, point: Point<'_>, scope: &Scope) -> Option<TaskId> {
        let Point { id, prefix, group, title, decision, needs, levels } = point;
        let work = match decision {
            Some(node) => self.question(node)?,
            None => Work::Milestone,
        };
        let outputs = if decision.is_some() { reported() } else { Rare::default() };
        let path = format!("{prefix}{}", id.value);
        let mut task = Task { title, group, scope: scope.inputs, levels, outputs, ..Task::plain(&path, work) };
        if !levels.contains(self.plan.level) {
            task.leave_out();
        }
        let place = id.span;
        let texts = decision.map(texts_of).unwrap_or_default();
        let (prefix, root) = (prefix.to_owned(), scope.root.clone());
        let draft = self.drafts.len();
        self.drafts.push(Draft {
            id,
            prefix,
            root,
            needs,
            texts,
            claims: Vec::new(),
            levels,
            leveled_gates: Vec::new(),
        });
        let made = self.push_node(task, Some(draft), place)?;
        self.name(&path, Target::Task(made), place);
        Some(made)
    }

    /// What people decide when all of a group is done: `GROUP.decision`.
    pub(super) fn closing_decision(
        &mut self,
        node: Option<&Node>,
        group: GroupId,
        around: &Around<'_>,
    ) -> Option<TaskId> {
        let node = node?;
        let id = Spanned { value: "decision".to_owned(), span: node.span };
        let point = Point {
            id,
            prefix: &around.prefix,
            group: Some(group),
            title: None,
            decision: Some(node),
            needs: Vec::new(),
            levels: around.levels,
        };
        self.point(point, around.scope)
    }
}
