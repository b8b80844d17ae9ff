//! One attempt by way of `codex exec --json`, for programs without an app-server. Nothing can be said to it once it runs.
//!
//! The role stands before the instruction on standard input: `exec` takes it otherwise only as an argument, which everybody can read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bandleader_core::plan::FailureClass;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::super::child::{Child, failed_exit};
use super::super::driver::{Outcome, Stage};
use super::super::event::{AgentEvent, Order};
use super::Stop;
use super::conversation::{Conversation, End};
use super::failure::{by_words, failure, is_missing_server, is_unknown_thread};
use super::schema::{Asked, asked};
use super::settings::{self, Need};
use super::usage::Figures;
use crate::process::wall_clock;

/// After INT.
const ORDERLY: Duration = Duration::from_secs(2);

/// What another try goes without, and the program's words for why.
enum Without {
    Session(String),
    Tools(String),
}

/// Runs the attempt; without its session when that is not known, and without our tools when they do not start.
pub(super) async fn run(mut stage: Stage<'_>) -> Outcome {
    let mut session = stage.assignment.session.clone();
    let mut need = Need::Required;
    loop {
        match attempt(&mut stage, session.as_deref(), need).await {
            Ok(outcome) => return outcome,
            Err(Without::Session(words)) => {
                let session = session.take().unwrap_or_default();
                let line = format!("the session `{session}` is not known to codex ({words}); a new one is begun");
                stage.events.tell(AgentEvent::Noise { line });
            }
            Err(Without::Tools(words)) => {
                need = Need::Optional;
                stage.events.tell(AgentEvent::Connected { ok: false });
                stage.events.tell(AgentEvent::Noise { line: words });
            }
        }
    }
}

