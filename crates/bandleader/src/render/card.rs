//! A question as people see it before they choose: options side by side, the recommendation, what silence does, and the time that
//! is left.

use anstyle::Style;
use bandleader_core::plan::{OnSilence, Question};
use bandleader_core::{By, Decision, Millis, Run, Timestamp};

use super::heard;
use super::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use super::text::{clean, pad, width};
use super::words::{brief, clock};
use super::wrap::{hang, in_columns, wrap};

/// Columns of the bar that shows the time.
const BAR: usize = 22;
/// A shorter bar shows nothing.
const LEAST: usize = 8;

/// All of a question, as lines of at most `columns`.
pub(crate) fn card(run: &Run, number: u32, decision: &Decision, now: Timestamp, columns: usize) -> Vec<String> {
    let question = &decision.question;
    let (kind, weight) = (question.kind.name(), question.weight.name());
    let asker = heard::asker(run, &decision.asker);
    let last = if question.irreversible { ", cannot be taken back" } else { "" };
    let about = format!("({}, {kind}, {weight}{last})", clean(&asker));
    let mark = format!("? {number} ");
    let mut lines = asked(&mark, &clean(&question.text), &about, columns);
    let details = question.details.iter().flat_map(|details| details.lines());
    lines.extend(details.flat_map(|line| hang("  ", 2, &clean(line), columns)));
    lines.push(String::new());
    lines.extend(table(question, columns.saturating_sub(2)).into_iter().map(|line| format!("  {line}")));
    for option in &question.options {
        if let Some(details) = &option.details {
            let mark = format!("  {}: ", clean(&option.id));
            lines.extend(hang(&mark, width(&mark), &clean(details), columns));
        }
    }
    lines.push(String::new());
    if let Some(option) = question.recommend.as_deref().and_then(|id| question.option(id)) {
        let name = if option.name == option.id { String::new() } else { format!(", {}", clean(&option.name)) };
        let id = clean(&option.id);
        let mut recommended = hang("  Recommended: ", 15, &format!("{id}{name}"), columns);
        if let Some(first) = recommended.first_mut() {
            *first = first.replacen(&*id, &paint(GOOD, &id), 1);
        }
        lines.extend(recommended);
    }
    lines.push(format!("  {}", outlook(decision, now, columns.saturating_sub(2))));
    lines.extend(late(decision));
    lines
}

/// `? 3 Which one? (the run, general, standard)`, what is said about it below where it does not fit.
pub(super) fn asked(mark: &str, text: &str, about: &str, columns: usize) -> Vec<String> {
    let (painted, indent) = (paint(ALERT, mark), width(mark));
    if indent + width(text) + 1 + width(about) <= columns {
        return vec![format!("{painted}{} {}", paint(STRONG, text), paint(QUIET, about))];
    }
    let text = wrap(text, columns.saturating_sub(indent).max(20), usize::MAX);
    let mut lines: Vec<String> =
        text.into_iter().map(|line| format!("{:indent$}{}", "", paint(STRONG, line))).collect();
    if let Some(first) = lines.first_mut() {
        *first = format!("{painted}{}", first.trim_start_matches(' '));
    }
    let about = wrap(about, columns.saturating_sub(indent).max(20), usize::MAX);
    lines.extend(about.into_iter().map(|line| format!("{:indent$}{}", "", paint(QUIET, line))));
    lines
}

/// What silence does, and when; or how it was decided.
fn outlook(decision: &Decision, now: Timestamp, columns: usize) -> String {
    if decision.taken.is_some() {
        return format!("Decided: {}", heard::taken(decision));
    }
    let question = &decision.question;
    let what = match (question.on_silence, &question.recommend) {
        (OnSilence::Recommend, Some(option)) => format!("Silence takes {}", clean(option)),
        (OnSilence::Recommend | OnSilence::Park, _) => "Silence chooses nothing".into(),
        (OnSilence::Fail, _) => "Silence fails it".into(),
        (OnSilence::Escalate, _) => "Silence tells more people".into(),
    };
    let left = decision.left(now);
    if let (Some(held), true) = (&decision.held, decision.is_held(now)) {
        let who = match &held.by {
            By::Person { name } => clean(name).into_owned(),
            By::Engine => "the engine".into(),
        };
        let left = left.map(|left| format!(", with {} left", clock(left))).unwrap_or_default();
        return format!("{what}; its clock stands still{left}: {who} has it open");
    }
    match left {
        None if decision.escalated.is_some() => {
            paint(ALERT, "Nobody answered in time: it waits, and more people are to be told")
        }
        None => "It waits for an answer; silence changes nothing".into(),
        Some(left) => {
            let style = if decision.warning(now).is_some() { BAD } else { ALERT };
            let (text, clock) = (format!("{what} in "), clock(up(left)));
            let cells = columns.saturating_sub(width(&text) + width(&clock) + 1).min(BAR);
            let bar =
                if cells < LEAST { String::new() } else { format!(" {}", time_bar(decision, left, cells, ALERT)) };
            format!("{text}{}{bar}", paint(style, clock))
        }
    }
}

