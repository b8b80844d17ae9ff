//! Ctrl-C: once to stop dispatching, twice to cancel, three times to kill; and what it looks like at a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use cli_support::{Live, band, json, none_left, project};

const TWO: &str = "\
mission: m
limits: { parallel: 1 }
tasks:
  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }
  - { id: b, run: 'echo b', needs: [a] }
";
const LONG: &str = "mission: m\ntasks:\n  - { id: a, run: 'sleep 1000' }\n";
const DEAF: &str =
    "mission: m\ntasks:\n  - { id: a, run: 'trap \"\" TERM; echo deaf; while true; do sleep 0.02; done' }\n";

#[test]
fn once_lets_what_runs_finish_and_starts_nothing_new() {
    let folder = project(TWO);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("started");
    run.interrupt();
    run.wait_for("finishing · Ctrl-C: cancel");
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(run.end(), 130, "{}", run.text);
    assert!(run.text.contains("`band resume"), "{}", run.text);
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!(status["state"], "paused");
    assert_eq!((&status["tasks"][0]["state"], &status["tasks"][1]["state"]), (&"completed".into(), &"ready".into()));
    none_left(folder.path());
    assert_eq!(band(folder.path(), &["resume"]).code, 0);
    assert_eq!(band(folder.path(), &["logs", "b"]).out, "b\n");
}

#[test]
fn twice_cancels_what_runs() {
    let folder = project(LONG);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("started");
    run.interrupt();
    run.wait_for("finishing · Ctrl-C: cancel");
    run.interrupt();
    assert_eq!(run.end(), 130, "{}", run.text);
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "cancelled");
    none_left(folder.path());
}

#[test]
fn three_times_kills_what_does_not_listen() {
    let folder = project(DEAF);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    let mut logs = Live::piped(folder.path(), &["logs", "-f"]);
    run.wait_for("started");
    for words in ["finishing · Ctrl-C: cancel", "cancelling · Ctrl-C: kill"] {
        run.interrupt();
        run.wait_for(words);
    }
    run.interrupt();
    assert_eq!(run.end(), 130, "{}", run.text);
    assert!(run.text.contains("cancelled, at once"), "{}", run.text);
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "cancelled");
    none_left(folder.path());
    logs.end();
}

#[test]
fn at_a_terminal_the_key_does_the_same_and_the_view_goes_away() {
    let folder = project(LONG);
    let mut run = Live::at_terminal(folder.path(), "run plan.yaml");
    run.wait_for("Ctrl-C: finish what runs");
    run.press("\u{3}");
    run.wait_for("finishing · Ctrl-C: cancel");
    run.press("\u{3}");
    assert_eq!(run.end(), 130, "{}", run.text);
    assert!(
        !run.text.contains("\u{1b}[2J") && !run.text.contains("\u{1b}[H"),
        "the screen is never cleared: {:?}",
        run.text
    );
    // Not as many of one as of the other: a terminal throws away what is on its way to it when Ctrl-C is pressed.
    assert!(run.text.rfind("\u{1b}[?25h") > run.text.rfind("\u{1b}[?25l"), "the cursor comes back: {:?}", run.text);
    assert!(run.text.contains("cancelled"), "{}", run.text);
    none_left(folder.path());
}
