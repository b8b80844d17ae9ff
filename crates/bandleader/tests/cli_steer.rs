//! Bringing a run on that stands still: accepted work, more time, an answer to what waits for a person.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use cli_support::{Live, band, json, none_left, project};

#[test]
fn accepted_work_lets_what_needs_it_run_and_is_kept_as_an_override() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'echo x >> a.txt', gates: ['false'] }\n  - { id: b, run: 'echo b', needs: [a] }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 4);
    assert_eq!(band(folder.path(), &["accept", "a"]).code, 2, "a reason is needed");
    assert_eq!(band(folder.path(), &["accept", "a", "--because", ""]).code, 2, "a reason says something");
    let said = band(folder.path(), &["accept", "a", "--because", "flaky \u{1b}[2J"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert!(said.out.contains("succeeded with overrides"), "{}", said.out);
    assert!(said.out.contains("a was accepted by a person: flaky \\e[2J"), "{}", said.out);
    assert_eq!(std::fs::read_to_string(folder.path().join("a.txt")).unwrap(), "x\n", "it is not run again");
    let said = band(folder.path(), &["accept", "a", "--because", "x"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.contains("only what failed or is blocked can be accepted"), "{}", said.err);
}

#[test]
fn only_failures_that_count_decide_the_exit_code() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'true', gates: ['false'] }\n  - { id: b, run: 'false', optional: true }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 4);
    let folder =
        project("mission: m\ntasks:\n  - { id: a, run: 'true', gates: ['false'] }\n  - { id: b, run: 'false' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 3);
}

#[test]
fn a_run_over_budget_goes_on_with_more_time() {
    let folder = project(
        "mission: m\nmode: autonomous\nlimits: { time: 300 ms, parallel: 1 }\ntasks:\n  - { id: a, run: 'sleep 0.5; echo a >> a.txt' }\n  - { id: b, run: 'echo b', needs: [a] }\n",
    );
    let said = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(said.code, 6, "{}\n{}", said.out, said.err);
    assert!(said.out.contains("--time"), "{}", said.out);
    assert_eq!(band(folder.path(), &["resume"]).code, 6, "without more time it stays as it is");
    let said = band(folder.path(), &["resume", "--time", "100 ms"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("already"), "{}", said.err);
    assert_eq!(band(folder.path(), &["resume", "--time", "soon"]).code, 2);
    let said = band(folder.path(), &["resume", "--time", "1h"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("a.txt")).unwrap(), "a\n", "it is not run again");
    assert_eq!(band(folder.path(), &["resume", "--time", "2h"]).code, 2, "a run that is done needs no time");
}

const ASKS: &str = "mission: m\ntasks:\n  - { id: a, run: 'echo why; test -f fixed', on_failure: ask }\n";

#[test]
fn what_waits_for_a_person_says_what_can_be_done() {
    let folder = project(ASKS);
    let said = band(folder.path(), &["run", "plan.yaml", "--no-wait"]);
    assert_eq!(said.code, 5, "{}", said.err);
    let status = band(folder.path(), &["status"]).out;
    for text in [&said.out, &status] {
        for words in ["why", "band retry a", "band accept a", "band cancel"] {
            assert!(text.contains(words), "{words} is missing in\n{text}");
        }
    }
    assert_eq!(json(folder.path(), &["list", "--json"])[0]["state"], "waiting");
    std::fs::write(folder.path().join("fixed"), "").unwrap();
    assert_eq!(band(folder.path(), &["retry", "a"]).code, 0);
}

#[test]
fn a_run_that_waits_is_answered_from_another_terminal() {
    let folder = project(ASKS);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("blocked");
    let second = band(folder.path(), &["resume", "--no-wait"]);
    assert!(second.err.contains(&format!("process {}", run.pid())), "{}", second.err);
    let said = band(folder.path(), &["accept", "a", "--because", "ok"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert_eq!(run.end(), 0, "{}", run.text);
    none_left(folder.path());
}

#[test]
fn a_run_without_its_engine_is_interrupted_everywhere() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'while ! test -f go; do sleep 0.02; done' }\n");
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("started");
    drop(run);
    assert_eq!(json(folder.path(), &["list", "--json"])[0]["state"], "interrupted");
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "interrupted");
    for verb in ["list", "status"] {
        let said = band(folder.path(), &[verb]).out;
        assert!(said.contains("interrupted"), "{said}");
    }
    assert!(band(folder.path(), &["status"]).out.contains("`band resume"), "it says how to go on");
    assert_eq!(band(folder.path(), &["watch"]).code, 130);
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(band(folder.path(), &["resume"]).code, 0);
    none_left(folder.path());
}
