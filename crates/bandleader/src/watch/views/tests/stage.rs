//! A run whose time passes when it is told to, and a person who looks at it.

use std::path::PathBuf;
use std::sync::Arc;

use bandleader_core::plan::{Choice, OnSilence, Question};
use bandleader_core::view::{History, check_in};
use bandleader_core::{
    AttemptId, By, CheckOptions, Command, Exit, Input, Millis, Recorded, Report, Run, Said, Spending, TaskId,
    Timestamp, create, decide,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use regex::Regex;
use termina::event::{KeyCode, KeyEvent, Modifiers};

use crate::notice::{Notice, Notices};
use crate::render::live::{Activities, Presence, Scene, lengths};
use crate::watch::dialog::wants_summary;
use crate::watch::message::{Deed, Message};
use crate::watch::page::{Abilities, Colours, Letters};
use crate::watch::state::State;
use crate::watch::story::Story;
use crate::watch::update::{settle, update};
use crate::watch::views;

pub(super) struct Stage {
    pub(super) run: Run,
    now: Timestamp,
    log: Vec<Recorded>,
    pub(super) activities: Activities,
    pub(super) state: State,
    pub(super) deeds: Vec<Deed>,
    pub(super) engine: Presence,
}

impl Stage {
    pub(super) fn new(text: &str) -> Stage {
        let checked = bandleader_core::check("plan", text, &CheckOptions::default(), &mut |path| Err(path.to_owned()));
        let mut run = Run::new(Arc::new(checked.plan.expect("the plan is good")));
        let now = Timestamp(1_763_640_000_000);
        let first = create("", "", 0).record(0, now);
        run.apply(&first).unwrap();
        let (activities, deeds) = (Activities::default(), Vec::new());
        let mut made =
            Stage { run, now, log: vec![first], activities, state: State::default(), deeds, engine: Presence::Here };
        made.feed(Input::Boot { epoch: 1, pid: 1 });
        made
    }

    pub(super) fn feed(&mut self, input: Input) {
        let mut next = Some(input);
        while let Some(input) = next.take() {
            for event in decide(&self.run, input, self.now).unwrap_or_default() {
                let recorded = event.record(self.run.last_seq(), self.now);
                self.run.apply(&recorded).unwrap();
                if let Some(story) = &mut self.state.story {
                    story.take(&self.run, &recorded);
                }
                self.log.push(recorded);
                next = Some(Input::Tick);
            }
        }
        self.with(settle);
    }

    pub(super) fn pass(&mut self, minutes: u64) {
        self.now = self.now.plus(Millis::MINUTE.times(minutes));
        self.feed(Input::Tick);
    }

    /// Time goes by, and nobody drives the run.
    pub(super) fn later(&mut self, minutes: u64) {
        self.now = self.now.plus(Millis::MINUTE.times(minutes));
    }

    fn attempt(&self, path: &str) -> AttemptId {
        let task: TaskId = self.run.plan().find(path).unwrap();
        AttemptId { task, number: self.run.task(task).attempts }
    }

    pub(super) fn end(&mut self, path: &str, code: i32) {
        let report = Report { exit: Exit::Code { code }, ..Report::default() };
        self.feed(Input::WorkEnded { attempt: self.attempt(path), report });
    }

    pub(super) fn say(&mut self, path: &str, said: Said) {
        self.feed(Input::Said { attempt: self.attempt(path), said });
    }

    pub(super) fn spend(&mut self, path: &str, cost: u64) {
        let spending = Spending { input: 10_000, output: 2_000, turns: 3, cost: Some(cost), ..Spending::default() };
        self.say(path, Said::Spent { spending });
    }

    /// An agent asks something, and more people are told when nobody answers.
    pub(super) fn asks(&mut self, path: &str, text: &str) {
        let options = ["yes", "no"].map(|id| Choice { id: id.into(), name: id.into(), ..Choice::default() });
        let question = Question {
            text: text.into(),
            options: options.into(),
            on_silence: OnSilence::Escalate,
            ..Question::default()
        };
        self.say(path, Said::Asks { key: text.into(), question, patience: None });
    }

    /// What the person is told of now, by bell and notice.
    pub(super) fn notice(&self, notices: &mut Notices) -> Option<Notice> {
        notices.due(&self.run, self.now)
    }

    pub(super) fn answer(&mut self, decision: u32, option: &str) {
        let command = Command::Answer { decision, option: option.into(), because: "we know it".into() };
        self.feed(Input::Asked { command, by: By::Person { name: "ada".into() } });
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut State, &Scene<'_>) -> T) -> T {
        let lengths = lengths(&self.run);
        let scene = Scene {
            id: "k3v9",
            run: &self.run,
            lengths: &lengths,
            now: self.now,
            hint: "",
            activities: &self.activities,
            engine: self.engine,
        };
        act(&mut self.state, &scene)
    }

    pub(super) fn send(&mut self, message: Message) {
        let deeds = self.with(|state, scene| update(state, scene, message));
        self.with(settle);
        self.deeds = deeds;
    }

    fn read_story(&mut self) {
        if self.state.story.is_none() && views::tells_a_story(&self.state) {
            let mut story = Story::new(self.run.plan().clone());
            let mut then = Run::new(self.run.plan().clone());
            for recorded in &self.log {
                then.apply(recorded).unwrap();
                story.take(&then, recorded);
            }
            self.state.story = Some(story);
        }
    }

    fn read_summary(&mut self) {
        if let Some(task) = self.with(|state, scene| wants_summary(state, scene)) {
            let history = History::replay(Arc::clone(self.run.plan()), &self.log);
            let summary = check_in::summary(&self.run, &history, task, self.now);
            if let Some(dialog) = &mut self.state.dialog {
                dialog.summary = summary;
            }
        }
    }

    pub(super) fn press(&mut self, code: KeyCode) {
        self.send(Message::Key(KeyEvent::new(code, Modifiers::NONE)));
    }

    pub(super) fn type_in(&mut self, text: &str) {
        text.chars().for_each(|letter| self.press(KeyCode::Char(letter)));
    }

    /// What is on the screen, with times of day made alike: they depend on where the reader is.
    pub(super) fn screen(&mut self, (columns, rows): (u16, u16)) -> String {
        let buffer = self.cells((columns, rows), Abilities { colour: Colours::Wanted, letters: Letters::All });
        let wide = usize::from(columns.max(1));
        let lines = buffer.content.chunks(wide).map(|cells| {
            let line: String = cells.iter().map(ratatui::buffer::Cell::symbol).collect();
            line.trim_end().to_owned()
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let time = Regex::new(r"\b\d\d:\d\d(:\d\d)?").unwrap();
        time.replace_all(&text, |found: &regex::Captures<'_>| "-".repeat(found[0].len())).into_owned()
    }

    pub(super) fn cells(&mut self, (columns, rows): (u16, u16), abilities: Abilities) -> Buffer {
        self.state.seen.rows = rows;
        self.read_story();
        self.read_summary();
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        let seen = self.with(|state, scene| {
            let mut seen = None;
            terminal.draw(|frame| seen = Some(views::draw(state, scene, abilities, frame))).unwrap();
            seen.unwrap()
        });
        if let Some(top) = self.state.tops.get_mut(self.state.tab.index()) {
            *top = seen.top;
        }
        self.state.seen = seen;
        terminal.backend().buffer().clone()
    }
}

/// Compares a screen with the one that is kept under this name.
pub(super) fn check(name: &str, screen: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/watch/views/screens").join(format!("{name}.txt"));
    if std::env::var_os("BAND_SCREENS").is_some() {
        std::fs::write(&path, format!("{screen}\n")).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept.trim_end_matches('\n'), screen.trim_end_matches('\n'), "\nthe screen `{name}` is now\n{screen}");
}
