//! Runs that are started otherwise than their plan says, and changed while they go on.

use serde_json::json;

use crate::stage::{Server, project, wait_for};

const PLAN: &str = "mission: m
mode: interactive
limits: {time: 3h}
tasks:
  - {id: wait, run: 'while [ ! -e go ]; do sleep 0.05; done'}
  - {id: ask, needs: [wait], decision: {question: 'Go?', recommend: approve}}
  - {id: docs, needs: [ask], run: echo docs}
  - {id: last, needs: [docs], run: echo end}
";

#[test]
fn a_run_has_the_mode_and_the_limits_that_were_asked_for() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let wanted =
        json!({ "plan": "plan.yaml", "mode": "autonomous", "time_ms": 7_200_000, "cost_usd": 2.5, "tokens": 1000 });
    let mut preview = wanted.clone();
    preview["preview"] = true.into();
    let seen = server.post("/api/v1/runs", &preview.to_string()).json();
    assert_eq!(
        (&seen["plan"]["mode"], &seen["plan"]["limits"]),
        (&json!("autonomous"), &json!({ "time_ms": 7_200_000, "cost_usd": 2.5, "tokens": 1000 }))
    );
    let as_is = server.post("/api/v1/runs", r#"{"plan": "plan.yaml", "preview": true}"#).json();
    assert_eq!(as_is["plan"]["limits"], json!({ "time_ms": 10_800_000, "cost_usd": null, "tokens": null }));
    for bad in [
        json!({ "mode": "bold" }),
        json!({ "time_ms": 0 }),
        json!({ "cost_usd": -1 }),
        json!({ "tokens": -1 }),
        json!({ "tokens": 0 }),
    ] {
        let mut asked = wanted.clone();
        asked.as_object_mut().unwrap().extend(bad.as_object().unwrap().clone());
        assert_eq!(server.post("/api/v1/runs", &asked.to_string()).problem(), "bad-request", "{bad}");
    }
    let run = server.post("/api/v1/runs", &wanted.to_string()).json()["run"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/runs/{run}");
    let change = json!({ "skip": ["docs"], "because": "not now" });
    let mut preview = change.clone();
    preview["preview"] = true.into();
    let brings = server.post(&format!("{path}/adjust"), &preview.to_string());
    assert_eq!((brings.status, &brings.json()["skipped"][0]["task"]), (200, &json!("docs")), "{}", brings.text());
    assert_eq!(server.get(&format!("{path}/tasks/docs")).json()["state"], "pending", "nothing was done");
    assert_eq!(server.post(&format!("{path}/adjust"), r#"{"skip": ["nobody"]}"#).problem(), "rejected");
    assert_eq!(
        server.post(&format!("{path}/adjust"), r#"{"skip": ["nobody"], "preview": true}"#).problem(),
        "rejected"
    );
    assert_eq!(server.post(&format!("{path}/adjust"), &change.to_string()).status, 202);
    wait_for("the change", || (server.get(&format!("{path}/tasks/docs")).json()["state"] == "skipped").then_some(()));
    std::fs::write(folder.path().join("go"), "").unwrap();
    wait_for("the end", || (server.get(&path).json()["state"] == "succeeded").then_some(()));
    let run = server.get(&path).json();
    assert_eq!((&run["mode"], &run["time_limit_ms"]), (&json!("autonomous"), &json!(7_200_000)));
    assert_eq!(run["decisions"][0]["taken"]["by"]["who"], "policy", "nobody was asked");
    let tokens = run["budgets"].as_array().unwrap().iter().find(|budget| budget["unit"] == "tokens").unwrap();
    assert_eq!(tokens["limit"], 1000);
    // A run that has ended is taken up again by what comes back.
    let back = json!({ "bring_back": ["docs"], "preview": true });
    assert_eq!(server.post(&format!("{path}/adjust"), &back.to_string()).json()["reopens"], true);
    assert_eq!(server.post(&format!("{path}/adjust"), r#"{"parallel": 7}"#).problem(), "rejected");
    assert_eq!(server.post(&format!("{path}/adjust"), r#"{"bring_back": ["docs"]}"#).status, 202);
    wait_for("what comes back", || {
        (server.get(&format!("{path}/tasks/docs")).json()["state"] == "completed").then_some(())
    });
}
