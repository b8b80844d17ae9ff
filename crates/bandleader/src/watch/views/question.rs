//! An open question in full: what is compared, what is recommended, how much time is left, what silence does.

use std::collections::BTreeSet;

use bandleader_core::plan::{OnSilence, Question};
use bandleader_core::{Decision, Millis};
use ratatui::layout::Rect;

use super::{Sight, marks};
use crate::render::card::time_bar;
use crate::render::live::Presence;
use crate::render::style::{ACTIVE, ALERT, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, pad, width};
use crate::render::words::clock;
use crate::render::wrap::{in_columns, wrap};
use crate::render::{check_in, heard};
use crate::watch::page::Page;
use crate::watch::state::Dialog;

/// Draws it over the pane.
pub(super) fn draw(sight: &Sight<'_>, dialog: &Dialog, page: &mut Page<'_>, area: Rect) {
    let run = sight.scene.run;
    let Some(decision) = run.decisions().get(&dialog.number) else { return };
    let columns = usize::from(area.width).saturating_sub(2).min(110);
    let foot = foot(sight, dialog, decision, columns);
    let room = usize::from(area.height).saturating_sub(foot.len() + 1);
    let mut lines = head(sight, dialog, decision, columns);
    // Why it is asked stands before what can be said, and leaves room for that.
    lines.extend(details(&decision.question, columns, if room >= 26 { 8 } else { 3 }));
    let left = room.saturating_sub(lines.len());
    let options = options(dialog, &decision.question, columns, left);
    lines.extend(summary(dialog, columns, left.saturating_sub(options.len() + 1)));
    lines.extend(options);
    lines.truncate(room);
    lines.push(String::new());
    lines.extend(foot);
    let lines: Vec<String> = lines.into_iter().map(|line| format!(" {line}")).collect();
    page.lines(area, &lines);
}

fn head(sight: &Sight<'_>, dialog: &Dialog, decision: &Decision, columns: usize) -> Vec<String> {
    let question = &decision.question;
    let text = wrap(&clean(&question.text), columns.saturating_sub(5), 3);
    let mut lines: Vec<String> = Vec::new();
    for (at, line) in text.iter().enumerate() {
        let number = if at == 0 { format!("? {:<3}", dialog.number) } else { "     ".into() };
        lines.push(format!("{}{}", paint(ALERT, number), paint(STRONG, line)));
    }
    let kind = format!("{:?}", question.kind).to_lowercase();
    let kind = if kind == "apidesign" { "api-design".to_owned() } else { kind };
    let weight = format!("{:?}", question.weight).to_lowercase();
    let mut facts = vec![format!("asked by {}", clean(&heard::asker(sight.scene.run, &decision.asker)))];
    facts.push(format!("{} ago", marks::short(sight.scene.now.since(decision.opened))));
    facts.push(format!("{kind}, {weight}"));
    if question.irreversible {
        facts.push("cannot be taken back".into());
    }
    lines.push(paint(QUIET, format_args!("     {}", fit(&facts.join(" · "), columns.saturating_sub(5)))));
    lines.push(String::new());
    lines
}

/// What there is to know about it.
fn details(question: &Question, columns: usize, most: usize) -> Vec<String> {
    let Some(text) = question.details.as_deref().filter(|text| !text.trim().is_empty()) else { return Vec::new() };
    let lines = wrap(&crate::render::text::clean_lines(text), columns.saturating_sub(5), most);
    lines.into_iter().map(|line| format!("     {line}")).chain([String::new()]).collect()
}

/// What a check-in tells, as much of it as there is room for.
fn summary(dialog: &Dialog, columns: usize, room: usize) -> Vec<String> {
    let Some(summary) = dialog.summary.as_ref().filter(|_| room > 1) else { return Vec::new() };
    // The question says already what it is about.
    let all: Vec<String> = check_in::lines(summary, columns).split_off(1);
    let mut lines: Vec<String> = if all.len() <= room {
        all
    } else {
        let top = dialog.top.min(all.len() - (room - 1));
        let mut shown: Vec<String> = all.iter().skip(top).take(room - 1).cloned().collect();
        let (first, last) = (top + 1, top + shown.len());
        shown.push(paint(QUIET, format_args!("lines {first} to {last} of {}: PgUp, PgDn", all.len())));
        shown
    };
    lines.push(String::new());
    lines
}

