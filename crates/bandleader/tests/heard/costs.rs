//! What agents use: every sum is the sum of its attempts, and what is not known is said to be unknown.

use serde_json::Value;

use crate::cli_support::{band, json, project};
use crate::told::{DONE, plan, script};

fn turn(id: &str, input: u64, output: u64) -> String {
    format!(
        r#"> {{"type":"assistant","message":{{"id":"{id}","model":"claude-opus-5-5","content":[{{"type":"text","text":"x"}}],"usage":{{"input_tokens":{input},"output_tokens":{output}}}}}}}
"#
    )
}

fn sum(rows: &Value, key: &str) -> u64 {
    rows.as_array().unwrap().iter().map(|row| row["spent"][key].as_u64().unwrap()).sum()
}

#[test]
fn totals_are_the_sums_of_the_attempts_everywhere() {
    let folder = project("");
    let done = |tokens: [u64; 2], cost: f64| {
        let [input, output] = tokens;
        format!(
            "{}> {{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"Done.\",\"total_cost_usd\":{cost},\"usage\":{{\"input_tokens\":{input},\"output_tokens\":{output}}},\"modelUsage\":{{\"claude-opus-5-5\":{{\"inputTokens\":{input},\"outputTokens\":{output},\"costUSD\":{cost}}}}}}}\nall\n",
            turn("m1", input, output)
        )
    };
    plan(
        folder.path(),
        "limits: { tokens: 100k, cost: 1 USD }",
        &[("one", &script(&done([1_000, 200], 0.05)), ""), ("two", &script(&done([500, 100], 0.02)), "")],
    );
    let before = band(folder.path(), &["check", "plan.yaml"]).out;
    let words = "cost: not known for 2 tasks by agents without history; at most $1.00, where it stops and asks";
    assert!(before.contains(words), "{before}");
    let said = band(folder.path(), &["run", "plan.yaml"]);
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    // What it cost is what the next one may cost.
    let next = band(folder.path(), &["check", "plan.yaml"]).out;
    assert!(
        next.contains("cost: $0.0700, by what earlier runs cost; at most $1.00, where it stops and asks"),
        "{next}"
    );
    let report = json(folder.path(), &["report", "--json"]);
    for key in ["input", "output", "tokens", "turns"] {
        let all = report["spent"][key].as_u64().unwrap();
        assert_eq!((sum(&report["attempts"], key), sum(&report["agents"], key)), (all, all), "{key}: {report:#}");
    }
    assert_eq!(report["spent"]["tokens"].as_u64(), Some(1_800), "{report:#}");
    let status = json(folder.path(), &["status", "--json"]);
    assert_eq!(status["used"]["tokens"].as_u64(), Some(1_800));
    assert_eq!(status["used"]["cost_usd"], report["spent"]["cost_usd"]);
    assert!((status["used"]["cost_usd"].as_f64().unwrap() - 0.07).abs() < 1e-9, "{}", status["used"]);
    assert_eq!(status["budgets"].as_array().unwrap().len(), 2, "{}", status["budgets"]);
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("1.8k tokens") && page.contains("$0.0700 of $1.00 (7%)"), "{page}");
    assert!(said.out.contains("1.2k tokens, $0.0500"), "{}", said.out);
}

#[test]
fn a_cost_that_nobody_knows_is_unknown_and_a_sum_with_it_a_lower_bound() {
    let folder = project("");
    let unknown = script(&format!("{}{DONE}", turn("m1", 10, 5))).replace("claude-opus-5-5", "nobody-knows");
    plan(folder.path(), "", &[("one", &unknown, "")]);
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let report = json(folder.path(), &["report", "--json"]);
    assert_eq!(
        (&report["spent"]["cost_usd"], report["spent"]["tokens"].as_u64()),
        (&Value::Null, Some(15)),
        "{report:#}"
    );
    let page = band(folder.path(), &["report"]).out;
    assert!(page.contains("cost unknown"), "{page}");
}

#[test]
fn a_program_that_says_no_cost_is_priced_by_the_table() {
    let folder = project("");
    plan(folder.path(), "", &[("one", &script(&format!("{}{DONE}", turn("m1", 10, 5))), "")]);
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 0);
    let spent = &json(folder.path(), &["report", "--json"])["spent"];
    assert!((spent["cost_usd"].as_f64().unwrap() - 0.000_14).abs() < 1e-9, "{spent}");
}

#[test]
fn limits_are_raised_in_their_own_units_and_only_where_there_are_any() {
    let folder = project("mission: m\nlimits: { tokens: 1k }\ntasks:\n  - { id: a, run: 'exit 1' }\n");
    assert_eq!(band(folder.path(), &["run", "plan.yaml"]).code, 3);
    let refused = |arguments: &[&str], words: &str| {
        let said = band(folder.path(), arguments);
        assert!(said.code == 2 && said.err.contains(words), "{}", said.err);
    };
    refused(&["resume", "--cost", "lots"], "write 40USD");
    refused(&["resume", "--tokens", "many"], "write 200000, 200k or 5M");
    refused(&["resume", "--cost", "40USD"], "there is no such budget");
    refused(&["resume", "--tokens", "500"], "the limit is 1000 already");
    refused(&["resume", "--now"], "no provider is waited for");
}
