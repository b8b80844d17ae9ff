//! Makes the world follow the state: starts what should be alive, stops what should not, and turns what supervisors say
//! into inputs.
//!
//! Everything is derived from the run's jobs, so start, restart, crash and take-over are one path. Requests to a supervisor
//! may be repeated without harm; `asked` only saves repeating them every turn.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use bandleader_core::redact::Redactor;
use bandleader_core::{Input, JobId, Run, RunId, Step, StopHow};

use super::{EngineError, Wake, Waker};
use crate::agent::notes::{Message, Notes};
use crate::folder::RunFolder;
use crate::job::{self, Place};
use crate::link::{Ended, FromSupervisor, Hello, ToSupervisor};
use crate::supervisor::{Begun, Supervisor};

/// The world as one engine sees it.
pub(super) struct World {
    place: Place,
    exe: PathBuf,
    secrets: Vec<String>,
    waker: Waker,
    /// Of the engine that this is part of.
    epoch: u32,
    supervisor: Option<Supervisor>,
    /// That which is being started.
    begun: Option<Begun>,
    /// What this supervisor was last asked about each job.
    asked: BTreeMap<JobId, Request>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Request {
    Start,
    Stop(StopHow),
}

impl World {
    pub(super) fn new(
        id: &RunId,
        run_folder: &RunFolder,
        project: &Path,
        exe: &Path,
        run: &Run,
        waker: Waker,
        begun: Option<Begun>,
    ) -> Result<World, EngineError> {
        let secrets = job::secrets(run.plan());
        let place = Place {
            run: id.clone(),
            run_folder: run_folder.path().to_owned(),
            jobs: run_folder.jobs(),
            project: project.to_owned(),
            exe: exe.to_owned(),
            redactor: Redactor::new(secrets.iter().map(String::as_str))?,
        };
        Ok(World {
            place,
            exe: exe.to_owned(),
            secrets,
            waker,
            epoch: run.epoch() + 1,
            supervisor: None,
            begun,
            asked: BTreeMap::new(),
        })
    }

    /// Attaches to the run's supervisor, or starts one. What lives and what ended while nobody listened comes as its welcome.
    pub(super) fn attach(&mut self) -> Result<(), EngineError> {
        self.asked.clear();
        let mut hello = Hello::new(self.place.run.clone(), self.epoch);
        hello.secrets.clone_from(&self.secrets);
        hello.env = job::inherited_environment();
        // The old one first, and the one that is being started is there then.
        self.let_go();
        let (supervisor, said) = Supervisor::attach_or_start(&self.exe, &self.place.run_folder, hello)?;
        self.supervisor = Some(supervisor);
        for said in said {
            self.waker.wake(Wake::Supervisor(said));
        }
        Ok(())
    }

    /// Detaches: what runs goes on, and a supervisor without jobs ends.
    pub(super) fn let_go(&mut self) {
        (self.supervisor, self.begun) = (None, None);
    }

    /// Readable when the supervisor has said something; none where there is no supervisor.
    pub(super) fn link(&self) -> Option<BorrowedFd<'_>> {
        self.supervisor.as_ref().and_then(Supervisor::fd)
    }

    /// What it has said since.
    pub(super) fn hear(&mut self) -> Vec<FromSupervisor> {
        self.supervisor.as_mut().map(Supervisor::hear).unwrap_or_default()
    }

    /// Turns what a supervisor said into inputs.
    pub(super) fn heard(&mut self, run: &Run, said: FromSupervisor) -> Result<Vec<Input>, EngineError> {
        Ok(match said {
            FromSupervisor::Welcome { live, ended, .. } => {
                self.asked.extend(live.into_iter().map(|live| (live.job, Request::Start)));
                ended.into_iter().filter_map(|ended| self.ended(run, &ended)).collect()
            }
            FromSupervisor::Ended(ended) => self.ended(run, &ended).into_iter().collect(),
            FromSupervisor::Silent { job, silent } if job.step == Step::Work => {
                vec![Input::Silent { attempt: job.attempt, silent }]
            }
            FromSupervisor::Unknown { job } => vec![Input::Lost { job }],
            FromSupervisor::Refused { message } => return Err(EngineError::Refused { message }),
            FromSupervisor::Gone | FromSupervisor::Spawned(_) | FromSupervisor::Silent { .. } => Vec::new(),
        })
    }

