//! One task of a run, for programs: its row in `band status --json`, and all of it for `GET /runs/{run}/tasks/{task}`.

use bandleader_core::plan::{OutputSource, Work};
use bandleader_core::view::spent::Spent;
use bandleader_core::view::{Attempt, History, Outcome};
use bandleader_core::{BudgetScope, Delivered, Run, TaskId};
use bandleader_engine::agent::notes::Activity;
use serde_json::{Value, json};

use super::jobs::{jobs, label};
use super::talk;
use crate::render::when::stamp;

/// How it stands.
pub(crate) fn row(run: &Run, id: TaskId, activity: Option<&Activity>) -> Value {
    let (plan, task) = (run.plan(), run.task(id));
    json!({
        "id": id, "path": plan.task(id).path, "title": plan.task(id).title, "phase": plan.phase_of(id).map(|phase| plan.group(phase).path.as_str()),
        "state": task.state.name(), "agent": task.past().agent.as_deref().unwrap_or_else(|| plan.task(id).agent_name()),
        "attempts": task.attempts, "started": task.past().started.map(stamp), "ended": task.state.over_at().map(stamp),
        "spent_ms": task.past().spent, "estimate_ms": plan.task(id).estimate,
        "used": talk::used(run, &BudgetScope::Task { task: id }, run.spent_on(id)),
        "work": work(run, id), "session": task.past().session, "activity": activity.map(talk::activity),
        "failure": task.past().failure.as_ref().map(|failure| json!({ "class": failure.0, "message": failure.1 })),
    })
}

/// What the latest attempt at a task changed in its worktree.
fn work(run: &Run, id: TaskId) -> Value {
    let past = run.task(id).past();
    let work = past.report.as_ref().and_then(|report| report.work());
    work.map_or(
        Value::Null,
        |work| json!({ "branch": work.branch, "commit": work.commit, "files": work.files, "landed": past.landed }),
    )
}

/// All of it: what it is told, what it hangs on, and every attempt.
pub(crate) fn whole(run: &Run, history: &History, id: TaskId, activity: Option<&Activity>) -> Value {
    let (plan, task) = (run.plan(), run.plan().task(id));
    let path = |id: &TaskId| plan.task(*id).path.clone();
    let past = run.task(id).past();
    let mut value = row(run, id, activity);
    let gates = task.gates.iter().enumerate().map(|(place, gate)| {
        let seen = past.gates.get(place);
        json!({
            "name": gate.name, "run": gate.run, "number": gate.number,
            "verdict": seen.map(|seen| seen.verdict), "message": seen.map(|seen| seen.message.as_str()),
            "took_ms": seen.map(|seen| seen.usage.wall()),
        })
    });
    let outputs = task.outputs.iter().map(|(name, from)| {
        let value = past.report.as_ref().and_then(|report| report.outputs.get(name));
        json!({ "name": name, "from": source(from), "value": value })
    });
    let mine = |other: &&str| *other == task.path;
    let insights = history.insights().iter().filter(|one| mine(&one.task.as_str()));
    let claims = history.claims().iter().filter(|one| mine(&one.task.as_str()));
    let messages = run.messages().iter().filter(|(_, message)| message.task == id);
    let more = json!({
        "does": work_of(&task.work), "optional": task.optional, "when": task.when,
        "needs": task.needs.iter().map(path).collect::<Vec<_>>(),
        "needed_by": run.dependents(id).iter().map(path).collect::<Vec<_>>(),
        "timeout_ms": task.timeout, "priority": task.priority, "worktree": plan.has_worktree(id),
        "outputs": outputs.collect::<Vec<_>>(), "gates": gates.collect::<Vec<_>>(),
        "deliverables": task.deliverables.iter().map(|one| json!(one)).collect::<Vec<_>>(),
        "tries": history.attempts().iter().filter(|one| one.id.task == id).map(|one| attempt(run, one)).collect::<Vec<_>>(),
        "accepted": past.accepted, "question": run.question_about(id).map(|(number, _)| number),
        "insights": insights.map(|one| json!({ "at": stamp(one.at), "agent": one.agent, "text": one.text })).collect::<Vec<_>>(),
        "claims": claims.map(|one| json!({ "path": one.path, "text": one.text })).collect::<Vec<_>>(),
        "messages": messages.map(|(number, one)| json!({
            "message": number, "text": one.text, "delivered_to_attempt": one.delivered.map(|attempt| attempt.number),
        })).collect::<Vec<_>>(),
    });
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, more) {
        fields.extend(more);
    }
    value
}

/// What is done, in one form for all kinds.
fn work_of(work: &Work) -> Value {
    let (kind, text) = match work {
        Work::Script { script } => ("script", script.clone()),
        Work::Program { argv } => ("program", argv.join(" ")),
        Work::Agent { instruction, .. } => ("agent", instruction.clone()),
        Work::Decision { question, .. } => ("decision", question.text.clone()),
        Work::Join => ("join", String::new()),
        Work::Milestone => ("milestone", String::new()),
        Work::Left => ("left", String::new()),
    };
    json!({ "kind": kind, "text": text })
}

fn source(from: &OutputSource) -> Value {
    match from {
        OutputSource::Reported => json!("reported"),
        OutputSource::Stdout => json!("stdout"),
        OutputSource::File(path) => json!(format!("file {path}")),
    }
}

/// One try, with the names of its processes, whose output can be asked for.
fn attempt(run: &Run, one: &Attempt) -> Value {
    let (outcome, class, message) = match &one.outcome {
        Outcome::Live => ("live", Value::Null, None),
        Outcome::Completed => ("completed", Value::Null, None),
        Outcome::Failed { class, message } => ("failed", json!(class), Some(message.as_str())),
    };
    let jobs = jobs(run, &[one.id.task], Some(one.id.number));
    let delivered = one.delivered.iter().map(|one: &Delivered| json!(one));
    json!({
        "number": one.id.number, "agent": one.agent, "ready": stamp(one.ready), "started": stamp(one.started),
        "ended": one.ended.map(stamp), "outcome": outcome, "class": class, "message": message,
        "ran": one.ran, "used": Spent::of(one.spending, one.spending.cost.is_none()), "silent_ms": one.silent,
        "cpu_ms": one.usage.map(|usage| usage.cpu), "peak_kib": one.usage.map(|usage| usage.peak_kib),
        "delivered": delivered.collect::<Vec<_>>(),
        "gates": one.gates.iter().map(|gate| json!({
            "gate": gate.gate, "verdict": gate.verdict, "message": gate.message, "took_ms": gate.took,
        })).collect::<Vec<_>>(),
        "jobs": jobs.iter().map(|job| json!({ "job": job.to_string(), "name": label(run, *job) })).collect::<Vec<_>>(),
    })
}
