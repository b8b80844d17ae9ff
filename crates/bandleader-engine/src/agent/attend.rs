//! `band attend`: the process of an agent's attempt. Runs its driver and does what is the same for all of them.
//!
//! It outlives the engine like every job. The supervisor asks it alone to end (TERM), so that it can end its agent in order; what it
//! leaves behind the supervisor finds. Invariant: when it ends by itself, the outcome is on disk before.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::time::{Duration, Instant};

use bandleader_core::AgentFailure;
use bandleader_core::plan::FailureClass;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::assignment::AgentAssignment;
use super::driver::{Answer, Events, Outcome, Stage, Told, ToolServer};
use super::event::Order;
use super::record::Record;
use super::{answer, drivers, environment};
use crate::process::{JOB_VARIABLE, RUN_VARIABLE};
use crate::workspace;

/// How often messages are looked for and the activity is written.
const BEAT: Duration = Duration::from_millis(500);

/// What a driver gets to end its agent in order. The supervisor's grace is longer.
const ORDERLY: Duration = Duration::from_secs(6);

/// The name that our tools have with an agent's program.
const SERVER: &str = "band";

/// The verb. Hidden: only the engine uses it.
pub(crate) const VERB: &str = "attend";

/// Does the attendant's work if this process was started for that; the exit code. Called before arguments are parsed.
pub fn early_exit() -> Option<i32> {
    (std::env::args_os().nth(1)? == VERB).then(attend)
}

/// Runs the attempt whose assignment is on standard input; the exit code. 0 when the agent says that it is done.
fn attend() -> i32 {
    let mut text = String::new();
    let assignment = std::io::stdin().read_to_string(&mut text).map_err(|error| error.to_string());
    let assignment =
        assignment.and_then(|_| serde_json::from_str::<AgentAssignment>(&text).map_err(|error| error.to_string()));
    drop(text);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match (assignment, runtime) {
        (Ok(assignment), Ok(runtime)) => match Record::open(&assignment) {
            Ok(record) => {
                let attendant = Attendant { assignment: &assignment, record, stopped: None, told: 0 };
                runtime.block_on(attendant.run()).unwrap_or_else(|error| complain(&error))
            }
            Err(error) => complain(&format!("the folder of the attempt cannot be made: {error}")),
        },
        (Err(error), _) => complain(&format!("the assignment cannot be read: {error}")),
        (_, Err(error)) => complain(&format!("no runtime: {error}")),
    }
}

fn complain(message: &str) -> i32 {
    let _ = writeln!(std::io::stderr(), "{message}");
    1
}

/// Why we ended an agent that was not done.
struct Stopped {
    failure: AgentFailure,
    since: Instant,
}

struct Attendant<'a> {
    assignment: &'a AgentAssignment,
    record: Record<'a>,
    stopped: Option<Stopped>,
    /// The last message that was handed to the driver.
    told: u64,
}

