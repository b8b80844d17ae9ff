//! Whose name counts, and what else an agent answers to.

use super::super::{Catalogue, Found, Role, Shelf};

fn catalogue(names: &[(&str, Shelf)]) -> Catalogue {
    let found = names.iter().enumerate().map(|(at, (name, shelf))| Found {
        role: Role { name: (*name).to_owned(), ..Role::default() },
        shelf: *shelf,
        path: format!("{at}.md"),
    });
    Catalogue::new(found, vec!["agents".into()])
}

#[test]
fn the_first_of_a_name_wins_and_the_others_are_told() {
    let all = catalogue(&[("a", Shelf::Given), ("b", Shelf::Project), ("a", Shelf::User)]);
    assert_eq!(all.names().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all.entry("a").map(|entry| entry.path.as_str()), Some("0.md"));
    let [one] = all.shadowed() else { panic!("{:?}", all.shadowed()) };
    assert_eq!((one.name.as_str(), one.path.as_str(), one.by.as_str()), ("a", "2.md", "0.md"));
}

#[test]
fn every_agent_has_an_id_of_its_own() {
    let all = catalogue(&[
        ("Big One", Shelf::User),
        ("big-one", Shelf::User),
        ("BIG ONE", Shelf::User),
        ("日本", Shelf::User),
    ]);
    let id = |name| all.entry(name).map(|entry| entry.id.as_str());
    assert_eq!(
        (id("big-one"), id("BIG ONE"), id("Big One"), id("日本")),
        (Some("big-one"), Some("big-one-2"), Some("big-one-3"), Some("agent"))
    );
    assert_eq!(all.role("big-one-3").map(|role| role.name.as_str()), Some("Big One"));
}

#[test]
fn a_plugins_agent_answers_to_its_last_name_if_nobody_else_does() {
    let all = catalogue(&[
        ("reviewer", Shelf::User),
        ("one:reviewer", Shelf::Plugin),
        ("one:tester", Shelf::Plugin),
        ("two:tester", Shelf::Plugin),
        ("two:deep:planner", Shelf::Plugin),
    ]);
    let name = |called| all.role(called).map(|role| role.name.as_str());
    assert_eq!(name("reviewer"), Some("reviewer"));
    assert_eq!(name("one:reviewer"), Some("one:reviewer"));
    assert_eq!(name("one-reviewer"), Some("one:reviewer"));
    assert_eq!(name("tester"), None);
    assert_eq!(name("planner"), Some("two:deep:planner"));
}

#[test]
fn near_names_are_slips_first_then_those_that_share_a_word() {
    let all = catalogue(&[("backend-architect", Shelf::User), ("backend-expert", Shelf::User), ("poet", Shelf::User)]);
    assert_eq!(all.nearest("backend-architct", 3), ["backend-architect", "backend-expert"]);
    assert_eq!(all.nearest("frontend-architect", 3), ["backend-architect"]);
    assert!(all.nearest("zzz", 3).is_empty());
}
