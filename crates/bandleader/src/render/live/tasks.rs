//! One line per task that a person wants to know of now: blocked and failed ones first, then what runs.

use std::fmt::Write as _;

use bandleader_core::{AttemptId, JobId, Millis, Run, Step, TaskId, TaskState, Timestamp};

use super::super::style::{ACTIVE, ALERT, BAD, QUIET, paint};
use super::super::text::{clean, fit, pad, pad_left, width};
use super::super::words::{brief, clock, is_conflict, why_blocked, within_phase};
use super::{Scene, talk};

/// Cells of an estimate's bar.
const BAR: u64 = 10;
/// In fewer columns there is no room for bars and agents.
const NARROW: usize = 60;
/// Failed tasks shown at most: more are a number.
const FAILED: usize = 4;

/// At most `room` lines.
pub(super) fn lines(scene: &Scene<'_>, columns: usize, room: usize) -> Vec<String> {
    let run = scene.run;
    let plan = run.plan();
    let of = |wanted: fn(&TaskState) -> bool| {
        plan.ids().filter(move |id| plan.task(*id).is_real() && wanted(&run.task(*id).state)).collect::<Vec<_>>()
    };
    let mut blocked = of(|state| matches!(state, TaskState::Blocked { .. }));
    // A task that is a question stands among those already.
    blocked.retain(|id| plan.task(*id).question().is_none());
    let failed = of(|state| matches!(state, TaskState::Failed { .. }));
    let paused = of(|state| matches!(state, TaskState::BackingOff { .. }));
    let mut running = of(|state| matches!(state, TaskState::Running { .. } | TaskState::Reviewing { .. }));
    running.sort_by_key(|id| run.task(*id).past().attempt_started);
    let narrow = columns < NARROW;
    let names = widest(
        running.iter().map(|id| within_phase(plan, *id)),
        if narrow { columns * 4 / 10 } else { columns * 3 / 10 },
    );
    let agents = if narrow { 0 } else { widest(running.iter().map(|id| doer(run, *id)), columns / 4) };
    let mut lines: Vec<String> = talk::urgent(scene, columns, room / 2);
    lines.extend(blocked.iter().take(room / 2 + 1).map(|id| blocked_line(scene, *id, columns)));
    lines.extend(blocked.first().filter(|_| room > 2).map(|id| answers(run, *id, columns)));
    lines.extend(failed.iter().take(FAILED).map(|id| failed_line(run, *id, columns)));
    if failed.len() > FAILED {
        lines.push(format!(" {} {} more failed", paint(BAD, "✗"), failed.len() - FAILED));
    }
    let left = room.saturating_sub(lines.len());
    let (shown, more) = if running.len() > left { (left.saturating_sub(1), true) } else { (running.len(), false) };
    // What each does now stands below it where there is room for all of them.
    let below = |id: &TaskId| if running.len() * 2 <= left { talk::now(scene, *id, columns) } else { None };
    for id in running.iter().take(shown) {
        lines.push(running_line(scene, *id, [agents, names, columns]));
        lines.extend(below(id));
    }
    if more {
        lines.push(paint(QUIET, format_args!("   and {} more running", running.len() - shown)));
    }
    let left = room.saturating_sub(lines.len());
    lines.extend(paused.iter().take(left).map(|id| again_line(scene, *id, columns)));
    lines.truncate(room);
    lines
}

fn widest(texts: impl Iterator<Item = String>, most: usize) -> usize {
    texts.map(|text| width(&text)).max().unwrap_or_default().min(most)
}

/// The agent, or nothing where that would only repeat the task's name.
fn doer(run: &Run, id: TaskId) -> String {
    let task = run.plan().task(id);
    let other = run.task(id).past().agent.as_deref();
    let own = matches!(task.work, bandleader_core::plan::Work::Agent { .. }).then(|| task.agent_name());
    other.or(own).map(|name| clean(name).into_owned()).unwrap_or_default()
}

/// ` ● backend-architect   api    ████████░░  80 %  12:05  left ~3 m`
fn running_line(scene: &Scene<'_>, id: TaskId, [agents, names, columns]: [usize; 3]) -> String {
    let (run, task) = (scene.run, scene.run.task(id));
    let who = if agents > 0 { format!("{}  ", pad(&doer(run, id), agents)) } else { String::new() };
    let name = pad(&within_phase(run.plan(), id), names);
    let since = task.past().attempt_started.unwrap_or(scene.now);
    let elapsed = scene.now.since(since);
    let mut line = format!(" {} {who}{name}  ", paint(ACTIVE, "●"));
    let mut used = 3 + width(&who) + names + 2;
    if let Some(estimate) = run.plan().task(id).estimate.filter(|length| length.0 > 0) {
        let said = scene.activities.get(&id).and_then(|activity| activity.percent);
        let (bar, share, left) = progress(elapsed, estimate, said);
        let (bar, cells) = if columns < NARROW { (String::new(), 0) } else { (format!("{bar} "), 10 + 1) };
        let _ = write!(line, "{bar}{share}  {}  {left}", pad_left(&clock(elapsed), 7));
        used += cells + 5 + 2 + 7 + 2 + width(&left);
    } else {
        line.push_str(&pad_left(&clock(elapsed), 7));
        used += 7;
    }
    let notes = notes(run, id);
    let room = columns.saturating_sub(used + 2);
    if !notes.is_empty() && room > 6 {
        let _ = write!(line, "  {}", paint(ALERT, fit(&notes, room)));
    }
    line
}

