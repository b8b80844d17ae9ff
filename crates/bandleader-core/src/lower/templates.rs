//! Every template is checked before anything runs: does it read, and does every name in it name something? `wrong` says what is wrong.

mod wrong;

use std::collections::BTreeMap;

use serde_json::{Map, json};

use wrong::{Wrong, absent, find_word, syntax_error, unknown, unknown_root, with_dashes};

use super::draft::{Sees, Text};
use super::{Lowering, Scope};
use crate::TaskId;
use crate::diag::Span;
use crate::language::did_you_mean;
use crate::plan::{Rare, Task, Value, Work};
use crate::problems::{listed, named};
use crate::template::{self, is_template};
use crate::tree::{Node, Spanned};

/// What stands for a task while its templates are checked.
struct View<'v> {
    task: Option<&'v Task>,
    inputs: &'v BTreeMap<String, Value>,
    sees: Sees,
}

impl Lowering<'_> {
    /// Checks the texts of every draft against the first node made of it; the others have the same names. From then on only
    /// tasks whose texts look at their needs have names for them: most do not, and a plan may have very many.
    pub(super) fn check_templates(&mut self) {
        let mut looks_at_needs: Vec<Option<bool>> = vec![None; self.drafts.len()];
        for at in 0..self.plan.tasks.len() {
            let draft = self.origins.get(at).copied().flatten();
            let Some((draft, looks)) = draft.and_then(|draft| Some((draft, looks_at_needs.get_mut(draft)?))) else {
                continue;
            };
            let looks = *looks.get_or_insert_with(|| self.check_texts(draft, at));
            if let Some(task) = self.plan.tasks.get_mut(at).filter(|_| !looks) {
                task.need_names = Rare::default();
            }
        }
    }

    /// Checks the texts of a draft. Whether one of them may look at needs, which no text can without the word.
    fn check_texts(&mut self, draft: usize, node: usize) -> bool {
        let texts = self.drafts.get_mut(draft).map(|draft| std::mem::take(&mut draft.texts)).unwrap_or_default();
        for text in &texts {
            let found = self.problems_of(text, self.plan.tasks.get(node), None);
            self.report(&text.text, found);
        }
        texts.iter().any(|text| text.text.value.contains("needs"))
    }

    /// Checks a text that is filled in when the plan is read. False if something is wrong.
    pub(super) fn check_early_template(&mut self, node: &Node, scope: &Scope) -> bool {
        let Some(text) = node.spanned() else { return false };
        let text = Text { text, sees: Sees::Environment };
        let found = self.problems_of(&text, None, Some(scope.inputs));
        let is_clean = found.is_empty();
        self.report(&text.text, found);
        is_clean
    }

    /// Fills in what is needed before the run: paths that tasks read, write, and start in.
    pub(super) fn fill_early(&self, task: &mut Task) {
        let (scope, bindings) = (task.scope, std::mem::take(&mut task.bindings));
        let texts = task.reads.iter_mut().chain(task.writes.iter_mut()).chain(task.directory.as_mut());
        for text in texts.filter(|text| is_template(text)) {
            if let Some(filled) = self.early_text(text, scope, &bindings) {
                *text = filled;
            }
        }
        task.bindings = bindings;
    }

    /// A text filled in with what is known before the run; `None` if that is not enough.
    pub(super) fn early_text(&self, text: &str, scope: u32, bindings: &BTreeMap<String, Value>) -> Option<String> {
        let mut context = Map::new();
        context.insert("inputs".into(), json!(self.scope_inputs(scope)));
        context.insert("level".into(), self.plan.level.into());
        context.insert("mission".into(), self.plan.mission.as_str().into());
        context.extend(bindings.iter().map(|(name, value)| (name.clone(), value.clone())));
        template::render(text, &Value::Object(context)).ok()
    }

    /// What is wrong with a text, each with the words in it that it is about.
    fn problems_of(&self, text: &Text, task: Option<&Task>, scope: Option<u32>) -> Vec<(Option<String>, Wrong)> {
        let written = text.text.value.as_str();
        let names = match text.sees {
            Sees::Condition => template::names_in_expression(written),
            _ if !is_template(written) => return Vec::new(),
            _ => template::names_in_template(written),
        };
        let names = match names {
            Ok(names) => names,
            // A condition that cannot be read was reported by the check of shapes.
            Err(_) if text.sees == Sees::Condition => return Vec::new(),
            Err(error) => return vec![syntax_error(written, &error)],
        };
        let inputs = self.scope_inputs(scope.or(task.map(|task| task.scope)).unwrap_or(0));
        let view = View { task, inputs, sees: text.sees };
        if let Some(dashed) = with_dashes(written, &view) {
            return vec![dashed];
        }
        names.into_iter().filter_map(|name| self.wrong_name(&name, &view).map(|wrong| (Some(name), wrong))).collect()
    }

    fn report(&mut self, text: &Spanned<String>, found: Vec<(Option<String>, Wrong)>) {
        for (words, wrong) in found {
            let span = words.map_or(text.span, |words| self.span_inside(text, &words));
            self.problems.error(wrong.code, span, wrong.message).maybe_hint(wrong.hint);
        }
    }

    /// The place of some words inside a text; the whole text if they are not there as they are.
    pub(super) fn span_inside(&self, text: &Spanned<String>, words: &str) -> Span {
        let source = self.sources.get(text.span.file as usize).map_or("", |file| file.text.as_str());
        let written = source.get(text.span.start as usize..text.span.end as usize).unwrap_or_default();
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        match find_word(written, words) {
            None => text.span,
            Some(at) => {
                let start = text.span.start.saturating_add(number(at));
                Span { file: text.span.file, start, end: start.saturating_add(number(words.len())) }
            }
        }
    }

    /// What is wrong with a dotted name, if anything.
    fn wrong_name(&self, name: &str, view: &View<'_>) -> Option<Wrong> {
        let parts: Vec<&str> = name.split('.').collect();
        let (root, rest) = parts.split_first()?;
        match *root {
            "needs" if view.sees == Sees::Early || view.task.is_none() => {
                let message = "outputs of tasks are not known here; only inputs are".to_owned();
                Some(Wrong { code: "plan::unknown-name", message, hint: None })
            }
            "needs" => self.wrong_need(rest, view.task?),
            "inputs" => {
                let input = rest.first()?;
                let known = view.inputs.keys().map(String::as_str);
                (!view.inputs.contains_key(*input)).then(|| unknown("input", input, known, "declare it under `inputs`"))
            }
            "item" | "index" => {
                let is_there = view.task.is_some_and(|task| task.bindings.contains_key("item"));
                (!is_there).then(|| absent(root, "this task has no `foreach`"))
            }
            "matrix" => match view.task.and_then(|task| task.bindings.get("matrix")).and_then(Value::as_object) {
                None => Some(absent(root, "this task has no `matrix`")),
                Some(axes) => {
                    let name = rest.first()?;
                    let known = axes.keys().map(String::as_str);
                    (!axes.contains_key(*name)).then(|| unknown("axis", name, known, "add it to `matrix`"))
                }
            },
            "level" | "mission" => None,
            "run" | "task" if view.sees != Sees::Early => {
                let field = rest.first()?;
                (*field != "id")
                    .then(|| unknown(&format!("field of `{root}`"), field, ["id"].into_iter(), "there is only `id`"))
            }
            "attempt" if view.sees != Sees::Early => None,
            "env" if view.sees == Sees::Environment => None,
            "env" => Some(absent(root, "the environment can be seen in values of `env:` only")),
            _ => Some(unknown_root(root)),
        }
    }

    /// `needs.NAME.outputs.KEY`, without the `needs`.
    fn wrong_need(&self, parts: &[&str], task: &Task) -> Option<Wrong> {
        let (name, rest) = parts.split_first()?;
        let Some(id) = task.need_names.get(*name) else {
            return Some(self.not_needed(name, task));
        };
        let (field, rest) = rest.split_first()?;
        if !matches!(*field, "outputs" | "state" | "deliverables") {
            let known = ["outputs", "state", "deliverables"];
            return Some(if self.declared_outputs(*id).contains(field) {
                Wrong {
                    code: "plan::unknown-name",
                    message: format!("{} has no field {}", named(name), named(field)),
                    hint: Some(format!("outputs are reached as `needs.{name}.outputs.{field}`")),
                }
            } else {
                unknown("field of a need", field, known.into_iter(), "a need has `outputs`, `state` and `deliverables`")
            });
        }
        let output = rest.first().filter(|_| *field == "outputs")?;
        let target = self.plan.tasks.get(id.index())?;
        if target.work != Work::Join {
            return self.wrong_output(name, output, *id);
        }
        let last = |id: &TaskId| self.plan.tasks.get(id.index()).and_then(|task| task.path.rsplit('.').next());
        let member = target.needs.iter().find(|member| last(member) == Some(*output));
        if let Some(member) = member {
            rest.get(1).and_then(|wanted| self.wrong_output(output, wanted, *member))
        } else {
            let known: Vec<&str> = target.needs.iter().filter_map(last).collect();
            let otherwise = format!("it has {}", listed(known.iter().copied(), "and"));
            let what = format!("member of {}", named(name));
            Some(unknown(&what, output, known.into_iter(), &otherwise))
        }
    }

    fn wrong_output(&self, name: &str, output: &str, id: TaskId) -> Option<Wrong> {
        let known = self.declared_outputs(id);
        if known.contains(&output) {
            return None;
        }
        let otherwise = if known.is_empty() {
            format!("declare it in {}: `outputs: [{output}]`", named(name))
        } else {
            format!("it has {}; declare the others under `outputs`", listed(known.iter().copied(), "and"))
        };
        let mut wrong = unknown("output", output, known.into_iter(), &otherwise);
        wrong.message = format!("{} has no output {}", named(name), named(output));
        Some(wrong)
    }

    fn declared_outputs(&self, id: TaskId) -> Vec<&str> {
        self.plan
            .tasks
            .get(id.index())
            .map(|task| task.outputs.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    fn not_needed(&self, name: &str, task: &Task) -> Wrong {
        let mut known: Vec<&str> = task.need_names.keys().map(String::as_str).collect();
        known.retain(|known| !known.contains('-'));
        let ending = format!(".{name}");
        let is_there = |other: &&Task| other.path == name || other.path.ends_with(&ending);
        let elsewhere = self.plan.tasks.iter().find(is_there).filter(|other| other.path != task.path);
        let hint = match (did_you_mean(name, known.iter().copied()), elsewhere) {
            (_, Some(other)) => format!("add {} to `needs`", named(&other.path)),
            (Some(near), None) => format!("did you mean `{near}`?"),
            (None, None) if known.is_empty() => "this task needs nothing".to_owned(),
            (None, None) => format!("it needs {}", listed(known, "and")),
        };
        let message = format!("{} is not among what this task needs", named(name));
        Wrong { code: "plan::unknown-name", message, hint: Some(hint) }
    }
}
