//! Names of things: runs, tasks, attempts. Parsed once, then trusted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A run's name: lower-case letters and digits, 1 to 32 of them. Any unique prefix of it names the run to a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(Box<str>);

/// That text is not a run id.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a run id: lower-case letters and digits only, at most 32")]
pub struct BadRunId(String);

impl RunId {
    /// Checks `text` once.
    pub fn parse(text: &str) -> Result<RunId, BadRunId> {
        let fits = (1..=32).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return Ok(RunId(text.into()));
        }
        Err(BadRunId(text.chars().take(64).collect()))
    }

    /// The id as text; safe in a file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The git branch on which the work of its tasks comes together.
    pub fn branch(&self) -> String {
        format!("band/{}/run", self.0)
    }
}

impl TryFrom<String> for RunId {
    type Error = BadRunId;
    fn try_from(text: String) -> Result<RunId, BadRunId> {
        RunId::parse(&text)
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0.into()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A task's place in its plan (`Plan::tasks`). Stable for the whole life of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskId(pub u32);

impl TaskId {
    /// As an index into a vector that is parallel to `Plan::tasks`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A group's place in its plan (`Plan::groups`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u32);

impl GroupId {
    /// As an index into `Plan::groups`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One try at one task. Attempts are numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The task.
    pub task: TaskId,
    /// 1 for the first try.
    pub number: u32,
}

/// Which process of an attempt: the work itself, one of its gates, or the undoing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The task's own command or agent.
    Work,
    /// The gate with this index in `Task::gates`.
    Gate(u32),
    /// The task's `compensate` script.
    Undo,
    /// Its work is merged with that of others; the number counts tries, from 0.
    Merge(u32),
    /// A gate on the merged work. Counts on over the tries: the gate is this modulo their number.
    MergedGate(u32),
    /// The merged work is put on the run's branch; the number of the try.
    Land(u32),
    /// The run's branch is merged into one of a person's; counts tries over the whole run. Of no task: see `JobId::of_run`.
    Into(u32),
}

/// One process that should be alive: the unit that supervisors run and report on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId {
    /// The attempt it belongs to.
    pub attempt: AttemptId,
    /// Its part in that attempt.
    pub step: Step,
}

/// `12.1`, `12.1.gate0`, `12.1.undo`, `12.1.merge0`: also the stem of the job's files.
impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.attempt.task.0, self.attempt.number)?;
        match self.step {
            Step::Work => Ok(()),
            Step::Gate(index) => write!(f, ".gate{index}"),
            Step::Undo => f.write_str(".undo"),
            Step::Merge(round) => write!(f, ".merge{round}"),
            Step::MergedGate(index) => write!(f, ".merged{index}"),
            Step::Land(round) => write!(f, ".land{round}"),
            Step::Into(round) => write!(f, ".into{round}"),
        }
    }
}

impl JobId {
    /// A process of the run as a whole. It carries the attempt 0 of the plan's first task, because attempts are numbered from 1.
    pub fn of_run(step: Step) -> JobId {
        JobId { attempt: AttemptId { task: TaskId(0), number: 0 }, step }
    }

    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Option<JobId> {
        let mut parts = text.splitn(3, '.');
        let task = TaskId(parts.next()?.parse().ok()?);
        let number = parts.next()?.parse().ok()?;
        let step = match parts.next() {
            None => Step::Work,
            Some("undo") => Step::Undo,
            Some(step) => {
                let (name, number) = step.split_at(step.find(|c: char| c.is_ascii_digit())?);
                let number = number.parse().ok()?;
                match name {
                    "gate" => Step::Gate(number),
                    "merge" => Step::Merge(number),
                    "merged" => Step::MergedGate(number),
                    "land" => Step::Land(number),
                    "into" => Step::Into(number),
                    _ => return None,
                }
            }
        };
        Some(JobId { attempt: AttemptId { task, number }, step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_id_reads_back() {
        for text in ["0.1", "17.2.gate3", "4000000000.9.undo", "1.1.merge0", "1.1.merged3", "1.1.land2", "0.0.into4"] {
            assert_eq!(JobId::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "1", "1.x", "1.1.gate", "1.1.other", "-1.1"] {
            assert_eq!(JobId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_run_id_is_safe_in_a_path() {
        assert!(RunId::parse("k3v9").is_ok());
        for text in ["", "../x", "A", "a b", "a/b", &"a".repeat(33)] {
            assert!(RunId::parse(text).is_err(), "{text}");
        }
    }
}
