//! Without a terminal: answers from files and defaults, and what the templates make of them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::cli_support::{band, empty, json};
use super::stage::{SOCIAL, read};

#[test]
fn a_script_gets_the_plan_on_stdout_and_the_account_beside_it() {
    let folder = empty();
    let said = band(folder.path(), &["plan", SOCIAL, "--template", "saas", "--level", "3"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("# Written by `band plan` from the built-in template `saas`"), "{}", said.out);
    for words in [
        "critical path",
        "finish ",
        "by agents without history; no limit",
        "assumed ",
        "left out",
        "because you asked for it",
    ] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let chosen = band(folder.path(), &["plan", "Fix the crash on login", "--json"]);
    let told: Value = serde_json::from_str(&chosen.out).unwrap();
    assert_eq!(told["kind"], "bugfix");
    assert_eq!(told["from"]["because"], "because the request says \"fix\"");
    assert!(!told["graph"]["tasks"].as_array().unwrap().is_empty());
    let nobody = band(folder.path(), &["plan", "Fix it", "--agent", "nope"]);
    assert_eq!((nobody.code, nobody.out.as_str()), (2, ""));
    assert!(nobody.err.starts_with("error: no agent is called `nope`\n"), "{}", nobody.err);
    assert!(told["outlook"]["finish_ms"].as_u64().unwrap() > 0 && told["problems"].as_array().unwrap().is_empty());
}

const TEMPLATES: [&str; 6] = ["saas", "feature", "review", "bugfix", "migration", "research"];

/// What a plan asks people, and which of it waits for nobody but a person.
fn asked(folder: &Path, plan: &str) -> (usize, usize) {
    let policy = json(folder, &["policy", plan, "--json"]);
    let decisions = policy.get("decisions").and_then(Value::as_array).unwrap();
    let asks = decisions.iter().filter(|one| one["asks"] == true);
    (asks.clone().count(), asks.filter(|one| one["within_ms"].is_null()).count())
}

/// Every template at every level, in the mode of the level, asking everything and asking nothing, with no answers and with all.
#[test]
fn every_template_checks_at_every_level_in_both_modes_and_higher_levels_ask_more() {
    let folder = empty();
    let everything = "answers: { stack: Rust, integrations: Stripe, compliance: GDPR, data: 4 GB, features: suggestions by AI, budget: 20 USD }";
    fs::write(folder.path().join("all.yaml"), everything).unwrap();
    for template in TEMPLATES {
        let mut before = 0;
        for level in ["1", "2", "3", "4", "5"] {
            for mode in ["", "interactive", "autonomous"] {
                for (number, answers) in [&[][..], &["--answers", "all.yaml"]].into_iter().enumerate() {
                    let file = format!("{template}-{level}-{mode}-{number}.yaml");
                    let words = ["plan", "Do it", "--template", template, "--level", level, "--output", &file];
                    let mode: &[&str] = if mode.is_empty() { &[] } else { &["--mode", mode] };
                    let planned = band(folder.path(), &[&words[..], mode, answers].concat());
                    assert_eq!(planned.code, 0, "{file}: {}", planned.err);
                    assert_eq!(json(folder.path(), &["check", &file, "--json"]), json!([]), "{file}");
                }
            }
            let of = |mode: &str| asked(folder.path(), &format!("{template}-{level}-{mode}-1.yaml"));
            assert!(of("interactive").0 >= before, "{template} asks less at level {level}");
            before = of("interactive").0;
            let (asks, waits) = of("autonomous");
            assert_eq!(asks, waits, "{template}, level {level}: without people only what a person must choose waits");
            if matches!(level, "1" | "2" | "3") {
                assert_eq!(asks, 0, "{template}, level {level}: nothing waits");
            }
            match level {
                "1" => assert_eq!(of("").0, 0, "{template}: level 1 asks nothing by itself"),
                "2" => {}
                _ => assert!(of("").0 > 0, "{template} asks nothing at level {level}"),
            }
        }
        assert!(before >= 2, "{template} asks {before} times at level 5");
    }
    let text = read(folder.path(), "feature-3--1.yaml");
    for words in ["run: cargo test", "cost: 20 USD", "id: connections", "Which rules apply? GDPR"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("mode:"), "the level says it: {text}");
    assert!(!read(folder.path(), "feature-3--0.yaml").contains("make test"), "no command is known");
}

#[test]
fn who_is_asked_is_the_level_s_or_the_person_s_and_is_kept_with_the_answers() {
    let folder = empty();
    let plan = |more: &[&str]| band(folder.path(), &[&["plan", "Build a shop", "--template", "saas"], more].concat());
    assert!(!plan(&["--level", "1"]).out.contains("mode:"));
    let said = plan(&["--level", "1", "--mode", "interactive", "--save-answers", "a.yaml"]);
    assert!(said.out.contains("\nmode: interactive\n"), "{}", said.out);
    let again = band(folder.path(), &["plan", "--answers", "a.yaml"]);
    assert!(again.out.contains("\nlevel: 1\n") && again.out.contains("\nmode: interactive\n"), "{}", again.out);
    let wrong = plan(&["--mode", "loud"]);
    assert!(wrong.code == 2 && wrong.err.contains("the modes are interactive"), "{}", wrong.err);
}

#[test]
fn answers_are_saved_read_again_and_never_overwritten() {
    let folder = empty();
    fs::write(
        folder.path().join("a.yaml"),
        "request: Build a shop\nlevel: 2\nanswers:\n  audience: people: with {{ odd }} signs\n",
    )
    .unwrap();
    let broken = band(folder.path(), &["plan", "--answers", "a.yaml"]);
    assert_eq!((broken.code, broken.out.as_str()), (2, ""), "{}", broken.err);
    fs::write(
        folder.path().join("a.yaml"),
        "request: Build a shop\nlevel: 2\nanswers:\n  audience: 'people: with {{ odd }} signs'\n",
    )
    .unwrap();
    let first = band(folder.path(), &["plan", "--answers", "a.yaml", "--save-answers", "b.yaml", "--output", "p.yaml"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(read(folder.path(), "p.yaml").contains("people: with {{ odd }} signs"));
    assert_eq!(band(folder.path(), &["check", "p.yaml", "--json"]).out, "[]\n");
    let again = band(folder.path(), &["plan", "--answers", "b.yaml"]);
    assert!(again.out.contains("level: 2\n") && again.out.contains("people: with {{ odd }} signs"), "{}", again.out);
    for arguments in [["--output", "p.yaml"], ["--save-answers", "b.yaml"]] {
        let taken = band(folder.path(), &[&["plan", "Build a shop"][..], &arguments].concat());
        assert_eq!(taken.code, 2);
        assert!(taken.err.contains("nothing is overwritten"), "{}", taken.err);
    }
}

#[test]
fn a_mistake_in_answers_is_shown_with_its_place() {
    let folder = empty();
    fs::write(folder.path().join("a.yaml"), "answers:\n  audienc: shops\n  timeline: soon\n").unwrap();
    let said = band(folder.path(), &["plan", "Build a shop", "--answers", "a.yaml"]);
    assert_eq!(said.code, 2);
    for words in ["did you mean `audience`", "`soon` is not among urgent", "2 errors in a.yaml", "a.yaml:2"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let nothing = band(folder.path(), &["plan"]);
    assert!(nothing.code == 2 && nothing.err.contains("what is it that you want"), "{}", nothing.err);
}
