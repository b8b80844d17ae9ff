//! Drivers and their attendant, as processes: `band attend` with a scripted program in place of the agent's.

#[cfg(test)]
mod acp;
#[cfg(test)]
mod acp_session;
#[cfg(test)]
mod attended;
#[cfg(test)]
mod common;
#[cfg(test)]
mod gemini;
#[cfg(test)]
mod real;
