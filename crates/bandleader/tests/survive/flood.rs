//! A hundred megabytes of output: memory stays flat, the log stays within its limit, and everybody can look meanwhile.

use super::stage::{Project, json, peak, until};

/// What `band`, its supervisor and a reader may have held at most.
const FLAT_KIB: u64 = 60 * 1024;

/// Prints 100 MB, then waits to be looked at.
fn flood(print: &str) -> Project {
    Project::new(&format!(
        "mission: m\ntasks:\n  - id: a\n    run: |\n      {print}\n      echo; echo the end\n      touch flooded\n      while ! test -f go; do sleep 0.02; done\n"
    ))
}

fn log_size(project: &Project) -> u64 {
    let jobs = std::fs::read_dir(project.run_folder().join("jobs")).unwrap().flatten();
    jobs.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "log"))
        .map(|entry| entry.metadata().unwrap().len())
        .sum()
}

#[test]
fn output_without_a_line_break_uses_little_memory_anywhere() {
    let project = flood("head -c 104857600 /dev/zero | tr '\\0' x");
    let band = project.start(&["run", "plan.yaml"]);
    until("the flood", || project.file("flooded").exists());
    let owners = [("band", band.pid()), ("supervisor", project.supervisor())];
    for (name, pid) in owners {
        assert!(peak(pid) < FLAT_KIB, "{name} has held {} KiB", peak(pid));
    }
    assert_eq!(project.status()["tasks"][0]["state"], "running");
    let begin = project.band(&["logs", "a", "-n", "1"]).ends(0).out;
    assert!(begin.starts_with("xxx") && begin.len() < 100_000, "{} bytes", begin.len());
    project.write("go", "");
    assert_eq!(band.code(), 0);
    let end = project.band(&["logs", "a", "-n", "1"]).ends(0).out;
    assert_eq!(end, "the end\n");
    let size = log_size(&project);
    assert!(size <= 65 << 20, "the log has {size} bytes");
    assert!(size > 60 << 20, "most of the output is kept: {size} bytes");
    let report = json(&project.band(&["report", "--json"]).ends(0).out);
    assert!(report.to_string().len() < 100_000, "no output in the report");
    // A reader of all of it needs no more.
    let read = project.shell("ulimit -v 400000; $BAND logs a | wc -c").ends(0).out;
    assert!(read.trim().parse::<u64>().unwrap() > 60 << 20, "{read}");
}

#[test]
fn a_follower_of_a_flood_of_lines_uses_little_memory_and_sees_the_end() {
    let project = flood("yes 'a line like any other' | head -c 104857600");
    let band = project.start(&["run", "plan.yaml"]);
    until("the run", || project.band(&["list"]).out.contains("running"));
    let mut follower = project.command(super::stage::BAND, &["logs", "-f", "a"]);
    let copy = std::fs::File::create(project.file("followed")).unwrap();
    let follower = super::stage::Running(follower.stdout(copy).spawn().unwrap());
    until("the flood", || project.file("flooded").exists());
    // The rest is beyond the limit: its end comes with the end of the task.
    until("the follower", || project.file("followed").metadata().unwrap().len() > 60 << 20);
    for (name, pid) in [("band", band.pid()), ("supervisor", project.supervisor()), ("logs -f", follower.pid())] {
        assert!(peak(pid) < FLAT_KIB, "{name} has held {} KiB", peak(pid));
    }
    project.write("go", "");
    assert_eq!((band.code(), follower.code()), (0, 0));
    assert!(project.shell("tail -n 1 followed").out.ends_with("the end\n"));
}
