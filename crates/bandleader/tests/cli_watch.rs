//! The full screen at a real terminal: looked at, moved about in, a question answered from it, left as it was found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::path::Path;

use cli_support::{Live, band, json, none_left, project};
use rustix::process::{Pid, Signal, kill_process};

/// What the terminal is told when it is taken, and when it is given back.
const TAKEN: &str = "\u{1b}[?1049h";
const GIVEN_BACK: [&str; 4] = ["\u{1b}[?1049l", "\u{1b}[?25h", "\u{1b}[?1000l", "\u{1b}[?2004l"];

/// A run in the background that asks something and goes on when it is answered.
fn asking() -> (tempfile::TempDir, String) {
    let ask = format!(
        "{} report ask 'Which region?' -o A=Frankfurt -o B=Dublin -r A --patience 10m > answer",
        env!("CARGO_BIN_EXE_band")
    );
    let plan = format!(
        "mission: Regions\ntasks:\n  - {{ id: ask, run: \"{ask}\" }}\n  - {{ id: other, run: 'while ! test -s answer; do sleep 0.02; done' }}\n"
    );
    let folder = project(&plan);
    let said = band(folder.path(), &["run", "plan.yaml", "--detach"]);
    assert_eq!(said.code, 0, "{}", said.err);
    (folder, said.out.trim().to_owned())
}

fn given_back(text: &str) {
    for sequence in GIVEN_BACK {
        assert!(text.contains(sequence), "{sequence:?} is missing in {text:?}");
    }
    assert!(text.rfind(TAKEN) < text.rfind("\u{1b}[?1049l"));
}

/// Leaves a run behind that nothing is left of.
fn over(folder: &Path) {
    band(folder, &["cancel", "--now"]);
    none_left(folder);
}

#[test]
fn a_question_is_answered_from_the_full_screen() {
    let (folder, run) = asking();
    let mut watch = Live::in_shell(folder.path(), &format!("band watch {run}; echo code $?; stty -a"));
    watch.wait_for("Which region?");
    assert!(watch.text.contains(TAKEN));
    watch.wait_for("\u{7}");
    watch.press("2");
    watch.wait_for("ESTIMATE");
    watch.press("?");
    watch.wait_for("In a question");
    watch.press("\u{1b}[B");
    watch.press("dB");
    watch.wait_for("Enter answers B");
    watch.press("\r");
    watch.wait_for("succeeded");
    watch.press("q");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    given_back(&watch.text);
    let after = watch.text.rsplit(GIVEN_BACK[0]).next().unwrap();
    assert!(after.contains("code 0") && after.contains("2 completed"), "{after}");
    assert!(!after.contains("-icanon") && !after.contains("-echo ") && after.contains("icanon"), "{after}");
    assert_eq!(json(folder.path(), &["status", "--json"])["decisions"][0]["taken"]["option"], "B");
    none_left(folder.path());
}

/// The process that the shell's line left in the file `pid`.
fn noted(folder: &Path) -> Pid {
    let pid = std::fs::read_to_string(folder.join("pid")).unwrap();
    Pid::from_raw(pid.trim().parse().unwrap()).unwrap()
}

#[test]
fn signals_and_keys_that_end_it_give_the_terminal_back_and_leave_the_run_alone() {
    let (folder, run) = asking();
    let line = format!("sh -c 'echo $$ > pid; exec band watch --no-bell {run}'; echo code $?; stty -a");
    for end in ["\u{3}", "q", "TERM", "HUP"] {
        let mut watch = Live::in_shell(folder.path(), &line);
        watch.wait_for("Which region?");
        let signal = match end {
            "TERM" => Some(Signal::TERM),
            "HUP" => Some(Signal::HUP),
            _ => None,
        };
        match signal {
            Some(signal) => kill_process(noted(folder.path()), signal).unwrap(),
            None => watch.press(end),
        }
        assert_eq!(watch.end(), 0, "{}", watch.text);
        given_back(&watch.text);
        let after = watch.text.rsplit(GIVEN_BACK[0]).next().unwrap();
        assert!(after.contains("code 0") && after.contains(" icanon"), "{after}");
        assert!(!watch.text.contains('\u{7}'), "nothing rings where that is not wanted: {:?}", watch.text);
    }
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "running");
    over(folder.path());
}

/// The leader of the session is told that the terminal is gone; this one does not pass it on.
#[test]
fn a_terminal_that_goes_away_ends_the_looking_even_where_the_signal_for_it_is_ignored() {
    let (folder, run) = asking();
    let watch = format!("trap '' HUP; sh -c 'echo $$ > pid; exec band watch --no-bell {run}'; true");
    let mut watch = Live::in_shell(folder.path(), &watch);
    watch.wait_for("Which region?");
    let pid = std::fs::read_to_string(folder.path().join("pid")).unwrap();
    let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    kill_process(Pid::from_raw(watch.pid()).unwrap(), Signal::KILL).unwrap();
    let begun = std::time::Instant::now();
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(begun.elapsed().as_secs() < 60, "it is still there");
        std::thread::yield_now();
    }
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "running");
    over(folder.path());
}

