//! The threads that read keys, the mouse and changes of the window's size, and that notice when the terminal is gone. They end with the
//! process.

use std::sync::mpsc::Sender;

use ratatui::crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use signal_hook::consts::SIGHUP;

use super::message::Message;

/// Waits until nobody is at the other end of the terminal any more, and says so once. The signal for it reaches the leader of the session
/// only, which may ignore it; and whoever reads keys then reads nothing, again and again.
pub(super) fn notice_hang_up(sender: &Sender<Message>) {
    let stdin = std::io::stdin();
    let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
    loop {
        match poll(&mut terminal, None) {
            Ok(_) if terminal.iter().any(|one| one.revents().intersects(PollFlags::HUP | PollFlags::ERR)) => break,
            Ok(_) | Err(Errno::INTR) => {}
            // It cannot be watched: then the signal has to do.
            Err(_) => return,
        }
    }
    let _ = sender.send(Message::Signal(SIGHUP));
}

/// Hands on what is typed until nobody listens, or the terminal is gone.
pub(super) fn read_keys(sender: &Sender<Message>) {
    while let Ok(event) = event::read() {
        let message = match event {
            Event::Key(key) => Message::Key(key),
            Event::Mouse(mouse) => Message::Mouse(mouse),
            Event::Paste(text) => Message::Paste(text),
            Event::Resize(..) => Message::Resized,
            Event::FocusGained | Event::FocusLost => continue,
        };
        if sender.send(message).is_err() {
            return;
        }
    }
    let _ = sender.send(Message::Signal(SIGHUP));
}
