//! The top of the screen, which never scrolls away: what this is, how it stands, when it may end, what it cost; bars for phases.

use bandleader_core::plan::Mode;
use bandleader_core::view::spent;
use bandleader_core::{BudgetScope, BudgetUnit, RunState};

use super::Sight;
use crate::render::live::{Presence, bars, state_style, state_words};
use crate::render::style::{ACTIVE, ALERT, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, width};
use crate::render::when::span;
use crate::render::words::clock;

/// One line for the run, at most `phases` for its phases.
pub(super) fn lines(sight: &Sight<'_>, columns: usize, phases: usize) -> Vec<String> {
    let mut lines = vec![headline(sight, columns)];
    lines.extend(bars(sight.scene.run, columns, phases));
    lines
}

/// ` Low-stock alerts  running   k3v9 · level 3 · interactive · 1:12:40 · ends 14:20-15:05 · $4.10 of $20`; where that is too
/// wide, the least telling facts go first.
fn headline(sight: &Sight<'_>, columns: usize) -> String {
    let (scene, run) = (sight.scene, sight.scene.run);
    let (words, style) = match (run.state(), scene.engine) {
        (RunState::Running, Presence::Here) => ("running", ACTIVE),
        (RunState::Running | RunState::Waiting, Presence::Gone) => ("interrupted", ALERT),
        (state, _) => (state_words(state), state_style(state)),
    };
    let (used, limit) = run.time_used(scene.now);
    let time = limit.map_or_else(|| clock(used), |limit| format!("{} of {}", clock(used), clock(limit)));
    let mode = match run.mode() {
        Mode::Interactive => "interactive",
        Mode::Guided => "guided",
        Mode::SemiAutonomous => "semi-autonomous",
        Mode::Autonomous => "autonomous",
    };
    // By how much is lost without them: the last to go is the time.
    let facts = [
        (2, clean(scene.id).into_owned()),
        (1, format!("level {}", run.level())),
        (0, mode.to_owned()),
        (9, time),
        (7, ends(sight).unwrap_or_default()),
        (8, money(sight)),
    ];
    let mut facts: Vec<(u8, String)> = facts.into_iter().filter(|(_, fact)| !fact.is_empty()).collect();
    let mission = clean(&run.plan().mission);
    let wide = |facts: &[(u8, String)]| facts.iter().map(|(_, fact)| width(fact) + 3).sum::<usize>();
    // What matters less goes for the mission's name; what matters more only when the name is short already.
    for (most, room) in [(5, columns * 2 / 5), (u8::MAX, columns / 4)] {
        let wanted = width(&mission).min(room);
        while wide(&facts) + wanted + width(words) + 4 > columns && facts.len() > 1 {
            let least = facts.iter().map(|(weight, _)| *weight).min();
            if least.is_none_or(|least| least > most) {
                break;
            }
            facts.retain(|(weight, _)| Some(*weight) != least);
        }
    }
    let facts: Vec<String> = facts.into_iter().map(|(_, fact)| fact).collect();
    let facts = facts.join(" · ");
    let room = columns.saturating_sub(width(&facts) + width(words) + 7);
    format!(" {}  {}   {}", paint(STRONG, fit(&mission, room.max(8))), paint(style, words), paint(QUIET, facts))
}

fn ends(sight: &Sight<'_>) -> Option<String> {
    let now = sight.scene.now;
    let (first, last) = sight.outlook.finish.filter(|_| sight.scene.engine == Presence::Here)?;
    Some(format!("ends {}", span(first, last, now)))
}

/// `$4.10 of $20`; tokens where no price is known; empty where nothing was used.
fn money(sight: &Sight<'_>) -> String {
    let run = sight.scene.run;
    let used = run.spent();
    if used.is_nothing() {
        return String::new();
    }
    if used.cost.is_none() {
        return format!("{} tokens", spent::tokens(used.tokens()));
    }
    let cost = spent::cost(used, run.cost_is_partial(&BudgetScope::Run));
    match run.budget_limit(&BudgetScope::Run, BudgetUnit::Cost) {
        Some(limit) => format!("{cost} of {}", spent::money(limit).trim_end_matches(".00")),
        None => cost,
    }
}
