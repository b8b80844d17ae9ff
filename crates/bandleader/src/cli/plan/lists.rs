//! `band plan --templates` and `--questions`: what there is, before anybody asks for anything.

use bandleader_core::interview::{Form, Given, Interview, Kind};

use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::pad;

/// The templates with their rules.
pub(super) fn templates(screen: &mut Screen) -> Outcome {
    for kind in Kind::ALL {
        screen.line(&format!("{} {}", paint(STRONG, pad(kind.name(), 10)), kind.about()))?;
        for line in folded(&kind.rule(), screen.width().saturating_sub(13)) {
            screen.line(&paint(QUIET, format_args!("           {line}")))?;
        }
    }
    screen.note("\nThe word of the request that stands first decides; --template NAME overrides it. Each works at all five levels.");
    Ok(Exit::Succeeded)
}

/// The questions of one kind, or of all.
pub(super) fn questions(kind: Option<Kind>, level: u8, screen: &mut Screen) -> Outcome {
    let kinds = kind.map_or_else(|| Kind::ALL.to_vec(), |kind| vec![kind]);
    for (number, kind) in kinds.into_iter().enumerate() {
        if number > 0 {
            screen.line("")?;
        }
        screen.line(&paint(STRONG, format_args!("{}: {}", kind.name(), kind.about())))?;
        let interview = Interview::new("the request", kind, level, &Given::new())
            .map_err(|_| Failure::internal("an interview without answers cannot be wrong"))?;
        for question in bandleader_core::interview::questions(kind) {
            let words = match question.form {
                Form::Choice(words) => words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" | "),
                Form::Text | Form::Money => String::new(),
            };
            let hint = if words.is_empty() { question.hint } else { &words };
            let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
            screen.line(&format!("  {} {}{}", pad(question.id, 18), question.ask, paint(QUIET, hint)))?;
            screen.line(&paint(QUIET, format_args!("  {:18} default: {}", "", interview.default_of(question))))?;
        }
    }
    screen.note("\nFollow-ups are asked only where an answer calls for them. `--answers FILE` takes them as `answers: { ID: TEXT }`.");
    Ok(Exit::Succeeded)
}

/// Broken at blanks.
pub(super) fn folded(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if crate::render::text::width(line) + 1 + crate::render::text::width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
