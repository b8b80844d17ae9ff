//! What a change of a run would bring about, as people read it before they say yes.

use bandleader_core::Millis;
use bandleader_core::view::{Adjustment, Moved, Span, Why, Without};

use super::style::{ALERT, QUIET, STRONG, paint};
use super::text::clean;
use super::words::brief;

/// Tasks named one by one at most.
const NAMED: usize = 20;

/// All of it, as lines.
pub(crate) fn lines(seen: &Adjustment) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((was, is)) = seen.level {
        section(
            &mut lines,
            "Level",
            vec![format!("{is} instead of {was}: the quality bar of agents, and the time to answer")],
        );
    }
    for (why, title) in
        [(Why::Asked, "Left out"), (Why::Level, "Not part of that level"), (Why::Follows, "Skipped with it")]
    {
        let tasks = seen.skipped.iter().filter(|one| one.why == why);
        section(&mut lines, title, tasks.map(|one| format!("- {}", clean(&one.task))).collect());
    }
    let added = seen.not_added.iter().map(|task| format!("{} (another level has left it out)", clean(task)));
    section(&mut lines, "Of that level, but not in this run", added.collect());
    section(&mut lines, "Go on without it", seen.without.iter().map(without).collect());
    section(&mut lines, "In another place", seen.moved.iter().map(moved).collect());
    let limits =
        seen.limits.iter().map(|one| format!("{}: {} instead of {}", clean(&one.of), clean(&one.to), clean(&one.from)));
    section(&mut lines, "Limits", limits.collect());
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

fn moved(one: &Moved) -> String {
    let waits = match one.waits_for.as_slice() {
        [] => String::new(),
        needs => {
            let some: Vec<_> = needs.iter().take(3).map(|need| clean(need)).collect();
            let more = needs.len().saturating_sub(some.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            paint(QUIET, format_args!("  still waits for {}{more}", some.join(", ")))
        }
    };
    format!("{} is number {} instead of {}{waits}", clean(&one.task), one.to, one.from)
}

fn span(span: Span) -> String {
    if span.least == span.most || span.most == Millis(0) {
        return brief(span.least);
    }
    format!("{} to {}", brief(span.least), brief(span.most))
}
