//! The driver for direct calls of a model, against our scripted model server.

use bandleader_core::plan::FailureClass;
use bandleader_core::{AgentFailure, Spending};
use model_server::ModelServer;
use serde_json::{Value, json};

use crate::common::{Attended, Scene};

/// Both languages that models are asked in, with the model that each is asked for: one that has a price in our table, and one that
/// has none.
const PROVIDERS: [(&str, &str); 2] = [("anthropic", "claude-opus-5-5"), ("openai", "gpt-4.1")];

fn scene_with(server: &ModelServer, provider: &str, model: &str) -> Scene {
    let endpoint = json!({ "provider": provider, "base_url": server.url(), "api_key_env": "MODEL_KEY" });
    let scene = Scene::new("llm", "").with("command", json!([])).with("endpoint", endpoint);
    scene.with("model", json!(model)).with("role", json!("ROLE_REVIEWER")).env("MODEL_KEY", "dummy")
}

/// The same with every provider.
fn with_each(rules: &Value, check: impl Fn(Scene, &ModelServer, &str)) {
    for (provider, model) in PROVIDERS {
        let server = ModelServer::playing(rules.clone()).unwrap();
        check(scene_with(&server, provider, model), &server, provider);
    }
}

fn failure(ended: &Attended) -> &AgentFailure {
    ended.report.failure.as_ref().unwrap_or_else(|| panic!("{} {}", ended.output, ended.errors))
}

fn schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["verdict", "score"],
        "properties": { "verdict": { "enum": ["pass", "fail"] }, "score": { "type": "integer" } },
    })
}

#[test]
fn an_answer_is_had_and_counted() {
    let rules = json!([{"if": {"system": "ROLE_REVIEWER", "user": "Write the spec", "tools": false},
        "do": {"text": "It is good.", "usage": [1000, 40, 100]}}]);
    with_each(&rules, |scene, server, provider| {
        let ended = scene.run();
        assert_eq!((ended.code, ended.answer.as_str()), (Some(0), "It is good."), "{provider} {}", ended.errors);
        let cost = (provider == "anthropic").then_some(4_420); // 900 x 4 + 100 x 0.2 + 40 x 20 dollars a million
        let figures = Spending { input: 1_000, cached: 100, output: 40, cost, turns: 1 };
        assert_eq!(ended.report.spending, figures, "{provider}");
        let total = &server.count()["total"];
        assert_eq!((&total["input"], &total["cached"], &total["output"]), (&json!(1000), &json!(100), &json!(40)));
        assert_eq!(ended.report.session, None, "nothing is kept that could be taken up");
        let sent = server.log()[0].to_string();
        assert!(!ended.output.contains("dummy") && !sent.contains("\"tools\":["), "{sent}");
    });
}

#[test]
fn a_price_that_was_given_wins_over_the_table() {
    let rules = json!([{"do": {"text": "It is good.", "usage": [1000, 40, 100]}}]);
    let prices = json!({
        "claude-opus-5-5": {"input": 1_000_000, "cached": 0, "output": 2_000_000},
        "gpt-4.1": {"input": 0, "cached": 0, "output": 0},
    });
    with_each(&rules, |scene, _, provider| {
        let ended = scene.with("prices", prices.clone()).run();
        let cost = if provider == "anthropic" { 900 + 80 } else { 0 };
        assert_eq!(ended.report.spending.cost, Some(cost), "{provider}");
    });
}

