//! A plan as a picture: text tree, Mermaid, DOT, SVG, JSON. Called by `band graph`; pure, from `Plan` to text.

pub(crate) mod dot;
pub(crate) mod json;
mod layout;
pub(crate) mod mermaid;
pub(crate) mod placed;

mod picture;
mod reduce;
pub(crate) mod svg;
pub(crate) mod tree;

pub(crate) use picture::Picture;

use bandleader_core::{GroupId, TaskId};

/// One step of a walk through the groups.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A group begins.
    Enter(GroupId),
    /// It ends.
    Leave,
    /// A node that drawings show.
    Node(TaskId),
}

/// Visits every group that is not empty and every shown node, each group's content between its beginning and its end,
/// with the depth. Without recursion.
fn walk(picture: &Picture<'_>, mut visit: impl FnMut(Step, usize)) {
    let plan = picture.plan;
    let mut inside: Vec<Vec<Step>> = vec![Vec::new(); plan.groups.len() + 1];
    let slot = |group: Option<GroupId>| group.map_or(plan.groups.len(), GroupId::index);
    for id in &picture.nodes {
        if let Some(list) = inside.get_mut(slot(plan.task(*id).group)) {
            list.push(Step::Node(*id));
        }
    }
    // Inner groups come after outer ones: backwards, every group's content is known before it is hung into its parent.
    for (id, group) in (0_u32..).map(GroupId).zip(&plan.groups).collect::<Vec<_>>().into_iter().rev() {
        if inside.get(id.index()).is_none_or(Vec::is_empty) {
            continue;
        }
        if let Some(list) = inside.get_mut(slot(group.parent)) {
            list.insert(0, Step::Enter(id));
        }
    }
    let mut waiting: Vec<(Step, usize)> = inside.last().into_iter().flatten().rev().map(|step| (*step, 0)).collect();
    while let Some((step, depth)) = waiting.pop() {
        visit(step, depth);
        if let Step::Enter(group) = step {
            waiting.push((Step::Leave, depth));
            let content = inside.get(group.index()).into_iter().flatten();
            waiting.extend(content.rev().map(|step| (*step, depth + 1)));
        }
    }
}
