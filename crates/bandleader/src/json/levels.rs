//! The levels of rigor as they are in this project, for programs: `band levels --json` and `GET /levels`.

use bandleader_core::levels::LevelChanges;
use bandleader_core::settings_levels;
use serde_json::{Value, json};

use crate::config;
use crate::error::Failure;

/// The table, each row with the names of the cells that `band.toml` changes.
pub(crate) fn describe(changes: &LevelChanges) -> Vec<Value> {
    let row = |level: &bandleader_core::levels::Level| {
        let mut row = json!(level);
        if let Value::Object(fields) = &mut row {
            fields.insert("changed".into(), json!(changes.of(level.number).cells()));
        }
        row
    };
    changes.rows().iter().map(row).collect()
}

/// What the files of the project and the person say, as far as they can be read; what is wrong with them is for `band levels` to tell.
pub(crate) fn changes() -> Result<LevelChanges, Failure> {
    // The stronger file comes first.
    let said = config::settings_files()?.iter().map(|file| settings_levels(file).0).collect::<Vec<_>>();
    Ok(said.iter().fold(LevelChanges::default(), |all, weaker| all.over(weaker)))
}
