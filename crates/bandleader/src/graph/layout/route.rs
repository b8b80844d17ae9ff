//! The way of one arrow: out of the groups around its start, across the level where both ends meet, into those around
//! its end; on the lanes that each level kept free.

use std::collections::BTreeMap;

use bandleader_core::{GroupId, Plan, TaskId};

use super::level::{End, Lane, Link};
use super::{Area, INSET, Member, Rooms, TITLE};

/// The part of an arrow that one room draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Index into `Rooms::rooms`.
    pub room: usize,
    /// As that room sees it.
    pub link: Link,
}

/// Cuts an arrow into the parts that rooms draw, from its start to its end.
pub(super) fn steps(plan: &Plan, rooms: &Rooms, from: TaskId, to: TaskId) -> Vec<Step> {
    let (out, into) = (around(plan, from), around(plan, to));
    let shared = out.iter().rev().zip(into.iter().rev()).take_while(|(one, two)| one == two).count();
    let mut steps = Vec::new();
    let mut member = Member::Node(from);
    for group in out.iter().take(out.len() - shared) {
        steps.push(Step { room: group.index(), link: Link { from: End::Item(rooms.seat(member)), to: End::Outside } });
        member = Member::Group(*group);
    }
    let mut inwards = Vec::new();
    let mut target = Member::Node(to);
    for group in into.iter().take(into.len() - shared) {
        inwards
            .push(Step { room: group.index(), link: Link { from: End::Outside, to: End::Item(rooms.seat(target)) } });
        target = Member::Group(*group);
    }
    let meeting = out.iter().nth_back(shared.wrapping_sub(1)).map_or(plan.groups.len(), |group| group.index());
    let link = Link { from: End::Item(rooms.seat(member)), to: End::Item(rooms.seat(target)) };
    steps.push(Step { room: meeting, link });
    steps.extend(inwards.into_iter().rev());
    steps
}

/// Everything placed.
pub(super) struct Places<'a> {
    /// With their levels laid out.
    pub rooms: &'a Rooms,
    /// On the page.
    pub nodes: &'a BTreeMap<TaskId, Area>,
    /// On the page.
    pub groups: BTreeMap<GroupId, Area>,
}

impl Places<'_> {
    /// The points that an arrow passes, on the page.
    pub(super) fn route(&self, from: TaskId, to: TaskId, steps: &[Step]) -> Vec<(i64, i64)> {
        let (Some(start), Some(end)) = (self.nodes.get(&from), self.nodes.get(&to)) else { return Vec::new() };
        let mut points = vec![(start.right(), start.middle())];
        for step in steps {
            self.pass(*step, &mut points);
        }
        points.push((end.x, end.middle()));
        points.dedup();
        points
    }

    /// Adds the points of one step.
    fn pass(&self, step: Step, points: &mut Vec<(i64, i64)>) {
        let Some(room) = self.rooms.rooms.get(step.room) else { return };
        let (level, (x, y)) = (&room.level, self.corner(step.room));
        let layer = |item: usize| level.layers.get(item).copied().unwrap_or_default();
        let (first, last, lane) = match (step.link.from, step.link.to) {
            (End::Item(from), End::Item(to)) => (layer(from) + 1, layer(to), Lane::From(from)),
            (End::Item(from), End::Outside) => (layer(from) + 1, level.columns.len(), Lane::From(from)),
            (End::Outside, End::Item(to)) => (0, layer(to), Lane::Into(to)),
            (End::Outside, End::Outside) => return,
        };
        if let (End::Item(from), Some(height)) = (step.link.from, points.last().map(|(_, height)| *height)) {
            // Straight to the end of its own column first: the row is free that far.
            if let Some((_, right)) = level.columns.get(layer(from)) {
                points.push((x + right, height));
            }
        }
        for at in first..last {
            if let (Some(height), Some((left, right))) = (level.lanes.get(&(lane, at)), level.columns.get(at)) {
                points.push((x + left, y + height));
                points.push((x + right, y + height));
            }
        }
        let group = u32::try_from(step.room).ok().map(GroupId).and_then(|id| self.groups.get(&id));
        if let (End::Outside, Some(area), Some((_, height))) = (step.link.to, group, points.last().copied()) {
            points.push((area.right(), height));
        }
    }

    /// Where a room's own coordinates begin on the page.
    fn corner(&self, room: usize) -> (i64, i64) {
        let group = u32::try_from(room).ok().map(GroupId).and_then(|id| self.groups.get(&id));
        group.map_or((0, 0), |area| (area.x + INSET, area.y + TITLE))
    }
}

/// The groups around a node, innermost first.
fn around(plan: &Plan, id: TaskId) -> Vec<GroupId> {
    std::iter::successors(plan.task(id).group, |group| plan.group(*group).parent).collect()
}
