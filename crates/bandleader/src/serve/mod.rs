//! `band serve`: the project's runs over HTTP, for the dashboard and for programs.
//!
//! A face like the others: what it shows it folds from the log, what it is asked for it hands in at the engine's desk. It may be
//! ended and started at any time; runs do not notice, and whoever follows goes on where it was.
//!
//! `listen` takes connections, `guard` decides who may ask, `router` says where a path leads; the other files are what is there.

mod answer;
mod answers;
mod asking;
mod audit;
mod body;
mod changes;
mod events;
mod extract;
mod guard;
mod hub;
mod inbox;
mod incoming;
mod limits;
mod links;
mod listen;
mod logs;
mod merged;
mod metrics;
mod onward;
pub(crate) mod openapi;
mod pages;
mod paging;
mod plans;
mod problem;
mod reply;
mod router;
mod runs;
mod session;
mod started;
mod tasks;
mod views;
mod watched;
mod webhooks;
mod writes;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use bandleader_engine::folder::Folder;
use bandleader_engine::hooks::incoming::Incoming;
use bandleader_engine::hooks::links::Reached;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Mutex;

use crate::error::{Exit, Failure, Outcome};
use audit::Audit;
use guard::Names;
pub(crate) use guard::Reach;
use hub::Hub;
use incoming::Doors;
use limits::Limits;
pub(crate) use links::{Links, Renew, Role, SHORTEST_TOKEN};
use metrics::Metrics;
use started::Started;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) hub: Arc<Hub>,
    pub(crate) metrics: Arc<Metrics>,
    links: Arc<Links>,
    limits: Arc<Limits>,
    names: Arc<Names>,
    cookie: Arc<str>,
    audit: Arc<Audit>,
    started: Arc<Mutex<Started>>,
    doors: Arc<Doors>,
}

/// How it is set up.
pub(crate) struct Settings {
    /// Where it listens; port 0 takes any.
    pub address: SocketAddr,
    /// Who can reach it there.
    pub reach: Reach,
    /// Further names that it answers to.
    pub names: Vec<String>,
    /// Its secrets.
    pub links: Links,
    /// Connections at a time.
    pub connections: usize,
    /// Who may tell us something.
    pub incoming: Vec<Incoming>,
}

/// So many requests read disks or fold logs at the same time; others wait for them.
const READERS: usize = 16;

/// Listens, says where, and serves until it is told to end.
pub(crate) fn serve(
    folder: &Folder,
    settings: Settings,
    told: impl FnOnce(SocketAddr, &Links) -> Result<(), Failure>,
) -> Outcome {
    allow_many_files();
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(READERS).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?;
    let ended = runtime.block_on(run(folder, settings, told));
    runtime.shutdown_background();
    ended
}

async fn run(
    folder: &Folder,
    settings: Settings,
    told: impl FnOnce(SocketAddr, &Links) -> Result<(), Failure>,
) -> Outcome {
    let asked = settings.address;
    let listener = TcpListener::bind(asked).await.map_err(|error| {
        Failure::usage(format!("cannot listen at {asked}: {error}")).hint("`--port 0` takes any port that is free")
    })?;
    let address = listener.local_addr().map_err(|error| Failure::internal(format!("no address: {error}")))?;
    let metrics = Arc::new(Metrics::new());
    let hub = Hub::new(folder, metrics.timings.clone());
    let app = App {
        hub: Arc::clone(&hub),
        metrics,
        links: Arc::new(settings.links),
        limits: Arc::new(Limits::new()),
        names: Arc::new(Names::new(settings.reach, &settings.names)),
        cookie: format!("band_{}", address.port()).into(),
        audit: Arc::new(Audit::open(folder)?),
        started: Arc::new(Mutex::new(Started::of(folder)?)),
        doors: Arc::new(Doors::open(folder, settings.incoming)),
    };
    // For links by which people answer. Where it cannot be written they need an address of their own.
    let _reached = Reached::at(folder, &format!("http://{}", address_of(address)));
    let beating = Arc::clone(&hub);
    std::thread::spawn(move || hub::keep_beating(&beating));
    let mut ends = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let _courier = crate::hooks::courier(folder);
    told(address, &app.links)?;
    let served = listen::serve(listener, router::router(&app), settings.connections, hub.closing());
    tokio::pin!(served);
    let [interrupt, terminate] = &mut ends;
    tokio::select! {
        () = served.as_mut() => (),
        () = heard(interrupt) => hub.close(),
        () = heard(terminate) => hub.close(),
    }
    served.await;
    Ok(Exit::Succeeded)
}

/// Where a browser goes: everywhere is no place.
pub(crate) fn address_of(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    address
}

async fn heard(signal: &mut std::io::Result<tokio::signal::unix::Signal>) {
    match signal {
        Ok(signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Each client is an open file, and many systems begin with a thousand.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    // If it cannot be raised, so many fewer are served.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
