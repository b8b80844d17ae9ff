//! The few looks that output has. Colour only ever repeats what words or signs already say.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// Headings and names that matter.
pub(crate) const STRONG: Style = Style::new().bold();
/// What may be read over.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// Done, present, fine.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Failed, missing.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// Look here: warnings, blockers.
pub(crate) const ALERT: Style = AnsiColor::Yellow.on_default();
/// In motion: the accent.
pub(crate) const ACTIVE: Style = AnsiColor::Cyan.on_default();

/// `text` in that look.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
