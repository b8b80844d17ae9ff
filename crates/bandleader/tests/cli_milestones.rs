//! Milestones from the command line: which comes next, which was reached, and the question at one.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use std::path::Path;

use cli_support::{Live, band, json, none_left, project};

const PLAN: &str = "mission: m
milestones:
  - { id: live, title: Everybody has it, needs: [ship] }
phases:
  - id: build
    milestone: { id: beta, title: The beta is out, decision: { question: Do we ship it?, recommend: approve, on_silence: park } }
    tasks: [{ id: api, run: 'echo api >> made', expected_time: 10m }]
  - id: ship
    needs: [build]
    decision: { question: 'Was {{ needs.it.state }} enough?', recommend: approve, timeout: 1s }
    tasks: [{ id: it, run: 'echo it >> made', expected_time: 20m }]
";

fn made(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("made")).unwrap_or_default()
}

#[test]
fn what_comes_after_a_milestone_waits_for_the_answer_and_everybody_sees_how_far_it_is() {
    let folder = project(PLAN);
    let policy = band(folder.path(), &["policy", "plan.yaml"]).out;
    assert!(policy.contains("beta") && policy.contains("ship.decision"), "{policy}");
    let graph = band(folder.path(), &["graph", "plan.yaml"]).out;
    let lines: Vec<&str> = graph.lines().filter(|line| line.starts_with('◆')).collect();
    assert_eq!(lines, ["◆ beta  The beta is out  after build.api", "◆ live  Everybody has it  after ship"]);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("milestone");
    run.wait_for("question");
    assert_eq!(made(folder.path()), "api\n", "nothing goes on without an answer");
    let status = json(folder.path(), &["status", "--json"]);
    let [beta, live] = status["milestones"].as_array().unwrap().as_slice() else { panic!("{status}") };
    let told = [&beta["id"], &beta["state"], &beta["decision"], &live["id"], &live["state"], &live["left_ms"]];
    let expected = serde_json::json!(["beta", "asking", 1, "live", "ahead", 20 * 60_000]);
    assert_eq!(serde_json::json!(told), expected);
    let seen = band(folder.path(), &["status"]).out;
    assert!(seen.contains("Everybody has it (live), in 20 m"), "{seen}");
    assert_eq!(band(folder.path(), &["approve", "1"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
    for words in ["milestone  beta", "The beta is out", "milestone  live"] {
        assert!(run.text.contains(words), "{words} is missing in\n{}", run.text);
    }
    assert_eq!(made(folder.path()), "api\nit\n");
    let page = std::fs::read_dir(folder.path().join(".band/runs")).unwrap().next().unwrap().unwrap().path();
    let plan = std::fs::read_to_string(page.join("orchestration-plan.md")).unwrap();
    assert!(plan.contains("- [x] **Everybody has it** (`live`): REACHED, reached"), "{plan}");
    let timeline = std::fs::read_to_string(page.join("orchestration-timeline.jsonl")).unwrap();
    assert_eq!(timeline.lines().filter(|line| line.contains(r#""event":"milestone_reached""#)).count(), 2);
    let decided = timeline.lines().find(|line| line.contains(r#""event":"decision_point""#)).unwrap();
    assert!(decided.contains(r#""duration_seconds":"#) && decided.contains(r#""user_choice":"approve""#), "{decided}");
    assert!(plan.contains("Do we ship it? Decided: approve, by ") && plan.contains(" (after "), "{plan}");
    none_left(folder.path());
}
