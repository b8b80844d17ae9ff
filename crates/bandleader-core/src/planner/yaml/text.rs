//! Texts in YAML: when one means itself, how it is quoted, where it may be broken.

use std::fmt::Write as _;

/// Where a text without quotes would stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Block,
    Flow,
}

/// Whether a text means itself without quotes. Careful: what is in doubt is quoted.
pub(super) fn is_plain(text: &str, place: Place) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let starts_well = first.is_alphabetic() || first.is_ascii_digit() || matches!(first, '_' | '/' | '(' | '.' | '$');
    let is_odd = |letter: char| {
        is_hostile(letter)
            || letter == '\n'
            || letter == '\t'
            || (place == Place::Flow && matches!(letter, ',' | '[' | ']' | '{' | '}' | '"' | ':' | '#'))
    };
    starts_well
        && !text.chars().any(is_odd)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !means_something_else(text)
}

/// Whether YAML of some version reads it as something other than a text.
pub(super) fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 12] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "nan"];
    let lower = text.to_ascii_lowercase();
    WORDS.contains(&lower.as_str())
        || lower.trim_start_matches(['+', '-']).parse::<f64>().is_ok()
        // Dates and times; `3..5` is none.
        || (!lower.contains("..") && looks_like_a_date(&lower))
        || lower.starts_with("0x")
        || lower.starts_with("0o")
}

pub(super) fn looks_like_a_date(text: &str) -> bool {
    text.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '-' | ':' | '.' | '_' | '+' | 't' | 'z'))
}

/// In double quotes, everything that cannot be seen escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 2);
    safe.push('"');
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("\\\""),
            '\\' => safe.push_str("\\\\"),
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            _ if is_hostile(letter) && u32::from(letter) > 0xffff => {
                let _ = write!(safe, "\\U{:08x}", u32::from(letter));
            }
            _ if is_hostile(letter) => {
                let _ = write!(safe, "\\u{:04x}", u32::from(letter));
            }
            _ => safe.push(letter),
        }
    }
    safe.push('"');
    safe
}

/// Several lines that a block keeps as they are.
pub(super) fn can_be_literal(text: &str) -> bool {
    let is_clean = |letter: char| letter == '\n' || letter == '\t' || !is_hostile(letter);
    text.trim_end_matches('\n').contains('\n')
        && text.chars().all(is_clean)
        && !text.starts_with([' ', '\t', '\n'])
        && !text.ends_with("\n\n")
        && text.lines().all(|line| line.is_empty() || !line.trim().is_empty())
}

/// One paragraph that may be broken at its blanks.
pub(super) fn can_be_folded(text: &str) -> bool {
    !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.chars().any(|letter| letter == '\n' || letter == '\t' || is_hostile(letter))
}

/// Broken at blanks into lines of at most so many characters, where words allow.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ') {
        let wide = word.chars().count();
        match lines.last_mut() {
            Some(line) if wide < room => {
                line.push(' ');
                line.push_str(word);
                room -= wide + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = most.saturating_sub(wide);
            }
        }
    }
    lines
}

/// What no editor shows, or what moves what it shows: controls, direction marks, other line breaks, byte order marks.
pub(super) fn is_hostile(letter: char) -> bool {
    (letter.is_control() && letter != '\n' && letter != '\t')
        || matches!(letter,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}
