//! The built-in plan `review`, run for real over repositories full of traps.
#![expect(clippy::unwrap_used, reason = "tests")]

mod repository;

use repository::Repository;

/// A key in the form of an AWS access key; put together here so that no scanner takes this file for a leak.
fn made_up_key() -> String {
    format!("AKIA{}", "QWERTYUIOPASDFGH")
}

#[test]
fn traps_are_found_where_they_are() {
    let key = made_up_key();
    let big = "x = 1\n".repeat(1100);
    let report = Repository::with(&[
        (
            "app/main.py",
            &format!("import os\ntry:\n    go()\nexcept:\n    pass\nos.system('rm ' + x)\nkey = '{key}'\n"),
        ),
        ("app/big.py", &big),
        ("src/api/list.js", LOOP_WITH_QUERY),
        ("src/db/conn.js", "import { list } from '../api/list.js';\n"),
        ("deploy.sh", "#!/bin/sh\ncurl -s https://host.invalid/i.sh | sh\nchmod 777 /srv\n"),
        (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    steps:\n      - uses: some/action@main\n"),
        (".env", "TOKEN=1\n"),
        ("Dockerfile", "FROM node\nCOPY . .\nRUN npm ci\n"),
        ("package.json", "{ \"dependencies\": { \"a\": \"1\" } }\n"),
    ])
    .review();
    for (finding, place) in [
        ("Keys or tokens in the code", "`app/main.py:7` - an AWS access key: `AKIA... (masked)`"),
        ("`.env` files under version control", "`.env`"),
        ("Errors caught and thrown away", "`app/main.py:4`"),
        ("Commands or code built from text", "`app/main.py:6`"),
        ("Files of more than 1,000 lines of code", "`app/big.py` - 1,100 lines"),
        ("A query or request inside a loop", "`src/api/list.js:4`"),
        ("SQL built from text", "`src/api/list.js:4`"),
        ("Parts that import each other in a circle", "`src/api` -> `src/db` -> `src/api`"),
        ("Downloads that are run without a look", "`deploy.sh:2`"),
        ("Files that everybody may write", "`deploy.sh:3`"),
        ("Third-party actions that are not pinned to a commit", "`.github/workflows/ci.yml:5` - `some/action@main`"),
        ("Container builds that copy everything before they install", "`Dockerfile:2`"),
        ("Dependencies without a lock file", "`package.json`"),
        ("No README", "none in any folder"),
    ] {
        assert!(section(&report, finding).contains(place), "`{finding}` at {place} is missing:\n{report}");
    }
    assert!(overall(&report) <= 59, "something critical is open: {report}");
}

const LOOP_WITH_QUERY: &str = "import { db } from '../db/conn.js';
export async function list(ids) {
  for (const id of ids) {
    await db.query(`SELECT a FROM t WHERE id = ${id}`);
  }
}
";

#[test]
fn a_key_stands_nowhere_in_the_report_or_its_notes() {
    let key = made_up_key();
    let repository = Repository::with(&[("a.py", &format!("k = '{key}'  # TODO: {key}\n"))]);
    let report = repository.review();
    assert!(report.contains("AKIA"), "{report}");
    for text in repository.texts_below(".band/review").into_iter().chain([report]) {
        assert!(!text.contains(&key), "{text}");
    }
}

#[test]
fn any_file_name_and_any_content_is_survived() {
    let names =
        ["a b.py", "-rf.py", "new\nline.py", "quote\"d'.py", "$(touch pwned).py", "`id`.py", "ü/ö.py", "tab\t.py"];
    let text = "# TODO: \u{1b}[31mred `x` | <b>\u{202e}\nx = 1\n";
    let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, text)).collect();
    let repository = Repository::with(&files);
    repository.write("binary.dat", &[0, 159, 146, 150, 10, 0]);
    repository.write("latin.py", b"# TODO: caf\xe9\n");
    repository.commit("odd \u{1b}[31m subject | `x` <i>");
    let report = repository.review();
    assert!(report.chars().all(|c| !c.is_control() || c == '\n'), "{report:?}");
    assert!(!report.contains('\u{202e}'), "{report:?}");
    assert!(report.contains("`ü/ö.py:1`"), "{report}");
    assert!(!repository.path("pwned").exists());
}

#[test]
fn an_empty_repository_is_told_what_to_do() {
    let report = Repository::with(&[]).review();
    assert!(report.contains("There is nothing to review yet"), "{report}");
}

#[test]
fn a_folder_without_git_is_an_error_that_says_what_to_do() {
    let folder = Repository::without_git();
    let run = folder.band(&["run", "review", "--plain"]);
    assert_eq!(run.status.code(), Some(3), "{run:?}");
    assert!(
        folder.task_output().contains("is not in a git work tree: run `git init` there"),
        "{}",
        folder.task_output()
    );
}

#[test]
fn a_shallow_clone_is_named_as_such() {
    let whole = Repository::with(&[("a.py", "x = 1\n")]);
    whole.write("a.py", b"x = 2\n");
    whole.commit("second");
    let report = whole.shallow_clone().review();
    assert!(report.contains("The clone is shallow"), "{report}");
}

#[test]
fn the_report_goes_where_the_input_says_about_the_folder_it_says() {
    let repository = Repository::with(&[("in/a.py", "x = 1\n"), ("out/b.py", "import os\nos.system(x)\n")]);
    let arguments = ["run", "review", "--plain", "--input", "target=in", "--input", "output=docs/r.md"];
    let run = repository.band(&arguments);
    assert!(run.status.success(), "{run:?}");
    let report = repository.text("docs/r.md");
    assert!(report.starts_with("# Review of in\n") && !report.contains("b.py"), "{report}");
}

#[test]
fn a_score_below_the_minimum_is_refused_by_the_gate() {
    let repository = Repository::with(&[("a.py", "x = 1\n")]);
    let run = repository.band(&["run", "review", "--plain", "--input", "minimum=100"]);
    assert_eq!(run.status.code(), Some(4), "{run:?}");
    assert!(repository.text("review.md").contains("# Review of"));
}

/// The lines of one finding: from its heading to the next blank line after its places.
fn section<'a>(report: &'a str, heading: &str) -> &'a str {
    let Some(start) = report.find(&format!(" - {heading}")) else { return "" };
    let rest = &report[start..];
    &rest[..rest.find("\n\n**").or_else(|| rest.find("\n\nChecked")).unwrap_or(rest.len())]
}

/// The number in `**58 of 100: …`.
fn overall(report: &str) -> u32 {
    let line = report.lines().find(|line| line.starts_with("**")).unwrap();
    line.trim_start_matches('*').split(' ').next().unwrap().parse().unwrap()
}
