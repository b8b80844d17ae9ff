//! What a task holds while it runs: resources, paths, the folder that it works in.

use super::draft::{Draft, Sees, Text};
use super::settings::whole;
use super::{Lowering, Scope};
use crate::language::Fields;
use crate::plan::{Task, Use, Work};
use crate::problems::{listed, named};
use crate::template::is_template;
use crate::tree::{Node, Spanned};

impl Lowering<'_> {
    /// Reads `uses`, `reads`, `writes` and `directory`.
    pub(super) fn held(&mut self, fields: Fields<'_>, scope: &Scope, task: &mut Task, draft: &mut Draft) {
        let mut uses = vec![Use { resource: 0, units: 1 }];
        for node in fields.get("uses").map(Node::one_or_many).unwrap_or_default() {
            self.uses(node, scope, &mut uses);
        }
        if let Work::Agent { agent, .. } = &task.work {
            let account = self.plan.agents.get(agent).and_then(crate::plan::Agent::account_name);
            let names = [Some(format!("agent:{agent}")), account.map(|account| format!("account:{account}"))];
            for name in names.iter().flatten() {
                if let Some(at) = self.plan.resources.iter().position(|resource| resource.name == *name) {
                    uses.push(Use { resource: u32::try_from(at).unwrap_or(0), units: 1 });
                }
            }
        }
        uses.sort_unstable();
        task.uses = uses;
        for (name, globs) in [("reads", &mut task.reads), ("writes", &mut task.writes)] {
            for node in fields.get(name).map(Node::one_or_many).unwrap_or_default() {
                let Some(text) = node.spanned() else { continue };
                self.check_path(&text, "a path pattern");
                globs.push(text.value.clone());
                draft.texts.push(Text { text, sees: Sees::Early });
            }
        }
        if let Some(directory) = fields.get("directory").and_then(Node::spanned) {
            self.check_path(&directory, "a directory");
            task.directory = Some(directory.value.clone());
            draft.texts.push(Text { text: directory, sees: Sees::Early });
        }
    }

    /// Reads one entry of `uses`.
    fn uses(&mut self, node: &Node, scope: &Scope, uses: &mut Vec<Use>) {
        if let Some(name) = node.spanned() {
            let all = self
                .find_resource(&name, scope)
                .map(|(at, capacity)| (at, if is_lock(capacity) { capacity } else { 1 }));
            self.add_use(all, &name, uses);
        }
        for entry in node.entries() {
            let name = Spanned { value: entry.key.clone(), span: entry.key_span };
            let Some((at, capacity)) = self.find_resource(&name, scope) else { continue };
            let units = match entry.value.text() {
                Some("shared") => 1,
                Some("exclusive") => capacity,
                _ => whole(&entry.value).unwrap_or(1),
            };
            if units > capacity && capacity > 0 {
                let message = format!("{units} of {} are asked for, but there are only {capacity}", named(&name.value));
                let hint = format!("ask for {capacity} at most, or raise the capacity under `resources`");
                self.problems.error("plan::impossible-resource", entry.value.span, message).hint(hint);
                continue;
            }
            self.add_use(Some((at, units)), &name, uses);
        }
    }

    fn add_use(&mut self, found: Option<(u32, u32)>, name: &Spanned<String>, uses: &mut Vec<Use>) {
        let Some((resource, units)) = found else { return };
        if uses.iter().any(|other| other.resource == resource) {
            let message = format!("{} is used twice", named(&name.value));
            self.problems.error("plan::duplicate-use", name.span, message).hint("write the sum of units once");
            return;
        }
        uses.push(Use { resource, units });
    }

    fn find_resource(&mut self, name: &Spanned<String>, scope: &Scope) -> Option<(u32, u32)> {
        if let Some(at) = scope.resources.get(&name.value) {
            return self.plan.resources.get(*at as usize).map(|resource| (*at, resource.capacity));
        }
        let message = format!("no resource is called {}", named(&name.value));
        let known = scope.resources.keys().map(String::as_str);
        let otherwise = match scope.resources.len() {
            0 => format!("add `resources: {{ {}: lock }}` to the plan", name.value.trim()),
            _ => format!("add it to `resources`; there are {}", listed(known.clone(), "and")),
        };
        self.unknown("plan::unknown-resource", name.span, message, &name.value, known, &otherwise);
        None
    }

    /// Reports a path that leaves the project folder.
    pub(super) fn check_path(&mut self, path: &Spanned<String>, what: &str) {
        let text = path.value.as_str();
        let is_absolute =
            text.starts_with(['/', '\\', '~']) || text.get(1..3).is_some_and(|drive| drive == ":\\" || drive == ":/");
        let escapes = text.split(['/', '\\']).any(|part| part == "..");
        if is_absolute || escapes {
            let why = if is_absolute {
                "must be relative to the project folder"
            } else {
                "must stay inside the project folder"
            };
            let hint = if is_absolute { "remove the leading part" } else { "remove the `..`" };
            let message = format!("{what} {why}, not {}", named(text));
            self.problems.error("plan::bad-path", path.span, message).hint(hint);
        }
        if text.contains(['*', '?', '[', '{', '\\'])
            && !is_template(text)
            && globset::Glob::new(text).is_err()
            && what != "a path pattern"
        {
            self.problems.error("plan::bad-glob", path.span, format!("{} is not a path pattern", named(text)));
        }
    }
}

/// A read/write lock, or an exclusive one: a bare name takes all of it.
fn is_lock(capacity: u32) -> bool {
    capacity == 1 || capacity >= 1_000_000
}
