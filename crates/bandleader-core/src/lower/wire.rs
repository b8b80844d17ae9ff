//! From names to edges: what each node needs, by its own words, by those of the groups around it, and by order.

use std::collections::BTreeMap;

use super::Lowering;
use super::names::Speaker;
use super::outline::Member;
use crate::plan::Task;
use crate::tree::Spanned;
use crate::{GroupId, TaskId};

/// A need, and what templates call it.
type Need = (TaskId, String);

impl Lowering<'_> {
    /// Resolves every name and fills in `needs` and `need_names` of every node.
    pub(super) fn wire(&mut self) {
        let own = self.own_needs();
        let mut inherited: Vec<Vec<Need>> = vec![Vec::new(); self.groups.len()];
        let top = std::mem::take(&mut self.top);
        self.wire_members(&top.members, &[], top.is_sequential, &own, &mut inherited);
        self.top = top;
        // What leads to each milestone.
        let mut leads: BTreeMap<TaskId, Vec<TaskId>> =
            self.plan.milestones.iter().map(|one| (one.task, Vec::new())).collect();
        for at in 0..self.groups.len() {
            let group = GroupId(u32::try_from(at).unwrap_or(u32::MAX));
            let mut passed_on = inherited.get(at).cloned().unwrap_or_default();
            passed_on.extend(self.group_needs(group));
            let Some(draft) = self.groups.get(at) else { continue };
            let (members, is_sequential, fan) = (draft.members.clone(), draft.is_sequential, draft.fan);
            let (opening, closing, milestone) = (draft.opening, draft.closing.clone(), draft.milestone);
            if let Some(opening) = opening {
                self.wire_question(opening, passed_on.iter().map(|(id, _)| *id).collect(), &[]);
                let name = self.plan.tasks.get(opening.index()).map(|task| task.path.clone()).unwrap_or_default();
                passed_on.push((opening, name));
            }
            self.wire_members(&members, &passed_on, is_sequential, &own, &mut inherited);
            // A fan without instances still waits for what its instances would have waited for.
            let mut ends: Vec<TaskId> = members.iter().map(|member| member.end).collect();
            if let (true, Some(draft)) = (members.is_empty(), fan) {
                ends.extend(own.get(draft).into_iter().flatten().chain(&passed_on).map(|(id, _)| *id));
            }
            for (before, question) in closing.iter().enumerate() {
                let mut waits_for =
                    if members.is_empty() { passed_on.iter().map(|(id, _)| *id).collect() } else { ends.clone() };
                waits_for.extend(closing.iter().take(before));
                self.wire_question(*question, waits_for, &[]);
            }
            ends.extend(opening.into_iter().chain(closing));
            if let Some(milestone) = milestone {
                leads.entry(milestone).or_default().extend(&ends);
                // Nobody waits for a milestone that nothing is decided at.
                let asks = self.plan.tasks.get(milestone.index()).is_some_and(Task::is_question);
                ends.extend(asks.then_some(milestone));
            }
            ends.sort_unstable();
            ends.dedup();
            let end = self.plan.groups.get(at).and_then(|group| self.plan.tasks.get_mut(group.end.index()));
            if let Some(end) = end.filter(|end| end.group == Some(group)) {
                end.needs = ends;
            }
        }
        for (milestone, leads) in leads {
            let draft = self.origins.get(milestone.index()).copied().flatten();
            let own: &[Need] = draft.and_then(|draft| own.get(draft)).map(Vec::as_slice).unwrap_or_default();
            let given = self.plan.tasks.get(milestone.index()).map(|task| task.needs.clone()).unwrap_or_default();
            let needs = own.iter().map(|(id, _)| *id).chain(given).chain(leads).collect();
            self.wire_question(milestone, needs, own);
        }
    }

    /// A point of the plan: what it waits for, and what its texts call that.
    fn wire_question(&mut self, id: TaskId, mut needs: Vec<TaskId>, own: &[Need]) {
        needs.sort_unstable();
        needs.dedup();
        let has_texts = self.origins.get(id.index()).copied().flatten().is_some();
        let with_path = |need: &TaskId| Some((*need, self.plan.tasks.get(need.index())?.path.clone()));
        let names: Vec<Need> = needs.iter().filter(|_| has_texts).filter_map(with_path).collect();
        if let Some(task) = self.plan.tasks.get_mut(id.index()) {
            task.needs = needs;
            task.need_names = need_names(own, &names).into();
        }
    }

    /// What each draft needs by its own words.
    fn own_needs(&mut self) -> Vec<Vec<Need>> {
        let drafts = std::mem::take(&mut self.drafts);
        let needs = drafts.iter().map(|draft| {
            let speaker = Speaker { prefix: &draft.prefix, root: &draft.root, id: &draft.id.value };
            self.resolve_all(&draft.needs, &speaker)
        });
        let needs = needs.collect();
        self.drafts = drafts;
        needs
    }

    fn group_needs(&mut self, group: GroupId) -> Vec<Need> {
        let Some(draft) = self.groups.get_mut(group.index()) else { return Vec::new() };
        let (prefix, root, id) = (draft.prefix.clone(), draft.root.clone(), draft.id.clone());
        let needs = std::mem::take(&mut draft.needs);
        let resolved = self.resolve_all(&needs, &Speaker { prefix: &prefix, root: &root, id: &id });
        if let Some(draft) = self.groups.get_mut(group.index()) {
            draft.needs = needs;
        }
        resolved
    }

    fn resolve_all(&mut self, names: &[Spanned<String>], speaker: &Speaker<'_>) -> Vec<Need> {
        let mut found: Vec<Need> = Vec::with_capacity(names.len());
        for name in names {
            let Some(id) = self.resolve(name, speaker) else { continue };
            if found.iter().any(|(other, _)| *other == id) {
                let message = format!("{} is needed twice", crate::problems::named(&name.value));
                self.problems.warning("plan::duplicate-need", name.span, message).hint("name it once");
                continue;
            }
            found.push((id, name.value.trim().to_owned()));
        }
        found
    }

    fn wire_members(
        &mut self,
        members: &[Member],
        passed_on: &[Need],
        is_sequential: bool,
        own: &[Vec<Need>],
        inherited: &mut [Vec<Need>],
    ) {
        let mut before: Option<TaskId> = None;
        for member in members {
            let mut given = passed_on.to_vec();
            if let Some(before) = before.filter(|_| is_sequential) {
                let name = self.plan.tasks.get(before.index()).map(|task| task.path.clone()).unwrap_or_default();
                given.push((before, name));
            }
            match member.group {
                Some(group) => {
                    if let Some(slot) = inherited.get_mut(group.index()) {
                        *slot = given;
                    }
                }
                None => self.wire_task(member.end, &given, own),
            }
            before = Some(member.end);
        }
    }

    fn wire_task(&mut self, id: TaskId, given: &[Need], own: &[Vec<Need>]) {
        let draft = self.origins.get(id.index()).copied().flatten();
        let own: &[Need] = draft.and_then(|draft| own.get(draft)).map(Vec::as_slice).unwrap_or_default();
        let Some(task) = self.plan.tasks.get_mut(id.index()) else { return };
        task.needs = own.iter().chain(given).map(|(need, _)| *need).collect();
        task.needs.sort_unstable();
        task.needs.dedup();
        task.need_names = need_names(own, given).into();
    }
}

/// What templates call needs: the last part of the name; where two would have the same, more of the path, with underscores.
/// Each also with underscores for dashes.
fn need_names(own: &[Need], given: &[Need]) -> BTreeMap<String, TaskId> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let mut names = BTreeMap::new();
    for (id, name) in own {
        let short = last(name);
        let is_shared = own.iter().any(|(other, other_name)| other != id && last(other_name) == short);
        let name = if is_shared { name.replace('.', "_") } else { short };
        names.insert(name.replace('-', "_"), *id);
        names.insert(name, *id);
    }
    for (id, name) in given {
        let name = last(name);
        names.entry(name.replace('-', "_")).or_insert(*id);
        names.entry(name).or_insert(*id);
    }
    names
}
