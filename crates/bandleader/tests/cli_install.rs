//! `band install`: programs are told of `band`, once, and nothing of theirs is lost.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use cli_support::{Live, band, empty};
use serde_json::{Value, json};

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_default()
}

/// Everything below a folder, with what is in it.
fn all(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// What each program gets, and where.
const CLIENTS: [(&str, &str, &str); 4] = [
    ("claude-code", ".mcp.json", ".claude/commands/band/run.md"),
    ("codex", ".codex/config.toml", ".codex/skills/band-run/SKILL.md"),
    ("gemini", ".gemini/settings.json", ".gemini/commands/band/run.toml"),
    ("opencode", "opencode.json", ".opencode/command/band-run.md"),
];

#[test]
fn each_program_is_told_once_and_forgets_without_a_trace() {
    for (client, file, command) in CLIENTS {
        let folder = empty();
        let before = all(folder.path());
        let looked = band(folder.path(), &["install", client, "--dry-run"]);
        assert_eq!((looked.code, all(folder.path())), (0, before.clone()), "{client}: {}", looked.err);
        assert!(looked.out.contains(file) && looked.out.contains('+'), "{client}: {}", looked.out);
        let refused = band(folder.path(), &["install", client]);
        assert_eq!((refused.code, all(folder.path())), (2, before.clone()), "nobody said yes: {}", refused.err);
        let done = band(folder.path(), &["install", client, "--yes"]);
        assert_eq!(done.code, 0, "{client}: {}", done.err);
        assert!(text(folder.path(), file).contains("bandleader"), "{client}");
        assert!(text(folder.path(), command).contains("start_run"), "{client}");
        let told = all(folder.path());
        let again = band(folder.path(), &["install", client, "--yes"]);
        assert!(again.err.contains("nothing to do") && all(folder.path()) == told, "{client}: {}", again.err);
        let gone = band(folder.path(), &["install", client, "--uninstall", "--yes"]);
        assert_eq!(gone.code, 0, "{client}: {}", gone.err);
        let left: Vec<_> = all(folder.path()).into_iter().filter(|(name, _)| !name.ends_with(".before-band")).collect();
        assert_eq!(left, before, "{client}");
    }
}

#[test]
fn what_programs_get_is_of_their_form() {
    let folder = empty();
    for (client, _, _) in CLIENTS {
        assert_eq!(band(folder.path(), &["install", client, "--yes", "--no-commands"]).code, 0);
    }
    let own = env!("CARGO_BIN_EXE_band");
    let read = |file: &str| serde_json::from_str::<Value>(&text(folder.path(), file)).unwrap();
    let usual = json!({ "command": own, "args": ["mcp"] });
    assert_eq!(read(".gemini/settings.json")["mcpServers"]["bandleader"], usual);
    assert_eq!(read(".mcp.json")["mcpServers"]["bandleader"]["type"], "stdio");
    assert_eq!(read("opencode.json")["mcp"]["bandleader"]["command"], json!([own, "mcp"]));
    assert!(text(folder.path(), ".codex/config.toml").contains(&format!("command = \"{own}\"")));
    assert!(!folder.path().join(".claude").exists());
    assert_eq!(band(folder.path(), &["install", "claude-code", "--user", "--yes"]).code, 0);
    assert_eq!(read(".claude.json")["mcpServers"]["bandleader"]["command"], own);
    assert!(folder.path().join(".claude/commands/band/plan.md").exists());
}

#[test]
fn what_is_there_stays_and_a_copy_of_it_too() {
    let folder = empty();
    let file = folder.path().join("opencode.jsonc");
    let before = "{\n  // mine\n  \"theme\": \"dark\",\n  \"mcp\": {\n    \"other\": { \"type\": \"local\", \"command\": [\"x\"] }\n  },\n}\n";
    fs::write(&file, before).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let mine = folder.path().join(".opencode/command/band-run.md");
    fs::create_dir_all(mine.parent().unwrap()).unwrap();
    fs::write(&mine, "my own command").unwrap();
    let done = band(folder.path(), &["install", "opencode", "--yes"]);
    assert!(done.err.contains("band-run.md is not of `band`"), "{}", done.err);
    let after = text(folder.path(), "opencode.jsonc");
    assert!(after.contains("  // mine\n  \"theme\": \"dark\",\n") && after.contains("\"bandleader\""), "{after}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(text(folder.path(), "opencode.jsonc.before-band"), before);
    assert!(!folder.path().join("opencode.json").exists());
    assert_eq!(band(folder.path(), &["install", "opencode", "--uninstall", "--yes"]).code, 0);
    assert_eq!(text(folder.path(), "opencode.jsonc"), before);
    assert_eq!(fs::read_to_string(&mine).unwrap(), "my own command");
}

#[test]
fn a_file_that_cannot_be_read_is_left_alone() {
    let folder = empty();
    for (file, client, bad) in [
        (".mcp.json", "claude-code", "{ oh"),
        (".mcp.json", "claude-code", "{\"mcpServers\": 3}"),
        (".codex/config.toml", "codex", "a = "),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bad).unwrap();
        let said = band(folder.path(), &["install", client, "--yes"]);
        assert!(said.code == 2 && said.err.contains("is left as it is"), "{}", said.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    assert!(!folder.path().join(".claude").exists());
}

#[test]
fn a_link_stays_a_link() {
    let folder = empty();
    fs::create_dir(folder.path().join("dotfiles")).unwrap();
    fs::write(folder.path().join("dotfiles/mcp.json"), "{}\n").unwrap();
    std::os::unix::fs::symlink("dotfiles/mcp.json", folder.path().join(".mcp.json")).unwrap();
    assert_eq!(band(folder.path(), &["install", "claude-code", "--yes", "--no-commands"]).code, 0);
    assert!(fs::symlink_metadata(folder.path().join(".mcp.json")).unwrap().is_symlink());
    assert!(text(folder.path(), "dotfiles/mcp.json").contains("bandleader"));
}

#[test]
fn at_a_terminal_a_person_is_shown_the_change_and_asked() {
    let folder = empty();
    let mut no = Live::at_terminal(folder.path(), "install gemini");
    no.wait_for("(y/N)");
    assert!(no.text.contains('+') && no.text.contains("settings.json"), "{}", no.text);
    no.press("n\n");
    assert_eq!(no.end(), 2, "{}", no.text);
    assert!(!folder.path().join(".gemini").exists());
    let mut yes = Live::at_terminal(folder.path(), "install gemini");
    yes.wait_for("(y/N)");
    yes.press("y\n");
    assert_eq!(yes.end(), 0, "{}", yes.text);
    assert!(yes.text.contains("/band:plan"), "{}", yes.text);
    assert!(folder.path().join(".gemini/commands/band/plan.toml").exists());
}
