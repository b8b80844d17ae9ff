//! What came of a job that ended: its deliverables, its outputs, or the number that a gate looks for.
//!
//! A function of the disk alone, so that it may be done again after a crash.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bandleader_core::plan::{Deliverable, Gate, OutputSource, Value};
use bandleader_core::{
    Delivered, Exit, Input, IntoBranch, JobId, Landing, Merging, Report, Run, Step, TaskContext, Usage, template,
};

use super::{Place, outputs};
use crate::agent::notes::Notes;
use crate::link::Ended;
use crate::output::{Reader, Stream, read_stream};
use crate::workspace;

/// How much of the end of a gate's output is searched for its number.
const MOST_SEARCHED: usize = 4 << 20;

/// Turns an end into an input; none for a job that the plan does not have.
pub(crate) fn collect(run: &Run, place: &Place, ended: &Ended) -> Option<Input> {
    let attempt = ended.job.attempt;
    if ended.exit == Exit::Unseen {
        return Some(Input::Lost { job: ended.job });
    }
    match ended.job.step {
        Step::Work => Some(Input::WorkEnded { attempt, report: report(run, place, ended) }),
        Step::Undo => Some(Input::UndoEnded { attempt, exit: ended.exit.clone() }),
        Step::Gate(gate) => {
            let number = number(place, ended, run.plan().task(attempt.task).gate_of(gate)?);
            Some(Input::GateEnded { attempt, gate, exit: ended.exit.clone(), usage: ended.usage, number })
        }
        Step::MergedGate(index) => {
            let number = number(place, ended, run.plan().task(attempt.task).gate_of(index)?);
            Some(Input::MergedGateEnded { attempt, index, exit: ended.exit.clone(), usage: ended.usage, number })
        }
        Step::Merge(round) => {
            let came = workspace::merging(&place.jobs, ended.job).filter(|_| ended.exit == WELL);
            let came = came.unwrap_or_else(|| Merging::Failed { message: fate(&ended.exit) });
            Some(Input::Merged { attempt, round, came })
        }
        Step::Into(round) => {
            let came = workspace::into_branch(&place.jobs, ended.job).filter(|_| ended.exit == WELL);
            let came = came.unwrap_or_else(|| IntoBranch::Refused { message: fate(&ended.exit) });
            Some(Input::MergedInto { round, came })
        }
        Step::Land(round) => {
            let came = workspace::landing(&place.jobs, ended.job).filter(|_| ended.exit == WELL);
            let came = came.unwrap_or_else(|| Landing::Failed { message: fate(&ended.exit) });
            Some(Input::Landed { attempt, round, came })
        }
    }
}

const WELL: Exit = Exit::Code { code: 0 };

/// How a process of ours ended that should not have.
fn fate(exit: &Exit) -> String {
    match exit {
        Exit::NotStarted { message } => message.clone(),
        Exit::Code { code } => format!("its process ended with code {code}"),
        Exit::Signal { signal } => format!("its process was ended by signal {signal}"),
        Exit::Unseen => "nobody saw the end of its process".to_owned(),
    }
}

/// The number that a gate looks for, if it is there.
fn number(place: &Place, ended: &Ended, gate: &Gate) -> Option<f64> {
    // The last number counts, and it may be in what was lost.
    let bounds = gate.number.as_ref().filter(|_| ended.output_error.is_none())?;
    find_number(place, ended.job, &bounds.parse)
}

/// The end of a job that could not even be prepared.
pub(crate) fn not_started(job: JobId, message: String) -> Ended {
    Ended { job, exit: Exit::NotStarted { message }, usage: Usage::default(), left_out: 0, output_error: None }
}

fn report(run: &Run, place: &Place, ended: &Ended) -> Report {
    let output_lost = ended.output_error.clone();
    let id = ended.job.attempt.task;
    let is_agent = run.agent_of(id).is_some() || run.plan().has_worktree(id);
    let agent = is_agent.then(|| Notes::of(&place.run_folder, ended.job).outcome()).flatten().map(Box::new);
    let mut report = Report { exit: ended.exit.clone(), usage: ended.usage, output_lost, agent, ..Report::default() };
    if ended.exit != (Exit::Code { code: 0 }) {
        return report;
    }
    let task = run.plan().task(ended.job.attempt.task);
    if task.deliverables.is_empty() && task.outputs.is_empty() {
        return report;
    }
    let project = place.project_of(run, ended.job);
    let context = TaskContext { run, run_id: Some(&place.run), task: ended.job.attempt.task }.to_value();
    for deliverable in task.deliverables.iter() {
        if let Deliverable::Path(path) = deliverable {
            match template::render(path, &context)
                .map_err(|error| error.to_string())
                .and_then(|path| look_for(&project, path))
            {
                Ok(found) => report.delivered.push(found),
                Err(missing) => report.missing.push(missing),
            }
        }
    }
    let answer = task.schema.as_ref().and_then(|_| answer(place, ended.job));
    let past = run.task(id).past();
    // Work that a person has put right: what its agent handed on still holds.
    let earlier = past.report.as_ref().filter(|_| past.resolved).map(|report| &report.outputs);
    collect_outputs(place, ended.job, &project, (&task.outputs, answer.as_ref(), earlier), &context, &mut report);
    report
}

