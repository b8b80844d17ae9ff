//! The tools as models read them: what each is for, what it takes, what it does to the world.

use serde_json::{Value, json};

use super::outputs;
use crate::mcp::toolbox::{Description, Effect, object};

/// All of them, in the order in which they are shown.
pub(super) fn all() -> Vec<Description> {
    let mut tools = of_plans();
    tools.extend(of_runs());
    tools.extend(of_people());
    tools.extend(of_engines());
    tools
}

fn tool(name: &'static str, title: &'static str, effect: Effect, text: &'static str, schema: Value) -> Description {
    let mut schema = schema;
    if let Value::Object(fields) = &mut schema {
        fields.insert("additionalProperties".into(), json!(false));
    }
    let output = Some(outputs::of(name));
    Description { name, title: Some(title), text, schema, output, effect: Some(effect) }
}

fn run() -> Value {
    json!({ "type": "string", "description": "The run's id, or its beginning; the newest run if left out" })
}

fn after() -> Value {
    json!({ "type": "string", "description": "The `next` of the page before" })
}

fn limit() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": 1000, "description": "Entries of the page; 50 if left out" })
}

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

fn of_plans() -> Vec<Description> {
    vec![
        tool(
            "check_plan",
            "Check a plan",
            Effect::Looks,
            "Find every mistake in a plan, with line, column and a hint, without starting anything. Of a plan that is right it shows the \
             critical path and how long it would take.",
            plan(),
        ),
        tool(
            "propose_plan",
            "Propose a plan",
            Effect::Adds,
            "Write a plan for what the person wants, from a built-in template and answers to its questions; `answers` in the result says \
             which were assumed. With save_as it is saved as a new file (nothing is overwritten). For anything special, change the \
             text yourself and check it with check_plan.",
            object(
                &["request"],
                json!({
                    "request": { "type": "string", "description": "What the person wants, in their own words" },
                    "level": { "type": "integer", "minimum": 1, "maximum": 5, "description": "How much rigor; 3 if left out" },
                    "template": { "type": "string", "description": "A built-in template; chosen from the request if left out" },
                    "answers": { "type": "object", "additionalProperties": { "type": "string" },
                        "description": "Answers by the ids of questions, as the result of an earlier call shows them" },
                    "save_as": { "type": "string", "description": "A new file within the project, such as plan.yaml" },
                }),
            ),
        ),
        tool(
            "preview_run",
            "Preview a run",
            Effect::Looks,
            "Show what a plan would run here: tasks, commands, agents, critical path, expected finish, what is lacking. If it can start, \
             the result has a token for start_run. Show this to the person before you start it.",
            plan(),
        ),
        tool(
            "start_run",
            "Start a run",
            Effect::Destroys,
            "Start exactly what preview_run showed, by its token. It runs commands and agents in the background and goes on when this \
             connection ends. The same token again starts nothing more.",
            object(&["token"], json!({ "token": { "type": "string", "description": "From preview_run" } })),
        ),
    ]
}

fn of_runs() -> Vec<Description> {
    vec![
        tool(
            "list_runs",
            "List runs",
            Effect::Looks,
            "The runs of this project, newest first, with their states and how many tasks are done.",
            object(
                &[],
                json!({
                    "state": { "type": "string", "description": "Only those: running, waiting, paused, interrupted, succeeded, failed …" },
                    "after": after(), "limit": limit(),
                }),
            ),
        ),
        tool(
            "run_status",
            "How a run stands",
            Effect::Looks,
            "How a run stands: state, counts, tasks (in pages), what agents do, open decisions, blockers, critical path, expected finish, \
             cost. With wait_seconds it waits for news; call it again until `over`, giving `seq` as after_seq, rather than waiting long.",
            object(
                &[],
                json!({
                    "run": run(),
                    "wait_seconds": { "type": "integer", "minimum": 0, "maximum": 50, "description": "Wait so long at most; not at all if left out" },
                    "wait_for": { "type": "string", "enum": ["change", "decision", "end"],
                        "description": "What ends the wait: anything new, a question to people, or only the end. change if left out" },
                    "after_seq": { "type": "integer", "minimum": 0, "description": "`seq` of an earlier result: only what is newer counts as news" },
                    "task_state": { "type": "string", "description": "Only tasks of this state: running, failed, blocked, pending, completed …" },
                    "after": after(), "limit": limit(),
                }),
            ),
        ),
        tool(
            "run_timeline",
            "What happened in a run",
            Effect::Looks,
            "What happened in a run, in order: one entry for each event.",
            object(&[], json!({ "run": run(), "after": after(), "limit": limit() })),
        ),
        tool(
            "run_report",
            "Report of a run",
            Effect::Looks,
            "What a run amounted to, or amounts to so far: deliverables, decisions with their reasons, agents' performance, planned \
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

fn of_people() -> Vec<Description> {
    vec![
        tool(
            "list_decisions",
            "List open decisions",
            Effect::Looks,
            "What runs ask people now, the most pressing first: options with what they are compared by, the recommendation, and when \
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
            "Have the person answer an open decision or approval. This asks them through your program; only what they choose there \
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
            "Say something to the agent that works on a task. It reaches an agent at work where its program can hear; otherwise its next \
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

fn of_engines() -> Vec<Description> {
    let one_run = || object(&[], json!({ "run": run() }));
    vec![
        tool(
            "pause_run",
            "Pause a run",
            Effect::Sets,
            "Start nothing new in a run. What runs goes on to its end.",
            one_run(),
        ),
        tool(
            "resume_run",
            "Go on with a run",
            Effect::Sets,
            "Go on with a run that is paused, or that nobody drives any more (state `interrupted`). Raising its limits is for people.",
            one_run(),
        ),
        tool(
            "cancel_run",
            "Cancel a run",
            Effect::Destroys,
            "Stop a run for good, or single tasks of it. Returns at once: run_status shows when nothing of it runs any more.",
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_tool_says_what_it_is_for_takes_and_answers() {
        let mut texts = BTreeSet::new();
        for tool in all() {
            assert!(tool.text.len() > 30 && texts.insert(tool.text), "{}", tool.name);
            for schema in [Some(&tool.schema), tool.output.as_ref()] {
                let schema = schema.unwrap();
                assert_eq!(schema["type"], "object", "{}", tool.name);
                for required in schema["required"].as_array().unwrap() {
                    assert!(
                        schema["properties"].get(required.as_str().unwrap()).is_some(),
                        "{}: {required}",
                        tool.name
                    );
                }
            }
        }
        assert_eq!(texts.len(), 14);
    }
}
