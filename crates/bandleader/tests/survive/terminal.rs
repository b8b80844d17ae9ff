//! The terminal goes away: a run in the background does not notice, one in the foreground is taken up again.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::stage::{BAND, Project, is_alive, until, wait_for};

const WAITS: &str =
    "mission: m\ntasks:\n  - { id: a, run: 'echo $$ > pid; while ! test -f go; do sleep 0.02; done; echo on' }\n";

/// A terminal with a shell line in it; dropping the first part closes the window.
pub(crate) fn in_a_terminal(project: &Project, line: &str) -> (OwnedFd, Child) {
    let window = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&window).unwrap();
    unlockpt(&window).unwrap();
    let name = ptsname(&window, Vec::new()).unwrap();
    let side = || Stdio::from(File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap());
    let mut command = project.command("setsid", &["--ctty", "--wait", "sh", "-c", line]);
    command.env("BAND", BAND).env("TERM", "xterm").stdin(side()).stdout(side()).stderr(side());
    (window, command.spawn().unwrap())
}

fn task(project: &Project) -> u32 {
    wait_for("the task", || project.read("pid").trim().parse().ok())
}

#[test]
fn a_run_in_the_background_outlives_its_terminal() {
    let project = Project::new(WAITS);
    let (window, mut shell) = in_a_terminal(&project, "$BAND run plan.yaml --detach; touch told; sleep 1000");
    let pid = task(&project);
    until("the shell", || project.file("told").exists());
    drop(window);
    shell.wait().unwrap();
    let owner = project.status()["owner"].as_u64().unwrap();
    assert!(is_alive(pid) && is_alive(u32::try_from(owner).unwrap()));
    project.write("go", "");
    assert_eq!(project.band(&["watch"]).code, 0);
    assert_eq!(project.band(&["logs"]).out.lines().last(), Some("on"));
}

#[test]
fn a_run_in_the_foreground_loses_its_terminal_and_no_work() {
    let project = Project::new(WAITS);
    let (window, mut shell) = in_a_terminal(&project, "$BAND run plan.yaml");
    let pid = task(&project);
    drop(window);
    shell.wait().unwrap();
    assert!(is_alive(pid), "the task has another session");
    project.write("go", "");
    project.band(&["resume"]).ends(0);
    assert_eq!(project.read("pid").trim(), pid.to_string());
}
