//! Questions: answered by a person, by time, or not at all.

use serde_json::{Value, json};

use crate::cli_support::{band, json};
use crate::client::{Client, Stage, of_task};
use crate::tools::wait_for;

fn question(more: &Value) -> Value {
    let mut question = json!({
        "question": "Which region?", "recommend": "A",
        "options": [{ "id": "A", "name": "Frankfurt", "cost": "3 USD" }, { "id": "B", "name": "Dublin" }],
    });
    for (key, value) in more.as_object().unwrap() {
        question[key] = value.clone();
    }
    question
}

#[test]
fn a_person_decides_while_the_agent_waits() {
    let stage = Stage::begin("");
    let mut client = Client::greet(stage.path());
    let open = client.good("ask", question(&json!({ "wait_seconds": 0 })));
    assert!(open.starts_with("Still open") && open.contains("the same question"), "{open}");
    wait_for(|| !json(stage.path(), &["decide", "--json"]).as_array().unwrap().is_empty());
    let listed = band(stage.path(), &["decide"]).out;
    for words in ["? 1 Which region?", "A  Frankfurt (recommended)\n       cost 3 USD\n", "B  Dublin", "A is taken in"]
    {
        assert!(listed.contains(words), "{words} is missing in\n{listed}");
    }
    let status = band(stage.path(), &["status"]).out;
    assert!(status.contains("Which region? (a) [A, B]") && status.contains("band decide 1 A"), "{status}");

    let by_task = of_task(stage.path()).args(["decide", "1", "B"]).output().unwrap();
    assert_eq!(by_task.status.code(), Some(2), "an agent answers nothing");
    assert_eq!(band(stage.path(), &["decide", "1", "C"]).code, 2);
    assert_eq!(band(stage.path(), &["decide", "7", "A"]).code, 2);
    let said = band(stage.path(), &["decide", "1", "b", "--because", "cheaper \u{1b}[2J"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("question 1: B (Dublin), by") && said.err.contains("cheaper \\e[2J"), "{}", said.err);
    assert_eq!(band(stage.path(), &["decide", "1", "A"]).code, 2, "the first answer counts");

    let answer = client.good("ask", question(&json!({})));
    assert!(answer.starts_with("Decided: option B (Dublin), by") && answer.contains("cheaper"), "{answer}");
    drop(client);
    let (text, folder) = stage.end();
    assert!(text.contains("question") && text.contains("decided"), "{text}");
    let decisions = &json(folder.path(), &["status", "--json"])["decisions"];
    assert_eq!(decisions.as_array().unwrap().len(), 1, "asked again it is the same: {decisions}");
    assert_eq!(
        (&decisions[0]["taken"]["option"], &decisions[0]["question"]["options"][0]["columns"]["cost"]),
        (&json!("B"), &json!("3 USD"))
    );
    let report = band(folder.path(), &["report"]).out;
    assert!(report.contains("Which region? Decided: B (Dublin), by"), "{report}");
}

#[test]
fn silence_takes_the_recommendation_and_says_so() {
    let stage = Stage::begin("");
    let mut client = Client::greet(stage.path());
    let answer = client.good("ask", question(&json!({ "patience_seconds": 1 })));
    assert_eq!(answer, "Decided: option A (Frankfurt), which was recommended; no person answered in time.");
    let none = json!({ "question": "What then?", "recommend": null, "patience_seconds": 1 });
    let answer = client.good("ask", question(&none));
    assert!(answer.starts_with("Nothing was decided"), "{answer}");
    drop(client);
    stage.end();
}

#[test]
fn a_question_ends_with_whoever_asked_it() {
    let stage = Stage::begin("");
    let mut client = Client::greet(stage.path());
    client.good("ask", question(&json!({ "wait_seconds": 0 })));
    wait_for(|| !json(stage.path(), &["decide", "--json"]).as_array().unwrap().is_empty());
    drop(client);
    let (_, folder) = stage.end();
    let taken = &json(folder.path(), &["status", "--json"])["decisions"][0]["taken"];
    assert_eq!((&taken["by"]["who"], &taken["option"]), (&json!("withdrawn"), &Value::Null));
}

#[test]
fn a_plan_that_asks_nobody_decides_at_once() {
    let stage = Stage::begin("mode: autonomous");
    let mut client = Client::greet(stage.path());
    let answer = client.good("ask", question(&json!({})));
    assert!(answer.starts_with("Decided: option A (Frankfurt), by a rule of the plan"), "{answer}");
    drop(client);
    stage.end();
}
