//! From text with colours in it, as the rest of the house makes it, to what the terminal library draws.
//!
//! Pure. Only sequences that colour are obeyed; any other escape is taken out, so nothing that a task prints can steer the screen.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// Cells between two stops of the tabulator, which a grid of cells does not know.
const TAB: usize = 8;

/// One line. Tabs become blanks.
pub(super) fn line(text: &str) -> Line<'static> {
    let (mut spans, mut style, mut rest) = (Vec::new(), Style::new(), text);
    let mut column = 0;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.find('\u{1b}').unwrap_or(rest.len()));
        if !piece.is_empty() {
            let piece = without_tabs(piece, column);
            column += super::super::render::text::width(&piece);
            spans.push(Span::styled(piece, style));
        }
        rest = after;
        if let Some(body) = rest.strip_prefix("\u{1b}[") {
            let end = body.find(|letter: char| !letter.is_ascii_digit() && letter != ';').unwrap_or(body.len());
            let (numbers, tail) = body.split_at(end);
            let mut letters = tail.chars();
            if letters.next() == Some('m') {
                style = coloured(style, numbers);
            }
            rest = letters.as_str();
        } else if let Some(tail) = rest.strip_prefix('\u{1b}') {
            rest = tail;
        }
    }
    Line::from(spans)
}

fn without_tabs(text: &str, column: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter == '\t' {
            let wide = column + super::super::render::text::width(&plain);
            plain.extend(std::iter::repeat_n(' ', TAB - wide % TAB));
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// `style` after the numbers of one sequence (ECMA-48, SGR).
fn coloured(style: Style, numbers: &str) -> Style {
    let mut style = style;
    let mut numbers = numbers.split(';').map(|number| number.parse::<u16>().unwrap_or(0));
    while let Some(number) = numbers.next() {
        style = match number {
            0 => Style::new(),
            1 => style.add_modifier(Modifier::BOLD),
            2 => style.add_modifier(Modifier::DIM),
            3 => style.add_modifier(Modifier::ITALIC),
            4 => style.add_modifier(Modifier::UNDERLINED),
            7 => style.add_modifier(Modifier::REVERSED),
            22 => style.remove_modifier(Modifier::BOLD | Modifier::DIM),
            23 => style.remove_modifier(Modifier::ITALIC),
            24 => style.remove_modifier(Modifier::UNDERLINED),
            27 => style.remove_modifier(Modifier::REVERSED),
            30..=37 => style.fg(named(number - 30)),
            90..=97 => style.fg(named(number - 82)),
            40..=47 => style.bg(named(number - 40)),
            100..=107 => style.bg(named(number - 92)),
            38 => rich(&mut numbers).map_or(style, |colour| style.fg(colour)),
            48 => rich(&mut numbers).map_or(style, |colour| style.bg(colour)),
            39 => style.fg(Color::Reset),
            49 => style.bg(Color::Reset),
            _ => style,
        };
    }
    style
}

/// The sixteen colours that every terminal has in its own shades.
fn named(index: u16) -> Color {
    match index {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

/// `5;N` or `2;R;G;B`.
fn rich(numbers: &mut impl Iterator<Item = u16>) -> Option<Color> {
    let byte = |number: Option<u16>| u8::try_from(number?).ok();
    match numbers.next()? {
        5 => Some(Color::Indexed(byte(numbers.next())?)),
        2 => Some(Color::Rgb(byte(numbers.next())?, byte(numbers.next())?, byte(numbers.next())?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(String, Style)> {
        line(text).spans.into_iter().map(|span| (span.content.into_owned(), span.style)).collect()
    }

    #[test]
    fn colours_are_kept_and_everything_else_is_not() {
        let red = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
        assert_eq!(
            parts("a\u{1b}[1;31mb\u{1b}[0mc"),
            [("a".into(), Style::new()), ("b".into(), red), ("c".into(), Style::new())]
        );
        let text = |text: &str| parts(text).into_iter().map(|(text, _)| text).collect::<String>();
        assert_eq!(text("a\u{1b}[2Jb\u{1b}]0;t"), "ab]0;t");
        assert_eq!(text("a\tb\tc"), "a       b       c");
        assert_eq!(parts("\u{1b}[38;5;200mx")[0].1, Style::new().fg(Color::Indexed(200)));
        assert_eq!(parts("\u{1b}[38;2;1;2;999mx")[0].1, Style::new());
    }
}
