//! Events as they come: without a gap, over reconnects and restarts of the server and of the engine.

use std::io::Read;

use crate::stage::{Server, band, project, wait_for};
use crate::wire::Event;

/// Goes on until a file says that it may end, with an event now and then.
const PLAN: &str = "mission: m
limits: {parallel: 4}
tasks:
  - {id: t, run: echo, foreach: [1, 2, 3, 4, 5, 6, 7, 8]}
  - {id: wait, run: 'while [ ! -e go ]; do sleep 0.05; done'}
  - {id: after, needs: [wait], run: echo, foreach: [1, 2, 3, 4, 5, 6, 7, 8]}
";

fn ids(events: &[Event]) -> Vec<u64> {
    events.iter().filter_map(|event| event.id).collect()
}

#[test]
fn a_stream_has_no_gap_over_a_killed_and_restarted_server() {
    let folder = project(PLAN);
    let place = folder.path();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let path = format!("/api/v1/runs/{run}/events");
    let server = Server::start(place, &[]);
    let mut stream = server.follow(&path, None);
    // Up to the last that comes before the file is there.
    let mut completed = 0;
    let mut all = stream.until(|event| {
        completed += usize::from(event.kind == "task_completed");
        completed == 9
    });
    let port = server.kill();
    while let Some(event) = stream.next() {
        all.push(event);
    }
    // The run does not notice; what happens meanwhile is told when the server is back.
    std::fs::write(place.join("go"), "").unwrap();
    wait_for("the end of the run", || {
        let status: serde_json::Value = serde_json::from_str(&band(place, &["status", &run, "--json"])).ok()?;
        (status["state"] == "succeeded").then_some(())
    });
    let server = Server::start(place, &["--port", &port]);
    assert_eq!(server.port(), port);
    let last = ids(&all).last().copied();
    let mut stream = server.follow(&path, last);
    all.extend(stream.until(|event| event.kind == "run_ended"));
    let expected: Vec<u64> = (1..=all.len() as u64).collect();
    assert_eq!(ids(&all), expected);
    // Each is the very event of the log.
    let page = server.get(&format!("{path}?limit=5000")).json();
    let told: Vec<_> = all.iter().map(|event| event.data.clone()).collect();
    assert_eq!(page["events"].as_array().unwrap(), &told);
    assert!(all.iter().all(|event| event.data["event"]["type"] == event.kind.as_str()));
}

#[test]
fn many_followers_get_the_same_whenever_they_come() {
    let folder = project(PLAN);
    let place = folder.path();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let path = format!("/api/v1/runs/{run}/events");
    let server = Server::start(place, &[]);
    wait_for("the first tasks", || {
        (server.get(&format!("/api/v1/runs/{run}")).json()["counts"]["completed"] == 8).then_some(())
    });
    let mut streams: Vec<_> = (0..20_u64).map(|after| (after, server.follow(&path, Some(after)))).collect();
    std::fs::write(place.join("go"), "").unwrap();
    let mut told: Vec<(u64, Vec<Event>)> = Vec::new();
    for (after, stream) in &mut streams {
        told.push((*after, stream.until(|event| event.kind == "run_ended")));
    }
    let whole = &told[0].1;
    for (after, events) in &told {
        assert_eq!(events, &whole[usize::try_from(*after).unwrap()..], "after {after}");
    }
    // Who knows more than the log is told so, and does not wait for ever.
    let ahead = server.ask("GET", &path, &[("accept", "text/event-stream"), ("last-event-id", "99999")], "");
    assert_eq!(ahead.problem(), "no-such-event");
    let strange = server.ask("GET", &path, &[("accept", "text/event-stream"), ("last-event-id", "x")], "");
    assert_eq!(strange.problem(), "bad-request");
}

#[test]
fn a_run_that_is_taken_up_again_goes_on_in_the_same_stream() {
    let folder = project("mission: m\ntasks: [{id: a, run: test -e go, retry: 0}]\n");
    let place = folder.path();
    let server = Server::start(place, &[]);
    let run = server.post("/api/v1/runs", r#"{"plan": "plan.yaml"}"#).json()["run"].as_str().unwrap().to_owned();
    let mut stream = server.follow(&format!("/api/v1/runs/{run}/events"), None);
    let mut all = stream.until(|event| event.kind == "run_ended");
    assert_eq!(all.last().unwrap().data["event"]["state"], "failed");
    std::fs::write(place.join("go"), "").unwrap();
    let retried = server.post(&format!("/api/v1/runs/{run}/retry"), "{}");
    assert_eq!(retried.status, 202, "{}", retried.text());
    all.extend(stream.until(|event| event.kind == "run_ended"));
    assert_eq!(all.last().unwrap().data["event"]["state"], "succeeded");
    assert_eq!(ids(&all), (1..=all.len() as u64).collect::<Vec<_>>());
    // The stream ends when the server is told to, and only then.
    assert_eq!(server.terminate(), Some(0));
    assert!(stream.next().is_none());
}

#[test]
fn the_project_tells_what_changes() {
    let folder = project(
        "mission: m\ntasks:\n  - id: ask\n    decision: {question: 'Go?', options: [{id: A, name: Yes}, {id: B, name: No}], timeout: none}\n",
    );
    let place = folder.path();
    let server = Server::start(place, &[]);
    let mut stream = server.follow("/api/v1/events", None);
    let first = stream.next().unwrap();
    assert_eq!((first.kind.as_str(), &first.data["open"]), ("inbox", &0.into()));
    // By another process: the server only watches it.
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    stream.until(|event| event.kind == "inbox" && event.data["open"] == 1);
    band(place, &["decide", &run, "1", "A"]);
    let mut open = 1;
    let mut state = String::new();
    stream.until(|event| {
        if event.kind == "inbox" {
            open = event.data["open"].as_u64().unwrap();
        } else {
            assert_eq!(event.data["run"], run.as_str());
            event.data["state"].as_str().unwrap().clone_into(&mut state);
        }
        open == 0 && state == "succeeded"
    });
}

#[test]
fn whoever_goes_is_forgotten() {
    let folder = project(PLAN);
    let place = folder.path();
    let run = band(place, &["run", "plan.yaml", "--detach"]).trim().to_owned();
    let server = Server::start(place, &[]);
    let path = format!("/api/v1/runs/{run}/events");
    let streams: Vec<_> = (0..5).map(|_| server.follow(&path, None)).collect();
    let counted = |number: u32| {
        let line = format!("bandleader_streams{{of=\"run\"}} {number}");
        wait_for(&line, || server.get("/metrics").text().lines().any(|known| known == line).then_some(()));
    };
    counted(5);
    drop(streams);
    // The next events find nobody there.
    std::fs::write(place.join("go"), "").unwrap();
    counted(0);
    let mut rest = String::new();
    server.connect().take(0).read_to_string(&mut rest).unwrap();
}
