//! The plan's graph for programs: every need as written, lengths in milliseconds, the critical path.

use bandleader_core::{Plan, TaskId};
use serde_json::{Value, json};

use super::Picture;

/// Describes it.
pub(crate) fn describe(plan: &Plan, picture: &Picture<'_>) -> Value {
    let path = |id: &TaskId| plan.task(*id).path.clone();
    let group_path = |group| plan.group(group).path.clone();
    let groups = plan.groups.iter().map(|group| {
        json!({
            "path": group.path, "title": group.title, "kind": group.kind,
            "parent": group.parent.map(group_path), "end": path(&group.end),
        })
    });
    let tasks = plan.ids().map(|id| {
        let task = plan.task(id);
        let uses = task.uses.iter().filter_map(|hold| {
            let resource = plan.resources.get(hold.resource as usize)?;
            Some(json!({ "resource": resource.name, "units": hold.units }))
        });
        json!({
            "id": id, "path": task.path, "group": task.group.map(group_path), "work": task.work,
            "doer": picture.doer(id), "estimate_ms": task.estimate, "needs": task.needs.iter().map(path).collect::<Vec<_>>(),
            "uses": uses.collect::<Vec<_>>(), "optional": task.optional, "priority": task.priority,
            "critical": picture.is_critical(id),
        })
    });
    json!({
        "mission": plan.mission, "level": plan.level, "parallel": plan.limits.parallel, "resources": plan.resources,
        "critical_path": picture.longest.critical.iter().map(path).collect::<Vec<_>>(), "critical_path_ms": picture.longest.length,
        "without_estimate": picture.longest.guessed,
        "groups": groups.collect::<Vec<_>>(), "tasks": tasks.collect::<Vec<_>>(),
    })
}
