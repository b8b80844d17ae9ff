//! `band report …` from the script of a task.

use crate::cli_support::{band, json, none_left, project};
use crate::client::run_folder;

#[test]
fn a_script_reports_and_asks_with_words_of_the_shell() {
    let program = env!("CARGO_BIN_EXE_band");
    let script = [
        "set -e",
        "B=$BAND",
        "$B report progress 40 --doing 'running the tests'",
        "$B report insight 'the index is built twice'",
        "$B report choice 'which queue' --choice redis --because 'it is there' --alternative nats",
        "$B report blocker staging 'no answer' --severity high --needs 'a restart'",
        "$B report unblocked staging 'it was restarted'",
        "$B report deliverable 'the API' --path docs/api.yaml",
        "$B report context url http://localhost:1 --ttl 1h",
        "test \"$($B report context url)\" = http://localhost:1",
        "choice=$($B report ask 'Which region?' -o A=Frankfurt -o B=Dublin -r A --patience 1s)",
        "echo chose $choice",
        "$B report ask 'Anything?' -o A=yes -o B=no --wait 0s || echo open $?",
    ];
    let script = format!("      {}\n", script.join("\n      "));
    let folder =
        project(&format!("mission: m\ntasks:\n  - id: a\n    env: {{ BAND: '{program}' }}\n    run: |\n{script}"));
    let said = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    let logs = band(folder.path(), &["logs", "a"]).out;
    assert!(logs.contains("chose A") && logs.contains("open 5"), "{logs}");
    for words in ["blocker", "unblocked", "docs/api.yaml: the API", "url = http://localhost:1"] {
        assert!(said.out.contains(words), "{words} is missing in\n{}", said.out);
    }
    let report = json(folder.path(), &["report", "--json"]);
    assert_eq!(report["insights"][0]["text"], "the index is built twice");
    assert_eq!(report["claims"][0]["path"], "docs/api.yaml");
    assert!(run_folder(folder.path()).join("orchestration-plan.md").exists());
    none_left(folder.path());
}

#[test]
fn outside_of_a_run_it_says_what_it_is_for() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
    for arguments in [&["report", "insight", "x"][..], &["report", "progress", "10"], &["report", "context"]] {
        let said = band(folder.path(), arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""));
        assert!(
            said.err.contains("this is not a task of a run") && said.err.contains("`band report [RUN]`"),
            "{}",
            said.err
        );
    }
    assert_eq!(band(folder.path(), &["report", "progress", "101"]).code, 2);
    assert!(band(folder.path(), &["report", "ask", "--help"]).out.contains("Ends with 0 when it is decided"));
}
