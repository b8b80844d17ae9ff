//! The real coding agents, from npm, against the scripted model server: the command lines, events and exit codes that the drivers
//! build on are what these versions really do.
//!
//! `.ci/agents --acp` installs them; where they are not, each test says so loudly and passes. They are heavy, so one runs at a
//! time (with `BANDLEADER_REAL_AGENTS=0`, none), each in a home, a repository and with a model of its own. With
//! `BANDLEADER_RECORD=1` what they print is kept below `crates/bandleader-engine/tests/samples`, with paths and addresses
//! replaced.

#[cfg(test)]
mod acp;
#[cfg(test)]
mod band;
#[cfg(test)]
mod claude;
#[cfg(test)]
mod codex;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod gemini;
#[cfg(test)]
#[path = "../installed/mod.rs"]
mod installed;
#[cfg(test)]
mod opencode;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod talk;
