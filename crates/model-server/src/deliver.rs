//! Sends an answer as the script wants it: late, in pieces, cut, hanging, spoilt.

use std::io::{self, Read as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::http;
use crate::rules::Answer;
use crate::server::Stopping;
use crate::tally::Ending;

/// A body, whole or as the frames of a stream.
pub(crate) enum Body {
    Whole(String),
    Stream(Vec<String>),
}

/// Whether the connection can be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
}

/// Frames that may lie behind the one that names the tokens: a client that has that one may leave.
const LAST_FRAMES: usize = 2;

/// An answer on its way.
pub(crate) struct Delivery<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) status: u16,
    pub(crate) headers: &'a [(String, String)],
    /// How it ends if nobody leaves.
    pub(crate) ending: Ending,
    pub(crate) stopping: &'a Stopping,
}

impl Delivery<'_> {
    /// Sends `body`. `tell` hears how it ends, before the other side can have seen the end, and once more if the other side left
    /// before that.
    pub(crate) fn send(&self, connection: &TcpStream, body: Body, tell: &mut dyn FnMut(Ending)) -> After {
        if !self.stopping.pause(Duration::from_millis(self.answer.first_ms)) {
            tell(Ending::Left);
            return After::Close;
        }
        let sent = match body {
            Body::Whole(body) => self.whole(connection, &body, tell),
            Body::Stream(frames) => self.stream(connection, frames, tell),
        };
        match (sent, self.answer.hang_after, self.answer.cut_after) {
            (Err(_), ..) => After::Close,
            (Ok(()), Some(_), _) => {
                hang(connection);
                After::Close
            }
            (Ok(()), None, Some(_)) => {
                // The other side may have left already.
                let _ = connection.shutdown(Shutdown::Both);
                After::Close
            }
            (Ok(()), None, None) => After::Keep,
        }
    }

    /// Bytes of the body after which the script breaks off.
    fn most(&self) -> Option<usize> {
        [self.answer.cut_after, self.answer.hang_after].into_iter().flatten().min()
    }

    fn whole(&self, mut connection: &TcpStream, body: &str, tell: &mut dyn FnMut(Ending)) -> io::Result<()> {
        let body = if self.answer.malformed { spoil(body) } else { body.to_owned() };
        let most = self.most().map_or(body.len(), |most| most.min(body.len()));
        tell(self.ending);
        let sent = http::whole(&mut connection, self.status, self.headers, body.as_bytes(), most);
        sent.inspect_err(|_| tell(Ending::Left))
    }

    fn stream(&self, connection: &TcpStream, mut frames: Vec<String>, tell: &mut dyn FnMut(Ending)) -> io::Result<()> {
        if self.answer.malformed
            && let Some(second) = frames.get_mut(1)
        {
            *second = spoil(second);
        }
        let last = frames.split_off(frames.len().saturating_sub(LAST_FRAMES));
        let mut left = self.most();
        if left.is_some() {
            tell(self.ending);
        }
        let begun = http::begin(&mut &*connection, self.status, self.headers);
        begun.and_then(|()| self.frames(connection, &frames, &mut left)).inspect_err(|_| tell(Ending::Left))?;
        if left == Some(0) {
            return Ok(());
        }
        tell(self.ending);
        self.frames(connection, &last, &mut left)?;
        // What is to break off later than at its end breaks off there, before the sign that it is whole.
        if left.is_none() { http::end(&mut &*connection) } else { Ok(()) }
    }

    fn frames(&self, mut connection: &TcpStream, frames: &[String], left: &mut Option<usize>) -> io::Result<()> {
        for frame in frames {
            let most = left.map_or(frame.len(), |left| left.min(frame.len()));
            http::chunk(&mut connection, frame.as_bytes().get(..most).unwrap_or_default())?;
            if let Some(left) = left {
                *left -= most;
                if *left == 0 {
                    return Ok(());
                }
            }
            if !self.stopping.pause(Duration::from_millis(self.answer.piece_ms)) {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        Ok(())
    }
}

/// Until the other side leaves, or the server ends and closes this itself.
fn hang(mut connection: &TcpStream) {
    let mut more = [0; 256];
    while connection.read(&mut more).is_ok_and(|read| read > 0) {}
}

/// JSON that breaks off in the middle, within a frame that does not.
fn spoil(text: &str) -> String {
    let (kept, end) = text.split_at(text.trim_end().len());
    let (name, data) = kept.split_at(kept.find('{').unwrap_or(0));
    let (half, _) = data.split_at(data.floor_char_boundary(data.len() / 2));
    format!("{name}{half}{end}")
}
