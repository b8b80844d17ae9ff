//! The Agent Client Protocol, as each agent speaks it.

use serde_json::{Value, json};

use crate::stage::Stage;
use crate::talk::{SILENCE, Talk};
use crate::{codex, gemini, opencode};

/// How an agent ends when nobody speaks to it any more.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    ByItself,
    WhenKilled,
}

fn allow(asked: &Value) -> Value {
    match asked["method"].as_str().unwrap() {
        "session/request_permission" => {
            let options = asked["params"]["options"].as_array().unwrap();
            let once = options.iter().find(|option| option["kind"] == "allow_once").unwrap();
            json!({"outcome": {"outcome": "selected", "optionId": once["optionId"]}})
        }
        _ => json!({}),
    }
}

/// Greets an agent, lets it write a file and report, and cancels it while its model hangs.
///
/// A cancelled turn ends as `cancelled`. Gemini CLI says `end_turn` as well, where the cancel meets it between the head of the model's
/// answer and its first words: its stream then ends without an error (seen at 0.33 on a busy machine, about once in five).
fn check(stage: &Stage, program: &str, arguments: &[&str], mode: Option<&str>, ends: Ends) {
    let mut talk = Talk::new(stage, program, arguments);
    let capabilities = json!({"fs": {"readTextFile": false, "writeTextFile": false}, "terminal": false});
    let hello = json!({"protocolVersion": 1, "clientInfo": {"name": "test", "version": "1"}, "clientCapabilities": capabilities});
    let (hello, _) = talk.ask("initialize", &hello, allow);
    assert_eq!(hello["result"]["protocolVersion"], 1, "{hello}");
    let (tools, file, (name, value)) = stage.tools();
    let server = json!({"name": "orc", "command": tools, "args": [file], "env": [{"name": name, "value": value}]});
    let (session, _) = talk.ask("session/new", &json!({"cwd": stage.work, "mcpServers": [server]}), allow);
    let session = session["result"]["sessionId"].clone();
    assert!(session.is_string());
    if let Some(mode) = mode {
        talk.ask("session/set_mode", &json!({"sessionId": session, "modeId": mode}), allow);
    }
    let prompt = |text: &str| json!({"sessionId": session, "prompt": [{"type": "text", "text": text}]});
    let (written, _) = talk.ask("session/prompt", &prompt("SCENE_WRITE"), allow);
    assert_eq!(written["result"]["stopReason"], "end_turn", "{}", talk.record);
    assert_eq!(std::fs::read_to_string(stage.work.join("hello.txt")).unwrap(), "hello\n");
    let (reported, _) = talk.ask("session/prompt", &prompt("SCENE_REPORT"), allow);
    assert_eq!(reported["result"]["stopReason"], "end_turn", "{}", talk.record);
    assert_eq!(stage.reports(), [json!({"status": "done"})], "{}", talk.record);
    // The answer to a limit differs from agent to agent; it is in the samples.
    talk.ask("session/prompt", &prompt("SCENE_LIMITED"), allow);
    let before = stage.server.log().len();
    talk.say(&json!({"jsonrpc": "2.0", "id": "hanging", "method": "session/prompt", "params": prompt("SCENE_HANG")}));
    assert!(stage.server.wait_for(before + 1, SILENCE));
    talk.say(&json!({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": session}}));
    let stopped = loop {
        let message = talk.hear().unwrap_or_else(|| panic!("{}", talk.record));
        if message["id"] == "hanging" {
            break message["result"]["stopReason"].clone();
        }
    };
    let exit = match ends {
        Ends::ByItself => talk.close(),
        Ends::WhenKilled => {
            talk.kill();
            137
        }
    };
    stage.record(program, "acp", exit, &talk.record);
    let cancelled = stopped == "cancelled" || (program == "gemini" && stopped == "end_turn");
    assert!(cancelled, "{stopped}: {}", talk.record);
    assert!(exit == 0 || ends == Ends::WhenKilled, "{exit}");
}

#[test]
fn gemini() {
    let Some(stage) = gemini::stage() else { return };
    check(&stage, "gemini", &["--acp"], None, Ends::WhenKilled);
}

#[test]
fn opencode() {
    let Some(stage) = opencode::stage() else { return };
    check(&stage, "opencode", &["acp"], None, Ends::ByItself);
}

#[test]
fn codex() {
    let Some(stage) = codex::stage("codex-acp") else { return };
    check(&stage, "codex-acp", &[], Some("agent-full-access"), Ends::ByItself);
}

#[test]
fn claude() {
    let Some(mut stage) = Stage::new("claude-agent-acp") else { return };
    stage.set("ANTHROPIC_BASE_URL", stage.server.url());
    stage.set("ANTHROPIC_API_KEY", "sk-dummy");
    stage.set("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1");
    stage.set("CLAUDE_CODE_MAX_RETRIES", "1");
    check(&stage, "claude-agent-acp", &[], None, Ends::ByItself);
}
