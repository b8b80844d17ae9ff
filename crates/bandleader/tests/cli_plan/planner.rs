//! A planner that is told what is wrong, one that stays wrong, and one that means harm.

use std::fs;

use model_server::ModelServer;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::cli_support::{Live, band, empty, json};
use super::stage::{bad, good, read, says, with_model};

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
