//! A conversation with an agent in lines of JSON, and its record.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{Stage, end};

/// How long an agent may be silent.
pub(crate) const SILENCE: Duration = Duration::from_mins(3);

pub(crate) struct Talk {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Receiver<String>,
    /// Lines `{"to": …}` and `{"from": …}`.
    pub(crate) record: String,
    next: u64,
}

impl Talk {
    pub(crate) fn new(stage: &Stage, program: &str, arguments: &[&str]) -> Talk {
        let mut command = stage.command(program, arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (say, heard) = channel();
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| say.send(line)));
        let stdin = child.stdin.take();
        Talk { child, stdin, heard, record: String::new(), next: 0 }
    }

    pub(crate) fn say(&mut self, message: &Value) {
        writeln!(self.record, "{}", json!({ "to": message })).unwrap();
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{message}").unwrap();
        stdin.flush().unwrap();
    }

    /// The next message, or none at the end.
    pub(crate) fn hear(&mut self) -> Option<Value> {
        loop {
            let line = match self.heard.recv_timeout(SILENCE) {
                Ok(line) => line,
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
                Err(error) => {
                    self.child.kill().unwrap();
                    panic!("{error} after\n{}", self.record);
                }
            };
            if let Ok(message) = serde_json::from_str::<Value>(&line) {
                writeln!(self.record, "{}", json!({ "from": message })).unwrap();
                return Some(message);
            }
        }
    }

    /// The next line with these words in it.
    pub(crate) fn line(&mut self, words: &str) -> String {
        loop {
            let line = self.heard.recv_timeout(SILENCE).unwrap();
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Asks as JSON-RPC does, answers what is asked meanwhile, and returns the answer with all that was heard before it.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        parameters: &Value,
        answer: impl Fn(&Value) -> Value,
    ) -> (Value, Vec<Value>) {
        self.next += 1;
        let id = self.next;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": parameters}));
        let mut before = Vec::new();
        loop {
            let message = self.hear().unwrap_or_else(|| panic!("the end, after\n{}", self.record));
            if message.get("method").is_none() && message["id"] == id {
                return (message, before);
            }
            if message.get("method").is_some() && message.get("id").is_some() {
                let result = answer(&message);
                self.say(&json!({"jsonrpc": "2.0", "id": message["id"], "result": result}));
            }
            before.push(message);
        }
    }

    /// Closes what the agent reads, and waits for its end.
    pub(crate) fn close(&mut self) -> i32 {
        self.stdin = None;
        while self.hear().is_some() {}
        end(&mut self.child)
    }

    /// Ends an agent that does not end by itself.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Gone already, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
