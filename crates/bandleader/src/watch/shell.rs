//! The loop around the pure middle: keys and signals come in, the log is followed, a frame goes out when something has changed.

mod looking;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use bandleader_core::{Command, Millis, RunId};
use bandleader_engine::folder::Folder;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::feed::Feed;
use super::holding::Holding;
use super::input::read_keys;
use super::log::LogFile;
use super::message::{Deed, Message};
use super::pacing::Pacing;
use super::page::Abilities;
use super::request::Ready;
use super::state::{Seen, State};
use super::terminal::Held;
use super::update::{settle, update};
use super::views;
use crate::error::Failure;
use crate::notice::{Desktop, Notices};
use crate::render::live::{Activities, Presence, Scene, lengths};

/// How the full screen is shown.
pub(crate) struct Options {
    /// What the terminal can show.
    pub abilities: Abilities,
    /// Who is told of open decisions.
    pub notices: Notices,
}

/// How often the log and the other files are looked at while no key is pressed.
const BEAT: Duration = Duration::from_millis(200);
/// How often it is asked what agents do, and whether there is an engine.
const LOOK: Duration = Duration::from_secs(1);

/// Shows a run until the person leaves; gives back the run as it was then.
///
/// # Errors
/// The log is damaged; the terminal is gone.
pub(crate) fn open(folder: &Folder, id: &RunId, feed: Feed, options: Options) -> Result<Feed, Failure> {
    let (sender, messages) = channel();
    let mut shell = Shell::new(folder, id, feed, options, sender.clone());
    shell.catch_up()?;
    let held = Held::take()?;
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH])
        .map_err(|error| Failure::internal(format!("no signals: {error}")))?;
    let handle = signals.handle();
    let of_signals = sender.clone();
    thread::spawn(move || signals.forever().try_for_each(|signal| of_signals.send(Message::Signal(signal))));
    thread::spawn(move || read_keys(&sender));
    let result = shell.run(held, &messages);
    handle.close();
    for command in shell.holding.due(None, Instant::now()) {
        let _ = shell.ready(command).run();
    }
    result.map(|()| shell.feed)
}

/// All that the loop holds.
struct Shell {
    folder: Folder,
    id: RunId,
    feed: Feed,
    options: Options,
    desktop: Desktop,
    sender: Sender<Message>,
    state: State,
    lengths: Vec<Millis>,
    activities: Activities,
    engine: Presence,
    holding: Holding,
    log: Option<LogFile>,
    /// The first line and the height of the part of it that was read last.
    read: (usize, usize),
    looked: Option<Instant>,
    /// When the last message came.
    heard: Instant,
    pacing: Pacing,
    /// The second that clocks showed in the last frame.
    second: u64,
    /// Whether the last frame is behind.
    stale: bool,
}

/// Whether the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    Leave,
    Suspend,
}

/// The run and what is known beside it.
macro_rules! scene {
    ($shell:expr) => {
        Scene {
            id: $shell.id.as_str(),
            run: $shell.feed.run(),
            lengths: &$shell.lengths,
            now: $shell.feed.now(),
            hint: "",
            activities: &$shell.activities,
            engine: $shell.engine,
        }
    };
}
use scene;

impl Shell {
    fn new(folder: &Folder, id: &RunId, feed: Feed, options: Options, sender: Sender<Message>) -> Shell {
        let lengths = lengths(feed.run());
        Shell {
            folder: folder.clone(),
            id: id.clone(),
            feed,
            options,
            desktop: Desktop::of(|name| std::env::var(name).ok()),
            sender,
            state: State::default(),
            lengths,
            activities: Activities::default(),
            engine: Presence::Here,
            holding: Holding::default(),
            log: None,
            read: (0, 0),
            looked: None,
            heard: Instant::now(),
            pacing: Pacing::of(Instant::now(), |name| std::env::var(name).ok()),
            second: 0,
            stale: true,
        }
    }

