//! What a supervisor needs to know to start a job: program, environment, standard input, folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bandleader_core::plan::{Agent, Brief, Task, Work};
use bandleader_core::{JobId, Millis, Run, Step, TaskContext, template};
use serde_json::{Value, json};

use super::{Place, integration};
use crate::agent::DriverName;
use crate::link::{Assignment, OUTPUT_LIMIT};
use crate::workspace;

/// From TERM to KILL.
const GRACE: Millis = Millis(10_000);

/// The kernel's limit for one variable is 128 KiB (MAX_ARG_STRLEN); a longer instruction is on standard input only.
const LONGEST_VARIABLE: usize = 120 << 10;

/// Makes the assignment of a job.
///
/// # Errors
/// In words for people: a template without a value, or a plan that this version cannot run.
pub(crate) fn prepare(run: &Run, place: &Place, job: JobId) -> Result<Assignment, String> {
    let task = run.plan().task(job.attempt.task);
    let context = TaskContext { run, run_id: Some(&place.run), task: job.attempt.task }.to_value();
    let fill =
        |text: &str| template::render(text, &context).map_err(|error| format!("a template has no value: {error}"));
    let project = place.project_of(run, job);
    let mut env = environment(place, job, &project, &task.path);
    let (mut attended, mut directory) = (false, None);
    let (argv, stdin) = match job.step {
        Step::Gate(gate) | Step::MergedGate(gate) => {
            (shell(task.gate_of(gate).map_or("false", |gate| &gate.run)), None)
        }
        Step::Merge(_) | Step::Land(_) => {
            directory = Some(place.run_folder.clone());
            let merges = matches!(job.step, Step::Merge(_));
            let told = if merges { integration::merge(run, place, job)? } else { integration::land(run, place, job)? };
            (vec![program(place), workspace::VERB.to_owned()], Some(told))
        }
        Step::Into(_) => return of_run(run, place, job),
        Step::Undo => (shell(task.compensate.as_deref().unwrap_or("false")), None),
        Step::Work => match work(run, job, &fill)? {
            Job::Command { argv, instruction } => {
                if let Some(instruction) = instruction.as_ref().filter(|text| text.len() <= LONGEST_VARIABLE) {
                    env.push(("BAND_TASK".into(), instruction.clone()));
                }
                (argv, instruction)
            }
            Job::Agent { name, agent, instruction } => {
                attended = true;
                // Its own folder may have to be made first.
                directory = Some(place.project.clone());
                let assignment = super::agent::assignment(run, place, job, (name, &agent), instruction)?;
                (vec![program(place), crate::agent::VERB.to_owned()], Some(assignment))
            }
        },
    };
    env.extend(own_environment(run, task, job, &context)?);
    let usual = || task.directory.as_ref().map_or_else(|| project.clone(), |inside| project.join(inside));
    let directory = directory.unwrap_or_else(usual);
    // An attendant watches over its agent itself: it knows what is said, not only that something is.
    let stall = if job.step == Step::Work && !attended { task.stall } else { None };
    Ok(Assignment { job, argv, env, stdin, directory, grace: GRACE, stall, output_limit: OUTPUT_LIMIT, attended })
}

/// A job of no task: it knows nothing of the plan's environment.
fn of_run(run: &Run, place: &Place, job: JobId) -> Result<Assignment, String> {
    Ok(Assignment {
        job,
        argv: vec![program(place), workspace::VERB.to_owned()],
        env: Vec::new(),
        stdin: Some(integration::into(run, place, job)?),
        directory: place.run_folder.clone(),
        grace: GRACE,
        stall: None,
        output_limit: OUTPUT_LIMIT,
        attended: false,
    })
}

/// Ourselves.
fn program(place: &Place) -> String {
    place.exe.to_string_lossy().into_owned()
}

fn shell(script: &str) -> Vec<String> {
    ["/bin/sh", "-e", "-c", script].map(str::to_owned).to_vec()
}

type Fill<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// What a task's own work is.
enum Job<'a> {
    /// A program, with the instruction of an agent that is one.
    Command { argv: Vec<String>, instruction: Option<String> },
    /// An agent with an attendant.
    Agent { name: &'a str, agent: Box<Cow<'a, Agent>>, instruction: String },
}

fn work<'a>(run: &'a Run, job: JobId, fill: Fill<'_>) -> Result<Job<'a>, String> {
    let task = run.plan().task(job.attempt.task);
    let is_apart = run.plan().has_worktree(job.attempt.task);
    if run.task(job.attempt.task).past().resolved && is_apart {
        return Ok(apart(task.agent_name(), vec!["true".to_owned()], String::new()));
    }
    let job = plain_work(run, job, fill)?;
    match job {
        Job::Command { argv, instruction } if is_apart => {
            Ok(apart(task.agent_name(), argv, instruction.unwrap_or_default()))
        }
        job => Ok(job),
    }
}

