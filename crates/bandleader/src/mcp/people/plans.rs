//! Tools for plans: find their mistakes, look at what one would do, propose one.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use bandleader_core::{MissingInputs, Plan, Timestamp};
use bandleader_engine::clock::Clock;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::page;
use super::planning::Proposals;
use crate::error::Failure;
use crate::plans::{self, PlanArguments, PlanFile, Prepared};
use crate::render::text::clip;
use crate::{cli, json};

/// Problems that one result has at most: more are found again when these are gone.
const MOST_PROBLEMS: usize = 50;

/// Commands of a plan that one result has at most.
const MOST_COMMANDS: usize = 60;

/// Columns of one of them: what is longer is seen in the plan.
const MOST_COLUMNS: usize = 400;

/// Steps of a critical path that one result has at most, and entries of the other lists of a plan.
const MOST_STEPS: usize = 60;

/// Which plan: its path or name, or its text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlanAsked {
    plan: Option<String>,
    text: Option<String>,
    #[serde(default)]
    inputs: Map<String, Value>,
    level: Option<u8>,
    parallel: Option<u32>,
}

impl PlanAsked {
    fn file(&self) -> Result<PlanFile, Failure> {
        match (&self.plan, &self.text) {
            (Some(plan), None) if plan != "-" => plans::find(plan),
            (None, Some(text)) => {
                Ok(PlanFile { name: "the plan".into(), text: text.clone(), folder: PathBuf::from(".") })
            }
            _ => Err(Failure::usage("give either `plan` (a path or a name) or `text` (the plan itself)")),
        }
    }

    fn arguments(&self) -> Result<PlanArguments, Failure> {
        if self.level.is_some_and(|level| !(1..=5).contains(&level)) || self.parallel == Some(0) {
            return Err(Failure::usage("`level` is 1 to 5, and `parallel` at least 1"));
        }
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let inputs = self.inputs.iter().map(|(name, value)| (name.clone(), word(value))).collect();
        let plan = self.plan.clone().unwrap_or_default();
        Ok(PlanArguments { plan, inputs, level: self.level, agents: Vec::new() })
    }
}

/// What the check of a plan says; of a plan that is right also what a run of it would be like.
pub(super) fn check(asked: &PlanAsked) -> Result<Value, Failure> {
    let (file, arguments) = (asked.file()?, asked.arguments()?);
    let prepared = plans::prepare(&file, &arguments, asked.parallel, MissingInputs::Allow)?;
    Ok(described(&prepared))
}

/// The check's result as programs get it everywhere, cut to size; and what the plan itself would execute.
fn described(prepared: &Prepared) -> Value {
    let mut said = json::prospect::describe(prepared, Clock::start(Timestamp(0)).now());
    if let Some(prospect) = said.get_mut("plan") {
        for list in ["critical_path", "decisions", "agents", "phases"] {
            page::first(prospect, list, MOST_STEPS);
        }
    }
    let Value::Object(fields) = &mut said else { return said };
    let mut total = 0;
    if let Some(Value::Array(problems)) = fields.get_mut("diagnostics") {
        total = problems.len();
        problems.truncate(MOST_PROBLEMS);
    }
    fields.insert("diagnostics_total".into(), json!(total));
    if let Some(plan) = &prepared.checked.plan {
        let commands = cli::plan::commands(plan);
        fields.insert("commands_total".into(), json!(commands.len()));
        fields.insert(
            "commands".into(),
            commands.into_iter().take(MOST_COMMANDS).map(|command| clip(&command, MOST_COLUMNS)).collect(),
        );
        fields.insert("overview".into(), json!(cli::overview(plan)));
    }
    said
}

/// A plan on its way to a run.
pub(super) struct Ready {
    /// What people call it.
    pub(super) name: String,
    /// The plan, if it can start here and now.
    pub(super) plan: Option<Plan>,
    /// All that there is to say of it.
    pub(super) said: Value,
}

/// Checks a plan as `band run` does before it starts one.
pub(super) fn ready(asked: &PlanAsked) -> Result<Ready, Failure> {
    let (file, arguments) = (asked.file()?, asked.arguments()?);
    let mut prepared = plans::prepare(&file, &arguments, asked.parallel, MissingInputs::Refuse)?;
    let mut said = described(&prepared);
    if let (Value::Object(fields), Some(_)) = (&mut said, &asked.plan) {
        fields.insert("level_changes".into(), json!(plans::level_changes(&arguments)?));
    }
    let plan = prepared.checked.plan.take().filter(|_| prepared.lacking.is_empty());
    Ok(Ready { name: asked.plan.clone().unwrap_or_else(|| "(text)".into()), plan, said })
}

/// Who writes a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Template,
    Planner,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposeAsked {
    request: String,
    level: Option<u8>,
    by: Option<By>,
    template: Option<String>,
    agent: Option<String>,
    model: Option<String>,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    save_as: Option<String>,
}

/// A plan for the request and the answers, saved if that is wanted: from a built-in template now, or by a planner later.
pub(super) fn propose(asked: ProposeAsked, proposals: &Proposals) -> Result<Value, Failure> {
    let file = asked.save_as.as_deref().map(place).transpose()?;
    if let Some(file) = &file {
        cli::plan::must_be_free(file)?;
    }
    let named = asked.agent.is_some() || asked.model.is_some();
    let by_planner = asked.by == Some(By::Planner) || (asked.by.is_none() && named);
    if (named && !by_planner) || (by_planner && asked.template.is_some()) {
        return Err(Failure::usage("a template asks nobody: give `template`, or `agent` and `model`, but not both"));
    }
    let (level, template) = (asked.level.unwrap_or(3), asked.template);
    let draft = cli::plan::draft(&cli::plan::Wish { request: asked.request, level, template, answers: asked.answers })?;
    if by_planner {
        return proposals.begin(draft.drafter(asked.agent.as_deref(), asked.model.as_deref())?, file);
    }
    let (proposal, text) = draft.fill(file.as_deref())?;
    if let Some(file) = &file {
        cli::plan::write_new(file, &text)?;
    }
    Ok(shown(proposal, None))
}

/// A proposal as its caller gets it: without the graph, which repeats what the text says, several times as long.
pub(super) fn shown(mut proposal: Value, id: Option<&str>) -> Value {
    if let Value::Object(fields) = &mut proposal {
        fields.remove("graph");
        fields.insert("proposal".into(), json!(id));
        fields.insert("state".into(), json!("done"));
    }
    if let Some(outlook) = proposal.get_mut("outlook") {
        page::first(outlook, "critical_path", MOST_STEPS);
    }
    proposal
}

/// A file of this project, by its relative path.
fn place(path: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(path);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let is_plan = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    if inside && is_plan && path.components().next().is_some() {
        return Ok(path.to_owned());
    }
    Err(Failure::usage("`save_as` is a path within the project, relative, that ends with .yaml")
        .hint("for example plan.yaml, or .band/plans/export.yaml"))
}
