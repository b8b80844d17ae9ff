//! Templates and conditions: `{{ needs.spec.outputs.title }}` in a plan's texts, and the expressions of `when`.
//!
//! Called by the run core when an attempt starts, with what is known by then, and by `lower`, which checks every template
//! before anything runs. Strict: a name without a value is an error, never an empty text. Bounded: a template that loops for
//! long is stopped. The result never becomes shell text; that is `lower`'s rule (SPEC section 2).

use std::fmt::Write;
use std::ops::Range;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

pub(crate) use crate::template_names::{names_in_expression, names_in_template};

/// Instructions that one template may execute; a text of some kilobytes needs a few hundred.
const FUEL: u64 = 200_000;

/// Why a template or an expression gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Lower-case fragment, names in backticks.
    pub message: String,
    /// The bytes of the template that it is about, when they are known.
    pub at: Option<Range<usize>>,
}

/// Fills in `template` from `context` (an object). Lists print as their items with a space between, objects as JSON.
///
/// # Errors
/// A name without a value, a syntax error, an operation on the wrong kind of value, or too much work.
pub fn render(template: &str, context: &serde_json::Value) -> Result<String, TemplateError> {
    if !is_template(template) {
        return Ok(template.to_owned());
    }
    let parsed = ENGINE.template_from_str(template).map_err(|error| explain(&error))?;
    parsed.render(Value::from(Serde(context))).map_err(|error| explain(&error))
}

/// Whether the condition holds in `context`. Accepts the expression with or without `{{ }}` around it. A text counts as
/// false when it is empty, `false`, `no`, `off` or `0`, because outputs of tasks are texts.
///
/// # Errors
/// As [`render`].
pub fn evaluate(expression: &str, context: &serde_json::Value) -> Result<bool, TemplateError> {
    let parsed = ENGINE.compile_expression(bare(expression)).map_err(|error| explain(&error))?;
    let value = parsed.eval(Value::from(Serde(context))).map_err(|error| explain(&error))?;
    if value.is_undefined() {
        let message = format!("`{}` has no value", bare(expression));
        return Err(TemplateError { message, at: None });
    }
    Ok(match value.as_str() {
        Some(text) => !matches!(text.trim(), "" | "false" | "False" | "no" | "off" | "0"),
        None => value.is_true(),
    })
}

/// Whether `text` has anything to fill in.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains('{') && (text.contains("{{") || text.contains("{%") || text.contains("{#"))
}

/// An expression without the `{{ }}` that people are used to write around it.
pub(crate) fn bare(expression: &str) -> &str {
    let trimmed = expression.trim();
    let inner = trimmed.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    inner.filter(|inner| !inner.contains("{{")).map_or(trimmed, str::trim)
}

pub(crate) static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    let mut syntax = SyntaxConfig::builder();
    syntax.keep_trailing_newline(true);
    if let Ok(syntax) = syntax.build() {
        engine.set_syntax(syntax);
    }
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_formatter(|out, _, value| write_value(out, value));
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(50);
    engine.set_debug(true);
    engine
});

fn write_value(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => {}
        ValueKind::Seq | ValueKind::Iterable => {
            for (index, item) in value.try_iter()?.enumerate() {
                if index > 0 {
                    out.write_char(' ')?;
                }
                write_json_or_text(out, &item)?;
            }
        }
        _ => write_json_or_text(out, value)?,
    }
    Ok(())
}

fn write_json_or_text(out: &mut impl Write, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Map | ValueKind::Seq | ValueKind::Iterable | ValueKind::Bool => {
            let json = serde_json::to_string(value).map_err(|error| {
                Error::new(ErrorKind::BadSerialization, "this value cannot be printed").with_source(error)
            })?;
            out.write_str(&json)?;
        }
        _ => write!(out, "{value}")?,
    }
    Ok(())
}

