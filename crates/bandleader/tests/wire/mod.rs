//! The wire to a `band mcp` of a test's own: JSON-RPC, a message a line, both ways.
#![allow(clippy::allow_attributes, dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A server that was started, and what comes of it. It ends with its owner.
pub struct Wire {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Wire {
    /// Not greeted yet.
    pub fn start(command: &mut Command) -> Wire {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let (input, output) = (server.stdin.take(), BufReader::new(server.stdout.take().unwrap()));
        Wire { server, input, output, last: 0 }
    }

    /// Greets it as a client that can do these things; what it answered.
    pub fn greet(&mut self, capabilities: &Value) -> Value {
        let info = json!({ "name": "test", "version": "1" });
        let greeting = json!({ "protocolVersion": "2025-06-18", "capabilities": capabilities, "clientInfo": info });
        let answer = self.request("initialize", &greeting, |_| None);
        assert_eq!(answer["result"]["serverInfo"]["name"], "band", "{answer}");
        self.line(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        answer["result"].clone()
    }

    pub fn line(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next message of the server.
    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
        serde_json::from_str(&line).unwrap()
    }

    /// Asks the server. What the server says meanwhile goes to `meanwhile`, whose answers go back to it.
    pub fn request(
        &mut self,
        method: &str,
        params: &Value,
        mut meanwhile: impl FnMut(&Value) -> Option<Value>,
    ) -> Value {
        self.last += 1;
        let id = self.last;
        self.line(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
        loop {
            let message = self.next();
            if message["method"].is_null() && message["id"] == json!(id) {
                return message;
            }
            if let Some(answer) = meanwhile(&message) {
                self.line(&answer.to_string());
            }
        }
    }

    /// Closes the connection; the server's exit code.
    pub fn end(mut self) -> i32 {
        self.input = None;
        self.server.wait().unwrap().code().unwrap()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
