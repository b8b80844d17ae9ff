//! All tasks, one a line, in the order of the plan; only those that have the words of the filter.

use bandleader_core::TaskId;
use ratatui::layout::Rect;

use super::{Sight, list, marks};
use crate::render::live::Scene;
use crate::render::style::{ALERT, QUIET, paint};
use crate::render::text::{clean, count, fit, pad, pad_left, width};
use crate::render::words::clock;
use crate::watch::page::Page;
use crate::watch::state::{Item, Seen, State};

/// Tasks whose path, agent and state have every word of the filter in them.
pub(crate) fn items(state: &State, scene: &Scene<'_>) -> Vec<Item> {
    let run = scene.run;
    let plan = run.plan();
    let filter = state.filter.to_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    let has = |id: &TaskId| {
        let (_, state, _) = marks::state(run, *id);
        let agent = run.agent_of(*id).unwrap_or_default().to_lowercase();
        words.iter().all(|word| plan.task(*id).path.contains(word) || state.contains(word) || agent.contains(word))
    };
    plan.ids().filter(|id| plan.task(*id).is_real()).filter(has).map(Item::Task).collect()
}

/// Draws them.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let (state, scene) = (sight.state, sight.scene);
    let items = items(state, scene);
    let columns = usize::from(area.width);
    let agents = marks::agent_columns(scene.run, 20);
    let agent = if agents > 0 { agents + 2 } else { 0 };
    let names = columns.saturating_sub(3 + 11 + agent + 2 + 8 + 2 + 8 + 2 + 7);
    let heading = format!(
        "   {}  {}  {}{}  {}",
        pad("TASK", names),
        pad("STATE", 9),
        if agent > 0 { pad("AGENT", agent) } else { String::new() },
        pad_left("TIME", 8),
        pad_left("ESTIMATE", 8),
    );
    page.line(area, 0, &paint(QUIET, format_args!("{heading}  {}", pad_left("COST", 7))));
    let filtered = u16::from(!state.filter.is_empty());
    if filtered > 0 {
        let words = format!(" {} with `{}`", count(items.len(), "task"), clean(&state.filter));
        page.line(area, 1, &paint(ALERT, fit(&words, columns)));
    }
    let entries: Vec<list::Entry> = items.iter().copied().map(Some).collect();
    let list = Rect { y: area.y + 1 + filtered, height: area.height.saturating_sub(1 + filtered), ..area };
    if items.is_empty() {
        page.line(list, 0, &paint(QUIET, " No task has that. [Esc] shows all."));
    }
    list::draw(state, page, list, &entries, seen, |index| match items.get(index) {
        Some(Item::Task(id)) => line(scene, *id, names, agent),
        _ => String::new(),
    });
}

fn line(scene: &Scene<'_>, id: TaskId, names: usize, agent: usize) -> String {
    let run = scene.run;
    let task = run.task(id);
    let (sign, word, style) = marks::state(run, id);
    let path = clean(&run.plan().task(id).path).into_owned();
    let tries = if task.attempts > 1 { format!(" ({} tries)", task.attempts) } else { String::new() };
    let path = format!("{}{tries}", fit(&path, names.saturating_sub(width(&tries))));
    let estimate = run.plan().task(id).estimate.map(marks::short).unwrap_or_default();
    format!(
        " {} {}  {}  {}{}  {}  {}",
        paint(style, sign),
        pad(&path, names),
        paint(style, pad(word, 9)),
        if agent > 0 { pad(&fit(&marks::doer(run, id), agent - 2), agent) } else { String::new() },
        pad_left(&marks::took(scene, id).map(clock).unwrap_or_default(), 8),
        paint(QUIET, pad_left(&estimate, 8)),
        pad_left(&marks::cost(scene, id), 7),
    )
}
