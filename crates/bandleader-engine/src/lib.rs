//! The shell: everything that touches the world - disk, clock, processes - so that the core need not.
//!
//! The binary calls it; it calls the core. It draws no screen and parses no arguments.

pub mod blob;
pub mod chance;
pub mod clock;
pub mod folder;
pub mod inbox;
pub mod lock;
pub mod store;
