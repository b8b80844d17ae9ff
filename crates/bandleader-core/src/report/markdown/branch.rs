//! The section on the run's branch.

use std::fmt::Write as _;

use super::{Written, table};
use crate::Verdict;
use crate::report::{RunBranch, RunReport};
use crate::run::BranchMerge;
use crate::view::markdown::{code, text};
use crate::view::short;
use crate::view::when::date_and_time;

pub(super) fn branch(report: &RunReport, out: &mut String) -> Written {
    let Some(branch) = &report.branch else { return Ok(()) };
    writeln!(out, "## Branch\n")?;
    writeln!(out, "- Branch of the run: {}, begun at {}", code(&branch.name), code(short(&branch.base)))?;
    for merge in &branch.merged {
        writeln!(out, "- {}", merged(merge))?;
    }
    if !branch.merged.iter().any(|merge| merge.verdict == Verdict::Passed) {
        let merge = format!("git merge {}", branch.name);
        writeln!(out, "- Not merged into a branch of yours; {} does that", code(&merge))?;
    }
    writeln!(out)?;
    table(out, &["Task", "Files", "Its last commit", "On the run's branch"], rows(branch))
}

fn merged(merge: &BranchMerge) -> String {
    let (into, at) = (code(&merge.branch), date_and_time(merge.at));
    match (&merge.commit, &merge.onto) {
        (Some(commit), Some(onto)) => {
            let (from, to) = (code(short(onto)), code(short(commit)));
            format!("Merged into {into} at {at} ({}): from {from} to {to}", text(&merge.message))
        }
        _ => format!("Not merged into {into} at {at}: {}", text(&merge.message)),
    }
}

fn rows(branch: &RunBranch) -> impl ExactSizeIterator<Item = Vec<String>> {
    branch.work.iter().map(|work| {
        let landed = work.landed.as_deref().map_or_else(|| "no".to_owned(), |commit| code(short(commit)));
        vec![code(&work.task), work.files.to_string(), code(short(&work.commit)), landed]
    })
}
