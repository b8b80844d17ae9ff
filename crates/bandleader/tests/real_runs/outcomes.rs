//! Everything that goes wrong with agents and their providers, with each of the four, in one plan.

use serde_json::{Map, Value, json};

use crate::stage::{FOUR, Stage, is_alive};

/// What befalls a task, how many attempts it gets, and the classes of those that fail.
const FATES: [(&str, u64, &str, &[&str]); 8] = [
    ("limited", 2, "completed", &["rate-limit"]),
    ("busy", 2, "completed", &["overloaded"]),
    ("locked", 1, "failed", &["auth"]),
    ("hung", 1, "failed", &["stall"]),
    ("endless", 1, "failed", &["max-turns"]),
    ("refused", 1, "failed", &["denied"]),
    ("idle", 1, "failed", &["deliverable"]),
    ("haunted", 1, "completed", &[]),
];

/// Seconds for which the provider asks to be left alone; Claude Code adds up to a tenth. Without a word from it, it would be 22 at least.
const PATIENCE: f64 = 12.0;

/// What no other process here has in its command line.
const DAEMON: &str = "86399.75";

/// How often a provider has to say no before an agent's program gives up: Claude Code tries once more by itself.
fn noes(agent: &str) -> u64 {
    if agent == "claude" { 2 } else { 1 }
}

/// A call that writes although the agent may only read. By its raw name: most do not even offer it.
fn forbidden(agent: &str) -> Value {
    let (name, args) = match agent {
        "claude" => ("Write", json!({"file_path": "refused.txt", "content": "x"})),
        "gemini" => ("write_file", json!({"file_path": "refused.txt", "content": "x"})),
        "opencode" => ("write", json!({"filePath": "refused.txt", "content": "x"})),
        _ => (
            "exec_command",
            json!({"cmd": "touch refused.txt", "sandbox_permissions": "require_escalated", "justification": "x"}),
        ),
    };
    json!({"tool": {"name": name, "args": args}})
}

fn script(pids: &str) -> Value {
    let mut rules = Vec::new();
    for (agent, _) in FOUR {
        let asked = |fate: &str| json!({"user": format!("FATE_{fate}_{agent}\\b"), "tools": true});
        let at = |fate: &str, turn: u64| {
            let mut asked = asked(fate);
            asked["turn"] = json!(turn);
            asked
        };
        let words = format!("Quota exceeded. Please retry in {PATIENCE}s.");
        let wait = json!({"retry-after": PATIENCE.to_string()});
        let daemon = format!(
            "setsid env -i sh -c 'echo $$ > {pids}/{agent}; exec sleep {DAEMON}' > /dev/null 2>&1 < /dev/null & \
             while ! test -s {pids}/{agent}; do sleep 0.05; done"
        );
        let long = "This is a text of more than forty letters, which nobody reads.";
        rules.extend([
            json!({"if": asked("limited"), "times": noes(agent),
                "do": {"status": 429, "error": {"message": words}, "headers": wait}}),
            json!({"if": asked("busy"), "times": noes(agent), "do": {"status": 529, "error": {"message": "Overloaded"}}}),
            json!({"if": asked("locked"), "do": {"status": 401, "error": {"message": "no such key"}}}),
            json!({"if": asked("hung"), "do": {"text": long, "hang_after": 500}}),
            json!({"if": asked("endless"), "do": {"call": [{"shell": "echo again"}]}}),
            json!({"if": at("refused", 0), "do": {"call": [forbidden(agent)]}}),
            json!({"if": at("haunted", 0), "do": {"call": [{"shell": daemon}]}}),
        ]);
    }
    rules.push(json!({"if": {"tools": true}, "do": {"text": "All is done."}}));
    Value::Array(rules)
}

fn plan(stage: &Stage) -> Value {
    let (mut agents, mut tasks) = (Map::new(), Vec::new());
    for (fate, ..) in FATES {
        for (agent, _) in FOUR {
            let name = format!("{fate}-{agent}");
            let more = match fate {
                // Others at the same provider would wait with it.
                "limited" => json!({"account": "small"}),
                "endless" => json!({"permissions": "full", "max_turns": 2}),
                "haunted" => json!({"permissions": "full"}),
                "refused" => json!({"permissions": "read-only"}),
                _ => json!({}),
            };
            agents.insert(name.clone(), stage.agent(agent, &more));
            let mut task = json!({"id": name, "agent": name, "task": format!("FATE_{fate}_{agent}")});
            match fate {
                "hung" => task["stall"] = json!("20s"),
                "refused" | "idle" => task["deliverables"] = json!([format!("{fate}-{agent}.txt")]),
                _ => {}
            }
            tasks.push(task);
        }
    }
    json!({"mission": "What goes wrong", "limits": {"parallel": 4}, "agents": agents, "tasks": tasks})
}

#[test]
fn whatever_goes_wrong_has_its_class_and_nothing_is_left_behind() {
    let Some(stage) = Stage::new(&FOUR.map(|(name, _)| name), json!([])) else { return };
    let pids = stage.beside("pids");
    std::fs::create_dir(&pids).unwrap();
    stage.server.play(serde_json::from_value(script(pids.to_str().unwrap())).unwrap());
    stage.plan(&plan(&stage));
    let (code, said) = stage.start(&["run", "plan.yaml"]).end();
    assert_eq!(code, Some(3), "{said}");

    let (status, report) = (stage.json(&["status", "--json"]), stage.json(&["report", "--json"]));
    let mut wrong = Vec::new();
    for task in status["tasks"].as_array().unwrap() {
        let path = task["path"].as_str().unwrap();
        let (fate, agent) = path.split_once('-').unwrap();
        let (_, attempts, ending, classes) = FATES.into_iter().find(|(known, ..)| *known == fate).unwrap();
        let failures = report["failures"].as_array().unwrap().iter().filter(|failure| failure["task"] == path);
        let found: Vec<&str> = failures.map(|failure| failure["class"].as_str().unwrap()).collect();
        if (task["attempts"].as_u64(), task["state"].as_str()) != (Some(attempts), Some(ending)) || found != classes {
            let logs = stage.said(&["logs", path]).out;
            wrong.push(format!("{path}: {found:?} {task:#}\n{logs}"));
        }
        if ending == "completed" && attempts > 1 {
            // Whatever the second attempt went on with, it knew the task.
            let knows = |asked: &&Value| asked["body"].to_string().contains(&format!("FATE_{fate}_{agent}"));
            let asked = stage.server.log();
            let answered = asked.iter().filter(knows).filter(|asked| asked["status"] == 200);
            assert!(answered.count() > 0, "{path}");
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n\n"), stage.server.count()["total"]);

    // Each provider was left alone for as long as it asked.
    let retries = stage.events().into_iter().filter(|event| event["event"] == "agent_retry");
    let waits: Vec<Value> =
        retries.filter(|event| event["agent"].as_str().is_some_and(|name| name.starts_with("limited-"))).collect();
    assert_eq!(waits.len(), FOUR.len(), "{waits:#?}");
    for wait in &waits {
        assert!(wait["after_seconds"].as_f64().is_some_and(|after| after > 0.0 && after < 1.5 * PATIENCE), "{wait}");
    }
    for (agent, _) in FOUR {
        let pid = std::fs::read_to_string(pids.join(agent)).unwrap();
        assert!(!is_alive(pid.trim(), DAEMON), "the daemon of {agent} lives on");
    }
    assert_eq!(stage.server.count()["total"]["unmatched"], 0);
    stage.none_left();
}
