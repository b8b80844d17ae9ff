//! What a user may do to the command `band`, and the world to a user: kill it, fill the disk, damage its files, hand it hostile plans and
//! programs. One idea a file. After every test nothing of its runs is left alive (`stage`).
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod clock;
mod damage;
mod disk;
mod export;
mod flood;
mod hostile;
mod killed;
mod misbehaved;
mod owners;
mod shapes;
mod stage;
mod terminal;
