//! The command line as people and scripts meet it: what stands on stdout, what on stderr, and the exit code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What a command said.
struct Said {
    out: String,
    err: String,
    code: i32,
}

fn band(project: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_band"))
        .args(arguments)
        .current_dir(project)
        .env("HOME", project)
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("CLAUDE_CONFIG_DIR")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

/// A folder that counts as the top of a repository, so that a state folder above it, in the temporary folder, is none of ours.
fn empty() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

fn project(plan: &str) -> TempDir {
    let folder = empty();
    std::fs::write(folder.path().join("plan.yaml"), plan).unwrap();
    folder
}

const SHOP: &str = "\
mission: Low-stock alerts
limits: { parallel: 2 }
phases:
  - id: planning
    tasks:
      - { id: spec, run: 'true', expected_time: 30m }
      - { id: threats, run: 'true', needs: [spec], expected_time: 20m }
  - id: build
    needs: [planning]
    tasks:
      - { id: api, run: 'true', expected_time: 1h }
      - { id: docs, run: 'true', expected_time: 10m }
";

#[test]
fn a_good_plan_is_told_in_one_line() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.out, "Low-stock alerts: level 3, 2 phases, 4 tasks, at least 1 h 50 m\n");
    assert_eq!((said.err.as_str(), said.code), ("no problems in plan.yaml\n", 0));
}

#[test]
fn all_mistakes_are_shown_at_once_with_place_and_hint() {
    let folder = project("mission: x\ntasks:\n  - { id: a, run: 'true', needs: [bb] }\n  - { id: b, rum: 'true' }\n");
    let said = band(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.out, "");
    for text in ["plan.yaml:3:35", "no task is called `bb`", "plan.yaml:4:14", "did you mean `run`?", "──"] {
        assert!(said.err.contains(text), "{text} is missing in\n{}", said.err);
    }
    let last = said.err.lines().last().unwrap();
    assert!(last.ends_with("errors in plan.yaml"), "{last}");
    let said = band(folder.path(), &["check", "plan.yaml", "--json"]);
    assert_eq!(said.code, 2);
    let problems: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(problems[0]["place"]["line"], 3);
    assert_eq!(problems[0]["code"], "plan::unknown-need");
}

#[test]
fn nothing_in_a_plan_reaches_the_terminal_unescaped() {
    let folder = project("mission: \"a\\e]0;owned\\a\"\ntasks:\n  - { id: a, run: 'true', \"k\\e[2J\u{202e}\": 1 }\n");
    for verb in ["check", "graph", "rehearse"] {
        let said = band(folder.path(), &[verb, "plan.yaml"]);
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{verb}: {all:?}");
        assert!(all.contains("\\e"), "{verb}: {all}");
    }
}

#[test]
fn a_tree_marks_the_critical_path_and_says_each_need_once() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["graph", "plan.yaml"]);
    let expected = "\
Low-stock alerts
level 3, 2 phases, 4 tasks, at most 2 at once

planning
├─● spec     sh  30 m
└─● threats  sh  20 m  after spec
build                  after planning
├─● api      sh   1 h
└─○ docs     sh  10 m

● critical path 1 h 50 m
  spec → threats → api
";
    assert_eq!(said.out, expected);
}

#[test]
fn pictures_are_well_formed_and_marked() {
    let folder = project(SHOP);
    let mermaid = band(folder.path(), &["graph", "plan.yaml", "--format", "mermaid"]).out;
    assert!(mermaid.starts_with("flowchart LR\n  subgraph g0 [\"planning\"]\n"), "{mermaid}");
    assert!(mermaid.contains("n0 --> n1\n"), "{mermaid}");
    let dot = band(folder.path(), &["graph", "plan.yaml", "--format", "dot"]).out;
    assert!(dot.contains("n0 -> n1 [penwidth=2.5, color=black];"), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    let svg = band(folder.path(), &["graph", "plan.yaml", "--format", "svg"]).out;
    assert_eq!(svg.matches("<g>").count() + svg.matches("<g ").count(), svg.matches("</g>").count(), "{svg}");
    assert_eq!(svg.matches("class=\"card").count(), 4, "{svg}");
    let json = band(folder.path(), &["graph", "plan.yaml", "--json"]).out;
    let graph: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(graph["critical_path"], serde_json::json!(["planning.spec", "planning.threats", "build.api"]));
}

#[test]
fn a_rehearsal_says_when_and_what_if() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["rehearse", "plan.yaml", "--json"]);
    let rehearsal: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(rehearsal["makespan_ms"], 6_600_000);
    assert_eq!(rehearsal["what_if"][0], serde_json::json!({ "parallel": 1, "makespan_ms": 7_200_000 }));
    assert_eq!(rehearsal["resources"][0], serde_json::json!({ "name": "slots", "capacity": 2, "peak": 2 }));
    let said = band(folder.path(), &["rehearse", "plan.yaml", "--parallel", "1"]);
    assert!(said.out.contains("finished after 2 h\n"), "{}", said.out);
    assert!(said.out.contains("10 m sooner"), "{}", said.out);
}

