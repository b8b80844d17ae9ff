//! `band mcp`, the server for people's programs: each tool and each refusal, over the protocol.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]
#![expect(clippy::panic, clippy::indexing_slicing, reason = "the same")]

mod answers;
#[path = "../cli_support/mod.rs"]
mod cli_support;
mod client;
mod http;
mod plans;
mod proposals;
mod runs;
mod sizes;
#[path = "../wire/mod.rs"]
mod wire;
