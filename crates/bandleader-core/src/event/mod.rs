//! What happened, in the past tense. The log of these is the only truth; everything else is folded from it.
//!
//! Events are stored with a sequence number and a time beside them (`Recorded`). A stored variant is never edited: a
//! new shape is a new version with an upcast, and each has a golden file (`tests/golden`).
//!
//! This file is longer than others because it is one list: what can be a fact is read here from top to bottom. Everything that facts are
//! made of stands in files of its own. Groups of facts as enums within this one would keep the stored form only by `serde(untagged)` or
//! `flatten`: an event is tried on one group after the other then, and what is wrong with one that fits none is not said.

mod agent;
mod heard;
mod name;
mod parts;
mod recorded;

use serde::{Deserialize, Serialize};

pub use agent::{AgentFailure, AgentReport, Spending, WorkLeft};
pub use heard::{Asker, BudgetScope, BudgetUnit, Decider, Heard, Severity};
pub use parts::{
    By, Delivered, Exit, LeftOut, Onward, Report, RunEnd, SkipReason, StopHow, StopReason, Usage, Verdict,
};
pub use recorded::Recorded;

use crate::plan::{FailureClass, Question};
use crate::{AttemptId, JobId, Millis, TaskId, Timestamp};

/// A fact about one run. Each variant says which state it is legal in and where it leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The first event of every run: a plan was frozen. Nothing -> running.
    RunCreated {
        /// Content hash of the frozen plan, under which it is kept as a blob.
        plan: String,
        /// What it is for.
        mission: String,
        /// Where jitter comes from.
        seed: u64,
    },
    /// An engine took the run over; processes of earlier epochs are adopted or lost. Any state but ended.
    EngineBooted {
        /// Counts engines of this run, from 1.
        epoch: u32,
        /// Its process id, for people.
        pid: u32,
    },
    /// No new attempt starts until `RunResumed`. Running -> paused.
    RunPaused {
        /// Who asked.
        by: By,
    },
    /// Attempts start again. Paused -> running.
    RunResumed {
        /// Who asked.
        by: By,
    },
    /// What runs is stopped, what waits is cancelled. Running or paused -> cancelling.
    RunCancelled {
        /// Who asked.
        by: By,
        /// How the processes are stopped.
        how: StopHow,
    },
    /// A share of the wall time is used up. 80 is a notice; at 100 nothing new starts.
    TimeBudgetReached {
        /// 80 or 100.
        percent: u32,
        /// The limit it is a share of.
        limit: Millis,
    },
    /// The limit was raised by a person; dispatch goes on.
    TimeLimitRaised {
        /// The new limit.
        limit: Millis,
        /// Who.
        by: By,
    },
    /// Nothing is left to do. Any -> ended; or merging, when it went well and a person wants its branch merged (`MergeWanted`).
    RunEnded {
        /// How.
        state: RunEnd,
    },
    /// A person wants the run's branch merged into one of theirs: whenever it ends well, or at once if it has ended. By the engine: once
    /// more, because the process that was to do it was lost. Any state -> the same; ended or merging -> merging.
    MergeWanted {
        /// Theirs.
        branch: String,
        /// Who.
        by: By,
    },
    /// What came of that. Merging -> ended.
    RunMerged {
        /// Theirs.
        branch: String,
        /// Whether it was. Refused: their branch is as it was.
        verdict: Verdict,
        /// Where their branch is now; none when it was not merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// Where it was before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        onto: Option<String>,
        /// For people: in which manner, or what is in the way and what to do.
        message: String,
    },
    /// A person took up an ended run again, by retrying tasks of it. Ended -> running.
    RunReopened {
        /// Who.
        by: By,
    },
    /// Its needs are over and its condition holds, or its pause before another try is over. Pending or backing off -> ready.
    TaskReady {
        /// Which.
        task: TaskId,
    },
    /// Everything before a milestone is over. What is decided there is asked in the same commit. Pending -> the same.
    MilestoneReached {
        /// The node that it is.
        task: TaskId,
    },
    /// It will not run. Pending, ready or backing off -> skipped; or blocked, when its budget is not raised.
    TaskSkipped {
        /// Which.
        task: TaskId,
        /// Why.
        reason: SkipReason,
        /// When those who need it go on.
        #[serde(default, skip_serializing_if = "Onward::is_at_once")]
        onward: Onward,
    },
    /// Intent to run, committed before anything is started. Ready -> running.
    AttemptStarted {
        /// Which try.
        attempt: AttemptId,
        /// The agent, when it is another than the task names.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// The engine wants this process gone; it keeps its resources until it is. Running or reviewing -> the same, stopping.
    StopRequested {
        /// Which process.
        job: JobId,
        /// Why.
        why: StopReason,
        /// How.
        how: StopHow,
    },
    /// It has been silent for a while. A notice; the state stays.
    StallNoticed {
        /// Which.
        attempt: AttemptId,
        /// For how long.
        silent: Millis,
    },
    /// The work's process ended and well so: the task is under review. Running -> reviewing.
    AttemptSucceeded {
        /// Which.
        attempt: AttemptId,
        /// What was seen.
        report: Report,
    },
    /// The attempt is over without success. Running or reviewing -> ready to be judged: see the event that follows it in the same
    /// commit (`RetryScheduled`, `TaskFailed`, `TaskBlocked` or `TaskCancelled`).
    AttemptFailed {
        /// Which.
        attempt: AttemptId,
        /// What sort of failure.
        class: FailureClass,
        /// For people.
        message: String,
        /// What was seen of the work's process; none when a gate failed (`GateEnded` has it) or it was lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<Report>,
    },
    /// A gate's process ended. Reviewing -> reviewing.
    GateEnded {
        /// Of which attempt.
        attempt: AttemptId,
        /// Index into `Task::gates`.
        gate: u32,
        /// Whether the task may go on.
        verdict: Verdict,
        /// For people: the number found, the bound, the exit.
        message: String,
        /// What the process used.
        usage: Usage,
    },
    /// Another try comes. Running or reviewing -> backing off.
    RetryScheduled {
        /// Which.
        task: TaskId,
        /// Not before.
        at: Timestamp,
        /// The agent of the further tries, when it changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// Proven done. Reviewing -> completed; or a group's end whose members are over: pending -> completed.
    TaskCompleted {
        /// Which.
        task: TaskId,
    },
    /// No try is left, or a person leaves it at that. Running, reviewing or blocked -> failed.
    TaskFailed {
        /// Which.
        task: TaskId,
        /// The last failure's sort.
        class: FailureClass,
    },
    /// It waits for a person. Running or reviewing -> blocked; or ready, when its budget is used up and people are asked about that.
    TaskBlocked {
        /// Which.
        task: TaskId,
        /// Why, for people.
        why: String,
    },
    /// It was called off. Any state that is not over -> cancelled.
    TaskCancelled {
        /// Which.
        task: TaskId,
    },
    /// A person wants it tried again. Failed, blocked, cancelled or skipped for a failure -> pending.
    TaskReset {
        /// Which.
        task: TaskId,
        /// Who asked.
        by: By,
    },
    /// A person has put right by hand what stood in a task's way, in its worktree: the next attempt takes the work as it is there instead
    /// of doing it. Failed or blocked -> pending.
    TaskResolved {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
    },
    /// A person takes the work as done although it was not proven: an override, remembered for ever. Failed or blocked -> completed.
    TaskAccepted {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
        /// Why, in that person's words.
        because: String,
    },
    /// The same for a task with a worktree, whose work is to be merged: the next attempt takes what is there as it is, without looking for
    /// deliverables and without gates. Failed or blocked -> pending.
    WorkAccepted {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
        /// Why, in that person's words.
        because: String,
    },
    /// A failed task asked for everything to be undone. Running -> compensating.
    CompensationStarted {
        /// The task whose failure asked for it.
        task: TaskId,
    },
    /// The undoing of a completed task begins. Completed -> the same, undoing.
    UndoStarted {
        /// The attempt that is undone.
        attempt: AttemptId,
    },
    /// The undoing ended. Undoing -> compensated, or completed still when it failed.
    UndoEnded {
        /// The attempt that was to be undone.
        attempt: AttemptId,
        /// Whether it worked.
        verdict: Verdict,
        /// For people.
        message: String,
    },
    /// An agent's program is under way, and this is the name of its conversation. Running -> the same.
    AgentStarted {
        /// Which.
        attempt: AttemptId,
        /// The driver that runs it.
        driver: String,
        /// Version of its program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<String>,
        /// Its model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// The conversation, for another attempt to take up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        session: Option<String>,
    },
    /// What an agent used in this attempt so far. Running -> the same.
    SpendingNoticed {
        /// Which.
        attempt: AttemptId,
        /// In all, not since the last notice.
        spending: Spending,
    },
    /// An agent or a command made something known. Running or reviewing -> the same.
    AgentHeard {
        /// Which.
        attempt: AttemptId,
        /// What.
        heard: Heard,
    },
    /// The provider of a model takes no more for a while: nothing that uses the same account starts until then.
    ProviderLimited {
        /// The account: `anthropic`, `openai/work` …
        provider: String,
        /// Until when.
        until: Timestamp,
        /// In the provider's words.
        message: String,
    },
    /// The time of its patience is over, or a person says that it is. What waited for it starts again.
    ProviderOpened {
        /// The account.
        provider: String,
    },
    /// A share of a budget is used up. 80 is a notice; 100 ends what the budget is of.
    BudgetReached {
        /// What it is of.
        scope: BudgetScope,
        /// What it is counted in.
        unit: BudgetUnit,
        /// 80 or 100.
        percent: u32,
        /// The limit that it is a share of, in that unit.
        limit: u64,
    },
    /// A person raised a budget.
    BudgetRaised {
        /// What it is of.
        scope: BudgetScope,
        /// What it is counted in.
        unit: BudgetUnit,
        /// The new limit, in that unit.
        limit: u64,
        /// Who.
        by: By,
    },
    /// A person says something to whoever works, or will work, on a task.
    MessageSent {
        /// From 1, rising within the run.
        message: u64,
        /// Which task.
        task: TaskId,
        /// The words, at most 2,000 characters.
        text: String,
        /// Who.
        by: By,
    },
    /// The agent has it.
    MessageDelivered {
        /// Which.
        message: u64,
        /// To whom.
        attempt: AttemptId,
    },
    /// People are asked something.
    DecisionOpened {
        /// From 1, rising within the run.
        decision: u32,
        /// Who asks.
        asker: Asker,
        /// What.
        question: Question,
        /// When silence counts; none means never.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// It is decided, or not to be decided any more.
    DecisionTaken {
        /// Which.
        decision: u32,
        /// The option; none when nothing was chosen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        option: Option<String>,
        /// Who or what decided.
        by: Decider,
        /// Why, in that person's words, or the rule.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        because: String,
    },
    /// Somebody has the question open: its clock stands still. Open -> the same.
    DecisionHeld {
        /// Which.
        decision: u32,
        /// The clock goes on by itself then; none means when it is released or decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Who.
        by: By,
    },
    /// Nobody has it open any more: the clock goes on where it stood. Open -> the same.
    DecisionReleased {
        /// Which.
        decision: u32,
        /// Who.
        by: By,
    },
    /// Nobody answered in time, and the question asks for more people to be told. It stays open. Open -> the same.
    DecisionEscalated {
        /// Which.
        decision: u32,
    },
    /// A person answered after silence or a rule had decided. Kept, and nothing follows from it by itself. Taken -> the same.
    AnswerKept {
        /// Which.
        decision: u32,
        /// The option.
        option: String,
        /// Who.
        by: By,
        /// Why, in that person's words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        because: String,
    },
    /// A person changed what was decided; what hangs on it is done anew (`TaskReopened`). Taken -> taken otherwise.
    DecisionCorrected {
        /// Which.
        decision: u32,
        /// The option that counts from now on.
        option: String,
        /// Who.
        by: By,
        /// Why, in that person's words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        because: String,
    },
    /// What it did hangs on something that was changed, and is done anew. Over, blocked, ready or backing off -> pending.
    TaskReopened {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
    },
    /// A person wants it done after all. Left out by people, or as no part of the level -> pending.
    TaskBroughtBack {
        /// Which.
        task: TaskId,
        /// Who.
        by: By,
    },
    /// A person changed how many attempts may be alive at once. The state stays; what runs goes on.
    ParallelChanged {
        /// At least 1.
        parallel: u32,
        /// Who.
        by: By,
    },
    /// A person changed how much rigor is asked for from now on. The state stays.
    LevelChanged {
        /// 1 to 5.
        level: u8,
        /// Who.
        by: By,
    },
    /// A person gave a task another place in the order. The state stays.
    TaskMoved {
        /// Which.
        task: TaskId,
        /// Above 0 it goes before all that people gave no place, under 0 behind them; the higher the sooner.
        urgency: i32,
        /// Who.
        by: By,
    },
    /// The work of an attempt was merged with that of others, and waits for its gates; or it could not be. Reviewing -> the same.
    WorkMerged {
        /// Which.
        attempt: AttemptId,
        /// Whether it was.
        verdict: Verdict,
        /// The merged commit; none when it could not be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commit: Option<String>,
        /// The commit of the run's branch that it was merged onto.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        onto: Option<String>,
        /// For people: files that clash.
        message: String,
    },
    /// The merged work is on the run's branch. Reviewing -> the same.
    WorkLanded {
        /// Which.
        attempt: AttemptId,
        /// Whether it is. Refused when the branch has moved meanwhile: it is merged again.
        verdict: Verdict,
        /// For people.
        message: String,
    },
}
