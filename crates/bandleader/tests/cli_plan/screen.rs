//! At a terminal: one is asked, sees the plan, and says what becomes of it.

use std::fs;

use model_server::ModelServer;
use serde_json::json;

use super::cli_support::{Live, empty};
use super::stage::{SOCIAL, kept_in, read, says, with_model};

#[test]
fn at_a_terminal_one_is_asked_goes_back_and_leaves_the_rest() {
    let folder = empty();
    let line = format!("plan '{SOCIAL}' --template saas --level 3 --interactive --no-menu --output p.yaml");
    let mut plan = Live::at_terminal(folder.path(), &line);
    let dialogue = [
        ("What problem does it solve?", "Shops vanish\r"),
        ("Who is it for?", "shops\r"),
        ("What does success look like?", "<\r"),
        ("Enter keeps: shops", "<\r"),
        ("Enter keeps: Shops vanish", "\r"),
        ("Who is it for?", "small shops\r"),
        ("first customers use it every day", "\r"),
        ("what need not?", "\r"),
        ("Which languages", "React\r"),
        ("Which systems", "Instagram\r"),
        ("test accounts", "\u{4}"),
    ];
    for (question, answer) in dialogue {
        plan.wait_for(question);
        plan.text.clear();
        plan.press(answer);
    }
    assert_eq!(plan.end(), 0, "{}", plan.text);
    assert!(plan.text.contains(" is written; `band check p.yaml`"), "{}", plan.text);
    let text = read(folder.path(), "p.yaml");
    for words in [
        "does it solve? Shops vanish\n",
        "Who is it for? small shops\n",
        "run: npm test",
        "id: connections",
        "Instagram",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_is_on_the_screen_can_be_edited_and_saved() {
    let folder = empty();
    fs::write(folder.path().join("plan.yaml"), "mine\n").unwrap();
    let edit = "sed -i -e 's/^level: .*/level: 4/' ";
    fs::write(folder.path().join("editor"), format!("#!/bin/sh\n{edit} \"$1\"\n")).unwrap();
    let line = "plan 'Fix the crash' --template bugfix";
    let mut plan = Live::at_terminal_with(folder.path(), &[("VISUAL", ""), ("EDITOR", "sh ./editor")], line);
    plan.wait_for(" quit");
    plan.text.clear();
    plan.press("r\r");
    plan.wait_for("a template takes no notes");
    plan.text.clear();
    plan.press("e\r");
    plan.wait_for("your editor");
    plan.wait_for(" quit");
    plan.press("s\r");
    assert_eq!(plan.end(), 0, "{}", plan.text);
    assert_eq!(read(folder.path(), "plan.yaml"), "mine\n", "what is there stays");
    assert!(read(folder.path(), "plan-2.yaml").contains("\nlevel: 4\n"));
}

#[test]
fn another_plan_by_a_note_is_approved_and_run() {
    let plan = |id: &str| json!({ "mission": "Alerts", "tasks": [{ "id": id, "run": "echo done > done.txt", "expected_time": "1 minute" }] });
    let server = ModelServer::playing(json!([
        { "if": { "user": "make it smaller" }, "do": says(&plan("small")) },
        { "do": says(&plan("large")) },
    ]))
    .unwrap();
    let folder = with_model(&server);
    fs::write(folder.path().join("editor"), "sed -i -e 's/id: large/id: edited/' \"$1\"\n").unwrap();
    let editor = [("VISUAL", ""), ("EDITOR", "sh ./editor")];
    let mut planning = Live::at_terminal_with(folder.path(), &editor, "plan 'Alerts for shops'");
    let dialogue =
        [("large", "e\r"), ("edited", "r\r"), ("What should be different?", "make it smaller\r"), ("small", "a\r")];
    for (words, answer) in dialogue {
        planning.wait_for(words);
        planning.wait_for(if answer == "make it smaller\r" { "> " } else { " quit" });
        planning.text.clear();
        planning.press(answer);
    }
    assert_eq!(planning.end(), 0, "{}", planning.text);
    assert_eq!(read(folder.path(), "done.txt"), "done\n");
    assert!(read(folder.path(), "plan.yaml").contains("id: small"));
    let again =
        server.log().into_iter().map(|asked| asked.to_string()).find(|asked| asked.contains("Your earlier plan"));
    assert!(again.unwrap().contains("id: edited"), "the planner sees what was edited");
}

#[test]
fn a_plan_that_cannot_run_here_is_not_started_and_answers_are_not_lost() {
    let folder = empty();
    let line = format!("plan '{SOCIAL}' --template saas --level 3 --interactive");
    let mut plan = Live::at_terminal_with(folder.path(), &[("PATH", "/usr/bin:/bin")], &line);
    let dialogue = [
        ("What problem does it solve?", "Shops vanish\r"),
        ("Who is it for?", "small shops\r"),
        ("What does success look like?", "\u{4}"),
        (" quit", "a\r"),
        ("it cannot run yet, and nothing was saved", ""),
        (" quit", "q\r"),
    ];
    for (words, answer) in dialogue {
        plan.wait_for(words);
        if answer == "a\r" {
            let told = plan.text.replace("\r\n  ", " ");
            assert!(told.contains("16 agents (") && told.contains("no coding agent is installed"), "{told}");
        }
        // What follows an answer may come with what it brings.
        if !answer.is_empty() {
            plan.text.clear();
        }
        plan.press(answer);
    }
    assert_eq!(plan.end(), 0, "{}", plan.text);
    let kept = kept_in(&plan.text);
    assert!(!folder.path().join("plan.yaml").exists());
    let line = format!("plan --answers {kept} --no-menu --output p.yaml");
    let mut again = Live::at_terminal(folder.path(), &line);
    assert_eq!(again.end(), 0, "{}", again.text);
    assert!(read(folder.path(), "p.yaml").contains("Who is it for? small shops\n"));
}

#[test]
fn a_planner_that_is_stopped_takes_no_answers_with_it() {
    let folder = empty();
    fs::write(folder.path().join("band.toml"), "[agents.planner]\ncommand = [\"sleep\", \"1000\"]\n").unwrap();
    let mut plan = Live::at_terminal(folder.path(), "plan 'Fix the crash' --level 2 --interactive");
    let dialogue = [("1/", "It crashes on login\r"), ("2/", "\u{4}"), ("is at work", "\u{3}")];
    for (words, answer) in dialogue {
        plan.wait_for(words);
        plan.text.clear();
        plan.press(answer);
    }
    assert_eq!(plan.end(), 130, "{}", plan.text);
    assert!(read(folder.path(), &kept_in(&plan.text)).contains("It crashes on login"));
}

#[test]
fn each_planner_is_stopped_by_itself_and_the_plan_before_it_stays() {
    let plan = json!({ "mission": "Alerts", "tasks": [{ "id": "first", "run": "true", "expected_time": "1 minute" }] });
    let server = ModelServer::playing(json!([
        { "if": { "user": "smaller" }, "do": { "text": "{", "usage": [1, 1], "hang_after": 0 } },
        { "do": says(&plan) },
    ]))
    .unwrap();
    let folder = with_model(&server);
    let mut planning = Live::at_terminal(folder.path(), "plan 'Alerts for shops' --output p.yaml");
    for _ in 0..2 {
        for (words, answer) in [
            (" quit", "r\r"),
            ("What should be different?", "smaller\r"),
            ("is at work", "\u{3}"),
            ("plan above stays", ""),
        ] {
            planning.wait_for(words);
            planning.text = planning.text.split_off(planning.text.find(words).unwrap() + words.len());
            planning.press(answer);
        }
    }
    planning.wait_for(" quit");
    planning.press("s\r");
    assert_eq!(planning.end(), 0, "{}", planning.text);
    assert!(read(folder.path(), "p.yaml").contains("id: first"));
}
