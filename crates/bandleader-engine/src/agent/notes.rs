//! The folder of an agent's attempt: what its attendant leaves for the engine and the faces, and what they leave for it.
//!
//! ```text
//! runs/<id>/jobs/<job>.agent/
//!   outcome.json     what came of it; written last, whole or not at all
//!   answer.txt       its last words
//!   activity.json    what it is doing now; replaced often, may be lost
//!   progress.json    what the agent says of its progress itself, by its tools or `band report`; replaced, may be lost
//!   messages.jsonl   what people tell it: one `{"id", "text"}` a line, written by the engine
//!   connected        made by the agent's tool server when the agent has greeted it
//!   raw.jsonl        what was said between us and its program, secrets masked
//!   home/            its program's configuration for this attempt
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use bandleader_core::{AgentReport, JobId, Spending, Timestamp};
use serde::{Deserialize, Serialize};

use super::event::TodoItem;

/// The raw transcript is kept up to here; a plan with a thousand agents must not fill a disk with what nobody reads.
const RAW_KEPT: u64 = 32 << 20;

/// What an agent is doing now. A side channel: throttled, and of no consequence when it is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// When this was written.
    pub at: Timestamp,
    /// In a line: the tool at work, or the last thing said.
    pub doing: String,
    /// Its own list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub todo: Vec<TodoItem>,
    /// What it said of its progress: percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// And in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// Calls of tools so far.
    pub tools: u32,
    /// What it used so far.
    pub spending: Spending,
    /// The model that answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// It waits for its provider until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Timestamp>,
}

/// What an agent says of its progress. A file of its own, because its tools are another process than its attendant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// When it said so.
    pub at: Timestamp,
    /// 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// What it is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doing: Option<String>,
}

/// A message from a person to an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// From 1, rising within a run.
    pub id: u64,
    /// The words.
    pub text: String,
}

/// The folder of one attempt.
#[derive(Clone, Debug)]
pub struct Notes {
    path: PathBuf,
}

impl Notes {
    /// Of a job in a run's folder. Nothing is made yet.
    pub fn of(run_folder: &Path, job: JobId) -> Notes {
        Notes { path: run_folder.join("jobs").join(format!("{job}.agent")) }
    }

