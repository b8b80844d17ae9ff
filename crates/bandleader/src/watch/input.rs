//! The thread that reads keys, the mouse and changes of the window's size. It ends with the process.

use std::sync::mpsc::Sender;

use ratatui::crossterm::event::{self, Event};
use signal_hook::consts::SIGHUP;

use super::message::Message;

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
