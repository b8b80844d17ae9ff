//! Messages from outside: who is believed, what a plan that waits for them does, and what is kept.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::stage::{Project, Server, band, json as json_of, project, wait_for};
use crate::wire::Answer;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PLAIN: &str = "It's a Secret to Everybody";
const COMMIT: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/// A commit is made known, and its checks are waited for; one hook names the commit, the other the task.
const PLAN: &str = "mission: m
mode: autonomous
tasks:
  - {id: push, run: 'echo commit=c0ffee00c0ff >> $BAND_OUTPUT', outputs: [commit]}
  - id: ci
    needs: [push]
    decision: {question: Does it pass?, hook: {name: github, about: '{{ needs.push.outputs.commit }}', check: CI}, timeout: 2h}
  - id: own
    needs: [ci]
    decision: {question: Is it deployed?, hook: {name: own}, timeout: 2h}
  - {id: last, needs: [own], run: echo end}
";

const SETTINGS: &str = "[[hooks]]\nname = 'own'\nsecret_env = 'OWN_SECRET'\n\
    [[hooks]]\nname = 'github'\nformat = 'github'\nsecret_env = 'GITHUB_SECRET'\n\
    [[hooks]]\nname = 'bare'\nsecret_env = 'NOT_SET_HERE'\n";

fn place(plan: &str) -> Project {
    let folder = project(plan);
    std::fs::write(folder.path().join("band.toml"), SETTINGS).unwrap();
    folder
}

fn serve(folder: &Path, arguments: &[&str]) -> Server {
    Server::start_with(folder, arguments, &[("OWN_SECRET", SECRET), ("GITHUB_SECRET", PLAIN)])
}

