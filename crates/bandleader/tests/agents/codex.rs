//! The driver for Codex, with scripts in place of its app-server and of `codex exec`.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Spending};
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

/// A server up to the begin of its first turn.
pub(crate) fn opening() -> String {
    let lines = [
        "< \"initialize\"",
        r#"> {"id":1,"result":{"userAgent":"bandleader/0.169.0 (Debian 12; x86_64) dumb"}}"#,
        "< \"initialized\"",
        "< config/read",
        r#"> {"id":2,"result":{"config":{"model_provider":"corp","model_providers":{"corp":{"name":"corp"}}}}}"#,
        "< thread/start",
        r#"> {"id":3,"result":{"thread":{"id":"t-1"},"model":"gpt-5.5-codex"}}"#,
        "< turn/start",
        r#"> {"id":4,"result":{"turn":{"id":"u-1","status":"inProgress"}}}"#,
    ];
    lines.join("\n") + "\n"
}

pub(crate) fn note(method: &str, mut params: Value) -> String {
    params["threadId"] = json!("t-1");
    params["turnId"] = json!("u-1");
    format!("> {}\n", json!({ "method": method, "params": params }))
}

pub(crate) fn used(input: u64, output: u64, last: (u64, u64)) -> String {
    let figures = |input, output| json!({ "inputTokens": input, "cachedInputTokens": 0, "outputTokens": output });
    let usage = json!({ "total": figures(input, output), "last": figures(last.0, last.1) });
    note("thread/tokenUsage/updated", json!({ "tokenUsage": usage }))
}

pub(crate) fn item(method: &str, item: &Value) -> String {
    note(method, json!({ "item": item }))
}

pub(crate) fn says(words: &str) -> String {
    item("item/completed", &json!({ "type": "agentMessage", "id": "m", "text": words }))
}

pub(crate) fn ends(status: &str, error: &Value) -> String {
    note("turn/completed", json!({ "turn": { "id": "u-1", "status": status, "error": error } }))
}

pub(crate) fn done(words: &str) -> String {
    format!("{}{}{}all\n", says(words), used(1_000, 40, (1_000, 40)), ends("completed", &Value::Null))
}

pub(crate) fn scene(rest: &str) -> Scene {
    Scene::new("codex", &(opening() + rest))
}

pub(crate) fn failure(ended: &Attended) -> &AgentFailure {
    ended.report.failure.as_ref().unwrap_or_else(|| panic!("{} {}", ended.output, ended.errors))
}

/// What it was sent that has this method.
pub(crate) fn sent(ended: &Attended, method: &str) -> Vec<Value> {
    let lines = ended.seen.iter().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("in ")?).ok());
    lines.filter(|message| message["method"] == method).map(|message| message["params"].clone()).collect()
}

#[test]
fn everything_that_it_is_told_comes_by_the_protocol() {
    let scene = scene(&done("Written."))
        .with("role", json!("You are an architect."))
        .with("model", json!("gpt-5.5-codex"))
        .with("effort", json!("high"))
        .with("permissions", json!("read-only"));
    let ended = scene.run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "Written."), "{}", ended.errors);
    let arguments: Vec<&String> = ended.seen.iter().filter(|line| line.starts_with("arg ")).collect();
    assert_eq!(arguments, ["arg app-server"]);
    let started = &sent(&ended, "thread/start")[0];
    let expected = [("sandbox", "read-only"), ("approvalPolicy", "on-request"), ("model", "gpt-5.5-codex")];
    for (key, value) in expected.into_iter().chain([("developerInstructions", "You are an architect.")]) {
        assert_eq!(started[key], value, "{started}");
    }
    let tools = &started["config"]["mcp_servers.band"];
    assert_eq!((&tools["required"], &tools["default_tools_approval_mode"]), (&json!(true), &json!("approve")));
    assert_eq!(tools["args"], json!(["mcp", "--attempt"]));
    assert_eq!(started["config"]["model_providers.corp.stream_max_retries"], 0, "{started}");
    let turn = &sent(&ended, "turn/start")[0];
    assert_eq!((&turn["input"][0]["text"], &turn["effort"]), (&json!("Write the specification."), &json!("high")));
    let report = &ended.report;
    let figures = Spending { input: 1_000, output: 40, turns: 1, ..Spending::default() };
    assert_eq!((report.version.as_deref(), report.session.as_deref()), (Some("0.169.0"), Some("t-1")));
    assert_eq!((report.model.as_deref(), report.spending), (Some("gpt-5.5-codex"), figures));
}

