//! A check-in as people read it: what was done, what runs, what comes next, what stands in the way.

use bandleader_core::plan::CheckIn;
use bandleader_core::view::check_in::Summary;

use super::progress::{ahead, blockers, done, questions, section, undone, whole};
use super::style::{STRONG, paint};
use super::text::{clean, count};
use super::wrap::hang;

/// All of it, as lines of at most `columns`, where text of people and agents is not a single long word.
pub(crate) fn lines(summary: &Summary, columns: usize) -> Vec<String> {
    let what = match summary.moment {
        CheckIn::Before => "is about to begin",
        CheckIn::After => "is done",
    };
    let title = format!("Check-in: {} {what}", clean(&summary.title));
    let mut lines = vec![paint(STRONG, title)];
    section(&mut lines, "Completed", summary.completed.iter().flat_map(|one| done(one, columns)).collect());
    section(&mut lines, "Not done", summary.undone.iter().flat_map(|one| undone(one, columns)).collect());
    section(&mut lines, "Running", summary.running.iter().flat_map(|one| ahead(one, columns)).collect());
    let later = (summary.later > 0).then(|| format!("    and {} later", count(summary.later, "task")));
    let upcoming = summary.upcoming.iter().flat_map(|one| ahead(one, columns));
    section(&mut lines, "Upcoming", upcoming.chain(later).collect());
    section(&mut lines, "Decisions needed", questions(&summary.decisions, columns));
    section(&mut lines, "Blockers", blockers(&summary.blockers, columns));
    if summary.blockers.is_empty() {
        lines.push("Blockers: none".into());
    }
    let (bar, words) = whole(&summary.progress);
    lines.extend(hang(&bar, 9, &words, columns));
    lines
}
