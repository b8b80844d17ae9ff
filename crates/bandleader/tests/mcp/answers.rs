//! Decisions: only what the client says that a person gave counts.

use serde_json::{Value, json};

use crate::cli_support::{band, json, none_left, project};
use crate::client::{Client, Person, with_inline};

/// It asks at once, and ends with what was chosen.
pub(crate) const ASKS: &str = "mission: Asks\ntasks:\n  - id: which\n    decision:\n      question: \"Which \\u001b[31mregion?\"\n      timeout: none\n      options:\n        - { id: A, name: Frankfurt, cost: 3 }\n        - { id: B, name: Dublin, cost: 2 }\n      recommend: A\n  - { id: b, run: 'echo \"$CHOSEN\" > said', needs: [which], env: { CHOSEN: '{{ needs.which.outputs.choice }}' } }\n";

fn begin(client: &mut Client) -> Value {
    let preview = client.good("preview_run", json!({ "plan": "plan.yaml" }));
    assert_eq!(preview["can_start"], json!(true), "{preview}");
    client.good("start_run", json!({ "token": preview["token"] }));
    client.question()
}

#[test]
fn a_person_is_asked_by_their_program_and_their_answer_counts() {
    let folder = project(ASKS);
    let mut client = Client::with(folder.path(), Person::Gives(json!({ "option": "B", "because": "cheaper" })));
    let number = begin(&mut client);
    let listed = client.good("list_decisions", json!({}));
    assert_eq!(listed["decisions"], json(folder.path(), &["inbox", "--json"]), "the same as the verb's");
    let answered = client.good("answer_decision", json!({ "decision": number, "suggest": "A" }));
    assert_eq!(answered["taken"]["option"], "B");
    assert_eq!(answered["taken"]["by"]["who"], "person", "{answered}");
    assert_eq!(answered["taken"]["because"], "cheaper");
    assert_eq!(client.asked.len(), 1);
    let form = &client.asked[0];
    let message = form["message"].as_str().unwrap();
    assert!(message.contains("Which \\e[31mregion?") && message.contains("The assistant suggests: A."), "{message}");
    let options = &form["requestedSchema"]["properties"]["option"]["oneOf"];
    assert_eq!(options[1], json!({ "const": "B", "title": "B: Dublin (cost 2)" }), "{form}");
    assert!(client.bad("answer_decision", json!({ "decision": number })).contains("was decided before"));
    assert_eq!(client.ended()["state"], "succeeded");
    assert_eq!(std::fs::read_to_string(folder.path().join("said")).unwrap(), "B\n");
    none_left(folder.path());
}

#[test]
fn without_a_person_a_question_stays_open_and_says_what_to_do() {
    let folder = project(ASKS);
    let mut client = Client::with(folder.path(), Person::Absent);
    let number = begin(&mut client);
    let words = client.bad("answer_decision", json!({ "decision": number, "suggest": "A" }));
    assert!(words.contains("only people decide") && words.contains("band decide"), "{words}");
    assert!(
        client.bad("answer_decision", json!({ "decision": number, "option": "A" })).contains("unknown field `option`")
    );
    assert!(client.bad("answer_decision", json!({ "decision": 9 })).contains("no question 9"));
    for (person, words) in [
        (Person::Declines, "did not want to"),
        (Person::Leaves, "closed the question"),
        (Person::Gives(json!({ "option": "Z" })), "Z"),
        (Person::Gives(json!({ "choice": "A" })), "does not fit"),
    ] {
        let mut other = Client::with(folder.path(), person);
        let said = other.bad("answer_decision", json!({ "decision": number }));
        assert!(said.contains(words), "{words}: {said}");
        assert_eq!((other.asked.len(), other.end()), (1, 0));
    }
    let open = client.good("list_decisions", json!({ "run": json(folder.path(), &["list", "--json"])[0]["id"] }));
    assert_eq!((&open["total"], &open["decisions"][0]["taken"]), (&json!(1), &json!(null)));
    assert_eq!(band(folder.path(), &["decide", &number.to_string(), "A"]).code, 0);
    assert_eq!(client.ended()["state"], "succeeded");
    none_left(folder.path());
}

#[test]
fn in_the_newer_way_a_result_asks_and_only_its_own_answer_counts() {
    let folder = project(ASKS);
    let mut client = Client::with(folder.path(), Person::Absent);
    let number = begin(&mut client);
    let mut newer = Client::without_greeting(folder.path());
    let accept = json!({ "answer": { "action": "accept", "content": { "option": "B" } } });
    let call = |more: Value| {
        let mut params = json!({ "name": "answer_decision", "arguments": { "decision": number } });
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        with_inline(params)
    };
    let asks = |answer: &Value| {
        assert_eq!(answer["result"]["resultType"], "input_required", "{answer}");
        assert_eq!(answer["result"]["inputRequests"]["answer"]["method"], "elicitation/create");
        answer["result"]["requestState"].clone()
    };
    // An answer to what was never asked is none, whatever it calls itself.
    asks(&newer.request("tools/call", call(json!({ "inputResponses": accept }))));
    asks(&newer.request("tools/call", call(json!({ "inputResponses": accept, "requestState": "0123" }))));
    let state = asks(&newer.request("tools/call", call(json!({}))));
    let mut other = call(json!({ "inputResponses": accept, "requestState": state }));
    other["arguments"]["suggest"] = json!("A");
    asks(&newer.request("tools/call", other));
    asks(&newer.request("tools/call", call(json!({ "inputResponses": accept, "requestState": state }))));
    assert_eq!(client.good("list_decisions", json!({}))["total"], json!(1), "still open");
    // Its own is one.
    let state = asks(&newer.request("tools/call", call(json!({}))));
    let answer = newer.request("tools/call", call(json!({ "inputResponses": accept, "requestState": state })));
    let data = newer.checked("answer_decision", &answer).unwrap();
    assert_eq!((&data["taken"]["option"], &data["taken"]["by"]["who"]), (&json!("B"), &json!("person")));
    assert_eq!(client.ended()["state"], "succeeded");
    none_left(folder.path());
}