#[test]
fn a_terminal_rings_in_plain_lines_too_unless_the_project_says_not_to() {
    let (folder, run) = asking();
    let mut watch = Live::in_shell(folder.path(), &format!("sh -c 'echo $$ > pid; exec band watch --plain {run}'"));
    watch.wait_for("Which region?");
    watch.wait_for("\u{7}");
    // Not by Ctrl-C: whoever started these tests in the background may have had it ignored, and plain lines leave it so.
    kill_process(noted(folder.path()), Signal::TERM).unwrap();
    watch.end();
    std::fs::write(folder.path().join("band.toml"), "bell = false\n").unwrap();
    let mut watch = Live::in_shell(folder.path(), &format!("band watch {run}"));
    watch.wait_for("Which region?");
    watch.press("q");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    assert!(!watch.text.contains('\u{7}'), "{:?}", watch.text);
    over(folder.path());
}

#[test]
fn while_it_is_suspended_the_terminal_is_the_shells() {
    let (folder, run) = asking();
    let line = format!("sh -c 'echo $$ > pid; exec band watch --no-bell {run}'; echo code $?");
    let mut watch = Live::in_shell(folder.path(), &line);
    watch.wait_for("Which region?");
    let pid = noted(folder.path());
    kill_process(pid, Signal::TSTP).unwrap();
    watch.wait_for(GIVEN_BACK[0]);
    let stat = format!("/proc/{}/stat", pid.as_raw_nonzero());
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        std::thread::yield_now();
    }
    given_back(&watch.text);
    watch.text.clear();
    kill_process(pid, Signal::CONT).unwrap();
    watch.wait_for(TAKEN);
    watch.wait_for("Which region?");
    watch.press("q");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    assert!(watch.text.contains("code 0"), "{}", watch.text);
    over(folder.path());
}

#[test]
fn a_failed_task_is_accepted_from_the_full_screen_with_a_reason() {
    let folder = project(
        "mission: Flaky\ntasks:\n  - { id: a, run: 'echo no >&2; exit 3' }\n  - { id: b, run: 'true', needs: [a] }\n",
    );
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 3);
    let mut watch = Live::in_shell(folder.path(), "band watch --no-bell");
    watch.wait_for("exit code 3");
    watch.press("6");
    watch.wait_for("1 line");
    watch.press("1");
    watch.wait_for("ccept  [x]");
    watch.press("a");
    watch.wait_for("because: ");
    watch.press("known, see the notes\r");
    watch.wait_for("succeeded with overrides");
    watch.press("q");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    let status = band(folder.path(), &["status"]).out;
    assert!(status.contains("a was accepted by a person: known, see the notes"), "{status}");
    none_left(folder.path());
}

#[test]
fn a_run_is_played_again_in_lines_and_on_the_full_screen() {
    let folder =
        project("mission: Again\ntasks:\n  - { id: a, run: 'echo a' }\n  - { id: b, run: 'exit 3', needs: [a] }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml", "--plain"]).code, 3);
    let said = band(folder.path(), &["replay", "--speed", "1000"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let lines = |text: &str| text.lines().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect::<Vec<_>>();
    let timeline = band(folder.path(), &["timeline"]).out;
    assert_eq!(lines(&said.out)[1..], lines(&timeline)[1..]);
    let mut replay = Live::in_shell(folder.path(), "band replay --speed 0.05");
    replay.wait_for("replay · event");
    replay.press("E");
    replay.wait_for("failed");
    replay.press("q");
    assert_eq!(replay.end(), 0, "{}", replay.text);
    given_back(&replay.text);
    assert_eq!(band(folder.path(), &["replay", "--speed", "fast"]).code, 2);
}

/// What a terminal is asked behind each frame, and what it answers when it has shown the frame.
const SHOWN: (&str, &str) = ("\u{1b}[6n", "\u{1b}[24;80R");

#[test]
fn a_terminal_that_has_not_shown_a_frame_is_not_sent_another() {
    let folder = project(
        "mission: Slow line\nlimits: { parallel: 1 }\ntasks:\n  - { id: wait, run: 'while ! test -s go; do sleep 0.02; done' }\n  - { id: n, foreach: [1, 2, 3, 4, 5, 6, 7, 8, 9], run: 'sleep 0.3', needs: [wait] }\n",
    );
    let said = band(folder.path(), &["run", "plan.yaml", "--detach"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let mut watch = Live::in_shell(folder.path(), "band watch --no-bell; echo code $?; cat > typed");
    watch.wait_for(SHOWN.0);
    watch.wait_for("[q]uit");
    assert_eq!(watch.text.matches(SHOWN.0).count(), 1, "one question until it is known that they are answered");
    watch.press("2");
    watch.wait_for("ESTIMATE");
    watch.text.clear();
    watch.press(SHOWN.1);
    watch.wait_for(SHOWN.0);
    // This frame stays on its way, while every task that is left begins and ends, and keys are pressed.
    watch.text.clear();
    std::fs::write(folder.path().join("go"), "x").unwrap();
    watch.press("4");
    assert_eq!(band(folder.path(), &["watch", "--plain"]).code, 0);
    watch.press("1");
    watch.press("2");
    watch.press(SHOWN.1);
    watch.wait_for("succeeded");
    watch.wait_for(SHOWN.0);
    assert_eq!(watch.text.matches(SHOWN.0).count(), 1, "one frame has all of it: {:?}", watch.text);
    // Nor is the terminal given back before: its shell would take the answer for something typed.
    watch.press("q");
    watch.wait_for(GIVEN_BACK[0]);
    assert!(!watch.text.contains("code 0"));
    watch.press(SHOWN.1);
    watch.wait_for("code 0");
    watch.press("kept\n\u{4}");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    assert_eq!(std::fs::read_to_string(folder.path().join("typed")).unwrap(), "kept\n");
    none_left(folder.path());
}
