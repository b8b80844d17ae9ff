//! The walk through phases, groups and tasks: makes the nodes and the groups of the plan, in its order.
//!
//! Needs stay names here; `wire` resolves them when every node is known. Always true: the nodes of a group stand in one
//! stretch, its end last.

use super::draft::needs_of;
use super::milestones::Declared;
use super::{Lowering, MAX_NODES, Scope};
use crate::amounts::{Levels, parse_levels};
use crate::diag::Span;
use crate::expand::Instance;
use crate::language::{self, Fields, Shape, entry_table, is_id, slug};
use crate::plan::{CheckIn, Group, GroupKind, Task, Work};
use crate::problems::named;
use crate::tree::{Node, Spanned, Tree};
use crate::{GroupId, TaskId};

/// What wiring needs to know of a group.
#[derive(Debug, Default)]
pub(super) struct GroupDraft {
    pub(super) id: String,
    pub(super) place: Span,
    /// The dotted path before its name.
    pub(super) prefix: String,
    pub(super) root: String,
    pub(super) needs: Vec<Spanned<String>>,
    pub(super) is_sequential: bool,
    pub(super) members: Vec<Member>,
    /// The question that all its members wait for.
    pub(super) opening: Option<TaskId>,
    /// Questions that its end waits for, each of which waits for all its members and for those before it.
    pub(super) closing: Vec<TaskId>,
    /// The milestone that it leads to.
    pub(super) milestone: Option<TaskId>,
    /// The draft whose instances these are.
    pub(super) fan: Option<usize>,
}

/// One entry of a group: the node that is over when it is, and its group if it is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) end: TaskId,
    pub(super) group: Option<GroupId>,
}

/// Where in the plan the walk stands.
pub(super) struct Around<'s> {
    pub(super) scope: &'s Scope,
    pub(super) group: Option<GroupId>,
    /// The dotted path of the group, with the dot.
    pub(super) prefix: String,
    pub(super) levels: Levels,
}

