//! Files of the state folder are damaged: each time one is told what and where, and other runs do not suffer.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use super::stage::{Project, Said};

/// A project with two ended runs: the first one's mission is `precious`, the second one's `other`.
fn two_runs() -> (Project, String, String) {
    let project = Project::new("mission: precious\ntasks:\n  - { id: a, run: 'echo one' }\n");
    project.write("other.yaml", "mission: other\ntasks:\n  - { id: a, run: 'echo two' }\n");
    project.band(&["run", "plan.yaml"]).ends(0);
    let first = project.id();
    project.band(&["run", "other.yaml"]).ends(0);
    let second = project.id();
    (project, first, second)
}

fn log(project: &Project) -> PathBuf {
    project.file(".band/band.db")
}

fn refused(project: &Project, verbs: &[&[&str]], words: &str) {
    for verb in verbs {
        let said: Said = project.band(verb);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{verb:?}: {}", said.err);
        assert!(said.err.starts_with("error: ") && said.err.contains(words), "{verb:?}: {}", said.err);
    }
}

#[test]
fn a_changed_event_is_named_and_the_other_run_is_whole() {
    let (project, first, second) = two_runs();
    let mut bytes = fs::read(log(&project)).unwrap();
    let created = format!("\"mission\":\"{}\"", "precious").into_bytes();
    let at = bytes.windows(created.len()).position(|window| window == created).unwrap();
    bytes[at + created.len() - 2] ^= 1;
    fs::write(log(&project), bytes).unwrap();
    let first = first.as_str();
    let verbs: [&[&str]; 7] = [
        &["status", first],
        &["watch", first],
        &["resume", first],
        &["timeline", first],
        &["report", first],
        &["logs", "--run", first],
        &["export", first],
    ];
    refused(&project, &verbs, &format!("event 1 of run `{first}` is damaged"));
    assert!(!project.file(&format!("band-{first}")).exists(), "no half export");
    assert!(project.band(&["list"]).ends(0).out.contains(first));
    assert!(project.band(&["status", &second]).ends(0).out.contains("succeeded"));
    project.band(&["run", "other.yaml"]).ends(0);
}

/// What a resumed run had before its snapshot is read only when its tasks go on already; damage there ends the resuming all the same.
#[test]
fn damage_before_a_snapshot_is_told_by_whoever_reads_that_far() {
    let tasks = (0..40).map(|number| format!("  - {{ id: t{number}, run: 'true' }}\n")).collect::<Vec<_>>().concat();
    let stuck = "  - { id: stuck, run: 'false', on_failure: ask }\n";
    let project = Project::new(&format!("mission: precious\ntasks:\n{tasks}{stuck}"));
    project.band(&["run", "plan.yaml", "--no-wait"]).ends(5);
    let id = project.id();
    assert!(project.file(".band/runs").join(&id).join("snapshot").is_file(), "the engine left one");
    let mut bytes = fs::read(log(&project)).unwrap();
    let created = format!("\"mission\":\"{}\"", "precious").into_bytes();
    let at = bytes.windows(created.len()).position(|window| window == created).unwrap();
    bytes[at + created.len() - 2] ^= 1;
    fs::write(log(&project), bytes).unwrap();
    let id = id.as_str();
    project.band(&["status", id]).ends(0);
    let verbs: [&[&str]; 4] = [&["timeline", id], &["report", id], &["export", id], &["watch", id, "--json"]];
    refused(&project, &verbs, &format!("event 1 of run `{id}` is damaged"));
    for words in [&["resume", id, "--no-wait"][..], &["resume", id, "--no-wait", "--json"]] {
        let said = project.band(words).ends(1);
        assert!(said.err.contains(&format!("event 1 of run `{id}` is damaged")), "{words:?}: {}", said.err);
    }
}

#[test]
fn a_log_that_is_cut_short_is_told() {
    let (project, first, _) = two_runs();
    let length = fs::metadata(log(&project)).unwrap().len();
    let file = OpenOptions::new().write(true).open(log(&project)).unwrap();
    file.set_len(length / 2).unwrap();
    let said = project.band(&["resume", &first]).ends(1);
    assert!(said.err.contains("band.db") && said.err.contains("restore"), "{}", said.err);
    let said = project.band(&["run", "other.yaml"]).ends(1);
    assert!(said.err.contains("band.db"), "{}", said.err);
    file.set_len(10).unwrap();
    refused(&project, &[&["status"], &["list"], &["run", "other.yaml"]], "is not a log of band");
}

#[test]
fn a_log_of_a_newer_version_is_left_alone() {
    let (project, first, _) = two_runs();
    let file = OpenOptions::new().write(true).open(log(&project)).unwrap();
    // `user_version`: https://www.sqlite.org/fileformat2.html, "The Database Header".
    file.write_all_at(&99_u32.to_be_bytes(), 60).unwrap();
    let before = fs::read(log(&project)).unwrap();
    let verbs: [&[&str]; 5] =
        [&["list"], &["status"], &["resume", &first], &["run", "other.yaml"], &["cancel", &first]];
    refused(&project, &verbs, "was written by a newer version of band");
    assert_eq!(fs::read(log(&project)).unwrap(), before);
}

#[test]
fn a_frozen_plan_that_is_gone_or_changed_is_named() {
    let (project, first, second) = two_runs();
    let precious = project.shell("grep -rl precious .band/blobs").ends(0).out.trim().to_owned();
    let whole = project.read(&precious);
    project.shell(&format!("chmod u+w '{precious}'")).ends(0);
    project.write(&precious, whole.replace("precious", "presious"));
    refused(&project, &[&["status", &first], &["resume", &first]], "blob");
    fs::remove_file(project.file(&precious)).unwrap();
    refused(&project, &[&["status", &first], &["resume", &first]], "blob");
    assert!(project.band(&["list"]).ends(0).out.contains(&first));
    project.band(&["status", &second]).ends(0);
    // A run of the same plan brings it back.
    project.band(&["run", "plan.yaml"]).ends(0);
    project.band(&["status", &first]).ends(0);
}

#[test]
fn a_run_whose_folder_is_gone_can_still_be_told() {
    let (project, first, _) = two_runs();
    fs::remove_dir_all(project.file(".band/runs").join(&first)).unwrap();
    let live = project.band(&["timeline", &first]).ends(0).out;
    assert!(live.contains("completed"), "{live}");
    project.band(&["report", &first]).ends(0);
    project.band(&["export", &first, "--output", "out"]).ends(0);
    assert!(project.read("out/orchestration-timeline.jsonl").contains("precious"));
}
