//! What reaches the full screen, and what it asks of the shell around it.

use bandleader_core::TaskId;
use termina::event::{KeyEvent, MouseEvent};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// A key.
    Key(KeyEvent),
    /// The mouse.
    Mouse(MouseEvent),
    /// Text that was pasted as a whole.
    Paste(String),
    /// The terminal has shown all that it was sent.
    Answered,
    /// What was asked of the run was done, or why it was not: one line.
    Done(Result<String, String>),
    /// A signal of the system, by its number.
    Signal(i32),
}

/// Something that the shell does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// End the looking.
    Leave,
    /// Stop this process until its terminal has it again.
    Suspend,
    /// Ask something of the run.
    Ask(Request),
    /// Steer a replay.
    Play(Play),
}

/// What is asked of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Decide a question.
    Answer {
        /// Which.
        decision: u32,
        /// The option's id.
        option: String,
        /// Why.
        because: String,
    },
    /// Say something to whoever works on a task.
    Tell {
        /// Which.
        task: TaskId,
        /// The words.
        text: String,
    },
    /// Try a task again.
    Retry(TaskId),
    /// Take one as done although it is not.
    Accept {
        /// Which.
        task: TaskId,
        /// Why.
        because: String,
    },
    /// Merge what is in the worktree of one whose work clashed.
    Resolve(TaskId),
    /// Call one off.
    CancelTask(TaskId),
    /// End the run.
    CancelRun,
    /// Start nothing new.
    Pause,
    /// Go on.
    Resume,
}

/// Keys of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Play {
    /// Stop, or go on.
    Toggle,
    /// Twice as fast.
    Faster,
    /// Half as fast.
    Slower,
    /// To the end.
    End,
    /// From the beginning.
    Begin,
}