fn late(decision: &Decision) -> Option<String> {
    let late = decision.late.as_ref()?;
    let By::Person { name } = &late.by else { return None };
    let because = if late.because.is_empty() { String::new() } else { format!(": {}", clean(&late.because)) };
    Some(format!("  Answered later with {} by {}{because}", paint(ALERT, clean(&late.option)), clean(name)))
}

/// Whole seconds, begun ones counted.
fn up(left: Millis) -> Millis {
    Millis(left.0.div_ceil(1_000) * 1_000)
}

/// What is left of the time of a question, as a bar that shrinks; it stands still with the clock.
pub(crate) fn time_bar(decision: &Decision, left: Millis, cells: usize, style: Style) -> String {
    let all = decision.deadline.unwrap_or(decision.opened).since(decision.opened).0.max(left.0).max(1);
    let full = left.0.saturating_mul(u64::try_from(cells).unwrap_or(u64::MAX)).div_ceil(all);
    let full = usize::try_from(full).unwrap_or(cells).min(cells);
    format!("{}{}", paint(style, "█".repeat(full)), paint(QUIET, "░".repeat(cells - full)))
}

/// The options side by side: each further key of any of them is a column.
fn table(question: &Question, columns: usize) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in question.options.iter().flat_map(|option| option.columns.keys()) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let head = std::iter::once("option").chain(names.iter().copied()).map(|name| clean(name).into_owned()).collect();
    let mut rows: Vec<Vec<String>> = vec![head];
    for option in &question.options {
        let is_recommended = question.recommend.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&option.id));
        let mark = if is_recommended { " (recommended)" } else { "" };
        // Neither `A A provider's model` nor `stop stop the run`.
        let name = if option.name == option.id { String::new() } else { format!(": {}", clean(&option.name)) };
        let first = format!("{}{name}{mark}", clean(&option.id));
        let cell = |name: &&str| option.columns.get(*name).map(|value| clean(value).into_owned()).unwrap_or_default();
        rows.push(std::iter::once(first).chain(names.iter().map(cell)).collect());
    }
    let (widths, rows) = in_columns(&rows, columns.saturating_sub(3 * (names.len() + 1) + 1));
    let rule = |left: &str, middle: &str, right: &str| {
        let parts: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        paint(QUIET, format_args!("{left}{}{right}", parts.join(middle)))
    };
    let row = |cells: &Vec<Vec<String>>| {
        let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
        let line = |at: usize| {
            let part = |(cell, wide): (&Vec<String>, &usize)| pad(cell.get(at).map_or("", String::as_str), *wide);
            format!("│ {} │", cells.iter().zip(&widths).map(part).collect::<Vec<_>>().join(" │ "))
        };
        (0..height).map(line).collect::<Vec<String>>()
    };
    // Options of several lines need something between them.
    let is_high = rows.iter().any(|cells| cells.iter().any(|cell| cell.len() > 1));
    let mut lines = vec![rule("┌", "┬", "┐")];
    for (at, cells) in rows.iter().enumerate() {
        if at == 1 || (at > 1 && is_high) {
            lines.push(rule("├", "┼", "┤"));
        }
        lines.extend(row(cells));
    }
    lines.push(rule("└", "┴", "┘"));
    lines
}

