//! A plan that is proposed: its text, what the check said of it, and where it comes from.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bandleader_core::diag::Severity;
use bandleader_core::planner::{self, LeftOut};
use bandleader_core::{Checked, Spending};
use bandleader_engine::catalogue::discover;
use serde_json::Value;

use super::Wanted;
use crate::config;
use crate::error::{Exit, Failure};
use crate::plans::{self, PlanArguments, PlanFile};

/// One.
pub(super) struct Proposal {
    /// The file as it will be saved.
    pub(super) text: String,
    /// The same as a value, for a planner that is asked for another.
    pub(super) value: Value,
    /// What the check says.
    pub(super) checked: Checked,
    /// What `driver: auto` means here, in words.
    pub(super) picked: Option<String>,
    /// Who made it.
    pub(super) origin: Origin,
    /// Tasks of the template that the answers made needless.
    pub(super) left_out: Vec<LeftOut>,
    /// Agents that are taken from the catalogue instead of the template.
    pub(super) adopted: Vec<String>,
    /// Why a template stands where a planner's plan should.
    pub(super) fallback: Option<String>,
}

/// Who made a plan.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Origin {
    /// A built-in template.
    Template,
    /// A planner.
    Planner {
        /// Its name.
        name: String,
        /// What runs it.
        driver: String,
        /// Its model, as far as it said.
        model: Option<String>,
        /// How often it was asked.
        asked: u32,
        /// What that used.
        spent: Spending,
    },
    /// Somebody, in an editor.
    Person,
}

impl Proposal {
    /// As the process ends when nobody is asked.
    pub(super) fn exit(&self) -> Exit {
        if self.checked.plan.is_some() { Exit::Succeeded } else { Exit::Usage }
    }
}

/// The built-in template of the kind, filled.
pub(super) fn from_template(wanted: &Wanted) -> Result<Proposal, Failure> {
    let kind = wanted.brief.kind;
    let places = config::agent_places(&wanted.agents)?;
    let known: BTreeSet<String> = discover(&places).catalogue.names().map(str::to_owned).collect();
    let filled = planner::fill(plans::template(kind), &wanted.brief, wanted.tests, &known)
        .map_err(|error| Failure::internal(error.to_string()))?;
    let made = format!("Written by `band plan` from the built-in template `{}`, {}.", kind.name(), wanted.chosen.why());
    let text = document(&made, wanted, &filled.plan);
    let (checked, picked) = check(&text, &wanted.agents)?;
    let (left_out, adopted) = (filled.left_out, filled.adopted);
    let origin = Origin::Template;
    Ok(Proposal { text, value: filled.plan, checked, picked, origin, left_out, adopted, fallback: None })
}

/// A plan as a file: who wrote it, for what, and what to do with it.
pub(super) fn document(made: &str, wanted: &Wanted, plan: &Value) -> String {
    let mut text = planner::comment(made);
    text.push_str(&planner::comment(&format!("Request: {}", wanted.brief.request)));
    text.push_str(&planner::comment(
        "It is yours to edit: `band check FILE`, `band graph FILE`, `band run FILE`; every key is in docs/PLAN.md.",
    ));
    text.push('\n');
    text.push_str(&planner::write_plan(plan));
    text
}

/// What the check says of a text that is not a file yet.
pub(super) fn check(text: &str, agents: &[PathBuf]) -> Result<(Checked, Option<String>), Failure> {
    let file = PlanFile { name: "the plan".into(), text: text.to_owned(), folder: PathBuf::from(".") };
    let arguments = PlanArguments { plan: String::new(), inputs: Vec::new(), level: None, agents: agents.to_vec() };
    plans::check(&file, &arguments)
}

/// Mistakes and warnings as sentences, with their lines; notes are not worth a planner's time.
pub(super) fn problems(checked: &Checked) -> Vec<String> {
    let told = checked.diagnostics.iter().filter(|problem| problem.severity != Severity::Note);
    let words = told.map(|problem| {
        let source = checked.sources.get(problem.span.file as usize);
        let near = source.and_then(|source| {
            source.text.get(..problem.span.start as usize)?.lines().next_back().map(|_| {
                let (line, _) = source.position(problem.span.start);
                source
                    .text
                    .lines()
                    .nth(line.saturating_sub(1))
                    .unwrap_or_default()
                    .trim()
                    .chars()
                    .take(120)
                    .collect::<String>()
            })
        });
        let near = near.filter(|near| !near.is_empty()).map(|near| format!(" (near: {near})")).unwrap_or_default();
        let hint = problem.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
        format!("{}: {}{hint}{near}", problem.code, problem.message)
    });
    words.collect()
}
