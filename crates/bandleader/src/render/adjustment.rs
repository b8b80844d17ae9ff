//! What a change of a run would bring about, as people read it before they say yes.

use bandleader_core::Millis;
use bandleader_core::view::{Adjustment, BroughtBack, Moved, Span, Why, Without};

use super::style::{ALERT, QUIET, STRONG, paint};
use super::text::clean;
use super::words::brief;

/// Tasks named one by one at most.
const NAMED: usize = 20;

/// All of it, as lines.
pub(crate) fn lines(seen: &Adjustment) -> Vec<String> {
    let mut lines = Vec::new();
    let again = seen.reopens.then(|| "it has ended, and is taken up again".to_owned());
    section(&mut lines, "The run", again.into_iter().collect());
    if let Some((was, is)) = seen.level {
        let mut inner = vec![format!("{is} instead of {was}: the quality bar of agents, and the time to answer")];
        inner.extend(seen.mode.map(|(was, is)| format!("mode {} instead of {}", is.name(), was.name())));
        let where_said = "of what has not started, where the plan says none";
        inner.extend(seen.retries.map(|(was, is)| format!("retries {is} instead of {was}, {where_said}")));
        section(&mut lines, "Level", inner);
    }
    for (why, title) in
        [(Why::Asked, "Left out"), (Why::Level, "Not part of that level"), (Why::Follows, "Skipped with it")]
    {
        let tasks = seen.skipped.iter().filter(|one| one.why == why);
        section(&mut lines, title, tasks.map(|one| format!("- {}", clean(&one.task))).collect());
    }
    for (is_checked, title) in [(true, "Gates of that level"), (false, "Gates that are no part of that level")] {
        let gates = seen.gates.iter().filter(|one| one.checked == is_checked);
        section(&mut lines, title, gates.map(|one| format!("{}: {}", clean(&one.task), clean(&one.gate))).collect());
    }
    for (why, title) in [(Why::Asked, "Done after all"), (Why::Level, "Part of that level")] {
        let tasks = seen.back.iter().filter(|one| one.why == why);
        section(&mut lines, title, tasks.map(back).collect());
    }
    let unknown = seen.not_added.iter().map(|task| format!("{} (what it would do was not kept)", clean(task)));
    section(&mut lines, "Of that level, but not in this run", unknown.collect());
    section(&mut lines, "Go on without it", seen.without.iter().map(without).collect());
    section(&mut lines, "In another place", seen.moved.iter().map(moved).collect());
    let parallel = seen.parallel.map(|(was, is)| format!("{is} at once instead of {was}"));
    let limits =
        seen.limits.iter().map(|one| format!("{}: {} instead of {}", clean(&one.of), clean(&one.to), clean(&one.from)));
    section(&mut lines, "Limits", parallel.into_iter().chain(limits).collect());
    let told = seen.told.iter().map(|one| format!("{}: {}", clean(&one.task), clean(&one.text)));
    section(&mut lines, "Told", told.collect());
    section(&mut lines, "Start at once", seen.starts.iter().map(|task| clean(task).into_owned()).collect());
    let (now, then) = seen.remaining;
    let change = if now == then { "as before".to_owned() } else { format!("instead of {}", span(now)) };
    lines.push(format!("{} {}, {change}", paint(STRONG, "Still to come:"), span(then)));
    lines
}

fn section(lines: &mut Vec<String>, title: &str, inner: Vec<String>) {
    if inner.is_empty() {
        return;
    }
    let more = inner.len().saturating_sub(NAMED);
    lines.push(paint(STRONG, title));
    lines.extend(inner.into_iter().take(NAMED).map(|line| format!("  {line}")));
    if more > 0 {
        lines.push(paint(QUIET, format_args!("  and {more} more")));
    }
}

fn without(one: &Without) -> String {
    let needs: Vec<_> = one.needs.iter().map(|need| clean(need)).collect();
    let warning = if one.reads_it { paint(ALERT, "  its texts look at that: it may fail") } else { String::new() };
    format!("{} without {}{warning}", clean(&one.task), needs.join(", "))
}

fn back(one: &BroughtBack) -> String {
    let waits = some("  still waits for", &one.waits_for);
    format!("+ {}{waits}{}", clean(&one.task), some("  not done anew for it:", &one.gone_on))
}

fn moved(one: &Moved) -> String {
    let waits = some("  still waits for", &one.waits_for);
    format!("{} is number {} instead of {}{waits}", clean(&one.task), one.to, one.from)
}

/// The first of them behind these words; nothing where there are none.
fn some(words: &str, tasks: &[String]) -> String {
    let named: Vec<_> = tasks.iter().take(3).map(|task| clean(task)).collect();
    match tasks.len().saturating_sub(named.len()) {
        0 if named.is_empty() => String::new(),
        0 => paint(QUIET, format_args!("{words} {}", named.join(", "))),
        more => paint(QUIET, format_args!("{words} {} and {more} more", named.join(", "))),
    }
}

fn span(span: Span) -> String {
    if span.least == span.most || span.most == Millis(0) {
        return brief(span.least);
    }
    format!("{} to {}", brief(span.least), brief(span.most))
}
