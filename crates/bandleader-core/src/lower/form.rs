//! The form of an agent's answer: a JSON Schema that stands in the plan, or in a file beside it.

use serde_json::Value;

use super::include::joined;
use super::{Lowering, Scope};
use crate::language::Fields;
use crate::plan::{Task, Work};
use crate::problems::named;
use crate::tree::{Node, Tree};

impl Lowering<'_> {
    /// Freezes the schema of a task's answer. Whether it is a sound one is looked at where it can be used.
    pub(super) fn form(&mut self, fields: Fields<'_>, scope: &Scope, task: &mut Task) {
        let Some(entry) = fields.entry("schema") else { return };
        if !matches!(task.work, Work::Agent { .. } | Work::Left) {
            let message = "only the answer of an agent can have a form";
            let hint = "remove `schema`, or check the output with a gate";
            self.problems.error("plan::bad-schema", entry.key_span, message).hint(hint);
            return;
        }
        task.schema = match entry.value.text() {
            Some(path) => self.form_in_file(&entry.value, path.trim(), scope),
            None if matches!(entry.value.tree, Tree::Map(_)) => Some(Box::new(entry.value.json())),
            None => None,
        };
    }

    fn form_in_file(&mut self, node: &Node, text: &str, scope: &Scope) -> Option<Box<Value>> {
        if text.is_empty() || text.starts_with(['/', '~']) || text.contains(['\0', '\\']) {
            let message = format!("{} is not a path relative to this file", named(text));
            let hint = "write for example `schema: schemas/review.json`, or the schema itself";
            self.problems.error("plan::bad-path", node.span, message).hint(hint);
            return None;
        }
        let read = (self.load)(&joined(&scope.folder, text));
        let read = read.and_then(|content| serde_json::from_str::<Value>(&content).map_err(|error| error.to_string()));
        match read {
            Ok(schema @ Value::Object(_)) => return Some(Box::new(schema)),
            Ok(_) => {
                let message = format!("the schema {} is not a JSON object", named(text));
                self.problems.error("plan::bad-schema", node.span, message);
            }
            Err(reason) => {
                let message = format!("the schema {} cannot be read: {reason}", named(text));
                let hint = "it is a file with JSON, and its path is relative to this file";
                self.problems.error("plan::unreadable", node.span, message).hint(hint);
            }
        }
        None
    }
}
