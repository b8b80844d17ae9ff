//! Folders with agent files, and what is found in them.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

/// A folder with a project `work` and a home; agent files are given by path and name.
struct Stage {
    top: TempDir,
}

impl Stage {
    fn with(agents: &[(&str, &str)]) -> Stage {
        let stage = Stage { top: TempDir::new().unwrap() };
        fs::create_dir_all(stage.path("work/.git")).unwrap();
        fs::create_dir_all(stage.path("work/deep/er")).unwrap();
        fs::create_dir_all(stage.path("home/.claude")).unwrap();
        for (path, name) in agents {
            stage.write(path, &format!("---\nname: {name}\ndescription: in {path}\n---\nHi.\n"));
        }
        stage
    }

    fn path(&self, inside: &str) -> PathBuf {
        self.top.path().canonicalize().unwrap().join(inside)
    }

    fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn places(&self, start: &str, given: &[&str]) -> Places {
        Places {
            given: given.iter().map(|path| self.path(path)).collect(),
            start: self.path(start),
            claude: Some(self.path("home/.claude")),
            home: Some(self.path("home")),
        }
    }

    fn discover(&self, start: &str, given: &[&str]) -> Discovered {
        discover(&self.places(start, given))
    }
}

/// `name path`, one a line.
fn listed(found: &Discovered) -> Vec<String> {
    found
        .catalogue
        .entries()
        .map(|entry| format!("{} {} {}", entry.role.name, entry.shelf.word(), entry.path))
        .collect()
}

#[test]
fn the_nearest_file_of_a_name_counts() {
    let stage = Stage::with(&[
        ("home/.claude/agents/a.md", "a"),
        ("home/.claude/agents/b.md", "b"),
        ("work/.claude/agents/a.md", "a"),
        ("work/.claude/agents/sub/c.md", "c"),
        ("work/deep/.claude/agents/c.md", "c"),
        ("given/d.md", "b"),
        (".claude/agents/above.md", "above"),
    ]);
    let found = stage.discover("work/deep/er", &["given"]);
    let given = stage.path("given/d.md");
    assert_eq!(
        listed(&found),
        [
            format!("a project {}", stage.path("work/.claude/agents/a.md").display()),
            format!("b given {}", given.display()),
            format!("c project {}", stage.path("work/deep/.claude/agents/c.md").display()),
        ]
    );
    assert_eq!(found.catalogue.shadowed().len(), 3);
    let said = |name: &str| {
        let file = found.files.iter().find(|file| file.reading.source.name.ends_with(name)).unwrap();
        file.reading.diagnostics.iter().map(|one| one.code).collect::<Vec<_>>()
    };
    assert_eq!((said("agents/b.md"), said("sub/c.md")), (vec!["agent::shadowed"], vec!["agent::duplicate-name"]));
    assert!(found.catalogue.searched().contains(&"~/.claude/agents".to_owned()), "{:?}", found.catalogue.searched());
}

#[test]
fn outside_of_a_repository_only_the_folder_itself_is_the_project() {
    let stage = Stage::with(&[("plain/.claude/agents/a.md", "a"), ("plain/sub/.claude/agents/b.md", "b")]);
    assert_eq!(listed(&stage.discover("plain/sub", &[])), ["b project .claude/agents/b.md"]);
}

#[test]
fn a_home_that_is_the_project_is_not_read_twice() {
    let stage = Stage::with(&[("home/.claude/agents/a.md", "a")]);
    let found = stage.discover("home", &[]);
    assert_eq!((listed(&found).len(), found.files.len()), (1, 1));
    assert_eq!(found.files[0].shelf, Shelf::User);
}

#[test]
fn plugins_count_as_they_are_installed_and_switched_on() {
    let stage = Stage::with(&[
        ("home/.claude/plugins/cache/m/tools/2/agents/review.md", "review"),
        ("home/.claude/plugins/cache/m/tools/2/agents/sec/audit.md", "audit"),
        ("home/.claude/plugins/cache/m/tools/2/more/extra.md", "extra"),
        ("home/.claude/plugins/cache/m/tools/1/agents/old.md", "old"),
        ("home/.claude/plugins/cache/m/off/1/agents/no.md", "no"),
        ("home/.claude/plugins/cache/m/else/1/agents/no.md", "no"),
        ("home/.claude/plugins/marketplaces/m/agents/no.md", "no"),
        ("secret.md", "secret"),
    ]);
    let at = |path: &str| stage.path(&format!("home/.claude/plugins/cache/m/{path}"));
    let list = serde_json::json!({ "version": 2, "plugins": {
        "tools@m": [{ "scope": "user", "installPath": at("tools/2") }],
        "off@m": { "installPath": at("off/1") },
        "else@m": [{ "scope": "project", "projectPath": "/elsewhere", "installPath": at("else/1") }],
        "gone@m": [{ "installPath": at("gone") }],
    }});
    stage.write("home/.claude/plugins/installed_plugins.json", &list.to_string());
    stage.write("home/.claude/settings.json", r#"{"enabledPlugins": {"tools@m": true, "off@m": false}}"#);
    let manifest =
        r#"{"name": "tools", "agents": ["./more/extra.md", "./agents/review.md", "../../../../../../../secret.md"]}"#;
    stage.write("home/.claude/plugins/cache/m/tools/2/.claude-plugin/plugin.json", manifest);
    let found = stage.discover("work", &[]);
    let names: Vec<&str> = found.catalogue.names().collect();
    assert_eq!(names, ["tools:extra", "tools:review", "tools:sec:audit"]);
    assert_eq!(found.catalogue.entry("audit").map(|entry| entry.id.as_str()), Some("tools-sec-audit"));
    stage.write("home/.claude/plugins/installed_plugins.json", "{");
    let found = stage.discover("work", &[]);
    assert!(found.catalogue.is_empty() && found.troubles[0].contains("is not JSON"), "{:?}", found.troubles);
}

#[test]
fn loops_pipes_and_strange_files_do_not_end_the_search() {
    let stage = Stage::with(&[("work/.claude/agents/good.md", "good")]);
    let agents = stage.path("work/.claude/agents");
    symlink(&agents, agents.join("loop")).unwrap();
    symlink("nowhere.md", agents.join("broken.md")).unwrap();
    let fifo = agents.join("pipe.md");
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    fs::write(agents.join("big.md"), vec![b'x'; 10 << 20]).unwrap();
    fs::write(agents.join("binary.md"), [0, 159, 146, 150]).unwrap();
    let found = stage.discover("work", &[]);
    assert_eq!(listed(&found), ["good project .claude/agents/good.md"]);
    let troubles = found.troubles.join("\n");
    for words in [
        "loop` cannot be read: it links to",
        "broken.md` cannot be read",
        "pipe.md` cannot be read: it is not a plain file",
    ] {
        assert!(troubles.contains(words), "{words}\n{troubles}");
    }
    let unusable: Vec<&str> = found
        .files
        .iter()
        .filter(|file| file.reading.outcome == Outcome::Unusable)
        .map(|file| file.reading.diagnostics[0].code)
        .collect();
    assert_eq!(unusable, ["agent::too-big", "agent::not-text"]);
}

#[test]
fn files_are_looked_at_by_themselves() {
    let stage = Stage::with(&[("x/a.md", "a"), ("x/b.md", "b"), ("y.md", "y")]);
    let found = look_at(&[stage.path("y.md"), stage.path("x"), stage.path("none.md")], &stage.places("work", &[]));
    assert_eq!(found.files.len(), 3);
    assert!(found.troubles[0].contains("none.md"), "{:?}", found.troubles);
}
