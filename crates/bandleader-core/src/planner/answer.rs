//! What is taken from a planner's answer, and what no planner may say.

use serde_json::{Map, Value, json};

use crate::interview::Brief;

use super::fill::without_templates;

/// An answer in which no plan is to be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NoPlan {
    /// What is there instead, for the planner to read.
    pub message: String,
}

/// The plan in the JSON of an answer; some put it under a key of its own.
///
/// # Errors
/// When it is no map with tasks.
pub fn plan_in(answer: Option<Value>) -> Result<Map<String, Value>, NoPlan> {
    let wrong = |message: &str| NoPlan { message: message.to_owned() };
    let Some(answer) = answer else { return Err(wrong("there is no whole JSON value in the answer")) };
    let Value::Object(mut map) = answer else { return Err(wrong("the answer is JSON, but not a map")) };
    let has_tasks = |map: &Map<String, Value>| map.contains_key("phases") || map.contains_key("tasks");
    if !has_tasks(&map)
        && let Some(Value::Object(inner)) = map.shift_remove("plan")
    {
        map = inner;
    }
    if has_tasks(&map) { Ok(map) } else { Err(wrong("the plan has neither `phases` nor `tasks`")) }
}

/// The plan with what is the person's to say: level, mode, timeline and budget; and with a mission where there is none.
pub fn pinned(mut plan: Map<String, Value>, brief: &Brief) -> Value {
    let mut whole = Map::new();
    let mission = plan.shift_remove("mission").and_then(|mission| mission.as_str().map(str::to_owned));
    let mission = mission.filter(|mission| !mission.trim().is_empty()).unwrap_or_else(|| brief.mission());
    whole.insert("mission".into(), Value::String(without_templates(mission.trim())));
    whole.insert("level".into(), json!(brief.level));
    whole.insert("timeline".into(), json!(brief.get("timeline").unwrap_or("normal")));
    whole.extend(brief.mode.map(|mode| ("mode".to_owned(), json!(mode.name()))));
    for key in ["limits", "resources", "inputs", "agents"] {
        whole.extend(plan.shift_remove_entry(key));
    }
    whole.extend(plan.into_iter().filter(|(key, _)| !matches!(key.as_str(), "level" | "timeline" | "mode")));
    if let Some(budget) = brief.get("budget").filter(|budget| *budget != "none") {
        let limits = whole.entry("limits").or_insert_with(|| json!({}));
        if let Some(limits) = limits.as_object_mut() {
            limits.insert("cost".into(), json!(budget));
        }
    }
    Value::Object(whole)
}

/// What a person may put into a plan and a planner may not, one sentence each: more rights, other addresses for keys, other files.
pub fn forbidden(plan: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, agent) in plan.get("agents").and_then(Value::as_object).into_iter().flatten() {
        for key in ["command", "base_url", "api_key_env", "account", "env"] {
            if agent.get(key).is_some() {
                found.push(format!(
                    "agent `{name}` has `{key}`: a plan that was asked for may not set it; leave it out"
                ));
            }
        }
        let instructions = agent.get("instructions").and_then(Value::as_str).unwrap_or_default();
        if !instructions.contains(char::is_whitespace) && [".md", ".txt"].iter().any(|end| instructions.ends_with(end))
        {
            found.push(format!("agent `{name}` has a file as its `instructions`: write the instructions themselves"));
        }
        if agent.get("permissions").is_some_and(|permissions| permissions == "full") {
            found.push(format!("agent `{name}` has `permissions: full`: only a person gives that; leave it out"));
        }
    }
    for key in ["secrets", "env"] {
        if plan.get(key).is_some() {
            found.push(format!("the plan has `{key}`: a plan that was asked for may not set it; leave it out"));
        }
    }
    let mut waiting = vec![plan];
    while let Some(value) = waiting.pop() {
        if let Some(tasks) = value.get("tasks").and_then(Value::as_array) {
            waiting.extend(tasks);
        }
        if let Some(phases) = value.get("phases").and_then(Value::as_array) {
            waiting.extend(phases);
        }
        if value.get("plan").is_some() {
            found.push("a task has `plan`: write the tasks themselves, other files are not included".into());
        }
        if value.get("schema").is_some_and(Value::is_string) {
            found.push("a task has `schema` as a path: write the schema itself".into());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Given, Interview, Kind};

    #[test]
    fn a_plan_is_found_where_models_put_it() {
        let plan = json!({ "mission": "m", "tasks": [] });
        assert_eq!(plan_in(Some(plan.clone())).map(Value::Object), Ok(plan.clone()));
        assert_eq!(plan_in(Some(json!({ "plan": plan }))).map(Value::Object), Ok(plan));
        for (answer, words) in
            [(None, "no whole JSON"), (Some(json!([])), "not a map"), (Some(json!({ "a": 1 })), "neither")]
        {
            assert!(plan_in(answer).unwrap_err().message.contains(words));
        }
    }

    #[test]
    fn what_is_the_persons_to_say_stays_theirs() {
        let given = Given::from([("budget".to_owned(), "5".to_owned()), ("timeline".to_owned(), "urgent".to_owned())]);
        let brief = Interview::new("Build it", Kind::Saas, 1, &given).unwrap().finish();
        let Value::Object(plan) =
            json!({ "tasks": [], "level": 5, "timeline": "relaxed", "limits": { "cost": "900 USD", "parallel": 3 } })
        else {
            unreachable!()
        };
        let plan = pinned(plan, &brief);
        let expected = json!({ "mission": "Build it", "level": 1, "timeline": "urgent", "limits": { "cost": "5 USD", "parallel": 3 }, "tasks": [] });
        assert_eq!(plan, expected);
    }

    #[test]
    fn no_planner_gives_itself_rights() {
        let plan = json!({
            "secrets": ["TOKEN"],
            "agents": { "a": { "permissions": "full", "base_url": "http://elsewhere", "api_key_env": "AWS_SECRET" }, "b": { "command": ["sh"] } },
            "phases": [{ "id": "x", "tasks": [{ "id": "g", "tasks": [{ "plan": "../other.yaml" }] }, { "id": "s", "schema": "../x.json" }] }],
        });
        assert_eq!(forbidden(&plan).len(), 7, "{:#?}", forbidden(&plan));
        let good = json!({ "agents": { "a": { "description": "x", "permissions": "read-only" } }, "tasks": [{ "id": "t", "agent": "a", "task": "x" }] });
        assert!(forbidden(&good).is_empty());
    }
}
