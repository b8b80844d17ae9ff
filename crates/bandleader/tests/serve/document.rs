//! The document of the API against the routes that there are and the bodies that come.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use serde_json::{Value, json};

use crate::stage::{Server, band, json as json_of, project};
use crate::wire::Answer;

/// Tasks of several kinds, one of which fails, and hostile words.
const PLAN: &str = "mission: 'Try <script>alert(1)</script> \u{202e}'
tasks:
  - {id: first, run: 'echo hello; echo \"a=1\" >> $BAND_OUTPUT; echo x > made.txt', outputs: [a], deliverables: [made.txt], expected_time: 1s}
  - {id: second, needs: [first], run: 'printf \"\\033[31mred\\033[0m \\342\\202\\254\\n\"; exit 3', optional: true, retry: 0}
  - id: ask
    needs: [first]
    decision:
      question: Which way?
      options: [{id: A, name: Left, cost: low}, {id: B, name: Right, cost: high}]
      recommend: A
      timeout: none
  - {id: last, needs: [ask], run: echo done, gates: ['true']}
";

fn check(document: &Value, schema: &str, body: &Value, about: &str) {
    let whole = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": document["components"] });
    let validator = jsonschema::draft202012::new(&whole).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{about} does not fit {schema}: {errors:#?}\n{body:#}");
}

/// Holds an answer against what the document says of its path.
fn fits(document: &Value, method: &str, path: &str, answer: &Answer) {
    let responses = &document["paths"][path][method]["responses"];
    let response = match &responses[answer.status.to_string()] {
        Value::Null => &responses["default"],
        response => response,
    };
    let media = answer.header("content-type");
    let about = format!("{method} {path} ({}, {media})", answer.status);
    if answer.body.is_empty() && response.get("content").is_none() {
        return;
    }
    let schema = &response["content"][media]["schema"];
    assert!(schema.is_object(), "{about} is not in the document: {response}");
    if let Some(name) = schema["$ref"].as_str() {
        check(document, name.rsplit('/').next().unwrap(), &answer.json(), &about);
    }
}

#[test]
fn every_body_is_what_the_document_says_and_what_the_command_line_prints() {
    let folder = project(PLAN);
    let place = folder.path();
    let server = Server::start(place, &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let started = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#);
    fits(&document, "post", "/api/v1/runs", &started);
    assert_eq!(started.status, 201, "{}", started.text());
    let run = started.json()["run"].as_str().unwrap().to_owned();
    let mut events = server.follow(&format!("/api/v1/runs/{run}/events"), None);
    // It asks, and the task that fails has failed.
    let mut seen = BTreeSet::new();
    events.until(|event| {
        seen.insert(event.kind.clone());
        seen.contains("decision_opened") && seen.contains("task_failed")
    });
    let compare = || {
        let mut visited = 0;
        for (path, methods) in document["paths"].as_object().unwrap() {
            if methods.get("get").is_none()
                || path == "/api/v1/events"
                || path == "/api/v1/runs/{run}/tasks/{task}/diff"
            {
                continue;
            }
            for task in ["first", "second", "ask", "last"] {
                let real = path.replace("{run}", &run).replace("{task}", task).replace("{decision}", "1");
                let real = match path.as_str() {
                    "/api/v1/runs/{run}/state" => format!("{real}?at=3"),
                    "/api/v1/policy" => format!("{real}?plan=review"),
                    _ => real,
                };
                let answer = server.get(&real);
                assert_eq!(answer.status, 200, "{real}: {}", answer.text());
                fits(&document, "get", path, &answer);
                visited += 1;
                if !path.contains("{task}") {
                    break;
                }
            }
        }
        assert!(visited > 25, "{visited}");
        for (path, verb) in [
            (format!("/api/v1/runs/{run}/report"), vec!["report", &run, "--json"]),
            ("/api/v1/inbox".to_owned(), vec!["inbox", "--json"]),
            ("/api/v1/levels".to_owned(), vec!["levels", "--json"]),
        ] {
            assert_eq!(server.get(&path).json(), json_of(place, &verb), "{path}");
        }
    };
    compare();
    let inbox = server.get("/api/v1/inbox").json();
    assert_eq!(inbox[0]["question"]["text"], "Which way?");
    let list = server.get("/api/v1/runs").json();
    assert_eq!((&list["runs"][0]["needs"], &list["total"]), (&json!(1), &json!(1)));
    let number = inbox[0]["decision"].as_u64().unwrap();
    let answered = server
        .post(&format!("/api/v1/runs/{run}/decisions/{number}/answer"), r#"{"option": "B", "because": "because"}"#);
    fits(&document, "post", "/api/v1/runs/{run}/decisions/{decision}/answer", &answered);
    events.until(|event| event.kind == "run_ended");
    compare();
    let (api, verb) = (server.get(&format!("/api/v1/runs/{run}")).json(), json_of(place, &["status", &run, "--json"]));
    assert_eq!(api["state"], "succeeded");
    assert_eq!(api["lately"]["progress"]["completed"], 3, "{:#}", api["lately"]);
    // Whether its engine has gone yet is another matter, and time goes on.
    let comparable = |mut value: Value| {
        for passing in ["owner", "now"] {
            value.as_object_mut().unwrap().remove(passing);
        }
        value["lately"]["progress"].as_object_mut().unwrap().remove("elapsed");
        value
    };
    assert_eq!(comparable(api), comparable(verb));
}

#[test]
fn a_check_in_shows_what_people_decide_on() {
    let folder = project(
        "mission: m\nphases:\n  - {id: one, check_in: after, tasks: [{id: a, run: 'true'}]}\n  - {id: two, tasks: [{id: b, run: 'true'}]}\n",
    );
    let server = Server::start(folder.path(), &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let mut events = server.follow(&format!("/api/v1/runs/{run}/events"), None);
    events.until(|event| event.kind == "decision_opened");
    let path = format!("/api/v1/runs/{run}/decisions/1");
    let asked = server.get(&path);
    fits(&document, "get", "/api/v1/runs/{run}/decisions/{decision}", &asked);
    assert_eq!(asked.json()["check_in"]["completed"][0]["task"], "one.a", "{:#}", asked.json());
    assert_eq!(server.get(&format!("/api/v1/runs/{run}/decisions/9")).problem(), "not-found");
    let go_on = asked.json()["question"]["recommend"].as_str().unwrap().to_owned();
    let answered = server.post(&format!("{path}/answer"), &json!({ "option": go_on }).to_string());
    assert_eq!(answered.status, 202, "{}", answered.text());
    events.until(|event| event.kind == "run_ended");
}

#[test]
fn a_plan_is_looked_at_before_it_runs() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let checked = server.post("/api/v1/plans/check", &json!({ "text": PLAN }).to_string());
    fits(&document, "post", "/api/v1/plans/check", &checked);
    assert_eq!((&checked.json()["valid"], &checked.json()["plan"]["tasks"]), (&json!(true), &json!(4)));
    let wrong = server.post("/api/v1/plans/check", r#"{"text": "mission: m\ntasks: [{id: a, needs: [b], run: x}]"}"#);
    fits(&document, "post", "/api/v1/plans/check", &wrong);
    assert_eq!(wrong.json()["diagnostics"][0]["code"], "plan::unknown-need");
    let preview = server.post("/api/v1/runs", r#"{"plan": "plan.yaml", "preview": true}"#);
    fits(&document, "post", "/api/v1/runs", &preview);
    assert_eq!(preview.status, 200);
}

#[test]
fn hostile_words_stay_words() {
    let folder = project(PLAN);
    let server = Server::start(folder.path(), &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let mut events = server.follow(&format!("/api/v1/runs/{run}/events"), None);
    events.until(|event| event.kind == "task_failed");
    let list = server.get("/api/v1/runs");
    assert_eq!((list.header("content-type"), list.header("x-content-type-options")), ("application/json", "nosniff"));
    assert_eq!(list.json()["runs"][0]["mission"], "Try <script>alert(1)</script> \u{202e}");
    assert!(!list.text().contains('\u{202e}'), "what misleads an eye is an escape in the text");
    let log = server.get(&format!("/api/v1/runs/{run}/tasks/second/log"));
    assert_eq!(log.json()["chunks"][0]["text"], "\u{1b}[31mred\u{1b}[0m €\n");
    assert!(log.body.iter().all(|byte| *byte >= b' '), "no control character is sent as it is");
    // A part of it ends between characters, and the next begins there.
    let path = format!("/api/v1/runs/{run}/tasks/second/log");
    let (mut offset, mut all) = (0, String::new());
    for _ in 0..20 {
        let part = server.get(&format!("{path}?limit=4&offset={offset}")).json();
        all.extend(part["chunks"].as_array().unwrap().iter().filter_map(|chunk| chunk["text"].as_str()));
        offset = part["next_offset"].as_u64().unwrap();
        if part["end"] == true {
            break;
        }
    }
    assert_eq!(all, "\u{1b}[31mred\u{1b}[0m €\n");
    let mut stream = server.follow(&path, None);
    let told = stream.until(|event| event.kind == "end");
    assert_eq!((told[0].kind.as_str(), told[0].id), ("chunk", Some(offset)));
    assert!(stream.next().is_none());
}

/// What the router has, read from its source: axum does not tell its routes.
fn routes() -> BTreeSet<String> {
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/serve/router.rs")).unwrap();
    let route = Regex::new(r#"\.route\(\s*"([^"]+)",\s*([^\n]+)\)"#).unwrap();
    let method = Regex::new(r"\b(get|post|delete|put|patch)\(").unwrap();
    let mut found = BTreeSet::new();
    for parts in route.captures_iter(&source) {
        let is_beside = ["/metrics", "/hooks/{name}"].contains(&&parts[1]);
        let path = if is_beside { parts[1].to_owned() } else { format!("/api/v1{}", &parts[1]) };
        found.extend(method.captures_iter(&parts[2]).map(|one| format!("{} {path}", &one[1])));
    }
    found
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let folder = project("mission: m\ntasks: [{id: a, run: 'true'}]\n");
    let server = Server::start(folder.path(), &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let described: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}")))
        .collect();
    assert_eq!(routes(), described);
    // And they are there: without a token, nobody learns more than that.
    for operation in &described {
        let (method, path) = operation.split_once(' ').unwrap();
        let path = path.replace("{decision}", "1").replace("{run}", "x").replace("{task}", "y").replace("{name}", "z");
        let answer = server.say(&method.to_uppercase(), &path, &[("content-type", "application/json")], "");
        let expected = match operation.as_str() {
            "delete /api/v1/session" => 204,
            // An empty body is no token.
            "post /api/v1/session" => 400,
            _ => 401,
        };
        assert_eq!(answer.status, expected, "{operation}: {}", answer.text());
    }
    for (path, status) in [("/api/v1/nothing", 404), ("/api/v1/runs/none", 404), ("/api/v1/runs?stat=x", 400)] {
        let answer = server.get(path);
        answer.problem();
        assert_eq!(answer.status, status, "{path}");
        check(&document, "Problem", &answer.json(), path);
    }
    assert_eq!(server.ask("PUT", "/api/v1/runs", &[("content-type", "application/json")], "{}").problem(), "method");
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema/openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == band(folder.path(), &["schema", "--api"]),
        "run `cargo run -- schema --api > schema/openapi.json`"
    );
}
