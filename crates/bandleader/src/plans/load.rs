//! A plan file with the person's wishes, checked: its problems shown, its missing inputs asked for.

use std::io::{self, IsTerminal as _};

use bandleader_core::diag::{Diagnostic, Severity};
use bandleader_core::{CheckOptions, Checked, MissingInputs, Parameter, Plan};

use super::{PlanArguments, PlanFile, ask, find, from_file};
use crate::error::{Exit, Failure};
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, paint};
use crate::render::text::{clean, count};

/// What happens to inputs without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The plan is only looked at: never mind.
    Allow,
    /// It is about to run: a person at a terminal is asked, anybody else gets an error.
    Ask,
}

/// Checks a plan that is only looked at.
pub(crate) fn check(file: &PlanFile, arguments: &PlanArguments) -> Checked {
    check_with(file, arguments, &arguments.inputs, None, MissingInputs::Allow)
}

/// The plan, checked, for verbs that need one that can run: problems are shown on stderr, errors end the verb.
/// `parallel` wins over the plan's own number of slots.
pub(crate) fn load(
    arguments: &PlanArguments,
    parallel: Option<u32>,
    missing: Missing,
    screen: &mut Screen,
) -> Result<Plan, Failure> {
    let file = find(&arguments.plan)?;
    let mut inputs = arguments.inputs.clone();
    if missing == Missing::Ask && io::stdin().is_terminal() && io::stderr().is_terminal() {
        let first = check_with(&file, arguments, &inputs, parallel, MissingInputs::Allow);
        if first.plan.is_some() {
            inputs.extend(ask::all(&first.parameters, &inputs, screen)?);
        }
    }
    let missing = if missing == Missing::Allow { MissingInputs::Allow } else { MissingInputs::Refuse };
    let checked = check_with(&file, arguments, &inputs, parallel, missing);
    show(&checked, screen);
    checked.plan.ok_or_else(|| {
        screen.note(&diagnostics::summary(&checked.diagnostics, &file.name));
        let absent: Vec<&Parameter> = checked.parameters.iter().filter(|parameter| parameter.is_missing).collect();
        if !absent.is_empty() {
            let inputs: Vec<String> = absent.iter().map(|parameter| format!("--input {}=…", parameter.name)).collect();
            screen.note(&format!("give {}", clean(&inputs.join(" "))));
        }
        Failure::said(Exit::Usage)
    })
}

/// The problems of a plan that somebody wants to use: mistakes and warnings in full; of mere notes only that there are some.
fn show(checked: &Checked, screen: &mut Screen) {
    let (notes, told): (Vec<Diagnostic>, Vec<Diagnostic>) =
        checked.diagnostics.iter().cloned().partition(|diagnostic| diagnostic.severity == Severity::Note);
    if !told.is_empty() {
        screen.note(diagnostics::graphical(&told, &checked.sources, screen.width()).trim_end());
        screen.note("");
    } else if !notes.is_empty() {
        let number = count(notes.len(), "note");
        screen.note(&paint(QUIET, format_args!("{number} on the plan; `band check` shows more")));
    }
}

/// The JSON Schema of plans.
pub(crate) fn schema() -> serde_json::Value {
    bandleader_core::json_schema()
}

/// Plans that it includes are read from beside it.
fn check_with(
    file: &PlanFile,
    arguments: &PlanArguments,
    inputs: &[(String, String)],
    parallel: Option<u32>,
    missing_inputs: MissingInputs,
) -> Checked {
    let inputs = inputs.iter().cloned().collect();
    let options = CheckOptions { inputs, level: arguments.level, parallel, missing_inputs, ..CheckOptions::default() };
    let mut load = |path: &str| {
        let file = from_file(&file.folder.join(path), path.to_owned()).map_err(|failure| failure.message)?;
        Ok(file.text)
    };
    bandleader_core::check(&file.name, &file.text, &options, &mut load)
}
