//! Tools for runs: look, answer, tell, steer.

use serde_json::json;

use super::{after, limit, run, tool};
use crate::mcp::toolbox::{Description, Effect, object};

/// They only look.
pub(super) fn looks() -> Vec<Description> {
    vec![
        tool(
            "list_runs",
            "List runs",
            Effect::Looks,
            "List the runs of this project, newest first, with their states and how many tasks are done.",
            object(
                &[],
                json!({
                    "state": { "type": "string",
                        "description": "Only those in these states, separated by commas: running, waiting, paused, interrupted, succeeded, failed …" },
                    "after": after(), "limit": limit(),
                }),
            ),
        ),
        tool(
            "run_status",
            "Status of a run",
            Effect::Looks,
            "Status of a run: its state, counts, the tasks at work or in trouble, what agents do, open decisions, blockers, critical path, \
             expected finish, cost. With wait_seconds it waits for news; call it again until `over`, giving `seq` as after_seq.",
            object(
                &[],
                json!({
                    "run": run(),
                    "wait_seconds": { "type": "integer", "minimum": 0, "maximum": 50, "description": "Wait so long at most; not at all if left out" },
                    "wait_for": { "type": "string", "enum": ["change", "decision", "end"],
                        "description": "What ends the wait: anything new, a question to people, or only the end. change if left out" },
                    "after_seq": { "type": "integer", "minimum": 0, "description": "`seq` of an earlier result: only what is newer counts as news" },
                    "task_state": { "type": "string",
                        "description": "Which tasks are listed: `all`, or states separated by commas (pending, ready, running, reviewing, blocked, completed, failed, skipped, cancelled). running,reviewing,blocked,failed if left out" },
                    "after": after(), "limit": limit(),
                }),
            ),
        ),
        tool(
            "run_timeline",
            "Timeline of a run",
            Effect::Looks,
            "Timeline of a run: what happened, in order, one entry for each event. For what happened lately, newest_first and a small limit.",
            object(
                &[],
                json!({
                    "run": run(),
                    "newest_first": { "type": "boolean", "description": "Begin at the end" },
                    "after": after(), "limit": limit(),
                }),
            ),
        ),
        tool(
            "run_report",
            "Report of a run",
            Effect::Looks,
            "Report of a run: what it amounted to, or amounts to so far: deliverables, decisions with their reasons, agents' performance, planned \
             against actual, cost. A long one comes in pieces: give next_offset as offset.",
            object(
                &[],
                json!({
                    "run": run(),
                    "format": { "type": "string", "enum": ["markdown", "json"], "description": "markdown if left out" },
                    "offset": { "type": "integer", "minimum": 0 },
                }),
            ),
        ),
    ]
}

/// What is asked, and what is said.
pub(super) fn people() -> Vec<Description> {
    vec![
        tool(
            "list_decisions",
            "List open decisions",
            Effect::Looks,
            "List the decisions that runs ask people for now, the most pressing first: options with what they are compared by, the recommendation, and when \
             silence counts. Without run, of all runs.",
            object(
                &[],
                json!({ "run": { "type": "string", "description": "Only of this run" }, "after": after(), "limit": limit() }),
            ),
        ),
        tool(
            "answer_decision",
            "Answer a decision",
            Effect::Destroys,
            "Have the person answer an open decision (a question of a run) or approval. This asks them through your program; only what they choose there \
             counts, and you cannot answer in their place. If your program cannot ask, it is refused: then tell the person how to answer.",
            object(
                &["decision"],
                json!({
                    "run": run(),
                    "decision": { "type": "integer", "minimum": 1, "description": "Its number" },
                    "suggest": { "type": "string", "description": "The id of the option that you would take; shown to the person as your suggestion" },
                }),
            ),
        ),
        tool(
            "tell_task",
            "Tell a task something",
            Effect::Adds,
            "Tell a task something: words to the agent that works on it. It reaches an agent at work where its program can hear; otherwise its next \
             attempt begins with it.",
            object(
                &["task", "text"],
                json!({
                    "run": run(),
                    "task": { "type": "string", "description": "The task's path, or the end of it" },
                    "text": { "type": "string", "description": "The words" },
                }),
            ),
        ),
    ]
}

/// How it goes on.
pub(super) fn engines() -> Vec<Description> {
    let one_run = || object(&[], json!({ "run": run() }));
    vec![
        tool(
            "pause_run",
            "Pause a run",
            Effect::Sets,
            "Pause a run: nothing new is started in it. What runs goes on to its end.",
            one_run(),
        ),
        tool(
            "resume_run",
            "Resume a run",
            Effect::Sets,
            "Resume a run that is paused, or that nobody drives any more (state `interrupted`). Raising its limits is for people.",
            one_run(),
        ),
        tool(
            "cancel_run",
            "Cancel a run",
            Effect::Destroys,
            "Cancel a run: stop it for good, or single tasks of it. Returns at once: run_status shows when nothing of it runs any more.",
            object(
                &[],
                json!({
                    "run": run(),
                    "tasks": { "type": "array", "items": { "type": "string" }, "description": "Only these tasks" },
                    "now": { "type": "boolean", "description": "Kill at once instead of asking first" },
                }),
            ),
        ),
    ]
}