/// Bar and percentage, as its agent says, else by the estimate; and what the estimate leaves. Past it, the bar stays full and says by how much.
fn progress(elapsed: Millis, estimate: Millis, said: Option<u8>) -> (String, String, String) {
    let share = said.map_or(elapsed.0.saturating_mul(100) / estimate.0.max(1), u64::from);
    let full = (share.saturating_mul(BAR) / 100).min(BAR);
    let cells = |number: u64, sign: &str| sign.repeat(usize::try_from(number).unwrap_or_default());
    let over = elapsed > estimate;
    let style = if over { ALERT } else { ACTIVE };
    let bar = format!("{}{}", paint(style, cells(full, "█")), paint(QUIET, cells(BAR - full, "░")));
    if over {
        return (bar, " over".into(), format!("by {}", coarse(Millis(elapsed.0.saturating_sub(estimate.0)))));
    }
    (bar, format!("{share:>3} %"), format!("left ~{}", coarse(Millis(estimate.0.saturating_sub(elapsed.0)))))
}

/// Rounded to what one wants to know: nobody reads seconds beside hours.
fn coarse(length: Millis) -> String {
    let rounded = match length.0 {
        0..60_000 => length.0.div_ceil(1_000) * 1_000,
        60_000..3_600_000 => length.0.div_ceil(60_000) * 60_000,
        _ => length.0.div_ceil(300_000) * 300_000,
    };
    brief(Millis(rounded))
}

/// What is out of the ordinary about a task at work.
pub(crate) fn notes(run: &Run, id: TaskId) -> String {
    let task = run.task(id);
    let mut notes = Vec::new();
    if let TaskState::Reviewing { gate, .. } = task.state {
        let gates = run.plan().task(id).gates.len();
        notes.push(format!("gate {} of {gates}", (gate as usize + 1).min(gates)));
    }
    if task.attempts > 1 {
        notes.push(format!("try {}", task.attempts));
    }
    let step = Step::Work;
    let attempt = AttemptId { task: id, number: task.attempts };
    if run.stopping(JobId { attempt, step }).is_some() {
        notes.push("stopping".to_owned());
    }
    if let Some(silent) = task.past().silent {
        notes.push(format!("silent for {}", brief(silent)));
    }
    notes.join(", ")
}

fn blocked_line(scene: &Scene<'_>, id: TaskId, columns: usize) -> String {
    let TaskState::Blocked { why, since } = &scene.run.task(id).state else { return String::new() };
    let text = format!(
        "{}  blocked {}: {}",
        within_phase(scene.run.plan(), id),
        age(*since, scene.now),
        why_blocked(scene.run, id, why)
    );
    format!(" {} {}", paint(ALERT, "!"), fit(&text, columns.saturating_sub(3)))
}

/// What a person can do about the first blocked task.
fn answers(run: &Run, id: TaskId, columns: usize) -> String {
    let task = clean(&run.plan().task(id).path);
    let (whole, short) = if is_conflict(run, id) {
        // How it is settled takes more than a line: `band status` says it.
        (
            format!("band retry {task} · or settle it, see band status, then band resolve {task}"),
            format!("band retry {task}, or band status"),
        )
    } else {
        (
            format!("band retry {task} · band accept {task} --because … · band cancel"),
            format!("band retry {task}, or accept, or cancel"),
        )
    };
    let text = if width(&whole) + 5 <= columns { whole } else { short };
    format!("   {}", paint(QUIET, fit(&text, columns.saturating_sub(3))))
}

fn failed_line(run: &Run, id: TaskId, columns: usize) -> String {
    let why = run.task(id).past().failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default();
    let text = format!("{}  failed: {why}", within_phase(run.plan(), id));
    format!(" {} {}", paint(BAD, "✗"), fit(&text, columns.saturating_sub(3)))
}

fn again_line(scene: &Scene<'_>, id: TaskId, columns: usize) -> String {
    let TaskState::BackingOff { until } = scene.run.task(id).state else { return String::new() };
    let task = scene.run.task(id);
    let why = task.past().failure.as_ref().map(|failure| clean(&failure.1).into_owned()).unwrap_or_default();
    let text = format!(
        "{}  try {} in {}: {why}",
        within_phase(scene.run.plan(), id),
        task.attempts + 1,
        coarse(until.since(scene.now)),
    );
    format!(" {} {}", paint(ALERT, "↻"), fit(&text, columns.saturating_sub(3)))
}

fn age(since: Timestamp, now: Timestamp) -> String {
    coarse(now.since(since))
}