impl Attendant<'_> {
    async fn run(mut self) -> Result<i32, String> {
        let mut outcome = match workspace::prepare(&self.assignment.place) {
            Ok(directory) => self.work(&directory).await,
            Err(message) => return self.record.conclude(Outcome::failed(FailureClass::Start, message), None),
        };
        // Whatever came of it: work that was begun is not lost.
        let work = workspace::leave(self.assignment).unwrap_or_else(|(class, message)| {
            if outcome.answer.is_ok() {
                outcome = Outcome::failed(class, message);
            }
            None
        });
        self.record.conclude(outcome, work)
    }

    /// Runs the driver, and again for as long as the answer is not of the form that was asked for.
    async fn work(&mut self, directory: &Path) -> Outcome {
        let assignment = self.assignment;
        let mut outcome = self.drive(directory, assignment).await;
        let Some(schema) = &assignment.schema else { return outcome };
        for repeat in 0.. {
            let Ok(said) = &outcome.answer else { return outcome };
            let problems = match answer::check(schema, said) {
                Ok(value) => {
                    return Outcome { answer: Ok(Answer { text: said.text.clone(), structured: Some(value) }) };
                }
                Err(problems) => problems,
            };
            let (session, turns) = self.record.so_far();
            let left = assignment.max_turns.map(|most| most.saturating_sub(u32::try_from(turns).unwrap_or(u32::MAX)));
            if repeat >= answer::MOST_REPEATS || left == Some(0) || self.stopped.is_some() {
                let message = format!("its answer is not of the form that was asked for: {}", problems.join("; "));
                return Outcome::failed(FailureClass::Invalid, message);
            }
            let anew = session.is_none().then_some((assignment.instruction.as_str(), said));
            let instruction = answer::once_more(&problems, schema, anew);
            self.record.begin_again();
            let next = AgentAssignment { session, instruction, max_turns: left, ..assignment.clone() };
            outcome = self.drive(directory, &next).await;
        }
        outcome
    }

    /// Runs the driver until it is done or is told to stop and does not.
    async fn drive(&mut self, directory: &Path, assignment: &AgentAssignment) -> Outcome {
        let driver = drivers::of(self.assignment.driver);
        let (events, told) = unbounded_channel();
        let (orders, receiver) = unbounded_channel();
        let home = self.record.notes().home();
        let stage = Stage {
            assignment,
            directory,
            home: &home,
            environment: environment::of_program(assignment, our_environment()),
            tools: tool_server(assignment),
            orders: receiver,
            events: Events(events),
        };
        let ended = self.follow(driver.run(stage), told, &orders).await;
        match &self.stopped {
            // An agent that was done all the same is done.
            Some(stopped) if ended.answer.is_err() => Outcome { answer: Err(stopped.failure.clone()) },
            _ => ended,
        }
    }

    async fn follow(
        &mut self,
        mut driver: Pin<Box<dyn Future<Output = Outcome> + '_>>,
        mut told: UnboundedReceiver<Told>,
        orders: &UnboundedSender<Order>,
    ) -> Outcome {
        let mut beat = tokio::time::interval(BEAT);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut term, mut interrupt) = (signal(SignalKind::terminate()).ok(), signal(SignalKind::interrupt()).ok());
        let asked = || AgentFailure { class: FailureClass::Cancelled, message: "it was stopped".into(), until: None };
        loop {
            let stop = tokio::select! {
                biased;
                () = heard(&mut term) => Some(asked()),
                () = heard(&mut interrupt) => Some(asked()),
                Some(told) = told.recv() => self.record.take(told),
                _ = beat.tick() => self.beat(orders),
                outcome = &mut driver => {
                    while let Ok(told) = told.try_recv() {
                        self.record.take(told);
                    }
                    return outcome;
                }
            };
            if let Some(failure) = stop.filter(|_| self.stopped.is_none()) {
                let _ = orders.send(Order::Stop);
                self.stopped = Some(Stopped { failure, since: Instant::now() });
            }
            if self.stopped.as_ref().is_some_and(|stopped| stopped.since.elapsed() >= ORDERLY) {
                // Dropping the driver ends its program.
                return Outcome::failed(FailureClass::Cancelled, "it did not stop when it was asked to");
            }
        }
    }

    /// Looks after everything that time brings.
    fn beat(&mut self, orders: &UnboundedSender<Order>) -> Option<AgentFailure> {
        for message in self.record.notes().messages(self.told) {
            self.told = message.id;
            let _ = orders.send(Order::Tell { id: message.id, text: message.text });
        }
        self.record.beat()
    }
}

async fn heard(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

fn our_environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// `band mcp`, told for whom it speaks by its environment: programs give their servers little of their own.
fn tool_server(assignment: &AgentAssignment) -> ToolServer {
    let program = std::env::current_exe().unwrap_or_else(|_| "band".into());
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    ToolServer {
        name: SERVER.into(),
        command: vec![text(&program), "mcp".into(), "--attempt".into()],
        environment: vec![
            (RUN_VARIABLE.into(), assignment.run.as_str().to_owned()),
            (JOB_VARIABLE.into(), assignment.job.to_string()),
            ("BAND_DIR".into(), text(&assignment.run_folder)),
            ("BAND_TASK_ID".into(), assignment.task.clone()),
        ],
        tools: super::TOOLS.to_vec(),
    }
}
