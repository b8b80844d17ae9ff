//! The driver for Codex with the real program, and a scripted model behind it.

use bandleader_core::Spending;
use bandleader_core::plan::FailureClass;
use bandleader_engine::agent::notes::Message;
use model_server::ModelServer;
use serde_json::json;

use crate::common::{Scene, counted};
use crate::installed;

/// A scene with the real program, a model that follows these rules, and this instruction.
fn scene(server: &ModelServer, instruction: &str) -> Option<Scene> {
    let endpoint = json!({ "base_url": format!("{}/v1", server.url()), "api_key_env": "MODEL_KEY" });
    let scene = Scene::new("codex", "")
        .with("command", json!([installed::program("codex-native")?]))
        .with("endpoint", endpoint);
    let scene = scene.with("model", json!("gpt-5.5-codex")).with("role", json!("ROLE_ARCHITECT"));
    Some(scene.with("instruction", json!(instruction)).env("MODEL_KEY", "dummy"))
}

#[test]
fn it_works_is_counted_and_is_taken_up_again() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "SCENE_WRITE", "system": "ROLE_ARCHITECT", "turn": 0},
         "do": {"text": "I write it.", "call": [{"write": {"path": "hello.txt", "text": "hello\n"}}], "usage": [1000, 40, 100]}},
        {"if": {"user": "SCENE_WRITE"}, "do": {"text": "Written.", "usage": [1100, 12, 1000]}},
        {"if": {"user": "SCENE_AGAIN"}, "do": {"text": "Still there.", "usage": [1300, 7]}},
    ])).unwrap();
    let Some(scene) = scene(&server, "SCENE_WRITE") else { return };
    let first = scene.run();
    assert_eq!((first.code, first.answer.as_str()), (Some(0), "Written."), "{} {}", first.output, first.errors);
    assert_eq!(std::fs::read_to_string(scene.project().join("hello.txt")).unwrap(), "hello\n");
    assert_eq!(first.report.spending, counted(&server));
    assert!(first.errors.contains("codex app-server is used"), "{}", first.errors);
    let session = first.report.session.unwrap();
    let second = scene.with("session", json!(session)).with("instruction", json!("SCENE_AGAIN")).run();
    assert_eq!((second.answer.as_str(), second.report.session), ("Still there.", Some(session)), "{}", second.errors);
    assert_eq!(second.report.spending, Spending { input: 1_300, output: 7, turns: 1, ..Spending::default() });
}

#[test]
fn a_limit_says_when_it_ends() {
    let server = ModelServer::playing(
        json!([{"do": {"status": 429, "error": {"message": "slow down"}, "headers": {"retry-after": "600"}}}]),
    )
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_LIMITED") else { return };
    let ended = scene.run();
    let failure = ended.report.failure.unwrap();
    assert_eq!((failure.class, failure.until.is_some()), (FailureClass::RateLimit, true), "{failure:?}");
    assert_eq!(server.count()["total"]["requests"], 1, "it does not try again by itself");
}

#[test]
fn what_goes_beyond_its_sandbox_is_refused() {
    let escalated =
        json!({"cmd": "touch ../outside", "sandbox_permissions": "require_escalated", "justification": "x"});
    let server = ModelServer::playing(json!([
        {"if": {"turn": 0}, "do": {"call": [{"tool": {"name": "exec_command", "args": escalated}}], "usage": [10, 1]}},
        {"do": {"text": "It was refused.", "usage": [10, 1]}},
    ]))
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_OUTSIDE") else { return };
    let ended = scene.run();
    assert_eq!(ended.report.denied, ["shell"], "{} {}", ended.output, ended.errors);
    assert!(!scene.project().with_file_name("outside").exists());
    assert_eq!((ended.code, ended.report.spending), (Some(0), counted(&server)));
}

#[test]
fn a_model_that_goes_on_for_ever_is_ended() {
    let server = ModelServer::playing(json!([{"do": {"call": [{"shell": "echo again"}], "usage": [100, 4]}}])).unwrap();
    let Some(scene) = scene(&server, "SCENE_LOOP") else { return };
    let ended = scene.with("max_turns", json!(3)).run();
    assert_eq!(ended.report.failure.unwrap().class, FailureClass::MaxTurns, "{}", ended.output);
    assert!((3..=4).contains(&ended.report.spending.turns), "{:?}", ended.report.spending);
}

#[test]
fn a_message_is_heard_while_it_works() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "use tabs"}, "do": {"text": "With tabs.", "usage": [10, 1]}},
        {"if": {"turn": 0}, "do": {"call": [{"shell": "sleep 2"}], "usage": [10, 1]}},
        {"do": {"text": "Without.", "usage": [10, 1]}},
    ]))
    .unwrap();
    let Some(scene) = scene(&server, "SCENE_TOLD") else { return };
    scene.notes().leave_messages(&[Message { id: 4, text: "use tabs".into() }]).unwrap();
    let ended = scene.run();
    assert!(ended.output.contains("message 4 has reached it"), "{} {}", ended.output, ended.errors);
    assert_eq!((ended.answer.as_str(), ended.report.spending), ("With tabs.", counted(&server)));
}

#[test]
fn a_provider_of_the_users_own_configuration_is_used_with_its_key() {
    let server = ModelServer::playing(json!([
        {"if": {"turn": 0, "user": "SCENE_KEY"}, "do": {"call": [{"shell": "test -z \"$OWN_KEY\" && touch unseen"}], "usage": [10, 1]}},
        {"if": {"user": "SCENE_KEY", "headers": {"authorization": "."}}, "do": {"text": "Done.", "usage": [10, 1]}},
        {"do": {"status": 500, "error": {"message": "x"}}},
    ])).unwrap();
    let Some(scene) = scene(&server, "SCENE_KEY") else { return };
    let home = scene.project().with_file_name(".codex");
    std::fs::create_dir(&home).unwrap();
    let config = format!(
        "model_provider = 'own'\n[model_providers.own]\nname = 'own'\nbase_url = '{}/v1'\nenv_key = 'OWN_KEY'\n",
        server.url()
    );
    std::fs::write(home.join("config.toml"), config).unwrap();
    let scene = scene.with("endpoint", json!({})).env("OWN_KEY", "dummy");
    let ended = scene.run();
    assert_eq!((ended.answer.as_str(), ended.report.spending), ("Done.", counted(&server)), "{}", ended.errors);
    assert!(scene.project().join("unseen").exists(), "its commands do not see the key");
    let before = server.log().len();
    let failed = scene.with("instruction", json!("SCENE_BUSY")).run();
    assert_eq!(failed.report.failure.unwrap().class, FailureClass::Overloaded);
    assert_eq!(server.log().len(), before + 1, "it does not try again by itself");
}
