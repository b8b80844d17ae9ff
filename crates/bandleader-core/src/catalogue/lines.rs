//! Keys read line by line, where they are no YAML.
//!
//! Called by `read` when the YAML parser gives up, which is the case for one published agent file in twelve: mostly a colon in a
//! description without quotes. A line that begins with a known key starts a value; every other line goes on with the
//! value before it. Each value is then read as YAML if it can be, and else as it is written.

use super::keys::KEYS;
use crate::diag::Span;
use crate::problems::Problems;
use crate::source;
use crate::tree::{Entry, Node, Tree};

/// Keys of commands and skills, which no prose begins with, start a value too.
const OTHERS: [&str; 3] = ["argument-hint", "allowed-tools", "disable-model-invocation"];

/// Keys whose values are one text, however it looks.
const TEXTS: &[&str] = &["name", "description", "model", "color", "initialPrompt", "argument-hint"];

/// The known key that a line begins with.
pub(super) fn known_key(line: &str) -> Option<&'static str> {
    let (key, rest) = line.split_once(':')?;
    let key = KEYS.iter().chain(&OTHERS).find(|known| **known == key.trim_end())?;
    (rest.is_empty() || rest.starts_with([' ', '\t', '\r'])).then_some(key)
}

/// A value and the lines that it takes.
struct Piece {
    key: &'static str,
    start: usize,
    end: usize,
}

/// The keys of `text`, in its order; a key may come more than once. Places count from the start of `text`.
pub(super) fn entries(text: &str, indent: usize) -> Vec<Entry> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let content = line.get(blanks.min(indent)..).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let end = start + line.trim_end().len();
        match (known_key(content), pieces.last_mut()) {
            (Some(key), _) => pieces.push(Piece { key, start: start + blanks.min(indent), end }),
            (None, Some(piece)) if !line.trim().is_empty() => piece.end = end,
            _ => {}
        }
        start += line.len();
    }
    let mut entries: Vec<Entry> = Vec::new();
    for piece in pieces {
        let key_span = span(piece.start, piece.start + piece.key.len());
        let is_first = !entries.iter().any(|entry| entry.key == piece.key);
        let written = text.get(piece.start..piece.end).unwrap_or_default();
        // Only the first counts, so only the first is worth reading.
        let value =
            if is_first { value(piece.key, written, piece.start) } else { Node { span: key_span, tree: Tree::Broken } };
        entries.push(Entry { key: piece.key.to_owned(), key_span, value });
    }
    entries
}

fn span(start: usize, end: usize) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file: 0, start: number(start), end: number(end) }
}

fn value(key: &str, written: &str, start: usize) -> Node {
    let raw = written.split_once(':').map_or("", |(_, raw)| raw);
    let skipped = written.len() - raw.trim_start().len();
    let first_line = raw.trim_start().lines().next().unwrap_or_default().trim_end();
    let place = span(start + skipped, start + skipped + first_line.len());
    let tree = as_yaml(key, written).unwrap_or_else(|| as_written(key, raw));
    Node { span: place, tree }
}

/// The value as YAML, if this key alone is YAML and has the kind of value that it should have.
fn as_yaml(key: &str, written: &str) -> Option<Tree> {
    let mut problems = Problems::default();
    let root = source::parse(0, written, &mut problems)?;
    let [entry] = root.entries() else { return None };
    let fits = !TEXTS.contains(&key) || matches!(entry.value.tree, Tree::Plain(_) | Tree::Quoted(_) | Tree::Nothing);
    (!problems.any_error() && fits).then(|| entry.value.tree.clone())
}

fn as_written(key: &str, raw: &str) -> Tree {
    let lines: Vec<&str> = raw.lines().map(str::trim).collect();
    let text = lines.join("\n");
    let text = text.trim();
    let items: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    if !TEXTS.contains(&key) && !items.is_empty() && items.iter().all(|item| item.starts_with("- ")) {
        let item = |item: &str| Node {
            span: Span::default(),
            tree: Tree::Plain(without_quotes(item.trim_start_matches('-').trim()).to_owned()),
        };
        return Tree::List(items.into_iter().map(item).collect());
    }
    // The mark of a block text says nothing where the text below it is not indented.
    let block = text.split_once('\n').filter(|(mark, _)| matches!(*mark, "|" | ">" | "|-" | ">-" | "|+" | ">+"));
    match block.map_or(text, |(_, text)| text.trim()) {
        "" => Tree::Nothing,
        text => Tree::Plain(without_quotes(text).to_owned()),
    }
}

fn without_quotes(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let found: Vec<(String, String)> =
            entries(text, 0).into_iter().map(|entry| (entry.key, entry.value.json().to_string())).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_known_key_starts_a_value_and_all_else_goes_on_with_it() {
        check(
            "name: a\ndescription: Use: often\nuser: hi\n\nmodel: x\n",
            &[("name", r#""a""#), ("description", r#""Use: often\nuser: hi""#), ("model", r#""x""#)],
        );
        check("description: \"a \"quoted\" word: b\"\n", &[("description", r#""a \"quoted\" word: b""#)]);
        check("description: |\nNot indented: at all\n", &[("description", r#""Not indented: at all""#)]);
    }

    #[test]
    fn values_are_yaml_where_they_can_be() {
        check(
            "description: a: b\ntools:\n  - Read\n  - \"Bash(*)\"\n",
            &[("description", r#""a: b""#), ("tools", r#"["Read","Bash(*)"]"#)],
        );
        check("tools:\n\t- Read\n\t- 'Write'\n", &[("tools", r#"["Read","Write"]"#)]);
        check("tools: *\n", &[("tools", r#""*""#)]);
        check("argument-hint: [a] [b]\nmaxTurns: 3\n", &[("argument-hint", r#""[a] [b]""#), ("maxTurns", "3")]);
        check("model:\nmodel: b\n", &[("model", "null"), ("model", "null")]);
    }
}
