//! The thread that reads keys, the mouse and what the terminal answers, and that notices when the terminal is gone. It ends with the
//! process.
//!
//! Not the reader of the library that draws: it keeps answers of the terminal to itself, and takes the parts of a key that a slow line
//! brings one after the other for keys of their own.

use std::os::fd::AsFd;
use std::sync::mpsc::Sender;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use signal_hook::consts::SIGHUP;
use termina::escape::csi::{Csi, Cursor};
use termina::{Event, Parser};

use super::message::Message;

/// The parts of a key come closer together than this: an escape that is alone for so long is the key of that name.
const APART: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// Hands on what is typed until nobody listens, or the terminal is gone. The signal for that reaches the leader of the session only,
/// which may ignore it; so it is said here, too.
pub(super) fn read_keys(sender: &Sender<Message>) {
    let terminal = std::io::stdin();
    let _ = hand_on(&terminal, sender);
    let _ = sender.send(Message::Signal(SIGHUP));
}

/// Ends with an error where the terminal cannot be read, and without one where it is at its end or nobody listens.
fn hand_on(terminal: &impl AsFd, sender: &Sender<Message>) -> Result<(), Errno> {
    let mut parser = Parser::default();
    let mut bytes = [0; 4096];
    let mut wait = None;
    loop {
        match poll(&mut [PollFd::new(terminal, PollFlags::IN)], wait) {
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error),
            Ok(0) => {
                parser.parse(&[], false);
                wait = None;
            }
            Ok(_) => match read(terminal, &mut bytes) {
                Ok(0) => return Ok(()),
                Ok(length) => {
                    parser.parse(bytes.get(..length).unwrap_or_default(), true);
                    wait = Some(&APART);
                }
                Err(Errno::INTR | Errno::AGAIN) => continue,
                Err(error) => return Err(error),
            },
        }
        while let Some(event) = parser.pop() {
            if message(event).is_some_and(|message| sender.send(message).is_err()) {
                return Ok(());
            }
        }
    }
}

fn message(event: Event) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key(key)),
        Event::Mouse(mouse) => Some(Message::Mouse(mouse)),
        Event::Paste(text) => Some(Message::Paste(text)),
        Event::Csi(Csi::Cursor(Cursor::ActivePositionReport { .. })) => Some(Message::Answered),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;
    use std::sync::mpsc::channel;

    use termina::event::KeyCode;

    use super::*;

    /// What these pieces are, each of which is all that one look at the terminal brings.
    fn typed(pieces: &[&[u8]]) -> Vec<String> {
        let (reader, writer) = UnixDatagram::pair().unwrap();
        let (sender, messages) = channel();
        let reading = std::thread::spawn(move || hand_on(&reader, &sender));
        // An empty one is the end.
        for piece in pieces.iter().chain(&[&b""[..]]) {
            writer.send(piece).unwrap();
        }
        reading.join().unwrap().unwrap();
        let word = |message| match message {
            Message::Key(key) => match key.code {
                KeyCode::Char(letter) => letter.to_string(),
                code => format!("{code:?}"),
            },
            Message::Answered => "answered".to_owned(),
            other => format!("{other:?}"),
        };
        messages.try_iter().map(word).collect()
    }

    #[test]
    fn a_key_whose_parts_come_one_by_one_is_one_key() {
        assert_eq!(typed(&[b"\x1b", b"[", b"Aq"]), ["Up", "q"]);
        assert_eq!(typed(&["ü".as_bytes().get(..1).unwrap(), "ü".as_bytes().get(1..).unwrap()]), ["ü"]);
        assert_eq!(typed(&[b"\x1b[24;80R", b"d\x1b[3;1", b"RB\r"]), ["answered", "d", "answered", "B", "Enter"]);
    }

    #[test]
    fn an_escape_that_stays_alone_is_a_key() {
        let (reader, writer) = UnixDatagram::pair().unwrap();
        let (sender, messages) = channel();
        let reading = std::thread::spawn(move || hand_on(&reader, &sender));
        writer.send(b"\x1b").unwrap();
        assert!(matches!(messages.recv().unwrap(), Message::Key(key) if key.code == KeyCode::Escape));
        writer.send(b"[A").unwrap();
        assert!(matches!(messages.recv().unwrap(), Message::Key(key) if key.code == KeyCode::Char('[')));
        writer.send(b"").unwrap();
        reading.join().unwrap().unwrap();
    }
}
