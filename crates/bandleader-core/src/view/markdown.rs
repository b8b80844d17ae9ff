//! Text from anywhere, made harmless for a Markdown file: it can neither end a table cell, nor start a heading, a link or HTML,
//! nor move the cursor of a terminal that shows the file.
//!
//! Called by everything that writes Markdown. What comes out has no line break and no control character.

use std::fmt::Write as _;

/// Running text, readable as source too: only what Markdown would take for its own is escaped. What stands between backticks
/// stays code.
pub fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('`');
    push_words(&mut out, parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        match parts.next() {
            Some(after) if !part.trim().is_empty() => {
                out.push_str(&code(part));
                push_words(&mut out, after);
            }
            Some(after) => {
                out.push_str("\\`");
                push_words(&mut out, part);
                out.push_str("\\`");
                push_words(&mut out, after);
            }
            None => {
                out.push_str("\\`");
                push_words(&mut out, part);
            }
        }
    }
    out
}

/// Text without backticks.
fn push_words(out: &mut String, words: &str) {
    let mut before = ' ';
    let mut rest = words.chars().peekable();
    while let Some(char) = rest.next() {
        let inside_word = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match char {
            '\\' | '*' | '[' | ']' | '<' | '>' | '|' | '~' => out.extend(['\\', char]),
            '_' if !inside_word => out.push_str("\\_"),
            '&' if rest.peek().is_some_and(|next| next.is_alphanumeric() || *next == '#') => out.push_str("&amp;"),
            '#' | '+' | '-' | '=' if out.is_empty() => out.extend(['\\', char]),
            char => push_visible(out, char),
        }
        before = char;
    }
}

/// Code in a line, fenced by more backticks than it holds. Good in a table too.
pub fn code(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for char in text.chars() {
        push_visible(&mut visible, char);
    }
    let longest = visible.split(|char| char != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space keeps a backtick at the edge from joining the fence; renderers take it away again.
    let pad = if visible.is_empty() || visible.starts_with('`') || visible.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", visible.replace('|', "\\|"))
}

/// The first line that says something, cut to `limit` characters.
pub fn first_line(text: &str, limit: usize) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    short(line, limit)
}

/// At most `limit` characters; an ellipsis stands for the rest.
pub fn short(text: &str, limit: usize) -> String {
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Control characters, line breaks, and the invisible ones that turn the reading direction or hide text become visible.
fn push_visible(out: &mut String, char: char) {
    let hidden =
        matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    match char {
        '\n' => out.push_str(" ⏎ "),
        '\t' => out.push(' '),
        char if char.is_control() || hidden => {
            let _ = write!(out, "⟨{:02X}⟩", u32::from(char));
        }
        char => out.push(char),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_as_they_are() {
        for plain in ["Low-stock alerts (v2), 100 % done!", "snake_case and R & D", "a - b = c #1", "Überblick 日本"]
        {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn markup_in_a_text_is_only_text() {
        let cases = [
            ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
            ("a | b", "a \\| b"),
            ("[x](javascript:y)", "\\[x\\](javascript:y)"),
            ("gate `a | b` failed", "gate `a \\| b` failed"),
            ("a lone ` only", "a lone \\` only"),
            ("`<i>``<b>` <u>", "`<i>``<b>` \\<u\\>"),
            ("``` <b>", "\\`\\`\\` \\<b\\>"),
            ("**bold** _it_", "\\*\\*bold\\*\\* \\_it\\_"),
            ("# heading", "\\# heading"),
            ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
            ("one\ntwo\r", "one ⏎ two⟨0D⟩"),
            ("\u{1b}[31mred\u{202e}", "⟨1B⟩\\[31mred⟨202E⟩"),
        ];
        for (hostile, harmless) in cases {
            assert_eq!(text(hostile), harmless);
        }
    }

    #[test]
    fn code_cannot_end_its_fence_or_its_cell() {
        assert_eq!(code("cargo test"), "`cargo test`");
        assert_eq!(code("a `b` ``c``"), "``` a `b` ``c`` ```");
        assert_eq!(code("a | b"), "`a \\| b`");
        assert_eq!(code(""), "`  `");
        assert_eq!(code("x\u{1b}c"), "`x⟨1B⟩c`");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(short("äöü", 3), "äöü");
        assert_eq!(short("äöüß", 3), "äö…");
        assert_eq!(first_line("\n  \n  first \nsecond", 20), "first");
    }
}