#[test]
fn what_it_does_is_told_and_what_it_may_not_is_refused() {
    let command = |status: &str, exit: i64| {
        json!({ "type": "commandExecution", "id": "c1", "status": status, "exitCode": exit, "command": "x",
            "commandActions": [{ "command": "cargo test" }] })
    };
    let asked = json!({ "id": 0, "method": "item/commandExecution/requestApproval", "params": { "itemId": "c2" } });
    let script = note("mcpServer/startupStatus/updated", json!({ "name": "band", "status": "failed" }))
        + &note("turn/plan/updated", json!({ "plan": [{ "step": "write it", "status": "inProgress" }] }))
        + "> not json at all\n"
        + &item("item/started", &command("inProgress", 0))
        + &item("item/completed", &command("failed", 101))
        + &format!("> {asked}\n< \"id\":0.*decline|decline.*\"id\":0\n")
        + &item(
            "item/completed",
            &json!({ "type": "commandExecution", "id": "c2", "status": "declined", "command": "x" }),
        )
        + &done("Done.");
    let ended = scene(&script).run();
    assert_eq!((ended.code, ended.report.denied.as_slice()), (Some(0), ["shell".to_owned()].as_slice()));
    for line in ["! it cannot reach band", "☐ 0 of 1 done: write it", "→ shell: cargo test", "✗ it failed", "Done."]
    {
        assert!(ended.output.contains(line), "{line} in {}", ended.output);
    }
    assert_eq!(ended.output.matches("! it may not use shell").count(), 1, "{}", ended.output);
    assert!(ended.errors.contains("not json at all"), "{}", ended.errors);
}

#[test]
fn full_is_not_asked_and_says_yes() {
    let asked = json!({ "id": 0, "method": "item/fileChange/requestApproval", "params": { "itemId": "c2" } });
    let script = format!("> {asked}\n< accept\n{}", done("Done."));
    let ended = scene(&script).with("permissions", json!("full")).run();
    assert_eq!((ended.code, ended.report.denied.is_empty()), (Some(0), true));
    let started = &sent(&ended, "thread/start")[0];
    assert_eq!((&started["sandbox"], &started["approvalPolicy"]), (&json!("danger-full-access"), &json!("never")));
}

#[test]
fn a_turn_that_failed_is_understood() {
    let table = [
        (
            json!({ "responseTooManyFailedAttempts": { "httpStatusCode": 429 } }),
            "429 Too Many",
            FailureClass::RateLimit,
        ),
        (json!({ "httpConnectionFailed": { "httpStatusCode": 401 } }), "unexpected status 401", FailureClass::Auth),
        (json!("internalServerError"), "high demand", FailureClass::Overloaded),
        (json!("contextWindowExceeded"), "ran out of room", FailureClass::ContextOverflow),
        (json!("other"), "stream disconnected before completion: x", FailureClass::Network),
        (json!("other"), "{\"error\":{\"message\":\"bad thing\"}}", FailureClass::Invalid),
        (json!(null), "Missing environment variable: `MY_KEY`.", FailureClass::Auth),
    ];
    for (code, words, class) in table {
        let error = json!({ "message": words, "codexErrorInfo": code });
        let ended = scene(&(ends("failed", &error) + "all\n")).run();
        assert_eq!((ended.code, failure(&ended).class), (Some(1), class), "{words}");
    }
}

#[test]
fn when_to_come_back_is_found_in_the_log_of_its_requests() {
    let error =
        json!({ "message": "exceeded retry limit, last status: 429 Too Many Requests", "codexErrorInfo": "other" });
    let log = "! DEBUG codex_http_client::client: Request completed status=429 Too Many Requests headers={\"retry-after\": \"60\"}\n";
    let ended = scene(&format!("{log}{}all\n", ends("failed", &error))).run();
    assert!(failure(&ended).until.is_some(), "{:?}", failure(&ended));
    assert!(ended.output.contains("asks for patience"), "{}", ended.output);
    assert!(!ended.errors.contains("codex_http_client"), "{}", ended.errors);
    assert!(ended.seen.iter().any(|line| line.starts_with("env RUST_LOG=error,codex")));
    let hidden = &sent(&ended, "thread/start")[0]["config"]["shell_environment_policy.exclude"];
    assert!(hidden.as_array().unwrap().contains(&json!("RUST_LOG")), "its commands see the variable: {hidden}");
}

#[test]
fn a_limit_that_is_reached_tells_its_end() {
    let limits = json!({ "primary": { "usedPercent": 100, "resetsAt": 32_503_680_000_u64 } });
    let script = note("account/rateLimits/updated", json!({ "rateLimits": limits }))
        + &ends(
            "failed",
            &json!({ "message": "You’ve hit your usage limit.", "codexErrorInfo": "usageLimitExceeded" }),
        )
        + "all\n";
    let ended = scene(&script).run();
    assert_eq!(failure(&ended).until.map(|until| until.0), Some(32_503_680_000_000));
}

