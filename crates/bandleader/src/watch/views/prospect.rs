//! What stands below the board: what happened last, what is in the way, the critical path, what is next.

use bandleader_core::TaskId;

use super::{Sight, marks};
use crate::render::heard;
use crate::render::style::{ALERT, QUIET, paint};
use crate::render::text::{clean, clip, fit, pad};
use crate::render::words::within_phase;

/// Lines of what happened last, at most.
const RECENT: usize = 14;

/// The last things that happened, where the list leaves room for a few of them.
pub(super) fn recent(sight: &Sight<'_>, room: usize, columns: usize) -> Vec<String> {
    let Some(story) = sight.state.story.as_ref().filter(|_| room >= 6) else { return Vec::new() };
    let facts = story.facts();
    let most = (room - 2).min(RECENT);
    let shown = facts.iter().skip(facts.len().saturating_sub(most));
    let lines = shown.map(|fact| format!(" {}", clip(fact, columns.saturating_sub(1))));
    std::iter::once(paint(QUIET, " RECENT")).chain(lines).collect()
}

/// Blockers, the critical path, what is next, what the chosen task does now.
pub(super) fn below(sight: &Sight<'_>, columns: usize, most: usize) -> Vec<String> {
    let (scene, run) = (sight.scene, sight.scene.run);
    let room = columns.saturating_sub(17);
    let path = |ids: &[TaskId], between: &str| {
        let names: Vec<String> = ids.iter().take(40).map(|id| within_phase(run.plan(), *id)).collect();
        fit(&names.join(between), room).into_owned()
    };
    let mut lines = Vec::new();
    let blockers = run.blockers();
    for (at, blocker) in blockers.iter().take(most).enumerate() {
        let task = within_phase(run.plan(), blocker.attempt.task);
        let severity = format!("{:?}", blocker.severity).to_lowercase();
        let age = marks::short(scene.now.since(blocker.since));
        let more = if at + 1 == most && blockers.len() > most {
            format!(" (and {} more)", blockers.len() - most)
        } else {
            String::new()
        };
        let text = format!("{task} {age}: {} ({severity}){more}", clean(&blocker.text));
        lines.push(format!(" {}{}", label(if at == 0 { "blockers" } else { "" }), paint(ALERT, fit(&text, room))));
    }
    for (account, until) in run.closed_accounts().take(most) {
        let text = format!("{} takes no more for {}", clean(account), marks::short(until.since(scene.now)));
        lines.push(format!(" {}{}", label("provider"), paint(ALERT, fit(&text, room))));
    }
    if !sight.outlook.critical.is_empty() {
        lines.push(format!(" {}{}", label("critical path"), path(&sight.outlook.critical, " → ")));
    }
    if !sight.outlook.next.is_empty() {
        lines.push(format!(" {}{}", label("next"), path(&sight.outlook.next, ", ")));
    }
    let doing = sight.state.task().and_then(|id| Some((id, scene.activities.get(&id)?)));
    if let Some((id, activity)) = doing {
        let words = heard::at_it(activity, scene.now);
        let text = format!("{}: {words}", within_phase(run.plan(), id));
        lines.extend((!words.is_empty()).then(|| format!(" {}{}", label("now"), fit(&text, room))));
    }
    lines
}

/// A heading, as wide as those above and below it.
fn label(word: &str) -> String {
    paint(QUIET, pad(word, 15))
}
