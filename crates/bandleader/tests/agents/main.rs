//! Drivers and their attendant, as processes: `band attend` with a scripted program in place of the agent's.

#[cfg(test)]
mod acp;
#[cfg(test)]
mod acp_session;
#[cfg(test)]
mod attended;
#[cfg(test)]
mod claude;
#[cfg(test)]
mod claude_outcomes;
#[cfg(test)]
mod claude_real;
#[cfg(test)]
mod codex;
#[cfg(test)]
mod codex_exec;
#[cfg(test)]
mod codex_real;
#[cfg(test)]
mod codex_turns;
#[cfg(test)]
mod common;
#[cfg(test)]
mod gemini;
#[cfg(test)]
#[path = "../installed/mod.rs"]
mod installed;
#[cfg(test)]
mod llm;
#[cfg(test)]
mod opencode;
#[cfg(test)]
mod opencode_real;
#[cfg(test)]
mod real;