#[test]
fn a_plan_is_found_by_name_in_the_project_before_the_built_in_ones() {
    let folder = project(SHOP);
    assert_eq!(band(folder.path(), &["check", "review"]).code, 0);
    let plans = folder.path().join(".band/plans");
    std::fs::create_dir_all(&plans).unwrap();
    std::fs::write(plans.join("review.yaml"), SHOP).unwrap();
    let said = band(folder.path(), &["check", "review"]);
    assert!(said.err.ends_with("in .band/plans/review.yaml\n"), "{}", said.err);
    let said = band(folder.path(), &["check", "reviw"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no plan is called `reviw`"), "{}", said.err);
    assert!(said.err.contains("review"), "{}", said.err);
}

#[test]
fn init_makes_a_plan_that_is_right_and_never_overwrites() {
    let folder = TempDir::new().unwrap();
    let said = band(folder.path(), &["init"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(band(folder.path(), &["check", "plan.yaml"]).code, 0);
    std::fs::write(folder.path().join("plan.yaml"), "mine").unwrap();
    let said = band(folder.path(), &["init"]);
    assert!(said.err.contains("kept plan.yaml"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("plan.yaml")).unwrap(), "mine");
    let schema = std::fs::read_to_string(folder.path().join(".band/plans/plan.schema.json")).unwrap();
    assert_eq!(schema, band(folder.path(), &["schema"]).out);
}

#[test]
fn a_run_says_its_facts_and_ends_with_its_code() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'echo hi' }\n  - { id: b, run: 'echo no >&2; exit 7', needs: [a] }\n",
    );
    let said = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(said.code, 3, "{}", said.err);
    let facts: Vec<String> = said.out.lines().map(|line| words(line.get(21..).unwrap_or(line))).collect();
    for fact in ["started a", "completed a", "started b", "failed b exit code 7", "ended failed"] {
        assert!(facts.iter().any(|line| line.starts_with(fact)), "{fact} is missing in\n{}", said.out);
    }
    assert!(said.out.contains("! no\n"), "the last word of the failed task: {}", said.out);
    let listed: serde_json::Value = serde_json::from_str(&band(folder.path(), &["list", "--json"]).out).unwrap();
    assert_eq!(listed[0]["state"], "failed");
    let id = listed[0]["id"].as_str().unwrap();
    let status = band(folder.path(), &["status", &id[..3], "--json"]).out;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["tasks"][1]["failure"]["message"], "exit code 7");
    assert_eq!(band(folder.path(), &["logs", "a"]).out, "hi\n");
    assert_eq!(band(folder.path(), &["logs", "b"]).out, "! no\n");
    let timeline = band(folder.path(), &["timeline", "--json"]).out;
    let kept = std::fs::read_to_string(folder.path().join(format!(".band/runs/{id}/orchestration-timeline.jsonl")));
    assert_eq!(timeline, kept.unwrap());
    let said = band(folder.path(), &["resume"]);
    assert_eq!(said.code, 3, "an ended run is left as it is: {}", said.err);
}

#[test]
fn a_failed_task_is_retried_and_the_rest_is_not_run_again() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'echo x >> a.txt' }\n  - { id: b, run: 'test -f fixed', needs: [a] }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 3);
    std::fs::write(folder.path().join("fixed"), "").unwrap();
    let said = band(folder.path(), &["retry", "--failed"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("a.txt")).unwrap(), "x\n");
}

#[test]
fn a_refused_gate_has_its_own_exit_code() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'true', gates: ['false'] }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 4);
}

#[test]
fn a_run_in_the_background_is_watched_to_its_end() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }\n");
    let said = band(folder.path(), &["run", "plan.yaml", "--detach"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let id = said.out.trim().to_owned();
    let status: serde_json::Value = serde_json::from_str(&band(folder.path(), &["status", "--json"]).out).unwrap();
    assert_eq!((status["id"].as_str().unwrap(), status["state"].as_str().unwrap()), (id.as_str(), "running"));
    std::fs::write(folder.path().join("go"), "").unwrap();
    let said = band(folder.path(), &["watch"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("succeeded"), "{}", said.out);
}

#[test]
fn a_run_that_is_paused_goes_on_where_it_was() {
    let folder = project(
        "mission: m\nlimits: { parallel: 1 }\ntasks:\n  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }\n  - { id: b, run: 'echo b', needs: [a] }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--detach"]).code, 0);
    let said = band(folder.path(), &["pause"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let again = band(folder.path(), &["pause"]);
    assert_eq!((again.code, again.err.as_str()), (2, "error: the run is paused already\n"));
    std::fs::write(folder.path().join("go"), "").unwrap();
    let said = band(folder.path(), &["resume"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert_eq!(band(folder.path(), &["logs", "b"]).out, "b\n");
}

#[test]
fn a_cancelled_run_is_over_when_the_command_returns() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'sleep 1000' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--detach"]).code, 0);
    let said = band(folder.path(), &["cancel"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let status: serde_json::Value = serde_json::from_str(&band(folder.path(), &["status", "--json"]).out).unwrap();
    assert_eq!(status["state"], "cancelled");
    let said = band(folder.path(), &["cancel"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: the run is over: cancelled\n"));
}

#[test]
fn an_export_equals_what_the_run_left() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'echo hi' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let said = band(folder.path(), &["export", "--output", "out"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let id = std::fs::read_dir(folder.path().join(".band/runs")).unwrap().next().unwrap().unwrap().path();
    for name in ["orchestration-plan.md", "orchestration-timeline.jsonl"] {
        let live = std::fs::read_to_string(id.join(name)).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("out").join(name)).unwrap(), live, "{name}");
    }
    let said = band(folder.path(), &["export", "--output", "out"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("nothing is overwritten"), "{}", said.err);
}

#[test]
fn where_there_is_no_run_one_is_told_what_to_do() {
    let folder = empty();
    for verb in ["status", "watch", "logs", "pause", "report"] {
        let said = band(folder.path(), &[verb]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{verb}: {}", said.err);
        assert!(said.err.starts_with("error: "), "{verb}: {}", said.err);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = project(SHOP);
    let mut child = Command::new(env!("CARGO_BIN_EXE_band"))
        .args(["schema"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

/// Words with one blank between them.
fn words(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