#[test]
fn what_a_provider_answers_is_understood() {
    let table = [
        (
            json!({"status": 429, "error": {"message": "slow down"}, "headers": {"retry-after": "600"}}),
            FailureClass::RateLimit,
        ),
        (
            json!({"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}}),
            FailureClass::Overloaded,
        ),
        (json!({"status": 503, "error": {"message": "later"}}), FailureClass::Overloaded),
        (json!({"status": 401, "error": {"message": "invalid x-api-key"}}), FailureClass::Auth),
        (
            json!({"status": 400, "error": {"message": "prompt is too long: 210000 tokens > 200000"}}),
            FailureClass::ContextOverflow,
        ),
        (json!({"status": 400, "error": {"message": "bad thing"}}), FailureClass::Invalid),
        (json!({"text": "Half of it", "stop": "length", "usage": [10, 5]}), FailureClass::ContextOverflow),
        (json!({"text": "I will not.", "stop": "refusal", "usage": [10, 5]}), FailureClass::Invalid),
        (
            json!({"text": "This is a long answer that will never come to its end", "cut_after": 60}),
            FailureClass::Network,
        ),
        (json!({"text": "This is an answer that nobody can read", "malformed": true}), FailureClass::Network),
        (
            json!({"status": 200, "body": "<html>a proxy</html>", "headers": {"content-type": "text/html"}}),
            FailureClass::Network,
        ),
    ];
    for (answer, class) in table {
        with_each(&json!([{ "do": answer }]), |scene, server, provider| {
            let ended = scene.run();
            let failure = failure(&ended);
            assert_eq!((ended.code, failure.class), (Some(1), class), "{provider} {answer} {failure:?}");
            assert_eq!(failure.until.is_some(), answer["headers"]["retry-after"].is_string(), "{failure:?}");
            assert_eq!(server.count()["total"]["requests"], 1, "it does not try again by itself");
        });
    }
}

#[test]
fn a_provider_that_is_silent_or_not_there_is_found_out() {
    with_each(
        &json!([{"do": {"text": "This is an answer that never goes on", "hang_after": 0}}]),
        |scene, _, provider| {
            let ended = scene.with("stall", json!(700)).run();
            assert_eq!(failure(&ended).class, FailureClass::Stall, "{provider}");
        },
    );
    let gone = ModelServer::playing(json!([])).unwrap();
    let scene = scene_with(&gone, "openai", "m");
    drop(gone);
    assert_eq!(failure(&scene.run()).class, FailureClass::Network);
}

#[test]
fn json_is_asked_for_and_checked() {
    let rules = json!([{"do": {"text": r#"{"verdict":"pass","score":7}"#, "usage": [10, 5]}}]);
    with_each(&rules, |scene, server, provider| {
        let ended = scene.with("schema", schema()).run();
        assert_eq!(ended.answer, r#"{"verdict":"pass","score":7}"#, "{provider} {}", ended.errors);
        let body = server.log()[0]["body"].to_string();
        assert!(body.contains("json_schema"), "the provider's own means are used: {body}");
    });
}

#[test]
fn an_answer_of_the_wrong_form_is_sent_back() {
    let rules = json!([
        {"if": {"user": "there is no JSON"}, "do": {"text": r#"{"verdict":"maybe","score":7}"#, "usage": [20, 5]}},
        {"if": {"user": "at `/verdict`"}, "do": {"text": r#"{"verdict":"fail","score":2}"#, "usage": [30, 5]}},
        {"if": {"user": "Write the spec"}, "do": {"text": "It is fine.", "usage": [10, 5]}},
    ]);
    with_each(&rules, |scene, server, provider| {
        let ended = scene.with("schema", schema()).run();
        assert_eq!(ended.answer, r#"{"verdict":"fail","score":2}"#, "{provider} {}", ended.errors);
        let cost = (provider == "anthropic").then_some(540); // of all three turns: 60 x 4 + 15 x 20 dollars a million
        let figures = Spending { input: 60, output: 15, cost, turns: 3, ..Spending::default() };
        assert_eq!((ended.report.spending, &server.count()["total"]["input"]), (figures, &json!(60)));
    });
}

#[test]
fn an_answer_that_stays_wrong_is_invalid_after_two_repeats() {
    with_each(&json!([{"do": {"text": "It is fine.", "usage": [10, 5]}}]), |scene, server, _| {
        let ended = scene.with("schema", schema()).run();
        let failure = failure(&ended);
        assert!(failure.class == FailureClass::Invalid && failure.message.contains("no JSON"), "{failure:?}");
        assert_eq!(server.count()["total"]["requests"], 3);
    });
}

#[test]
fn a_server_that_takes_no_schema_is_asked_in_words() {
    let rules = json!([
        {"if": {"user": "must fulfil this JSON Schema"}, "do": {"text": "```json\n{\"verdict\":\"pass\",\"score\":1}\n```", "usage": [10, 5]}},
        {"do": {"status": 400, "error": {"message": "unknown field `response_format`"}}},
    ]);
    let server = ModelServer::playing(rules).unwrap();
    let ended = scene_with(&server, "openai", "qwen3-coder").with("schema", schema()).run();
    assert_eq!(ended.answer, r#"{"verdict":"pass","score":1}"#, "{}", ended.errors);
    assert!(ended.errors.contains("asked for in words"), "{}", ended.errors);
}

#[test]
fn what_is_missing_is_said_before_anybody_is_called() {
    let server = ModelServer::playing(json!([])).unwrap();
    let check = |scene: Scene, class: FailureClass, words: &str| {
        let ended = scene.run();
        let failure = failure(&ended);
        assert!(failure.class == class && failure.message.contains(words), "{failure:?}");
    };
    let scene = || Scene::new("llm", "").with("command", json!([]));
    check(scene(), FailureClass::Start, "give it `model:`");
    check(scene().with("model", json!("claude-opus-5-5")), FailureClass::Auth, "set `ANTHROPIC_API_KEY`");
    check(scene().with("model", json!("gpt-4.1")), FailureClass::Auth, "set `OPENAI_API_KEY`");
    let endpoint = json!({ "provider": "nobody" });
    check(scene().with("model", json!("m")).with("endpoint", endpoint), FailureClass::Start, "give it `base_url:`");
    let endpoint = json!({ "base_url": server.url(), "api_key_env": "TEAM_KEY" });
    check(scene().with("model", json!("m")).with("endpoint", endpoint), FailureClass::Auth, "set `TEAM_KEY`");
    assert_eq!(server.count()["total"]["requests"], 0);
}

#[test]
fn a_server_of_ones_own_needs_no_key() {
    let server = ModelServer::playing(json!([{"do": {"text": "Yes.", "usage": [1, 1]}}])).unwrap();
    let scene = Scene::new("llm", "").with("command", json!([])).with("model", json!("qwen3-coder"));
    let ended = scene.with("endpoint", json!({ "base_url": server.url() })).run();
    assert_eq!(ended.answer, "Yes.", "{}", ended.errors);
    assert_eq!(server.count()["api"]["chat"]["requests"], 1);
}
