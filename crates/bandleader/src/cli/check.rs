//! `band check PLAN`: every problem of a plan at once, before anything runs.

use std::collections::BTreeMap;

use bandleader_core::catalogue::Shelf;
use bandleader_core::plan::Work;
use bandleader_core::{AgentOrigin, Checked};
use clap::Args;

use crate::error::{Exit, Outcome};
use crate::json;
use crate::plans::{self, PlanArguments};
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::text::{clean, count};
use crate::render::wrap::hang;

/// Find every mistake in a plan before anything runs
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band check plan.yaml
  band check release --input version=1.4
  band check plan.yaml --level 4        also what that level adds and removes
  band check plan.yaml --json | jq '.[].message'
Ends with 0 when the plan can run (warnings included), with 2 when it cannot.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// Print the problems as a JSON array on stdout
    #[arg(long)]
    json: bool,
}

/// How many agents come from where: `3 agents: 1 of the plan, 2 of .claude/agents`.
fn origins(checked: &Checked) -> Option<String> {
    let mut numbers: BTreeMap<(u8, String), usize> = BTreeMap::new();
    for origin in checked.agents.values() {
        let place = match origin {
            AgentOrigin::Plan => (0, "the plan".to_owned()),
            AgentOrigin::Settings { file } => (1, clean(file).into_owned()),
            AgentOrigin::Catalogue { shelf: Shelf::Plugin, .. } => (3, "plugins".to_owned()),
            AgentOrigin::Catalogue { path, .. } => {
                let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
                (2, clean(folder).into_owned())
            }
        };
        *numbers.entry(place).or_default() += 1;
    }
    let parts: Vec<String> = numbers.into_iter().map(|((_, place), number)| format!("{number} of {place}")).collect();
    (!parts.is_empty()).then(|| format!("{}: {}", count(checked.agents.len(), "agent"), parts.join(", ")))
}

/// Checks it and says what it found.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let file = plans::find(&arguments.plan.plan)?;
    let (checked, picked) = plans::check(&file, &arguments.plan)?;
    let exit = if checked.plan.is_some() { Exit::Succeeded } else { Exit::Usage };
    if arguments.json {
        screen.json(&diagnostics::plain(&checked.diagnostics, &checked.sources))?;
        return Ok(exit);
    }
    let width = screen.width();
    if !checked.diagnostics.is_empty() {
        screen.note(diagnostics::graphical(&checked.diagnostics, &checked.sources, width).trim_end());
        screen.note("");
    }
    screen.note(&diagnostics::summary(&checked.diagnostics, &file.name));
    if let Some(words) = origins(&checked) {
        screen.note(&words);
    }
    if let Some(picked) = picked {
        screen.note(&picked);
    }
    if let Some(plan) = &checked.plan {
        for lacking in plans::lacking(plan) {
            screen.note(&lacking);
        }
        for change in plans::level_changes(&arguments.plan)? {
            screen.line(&change)?;
        }
        screen.line(&super::overview(plan))?;
        if plan.tasks.iter().any(|task| matches!(task.work, Work::Agent { .. })) {
            let cost = json::prospect::outlook(plan).words();
            for line in hang("cost: ", 6, &cost, screen.text_width()) {
                screen.line(&line)?;
            }
        }
    }
    // The process ends here: taking a plan of 10,000 tasks apart, piece by piece, would be for nothing.
    std::mem::forget(checked);
    Ok(exit)
}
