//! An attempt that speaks for itself: what `band mcp` and `band report` can do for the process that started them.
//!
//! Who speaks is said by the environment that every job has. Facts go through the run's inbox, whether an engine is there or not;
//! progress goes into the side channel. Nothing here can answer a question: only people decide.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::plan::Question;
use bandleader_core::{Asker, Decision, Event, Heard, JobId, Millis, Run, RunId, Said, Step, Timestamp};

use super::notes::{Notes, Progress};
use crate::engine::desk::{self, AskError};
use crate::engine::{EngineError, Follower};
use crate::folder::{Folder, RunFolder};
use crate::process::{JOB_VARIABLE, wall_clock};

/// Where the run's folder stands in the environment of its jobs.
const FOLDER_VARIABLE: &str = "BAND_DIR";

/// How often the log is looked at while an answer is waited for.
const BEAT: Duration = Duration::from_millis(150);

/// Characters of a progress report at most.
const LONGEST_PROGRESS: usize = 300;

/// Why nothing was heard.
#[derive(Debug, thiserror::Error)]
pub enum SpeakError {
    /// This process is not part of a run.
    #[error("this is not a task of a run: `{variable}` is {state} in the environment")]
    Nobody {
        /// Which variable.
        variable: &'static str,
        /// `not set`, or what is wrong with it.
        state: &'static str,
    },
    /// A gate or an undoing: only the work of a task speaks.
    #[error("only the work of a task can report, not its gates or its undoing")]
    NotWork,
    /// The side channel cannot be written.
    #[error("the progress cannot be written")]
    Progress {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The run does not take it.
    #[error(transparent)]
    Refused(#[from] AskError),
    /// The run cannot be read.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// How a question stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Decided, or not to be decided any more.
    Over(Box<Decision>),
    /// Nobody has answered yet.
    Open {
        /// When silence counts; none means never, or that no engine has read the question yet.
        deadline: Option<Timestamp>,
    },
}

/// A fact that another task left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What is so.
    pub value: String,
    /// The path of the task that said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Until when it holds.
    pub until: Option<Timestamp>,
}

/// One attempt of one run.
#[derive(Clone, Debug)]
pub struct Speaker {
    folder: Folder,
    run: RunId,
    job: JobId,
    run_folder: PathBuf,
}

impl Speaker {
    /// Whoever started this process.
    ///
    /// # Errors
    /// It is no part of a run, or not the work of a task.
    pub fn from_environment() -> Result<Speaker, SpeakError> {
        let value = |variable| {
            let state = "not set";
            std::env::var(variable).ok().filter(|value| !value.is_empty()).ok_or(SpeakError::Nobody { variable, state })
        };
        let (path, job) = (PathBuf::from(value(FOLDER_VARIABLE)?), value(JOB_VARIABLE)?);
        let odd = |variable, state| SpeakError::Nobody { variable, state };
        let job = JobId::parse(&job).ok_or(odd(JOB_VARIABLE, "not the name of a job"))?;
        let around = RunFolder::around(&path).filter(|(folder, _)| path.is_absolute() && folder.database().exists());
        let (folder, run) = around.ok_or(odd(FOLDER_VARIABLE, "not the folder of a run"))?;
        if job.step != Step::Work {
            return Err(SpeakError::NotWork);
        }
        Ok(Speaker { folder, run, job, run_folder: path })
    }

    /// The folder of the attempt.
    pub fn notes(&self) -> Notes {
        Notes::of(&self.run_folder, self.job)
    }

    /// Makes something known.
    ///
    /// # Errors
    /// The run does not take it: the attempt is over, or it is too long.
    pub fn know(&self, heard: Heard) -> Result<(), SpeakError> {
        Ok(desk::say_checked(&self.folder, &self.run, self.job.attempt, &Said::Known { heard })?)
    }

    /// Says how far it is. What is none stays as it was said before.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn progress(&self, percent: Option<u8>, doing: Option<&str>) -> Result<(), SpeakError> {
        let doing = doing.map(|words| words.chars().take(LONGEST_PROGRESS).collect());
        let before = self.notes().activity().unwrap_or_default();
        let percent = percent.or(before.percent).map(|percent| percent.min(100));
        let progress = Progress { at: wall_clock(), percent, doing: doing.or(before.progress) };
        self.notes().write_progress(&progress).map_err(|source| SpeakError::Progress { source })
    }

    /// The facts that tasks of this run left for each other and that still hold, by name. The latest word counts.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn context(&self) -> Result<BTreeMap<String, Fact>, SpeakError> {
        let follower = Follower::open(&self.folder, &self.run)?;
        let plan = follower.run().plan().clone();
        let now = wall_clock();
        let mut facts = BTreeMap::new();
        desk::tell(&self.folder, &self.run, 0, follower.run().last_seq(), |recorded| {
            if let Event::AgentHeard { attempt, heard: Heard::Context { key, value, ttl } } = &recorded.event {
                let until = ttl.map(|ttl| recorded.at.plus(ttl));
                let by = plan.tasks.get(attempt.task.index()).map(|task| task.path.clone()).unwrap_or_default();
                facts.insert(key.clone(), Fact { value: value.clone(), by, at: recorded.at, until });
            }
            Ok::<(), EngineError>(())
        })?;
        facts.retain(|_, fact| fact.until.is_none_or(|until| until > now));
        Ok(facts)
    }

    /// Asks people, and waits so long for what comes of it. Asked again, it is the same question.
    ///
    /// # Errors
    /// The question cannot be asked: no options, too long; or the attempt is over.
    pub fn ask(&self, question: Question, patience: Option<Millis>, wait: Duration) -> Result<Answer, SpeakError> {
        let asker = Asker::Agent { attempt: self.job.attempt, key: key_of(&question) };
        let Asker::Agent { key, .. } = asker.clone() else { return Err(SpeakError::NotWork) };
        let mut follower = Follower::open(&self.folder, &self.run)?;
        if find(follower.run(), &asker).is_none() {
            let said = Said::Asks { key, question, patience };
            match desk::say_checked(&self.folder, &self.run, self.job.attempt, &said) {
                // Its first letter came in between.
                Err(AskError::Rejected(_))
                    if {
                        follower.catch_up()?;
                        find(follower.run(), &asker).is_some()
                    } => {}
                other => other?,
            }
        }
        let start = Instant::now();
        loop {
            follower.catch_up()?;
            let found = find(follower.run(), &asker);
            if let Some(decision) = found.filter(|decision| decision.taken.is_some()) {
                return Ok(Answer::Over(Box::new(decision.clone())));
            }
            if start.elapsed() >= wait {
                return Ok(Answer::Open { deadline: found.and_then(|decision| decision.deadline) });
            }
            thread::sleep(BEAT.min(wait.saturating_sub(start.elapsed())));
        }
    }
}

fn find<'a>(run: &'a Run, asker: &Asker) -> Option<&'a Decision> {
    run.decisions().values().find(|decision| decision.asker == *asker)
}

/// The same words are the same question, however they are spaced; what is offered and why may be put differently.
fn key_of(question: &Question) -> String {
    let mut words = String::new();
    for word in question.text.split_whitespace() {
        let _ = write!(words, "{} ", word.to_lowercase());
    }
    blake3::hash(words.as_bytes()).to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_known_again_by_its_words() {
        let question = |text: &str| Question { text: text.into(), ..Question::default() };
        assert_eq!(key_of(&question("Which  database?\n")), key_of(&question("which database?")));
        assert_ne!(key_of(&question("Which database?")), key_of(&question("Which queue?")));
    }
}
