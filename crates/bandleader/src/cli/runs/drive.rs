//! An engine for one run: in this process with a view of it, or in a process of its own in the background.
//!
//! Reading a plan takes more memory than waiting for its tasks does, and an allocator keeps most of what was freed. So a process
//! that has read one begins again as a fresh one (`afresh`) before it drives the run.

use std::convert::Infallible;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bandleader_core::{Recorded, Run, RunId};
use bandleader_engine::engine::{Engine, Leave, Options, Wake, own_binary};
use bandleader_engine::folder::Folder;
use signal_hook::consts::SIGINT;
use signal_hook::iterator::Signals;

use super::orders::Orders;
use super::show::Show;
use super::{Seeing, outcome};
use crate::error::{Exit, Failure, Outcome};
use crate::render::screen::{Colour, Screen};
use crate::traces;

/// How long a view waits before it looks at the time again.
const BEAT: Duration = Duration::from_millis(250);
/// At most so often a new frame is drawn.
const FRAME: Duration = Duration::from_millis(80);
/// Between two looks at what was committed, where it is told in lines: too short to be noticed.
const MOMENT: Duration = Duration::from_millis(20);
/// What the background process says once it owns the run.
const READY: &str = "ready";

/// Drives a run as the person wants to see it.
pub(crate) fn go(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    if seeing.detach { background(folder, id, seeing, screen) } else { here(folder, id, seeing, screen) }
}

/// As `go`, for a process whose work so far has left it with memory that it will not need again: it becomes `band drive`, with
/// the same process id, terminal, streams and folder. Nothing may be open or half said by then.
pub(crate) fn afresh(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    if !seeing.detach {
        let orders = Orders { run: id.to_string(), colour: screen.colour(), seen: true, seeing: seeing.clone() };
        // It returns only if the binary cannot be started any more, say because it was just replaced. It is here still.
        let _ = orders.command()?.exec();
    }
    go(folder, id, seeing, screen)
}

/// What a process that was started for an engine does. Without a view it leaves the terminal's session, takes the run, says so, and
/// drives it to its end.
pub(crate) fn run(orders: &Orders, screen: &mut Screen) -> Outcome {
    if orders.seen {
        let (folder, id) = super::find(Some(&orders.run))?;
        return here(&folder, &id, &orders.seeing, screen);
    }
    // Fails only where we lead a group already: then no terminal's signals reach us anyway.
    let _ = rustix::process::setsid();
    let (folder, id) = super::find(Some(&orders.run))?;
    let leave = if orders.seeing.no_wait { Leave::WhenWaiting } else { Leave::WhenTold };
    let options = Options { exe: own_binary()?, leave, on_commit: Box::new(|_, _| {}) };
    let mut engine = Engine::take(&folder, &id, options)?;
    let _courier = crate::hooks::courier(&folder);
    screen.line(READY)?;
    let spans = traces::live::start(&folder, &id);
    engine.drive()?;
    if let Some(warning) = spans.and_then(traces::live::Live::finish) {
        screen.note(&warning);
    }
    if let Some(warning) = outcome::files_behind(&engine) {
        screen.note(&warning);
    }
    Ok(outcome::exit_of(engine.run()))
}

fn here(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    let (sender, commits) = channel::<Arc<[Recorded]>>();
    let leave = if seeing.no_wait { Leave::WhenWaiting } else { Leave::WhenTold };
    let on_commit = move |_: &Run, batch: &Arc<[Recorded]>| drop(sender.send(Arc::clone(batch)));
    let mut engine = Engine::take(folder, id, Options { exe: own_binary()?, leave, on_commit: Box::new(on_commit) })?;
    let _courier = crate::hooks::courier(folder);
    let mut run = engine.run().clone();
    // What the engine did while it took the run is folded into the copy already, but nobody has seen it.
    let taken = commits.try_iter().next().and_then(|batch| batch.first().map(|first| first.seq));
    // A run that was only created is told from its beginning.
    let known = taken.filter(|first| *first > 2).map_or(0, |first| first - 1);
    let waker = engine.waker();
    let mut signals = Signals::new([SIGINT]).map_err(|error| Failure::internal(format!("no signals: {error}")))?;
    let handle = signals.handle();
    let (press, interrupts) = mpsc::channel();
    thread::spawn(move || {
        for _ in signals.forever() {
            waker.wake(Wake::Interrupt);
            let _ = press.send(());
        }
    });
    let spans = traces::live::start(folder, id);
    let (alive, gone) = channel::<Infallible>();
    let driver = thread::spawn(move || {
        let result = engine.drive().map(|_| outcome::files_behind(&engine));
        drop((engine, alive));
        result
    });
    let mut show = Show::new(folder, id, &run, seeing, screen);
    let opened = show.open(folder, id, &run, known);
    let shown = opened.and_then(|()| watch(&mut run, &commits, &interrupts, &gone, &mut show));
    // A view that cannot be drawn is no reason to leave the run alone: its engine goes on to the end.
    let result = driver.join().map_err(|_| Failure::internal("the engine stopped short; `band resume` takes it up"))?;
    handle.close();
    for batch in commits.try_iter() {
        take(&mut run, &batch)?;
    }
    if let Some(warning) = result? {
        screen.note(&warning);
    }
    if let Some(warning) = spans.and_then(traces::live::Live::finish) {
        screen.note(&warning);
    }
    shown?;
    outcome::tell(folder, id, &run, seeing, screen)?;
    Ok(outcome::exit_of(&run))
}

