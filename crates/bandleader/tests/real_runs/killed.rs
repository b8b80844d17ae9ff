//! The engine is killed while all four are at work.

use serde_json::{Value, json};

use crate::stage::{FOUR, LONGEST, Stage, wait_for};

/// These get their answers while no engine runs, the others after the next one has come.
const EARLY: [&str; 2] = ["claude", "codex"];

fn script() -> Value {
    let rules = FOUR.iter().flat_map(|(name, _)| {
        let asked = |turn: u64| json!({"user": format!("WORK_{name}"), "tools": true, "turn": turn});
        let hold = if EARLY.contains(name) { "early" } else { "late" };
        let insight =
            json!({"mcp": {"server": "band", "tool": "record_insight", "args": {"text": format!("found by {name}")}}});
        let file = json!({"write": {"path": format!("{name}.txt"), "text": format!("by {name}\n")}});
        [
            json!({"if": asked(0), "do": {"hold": hold, "call": [insight], "usage": [1000, 40, 100]}}),
            json!({"if": asked(1), "do": {"call": [file], "usage": [1100, 30, 900]}}),
            json!({"if": asked(2), "do": {"text": "Done.", "usage": [1200, 20, 1000]}}),
        ]
    });
    rules.collect()
}

fn plan(stage: &Stage) -> Value {
    let agents: serde_json::Map<String, Value> =
        FOUR.iter().map(|(name, _)| ((*name).to_owned(), stage.agent(name, &json!({})))).collect();
    let task = |name: &str| json!({"id": name, "agent": name, "task": format!("WORK_{name}"), "deliverables": [format!("{name}.txt")]});
    let tasks: Vec<Value> = FOUR.iter().map(|(name, _)| task(name)).collect();
    json!({"mission": "Killed", "limits": {"parallel": 4}, "agents": agents, "tasks": tasks})
}

#[test]
fn an_engine_killed_over_four_agents_at_work_starts_none_twice_and_collects_them_all() {
    let Some(stage) = Stage::new(&FOUR.map(|(name, _)| name), script()) else { return };
    stage.plan(&plan(&stage));
    let mut first = stage.start(&["run", "plan.yaml"]);
    assert!(stage.server.wait_for_held(4, LONGEST), "not all four have begun: {}", stage.account());
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert_eq!(stage.json(&["status", "--json"])["owner"], Value::Null);
    // Two go on without an engine, to their ends: what they say and do waits.
    stage.server.release("early");
    let outcome = |task: usize| stage.run_folder().join(format!("jobs/{task}.1.agent/outcome.json"));
    wait_for("two agents to end alone", || EARLY.iter().enumerate().all(|(task, _)| outcome(task).exists()));
    assert!(!stage.events().iter().any(|event| event["event"] == "agent_complete"), "nobody was there to see it");

    let second = stage.start(&["resume"]);
    wait_for("the next engine", || {
        stage.events().iter().filter(|event| event["event"] == "agent_complete").count() == EARLY.len()
    });
    stage.server.release("late");
    let (code, said) = second.end();
    assert_eq!(code, Some(0), "{said}\n{}", stage.account());

    let status = stage.json(&["status", "--json"]);
    for task in status["tasks"].as_array().unwrap() {
        assert_eq!((&task["state"], &task["attempts"]), (&json!("completed"), &json!(1)), "{task:#}");
    }
    let (id, events) = (stage.run(), stage.events());
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((of("engine_start"), of("agent_start"), of("insight")), (2, 4, 4), "{events:#?}");
    for (name, api) in FOUR {
        assert_eq!(stage.git(&["show", &format!("band/{id}/run:{name}.txt")]), format!("by {name}"));
        let begins = |asked: &Value| asked["api"] == api && asked["turn"] == 0 && asked["offered"] != json!([]);
        let begun = stage.server.log().iter().filter(|asked| begins(asked)).count();
        // Codex looks for the tool first, which is no turn.
        assert_eq!(begun, if name == "codex" { 2 } else { 1 }, "{name}: {}", stage.account());
    }
    stage.agrees();
    stage.none_left();
}
