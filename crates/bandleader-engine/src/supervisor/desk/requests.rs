//! What engines ask of the desk, and how it is done so that asking twice does no harm.

use std::io;
use std::sync::Arc;

use bandleader_core::redact::Redactor;
use bandleader_core::{Exit, JobId, StopHow, Usage};

use super::super::jobs::State;
use super::super::journal::{self, Entry};
use super::super::wire::Wire;
use super::Desk;
use crate::link::{Ended, FromSupervisor, Hello, LiveJob, PROTOCOL, ToSupervisor};
use crate::process::{self, Job, JobEnvironment};

impl Desk {
    /// Lets an engine take the place of the one before, unless that is newer.
    pub(super) fn greet(&mut self, hello: &Hello, mut wire: Wire) {
        self.wait_for_first_until = None;
        let redactor = Redactor::new(hello.secrets.iter().map(String::as_str));
        let (redactor, refused) = match redactor {
            Ok(redactor) => (redactor, self.refusal(hello)),
            Err(error) => (Redactor::default(), Some(error.to_string())),
        };
        if let Some(message) = refused {
            wire.say(&FromSupervisor::Refused { message });
            let _ = wire.flush();
            return;
        }
        self.redactor = redactor;
        self.env = Arc::new(JobEnvironment::new(&hello.env));
        if hello.epoch > self.epoch {
            self.epoch = hello.epoch;
            self.journal.add(&Entry::Engine { epoch: hello.epoch });
        }
        let (live, ended) = (self.jobs.live().cloned().collect(), self.jobs.ended().cloned().collect());
        wire.say(&FromSupervisor::Welcome { pid: std::process::id(), live, ended });
        self.engine = Some(wire);
    }

    fn refusal(&self, hello: &Hello) -> Option<String> {
        if hello.protocol != PROTOCOL {
            return Some(format!(
                "the supervisor of run `{}` was started by another version of band; let it end, or continue with that version",
                self.run
            ));
        }
        if hello.run != self.run {
            return Some(format!("this is the supervisor of run `{}`, not of `{}`", self.run, hello.run));
        }
        let message =
            || format!("engine {} of run `{}` has taken over from engine {}", self.epoch, self.run, hello.epoch);
        (hello.epoch < self.epoch).then(message)
    }

    /// Does what it says.
    pub(super) fn take(&mut self, message: ToSupervisor) {
        match message {
            // Greeted already: a connection speaks for one engine.
            ToSupervisor::Hello(_) => {}
            ToSupervisor::Start(assignment) => {
                let is_starting = self.starting.iter().any(|starting| starting.job == assignment.job);
                if !is_starting && !self.tell_state(assignment.job) {
                    self.journal.add(&Entry::Accepted { job: assignment.job });
                    self.starting.push(assignment);
                }
            }
            ToSupervisor::Stop { job, how } => self.stop(job, how),
            ToSupervisor::Acknowledge { job } => {
                if self.jobs.acknowledge(job) {
                    self.journal.add_lazily(&Entry::Acknowledged { job });
                }
            }
        }
    }

    fn stop(&mut self, job: JobId, how: StopHow) {
        if self.starting.iter().any(|starting| starting.job == job) {
            // It came in the same batch as its start. Started it must be, so that there is an end to report.
            self.start_jobs();
        }
        if let Some(State::Live { worker, .. }) = self.jobs.find(job) {
            self.crew.stop(*worker, job, how);
        } else if !self.tell_state(job) {
            self.tell(&FromSupervisor::Unknown { job });
        }
    }

    /// Reports what is known of a job; false when it is not known.
    fn tell_state(&mut self, job: JobId) -> bool {
        let message = match self.jobs.find(job) {
            None => return false,
            Some(State::Live { live, .. }) => Some(FromSupervisor::Spawned(live.clone())),
            Some(State::Ended(ended)) => Some(FromSupervisor::Ended(ended.clone())),
            Some(State::Acknowledged) => {
                let past = journal::read(&self.run_folder).ok().and_then(|mut history| history.jobs.remove(&job));
                past.and_then(|past| past.ended).map(FromSupervisor::Ended)
            }
        };
        if let Some(message) = message {
            self.tell(&message);
        }
        true
    }

    /// Gives what was accepted to workers, after the journal has it.
    pub(super) fn start_jobs(&mut self) {
        for assignment in std::mem::take(&mut self.starting) {
            let live = LiveJob { job: assignment.job, pid: 0, started: process::wall_clock() };
            let job = Job {
                assignment,
                run: self.run.clone(),
                env: self.env.clone(),
                redactor: self.redactor.clone(),
                folder: self.folder.clone(),
            };
            match self.crew.run(job) {
                Ok(worker) => self.jobs.begin(worker, live),
                Err(error) => self.end_jobs(vec![not_started(&live, &error)]),
            }
        }
    }
}

fn not_started(live: &LiveJob, error: &io::Error) -> Ended {
    let message = format!("the supervisor has no thread for it: {error}");
    let usage = Usage { started: live.started, ended: live.started, ..Usage::default() };
    Ended { job: live.job, exit: Exit::NotStarted { message }, usage, left_out: 0, output_error: None }
}
