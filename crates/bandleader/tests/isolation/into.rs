//! A run's branch, merged into a branch of the person's: at once when it has succeeded, or after a yes.

use std::fs;

use crate::cli_support::{Live, band, json};
use crate::stage::{git, id_of, repository, run, script};

fn text(folder: &std::path::Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn a_run_that_succeeded_is_merged_where_it_is_checked_out() {
    let folder = repository(&(script("a", "echo a > a.txt", "") + &script("b", "echo b > b.txt", ", needs: [a]")));
    fs::write(folder.path().join("mine.txt"), "untracked").unwrap();
    let said = band(folder.path(), &["run", "plan.yaml", "--plain", "--merge-into", "main"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("merged into main (fast-forward, now at "), "{}", said.out);
    assert_eq!((text(folder.path(), "a.txt").as_str(), text(folder.path(), "b.txt").as_str()), ("a\n", "b\n"));
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "?? mine.txt");
    let id = id_of(folder.path());
    assert_eq!(
        git(folder.path(), &["rev-parse", "main"]),
        git(folder.path(), &["rev-parse", &format!("band/{id}/run")])
    );
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!(status["branch"]["name"], format!("band/{id}/run"));
    assert_eq!(
        (&status["branch"]["merge_into"], &status["branch"]["merged"][0]["into"]),
        (&"main".into(), &"main".into())
    );
    assert_eq!(status["branch"]["merged"][0]["commit"], git(folder.path(), &["rev-parse", "main"]));
    assert_eq!(status["tasks"][0]["work"]["branch"], format!("band/{id}/task/a"));
    let report = json(folder.path(), &["report", "--json"]);
    assert_eq!(report["branch"]["name"], format!("band/{id}/run"));
    let landed: Vec<&serde_json::Value> =
        report["branch"]["work"].as_array().unwrap().iter().map(|work| &work["landed"]).collect();
    assert_eq!(landed.last().unwrap().as_str().unwrap(), git(folder.path(), &["rev-parse", "main"]));
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("## Branch") && page.contains("- Merged into `main` at "), "{page}");
    let again = band(folder.path(), &["merge", "--yes"]);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, format!("`main` has all the work of run {id} already\n").as_str())
    );
}

#[test]
fn a_branch_that_is_checked_out_nowhere_moves_without_the_checkout() {
    let folder = repository(&script("a", "echo a > a.txt", ""));
    git(folder.path(), &["branch", "next"]);
    fs::write(folder.path().join("base.txt"), "dirty\n").unwrap();
    let said = band(folder.path(), &["run", "plan.yaml", "--plain", "--merge-into", "next"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(!folder.path().join("a.txt").exists() && text(folder.path(), "base.txt") == "dirty\n");
    assert_eq!(git(folder.path(), &["show", "next:a.txt"]), "a");
    assert_eq!(git(folder.path(), &["rev-list", "--count", "main"]), "1");
    let reason = git(folder.path(), &["reflog", "show", "-1", "--format=%gs", "next"]);
    assert_eq!(reason, format!("band: merge band/{}/run", id_of(folder.path())));
}

#[test]
fn branches_that_went_apart_are_merged_with_a_commit_of_both() {
    let folder = repository(&script("a", "echo a > a.txt", ""));
    assert_eq!(run(folder.path()).code, 0);
    fs::write(folder.path().join("later.txt"), "later\n").unwrap();
    git(folder.path(), &["add", "later.txt"]);
    git(folder.path(), &["commit", "--quiet", "-m", "later"]);
    let answer = json(folder.path(), &["merge", "--into", "main", "--yes", "--json"]);
    let id = id_of(folder.path());
    assert_eq!(
        (&answer["status"], &answer["message"], &answer["commits"]),
        (&"success".into(), &"merge".into(), &2.into())
    );
    assert_eq!(answer["commit"], git(folder.path(), &["rev-parse", "main"]));
    let parents = git(folder.path(), &["log", "-1", "--format=%s|%P", "main"]);
    let expected = format!(
        "Merge run {id}: m|{} {}",
        answer["onto"].as_str().unwrap(),
        git(folder.path(), &["rev-parse", &format!("band/{id}/run")])
    );
    assert_eq!(parents, expected);
    assert_eq!((text(folder.path(), "a.txt").as_str(), text(folder.path(), "later.txt").as_str()), ("a\n", "later\n"));
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "");
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!((&status["state"], &status["branch"]["merge_into"]), (&"succeeded".into(), &serde_json::Value::Null));
}

#[test]
fn a_run_that_failed_is_merged_when_it_went_well_at_last() {
    let folder = repository(&(script("a", "echo a > a.txt", "") + "- {id: b, run: 'test -e ok', needs: [a]}\n"));
    let said = band(folder.path(), &["run", "plan.yaml", "--plain", "--merge-into", "main"]);
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert_eq!(git(folder.path(), &["rev-list", "--count", "main"]), "1");
    fs::write(folder.path().join("ok"), "").unwrap();
    let said = band(folder.path(), &["retry", "--failed", "--plain"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(text(folder.path(), "a.txt"), "a\n");
}

#[test]
fn a_run_that_is_taken_up_again_may_be_told_where_to_go() {
    let folder = repository(
        &(script("a", "echo a > a.txt", "") + "- {id: b, run: 'test -e ok', needs: [a], on_failure: ask}\n"),
    );
    assert_eq!(run(folder.path()).code, 5);
    let said = band(folder.path(), &["resume", "--merge-into", "nowhere", "--plain", "--no-wait"]);
    assert_eq!(
        (said.code, said.err.contains("there is no branch `nowhere`; `git branch nowhere` makes one")),
        (2, true)
    );
    let said = band(folder.path(), &["resume", "--merge-into", "main", "--plain", "--no-wait"]);
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    fs::write(folder.path().join("ok"), "").unwrap();
    let said = band(folder.path(), &["retry", "b", "--plain"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(text(folder.path(), "a.txt"), "a\n");
    let said = band(folder.path(), &["resume", "--merge-into", "main"]);
    assert!(said.code == 2 && said.err.contains("band merge"), "{}{}", said.out, said.err);
}

#[test]
fn a_person_at_the_terminal_is_asked() {
    let folder = repository(&script("a", "echo a > a.txt", ""));
    assert_eq!(run(folder.path()).code, 0);
    let said = band(folder.path(), &["merge"]);
    assert!(said.code == 2 && said.err.contains("`--yes` says so"), "{}{}", said.out, said.err);
    let mut no = Live::at_terminal(folder.path(), "merge");
    no.wait_for("2 commits of run");
    no.wait_for("merge it? [y/N]");
    no.press("n\n");
    assert_eq!(no.end(), 0);
    assert!(no.text.contains("nothing was changed"), "{}", no.text);
    assert!(!folder.path().join("a.txt").exists());
    let mut yes = Live::at_terminal(folder.path(), "merge");
    yes.wait_for("merge it? [y/N]");
    yes.press("y\n");
    assert_eq!(yes.end(), 0, "{}", yes.text);
    assert!(yes.text.contains("merged into main (fast-forward, now at "), "{}", yes.text);
    assert_eq!(text(folder.path(), "a.txt"), "a\n");
}
