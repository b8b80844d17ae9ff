//! The milestones of a plan file: which there are, and which phases lead to them.
//!
//! One that a single phase leads to, and nothing else, stands in that phase; all others stand beside the phases. It is called by its id
//! in either case.

use super::Lowering;
use super::draft::needs_of;
use super::outline::{Around, Member};
use super::points::Point;
use crate::amounts::{Levels, parse_levels};
use crate::language::{self, Fields, is_id, slug};
use crate::plan::Milestone;
use crate::problems::named;
use crate::tree::{Node, Spanned, Tree};
use crate::{GroupId, TaskId};

/// A milestone, as the plan says it.
pub(super) struct Declared<'n> {
    id: Spanned<String>,
    fields: Option<Fields<'n>>,
    /// The phases that name it, by their place in the file.
    phases: Vec<usize>,
    /// The levels of these.
    levels: Levels,
}

impl Declared<'_> {
    fn has_needs(&self) -> bool {
        self.fields.is_some_and(|fields| fields.get_any_spelling("needs").is_some())
    }

    /// Whether it stands in this phase of the file.
    pub(super) fn stands_in(&self, phase: usize) -> bool {
        self.phases == [phase] && !self.has_needs()
    }
}

impl Lowering<'_> {
    /// All milestones of a file: those of `milestones`, and those that a phase brings along.
    pub(super) fn declared_milestones<'n>(&mut self, fields: Fields<'n>, phases: &'n [Node]) -> Vec<Declared<'n>> {
        let listed = fields.get("milestones");
        let mut all: Vec<Declared<'n>> =
            listed.map(Node::items).unwrap_or_default().iter().filter_map(declared).collect();
        let named_by = |phase: &'n Node| phase.get("milestone");
        let is_map = |node: &Node| matches!(node.tree, Tree::Map(_));
        for (place, phase) in phases.iter().enumerate() {
            let Some(mut own) = named_by(phase).filter(|node| is_map(node)).and_then(declared) else { continue };
            (own.phases, own.levels) = (vec![place], levels_of(phase));
            all.push(own);
        }
        for (place, phase) in phases.iter().enumerate() {
            let Some(name) = named_by(phase).filter(|node| !is_map(node)).and_then(Node::spanned) else { continue };
            let id = name_of(&name.value);
            match all.iter_mut().find(|one| one.id.value == id) {
                Some(known) => {
                    known.levels =
                        if known.phases.is_empty() { levels_of(phase) } else { known.levels.or(levels_of(phase)) };
                    known.phases.push(place);
                }
                None if listed.is_none() && !id.is_empty() => {
                    let id = Spanned { value: id, span: name.span };
                    all.push(Declared { id, fields: None, phases: vec![place], levels: levels_of(phase) });
                }
                None => {
                    let message = format!("no milestone is called {}", named(&name.value));
                    let known: Vec<&str> = all.iter().map(|one| one.id.value.as_str()).collect();
                    let otherwise = "add it to `milestones`, or write it here as a map";
                    self.unknown("plan::unknown-milestone", name.span, message, &name.value, known, otherwise);
                }
            }
        }
        all
    }

    /// The node of one that stands in a phase.
    pub(super) fn milestone_of_phase(
        &mut self,
        one: &Declared<'_>,
        group: GroupId,
        around: &Around<'_>,
    ) -> Option<TaskId> {
        self.milestone(one, Some(group), one.levels.and(around.levels), around)
    }

    /// The nodes of those that stand in none, once their phases are made.
    pub(super) fn milestones_beside(
        &mut self,
        all: &[Declared<'_>],
        phases: &[Option<Member>],
        around: &Around<'_>,
    ) -> Vec<Member> {
        let mut members = Vec::new();
        for one in all.iter().filter(|one| !matches!(one.phases.as_slice(), [only] if one.stands_in(*only))) {
            if one.phases.is_empty() && !one.has_needs() {
                let message = format!("nothing leads to the milestone {}", named(&one.id.value));
                let hint = format!("name it in a phase, `milestone: {}`, or give it `needs`", one.id.value);
                self.problems.error("plan::empty", one.id.span, message).hint(hint);
            }
            // What it needs by its own words is there at every level.
            let levels = if one.has_needs() || one.phases.is_empty() { Levels::ALL } else { one.levels };
            let Some(task) = self.milestone(one, around.group, levels.and(around.levels), around) else { continue };
            members.push(Member { end: task, group: None });
            for group in one.phases.iter().filter_map(|phase| phases.get(*phase).copied().flatten()?.group) {
                if let Some(draft) = self.groups.get_mut(group.index()) {
                    draft.milestone = Some(task);
                }
            }
        }
        members
    }

    fn milestone(
        &mut self,
        one: &Declared<'_>,
        group: Option<GroupId>,
        levels: Levels,
        around: &Around<'_>,
    ) -> Option<TaskId> {
        let title = one.fields.and_then(|fields| fields.get_any_spelling("title")).and_then(Node::text);
        let title = title.map(str::to_owned);
        let point = Point {
            id: one.id.clone(),
            prefix: &around.prefix,
            group,
            title: title.clone(),
            decision: one.fields.and_then(|fields| fields.get("decision")),
            needs: one.fields.map(needs_of).unwrap_or_default(),
            levels,
        };
        let task = self.point(point, around.scope)?;
        let id = format!("{}{}", around.prefix, one.id.value);
        self.plan.milestones.push(Milestone { title: title.unwrap_or_else(|| id.clone()), id, task });
        Some(task)
    }
}

fn declared(node: &Node) -> Option<Declared<'_>> {
    let fields = matches!(node.tree, Tree::Map(_)).then(|| Fields::new(node, &language::MILESTONE));
    let id = fields.map_or(Some(node), |fields| fields.get("id")).and_then(Node::spanned)?;
    let id = Spanned { value: name_of(&id.value), span: id.span };
    (!id.value.is_empty()).then_some(Declared { id, fields, phases: Vec::new(), levels: Levels::ALL })
}

/// A bad one was reported by the check of shapes.
fn name_of(text: &str) -> String {
    if is_id(text) { text.to_owned() } else { slug(text) }
}

fn levels_of(phase: &Node) -> Levels {
    phase.get("levels").and_then(|node| parse_levels(node).ok()).unwrap_or(Levels::ALL)
}
