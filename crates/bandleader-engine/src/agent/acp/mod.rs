//! The driver for any program that speaks the Agent Client Protocol, version 1, over its standard streams.
//!
//! The protocol's own crate is not used: its connection brings its own reading and writing, while every line has to be kept as it came; its
//! types refuse what odd agents say; and what tells one failure from another (`data.errorKind`, figures in `_meta`, Codex' errors in
//! `session_info_update`) is outside of them. What we say is eight messages, all of them in this file.
//!
//! `talk` carries messages, `updates` understands what the agent does, `usage` its figures, `rules` answers its questions, `files` its requests
//! for files, and `refusal` says what an error means.

mod calls;
mod files;
mod refusal;
mod rules;
#[cfg(test)]
mod samples;
mod session;
mod talk;
mod updates;
mod usage;

use std::pin::Pin;
use std::time::Duration;

use bandleader_core::AgentFailure;
use bandleader_core::plan::FailureClass;
use serde_json::{Value, json};

use super::assignment::AgentAssignment;
use super::child::{Launch, failed_exit};
use super::driver::{Answer, Driver, Outcome, Stage};
use super::event::AgentEvent;
use super::{classes, instruction};
use crate::process::wall_clock;
use refusal::Refusal;
use talk::{Cut, Talk};

/// A program that does not answer a greeting by then speaks something else.
const GREETING: Duration = Duration::from_mins(2);

/// After its standard input is closed. Some agents take no notice of that and are ended.
const FAREWELL: Duration = Duration::from_secs(2);

/// Variables that single programs read, and others take no notice of: without second processes and questions that nobody answers,
/// without tries of their own, with our tools in sight from the first call, and without calls that guess what a person would type next.
const VARIABLES: [(&str, &str); 6] = [
    ("GEMINI_CLI_NO_RELAUNCH", "true"),
    ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
    ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
    ("CLAUDE_CODE_MAX_RETRIES", "1"),
    ("ENABLE_TOOL_SEARCH", "false"),
    ("CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION", "false"),
];

/// Runs the assignment's own command.
pub(super) struct AcpDriver;

impl Driver for AcpDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

