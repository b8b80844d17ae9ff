//! What lands on the run's branch and what clashes, and that the person's checkout is only read.

use std::fs;
use std::process::Command;

use crate::cli_support::{band, json, project};
use crate::stage::{git, id_of, landed, own, repository, run, script, tree};

#[test]
fn work_in_different_files_lands_and_what_needs_it_sees_it() {
    let tasks = script("a", "echo a > a.txt; echo x > no.log", "")
        + &script("b", "mkdir 'odd dir'; echo b > 'odd dir/ß \"q\".txt'", "")
        + &script(
            "c",
            "cat a.txt odd*/* > c.txt; git rev-list --count HEAD > count.log",
            ", needs: [a, b], deliverables: [c.txt]",
        );
    let folder = repository(&tasks);
    fs::write(folder.path().join("base.txt"), "dirty\n").unwrap();
    let before = own(folder.path());
    let said = run(folder.path());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(
        said.err.contains("1 change is not committed, so tasks in worktrees do not see it: `base.txt`"),
        "{}",
        said.err
    );
    let words = format!(
        "work of 3 tasks is on the branch band/{0}/run; `git merge band/{0}/run` brings it into yours, or `band merge {0}`",
        id_of(folder.path())
    );
    assert!(said.out.contains(&words), "{}", said.out);
    assert_eq!(own(folder.path()), before);
    assert!(!folder.path().join("a.txt").exists() && !folder.path().join("c.txt").exists());
    assert_eq!(landed(folder.path(), "c.txt").as_deref(), Some("a\nb"));
    assert_eq!(landed(folder.path(), "base.txt").as_deref(), Some("one\ntwo\nthree"));
    assert_eq!(landed(folder.path(), "no.log"), None);
    let id = id_of(folder.path());
    let last = git(folder.path(), &["log", "-1", "--format=%an <%ae>|%cn|%B", &format!("band/{id}/task/c")]);
    let expected = format!(
        "c via band <band@bandleader.invalid>|band|c, attempt 1\n\nBand-Run: {id}\nBand-Task: c\nBand-Attempt: 1"
    );
    assert_eq!(last.trim_end(), expected);
}