/// So much is left: a line of its own.
pub(crate) fn warning(run: &Run, number: u32, decision: &Decision, left: Millis) -> (String, String) {
    let asker = heard::asker(run, &decision.asker);
    let what = match (decision.question.on_silence, &decision.question.recommend) {
        (OnSilence::Recommend, Some(option)) => format!("{} is taken", clean(option)),
        (OnSilence::Fail, _) => "it fails".into(),
        (OnSilence::Escalate, _) => "more people are told".into(),
        _ => "nothing is chosen".into(),
    };
    (clean(&asker).into_owned(), format!("{number}: {} until {what}; band decide {number}", brief(up(left))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use bandleader_core::plan::{Choice, Plan};
    use bandleader_core::{Asker, Held};

    use super::*;

    fn decision(question: Question) -> Decision {
        Decision {
            asker: Asker::Run,
            question,
            opened: Timestamp(0),
            given: None,
            deadline: Some(Timestamp(300_000)),
            held: None,
            stood: Millis(0),
            escalated: None,
            taken: None,
            before: Vec::new(),
            late: None,
        }
    }

    fn question() -> Question {
        let choice = |id: &str, name: &str, cost: &str| Choice {
            id: id.into(),
            name: name.into(),
            columns: BTreeMap::from([("cost".to_owned(), cost.to_owned())]),
            ..Choice::default()
        };
        Question {
            text: "Which one\u{1b}[2J?".into(),
            options: vec![choice("A", "hosted", "$2000"), choice("B", "own", "$500 \u{1b}[31m")],
            recommend: Some("A".into()),
            ..Question::default()
        }
    }

    fn drawn(decision: &Decision, now: u64, columns: usize) -> String {
        let run = Run::new(Arc::new(Plan::default()));
        let lines = card(&run, 3, decision, Timestamp(now), columns);
        anstream::adapter::strip_str(&lines.join("\n")).to_string()
    }

    #[test]
    fn options_stand_side_by_side_with_the_time_that_is_left() {
        let text = drawn(&decision(question()), 73_000, 80);
        let expected = "\
? 3 Which one\\e[2J? (the run, general, standard)

  ┌─────────────────────────┬─────────────┐
  │ option                  │ cost        │
  ├─────────────────────────┼─────────────┤
  │ A: hosted (recommended) │ $2000       │
  │ B: own                  │ $500 \\e[31m │
  └─────────────────────────┴─────────────┘

  Recommended: A, hosted
  Silence takes A in 3:47 █████████████████░░░░░";
        assert_eq!(text, expected);
    }

    #[test]
    fn no_line_is_wider_than_the_window() {
        let mut wide = question();
        wide.options[0].name = "a name that goes on and on and on and on and on".into();
        wide.options[0].details =
            Some("what one should know of it, in more words than fit on one line of anything".into());
        wide.text = "Which one of the two is it that goes on and on and on and on and on, whatever one does?".into();
        for columns in [40, 60, 100] {
            for line in drawn(&decision(wide.clone()), 0, columns).lines() {
                assert!(width(line) <= columns, "{columns}: {line}");
            }
            let whole = drawn(&decision(wide.clone()), 0, columns).replace(['│', '\n'], " ");
            let words: Vec<&str> = whole.split_whitespace().collect();
            assert_eq!(words.iter().filter(|word| **word == "on").count(), 4 + 5 + 1 + 5, "nothing is cut: {whole}");
        }
    }

    #[test]
    fn an_option_that_is_called_by_a_word_says_what_it_means() {
        let mut worded = question();
        (worded.options[1].id, worded.options[1].name) = ("stop".into(), "stop the run".into());
        assert!(drawn(&decision(worded), 0, 80).contains("│ stop: stop the run"));
    }

    #[test]
    fn the_bar_stands_still_with_the_clock() {
        let held = Held { since: Timestamp(0), until: None, left: Some(Millis(150_000)), by: By::Engine };
        let held = Decision { held: Some(held), ..decision(question()) };
        let bar = |now| {
            let left = held.left(Timestamp(now)).unwrap();
            anstream::adapter::strip_str(&time_bar(&held, left, 10, ALERT)).to_string()
        };
        assert_eq!((bar(150_000).as_str(), bar(9_000_000).as_str()), ("█████░░░░░", "█████░░░░░"));
    }

    #[test]
    fn what_silence_does_is_said_for_each_outcome() {
        let outcome = |on_silence| drawn(&decision(Question { on_silence, ..question() }), 0, 80);
        assert!(outcome(OnSilence::Fail).contains("Silence fails it in 5:00"));
        assert!(outcome(OnSilence::Escalate).contains("Silence tells more people in 5:00"));
        let parked = Decision { deadline: None, ..decision(Question { on_silence: OnSilence::Park, ..question() }) };
        assert!(drawn(&parked, 0, 80).contains("silence changes nothing"));
    }
}
