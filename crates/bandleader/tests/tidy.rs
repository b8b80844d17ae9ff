//! The house keeps its own rules: who may depend on whom, how files look, and what must not stand in them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files of the project, as git knows them or would: the tree below the root without what is ignored.
fn files(endings: &[&str]) -> Vec<PathBuf> {
    let mut open = vec![root()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if ["target", ".git", ".band", "node_modules"].contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    let sources = files(&[".rs"]).into_iter().filter(|path| path.components().any(|part| part.as_os_str() == "src"));
    sources.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Everything that a crate is built from, itself included.
fn dependencies(package: &str) -> BTreeSet<String> {
    let arguments = ["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-p", package];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn arrows_point_from_the_binary_to_the_engine_to_the_core() {
    let (core, engine) = (dependencies("bandleader-core"), dependencies("bandleader-engine"));
    assert!(!core.contains("bandleader-engine") && !core.contains("bandleader"), "{core:?}");
    assert!(engine.contains("bandleader-core") && !engine.contains("bandleader"), "{engine:?}");
    for face in ["clap", "axum", "ratatui", "miette", "anstream", "indicatif"] {
        assert!(!engine.contains(face), "the engine draws no screen and parses no arguments, but is built from {face}");
    }
}

#[test]
fn the_core_is_built_from_nothing_that_has_io_time_chance_or_async() {
    let core = dependencies("bandleader-core");
    let banned = [
        "tokio",
        "futures",
        "async-std",
        "smol",
        "mio",
        "rand",
        "getrandom",
        "fastrand",
        "chrono",
        "time",
        "rustix",
        "libc",
        "nix",
        "rusqlite",
        "wasm-bindgen",
        "js-sys",
    ];
    let found: Vec<&str> = banned.into_iter().filter(|name| core.contains(*name)).collect();
    assert!(found.is_empty(), "law 3 (docs/ARCHITECTURE.md): {found:?}");
}

#[test]
fn a_file_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| short(path)).collect();
    assert!(silent.is_empty(), "no `//!` at the top: {silent:?}");
}

#[test]
fn a_file_has_one_idea() {
    let lines = |text: &str| text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
    let long: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| lines(text) > 500)
        .map(|(path, text)| format!("{} has {} lines", short(path), lines(text)))
        .collect();
    assert!(long.is_empty(), "split what has grown past its idea: {long:?}");
}

#[test]
fn nothing_unfinished_or_switched_off_is_left() {
    let words = ["todo!(", "unimplemented!(", "#[ignore", "#[allow(", concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", short(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_machine_is_named() {
    let endings = [".rs", ".md", ".yaml", ".yml", ".toml", ".sh", ".json", ".awk", "run"];
    let words = ["/ro", "/ho", "/wo"].iter().zip(["ot/", "me/", "rk/"]).map(|(one, two)| format!("{one}{two}"));
    let words: Vec<String> = words.collect();
    let mut found = Vec::new();
    for path in files(&endings) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{}:{}: {}", short(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "absolute paths of a machine: {found:#?}");
}
