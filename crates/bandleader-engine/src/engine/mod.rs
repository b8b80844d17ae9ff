//! The engine of one run: takes what happens, lets the core decide, makes it durable, then makes the world follow.
//!
//! Faces call `submit` to freeze a plan as a run and `Engine::take` to own it; `drive` loops until the run is over or the
//! engine is told to leave. Whoever only looks uses `follow`. Invariant: nothing is started or shown before its events are
//! committed, and there is one engine a run (`RunLock`, epochs).

mod costs;
pub mod desk;
mod error;
mod follow;
mod freeze;
mod gather;
mod glance;
mod pulse;
mod replay;
mod turn;
mod wakes;
mod world;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use bandleader_core::{By, Command, Input, Recorded, Run, RunId, RunState, StopHow};
use nix::unistd::{Uid, User};

pub use costs::past_costs;
pub use error::EngineError;
pub use follow::Follower;
pub use freeze::{NewMission, submit, submit_told};
pub use glance::Glance;
pub use pulse::Pulse;
pub use wakes::Waker;

use crate::clock::Clock;
use crate::folder::{Folder, RunFolder};
use crate::inbox::Doorbell;
use crate::link::FromSupervisor;
use crate::lock::RunLock;
use crate::projector::{Projector, ProjectorError, Start};
use crate::snapshot::Snapshots;
use crate::store::{Mark, Store};
use crate::supervisor::Supervisor;
use gather::Gathering;
use replay::{Replayed, replay};
use wakes::Wakes;
use world::World;

/// Something that wakes the engine.
#[derive(Debug)]
pub enum Wake {
    /// A supervisor reported.
    Supervisor(FromSupervisor),
    /// Something may be in the inbox.
    Inbox,
    /// The person at this terminal pressed Ctrl-C: once to stop dispatching and leave when what runs has ended, again to
    /// cancel, a third time to kill.
    Interrupt,
    /// The log is damaged at an event that was not read when the run was taken.
    Damaged,
}

/// When an engine goes although its run is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Only when told to by `Wake::Interrupt`.
    WhenTold,
    /// As soon as only people can bring the run on.
    WhenWaiting,
    /// As soon as the inbox is empty: to hand in a command when no engine is there.
    WhenInboxIsEmpty,
}

/// What the engine tells while it runs: each committed batch, with the run as it is after it. It is told before anything acts
/// on the batch, so it must be quick: hand it on, do not draw.
pub type OnCommit = Box<dyn FnMut(&Run, &Arc<[Recorded]>) + Send>;

/// How an engine is set up.
pub struct Options {
    /// The `band` binary, which is also the supervisor.
    pub exe: PathBuf,
    /// When it goes.
    pub leave: Leave,
    /// Told of every committed batch.
    pub on_commit: OnCommit,
}

/// The owner of one run.
pub struct Engine {
    folder: Folder,
    id: RunId,
    run_folder: RunFolder,
    store: Store,
    run: Run,
    /// Where the log stands.
    mark: Option<Mark>,
    clock: Clock,
    world: World,
    projector: Option<Projector>,
    files_behind: Option<ProjectorError>,
    options: Options,
    wakes: Wakes,
    interrupts: u32,
    // Last, so that the lock is let go of after everything else.
    _lock: RunLock,
}

impl Engine {
    /// Takes a run over: locks it, folds its log, counts itself in as its next engine, and starts what should be alive. Only then
    /// does its projector read the whole story, beside what happens from now on.
    ///
    /// # Errors
    /// Another engine holds it; its log is damaged; the disk refuses.
    pub fn take(folder: &Folder, id: &RunId, options: Options) -> Result<Engine, EngineError> {
        // A power loss may have taken it.
        let run_folder = folder.create_run(id)?;
        let lock = RunLock::take(id, &run_folder)?;
        let store = Store::open(folder)?;
        store.check_witness(id, &run_folder)?;
        let row = store.run(id)?;
        // It starts beside what follows. A run that waits for people needs none.
        let works = ["created", RunState::Running.name()].contains(&row.state.as_str());
        let begun = works.then(|| Supervisor::begin(&options.exe, run_folder.path(), id)).flatten();
        let Replayed { run, snapshot } = replay(folder, &store, &row)?;
        let snapshots = Snapshots::new(&run_folder, id, &row.plan_hash, snapshot);
        let clock = Clock::start(run.last_at());
        let wakes = Wakes::new(Doorbell::listen(&run_folder)?).map_err(|source| EngineError::NoBell { source })?;
        let world = World::new(id, &run_folder, &row.project, &options.exe, &run, wakes.waker(), begun)?;
        let folder = folder.clone();
        let id = id.clone();
        let mut engine = Engine {
            folder,
            id,
            run_folder,
            store,
            run,
            mark: None,
            clock,
            world,
            projector: None,
            files_behind: None,
            options,
            wakes,
            interrupts: 0,
            _lock: lock,
        };
        engine.boot()?;
        engine.projector = Some(engine.project(snapshots)?);
        Ok(engine)
    }

