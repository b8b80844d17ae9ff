//! Sends an answer as the script wants it: late, in pieces, cut, hanging, spoilt.

use std::io::{self, Read as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::answer::Answer;
use crate::http;
use crate::stopping::Stopping;
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

/// The other side left, before or after it had the tokens.
enum Lost {
    Before,
    After,
}

/// An answer on its way.
pub(crate) struct Delivery<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) status: u16,
    pub(crate) headers: &'a [(String, String)],
    /// How it ends if nobody leaves and nothing breaks off.
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
        let length = match &body {
            Body::Whole(body) => body.len(),
            Body::Stream(frames) => frames.iter().map(String::len).sum(),
        };
        let most = [self.answer.cut_after, self.answer.hang_after].into_iter().flatten().min();
        let most = most.filter(|most| *most < length);
        let ending = if most.is_some() { Ending::Spoilt } else { self.ending };
        let sent = match body {
            Body::Whole(body) => self.whole(connection, &body, most, &mut || tell(ending)),
            Body::Stream(frames) => self.stream(connection, frames, most, &mut || tell(ending)),
        };
        match (sent, most) {
            (Ok(()), None) => After::Keep,
            (Ok(()), Some(_)) => {
                if self.answer.hang_after.is_some() {
                    hang(connection);
                }
                // The other side may have left already.
                let _ = connection.shutdown(Shutdown::Both);
                After::Close
            }
            (Err(Lost::Before), _) => {
                tell(Ending::Left);
                After::Close
            }
            (Err(Lost::After), _) => After::Close,
        }
    }

    fn whole(&self, mut out: &TcpStream, body: &str, most: Option<usize>, tell: &mut dyn FnMut()) -> Result<(), Lost> {
        let body = if self.answer.malformed { spoil(body) } else { body.to_owned() };
        tell();
        let most = most.unwrap_or(body.len());
        http::whole(&mut out, self.status, self.headers, body.as_bytes(), most).map_err(|_| Lost::Before)
    }

    fn stream(
        &self,
        mut out: &TcpStream,
        mut frames: Vec<String>,
        most: Option<usize>,
        tell: &mut dyn FnMut(),
    ) -> Result<(), Lost> {
        if self.answer.malformed {
            frames.iter_mut().skip(1).for_each(|frame| *frame = spoil(frame));
        }
        if let Some(most) = most {
            shorten(&mut frames, most);
            tell();
        }
        let last = frames.split_off(frames.len().saturating_sub(LAST_FRAMES));
        let begun = http::begin(&mut out, self.status, self.headers);
        begun.and_then(|()| self.frames(out, &frames)).map_err(|_| Lost::Before)?;
        if most.is_none() {
            tell();
        }
        let ended = self.frames(out, &last);
        let ended = if most.is_none() { ended.and_then(|()| http::end(&mut out)) } else { ended };
        ended.map_err(|_| Lost::After)
    }

    fn frames(&self, mut out: &TcpStream, frames: &[String]) -> io::Result<()> {
        for frame in frames {
            http::chunk(&mut out, frame.as_bytes())?;
            if !self.stopping.pause(Duration::from_millis(self.answer.piece_ms)) {
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
        Ok(())
    }
}

/// Keeps the first `most` bytes, or fewer where those would end within a character.
fn shorten(frames: &mut Vec<String>, mut most: usize) {
    for frame in frames.iter_mut() {
        let left = most.saturating_sub(frame.len());
        frame.truncate(frame.floor_char_boundary(most));
        most = left;
    }
    frames.retain(|frame| !frame.is_empty());
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
