//! What is chosen, in full: beside the list where the window is wide.

use bandleader_core::plan::Work;
use bandleader_core::view::check_in::filled_in;
use bandleader_core::{Run, TaskId, Verdict};
use bandleader_engine::agent::event::TodoState;
use ratatui::layout::Rect;

use super::log::mark;
use super::{Sight, marks};
use crate::render::heard;
use crate::render::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, clean_lines, clip, fit, pad};
use crate::render::words::{clock, within_phase};
use crate::render::wrap::wrap;
use crate::watch::page::Page;
use crate::watch::state::{Item, LogLine};

/// Draws it.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect) {
    let (columns, height) = (usize::from(area.width), usize::from(area.height));
    let lines = match sight.state.cursor {
        None => vec![paint(QUIET, "Choose a row to see more of it.")],
        Some(Item::Decision(number)) => decision(sight, number, columns),
        Some(Item::Agent(index)) => agent(sight.scene.run, index, columns),
        Some(Item::Task(id)) => {
            let mut lines = task(sight, id, columns);
            lines.truncate(height.saturating_sub(4));
            let room = height.saturating_sub(lines.len() + 2);
            lines.extend(printed(sight, id, columns, room));
            lines
        }
    };
    page.lines(area, &lines);
}

fn decision(sight: &Sight<'_>, number: u32, columns: usize) -> Vec<String> {
    let run = sight.scene.run;
    let Some(decision) = run.decisions().get(&number) else { return Vec::new() };
    let mut lines: Vec<String> = heard::question(run, number, decision, sight.scene.asking_now(), columns);
    lines.push(String::new());
    let last = if decision.taken.is_some() { heard::taken(decision) } else { "[d]ecide".into() };
    lines.push(paint(ALERT, last));
    lines.into_iter().map(|line| clip(&line, columns)).collect()
}

fn agent(run: &Run, index: usize, columns: usize) -> Vec<String> {
    let Some(name) = run.plan().agents.keys().nth(index) else { return Vec::new() };
    let mut lines = vec![paint(STRONG, fit(&clean(name), columns)), String::new()];
    for id in run.plan().ids().filter(|id| run.agent_of(*id) == Some(name)) {
        let (_, word, style) = marks::state(run, id);
        let path = fit(&clean(&run.plan().task(id).path), columns.saturating_sub(14)).into_owned();
        lines.push(format!("{} {}  {path}", marks::sign(run, id), paint(style, pad(word, 9))));
    }
    lines
}

fn task(sight: &Sight<'_>, id: TaskId, columns: usize) -> Vec<String> {
    let (scene, run) = (sight.scene, sight.scene.run);
    let (task, now) = (run.plan().task(id), run.task(id));
    let (_, word, style) = marks::state(run, id);
    let mut lines =
        vec![format!("{}  {}", paint(STRONG, fit(&clean(&task.path), columns.saturating_sub(12))), paint(style, word))];
    if let Some(title) = &task.title {
        lines.push(paint(QUIET, fit(&clean(title), columns)));
    }
    lines.push(String::new());
    let fact = |name: &str, value: String| {
        format!("{}{}", paint(QUIET, pad(name, 10)), fit(&value, columns.saturating_sub(10)))
    };
    lines.push(fact("by", marks::doer(run, id)));
    let estimate = task.estimate.map(|length| format!(" of ~{}", marks::short(length))).unwrap_or_default();
    if let Some(took) = marks::took(scene, id) {
        let tries = if now.attempts > 1 { format!(", try {}", now.attempts) } else { String::new() };
        lines.push(fact("time", format!("{}{estimate}{tries}", clock(took))));
    } else if !estimate.is_empty() {
        lines.push(fact("time", estimate.trim_start_matches(" of ").to_owned()));
    }
    let cost = marks::cost(scene, id);
    if !cost.is_empty() {
        lines.push(fact("cost", cost));
    }
    if !task.needs.is_empty() {
        let needs: Vec<String> = task.needs.iter().take(12).map(|need| within_phase(run.plan(), *need)).collect();
        lines.push(fact("needs", needs.join(", ")));
    }
    for (gate, result) in task.gates.iter().zip(&now.past().gates) {
        let sign = if result.verdict == Verdict::Passed { paint(GOOD, "✓") } else { paint(BAD, "✗") };
        let text = format!("{} {}", clean(&gate.name), clean(&result.message));
        lines.push(format!("{}{sign} {}", paint(QUIET, pad("gate", 10)), fit(&text, columns.saturating_sub(12))));
    }
    if let Some(failure) = &now.past().failure {
        let words = wrap(&clean(&failure.1), columns.saturating_sub(10), 3);
        lines.extend(words.into_iter().map(|line| format!("{}{}", paint(QUIET, pad("failed", 10)), paint(BAD, line))));
    }
    for blocker in run.blockers().iter().filter(|blocker| blocker.attempt.task == id) {
        let words = wrap(&clean(&blocker.text), columns.saturating_sub(10), 2);
        lines.extend(
            words.into_iter().map(|line| format!("{}{}", paint(QUIET, pad("blocker", 10)), paint(ALERT, line))),
        );
    }
    lines.extend(activity(sight, id, columns));
    if let Some(words) = instruction(run, id) {
        lines.push(String::new());
        let words = wrap(&clean_lines(&words), columns, 5);
        lines.extend(words.into_iter().map(|line| paint(QUIET, line)));
    }
    lines
}

/// What it does now, and its own list.
fn activity(sight: &Sight<'_>, id: TaskId, columns: usize) -> Vec<String> {
    let Some(activity) = sight.scene.activities.get(&id) else { return Vec::new() };
    let room = columns.saturating_sub(10);
    let mut lines = Vec::new();
    let doing = heard::doing(activity, sight.scene.now);
    if !doing.is_empty() {
        lines.push(format!("{}{}", paint(QUIET, pad("now", 10)), paint(ACTIVE, fit(&doing, room))));
    }
    for item in activity.todo.iter().take(8) {
        let sign = if item.state == TodoState::Done { "✓" } else { "·" };
        let text = format!("{sign} {}", clean(&item.text));
        lines.push(format!("{:10}{}", "", paint(QUIET, fit(&text, room))));
    }
    lines
}

/// What it is asked to do.
fn instruction(run: &Run, id: TaskId) -> Option<String> {
    match &run.plan().task(id).work {
        Work::Agent { instruction, .. } => Some(filled_in(run, id, instruction)),
        Work::Script { script } => Some(script.clone()),
        Work::Program { argv } => Some(argv.join(" ")),
        Work::Decision { question, .. } => Some(question.text.clone()),
        Work::Join | Work::Milestone | Work::Left => None,
    }
}

/// The last lines that it printed.
fn printed(sight: &Sight<'_>, id: TaskId, columns: usize, room: usize) -> Vec<String> {
    let log = &sight.state.log;
    if log.job.is_none_or(|job| job.attempt.task != id) || log.lines.is_empty() || room < 2 {
        return Vec::new();
    }
    let skip = log.lines.len().saturating_sub(room);
    let mut lines =
        vec![String::new(), paint(QUIET, format_args!("── printed {}", "─".repeat(columns.saturating_sub(11))))];
    let line = |line: &LogLine| clip(&format!("{} {}", mark(line), line.text), columns);
    lines.extend(log.lines.iter().skip(skip).map(line));
    lines
}