/// Runs it once.
async fn attempt(stage: &mut Stage<'_>, session: Option<&str>, need: Need) -> Result<Outcome, Without> {
    let (arguments, instruction) = match prepare(stage, session, need) {
        Ok(prepared) => prepared,
        Err(message) => return Ok(Outcome::failed(FailureClass::Start, message)),
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = match super::launch(stage, &arguments).start() {
        Ok(child) => child,
        Err(message) => return Ok(Outcome::failed(FailureClass::Start, message)),
    };
    let mut talk = Conversation::new(stage.events.clone(), &stage.tools.name);
    if let Some(session) = session {
        match past(&stage.environment, session) {
            Some(figures) => talk.usage.had_used(session, figures),
            None => stage.events.tell(AgentEvent::Noise {
                line: "what this session used before is not known: its figures include it".into(),
            }),
        }
    }
    child.say_all(&instruction).await;
    let why = listen(stage, &mut child, &mut talk).await;
    if why.is_some() {
        child.signal(Signal::INT);
    }
    let status = child.end_within(ORDERLY).await;
    let complaints = child.complaints().await;
    let last = super::worth_reading(&complaints).last().unwrap_or_default();
    if talk.ended.is_none() && why.is_none() {
        if need == Need::Required && is_missing_server(&last, &stage.tools.name) {
            return Err(Without::Tools(last));
        }
        if session.is_some() && is_unknown_thread(&last) {
            return Err(Without::Session(last));
        }
    }
    for line in super::worth_reading(&complaints) {
        stage.events.tell(AgentEvent::Noise { line });
    }
    let outcome = match (talk.ended.take(), why) {
        (Some(End::Completed), _) => super::outcome(stage, End::Completed, talk),
        (_, Some(Stop::MaxTurns(calls))) => super::out_of_turns(calls),
        (_, Some(Stop::Asked)) => super::cancelled(),
        (Some(end), None) => super::outcome(stage, end, talk),
        (None, None) => unsaid(status, &last),
    };
    if let Err(failed) = &outcome.answer
        && failed.class == FailureClass::RateLimit
    {
        stage.events.tell(AgentEvent::Limited { until: failed.until, message: failed.message.clone() });
    }
    Ok(outcome)
}

/// Hears it to its end, or until it is to be stopped, and then why.
async fn listen(stage: &mut Stage<'_>, child: &mut Child, talk: &mut Conversation) -> Option<Stop> {
    loop {
        tokio::select! {
            line = child.line() => {
                let line = line?;
                stage.events.raw(&line);
                let Ok(event) = serde_json::from_str::<Value>(&line) else {
                    stage.events.tell(super::noise(&line));
                    continue;
                };
                if event["type"] == "thread.started" {
                    let session = event["thread_id"].as_str().map(str::to_owned);
                    stage.events.tell(AgentEvent::Started { version: None, model: None, session });
                }
                talk.printed(&event);
            }
            Some(Order::Stop) = stage.orders.recv() => return Some(Stop::Asked),
        }
        let most = stage.assignment.max_turns.filter(|most| talk.rounds.made > u64::from(*most));
        if let Some(calls) = most.filter(|_| talk.ended.is_none()) {
            return Some(Stop::MaxTurns(calls));
        }
    }
}

/// It ended without a word about its turn: its complaints say why, or nothing does.
fn unsaid(status: Option<std::process::ExitStatus>, last: &str) -> Outcome {
    match status {
        Some(status) if status.success() => {
            Outcome::failed(FailureClass::Exit, "it ended without saying how its turn went")
        }
        Some(status) if status.code().is_some() && !last.is_empty() && by_words(last).is_some() => {
            Outcome { answer: Err(failure(&Value::Null, last, None, wall_clock())) }
        }
        Some(status) if status.code().is_some() && !last.is_empty() => Outcome::failed(FailureClass::Exit, last),
        status => failed_exit(status),
    }
}

/// Its arguments, and what it reads.
fn prepare(stage: &Stage<'_>, session: Option<&str>, need: Need) -> Result<(Vec<String>, String), String> {
    let assignment = stage.assignment;
    let mut entries = settings::entries(assignment, &stage.tools, need);
    entries.extend(settings::hidden_variables(&Value::Null, assignment));
    entries.push(("sandbox_mode".into(), json!(settings::sandbox(settings::permissions(assignment)))));
    entries.push(("approval_policy".into(), json!("never")));
    if let Some(provider) = settings::named_provider(assignment, &stage.environment) {
        entries.extend(provider.entries);
        entries.push(("model_provider".into(), json!(provider.id)));
    }
    for (name, value) in [("model", &assignment.model), ("model_reasoning_effort", &assignment.effort)] {
        entries.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
    }
    let mut arguments: Vec<String> = ["exec", "--json", "--skip-git-repo-check"].map(str::to_owned).into();
    arguments.extend(settings::arguments(&entries));
    let mut instruction = match &assignment.role {
        // A session that is taken up has its role.
        Some(role) if session.is_none() => format!("{role}\n\n{}", assignment.instruction),
        _ => assignment.instruction.clone(),
    };
    match asked(assignment.schema.as_ref()) {
        Asked::Not => {}
        Asked::Natively(schema) => {
            let file = stage.home.join("answer.schema.json");
            let written = std::fs::write(&file, schema.to_string());
            written.map_err(|error| format!("the schema cannot be written to `{}`: {error}", file.display()))?;
            arguments.extend(["--output-schema".into(), file.to_string_lossy().into_owned()]);
        }
        Asked::InWords(words) => instruction.push_str(&words),
    }
    if let Some(session) = session {
        arguments.extend(["resume".into(), session.to_owned()]);
    }
    arguments.push("-".into());
    Ok((arguments, instruction))
}

/// What a session had used, from the file that Codex keeps of it.
fn past(environment: &[(String, String)], session: &str) -> Option<Figures> {
    let variable =
        |name: &str| environment.iter().find(|(other, _)| other == name).map(|(_, value)| PathBuf::from(value));
    let home = variable("CODEX_HOME").or_else(|| Some(variable("HOME")?.join(".codex")))?;
    recorded(&home.join("sessions"), session)
}

fn recorded(sessions: &Path, session: &str) -> Option<Figures> {
    if !session.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    let pattern = format!("{}/**/rollout-*-{session}.jsonl", glob::Pattern::escape(&sessions.to_string_lossy()));
    let text = std::fs::read_to_string(glob::glob(&pattern).ok()?.find_map(Result::ok)?).ok()?;
    text.lines().rev().filter(|line| line.contains("total_token_usage")).find_map(|line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let total = &line["payload"]["info"]["total_token_usage"];
        total.is_object().then(|| Figures::of(total))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_of_a_session_is_in_its_file() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("2026/11/21");
        std::fs::create_dir_all(&folder).unwrap();
        let line = |input: u64| {
            json!({ "type": "event_msg", "payload": { "type": "token_count", "info": {
                "total_token_usage": { "input_tokens": input, "cached_input_tokens": 1, "output_tokens": 2 } } } })
        };
        let text = format!("{}\n{}\n{{\"total_token_usage\": broken\n", line(10), line(20));
        std::fs::write(folder.join("rollout-2026-11-21T11-42-05-abc-1.jsonl"), text).unwrap();
        let expected = json!({ "input_tokens": 20, "cached_input_tokens": 1, "output_tokens": 2 });
        assert_eq!(recorded(home.path(), "abc-1"), Some(Figures::of(&expected)));
        assert_eq!(recorded(home.path(), "*"), None);
        assert_eq!(recorded(home.path(), "other"), None);
    }
}