    fn run(&mut self, mut held: Held, messages: &Receiver<Message>) -> Result<(), Failure> {
        // A run that is over brings no event that would choose a row.
        settle(&mut self.state, &scene!(self));
        loop {
            if let Some(notice) = self.options.notices.due(self.feed.run(), self.feed.now()) {
                held.write(&self.desktop.sequence(&notice))?;
                self.desktop.start(&notice);
            }
            self.draw(&mut held)?;
            let first = match messages.recv_timeout(self.patience()) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            };
            // All that has come by now shares a frame.
            for message in first.into_iter().chain(messages.try_iter()) {
                match self.take(message, &mut held)? {
                    Next::GoOn => {}
                    Next::Leave => {
                        held.give_back_the_screen();
                        self.hear_out(messages);
                        return Ok(());
                    }
                    Next::Suspend => {
                        self.hear_out(messages);
                        held.suspend()?;
                    }
                }
            }
            self.catch_up()?;
            self.stale |= self.state.fade(self.heard.elapsed());
            self.hold(self.open_in_full());
        }
    }

    /// Waits for what the terminal still has to answer: whoever has it next would take that for something typed.
    fn hear_out(&mut self, messages: &Receiver<Message>) {
        let until = Instant::now() + self.pacing.owed(Instant::now());
        while let Ok(message) = messages.recv_timeout(until.saturating_duration_since(Instant::now())) {
            match message {
                Message::Answered => return self.pacing.answered(Instant::now()),
                Message::Signal(SIGHUP) => return,
                _ => {}
            }
        }
    }

    /// The question that a person reads now, if its clock runs.
    fn open_in_full(&self) -> Option<u32> {
        let number = self.state.dialog.as_ref()?.number;
        let decision = self.feed.run().decisions().get(&number)?;
        let runs =
            decision.taken.is_none() && decision.left(self.feed.now()).is_some() && self.engine == Presence::Here;
        (runs && self.state.playing.is_none()).then_some(number)
    }

    /// Holds the clock of an open question. Whatever is in the way is no reason to disturb whoever reads it.
    fn hold(&mut self, open: Option<u32>) {
        for command in self.holding.due(open, Instant::now()) {
            let ready = self.ready(command);
            thread::spawn(move || ready.run());
        }
    }

    fn ready(&self, command: Command) -> Ready {
        Ready { folder: self.folder.clone(), id: self.id.clone(), command }
    }

    /// Until the next frame may be drawn if one is due, and never longer than until the log is looked at again.
    fn patience(&self) -> Duration {
        if self.stale { self.pacing.rest(Instant::now()).min(BEAT) } else { BEAT }
    }

    fn take(&mut self, message: Message, held: &mut Held) -> Result<Next, Failure> {
        match message {
            Message::Answered => {
                self.pacing.answered(Instant::now());
                return Ok(Next::GoOn);
            }
            Message::Signal(SIGTSTP) => return Ok(Next::Suspend),
            Message::Signal(SIGCONT) => held.again()?,
            // The next frame is as large as the window.
            Message::Signal(SIGWINCH) => {}
            Message::Signal(_) => return Ok(Next::Leave),
            _ => {}
        }
        self.stale = true;
        self.heard = Instant::now();
        self.pacing.ask();
        let deeds = update(&mut self.state, &scene!(self), message);
        for deed in deeds {
            match deed {
                Deed::Leave => return Ok(Next::Leave),
                Deed::Suspend => return Ok(Next::Suspend),
                Deed::Play(play) => {
                    self.feed.play(play)?;
                    self.state.story = None;
                }
                Deed::Ask(request) => {
                    let plan = self.feed.run().plan();
                    let path = |task| plan.task(task).path.clone();
                    let ready = Ready::of(&self.folder, &self.id, request, path);
                    let sender = self.sender.clone();
                    thread::spawn(move || sender.send(Message::Done(ready.run())));
                }
            }
        }
        settle(&mut self.state, &scene!(self));
        Ok(Next::GoOn)
    }

    fn draw(&mut self, held: &mut Held) -> Result<(), Failure> {
        let begun = Instant::now();
        if !self.stale || !self.pacing.rest(begun).is_zero() {
            return Ok(());
        }
        let (state, abilities) = (&self.state, self.options.abilities);
        let scene = scene!(self);
        let mut seen = Seen::default();
        held.draw(self.pacing.question(begun), |frame| seen = views::draw(state, &scene, abilities, frame))?;
        if let Some(top) = self.state.tops.get_mut(self.state.tab.index()) {
            *top = seen.top;
        }
        // A pane of another height shows other lines of a log: the next look at it brings them.
        self.stale = seen.height != self.state.seen.height;
        self.state.seen = seen;
        self.pacing.drawn(begun, Instant::now());
        Ok(())
    }
}