impl Lowering<'_> {
    /// Walks a whole plan file.
    pub(super) fn outline(&mut self, fields: Fields<'_>, scope: &Scope) {
        let around = Around { scope, group: None, prefix: String::new(), levels: Levels::ALL };
        let members = self.file_entries(fields, &around);
        self.top.members = members;
    }

    /// The entries of a plan file: its phases or its tasks.
    pub(super) fn file_entries(&mut self, fields: Fields<'_>, around: &Around<'_>) -> Vec<Member> {
        let (phases, tasks) = (fields.entry("phases"), fields.entry("tasks"));
        if let (Some(phases), Some(tasks)) = (phases, tasks) {
            let message = "a plan has either `phases` or `tasks`";
            let problem = self.problems.error("plan::two-works", tasks.key_span, message);
            problem.also(phases.key_span, "`phases` is here").hint("move the tasks into a phase");
        }
        if phases.is_none() && tasks.is_none() {
            let hint = "add `tasks:` with at least one task, or `phases:`";
            self.problems.error("plan::missing-key", fields.node().span, "this plan has no tasks").hint(hint);
        }
        if let Some(entry) = [phases, tasks].into_iter().flatten().find(|entry| is_empty(&entry.value)) {
            let message = format!("`{}` is empty", entry.key);
            self.problems.error("plan::empty", entry.key_span, message).hint("add at least one task");
        }
        let phases = phases.map(|entry| entry.value.items()).unwrap_or_default();
        let milestones = self.declared_milestones(fields, phases);
        let mut made = Vec::new();
        for (place, phase) in phases.iter().enumerate() {
            let milestone = milestones.iter().find(|one| one.stands_in(place));
            made.push(self.group_entry(phase, &language::PHASE, milestone, around));
        }
        let mut members: Vec<Member> = made.iter().copied().flatten().collect();
        members.extend(self.entries(tasks.map(|entry| &entry.value), around));
        members.extend(self.milestones_beside(&milestones, &made, around));
        members
    }

    fn entries(&mut self, list: Option<&Node>, around: &Around<'_>) -> Vec<Member> {
        let mut members = Vec::new();
        for node in list.map(Node::items).unwrap_or_default() {
            let table = entry_table(node);
            if std::ptr::eq(table, &raw const language::GROUP) {
                members.extend(self.group_entry(node, &language::GROUP, None, around));
            } else if std::ptr::eq(table, &raw const language::INCLUDE) {
                members.extend(self.include_entry(node, around));
            } else {
                members.extend(self.task_entry(node, around));
            }
        }
        members
    }

    fn group_entry(
        &mut self,
        node: &Node,
        table: &'static language::Table,
        milestone: Option<&Declared<'_>>,
        around: &Around<'_>,
    ) -> Option<Member> {
        let Tree::Map(_) = node.tree else { return None };
        let is_phase = std::ptr::eq(table, &raw const language::PHASE);
        let kind = if is_phase { GroupKind::Phase } else { GroupKind::Group };
        let fields = Fields::new(node, table);
        let written = fields.get("id").and_then(Node::spanned);
        let place = written.as_ref().map_or(node.span, |id| id.span);
        let written = written.map_or_else(|| format!("{}-{}", table.name, self.plan.groups.len() + 1), |id| id.value);
        let id = Spanned { value: if is_id(&written) { written } else { slug(&written) }, span: place };
        let title = fields.get_any_spelling("title").and_then(Node::text);
        let (group, inner) = self.open_group(&id, title, kind, fields, around);
        if let Some(entry) = fields.entry("tasks").filter(|entry| is_empty(&entry.value)) {
            let message = format!("the {} {} has no tasks", table.name, named(&id.value));
            self.problems.error("plan::empty", entry.key_span, message).hint("add a task, or remove it");
        }
        let asked = fields.get("check_in");
        let opening = self.check_in(asked, CheckIn::Before, group, &inner);
        let members = self.entries(fields.get("tasks"), &inner);
        let decided = self.closing_decision(fields.get("decision"), group, &inner);
        let closing = self.check_in(asked, CheckIn::After, group, &inner);
        let closing = decided.into_iter().chain(closing).collect();
        let milestone = milestone.and_then(|one| self.milestone_of_phase(one, group, around));
        if let Some(draft) = self.groups.get_mut(group.index()) {
            (draft.opening, draft.closing, draft.milestone) = (opening, closing, milestone);
        }
        self.close_group(group, members, fields.get("mode").and_then(Node::text) == Some("sequential"))
    }

    /// Starts a group; what is added until it is closed stands in it.
    pub(super) fn open_group<'s>(
        &mut self,
        id: &Spanned<String>,
        title: Option<&str>,
        kind: GroupKind,
        fields: Fields<'_>,
        around: &Around<'s>,
    ) -> (GroupId, Around<'s>) {
        let group = GroupId(u32::try_from(self.plan.groups.len()).unwrap_or(u32::MAX));
        let path = format!("{}{}", around.prefix, id.value);
        let is_task = kind == GroupKind::Fan;
        let is_written = matches!(kind, GroupKind::Phase | GroupKind::Group);
        let title = title.unwrap_or(&path).to_owned();
        self.plan.groups.push(Group {
            path: path.clone(),
            title,
            kind,
            parent: around.group,
            end: TaskId(0),
            check_in: false,
            caps: super::settings::caps(if is_written { fields.get("limits") } else { None }),
        });
        self.groups.push(GroupDraft {
            id: id.value.clone(),
            place: id.span,
            prefix: around.prefix.clone(),
            root: around.scope.root.clone(),
            needs: if is_task { Vec::new() } else { needs_of(fields) },
            ..GroupDraft::default()
        });
        self.name(&path, super::names::Target::Group(group), id.span);
        let levels = fields.get("levels").and_then(|node| parse_levels(node).ok()).unwrap_or(Levels::ALL);
        let levels = if is_task { around.levels } else { around.levels.and(levels) };
        (group, Around { scope: around.scope, group: Some(group), prefix: path + ".", levels })
    }

    /// Ends a group with the node that is over when all its members are.
    pub(super) fn close_group(&mut self, group: GroupId, members: Vec<Member>, is_sequential: bool) -> Option<Member> {
        let path = self.plan.groups.get(group.index())?.path.clone();
        let place = self.groups.get(group.index())?.place;
        let end = self.push_node(Task { group: Some(group), ..Task::plain(&path, Work::Join) }, None, place)?;
        if let Some(made) = self.plan.groups.get_mut(group.index()) {
            made.end = end;
        }
        if let Some(draft) = self.groups.get_mut(group.index()) {
            draft.members = members;
            draft.is_sequential = is_sequential;
        }
        Some(Member { end, group: Some(group) })
    }

    fn task_entry(&mut self, node: &Node, around: &Around<'_>) -> Option<Member> {
        let own = Fields::new(node, &language::TASK).get("levels").and_then(|node| parse_levels(node).ok());
        self.gates_at = own.unwrap_or(Levels::ALL).and(around.levels).nearest(self.plan.level);
        let (mut task, mut draft) = self.draft(node, around.scope, &around.prefix)?;
        draft.levels = draft.levels.and(around.levels);
        task.levels = draft.levels;
        if !draft.levels.contains(self.plan.level) {
            task.leave_out();
        }
        let fields = Fields::new(node, &language::TASK);
        let instances = self.instances(fields, around.scope);
        let (index, id) = (self.drafts.len(), draft.id.clone());
        self.drafts.push(draft);
        let Some(instances) = instances else {
            task.path = format!("{}{}", around.prefix, id.value);
            task.group = around.group;
            return self.task_node(task, index, id.span).map(|end| Member { end, group: None });
        };
        let (group, inner) = self.open_group(&id, None, GroupKind::Fan, fields, around);
        let mut members = Vec::new();
        for Instance { segment, bindings } in instances {
            let path = format!("{}{segment}", inner.prefix);
            let one = Task { path, group: Some(group), bindings: bindings.into(), ..task.clone() };
            members.extend(self.task_node(one, index, id.span).map(|end| Member { end, group: None }));
        }
        if let Some(made) = self.groups.get_mut(group.index()) {
            made.fan = Some(index);
        }
        self.close_group(group, members, false)
    }

    fn task_node(&mut self, mut task: Task, draft: usize, place: Span) -> Option<TaskId> {
        self.fill_early(&mut task);
        let path = task.path.clone();
        let id = self.push_node(task, Some(draft), place)?;
        self.name(&path, super::names::Target::Task(id), place);
        Some(id)
    }

    pub(super) fn push_node(&mut self, task: Task, draft: Option<usize>, place: Span) -> Option<TaskId> {
        if self.plan.tasks.len() >= MAX_NODES {
            if !std::mem::replace(&mut self.is_full, true) {
                let message = format!("this plan comes to more than {MAX_NODES} tasks");
                self.problems.error("plan::too-many-tasks", place, message).hint("a run has at most about 20,000");
            }
            return None;
        }
        let id = TaskId(u32::try_from(self.plan.tasks.len()).ok()?);
        let gates = draft.and_then(|draft| self.drafts.get(draft)).map(|draft| &draft.leveled_gates);
        if let Some(gates) = gates.filter(|gates| !gates.is_empty()) {
            self.plan.leveled_gates.insert(id, gates.clone());
        }
        self.plan.tasks.push(task);
        self.origins.push(draft);
        self.places.push(place);
        Some(id)
    }

    /// The shape of a whole file.
    pub(super) const FILE: Shape = Shape::Table(&language::PLAN);
}

fn is_empty(node: &Node) -> bool {
    matches!(node.tree, Tree::Nothing) || matches!(&node.tree, Tree::List(items) if items.is_empty())
}
