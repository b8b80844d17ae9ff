//! Claude Code: `claude -p` with events as lines, and its protocol for control.

use serde_json::{Value, json};

use crate::stage::{Ran, Stage};
use crate::talk::{SILENCE, Talk};

fn stage() -> Option<Stage> {
    let mut stage = Stage::new("claude")?;
    stage.set("ANTHROPIC_BASE_URL", stage.server.url());
    stage.set("ANTHROPIC_API_KEY", "sk-dummy");
    stage.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    stage.set("CLAUDE_CODE_MAX_RETRIES", "1");
    Some(stage)
}

fn run(stage: &Stage, scene: &str, prompt: &str, more: &[&str]) -> Ran {
    let usual = ["-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "acceptEdits"];
    let ran = stage.run("claude", &[&usual, more].concat(), prompt);
    stage.record("claude", scene, ran.exit, &ran.out);
    ran
}

fn tokens(result: &Value) -> [&Value; 3] {
    ["input_tokens", "cache_read_input_tokens", "output_tokens"].map(|key| &result["usage"][key])
}

#[test]
fn a_plain_answer() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "plain", "SCENE_PLAIN", &[]);
    let last = ran.last();
    assert_eq!((ran.exit, &last["subtype"], &last["is_error"]), (0, &"success".into(), &false.into()), "{ran:?}");
    assert_eq!((&last["result"], &last["num_turns"]), (&"All is well.".into(), &1.into()));
    assert_eq!(tokens(&last), [1034, 200, 56]);
    assert_eq!(stage.server.count()["total"]["unmatched"], 0);
}

#[test]
fn a_file_written() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "write", "SCENE_WRITE", &[]);
    assert_eq!(std::fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n");
    assert_eq!(tokens(&ran.last()), [1100, 1000, 52]);
}

#[test]
fn a_limit() {
    let Some(stage) = stage() else { return };
    let ran = run(&stage, "limited", "SCENE_LIMITED", &[]);
    let last = ran.last();
    assert_eq!((ran.exit, &last["is_error"], &last["api_error_status"]), (1, &true.into(), &429.into()), "{ran:?}");
    assert_eq!((&last["subtype"], &last["terminal_reason"]), (&"success".into(), &"api_error".into()));
    assert_eq!(stage.server.count()["total"]["refused"], 2);
}

#[test]
fn other_ends() {
    let Some(mut stage) = stage() else { return };
    stage.set("CLAUDE_CODE_MAX_RETRIES", "0");
    for (scene, prompt, status, reason) in [
        ("denied", "SCENE_DENIED", 401, "api_error"),
        ("busy", "SCENE_BUSY", 529, "api_error"),
        ("too-long", "SCENE_TOO_LONG", 400, "prompt_too_long"),
    ] {
        let ran = run(&stage, scene, prompt, &[]);
        let last = ran.last();
        assert_eq!(
            (ran.exit, &last["is_error"], &last["api_error_status"]),
            (1, &true.into(), &status.into()),
            "{ran:?}"
        );
        assert_eq!(last["terminal_reason"], reason);
    }
    // A stream that is cut is asked for again in one piece.
    let ran = run(&stage, "cut", "SCENE_CUT", &[]);
    assert_eq!((ran.exit, &ran.last()["result"]), (0, &"This stream is going to be cut.".into()), "{ran:?}");
    let ran = run(&stage, "turns", "SCENE_LOOP", &["--max-turns", "2", "--allowedTools", "Bash"]);
    assert_eq!((ran.exit, &ran.last()["subtype"]), (1, &"error_max_turns".into()), "{ran:?}");
}

#[test]
fn a_report_to_a_server_of_tools() {
    let Some(stage) = stage() else { return };
    let (program, file, (name, value)) = stage.tools();
    let server = json!({"type": "stdio", "command": program, "args": [file], "env": {name: value}, "alwaysLoad": true});
    let servers = json!({"mcpServers": {"orc": server}}).to_string();
    let more = ["--mcp-config", &servers, "--strict-mcp-config", "--allowedTools", "mcp__orc__report"];
    let ran = run(&stage, "report", "SCENE_REPORT", &more);
    assert_eq!((ran.exit, stage.reports()), (0, vec![json!({"status": "done"})]), "{ran:?}");
    assert_eq!(ran.last()["result"], "Reported.");
}

#[test]
fn control() {
    let Some(stage) = stage() else { return };
    let words = ["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"];
    let mut talk = Talk::new(&stage, "claude", &[&words[..], &["--permission-prompt-tool", "stdio"]].concat());
    talk.say(&json!({"type": "control_request", "request_id": "1", "request": {"subtype": "initialize"}}));
    let begun = talk.hear().unwrap();
    assert_eq!((&begun["type"], &begun["response"]["subtype"]), (&"control_response".into(), &"success".into()));
    let say = |talk: &mut Talk, text: &str| {
        let content = json!([{"type": "text", "text": text}]);
        talk.say(&json!({"type": "user", "message": {"role": "user", "content": content}}));
    };
    say(&mut talk, "SCENE_WRITE");
    let mut asked = 0;
    let result = loop {
        let message = talk.hear().unwrap();
        if message["type"] == "control_request" {
            assert_eq!(
                (&message["request"]["subtype"], &message["request"]["tool_name"]),
                (&"can_use_tool".into(), &"Write".into())
            );
            let allowed = json!({"behavior": "allow", "updatedInput": message["request"]["input"]});
            let response = json!({"subtype": "success", "request_id": message["request_id"], "response": allowed});
            talk.say(&json!({"type": "control_response", "response": response}));
            asked += 1;
        } else if message["type"] == "result" {
            break message;
        }
    };
    assert_eq!((asked, &result["result"]), (1, &"Written.".into()));
    // A turn that hangs is interrupted, and the process goes on.
    say(&mut talk, "SCENE_HANG");
    assert!(stage.server.wait_for(3, SILENCE));
    talk.say(&json!({"type": "control_request", "request_id": "2", "request": {"subtype": "interrupt"}}));
    let result = loop {
        let message = talk.hear().unwrap();
        if message["type"] == "result" {
            break message;
        }
    };
    assert_eq!((&result["subtype"], &result["is_error"]), (&"error_during_execution".into(), &true.into()), "{result}");
    say(&mut talk, "SCENE_PLAIN");
    let exit = talk.close();
    assert!(talk.record.contains("All is well."));
    stage.record("claude", "control", exit, &talk.record);
    assert_eq!(exit, 0);
}
