//! The odd files beside the tests, each with what must come of it.
#![expect(clippy::disallowed_methods, reason = "the files lie beside the tests")]

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::{Catalogue, Found, Outcome, Reading, Shelf, Way, read_agent};
use super::{problems, role};
use crate::diag::Severity;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agents-odd")
}

fn read(file: &str) -> Reading {
    let path = folder().join("files").join(file);
    read_agent(file, &std::fs::read(path).expect("the file is there"))
}

fn has(reading: &Reading, severity: Severity) -> bool {
    reading.diagnostics.iter().any(|one| one.severity == severity)
}

fn expectations() -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("expected.json")).expect("the list is there");
    serde_json::from_str(&text).expect("a list")
}

#[test]
fn each_odd_file_gives_what_is_expected_of_it() {
    let all = expectations();
    assert_eq!(all.len(), 42, "41 files and a second one of the same name");
    for one in &all {
        let file = one["file"].as_str().expect("a file");
        let reading = read(file);
        let way = format!("{:?}", reading.outcome).chars().take(300).collect::<String>();
        let said = format!("{file}: {way}\n{}", problems(&reading));
        for key in one.as_object().expect("a map").keys() {
            let wanted = &one[key];
            match key.as_str() {
                "import_ok" => check_import(&reading, wanted, &said),
                "skip" => assert_eq!(reading.outcome, Outcome::Skipped, "{said}"),
                "error" => {
                    let found =
                        reading.diagnostics.iter().any(|one| one.message.starts_with(wanted.as_str().expect("words")));
                    assert!(found && has(&reading, Severity::Error), "{said}");
                }
                "warn" if wanted == true => assert!(has(&reading, Severity::Warning), "{said}"),
                // Words for people; and a duplicate is judged below, where both files are known.
                "file" | "pattern_seen_in" | "claude_code_docs_2026_08" | "note" | "warn" => {}
                "strict_yaml" => assert_eq!(reading.way, Way::Lines, "{said}"),
                "name" => assert_eq!(role(&reading).name, wanted.as_str().expect("a name"), "{said}"),
                "description" => assert_eq!(role(&reading).description, wanted.as_str().expect("a text"), "{said}"),
                "model" => assert_eq!(role(&reading).model.as_deref(), wanted.as_str(), "{said}"),
                "color" => assert_eq!(role(&reading).color.as_deref(), wanted.as_str(), "{said}"),
                "tools" => assert_eq!(serde_json::json!(role(&reading).tools), *wanted, "{said}"),
                "body_empty" => assert!(role(&reading).instructions.is_empty(), "{said}"),
                "argument_hint" => assert_eq!(role(&reading).unknown["argument-hint"], *wanted, "{said}"),
                other => panic!("{file}: nothing checks `{other}`"),
            }
        }
    }
}

fn check_import(reading: &Reading, wanted: &Value, said: &str) {
    let is_agent = matches!(reading.outcome, Outcome::Agent(_));
    match wanted {
        Value::Bool(wanted) => assert_eq!(is_agent, *wanted, "{said}"),
        Value::String(words) if words.starts_with("reject") && !words.contains("sanitise") => {
            assert!(reading.outcome == Outcome::Unusable && has(reading, Severity::Error), "{said}");
        }
        // Several ways were open: these files are read, with a warning.
        Value::String(_) => assert!(is_agent && has(reading, Severity::Warning), "{said}"),
        other => panic!("{other}"),
    }
}

#[test]
fn what_more_is_made_of_the_odd_files() {
    let unclosed = read("25-unterminated.md");
    assert_eq!(
        (role(&unclosed).name.as_str(), role(&unclosed).instructions.as_str()),
        ("open-ended", "Body starts here?")
    );
    assert!(problems(&unclosed).starts_with("1:1 warning agent::unclosed"), "{}", problems(&unclosed));
    assert_eq!(role(&read("05-whole-file-indented.md")).instructions, "## Focus");
    assert_eq!(role(&read("06-no-front-matter.md")).description, "Plans growth experiments.");
    assert!(role(&read("09-cp1252.md")).description.contains("“smart quotes” and an em—dash"));
    assert_eq!(role(&read("24-duplicate-key.md")).tools.as_deref(), Some(["Read".to_owned()].as_slice()));
    let typed = read("22-yaml-types.md");
    assert_eq!((role(&typed).model.as_deref(), role(&typed).color.as_deref()), (Some("4.10"), None));
    let hooked = read("28-nested-maps.md");
    assert!(role(&hooked).has_hooks && problems(&hooked).contains("note agent::hooks"));
    assert!(!format!("{:?}", role(&hooked)).contains("echo"), "no shell code is kept");
    assert_eq!(role(&hooked).mcp_servers, ["github", "db"]);
    assert!(problems(&read("32-path-traversal-name.md")).contains("agent::odd-name"));
    assert!(problems(&read("33-control-chars.md")).contains("agent::hidden"));
    assert!(problems(&read("37-emoji-mojibake.md")).contains("was probably"));
    let pseudo = read("03-column0-pseudo-keys.md");
    assert!(role(&pseudo).description.contains("\nContext: The API changed\n"), "{:?}", role(&pseudo));
}

#[test]
fn of_two_files_of_one_name_the_first_counts_and_both_are_told() {
    let found = ["18-duplicate-name/a/reviewer.md", "18-duplicate-name/b/reviewer.md"].map(|file| Found {
        role: role(&read(file)).clone(),
        shelf: Shelf::Project,
        path: file.to_owned(),
    });
    let catalogue = Catalogue::new(found, vec![]);
    assert_eq!(catalogue.role("code-reviewer").expect("one of them").description, "Variant a.");
    let [shadowed] = catalogue.shadowed() else { panic!("{:?}", catalogue.shadowed()) };
    assert_eq!(
        (shadowed.path.as_str(), shadowed.by.as_str()),
        ("18-duplicate-name/b/reviewer.md", "18-duplicate-name/a/reviewer.md")
    );
}

/// Catalogues as they are published. They are not part of the project: this looks for them in a folder beside it.
#[test]
fn all_published_agents_give_a_role() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data/agents"));
    let Some(folder) = beside.into_iter().find(|folder| folder.is_dir()) else { return };
    let (mut usable, mut by_lines, mut skipped) = (0, Vec::new(), 0);
    let mut open = vec![folder];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                open.extend((!entry.ends_with("examples")).then_some(entry));
                continue;
            }
            if entry.extension().is_none_or(|ending| ending != "md") {
                continue;
            }
            let reading = read_agent(&entry.to_string_lossy(), &std::fs::read(&entry).expect("readable"));
            match &reading.outcome {
                Outcome::Agent(role) => {
                    usable += 1;
                    assert!(!role.name.is_empty() && !role.description.is_empty(), "{}", problems(&reading));
                    assert!(!role.instructions.is_empty(), "{}", problems(&reading));
                    if reading.way == Way::Lines {
                        by_lines.push(role.name.clone());
                    }
                }
                Outcome::Skipped => skipped += 1,
                Outcome::Unusable => panic!("{}", problems(&reading)),
            }
        }
    }
    assert_eq!((usable, skipped, by_lines.len()), (220, 10, PUBLISHED_BY_LINES), "{by_lines:?}");
}

/// How many of the 220 are no YAML.
const PUBLISHED_BY_LINES: usize = 33;