#[test]
fn a_clash_blocks_the_task_and_is_settled_by_hand() {
    let change = |word: &str| format!("sed -i s/two/{word}/ base.txt");
    let folder =
        repository(&(script("a", &change("AAA"), "") + &script("b", &change("BBB"), ", on_failure: continue")));
    let before = own(folder.path());
    let said = run(folder.path());
    assert_eq!(said.code, 5, "{}{}", said.out, said.err);
    assert_eq!(own(folder.path()), before);
    let tasks = json(folder.path(), &["status", "--json"])["tasks"].clone();
    let blocked = tasks.as_array().unwrap().iter().find(|task| task["state"] == "blocked").unwrap().clone();
    let (name, id) = (blocked["path"].as_str().unwrap().to_owned(), id_of(folder.path()));
    let text = said.out + &said.err;
    let other = if name == "a" { "b" } else { "a" };
    assert!(text.contains(&format!("its work clashes with that of `{other}` in `base.txt`")), "{text}");
    let by_hand = format!("cd .band/runs/{id}/trees/{name} && git merge band/{id}/run");
    assert!(text.contains(&by_hand) && text.contains(&format!("band retry {name} --run {id}")), "{text}");
    let tree = tree(folder.path(), &name);
    let said = band(folder.path(), &["resolve", &name, "--no-wait", "--plain"]);
    assert_eq!(said.code, 5, "nothing was settled: {}{}", said.out, said.err);
    // A merge that is begun and left with its marks does not count as settled.
    let merge = Command::new("git").current_dir(&tree).args(["merge", &format!("band/{id}/run")]).output().unwrap();
    assert!(!merge.status.success());
    let said = band(folder.path(), &["resolve", &name, "--no-wait", "--plain"]);
    assert!((said.out.clone() + &said.err).contains("still has the marks of a conflict"), "{}{}", said.out, said.err);
    fs::write(tree.join("base.txt"), "one\nBOTH\nthree\n").unwrap();
    let said = band(folder.path(), &["resolve", &name, "--no-wait", "--plain"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(landed(folder.path(), "base.txt").as_deref(), Some("one\nBOTH\nthree"));
    assert_eq!(own(folder.path()), before);
}

#[test]
fn gates_see_the_merged_work_and_what_they_refuse_does_not_land() {
    // Each alone is fine; together they are one too many.
    let gate = ", gates: [{name: few, run: 'test $(ls *.part | wc -l) -le 1'}]";
    let folder = repository(&(script("a", "touch a.part", gate) + &script("b", "touch b.part", gate)));
    let said = run(folder.path());
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    assert!((said.out + &said.err).contains("gate `few` refused: exit code 1, on its work merged with that of others"));
    let both = ["a.part", "b.part"].map(|file| landed(folder.path(), file).is_some());
    assert_eq!(both.iter().filter(|is_there| **is_there).count(), 1, "{both:?}");
}

#[test]
fn own_commits_stay_empty_work_lands_nothing_and_hooks_are_not_run() {
    let own_commit = "echo a > a.txt; git add a.txt; git -c user.name=Bot -c user.email=b@example.org commit --no-verify -qm mine; \
                      git checkout -q -b elsewhere; echo b > b.txt";
    let folder = repository(&(script("a", own_commit, "") + &script("b", "true", "")));
    for hook in ["pre-commit", "commit-msg", "post-checkout", "post-merge", "pre-merge-commit", "reference-transaction"]
    {
        let path = folder.path().join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A hook that is run by the task's own git may be; one of ours must not.
        fs::write(&path, "#!/bin/sh\ntest -n \"$BAND_TASK_ID\" && test -z \"$GIT_COMMITTER_NAME\" || exit 1\n")
            .unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
    }
    let said = run(folder.path());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let id = id_of(folder.path());
    let subjects = git(folder.path(), &["log", "--topo-order", "--format=%s|%an", &format!("band/{id}/run")]);
    assert_eq!(subjects, "Merge a, attempt 1|band\na, attempt 1|a via band\nmine|Bot\nfirst|Ada");
}

#[test]
fn a_detached_head_and_a_project_within_a_repository_are_as_good() {
    let folder = repository("- {id: z, run: 'true'}\n");
    let inner = folder.path().join("sub/project");
    fs::create_dir_all(&inner).unwrap();
    fs::write(
        inner.join("plan.yaml"),
        format!(
            "mission: m\ntasks:\n{}",
            script("a", "pwd > $BAND_PROJECT/a.txt; test -f plan.yaml", ", deliverables: [a.txt]")
        ),
    )
    .unwrap();
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "-qm", "second"]);
    git(folder.path(), &["checkout", "-q", "--detach"]);
    fs::create_dir(inner.join(".band")).unwrap();
    let said = band(folder.path(), &["-C", "sub/project", "run", "plan.yaml", "--plain", "--no-wait"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let id = json(folder.path(), &["-C", "sub/project", "list", "--json"])[0]["id"].as_str().unwrap().to_owned();
    let text = git(folder.path(), &["show", &format!("band/{id}/run:sub/project/a.txt")]);
    assert!(text.ends_with("trees/a/sub/project"), "{text}");
    assert!(!inner.join("a.txt").exists());
}

#[test]
fn a_nested_repository_is_refused_and_nothing_is_lost() {
    let folder = repository(&script("a", "git init -q inner; echo x > inner/x.txt", ""));
    let said = run(folder.path());
    assert_eq!(said.code, 3, "{}{}", said.out, said.err);
    assert!((said.out + &said.err).contains("`inner/` is a git repository of its own"));
    assert!(tree(folder.path(), "a").join("inner/x.txt").exists());
}

#[test]
fn without_a_repository_a_worktree_is_refused_before_anything_starts() {
    let folder = project(&format!("mission: m\ntasks:\n{}", script("a", "touch ran", "")));
    fs::create_dir(folder.path().join(".band")).unwrap();
    let said = run(folder.path());
    assert_ne!(said.code, 0);
    assert!(
        said.err.contains("task `a` asks for a git worktree, but the project is in no git repository"),
        "{}",
        said.err
    );
    assert!(!folder.path().join("ran").exists());
}

#[test]
fn a_second_attempt_goes_on_in_the_same_worktree() {
    let folder = repository(&script("a", "echo x >> seen.txt; test $(wc -l < seen.txt) = 2", ", retry: 1"));
    let said = run(folder.path());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(landed(folder.path(), "seen.txt").as_deref(), Some("x\nx"));
}

#[test]
fn outputs_of_a_program_in_a_worktree_are_all_that_it_prints() {
    let tasks = script("a", "echo one; echo two; echo k=v >> $BAND_OUTPUT", ", outputs: {all: stdout, k: reported}")
        + "- {id: b, needs: [a], run: 'test \"$SEEN\" = \"$(printf \"one\\ntwo v\")\"', env: {SEEN: '{{ needs.a.outputs.all }} {{ needs.a.outputs.k }}'}}\n";
    let folder = repository(&tasks);
    let checked = band(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    let said = run(folder.path());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn cleaning_shows_first_and_keeps_what_is_nowhere_else() {
    let folder = repository(&(script("a", "echo a > a.txt", "") + &script("b", "echo b > b.txt", "")));
    assert_eq!(run(folder.path()).code, 0);
    fs::write(tree(folder.path(), "b").join("later.txt"), "mine").unwrap();
    let said = band(folder.path(), &["clean"]);
    assert!(
        said.out.contains("would go") && said.err.contains("`--yes` removes 2 worktrees"),
        "{}{}",
        said.out,
        said.err
    );
    assert!(tree(folder.path(), "a").exists());
    let said = band(folder.path(), &["clean", "--yes"]);
    assert!(said.out.contains("trees/b: something in it is not committed"), "{}{}", said.out, said.err);
    assert!(!tree(folder.path(), "a").exists() && tree(folder.path(), "b").join("later.txt").exists());
    let branches = git(folder.path(), &["branch", "--list", "band/*"]);
    assert_eq!(branches.lines().count(), 3, "{branches}");
    assert_eq!(landed(folder.path(), "a.txt").as_deref(), Some("a"));
}
