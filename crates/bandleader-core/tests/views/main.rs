//! What people see of a run follows from its plan and its events: a story is played through the core, and the pages are compared
//! with those that were read and found good.

#[cfg(test)]
mod pages;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod story;
