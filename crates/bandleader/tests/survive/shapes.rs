//! Plans of unusual shape and size: the large ones run, the impossible ones are refused in words, within little memory.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::stage::{Project, Said};

fn plan(tasks: usize, need: impl Fn(usize) -> Option<usize>) -> String {
    let mut plan =
        String::from("mission: large\nlimits: { parallel: 16 }\nagents: { none: { command: [/bin/true] } }\ntasks:\n");
    for n in 0..tasks {
        let needs = need(n).map(|need| format!(", needs: [t{need}]")).unwrap_or_default();
        writeln!(plan, "  - {{ id: t{n}, agent: none, task: x{needs} }}").unwrap();
    }
    plan
}

/// `band check` with 500 MB of address space.
fn check(project: &Project) -> Said {
    project.shell("ulimit -v 500000; exec $BAND check plan.yaml")
}

#[test]
fn ten_thousand_tasks_run() {
    let project = Project::new(&plan(10_000, |n| n.checked_sub(100)));
    check(&project).ends(0);
    let said = project.band(&["run", "plan.yaml", "--plain"]).ends(0);
    assert!(said.out.contains("10000 tasks: 10000 completed"), "{}", said.out.lines().last().unwrap_or_default());
    assert_eq!(said.out.lines().filter(|line| line.contains(" completed ")).count(), 10_000);
    assert_eq!(project.status()["counts"]["completed"], 10_000);
    // A second at most on an idle machine; what grows with the square of the tasks takes a minute.
    let begun = Instant::now();
    for verb in ["logs", "timeline", "report", "export", "list"] {
        project.band(&[verb]).ends(0);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "looking took {:?}", begun.elapsed());
}

#[test]
fn a_chain_of_1025_runs() {
    let project = Project::new(&plan(1_025, |n| n.checked_sub(1)));
    check(&project).ends(0);
    let said = project.band(&["run", "plan.yaml"]).ends(0);
    assert!(said.out.contains("1025 tasks: 1025 completed"), "{}", said.out.lines().last().unwrap_or_default());
}

#[test]
fn a_circle_of_1025_is_shown_and_not_run() {
    let project = Project::new(&plan(1_025, |n| Some((n + 1) % 1_025)));
    for said in [check(&project).ends(2), project.band(&["run", "plan.yaml"]).ends(2)] {
        assert!(said.err.contains("circle") || said.err.contains("cycle"), "{}", said.err);
        assert!(said.err.len() < 50_000, "{} bytes for one circle", said.err.len());
    }
    assert!(!project.file(".band/runs").exists(), "no run was made");
}

#[test]
fn duplicate_keys_and_ids_are_named_with_their_place() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: a, run: 'true', id: b }\n  - { id: c, run: 'true' }\n  - { id: c, run: 'true' }\n",
    );
    let said = check(&project).ends(2);
    assert!(said.err.contains("plan.yaml:3:27") && said.err.contains("`id`"), "{}", said.err);
    let project = Project::new("mission: m\ntasks:\n  - { id: c, run: 'true' }\n  - { id: c, run: 'true' }\n");
    let said = check(&project).ends(2);
    assert!(said.err.contains("plan.yaml:4:11") && said.err.contains("`c`"), "{}", said.err);
}

#[test]
fn an_alias_bomb_is_refused_before_it_goes_off() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let aliases = vec![format!("*a{}", n - 1); 9].join(", ");
        writeln!(bomb, "a{n}: &a{n} [{aliases}]").unwrap();
    }
    let project = Project::new(&format!("mission: m\n{bomb}tasks: *a11\n"));
    let said = check(&project).ends(2);
    assert!(said.err.contains("plan.yaml"), "{}", said.err);
    assert!(said.err.len() < 20_000, "{} bytes", said.err.len());
}

#[test]
fn nesting_without_end_and_files_that_are_no_text_are_refused() {
    let hostile = [
        "[".repeat(100_000).into_bytes(),
        format!("mission: m\ntasks: {}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
        "a: ".repeat(10_000).into_bytes(),
        b"mission: \xff\xfe\n".to_vec(),
        b"mission: m\0\ntasks: []\n".to_vec(),
        vec![b'\n'; 1 << 20],
        b"\x7fELF\x02\x01\x01".to_vec(),
    ];
    for text in hostile {
        let project = Project::new("");
        project.write("plan.yaml", &text);
        let said = check(&project);
        let shown = String::from_utf8_lossy(text.get(..40).unwrap_or(&text)).into_owned();
        assert_eq!(said.code, 2, "{shown:?}: {}", said.err);
        assert!(said.err.contains("plan.yaml") && said.err.len() < 20_000, "{shown:?}: {}", said.err);
    }
}
