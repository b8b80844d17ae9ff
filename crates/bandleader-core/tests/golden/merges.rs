//! Events of work that is merged.

use bandleader_core::{Event, Verdict};

use super::{ATTEMPT, Golden};

pub(super) fn of_merges() -> Vec<Golden> {
    let text = |text: &str| text.to_owned();
    golden! {
        "work_merged" => Event::WorkMerged {
            attempt: ATTEMPT,
            verdict: Verdict::Passed,
            commit: Some(text("c3")),
            onto: Some(text("a1")),
            message: text("3 files"),
        },
        "work_merged.refused" => Event::WorkMerged {
            attempt: ATTEMPT,
            verdict: Verdict::Refused,
            commit: None,
            onto: None,
            message: text("src/lib.rs clashes"),
        },
        "work_landed" => Event::WorkLanded { attempt: ATTEMPT, verdict: Verdict::Passed, message: text("c3") },
    }
}
