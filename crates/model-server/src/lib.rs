//! A model server that says what a script tells it, for tests of what drives coding agents: no network, no keys, no chance.
//!
//! It speaks the four languages that agents speak with their models (Anthropic messages, OpenAI responses and chat
//! completions, Gemini), answers each request by the first [rule](rules) that fits, fails in every way that real providers do,
//! and [counts](tally) the tokens that it handed out, so that a test can hold a driver's totals against them.
//!
//! A test starts one in its own process, on a port of its own; it ends when dropped, hanging streams and all:
//!
//! ```
//! let rules = serde_json::json!([
//!     {"if": {"user": "SLOWLY", "turn": 0}, "times": 1, "do": {"status": 429, "headers": {"retry-after": "1"}}},
//!     {"if": {"user": "WRITE", "turn": 0, "tools": true}, "do": {"call": [{"write": {"path": "a.txt", "text": "hello"}}]}},
//!     {"do": {"text": "Done.", "usage": [1000, 40, 200]}}
//! ]);
//! let server = model_server::ModelServer::start(serde_json::from_value(rules).unwrap()).unwrap();
//! assert!(server.url().starts_with("http://127.0.0.1:"));
//! assert_eq!(server.count()["total"]["requests"], 0);
//! ```
//!
//! The program `model-server` is the same for shells and people: `model-server --rules FILE|-`; its first line is its address.

pub mod answer;
mod asked;
mod call;
mod deliver;
mod hold;
mod http;
mod moment;
mod pages;
pub mod rules;
mod script;
mod server;
mod serving;
mod stopping;
pub mod tally;
mod wire;

pub use answer::Answer;
pub use rules::{Rule, When};
pub use server::ModelServer;
