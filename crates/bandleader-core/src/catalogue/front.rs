//! Where the keys of an agent file stand, and where its text begins.
//!
//! Called by `read`. The keys stand between two lines of three dashes; what people and their tools make of those lines is
//! recognised as well: a closing line that a formatter has made longer, a file that is indented as a whole, a comment before the first
//! line, a closing line that is missing.

use std::ops::Range;

/// A file's parts, as places in its text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts {
    /// The keys, without the lines of dashes. `None`: the file has no such lines.
    pub(super) front: Option<Range<usize>>,
    /// Where the text below begins.
    pub(super) body: usize,
    /// Blanks that stand before every line.
    pub(super) indent: usize,
    /// What is unusual.
    pub(super) oddities: Vec<(Oddity, Range<usize>)>,
}

/// What is unusual about the lines of dashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// The closing line has more than three dashes.
    LongCloser,
    /// The whole file is indented.
    Indented,
    /// Something stands before the first line.
    TextBefore,
    /// There is no closing line.
    Unclosed,
}

/// One line: where it starts and ends, without its line break, and where the next one starts.
struct Line<'t> {
    text: &'t str,
    start: usize,
    next: usize,
}

impl Line<'_> {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.trim_end().len()
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    fn dashes(&self) -> usize {
        let text = self.text.trim();
        if text.bytes().all(|byte| byte == b'-') { text.len() } else { 0 }
    }
}

fn lines(text: &str, from: usize) -> impl Iterator<Item = Line<'_>> {
    let mut start = from;
    text.get(from..).unwrap_or_default().split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        Line { text: line.trim_end_matches(['\n', '\r']), start: at, next: start }
    })
}

/// Finds the parts of `text`.
pub(super) fn split(text: &str) -> Parts {
    let none = Parts { front: None, body: 0, indent: 0, oddities: Vec::new() };
    let before = comment_before(text);
    let Some(opener) = lines(text, before).find(|line| !line.text.trim().is_empty()) else { return none };
    if opener.dashes() != 3 {
        return none;
    }
    let indent = opener.indent();
    let mut oddities = Vec::new();
    if before > 0 {
        oddities.push((Oddity::TextBefore, 0..text.lines().next().unwrap_or_default().trim_end().len()));
    }
    if indent > 0 {
        oddities.push((Oddity::Indented, opener.range()));
    }
    let closer = lines(text, opener.next).find(|line| line.dashes() >= 3 && line.indent() <= indent);
    if let Some(closer) = closer {
        if closer.dashes() > 3 {
            oddities.push((Oddity::LongCloser, closer.range()));
        }
        return Parts { front: Some(opener.next..closer.start), body: closer.next, indent, oddities };
    }
    // Without a closing line the keys go on to the first empty line, if there are any keys: else the dashes are a rule.
    let end = lines(text, opener.next).find(|line| line.text.trim().is_empty()).map_or(text.len(), |line| line.start);
    let keys = text.get(opener.next..end).unwrap_or_default();
    if !keys.lines().any(|line| super::lines::known_key(line.trim_start()).is_some()) {
        return none;
    }
    oddities.push((Oddity::Unclosed, opener.range()));
    Parts { front: Some(opener.next..end), body: end, indent, oddities }
}

/// Bytes that HTML comments at the start of `text` take.
fn comment_before(text: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).map(str::trim_start).filter(|rest| rest.starts_with("<!--")) {
        let Some(end) = rest.find("-->") else { return at };
        at = text.len() - rest.len() + end + 3;
    }
    at
}

/// The text below the keys: line breaks of one kind, no indentation that the whole file has, no empty lines around it.
pub(super) fn instructions(text: &str, indent: usize) -> String {
    let mut text = text.replace("\r\n", "\n");
    if indent > 0 {
        let less = |line: &str| {
            let blanks = line.len() - line.trim_start_matches(' ').len();
            line.get(blanks.min(indent)..).unwrap_or_default().to_owned()
        };
        text = text.split('\n').map(less).collect::<Vec<String>>().join("\n");
    }
    let first = text.find(|letter: char| !letter.is_whitespace()).unwrap_or(text.len());
    let start = text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..).unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, front: Option<&str>, body: &str, oddities: &[Oddity]) {
        let parts = split(text);
        assert_eq!(parts.front.clone().map(|range| &text[range]), front, "{text}");
        assert_eq!(instructions(&text[parts.body..], parts.indent), body, "{text}");
        let found: Vec<Oddity> = parts.oddities.iter().map(|(oddity, _)| *oddity).collect();
        assert_eq!(found, oddities, "{text}");
    }

    #[test]
    fn keys_stand_between_two_lines_of_dashes() {
        check("---\na: b\n---\n\nText\n\n---\nmore\n", Some("a: b\n"), "Text\n\n---\nmore", &[]);
        check("---\r\na: b\r\n--- \r\nText\r\n", Some("a: b\r\n"), "Text", &[]);
        check("\n---\na: b\n---", Some("a: b\n"), "", &[]);
        check("---\na: |\n  ---\n  x\n---\n    code\n", Some("a: |\n  ---\n  x\n"), "    code", &[]);
        check("# Title\n---\n", None, "# Title\n---", &[]);
    }

    #[test]
    fn what_tools_make_of_those_lines_is_recognised() {
        check("---\na: b\n------\nText", Some("a: b\n"), "Text", &[Oddity::LongCloser]);
        check("  ---\n  a: b\n  ---\n  Text\n    more", Some("  a: b\n"), "Text\n  more", &[Oddity::Indented]);
        check("<!-- x -->\n---\na: b\n---\nText", Some("a: b\n"), "Text", &[Oddity::TextBefore]);
        check("---\nname: b\n\nText", Some("name: b\n"), "Text", &[Oddity::Unclosed]);
        check("---\nJust a rule\n\nText", None, "---\nJust a rule\n\nText", &[]);
        check("<!-- never closed\n---\nname: b\n---\n", None, "<!-- never closed\n---\nname: b\n---", &[]);
    }
}
