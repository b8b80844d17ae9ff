//! `band adjust`: what is left of a run is changed after a look at what that brings about.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use std::path::Path;

use cli_support::{Live, band, json, none_left, project};

const PLAN: &str = "mission: m\nlimits: { parallel: 1, time: 2h }\nphases:\n  - id: plan\n    check_in: true\n    tasks:\n      \
                    - { id: spec, run: 'echo spec >> made' }\n  \
                    - id: build\n    needs: [plan]\n    tasks:\n      \
                    - { id: api, run: 'echo api >> made', expected_time: 20m }\n      \
                    - { id: audit, run: 'echo audit >> made', levels: 3+ }\n      \
                    - { id: docs, run: 'echo docs >> made' }\n  \
                    - id: polish\n    needs: [build]\n    tasks:\n      - { id: shine, run: 'echo shine >> made' }\n";

fn made(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("made")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn at_a_check_in_a_change_is_seen_then_made_and_then_it_goes_on() {
    let folder = project(PLAN);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("question");
    let said = band(folder.path(), &["decide", "1", "adjust"]);
    assert!(said.code == 0 && said.err.contains("`band adjust`"), "{}", said.err);

    // Seen, and nothing is changed without a yes.
    let change = ["adjust", "--skip", "polish", "--first", "docs", "--level", "2", "--time", "3h"];
    let seen = band(folder.path(), &change);
    assert!(seen.code == 0 && seen.err.contains("nothing was changed"), "{}", seen.err);
    let lines: Vec<&str> = seen.out.lines().map(str::trim).collect();
    for line in [
        "2 instead of 3: the quality bar of agents, and the time to answer",
        "- polish.shine",
        "- build.audit",
        "build.docs is number 1 instead of 2  still waits for plan.check-in",
        "the run: 3 h 00 m instead of 2 h 00 m",
    ] {
        assert!(lines.contains(&line), "{line} is missing in\n{}", seen.out);
    }
    assert_eq!(json(folder.path(), &["status", "--json"])["counts"]["skipped"], 0);

    // The same for programs, from a file, and then for good.
    let brings = json(folder.path(), &[&change[..], &["--json"]].concat());
    assert_eq!((&brings["done"], &brings["brings"]["level"]), (&false.into(), &serde_json::json!([3, 2])));
    std::fs::write(folder.path().join("change.json"), brings["change"].to_string()).unwrap();
    let done =
        json(folder.path(), &["adjust", "--change", "change.json", "--because", "a demo is enough", "--yes", "--json"]);
    assert_eq!(done["done"], true);
    let wrong = band(folder.path(), &["adjust", "--skip", "spec", "--first", "nobody"]);
    assert_eq!(wrong.code, 2);
    for reason in ["no task is called `nobody`", "`plan.spec` is completed already"] {
        assert!(wrong.err.contains(reason), "{reason} is missing in {}", wrong.err);
    }
    assert_eq!(band(folder.path(), &["decide", "1", "continue"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
    assert_eq!(made(folder.path()), ["spec", "docs", "api"]);
    assert!(run.text.contains("left out by") && run.text.contains("a demo is enough"), "{}", run.text);
    let timeline = band(folder.path(), &["timeline", "--json"]).out;
    for event in ["\"level_changed\"", "\"task_moved\"", "\"reason\":\"asked\""] {
        assert!(timeline.contains(event), "{event} is missing in\n{timeline}");
    }
    none_left(folder.path());
}

#[test]
fn a_change_waits_for_the_next_engine_where_none_is_and_survives_it() {
    let folder = project(PLAN);
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--no-wait"]).code, 5);
    let said = band(folder.path(), &["adjust", "--skip", "build.docs", "--skip", "polish", "--yes"]);
    assert!(said.code == 0 && said.err.contains("has no engine now"), "{}", said.err);
    assert_eq!(band(folder.path(), &["decide", "1", "continue"]).code, 0);
    let resumed = band(folder.path(), &["resume"]);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_eq!(made(folder.path()), ["spec", "api", "audit"]);
    none_left(folder.path());
}

const LEVELS: &str = "mission: m\nlevel: 3\nlimits: { parallel: 1 }\nphases:\n  - id: build\n    tasks:\n      \
                      - { id: api, run: 'echo api >> made' }\n      \
                      - { id: go, needs: api, decision: { question: 'Ship?', on_silence: park } }\n  \
                      - id: harden\n    needs: [build]\n    levels: 4+\n    tasks:\n      \
                      - { id: load, run: 'echo load >> made' }\n  \
                      - id: ship\n    needs: [harden]\n    tasks:\n      - { id: deploy, run: 'echo deploy >> made' }\n      \
                      - { id: brag, run: 'echo brag >> made', needs: deploy }\n";

#[test]
fn what_a_level_or_people_left_out_comes_back_and_nothing_overtakes_what_it_stood_behind() {
    let folder = project(LEVELS);
    // `ship` is behind `harden`, which this level leaves out: it still waits for the answer before that.
    let begun = band(folder.path(), &["run", "plan.yaml", "--no-wait"]);
    assert_eq!((begun.code, made(folder.path())), (5, vec!["api".to_owned()]), "{}", begun.err);

    let seen = band(folder.path(), &["adjust", "--level", "4", "--skip", "brag", "--parallel", "3"]);
    let lines: Vec<&str> = seen.out.lines().map(str::trim).collect();
    for line in
        ["Part of that level", "+ harden.load  still waits for build.go", "- ship.brag", "3 at once instead of 1"]
    {
        assert!(lines.contains(&line), "{line} is missing in\n{}", seen.out);
    }
    let words = ["adjust", "--bring-back", "load", "--skip", "brag", "--parallel", "3", "--yes", "--json"];
    let done = json(folder.path(), &words);
    assert_eq!(done["brings"]["back"][0]["task"], "harden.load", "{done}");
    assert_eq!((&done["brings"]["parallel"], &done["done"]), (&serde_json::json!([1, 3]), &true.into()));
    assert_eq!(band(folder.path(), &["decide", "1", "approve"]).code, 0);
    let resumed = band(folder.path(), &["resume"]);
    assert_eq!(resumed.code, 0, "{}", resumed.err);
    assert_eq!(made(folder.path()), ["api", "load", "deploy"]);
    let timeline = band(folder.path(), &["timeline", "--json"]).out;
    for event in ["\"task_brought_back\"", "\"parallel_changed\""] {
        assert!(timeline.contains(event), "{event} is missing in\n{timeline}");
    }
    none_left(folder.path());
}

#[test]
fn what_is_no_change_is_refused_with_what_to_write() {
    let folder = project(PLAN);
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--no-wait"]).code, 5);
    std::fs::write(folder.path().join("bad.json"), "{\"skip\": [\"docs\"], \"hurry\": true}").unwrap();
    for (words, reason) in [
        (&["adjust"][..], "nothing is to be changed"),
        (&["adjust", "--change", "bad.json"], "hurry"),
        (&["adjust", "--change", "none.json"], "cannot be read"),
        (&["adjust", "--cost", "much"], "no amount"),
        (&["adjust", "--cost", "nobody=4USD"], "nobody"),
        (&["adjust", "--cost", "4USD"], "there is no such budget"),
        (&["adjust", "--tell", "api"], "names no task"),
        (&["adjust", "--tell", "api=hello"], "is a command; nobody listens"),
        (&["adjust", "--level", "7"], "7"),
        (&["adjust", "--parallel", "0"], "0"),
        (&["adjust", "--parallel", "1"], "1 tasks may run at once already"),
        (&["adjust", "--bring-back", "docs"], "was not left out"),
        (&["adjust", "--bring-back", "build"], "nothing in `build` was left out"),
    ] {
        let said = band(folder.path(), words);
        assert!(said.code == 2 && said.err.contains(reason), "{words:?}: {}", said.err);
    }
}

#[test]
fn a_run_that_has_ended_is_taken_up_again_by_what_comes_back() {
    let plan = "mission: m\nlimits: { parallel: 1 }\ntasks:\n  - { id: api, run: 'echo api >> made' }\n  \
                - { id: audit, run: 'echo audit >> made', needs: [api], levels: 4+ }\n  \
                - { id: ship, run: 'echo ship >> made', needs: [audit] }\n";
    let folder = project(plan);
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let refused = band(folder.path(), &["adjust", "--parallel", "2", "--yes"]);
    assert!(refused.code == 2 && refused.err.contains("leaves nothing of it to do"), "{}", refused.err);
    let hint = band(folder.path(), &["retry", "audit"]).err;
    assert!(hint.contains("`band adjust --bring-back audit`"), "{hint}");
    // Seen first, and nothing is done without a yes.
    let seen = band(folder.path(), &["adjust", "--bring-back", "audit"]).out;
    assert!(seen.contains("it has ended, and is taken up again") && seen.contains("+ audit"), "{seen}");
    assert_eq!(made(folder.path()), ["api", "ship"]);
    let done = band(folder.path(), &["adjust", "--bring-back", "audit", "--yes"]);
    assert_eq!(
        (done.code, made(folder.path())),
        (0, ["api", "ship", "audit"].map(str::to_owned).to_vec()),
        "{}",
        done.err
    );
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "succeeded");
    none_left(folder.path());
}

#[test]
fn what_has_not_started_follows_another_level_in_gates_tries_and_mode() {
    let plan = "mission: m\nlevel: 3\nphases:\n  - id: plan\n    check_in: { on_silence: park }\n    tasks:\n      \
                - { id: spec, run: 'echo spec >> made', gates: [{ name: read, run: 'true', levels: 4+ }] }\n  \
                - id: build\n    needs: [plan]\n    tasks:\n      \
                - { id: api, run: 'echo api >> made', gates: [{ name: load, run: 'echo load >> made', levels: 4+ }] }\n      \
                - { id: shaky, run: 'test -e shaken || { touch shaken; exit 1; }', needs: [api] }\n";
    let folder = project(plan);
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--no-wait"]).code, 5);
    let change = ["adjust", "--level", "4"];
    let seen = band(folder.path(), &change).out;
    for line in ["retries 1 instead of 0, of what has not started, where the plan says none", "build.api: load"] {
        assert!(seen.contains(line), "{line} is missing in\n{seen}");
    }
    assert!(!seen.contains("read"), "what is done has no new gate:\n{seen}");
    let brings = json(folder.path(), &[&change[..], &["--json", "--yes"]].concat());
    assert_eq!(
        brings["brings"]["gates"][0],
        serde_json::json!({ "task": "build.api", "gate": "load", "checked": true })
    );
    assert_eq!(band(folder.path(), &["decide", "1", "continue"]).code, 0);
    let resumed = band(folder.path(), &["resume"]);
    assert_eq!(resumed.code, 0, "{}{}", resumed.out, resumed.err);
    assert_eq!(made(folder.path()), ["spec", "api", "load"]);
    none_left(folder.path());
}
