//! `band agents`, and plans that name agents of the catalogue and of `band.toml`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use std::fs;
use std::path::Path;

use cli_support::{Said, band, json, project};

/// Writes agent files: path and text.
fn write(project: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = project.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const ARCHITECT: &str = "---\nname: backend-architect\ndescription: Designs services. Use when: an API is needed.\n\
    tools: Read, Bash(git diff *)\nmodel: opus\nhooks: {Stop: [{command: touch hooked}]}\n---\n\nYou design services.\n";
const POET: &str = "---\nname: poet\ndescription: Writes\n  verse\n---\nRhyme.\n";

/// A project `work`, a repository, with the home around it.
fn stage() -> tempfile::TempDir {
    let folder = project("");
    write(
        folder.path(),
        &[
            ("work/.git/HEAD", ""),
            ("work/.claude/agents/backend-architect.md", ARCHITECT),
            ("work/.claude/agents/README.md", "# Our agents\n"),
            (".claude/agents/poet.md", POET),
            (".claude/agents/other.md", &ARCHITECT.replace("opus", "haiku")),
        ],
    );
    folder
}

fn in_work(folder: &Path, arguments: &[&str]) -> Said {
    band(folder, &[&["-C", "work"], arguments].concat())
}

#[test]
fn agents_are_listed_in_columns_and_the_first_of_a_name_counts() {
    let folder = stage();
    let said = in_work(folder.path(), &["agents", "list"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let expected = "\
NAME               FROM     MODEL     TOOLS  DESCRIPTION
backend-architect  project  opus      2      Designs services. Use when: an API…
poet               user     -         all    Writes verse
";
    assert_eq!(said.out, expected);
    assert_eq!(said.err, "1 file does not count, because another has the name; `band agents check` says which\n");
    let listed = json(folder.path(), &["-C", "work", "agents", "list", "--json"]);
    assert_eq!(listed[0]["path"], ".claude/agents/backend-architect.md");
    assert_eq!(listed[0]["shadows"], serde_json::json!(["~/.claude/agents/other.md"]));
    write(folder.path(), &[("team/x.md", &POET.replace("verse", "prose"))]);
    let listed = json(folder.path(), &["-C", "work", "agents", "list", "--agents", "../team", "--json"]);
    assert_eq!((&listed[1]["from"], &listed[1]["description"]), (&"given".into(), &"Writes prose".into()));
    let said = in_work(folder.path(), &["agents", "list", "--agents", "nowhere"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.starts_with("error: `--agents nowhere` is not a folder\n"), "{}", said.err);
}

#[test]
fn one_agent_is_shown_with_all_that_its_file_says() {
    let folder = stage();
    let said = in_work(folder.path(), &["agents", "show", "backend-architect"]);
    let expected = "\
backend-architect
from          .claude/agents/backend-architect.md (project)
in place of   ~/.claude/agents/other.md
description   Designs services. Use when: an API is needed.
model         opus
tools         Read, Bash(git diff *)
hooks         in the file; never run

You design services.
";
    assert_eq!(said.out, expected, "{}", said.err);
    assert!(said.err.contains("these keys are not YAML") && said.err.contains("hooks"), "{}", said.err);
    assert!(!folder.path().join("work/hooked").exists(), "nothing of a file is run");
    let shown = json(folder.path(), &["-C", "work", "agents", "show", "poet", "--json"]);
    assert_eq!(shown["role"]["instructions"], "Rhyme.");
    let said = in_work(folder.path(), &["agents", "show", "backend-architct"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("did you mean `backend-architect`?"), "{}", said.err);
}

#[test]
fn problems_are_shown_with_place_meaning_and_advice() {
    let folder = stage();
    let said = in_work(folder.path(), &["agents", "check"]);
    assert_eq!(said.code, 0, "warnings are no failure: {}", said.err);
    assert_eq!(said.out, "3 agents, 1 file skipped: 6 notes\n");
    for words in [
        "note[agent::not-yaml]: these keys are not YAML: a second `:` in one line",
        ".claude/agents/backend-architect.md:3:40",
        "──",
        "help: Claude Code may skip this file",
        "note[agent::shadowed]: another file has this name: `.claude/agents/backend-",
    ] {
        assert!(said.err.contains(words), "{words} is missing in\n{}", said.err);
    }
    write(folder.path(), &[("work/.claude/agents/list.md", "---\n- a\n---\n")]);
    let said = in_work(folder.path(), &["agents", "check", ".claude/agents/list.md"]);
    assert_eq!((said.code, said.out.as_str()), (2, "0 agents, 1 file unusable: 1 error\n"));
    assert!(said.err.contains("front matter is not a mapping"), "{}", said.err);
    let checked = json(folder.path(), &["-C", "work", "agents", "check", ".claude", "--json"]);
    let unusable = checked.as_array().unwrap().iter().find(|file| file["outcome"] == "unusable").unwrap();
    assert_eq!(
        (&unusable["problems"][0]["place"]["line"], &unusable["problems"][0]["means"]),
        (&2.into(), &"the agent cannot be used".into())
    );
    let said = in_work(folder.path(), &["agents", "check", "nowhere.md"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: `nowhere.md` is not there\n"));
}

#[test]
fn nothing_in_an_agent_file_reaches_the_terminal_unescaped() {
    let folder = project("");
    let bad = "---\nname: \"a\\e]0;owned\\a\"\ndescription: \"x\\e[2Jy\u{202e}\"\nmodel: \"\\e[31m\"\n\"k\\e[1m\": 1\n---\nTold \u{1b}[2J\u{200b}.\n";
    write(folder.path(), &[(".claude/agents/bad\u{1b}[31m.md", bad)]);
    for arguments in
        [&["agents", "list"][..], &["agents", "show", "a]0;owned"], &["agents", "check"], &["agents", "list", "--json"]]
    {
        let said = band(folder.path(), arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}", said.err);
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}']), "{arguments:?}: {all:?}");
    }
}

#[test]
fn plans_find_their_agents_and_check_says_where() {
    let folder = stage();
    let plan = "mission: m\nagents: { bot: { command: [cat], instructions: ../.claude/agents/poet.md } }\n\
        tasks:\n  - { id: a, agent: bot, task: t }\n  - { id: b, agent: helper, task: t }\n";
    write(
        folder.path(),
        &[("work/plan.yaml", plan), ("work/band.toml", "[agents.helper]\ncommand = [\"cat\"]\nmax_parallel = 2\n")],
    );
    let said = in_work(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.err, "no problems in plan.yaml\n2 agents: 1 of the plan, 1 of band.toml\n");
    let said = in_work(folder.path(), &["run", "plan.yaml", "--plain"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    write(
        folder.path(),
        &[(
            "work/plan.yaml",
            "mission: m\ntasks:\n  - { id: a, agent: poet, task: t }\n  - { id: b, agent: poett, task: t }\n",
        )],
    );
    let said = in_work(folder.path(), &["check", "plan.yaml"]);
    assert!(said.err.contains("1 agent: 1 of ~/.claude/agents\n"), "{}", said.err);
    let problems = json(folder.path(), &["-C", "work", "check", "plan.yaml", "--json"]);
    let unknown = problems.as_array().unwrap().iter().find(|one| one["code"] == "plan::unknown-agent").unwrap();
    assert_eq!(
        unknown["hint"],
        "did you mean `poet`? Searched: the plan, `band.toml`, `.claude/agents` and `~/.claude/agents`"
    );
}

#[test]
fn mistakes_in_band_toml_are_shown_at_their_line() {
    let folder = stage();
    write(
        folder.path(),
        &[
            ("work/plan.yaml", "mission: m\ntasks: [{ id: a, run: 'true' }]\n"),
            (".config/band/band.toml", "[agents.helper]\nmodle = \"opus\"\n"),
        ],
    );
    let said = in_work(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.code, 2);
    for words in ["`modle` is not a key of an agent", "band.toml:2:1", "did you mean `model`?"] {
        assert!(said.err.contains(words), "{words} is missing in\n{}", said.err);
    }
}
