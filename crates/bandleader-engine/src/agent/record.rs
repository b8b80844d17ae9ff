//! What is known of an agent's attempt while it goes on, and what is written down of it: transcripts, figures, activity, outcome.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use bandleader_core::plan::FailureClass;
use bandleader_core::redact::Redactor;
use bandleader_core::{AgentFailure, AgentReport, Spending, WorkLeft, prices};

use super::assignment::{AgentAssignment, DriverName};
use super::driver::{Answer, Outcome, Told};
use super::event::AgentEvent;
use super::herald::Herald;
use super::ledger::Ledger;
use super::notes::{Activity, Notes, RawTranscript};
use super::transcript;
use crate::process::wall_clock;

/// As much of the last words, and of a failure's account, as an event may carry.
const SAID: usize = 1_000;

/// The account of one attempt.
pub(super) struct Record<'a> {
    assignment: &'a AgentAssignment,
    notes: Notes,
    herald: Herald,
    redactor: Redactor,
    raw: RawTranscript,
    ledger: Ledger,
    report: AgentReport,
    activity: Activity,
    /// The activity as it stands in the file is not what is true.
    stale: bool,
    /// Calls of the agent's own tools that have begun and not ended.
    at_work: Vec<String>,
    heard: Instant,
}

impl<'a> Record<'a> {
    /// Of an attempt that begins now; its folder is made.
    pub(super) fn open(assignment: &'a AgentAssignment) -> io::Result<Record<'a>> {
        let notes = Notes::of(&assignment.run_folder, assignment.job);
        notes.make()?;
        let values: Vec<String> = assignment.secrets.iter().filter_map(|name| std::env::var(name).ok()).collect();
        let redactor = Redactor::new(values.iter().map(String::as_str)).map_err(io::Error::other)?;
        Ok(Record {
            redactor,
            raw: RawTranscript::open(&notes),
            notes,
            herald: Herald::of(assignment),
            ledger: Ledger::default(),
            report: AgentReport { driver: assignment.driver.as_str().to_owned(), ..AgentReport::default() },
            activity: Activity::default(),
            stale: true,
            at_work: Vec::new(),
            heard: Instant::now(),
            assignment,
        })
    }

    /// The folder of the attempt.
    pub(super) fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The driver is started once more.
    pub(super) fn begin_again(&mut self) {
        self.heard = Instant::now();
        self.at_work.clear();
        self.ledger.begin_again();
    }

    /// The conversation, if its driver named one, and how often the model was called so far.
    pub(super) fn so_far(&self) -> (Option<String>, u64) {
        (self.report.session.clone(), self.ledger.spent().turns)
    }

    /// Takes in what the driver tells; why the agent must stop now, if it must.
    pub(super) fn take(&mut self, told: Told) -> Option<AgentFailure> {
        self.heard = Instant::now();
        let event = match told {
            Told::Raw(line) => {
                self.raw.line(&self.redactor.mask(line.as_bytes()));
                return None;
            }
            Told::Event(event) => event,
        };
        print(&event);
        if let Some(doing) = transcript::doing(&event) {
            (self.activity.doing, self.stale) = (self.masked(&doing), true);
        }
        match event {
            AgentEvent::Started { version, model, session } => {
                self.report.version = version.or(self.report.version.take());
                self.report.model = model.or(self.report.model.take());
                self.report.session = session.or(self.report.session.take());
                (self.activity.model, self.stale) = (self.report.model.clone(), true);
                let report = &self.report;
                self.herald.started(report.version.as_ref(), report.model.as_ref(), report.session.as_ref());
            }
            AgentEvent::ToolBegan { id, .. } => {
                self.activity.tools += 1;
                self.at_work.push(id);
            }
            AgentEvent::ToolEnded { id, .. } => self.at_work.retain(|other| *other != id),
            AgentEvent::Todo { items } => (self.activity.todo, self.stale) = (items, true),
            AgentEvent::Denied { tool } if !self.report.denied.contains(&tool) => self.report.denied.push(tool),
            AgentEvent::Limited { until, message } => {
                (self.activity.waits_until, self.stale) = (until, true);
                let message = self.masked(&message);
                self.herald.limited(until, message);
            }
            AgentEvent::Told { id } => self.herald.told(id),
            AgentEvent::Used { spending, tally } if self.ledger.take(self.priced_now(spending), tally) => {
                (self.activity.spending, self.activity.waits_until) = (self.ledger.spent(), None);
                self.stale = true;
                self.herald.spent(self.activity.spending);
                return self.over_allowance();
            }
            _ => {}
        }
        None
    }

    /// Brings the activity file up to date; why the agent must stop now, if it must.
    pub(super) fn beat(&mut self) -> Option<AgentFailure> {
        if std::mem::take(&mut self.stale) {
            self.write_activity();
        }
        self.herald.spent(self.activity.spending);
        self.stalled()
    }

    /// Nothing was heard for too long. A tool of its own may take as long as it likes: it is watched as any process is.
    fn stalled(&self) -> Option<AgentFailure> {
        let stall = self.assignment.stall.filter(|_| self.at_work.is_empty())?;
        (self.heard.elapsed() >= Duration::from_millis(stall.0)).then(|| AgentFailure {
            class: FailureClass::Stall,
            message: format!("nothing was heard from it for {stall}"),
            until: None,
        })
    }

    /// With a cost by the table of prices, where the program never says one. One that says it at its end is waited for: money that was
    /// counted is not taken back.
    fn priced_now(&self, spending: Spending) -> Spending {
        if self.model().is_some_and(|model| prices::given(&self.assignment.prices, model).is_some()) {
            return self.priced(spending);
        }
        match self.assignment.driver {
            DriverName::Codex | DriverName::Gemini | DriverName::Llm => self.priced(spending),
            DriverName::Claude | DriverName::Opencode | DriverName::Acp | DriverName::Command => spending,
        }
    }

    fn priced(&self, spending: Spending) -> Spending {
        let Some(model) = self.model().filter(|_| spending.tokens() > 0) else { return spending };
        let own = prices::given(&self.assignment.prices, model).map(|price| price.cost(spending));
        let cost = own.or(spending.cost).or_else(|| prices::of(model).map(|price| price.cost(spending)));
        Spending { cost, ..spending }
    }

    fn model(&self) -> Option<&str> {
        self.report.model.as_deref().or(self.assignment.model.as_deref())
    }

    fn over_allowance(&self) -> Option<AgentFailure> {
        let message = self.ledger.used_up(self.assignment.allowance)?;
        Some(AgentFailure { class: FailureClass::Budget, message, until: None })
    }

    /// A side channel: what cannot be written is shown late, and nothing else.
    fn write_activity(&mut self) {
        self.activity.at = wall_clock();
        let _ = self.notes.write_activity(&self.activity);
    }

    fn masked(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.redactor.mask(text.as_bytes())).into_owned()
    }

