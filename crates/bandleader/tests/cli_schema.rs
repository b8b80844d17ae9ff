//! `schema:` in a plan: an answer of an agent that has a form, and what others get of it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use cli_support::{band, project};
use model_server::ModelServer;
use serde_json::json;

#[test]
fn members_of_a_checked_answer_become_outputs() {
    let server = ModelServer::playing(json!([
        {"if": {"user": "there is no JSON"}, "do": {"text": "{\"verdict\":\"pass\",\"score\":7,\"sure\":true,\"why\":[1]}", "usage": [20, 5]}},
        {"do": {"text": "It is fine.", "usage": [10, 5]}},
    ])).unwrap();
    let plan = format!(
        "mission: m\nagents: {{judge: {{driver: llm, model: m, base_url: '{}'}}}}\ntasks:\n  \
         - id: review\n    agent: judge\n    task: Judge it.\n    outputs: [verdict, score, sure]\n    \
         schema: {{type: object, required: [verdict, score], properties: {{verdict: {{enum: [pass, fail]}}, score: {{type: integer}}}}}}\n  \
         - id: use\n    needs: [review]\n    when: needs.review.outputs.verdict == 'pass'\n    \
         run: test \"$V\" = 'pass 7 true'\n    env: {{V: '{{{{ needs.review.outputs.verdict }}}} {{{{ needs.review.outputs.score }}}} {{{{ needs.review.outputs.sure }}}}'}}\n",
        server.url()
    );
    let folder = project(&plan);
    let ran = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    assert_eq!(server.count()["total"]["requests"], 2, "it was sent back once");
}

#[test]
fn a_member_that_is_not_there_is_a_missing_output() {
    let server = ModelServer::playing(json!([{"do": {"text": "{\"why\":[1]}", "usage": [10, 5]}}])).unwrap();
    let plan = format!(
        "mission: m\nagents: {{judge: {{driver: llm, model: m, base_url: '{}'}}}}\ntasks:\n  \
         - {{id: review, agent: judge, task: Judge it., outputs: [why], schema: {{type: object}}, retry: 0}}\n",
        server.url()
    );
    let folder = project(&plan);
    let ran = band(folder.path(), &["run", "plan.yaml"]);
    assert!(ran.code == 3 && (ran.out + &ran.err).contains("output `why` was not given"));
}

#[test]
fn a_schema_that_is_none_ends_a_run_before_it_starts() {
    let folder = project(
        "mission: m\nagents: {judge: {driver: llm, model: m}}\ntasks:\n  - {id: a, agent: judge, task: t, schema: {type: nonsense}}\n",
    );
    let ran = band(folder.path(), &["run", "plan.yaml"]);
    assert!(ran.code == 2 && ran.err.contains("the schema of task `a` is none"), "{} {}", ran.code, ran.err);
}
