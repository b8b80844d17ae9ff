//! Tasks that do what well-behaved programs do not: daemons, ignored signals, closed pipes, endless forking. `Project` asserts
//! after each that nothing of them is left.

use super::stage::{Project, is_alive, wait_for};

fn task(script: &str) -> Project {
    let script = script.replace('\n', "\n      ");
    Project::new(&format!("mission: m\ntasks:\n  - id: a\n    run: |\n      {script}\n"))
}

fn pid_in(project: &Project, name: &str) -> u32 {
    wait_for("a pid", || project.read(name).trim().parse().ok())
}

#[test]
fn a_daemon_is_ended_with_its_task() {
    let project = task(
        "setsid sh -c 'echo $$ > daemon; exec sleep 1000' < /dev/null > /dev/null 2>&1 &\nuntil test -s daemon; do sleep 0.01; done",
    );
    project.band(&["run", "plan.yaml"]).ends(0);
    assert!(!is_alive(pid_in(&project, "daemon")));
}

#[test]
fn a_daemon_without_environment_far_from_the_project_is_ended_too() {
    let project = task(
        "(env -i setsid sh -c 'cd /; echo $$ > \"$1/daemon\"; exec sleep 1000' x \"$PWD\" < /dev/null > /dev/null 2>&1 &)\nuntil test -s daemon; do sleep 0.01; done",
    );
    project.band(&["run", "plan.yaml"]).ends(0);
    let daemon = pid_in(&project, "daemon");
    wait_for("its end", || (!is_alive(daemon)).then_some(()));
}

#[test]
fn a_cancel_ends_what_ignores_term() {
    let project = task("trap '' TERM INT HUP\necho $$ > pid\nwhile :; do sleep 0.1; done");
    let band = project.start(&["run", "plan.yaml"]);
    let pid = pid_in(&project, "pid");
    project.band(&["cancel", "--now"]).ends(0);
    assert!(!is_alive(pid));
    assert_eq!(band.code(), 130);
}

#[test]
fn a_timeout_ends_what_ignores_term_and_closed_its_pipes() {
    let project = Project::new(
        "mission: m\ntasks:\n  - id: a\n    timeout: 100ms\n    run: |\n      trap '' HUP\n      exec < /dev/null > /dev/null 2>&1\n      echo $$ > pid\n      while :; do sleep 0.1; done\n",
    );
    let said = project.band(&["run", "plan.yaml"]).ends(3);
    assert!(said.out.contains("timeout") || said.out.contains("100 ms"), "{}", said.out);
    assert!(!is_alive(pid_in(&project, "pid")));
}

#[test]
fn a_task_that_closes_its_pipes_is_waited_for() {
    let project = task(
        "exec < /dev/null > /dev/null 2>&1\ntouch closed\nwhile ! test -f go; do sleep 0.02; done\necho done > done",
    );
    let band = project.start(&["run", "plan.yaml"]);
    wait_for("the task", || project.file("closed").exists().then_some(()));
    assert_eq!(project.status()["tasks"][0]["state"], "running");
    project.write("go", "");
    assert_eq!(band.code(), 0);
    assert_eq!(project.read("done"), "done\n");
}

/// Each of its processes lives only until it has started the next, in a session of its own.
const HOP: &str = "setsid sh ./hop.sh < /dev/null > /dev/null 2>&1 &\nexit 0\n";

#[test]
fn a_task_that_flees_from_process_to_process_is_caught() {
    let project = task("sh ./hop.sh\nsleep 0.2\necho hopping");
    project.write("hop.sh", HOP);
    project.band(&["run", "plan.yaml"]).ends(0);
    assert_eq!(project.band(&["logs", "a"]).ends(0).out, "hopping\n");
}

#[test]
fn a_fleeing_task_can_be_cancelled() {
    let project = task("sh ./hop.sh\ntouch hopping\nwhile :; do sleep 0.1; done");
    project.write("hop.sh", HOP);
    let band = project.start(&["run", "plan.yaml"]);
    wait_for("the task", || project.file("hopping").exists().then_some(()));
    project.band(&["cancel", "--now"]).ends(0);
    assert_eq!(band.code(), 130);
}

/// As with `nohup`: a task that never heard of it could not be ended politely.
#[test]
fn what_the_starter_ignores_its_tasks_do_not() {
    let project = task("grep -E 'SigIgn|SigBlk' /proc/self/status > signals");
    project.shell("trap '' HUP INT TERM USR1; exec \"$BAND\" run plan.yaml").ends(0);
    let signals = project.read("signals");
    let masks: Vec<u64> = signals
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(_, mask)| u64::from_str_radix(mask.trim(), 16).unwrap())
        .collect();
    // 32 and 33 are the C library's own, which it ignores for whatever it starts.
    let own = 0b11 << 31;
    assert!(masks.len() == 2 && masks.iter().all(|mask| mask & !own == 0), "{signals}");
}