pub(crate) fn explain(error: &Error) -> TemplateError {
    let detail = error.detail().unwrap_or_default();
    let source = error.template_source().unwrap_or_default();
    let at = error.range().map(|at| whole_name(source, at));
    let source = at.clone().and_then(|at| source.get(at)).unwrap_or_default().trim();
    let message = match error.kind() {
        ErrorKind::UndefinedError if !source.is_empty() => format!("`{source}` has no value"),
        ErrorKind::UndefinedError => "a name has no value".to_owned(),
        ErrorKind::OutOfFuel => "the template does not end in reasonable time".to_owned(),
        ErrorKind::SyntaxError => own_words(detail),
        _ if detail.is_empty() => error.kind().to_string(),
        _ => detail.to_owned(),
    };
    TemplateError { message, at }
}

fn own_words(detail: &str) -> String {
    match detail.split_once(", expected ") {
        Some(("unexpected end of input", wanted)) => format!("it ends where {} should follow", plain_token(wanted)),
        Some((found, wanted)) => format!("{found} where {} should be", plain_token(wanted)),
        None => detail.to_owned(),
    }
}

fn plain_token(token: &str) -> &str {
    match token {
        "expression" => "a value",
        "end of variable block" => "`}}`",
        "end of block" => "`%}` or an end such as `{% endif %}`",
        other => other,
    }
}

/// The engine points at the last part of a dotted name; people want to see all of it.
fn whole_name(source: &str, at: Range<usize>) -> Range<usize> {
    let before = source.get(..at.start).unwrap_or_default();
    let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']'));
    name.len()..at.end
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn context() -> serde_json::Value {
        json!({
            "needs": {"spec": {"state": "completed", "outputs": {"title": "Alerts", "count": "12", "ok": "false"},
                               "deliverables": ["docs/a.md", "docs/b.md"]}},
            "inputs": {"deploy": true, "tags": ["x", {"y": 1}], "none": null},
        })
    }

    #[track_caller]
    fn check_render(template: &str, expected: &str) {
        let shown = render(template, &context()).unwrap_or_else(|error| format!("error: {error}"));
        assert_eq!(shown, expected, "{template}");
    }

    #[track_caller]
    fn check_when(expression: &str, expected: &str) {
        let shown = evaluate(expression, &context()).map_or_else(|error| format!("error: {error}"), |b| b.to_string());
        assert_eq!(shown, expected, "{expression}");
    }

    #[test]
    fn values_are_filled_in_as_people_write_them() {
        check_render("plain $text", "plain $text");
        check_render("{{ inputs.deploy }}\n", "true\n");
        check_render("Build {{ needs.spec.outputs.title }} & <b>", "Build Alerts & <b>");
        check_render("see {{ needs.spec.deliverables }}", "see docs/a.md docs/b.md");
        check_render("{{ inputs.deploy }} {{ inputs.tags }}{{ inputs.none }}", "true x {\"y\":1}");
        check_render("{{ needs.spec.outputs }}", r#"{"count":"12","ok":"false","title":"Alerts"}"#);
        check_render("{% for d in needs.spec.deliverables %}- {{ d }}\n{% endfor %}", "- docs/a.md\n- docs/b.md\n");
        check_render("{{ needs.spec.outputs.count | int + 1 }}", "13");
    }

    #[test]
    fn a_name_without_a_value_is_an_error() {
        check_render("{{ needs.spec.outputs.titel }}", "error: `needs.spec.outputs.titel` has no value");
        check_render("{{ inputz.a }}", "error: `inputz.a` has no value");
        check_render("{{ needs.spec.outputs.titel | default('none') }}", "none");
    }

    #[test]
    fn a_template_that_does_too_much_is_stopped() {
        let template = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}";
        check_render(template, "error: the template does not end in reasonable time");
    }

    #[test]
    fn conditions_read_texts_as_outputs_give_them() {
        check_when("needs.spec.state == 'completed'", "true");
        check_when("{{ inputs.deploy and needs.spec.outputs.title == 'Other' }}", "false");
        check_when("needs.spec.outputs.ok", "false");
        check_when("not inputs.deploy", "false");
        check_when("needs.spec.outputs.count | int > 9", "true");
        check_when("inputs.missing", "error: `inputs.missing` has no value");
        check_when("1 +", "error: it ends where a value should follow");
    }
}