/// What another implementation signs: the library of Standard Webhooks where Python has it, else its words in Python.
fn sign(script: &str, input: &Value) -> String {
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn seconds() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn standard(id: &str, at: u64, body: &str) -> Vec<(&'static str, String)> {
    let script = "import sys, json\none = json.load(sys.stdin)\ntry:\n    \
        import datetime\n    \
        from standardwebhooks.webhooks import Webhook\n    \
        at = datetime.datetime.fromtimestamp(one['at'], tz=datetime.timezone.utc)\n    \
        print(Webhook(one['secret']).sign(msg_id=one['id'], timestamp=at, data=one['body']))\n\
        except ImportError:\n    \
        import base64, hashlib, hmac\n    \
        key = base64.b64decode(one['secret'].removeprefix('whsec_'))\n    \
        text = f\"{one['id']}.{one['at']}.{one['body']}\".encode()\n    \
        print('v1,' + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode())\n";
    let signature = sign(script, &json!({ "secret": SECRET, "id": id, "at": at, "body": body }));
    vec![("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)]
}

fn github(event: &str, delivery: &str, body: &str) -> Vec<(&'static str, String)> {
    let script = "import sys, json, hashlib, hmac\none = json.load(sys.stdin)\n\
        print('sha256=' + hmac.new(one['secret'].encode(), one['body'].encode(), hashlib.sha256).hexdigest())\n";
    let signature = sign(script, &json!({ "secret": PLAIN, "body": body }));
    vec![
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", delivery.to_owned()),
        ("x-hub-signature-256", signature),
        ("content-type", "application/json".to_owned()),
    ]
}

fn send(server: &Server, name: &str, headers: &[(&str, String)], body: &str) -> Answer {
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    server.say("POST", &format!("/hooks/{name}"), &headers, body)
}

fn workflow(conclusion: &str, attempt: u32) -> String {
    json!({
        "action": "completed", "repository": { "full_name": "a/b" },
        "workflow_run": {
            "name": "CI", "workflow_id": 7, "head_sha": COMMIT, "head_branch": "main", "run_attempt": attempt,
            "status": "completed", "conclusion": conclusion, "html_url": "https://github.example/1",
            "head_repository": { "full_name": "a/b" },
        },
    })
    .to_string()
}

fn state(server: &Server, run: &str, wanted: &str) {
    wait_for(wanted, || (server.get(&format!("/api/v1/runs/{run}")).json()["state"] == wanted).then_some(()));
}

#[test]
fn a_plan_goes_on_when_its_checks_have_passed_and_the_record_says_by_whom() {
    let folder = place(PLAN);
    let server = serve(folder.path(), &[]);
    // It comes before anybody waits for it; and the server goes away and comes back.
    let early = workflow("success", 1);
    let taken = send(&server, "github", &github("workflow_run", "d1", &early), &early);
    assert_eq!((taken.status, taken.json()), (202, json!({ "accepted": true, "state": "accepted", "why": null })));
    drop(server);
    let server = serve(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let second = wait_for("the second question", || {
        let asked = server.get(&format!("/api/v1/runs/{run}/decisions")).json();
        asked["decisions"].get(1).cloned()
    });
    assert_eq!(second["question"]["hook"], json!({ "name": "own" }));
    assert_eq!(server.get("/api/v1/inbox").json(), json!([]), "it needs nobody");
    assert!(band(folder.path(), &["status", &run]).contains("Is it deployed?"));
    let body = json!({ "type": "deployed", "data": { "outcome": "passed", "run": run, "task": "own", "summary": "to staging" } });
    let body = body.to_string();
    assert_eq!(send(&server, "own", &standard("m1", seconds(), &body), &body).status, 202);
    state(&server, &run, "succeeded");
    let decided = server.get(&format!("/api/v1/runs/{run}/decisions")).json();
    let taken = |number: usize| decided["decisions"][number]["taken"].clone();
    assert_eq!(taken(0)["by"], json!({ "who": "hook", "name": "github", "message": "d1" }));
    assert_eq!(
        (&taken(0)["option"], &taken(0)["because"]),
        (&json!("passed"), &json!("CI: success, https://github.example/1"))
    );
    assert_eq!(taken(1)["by"], json!({ "who": "hook", "name": "own", "message": "m1" }));
    let listed = json_of(folder.path(), &["webhooks", "--json"]);
    assert_eq!((&listed[0]["direction"], &listed[0]["accepted"]), (&json!("in"), &json!(1)), "{listed:#}");
    let came = json_of(folder.path(), &["webhooks", "received", "github", "--json"]);
    assert_eq!(
        came[0]["answered"][0],
        json!({ "run": run, "decision": 1, "outcome": "passed", "at": came[0]["answered"][0]["at"] })
    );
    assert_eq!(server.get("/api/v1/webhooks/received?hook=github").json()["received"], came);
    let number = came[0]["number"].as_u64().unwrap();
    let whole = server.get(&format!("/api/v1/webhooks/received?number={number}")).json();
    assert_eq!(whole["received"][0]["body"]["workflow_run"]["name"], "CI");
    let told = band(folder.path(), &["webhooks", "received"]);
    assert!(told.contains("accepted") && told.contains(&format!("question 1 of run {run}: passed")), "{told}");
    let timeline = band(folder.path(), &["timeline", &run, "--json"]);
    assert!(timeline.contains(r#""by":"github""#), "{timeline}");
}

#[test]
fn a_check_that_failed_fails_its_task_and_a_new_try_waits_for_new_word() {
    let folder = place(PLAN);
    let server = serve(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let bad = workflow("failure", 1);
    assert_eq!(send(&server, "github", &github("workflow_run", "d1", &bad), &bad).status, 202);
    state(&server, &run, "failed");
    assert_eq!(server.post(&format!("/api/v1/runs/{run}/retry"), "{}").status, 202);
    state(&server, &run, "waiting");
    // The same again, under another id; one of another check; then the news that it waits for.
    let again = send(&server, "github", &github("workflow_run", "d2", &bad), &bad);
    assert_eq!(again.json()["state"], "repeated");
    let other = workflow("failure", 2).replace("\"CI\"", "\"lint\"").replace("\"workflow_id\":7", "\"workflow_id\":8");
    assert_eq!(send(&server, "github", &github("workflow_run", "d3", &other), &other).status, 202);
    let good = workflow("success", 2);
    assert_eq!(send(&server, "github", &github("workflow_run", "d4", &good), &good).status, 202);
    wait_for("the answer", || {
        let asked = server.get(&format!("/api/v1/runs/{run}/decisions")).json();
        (asked["decisions"][1]["taken"]["by"]["message"] == "d4").then_some(())
    });
    // People may answer what a message would.
    let answer = server.post(&format!("/api/v1/runs/{run}/decisions/3/answer"), r#"{"option": "passed"}"#);
    wait_for("the end", || {
        server.post(&format!("/api/v1/runs/{run}/decisions/3/answer"), r#"{"option": "passed"}"#);
        (server.get(&format!("/api/v1/runs/{run}")).json()["state"] == "succeeded").then_some(())
    });
    drop(answer);
}

#[test]
fn whoever_is_not_believed_learns_nothing_and_is_written_down() {
    let folder = place(PLAN);
    let server = serve(folder.path(), &[]);
    let body = json!({ "data": { "outcome": "passed", "about": "x" } }).to_string();
    let now = seconds();
    let right = standard("m1", now, &body);
    let tampered = body.replace("passed", "failed");
    let wrong_id = standard("m2", now, &body)
        .into_iter()
        .map(|(name, value)| (name, if name == "webhook-id" { "m3".into() } else { value }));
    let wrong_id: Vec<_> = wrong_id.collect();
    let answers: Vec<(u16, String)> = [
        send(&server, "nobody", &right, &body),
        send(&server, "bare", &right, &body),
        send(&server, "github", &right, &body),
        send(&server, "own", &[], &body),
        send(&server, "own", &wrong_id, &body),
        send(&server, "own", &right, &tampered),
    ]
    .iter()
    .map(|answer| (answer.status, answer.text()))
    .collect();
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "nothing tells them apart: {answers:#?}");
    let old = send(&server, "own", &standard("m4", now - 1_000, &body), &body);
    assert!(old.status == 400 && old.text().contains("300 seconds"), "{}", old.text());
    assert_eq!(send(&server, "own", &standard("m1", now, &body), &body).json()["state"], "accepted");
    drop(server);
    let server = serve(folder.path(), &[]);
    let again = send(&server, "own", &standard("m1", now, &body), &body);
    assert_eq!((again.status, &again.json()["state"]), (202, &json!("repeated")), "also after a restart");
    let ping = send(&server, "github", &github("ping", "d9", "{}"), "{}");
    assert_eq!((ping.status, &ping.json()["state"]), (202, &json!("ignored")));
    let long = "x".repeat((1 << 20) + 1);
    for name in ["own", "nobody"] {
        assert_eq!(send(&server, name, &[], &long).status, 413, "{name}");
        assert_eq!(server.say("GET", &format!("/hooks/{name}"), &[], "").problem(), "method");
    }
    assert_eq!(server.say("POST", "/hooks/own", &[("host", "evil.example")], &body).problem(), "host");
    assert_eq!(server.say("POST", "/hooks/own", &[("origin", "https://evil.example")], &body).problem(), "origin");
    let came = json_of(folder.path(), &["webhooks", "received", "-n", "50", "--json"]);
    let whys: Vec<&str> = came.as_array().unwrap().iter().filter_map(|one| one["why"].as_str()).collect();
    for why in
        ["there is no such hook", "the environment variable `NOT_SET_HERE`", "its signature is wrong", "300 seconds"]
    {
        assert!(whys.iter().any(|known| known.contains(why)), "{why}: {whys:#?}");
    }
    let audit = std::fs::read_to_string(folder.path().join(".band/serve/audit.jsonl")).unwrap();
    assert!(audit.contains("/hooks/own") && audit.contains("repeated") && !audit.contains(SECRET), "{audit}");
    drop(server);
    let server = serve(folder.path(), &["--read-only"]);
    assert_eq!(send(&server, "own", &right, &body).problem(), "read-only");
}

#[test]
fn mistakes_in_the_settings_are_told_by_the_check_and_by_the_server() {
    let folder = project(PLAN);
    std::fs::write(folder.path().join("band.toml"), "[[hooks]]\nname = 'own'\nformat = 'gitlab'\n").unwrap();
    let checked = crate::stage::command(folder.path()).args(["check", "plan.yaml"]).output().unwrap();
    let words = String::from_utf8_lossy(&checked.stderr).into_owned() + &String::from_utf8_lossy(&checked.stdout);
    assert!(words.contains("secret_env") && words.contains("gitlab"), "{words}");
}

#[test]
fn whoever_works_for_a_run_does_not_know_the_secrets() {
    let folder = place("mission: m\ntasks: [{id: a, run: 'printenv OWN_SECRET GITHUB_SECRET || echo unknown'}]\n");
    let server = serve(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    state(&server, &run, "succeeded");
    let log = server.get(&format!("/api/v1/runs/{run}/tasks/a/log")).json();
    assert_eq!(log["chunks"][0]["text"], "unknown\n");
    let output = crate::stage::command(folder.path())
        .args(["run", "plan.yaml", "--plain"])
        .env("OWN_SECRET", SECRET)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert_eq!(band(folder.path(), &["logs", "a"]).trim(), "unknown");
}

#[test]
fn a_gate_waits_for_its_word_and_an_engine_that_is_killed_forgets_nothing() {
    let gate = |rest: &str| format!("{{run: '{} webhooks wait {rest}', timeout: 30m}}", env!("CARGO_BIN_EXE_band"));
    let plan = format!(
        "mission: m\nmode: autonomous\ntasks:\n  - {{id: good, run: echo, gates: [{}]}}\n  - {{id: bad, run: echo, retry: 0, optional: true, gates: [{}]}}\n  - {{id: other, run: echo, retry: 0, optional: true, gates: [{}]}}\n",
        gate("github --check CI --about c0ffee0"),
        gate("own"),
        gate("nobody"),
    );
    let folder = place(&plan);
    let server = serve(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let task = |name: &str| server.get(&format!("/api/v1/runs/{run}/tasks/{name}")).json();
    let waits = |name: &str| {
        wait_for("a gate that waits", || {
            let log = server.get(&format!("/api/v1/runs/{run}/log?task={name}")).json();
            log["lines"].to_string().contains("waiting for").then_some(())
        });
    };
    waits("good");
    waits("bad");
    assert_eq!(task("good")["state"], "reviewing");
    let owner = server.get(&format!("/api/v1/runs/{run}")).json()["owner"].as_i64().unwrap();
    let owner = rustix::process::Pid::from_raw(i32::try_from(owner).unwrap()).unwrap();
    rustix::process::kill_process(owner, rustix::process::Signal::KILL).unwrap();
    let passed = workflow("success", 1);
    assert_eq!(send(&server, "github", &github("workflow_run", "d1", &passed), &passed).status, 202);
    let body = json!({ "type": "t", "data": { "outcome": "failed", "run": run, "task": "bad", "summary": "3 of 12" } });
    let body = body.to_string();
    assert_eq!(send(&server, "own", &standard("m1", seconds(), &body), &body).status, 202);
    wait_for("the engine to be gone", || {
        server.get(&format!("/api/v1/runs/{run}")).json()["owner"].is_null().then_some(())
    });
    band(folder.path(), &["resume", &run, "--detach"]);
    state(&server, &run, "succeeded");
    assert_eq!((&task("good")["state"], &task("good")["attempts"]), (&json!("completed"), &json!(1)));
    assert_eq!(task("bad")["state"], "failed");
    assert!(task("bad")["failure"]["message"].as_str().unwrap().contains("exit code 4"), "{}", task("bad"));
    let lines = server.get(&format!("/api/v1/runs/{run}/log?search=3%20of%2012")).json();
    assert_eq!(lines["lines"][0]["text"], "own failed: 3 of 12");
    assert!(task("other")["failure"]["message"].as_str().unwrap().contains("exit code 2"));
}
