//! A plan file with the person's wishes, checked: its problems shown, its missing inputs asked for.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use bandleader_core::catalogue::Catalogue;
use bandleader_core::diag::{Diagnostic, Severity};
use bandleader_core::levels::differences;
use bandleader_core::{CheckOptions, Checked, MissingInputs, Parameter, Plan, SettingsFile};
use bandleader_engine::catalogue::discover;

use super::{PlanArguments, PlanFile, ask, find, read_all};
use crate::config;
use crate::error::{Exit, Failure};
use crate::programs;
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

/// Checks a plan that is only looked at; and what `driver: auto` means in it here, in words, where it has that.
pub(crate) fn check(file: &PlanFile, arguments: &PlanArguments) -> Result<(Checked, Option<String>), Failure> {
    let mut around = Around::of(file, arguments)?;
    let checked = check_with(file, arguments, &around, &arguments.inputs, None, MissingInputs::Allow);
    Ok(match checked.plan.as_ref().and_then(|plan| around.pick_driver(plan)) {
        Some(picked) => {
            (check_with(file, arguments, &around, &arguments.inputs, None, MissingInputs::Allow), Some(picked))
        }
        None => (checked, None),
    })
}

/// A plan that somebody without a terminal looks at, or wants to run: with everything that is wrong with it.
pub(crate) struct Prepared {
    /// The plan, if it has no error, and all there is to say of it.
    pub checked: Checked,
    /// What `driver: auto` means in it here, in words, where it has that.
    pub picked: Option<String>,
    /// What it lacks to run here.
    pub lacking: Vec<String>,
}

