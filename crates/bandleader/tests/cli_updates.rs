//! What a run tells of itself while it goes on. Updates in plain lines and in `band status`: findings, bars of phases and of the whole, what
//! starts now. Above a live view: what was done when it checks in, and what a task that failed had printed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use cli_support::{Live, band, json, none_left, project};

/// `market` finds something out, and `features` waits for a file.
fn research() -> tempfile::TempDir {
    let find = format!("{} report insight 'Existing tools lack suggestions'", env!("CARGO_BIN_EXE_band"));
    project(&format!(
        "mission: Scheduler\nphases:\n  - id: research\n    title: Research & Analysis\n    tasks:\n      \
         - {{ id: market, run: \"{find}\" }}\n      \
         - {{ id: features, needs: [market], run: 'while ! test -e go; do sleep 0.02; done' }}\n  \
         - id: build\n    needs: [research]\n    tasks:\n      - {{ id: api, run: 'true' }}\n"
    ))
}

#[test]
fn plain_lines_say_how_far_it_is_as_often_as_one_wants() {
    let folder = research();
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml", "--plain", "--updates", "0s"]);
    run.wait_for("Now starting");
    run.wait_for("research.features");
    let status = band(folder.path(), &["status"]).out;
    for words in
        ["Lately\n  ✓ market (research.market)", "Key findings\n   1. Existing tools", "Research & Analysis  ["]
    {
        assert!(status.contains(words), "`{words}` is missing in\n{status}");
    }
    let lately = &json(folder.path(), &["status", "--json"])["lately"];
    assert_eq!(lately["completed"][0]["task"], "research.market");
    assert_eq!(lately["findings"][0]["text"], "Existing tools lack suggestions");
    assert_eq!((&lately["phases"][0]["done"], &lately["phases"][0]["total"]), (&1.into(), &2.into()));
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(run.end(), 0, "{}", run.text);
    for words in [
        "update     1 of 3 tasks completed",
        "  Key findings\n     1. Existing tools lack suggestions\n",
        "    Research & Analysis  [██████████░░░░░░░░░░]   50 %  1/2 tasks\n    1 phase to come\n    Overall              [██████░░░░░░░░░░░░░░]   33 %  1/3 tasks, 0/2 phases\n",
    ] {
        assert!(run.text.contains(words), "`{words}` is missing in\n{}", run.text);
    }
    none_left(folder.path());
}

#[test]
fn a_short_run_has_no_update_and_a_project_says_how_often() {
    let folder = research();
    std::fs::write(folder.path().join("go"), "").unwrap();
    let said = band(folder.path(), &["run", "plan.yaml", "--plain"]);
    assert!(said.code == 0 && !said.out.contains("Overall"), "{}", said.out);
    std::fs::write(folder.path().join("band.toml"), "updates = '0s'\n").unwrap();
    assert!(band(folder.path(), &["run", "plan.yaml", "--plain"]).out.contains("Overall"));
    assert!(!band(folder.path(), &["run", "plan.yaml", "--plain", "--updates", "none"]).out.contains("Overall"));
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--updates", "often"]).code, 2);
}

#[test]
fn a_live_view_tells_at_a_check_in_what_was_done() {
    let find = format!("{} report insight 'Existing tools lack suggestions'", env!("CARGO_BIN_EXE_band"));
    let folder = project(&format!(
        "mission: Scheduler\nmode: interactive\nphases:\n  - id: research\n    tasks:\n      - {{ id: market, run: \"{find}\" }}\n    check_in: true\n"
    ));
    let mut run = Live::at_terminal(folder.path(), "run plan.yaml");
    run.wait_for("found: Existing tools lack suggestions");
    run.wait_for("Overall:");
    run.wait_for("Go on?");
    run.wait_for("shows what was done");
    assert_eq!(band(folder.path(), &["decide", "1", "continue"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
    none_left(folder.path());
}

#[test]
fn a_live_view_tells_what_a_task_printed_before_it_failed() {
    let folder = project(
        "mission: Alerts\ntasks:\n  - { id: a, run: 'echo the staging database is down >&2; exit 3', on_failure: continue }\n  \
         - { id: b, run: 'while ! test -e go; do sleep 0.02; done' }\n",
    );
    let mut run = Live::at_terminal(folder.path(), "run plan.yaml");
    run.wait_for("! the staging database is down");
    assert!(!run.text.contains("2 tasks:"), "it is told while the run goes on: {}", run.text);
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(run.end(), 3, "{}", run.text);
    let plain = anstream::adapter::strip_str(&run.text).to_string().replace('\r', "");
    assert!(plain.contains("\n\nAlerts  run "), "the last words stand apart: {plain}");
    none_left(folder.path());
}
