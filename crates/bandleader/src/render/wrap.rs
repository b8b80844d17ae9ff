//! Words over several lines.

use super::text::{fit, width};

/// Breaks `text`, which is safe to show and without colours, between words into at most `most` lines of at most `columns`; the last
/// says by `…` that there is more.
pub(crate) fn wrap(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let joined = width(&line) + usize::from(!line.is_empty()) + width(word);
            if joined > columns && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&fit(word, columns));
            if lines.len() > most {
                break;
            }
        }
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = fit(&format!("{last}…"), columns).into_owned();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_say_when_there_is_more() {
        assert_eq!(wrap("one two three", 7, 9), ["one two", "three"]);
        assert_eq!(wrap("one two three four", 7, 1), ["one tw…"]);
        assert_eq!(wrap("abcdefghij", 4, 9), ["abc…"]);
        assert_eq!(wrap("a\n\nb", 4, 9), ["a", "", "b"]);
        assert!(wrap("", 4, 9).is_empty());
    }
}
