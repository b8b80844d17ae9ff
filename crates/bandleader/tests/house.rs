//! What the project says about itself is true: examples check and run, the schema is the language, the docs have every key.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use serde_json::Value;
use tempfile::TempDir;

const EDITOR_LINE: &str = "# yaml-language-server: $schema=";

#[test]
fn every_example_and_built_in_plan_checks_without_a_word() {
    for plan in plans() {
        let check = band(&root(), &["check", &plan.to_string_lossy()]);
        assert_eq!(check.status.code(), Some(0), "{}: {}", plan.display(), said(&check));
        assert!(!said(&check).contains("warning"), "{}: {}", plan.display(), said(&check));
    }
}

#[test]
fn every_plan_begins_with_the_line_that_editors_need() {
    for plan in plans() {
        let text = fs::read_to_string(&plan).unwrap();
        let schema = text.lines().next().unwrap().strip_prefix(EDITOR_LINE);
        let schema = schema.unwrap_or_else(|| panic!("{} has no editor line", plan.display()));
        assert!(plan.parent().unwrap().join(schema).is_file(), "{}: no schema at `{schema}`", plan.display());
    }
}

#[test]
fn small_examples_succeed() {
    let place = copy_of_examples();
    for plan in ["hello", "diamond", "matrix", "resources", "retry-and-gates", "inputs", "include/plan"] {
        run(place.path(), &[&format!("examples/{plan}.yaml")]);
    }
}

#[test]
fn a_whole_review_by_command_agents_succeeds() {
    let place = copy_of_examples();
    run(place.path(), &["examples/review-all/plan.yaml", "--input", "pace=0"]);
    assert!(fs::read_to_string(place.path().join("out/review/review.md")).unwrap().contains("of 100"));
}

#[test]
fn low_stock_alerts_are_built_tested_and_staged() {
    let place = copy_of_examples();
    run(place.path(), &["examples/inventory-alerts/plan.yaml", "--input", "pace=0"]);
    let tests = fs::read_to_string(place.path().join("out/alerts/quality/tests.txt")).unwrap();
    assert!(tests.contains(" 0 failed"), "{tests}");
    assert!(place.path().join("out/alerts/staging/SHA256SUMS").is_file());
}

#[test]
fn the_social_scheduler_is_launched_by_nineteen_tasks() {
    let place = copy_of_examples();
    let ran = run(place.path(), &["examples/social-scheduler/plan.yaml", "--input", "pace=0"]);
    assert!(ran.contains("19 tasks: 19 completed"), "{ran}");
    let announcement = fs::read_to_string(place.path().join("out/social/launch/announcement.md")).unwrap();
    assert!(announcement.contains("9.4 hours a week") && announcement.contains("49 USD"), "{announcement}");
}

/// The dashboard's types are made from it.
#[test]
fn the_committed_description_of_the_api_is_what_band_schema_prints() {
    let committed = fs::read_to_string(root().join("schema/openapi.json")).unwrap();
    let printed = band(&root(), &["schema", "--api"]);
    assert_eq!(printed.status.code(), Some(0), "{}", said(&printed));
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(committed == printed, "run `cargo run -- schema --api > schema/openapi.json`");
}

#[test]
fn the_committed_schema_is_what_band_schema_prints() {
    let committed = fs::read_to_string(root().join("schema/plan.schema.json")).unwrap();
    let printed = band(&root(), &["schema"]);
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(committed == printed, "run `cargo run -- schema > schema/plan.schema.json`");
}

#[test]
fn the_docs_have_every_key_of_the_language() {
    let docs = fs::read_to_string(root().join("docs/PLAN.md")).unwrap();
    let schema = fs::read_to_string(root().join("schema/plan.schema.json")).unwrap();
    let mut keys = BTreeSet::new();
    collect_keys(&serde_json::from_str(&schema).unwrap(), &mut keys);
    let missing: Vec<_> = keys.iter().filter(|key| !docs.contains(&format!("`{key}`"))).collect();
    assert!(keys.len() > 60 && missing.is_empty(), "docs/PLAN.md lacks {missing:?} of {} keys", keys.len());
}

#[test]
fn whole_plans_in_the_docs_check() {
    let place = TempDir::new().unwrap();
    let mut found = 0;
    for page in ["README.md", "docs/PLAN.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for block in text.split("```yaml\n").skip(1).filter(|block| block.starts_with("mission:")) {
            found += 1;
            let plan = place.path().join(format!("{found}.yaml"));
            fs::write(&plan, block.split("```").next().unwrap()).unwrap();
            let check = band(place.path(), &["check", &plan.to_string_lossy()]);
            assert_eq!(check.status.code(), Some(0), "{page}: {}", said(&check));
        }
    }
    assert!(found >= 2);
}

/// `cargo run -- run review`, as the README says it: there is one program that it can mean.
#[test]
fn cargo_run_means_band() {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut metadata = Command::new(cargo);
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root());
    let output = metadata.output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    let usual = metadata["workspace_default_members"].as_array().unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| usual.contains(&package["id"]));
    let targets = packages.flat_map(|package| package["targets"].as_array().unwrap());
    let programs: Vec<&Value> = targets.filter(|target| target["kind"][0] == "bin").map(|bin| &bin["name"]).collect();
    assert_eq!(programs, ["band"]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// All examples and built-in plans.
fn plans() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join("examples"), root().join("crates/bandleader/plans")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "yaml") {
                found.push(path);
            }
        }
    }
    assert!(found.len() >= 10);
    found
}

/// A project that has only the examples.
fn copy_of_examples() -> TempDir {
    let place = TempDir::new().unwrap();
    // The top of a repository: a state folder above it, in the temporary folder, is none of ours.
    std::fs::create_dir(place.path().join(".git")).unwrap();
    let copied = Command::new("cp").arg("-R").arg(root().join("examples")).arg(place.path()).status().unwrap();
    assert!(copied.success());
    place
}

fn run(place: &Path, arguments: &[&str]) -> String {
    let ran = band(place, &[&["run", "--plain"], arguments].concat());
    assert!(ran.status.success(), "{arguments:?}: {}", said(&ran));
    said(&ran)
}

fn band(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_band")).args(arguments).current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The names of all properties anywhere in a JSON Schema.
fn collect_keys(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                keys.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| collect_keys(member, keys));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}