/// Prepares it: nobody is asked anything, and nothing is shown.
pub(crate) fn prepare(
    file: &PlanFile,
    arguments: &PlanArguments,
    parallel: Option<u32>,
    missing: MissingInputs,
) -> Result<Prepared, Failure> {
    let mut around = Around::of(file, arguments)?;
    let mut checked = check_with(file, arguments, &around, &arguments.inputs, parallel, missing);
    let picked = checked.plan.as_ref().and_then(|plan| around.pick_driver(plan));
    if picked.is_some() {
        checked = check_with(file, arguments, &around, &arguments.inputs, parallel, missing);
    }
    let lacking = checked.plan.as_ref().map(lacking).unwrap_or_default();
    Ok(Prepared { checked, picked, lacking })
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
    let mut around = Around::of(&file, arguments)?;
    let mut inputs = arguments.inputs.clone();
    if missing == Missing::Ask && io::stdin().is_terminal() && io::stderr().is_terminal() {
        let first = check_with(&file, arguments, &around, &inputs, parallel, MissingInputs::Allow);
        if first.plan.is_some() {
            inputs.extend(ask::all(&first.parameters, &inputs, screen)?);
        }
    }
    let inputs_missing = if missing == Missing::Allow { MissingInputs::Allow } else { MissingInputs::Refuse };
    let mut checked = check_with(&file, arguments, &around, &inputs, parallel, inputs_missing);
    if let Some(picked) = checked.plan.as_ref().and_then(|plan| around.pick_driver(plan)) {
        checked = check_with(&file, arguments, &around, &inputs, parallel, inputs_missing);
        screen.note(&picked);
    }
    show(&checked, screen);
    if let Some(plan) = checked.plan.as_ref().filter(|_| missing == Missing::Ask) {
        can_start(plan)?;
    }
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

/// What a plan that is right in itself lacks to run here, one sentence each: programs, and schemas that are none.
pub(crate) fn lacking(plan: &Plan) -> Vec<String> {
    let of_schemas = plan.tasks.iter().filter_map(|task| {
        let problem = bandleader_engine::agent::check_schema(task.schema.as_deref()?).err()?;
        Some(format!("the schema of task `{}` is none: {}", clean(&task.path), clean(&problem)))
    });
    of_schemas.chain(programs::lacking(plan)).collect()
}

/// Before anything starts: nothing is lacking.
fn can_start(plan: &Plan) -> Result<(), Failure> {
    let lacking = lacking(plan);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Failure::usage(lacking.join("; ")).hint("`band doctor` shows what is installed; nothing was started"))
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

/// Changes of a level that are told at most.
const MOST_CHANGES: usize = 40;

/// What the level of `--level` makes of the plan, against the plan's own: a heading and a line each. Nothing without `--level`, or where
/// the plan came from standard input and cannot be read twice.
pub(crate) fn level_changes(arguments: &PlanArguments) -> Result<Vec<String>, Failure> {
    if arguments.level.is_none() || arguments.plan == "-" {
        return Ok(Vec::new());
    }
    let file = find(&arguments.plan)?;
    let as_it_is = PlanArguments { level: None, ..arguments.clone() };
    let (own, other) = (check(&file, &as_it_is)?.0.plan, check(&file, arguments)?.0.plan);
    let Some((own, other)) = own.zip(other).filter(|(own, other)| own.level != other.level) else {
        return Ok(Vec::new());
    };
    let changes = differences(&own, &other);
    let (was, is) = (own.level, other.level);
    if changes.is_empty() {
        return Ok(vec![format!("level {is} instead of {was} changes no task, gate, mode or retry")]);
    }
    let more = changes.len().saturating_sub(MOST_CHANGES);
    let shown = changes.iter().take(MOST_CHANGES).map(|change| format!("  {}", clean(change)));
    let rest = (more > 0).then(|| format!("  and {more} more"));
    Ok(std::iter::once(format!("at level {is} instead of {was}:")).chain(shown).chain(rest).collect())
}

/// The JSON Schema of plans.
pub(crate) fn schema() -> serde_json::Value {
    bandleader_core::json_schema()
}

/// What a plan may refer to that does not stand in it.
struct Around {
    catalogue: Option<Arc<Catalogue>>,
    settings: Vec<SettingsFile>,
    /// What `driver: auto` means; looked for only when a plan has that.
    auto_driver: Option<String>,
}

impl Around {
    /// Finds what `driver: auto` means where an agent of the plan has that; what it is, in words.
    fn pick_driver(&mut self, plan: &Plan) -> Option<String> {
        let has_it = |agent: &bandleader_core::plan::Agent| agent.driver == "auto";
        if self.auto_driver.is_some() || !plan.agents.values().any(has_it) {
            return None;
        }
        let program = programs::automatic()?;
        let driver = program.driver?;
        self.auto_driver = Some(driver.to_owned());
        let login = if program.is_logged_in() { "" } else { ", which does not look logged in" };
        Some(format!("`driver: auto` is `{driver}` here{login}"))
    }

    fn of(file: &PlanFile, arguments: &PlanArguments) -> Result<Around, Failure> {
        let settings = config::settings_files()?;
        let places = config::agent_places(&arguments.agents)?;
        // Without either word the plan names no agent, and includes no plan that could: nobody's disk need be searched.
        let may_name_agents = ["agent", "plan"].iter().any(|word| file.text.contains(word));
        let catalogue = may_name_agents.then(|| Arc::new(discover(&places).catalogue));
        Ok(Around { catalogue, settings, auto_driver: None })
    }
}

/// Plans that it includes are read from beside it.
fn check_with(
    file: &PlanFile,
    arguments: &PlanArguments,
    around: &Around,
    inputs: &[(String, String)],
    parallel: Option<u32>,
    missing_inputs: MissingInputs,
) -> Checked {
    let options = CheckOptions {
        inputs: inputs.iter().cloned().collect(),
        level: arguments.level,
        parallel,
        missing_inputs,
        catalogue: around.catalogue.clone(),
        settings: around.settings.clone(),
        auto_driver: around.auto_driver.clone(),
        ..CheckOptions::default()
    };
    let mut load = |path: &str| {
        let opened = File::open(file.folder.join(path)).map_err(|error| error.to_string())?;
        read_all(opened, path).map_err(|failure| failure.message)
    };
    bandleader_core::check(&file.name, &file.text, &options, &mut load)
}
