//! Plans included as a task: loaded, checked like the first, and put in as a group with names of its own.

use std::collections::BTreeMap;

use super::inputs::{Given, given_by};
use super::outline::{Around, Member};
use super::{Lowering, Scope};
use crate::diag::SourceFile;
use crate::language::{self, Fields, check_shape, is_id, slug};
use crate::plan::{GroupKind, Value};
use crate::problems::named;
use crate::source;
use crate::template;
use crate::tree::{Node, Spanned, Tree};

/// Plans may include each other this deep.
const MAX_INCLUDES: usize = 16;

impl Lowering<'_> {
    /// An entry with `plan: other.yaml`.
    pub(super) fn include_entry(&mut self, node: &Node, around: &Around<'_>) -> Option<Member> {
        let fields = Fields::new(node, &language::INCLUDE);
        let file = fields.get("plan").and_then(Node::spanned)?;
        let stem = file.value.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = stem.strip_suffix(".yaml").or_else(|| stem.strip_suffix(".yml")).unwrap_or(stem);
        let id =
            fields.get("id").and_then(Node::spanned).unwrap_or(Spanned { value: stem.to_owned(), span: file.span });
        let id = Spanned { value: if is_id(&id.value) { id.value } else { slug(&id.value) }, span: id.span };
        let given = self.given(fields.get("with"), around.scope);
        let path = self.path_of(&file, around.scope)?;
        let root = self.load_plan(&path, &file)?;

        let inside = Fields::new(&root, &language::PLAN);
        let inputs = self.included_inputs(inside, given, file.span);
        let scope_index = u32::try_from(self.plan.scopes.len()).unwrap_or(u32::MAX);
        self.plan.scopes.push(inputs);
        let mut files = around.scope.files.clone();
        files.push(path.clone());
        let mut scope = Scope {
            inputs: scope_index,
            root: format!("{}{}.", around.prefix, id.value),
            folder: path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/")),
            files,
            ..Scope::default()
        };
        self.settings(inside, &mut scope);
        let title = fields.get_any_spelling("title").or_else(|| inside.get("mission")).and_then(Node::text);
        let (group, inner) = self.open_group(&id, title, GroupKind::Include, fields, around);
        let inner = Around { scope: &scope, group: inner.group, prefix: inner.prefix, levels: inner.levels };
        let members = self.file_entries(inside, &inner);
        self.close_group(group, members, false)
    }

    /// The values under `with`; templates may say what the including plan knows before it runs.
    fn given(&mut self, node: Option<&Node>, scope: &Scope) -> BTreeMap<String, Given> {
        let mut given = BTreeMap::new();
        for entry in given_by(node) {
            let mut value = Some(entry.value.json());
            if let Some(text) = entry.value.text().filter(|text| template::is_template(text)) {
                let is_clean = self.check_early_template(&entry.value, scope);
                let name = template::bare(text).strip_prefix("inputs.");
                let whole = name.and_then(|name| self.scope_inputs(scope.inputs).get(name)).cloned();
                value = match whole {
                    // A lone `{{ inputs.x }}` hands on the value as it is, lists included.
                    Some(value) => Some(value),
                    None if is_clean => self.early_text(text, scope.inputs, &BTreeMap::new()).map(Value::from),
                    None => None,
                };
            }
            given.insert(entry.key.clone(), Given { value, span: entry.value.span });
        }
        given
    }

    /// The path of an included file relative to the folder of the first one.
    fn path_of(&mut self, file: &Spanned<String>, scope: &Scope) -> Option<String> {
        let text = file.value.trim();
        if text.is_empty() || text.starts_with(['/', '\\', '~']) || text.contains(['\0', '\\']) {
            let message = format!("{} is not a path relative to this file", named(text));
            self.problems
                .error("plan::bad-path", file.span, message)
                .hint("write for example `plan: shared/checks.yaml`");
            return None;
        }
        let path = joined(&scope.folder, text);
        if scope.files.contains(&path) {
            let mut circle: Vec<&str> =
                scope.files.iter().map(String::as_str).skip_while(|file| **file != *path).collect();
            circle.push(&path);
            let message = format!(
                "plans include each other in a circle: {}",
                circle.into_iter().map(named).collect::<Vec<_>>().join(" → ")
            );
            self.problems.error("plan::include-cycle", file.span, message);
            return None;
        }
        if scope.files.len() > MAX_INCLUDES {
            let message = format!("plans include each other more than {MAX_INCLUDES} deep");
            self.problems.error("plan::include-cycle", file.span, message);
            return None;
        }
        Some(path)
    }

    fn load_plan(&mut self, path: &str, file: &Spanned<String>) -> Option<Node> {
        if let Some(known) = self.loaded.get(path) {
            return known.clone();
        }
        let loaded = match (self.load)(path) {
            Ok(text) => self.parse_plan(path, text),
            Err(reason) => {
                let message = format!("the plan {} cannot be read: {reason}", named(&file.value));
                self.problems.error("plan::unreadable", file.span, message).hint("the path is relative to this file");
                None
            }
        };
        self.loaded.insert(path.to_owned(), loaded.clone());
        loaded
    }

    fn parse_plan(&mut self, path: &str, text: String) -> Option<Node> {
        let source = u32::try_from(self.sources.len()).ok()?;
        let folder = self.sources.first().and_then(|first| first.name.rsplit_once('/'));
        let name = folder.map_or_else(|| path.to_owned(), |(folder, _)| format!("{folder}/{path}"));
        let root = source::parse(source, &text, &mut self.problems);
        self.sources.push(SourceFile { name, text });
        let root = root?;
        check_shape(&root, &Self::FILE, &mut self.problems);
        matches!(root.tree, Tree::Map(_)).then_some(root)
    }
}

/// The path `text`, which is meant relative to `folder`.
pub(super) fn joined(folder: &str, text: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(text.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
