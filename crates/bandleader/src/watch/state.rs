//! What the person looks at: which tab, which row, what is typed. Nothing here comes from the run but names of rows.
//!
//! Pure. `update` changes it, `views` draw it.

use std::time::Duration;

use bandleader_core::view::check_in::Summary;
use bandleader_core::{JobId, TaskId};
use bandleader_engine::output::Stream;

use super::story::Story;

/// A line at the bottom that says that something was done is read by then.
const READ: Duration = Duration::from_secs(5);

/// The pages of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tab {
    /// What needs people, and what is at work.
    #[default]
    Board,
    /// All tasks.
    Tasks,
    /// Tasks by phase, with what they wait for.
    Graph,
    /// When each task ran, or what happened in order.
    Timeline,
    /// Questions, open and ended.
    Decisions,
    /// What the selected task prints.
    Log,
}

impl Tab {
    /// In the order of the keys 1 to 6.
    pub(crate) const ALL: [Tab; 6] = [Tab::Board, Tab::Tasks, Tab::Graph, Tab::Timeline, Tab::Decisions, Tab::Log];

    /// As it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tab::Board => "Board",
            Tab::Tasks => "Tasks",
            Tab::Graph => "Graph",
            Tab::Timeline => "Timeline",
            Tab::Decisions => "Decisions",
            Tab::Log => "Log",
        }
    }

    /// Its place among `ALL`.
    pub(crate) fn index(self) -> usize {
        Tab::ALL.iter().position(|tab| *tab == self).unwrap_or_default()
    }
}

/// Something that a row is about and that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item {
    /// A question, by its number.
    Decision(u32),
    /// A task.
    Task(TaskId),
    /// An agent that has nothing to do now, by its place among the plan's agents.
    Agent(usize),
}

/// What Enter does with the words at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Only tasks whose line has them are listed.
    Filter,
    /// They are told to whoever works on the task.
    Tell(TaskId),
    /// They are the reason of an answer.
    Because,
    /// They say why the task counts as done although it is not.
    Accept(TaskId),
}

/// A line that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// What for.
    pub what: Asked,
    /// The words so far.
    pub text: String,
}

/// Something that cannot be taken back, which `y` confirms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sure {
    /// End the whole run.
    CancelRun,
    /// Call off one task.
    CancelTask(TaskId),
}

/// An open question in full.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dialog {
    /// Its number.
    pub number: u32,
    /// The option that Enter takes.
    pub option: usize,
    /// Why, in the person's words.
    pub because: String,
    /// Enter was pressed once at an answer that cannot be taken back.
    pub warned: bool,
    /// Of a check-in: what was done and what comes next; read when it is first looked at.
    pub summary: Option<Summary>,
    /// The first line of it that is on the screen.
    pub top: usize,
}

/// A line for the person at the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    /// The words.
    pub text: String,
    /// Whether it went wrong.
    pub tone: Tone,
}

/// How a note looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It was done.
    Done,
    /// It was not.
    Refused,
}

/// The lines of a log that are on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogView {
    /// Whose; none while no task is chosen that has begun.
    pub job: Option<JobId>,
    /// The part that was asked for; none for what tells most of the chosen task.
    pub wanted: Option<JobId>,
    /// Whether the end is followed.
    pub end: End,
    /// The first line on the screen, from 0.
    pub top: usize,
    /// Lines so far.
    pub total: usize,
    /// Those from `top` on.
    pub lines: Vec<LogLine>,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    /// Safe to show, with colours.
    pub text: String,
    /// Where it came from.
    pub stream: Stream,
}

impl Default for LogView {
    fn default() -> LogView {
        LogView { job: None, wanted: None, end: End::Followed, top: 0, total: 0, lines: Vec::new() }
    }
}

/// Whether a log moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// New lines come into sight.
    Followed,
    /// It stands where the person has put it.
    Held,
}

/// How a replay stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Playing {
    /// Times as fast as it was.
    pub speed: f64,
    /// Whether it stands still.
    pub pace: Pace,
    /// Events played, and all of them.
    pub played: (usize, usize),
}

/// Whether a replay moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// It does.
    Moving,
    /// It was stopped, or is at its end.
    Standing,
}

/// Where things are on the screen that was drawn last: for the mouse, and for how far a page is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Rows that can be chosen: where, and what.
    pub entries: Vec<(u16, Item)>,
    /// Tabs: row, first and last column, which.
    pub tabs: Vec<(u16, u16, u16, Tab)>,
    /// Rows of the whole screen.
    pub rows: u16,
    /// Rows of the list or the log.
    pub height: usize,
    /// The first entry of the list that is on the screen.
    pub top: usize,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The page.
    pub tab: Tab,
    /// The row, on every page that has it.
    pub cursor: Option<Item>,
    /// Where the cursor was last, for when its row goes away.
    pub place: usize,
    /// First entry on the screen, by tab.
    pub tops: [usize; 6],
    /// Only tasks whose line has this are listed.
    pub filter: String,
    /// What is typed.
    pub prompt: Option<Prompt>,
    /// What waits for `y`.
    pub sure: Option<Sure>,
    /// A question in full.
    pub dialog: Option<Dialog>,
    /// Whether the keys are shown.
    pub help: bool,
    /// The last word on what was asked for.
    pub note: Option<Note>,
    /// What happened so far; read when it is first looked at.
    pub story: Option<Story>,
    /// Whether the timeline shows events instead of bars.
    pub events: bool,
    /// What the selected task prints.
    pub log: LogView,
    /// Set in a replay.
    pub playing: Option<Playing>,
    /// As it was drawn last.
    pub seen: Seen,
}

impl State {
    /// The chosen task.
    pub(crate) fn task(&self) -> Option<TaskId> {
        match self.cursor {
            Some(Item::Task(task)) => Some(task),
            _ => None,
        }
    }

    /// Puts a line at the bottom.
    pub(crate) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.note = Some(Note { text: text.into(), tone });
    }

    /// Takes the line at the bottom away when it has stood there for so long: the keys are under it. What was refused stays until a key is
    /// pressed. Whether it did.
    pub(crate) fn fade(&mut self, stood: Duration) -> bool {
        let is_read = stood >= READ && self.note.as_ref().is_some_and(|note| note.tone == Tone::Done);
        if is_read {
            self.note = None;
        }
        is_read
    }
}
