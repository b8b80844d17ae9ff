//! Runs are found by the shortest beginning of their name.

use super::*;

fn check_find(ids: &[&str], prefix: &str, expected: &str) {
    let project = tempfile::tempdir().unwrap();
    let mut store = Store::open(&Folder::create(project.path()).unwrap()).unwrap();
    for id in ids {
        store.create_run(&new_run(id)).unwrap();
    }
    let found = match store.find_run(prefix) {
        Ok(row) => row.id.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn a_unique_beginning_is_enough() {
    check_find(&["k3v9", "k3w1", "m"], "k3v", "k3v9");
    check_find(&["k3v9", "k3w1", "m"], "m", "m");
    check_find(&["k3", "k3w1"], "k3", "k3");
    check_find(&["zz9", "zza"], "zz9", "zz9");
}

#[test]
fn none_means_the_newest() {
    check_find(&["k3v9", "k3w1", "m"], "", "m");
    check_find(&[], "", "there is no run in this folder yet; `band run PLAN` starts one");
}

#[test]
fn what_fits_several_names_a_few_of_them() {
    check_find(&["k3v9", "k3w1", "m"], "k3", "`k3` may be any of `k3w1`, `k3v9`; give more letters");
    let many = ["a1", "a2", "a3", "a4", "a5", "a6", "a7"];
    check_find(&many, "a", "`a` may be any of `a7`, `a6`, `a5`, `a4`, `a3` and 2 more; give more letters");
}

#[test]
fn what_fits_none_says_so_and_cannot_harm_a_terminal() {
    check_find(&["k3v9"], "x", "no run `x` in this folder; `band list` shows all of them");
    check_find(&["k3v9"], "\u{1b}[2J", "no run `\\u{1b}[2J` in this folder; `band list` shows all of them");
    check_find(&["k3v9"], "%", "no run `%` in this folder; `band list` shows all of them");
}

#[test]
fn a_name_is_given_once() {
    let mut fixture = Fixture::new();
    let error = fixture.store.create_run(&new_run("k3v9")).unwrap_err();
    assert_eq!(error.to_string(), "there is a run `k3v9` already; start again to get another name");
}

#[test]
fn a_list_is_newest_first_and_complete() {
    let mut fixture = Fixture::new();
    fixture.store.create_run(&new_run("m")).unwrap();
    let rows = fixture.store.runs().unwrap();
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["m", "k3v9"]);
    let NewRun { id, at, mission, plan_hash, plan_name, project } = new_run("m");
    let row = &rows[0];
    assert_eq!((&row.id, row.created_at, &row.mission), (&id, at, &mission));
    assert_eq!((&row.plan_hash, &row.plan_name, &row.project), (&plan_hash, &plan_name, &project));
    assert_eq!((row.state.as_str(), row.summary.as_str(), row.last_seq), ("created", "{}", 0));
}

#[test]
fn a_new_run_and_its_first_event_are_there_together_or_not_at_all() {
    let mut fixture = Fixture::new();
    let error = fixture.store.commit_new(&new_run("m"), &events(1, 1)).unwrap_err();
    assert!(matches!(error, StoreError::OutOfOrder { .. }), "{error}");
    assert!(matches!(fixture.store.run(&run("m")), Err(StoreError::NoSuchRun(_))));
    fixture.store.commit_new(&new_run("m"), &events(0, 1)).unwrap();
    assert_eq!(fixture.store.run(&run("m")).unwrap().last_seq, 1);
    let error = fixture.store.commit_new(&new_run("m"), &events(0, 1)).unwrap_err();
    assert!(matches!(error, StoreError::RunExists(_)), "{error}");
}

#[test]
fn what_was_handed_over_is_found_by_the_next_and_moved_by_the_last() {
    let Fixture { _project, folder, mut store, .. } = Fixture::new();
    store.commit_new(&new_run("m"), &events(0, 1)).unwrap();
    store.hand_over().unwrap();
    let wal = folder.root().join("band.db-wal");
    assert!(std::fs::metadata(&wal).unwrap().len() > 0, "it stays where it was committed");
    let store = Store::open(&folder).unwrap();
    assert_eq!(store.events(&run("m"), 0).unwrap(), events(0, 1));
    drop(store);
    assert!(!wal.exists());
    assert_eq!(Store::open_read_only(&folder).unwrap().events(&run("m"), 0).unwrap(), events(0, 1));
}