/// Shows what is committed until the engine is gone. Nothing is sent to `gone`: its end says so.
fn watch(
    run: &mut Run,
    commits: &mpsc::Receiver<Arc<[Recorded]>>,
    interrupts: &mpsc::Receiver<()>,
    gone: &mpsc::Receiver<Infallible>,
    show: &mut Show<'_>,
) -> Result<(), Failure> {
    show.draw(run)?;
    loop {
        let first = match commits.recv_timeout(BEAT) {
            Ok(batch) => Some(batch),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return show.end(),
        };
        let any = first.is_some();
        for batch in first.into_iter().chain(commits.try_iter()) {
            for recorded in take(run, &batch)? {
                show.event(run, recorded)?;
            }
        }
        for () in interrupts.try_iter() {
            show.pressed();
        }
        show.draw(run)?;
        if any {
            // What comes meanwhile is told together: a run of tiny tasks need not wake us for each. The run's end does.
            let _ = gone.recv_timeout(if show.is_live() { FRAME } else { MOMENT });
        }
    }
}

/// Folds a batch in; what was folded in before, when the copy was made, is passed over.
fn take<'a>(run: &mut Run, batch: &'a [Recorded]) -> Result<Vec<&'a Recorded>, Failure> {
    let mut fresh = Vec::new();
    let known = run.last_seq();
    for recorded in batch.iter().filter(|recorded| recorded.seq > known) {
        run.apply(recorded).map_err(|error| Failure::internal(error.to_string()))?;
        fresh.push(recorded);
    }
    Ok(fresh)
}

fn background(folder: &Folder, id: &RunId, seeing: &Seeing, screen: &mut Screen) -> Outcome {
    start(folder, id, if seeing.no_wait { Leave::WhenWaiting } else { Leave::WhenTold })?;
    screen.line(id.as_str())?;
    screen.note(&format!("runs in the background; `band watch {id}` shows it"));
    Ok(Exit::Succeeded)
}

/// Starts `band drive` and waits until it owns the run, so that what goes wrong at the start is told here.
pub(crate) fn start(folder: &Folder, id: &RunId, leave: Leave) -> Result<(), Failure> {
    let path = folder.run(id).engine_log();
    let failed = |what: &str, error: &std::io::Error| Failure::internal(format!("cannot {what}: {error}"));
    let log: File = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(|error| failed(&format!("write `{}`", path.display()), &error))?;
    let seeing = Seeing { no_wait: leave == Leave::WhenWaiting, ..Seeing::default() };
    let orders = Orders { run: id.to_string(), colour: Colour::Never, seen: false, seeing };
    let mut command = orders.command()?;
    command.current_dir(folder.project()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    let mut child = command.spawn().map_err(|error| failed("start the background process", &error))?;
    let mut said = String::new();
    if let Some(output) = child.stdout.take() {
        // Nothing said means that it ended.
        let _ = BufReader::new(output).read_line(&mut said);
    }
    if said.trim() == READY {
        // It goes on by itself. Who started it and stays is told when it has ended, so that nothing is left of it.
        thread::spawn(move || child.wait());
        return Ok(());
    }
    let _ = child.wait();
    let words = std::fs::read_to_string(&path).unwrap_or_default();
    let last = words.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or("it said nothing");
    Err(Failure::internal(format!("the background process could not take run {id}: {last}"))
        .hint(format!("its log is `{}`", config_shown(&path))))
}

fn config_shown(path: &std::path::Path) -> String {
    crate::config::shown(path)
}
