//! Plans as they are checked, drawn, rehearsed, found and begun.

use super::SHOP;
use super::cli_support::{band, project};

#[test]
fn a_good_plan_is_told_in_one_line() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.out, "Low-stock alerts: level 3, 2 phases, 4 tasks, at least 1 h 50 m\n");
    assert_eq!((said.err.as_str(), said.code), ("no problems in plan.yaml\n", 0));
}

#[test]
fn all_mistakes_are_shown_at_once_with_place_and_hint() {
    let folder = project("mission: x\ntasks:\n  - { id: a, run: 'true', needs: [bb] }\n  - { id: b, rum: 'true' }\n");
    let said = band(folder.path(), &["check", "plan.yaml"]);
    assert_eq!(said.code, 2);
    assert_eq!(said.out, "");
    for text in ["plan.yaml:3:35", "no task is called `bb`", "plan.yaml:4:14", "did you mean `run`?", "──"] {
        assert!(said.err.contains(text), "{text} is missing in\n{}", said.err);
    }
    let last = said.err.lines().last().unwrap();
    assert!(last.ends_with("errors in plan.yaml"), "{last}");
    let said = band(folder.path(), &["check", "plan.yaml", "--json"]);
    assert_eq!(said.code, 2);
    let problems: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(problems[0]["place"]["line"], 3);
    assert_eq!(problems[0]["code"], "plan::unknown-need");
}

#[test]
fn nothing_in_a_plan_reaches_the_terminal_unescaped() {
    let folder = project("mission: \"a\\e]0;owned\\a\"\ntasks:\n  - { id: a, run: 'true', \"k\\e[2J\u{202e}\": 1 }\n");
    for verb in ["check", "graph", "rehearse"] {
        let said = band(folder.path(), &[verb, "plan.yaml"]);
        let all = format!("{}{}", said.out, said.err);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{verb}: {all:?}");
        assert!(all.contains("\\e"), "{verb}: {all}");
    }
}

#[test]
fn a_tree_marks_the_critical_path_and_says_each_need_once() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["graph", "plan.yaml"]);
    let expected = "\
Low-stock alerts
level 3, 2 phases, 4 tasks, at most 2 at once

planning
├─● spec     sh  30 m
└─● threats  sh  20 m  after spec
build                  after planning
├─● api      sh   1 h
└─○ docs     sh  10 m

● critical path 1 h 50 m
  spec → threats → api
";
    assert_eq!(said.out, expected);
}

#[test]
fn pictures_are_well_formed_and_marked() {
    let folder = project(SHOP);
    let mermaid = band(folder.path(), &["graph", "plan.yaml", "--format", "mermaid"]).out;
    assert!(mermaid.starts_with("flowchart LR\n  subgraph g0 [\"planning\"]\n"), "{mermaid}");
    assert!(mermaid.contains("n0 --> n1\n"), "{mermaid}");
    let dot = band(folder.path(), &["graph", "plan.yaml", "--format", "dot"]).out;
    assert!(dot.contains("n0 -> n1 [penwidth=2.5, color=black];"), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    let svg = band(folder.path(), &["graph", "plan.yaml", "--format", "svg"]).out;
    assert_eq!(svg.matches("<g>").count() + svg.matches("<g ").count(), svg.matches("</g>").count(), "{svg}");
    assert_eq!(svg.matches("class=\"card").count(), 4, "{svg}");
    let json = band(folder.path(), &["graph", "plan.yaml", "--json"]).out;
    let graph: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(graph["critical_path"], serde_json::json!(["planning.spec", "planning.threats", "build.api"]));
}

#[test]
fn a_rehearsal_says_when_and_what_if() {
    let folder = project(SHOP);
    let said = band(folder.path(), &["rehearse", "plan.yaml", "--json"]);
    let rehearsal: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(rehearsal["makespan_ms"], 6_600_000);
    assert_eq!(rehearsal["what_if"][0], serde_json::json!({ "parallel": 1, "makespan_ms": 7_200_000 }));
    assert_eq!(rehearsal["resources"][0], serde_json::json!({ "name": "slots", "capacity": 2, "peak": 2 }));
    let said = band(folder.path(), &["rehearse", "plan.yaml", "--parallel", "1"]);
    assert!(said.out.contains("finished after 2 h\n"), "{}", said.out);
    assert!(said.out.contains("10 m sooner"), "{}", said.out);
}

#[test]
fn a_plan_is_found_by_name_in_the_project_before_the_built_in_ones() {
    let folder = project(SHOP);
    assert_eq!(band(folder.path(), &["check", "review"]).code, 0);
    let plans = folder.path().join(".band/plans");
    std::fs::create_dir_all(&plans).unwrap();
    std::fs::write(plans.join("review.yaml"), SHOP).unwrap();
    let said = band(folder.path(), &["check", "review"]);
    assert!(said.err.ends_with("in .band/plans/review.yaml\n"), "{}", said.err);
    let said = band(folder.path(), &["check", "reviw"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("no plan is called `reviw`"), "{}", said.err);
    assert!(said.err.contains("review"), "{}", said.err);
}

#[test]
fn init_makes_a_plan_that_is_right_and_never_overwrites() {
    let folder = tempfile::TempDir::new().unwrap();
    let said = band(folder.path(), &["init"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(band(folder.path(), &["check", "plan.yaml"]).code, 0);
    std::fs::write(folder.path().join("plan.yaml"), "mine").unwrap();
    let said = band(folder.path(), &["init"]);
    assert!(said.err.contains("kept plan.yaml"), "{}", said.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("plan.yaml")).unwrap(), "mine");
    let schema = std::fs::read_to_string(folder.path().join(".band/plans/plan.schema.json")).unwrap();
    assert_eq!(schema, band(folder.path(), &["schema"]).out);
}
