//! The server: a thread that takes connections, and a thread for each of them, which lives as long as it.

use std::fs::OpenOptions;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;

use crate::rules::Rule;
use crate::script::Script;
use crate::serving::{Shared, lock};
use crate::tally::Tally;

/// A running server. It ends when this is dropped, with all its connections.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

impl ModelServer {
    /// Starts on a free port of this machine.
    pub fn start(rules: Vec<Rule>) -> io::Result<ModelServer> {
        ModelServer::start_at(0, rules, None)
    }

    /// The same with rules as they are written in JSON.
    ///
    /// # Errors
    /// They are none, or no port is free.
    pub fn playing(rules: serde_json::Value) -> io::Result<ModelServer> {
        ModelServer::start(serde_json::from_value(rules)?)
    }

    /// Starts on a port (0: a free one), and adds a line to `log` for each request.
    pub fn start_at(port: u16, rules: Vec<Rule>, log: Option<&Path>) -> io::Result<ModelServer> {
        let file = log.map(|path| OpenOptions::new().create(true).append(true).open(path)).transpose()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        // Sessions of agents outlive a server, and ids must not come again in them.
        let first = u64::from(address.port()) * 1_000_000;
        let shared = Arc::new(Shared::new(Script::new(rules), Tally::new(file), first));
        let for_thread = Arc::clone(&shared);
        let listening = std::thread::Builder::new().name("model-server".into());
        let listening = listening.spawn(move || listen(&listener, &for_thread))?;
        Ok(ModelServer { address, shared, listening: Some(listening) })
    }

    /// Where it is, without a slash at the end: what Claude Code and Gemini want. OpenAI's kind want `/v1` after it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Plays other rules from now on.
    pub fn play(&self, rules: Vec<Rule>) {
        *lock(&self.shared.script) = Script::new(rules);
    }

    /// What it has counted: `total`, and by `api`, `model`, `rule` and `header`.
    pub fn count(&self) -> Value {
        self.shared.tally.count()
    }

    /// Every request, with its body, and how it ended.
    pub fn log(&self) -> Vec<Value> {
        self.shared.tally.log()
    }

    /// Waits until at least so many requests have come since the start. Says whether they have.
    pub fn wait_for(&self, requests: usize, longest: Duration) -> bool {
        self.shared.tally.wait(requests, longest)
    }

    /// Waits until the script holds so many answers at the same time. Says whether it does.
    pub fn wait_for_held(&self, answers: usize, longest: Duration) -> bool {
        self.shared.holds.wait(answers, longest)
    }

    /// Lets go the answers that the script holds under this name, now and from now on.
    pub fn release(&self, name: &str) {
        self.shared.holds.release(name);
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(listening) = self.listening.take() {
            // The thread ends only by a drop, which this is not.
            let _ = listening.join();
        }
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.shared.stopping.tell();
        self.shared.holds.end();
        // Wakes the thread that takes connections.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
        for connection in lock(&self.shared.connections).values() {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for (name, connection) in (0..).zip(listener.incoming()) {
        if !shared.stopping.pause(Duration::ZERO) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let Ok(kept) = connection.try_clone() else { continue };
        lock(&shared.connections).insert(name, kept);
        let for_thread = Arc::clone(shared);
        let started = std::thread::Builder::new().name("model-server-connection".into()).spawn(move || {
            // Small frames must not wait for each other. Without it the answer is late, but right.
            let _ = connection.set_nodelay(true);
            for_thread.serve(&connection);
            lock(&for_thread.connections).remove(&name);
        });
        if started.is_err() {
            lock(&shared.connections).remove(&name);
        }
    }
}
