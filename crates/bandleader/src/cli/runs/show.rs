//! A run as it goes on, in the manner that the person wants: live view, plain lines, JSON lines.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bandleader_core::view::{History, Timeline, check_in};
use bandleader_core::{Asker, Event, Millis, Recorded, Run, RunId, RunState};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use serde_json::Value;

use super::Seeing;
use super::news::News;
use super::outcome;
use crate::error::Failure;
use crate::notice::{Desktop, Notices};
use crate::render::live::{Activities, Painter, Presence, Scene, frame, lengths};
use crate::render::plain;
use crate::render::screen::Screen;
use crate::render::text::clip;
use crate::render::wrap::hang_coloured;
use crate::watch::usual_rest;

/// What is shown of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Live,
    Plain,
    Json,
}

/// A view of one run.
pub(super) struct Show<'a> {
    id: String,
    manner: Manner,
    screen: &'a mut Screen,
    painter: Painter,
    lengths: Vec<Millis>,
    activities: Activities,
    folder: Folder,
    run: RunId,
    looked: Option<Instant>,
    /// How long a frame waits for the next one at least.
    rest: Duration,
    rests_until: Option<Instant>,
    clock: Clock,
    /// For JSON lines.
    timeline: Option<Timeline>,
    presses: u32,
    /// What Ctrl-C does: ends the looking, or steers the run.
    owner: Owner,
    above: Vec<String>,
    /// Questions with the last warning that was given.
    warned: BTreeMap<u32, Millis>,
    notices: Notices,
    news: News,
}

/// How often it is asked what agents do.
const LOOK: Duration = Duration::from_millis(500);

/// However slow the terminal is, a frame is drawn at least so often.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// Whose run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Us,
    Another,
}

impl<'a> Show<'a> {
    /// A view of a run that this process drives.
    pub(super) fn new(folder: &Folder, id: &RunId, run: &Run, seeing: &Seeing, screen: &'a mut Screen) -> Show<'a> {
        let manner = match () {
            () if seeing.json => Manner::Json,
            () if seeing.plain || !Screen::is_live() => Manner::Plain,
            () => Manner::Live,
        };
        let timeline = (manner == Manner::Json).then(|| Timeline::new(Arc::clone(run.plan())));
        let clock = Clock::start(run.last_at());
        Show {
            id: id.as_str().to_owned(),
            manner,
            screen,
            painter: Painter::default(),
            lengths: lengths(run),
            activities: Activities::default(),
            folder: folder.clone(),
            run: id.clone(),
            looked: None,
            rest: usual_rest(|name| std::env::var(name).ok()),
            rests_until: None,
            timeline,
            presses: 0,
            owner: Owner::Us,
            above: Vec::new(),
            warned: BTreeMap::new(),
            notices: Notices::new(seeing.bell()),
            news: News::new(seeing.rhythm(&run.plan().level_row()), clock.now()),
            clock,
        }
    }

    /// What happened so far: told from the event after `known` on, and by a live view not at all. The log is read only as far as
    /// this manner needs it; JSON lines say of what happens now what they know from before.
    pub(super) fn open(&mut self, folder: &Folder, id: &RunId, run: &Run, known: u64) -> Result<(), Failure> {
        let after = match self.manner {
            Manner::Live => return Ok(()),
            Manner::Plain => known,
            Manner::Json => 0,
        };
        if self.manner == Manner::Plain {
            let line = plain::beginning(&self.id, run, self.clock.now());
            self.screen.line(&line)?;
        }
        desk::tell(folder, id, after, run.last_seq(), |recorded| {
            if recorded.seq > known {
                return self.event(run, recorded);
            }
            self.lines(recorded);
            Ok(())
        })?;
        self.news.told(self.clock.now());
        Ok(())
    }

    /// The same, of a run that another process drives.
    pub(super) fn of_another(mut self) -> Show<'a> {
        self.owner = Owner::Another;
        self
    }

    /// Whether it is drawn over and over.
    pub(super) fn is_live(&self) -> bool {
        self.manner == Manner::Live
    }

    /// Ctrl-C was pressed.
    pub(super) fn pressed(&mut self) {
        self.presses += 1;
        self.rests_until = None;
        if self.manner == Manner::Plain {
            let hint = self.hint(RunState::Paused);
            self.screen.note(hint);
        }
    }

    /// One event, given the run as it is after it.
    pub(super) fn event(&mut self, run: &Run, recorded: &Recorded) -> Result<(), Failure> {
        match self.manner {
            Manner::Json => {
                for mut line in self.lines(recorded) {
                    if let Value::Object(fields) = &mut line {
                        fields.insert("run".into(), self.id.as_str().into());
                    }
                    self.screen.json_line(&line)?;
                }
                Ok(())
            }
            // Said by the beginning already.
            Manner::Plain if matches!(recorded.event, Event::RunCreated { .. }) => Ok(()),
            Manner::Plain => {
                if let Some(line) = plain::line(run, recorded) {
                    self.screen.line(&line)?;
                }
                if let Some(task) = outcome::just_failed(run, recorded) {
                    for line in outcome::whole(&self.folder, &self.run, run, task) {
                        self.screen.line(&line)?;
                    }
                }
                self.news.note(run, recorded);
                let columns = self.screen.text_width().saturating_sub(2);
                for line in self.check_in(run, recorded, columns)? {
                    self.screen.line(&format!("  {line}"))?;
                }
                Ok(())
            }
            Manner::Live => {
                if plain::stays(&recorded.event) {
                    let columns = self.screen.size().columns;
                    let lines = plain::line_today(run, recorded);
                    self.above.extend(lines.iter().flat_map(|line| hang_coloured(line, plain::ABOUT, columns)));
                }
                let columns = self.screen.size().columns.saturating_sub(3);
                if let Some(task) = outcome::just_failed(run, recorded) {
                    let printed = outcome::last_word(&self.folder, &self.run, run, task);
                    self.above.extend(printed.into_iter().map(|line| clip(&line, columns)));
                }
                let told = self.check_in(run, recorded, columns)?;
                let gap = (!told.is_empty()).then(String::new);
                self.above.extend(told.into_iter().map(|line| format!("  {line}")).chain(gap));
                Ok(())
            }
        }
    }

