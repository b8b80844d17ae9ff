//! An open question in full: what is compared, what is recommended, how much time is left, what silence does.

use std::collections::BTreeSet;

use bandleader_core::plan::{Choice, OnSilence, Question};
use bandleader_core::{Decision, Millis};
use ratatui::layout::Rect;

use super::{Sight, marks};
use crate::render::heard;
use crate::render::style::{ACTIVE, ALERT, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, pad, width};
use crate::render::words::clock;
use crate::render::wrap::wrap;
use crate::watch::page::Page;
use crate::watch::state::Dialog;

/// The widest cell of the table.
const CELL: usize = 24;

/// Draws it over the pane.
pub(super) fn draw(sight: &Sight<'_>, dialog: &Dialog, page: &mut Page<'_>, area: Rect) {
    let run = sight.scene.run;
    let Some(decision) = run.decisions().get(&dialog.number) else { return };
    let columns = usize::from(area.width).saturating_sub(2).min(110);
    let foot = foot(sight, dialog, decision, columns);
    let room = usize::from(area.height).saturating_sub(foot.len() + 1);
    let mut lines = head(sight, dialog, decision, columns);
    let left = room.saturating_sub(lines.len());
    lines.extend(options(dialog, &decision.question, columns, left));
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

/// The table of options, and the details of the chosen one.
fn options(dialog: &Dialog, question: &Question, columns: usize, room: usize) -> Vec<String> {
    let names: Vec<&str> =
        question.options.iter().flat_map(|option| option.columns.keys()).map(String::as_str).collect();
    let names: BTreeSet<&str> = names.into_iter().collect();
    let ids = widest(question.options.iter().map(|option| option.id.as_str()), 8).max(2);
    let titles = widest(question.options.iter().map(|option| option.name.as_str()), columns / 2).max(4);
    let of = |name: &str| {
        let cells = question.options.iter().filter_map(|option| option.columns.get(name)).map(String::as_str);
        widest(cells.chain([name]), CELL)
    };
    let cells: Vec<(&str, usize)> = names.into_iter().map(|name| (name, of(name))).collect();
    let mut heading = format!("  {}  {}", pad("", ids), pad("OPTION", titles + 2));
    for (name, wide) in &cells {
        heading.push_str("  ");
        heading.push_str(&pad(&clean(name).to_uppercase(), *wide));
    }
    let mut lines = vec![paint(QUIET, fit(&heading, columns))];
    // The chosen option stays in sight.
    let shown = room.saturating_sub(4).max(1);
    let first = (dialog.option + 1).saturating_sub(shown);
    for (at, option) in question.options.iter().enumerate().skip(first).take(shown) {
        let text = row(option, question, &cells, [ids, titles, columns]);
        let is_chosen = at == dialog.option;
        lines.push(if is_chosen {
            format!("{} {}", paint(ACTIVE, "▸"), paint(STRONG, text))
        } else {
            format!("  {text}")
        });
    }
    let details = question.options.get(dialog.option).and_then(|option| option.details.as_deref());
    let left = room.saturating_sub(lines.len() + 1);
    if let Some(details) = details.filter(|_| left > 0) {
        lines.push(String::new());
        let details = wrap(&crate::render::text::clean_lines(details), columns.saturating_sub(4), left.min(8));
        lines.extend(details.into_iter().map(|line| format!("    {}", paint(QUIET, line))));
    }
    lines
}

/// `B   Server-sent events ★  1 day   low`
fn row(option: &Choice, question: &Question, cells: &[(&str, usize)], [ids, titles, columns]: [usize; 3]) -> String {
    let is_recommended = question.recommend.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&option.id));
    let star = if is_recommended { "★" } else { " " };
    let name = fit(&clean(&option.name), titles).into_owned();
    let mut text = format!("{}  {}", pad(&clean(&option.id), ids), pad(&format!("{name} {star}"), titles + 2));
    for (name, wide) in cells {
        text.push_str("  ");
        text.push_str(&pad(&clean(option.columns.get(*name).map_or("", String::as_str)), *wide));
    }
    let text = fit(&text, columns.saturating_sub(2)).into_owned();
    text.trim_end().to_owned()
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>, most: usize) -> usize {
    texts.map(|text| width(&clean(text))).max().unwrap_or_default().min(most)
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
    let now = sight.scene.now;
    let Some(left) = decision.left(now) else {
        return paint(ALERT, "It waits until somebody answers.");
    };
    let all = now.since(decision.opened).0 + left.0;
    let cells = usize::try_from(left.0.saturating_mul(20).div_ceil(all.max(1))).unwrap_or(20).min(20);
    let left = clock(Millis(left.0.div_ceil(1_000) * 1_000));
    // Nobody is hurried by a clock that waits for them.
    let when = if decision.is_held(now) { format!("{left} after you leave this") } else { format!("in {left}") };
    let bar = format!("{}{}", paint(ALERT, "█".repeat(cells)), paint(QUIET, "░".repeat(20 - cells)));
    format!("{} {bar}", paint(ALERT, format_args!("If nobody answers, {what} {when} ")))
}
