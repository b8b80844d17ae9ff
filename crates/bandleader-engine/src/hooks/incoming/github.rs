//! What GitHub tells of workflows, checks and statuses.
//!
//! A branch counts only where it is the repository's own: anybody may call a branch of a fork what they like.

use serde_json::Value;

use super::{Content, Outcome, Signal, plain};

/// Reads the body of an event.
pub(super) fn read(event: &str, body: &[u8]) -> Result<Content, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    let signal = match event {
        "workflow_run" => of_workflow(&body),
        "check_suite" => of_suite(&body),
        "check_run" => of_check(&body),
        "status" => of_status(&body),
        _ => return Ok(Content { event: plain(event), signal: None }),
    };
    let signal = signal.ok_or_else(|| format!("it is no `{}` as GitHub sends it", plain(event)))?;
    Ok(Content { event: plain(event), signal: Some(signal) })
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}

fn of_workflow(body: &Value) -> Option<Signal> {
    let run = body.get("workflow_run")?;
    let own = text(body.get("repository")?, "full_name")? == text(run.get("head_repository")?, "full_name")?;
    let branch = text(run, "head_branch").filter(|_| own);
    let name = text(run, "name").unwrap_or("workflow");
    let part = format!("workflow {}", run.get("workflow_id")?.as_u64()?);
    Some(signal((text(run, "head_sha")?, branch), name, &part, run))
}

fn of_suite(body: &Value) -> Option<Signal> {
    let suite = body.get("check_suite")?;
    let name = suite.get("app").and_then(|app| text(app, "name")).unwrap_or("checks");
    let part = format!("suite {}", suite.get("id")?.as_u64()?);
    // Null where the branch is that of a fork.
    Some(signal((text(suite, "head_sha")?, text(suite, "head_branch")), name, &part, suite))
}

fn of_check(body: &Value) -> Option<Signal> {
    let check = body.get("check_run")?;
    let name = text(check, "name")?;
    let app = check.get("app").and_then(|app| app.get("id")?.as_u64()).unwrap_or_default();
    let branch = check.get("check_suite").and_then(|suite| text(suite, "head_branch"));
    Some(signal((text(check, "head_sha")?, branch), name, &format!("check {app} {name}"), check))
}

/// What workflows, suites and checks have in common.
fn signal((commit, branch): (&str, Option<&str>), name: &str, part: &str, value: &Value) -> Signal {
    let conclusion = text(value, "conclusion");
    let outcome = match conclusion {
        None => Outcome::Pending,
        Some("success") => Outcome::Passed,
        // Nothing was looked at: that proves nothing.
        Some("neutral" | "skipped") => Outcome::Nothing,
        Some(_) => Outcome::Failed,
    };
    let how = conclusion.unwrap_or_else(|| text(value, "status").unwrap_or("pending"));
    let summary = summary(name, how, text(value, "html_url"));
    let about = [Some(commit), branch].into_iter().flatten().map(plain).collect();
    Signal { about, check: plain(name), part: plain(part), outcome, summary }
}

fn of_status(body: &Value) -> Option<Signal> {
    let (commit, context) = (text(body, "sha")?, text(body, "context")?);
    let state = text(body, "state")?;
    let outcome = match state {
        "success" => Outcome::Passed,
        "pending" => Outcome::Pending,
        _ => Outcome::Failed,
    };
    let branches = body.get("branches").and_then(Value::as_array).into_iter().flatten();
    // A branch that has gone on since is not what was looked at.
    let at_its_tip = branches.filter(|branch| branch.get("commit").and_then(|tip| text(tip, "sha")) == Some(commit));
    let about =
        std::iter::once(commit).chain(at_its_tip.filter_map(|branch| text(branch, "name"))).map(plain).collect();
    let summary = summary(context, text(body, "description").unwrap_or(state), text(body, "target_url"));
    Some(Signal { about, check: plain(context), part: plain(&format!("status {context}")), outcome, summary })
}

fn summary(name: &str, how: &str, url: Option<&str>) -> String {
    let url = url.map(|url| format!(", {url}")).unwrap_or_default();
    plain(&format!("{name}: {how}{url}"))
}