/// Why there is no answer.
#[derive(Debug)]
enum Failed {
    /// The agent, or its provider, refused.
    Refused(Refusal),
    /// The program is gone, or was silent when it was greeted.
    Gone(&'static str),
    /// We ended the turn.
    Cut(Cut),
    /// It cannot be done, in words.
    Cannot(FailureClass, String),
}

async fn run(mut stage: Stage<'_>) -> Outcome {
    let assignment = stage.assignment;
    let launch = Launch {
        argv: assignment.command.clone(),
        environment: environment(assignment, std::mem::take(&mut stage.environment)),
        directory: stage.directory.to_owned(),
    };
    let child = match launch.start() {
        Ok(child) => child,
        Err(message) => return Outcome::failed(FailureClass::Start, message),
    };
    let mut talk = Talk::new(stage, child);
    let ended = converse(&mut talk, assignment, &launch.environment).await;
    let (mut child, events) = talk.into_parts();
    // Who was cut off has had its time, and the attendant waits no longer than that.
    let patience = if matches!(ended, Err(Failed::Cut(_))) { FAREWELL / 4 } else { FAREWELL };
    let status = child.end_within(patience).await;
    let (murmurs, complaints) = child.last_murmurs().await;
    for line in murmurs {
        events.tell(AgentEvent::Noise { line });
    }
    let outcome = match ended {
        Ok(answer) => Outcome { answer: Ok(answer) },
        Err(Failed::Refused(refusal)) => Outcome { answer: Err(refusal.into_failure(wall_clock())) },
        Err(Failed::Cannot(class, message)) => Outcome::failed(class, message),
        Err(Failed::Cut(Cut::Stopped)) => Outcome::failed(FailureClass::Cancelled, "it was stopped"),
        Err(Failed::Cut(Cut::Turns(most))) => {
            Outcome::failed(FailureClass::MaxTurns, format!("it used up its {most} calls of the model"))
        }
        Err(Failed::Gone(what)) => {
            let last = complaints.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let said = if last.is_empty() { String::new() } else { format!(": {}", last.trim()) };
            let exit = match status.filter(|status| !status.success()) {
                None => AgentFailure { class: FailureClass::Crash, message: "exit code 0".into(), until: None },
                status => {
                    failed_exit(status).answer.err().unwrap_or_else(|| Refusal::default().into_failure(wall_clock()))
                }
            };
            let auth = classes::of_words(last).filter(|class| *class == FailureClass::Auth);
            let message = format!("it ended before it answered `{what}` ({}){said}", exit.message);
            Outcome::failed(auth.unwrap_or(exit.class), message)
        }
    };
    if let Err(failure) = &outcome.answer
        && failure.class == FailureClass::RateLimit
    {
        events.tell(AgentEvent::Limited { until: failure.until, message: failure.message.clone() });
    }
    outcome
}

/// From the greeting to the last answer.
async fn converse(
    talk: &mut Talk<'_>,
    assignment: &AgentAssignment,
    environment: &[(String, String)],
) -> Result<Answer, Failed> {
    let capabilities = json!({"fs": {"readTextFile": false, "writeTextFile": false}, "terminal": false});
    let client = json!({"name": "band", "title": "Bandleader", "version": env!("CARGO_PKG_VERSION")});
    let hello = json!({"protocolVersion": 1, "clientInfo": client, "clientCapabilities": capabilities});
    let agent = talk.ask("initialize", hello, Some(GREETING)).await?;
    if let Some(version) = agent.get("protocolVersion").and_then(Value::as_u64).filter(|version| *version != 1) {
        let message = format!("it speaks version {version} of the Agent Client Protocol; this driver speaks 1");
        return Err(Failed::Cannot(FailureClass::Start, message));
    }
    let opened = session::open(talk, assignment, &agent, environment).await?;
    session::set_up(talk, assignment, &agent, &opened).await?;
    let asked = instruction::plain(&instruction::asked(&assignment.instruction, assignment.schema.as_ref()));
    let mut words = match &opened.role_to_say {
        Some(role) => instruction::plain(&format!("{role}\n\n---\n\n{asked}")),
        None => asked,
    };
    loop {
        let text = prompt(talk, &opened.id, &words).await?;
        // What people said meanwhile is the next thing that it is asked.
        let Some((id, message)) = talk.next_message() else {
            let structured = assignment.schema.as_ref().and_then(|_| instruction::answered(&text));
            return Ok(Answer { text, structured });
        };
        talk.tell(AgentEvent::Told { id });
        words = message;
    }
}

/// One turn; its last words.
async fn prompt(talk: &mut Talk<'_>, session: &str, words: &str) -> Result<String, Failed> {
    let prompt = json!({"sessionId": session, "prompt": [{"type": "text", "text": words}]});
    talk.heard.turn_begins();
    let reply = talk.ask("session/prompt", prompt, None).await;
    let events = talk.heard.turn_ends(reply.as_ref().ok());
    for event in events {
        talk.tell(event);
    }
    let reply = reply?;
    if let Some(refusal) = talk.heard.hidden_failure(&reply) {
        return Err(Failed::Refused(refusal));
    }
    let cannot = |class, message: &str| Err(Failed::Cannot(class, message.to_owned()));
    match reply.get("stopReason").and_then(Value::as_str) {
        Some("end_turn") => Ok(talk.heard.answer()),
        Some("cancelled") => cannot(FailureClass::Cancelled, "its turn was cancelled, and not by us"),
        Some("max_turn_requests") => {
            cannot(FailureClass::MaxTurns, "it used up the calls of the model that a turn may take")
        }
        Some("max_tokens") => {
            cannot(FailureClass::ContextOverflow, "its model was cut off: it had said as much as it may")
        }
        Some("refusal") => cannot(FailureClass::Invalid, "its model refused"),
        Some(other) => {
            talk.tell(AgentEvent::Noise {
                line: format!("it ended its turn for a reason that is not known: `{other}`"),
            });
            Ok(talk.heard.answer())
        }
        None => cannot(FailureClass::Exit, "it ended its turn without saying why"),
    }
}

/// What it gets to see: ours, and where the plan says that its model is.
fn environment(assignment: &AgentAssignment, mut environment: Vec<(String, String)>) -> Vec<(String, String)> {
    for (name, value) in VARIABLES {
        if !environment.iter().any(|(known, _)| known == name) {
            environment.push((name.to_owned(), value.to_owned()));
        }
    }
    let endpoint = &assignment.endpoint;
    let names = match endpoint.provider.as_deref() {
        Some("anthropic") => ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
        Some("google") => ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
        Some("openai") => ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
        _ => return environment,
    };
    let key = endpoint.api_key_env.as_ref().and_then(|wanted| environment.iter().find(|(name, _)| name == wanted));
    let key = key.map(|(_, value)| (names.1.to_owned(), value.clone()));
    environment.extend(key);
    environment.extend(endpoint.base_url.clone().map(|url| (names.0.to_owned(), url)));
    environment
}
