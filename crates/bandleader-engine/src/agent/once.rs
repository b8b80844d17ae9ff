//! One attempt of an agent outside of any run: somebody asks something once, and waits for the answer.
//!
//! Called by faces (`band plan`). The attempt is the same as in a run - an attendant with an assignment, a driver, a report - but nothing of
//! it is an event: its folder lies among temporary files and goes with it. The agent only reads. Always true: when [`Errand::wait`] returns,
//! nothing that was started for it is alive any more. A caller that is killed leaves one call of a model to its end, and no more.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bandleader_core::plan::{Agent, Permissions};
use bandleader_core::prices::Prices;
use bandleader_core::{AgentReport, AttemptId, JobId, Millis, RunId, Step, TaskId};
use rustix::process::{Pid, Signal, kill_process};

use super::assignment::{AgentAssignment, Allowance, DriverName, Endpoint, Place, ToolRules};
use super::attend::VERB;
use super::notes::{Activity, Notes};
use crate::chance::{self, NoChance};
use crate::job::inherited_environment;
use crate::process::{JOB_VARIABLE, RUN_VARIABLE};
use crate::sweep;

/// With nothing heard for this long, the agent has stalled.
const STALL: Millis = Millis(5 * 60_000);

/// Between two looks at the attendant.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What an attendant gets to end its agent in order; a little more than it gives the agent.
const GRACE: Duration = Duration::from_secs(8);

/// The one job of an errand.
const JOB: JobId = JobId { attempt: AttemptId { task: TaskId(0), number: 1 }, step: Step::Work };

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// The agent's name.
    pub name: &'a str,
    /// Who it is.
    pub agent: &'a Agent,
    /// What people say that models cost; ours is the table of `prices`.
    pub prices: &'a Prices,
    /// What it is asked, complete; or what is said next in a conversation.
    pub instruction: String,
    /// A conversation to go on with.
    pub session: Option<String>,
    /// Where it may read.
    pub directory: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// What was used, and why there is no answer if there is none.
    pub report: AgentReport,
    /// Its last words, whole. Hostile until somebody has checked them.
    pub answer: String,
}

/// What a caller wants while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Go on.
    Wait,
    /// End it.
    Stop,
}

