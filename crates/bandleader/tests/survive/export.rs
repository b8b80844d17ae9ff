//! What a run leaves is made from its log alone: an export equals the live files byte for byte, whatever happened to the run.

use super::stage::{Project, Running, json, until, wait_for};

const EVENTFUL: &str = "\
mission: m
limits: { parallel: 3 }
resources: { lane: 1 }
phases:
  - id: one
    tasks:
      - { id: slow, run: 'echo $$ > pid; while ! test -f go; do sleep 0.02; done', uses: [lane], expected_time: 1m }
      - { id: again, run: 'echo $BAND_ATTEMPT; test $BAND_ATTEMPT = 3', retry: { limit: 2, backoff: 20ms } }
      - id: checked
        run: 'mkdir -p out; echo 80 % > out/a.txt; echo title=x >> $BAND_OUTPUT'
        deliverables: [out/a.txt]
        outputs: [title]
        gates: [{ name: coverage, run: cat out/a.txt, parse: '([0-9]+) %', min: 50 }]
      - { id: refused, run: 'true', gates: ['false'], on_failure: continue }
  - id: two
    needs: [one]
    tasks:
      - { id: never, run: 'true', when: level > 4 }
      - { id: broken, run: 'exit 9', optional: true }
      - { id: wait, run: 'while ! test -f on; do sleep 0.02; done' }
      - { id: end, run: 'echo end', needs: [wait, broken], join: all_done }
";

const FILES: [&str; 2] = ["orchestration-plan.md", "orchestration-timeline.jsonl"];

/// Live files and an export agree.
fn all_equal(project: &Project, out: &str) {
    project.band(&["export", "--output", out]).ends(0);
    let live = project.run_folder();
    let reports = std::fs::read_dir(&live).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let reports: Vec<String> = reports.filter(|name| name.starts_with("orchestration-report-")).collect();
    assert_eq!(reports.len(), 2, "{reports:?}");
    for name in FILES.into_iter().map(str::to_owned).chain(reports) {
        let (kept, made) =
            (std::fs::read(live.join(&name)).unwrap(), std::fs::read(project.file(out).join(&name)).unwrap());
        assert!(!kept.is_empty() && kept == made, "{name} differs");
    }
}

#[test]
fn after_a_run_that_was_killed_twice_the_export_equals_the_live_files() {
    let project = Project::new(EVENTFUL);
    let first = project.start(&["run", "plan.yaml"]);
    until("the refused gate", || failed(&project, "one.refused"));
    first.kill();
    let second = project.start(&["resume"]);
    project.write("go", "");
    until("phase two", || project.read_run(FILES[1]).contains("two.wait"));
    second.kill();
    project.write("on", "");
    project.band(&["resume"]).ends(4);
    all_equal(&project, "exported");
    // And once more, after a person has taken the ended run up again.
    project.band(&["retry", "--failed"]).ends(4);
    all_equal(&project, "again");
}

#[test]
fn while_a_run_goes_on_it_can_be_exported_and_is_not_disturbed() {
    let project = Project::new(EVENTFUL);
    let band: Running = project.start(&["run", "plan.yaml"]);
    until("the refused gate", || failed(&project, "one.refused"));
    project.band(&["export", "--output", "mid"]).ends(0);
    let made = project.read("mid/orchestration-timeline.jsonl");
    wait_for("the live timeline to have it all", || project.read_run(FILES[1]).starts_with(&made).then_some(()));
    assert!(made.lines().count() > 5, "{made}");
    assert!(project.read("mid/orchestration-plan.md").contains("slow"));
    project.write("go", "");
    project.write("on", "");
    assert_eq!(band.code(), 4);
    all_equal(&project, "exported");
}

#[test]
fn spoilt_live_files_are_made_anew() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: a, run: 'echo a' }\n  - { id: b, run: 'test -f go', needs: [a] }\n",
    );
    project.band(&["run", "plan.yaml"]).ends(3);
    let plan = project.run_folder().join(FILES[0]);
    std::fs::write(&plan, "scribble").unwrap();
    project.write("go", "");
    project.band(&["retry", "--failed"]).ends(0);
    all_equal(&project, "exported");
}

fn failed(project: &Project, task: &str) -> bool {
    let said = project.band(&["status", "--json"]);
    if said.code != 0 {
        return false;
    }
    let status = json(&said.out);
    let tasks = status["tasks"].as_array().unwrap();
    tasks.iter().any(|one| one["path"] == task && one["state"] == "failed")
}

impl Project {
    /// A file that the run keeps; nothing if it is not there yet.
    fn read_run(&self, name: &str) -> String {
        std::fs::read_to_string(self.run_folder().join(name)).unwrap_or_default()
    }
}