/// A deliverable that is there and not empty; else what is missing, in words.
fn look_for(project: &Path, path: String) -> Result<Delivered, String> {
    let root = glob::Pattern::escape(&project.to_string_lossy());
    let found = glob::glob(&format!("{root}/{path}")).map_err(|error| format!("deliverable `{path}`: {error}"))?;
    let (mut files, mut bytes, mut any) = (0_u32, 0_u64, false);
    for entry in found.flatten() {
        any = true;
        let (more, size) = weigh(&entry);
        files += more;
        bytes += size;
    }
    match (any, bytes) {
        (false, _) => Err(format!("deliverable `{path}` is not there")),
        (true, 0) => Err(format!("deliverable `{path}` is empty")),
        _ => Ok(Delivered { path, files, bytes }),
    }
}

/// Files and bytes below a path, links not followed.
fn weigh(path: &Path) -> (u32, u64) {
    let mut open = vec![path.to_owned()];
    let (mut files, mut bytes) = (0, 0);
    while let Some(path) = open.pop() {
        match fs::symlink_metadata(&path) {
            Ok(seen) if seen.is_dir() => {
                open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
            }
            Ok(_) => {
                files += 1;
                bytes += fs::metadata(&path).map_or(0, |seen| seen.len());
            }
            Err(_) => (),
        }
    }
    (files, bytes)
}

/// Where outputs come from, an answer in the form that was asked for, and what an earlier attempt handed on, if that counts.
type Outputs<'a> =
    (&'a BTreeMap<String, OutputSource>, Option<&'a serde_json::Value>, Option<&'a BTreeMap<String, Value>>);

fn collect_outputs(
    place: &Place,
    job: JobId,
    project: &Path,
    (sources, answer, earlier): Outputs<'_>,
    context: &serde_json::Value,
    report: &mut Report,
) {
    if sources.is_empty() {
        return;
    }
    let reported = outputs::small_text(&place.outputs(job)).and_then(|text| outputs::parse(&text.unwrap_or_default()));
    let reported = reported.unwrap_or_else(|problem| {
        report.missing.push(problem);
        BTreeMap::new()
    });
    let mut size = 0;
    for (name, source) in sources {
        let kept = earlier.and_then(|earlier| earlier.get(name)).filter(|_| !matches!(source, OutputSource::File(_)));
        if let (Some(kept), false) = (kept, reported.contains_key(name)) {
            report.outputs.insert(name.clone(), kept.clone());
            continue;
        }
        let value = match source {
            OutputSource::Reported => Ok(reported.get(name).cloned().or_else(|| member(answer?, name))),
            // Half of it would be taken for all of it.
            OutputSource::Stdout => report.output_lost.clone().map_or_else(|| standard_output(place, job), Err),
            OutputSource::File(path) => template::render(path, context)
                .map_err(|error| error.to_string())
                .and_then(|path| outputs::small_text(&project.join(path))),
        };
        match value {
            Ok(Some(value)) => {
                let value = String::from_utf8_lossy(&place.redactor.mask(value.as_bytes())).into_owned();
                size += name.len() + value.len();
                report.outputs.insert(name.clone(), Value::String(value));
            }
            Ok(None) => report.missing.push(format!("output `{name}` was not given")),
            Err(problem) => report.missing.push(format!("output `{name}`: {problem}")),
        }
    }
    if size > outputs::LARGEST_OUTPUTS {
        let most = outputs::LARGEST_OUTPUTS;
        report
            .missing
            .push(format!("outputs are {size} bytes together, over the {most} allowed; hand on the path of a file"));
        report.outputs.clear();
    }
}

/// The JSON of an agent's answer that had to have a form. It was checked before it was written.
fn answer(place: &Place, job: JobId) -> Option<serde_json::Value> {
    let text = outputs::small_text(&Notes::of(&place.run_folder, job).answer_file()).ok()??;
    serde_json::from_str(&text).ok()
}

/// A member of an answer as a text. Lists and maps are for who reads all of it.
fn member(answer: &serde_json::Value, name: &str) -> Option<String> {
    match answer.get(name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// What it printed; of an agent, whose output is the account of all that it did, its last words.
fn standard_output(place: &Place, job: JobId) -> Result<Option<String>, String> {
    let answer = Notes::of(&place.run_folder, job).answer_file();
    if answer.exists() {
        return outputs::small_text(&answer);
    }
    let most = outputs::LARGEST_OUTPUTS;
    let read = read_stream(&place.run_folder, job, Stream::Stdout, most).map_err(|error| error.to_string())?;
    let (bytes, more) = read;
    if more {
        return Err(format!("its standard output is over the {most} bytes allowed; hand on the path of a file"));
    }
    Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()))
}

/// The last number in a gate's output that matches; its first group, or all of the match.
fn find_number(place: &Place, job: JobId, pattern: &str) -> Option<f64> {
    let pattern = regex::Regex::new(pattern).ok()?;
    let mut reader = Reader::new(&place.run_folder, job);
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next_chunk().ok()? {
        bytes.extend(chunk.bytes);
        // Only the end counts; what came long before it is let go of.
        if bytes.len() > 2 * MOST_SEARCHED {
            bytes.drain(..bytes.len() - MOST_SEARCHED);
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let last = pattern.captures_iter(&text).last()?;
    let found = last.get(1).or_else(|| last.get(0))?;
    found.as_str().trim().parse().ok()
}
