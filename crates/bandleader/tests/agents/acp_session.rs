//! From the greeting to the first prompt, by the Agent Client Protocol.

use serde_json::json;

use bandleader_core::plan::FailureClass;

use crate::acp::{HEARS, answers, asked, ends, failure, greets, opens, refuses, says, scene};

#[test]
fn a_login_that_needs_a_person_is_not_tried() {
    let method = json!([{"id": "oauth", "name": "Log in with a browser"}]);
    let hello = answers("initialize", &json!({"protocolVersion": 1, "authMethods": method}));
    let ended =
        scene(&(hello + &refuses("session/new", &json!({"code": -32000, "message": "log in"})) + "all\n")).run();
    let (class, message) = failure(ended);
    assert_eq!(class, FailureClass::Auth);
    assert!(message.contains("Log in with a browser (`oauth`)"), "{message}");
}

#[test]
fn a_login_by_key_needs_nobody() {
    let method = json!([{"id": "gemini-api-key", "name": "Key", "_meta": {"api-key": {"provider": "google"}}}]);
    let script = [
        answers("initialize", &json!({"protocolVersion": 1, "authMethods": method})),
        refuses("session/new", &json!({"code": -32000, "message": "log in"})),
        answers("authenticate", &json!({})),
        answers("session/new", &json!({"sessionId": "s1"})),
        HEARS.into(),
        says("in"),
        ends("end_turn"),
    ];
    let ended = scene(&script.concat()).env("GEMINI_API_KEY", "k").run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "in"), "{}", ended.errors);
    assert_eq!(asked(&ended, "authenticate")[0]["methodId"], "gemini-api-key");
}

#[test]
fn a_session_is_taken_up_without_its_past() {
    let script = [
        greets(&json!({"loadSession": true})),
        "< \"id\":([0-9]+),\"method\":\"session/load\"\n".into(),
        says("the past"),
        "> {\"jsonrpc\":\"2.0\",\"id\":$1,\"result\":{}}\n".into(),
        says("more of the past"),
        HEARS.into(),
        says("now"),
        ends("end_turn"),
    ];
    let ended = scene(&script.concat()).with("session", json!("s1")).with("role", json!("A role.")).run();
    assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "now"), "{}", ended.errors);
    assert!(!ended.output.contains("past"), "{}", ended.output);
    assert_eq!(asked(&ended, "session/load")[0]["sessionId"], "s1");
    assert_eq!(asked(&ended, "session/prompt")[0]["prompt"][0]["text"], "Write the specification.");
}

#[test]
fn a_session_that_is_gone_is_begun_anew() {
    let script = [
        greets(&json!({"loadSession": true})),
        refuses("session/load", &json!({"code": -32002, "message": "no such session"})),
        answers("session/new", &json!({"sessionId": "s2"})),
        HEARS.into(),
        says("new"),
        ends("end_turn"),
    ];
    let ended = scene(&script.concat()).with("session", json!("gone")).run();
    assert_eq!((ended.code, ended.report.session.as_deref()), (Some(0), Some("s2")), "{}", ended.errors);
}

#[test]
fn role_mode_and_model_go_where_the_agent_wants_them() {
    let session = json!({"sessionId": "s1", "modes": {"availableModes": [{"id": "build"}, {"id": "plan"}]},
        "configOptions": [{"id": "m", "category": "model", "currentValue": "a/b", "options": []}]});
    let script = [
        greets(&json!({"sessionCapabilities": {"systemPrompt": {}}})),
        answers("session/new", &session),
        answers("session/set_mode", &json!({})),
        answers("session/set_config_option", &json!({})),
        HEARS.into(),
        ends("end_turn"),
    ];
    let scene = scene(&script.concat()).with("role", json!("A role.")).with("permissions", json!("read-only"));
    let ended = scene.with("model", json!("c/d")).run();
    assert_eq!((ended.code, ended.report.model.as_deref()), (Some(0), Some("c/d")), "{}", ended.errors);
    assert_eq!(asked(&ended, "session/new")[0]["systemPrompt"]["content"][0]["text"], "A role.");
    assert_eq!(asked(&ended, "session/set_mode")[0]["modeId"], "plan");
    assert_eq!(
        asked(&ended, "session/set_config_option")[0],
        json!({"sessionId": "s1", "configId": "m", "value": "c/d"})
    );
    assert_eq!(asked(&ended, "session/prompt")[0]["prompt"][0]["text"], "Write the specification.");
    let without = crate::acp::scene(&(opens() + HEARS + &ends("end_turn"))).with("role", json!("A role.")).run();
    assert!(asked(&without, "session/prompt")[0]["prompt"][0]["text"].as_str().unwrap().starts_with("A role.\n"));
}