    fn project(&self, snapshots: Snapshots) -> Result<Projector, EngineError> {
        let (folder, id, waker) = (self.folder.clone(), self.id.clone(), self.waker());
        let until = self.run.last_seq();
        let start = Start {
            run: self.run.clone(),
            mark: self.mark,
            story: Box::new(move |tell| Store::open_read_only(&folder)?.pages(&id, 0, until, tell)),
            snapshots,
            on_damage: Box::new(move || waker.wake(Wake::Damaged)),
        };
        Ok(Projector::start(&self.run_folder, start, self.clock.clone())?)
    }

    /// Lets the files say the last word, before anybody is told that it is over.
    fn end_projector(&mut self) -> Result<(), EngineError> {
        match self.projector.take().map(Projector::finish) {
            Some(Err(ProjectorError::Log(damage))) => return Err(damage.into()),
            Some(Err(behind)) => self.files_behind = Some(behind),
            Some(Ok(())) | None => (),
        }
        Ok(())
    }

    /// Where Ctrl-C and the like are sent.
    pub fn waker(&self) -> Waker {
        self.wakes.waker()
    }

    /// The run as it is.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The run's folder.
    pub fn run_folder(&self) -> &RunFolder {
        &self.run_folder
    }

    /// The state folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Why the run's files are not up to date after `drive`, if they are not. The run itself is not hurt: `band export` makes them
    /// again from its log.
    pub fn files_behind(&self) -> Option<&ProjectorError> {
        self.files_behind.as_ref()
    }

    fn boot(&mut self) -> Result<(), EngineError> {
        let boot = Input::Boot { epoch: self.run.epoch() + 1, pid: std::process::id() };
        self.turn(vec![boot])
    }

    /// Goes on until the run is over or it is time to leave.
    ///
    /// # Errors
    /// The disk refuses, a supervisor cannot be had, or the run's folder is gone. What runs goes on, and the next engine takes it up.
    pub fn drive(&mut self) -> Result<RunState, EngineError> {
        let (begun, mut gathering) = (Instant::now(), Gathering::default());
        while !self.may_leave() {
            let wakes = self.await_wakes(&mut gathering, begun);
            self.look_for_home(&wakes)?;
            let mut inputs = Vec::new();
            for wake in wakes {
                self.wake(wake, &mut inputs)?;
            }
            self.turn(inputs)?;
        }
        self.settle();
        self.end_projector()?;
        Ok(self.run.state())
    }

    /// What leaving takes anyway, while the projector still writes the last files.
    fn settle(&mut self) {
        if let Some(projector) = &mut self.projector {
            projector.no_more();
        }
        self.world.let_go();
        self.store.settle();
    }

    /// Whoever waits for people would wait for ever where their project is gone. Costs one question to the kernel, at wakes without news of a
    /// process: within a minute (`patience`) one of them comes.
    fn look_for_home(&self, wakes: &[Wake]) -> Result<(), EngineError> {
        if wakes.iter().any(|wake| matches!(wake, Wake::Supervisor(_))) {
            return Ok(());
        }
        let folder = self.run_folder.path();
        match std::fs::symlink_metadata(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(EngineError::Gone { folder: folder.to_owned() })
            }
            // What is in the way of a look now is in the way of a commit, too, which says so.
            _ => Ok(()),
        }
    }

    fn may_leave(&self) -> bool {
        let idle = self.run.jobs().is_empty();
        let told = self.interrupts > 0 && idle && self.run.state() == RunState::Paused;
        let leave = match self.options.leave {
            Leave::WhenTold => false,
            Leave::WhenWaiting => matches!(self.run.state(), RunState::Waiting | RunState::RateLimited),
            Leave::WhenInboxIsEmpty => true,
        };
        self.run.is_over() || told || leave
    }

    fn wake(&mut self, wake: Wake, inputs: &mut Vec<Input>) -> Result<(), EngineError> {
        match wake {
            Wake::Inbox => (),
            Wake::Damaged => self.end_projector()?,
            Wake::Supervisor(FromSupervisor::Gone) => self.world.attach()?,
            Wake::Supervisor(said) => inputs.extend(self.world.heard(&self.run, said)?),
            Wake::Interrupt => {
                self.interrupts += 1;
                let command = match self.interrupts {
                    1 => Command::Pause,
                    2 => Command::Cancel { how: StopHow::Politely },
                    _ => Command::Cancel { how: StopHow::AtOnce },
                };
                inputs.push(Input::Asked { command, by: person() });
            }
        }
        Ok(())
    }
}

/// The person whose account this is: as `USER` says, which containers and services often lack, else as the system knows the account.
pub fn person() -> By {
    let said = std::env::var("USER").ok().filter(|name| !name.is_empty());
    By::Person { name: said.or_else(account).unwrap_or_else(|| "somebody".into()) }
}

fn account() -> Option<String> {
    User::from_uid(Uid::current()).ok().flatten().map(|user| user.name).filter(|name| !name.is_empty())
}

/// The binary that runs now: what a supervisor is started from.
///
/// # Errors
/// The system does not say where it is.
pub fn own_binary() -> Result<PathBuf, EngineError> {
    std::env::current_exe().map_err(|source| EngineError::NoBinary { source })
}
