//! What the driver for Claude Code makes of every way in which the program ends.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Timestamp};
use serde_json::{Value, json};

use crate::claude::run;
use crate::common::Scene;

/// What comes of a result line, and an exit with this code behind it.
fn failure(result: &Value, code: u8) -> AgentFailure {
    let mut line = json!({ "type": "result", "is_error": true, "permission_denials": [] });
    line.as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
    let ended = run(&format!("> {line}\nexit {code}\n"));
    assert_eq!(ended.code, Some(1), "{result}");
    ended.report.failure.unwrap()
}

fn check(result: &Value, class: FailureClass, message: &str) {
    let failure = failure(result, 1);
    assert_eq!((failure.class, failure.message.as_str()), (class, message), "{result}");
}

/// A failed call of the model: `success`, with an error in it.
fn call(status: Option<u16>, reason: &str, words: &str) -> Value {
    json!({ "subtype": "success", "api_error_status": status, "terminal_reason": reason, "result": words })
}

#[test]
fn every_way_to_fail_has_its_class() {
    let limits = |subtype: &str, words: &str| json!({ "subtype": subtype, "errors": [words] });
    check(
        &limits("error_max_turns", "Reached maximum number of turns (2)"),
        FailureClass::MaxTurns,
        "Reached maximum number of turns (2)",
    );
    check(
        &limits("error_max_budget_usd", "Reached maximum budget ($0.01)"),
        FailureClass::Budget,
        "Reached maximum budget ($0.01)",
    );
    check(&limits("error_max_structured_output_retries", "no"), FailureClass::Deliverable, "no");
    check(&limits("error_during_execution", "it broke"), FailureClass::Exit, "it broke");
    check(&call(Some(401), "api_error", "Invalid API key"), FailureClass::Auth, "Invalid API key");
    check(
        &call(None, "api_error", "Not logged in · Please run /login"),
        FailureClass::Auth,
        "Not logged in · Please run /login",
    );
    check(&call(Some(429), "api_error", "slow down"), FailureClass::RateLimit, "slow down");
    check(&call(Some(500), "api_error", "boom"), FailureClass::Overloaded, "boom");
    check(&call(Some(529), "api_error", "busy"), FailureClass::Overloaded, "busy");
    check(&call(Some(400), "prompt_too_long", "too much"), FailureClass::ContextOverflow, "too much");
    check(&call(Some(400), "api_error", "no such field"), FailureClass::Invalid, "no such field");
    check(&call(None, "api_error", "Connection refused"), FailureClass::Network, "Connection refused");
    check(&json!({ "subtype": "success" }), FailureClass::Exit, "success");
}

#[test]
fn a_limit_says_when_it_ends() {
    let reached = failure(&call(None, "completed", "Claude AI usage limit reached|1700003600"), 1);
    assert_eq!((reached.class, reached.until), (FailureClass::RateLimit, Some(Timestamp(1_700_003_600_000))));
    let event = r#"> {"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1700000001,"rateLimitType":"five_hour"}}"#;
    let line = json!({ "type": "result", "subtype": "success", "is_error": true, "api_error_status": 429 });
    let ended = run(&format!("{event}\n> {line}\nexit 1\n"));
    assert_eq!(ended.report.failure.unwrap().until, Some(Timestamp(1_700_000_001_000)));
    assert!(ended.output.contains("the limit is used up: five hour"), "{}", ended.output);
}

#[test]
fn a_provider_that_wants_peace_for_an_hour_or_again_gets_it_outside_the_attempt() {
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    for (attempt, wait, status, class) in
        [(1, 3_600_000, 429, FailureClass::RateLimit), (2, 700, 529, FailureClass::Overloaded)]
    {
        let line = json!({ "type": "system", "subtype": "api_retry", "attempt": attempt, "retry_delay_ms": wait, "error_status": status });
        let result =
            json!({ "type": "result", "subtype": "error_during_execution", "terminal_reason": "aborted_streaming" });
        let ended = run(&format!("> {line}\n< \"subtype\":\"interrupt\"\n> {result}\nall\n"));
        let failure = ended.report.failure.unwrap();
        assert_eq!(failure.class, class);
        assert!(u128::from(failure.until.unwrap().0) >= before + wait);
    }
}

#[test]
fn no_result_is_no_success() {
    let check = |after: &str, class: FailureClass, message: &str| {
        let failure = run(after).report.failure.unwrap();
        assert_eq!((failure.class, failure.message.as_str()), (class, message), "{after}");
    };
    check("exit 0\n", FailureClass::Crash, "it ended without saying what came of its work");
    check("exit 143\n", FailureClass::Crash, "ended by signal 15, which did not come from here");
    check("! out of memory\nexit 3\n", FailureClass::Exit, "exit code 3: out of memory");
    let refused = Scene::new("claude", "! error: unknown option '--nope'\nexit 1\n").run().report.failure.unwrap();
    assert_eq!(refused.class, FailureClass::Start);
    assert!(refused.message.contains("unknown option"), "{}", refused.message);
}
