//! `band plan`: answers from a file, an interview at a terminal, templates at every level, and a planner that gets it wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use std::fs;
use std::path::Path;

use cli_support::{Live, band, empty, json};
use model_server::ModelServer;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const SOCIAL: &str = "I want to build a SaaS tool for social media scheduling with AI-powered suggestions";

/// A plan as a planner answers it.
fn good() -> Value {
    json!({
        "mission": "Alerts", "level": 5, "limits": { "parallel": 2, "cost": "900 USD" },
        "inputs": { "brief": { "type": "text", "default": "Alerts for shops" } },
        "agents": { "builder": { "description": "Builds.", "instructions": "You build." } },
        "phases": [{ "id": "build", "title": "Build", "tasks": [
            { "id": "api", "agent": "builder", "task": "Build it.", "input": "{{ inputs.brief }}", "expected_time": "30 minutes" },
            { "id": "try", "agent": "builder", "task": "Try it.", "needs": ["api"], "expected_time": "10 minutes" },
        ] }],
    })
}

/// The same with a need that nobody fulfils.
fn bad() -> Value {
    let mut plan = good();
    *plan.pointer_mut("/phases/0/tasks/1/needs").unwrap() = json!(["apo"]);
    plan
}

fn says(text: &Value) -> Value {
    json!({ "text": text.to_string(), "usage": [100, 50] })
}

