//! What all tasks printed, in one log: pages there and back, and as it comes.

use serde_json::Value;

use crate::stage::{Server, band, project, wait_for};

/// One after the other, so that there is one order; one of them until a file is there.
const PLAN: &str = "mission: m
phases:
  - id: build
    tasks:
      - {id: api, run: 'seq -f \"api %g\" 300; echo warned >&2', gates: ['echo looked at']}
      - {id: page, needs: [api], run: 'printf \"\\033[31mred\\033[0m <b>\\n\"; exit 3', optional: true, retry: 0}
  - id: after
    tasks:
      - {id: one, needs: [build.page], run: 'echo one begins; while [ ! -e go ]; do sleep 0.05; done; echo one ends'}
      - {id: two, needs: [one], run: 'printf \"no line break\"'}
";

fn said(page: &Value) -> Vec<String> {
    let line = |line: &Value| format!("{}: {}", line["name"].as_str().unwrap(), line["text"].as_str().unwrap());
    page["lines"].as_array().unwrap().iter().map(line).collect()
}

fn expected() -> Vec<String> {
    let mut all: Vec<String> = (1..=300).map(|number| format!("build.api: api {number}")).collect();
    let rest = ["build.api: warned", "build.api gate 1: looked at", "build.page: \u{1b}[31mred\u{1b}[0m <b>"];
    all.extend(rest.map(str::to_owned));
    all.extend(["after.one: one begins", "after.one: one ends", "after.two: no line break"].map(str::to_owned));
    all
}

#[test]
fn all_tasks_are_followed_in_one_log_over_a_killed_server() {
    let folder = project(PLAN);
    let place = folder.path();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let path = format!("/api/v1/runs/{run}/log");
    let server = Server::start(place, &[]);
    let mut stream = server.follow_after(&path, None);
    let begins = |event: &crate::wire::Event| event.data.to_string().contains("one begins");
    let mut told: Vec<String> = Vec::new();
    let first = stream.until(begins);
    first.iter().for_each(|event| told.extend(said(&event.data)));
    let mark = first.last().unwrap().mark.clone();
    let port = server.kill();
    std::fs::write(place.join("go"), "").unwrap();
    let server = Server::start(place, &["--port", &port]);
    let mut stream = server.follow_after(&path, Some(mark));
    let rest = stream.until(|event| event.kind == "end");
    rest[..rest.len() - 1].iter().for_each(|event| told.extend(said(&event.data)));
    assert_eq!(told, expected());
    assert!(stream.next().is_none(), "it is over");
    // From the end of what there is, nothing is told but that it is over, after the lines before it.
    let mut stream = server.follow_after(&format!("{path}?before=end&limit=2"), None);
    let all = stream.until(|event| event.kind == "end");
    assert_eq!(said(&all[0].data), expected()[expected().len() - 2..]);
}

#[test]
fn pages_go_there_and_back() {
    let folder = project(PLAN);
    let place = folder.path();
    std::fs::write(place.join("go"), "").unwrap();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let server = Server::start(place, &[]);
    wait_for("the end of the run", || {
        let state = server.get(&format!("/api/v1/runs/{run}")).json()["state"].clone();
        (state != "running").then_some(())
    });
    let path = format!("/api/v1/runs/{run}/log");
    let whole = server.get(&path).json();
    assert_eq!((said(&whole), &whole["end"], &whole["prev"]), (expected(), &true.into(), &Value::Null));
    let line = &whole["lines"][301];
    let told = [&line["task"], &line["attempt"], &line["stream"]];
    assert_eq!(told, [&Value::from("build.api"), &1.into(), &"stdout".into()]);
    let job = line["job"].as_str().unwrap();
    let gate = server.get(&format!("/api/v1/runs/{run}/tasks/build.api/log?job={job}")).json();
    assert_eq!(gate["chunks"][0]["text"], "looked at\n");
    let times: Vec<u64> = whole["lines"].as_array().unwrap().iter().map(|line| line["at"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && times[0] > 1_700_000_000_000);
    let (mut there, mut query) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("{path}?limit=7{query}")).json();
        assert!(page["lines"].as_array().unwrap().len() <= 7);
        there.extend(said(&page));
        if page["end"] == true {
            break;
        }
        query = format!("&after={}", page["next"].as_str().unwrap());
    }
    assert_eq!(there, expected());
    let (mut back, mut before) = (Vec::new(), "end".to_owned());
    loop {
        let page = server.get(&format!("{path}?limit=11&before={before}")).json();
        back.splice(0..0, said(&page));
        let Some(prev) = page["prev"].as_str() else { break };
        before = prev.to_owned();
    }
    assert_eq!(back, expected());
    let some = |query: &str| said(&server.get(&format!("{path}?{query}")).json());
    assert_eq!(some("task=build&search=API%20299"), ["build.api: api 299"]);
    assert_eq!(some("task=after.one,build.page").len(), 3);
    assert_eq!(some("stream=stderr"), ["build.api: warned"]);
    for (query, status) in [
        ("task=buil", 404),
        ("stream=other", 400),
        ("after=xyz", 400),
        ("before=AQk", 400),
        ("after=AQA&before=end", 400),
        ("tail=3", 400),
    ] {
        assert_eq!(server.get(&format!("{path}?{query}")).status, status, "{query}");
    }
    let printed = band(place, &["logs", "--run", &run, "--merged", "-n", "3"]);
    let ends: Vec<&str> = printed.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(ends, ["after.one  │ one begins", "after.one  │ one ends", "after.two  │ no line break"], "{printed}");
}
