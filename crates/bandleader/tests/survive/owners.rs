//! One run has one engine; whoever comes second is told who the first is.

use super::stage::{Project, json, until};

const WAITS: &str = "\
mission: m
tasks:
  - { id: a, run: 'echo a >> log; while ! test -f go; do sleep 0.02; done' }
  - { id: b, run: 'echo b >> log', needs: [a] }
";

#[test]
fn a_second_engine_is_refused_with_the_pid_of_the_first() {
    let project = Project::new(WAITS);
    let id = project.band(&["run", "plan.yaml", "--detach"]).ends(0).out.trim().to_owned();
    let owner = project.status()["owner"].as_u64().unwrap();
    let refused = project.band(&["drive", &id, "{}"]).ends(2);
    assert!(refused.err.contains(&format!("is already being run by process {owner}")), "{}", refused.err);
    assert!(refused.err.contains(&format!("`band watch {id}`")), "{}", refused.err);
    let second = project.start(&["resume"]);
    let listed = json(&project.band(&["list", "--json"]).ends(0).out);
    assert_eq!(listed[0]["owner"], owner, "looking does not take it away");
    project.write("go", "");
    assert_eq!(second.code(), 0, "the second one watches until the end");
    assert_eq!(project.read("log"), "a\nb\n");
}

#[test]
fn a_resume_of_a_run_that_is_driven_names_the_driver_and_watches() {
    let project = Project::new(WAITS);
    project.band(&["run", "plan.yaml", "--detach"]).ends(0);
    let owner = project.status()["owner"].as_u64().unwrap();
    let watching = project.shell(
        "(until grep -q 'driven by process' said; do sleep 0.02; done; touch go) & $BAND resume 2> said; cat said",
    );
    assert!(watching.ends(0).out.contains(&format!("is driven by process {owner}; watching it")));
}

#[test]
fn of_many_that_resume_at_once_one_drives_and_nothing_runs_twice() {
    let project = Project::new(WAITS);
    let first = project.start(&["run", "plan.yaml"]);
    until("the first task", || project.read("log") == "a\n");
    first.kill();
    let crowd: Vec<_> = (0..6).map(|_| project.start(&["resume"])).collect();
    until("an owner", || !project.status()["owner"].is_null());
    project.write("go", "");
    let codes: Vec<i32> = crowd.into_iter().map(super::stage::Running::code).collect();
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 2].contains(code)), "{codes:?}");
    assert_eq!(project.read("log"), "a\nb\n");
    assert_eq!(project.status()["state"], "succeeded");
}
