//! The tables of `levels` in `band.toml`: what the five levels mean in a project.

use super::Status::Optional;
use super::parts::TEXT;
use super::plan_keys::MODES;
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

const ONE: Shape = Shape::Table(&LEVEL);

/// The five of them.
pub(crate) static LEVELS: Table = Table {
    name: "levels",
    called: "`levels`",
    doc: "What the levels mean, where it is not what `band levels` shows by itself.",
    keys: &[
        key("1", ONE, "1: { retries: 1 }", "MVP or prototype."),
        key("2", ONE, "2: { mode: interactive }", "Beta."),
        key("3", ONE, "3: { testing: the checkout has end-to-end tests }", "Alpha production."),
        key("4", ONE, "4: { time: 2 }", "Production."),
        key("5", ONE, "5: { name: regulated }", "Enterprise."),
    ],
};

/// One of them.
pub(crate) static LEVEL: Table = Table {
    name: "level",
    called: "a level",
    doc: "Cells of the table of levels. What is left out stays as it is.",
    keys: &[
        key("name", TEXT, "name: regulated", "What it is called."),
        key("mode", Shape::Choice(MODES), "mode: guided", "Who is asked what, where the plan says none."),
        key("retries", Shape::Whole(0, 100), "retries: 2", "Further tries after a failure, where the plan says none."),
        key("time", Shape::Number, "time: 1.4", "The factor of the time that people have to answer, from 0.1 to 10."),
        key("updates", Shape::Length, "updates: 10m", "How often plain lines say how far a run is."),
        key("code", TEXT, "code: reviewed by two people", "How code is written. Agents are told this and the rest."),
        key("testing", TEXT, "testing: the checkout has end-to-end tests", "What is tested."),
        key("documentation", TEXT, "documentation: runbooks for each service", "What is written down."),
        key("security", TEXT, "security: threats are modelled", "What is guarded against."),
        key("scalability", TEXT, "scalability: ten thousand people at once", "How much it has to bear."),
        key("interface", TEXT, "interface: WCAG 2.2 AA", "How it meets people."),
    ],
};