/// A project whose planner is a model behind `server`.
fn with_model(server: &ModelServer) -> tempfile::TempDir {
    let folder = empty();
    let agent = format!(
        "[agents.planner]\ndriver = \"llm\"\nmodel = \"local\"\nbase_url = \"{}\"\n\
         [agents.shopkeeper]\ndriver = \"llm\"\nmodel = \"local\"\ndescription = \"Knows what shops need.\"\n\
         [prices]\nlocal = {{ input = \"2 USD\", output = \"10 USD\" }}\n",
        server.url()
    );
    fs::write(folder.path().join("band.toml"), agent).unwrap();
    folder
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_script_gets_the_plan_on_stdout_and_the_account_beside_it() {
    let folder = empty();
    let said = band(folder.path(), &["plan", SOCIAL, "--template", "saas", "--level", "3"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("# Written by `band plan` from the built-in template `saas`"), "{}", said.out);
    for words in
        ["critical path", "finish ", "unknown before a first run", "assumed ", "left out", "because you asked for it"]
    {
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

#[test]
fn at_a_terminal_one_is_asked_goes_back_and_leaves_the_rest() {
    let folder = empty();
    let line = format!("plan '{SOCIAL}' --template saas --level 3 --interactive --no-menu --output p.yaml");
    let mut plan = Live::at_terminal(folder.path(), &line);
    let dialogue = [
        ("What problem does it solve?", "Shops vanish\r"),
        ("Who is it for?", "shops\r"),
        ("What does success look like?", "<\r"),
        ("Enter keeps: shops", "<\r"),
        ("Enter keeps: Shops vanish", "\r"),
        ("Who is it for?", "small shops\r"),
        ("first customers use it every day", "\r"),
        ("what need not?", "\r"),
        ("Which languages", "React\r"),
        ("Which systems", "Instagram\r"),
        ("test accounts", "\u{4}"),
    ];
    for (question, answer) in dialogue {
        plan.wait_for(question);
        plan.text.clear();
        plan.press(answer);
    }
    assert_eq!(plan.end(), 0, "{}", plan.text);
    assert!(plan.text.contains(" is written; `band check p.yaml`"), "{}", plan.text);
    let text = read(folder.path(), "p.yaml");
    for words in [
        "does it solve? Shops vanish\n",
        "Who is it for? small shops\n",
        "run: npm test",
        "id: connections",
        "Instagram",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_is_on_the_screen_can_be_edited_and_saved() {
    let folder = empty();
    fs::write(folder.path().join("plan.yaml"), "mine\n").unwrap();
    let edit = "sed -i -e 's/^level: .*/level: 4/' ";
    fs::write(folder.path().join("editor"), format!("#!/bin/sh\n{edit} \"$1\"\n")).unwrap();
    let line = "plan 'Fix the crash' --template bugfix";
    let mut plan = Live::at_terminal_with(folder.path(), &[("VISUAL", ""), ("EDITOR", "sh ./editor")], line);
    plan.wait_for(" quit");
    plan.text.clear();
    plan.press("r\r");
    plan.wait_for("a template takes no notes");
    plan.text.clear();
    plan.press("e\r");
    plan.wait_for("your editor");
    plan.wait_for(" quit");
    plan.press("s\r");
    assert_eq!(plan.end(), 0, "{}", plan.text);
    assert_eq!(read(folder.path(), "plan.yaml"), "mine\n", "what is there stays");
    assert!(read(folder.path(), "plan-2.yaml").contains("\nlevel: 4\n"));
}

#[test]
fn a_planner_is_told_what_is_wrong_twice_and_then_right() {
    let no_json = json!({ "text": "Here is my plan: first we build it.", "usage": [100, 50] });
    let server = ModelServer::playing(json!([
        { "if": { "user": "no whole JSON" }, "times": 1, "do": says(&bad()) },
        { "if": { "user": "apo" }, "times": 1, "do": says(&good()) },
        { "times": 1, "do": no_json },
    ]))
    .unwrap();
    let folder = with_model(&server);
    let told = json(folder.path(), &["plan", "Alerts for shops", "--level", "2", "--json"]);
    assert_eq!((&told["from"]["planner"], &told["from"]["asked"]), (&json!("planner"), &json!(3)), "{told:#}");
    // Three times 100 tokens at 2 and 50 at 10 dollars a million.
    assert_eq!((&told["from"]["tokens"], &told["from"]["cost_millionths"]), (&json!(450), &json!(2100)), "{told:#}");
    let plan = told["plan"].as_str().unwrap();
    assert!(plan.contains("level: 2\n") && plan.contains("id: try"), "the level is the person's: {plan}");
    let log = server.log();
    let asked: Vec<String> = log.iter().map(ToString::to_string).collect();
    assert_eq!(asked.len(), 3);
    assert!(
        asked[0].contains("Alerts for shops")
            && asked[0].contains("expected_time")
            && asked[0].contains("Level 2 of 5")
            && asked[0].contains("- shopkeeper: Knows what shops need.")
            && !asked[0].contains("- planner:")
    );
    assert!(asked[2].contains("plan::unknown-need") && asked[2].contains("did you mean"), "{}", asked[2]);
}

#[test]
fn a_planner_that_stays_wrong_is_given_up() {
    let server = ModelServer::playing(json!([{ "do": says(&bad()) }])).unwrap();
    let folder = with_model(&server);
    let asked = band(folder.path(), &["plan", "Alerts for shops", "--agent", "planner"]);
    assert_eq!((asked.code, asked.out.as_str()), (3, ""), "{}", asked.err);
    assert!(asked.err.contains("after 3 tries") && asked.err.contains("`apo`"), "{}", asked.err);
    assert_eq!(server.log().len(), 3);
    // Nobody insisted on it: a template is better than nothing, and it is said.
    let told = json(folder.path(), &["plan", "Alerts for shops", "--json"]);
    assert_eq!(told["from"]["template"], "saas");
    assert!(told["fallback"].as_str().unwrap().contains("after 3 tries"), "{told:#}");
}

#[test]
fn an_answer_that_breaks_off_is_asked_for_again() {
    let server = ModelServer::playing(json!([
        { "times": 1, "do": { "text": good().to_string(), "usage": [100, 50], "cut_after": 200 } },
        { "do": says(&good()) },
    ]))
    .unwrap();
    let folder = with_model(&server);
    let said = band(folder.path(), &["plan", "Alerts for shops", "--output", "p.yaml"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("asking again") && said.err.contains("asked 2 times"), "{}", said.err);
    assert_eq!(band(folder.path(), &["check", "p.yaml", "--json"]).out, "[]\n");
}

#[test]
fn a_hostile_plan_gets_nowhere() {
    let mut plan = good();
    plan["agents"]["builder"]["permissions"] = json!("full");
    plan["agents"]["builder"]["instructions"] = json!("../secret.txt");
    plan["mission"] = json!("Alerts \u{1b}[2J {{ env.HOME }}");
    let server = ModelServer::playing(json!([
        { "if": { "user": "only a person gives that" }, "do": says(&good()) },
        { "do": says(&plan) },
    ]))
    .unwrap();
    let folder = with_model(&server);
    fs::write(folder.path().join("secret.txt"), "the secret").unwrap();
    let said = band(folder.path(), &["plan", "Alerts for shops"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains("full") && !said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'));
    assert!(server.log().iter().all(|asked| !asked.to_string().contains("the secret")));
}

#[test]
fn a_planner_may_be_any_program_and_ends_with_us() {
    let folder = empty();
    let script = format!("cat > asked\ncat <<'PLAN'\n{}\nPLAN\n", good());
    fs::write(folder.path().join("planner.sh"), script).unwrap();
    fs::write(folder.path().join("waits.sh"), "echo $$ > pid\nexec sleep 1000\n").unwrap();
    let agents =
        "[agents.planner]\ncommand = [\"sh\", \"planner.sh\"]\n[agents.slow]\ncommand = [\"sh\", \"waits.sh\"]\n";
    fs::write(folder.path().join("band.toml"), agents).unwrap();
    let said = band(folder.path(), &["plan", "Alerts for shops"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("the planner `planner` (command)")
            && read(folder.path(), "asked").contains("Alerts for shops")
    );

    let mut waiting = Live::piped(folder.path(), &["plan", "Alerts for shops", "--agent", "slow"]);
    let pid = loop {
        if let Ok(pid) = fs::read_to_string(folder.path().join("pid")).unwrap_or_default().trim().parse::<i32>() {
            break Pid::from_raw(pid).unwrap();
        }
        std::thread::yield_now();
    };
    kill_process(Pid::from_raw(waiting.pid()).unwrap(), Signal::TERM).unwrap();
    assert_eq!(waiting.end(), 130, "{}", waiting.text);
    assert!(rustix::process::test_kill_process(pid).is_err(), "its program is gone");
}

#[test]
fn another_plan_by_a_note_is_approved_and_run() {
    let plan = |id: &str| json!({ "mission": "Alerts", "tasks": [{ "id": id, "run": "echo done > done.txt", "expected_time": "1 minute" }] });
    let server = ModelServer::playing(json!([
        { "if": { "user": "make it smaller" }, "do": says(&plan("small")) },
        { "do": says(&plan("large")) },
    ]))
    .unwrap();
    let folder = with_model(&server);
    let mut planning = Live::at_terminal(folder.path(), "plan 'Alerts for shops'");
    for (words, answer) in [("large", "r\r"), ("What should be different?", "make it smaller\r"), ("small", "a\r")] {
        planning.wait_for(words);
        planning.wait_for(if answer == "make it smaller\r" { "> " } else { " quit" });
        planning.text.clear();
        planning.press(answer);
    }
    assert_eq!(planning.end(), 0, "{}", planning.text);
    assert_eq!(read(folder.path(), "done.txt"), "done\n");
    assert!(read(folder.path(), "plan.yaml").contains("id: small"));
    assert!(server.log().iter().any(|asked| asked.to_string().contains("Your earlier plan")));
}
