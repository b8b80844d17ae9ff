//! Lists, which come in pages, and numbers for Prometheus.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value, json};

use crate::stage::{Server, band, json as json_of, project};

#[test]
fn lists_come_in_pages() {
    let folder = project("mission: m\ntasks:\n  - {id: t, run: echo, foreach: [a, b, c, d, e]}\n");
    let place = folder.path();
    for _ in 0..3 {
        band(place, &["run", "plan.yaml", "--plain"]);
    }
    let server = Server::start(place, &[]);
    let mut ids = Vec::new();
    let mut next = String::new();
    loop {
        let page = server.get(&format!("/api/v1/runs?limit=2{next}")).json();
        ids.extend(page["runs"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        assert_eq!(page["total"], 3);
        let Some(after) = page["next"].as_str() else { break };
        next = format!("&after={after}");
    }
    let listed = json_of(place, &["list", "--json"]);
    assert_eq!(ids, listed.as_array().unwrap().iter().map(|row| row["id"].clone()).collect::<Vec<_>>());
    let run = ids[0].as_str().unwrap();
    let page = server.get(&format!("/api/v1/runs/{run}/tasks?limit=3&state=completed,failed")).json();
    assert_eq!((page["tasks"].as_array().unwrap().len(), &page["total"]), (3, &json!(5)));
    let after = page["next"].as_str().unwrap();
    let rest = server.get(&format!("/api/v1/runs/{run}/tasks?limit=3&state=completed,failed&after={after}")).json();
    assert_eq!((rest["tasks"].as_array().unwrap().len(), &rest["next"]), (2, &Value::Null));
    assert_eq!(server.get("/api/v1/runs?after=nobody").problem(), "bad-request");
    assert_eq!(server.get("/api/v1/runs?search=none&state=failed").json()["total"], 0);
    // The runs of one plan, by which one sees how long it takes and what it costs.
    let of_plan = server.get("/api/v1/runs?plan=plan.yaml&limit=1").json();
    assert_eq!((&of_plan["total"], of_plan["runs"].as_array().unwrap().len()), (&json!(3), 1));
    let row = &of_plan["runs"][0];
    assert_eq!((&row["ended"], &row["took_ms"]), (&row["last"], &row["length_ms"]));
    assert_eq!((&row["used"], &row["plan_hash"] == &listed[2]["plan_hash"]), (&Value::Null, true));
    assert_eq!(server.get("/api/v1/runs?plan=plan").json()["total"], 0);
    let page = server.get(&format!("/api/v1/runs/{run}/events?limit=4")).json();
    assert_eq!((page["events"].as_array().unwrap().len(), &page["next"]), (4, &json!("4")));
    // The state at every event, forwards and backwards.
    let last = server.get(&format!("/api/v1/runs/{run}")).json()["seq"].as_u64().unwrap();
    for at in (1..=last).chain((1..=last).rev()) {
        assert_eq!(server.get(&format!("/api/v1/runs/{run}/state?at={at}")).json()["seq"], at);
    }
    assert_eq!(server.get(&format!("/api/v1/runs/{run}/state?at={}", last + 1)).status, 404);
    let packed = server.ask("GET", &format!("/api/v1/runs/{run}"), &[("accept-encoding", "gzip")], "");
    assert_eq!((packed.header("content-encoding"), &packed.body[..2]), ("gzip", &[0x1f, 0x8b][..]));
}

/// Prometheus' own checker is far larger than all of this: the rules of the format that it would check are checked here.
#[test]
fn metrics_are_as_open_metrics_wants_them() {
    let folder = project("mission: m\ntasks: [{id: a, run: 'true'}]\n");
    band(folder.path(), &["run", "plan.yaml", "--plain"]);
    let server = Server::start(folder.path(), &[]);
    server.get("/api/v1/runs");
    let answer = server.get("/metrics");
    assert_eq!(answer.header("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text();
    let sample =
        Regex::new(r#"^([a-z_:][a-z0-9_:]*)(\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})? (\S+)$"#)
            .unwrap();
    let (mut kind, mut family, mut families, mut samples) =
        (String::new(), String::new(), BTreeSet::new(), BTreeSet::new());
    assert!(text.ends_with("# EOF\n") && text.matches("# EOF").count() == 1);
    for line in text.trim_end_matches("# EOF\n").lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap().to_owned();
            assert!(families.insert(family.clone()), "{family} comes twice");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, of) = rest.split_once(' ').unwrap();
            assert_eq!(name, family);
            of.clone_into(&mut kind);
            assert!(["gauge", "counter", "histogram"].contains(&of), "{line}");
        } else {
            let parts = sample.captures(line).unwrap_or_else(|| panic!("not a sample: {line}"));
            let ending = parts[1].strip_prefix(&family).unwrap_or_else(|| panic!("{line} is not of {family}"));
            let allowed: &[&str] = match kind.as_str() {
                "counter" => &["_total", "_created"],
                "histogram" => &["_bucket", "_sum", "_count", "_created"],
                _ => &[""],
            };
            assert!(allowed.contains(&ending), "{line}");
            assert!(parts[3].parse::<f64>().is_ok(), "{line}");
            assert!(samples.insert(line.rsplit_once(' ').unwrap().0.to_owned()), "{line} comes twice");
        }
    }
    let older = server.ask("GET", "/metrics", &[("accept", "text/plain")], "");
    let document = server.get("/api/v1/openapi.json").json();
    let described = document["paths"]["/metrics"]["get"]["responses"]["200"]["content"].as_object().unwrap();
    for (answer, says) in [(&answer, "openmetrics"), (&older, "text/plain")] {
        let media = answer.header("content-type");
        assert!(media.contains(says) && described.contains_key(media), "{media}");
    }
    for expected in [
        r#"bandleader_runs{state="succeeded"} 1"#,
        r#"bandleader_tasks{state="completed"} 1"#,
        "bandleader_open_decisions 0",
        r#"bandleader_http_requests_total{method="GET",status="200"} 1"#,
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected} is not in\n{text}");
    }
}
