//! The plan language, rule by rule: plan text in; diagnostics, or what was made of the plan, out as text.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{CheckOptions, Checked, MissingInputs, check as check_plan};
use crate::diag::Severity;
use crate::plan::{Plan, Work};

mod agents;
mod bad_names;
mod bad_shapes;
mod bad_tasks;
mod bad_templates;
mod bad_yaml;
mod decisions;
mod forms;
mod hostile;
mod included;
mod inputs;
mod meaning;
mod milestones;
mod tables;

/// Checks a plan with these options; `files` are the plans that it may include.
fn checked(text: &str, options: &CheckOptions, files: &[(&str, &str)]) -> Checked {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let mut load = |path: &str| files.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "no such file".to_owned());
    check_plan("plan.yaml", text, options, &mut load)
}

/// Each problem as `line:column code: message`, in plans that are included as `file:line:column`; notes and warnings say so.
fn problems(checked: &Checked) -> String {
    let mut out = String::new();
    for one in &checked.diagnostics {
        let file = &checked.sources[one.span.file as usize];
        let (line, column) = file.position(one.span.start);
        if one.span.file > 0 {
            write!(out, "{}:", file.name).unwrap();
        }
        let kind = match one.severity {
            Severity::Error => "",
            Severity::Warning => "warning ",
            Severity::Note => "note ",
        };
        writeln!(out, "{line}:{column} {kind}{}: {}", one.code, one.message).unwrap();
    }
    out
}

/// Two tasks `x` and `y` do nothing; `{}` stands for what is under test.
#[track_caller]
fn check(text: &str, expected: &str) {
    let checked = checked(text, &CheckOptions::default(), &[]);
    assert_eq!(problems(&checked).trim_end(), expected, "\n{text}");
    for one in &checked.diagnostics {
        let text = checked.sources[one.span.file as usize].text.as_str();
        assert!(text.get(one.span.start as usize..one.span.end as usize).is_some(), "a span stands between characters");
    }
}

/// A plan of these tasks, on one line, has these problems. The first task starts in column 1 of line 3.
#[track_caller]
fn check_tasks(tasks: &str, expected: &str) {
    check(&format!("mission: m\ntasks:\n{tasks}"), expected);
}

/// As `check_tasks`, with the words under the first problem and its hint.
#[track_caller]
fn check_hint(tasks: &str, words: &str, hint: &str) {
    let text = format!("mission: m\ntasks:\n{tasks}");
    let checked = checked(&text, &CheckOptions::default(), &[]);
    let one = checked.diagnostics.first().expect("a problem");
    assert_eq!(&text[one.span.start as usize..one.span.end as usize], words, "{}", one.message);
    assert_eq!(one.hint.as_deref().unwrap_or_default(), hint, "{}", one.message);
}

/// The plan; its problems may be warnings and notes only.
#[track_caller]
fn plan(text: &str) -> Plan {
    plan_with(text, &CheckOptions::default(), &[])
}

#[track_caller]
fn plan_with(text: &str, options: &CheckOptions, files: &[(&str, &str)]) -> Plan {
    let checked = checked(text, options, files);
    let problems = problems(&checked);
    checked.plan.unwrap_or_else(|| panic!("{problems}\n{text}"))
}

/// A plan's nodes as `path < needs` with the end of a group in brackets, one a line.
fn graph(plan: &Plan) -> String {
    let name = |at: usize| match plan.tasks[at].work {
        Work::Join => format!("[{}]", plan.tasks[at].path),
        _ => plan.tasks[at].path.clone(),
    };
    let line = |at: usize| {
        let needs: Vec<String> = plan.tasks[at].needs.iter().map(|need| name(need.index())).collect();
        if needs.is_empty() { name(at) } else { format!("{} < {}", name(at), needs.join(" ")) }
    };
    (0..plan.tasks.len()).map(line).collect::<Vec<_>>().join("\n")
}

/// The nodes of a plan are as expected; lines may be indented.
#[track_caller]
fn check_graph(text: &str, expected: &str) {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(graph(&plan(text)), expected.join("\n"), "\n{text}");
}

fn given(inputs: &[(&str, &str)]) -> CheckOptions {
    let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    CheckOptions { inputs, missing_inputs: MissingInputs::Refuse, ..CheckOptions::default() }
}
