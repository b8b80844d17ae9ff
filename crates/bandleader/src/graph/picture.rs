//! What every drawing shares: which nodes are shown, which arrows say something, what is on the critical path.

use std::collections::BTreeSet;

use bandleader_core::plan::{GroupKind, Work};
use bandleader_core::{GroupId, Plan, TaskId, estimate};

use super::longest::Longest;
use super::reduce::reduced;
use crate::render::text::clean;

/// A plan, looked at.
pub(crate) struct Picture<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Each node's needs without those that follow from the others; the ends of groups are among them.
    pub needs: Vec<Vec<TaskId>>,
    /// Nodes that drawings with arrows show: all tasks, and those ends of groups that bundle many arrows.
    pub nodes: Vec<TaskId>,
    /// Arrows between `nodes`, sorted.
    pub arrows: Vec<(TaskId, TaskId)>,
    /// Its longest path.
    pub longest: Longest,
    /// For each group what everything in it comes after, said once at the group itself: the needs from outside that are
    /// shared by all members which need nothing inside the group.
    pub entries: Vec<Vec<TaskId>>,
    on_path: BTreeSet<TaskId>,
}

impl<'a> Picture<'a> {
    /// Looks at `plan`.
    pub(crate) fn new(plan: &'a Plan) -> Picture<'a> {
        let order = estimate::topological(plan, &estimate::Dependents::of(plan));
        let needs = reduced(plan, &order);
        let (nodes, arrows) = arrows(plan, &order, &needs);
        let longest = Longest::of(plan);
        let on_path = on_path(plan, &longest.critical, &arrows);
        let entries = entries(plan, &needs);
        Picture { plan, needs, nodes, arrows, longest, entries, on_path }
    }

    /// Whether a node lies on the critical path.
    pub(crate) fn is_critical(&self, id: TaskId) -> bool {
        self.on_path.contains(&id)
    }

    /// Whether an arrow does.
    pub(crate) fn is_critical_arrow(&self, from: TaskId, to: TaskId) -> bool {
        self.is_critical(from) && self.is_critical(to)
    }

    /// A node's own name within its group: the last segment, safe to show.
    pub(crate) fn name(&self, id: TaskId) -> String {
        let path = &self.plan.task(id).path;
        clean(path.rsplit('.').next().unwrap_or(path)).into_owned()
    }

    /// Who or what does it, safe to show.
    pub(crate) fn doer(&self, id: TaskId) -> String {
        match &self.plan.task(id).work {
            Work::Agent { agent, .. } => clean(agent).into_owned(),
            Work::Script { .. } => "sh".into(),
            Work::Program { argv } => argv.first().map(|program| clean(program).into_owned()).unwrap_or_default(),
            Work::Decision { .. } => "people".into(),
            Work::Left => format!("not at level {}", self.plan.level),
            Work::Join | Work::Milestone => String::new(),
        }
    }

    /// What a person calls a need seen from `from`: short inside the same group, whole otherwise; a group by its path.
    pub(crate) fn called(&self, need: TaskId, from: TaskId) -> String {
        let (task, near) = (self.plan.task(need), self.plan.task(from).group);
        if let (Work::Join, Some(group)) = (&task.work, task.group) {
            let group = self.plan.group(group);
            let short = group.parent == near && near.is_some();
            let path = &group.path;
            return clean(if short { path.rsplit('.').next().unwrap_or(path) } else { path }).into_owned();
        }
        if task.group == near { self.name(need) } else { clean(&task.path).into_owned() }
    }

    /// A group's title for people.
    pub(crate) fn title(&self, id: GroupId) -> String {
        let group = self.plan.group(id);
        if group.title != group.path && group.kind != GroupKind::Fan {
            return clean(&group.title).into_owned();
        }
        clean(group.path.rsplit('.').next().unwrap_or(&group.path)).into_owned()
    }
}

/// The critical tasks, and the points between them that drawings with arrows show.
fn on_path(plan: &Plan, critical: &[TaskId], arrows: &[(TaskId, TaskId)]) -> BTreeSet<TaskId> {
    let (mut after, mut before): (BTreeSet<_>, BTreeSet<_>) =
        (critical.iter().copied().collect(), critical.iter().copied().collect());
    let mut sorted = arrows.to_vec();
    // A group's end comes after its members in plan order, and before whatever needs it is looked at.
    sorted.sort_unstable_by_key(|(from, to)| (*to, *from));
    for (from, to) in &sorted {
        if !plan.task(*to).is_real() && after.contains(from) {
            after.insert(*to);
        }
    }
    sorted.sort_unstable();
    for (from, to) in sorted.iter().rev() {
        if !plan.task(*from).is_real() && before.contains(to) {
            before.insert(*from);
        }
    }
    after.intersection(&before).copied().collect()
}

fn entries(plan: &Plan, needs: &[Vec<TaskId>]) -> Vec<Vec<TaskId>> {
    let mut shared: Vec<Option<Vec<TaskId>>> = vec![None; plan.groups.len()];
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        let own = needs.get(id.index()).map(Vec::as_slice).unwrap_or_default();
        for group in around(plan, id) {
            if own.iter().any(|need| around(plan, *need).any(|outer| outer == group)) {
                break;
            }
            match shared.get_mut(group.index()) {
                Some(Some(common)) => common.retain(|need| own.contains(need)),
                Some(none) => *none = Some(own.to_vec()),
                None => {}
            }
        }
    }
    shared.into_iter().map(Option::unwrap_or_default).collect()
}

/// The groups around a node, innermost first.
fn around(plan: &Plan, id: TaskId) -> impl Iterator<Item = GroupId> {
    std::iter::successors(plan.task(id).group, |group| plan.group(*group).parent)
}

/// Which nodes and arrows a drawing shows. An end of a group is a node only where it saves arrows: more than one before
/// it and more than one after it. Elsewhere the arrows go straight through.
fn arrows(plan: &Plan, order: &[TaskId], needs: &[Vec<TaskId>]) -> (Vec<TaskId>, Vec<(TaskId, TaskId)>) {
    let needs_of = |id: TaskId| needs.get(id.index()).map(Vec::as_slice).unwrap_or_default();
    let mut followers = vec![0_usize; plan.tasks.len()];
    for id in order.iter().rev() {
        let used = plan.task(*id).is_real() || followers.get(id.index()).is_some_and(|number| *number > 0);
        for need in needs_of(*id).iter().filter(|_| used) {
            if let Some(number) = followers.get_mut(need.index()) {
                *number += 1;
            }
        }
    }
    let mut sources: Vec<Vec<TaskId>> = vec![Vec::new(); plan.tasks.len()];
    let (mut nodes, mut arrows) = (Vec::new(), BTreeSet::new());
    for id in order {
        let mut comes_from: Vec<TaskId> =
            needs_of(*id).iter().flat_map(|need| sources.get(need.index()).into_iter().flatten().copied()).collect();
        comes_from.sort_unstable();
        comes_from.dedup();
        let after = followers.get(id.index()).copied().unwrap_or_default();
        let shown = plan.task(*id).is_real() || (after > 1 && comes_from.len() > 1);
        if shown {
            arrows.extend(comes_from.iter().map(|from| (*from, *id)));
            nodes.push(*id);
        }
        if let Some(slot) = sources.get_mut(id.index()) {
            *slot = if shown { vec![*id] } else { comes_from };
        }
    }
    nodes.sort_unstable();
    (nodes, arrows.into_iter().collect())
}