    /// Writes down what came of it; the exit code.
    ///
    /// # Errors
    /// What could not be written.
    pub(super) fn conclude(mut self, outcome: Outcome, work: Option<WorkLeft>) -> Result<i32, String> {
        self.report.spending = self.priced(self.ledger.spent());
        self.report.work = work;
        let code = i32::from(outcome.answer.is_err());
        match outcome.answer {
            Ok(Answer { text, structured }) => {
                let words = self.masked(&structured.map_or(text, |answer| answer.to_string()));
                self.report.said = words.chars().take(SAID).collect();
                self.notes.write_answer(&words).map_err(|error| format!("its answer cannot be written: {error}"))?;
            }
            Err(mut failure) => {
                failure.message = self.masked(&failure.message).chars().take(SAID).collect();
                let _ = writeln!(io::stderr(), "{}", failure.message);
                self.report.failure = Some(failure);
            }
        }
        self.write_activity();
        self.herald.close();
        let written = self.notes.write_outcome(&self.report);
        written.map(|()| code).map_err(|error| format!("the outcome cannot be written: {error}"))
    }
}

fn print(event: &AgentEvent) {
    let Some(text) = transcript::lines(event) else { return };
    let text = format!("{text}\n");
    // The supervisor masks what it captures; a reader that is gone is no reason to stop.
    let _ = match event {
        AgentEvent::Noise { .. } => io::stderr().write_all(text.as_bytes()),
        _ => io::stdout().write_all(text.as_bytes()),
    };
}
