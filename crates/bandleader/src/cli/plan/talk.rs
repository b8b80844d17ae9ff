//! The interview at a terminal, or over a pipe: shows what the core asks and hands in what is typed. Writes to stderr only.

use std::io::{self, BufRead as _, IsTerminal as _};

use bandleader_core::interview::{Brief, Chosen, Form, Given, Interview, Question};

use super::draft::Draft;
use super::interrupts::{Came, Interrupts};
use super::lists::folded;
use crate::error::{Exit, Failure};
use crate::render::screen::Screen;
use crate::render::style::{ACTIVE, ALERT, QUIET, STRONG, paint};
use crate::render::text::{clean, pad, width};
use crate::render::wrap::hang;

/// What is typed.
pub(super) enum Line {
    /// A line, without its end and the blanks around it.
    Typed(String),
    /// There will be no more.
    End,
}

/// Reads one line.
///
/// # Errors
/// Somebody wants to leave, by Ctrl-C or by closing the terminal; or it cannot be read.
pub(super) fn line(prompt: &str, screen: &mut Screen) -> Result<Line, Failure> {
    screen.prompt(prompt);
    let broken = |error: io::Error| Failure::usage(format!("cannot read the answer: {error}"));
    // A terminal gives a line at a time, so that nothing waits in a buffer where a poll does not see it.
    let came = listen()?.map_or(Ok(Came::Input), |heard| heard.or_input());
    if came.map_err(broken)? == Came::Signal {
        screen.note("");
        return Err(Failure::said(Exit::Cancelled));
    }
    let mut text = Vec::new();
    let read = io::stdin().lock().read_until(b'\n', &mut text).map_err(broken)?;
    if read == 0 {
        screen.note("");
        return if is_hung_up() { Err(Failure::said(Exit::Cancelled)) } else { Ok(Line::End) };
    }
    Ok(Line::Typed(String::from_utf8_lossy(&text).trim().to_owned()))
}

/// Whether the terminal that we read from is gone. Its input ends as with Ctrl-D then, perhaps before the signal comes that says so, and
/// nobody meant "take the rest as it stands".
fn is_hung_up() -> bool {
    rustix::termios::tcgetattr(io::stdin()).is_err_and(|error| error == rustix::io::Errno::IO)
}

/// From now on Ctrl-C and the like end what asks ([`line()`]), not the process. Only a terminal has them; a script ends as ever.
pub(super) fn listen() -> Result<Option<Interrupts>, Failure> {
    let watch = io::stdin().is_terminal().then(Interrupts::watch).transpose();
    watch.map_err(|error| Failure::internal(format!("cannot listen to signals: {error}")))
}

/// Asks what the person wants at all.
pub(super) fn request(screen: &mut Screen) -> Result<String, Failure> {
    screen.note(&paint(STRONG, "What do you want?"));
    Ok(match line("> ", screen)? {
        Line::Typed(text) => text,
        Line::End => String::new(),
    })
}

/// Asks for the level.
pub(super) fn level(screen: &mut Screen) -> Result<u8, Failure> {
    screen.note(&paint(STRONG, "How finished must it be?"));
    screen.note("  1 prototype · 2 beta · 3 first production · 4 production · 5 enterprise");
    screen.note(&paint(QUIET, "  default: 3"));
    loop {
        match line("> ", screen)? {
            Line::End => return Ok(3),
            Line::Typed(text) if text.is_empty() => return Ok(3),
            Line::Typed(text) => match text.parse() {
                Ok(level @ 1..=5) => return Ok(level),
                _ => screen.note(&format!("{} a level is a number from 1 to 5", paint(ALERT, "!"))),
            },
        }
    }
}

/// Asks everything that is open, and keeps each answer before the next question.
pub(super) fn interview(
    request: &str,
    mut interview: Interview,
    chosen: &Chosen,
    draft: &mut Draft,
    screen: &mut Screen,
) -> Result<Brief, Failure> {
    // Also between two questions: whoever leaves is told where the answers are.
    let _heard = listen()?;
    let kind = chosen.kind;
    screen.note("");
    let mark = format!("{}: ", paint(STRONG, kind.name()));
    for line in hang(&mark, 2, &format!("{}, {}", kind.about(), clean(&chosen.why())), screen.width()) {
        screen.note(&line);
    }
    screen.note(&paint(QUIET, "Enter takes the default · < goes one back · Ctrl-D: defaults for the rest"));
    let mut part = None;
    // What was said to questions that the person came back to.
    let mut earlier = Given::new();
    while let Some(question) = interview.next() {
        screen.note("");
        if part != Some(question.part) {
            part = Some(question.part);
            screen.note(&paint(STRONG, question.part.title()));
        }
        show(&interview, question, earlier.get(question.id), screen);
        let text = match line(&paint(ACTIVE, "> "), screen)? {
            Line::End => break,
            Line::Typed(text) => text,
        };
        match text.as_str() {
            "<" => match interview.back() {
                Some((question, said)) => {
                    part = None;
                    earlier.extend(said.map(|said| (question.id.to_owned(), said)));
                }
                None => screen.note(&paint(QUIET, "this is the first question")),
            },
            text => {
                let kept = earlier.get(question.id).filter(|_| text.is_empty());
                match interview.answer(kept.map_or(text, String::as_str)) {
                    Ok(()) => draft.keep(request, &interview, &earlier, screen),
                    Err(wrong) => screen.note(&format!("{} {}", paint(ALERT, "!"), clean(&wrong.message))),
                }
            }
        }
    }
    screen.note("");
    Ok(interview.finish())
}

fn show(interview: &Interview, question: &Question, earlier: Option<&String>, screen: &mut Screen) {
    let (asked, open) = interview.progress();
    let place = format!("{}/{}", asked + 1, asked + open);
    let hint = if question.hint.is_empty() { String::new() } else { format!("  ({})", question.hint) };
    let room = screen.width().saturating_sub(place.len() + 1);
    let on_one_line = width(question.ask) + width(&hint) <= room;
    let (first, second) = if on_one_line { (hint.as_str(), "") } else { ("", hint.trim_start()) };
    screen.note(&format!("{} {}{}", paint(QUIET, &place), question.ask, paint(QUIET, first)));
    if !second.is_empty() {
        screen.note(&paint(QUIET, format_args!("  {second}")));
    }
    if let Form::Choice(words) = question.form {
        let wide = words.iter().map(|(word, _)| width(word)).max().unwrap_or_default();
        for (number, (word, meaning)) in words.iter().enumerate() {
            screen.note(&format!("  {} {}{}", number + 1, pad(word, wide), paint(QUIET, format_args!("  {meaning}"))));
        }
    }
    let default = match earlier {
        Some(said) => format!("Enter keeps: {}", clean(said)),
        None => format!("default: {}", clean(&interview.default_of(question))),
    };
    for line in folded(&default, screen.width().saturating_sub(2)).iter().take(3) {
        screen.note(&paint(QUIET, format_args!("  {line}")));
    }
}
