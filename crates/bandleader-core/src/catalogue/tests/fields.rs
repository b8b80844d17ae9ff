//! Single keys, and what is said about their values.

use super::super::PermissionMode;
use super::{check, check_more};

#[test]
fn a_whole_file_is_read() {
    let role = check(
        "name: api\ndescription: Builds APIs\ntools: Read, Bash(git diff *), Edit\ndisallowedTools: [Write]\nmodel: opus\n\
         permissionMode: acceptEdits\nmaxTurns: 30\neffort: high\nisolation: worktree\ncolor: red\nskills: [rest, sql]\n\
         mcpServers: [github, { db: { command: x } }]\nmemory: project\ninitialPrompt: Begin.\nbackground: true",
        "13:24 note agent::servers: this file says how to start an MCP server",
    );
    assert_eq!(role.tools.as_deref(), Some(["Read", "Bash(git diff *)", "Edit"].map(str::to_owned).as_slice()));
    assert_eq!((role.disallowed_tools.as_slice(), role.max_turns), (["Write".to_owned()].as_slice(), Some(30)));
    assert_eq!((role.model.as_deref(), role.permission_mode), (Some("opus"), Some(PermissionMode::AcceptEdits)));
    assert_eq!((role.effort.as_deref(), role.isolation.as_deref()), (Some("high"), Some("worktree")));
    assert_eq!(
        (role.skills, role.mcp_servers),
        (vec!["rest".into(), "sql".into()], vec!["github".into(), "db".into()])
    );
    assert_eq!((role.memory.as_deref(), role.initial_prompt.as_deref()), (Some("project"), Some("Begin.")));
    assert_eq!((role.color.as_deref(), role.background, role.instructions.as_str()), (Some("red"), true, "Hi."));
}

#[test]
fn names_and_descriptions_are_missed() {
    assert_eq!(
        check(
            "description: b",
            "1:1 warning agent::no-name: no `name` is given; the agent is called `file` after its file"
        )
        .name,
        "file"
    );
    check("name: a", "1:1 warning agent::no-description: no `description` is given");
    check("name: a\ndescription: ''", "3:14 warning agent::no-description: no `description` is given");
    check("name: '***'\ndescription: b", "2:7 warning agent::odd-name: `***` cannot be the name of an agent");
    check(
        "name: -a\ndescription: b",
        "2:7 warning agent::odd-name: `-a` has a form that is kept for agents of plugins",
    );
    check(
        "name: Big One\ndescription: b",
        "2:7 note agent::odd-name: the name `Big One` has more than lower-case letters, digits and dashes",
    );
    assert_eq!(
        check("name: a\\u{1b}b\ndescription: b", "2:7 warning agent::odd-name: the name `a\\u{1b}b` looks like a path")
            .name,
        "a\\u{1b}b"
    );
}

#[test]
fn values_that_cannot_be_used_are_left_out() {
    for (keys, problem) in [
        ("model: [a]", "4:8 warning agent::bad-value: `model` is a list, not a text"),
        ("tools:", "4:1 warning agent::bad-value: `tools` says nothing"),
        ("tools: all of them", "4:8 warning agent::bad-value: `all of them` is not the name of a tool"),
        ("skills: [a, {b: c}]", "4:13 warning agent::bad-value: `skills` has an item that is a map, not a name"),
        ("maxTurns: many", "4:11 warning agent::bad-value: `many` is not a number of turns"),
        ("maxTurns: 0", "4:11 warning agent::bad-value: `0` is not a number of turns"),
        ("background: yes", "4:13 warning agent::bad-value: `background` is neither true nor false"),
        ("isolation: vm", "4:12 warning agent::bad-value: `vm` is not one of `worktree` for `isolation`"),
        (
            "permissionMode: yolo",
            "4:17 warning agent::bad-value: `yolo` is not one of `default`, `acceptEdits`, `auto`, `dontAsk`, `bypassPermissions`, `plan` or `manual`",
        ),
        ("permissionMode: bypassPermissions", "4:17 note agent::bypass: the file asks for every permission"),
        ("hooks: {Stop: []}", "4:1 note agent::hooks: this file has hooks, which are shell code"),
        ("disallowed-tools: Bash", "4:1 warning agent::unknown-key: `disallowed-tools` is not a key of agent files"),
        ("version: 1\ntags: [a]", "4:1 note agent::unknown-key: `version` and `tags` are not keys of agent files"),
    ] {
        check_more(keys, problem);
    }
}

#[test]
fn all_tools_and_no_tools_are_told_apart() {
    assert_eq!(check_more("model: inherit", "").tools, None);
    assert_eq!(check_more("tools: '*'", "").tools, None);
    assert_eq!(check_more("tools: []", "").tools, Some(vec![]));
    let role =
        check_more("tools: *", "4:8 note agent::not-yaml: these keys are not YAML: a text cannot start with `*`");
    assert_eq!(role.tools, None);
}

#[test]
fn where_yaml_gives_up_its_reason_is_told_with_its_place() {
    let role = check(
        "name: a\ndescription: Use it: often\ntools: Read",
        "3:20 note agent::not-yaml: these keys are not YAML: a second `:` in one line",
    );
    assert_eq!((role.description.as_str(), role.tools), ("Use it: often", Some(vec!["Read".into()])));
}
