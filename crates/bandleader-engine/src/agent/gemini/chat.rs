//! What a run has used while it goes on. The program says so only in its result line, but it writes each answer of its model to the file of
//! the session, with its tokens. Of a run that is ended before its result nothing else is known, and nothing else says when it has
//! used up what it may.
//!
//! The file is the program's own affair: what is not understood in it is passed over, and the result line has the last word.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bandleader_core::Spending;
use serde_json::Value;

/// The file of a session, as far as it was read.
#[derive(Debug)]
pub(super) struct Chat {
    file: PathBuf,
    read: u64,
    /// By answer: it is written again when more of it is known.
    answers: BTreeMap<String, Spending>,
    /// What earlier attempts used in this session.
    before: Spending,
}

impl Chat {
    /// Of the session that has just begun, or gone on, in this home. What is in its file now was used before.
    pub(super) fn of(home: &Path, session: &str) -> Option<Chat> {
        let short = session.get(..8).filter(|short| short.bytes().all(|byte| byte.is_ascii_alphanumeric()))?;
        let end = format!("-{short}.jsonl");
        let chats = fs::read_dir(home.join("tmp")).ok()?.flatten().map(|project| project.path().join("chats"));
        let files = chats.filter_map(|folder| fs::read_dir(folder).ok()).flat_map(Iterator::flatten);
        let mut files: Vec<PathBuf> =
            files.map(|file| file.path()).filter(|file| file.to_string_lossy().ends_with(&end)).collect();
        // Their names begin with the time.
        files.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
        let mut chat = Chat { file: files.pop()?, read: 0, answers: BTreeMap::new(), before: Spending::default() };
        chat.before = chat.sum();
        Some(chat)
    }

    /// What this run used so far, without calls that it did not write down yet.
    pub(super) fn used(&mut self) -> Spending {
        self.sum().since(self.before)
    }

    fn sum(&mut self) -> Spending {
        let _ = self.read_on();
        self.answers.values().fold(Spending::default(), |sum, answer| sum.plus(*answer))
    }

    fn read_on(&mut self) -> std::io::Result<()> {
        let mut file = BufReader::new(File::open(&self.file)?);
        file.seek(SeekFrom::Start(self.read))?;
        let mut line = Vec::new();
        while file.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
            self.read += u64::try_from(line.len()).unwrap_or_default();
            self.answers.extend(answer(&line));
            line.clear();
        }
        Ok(())
    }
}

/// An answer's name and what it used, if the line is one.
fn answer(line: &[u8]) -> Option<(String, Spending)> {
    let answer: Value = serde_json::from_slice(line).ok()?;
    let tokens = answer.get("tokens").filter(|tokens| tokens.is_object())?;
    let count = |key: &str| tokens.get(key).and_then(Value::as_u64).unwrap_or_default();
    let input = count("input");
    let output = count("output").saturating_add(count("thoughts")).max(count("total").saturating_sub(input));
    let spending = Spending { input, cached: count("cached"), output, cost: None, turns: 1 };
    Some((answer.get("id")?.as_str()?.to_owned(), spending))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn line(id: &str, input: u64) -> String {
        serde_json::json!({"id": id, "type": "gemini", "tokens": {"input": input, "output": 1, "thoughts": 2, "cached": 3}}).to_string()
    }

    #[test]
    fn only_what_is_added_was_used_now_and_an_answer_counts_once() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("tmp/project/chats");
        fs::create_dir_all(&folder).unwrap();
        assert!(Chat::of(home.path(), "0123abcd-rest").is_none());
        let path = folder.join("session-2026-11-21T12-36-0123abcd.jsonl");
        fs::write(&path, format!("{{\"sessionId\":\"x\"}}\nodd\n{}\n", line("a", 10))).unwrap();
        let mut chat = Chat::of(home.path(), "0123abcd-rest").unwrap();
        assert!(chat.used().is_nothing());
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        let odd = r#"{"id":"c","tokens":[]}"#;
        write!(file, "{0}\n{0}\n{odd}\n{1}", line("b", 20), line("d", 40)).unwrap();
        let used = chat.used();
        assert_eq!((used.input, used.cached, used.output, used.turns), (20, 3, 3, 1), "half a line is not there yet");
        writeln!(file).unwrap();
        assert_eq!(chat.used().input, 60);
        assert!(Chat::of(home.path(), "../../x").is_none());
    }
}
