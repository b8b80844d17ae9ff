//! Bandleader's pure core: what a plan is, what a run is, and what follows from what.
//!
//! Nothing here does IO, reads a clock or draws chance; both arrive as arguments (docs/ARCHITECTURE.md, law 3).

mod amounts;
pub mod catalogue;
mod decide;
pub mod diag;
pub mod estimate;
mod event;
mod expand;
mod graph;
mod id;
pub mod interview;
mod language;
mod length;
pub mod levels;
mod lower;
mod outlook;
pub mod plan;
pub mod planner;
pub mod policy;
pub mod prices;
mod problems;
pub mod redact;
mod rehearse;
pub mod report;
mod run;
#[cfg(test)]
mod sim;
mod source;
mod syntax;
pub mod template;
mod template_names;
mod time;
mod toml_source;
mod tree;
pub mod view;

pub use amounts::{parse_millionths, parse_tokens};
pub use decide::{
    Change, Command, Foreseen, Input, IntoBranch, Landing, Merging, NewLimit, Note, Rejected, Said, create, decide,
    foreseen,
};
pub use event::{
    AgentFailure, AgentReport, Asker, BudgetScope, BudgetUnit, By, Decider, Delivered, Event, Exit, Heard, LeftOut,
    Onward, Recorded, Report, RunEnd, Severity, SkipReason, Spending, StopHow, StopReason, Usage, Verdict, WorkLeft,
};
pub use id::{AttemptId, BadRunId, GroupId, JobId, RunId, Step, TaskId};
pub use language::json_schema;
pub use length::{BadLength, parse_length};
pub use lower::{
    AgentOrigin, AnswerLinks, CheckOptions, Checked, HookFormat, IncomingHook, MissingInputs, Parameter, ParameterKind,
    SettingsFile, Webhook, WebhookFormat, agents_in, check, check_settings, incoming_hooks, parse_rhythm,
    settings_levels, wants_bell, wants_updates, webhooks,
};
pub use outlook::{CostOutlook, PastCosts};
pub use plan::Plan;
pub use rehearse::{Rehearsal, Slot, rehearse, with_parallel};
pub use run::{
    Blocker, BranchMerge, CorruptLog, Counts, Decision, FOLD, ForeignSnapshot, GateResult, Held, Job, Late, Message,
    Past, Run, RunState, StoredRun, Taken, TaskContext, TaskRun, TaskState, Wanted,
};
pub use time::{Millis, Timestamp};
