//! The five levels of rigor (SPEC section 6): the one table of what each of them means, and what another level changes in a plan.
//!
//! Pure. Called where plans are lowered (defaults of mode and retries), by whoever tells agents the quality bar, and by faces. Which tasks
//! and gates are in at a level is said by the plan (`levels:`); `policy` makes deadlines of the factor here. `band.toml` may say otherwise of any
//! cell (`changes`).

mod changes;
mod differences;
mod table;

use std::borrow::Cow;

use serde::Serialize;

pub use changes::{LevelChange, LevelChanges, SIDES};
pub use differences::differences;
pub use table::LEVELS;

use crate::Millis;
use crate::plan::{Mode, Plan};

/// What a level means where a plan does not say otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// 1 to 5.
    pub number: u8,
    /// What it is called.
    pub name: Cow<'static, str>,
    /// The default of `mode`.
    pub mode: Mode,
    /// The default of `retry`: further tries after a failure.
    pub retries: u32,
    /// The factor of the time that people have to answer, in tenths: everything stays a whole number (SPEC section 4).
    pub deadline_tenths: u64,
    /// How often plain lines say how far the run is, where nobody asks for another rhythm.
    pub updates: Millis,
    /// The quality bar that agents are told.
    pub quality: Quality,
}

/// What is good enough, a sentence for each side of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quality {
    /// How code is written.
    pub code: Cow<'static, str>,
    /// What is tested.
    pub testing: Cow<'static, str>,
    /// What is written down.
    pub documentation: Cow<'static, str>,
    /// What is guarded against.
    pub security: Cow<'static, str>,
    /// How much it has to bear.
    pub scalability: Cow<'static, str>,
    /// How it meets people.
    pub interface: Cow<'static, str>,
}

/// The row of a level; what is over the last counts as the last, and nothing as the first.
pub fn level(number: u8) -> &'static Level {
    let [first, .., last] = &LEVELS;
    LEVELS.iter().find(|level| level.number == number).unwrap_or(if number == 0 { first } else { last })
}

impl Plan {
    /// The row of this plan's level.
    pub fn level_row(&self) -> Level {
        self.levels.level(self.level)
    }
}

