//! `foreach` and `matrix` of a task: reading and checking what `expand` spreads out.

use super::inputs::{identifier, is_identifier};
use super::{Lowering, Scope};
use crate::expand::{Combination, Instance, MAX_INSTANCES, combinations, for_combinations, for_each, matches};
use crate::language::Fields;
use crate::plan::Value;
use crate::problems::{listed, named};
use crate::template;
use crate::tree::{Entry, Node, Tree};

impl Lowering<'_> {
    /// The instances of a task with `foreach` or `matrix`; `None` for a task without.
    pub(super) fn instances(&mut self, fields: Fields<'_>, scope: &Scope) -> Option<Vec<Instance>> {
        let (foreach, matrix) = (fields.entry("foreach"), fields.entry("matrix"));
        if let (Some(foreach), Some(matrix)) = (foreach, matrix) {
            let message = "a task has either `foreach` or `matrix`";
            let problem = self.problems.error("plan::two-works", matrix.key_span, message);
            problem.also(foreach.key_span, "`foreach` is here").hint("make the items an axis of the matrix");
        }
        match (foreach, matrix) {
            (Some(foreach), _) => Some(self.foreach(&foreach.value, scope)),
            (None, Some(matrix)) => Some(self.matrix(matrix, scope)),
            (None, None) => None,
        }
    }

    fn foreach(&mut self, node: &Node, scope: &Scope) -> Vec<Instance> {
        let items = match &node.tree {
            Tree::List(items) => {
                if items.is_empty() {
                    self.problems.error("plan::empty", node.span, "there is nothing to repeat the task for");
                }
                items.iter().map(Node::json).collect()
            }
            _ => self.list_input(node, scope),
        };
        if items.len() > MAX_INSTANCES {
            self.too_many(node);
            return Vec::new();
        }
        for_each(&items)
    }

    /// The items of a list input that a template names.
    fn list_input(&mut self, node: &Node, scope: &Scope) -> Vec<Value> {
        let Some(text) = node.text() else { return Vec::new() };
        let name = template::bare(text);
        if name.starts_with("needs.") || name.starts_with("needs[") {
            let message = "repeating a task for the output of another cannot run yet";
            let hint = "list the items here, or make them an input: \"{{ inputs.items }}\"";
            self.problems.error("plan::not-yet", node.span, message).hint(hint);
            return Vec::new();
        }
        let Some(input) = name.strip_prefix("inputs.") else {
            let message = format!("{} is not a list", named(text));
            let hint = "write a list, or name a list input: \"{{ inputs.items }}\"";
            self.problems.error("plan::bad-foreach", node.span, message).hint(hint);
            return Vec::new();
        };
        match self.scope_inputs(scope.inputs).get(input).cloned() {
            Some(Value::Array(items)) => items,
            Some(_) => {
                let message = format!("the input {} is not a list", named(input));
                let hint = format!("declare it as `{input}: {{ type: list }}`");
                self.problems.error("plan::bad-foreach", node.span, message).hint(hint);
                Vec::new()
            }
            None => {
                let names: Vec<String> = self.scope_inputs(scope.inputs).keys().cloned().collect();
                let message = format!("no input is called {}", named(input));
                let otherwise = "declare it under `inputs`";
                self.unknown(
                    "plan::unknown-name",
                    node.span,
                    message,
                    input,
                    names.iter().map(String::as_str),
                    otherwise,
                );
                Vec::new()
            }
        }
    }

    fn matrix(&mut self, matrix: &Entry, scope: &Scope) -> Vec<Instance> {
        let mut axes: Vec<(String, Vec<Value>)> = Vec::new();
        for axis in matrix.value.entries().iter().filter(|axis| !is_edit(axis)) {
            if !is_identifier(&axis.key) {
                let message = format!("{} cannot be the name of an axis", named(&axis.key));
                let hint = format!("templates say `matrix.{0}`: call it `{0}`", identifier(&axis.key));
                self.problems.error("plan::bad-id", axis.key_span, message).hint(hint);
            }
            let values: Vec<Value> = match &axis.value.tree {
                Tree::List(items) => items.iter().map(Node::json).collect(),
                Tree::Broken | Tree::Nothing | Tree::Map(_) => Vec::new(),
                _ if axis.value.text().is_some_and(template::is_template) => self.list_input(&axis.value, scope),
                _ => vec![axis.value.json()],
            };
            if values.is_empty() && !matches!(axis.value.tree, Tree::Broken) {
                let message = format!("the axis {} has no values", named(&axis.key));
                self.problems.error("plan::empty", axis.value.span, message).hint("give it a list of values");
            }
            axes.push((axis.key.clone(), values));
        }
        if axes.is_empty() {
            let hint = "for example `matrix: { os: [linux, mac] }`";
            self.problems.error("plan::empty", matrix.key_span, "this matrix has no axis").hint(hint);
        }
        let Some(mut all) = combinations(&axes) else {
            self.too_many(&matrix.value);
            return Vec::new();
        };
        let names: Vec<&str> = axes.iter().map(|(name, _)| name.as_str()).collect();
        for (pattern, node) in self.edits(matrix, "exclude", &names) {
            if !all.iter().any(|one| matches(one, &pattern)) {
                let message = "no combination is like this";
                self.problems.warning("plan::no-effect", node.span, message).hint("nothing is excluded by it");
            }
            all.retain(|one| !matches(one, &pattern));
        }
        for (extra, node) in self.edits(matrix, "include", &names) {
            if extra.len() < names.len() {
                let message =
                    format!("an included combination needs a value for each of {}", listed(names.clone(), "and"));
                self.problems.error("plan::bad-matrix", node.span, message);
            } else if !all.contains(&extra) {
                all.push(extra);
            }
        }
        if all.is_empty() && axes.iter().all(|(_, values)| !values.is_empty()) && !axes.is_empty() {
            self.problems.error("plan::empty", matrix.key_span, "every combination is excluded");
        }
        for_combinations(&all)
    }

    /// The combinations under `exclude` or `include`, values in the order of the axes.
    fn edits<'n>(&mut self, matrix: &'n Entry, key: &str, axes: &[&str]) -> Vec<(Combination, &'n Node)> {
        let list = matrix.value.get(key).map(Node::one_or_many).unwrap_or_default();
        let mut edits = Vec::new();
        for node in list {
            if !matches!(node.tree, Tree::Map(_)) {
                let message = format!(
                    "expected a combination such as `{{ {}: … }}`, found {}",
                    axes.first().unwrap_or(&"os"),
                    node.kind()
                );
                self.problems.error("plan::wrong-type", node.span, message);
                continue;
            }
            for entry in node.entries().iter().filter(|entry| !axes.contains(&entry.key.as_str())) {
                let message = format!("the matrix has no axis {}", named(&entry.key));
                self.unknown(
                    "plan::bad-matrix",
                    entry.key_span,
                    message,
                    &entry.key,
                    axes.iter().copied(),
                    "remove it",
                );
            }
            let pair = |axis: &&str| node.get(axis).map(|value| ((*axis).to_owned(), value.json()));
            edits.push((axes.iter().filter_map(pair).collect(), node));
        }
        edits
    }

    fn too_many(&mut self, node: &Node) {
        let message = format!("this comes to more than {MAX_INSTANCES} instances");
        self.problems.error("plan::too-many-tasks", node.span, message);
    }
}

fn is_edit(axis: &Entry) -> bool {
    matches!(axis.key.as_str(), "exclude" | "include")
}