    /// What people see at a check-in, if one begins with this event.
    fn check_in(&mut self, run: &Run, recorded: &Recorded, columns: usize) -> Result<Vec<String>, Failure> {
        let Event::DecisionOpened { asker: Asker::Task { task }, .. } = recorded.event else { return Ok(Vec::new()) };
        if check_in::moment_of(run, task).is_none() {
            return Ok(Vec::new());
        }
        let story = desk::story(&self.folder, &self.run)?;
        let until = story.iter().take_while(|one| one.seq <= recorded.seq);
        let history = History::replay(Arc::clone(run.plan()), until);
        let summary = check_in::summary(run, &history, task, recorded.at);
        // It said all that an update would say.
        self.news.told(recorded.at);
        Ok(summary.iter().flat_map(|summary| crate::render::check_in::lines(summary, columns)).collect())
    }

    /// How far it is, when that is due.
    fn update(&mut self, run: &Run) -> Result<(), Failure> {
        let columns = self.screen.text_width();
        for line in self.news.due(run, self.clock.now(), columns) {
            self.screen.line(&line)?;
        }
        Ok(())
    }

    /// So much is left until silence counts: once for each step.
    fn warn(&mut self, run: &Run) -> Result<(), Failure> {
        let now = self.clock.now();
        for (number, open) in run.open_decisions() {
            let Some(left) = open.warning(now) else { continue };
            if self.warned.get(&number).is_none_or(|last| left < *last) {
                self.warned.insert(number, left);
                let left = open.left(now).unwrap_or(left);
                let line = plain::warning(run, number, open, left, now);
                self.screen.line(&line)?;
            }
        }
        Ok(())
    }

    fn lines(&mut self, recorded: &Recorded) -> Vec<Value> {
        self.timeline.as_mut().map(|timeline| timeline.lines(recorded)).unwrap_or_default()
    }

    /// A new frame, in a live view; and the bell, if a decision was opened or still is.
    pub(super) fn draw(&mut self, run: &Run) -> Result<(), Failure> {
        if let Some(notice) = self.notices.due(run, self.clock.now()) {
            let desktop = Desktop::of(|name| std::env::var(name).ok());
            self.screen.out_raw(&desktop.sequence(&notice))?;
            desktop.start(&notice);
        }
        match self.manner {
            Manner::Live => (),
            Manner::Plain => {
                self.warn(run)?;
                return self.update(run);
            }
            Manner::Json => return Ok(()),
        }
        // Files are only looked at as often as somebody can read what is in them.
        if self.looked.is_none_or(|at| at.elapsed() >= LOOK) {
            (self.activities, self.looked) = (desk::activities(&self.folder, &self.run, run), Some(Instant::now()));
        }
        let begun = Instant::now();
        if self.rests_until.is_some_and(|until| begun < until) {
            return Ok(());
        }
        let hint = self.hint(run.state());
        let (id, lengths, now) = (self.id.as_str(), self.lengths.as_slice(), self.clock.now());
        let activities = &self.activities;
        let scene = Scene { id, run, lengths, now, hint, activities, engine: Presence::Here };
        let lines = frame(&scene, self.screen.size());
        let above = std::mem::take(&mut self.above);
        self.painter.draw(self.screen, &above, &lines)?;
        // A line that takes frames slowly would carry old ones for long.
        let rest = (begun.elapsed() * 4).min(LONGEST_REST).max(self.rest);
        self.rests_until = Some(Instant::now() + rest);
        Ok(())
    }

    /// Takes the view away; what stays is for the caller to say.
    pub(super) fn end(&mut self) -> Result<(), Failure> {
        if self.manner != Manner::Live {
            return Ok(());
        }
        let above = std::mem::take(&mut self.above);
        self.painter.end(self.screen, above)
    }

    fn hint(&self, state: RunState) -> &'static str {
        match (self.owner, self.presses) {
            (Owner::Another, _) => "Ctrl-C: stop looking",
            (Owner::Us, 0) if state == RunState::Paused => "band resume: go on",
            (Owner::Us, 0) if state == RunState::Waiting => "Ctrl-C: leave",
            (Owner::Us, 0) => "Ctrl-C: finish what runs",
            (Owner::Us, 1) => "finishing · Ctrl-C: cancel",
            (Owner::Us, 2) => "cancelling · Ctrl-C: kill",
            (Owner::Us, _) => "killing",
        }
    }
}