/// A program whose worktree an attendant looks after.
fn apart(name: &str, command: Vec<String>, instruction: String) -> Job<'_> {
    let driver = DriverName::Command.as_str().to_owned();
    Job::Agent { name, agent: Box::new(Cow::Owned(Agent { driver, command, ..Agent::default() })), instruction }
}

fn plain_work<'a>(run: &'a Run, job: JobId, fill: Fill<'_>) -> Result<Job<'a>, String> {
    let task = run.plan().task(job.attempt.task);
    match &task.work {
        Work::Script { script } => Ok(Job::Command { argv: shell(script), instruction: None }),
        Work::Program { argv } => Ok(Job::Command { argv: argv.to_vec(), instruction: None }),
        Work::Agent { agent, instruction } => {
            let name = run.agent_of(job.attempt.task).unwrap_or(agent);
            let Some(agent) = run.plan().agents.get(name) else { return Err(format!("no agent is called `{name}`")) };
            let instruction = briefing(task, instruction, fill)?;
            if agent.driver != "command" {
                let instruction = format!("{instruction}\n\n{}", run.level_row().bar());
                return Ok(Job::Agent { name, agent: Box::new(Cow::Borrowed(agent)), instruction });
            }
            Ok(Job::Command { argv: agent.command.clone(), instruction: Some(instruction) })
        }
        Work::Decision { .. } | Work::Join | Work::Milestone | Work::Left => Err("it has no work of its own".into()),
    }
}

/// The instruction with everything that belongs to it, as an agent reads it.
fn briefing(task: &Task, instruction: &str, fill: Fill<'_>) -> Result<String, String> {
    let mut text = fill(instruction)?;
    let mut last = "";
    for brief in task.brief.iter() {
        let (heading, words) = match brief {
            Brief::Input(words) => ("Input", words),
            Brief::Subtask(words) => ("Subtasks", words),
            Brief::Focus(words) => ("Focus areas", words),
        };
        if heading != last {
            text.extend(["\n\n", heading, ":"]);
            last = heading;
        }
        text.extend(["\n- ", &fill(words)?]);
    }
    let promised = task.deliverables.iter().map(|deliverable| match deliverable {
        bandleader_core::plan::Deliverable::Path(path) => fill(path),
        bandleader_core::plan::Deliverable::Described(words) => fill(words),
    });
    let promised = promised.collect::<Result<Vec<String>, String>>()?;
    if !promised.is_empty() {
        text.push_str("\n\nDeliverables:");
        text.extend(promised.iter().flat_map(|one| ["\n- ", one]));
    }
    Ok(text)
}

/// What every job is told about itself.
fn environment(place: &Place, job: JobId, project: &Path, path: &str) -> Vec<(String, String)> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    vec![
        ("BAND_TASK_ID".into(), path.to_owned()),
        ("BAND_ATTEMPT".into(), job.attempt.number.to_string()),
        ("BAND_DIR".into(), text(place.run_folder.clone())),
        ("BAND_PROJECT".into(), text(project.to_owned())),
        ("BAND_OUTPUT".into(), text(place.outputs(job))),
    ]
}

/// What the plan sets: the agent's, then the task's. Their templates may also use `env`, which is our own environment.
fn own_environment(run: &Run, task: &Task, job: JobId, context: &Value) -> Result<Vec<(String, String)>, String> {
    let none = BTreeMap::new();
    let agent = match &task.work {
        Work::Agent { agent, .. } if job.step == Step::Work => {
            let name = run.task(job.attempt.task).past().agent.as_deref().unwrap_or(agent);
            run.plan().agents.get(name).map_or(&none, |agent| &agent.env)
        }
        _ => &none,
    };
    if agent.is_empty() && task.env.is_empty() {
        return Ok(Vec::new());
    }
    let mut context = context.clone();
    if let Some(names) = context.as_object_mut() {
        let ours: BTreeMap<String, String> = super::inherited_environment().into_iter().collect();
        names.insert("env".into(), json!(ours));
    }
    let filled = agent.iter().chain(task.env.iter()).map(|(name, value)| {
        let value =
            template::render(value, &context).map_err(|error| format!("`env: {name}` has no value: {error}"))?;
        Ok((name.clone(), value))
    });
    filled.collect()
}
