//! Which agent plans, and which agents a plan may name: looked up as plans look agents up, so that nothing can disagree.

use std::collections::BTreeMap;

use bandleader_core::agents_in;
use bandleader_core::diag::Severity;
use bandleader_core::plan::{Agent, Work};
use bandleader_core::planner::{self, Colleague};
use bandleader_core::prices::Prices;
use bandleader_engine::catalogue::discover;
use serde_json::{Value, json};

use super::{Wanted, proposal};
use crate::config;
use crate::error::Failure;
use crate::render::text::clean;

/// An agent of this name is the planner where nobody says otherwise.
pub(super) const USUAL_NAME: &str = "planner";

/// What a planner is told about itself, where its file says nothing.
const ROLE: &str = "You plan work for a team of agents. You look at what is there before you plan, keep plans as small as the brief allows, and \
                    let everything that can run side by side do so.";

/// An agent that can be asked, with what people say that models cost.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) agent: Agent,
    pub(super) prices: Prices,
}

/// The agent of that name, or a driver of that name under it.
pub(super) fn named(name: &str, model: Option<&str>, wanted: &Wanted) -> Result<Found, Failure> {
    match resolve(name, model, wanted)? {
        Ok(found) => Ok(found),
        Err(_) if ["claude", "codex", "gemini", "opencode", "llm", "auto"].contains(&name) => {
            let mut agent = json!({ "driver": name });
            if let (Some(model), Some(agent)) = (model, agent.as_object_mut()) {
                agent.insert("model".into(), json!(model));
            }
            defined(USUAL_NAME, &agent, wanted)
        }
        Err(problems) => {
            Err(Failure::usage(clean(&problems).into_owned())
                .hint("`band agents list` shows the agents that there are"))
        }
    }
}

/// An agent that is defined here and now, with our own words about its role.
pub(super) fn defined(name: &str, keys: &Value, wanted: &Wanted) -> Result<Found, Failure> {
    let agents = json!({ name: keys });
    look_up(name, Some(&agents), wanted)?.map_err(|problems| Failure::usage(clean(&problems).into_owned()))
}

/// The agent of that name as plans know it: of `band.toml`, of an agent file. The inner error is what the check says.
pub(super) fn resolve(name: &str, model: Option<&str>, wanted: &Wanted) -> Result<Result<Found, String>, Failure> {
    let agents = model.map(|model| json!({ name: { "model": model } }));
    match look_up(name, None, wanted)? {
        Ok(_) if agents.is_some() => look_up(name, agents.as_ref(), wanted),
        found => Ok(found),
    }
}

/// Has the check of plans look an agent up, by way of the smallest plan that names it.
fn look_up(name: &str, agents: Option<&Value>, wanted: &Wanted) -> Result<Result<Found, String>, Failure> {
    let mut plan = json!({ "mission": "plan", "tasks": [{ "id": "plan", "agent": name, "task": "plan" }] });
    if let (Some(agents), Some(plan)) = (agents, plan.as_object_mut()) {
        plan.insert("agents".into(), agents.clone());
    }
    let (checked, _) = proposal::check(&planner::write_plan(&plan), &wanted.agents)?;
    let Some(plan) = &checked.plan else {
        let worst = checked.diagnostics.iter().find(|problem| problem.severity == Severity::Error);
        return Ok(Err(worst.map(|problem| problem.message.clone()).unwrap_or_default()));
    };
    let used = plan.tasks.iter().find_map(|task| match &task.work {
        Work::Agent { agent, .. } => Some(agent.clone()),
        _ => None,
    });
    let found = used.and_then(|id| Some((id.clone(), plan.agents.get(&id)?.clone())));
    let found = found.map(|(name, agent)| Found { name, agent: with_role(agent), prices: plan.prices.clone() });
    Ok(found.ok_or_else(|| format!("no agent is called `{name}`")))
}

fn with_role(agent: Agent) -> Agent {
    let instructions = agent.instructions.clone().or_else(|| Some(ROLE.into()));
    Agent { instructions, ..agent }
}

/// The agents that the plan may name, but for the planner itself.
pub(super) fn colleagues(wanted: &Wanted) -> Result<Vec<Colleague>, Failure> {
    let found = discover(&config::agent_places(&wanted.agents)?);
    let mut others: BTreeMap<String, String> =
        found.catalogue.entries().map(|entry| (entry.id.clone(), entry.role.description.clone())).collect();
    // What a `band.toml` says of an agent file's agent stands beside it; the words of the file are mostly the better ones.
    for (name, said) in config::settings_files()?.iter().flat_map(agents_in) {
        let known = others.entry(name).or_default();
        if known.is_empty() {
            *known = said;
        }
    }
    others.remove(USUAL_NAME);
    Ok(others.into_iter().map(|(name, description)| Colleague { name, description }).collect())
}
