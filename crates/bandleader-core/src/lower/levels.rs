//! `[levels.N]` of a `band.toml`: what is said of the levels, checked cell by cell.

use super::settings::length;
use crate::language::{self, Fields};
use crate::levels::{LevelChange, LevelChanges, SIDES};
use crate::plan::Mode;
use crate::problems::{Problems, named};
use crate::tree::{Entry, Node};

/// A side of the quality bar is told to every agent: a sentence, not a page.
const LONGEST: usize = 400;

/// A name stands in a heading.
const LONGEST_NAME: usize = 40;

/// Reads them; what has the wrong shape was reported, and reads as absent.
pub(super) fn level_changes(entries: &[Entry], problems: &mut Problems) -> LevelChanges {
    let mut changes = LevelChanges::default();
    for entry in entries {
        let Some(number) = entry.key.parse::<u8>().ok().filter(|number| (1..=5).contains(number)) else { continue };
        changes.0.insert(number, level_change(&entry.value, number, problems));
    }
    changes
}

fn level_change(node: &Node, number: u8, problems: &mut Problems) -> LevelChange {
    let fields = Fields::new(node, &language::LEVEL);
    let mut text = |key: &'static str, longest| {
        let node = fields.get(key)?;
        let text = node.text()?.trim();
        let wrong = match text {
            "" => format!("`{key}` of level {number} is empty"),
            text if text.chars().count() > longest => {
                format!("`{key}` of level {number} has more than {longest} characters")
            }
            text if text.chars().any(char::is_control) => format!("`{key}` of level {number} has more than one line"),
            text => return Some(text.to_owned()),
        };
        problems
            .error("settings::bad-level", node.span, wrong)
            .hint("write what is good enough in a sentence, or remove the key");
        None
    };
    let name = text("name", LONGEST_NAME);
    let quality = SIDES.into_iter().filter_map(|side| Some((side.to_owned(), text(side, LONGEST)?))).collect();
    LevelChange {
        name,
        mode: fields.get("mode").and_then(Node::text).and_then(mode),
        retries: fields.get("retries").and_then(Node::whole).and_then(|retries| u32::try_from(retries).ok()),
        deadline_tenths: fields.get("time").and_then(|node| tenths(node, problems)),
        updates: fields.get("updates").and_then(length),
        quality,
    }
}

pub(super) fn mode(text: &str) -> Option<Mode> {
    match text {
        "guided" => Some(Mode::Guided),
        "semi-autonomous" => Some(Mode::SemiAutonomous),
        "autonomous" => Some(Mode::Autonomous),
        "interactive" => Some(Mode::Interactive),
        _ => None,
    }
}

/// `1.4` as 14.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its bounds it is 1 to 100")]
fn tenths(node: &Node, problems: &mut Problems) -> Option<u64> {
    let factor = node.number()?;
    let tenths = (factor * 10.0).round();
    if (1.0..=100.0).contains(&tenths) && (factor * 10.0 - tenths).abs() < 1e-6 {
        return Some(tenths as u64);
    }
    let message = format!("{} is no factor of the time to answer", named(node.text().unwrap_or_default()));
    problems
        .error("settings::bad-level", node.span, message)
        .hint("give a number from 0.1 to 10 with one decimal, such as `1.4`");
    None
}
