//! Which names a template looks up, found without running it.
//!
//! Called by `lower`, which knows what there is to name, and by whoever asks what a condition hangs on.

use std::collections::BTreeSet;

use minijinja::ErrorKind;

use crate::template::{ENGINE, TemplateError, bare, explain};

/// The names that a template looks up, with their dots: `needs.spec.outputs.title`, `inputs.target`.
pub(crate) fn names_in_template(template: &str) -> Result<BTreeSet<String>, TemplateError> {
    if let Some(names) = plain_names(template) {
        return Ok(names);
    }
    let parsed = ENGINE.template_from_str(template).map_err(|error| explain(&error))?;
    unknown_filter(template)?;
    Ok(without_globals(parsed.undeclared_variables(true)))
}

/// The engine looks filters up only when it uses them; a plan should not wait for that.
fn unknown_filter(template: &str) -> Result<(), TemplateError> {
    let mut quote = None;
    for (at, character) in template.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '|') => {
                let rest = template.get(at + 1..).unwrap_or_default();
                let start = at + 1 + rest.len() - rest.trim_start().len();
                let is_part = |c: char| c.is_alphanumeric() || c == '_';
                let name: String = rest.trim_start().chars().take_while(|c| is_part(*c)).collect();
                let trial = ENGINE.compile_expression_owned(format!("1|{name}")).and_then(|trial| trial.eval(()));
                if trial.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter) && !name.is_empty() {
                    return Err(TemplateError {
                        message: format!("there is no filter `{name}`"),
                        at: Some(start..start + name.len()),
                    });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The names of a template that does nothing but name them, as nearly all do: a plan may have ten thousand.
fn plain_names(template: &str) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut pieces = template.split("{{");
    let is_text = |piece: &str| !piece.contains("{%") && !piece.contains("{#");
    if !is_text(pieces.next()?) {
        return None;
    }
    for piece in pieces {
        let (name, text) = piece.split_once("}}")?;
        let is_word = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let name = name.trim_matches(' ');
        if !name.contains('.') || !name.split('.').all(is_word) || !is_text(text) {
            return None;
        }
        names.insert(name.to_owned());
    }
    Some(names)
}

/// The names that an expression looks up, as [`names_in_template`].
pub(crate) fn names_in_expression(expression: &str) -> Result<BTreeSet<String>, TemplateError> {
    let parsed = ENGINE.compile_expression(bare(expression)).map_err(|error| explain(&error))?;
    unknown_filter(bare(expression))?;
    Ok(without_globals(parsed.undeclared_variables(true)))
}

fn without_globals(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let is_global = |name: &str| ENGINE.globals().any(|(global, _)| global == name);
    names.into_iter().filter(|name| !is_global(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_with_their_dots() {
        let names =
            names_in_template("{{ needs.a.outputs.b }} {% for x in inputs.list %}{{ x.y }}{% endfor %}").unwrap();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["inputs.list", "needs.a.outputs.b"]);
        let names = names_in_expression("{{ level > 2 and range(3) }}").unwrap();
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["level"]);
        assert_eq!(plain_names("{{ a.b }}-{{c.d_e}} {{ a.b }}").map(|names| names.len()), Some(2));
        for template in
            ["{{ a.b", "{{ a.b | c }}", "{{ true }}", "{% x %}{{ a.b }}", "{{ a.b }}{# x #}", "{{ a.0 }}", "{{ a..b }}"]
        {
            assert_eq!(plain_names(template), None, "{template}");
        }
    }
}
