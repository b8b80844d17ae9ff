//! Telling a person who looks elsewhere that a decision is open, or that nobody answered one in time: when, how often, and by which means.
//!
//! `Notices` is pure. The rest asks the environment which of the ways that terminals and desktops know is there.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use bandleader_core::{Millis, Run, Timestamp};

use crate::render::heard;
use crate::render::text::clean;

/// The first reminder; each further one comes after twice as long.
const FIRST: Millis = Millis::MINUTE;
/// They are never further apart.
const LAST: Millis = Millis(30 * 60_000);
/// Characters of a notice.
const LONGEST: usize = 160;

/// Who was told of what, and when they are told again.
#[derive(Debug)]
pub(crate) struct Notices {
    bell: Bell,
    open: BTreeMap<u32, Told>,
}

/// What was told of one question.
#[derive(Clone, Copy, Debug)]
struct Told {
    /// When it is told again.
    next: Timestamp,
    /// After which pause.
    pause: Millis,
    /// Whether it was told as one that nobody answered in time.
    urgency: Urgency,
}

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    /// In a line.
    pub text: String,
    /// How much it matters.
    pub urgency: Urgency,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// Somebody is asked.
    Usual,
    /// Nobody answered in time: more people are to be told.
    Escalated,
}

/// Whether notices are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bell {
    /// They are.
    On,
    /// `--no-bell`, or `bell = false` in `band.toml`.
    Off,
}

impl Notices {
    /// Before anything was told.
    pub(crate) fn new(bell: Bell) -> Notices {
        Notices { bell, open: BTreeMap::new() }
    }

    /// What to say now: of questions that were opened or escalated since the last call, and of those whose reminder is due. None most of
    /// the time.
    pub(crate) fn due(&mut self, run: &Run, now: Timestamp) -> Option<Notice> {
        if self.bell == Bell::Off {
            return None;
        }
        self.open.retain(|number, _| run.decisions().get(number).is_some_and(|one| one.taken.is_none()));
        let mut due = Vec::new();
        for (number, decision) in run.open_decisions().filter(|(_, one)| one.asks_people()) {
            let urgency = if decision.escalated.is_some() { Urgency::Escalated } else { Urgency::Usual };
            match self.open.get_mut(&number) {
                Some(told) if told.urgency == urgency && told.next > now => continue,
                Some(told) if told.urgency == urgency => {
                    told.pause = Millis(told.pause.0.saturating_mul(2).min(LAST.0));
                    told.next = now.plus(told.pause);
                }
                // It is new, or it was escalated: told at once, and from then on as if it were new.
                _ => drop(self.open.insert(number, Told { next: now.plus(FIRST), pause: FIRST, urgency })),
            }
            due.push((urgency, number, decision));
        }
        // What nobody answered goes before what nobody had time to answer yet.
        due.sort_by_key(|(urgency, number, _)| (std::cmp::Reverse(*urgency), *number));
        let (urgency, number, decision) = due.first()?;
        let asker = heard::asker(run, &decision.asker);
        let more = if due.len() > 1 { format!(" (and {} more)", due.len() - 1) } else { String::new() };
        let late = if *urgency == Urgency::Escalated { "nobody answered in time: " } else { "" };
        let text = format!("{late}{number}  {}: {}{more}", clean(&asker), clean(&decision.question.text));
        Some(Notice { text: text.chars().take(LONGEST).collect(), urgency: *urgency })
    }
}

/// How the person's desktop is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Desktop {
    /// By `notify-send`, on a desktop of this machine.
    Program,
    /// By a sequence that this terminal shows as a notice: OSC 9 (iTerm2, WezTerm, Ghostty).
    Osc9,
    /// OSC 777 (foot, rxvt).
    Osc777,
    /// OSC 99 (kitty).
    Osc99,
    /// The bell has to do.
    None,
}