/// Nothing could be asked.
#[derive(Debug, thiserror::Error)]
pub enum OnceError {
    /// Its driver is none of ours.
    #[error("agent `{name}` has driver `{driver}`, which this version cannot run")]
    Driver {
        /// The agent.
        name: String,
        /// Its driver.
        driver: String,
    },
    /// No name for the attempt.
    #[error(transparent)]
    Chance(#[from] NoChance),
    /// The attendant cannot be started, or its folder cannot be made.
    #[error("the agent's attendant cannot be started")]
    Start(#[source] io::Error),
    /// It ended without saying what came of it.
    #[error("the agent's attendant ended without a word{said}")]
    Silent {
        /// What it complained of, with a colon in front; or nothing.
        said: String,
    },
    /// Something of it could not be ended.
    #[error(transparent)]
    Left(#[from] sweep::SweepError),
}

/// An attempt at work.
#[derive(Debug)]
pub struct Errand {
    child: Child,
    run: RunId,
    scratch: Scratch,
}

/// A folder that goes with its owner.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Asks; `program` is our own binary, which attends.
///
/// # Errors
/// When nothing could be started.
pub fn ask(program: &Path, question: &Question<'_>) -> Result<Errand, OnceError> {
    let run = chance::run_id()?;
    let scratch = scratch(&run).map_err(OnceError::Start)?;
    let assignment = assignment(question, &run, &scratch.0)?;
    let text = serde_json::to_string(&assignment).map_err(|error| OnceError::Start(error.into()))?;
    let errors = fs::File::create(scratch.0.join("errors")).map_err(OnceError::Start)?;
    let mut command = Command::new(program);
    command.arg(VERB).env_clear().envs(inherited_environment()).envs(&question.agent.env);
    command.env(RUN_VARIABLE, run.as_str()).env(JOB_VARIABLE, JOB.to_string());
    // Signals of the terminal are for the caller, who passes on what they mean.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(errors);
    let mut child = command.spawn().map_err(OnceError::Start)?;
    let told = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(text.as_bytes()));
    let errand = Errand { child, run, scratch };
    match told {
        Ok(()) => Ok(errand),
        // It ended before it had read all: what it complains of says why.
        Err(_) => errand.wait(|_| Patience::Wait).and(Err(OnceError::Silent { said: String::new() })),
    }
}

fn scratch(run: &RunId) -> io::Result<Scratch> {
    let path = std::env::temp_dir().join(format!("band-once-{run}"));
    DirBuilder::new().mode(0o700).create(&path)?;
    let scratch = Scratch(path);
    DirBuilder::new().mode(0o700).create(scratch.0.join("jobs"))?;
    Ok(scratch)
}

fn assignment(question: &Question<'_>, run: &RunId, folder: &Path) -> Result<AgentAssignment, OnceError> {
    let Question { name, agent, .. } = question;
    let driver = DriverName::parse(&agent.driver)
        .ok_or_else(|| OnceError::Driver { name: (*name).to_owned(), driver: agent.driver.clone() })?;
    Ok(AgentAssignment {
        run: run.clone(),
        job: JOB,
        task: (*name).to_owned(),
        run_folder: folder.to_owned(),
        driver,
        command: agent.command.clone(),
        agent: (*name).to_owned(),
        role: agent.instructions.clone(),
        instruction: question.instruction.clone(),
        model: agent.model.clone(),
        effort: agent.effort.clone(),
        tools: ToolRules { allow: agent.tools.clone(), deny: agent.disallowed_tools.clone() },
        permissions: Permissions::ReadOnly,
        max_turns: agent.max_turns,
        schema: None,
        session: question.session.clone(),
        allowance: Allowance {
            tokens: agent.token_limit,
            cost: agent.cost_limit_usd.and_then(|cost| bandleader_core::parse_millionths(&cost.to_string())),
        },
        prices: question.prices.clone(),
        endpoint: Endpoint {
            provider: agent.provider.clone(),
            base_url: agent.base_url.clone(),
            api_key_env: agent.api_key_env.clone(),
        },
        place: Place::Shared { directory: question.directory.clone() },
        stall: Some(STALL),
        secrets: Vec::new(),
        given: agent.env.keys().cloned().collect(),
    })
}

impl Errand {
    /// Waits for its end. `beat` is called a few times a second with what is known of the agent meanwhile.
    ///
    /// # Errors
    /// When it ends without a report, or something of it does not end.
    pub fn wait(mut self, mut beat: impl FnMut(Option<Activity>) -> Patience) -> Result<Reply, OnceError> {
        let notes = Notes::of(&self.scratch.0, JOB);
        let mut stopped: Option<Instant> = None;
        let mut looks = 0_u32;
        while self.child.try_wait().map_err(OnceError::Start)?.is_none() {
            // The activity is a file that is written twice a second.
            if looks.is_multiple_of(5) && beat(notes.activity()) == Patience::Stop && stopped.is_none() {
                self.signal(Signal::TERM);
                stopped = Some(Instant::now());
            }
            if stopped.is_some_and(|since| since.elapsed() >= GRACE) {
                self.signal(Signal::KILL);
            }
            looks += 1;
            std::thread::sleep(LOOK_AGAIN);
        }
        sweep::end_marked(&self.run)?;
        let Some(report) = notes.outcome() else {
            let said = fs::read_to_string(self.scratch.0.join("errors")).unwrap_or_default();
            let said: String = said.trim().chars().take(500).collect();
            return Err(OnceError::Silent { said: if said.is_empty() { said } else { format!(": {said}") } });
        };
        let answer = fs::read_to_string(notes.answer_file()).unwrap_or_default();
        Ok(Reply { report, answer })
    }

    fn signal(&self, signal: Signal) {
        // It is our child and was not waited for: the number is still its own.
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }
}
