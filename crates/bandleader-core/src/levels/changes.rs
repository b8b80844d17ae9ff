//! What a project, or a person, says otherwise of the levels: cells of the table, as `[levels.N]` of `band.toml` has them. A plan freezes
//! them, so that what a run does never depends on the file again.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Level, Quality, level};
use crate::Millis;
use crate::plan::Mode;

/// Cells of one level. What is none is as the table has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LevelChange {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The default of `mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// The default of `retry`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<u32>,
    /// The factor of the time to answer, in tenths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_tenths: Option<u64>,
    /// How often plain lines say how far the run is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updates: Option<Millis>,
    /// Sides of the quality bar, by the names of [`SIDES`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub quality: BTreeMap<String, String>,
}

/// The sides of the quality bar, as `band.toml` names them.
pub const SIDES: [&str; 6] = ["code", "testing", "documentation", "security", "scalability", "interface"];

/// Cells of all levels, by the level's number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LevelChanges(pub(crate) BTreeMap<u8, LevelChange>);

impl LevelChange {
    /// The names of its cells, in the order of the table.
    pub fn cells(&self) -> Vec<&str> {
        let one = |name, is_there: bool| is_there.then_some(name);
        let cells = [
            one("name", self.name.is_some()),
            one("mode", self.mode.is_some()),
            one("retries", self.retries.is_some()),
            one("time", self.deadline_tenths.is_some()),
            one("updates", self.updates.is_some()),
        ];
        let sides = SIDES.into_iter().filter(|side| self.quality.contains_key(*side));
        cells.into_iter().flatten().chain(sides).collect()
    }

    /// Both, where this one wins cell by cell.
    fn over(&self, weaker: &LevelChange) -> LevelChange {
        let mut quality = weaker.quality.clone();
        quality.extend(self.quality.clone());
        LevelChange {
            name: self.name.clone().or_else(|| weaker.name.clone()),
            mode: self.mode.or(weaker.mode),
            retries: self.retries.or(weaker.retries),
            deadline_tenths: self.deadline_tenths.or(weaker.deadline_tenths),
            updates: self.updates.or(weaker.updates),
            quality,
        }
    }
}

impl LevelChanges {
    /// Both, where this one wins cell by cell.
    #[must_use]
    pub fn over(&self, weaker: &LevelChanges) -> LevelChanges {
        let numbers = self.0.keys().chain(weaker.0.keys());
        let both = |number: &u8| (*number, self.of(*number).over(&weaker.of(*number)));
        LevelChanges(numbers.map(both).collect())
    }

    /// What is said of a level; nothing where nothing is.
    pub fn of(&self, number: u8) -> LevelChange {
        self.0.get(&number).cloned().unwrap_or_default()
    }

    /// The row of a level with what is said of it, as [`level`] finds it.
    pub fn level(&self, number: u8) -> Level {
        let row = level(number);
        let Some(change) = self.0.get(&row.number) else { return row.clone() };
        let side = |name: &str, usual: &Cow<'static, str>| match change.quality.get(name) {
            Some(own) => Cow::Owned(own.clone()),
            None => usual.clone(),
        };
        let quality = &row.quality;
        Level {
            number: row.number,
            name: change.name.clone().map_or_else(|| row.name.clone(), Cow::Owned),
            mode: change.mode.unwrap_or(row.mode),
            retries: change.retries.unwrap_or(row.retries),
            deadline_tenths: change.deadline_tenths.unwrap_or(row.deadline_tenths),
            updates: change.updates.unwrap_or(row.updates),
            quality: Quality {
                code: side("code", &quality.code),
                testing: side("testing", &quality.testing),
                documentation: side("documentation", &quality.documentation),
                security: side("security", &quality.security),
                scalability: side("scalability", &quality.scalability),
                interface: side("interface", &quality.interface),
            },
        }
    }

    /// All rows.
    pub fn rows(&self) -> [Level; 5] {
        [1, 2, 3, 4, 5].map(|number| self.level(number))
    }
}
