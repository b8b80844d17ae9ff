//! The five levels of rigor (SPEC section 6): the one table of what each of them means, and what another level changes in a plan.
//!
//! Pure. Called where plans are lowered (defaults of mode and retries), by whoever tells agents the quality bar, and by faces. Which tasks
//! and gates are in at a level is said by the plan (`levels:`); `policy` makes deadlines of the factor here.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::Millis;
use crate::plan::{Mode, Plan, Task, Work};

/// What a level means where a plan does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Level {
    /// 1 to 5.
    pub number: u8,
    /// What it is called.
    pub name: &'static str,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Quality {
    /// How code is written.
    pub code: &'static str,
    /// What is tested.
    pub testing: &'static str,
    /// What is written down.
    pub documentation: &'static str,
    /// What is guarded against.
    pub security: &'static str,
    /// How much it has to bear.
    pub scalability: &'static str,
    /// How it meets people.
    pub interface: &'static str,
}

/// The table.
pub const LEVELS: [Level; 5] = [
    Level {
        number: 1,
        name: "MVP/prototype",
        mode: Mode::Autonomous,
        retries: 0,
        deadline_tenths: 4,
        updates: Millis(1_800_000),
        quality: Quality {
            code: "simple and direct; shortcuts are fine where a comment names them",
            testing: "the main path is tried by hand or by one test",
            documentation: "how to start it, in a few lines",
            security: "no secrets in code; nothing that must not be public",
            scalability: "one person at a time",
            interface: "it works; looks come later",
        },
    },
    Level {
        number: 2,
        name: "beta",
        mode: Mode::SemiAutonomous,
        retries: 0,
        deadline_tenths: 6,
        updates: Millis(1_200_000),
        quality: Quality {
            code: "readable, without known faults on the main paths",
            testing: "the main paths have automated tests",
            documentation: "set-up and use are described",
            security: "input is checked, access needs a login",
            scalability: "some hundreds of people",
            interface: "clear on common screens, errors are explained",
        },
    },
    Level {
        number: 3,
        name: "alpha production",
        mode: Mode::Interactive,
        retries: 0,
        deadline_tenths: 10,
        updates: Millis(900_000),
        quality: Quality {
            code: "clean, reviewed, errors handled, linters pass",
            testing: "unit and integration tests of all behaviour that users rely on",
            documentation: "set-up, use, architecture and interfaces are described",
            security: "the OWASP top ten are handled, dependencies are checked",
            scalability: "thousands of people; slow queries are found and indexed",
            interface: "consistent, responsive, usable by keyboard",
        },
    },
    Level {
        number: 4,
        name: "production",
        mode: Mode::Interactive,
        retries: 1,
        deadline_tenths: 14,
        updates: Millis(600_000),
        quality: Quality {
            code: "consistent throughout, typed at its boundaries, no dead code, no warnings",
            testing: "unit, integration and end-to-end tests; failures and edges are tested too",
            documentation: "complete for users and operators, with runbooks and a changelog",
            security: "threats are modelled, least privilege, audit of what matters, secrets rotate",
            scalability: "load-tested for the expected peak; scales out; degrades in order",
            interface: "polished, accessible (WCAG 2.2 AA), translated where needed",
        },
    },
    Level {
        number: 5,
        name: "enterprise",
        mode: Mode::Interactive,
        retries: 2,
        deadline_tenths: 20,
        updates: Millis(600_000),
        quality: Quality {
            code: "as production, and each decision that is hard to change is written down with its reason",
            testing: "as production, with load, failure and security tests in the pipeline",
            documentation: "as production, with records for audits and a plan for handing over",
            security: "as production, with compliance shown, reviewed by others, tested from outside",
            scalability: "several regions, no single point of failure, recovery rehearsed",
            interface: "as production, for every role, with administration and delegation",
        },
    },
];

/// The row of a level; what is over the last counts as the last, and nothing as the first.
pub fn level(number: u8) -> &'static Level {
    let [first, .., last] = &LEVELS;
    LEVELS.iter().find(|level| level.number == number).unwrap_or(if number == 0 { first } else { last })
}

impl Quality {
    /// Each side with its name.
    pub fn rows(&self) -> [(&'static str, &'static str); 6] {
        [
            ("code quality", self.code),
            ("testing", self.testing),
            ("documentation", self.documentation),
            ("security", self.security),
            ("scalability", self.scalability),
            ("interface", self.interface),
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

/// What another level makes of a plan, in words for people, a line each; nothing where it changes nothing. `own` and `other` are the same
/// plan, checked at both levels.
pub fn differences(own: &Plan, other: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let done =
        |plan: &Plan| names(plan, |task| (task.work != Work::Left).then(|| task.path.clone()).into_iter().collect());
    compare(&mut lines, "task", &done(own), &done(other));
    let gates = |plan: &Plan| {
        names(plan, |task| match task.work {
            Work::Left => Vec::new(),
            _ => task.gates.iter().map(|gate| format!("{} of {}", gate.name, task.path)).collect(),
        })
    };
    compare(&mut lines, "gate", &gates(own), &gates(other));
    if own.mode != other.mode {
        lines.push(format!("mode {} instead of {}", other.mode.name(), own.mode.name()));
    }
    let retried = own.tasks.iter().filter_map(|task| {
        let same = other.tasks.iter().find(|same| same.path == task.path && same.is_real())?;
        let (was, is) = (task.retry.limit, same.retry.limit);
        (was != is && same.work != Work::Left && task.work != Work::Left).then_some((was, is))
    });
    let changes: BTreeSet<(u32, u32)> = retried.collect();
    lines.extend(
        changes.into_iter().map(|(was, is)| format!("retries {is} instead of {was}, where the plan says none")),
    );
    lines
}

fn names(plan: &Plan, of: impl Fn(&Task) -> Vec<String>) -> BTreeSet<String> {
    plan.tasks.iter().filter(|task| task.is_real()).flat_map(of).collect()
}

fn compare(lines: &mut Vec<String>, what: &str, own: &BTreeSet<String>, other: &BTreeSet<String>) {
    for (sign, names) in [('+', other.difference(own)), ('-', own.difference(other))] {
        lines.extend(names.map(|name| format!("{sign} {what} {name}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
