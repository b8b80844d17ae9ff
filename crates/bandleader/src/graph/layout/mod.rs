//! Where everything goes in a drawing from left to right: nodes in boxes, boxes in boxes, arrows around what they do not
//! belong to. Pure whole-number geometry in pixels; called by `svg` alone.
//!
//! Each group is laid out by itself (`level`), inner ones first, and then counts as one item of the group around it. An
//! arrow between groups leaves and enters them on lanes that each level keeps free for it (`route`).

mod layers;
mod level;
mod route;
mod settle;

use std::collections::BTreeMap;

use bandleader_core::{GroupId, TaskId};

use super::Picture;
use level::{Level, Link};

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Area {
    /// Left edge.
    pub x: i64,
    /// Top edge.
    pub y: i64,
    /// Its width.
    pub width: i64,
    /// Its height.
    pub height: i64,
}

impl Area {
    fn middle(self) -> i64 {
        self.y + self.height / 2
    }
    fn right(self) -> i64 {
        self.x + self.width
    }
}

/// The finished geometry.
pub(super) struct Layout {
    /// Of each shown node.
    pub nodes: BTreeMap<TaskId, Area>,
    /// Of each group that is not empty, outer ones first.
    pub groups: Vec<(GroupId, Area)>,
    /// For each of `Picture::arrows`, in that order: the points that it passes, from left to right.
    pub routes: Vec<Vec<(i64, i64)>>,
    /// The whole.
    pub size: (i64, i64),
}

/// Around the content of a group.
const INSET: i64 = 18;
/// For its title, above the content.
const TITLE: i64 = 26;

/// What stands in a group (or at the top): its members, in plan order, and what became of them.
#[derive(Default)]
struct Room {
    members: Vec<Member>,
    links: Vec<Link>,
    level: Level,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Group(GroupId),
    Node(TaskId),
}

/// Lays `picture` out; `measure` tells how large a node is drawn, and how wide a group's title.
pub(super) fn lay_out(
    picture: &Picture<'_>,
    measure: impl Fn(TaskId) -> (i64, i64),
    title: impl Fn(GroupId) -> i64,
) -> Layout {
    let plan = picture.plan;
    let top = plan.groups.len();
    let mut rooms = rooms(picture);
    let steps: Vec<Vec<route::Step>> =
        picture.arrows.iter().map(|(from, to)| route::steps(plan, &rooms, *from, *to)).collect();
    for step in steps.iter().flatten() {
        if let Some(room) = rooms.rooms.get_mut(step.room) {
            room.links.push(step.link);
        }
    }
    let mut sizes: Vec<(i64, i64)> = vec![(0, 0); top + 1];
    let order = (0..top).rev().chain(std::iter::once(top));
    for at in order {
        let Some(room) = rooms.rooms.get_mut(at) else { continue };
        let items: Vec<(i64, i64)> = room
            .members
            .iter()
            .map(|member| match member {
                Member::Node(id) => measure(*id),
                Member::Group(id) => sizes.get(id.index()).copied().unwrap_or_default(),
            })
            .collect();
        room.level = level::place(&items, &room.links);
        let (width, height) = room.level.size;
        let least = u32::try_from(at).map_or(0, |id| if at < top { title(GroupId(id)) } else { 0 });
        if let Some(size) = sizes.get_mut(at) {
            *size = (width.max(least) + 2 * INSET, height + TITLE + INSET);
        }
    }
    let (nodes, groups) = positions(&rooms, &sizes, top);
    let places = route::Places { rooms: &rooms, nodes: &nodes, groups: groups.iter().copied().collect() };
    let routes = picture.arrows.iter().zip(&steps).map(|((from, to), steps)| places.route(*from, *to, steps)).collect();
    let (width, height) = rooms.rooms.get(top).map(|room| room.level.size).unwrap_or_default();
    Layout { nodes, groups, routes, size: (width, height) }
}

/// All rooms: one per group by its id, then the top.
struct Rooms {
    rooms: Vec<Room>,
    /// Place of each member in its room.
    seats: BTreeMap<Member, usize>,
}

impl Rooms {
    fn seat(&self, member: Member) -> usize {
        self.seats.get(&member).copied().unwrap_or_default()
    }
}

fn rooms(picture: &Picture<'_>) -> Rooms {
    let plan = picture.plan;
    let top = plan.groups.len();
    let mut rooms: Vec<Room> = std::iter::repeat_with(Room::default).take(top + 1).collect();
    let mut stack = vec![top];
    super::walk(picture, |step, _| {
        let here = stack.last().copied().unwrap_or(top);
        let member = match step {
            super::Step::Leave => {
                stack.pop();
                return;
            }
            super::Step::Enter(group) => {
                stack.push(group.index());
                Member::Group(group)
            }
            super::Step::Node(id) => Member::Node(id),
        };
        if let Some(room) = rooms.get_mut(here) {
            room.members.push(member);
        }
    });
    let seats =
        rooms.iter().flat_map(|room| room.members.iter().copied().enumerate().map(|(seat, member)| (member, seat)));
    let seats = seats.collect();
    Rooms { rooms, seats }
}

/// From places inside each room to places on the page, outer rooms first.
fn positions(rooms: &Rooms, sizes: &[(i64, i64)], top: usize) -> (BTreeMap<TaskId, Area>, Vec<(GroupId, Area)>) {
    let (mut nodes, mut groups) = (BTreeMap::new(), Vec::new());
    let mut waiting = vec![(top, 0, 0)];
    while let Some((at, x, y)) = waiting.pop() {
        let Some(room) = rooms.rooms.get(at) else { continue };
        for (member, area) in room.members.iter().zip(&room.level.items) {
            let area = Area { x: x + area.x, y: y + area.y, ..*area };
            match member {
                Member::Node(id) => drop(nodes.insert(*id, area)),
                Member::Group(id) => {
                    let (width, height) = sizes.get(id.index()).copied().unwrap_or_default();
                    groups.push((*id, Area { width, height, ..area }));
                    waiting.push((id.index(), area.x + INSET, area.y + TITLE));
                }
            }
        }
    }
    groups.sort_by_key(|(id, _)| *id);
    (nodes, groups)
}
