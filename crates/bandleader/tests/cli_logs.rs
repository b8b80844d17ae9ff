//! What tasks printed, as `band logs` shows it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::fmt::Write as _;
use std::path::Path;

use cli_support::{Live, band, project};

fn logs(folder: &Path, arguments: &[&str]) -> String {
    let said = band(folder, &[&["logs"], arguments].concat());
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

#[test]
fn streams_attempts_and_gates_are_told_apart() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'echo out $BAND_ATTEMPT; sleep 0.05; echo err >&2', gates: ['echo gate; test -f ok || { touch ok; false; }'], retry: { limit: 1, backoff: 1 ms } }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    assert_eq!(logs(folder.path(), &["a"]), "out 2\n! err\na gate 1 (completed, try 2)\ngate\n");
    assert_eq!(logs(folder.path(), &["a", "--attempt", "1", "--stdout"]), "out 1\na gate 1 (completed, try 1)\ngate\n");
    assert_eq!(logs(folder.path(), &["a", "--stderr"]), "! err\n");
    assert_eq!(logs(folder.path(), &["a", "--raw", "--stderr"]), "err\n");
    assert_eq!(logs(folder.path(), &["a", "-n", "1"]), "! err\na gate 1 (completed, try 2)\ngate\n");
    let said = band(folder.path(), &["logs", "a", "--attempt", "3"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: there is no attempt 3: so far there is 2 attempts\n"));
}

#[test]
fn nothing_that_a_task_prints_steers_the_terminal() {
    let folder = project(
        r#"mission: m
tasks:
  - { id: a, run: "printf '\\033[31mred\\033[0m \\033]0;owned\\007\\033[2J \\377\\376 \\302\\2332J\\r\\n'" }
"#,
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    assert_eq!(logs(folder.path(), &["a"]), "red \\e]0;owned\\u{7}\\e[2J \\xff\\xfe \\u{9b}2J\n");
    let coloured = band(folder.path(), &["--color", "always", "logs", "a"]).out;
    assert!(coloured.starts_with("\u{1b}[31mred\u{1b}[0m \\e]0;owned"), "{coloured:?}");
    let mut terminal = Live::at_terminal(folder.path(), "logs a --raw");
    assert_eq!(terminal.end(), 2, "{}", terminal.text);
    assert!(terminal.text.contains("control this terminal"), "{}", terminal.text);
}

#[test]
fn several_tasks_are_followed_with_their_names_to_the_end_of_the_run() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: one, run: 'while ! test -f go; do sleep 0.02; done; echo 1' }\n  - { id: three, run: 'echo 3', needs: [one] }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--detach"]).code, 0);
    let mut logs = Live::piped(folder.path(), &["logs", "-f"]);
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(logs.end(), 0);
    assert_eq!(logs.text, "one   │ 1\nthree │ 3\n");
}

#[test]
fn only_the_end_of_each_is_shown_unless_a_task_is_named() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'seq 100' }\n  - { id: b, run: 'true' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let mut expected = String::from("a (completed)\n");
    for number in 91..=100 {
        let _ = writeln!(expected, "{number}");
    }
    assert_eq!(logs(folder.path(), &[]), expected);
    assert_eq!(logs(folder.path(), &["a"]).lines().count(), 100);
    assert_eq!(logs(folder.path(), &["a", "-n", "2"]), "99\n100\n");
}

#[test]
fn all_tasks_are_told_in_one_log_in_the_order_of_time() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: b, run: 'echo 1; while ! test -f go; do sleep 0.02; done; sleep 0.02; echo 4', gates: ['echo 5'] }\n  - { id: a, run: 'while ! test -s .band/runs/*/jobs/0.1.log; do sleep 0.02; done; sleep 0.02; echo 2; sleep 0.02; echo 3 >&2; touch go' }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let without_time =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect() };
    let all = without_time(&logs(folder.path(), &["--merged"]));
    assert_eq!(all, ["b │ 1", "a │ 2", "a │ ! 3", "b │ 4", "b gate 1 │ 5"]);
    assert_eq!(without_time(&logs(folder.path(), &["--merged", "-n", "2"])), all[3..]);
    assert_eq!(without_time(&logs(folder.path(), &["--merged", "-f", "--stderr"])), all[2..3]);
    let json = logs(folder.path(), &["--merged", "--json", "b"]);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let texts: Vec<&str> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["1", "4", "5"]);
    assert!(lines[0]["at"].as_u64().unwrap() > 1_700_000_000_000);
}
