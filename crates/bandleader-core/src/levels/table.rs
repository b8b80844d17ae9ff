//! The table of the levels, as it is where nobody says otherwise.

use std::borrow::Cow;

use super::{Level, Quality};
use crate::Millis;
use crate::plan::Mode;

/// The table.
pub static LEVELS: [Level; 5] = [
    Level {
        number: 1,
        name: Cow::Borrowed("MVP/prototype"),
        mode: Mode::Autonomous,
        retries: 0,
        deadline_tenths: 4,
        updates: Millis(1_800_000),
        quality: Quality {
            code: Cow::Borrowed("simple and direct; shortcuts are fine where a comment names them"),
            testing: Cow::Borrowed("the main path is tried by hand or by one test"),
            documentation: Cow::Borrowed("how to start it, in a few lines"),
            security: Cow::Borrowed("no secrets in code; nothing that must not be public"),
            scalability: Cow::Borrowed("one person at a time"),
            interface: Cow::Borrowed("it works; looks come later"),
        },
    },
    Level {
        number: 2,
        name: Cow::Borrowed("beta"),
        mode: Mode::SemiAutonomous,
        retries: 0,
        deadline_tenths: 6,
        updates: Millis(1_200_000),
        quality: Quality {
            code: Cow::Borrowed("readable, without known faults on the main paths"),
            testing: Cow::Borrowed("the main paths have automated tests"),
            documentation: Cow::Borrowed("set-up and use are described"),
            security: Cow::Borrowed("input is checked, access needs a login"),
            scalability: Cow::Borrowed("some hundreds of people"),
            interface: Cow::Borrowed("clear on common screens, errors are explained"),
        },
    },
    Level {
        number: 3,
        name: Cow::Borrowed("alpha production"),
        mode: Mode::Interactive,
        retries: 0,
        deadline_tenths: 10,
        updates: Millis(900_000),
        quality: Quality {
            code: Cow::Borrowed("clean, reviewed, errors handled, linters pass"),
            testing: Cow::Borrowed("unit and integration tests of all behaviour that users rely on"),
            documentation: Cow::Borrowed("set-up, use, architecture and interfaces are described"),
            security: Cow::Borrowed("the OWASP top ten are handled, dependencies are checked"),
            scalability: Cow::Borrowed("thousands of people; slow queries are found and indexed"),
            interface: Cow::Borrowed("consistent, responsive, usable by keyboard"),
        },
    },
    Level {
        number: 4,
        name: Cow::Borrowed("production"),
        mode: Mode::Interactive,
        retries: 1,
        deadline_tenths: 14,
        updates: Millis(600_000),
        quality: Quality {
            code: Cow::Borrowed("consistent throughout, typed at its boundaries, no dead code, no warnings"),
            testing: Cow::Borrowed("unit, integration and end-to-end tests; failures and edges are tested too"),
            documentation: Cow::Borrowed("complete for users and operators, with runbooks and a changelog"),
            security: Cow::Borrowed("threats are modelled, least privilege, audit of what matters, secrets rotate"),
            scalability: Cow::Borrowed("load-tested for the expected peak; scales out; degrades in order"),
            interface: Cow::Borrowed("polished, accessible (WCAG 2.2 AA), translated where needed"),
        },
    },
    Level {
        number: 5,
        name: Cow::Borrowed("enterprise"),
        mode: Mode::Interactive,
        retries: 2,
        deadline_tenths: 20,
        updates: Millis(600_000),
        quality: Quality {
            code: Cow::Borrowed(
                "as production, and each decision that is hard to change is written down with its reason",
            ),
            testing: Cow::Borrowed("as production, with load, failure and security tests in the pipeline"),
            documentation: Cow::Borrowed("as production, with records for audits and a plan for handing over"),
            security: Cow::Borrowed("as production, with compliance shown, reviewed by others, tested from outside"),
            scalability: Cow::Borrowed("several regions, no single point of failure, recovery rehearsed"),
            interface: Cow::Borrowed("as production, for every role, with administration and delegation"),
        },
    },
];
