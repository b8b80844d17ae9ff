//! Work that a person takes as done: it is merged, without its gates.

use std::fs;
use std::process::Command;

use crate::cli_support::{band, json};
use crate::stage::{git, id_of, landed, own, repository, run, script, tree};

#[test]
fn accepted_work_lands_without_its_gates_and_what_needs_it_sees_it() {
    let gate = ", gates: [{name: never, run: 'false'}], outputs: {n: reported, all: stdout}";
    let tasks = script("a", "echo a > a.txt; echo words; echo n=7 >> $BAND_OUTPUT", gate)
        + &script(
            "b",
            "echo \"$N $ALL\" | cat a.txt - > b.txt",
            ", needs: [a], env: {N: '{{ needs.a.outputs.n }}', ALL: '{{ needs.a.outputs.all }}'}",
        );
    let folder = repository(&tasks);
    let before = own(folder.path());
    assert_eq!(run(folder.path()).code, 4);
    assert_eq!(landed(folder.path(), "a.txt"), None);
    fs::write(tree(folder.path(), "a").join("by-hand.txt"), "mine").unwrap();
    let said = band(folder.path(), &["accept", "a", "--because", "good enough", "--plain"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("good enough; its work is merged without its gates"), "{}", said.out);
    assert!(said.out.contains("a was accepted by a person: good enough"), "{}", said.out);
    assert_eq!(landed(folder.path(), "b.txt").as_deref(), Some("a\n7 words"));
    assert_eq!(landed(folder.path(), "by-hand.txt").as_deref(), Some("mine"));
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "succeeded_with_overrides");
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("taken as done by") && page.contains("to be merged without its gates"), "{page}");
    assert_eq!(own(folder.path()), before);
}

#[test]
fn accepted_work_that_clashes_is_blocked_until_it_is_settled() {
    let change = |word: &str| format!("sed -i s/two/{word}/ base.txt");
    let folder = repository(&(script("a", &change("AAA"), "") + &script("b", &change("BBB"), "")));
    assert_eq!(run(folder.path()).code, 5);
    let tasks = json(folder.path(), &["status", "--json"])["tasks"].clone();
    let blocked = tasks.as_array().unwrap().iter().find(|task| task["state"] == "blocked").unwrap().clone();
    let (name, id) = (blocked["path"].as_str().unwrap().to_owned(), id_of(folder.path()));
    let accept = ["accept", &name, "--because", "it will do", "--plain", "--no-wait"];
    let said = band(folder.path(), &accept);
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    let merge = Command::new("git");
    let mut merge = merge;
    merge.current_dir(tree(folder.path(), &name)).args(["merge", &format!("band/{id}/run")]);
    assert!(!merge.output().unwrap().status.success());
    fs::write(tree(folder.path(), &name).join("base.txt"), "one\nBOTH\nthree\n").unwrap();
    let said = band(folder.path(), &accept);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(landed(folder.path(), "base.txt").as_deref(), Some("one\nBOTH\nthree"));
    assert_eq!(json(folder.path(), &["status", "--json"])["state"], "succeeded_with_overrides");
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "");
}

#[test]
fn a_retry_after_a_clash_lands_what_its_next_attempt_makes_of_both() {
    // The second time it does what an agent is told to: it merges, and settles the file.
    let change = |word: &str| {
        format!(
            "if test $BAND_ATTEMPT = 1; then sed -i s/two/{word}/ base.txt; else git -c user.name=Bot -c user.email=b@example.org merge -q band/$RUN/run || true; \
             printf 'one\\nBOTH\\nthree\\n' > base.txt; fi"
        )
    };
    let env = ", env: {RUN: '{{ run.id }}'}";
    let folder = repository(&(script("a", &change("AAA"), env) + &script("b", &change("BBB"), env)));
    let said = run(folder.path());
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    let tasks = json(folder.path(), &["status", "--json"])["tasks"].clone();
    let blocked = tasks.as_array().unwrap().iter().find(|task| task["state"] == "blocked").unwrap().clone();
    let said = band(folder.path(), &["retry", blocked["path"].as_str().unwrap(), "--plain", "--no-wait"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(landed(folder.path(), "base.txt").as_deref(), Some("one\nBOTH\nthree"));
}