/// The table of options, and the details of the chosen one.
fn options(dialog: &Dialog, question: &Question, columns: usize, room: usize) -> Vec<String> {
    let names: BTreeSet<&str> =
        question.options.iter().flat_map(|option| option.columns.keys()).map(String::as_str).collect();
    let ids = question.options.iter().map(|option| width(&clean(&option.id))).max().unwrap_or_default().clamp(2, 8);
    let head = std::iter::once("option").chain(names.iter().copied()).map(|name| clean(name).to_uppercase()).collect();
    let mut cells: Vec<Vec<String>> = vec![head];
    for option in &question.options {
        let is_recommended = question.recommend.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&option.id));
        let star = if is_recommended { " ★" } else { "" };
        let facts = names.iter().map(|name| clean(option.columns.get(*name).map_or("", String::as_str)).into_owned());
        cells.push(std::iter::once(format!("{}{star}", clean(&option.name))).chain(facts).collect());
    }
    let (widths, rows) = in_columns(&cells, columns.saturating_sub(4 + ids + 2 * names.len()));
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row_lines(row, &widths)).collect();
    let mut lines: Vec<String> = Vec::new();
    // One column needs no heading.
    let heading = rows.first().filter(|_| !names.is_empty()).into_iter().flatten();
    lines.extend(heading.map(|line| paint(QUIET, fit(&format!("  {}  {line}", pad("", ids)), columns))));
    // The chosen option stays in sight.
    let details = question.options.get(dialog.option).and_then(|option| option.details.as_deref());
    let shown = room.saturating_sub(lines.len() + if details.is_some() { 3 } else { 0 }).max(1);
    let height = |from: usize| rows.iter().skip(1 + from).take(dialog.option + 1 - from).map(Vec::len).sum::<usize>();
    let first = (0..=dialog.option).find(|first| height(*first) <= shown).unwrap_or(dialog.option);
    for (at, (option, row)) in question.options.iter().zip(rows.iter().skip(1)).enumerate().skip(first) {
        if lines.len() + row.len() > room && at > dialog.option {
            break;
        }
        for (part, line) in row.iter().enumerate() {
            let id = if part == 0 { clean(&option.id).into_owned() } else { String::new() };
            let text = fit(&format!("{}  {line}", pad(&id, ids)), columns.saturating_sub(2)).into_owned();
            lines.push(match (at == dialog.option, part) {
                (true, 0) => format!("{} {}", paint(ACTIVE, "▸"), paint(STRONG, text)),
                (true, _) => format!("  {}", paint(STRONG, text)),
                (false, _) => format!("  {text}"),
            });
        }
    }
    let left = room.saturating_sub(lines.len() + 1);
    if let Some(details) = details.filter(|_| left > 0) {
        lines.push(String::new());
        let details = wrap(&crate::render::text::clean_lines(details), columns.saturating_sub(4), left.min(8));
        lines.extend(details.into_iter().map(|line| format!("    {}", paint(QUIET, line))));
    }
    lines
}

/// The cells of one option beside each other, two blanks between them.
fn row_lines(cells: &[Vec<String>], widths: &[usize]) -> Vec<String> {
    let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let line = |at: usize| {
        let part = |(cell, wide): (&Vec<String>, &usize)| pad(cell.get(at).map_or("", String::as_str), *wide);
        let parts: Vec<String> = cells.iter().zip(widths).map(part).collect();
        parts.join("  ").trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// What silence does and when, the reason so far, what Enter does.
fn foot(sight: &Sight<'_>, dialog: &Dialog, decision: &Decision, columns: usize) -> Vec<String> {
    let question = &decision.question;
    let mut lines = Vec::new();
    if question.recommend.is_some() {
        let name = question.recommend.as_deref().and_then(|id| question.option(id)).map_or("", |option| &option.name);
        lines.push(format!("{} {} is recommended", paint(GOOD, "★"), clean(name)));
    }
    if decision.taken.is_some() {
        lines.push(paint(ALERT, fit(&format!("It is over: {}", heard::taken(decision)), columns)));
        lines.push(paint(QUIET, "[Esc] back"));
        return lines;
    }
    lines.push(silence(sight, decision));
    if !dialog.because.is_empty() {
        lines.push(format!("{}{}", paint(QUIET, "because: "), fit(&clean(&dialog.because), columns.saturating_sub(9))));
    }
    let chosen = question.options.get(dialog.option).map_or("", |option| &option.id);
    let chosen = clean(chosen);
    lines.push(if dialog.warned {
        paint(ALERT, format_args!("{chosen} cannot be taken back. Enter again answers {chosen}."))
    } else {
        paint(STRONG, format_args!("Enter answers {chosen}."))
    });
    lines
}

/// `If nobody answers, B is taken in 2:34  ██████░░░░`, or `… 2:34 after you leave this` while its clock is held.
fn silence(sight: &Sight<'_>, decision: &Decision) -> String {
    let question = &decision.question;
    let what = match (question.on_silence, question.recommend.as_deref().filter(|_| !question.irreversible)) {
        (OnSilence::Recommend, Some(option)) => format!("{} is taken", clean(option)),
        (OnSilence::Recommend | OnSilence::Park, _) => "what depends on it waits".into(),
        (OnSilence::Fail, _) => "whoever asked fails".into(),
        (OnSilence::Escalate, _) => "others are told, and it stays open".into(),
    };
    let now = sight.scene.asking_now();
    let Some(left) = decision.left(now) else {
        return paint(ALERT, "It waits until somebody answers.");
    };
    let bar = time_bar(decision, left, 20, ALERT);
    let left = clock(Millis(left.0.div_ceil(1_000) * 1_000));
    // Nobody is hurried by a clock that waits for them.
    let when = if sight.scene.engine == Presence::Gone {
        format!("{left} after the run goes on")
    } else if decision.is_held(now) {
        format!("{left} after you leave this")
    } else {
        format!("in {left}")
    };
    format!("{} {bar}", paint(ALERT, format_args!("If nobody answers, {what} {when} ")))
}
