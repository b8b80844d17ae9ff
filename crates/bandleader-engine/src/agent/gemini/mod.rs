//! The driver for Gemini CLI: headless, the instruction on standard input, its stream of JSON lines on standard output.
//!
//! Nothing of an attempt is laid over the user's own settings, for the program has no way to: settings of the system are read only from
//! folders that are root's, and project settings lie in the project. So an attempt has a home of its own (`home`), which links to everything
//! in the user's: the login is theirs, sessions lie where theirs lie, and only settings, role and rules are ours.
//! What the program says is understood in `hearing`, what came of it in `outcome`; what it leaves behind when it is ended (its shell
//! tools survive every signal) the supervisor finds.

mod chat;
mod hearing;
mod home;
mod outcome;
mod policy;
#[cfg(test)]
mod samples;

use std::pin::Pin;
use std::process::ExitStatus;
use std::time::Duration;

use bandleader_core::plan::{FailureClass, Permissions};
use rustix::process::Signal;

use super::assignment::AgentAssignment;
use super::child::{Child, Heard, Launch};
use super::driver::{Driver, Outcome, Stage};
use super::event::{AgentEvent, Order, Tally};
use super::instruction;
use chat::Chat;
use hearing::Hearing;
use home::Home;
use outcome::Ended;

/// After its result, or an interrupt, it needs under a second to end; the rest is for machines with much to do.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs `gemini --output-format stream-json`.
pub(super) struct GeminiDriver;

impl Driver for GeminiDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

async fn run(mut stage: Stage<'_>) -> Outcome {
    let home = match Home::prepare(&stage) {
        Ok(home) => home,
        Err(message) => return Outcome::failed(FailureClass::Start, message),
    };
    if let Some(session) = &stage.assignment.session {
        match play(&mut stage, &home, Some(session)).await {
            Played::Done(outcome) => return outcome,
            Played::NoSuchSession => {
                let line = format!("it does not know the session `{session}` any more, and begins anew");
                stage.events.tell(AgentEvent::Noise { line });
            }
        }
    }
    match play(&mut stage, &home, None).await {
        Played::Done(outcome) => outcome,
        Played::NoSuchSession => Outcome::failed(FailureClass::Invalid, "it refused what it was started with"),
    }
}

/// What came of starting the program once.
enum Played {
    Done(Outcome),
    NoSuchSession,
}

async fn play(stage: &mut Stage<'_>, home: &Home, session: Option<&str>) -> Played {
    let environment = home.environment(&stage.environment);
    let launch =
        Launch { argv: argv(stage.assignment, home, session), environment, directory: stage.directory.to_owned() };
    let mut child = match launch.start() {
        Ok(child) => child,
        Err(message) => return Played::Done(Outcome::failed(FailureClass::Start, message)),
    };
    let words = instruction::asked(&stage.assignment.instruction, stage.assignment.schema.as_ref());
    child.say_all(&instruction::plain(&words)).await;
    let mut hearing = Hearing::new(home.hidden());
    let mut chat = None;
    let most = stage.assignment.max_turns.unwrap_or(u32::MAX);
    while !hearing.has_result() {
        tokio::select! {
            heard = child.hear() => match heard {
                Some(Heard::Line(line)) => {
                    stage.events.raw(&line);
                    for event in hearing.line(&line) {
                        match &event {
                            AgentEvent::Started { session: Some(session), .. } => chat = Chat::of(&home.folder(), session),
                            AgentEvent::ToolEnded { .. } => tell_used(stage, chat.as_mut()),
                            _ => {}
                        }
                        stage.events.tell(event);
                    }
                }
                Some(Heard::Murmur(line)) => Hearing::murmur(&line).into_iter().for_each(|event| stage.events.tell(event)),
                None => break,
            },
            Some(Order::Stop) = stage.orders.recv() => {
                interrupt(&mut child).await;
                tell_used(stage, chat.as_mut());
                return Played::Done(Outcome::failed(FailureClass::Cancelled, "it was stopped"));
            }
        }
        // The program counts too, but settings of the project may raise its limit.
        if hearing.turns() > most {
            interrupt(&mut child).await;
            tell_used(stage, chat.as_mut());
            let message = format!("it used up its {most} calls of the model");
            return Played::Done(Outcome::failed(FailureClass::MaxTurns, message));
        }
    }
    let status = child.end_within(PATIENCE).await;
    if !hearing.has_result() {
        tell_used(stage, chat.as_mut());
    }
    conclude(stage, hearing, child, status, session).await
}

/// Tells what it used so far, as far as it wrote that down.
fn tell_used(stage: &Stage<'_>, chat: Option<&mut Chat>) {
    let spending = chat.map(Chat::used).unwrap_or_default();
    if !spending.is_nothing() {
        stage.events.tell(AgentEvent::Used { spending, tally: Tally::Total });
    }
}

async fn conclude(
    stage: &Stage<'_>,
    hearing: Hearing,
    child: Child,
    status: Option<ExitStatus>,
    session: Option<&str>,
) -> Played {
    let (murmurs, complaints) = child.last_murmurs().await;
    murmurs.iter().filter_map(|line| Hearing::murmur(line)).for_each(|event| stage.events.tell(event));
    match outcome::of(hearing, status, &complaints, super::super::process::wall_clock()) {
        Ended::NoSuchSession if session.is_some() => Played::NoSuchSession,
        Ended::NoSuchSession => Played::Done(Outcome::failed(FailureClass::Invalid, complaints)),
        Ended::With(mut outcome) => {
            match &mut outcome.answer {
                Ok(answer) if stage.assignment.schema.is_some() => {
                    answer.structured = instruction::answered(&answer.text);
                }
                Err(failure) if failure.class == FailureClass::RateLimit => {
                    let message = failure.message.clone();
                    stage.events.tell(AgentEvent::Limited { until: failure.until, message });
                }
                _ => {}
            }
            Played::Done(outcome)
        }
    }
}

/// Asks it to end its turn. It does so without a result line.
async fn interrupt(child: &mut Child) {
    child.signal(Signal::INT);
    child.end_within(PATIENCE).await;
}

fn argv(assignment: &AgentAssignment, home: &Home, session: Option<&str>) -> Vec<String> {
    let mut argv = if assignment.command.is_empty() { vec!["gemini".into()] } else { assignment.command.clone() };
    let mode = match assignment.permissions {
        Permissions::ReadOnly => "default",
        Permissions::Edit => "auto_edit",
        Permissions::Full => "yolo",
    };
    let policy = home.policy_file().to_string_lossy().into_owned();
    let flags =
        ["--output-format", "stream-json", "--approval-mode", mode, "--model", home.model(), "--admin-policy", &policy];
    argv.extend(flags.map(str::to_owned));
    if let Some(session) = session {
        // In one word: what begins with a dash would be taken for a flag of its own.
        argv.push(format!("--resume={session}"));
    }
    argv
}
