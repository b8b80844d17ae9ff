//! The machine's clock was set back: the run's time does not go back, nothing waits for the clock to catch up, and no length is absurd.

use bandleader_core::{Millis, Recorded, Timestamp, create};
use bandleader_engine::clock::Clock;
use bandleader_engine::folder::Folder;
use bandleader_engine::store::{Batch, NewRun, Store};

use super::stage::{Project, json};

const HOUR: Millis = Millis(3_600_000);

/// A run of the project's plan, whose first event was written when the clock was a day ahead of now.
fn created_tomorrow(project: &Project) -> Timestamp {
    let folder = Folder::find(project.path()).unwrap();
    let id = bandleader_core::RunId::parse("tomorrow").unwrap();
    let mut store = Store::open(&folder).unwrap();
    let row = store.find_run("").unwrap();
    let at = Clock::start(Timestamp(0)).now().plus(Millis(24 * HOUR.0));
    folder.create_run(&id).unwrap();
    let new = NewRun {
        id: id.clone(),
        at,
        mission: "tomorrow".into(),
        plan_hash: row.plan_hash.clone(),
        plan_name: row.plan_name,
        project: row.project,
    };
    store.create_run(&new).unwrap();
    let created: Recorded = create(&row.plan_hash, "tomorrow", 7).record(0, at);
    store.commit(&Batch { run: &id, after: 0, events: &[created], taken: &[], summary: None }).unwrap();
    at
}

#[test]
fn a_run_whose_last_event_lies_in_the_future_goes_on_from_there() {
    let project = Project::new(
        "mission: m\ntasks:\n  - { id: a, run: 'test $BAND_ATTEMPT = 2', retry: { limit: 1, backoff: 100ms }, timeout: 1h }\n  - { id: b, run: 'true', needs: [a] }\n",
    );
    // For its frozen plan.
    project.band(&["run", "plan.yaml"]).ends(0);
    let future = created_tomorrow(&project);
    project.band(&["resume", "tomorrow"]).ends(0);
    let story = project.band(&["export", "tomorrow", "--output", "out"]).ends(0);
    assert_eq!(story.out, "out\n");
    let events: Vec<Recorded> =
        project.read("out/events.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.len() > 5);
    assert!(events.iter().all(|event| event.at >= future), "no event before the first");
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at), "time never goes back");
    let last = events.last().unwrap().at;
    assert!(last.since(future) < HOUR, "the clock was not waited for");
    let listed = json(&project.band(&["list", "--json"]).ends(0).out);
    let ours = listed.as_array().unwrap().iter().find(|run| run["id"] == "tomorrow").unwrap();
    assert_eq!(ours["state"], "succeeded");
    assert!(ours["length_ms"].as_u64().unwrap() < HOUR.0);
}