#[test]
fn a_server_that_goes_away_has_not_done_its_work() {
    let check = |rest: &str, class: FailureClass, words: &str| {
        let ended = scene(rest).run();
        let failure = failure(&ended);
        assert!(failure.class == class && failure.message.contains(words), "{failure:?}");
    };
    check(&(says("All done!") + "exit 0\n"), FailureClass::Exit, "without saying");
    check("exit 3\n", FailureClass::Exit, "exit code 3");
    check("! error sending request: connection refused\nexit 1\n", FailureClass::Network, "connection refused");
}

#[test]
fn a_session_is_taken_up_and_its_past_is_not_counted_again() {
    let script = opening()
        .replace("thread/start", "thread/resume")
        .replace("< turn/start", &format!("{}< turn/start", used(5_000, 200, (1_000, 40)).replace("u-1", "u-0")));
    let script = script + &says("Done.") + &used(6_000, 250, (1_000, 50)) + &ends("completed", &Value::Null) + "all\n";
    let ended = Scene::new("codex", &script).with("session", json!("t-1")).run();
    assert_eq!(ended.report.spending, Spending { input: 1_000, output: 50, turns: 1, ..Spending::default() });
    assert_eq!(sent(&ended, "thread/resume")[0]["threadId"], "t-1");
}

#[test]
fn a_session_that_is_not_known_is_begun_anew() {
    let refused = r#"> {"id":3,"error":{"code":-32600,"message":"no rollout found for thread id t-0"}}"#;
    let script = opening()
        .replace("< thread/start", &format!("< thread/resume\n{refused}\n< thread/start"))
        .replace("\"id\":4", "\"id\":5")
        .replace(r#"{"id":3,"result""#, r#"{"id":4,"result""#);
    let ended = Scene::new("codex", &(script + &done("Done."))).with("session", json!("t-0")).run();
    assert_eq!((ended.code, ended.report.session.as_deref()), (Some(0), Some("t-1")), "{}", ended.errors);
    assert!(ended.errors.contains("`t-0` is not known to codex"), "{}", ended.errors);
    assert!(sent(&ended, "thread/start")[0]["threadId"].is_null());
}

#[test]
fn tools_that_do_not_start_are_told_and_it_works_without() {
    let words = "error creating thread: required MCP servers failed to initialize: band: No such file or directory";
    let refused = format!("< thread/start\n> {{\"id\":3,\"error\":{{\"message\":\"{words}\"}}}}\n< thread/start");
    let script = opening().replace("\"id\":4", "\"id\":5").replace("{\"id\":3", "{\"id\":4");
    let script = script.replace("< thread/start", &refused);
    let ended = Scene::new("codex", &(script + &done("Done."))).run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    assert!(ended.output.contains("cannot reach band"), "{}", ended.output);
    let required: Vec<Value> = sent(&ended, "thread/start")
        .iter()
        .map(|sent| sent["config"]["mcp_servers.band"]["required"].clone())
        .collect();
    assert_eq!(required, [json!(true), json!(false)]);
}

#[test]
fn what_it_refuses_to_begin_is_not_tried_again() {
    let words = "failed to load configuration: Model provider `corp` not found";
    let refused = format!("< thread/start\n> {{\"id\":3,\"error\":{{\"message\":\"{words}\"}}}}\nall\n");
    let script = opening().split("< thread/start").next().unwrap().to_owned() + &refused;
    let ended = Scene::new("codex", &script).run();
    assert_eq!((failure(&ended).class, failure(&ended).message.as_str()), (FailureClass::Invalid, words));
}

#[test]
fn an_answer_in_json_is_asked_for_and_kept() {
    let strict = json!({ "type": "object", "additionalProperties": false, "required": ["ok"],
        "properties": { "ok": { "type": "boolean" } } });
    let ended = scene(&done(r#"{"ok":true}"#)).with("schema", strict.clone()).run();
    assert_eq!((ended.answer.as_str(), &sent(&ended, "turn/start")[0]["outputSchema"]), (r#"{"ok":true}"#, &strict));
}

#[test]
fn who_is_not_logged_in_but_has_a_key_uses_the_key() {
    let account = r#"> {"id":3,"result":{"account":null,"requiresOpenaiAuth":true}}"#;
    let script = opening()
        .replace(r#"{"model_provider":"corp","model_providers":{"corp":{"name":"corp"}}}"#, "{}")
        .replace("\"id\":4", "\"id\":5")
        .replace("{\"id\":3", "{\"id\":4")
        .replace("< thread/start", &format!("< account/read\n{account}\n< thread/start"));
    let ended = Scene::new("codex", &(script + &done("Done."))).env("OPENAI_API_KEY", "sk-secret").run();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
    let started = &sent(&ended, "thread/start")[0];
    let provider = &started["config"]["model_providers.band"];
    assert_eq!((&started["modelProvider"], &provider["env_key"]), (&json!("band"), &json!("OPENAI_API_KEY")));
    assert!(!started.to_string().contains("sk-secret"));
}
