//! The driver for plain programs that work in a worktree: the instruction arrives on standard input and in `$BAND_TASK`.

use std::pin::Pin;

use bandleader_core::plan::FailureClass;

use super::assignment::Place;
use super::child::Launch;
use super::driver::{Driver, Outcome, Stage};
use super::event::{AgentEvent, Order};

/// The kernel's limit for one variable is 128 KiB (MAX_ARG_STRLEN); a longer instruction is on standard input only.
const LONGEST_VARIABLE: usize = 120 << 10;

/// As much of its output as is kept for its answer. More is more than any output of a task may be.
const MOST_SAID: usize = 1 << 20;

/// Runs the assignment's own command.
pub(super) struct CommandDriver;

impl Driver for CommandDriver {
    fn run<'a>(&'a self, stage: Stage<'a>) -> Pin<Box<dyn Future<Output = Outcome> + 'a>> {
        Box::pin(run(stage))
    }
}

async fn run(mut stage: Stage<'_>) -> Outcome {
    let instruction = &stage.assignment.instruction;
    let mut environment = std::mem::take(&mut stage.environment);
    if (1..=LONGEST_VARIABLE).contains(&instruction.len()) {
        environment.push(("BAND_TASK".into(), instruction.clone()));
    }
    let argv = stage.assignment.command.clone();
    let launch = Launch { argv, environment, directory: stage.directory.to_owned() };
    let mut child = match launch.start() {
        Ok(child) => child,
        Err(message) => return Outcome::failed(FailureClass::Start, message),
    };
    child.say_all(instruction).await;
    // A task's program that works in a worktree is here for that alone: all that it prints may be an output.
    let keeps_all = matches!(stage.assignment.place, Place::Worktree { .. });
    let mut said = String::new();
    loop {
        tokio::select! {
            line = child.line() => match line {
                Some(line) => {
                    if !keeps_all {
                        said.clone_from(&line);
                    } else if said.len() <= MOST_SAID {
                        said.extend([line.as_str(), "\n"]);
                    }
                    stage.events.tell(AgentEvent::Said { text: line });
                }
                None => break,
            },
            Some(Order::Stop) = stage.orders.recv() => {
                child.end_within(std::time::Duration::ZERO).await;
                return Outcome::failed(FailureClass::Cancelled, "it was stopped");
            }
        }
    }
    let status = child.ended().await;
    let complaints = child.complaints().await;
    for line in complaints.lines() {
        stage.events.tell(AgentEvent::Noise { line: line.to_owned() });
    }
    match status {
        Some(status) if status.success() => Outcome::done(said.trim_end_matches('\n')),
        status => super::child::failed_exit(status),
    }
}