impl Quality {
    /// Each side with its name.
    pub fn rows(&self) -> [(&'static str, &str); 6] {
        [
            ("code quality", &self.code),
            ("testing", &self.testing),
            ("documentation", &self.documentation),
            ("security", &self.security),
            ("scalability", &self.scalability),
            ("interface", &self.interface),
        ]
    }
}

impl Level {
    /// The quality bar, as agents are told it.
    pub fn bar(&self) -> String {
        let rows: Vec<String> = self.quality.rows().iter().map(|(side, bar)| format!("- {side}: {bar}")).collect();
        format!(
            "The quality bar of this project is level {} of 5 ({}). As far as your task touches it:\n{}",
            self.number,
            self.name,
            rows.join("\n")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::SettingsFile;
    use crate::{CheckOptions, check};

    fn plan_at(text: &str, number: Option<u8>) -> Plan {
        let options = CheckOptions { level: number, ..CheckOptions::default() };
        check("plan.yaml", text, &options, &mut |_| Err("none".into())).plan.unwrap()
    }

    #[test]
    fn the_rows_are_in_order_and_whole() {
        for (number, level) in (1..).zip(&LEVELS) {
            assert_eq!(level.number, number);
            assert_eq!(super::level(number), level);
            assert!(level.quality.rows().iter().all(|(_, bar)| !bar.is_empty() && !bar.ends_with('.')));
        }
        assert_eq!((level(0).number, level(9).number), (1, 5));
    }

    #[test]
    fn a_level_sets_mode_and_retries_where_the_plan_says_none() {
        let text = "mission: m\nlevel: 5\ntasks: [{id: a, run: x}, {id: b, run: x, retry: 0}]";
        let plan = plan_at(text, None);
        assert_eq!((plan.mode, plan.tasks[0].retry.limit, plan.tasks[1].retry.limit), (Mode::Interactive, 2, 0));
        assert_eq!(plan_at(text, Some(1)).mode, Mode::Autonomous);
        let said = "mission: m\nmode: guided\nlevel: 1\ndefaults: {retry: 3}\ntasks: [{id: a, run: x}]";
        let plan = plan_at(said, None);
        assert_eq!((plan.mode, plan.tasks[0].retry.limit), (Mode::Guided, 3));
    }

    #[test]
    fn another_level_says_what_it_adds_and_removes() {
        let text = "mission: m\nlevel: 2\ntasks:\n- {id: a, run: x, gates: [{name: load, run: y, levels: 4+}]}\n\
                    - {id: audit, run: x, levels: 4+}\n- {id: quick, run: x, levels: 1..2}\n";
        let (own, other) = (plan_at(text, None), plan_at(text, Some(4)));
        let expected = [
            "+ task audit",
            "- task quick",
            "+ gate load of a",
            "mode interactive instead of semi-autonomous",
            "retries 1 instead of 0, where the plan says none",
        ];
        assert_eq!(differences(&own, &other), expected);
        assert_eq!(differences(&own, &own), Vec::<String>::new());
    }

    const OWN: &str =
        "[levels.4]\nmode = 'guided'\nretries = 3\ntime = 2\ntesting = 'the checkout is tested on real devices'\n";

    #[test]
    fn a_project_says_otherwise_of_any_cell_and_the_plan_freezes_it() {
        let file = |name: &str, text: &str| SettingsFile { name: name.into(), text: text.into(), folder: "/".into() };
        let own = [file("band.toml", OWN), file("person/band.toml", "[levels.4]\nname = 'ours'\nretries = 9\n")];
        let options = CheckOptions { level: Some(4), settings: own.to_vec(), ..CheckOptions::default() };
        let text = "mission: m\ntasks: [{id: a, run: x}]";
        let plan = check("plan.yaml", text, &options, &mut |_| Err("none".into())).plan.unwrap();
        assert_eq!((plan.mode, plan.tasks[0].retry.limit), (Mode::Guided, 3), "the project's file wins");
        let row = plan.level_row();
        assert_eq!((&*row.name, row.deadline_tenths), ("ours", 20));
        assert!(row.bar().contains("- testing: the checkout is tested on real devices\n"), "{}", row.bar());
        assert!(row.bar().contains(&format!("- security: {}", level(4).quality.security)), "{}", row.bar());
        assert_eq!(plan.levels.of(4).cells(), ["name", "mode", "retries", "time", "testing"]);
        // What is frozen says the same by itself, and a plan without any keeps its form.
        let again: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(again.level_row(), row);
        let usual = serde_json::to_value(plan_at(text, None)).unwrap();
        assert!(usual.get("levels").is_none() && usual["tasks"][0].get("levels").is_none());
    }

    #[test]
    fn every_problem_of_a_file_is_said_at_once_with_its_place() {
        let text = "[levels.6]\nname = 'x'\n[levels.2]\nmode = 'fast'\nretries = -1\ntime = 1.25\ntesting = ''\nspeed = 'high'\n\
                    security = \"\"\"a\nb\"\"\"\n";
        let file = SettingsFile { name: "band.toml".into(), text: text.into(), folder: "/".into() };
        let (changes, problems, _) = crate::settings_levels(&file);
        assert_eq!(changes.of(2).cells(), Vec::<&str>::new());
        let lines: Vec<String> = problems
            .iter()
            .map(|one| {
                let start = one.span.start as usize;
                format!("{} {}", text[..start].matches('\n').count() + 1, one.message)
            })
            .collect();
        let expected = [
            "1 `6` is not a key of `levels`",
            "4 `fast` is not one of",
            "5 `-1` is negative",
            "6 `1.25` is no factor of the time to answer",
            "7 `testing` of level 2 is empty",
            "8 `speed` is not a key of a level",
            "9 `security` of level 2 has more than one line",
        ];
        assert_eq!(lines.len(), expected.len(), "{lines:#?}");
        for (found, expected) in lines.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found} instead of {expected}");
        }
        assert!(problems.iter().all(|one| one.hint.is_some() || one.message.contains("is not one of")));
    }
}
