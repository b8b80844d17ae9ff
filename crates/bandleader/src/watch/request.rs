//! What is asked of the run from the full screen: by the same command that the verb hands in, or by the verb itself where the run
//! needs an engine first.

use std::process::{Command as Process, Stdio};

use bandleader_core::{Command, RunId, StopHow};
use bandleader_engine::engine::{desk, own_binary};
use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;

use super::message::Request;
use crate::error::{Failure, with_causes};
use crate::render::text::clean;

/// What is asked, with tasks by their paths, and the run that it is asked of.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    pub(super) folder: Folder,
    pub(super) id: RunId,
    pub(super) command: Command,
}

impl Ready {
    /// Makes a command of a request.
    pub(super) fn of(
        folder: &Folder,
        id: &RunId,
        request: Request,
        path: impl Fn(bandleader_core::TaskId) -> String,
    ) -> Ready {
        let command = match request {
            Request::Answer { decision, option, because } => Command::Answer { decision, option, because },
            Request::Tell { task, text } => Command::Tell { task: path(task), text },
            Request::Retry(task) => Command::Retry { tasks: vec![path(task)] },
            Request::Accept { task, because } => Command::Accept { task: path(task), because },
            Request::Resolve(task) => Command::Resolve { task: path(task) },
            Request::CancelTask(task) => Command::CancelTask { task: path(task) },
            Request::CancelRun => Command::Cancel { how: StopHow::Politely },
            Request::Pause => Command::Pause,
            Request::Resume => Command::Resume,
        };
        Ready { folder: folder.clone(), id: id.clone(), command }
    }

    /// Does it; says in a line what came of it, or why it was not done. May take a moment: not for the thread that draws.
    pub(super) fn run(&self) -> Result<String, String> {
        self.try_run().map_err(|failure| match failure.hint {
            Some(hint) => format!("{}; {hint}", failure.message),
            None => failure.message,
        })
    }

    fn try_run(&self) -> Result<String, Failure> {
        if is_within_a_task() {
            return Err(Failure::usage("only people steer a run, and this is a task of one"));
        }
        let has_engine = desk::owner(&self.folder, &self.id).is_some();
        let task = |tasks: &[String]| clean(&tasks.join(", ")).into_owned();
        match &self.command {
            Command::Retry { tasks } if !has_engine => self.verb("retry", &self.for_an_engine(tasks)),
            Command::Resolve { task } if !has_engine => {
                self.verb("resolve", &self.for_an_engine(std::slice::from_ref(task)))
            }
            Command::Accept { task, because } if !has_engine => {
                self.verb("accept", &self.for_an_engine(&[task.clone(), format!("--because={because}")]))
            }
            Command::Resume if !has_engine => self.verb("resume", &[self.id.to_string(), "--detach".into()]),
            Command::Cancel { .. } if !has_engine => self.verb("cancel", &[self.id.to_string()]),
            command => {
                desk::ask(&self.folder, &self.id, command)?;
                let done = match command {
                    Command::Answer { decision, option, .. } => {
                        format!("question {decision} was answered: {}", clean(option))
                    }
                    Command::Tell { task, .. } => format!("{} is told", clean(task)),
                    Command::Retry { tasks } => format!("{} is tried again", task(tasks)),
                    Command::Accept { task, .. } => format!("{} is accepted", clean(task)),
                    Command::Resolve { task } => format!("what is in the worktree of {} is merged", clean(task)),
                    Command::CancelTask { task } => format!("{} is cancelled", clean(task)),
                    Command::Cancel { .. } => "the run is cancelled".into(),
                    Command::Pause => "nothing new starts; what runs goes on to its end".into(),
                    _ => "the run goes on".into(),
                };
                let waits = if has_engine { "" } else { ", when `band resume` takes the run up" };
                Ok(format!("{done}{waits}"))
            }
        }
    }

    /// What a verb is given beside its own words so that it leaves an engine in the background.
    fn for_an_engine(&self, words: &[String]) -> Vec<String> {
        [words, &["--run".into(), self.id.to_string(), "--detach".into()]].concat()
    }

    /// Has the verb of that name do it in a process of its own, which leaves an engine behind.
    fn verb(&self, verb: &str, arguments: &[String]) -> Result<String, Failure> {
        let mut process = Process::new(own_binary()?);
        process.args(["--color", "never", verb]).args(arguments).current_dir(self.folder.project());
        process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let output = process
            .output()
            .map_err(|error| Failure::internal(format!("cannot start `band {verb}`: {}", with_causes(&error))))?;
        if output.status.success() {
            return Ok(format!("`band {verb}` has taken the run up"));
        }
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().rev().find_map(|line| line.strip_prefix("error: "));
        Err(Failure::usage(last.map_or_else(|| format!("`band {verb}` did not work"), str::to_owned)))
    }
}
