//! Agent files, rule by rule: a file in, its problems or what was made of it out as text.

use super::{Outcome, Reading, Role, read_agent};
use crate::diag::Severity;

mod fields;
mod hostile;
mod list;
mod odd;

/// Each problem as `line:column code: message`; notes and warnings say so.
fn problems(reading: &Reading) -> String {
    let line = |one: &crate::diag::Diagnostic| {
        let (line, column) = reading.source.position(one.span.start);
        let text = &reading.source.text;
        assert!(text.get(one.span.start as usize..one.span.end as usize).is_some(), "{one:?}");
        assert!(one.means.is_some(), "a problem says what it means: {one:?}");
        let kind = match one.severity {
            Severity::Error => "",
            Severity::Warning => "warning ",
            Severity::Note => "note ",
        };
        format!("{line}:{column} {kind}{}: {}", one.code, one.message)
    };
    reading.diagnostics.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn role(reading: &Reading) -> &Role {
    match &reading.outcome {
        Outcome::Agent(role) => role,
        other => panic!("{}: {other:?}\n{}", reading.source.name, problems(reading)),
    }
}

/// A file with these keys and no text but `Hi.` has these problems.
#[track_caller]
fn check(keys: &str, expected: &str) -> Role {
    let reading = read_agent("agents/file.md", format!("---\n{keys}\n---\nHi.\n").as_bytes());
    assert_eq!(problems(&reading), expected, "\n{keys}");
    role(&reading).clone()
}

/// The same beside a name and a description; lines count from the third on.
#[track_caller]
fn check_more(keys: &str, expected: &str) -> Role {
    check(&format!("name: a\ndescription: b\n{keys}"), expected)
}
