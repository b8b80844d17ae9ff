//! What runs ask people now, for programs: `band inbox --json` and `GET /inbox`.

use bandleader_core::{Decision, Run, RunId, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use serde_json::{Value, json};

use super::talk::describe;

/// Whether a run in this state can still ask something.
pub(crate) fn can_ask(state: &str) -> bool {
    ["created", "running", "waiting", "paused", "rate_limited"].contains(&state)
}

/// Questions in the order in which they press: by when silence counts, those without such a time last; then by age.
pub(crate) fn rank(decision: &Decision) -> (bool, Option<Timestamp>, Timestamp) {
    (decision.deadline.is_none(), decision.deadline, decision.opened)
}

/// One open question, with the run that asks it.
pub(crate) fn entry(folder: &Folder, id: &RunId, run: &Run, number: u32, decision: &Decision) -> Value {
    let mut value = describe(run, number, decision);
    if let Value::Object(fields) = &mut value {
        fields.insert("run".into(), json!(id));
        fields.insert("mission".into(), json!(run.plan().mission));
        fields.insert("owner".into(), json!(desk::owner(folder, id)));
        fields.insert("left_ms".into(), json!(decision.left(moment(folder, id, run))));
    }
    value
}

/// The moment as which the clocks of a run's questions are read: now, or where no engine is the last thing that happened in it, because
/// nobody's time goes by while nobody can answer.
pub(crate) fn moment(folder: &Folder, id: &RunId, run: &Run) -> Timestamp {
    match desk::owner(folder, id) {
        Some(_) => Clock::start(run.last_at()).now(),
        None => run.last_at(),
    }
}
