//! How things look: safe text, colours, tables, diagnostics. Called by the verbs; knows no verb.

pub(crate) mod adjustment;
pub(crate) mod card;
pub(crate) mod check_in;
pub(crate) mod diagnostics;
pub(crate) mod heard;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod plain;
mod positions;
pub(crate) mod progress;
pub(crate) mod rehearsal;
pub(crate) mod screen;
mod snippet;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod text;
pub(crate) mod when;
pub(crate) mod words;
pub(crate) mod wrap;
