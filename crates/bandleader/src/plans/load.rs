//! A plan file with the person's wishes, checked: its problems shown, its missing inputs asked for.

use std::io::{self, BufRead as _, IsTerminal as _};

use bandleader_core::{CheckOptions, Checked, MissingInputs, Parameter, Plan};

use super::{PlanArguments, PlanFile, find, from_file};
use crate::error::{Exit, Failure};
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::clean;

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
    let asks = missing == Missing::Ask && io::stdin().is_terminal() && io::stderr().is_terminal();
    if asks {
        let first = check_with(&file, arguments, &inputs, parallel, MissingInputs::Allow);
        for parameter in first.parameters.iter().filter(|parameter| parameter.is_missing) {
            inputs.extend(ask(parameter, screen)?.map(|value| (parameter.name.clone(), value)));
        }
    }
    let missing = if missing == Missing::Allow { MissingInputs::Allow } else { MissingInputs::Refuse };
    let checked = check_with(&file, arguments, &inputs, parallel, missing);
    let width = screen.width();
    if !checked.diagnostics.is_empty() {
        screen.note(diagnostics::graphical(&checked.diagnostics, &checked.sources, width).trim_end());
        screen.note("");
    }
    checked.plan.ok_or_else(|| {
        screen.note(&diagnostics::summary(&checked.diagnostics, &file.name));
        Failure::said(Exit::Usage)
    })
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

/// Asks a person for one input; nothing typed means no value.
fn ask(parameter: &Parameter, screen: &mut Screen) -> Result<Option<String>, Failure> {
    let doc = parameter.doc.as_deref().map(clean).unwrap_or_default();
    let choices: Vec<String> = parameter
        .choices
        .iter()
        .map(|choice| choice.as_str().map_or_else(|| choice.to_string(), |text| clean(text).into_owned()))
        .collect();
    let choices = if choices.is_empty() { String::new() } else { format!(" (one of {})", choices.join(", ")) };
    screen.note(&format!("{}{choices}  {}", paint(STRONG, clean(&parameter.name)), paint(QUIET, doc)));
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::usage(format!("cannot read the answer: {error}")))?;
    let answer = answer.trim();
    Ok((!answer.is_empty()).then(|| answer.to_owned()))
}
