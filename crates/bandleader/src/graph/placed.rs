//! The plan's graph with places, for programs that draw it themselves: the same layout as the SVG's. Says nothing of a run, so that it
//! can be kept.

use serde_json::{Value, json};

use super::layout::{self, Area};
use super::{Picture, svg};

/// Describes it. Lengths are pixels; places count from the left and from the top.
pub(crate) fn describe(picture: &Picture<'_>) -> Value {
    let plan = picture.plan;
    let layout = layout::lay_out(picture, |id| svg::measure(picture, id), |id| svg::title_width(picture, id));
    let group_path = |group| plan.group(group).path.as_str();
    let nodes = layout.nodes.iter().map(|(id, area)| {
        let task = plan.task(*id);
        let Area { x, y, width, height } = *area;
        json!({
            "id": id, "task": task.is_real().then_some(task.path.as_str()), "name": picture.name(*id),
            "group": task.group.map(group_path), "phase": plan.phase_of(*id).map(group_path), "doer": picture.doer(*id),
            "estimate_ms": task.estimate, "critical": picture.is_critical(*id), "x": x, "y": y, "w": width, "h": height,
        })
    });
    let edges = picture.arrows.iter().zip(&layout.routes).map(|((from, to), points)| {
        json!({ "from": from, "to": to, "critical": picture.is_critical_arrow(*from, *to), "points": points })
    });
    let groups = layout.groups.iter().map(|(id, area)| {
        let group = plan.group(*id);
        let Area { x, y, width, height } = *area;
        json!({
            "path": group.path, "title": picture.title(*id), "kind": group.kind, "parent": group.parent.map(group_path),
            "x": x, "y": y, "w": width, "h": height,
        })
    });
    json!({
        "width": layout.size.0, "height": layout.size.1, "nodes": nodes.collect::<Vec<_>>(),
        "edges": edges.collect::<Vec<_>>(), "groups": groups.collect::<Vec<_>>(),
    })
}
