//! Tools for plans: check, propose, preview, start.

use serde_json::{Value, json};

use super::tool;
use crate::mcp::toolbox::{Description, Effect, object};

/// Which plan.
fn plan() -> Value {
    object(
        &[],
        json!({
            "plan": { "type": "string", "description": "A plan file's path, or the name of a plan. This or `text`" },
            "text": { "type": "string", "description": "The plan itself, as YAML. This or `plan`" },
            "inputs": { "type": "object", "description": "Values for the plan's inputs, by name" },
            "level": { "type": "integer", "minimum": 1, "maximum": 5,
                "description": "How much rigor, 1 (prototype) to 5 (enterprise), in place of the plan's own" },
            "parallel": { "type": "integer", "minimum": 1, "description": "How many tasks at once, in place of the plan's own number" },
        }),
    )
}

/// Mistakes.
pub(super) fn checks() -> Vec<Description> {
    vec![tool(
        "check_plan",
        "Check a plan",
        Effect::Looks,
        "Check a plan: find every mistake in it, with line, column and a hint, without starting anything. Of a plan that is right it shows the \
             critical path and how long it would take.",
        plan(),
    )]
}

/// Plans that are made here.
pub(super) fn proposals() -> Vec<Description> {
    vec![
        tool(
            "propose_plan",
            "Propose a plan",
            Effect::Consults,
            "Propose a plan: write one for what the person wants. Usually from a built-in template, at once; `answers` in the result says which \
             were assumed. With by: planner the project's planner agent writes it, as with `band plan`: that takes minutes and tokens, so do \
             it when the person wants it; the result is a handle for proposal_status. With save_as it is saved as a new file (nothing is \
             overwritten). For small changes edit the text yourself and check it with check_plan.",
            object(
                &["request"],
                json!({
                    "request": { "type": "string", "description": "What the person wants, in their own words" },
                    "level": { "type": "integer", "minimum": 1, "maximum": 5, "description": "How much rigor; 3 if left out" },
                    "by": { "type": "string", "enum": ["template", "planner"],
                        "description": "Who writes it: template if left out, planner if agent or model are given" },
                    "template": { "type": "string", "description": "A built-in template; chosen from the request if left out" },
                    "agent": { "type": "string",
                        "description": "The planner: an agent of the project, or claude, codex, gemini, opencode; found as `band plan` does if left out" },
                    "model": { "type": "string", "description": "The planner's model; without agent it is called directly" },
                    "answers": { "type": "object", "additionalProperties": { "type": "string" },
                        "description": "Answers by the ids of questions, as the result of an earlier call shows them" },
                    "save_as": { "type": "string", "description": "A new file within the project, such as plan.yaml" },
                }),
            ),
        ),
        tool(
            "proposal_status",
            "Status of a proposal",
            Effect::Looks,
            "Status of a proposal, a plan that a planner writes: state `working` with what it does, `done` with the plan. Give wait_seconds and call it \
             again until it is done.",
            object(
                &["proposal"],
                json!({
                    "proposal": { "type": "string", "description": "From propose_plan" },
                    "wait_seconds": { "type": "integer", "minimum": 0, "maximum": 50, "description": "Wait so long at most for its end; not at all if left out" },
                }),
            ),
        ),
        tool(
            "cancel_proposal",
            "Cancel a proposal",
            Effect::Destroys,
            "Cancel a proposal: end a planner that is still writing; what it wrote so far is lost.",
            object(&["proposal"], json!({ "proposal": { "type": "string", "description": "From propose_plan" } })),
        ),
    ]
}

/// What runs.
pub(super) fn starts() -> Vec<Description> {
    vec![
        tool(
            "preview_run",
            "Preview a run",
            Effect::Looks,
            "Preview a run: show what a plan would run here: tasks, commands, agents, critical path, expected finish, what is lacking. If it can start, \
             the result has a token for start_run. Show this to the person before you start it.",
            plan(),
        ),
        tool(
            "start_run",
            "Start a run",
            Effect::Starts,
            "Start a run: exactly what preview_run showed, by its token. It runs commands and agents in the background and goes on when this \
             connection ends. The same token again starts nothing more.",
            object(&["token"], json!({ "token": { "type": "string", "description": "From preview_run" } })),
        ),
    ]
}