    /// Makes the folder, closed to other users.
    pub fn make(&self) -> io::Result<()> {
        for folder in [self.path.clone(), self.home()] {
            match DirBuilder::new().mode(0o700).create(&folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Configuration of the agent's program for this attempt alone.
    pub fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    /// The raw transcript.
    pub fn raw(&self) -> PathBuf {
        self.path.join("raw.jsonl")
    }

    /// What people told it.
    pub fn messages_file(&self) -> PathBuf {
        self.path.join("messages.jsonl")
    }

    /// Writes what came of it. Durable, and whole or not at all.
    pub fn write_outcome(&self, report: &AgentReport) -> io::Result<()> {
        replace(&self.path.join("outcome.json"), report, true)
    }

    /// What came of it; none when its attendant did not get so far.
    pub fn outcome(&self) -> Option<AgentReport> {
        read(&self.path.join("outcome.json"))
    }

    /// Writes its last words, all of them: what the task's output is when a plan asks for it.
    pub fn write_answer(&self, words: &str) -> io::Result<()> {
        fs::write(self.answer_file(), words)
    }

    /// Where its last words are.
    pub fn answer_file(&self) -> PathBuf {
        self.path.join("answer.txt")
    }

    /// Says what it is doing.
    pub fn write_activity(&self, activity: &Activity) -> io::Result<()> {
        replace(&self.path.join("activity.json"), activity, false)
    }

    /// What it is doing, as far as is known, with what it says of its progress.
    pub fn activity(&self) -> Option<Activity> {
        let activity: Option<Activity> = read(&self.path.join("activity.json"));
        let Some(progress) = read::<Progress>(&self.path.join("progress.json")) else { return activity };
        let activity = activity.unwrap_or_default();
        let percent = progress.percent.map(|percent| percent.min(100));
        Some(Activity { at: activity.at.max(progress.at), percent, progress: progress.doing, ..activity })
    }

    /// Says how far it is.
    pub fn write_progress(&self, progress: &Progress) -> io::Result<()> {
        self.make()?;
        replace(&self.path.join("progress.json"), progress, false)
    }

    /// The agent has greeted its tool server.
    pub fn mark_connected(&self) -> io::Result<()> {
        self.make()?;
        File::create(self.path.join("connected")).map(drop)
    }

    /// Whether it has.
    pub fn is_connected(&self) -> bool {
        self.path.join("connected").exists()
    }

    /// Leaves messages that it has not got yet; the ones that are there already stay, and none comes twice.
    pub fn leave_messages(&self, messages: &[Message]) -> io::Result<()> {
        self.make()?;
        let known = self.messages(0).last().map_or(0, |message| message.id);
        let mut text = String::new();
        for message in messages.iter().filter(|message| message.id > known) {
            text.push_str(&serde_json::to_string(message)?);
            text.push('\n');
        }
        if text.is_empty() {
            return Ok(());
        }
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(self.messages_file())?;
        file.write_all(text.as_bytes())
    }

    /// Messages after that number. A line that is not whole yet is left for the next look.
    pub fn messages(&self, after: u64) -> Vec<Message> {
        let text = fs::read_to_string(self.messages_file()).unwrap_or_default();
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        let all = whole.lines().filter_map(|line| serde_json::from_str::<Message>(line).ok());
        all.filter(|message| message.id > after).collect()
    }
}

/// The raw transcript of an attempt, up to a limit.
#[derive(Debug)]
pub(super) struct RawTranscript {
    file: Option<File>,
    left: u64,
}

impl RawTranscript {
    /// Goes on behind what is there. Without it the attempt still runs.
    pub(super) fn open(notes: &Notes) -> RawTranscript {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(notes.raw()).ok();
        RawTranscript { file, left: RAW_KEPT }
    }

    /// Keeps a line that is masked already.
    pub(super) fn line(&mut self, line: &[u8]) {
        let size = line.len() as u64 + 1;
        let Some(file) = &mut self.file else { return };
        let fits = self.left >= size;
        let mut whole =
            if fits { line.to_vec() } else { br#"{"type":"band","message":"the rest was left out"}"#.to_vec() };
        whole.push(b'\n');
        if file.write_all(&whole).is_err() || !fits {
            self.file = None;
        }
        self.left = self.left.saturating_sub(size);
    }
}

fn replace(path: &Path, value: &impl Serialize, durable: bool) -> io::Result<()> {
    // Several of an agent's tools may write at once.
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(&serde_json::to_vec(value)?)?;
    if durable {
        file.sync_all()?;
    }
    fs::rename(&beside, path)
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use bandleader_core::{AttemptId, Step, TaskId};

    use super::*;

    fn notes() -> (tempfile::TempDir, Notes) {
        let run = tempfile::tempdir().unwrap();
        fs::create_dir(run.path().join("jobs")).unwrap();
        let job = JobId { attempt: AttemptId { task: TaskId(3), number: 1 }, step: Step::Work };
        let notes = Notes::of(run.path(), job);
        notes.make().unwrap();
        (run, notes)
    }

    #[test]
    fn a_message_comes_once_and_in_order_however_often_it_is_left() {
        let (_run, notes) = notes();
        let message = |id| Message { id, text: format!("line\n{id}") };
        notes.leave_messages(&[message(1), message(2)]).unwrap();
        notes.leave_messages(&[message(1), message(2), message(5)]).unwrap();
        let ids = |after| notes.messages(after).iter().map(|message| message.id).collect::<Vec<_>>();
        assert_eq!(ids(0), [1, 2, 5]);
        assert_eq!(ids(2), [5]);
        fs::OpenOptions::new().append(true).open(notes.messages_file()).unwrap().write_all(b"{\"id\":6,").unwrap();
        assert_eq!(ids(0), [1, 2, 5], "half a line is not a message yet");
    }

    #[test]
    fn an_outcome_is_there_or_not() {
        let (_run, notes) = notes();
        assert_eq!(notes.outcome(), None);
        let report = AgentReport { driver: "claude".into(), said: "done".into(), ..AgentReport::default() };
        notes.write_outcome(&report).unwrap();
        assert_eq!(notes.outcome(), Some(report));
    }

    #[test]
    fn a_transcript_ends_at_its_limit_and_says_so() {
        let (_run, notes) = notes();
        let mut raw = RawTranscript::open(&notes);
        raw.left = 20;
        for line in [&b"0123456789"[..], b"0123456789", b"0123456789"] {
            raw.line(line);
        }
        let kept = fs::read_to_string(notes.raw()).unwrap();
        assert_eq!(kept.lines().count(), 2, "{kept}");
        assert!(kept.contains("left out"));
    }
}
