//! The events of a server as they come over HTTP: lines that begin with `data:` and hold JSON. The rest of that format is not used by OpenCode.

use serde_json::Value;

use crate::agent::driver::Events;

/// A stream of events that is open.
pub(super) struct Stream {
    response: reqwest::Response,
    buffer: Vec<u8>,
    /// How much of the buffer is known to have no line break.
    searched: usize,
}

impl Stream {
    pub(super) fn of(response: reqwest::Response) -> Stream {
        Stream { response, buffer: Vec::new(), searched: 0 }
    }

    /// The next event; none when the stream is over. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&mut self, events: &Events) -> Option<Value> {
        loop {
            while let Some(line) = self.line() {
                let Some(event) = line.strip_prefix("data:").map(str::trim_start) else { continue };
                match serde_json::from_str::<Value>(event) {
                    // It beats even when nothing happens: it must not look as if the agent lived.
                    Ok(event) if event["type"] == "server.heartbeat" => {}
                    Ok(value) => {
                        events.raw(event);
                        return Some(value);
                    }
                    Err(_) => {
                        events.raw(event);
                        events.tell(super::noise(event));
                    }
                }
            }
            let bytes = self.response.chunk().await.ok().flatten()?;
            self.buffer.extend_from_slice(&bytes);
        }
    }

    fn line(&mut self) -> Option<String> {
        let rest = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let line: Vec<u8> = self.buffer.drain(..=self.searched + end).collect();
        self.searched = 0;
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
