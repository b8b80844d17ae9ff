//! The supervisor with real processes: what jobs do, what is done to them, and what is left of them.

#[cfg(test)]
mod crowds;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod output;
#[cfg(test)]
mod survival;
