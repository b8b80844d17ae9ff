//! TOML text to the same tree as YAML, with places. The only file that knows the TOML parser.
//!
//! Called by `lower` for `band.toml`. Syntax errors become diagnostics here.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diag::Span;
use crate::problems::Problems;
use crate::tree::{Entry, Node, Tree};

/// Longer texts are refused: settings of a thousand agents have about 200 KB.
const MAX_BYTES: usize = 4 << 20;

/// Reads a whole file. `None` if there is nothing to go on with; the reason is among the problems then.
pub(crate) fn parse(file: u32, text: &str, problems: &mut Problems) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("this file has {} MB; settings may have {}", text.len() >> 20, MAX_BYTES >> 20);
        problems.error("settings::too-big", span(file, 0..0), message);
        return None;
    }
    match DeTable::parse(text) {
        Ok(table) => Some(Node { span: span(file, 0..0), tree: Tree::Map(entries(file, table.get_ref())) }),
        Err(error) => {
            let at = error.span().unwrap_or_default();
            let at = at.start.min(text.len())..at.end.min(text.len());
            let reason = error.message().lines().next().unwrap_or_default().to_owned();
            let message = format!("this is not TOML: {reason}");
            problems
                .error("settings::syntax", span(file, at), message)
                .hint("texts are written in quotes, lists in brackets");
            None
        }
    }
}

fn span(file: u32, range: Range<usize>) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: number(range.start), end: number(range.end) }
}

/// In the order of the text.
fn entries(file: u32, table: &DeTable<'_>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            key_span: span(file, key.span()),
            value: node(file, value),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    entries
}

/// The depth is bounded by the parser.
fn node(file: u32, value: &Spanned<DeValue<'_>>) -> Node {
    let tree = match value.get_ref() {
        DeValue::String(text) => Tree::Quoted(text.to_string()),
        DeValue::Integer(number) => Tree::Plain(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        ),
        DeValue::Float(number) => Tree::Plain(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Tree::Plain(flag.to_string()),
        DeValue::Datetime(time) => Tree::Quoted(time.to_string()),
        DeValue::Array(items) => Tree::List(items.iter().map(|item| node(file, item)).collect()),
        DeValue::Table(table) => Tree::Map(entries(file, table)),
    };
    Node { span: span(file, value.span()), tree }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_places_are_those_of_the_text() {
        let text = "[agents.b]\nmax_turns = 0x10\n[agents.a]\ntools = [\"Read\"]\nlimits = { cost = 2.5 }\n";
        let mut problems = Problems::default();
        let root = parse(3, text, &mut problems).unwrap();
        assert_eq!(
            root.json().to_string(),
            r#"{"agents":{"b":{"max_turns":16},"a":{"tools":["Read"],"limits":{"cost":2.5}}}}"#
        );
        let tools =
            root.get("agents").and_then(|agents| agents.get("a")).and_then(|agent| agent.entry("tools")).unwrap();
        assert_eq!(&text[tools.key_span.start as usize..tools.key_span.end as usize], "tools");
        assert_eq!(tools.value.span.file, 3);
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place() {
        let mut problems = Problems::default();
        assert!(parse(0, "a = 1\nb = x y\n", &mut problems).is_none());
        let found = problems.sorted();
        assert_eq!((found[0].code, found[0].span.start >= 6), ("settings::syntax", true));
        let deep = format!("a = {}", "[".repeat(100_000));
        assert!(parse(0, &deep, &mut Problems::default()).is_none());
    }
}
