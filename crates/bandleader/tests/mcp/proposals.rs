//! Plans that a planner writes: begun, looked at while it is at work, saved, ended.

use std::fs;
use std::path::Path;
use std::time::Duration;

use model_server::ModelServer;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli_support::{empty, json};
use crate::client::{Client, Person};

const LONG: Duration = Duration::from_mins(1);

fn plan(need: &str) -> String {
    let tasks = json!([
        { "id": "api", "run": "true", "expected_time": "30 minutes" },
        { "id": "try", "run": "true", "needs": [need], "expected_time": "10 minutes" },
    ]);
    json!({ "mission": "Alerts", "tasks": tasks }).to_string()
}

/// A project whose planner is a model behind `server`.
fn with_model(server: &ModelServer) -> TempDir {
    let folder = empty();
    let agent = format!("[agents.planner]\ndriver = \"llm\"\nmodel = \"local\"\nbase_url = \"{}\"\n", server.url());
    fs::write(folder.path().join("band.toml"), agent).unwrap();
    folder
}

/// Waits for its end.
fn done(client: &mut Client, proposal: &Value) -> Result<Value, String> {
    loop {
        let said = client.call("proposal_status", json!({ "proposal": proposal, "wait_seconds": 20 }))?;
        if said["state"] != "working" {
            return Ok(said);
        }
    }
}

#[test]
fn a_planner_writes_while_others_ask_and_what_it_wrote_is_saved() {
    let server = ModelServer::playing(json!([
        { "if": { "user": "apo" }, "do": { "text": plan("api"), "usage": [100, 50] } },
        { "do": { "text": plan("apo"), "usage": [100, 50], "hold": "go" } },
    ]))
    .unwrap();
    let folder = with_model(&server);
    let mut client = Client::with(folder.path(), Person::Absent);
    let wish = json!({ "request": "Alerts for shops", "level": 2, "by": "planner", "save_as": "alerts.yaml" });
    let begun = client.good("propose_plan", wish);
    assert_eq!((&begun["state"], &begun["plan"]), (&json!("working"), &json!(null)), "{begun}");
    assert_eq!(begun["planner"], "`planner` (llm, local)");
    assert!(server.wait_for_held(1, LONG));
    let looked = client.good("proposal_status", json!({ "proposal": begun["proposal"] }));
    assert_eq!(looked["state"], "working");
    // Nothing else waits for it.
    assert_eq!(client.good("list_runs", json!({}))["total"], json!(0));
    server.release("go");
    let told = done(&mut client, &begun["proposal"]).unwrap();
    assert_eq!(
        (&told["state"], &told["from"]["planner"], &told["from"]["asked"]),
        (&json!("done"), &json!("planner"), &json!(2)),
        "{told:#}"
    );
    let text = fs::read_to_string(folder.path().join("alerts.yaml")).unwrap();
    assert_eq!((told["plan"].as_str().unwrap(), &told["file"]), (text.as_str(), &json!("alerts.yaml")));
    assert!(text.contains("level: 2\n") && text.contains("id: try"), "{text}");
    assert_eq!(json(folder.path(), &["check", "alerts.yaml", "--json"]), json!([]));
    // The same words as the verb's, from the same functions.
    let verb = json(folder.path(), &["plan", "Alerts for shops", "--level", "2", "--json"]);
    assert_eq!((&verb["answers"], &verb["outlook"]), (&told["answers"], &told["outlook"]));
    assert_eq!(client.end(), 0);
}

#[test]
fn a_planner_that_stays_wrong_or_is_not_there_is_said_and_what_to_do_then() {
    let server = ModelServer::playing(json!([{ "do": { "text": plan("apo"), "usage": [100, 50] } }])).unwrap();
    let folder = with_model(&server);
    let mut client = Client::with(folder.path(), Person::Absent);
    let begun = client.good("propose_plan", json!({ "request": "Alerts", "agent": "planner", "save_as": "a.yaml" }));
    let words = done(&mut client, &begun["proposal"]).unwrap_err();
    assert!(words.contains("after 3 tries") && words.contains("fills a built-in template"), "{words}");
    assert!(!folder.path().join("a.yaml").exists());
    fs::write(folder.path().join("a.yaml"), "mine").unwrap();
    for (arguments, said) in [
        (json!({ "request": "Alerts", "by": "planner", "save_as": "a.yaml" }), "nothing is overwritten"),
        (json!({ "request": "Alerts", "by": "planner", "template": "saas" }), "not both"),
        (json!({ "request": "Alerts", "by": "template", "model": "m" }), "not both"),
        (json!({ "request": "Alerts", "agent": "nobody" }), "nobody"),
        (json!({ "request": " ", "by": "planner" }), "what is wanted"),
    ] {
        let words = client.bad("propose_plan", arguments);
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(client.bad("proposal_status", json!({ "proposal": "zz" })).contains("propose_plan begins one"));
    let nobody = empty();
    let mut client = Client::in_environment(nobody.path(), &[("PATH", "/nowhere")], Person::Absent);
    let words = client.bad("propose_plan", json!({ "request": "Alerts", "by": "planner" }));
    assert!(words.contains("no planner is here") && words.contains("template"), "{words}");
}

/// A planner that waits, and the number of its process.
fn waiting(folder: &Path, client: &mut Client) -> (Value, rustix::process::Pid) {
    let begun = client.good("propose_plan", json!({ "request": "Alerts", "agent": "slow" }));
    let pid = loop {
        if let Ok(pid) = fs::read_to_string(folder.join("pid")).unwrap_or_default().trim().parse::<i32>() {
            break rustix::process::Pid::from_raw(pid).unwrap();
        }
        std::thread::yield_now();
    };
    fs::remove_file(folder.join("pid")).unwrap();
    (begun["proposal"].clone(), pid)
}

#[test]
fn a_planner_is_cancelled_and_ends_when_its_client_leaves() {
    let folder = empty();
    fs::write(folder.path().join("waits.sh"), "echo $$ > pid\nexec sleep 1000\n").unwrap();
    fs::write(folder.path().join("band.toml"), "[agents.slow]\ncommand = [\"sh\", \"waits.sh\"]\n").unwrap();
    let gone = |pid| rustix::process::test_kill_process(pid).is_err();
    let mut client = Client::with(folder.path(), Person::Absent);
    let (proposal, pid) = waiting(folder.path(), &mut client);
    let ended = client.good("cancel_proposal", json!({ "proposal": proposal }));
    assert_eq!((&ended["state"], gone(pid)), (&json!("cancelled"), true), "{ended}");
    assert_eq!(client.good("proposal_status", json!({ "proposal": proposal }))["state"], "cancelled");
    let (_, pid) = waiting(folder.path(), &mut client);
    assert_eq!((client.end(), gone(pid)), (0, true), "nothing is left of it");
}
