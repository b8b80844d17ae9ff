//! An interview that is broken off, in every way that there is, loses no answer, and the next one goes on from there.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use super::cli_support::{Live, band, empty};
use super::stage::{kept_in, read};

const LINE: &str = "plan 'Fix the crash' --template bugfix --level 2 --interactive --no-menu --output p.yaml";

/// Plays what is asked and answered; what was waited for is taken away.
fn play(live: &mut Live, dialogue: &[(&str, &str)]) {
    for (words, answer) in dialogue {
        live.wait_for(words);
        let rest = live.text.split_off(live.text.find(words).unwrap() + words.len());
        live.text = rest;
        live.press(answer);
    }
}

/// The files of answers that lie in a project.
fn drafts(project: &Path) -> Vec<String> {
    let entries = fs::read_dir(project.join(".band/answers")).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn draft(project: &Path) -> String {
    let names = drafts(project);
    assert_eq!(names.len(), 1, "{names:?}");
    read(project, &format!(".band/answers/{}", names.first().unwrap()))
}

/// Goes on from there to a plan.
fn goes_on(project: &Path, answers: &str) {
    let mut again = Live::at_terminal(project, LINE);
    let offer = format!("an interview about this is not over: {answers}");
    play(
        &mut again,
        &[
            (&offer, ""),
            ("go on from there?", "\r"),
            ("3/", "<\r"),
            ("2/", "\r"),
            ("3/", "yesterday\r"),
            ("4/", "\u{4}"),
        ],
    );
    assert_eq!(again.end(), 0, "{}", again.text);
    let plan = read(project, "p.yaml");
    for words in ["It crashes on login", "yesterday", "mode: interactive"] {
        assert!(plan.contains(words), "{words}: {plan}");
    }
    assert_eq!(drafts(project), [""; 0], "there is a plan of them");
}

#[test]
fn ctrl_c_says_where_the_answers_are_and_the_same_request_goes_on() {
    let folder = empty();
    let mut plan = Live::at_terminal(folder.path(), LINE);
    play(&mut plan, &[("1/", "It crashes on login\r"), ("2/", "\r"), ("3/", "half an ans\u{3}")]);
    assert_eq!(plan.end(), 130, "{}", plan.text);
    let kept = kept_in(&plan.text);
    assert!(kept.starts_with(".band/answers/fix-the-crash-"), "{kept}");
    assert!(read(folder.path(), &kept).contains("  symptom: It crashes on login\n"));
    goes_on(folder.path(), "2 answers");
}

#[test]
fn a_terminal_that_goes_away_takes_no_answer_with_it() {
    let folder = empty();
    let mut plan = Live::at_terminal(folder.path(), LINE);
    play(&mut plan, &[("1/", "It crashes on login\r"), ("2/", "always\r"), ("3/", "")]);
    // The terminal is that of `script`, which ends here.
    drop(plan);
    goes_on(folder.path(), "2 answers");
}

#[test]
fn a_kill_at_any_question_leaves_all_that_was_answered_before_it() {
    let folder = empty();
    let binary = env!("CARGO_BIN_EXE_band");
    let mut plan = Live::in_shell(folder.path(), &format!("echo $$ > pid; exec {binary} {LINE}"));
    play(&mut plan, &[("1/", "It crashes on login\r"), ("2/", "always\r"), ("3/", "")]);
    assert!(draft(folder.path()).contains("always"), "it is there while the next question is asked");
    let pid: i32 = read(folder.path(), "pid").trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    plan.end();
    goes_on(folder.path(), "2 answers");
}

#[test]
fn without_a_request_the_last_one_is_offered_and_no_begins_anew() {
    let folder = empty();
    let mut plan = Live::at_terminal(folder.path(), "plan --interactive --no-menu --output p.yaml");
    play(&mut plan, &[("What do you want?", "Fix the \"crash\"\r"), ("How finished", "2\r"), ("1/", "\u{3}")]);
    assert_eq!(plan.end(), 130, "{}", plan.text);
    assert!(draft(folder.path()).contains("level: 2\n"), "what was typed first is kept, too");
    let mut again = Live::at_terminal(folder.path(), "plan --interactive --no-menu --output p.yaml");
    let offer = "an interview about \"Fix the \"crash\"\" is not over: 0 answers";
    play(&mut again, &[(offer, "\r"), ("1/", "old words\r"), ("2/", "\u{3}")]);
    assert_eq!(again.end(), 130, "{}", again.text);
    let mut anew =
        Live::at_terminal(folder.path(), "plan 'Fix the  \"crash\"' --interactive --no-menu --output p.yaml");
    play(
        &mut anew,
        &[
            ("go on from there?", "n\r"),
            ("first answer replaces it", ""),
            ("How finished", "\r"),
            ("1/", "new words\r"),
            ("2/", "\u{4}"),
        ],
    );
    assert_eq!(anew.end(), 0, "{}", anew.text);
    let plan = read(folder.path(), "p.yaml");
    assert!(plan.contains("new words") && !plan.contains("old words") && !plan.contains("level: 2"), "{plan}");
    assert_eq!(drafts(folder.path()), [""; 0]);
}

#[test]
fn where_nobody_can_be_asked_nothing_is_asked_kept_or_removed() {
    let folder = empty();
    let mut plan = Live::at_terminal(folder.path(), LINE);
    play(&mut plan, &[("1/", "It crashes on login\r"), ("2/", "\u{3}")]);
    assert_eq!(plan.end(), 130, "{}", plan.text);
    let before = draft(folder.path());
    let kept = kept_in(&plan.text);
    let said = band(folder.path(), &["plan", "Fix the crash", "--template", "bugfix"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains(&format!("--answers {kept} takes its 1 answer")), "{}", said.err);
    assert!(!said.err.contains("[Y/n]") && !said.out.contains("on login"), "{}", said.err);
    // Each line of a pipe is an answer, the first one to the first question.
    let mut piped = Command::new(env!("CARGO_BIN_EXE_band"));
    piped.args(["plan", "Fix the crash", "--template", "bugfix", "--level", "2", "--interactive"]);
    fs::write(folder.path().join("lines"), "By a pipe\n").unwrap();
    let lines = fs::File::open(folder.path().join("lines")).unwrap();
    let output = piped.current_dir(folder.path()).env("HOME", folder.path()).stdin(lines).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("By a pipe"), "{text}");
    assert_eq!(draft(folder.path()), before);
    let taken = band(folder.path(), &["plan", "--answers", &kept]);
    assert!(taken.out.contains("It crashes on login") && taken.out.contains("level: 2\n"), "{}", taken.err);
    assert_eq!(draft(folder.path()), before, "a file that somebody names stays");
    let mut more =
        Live::at_terminal(folder.path(), &format!("plan --answers {kept} --interactive --no-menu --output p.yaml"));
    play(&mut more, &[("2/", "\u{4}")]);
    assert_eq!(more.end(), 0, "{}", more.text);
    assert_eq!(drafts(folder.path()), [""; 0]);
}

#[test]
fn a_draft_that_somebody_broke_is_shown_and_left_alone() {
    let folder = empty();
    let mut plan = Live::at_terminal(folder.path(), LINE);
    play(&mut plan, &[("1/", "It crashes on login\r"), ("2/", "\u{3}")]);
    assert_eq!(plan.end(), 130, "{}", plan.text);
    let kept = kept_in(&plan.text);
    fs::write(folder.path().join(&kept), "answers:\n  symptoms: mine\n").unwrap();
    let mut again = Live::at_terminal(folder.path(), LINE);
    assert_eq!(again.end(), 2, "{}", again.text);
    assert!(again.text.contains("did you mean `symptom`"), "{}", again.text);
    assert!(draft(folder.path()).contains("symptoms: mine"));
}
