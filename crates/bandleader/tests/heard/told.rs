//! `band tell`: at once where the agent can hear, else with its next attempt.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli_support::{Live, band, json, project};

/// The greeting and the instruction of Claude Code, as far as a script must care.
const BEGIN: &str = r#"< "subtype":"initialize"
> {"type":"control_response","response":{"subtype":"success","request_id":"greeting","response":{"commands":[]}}}
< "type":"user"
> {"type":"system","subtype":"init","session_id":"s-1","model":"claude-opus-5-5","claude_code_version":"2.1.330","mcp_servers":[]}
"#;

/// A successful end.
pub(crate) const DONE: &str = "> {\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"All done.\",\"permission_denials\":[]}\nall\n";

/// A plan whose agents are scripts in place of their programs.
pub(crate) fn plan(folder: &Path, head: &str, agents: &[(&str, &str, &str)]) {
    let stand_in = Path::new(env!("CARGO_BIN_EXE_band")).with_file_name("examples").join("scripted_agent");
    assert!(stand_in.exists(), "`cargo build --examples` makes {}", stand_in.display());
    let (mut ours, mut tasks) = (String::new(), String::new());
    for (name, script, more) in agents {
        let file = folder.join(format!("{name}.script"));
        std::fs::write(&file, script).unwrap();
        writeln!(ours, "  {name}: {{ driver: claude, command: ['{}', '{}'] }}", stand_in.display(), file.display())
            .unwrap();
        writeln!(tasks, "  - {{ id: {name}-task, agent: {name}, task: Work., {more} }}").unwrap();
    }
    std::fs::write(folder.join("plan.yaml"), format!("mission: m\n{head}\nagents:\n{ours}tasks:\n{tasks}")).unwrap();
}

/// With what the program does after the instruction.
pub(crate) fn script(after: &str) -> String {
    format!("{BEGIN}{after}")
}

#[test]
fn an_agent_at_work_hears_it() {
    let folder = project("");
    let hears = "< \"uuid\":\"([^\"]+)\".*use tabs\n> {\"type\":\"user\",\"isReplay\":true,\"uuid\":\"$1\",\"message\":{\"content\":[]}}\n";
    plan(folder.path(), "", &[("coder", &script(&format!("{hears}{DONE}")), "")]);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("claude 2.1.330, model claude-opus-5-5");
    let said = band(folder.path(), &["tell", "coder-task", "use tabs"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(run.end(), 0, "{}", run.text);
    assert!(run.text.contains("message 1 has reached it"), "{}", run.text);
    let message = &json(folder.path(), &["status", "--json"])["messages"][0];
    assert_eq!((message["text"].as_str(), message["delivered_to_attempt"].as_u64()), (Some("use tabs"), Some(1)));
    assert_eq!(band(folder.path(), &["tell", "coder-task", "too late"]).code, 2);
    assert_eq!(band(folder.path(), &["tell", "nobody", "x"]).code, 2);
}

#[test]
fn what_it_cannot_hear_its_next_attempt_begins_with() {
    let folder = project("");
    // The first one never says that it has read what it is told, and fails; the second waits for it in what it begins with.
    let first = script(
        "< give up\n> {\"type\":\"result\",\"subtype\":\"error_during_execution\",\"is_error\":true,\"errors\":[\"it broke\"]}\nexit 1\n",
    );
    let second = script(DONE).replace("< \"type\":\"user\"", "< \"type\":\"user\".*A person adds:.*give up");
    plan(folder.path(), "", &[("coder", &first, "retry: { limit: 1, backoff: 10 ms }")]);
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("model claude-opus-5-5");
    std::fs::write(folder.path().join("coder.script"), second).unwrap();
    assert_eq!(band(folder.path(), &["tell", "coder-task", "give up"]).code, 0);
    assert_eq!(run.end(), 0, "{}", run.text);
    let message = &json(folder.path(), &["status", "--json"])["messages"][0];
    assert_eq!(message["delivered_to_attempt"].as_u64(), Some(2), "{message}");
}
