//! The assignment of an agent's attempt: everything that its attendant has to know.

use std::collections::BTreeSet;

use bandleader_core::plan::{Agent, FailureClass};
use bandleader_core::{JobId, Millis, Run};

use super::{Place, environment};
use crate::agent::assignment::Endpoint;
use crate::agent::{self, AgentAssignment, Allowance, DriverName, ToolRules};
use crate::workspace;

/// An agent of which nothing is heard for this long has stalled, when the plan does not say.
const STALL: Millis = Millis(10 * 60_000);

/// The assignment of a task's work to the agent `name`, as JSON.
///
/// # Errors
/// In words for people: a driver that this version does not know.
pub(super) fn assignment(
    run: &Run,
    place: &Place,
    job: JobId,
    (name, agent): (&str, &Agent),
    briefing: String,
) -> Result<String, String> {
    let task = run.plan().task(job.attempt.task);
    let driver = DriverName::parse(&agent.driver)
        .ok_or_else(|| format!("agent `{name}` has driver `{}`, which this version cannot run", agent.driver))?;
    let (tokens, cost) = run.allowance(job.attempt.task);
    let resumed = run.session_to_resume(job.attempt.task);
    let instruction = match resumed {
        Some((_, class, message)) => go_on(class, message, &briefing),
        None => briefing,
    };
    let instruction = with_conflict(run, place, job, instruction);
    let assignment = AgentAssignment {
        run: place.run.clone(),
        job,
        task: task.path.clone(),
        run_folder: place.run_folder.clone(),
        driver,
        command: agent.command.clone(),
        agent: name.to_owned(),
        role: agent.instructions.clone(),
        instruction: with_messages(run, job, instruction),
        model: agent.model.clone(),
        effort: agent.effort.clone(),
        tools: ToolRules { allow: agent.tools.clone(), deny: agent.disallowed_tools.clone() },
        permissions: agent.permissions,
        max_turns: agent.max_turns,
        schema: task.schema.as_deref().cloned(),
        session: resumed.map(|(session, _, _)| session.to_owned()),
        allowance: Allowance { tokens, cost },
        prices: run.plan().prices.clone(),
        endpoint: Endpoint {
            provider: agent.provider.clone(),
            base_url: agent.base_url.clone(),
            api_key_env: agent.api_key_env.clone(),
        },
        place: place_of(run, place, job),
        // A plain program may be silent for as long as it likes, if the plan does not say otherwise.
        stall: task.stall.or((driver != DriverName::Command).then_some(STALL)),
        secrets: environment::secret_names(run.plan()),
        given: agent.env.keys().chain(task.env.keys()).cloned().collect::<BTreeSet<_>>().into_iter().collect(),
    };
    serde_json::to_string(&assignment).map_err(|error| error.to_string())
}

/// Where it works.
fn place_of(run: &Run, place: &Place, job: JobId) -> agent::Place {
    let (plan, id) = (run.plan(), job.attempt.task);
    let task = plan.task(id);
    let inside = task.directory.as_deref().unwrap_or_default();
    match &plan.repository {
        Some(repository) if plan.has_worktree(id) => agent::Place::Worktree {
            repository: place.project.clone(),
            path: workspace::task_tree(&place.run_folder, id, &task.path),
            branch: workspace::task_branch(&place.run, &task.path),
            start: workspace::run_branch(&place.run),
            inside: std::path::Path::new(&repository.inside).join(inside),
        },
        _ => agent::Place::Shared { directory: place.project.join(inside) },
    }
}

/// What an agent has to know whose earlier work clashed with that of others.
fn with_conflict(run: &Run, place: &Place, job: JobId, instruction: String) -> String {
    let id = job.attempt.task;
    let is_told = run.agent_of(id).is_some() && run.plan().has_worktree(id);
    let Some((FailureClass::Conflict, message)) = run.task(id).past().failure.as_deref().filter(|_| is_told) else {
        return instruction;
    };
    let branch = workspace::run_branch(&place.run);
    let files = message.split_once("; ").map_or(message.as_str(), |(files, _)| files);
    format!(
        "{instruction}\n\nYour earlier work on this is in this worktree, on its branch, but {files}. Merge the others' work with \
         `git merge {branch}`, settle each of these files so that both keep what they are for, and commit the merge."
    )
}

/// What is said to an agent whose earlier attempt ended short of the end. Its whole task is said again: a program may not know the
/// conversation any more, or may have dropped a message from it that was never answered.
fn go_on(class: FailureClass, message: &str, briefing: &str) -> String {
    let first = match class {
        FailureClass::Gate | FailureClass::Deliverable => {
            format!("Your work was looked at and is not complete yet: {message}\n\nSee to that, then finish the task.")
        }
        _ => format!("You were interrupted ({message}). Go on where you were, and finish the task."),
    };
    format!("{first} It was:\n\n{briefing}")
}

/// What people said to it before it started.
fn with_messages(run: &Run, job: JobId, mut instruction: String) -> String {
    let told = run.messages().values().filter(|message| message.delivered == Some(job.attempt));
    for message in told {
        instruction.push_str("\n\nA person adds:\n");
        instruction.push_str(&message.text);
    }
    instruction
}