impl Desktop {
    /// By the environment. In tmux and over ssh the terminal's own way is taken where its name says that it has one.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Desktop {
        let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let kind = variable("TERM").unwrap_or_default();
        let program = variable("TERM_PROGRAM").unwrap_or_default();
        let inside = has("TMUX") || has("STY");
        match () {
            () if !inside && kind.contains("kitty") => Desktop::Osc99,
            () if !inside && (kind.starts_with("foot") || kind.starts_with("rxvt")) => Desktop::Osc777,
            () if !inside
                && (kind.contains("ghostty") || matches!(program.as_str(), "iTerm.app" | "WezTerm" | "ghostty")) =>
            {
                Desktop::Osc9
            }
            () if !has("SSH_CONNECTION") && (has("DISPLAY") || has("WAYLAND_DISPLAY")) => Desktop::Program,
            () => Desktop::None,
        }
    }

    /// What the terminal is sent: the bell, and its notice if it has one.
    pub(crate) fn sequence(self, notice: &Notice) -> String {
        let text = &notice.text;
        // Only letters that mean nothing to a terminal, and no semicolon, which parts fields.
        let text: String =
            text.chars().map(|letter| if letter == ';' || letter.is_control() { ',' } else { letter }).collect();
        match self {
            Desktop::Osc9 => format!("\u{7}\u{1b}]9;band: {text}\u{1b}\\"),
            Desktop::Osc777 => format!("\u{7}\u{1b}]777;notify;band;{text}\u{1b}\\"),
            Desktop::Osc99 => {
                let urgent = if notice.urgency == Urgency::Escalated { "u=2" } else { "" };
                format!("\u{7}\u{1b}]99;{urgent};band: {text}\u{1b}\\")
            }
            Desktop::Program | Desktop::None => "\u{7}".into(),
        }
    }

    /// Starts the desktop's own program where that is the way. One that is not there is nobody's problem.
    pub(crate) fn start(self, notice: &Notice) {
        if self != Desktop::Program {
            return;
        }
        let mut command = Command::new("notify-send");
        let (urgency, title) = match notice.urgency {
            Urgency::Usual => ("--urgency=normal", "band: a decision is open"),
            Urgency::Escalated => ("--urgency=critical", "band: a decision waits for somebody else"),
        };
        command.args(["--app-name=band", urgency, "--", title, &notice.text]);
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        if let Ok(mut child) = spawned {
            // It ends at once; somebody has to see it off.
            std::thread::spawn(move || child.wait());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desktop(set: &[(&str, &str)]) -> Desktop {
        Desktop::of(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn each_terminal_is_told_in_its_own_way() {
        assert_eq!(desktop(&[("TERM", "xterm-kitty")]), Desktop::Osc99);
        assert_eq!(desktop(&[("TERM", "xterm-kitty"), ("TMUX", "x")]), Desktop::None);
        assert_eq!(desktop(&[("TERM", "foot-direct")]), Desktop::Osc777);
        assert_eq!(desktop(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")]), Desktop::Osc9);
        assert_eq!(desktop(&[("TERM", "xterm"), ("DISPLAY", ":0")]), Desktop::Program);
        assert_eq!(desktop(&[("TERM", "xterm"), ("DISPLAY", ":0"), ("SSH_CONNECTION", "x")]), Desktop::None);
    }

    #[test]
    fn no_text_ends_the_sequence_that_it_stands_in() {
        let notice = |text: &str, urgency| Notice { text: text.into(), urgency };
        let sent = Desktop::Osc777.sequence(&notice("a;b\u{1b}\\c\u{7}\u{9c}", Urgency::Usual));
        assert_eq!(sent, "\u{7}\u{1b}]777;notify;band;a,b,\\c,,\u{1b}\\");
        assert_eq!(Desktop::None.sequence(&notice("a", Urgency::Usual)), "\u{7}");
        let urgent = Desktop::Osc99.sequence(&notice("late", Urgency::Escalated));
        assert_eq!(urgent, "\u{7}\u{1b}]99;u=2;band: late\u{1b}\\");
    }
}
