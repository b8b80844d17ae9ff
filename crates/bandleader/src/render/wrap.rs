//! Words over several lines.

use super::text::{fit, width};

/// Breaks `text`, which is safe to show and without colours, between words into at most `most` lines of at most `columns`; the last
/// says by `…` that there is more.
pub(crate) fn wrap(text: &str, columns: usize, most: usize) -> Vec<String> {
    wrap_behind(0, text, columns, most)
}

/// The same, where something stands before the first line: so many columns of it are taken.
fn wrap_behind(taken: usize, text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let first = if taken > 0 { columns.saturating_sub(taken).max(LEAST) } else { columns };
    let room = |lines: &[String]| if lines.is_empty() { first } else { columns };
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let joined = width(&line) + usize::from(!line.is_empty()) + width(word);
            if joined > room(&lines) && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&fit(word, room(&lines)));
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

/// `text`, which is safe to show, behind a mark that may have colours: broken between words, what follows the first line set in by
/// `indent`.
pub(crate) fn hang(mark: &str, indent: usize, text: &str, columns: usize) -> Vec<String> {
    let own = width(&anstream::adapter::strip_str(mark).to_string());
    let room = columns.saturating_sub(indent).max(LEAST);
    let line = |(place, line): (usize, String)| match place {
        0 => format!("{mark}{line}"),
        _ => format!("{:indent$}{line}", ""),
    };
    wrap_behind(own.saturating_sub(indent), text, room, usize::MAX).into_iter().enumerate().map(line).collect()
}

/// A line with colours, broken at blanks; what follows the first line is set in by `indent`.
pub(crate) fn hang_coloured(line: &str, indent: usize, columns: usize) -> Vec<String> {
    let plain = |text: &str| width(&anstream::adapter::strip_str(text).to_string());
    if plain(line) <= columns {
        return vec![line.to_owned()];
    }
    let (mut lines, mut at, mut used) = (Vec::new(), String::new(), 0);
    for (place, word) in line.split(' ').enumerate() {
        let wide = plain(word);
        if used > indent && used + 1 + wide > columns {
            lines.push(std::mem::replace(&mut at, " ".repeat(indent)));
            used = indent;
        } else if place > 0 {
            at.push(' ');
            used += 1;
        }
        at.push_str(word);
        used += wide;
    }
    lines.push(at);
    lines
}

/// Rows of cells, each broken within its column: the widths of the columns, and for every row its cells as lines. Where all of it is wider
/// than `room`, the widest columns give way.
pub(crate) fn in_columns(rows: &[Vec<String>], room: usize) -> (Vec<usize>, Vec<Vec<Vec<String>>>) {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..count).map(widest).collect();
    while widths.iter().sum::<usize>() > room {
        let Some(most) = widths.iter_mut().max().filter(|most| **most > NARROWEST) else { break };
        *most -= 1;
    }
    let cells = |row: &Vec<String>| row.iter().zip(&widths).map(|(cell, wide)| wrap(cell, *wide, MOST)).collect();
    let rows = rows.iter().map(cells).collect();
    (widths, rows)
}

/// Text is not broken into less than this.
const LEAST: usize = 16;
/// The narrowest a column may become.
const NARROWEST: usize = 6;
/// Lines of a cell.
const MOST: usize = 8;

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
        assert_eq!(
            hang("\u{1b}[1m! \u{1b}[0m", 2, "one two three four five", 18),
            ["\u{1b}[1m! \u{1b}[0mone two three", "  four five"]
        );
        let long = "one two three four five six seven eight nine ten eleven";
        assert_eq!(
            hang("lacking: ", 2, long, 28),
            ["lacking: one two three four", "  five six seven eight nine", "  ten eleven"]
        );
    }

    #[test]
    fn colours_take_no_room_and_blanks_stay() {
        let line = "\u{1b}[2m10:00\u{1b}[0m word   one two three";
        assert_eq!(hang_coloured(line, 4, 19), ["\u{1b}[2m10:00\u{1b}[0m word   one", "    two three"]);
        assert_eq!(hang_coloured(line, 4, 40), [line]);
    }

    #[test]
    fn columns_that_are_too_wide_are_broken_and_the_others_stay() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let (widths, rows) = in_columns(&[row(["name", "id"]), row(["one two three four", "a"])], 12);
        assert_eq!(widths, [10, 2]);
        assert_eq!(rows[1], [vec!["one two", "three four"], vec!["a"]]);
    }
}
