//! Decisions and check-ins from the command line: seen, answered, left to silence, corrected.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use std::path::Path;

use cli_support::{Live, band, json, none_left, project};

/// `choose` is decided, `ws` and `sse` hang on it, `other` does not.
fn transport(more: &str) -> String {
    format!(
        "mission: Alerts\ntasks:\n  - id: choose\n    decision:\n      question: Which transport?\n      kind: api-design\n      \
         options:\n        - {{ id: A, name: WebSocket, effort: 3 days, details: keeps connections }}\n        \
         - {{ id: B, name: Server-sent events, effort: 1 day }}\n      recommend: B\n{more}  \
         - {{ id: ws, run: 'echo ws >> made', needs: [choose], when: needs.choose.outputs.choice == 'A' }}\n  \
         - {{ id: sse, run: 'echo sse >> made', needs: [choose], when: needs.choose.outputs.choice == 'B' }}\n  \
         - {{ id: other, run: 'echo other >> made' }}\n"
    )
}

fn made(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("made")).unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn what_is_asked_is_seen_everywhere_and_the_first_answer_counts() {
    let folder = project(&transport(""));
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    run.wait_for("completed");
    let inbox = band(folder.path(), &["inbox"]).out;
    assert!(inbox.contains("Which transport? (choose) [A, B]") && inbox.contains("B is taken in"), "{inbox}");
    let listed = json(folder.path(), &["inbox", "--json"]);
    assert_eq!((&listed[0]["decision"], &listed[0]["mission"]), (&1.into(), &"Alerts".into()));
    let card = band(folder.path(), &["decide", "1"]);
    for words in [
        "Which transport?",
        "│ option",
        "│ effort",
        "B: Server-sent events (recommended)",
        "A: keeps connections",
        "Recommended: B",
        "Silence takes B in",
    ] {
        assert!(card.out.contains(words), "{words} is missing in\n{}", card.out);
    }
    assert_eq!(band(folder.path(), &["approve"]).code, 2, "it is no approval");
    assert_eq!(band(folder.path(), &["decide", "1", "C"]).code, 2);
    let said = band(folder.path(), &["decide", "1", "a", "--because", "we know it"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(run.end(), 0, "{}", run.text);
    assert_eq!(made(folder.path()), ["other", "ws"]);
    assert_eq!(band(folder.path(), &["decide", "1", "B"]).code, 2, "the first answer counts");
    assert!(band(folder.path(), &["inbox"]).err.contains("nobody asks"));
    let taken = &json(folder.path(), &["status", "--json"])["decisions"][0]["taken"];
    assert_eq!(
        (&taken["option"], &taken["by"]["who"], &taken["because"]),
        (&"A".into(), &"person".into(), &"we know it".into())
    );
    none_left(folder.path());
}

#[test]
fn silence_takes_the_recommendation_with_warnings_and_a_late_answer_is_a_correction() {
    let folder = project(&transport("      timeout: 1s\n"));
    let ran = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("warning") && ran.out.contains("because nobody answered"), "{}", ran.out);
    assert_eq!(made(folder.path()), ["other", "sse"]);
    let shown = json(folder.path(), &["decide", "1", "--json"]);
    assert_eq!(shown["hangs_on_it"], serde_json::json!(["ws", "sse"]));
    let said = band(folder.path(), &["decide", "1", "B", "--correct"]);
    assert!(said.code == 2 && said.err.contains("B is what was chosen"), "{}", said.err);
    let said = band(folder.path(), &["decide", "1", "A", "--correct", "--because", "they do ask for it"]);
    assert_eq!(said.code, 0, "{}", said.err);
    band(folder.path(), &["watch"]);
    assert_eq!(made(folder.path()), ["other", "sse", "ws"], "what hangs on it is done anew, and nothing else");
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!((&status["state"], &status["decisions"][0]["taken"]["option"]), (&"succeeded".into(), &"A".into()));
    none_left(folder.path());
}

const APPROVAL: &str = "mission: m\ntasks:\n  - { id: go, decision: { question: Deploy?, irreversible: true } }\n  \
                        - { id: ship, run: 'echo shipped >> made', needs: [go] }\n";

#[test]
fn an_approval_waits_over_every_resume_and_only_a_person_gives_it() {
    let folder = project(APPROVAL);
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--no-wait"]).code, 5);
    assert_eq!(band(folder.path(), &["resume", "--no-wait"]).code, 5);
    assert_eq!(json(folder.path(), &["list", "--json"])[0]["state"], "waiting");
    for words in [&["accept", "go", "--because", "x"][..], &["retry", "go"], &["decide", "1", "approve", "--correct"]] {
        assert_eq!(band(folder.path(), words).code, 2, "{words:?}");
    }
    assert_eq!(made(folder.path()), Vec::<String>::new());
    assert_eq!(band(folder.path(), &["approve"]).code, 0);
    assert_eq!(band(folder.path(), &["resume"]).code, 0);
    assert_eq!(made(folder.path()), ["shipped"]);
}

#[test]
fn a_rejection_ends_with_the_code_of_a_gate_that_refused() {
    let folder = project(APPROVAL);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    assert_eq!(band(folder.path(), &["reject", "1", "--because", "not today"]).code, 0);
    assert_eq!(run.end(), 4, "{}", run.text);
    assert_eq!(made(folder.path()), Vec::<String>::new());
}

const PHASES: &str = "mission: m\nphases:\n  - id: plan\n    title: Planning\n    check_in: true\n    tasks:\n      \
                      - { id: spec, run: 'echo pages=15 >> \"$BAND_OUTPUT\"; band report insight \"twelve endpoints\"', outputs: [pages] }\n  \
                      - id: build\n    needs: [plan]\n    tasks:\n      - { id: api, run: 'echo api >> made', title: Build the API }\n";

#[test]
fn a_check_in_tells_what_was_done_and_waits_until_people_go_on() {
    let folder = project(&PHASES.replace("band report", &format!("{} report", env!("CARGO_BIN_EXE_band"))));
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("Overall:");
    let card = band(folder.path(), &["decide", "1"]).out;
    for words in [
        "Check-in: Planning is done",
        "(plan.spec)",
        "pages 15",
        "found: twelve endpoints",
        "Upcoming",
        "Build the API",
        "Blockers: none",
        "Planning is done. Go on?",
        "continue",
    ] {
        assert!(card.contains(words), "{words} is missing in\n{card}");
        assert!(
            words == "continue" || words.ends_with("on?") || run.text.contains(words),
            "{words} is missing in\n{}",
            run.text
        );
    }
    assert!(band(folder.path(), &["status"]).out.contains("Check-in: Planning is done"));
    let said = band(folder.path(), &["decide", "1", "adjust"]);
    assert!(said.code == 0 && said.err.contains("waits for your changes"), "{}", said.err);
    assert_eq!(made(folder.path()), Vec::<String>::new());
    assert_eq!(band(folder.path(), &["decide", "1", "continue"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
    assert_eq!(made(folder.path()), ["api"]);
}

#[test]
fn a_check_in_that_stops_cancels_the_run() {
    let folder = project(&PHASES.replace("; band report insight \"twelve endpoints\"", ""));
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    assert_eq!(band(folder.path(), &["decide", "1", "stop"]).code, 0);
    assert_eq!(run.end(), 130, "{}", run.text);
    assert_eq!(made(folder.path()), Vec::<String>::new());
}

/// Silence counts although the engine was killed while it waited, and only once there is one again.
#[test]
fn a_decision_times_out_across_a_kill() {
    let folder = project(&transport("      timeout: 2s\n"));
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    drop(run);
    let open = json(folder.path(), &["decide", "--json"]);
    assert_eq!(open.as_array().unwrap().len(), 1);
    // Nobody's time goes by while nobody can answer: what was left stays left.
    let left = json(folder.path(), &["inbox", "--json"])[0]["left_ms"].as_u64().unwrap();
    assert!(left > 0 && left == json(folder.path(), &["inbox", "--json"])[0]["left_ms"].as_u64().unwrap(), "{left}");
    assert_eq!(band(folder.path(), &["resume"]).code, 0);
    assert_eq!(json(folder.path(), &["status", "--json"])["decisions"][0]["taken"]["by"]["who"], "timeout");
    assert_eq!(made(folder.path()), ["other", "sse"]);
    none_left(folder.path());
}

#[test]
fn the_policy_of_a_plan_is_shown_with_each_of_its_decisions() {
    let folder = project(&transport(""));
    let text = band(folder.path(), &["policy", "plan.yaml"]).out;
    for words in
        ["[3 x1.0]", "[normal x1.0]", "api-design", "8:00", "B is taken", "at least", "for 20:00 in all at most"]
    {
        assert!(text.contains(words), "{words} is missing in\n{text}");
    }
    let shown = json(folder.path(), &["policy", "plan.yaml", "--level", "5", "--json"]);
    assert_eq!(shown["most_held_ms"], 20 * 60_000);
    let one = &shown["decisions"][0];
    assert_eq!(
        (&one["task"], &one["within_ms"], &one["then"]),
        (&"choose".into(), &600_000.into(), &"recommend".into())
    );
}

#[test]
fn the_policy_has_what_the_engine_asks_too() {
    let plan = "mission: m\nlimits: { cost: 20 USD, time: 2h }\nagents: { writer: { driver: claude, limits: { tokens: 50k } } }\ntasks:\n  \
                - { id: a, agent: writer, task: write, limits: { cost: 2 USD } }\n  - { id: b, run: x, on_failure: ask }\n";
    let folder = project(plan);
    let shown = band(folder.path(), &["policy", "plan.yaml"]).out;
    let rows: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for row in [
        "the engine asks when kind weight time silence",
        "b fails general standard - waits for a person",
        "a task is lost 11 times general critical 10:00 skip is taken",
        "work does not merge general standard - waits for a person",
        "2 h 00 m of the run is used up cost standard 10:00 finish is taken",
        "$20.00 of the run is used up cost standard 10:00 finish is taken",
        "50k tokens of agent writer is… cost standard 10:00 finish is taken",
        "$2.00 of task a is used up cost standard 10:00 finish is taken",
    ] {
        assert!(rows.iter().any(|found| found == row), "{row} is missing in\n{shown}");
    }
    let engine = &json(folder.path(), &["policy", "plan.yaml", "--json", "--level", "1"])["engine"];
    let lost = engine.as_array().unwrap().iter().find(|one| one["recommend"] == "skip").unwrap();
    assert_eq!((&lost["asks"], &lost["then"]), (&false.into(), &"recommend".into()), "level 1 goes by itself");
    assert_eq!(lost["options"], serde_json::json!(["retry", "accept", "skip", "stop"]));
}

#[test]
fn a_failure_that_asks_is_answered_like_any_question() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'test -f fixed', on_failure: ask }\n");
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    std::fs::write(folder.path().join("fixed"), "").unwrap();
    assert_eq!(band(folder.path(), &["decide", "1", "retry"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
}

#[test]
fn whoever_looks_at_a_question_in_a_terminal_stops_its_clock_and_is_asked() {
    let folder = project(&transport(""));
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    let is_held = || !json(folder.path(), &["decide", "1", "--json"])["held"].is_null();
    let becomes = |wanted: bool| (0..200).any(|_| is_held() == wanted);
    let mut terminal = Live::at_terminal(folder.path(), "decide 1");
    terminal.wait_for("Your choice (A, B; Enter leaves it open)");
    assert!(becomes(true), "its clock stands still");
    terminal.press("\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.text);
    assert!(terminal.text.contains("question 1 stays open"), "{}", terminal.text);
    assert!(becomes(false), "its clock goes on");
    let mut terminal = Live::at_terminal(folder.path(), "decide 1");
    terminal.wait_for("Your choice");
    terminal.press("A\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.text);
    assert_eq!(run.end(), 0, "{}", run.text);
    assert_eq!(made(folder.path()), ["other", "ws"]);
}

#[test]
fn a_task_does_not_pass_for_a_person_whatever_it_does_to_its_environment() {
    let band_path = env!("CARGO_BIN_EXE_band");
    // Without the marks; from a shell without an environment; cut loose from its parents.
    let script = format!(
        "env -u BAND_JOB -u BAND_RUN {band_path} decide 1 A >> said 2>&1 || true
        env -i HOME=/ {band_path} decide 1 A >> said 2>&1 || true
        env -u BAND_JOB {band_path} accept bad --because fine >> said 2>&1 || true
        env -u BAND_JOB {band_path} adjust --skip last --yes >> said 2>&1 || true
        setsid -f env -i sh -c '{band_path} decide 1 A > loose 2>&1; mv loose loosed'
        until [ -e loosed ]; do sleep 0.02; done
        cat loosed >> said"
    );
    let plan = serde_json::json!({ "mission": "m", "tasks": [
        { "id": "ask", "decision": { "question": "Go?", "options": ["yes", "no"], "on_silence": "park" } },
        { "id": "bad", "run": "exit 1" },
        { "id": "sly", "run": script, "needs": ["bad"], "join": "all_done" },
        { "id": "last", "run": "true", "needs": ["ask"] },
    ]});
    let folder = project(&plan.to_string());
    let run = band(folder.path(), &["run", "plan.yaml", "--no-wait"]);
    assert_eq!(run.code, 5, "{}", run.err);
    let said = std::fs::read_to_string(folder.path().join("said")).unwrap();
    assert_eq!(said.matches("only people").count(), 5, "{said}");
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!(status["decisions"][0]["taken"], serde_json::Value::Null, "{status}");
    assert_eq!((&status["counts"]["failed"], &status["counts"]["skipped"]), (&1.into(), &0.into()));
    none_left(folder.path());
}
