//! Runs from their first line to their last, and what is left of them.

use std::process::{Command, Stdio};

use super::SHOP;
use super::cli_support::{band, empty, project};

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
fn what_a_failed_task_printed_stands_below_its_failure_masked_escaped_and_bounded() {
    let long = "for number in $(seq 1 30); do echo line $number; done; printf 'red \\033[31mword\\033[0m \\033[2J\\n\\n'; exit 3";
    let wide = "head -c 5000 /dev/zero | tr '\\0' x; exit 1";
    let secret = "echo the key is $KEY >&2; exit 1";
    let plan = format!(
        "mission: m\nsecrets: [KEY]\ntasks:\n  - {{ id: long, run: {} }}\n  - {{ id: wide, run: {} }}\n  \
         - {{ id: silent, run: exit 1 }}\n  - {{ id: key, run: {} }}\n  \
         - {{ id: gated, run: echo made, gates: [{{ run: echo 1 test failed; exit 1, name: tests }}] }}\n",
        serde_json::json!(long),
        serde_json::json!(wide),
        serde_json::json!(secret)
    );
    let folder = project(&plan);
    let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
    let output = command
        .args(["run", "plan.yaml"])
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("KEY", "s3cr3t-and-long")
        .output();
    let out = String::from_utf8(output.unwrap().stdout).unwrap();
    let below = |task: &str| -> Vec<&str> {
        let mut lines = out.lines().skip_while(|line| !words(line).contains(&format!("failed {task}")));
        lines.next();
        lines.take_while(|line| line.starts_with("    ")).collect()
    };
    let told = below("long");
    assert!(
        told[0].starts_with("    the last 19 of 32 lines that it printed; all of it: `band logs long --run "),
        "{out}"
    );
    assert_eq!(told[1], "    | line 13", "{out}");
    assert_eq!(told.last(), Some(&"    | red word \\e[2J"), "{out}");
    let told = below("wide");
    assert!(told.len() == 2 && told[1].chars().count() < 420, "{out}");
    assert_eq!(below("silent"), [""; 0]);
    let told = below("key");
    assert!(told[1].starts_with("    | ! the key is ") && !out.contains("s3cr3t"), "{out}");
    assert_eq!(below("gated"), ["    it printed:", "    | 1 test failed"], "{out}");
}

#[test]
fn what_a_rule_decides_is_one_line_and_asks_nobody() {
    let plan = "mission: m\nlevel: 1\ntasks:\n  - id: ask\n    decision:\n      question: Which one?\n      recommend: B\n      \
                options: [{ id: A, name: One }, { id: B, name: Two }]\n";
    let folder = project(plan);
    let said = band(folder.path(), &["run", "plan.yaml"]);
    let facts: Vec<String> = said.out.lines().map(|line| words(line.get(21..).unwrap_or(line))).collect();
    assert!(
        facts.iter().any(
            |line| line == "decided ask 1: Which one? B (Two), because the mode of the plan asks nobody about this"
        ),
        "{}",
        said.out
    );
    assert!(!said.out.contains("question") && !said.out.contains("waits for an answer"), "{}", said.out);
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
