//! Text that is safe to show, and its width on a terminal. Everything that comes from a plan, an agent or a file name
//! passes `clean` (one line) or `clean_lines` before it is written anywhere.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// One line: every control, direction and invisible character becomes a visible escape (`\e`, `\n`, `\u{202e}`).
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    escape(text, is_hostile)
}

/// Several lines: as `clean`, but line breaks and tabs stay.
pub(crate) fn clean_lines(text: &str) -> Cow<'_, str> {
    escape(text, |letter| !matches!(letter, '\n' | '\t') && is_hostile(letter))
}

/// A line that a process printed: what is not UTF-8 becomes `\xff`, tabs and colours stay, all else is as in `clean`.
pub(crate) fn clean_output(bytes: &[u8]) -> String {
    let mut safe = String::with_capacity(bytes.len());
    let mut coloured = false;
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.find('\u{1b}') {
            let (before, sequence) = rest.split_at(at);
            let (colour, escape) = (colour_length(sequence), sequence.split_at(1));
            safe.push_str(&escape_all_but_tabs(before));
            if colour > 0 {
                let (colour, after) = sequence.split_at(colour);
                safe.push_str(colour);
                (coloured, rest) = (true, after);
            } else {
                safe.push_str("\\e");
                rest = escape.1;
            }
        }
        safe.push_str(&escape_all_but_tabs(rest));
        for byte in chunk.invalid() {
            let _ = write!(safe, "\\x{byte:02x}");
        }
    }
    if coloured {
        safe.push_str("\u{1b}[0m");
    }
    safe
}

/// Tabs are the one control character that logs are full of and that does no harm.
fn escape_all_but_tabs(text: &str) -> Cow<'_, str> {
    escape(text, |letter| letter != '\t' && is_hostile(letter))
}

/// Bytes of the sequence that `text` begins with if all it can do is colour what follows (`ESC [ 1 ; 31 m`), else 0.
fn colour_length(text: &str) -> usize {
    let Some(body) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = body.find(|letter: char| !letter.is_ascii_digit() && letter != ';').unwrap_or(body.len());
    if body.get(end..).is_some_and(|rest| rest.starts_with('m')) { 2 + end + 1 } else { 0 }
}

/// Columns that `text` takes; escapes for colour are not expected in it.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

/// At most `columns` wide; what is cut is marked by `…`.
pub(crate) fn fit(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut room = columns.saturating_sub(1);
    let mut kept = String::new();
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        kept.push(letter);
    }
    if columns > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

/// As `fit`, for text with colours in it.
pub(crate) fn clip(text: &str, columns: usize) -> String {
    if width(&anstream::adapter::strip_str(text).to_string()) <= columns {
        return text.to_owned();
    }
    let (mut kept, mut room, mut rest) = (String::new(), columns.saturating_sub(1), text);
    while let Some(letter) = rest.chars().next() {
        let colour = colour_length(rest);
        let wide = letter.width().unwrap_or(0);
        if colour == 0 && wide > room {
            break;
        }
        let (head, tail) = rest.split_at(if colour > 0 { colour } else { letter.len_utf8() });
        room -= if colour > 0 { 0 } else { wide };
        kept.push_str(head);
        rest = tail;
    }
    format!("{kept}…\u{1b}[0m")
}

/// Cut or filled up with blanks to exactly `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let blank = columns.saturating_sub(width(&text));
    format!("{text}{:blank$}", "")
}

/// As `pad`, but the blanks come first: for numbers.
pub(crate) fn pad_left(text: &str, columns: usize) -> String {
    let text = fit(text, columns);
    let blank = columns.saturating_sub(width(&text));
    format!("{:blank$}{text}", "")
}

/// `1 task`, `2 tasks`.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

fn escape(text: &str, hostile: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            _ if !hostile(letter) => safe.push(letter),
            '\u{1b}' => safe.push_str("\\e"),
            _ => safe.extend(letter.escape_default()),
        }
    }
    Cow::Owned(safe)
}

/// Whether a terminal, or a reader's eye, could be misled by it. Direction marks and isolates: Unicode UAX #9; tags and
/// fillers: characters that take no ink but change meaning. The joiners of emoji and of many scripts are left alone.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(clean("a\u{1b}]0;title\u{7}b"), "a\\e]0;title\\u{7}b");
        assert_eq!(clean("x\u{9b}2J"), "x\\u{9b}2J");
        assert_eq!(clean("safe\u{202e}txt.exe"), "safe\\u{202e}txt.exe");
        assert_eq!(clean("two\nlines\r"), "two\\nlines\\r");
        assert_eq!(clean_lines("two\nlines\r"), "two\nlines\\r");
        assert_eq!(clean("Grüße 👩\u{200d}🔧"), "Grüße 👩\u{200d}🔧");
    }

    #[test]
    fn output_keeps_its_colours_and_nothing_else() {
        assert_eq!(clean_output(b"a\tb \xff\xc3"), "a\tb \\xff\\xc3");
        assert_eq!(clean_output(b"\x1b[1;31mred"), "\u{1b}[1;31mred\u{1b}[0m");
        assert_eq!(clean_output(b"\x1b[2J\x1b]0;t\x07 \x1b"), "\\e[2J\\e]0;t\\u{7} \\e");
        assert_eq!(clean_output("\u{1b}[31\u{9b}2J".as_bytes()), "\\e[31\\u{9b}2J");
    }

    #[test]
    fn columns_count_what_the_eye_sees() {
        assert_eq!(width("日本"), 4);
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(clip("a\u{1b}[1m日本\u{1b}[0mc", 4), "a\u{1b}[1m日…\u{1b}[0m");
        assert_eq!(pad("日本語", 4), "日… ");
        assert_eq!(pad_left("7", 3), "  7");
    }
}
