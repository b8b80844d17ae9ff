//! `band levels` and `[levels.N]` of `band.toml`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use cli_support::{band, json, project};

const PLAN: &str =
    "mission: m\nlevel: 4\ntasks:\n  - { id: a, run: 'true' }\n  - { id: d, decision: { question: Go? } }\n";

#[test]
fn what_a_project_says_of_the_levels_is_shown_counted_and_frozen() {
    let folder = project(PLAN);
    let file = folder.path().join("band.toml");
    std::fs::write(&file, "[levels.4]\nmode = \"guided\"\nretries = 3\ntime = 2\ntesting = \"on real devices\"\n")
        .unwrap();
    let shown = band(folder.path(), &["levels"]).out;
    for words in
        ["4 production  mode guided*, 3 retries*, time to answer x2.0*", "on real devices*", "* as `band.toml` says"]
    {
        assert!(shown.contains(words), "{words} is missing in\n{shown}");
    }
    let rows = json(folder.path(), &["levels", "--json"]);
    assert_eq!(rows[3]["changed"], serde_json::json!(["mode", "retries", "time", "testing"]));
    assert_eq!(
        (&rows[2]["changed"], &rows[3]["quality"]["testing"]),
        (&serde_json::json!([]), &"on real devices".into())
    );
    // The time to answer of the policy follows, and so does what another level changes.
    let policy = json(folder.path(), &["policy", "plan.yaml", "--json"]);
    assert_eq!((&policy["mode"], &policy["levels"][3]["tenths"]), (&"guided".into(), &20.into()));
    let checked = band(folder.path(), &["check", "plan.yaml", "--level", "3"]);
    let said = checked.out + &checked.err;
    assert!(said.contains("mode interactive instead of guided") && said.contains("retries 0 instead of 3"), "{said}");
    // What somebody asks for is written into a plan where it is not what the level means here, and only there.
    for (mode, is_written) in [("guided", false), ("interactive", true)] {
        let words = ["plan", "Fix the login", "--template", "bugfix", "--level", "4", "--mode", mode];
        let made = band(folder.path(), &words);
        assert_eq!(
            (made.code, made.out.contains(&format!("mode: {mode}"))),
            (0, is_written),
            "{}{}",
            made.out,
            made.err
        );
    }
    // A run keeps what held when it began.
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--no-wait"]).code, 5);
    std::fs::remove_file(&file).unwrap();
    let page = std::fs::read_dir(folder.path().join(".band/runs")).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read_to_string(page.join("orchestration-plan.md")).unwrap().contains("Level: 4 (production)"));
    assert_eq!(band(folder.path(), &["approve"]).code, 0);
    assert_eq!(band(folder.path(), &["resume"]).code, 0);
}

#[test]
fn all_problems_of_the_file_are_said_at_once() {
    let folder = project(PLAN);
    std::fs::write(folder.path().join("band.toml"), "[levels.9]\nretries = 1\n[levels.2]\ntime = 0\nspeed = 1\n")
        .unwrap();
    for words in [&["levels"][..], &["check", "plan.yaml"]] {
        let said = band(folder.path(), words);
        assert_eq!(said.code, 2, "{words:?}");
        let text = said.out + &said.err;
        for problem in [
            "`9` is not a key of `levels`",
            "`0` is no factor of the time to answer",
            "`speed` is not a key of a level",
        ] {
            assert!(text.contains(problem), "{problem} is missing in\n{text}");
        }
    }
}
