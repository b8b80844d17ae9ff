//! The report as a page of Markdown. Every text that is not ours goes through `view::markdown`.

mod branch;
mod costs;

use std::fmt::Write as _;

use super::{Advice, Failure, Made, RunReport, percent};
use crate::view::markdown::{code, text};
use crate::view::when::{date_and_time, length};
use crate::{Millis, RunState, Verdict};

type Written = std::fmt::Result;

/// Rows of one table; longer ones are cut and say so, the JSON has them all.
const ROWS: usize = 200;

pub(super) fn page(report: &RunReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = whole(report, &mut out);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn whole(report: &RunReport, out: &mut String) -> Written {
    head(report, out)?;
    deliverables(report, out)?;
    branch::branch(report, out)?;
    quality(report, out)?;
    decisions(report, out)?;
    costs::insights(report, out)?;
    agents(report, out)?;
    costs::costs(report, out)?;
    phases(report, out)?;
    critical_path(report, out)?;
    parallel(report, out)?;
    failures(report, out)?;
    skipped(report, out)?;
    advice(out, "Optimization Opportunities", &report.opportunities)?;
    advice(out, "Lessons Learned", &report.lessons)
}

fn head(report: &RunReport, out: &mut String) -> Written {
    let counts = &report.counts;
    writeln!(out, "# Orchestration Report: {}\n", text(&report.mission))?;
    writeln!(out, "- Status: {}", report.state.name().to_uppercase())?;
    writeln!(out, "- Level: {} ({})", report.level, text(&report.level_name))?;
    writeln!(out, "- Started: {}", date_and_time(report.started))?;
    let until = if RunState::ENDED.contains(&report.state.name()) { "Ended" } else { "As of" };
    writeln!(out, "- {until}: {}", date_and_time(report.ended))?;
    writeln!(out, "- Duration: {}", length(report.wall))?;
    let rows = [
        (counts.failed, "failed"),
        (counts.skipped, "skipped"),
        (counts.cancelled, "cancelled"),
        (counts.compensated, "undone"),
        (counts.total - counts.over(), "not over"),
    ];
    let rest: Vec<String> =
        rows.iter().filter(|row| row.0 > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let rest = if rest.is_empty() { String::new() } else { format!(" ({})", rest.join(", ")) };
    writeln!(out, "- Tasks: {} of {} completed{rest}", counts.completed, counts.total)?;
    writeln!(out, "- Plan: {}\n", code(&report.plan))
}

fn deliverables(report: &RunReport, out: &mut String) -> Written {
    let line = |made: &Made| {
        let (what, note) = match made.found {
            None => (text(&made.what), "described, not checked".to_owned()),
            Some(found) if found.files == 0 => (text(&made.what), "not found".to_owned()),
            Some(found) => (code(&made.what), format!("{}, {}", files(found.files), size(found.bytes))),
        };
        let state = if made.proven { "" } else { "; its task is not completed" };
        format!("{what} by {}: {note}{state}", code(&made.task))
    };
    let mut lines: Vec<String> = report.deliverables.iter().map(line).collect();
    lines.extend(report.claims.iter().map(costs::claim));
    list(out, "Final Deliverables", lines.into_iter())
}

fn quality(report: &RunReport, out: &mut String) -> Written {
    let quality = &report.quality;
    writeln!(out, "## Quality Metrics\n")?;
    writeln!(out, "- Gates passed: {} of {}", quality.passed, quality.passed + quality.refused)?;
    let share = percent(quality.first_time.into(), quality.completed.into());
    writeln!(out, "- Completed at the first attempt: {} of {} ({share}%)\n", quality.first_time, quality.completed)?;
    let rows = quality.gates.iter().map(|gate| {
        let verdict = if gate.verdict == Verdict::Passed { "passed" } else { "refused" };
        let cells = [code(&gate.task), text(&gate.gate), verdict.into(), text(&gate.message)];
        [&cells[..], &[gate.refused_before.to_string(), length(gate.took)]].concat()
    });
    table(out, &["Task", "Gate", "Result", "Found", "Refused before", "Time"], rows)
}

fn decisions(report: &RunReport, out: &mut String) -> Written {
    let line = |(at, what): &(crate::Timestamp, String)| format!("{}: {}", date_and_time(*at), text(what));
    list(out, "Decisions", report.decisions.iter().map(line))
}

fn agents(report: &RunReport, out: &mut String) -> Written {
    writeln!(out, "## Agent Performance\n")?;
    let rows = report.agents.iter().map(|row| {
        vec![
            text(&row.agent),
            row.tasks.to_string(),
            row.attempts.to_string(),
            row.success_rate.map_or("n/a".into(), |rate| format!("{rate}%")),
            length(row.average),
            length(row.total),
            length(row.cpu),
            row.quality_score.map_or("n/a".into(), |score| format!("{score}/100")),
        ]
    });
    table(out, &["Agent", "Tasks", "Attempts", "Success Rate", "Avg Time", "Total", "CPU", "Quality Score"], rows)
}

fn phases(report: &RunReport, out: &mut String) -> Written {
    writeln!(out, "## Planned and Actual Time\n")?;
    let rows = report.phases.iter().map(|row| {
        let number = row.number.map(|number| format!("{number}. ")).unwrap_or_default();
        let variance = match row.actual {
            Some(actual) if row.planned.0 > 0 => variance(row.planned, actual),
            _ => "n/a".into(),
        };
        vec![
            format!("{number}{}", text(&row.name)),
            length(row.planned),
            row.actual.map_or("did not start".into(), length),
            variance,
            length(row.work),
            row.status.clone(),
        ]
    });
    table(out, &["Phase", "Planned", "Actual", "Variance", "Work", "Status"], rows)
}

fn variance(planned: Millis, actual: Millis) -> String {
    if actual >= planned {
        format!("+{}%", percent(actual.0 - planned.0, planned.0))
    } else {
        format!("-{}%", percent(planned.0 - actual.0, planned.0))
    }
}

fn critical_path(report: &RunReport, out: &mut String) -> Written {
    writeln!(out, "## Critical Path\n")?;
    let rows = report.critical_path.iter().map(|step| {
        let took = length(step.ended.since(step.started));
        vec![code(&step.task), text(&step.agent), took, length(step.waited), step.attempts.to_string()]
    });
    table(out, &["Task", "Agent", "Time", "Waited before", "Attempts"], rows)
}

fn parallel(report: &RunReport, out: &mut String) -> Written {
    let parallel = &report.parallel;
    writeln!(out, "## Parallel Execution\n")?;
    writeln!(out, "- Work: {} if one after another", length(parallel.work))?;
    writeln!(out, "- Working time: {}", length(parallel.busy))?;
    let share = percent(parallel.saved.0, parallel.work.0);
    writeln!(out, "- Saved by running in parallel: {} ({share}%)", length(parallel.saved))?;
    writeln!(out, "- Peak: {} at once, of {} slots", parallel.peak, parallel.slots)?;
    writeln!(out, "- Only one at work: {}", length(parallel.alone))?;
    writeln!(out, "- Ready tasks waited: {} together\n", length(parallel.waited))
}

fn failures(report: &RunReport, out: &mut String) -> Written {
    let line = |failure: &Failure| {
        let end = if failure.recovered { "a later attempt completed it" } else { "not recovered" };
        format!(
            "{} by **{}**, attempt {}, after {}: {} ({end})",
            code(&failure.task),
            text(&failure.agent),
            failure.attempt,
            length(failure.lost),
            text(&failure.message),
        )
    };
    list(out, "Failures", report.failures.iter().map(line))
}

fn skipped(report: &RunReport, out: &mut String) -> Written {
    if report.skipped.is_empty() {
        return Ok(());
    }
    list(out, "Skipped", report.skipped.iter().map(|(task, why)| format!("{}: {}", code(task), text(why))))
}

fn advice(out: &mut String, title: &str, all: &[Advice]) -> Written {
    writeln!(out, "## {title}\n")?;
    if all.is_empty() {
        writeln!(out, "None that the figures of this run show.")?;
    }
    for (number, advice) in (1..).zip(all) {
        let tasks: Vec<String> = advice.tasks.iter().map(|task| code(task)).collect();
        let tasks = if tasks.is_empty() { String::new() } else { format!(" ({})", tasks.join(", ")) };
        writeln!(out, "{number}. {}{tasks}", advice.text)?;
    }
    writeln!(out)
}

fn list(out: &mut String, title: &str, lines: impl ExactSizeIterator<Item = String>) -> Written {
    writeln!(out, "## {title}\n")?;
    let more = lines.len().saturating_sub(ROWS);
    if lines.len() == 0 {
        writeln!(out, "- None")?;
    }
    for line in lines.take(ROWS) {
        writeln!(out, "- {line}")?;
    }
    if more > 0 {
        writeln!(out, "- and {more} more")?;
    }
    writeln!(out)
}

fn table(out: &mut String, heads: &[&str], rows: impl ExactSizeIterator<Item = Vec<String>>) -> Written {
    let more = rows.len().saturating_sub(ROWS);
    if rows.len() == 0 {
        return Ok(());
    }
    writeln!(out, "| {} |", heads.join(" | "))?;
    writeln!(out, "|{}", "---|".repeat(heads.len()))?;
    for row in rows.take(ROWS) {
        writeln!(out, "| {} |", row.join(" | "))?;
    }
    if more > 0 {
        writeln!(out, "\nand {more} more")?;
    }
    writeln!(out)
}

fn files(count: u32) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}
