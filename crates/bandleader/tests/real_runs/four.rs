//! One plan, four agents at once.

use serde_json::{Value, json};

use crate::stage::{FOUR, LONGEST, Stage};

/// What each does: it reports, asks, writes its file. Nothing goes on before all four have begun.
fn script() -> Value {
    let rules = FOUR.iter().flat_map(|(name, _)| {
        let asked = |turn: u64| json!({"user": format!("WORK_{name}"), "tools": true, "turn": turn});
        let tool = |tool: &str, args: Value| json!({"mcp": {"server": "band", "tool": tool, "args": args}});
        let options = json!([{"id": "A", "name": "green"}, {"id": "B", "name": "blue"}]);
        let question = json!({"question": format!("Which colour for {name}?"), "options": options, "recommend": "B",
            "patience_seconds": 1});
        let mut answered = asked(2);
        answered["result"] = json!("option B \\(blue\\), which was recommended");
        let file = json!({"write": {"path": format!("{name}.txt"), "text": format!("by {name}\n")}});
        [
            json!({"if": asked(0), "do": {"hold": "all", "text": "I begin.", "usage": [1000, 40, 100], "call": [
                tool("report_progress", json!({"percent": 10, "doing": "reading"})),
                tool("record_insight", json!({"text": format!("found by {name}")})),
            ]}}),
            json!({"if": asked(1), "do": {"call": [tool("ask", question)], "usage": [1100, 30, 900]}}),
            json!({"if": answered, "do": {"call": [file], "usage": [1200, 20, 1000]}}),
            json!({"if": asked(3), "do": {"text": format!("{name} is done."), "usage": [1300, 10, 1100]}}),
        ]
    });
    rules.collect()
}

fn plan(stage: &Stage) -> Value {
    let agents: serde_json::Map<String, Value> =
        FOUR.iter().map(|(name, _)| ((*name).to_owned(), stage.agent(name, &json!({})))).collect();
    let tasks: Vec<Value> = FOUR
        .iter()
        .map(|(name, _)| {
            json!({"id": format!("{name}-task"), "agent": name, "task": format!("WORK_{name}: write {name}.txt."),
                "deliverables": [format!("{name}.txt")], "gates": [format!("grep -q 'by {name}' {name}.txt")]})
        })
        .collect();
    json!({"mission": "Four at once", "limits": {"parallel": 4}, "agents": agents, "tasks": tasks})
}

#[test]
fn four_agents_work_at_once_each_apart_and_all_of_it_is_merged_and_counted() {
    let programs = FOUR.map(|(name, _)| name);
    let Some(stage) = Stage::new(&programs, script()) else { return };
    stage.plan(&plan(&stage));
    let run = stage.start(&["run", "plan.yaml"]);
    assert!(stage.server.wait_for_held(4, LONGEST), "not all four have begun: {}", stage.account());
    // None of them has had an answer, so all four are at work now, each in a worktree of its own.
    let trees = std::fs::read_dir(stage.run_folder().join("trees")).unwrap();
    let mut trees: Vec<String> = trees.map(|tree| tree.unwrap().file_name().into_string().unwrap()).collect();
    trees.sort();
    assert_eq!(trees, programs.map(|name| format!("{name}-task")));
    let at_work = stage.json(&["status", "--json"]);
    assert_eq!(at_work["counts"]["running"], 4, "{at_work:#}");
    stage.server.release("all");
    let (code, said) = run.end();
    assert_eq!(code, Some(0), "{said}\n{}", stage.account());

    let (id, events) = (stage.run(), stage.events());
    for name in programs {
        let task = format!("{name}-task");
        let branch = format!("band/{id}/task/{task}");
        assert_eq!(stage.git(&["diff", "--name-only", "main", &branch]), format!("{name}.txt"));
        let work =
            stage.git(&["log", "--format=%an|%(trailers:key=Band-Task,valueonly,separator=)", "main..", &branch]);
        assert!(work.contains(&format!("{name} via band|{task}")), "{work}");
        assert_eq!(stage.git(&["show", &format!("band/{id}/run:{name}.txt")]), format!("by {name}"));
        let heard = |event: &Value| event["event"] == "insight" && event["insight"] == format!("found by {name}");
        assert_eq!(events.iter().filter(|event| heard(event)).count(), 1, "{name}: {events:#?}");
    }
    assert_eq!(
        (stage.git(&["rev-list", "--count", "main"]), stage.git(&["status", "--porcelain"])),
        ("1".into(), String::new())
    );
    let status = stage.json(&["status", "--json"]);
    for task in status["tasks"].as_array().unwrap() {
        assert_eq!((&task["state"], &task["attempts"]), (&json!("completed"), &json!(1)), "{task:#}");
    }
    let decisions = status["decisions"].as_array().unwrap();
    let taken = decisions.iter().filter(|one| one["taken"]["option"] == "B");
    assert_eq!(taken.count(), 4, "{decisions:#?}");
    stage.agrees();
    stage.none_left();
}
