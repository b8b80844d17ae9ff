//! The disk is full: said clearly, nothing lost, and with room again the run goes on.
//!
//! A limit on the size of files stands for the full disk: with its signal ignored, writes fail just so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::stage::Project;

/// A chain of tasks, each of which notes its name.
fn chain(tasks: usize) -> String {
    let mut plan = String::from("mission: m\ntasks:\n");
    for n in 0..tasks {
        let needs = if n == 0 { String::new() } else { format!(", needs: [t{}]", n - 1) };
        writeln!(plan, "  - {{ id: t{n}, run: 'echo t{n} >> log'{needs} }}").unwrap();
    }
    plan
}

#[test]
fn a_full_disk_stops_the_run_with_clear_words_and_a_resume_ends_it() {
    let project = Project::new(&chain(40));
    let full = project.shell("trap '' XFSZ; ulimit -f 400; exec $BAND run plan.yaml").ends(1);
    let id = project.id();
    assert!(full.err.contains("nothing was lost of run"), "{}", full.err);
    assert!(full.err.contains(&format!("`band resume {id}`")), "{}", full.err);
    let kept = project.status()["counts"]["completed"].as_u64().unwrap();
    assert!(kept > 0 && kept < 40, "it must stop in the middle to prove anything: {kept}");
    assert!(project.read("log").lines().count() >= usize::try_from(kept).unwrap());
    project.band(&["resume"]).ends(0);
    let mut counted: BTreeMap<String, u32> = BTreeMap::new();
    project.read("log").lines().for_each(|line| *counted.entry(line.to_owned()).or_default() += 1);
    assert_eq!((counted.len(), counted.values().max()), (40, Some(&1)));
    assert_eq!(project.status()["counts"]["completed"], 40);
}

#[test]
fn a_run_that_cannot_even_be_written_down_starts_nothing() {
    let project = Project::new(&chain(2));
    let full = project.shell("trap '' XFSZ; ulimit -f 1; exec $BAND run plan.yaml").ends(1);
    assert!(full.err.starts_with("error: "), "{}", full.err);
    assert_eq!(project.read("log"), "");
    project.band(&["run", "plan.yaml"]).ends(0);
    assert_eq!(project.read("log"), "t0\nt1\n");
}

#[test]
fn output_that_could_not_be_kept_is_told_and_never_handed_on_by_half() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: loud, run: 'head -c 300000 /dev/zero | tr \"\\0\" x' }\n  - { id: heard, run: 'head -c 300000 /dev/zero | tr \"\\0\" x; echo end', outputs: { all: stdout } }\n",
    );
    // Enough for the log, not for what the tasks print.
    let said = project.shell("trap '' XFSZ; ulimit -f 500; exec $BAND run plan.yaml").ends(3);
    let told = said.out.lines().find(|line| line.contains("completed  loud")).unwrap();
    assert!(told.contains("cannot keep the output"), "{told}");
    let failed = said.out.lines().find(|line| line.contains("failed     heard")).unwrap();
    assert!(failed.contains("output `all`: cannot keep the output"), "{failed}");
    let logs = project.band(&["logs", "loud"]).ends(0);
    assert!(logs.err.contains("not all that loud printed is here"), "{}", logs.err);
}
