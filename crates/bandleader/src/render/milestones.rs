//! Milestones in words: which were reached, at which people are asked, which comes next.

use bandleader_core::view::milestones::{MilestoneProgress, MilestoneState, milestones, next_milestone};
use bandleader_core::{Run, Timestamp};

use super::style::{ALERT, BAD, GOOD, paint};
use super::text::clean;
use super::words::brief;
use super::wrap::hang;

/// A line each.
pub(crate) fn lines(all: &[MilestoneProgress], columns: usize) -> Vec<String> {
    all.iter().flat_map(|one| line(one, columns)).collect()
}

fn line(one: &MilestoneProgress, columns: usize) -> Vec<String> {
    let (mark, state) = match one.state {
        MilestoneState::Reached => (paint(GOOD, "✓"), "reached".to_owned()),
        MilestoneState::Asking => {
            let number = one.decision.map(|number| format!(", question {number} is open")).unwrap_or_default();
            (paint(ALERT, "?"), format!("reached{number}"))
        }
        MilestoneState::Refused => (paint(BAD, "✗"), "reached, and refused".to_owned()),
        MilestoneState::Missed => (paint(BAD, "✗"), "missed".to_owned()),
        MilestoneState::LeftOut => ("·".to_owned(), "left out".to_owned()),
        MilestoneState::Ahead => ("·".to_owned(), ahead(one)),
    };
    hang(&format!("  {mark} "), 4, &format!("{}: {state}", name(one)), columns)
}

/// `The beta is out (beta), in 40 m at least`: the one that comes next; none where no milestone lies ahead.
pub(crate) fn next(run: &Run, now: Timestamp) -> Option<String> {
    let all = milestones(run, now);
    next_milestone(&all).map(|one| format!("{}, {}", name(one), ahead(one)))
}

fn ahead(one: &MilestoneProgress) -> String {
    match one.left.filter(|left| left.0 > 0) {
        Some(left) => format!("in {} at least", brief(left)),
        None => "ahead".to_owned(),
    }
}

fn name(one: &MilestoneProgress) -> String {
    let (id, title) = (clean(&one.id), clean(&one.title));
    if id == title { id.into_owned() } else { format!("{title} ({id})") }
}
