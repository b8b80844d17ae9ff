//! What the process of an engine is told by whoever starts it: `band drive RUN ORDERS`, read before the command line's grammar is built.
//!
//! Nobody types it. The grammar of all verbs is a megabyte or two of the program that an engine, which may wait for days, would keep
//! in memory for nothing.

use std::process::Command;

use bandleader_engine::engine::own_binary;
use serde::{Deserialize, Serialize};

use super::Seeing;
use crate::error::Failure;
use crate::render::screen::Colour;

/// The word that such a process is known by, to us and in a list of processes.
const WORD: &str = "drive";

/// How a run is to be driven; as JSON the last argument.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Orders {
    /// The first argument, not part of the JSON.
    #[serde(skip)]
    pub run: String,
    pub colour: Colour,
    /// With a view, in the terminal's session.
    pub seen: bool,
    pub seeing: Seeing,
}

impl Orders {
    /// Those of this process, if it was started for an engine.
    pub(crate) fn of_this_process() -> Option<Orders> {
        let mut arguments = std::env::args_os().skip(1);
        if arguments.next()? != WORD {
            return None;
        }
        let (run, orders) = (arguments.next()?, arguments.next()?);
        let orders: Orders = serde_json::from_str(orders.to_str()?).ok()?;
        Some(Orders { run: run.into_string().ok()?, ..orders })
    }

    /// Starts a process with them.
    pub(crate) fn command(&self) -> Result<Command, Failure> {
        let orders = serde_json::to_string(self).map_err(|error| Failure::internal(error.to_string()))?;
        let mut command = Command::new(own_binary()?);
        command.args([WORD, &self.run, &orders]);
        crate::hooks::keep_secrets(&mut command);
        Ok(command)
    }
}
