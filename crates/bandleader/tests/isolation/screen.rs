//! A clash settled by hand and resolved from the full screen.

use std::fs;
use std::process::Command;

use crate::cli_support::{Live, json, none_left};
use crate::stage::{id_of, landed, repository, run, script, tree};

#[test]
fn a_clash_that_was_settled_is_resolved_from_the_full_screen() {
    let change = |word: &str| format!("sed -i s/two/{word}/ base.txt");
    let folder =
        repository(&(script("a", &change("AAA"), "") + &script("b", &change("BBB"), ", on_failure: continue")));
    assert_eq!(run(folder.path()).code, 5);
    let tasks = json(folder.path(), &["status", "--json"])["tasks"].clone();
    let blocked = tasks.as_array().unwrap().iter().find(|task| task["state"] == "blocked").unwrap().clone();
    let (name, id) = (blocked["path"].as_str().unwrap(), id_of(folder.path()));
    let tree = tree(folder.path(), name);
    let merge = Command::new("git").current_dir(&tree).args(["merge", &format!("band/{id}/run")]).output().unwrap();
    assert!(!merge.status.success());
    fs::write(tree.join("base.txt"), "one\nBOTH\nthree\n").unwrap();
    let mut watch = Live::in_shell(folder.path(), &format!("band watch --no-bell {id}"));
    watch.wait_for("clashes");
    // The task with its question, or the task itself: whichever row it is, the task page has it.
    watch.press("2");
    watch.wait_for("ESTIMATE");
    watch.press(&format!("/{name}\r"));
    // Of the keys below only the letters that change are written; this line is new as a whole.
    watch.wait_for(&format!("1 task with `{name}`"));
    watch.press("R");
    watch.wait_for("succeeded");
    watch.press("q");
    assert_eq!(watch.end(), 0, "{}", watch.text);
    assert_eq!(landed(folder.path(), "base.txt").as_deref(), Some("one\nBOTH\nthree"));
    none_left(folder.path());
}
