//! What is wrong with a text to fill in, in words for people.

use super::View;
use crate::language::did_you_mean;
use crate::problems::named;
use crate::template::TemplateError;

const ROOTS: &[&str] =
    &["needs", "inputs", "item", "index", "matrix", "level", "mission", "run", "task", "attempt", "env"];

/// What is wrong with a name.
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

pub(super) fn unknown<'n>(
    what: &str,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
    otherwise: &str,
) -> Wrong {
    let hint = did_you_mean(name, known).map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
    Wrong { code: "plan::unknown-name", message: format!("no {what} is called {}", named(name)), hint: Some(hint) }
}

pub(super) fn absent(root: &str, why: &str) -> Wrong {
    Wrong { code: "plan::unknown-name", message: format!("{} means nothing here: {why}", named(root)), hint: None }
}

pub(super) fn unknown_root(root: &str) -> Wrong {
    let otherwise =
        "templates know `needs`, `inputs`, `item`, `matrix`, `level`, `mission`, `run.id`, `task.id` and `attempt`";
    let mut wrong = unknown("name", root, ROOTS.iter().copied(), otherwise);
    wrong.message = format!("{} means nothing in a template", named(root));
    wrong
}

pub(super) fn syntax_error(written: &str, error: &TemplateError) -> (Option<String>, Wrong) {
    let code = "plan::bad-template";
    let open = written.rfind("{{").and_then(|at| written.get(at..)).filter(|rest| !rest.contains("}}"));
    if let Some(open) = open {
        let words = open.lines().next().unwrap_or(open).to_owned();
        let hint = "close it with `}}`; for literal braces write `{{ '{{' }}`".to_owned();
        return (Some(words), Wrong { code, message: "this `{{` is not closed".to_owned(), hint: Some(hint) });
    }
    let words = error.at.clone().and_then(|at| written.get(at)).filter(|words| !words.trim().is_empty());
    let hint = "for example `{{ needs.spec.outputs.title }}`".to_owned();
    (words.map(str::to_owned), Wrong { code, message: error.message.clone(), hint: Some(hint) })
}

/// `needs.back-end.outputs` reads as a subtraction; says how to write it.
pub(super) fn with_dashes(written: &str, view: &View<'_>) -> Option<(Option<String>, Wrong)> {
    let names = view.task.into_iter().flat_map(|task| task.need_names.keys()).filter(|name| name.contains('-'));
    let dashed = names.map(|name| format!("needs.{name}")).find(|words| find_word(written, words).is_some())?;
    let message = format!("{} reads as a subtraction", named(&dashed));
    let hint = format!("write dashes as underscores: `{}`", dashed.replace('-', "_"));
    Some((Some(dashed), Wrong { code: "plan::unknown-name", message, hint: Some(hint) }))
}

/// Where `words` stand, not as a part of longer words.
pub(super) fn find_word(text: &str, words: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(words).map(|at| at + from) {
        let before = text.get(..at)?.chars().next_back().is_some_and(|c| is_part(c) || c == '.');
        let after = text.get(at + words.len()..)?.chars().next().is_some_and(is_part);
        if !before && !after {
            return Some(at);
        }
        from = at + words.len().max(1);
    }
    None
}
