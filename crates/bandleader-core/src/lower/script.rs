//! Commands and scripts: never empty, and never templates, so that no value can become code.

use super::Lowering;
use crate::plan::Work;
use crate::tree::{Node, Tree};

impl Lowering<'_> {
    /// The work of a `run`: a script, or a program with its arguments.
    pub(super) fn command(&mut self, node: &Node) -> Option<Work> {
        if let Tree::List(items) = &node.tree {
            for item in items {
                self.refuse_template(item);
            }
            let argv: Vec<String> = items.iter().filter_map(Node::text).map(str::to_owned).collect();
            if argv.first().is_none_or(|program| program.trim().is_empty()) {
                self.problems.error("plan::no-work", node.span, "this command has no program");
            }
            return Some(Work::Program { argv: argv.into() });
        }
        self.script(Some(node)).map(|script| Work::Script { script })
    }

    /// A shell script: never empty, never a template.
    pub(super) fn script(&mut self, node: Option<&Node>) -> Option<String> {
        let node = node?;
        let text = node.text()?;
        if text.trim().is_empty() {
            self.problems.error("plan::no-work", node.span, "this script is empty");
        }
        self.refuse_template(node);
        Some(text.to_owned())
    }

    /// Reports a template of ours where text becomes code.
    fn refuse_template(&mut self, node: &Node) {
        let Some(text) = node.spanned() else { return };
        let Some(found) = first_of_ours(&text.value) else { return };
        let span = self.span_inside(&text, found);
        let name = found.trim_matches(['{', '}', ' ', '-']);
        let variable = name.rsplit(['.', ' ']).next().unwrap_or("value").to_uppercase();
        let hint =
            format!("add `env: {{ {variable}: \"{{{{ {name} }}}}\" }}` and write `\"${variable}\"` in the script");
        let message = "a script is not a template: values reach it through `env`, so that no value can become code";
        self.problems.error("plan::template-in-run", span, message).hint(hint);
    }
}

/// The first `{{ … }}` that means one of our names; other tools (docker, go) use the same braces.
fn first_of_ours(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let inside = rest.get(start + 2..)?.trim_start_matches(['-', ' ']);
        let word = inside.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let dotted = inside.get(word.len()..).is_some_and(|after| after.starts_with(['.', '[']));
        let is_ours = match word {
            "needs" | "inputs" | "matrix" | "env" | "run" | "task" => dotted,
            "item" | "index" | "level" | "mission" | "attempt" => true,
            _ => false,
        };
        let end = rest.get(start..)?.find("}}").map_or(rest.len(), |end| start + end + 2);
        if is_ours {
            return rest.get(start..end);
        }
        rest = rest.get(end..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_templates_are_refused_in_scripts() {
        assert_eq!(first_of_ours("docker ps --format '{{.Names}}'"), None);
        assert_eq!(first_of_ours("awk '{{ print $1 }}'"), None);
        assert_eq!(first_of_ours("echo {{ task }}"), None);
        assert_eq!(first_of_ours("echo '{{.X}}' {{ inputs.a }} b"), Some("{{ inputs.a }}"));
        assert_eq!(first_of_ours("echo {{- needs.a.outputs.b"), Some("{{- needs.a.outputs.b"));
    }
}