    /// An end that is still of interest; any other is acknowledged at once.
    fn ended(&mut self, run: &Run, ended: &Ended) -> Option<Input> {
        if run.jobs().contains_key(&ended.job) {
            return job::collect(run, &self.place, ended);
        }
        drop(self.say(&ToSupervisor::Acknowledge { job: ended.job }));
        None
    }

    /// Asks for whatever the state wants and was not asked for yet.
    pub(super) fn follow(&mut self, run: &Run) -> Result<(), EngineError> {
        let over: Vec<JobId> = self.asked.keys().filter(|job| !run.jobs().contains_key(job)).copied().collect();
        for job in over {
            self.asked.remove(&job);
            drop(self.say(&ToSupervisor::Acknowledge { job }));
        }
        self.hand_on_messages(run);
        if run.jobs().is_empty() {
            // Not needed after all: its first stage is not left as a zombie, and it ends by itself.
            self.begun = None;
            self.flush();
            return Ok(());
        }
        if self.supervisor.is_none() {
            self.attach()?;
        }
        let mut unasked = Vec::new();
        for (id, job) in run.wanted().jobs {
            let wanted = job.stop.map_or(Request::Start, |(_, how)| Request::Stop(how));
            if self.asked.get(id).is_none_or(|known| *known < wanted) {
                unasked.push((*id, wanted));
            }
        }
        // Of those that start together, that with the longest path behind it first: starting one takes a while.
        unasked.sort_by_key(|(id, _)| Reverse(run.tail(id.attempt.task)));
        for (id, wanted) in unasked {
            self.ask(run, id, wanted);
        }
        self.flush();
        Ok(())
    }

    /// Leaves messages from people where the attendants of those at work look for them. Written again without harm.
    fn hand_on_messages(&mut self, run: &Run) {
        let waits = |id: &JobId| id.step == Step::Work && run.undelivered(id.attempt.task).next().is_some();
        for id in run.jobs().keys().filter(|id| waits(id)) {
            let messages = run.undelivered(id.attempt.task);
            let messages: Vec<Message> = messages.map(|(id, told)| Message { id, text: told.text.clone() }).collect();
            // A disk that is full now may have room at the next turn; until then the message waits.
            let _ = Notes::of(&self.place.run_folder, *id).leave_messages(&messages);
        }
    }

    fn ask(&mut self, run: &Run, id: JobId, wanted: Request) {
        self.asked.insert(id, wanted);
        let said = match wanted {
            Request::Stop(how) => self.say(&ToSupervisor::Stop { job: id, how }),
            Request::Start => {
                let assignment = job::prepare(run, &self.place, id);
                assignment.and_then(|assignment| self.say(&ToSupervisor::Start(assignment)))
            }
        };
        if let Err(message) = said {
            // As if it had been tried: the failure takes the ordinary way through the core.
            let ended = job::not_started(id, message);
            self.waker.wake(Wake::Supervisor(FromSupervisor::Ended(ended)));
        }
    }

    /// Puts a request with those that `flush` sends. If the supervisor is gone, `FromSupervisor::Gone` is on its way, and everything
    /// is asked again.
    fn say(&mut self, request: &ToSupervisor) -> Result<(), String> {
        self.supervisor
            .as_mut()
            .map_or(Ok(()), |supervisor| supervisor.queue(request))
            .map_err(|error| error.to_string())
    }

    fn flush(&mut self) {
        if let Some(supervisor) = &mut self.supervisor {
            drop(supervisor.flush());
        }
    }
}
