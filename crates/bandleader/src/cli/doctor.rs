//! `band doctor`: whether this machine has what runs need, and what to do where it has not.

use clap::Args;

use crate::error::{Exit, Outcome};
use crate::machine::{self, Finding, Health, Probe};
use crate::render::screen::Screen;
use crate::render::style::{ALERT, BAD, GOOD, QUIET, paint};
use crate::render::text::{clean, pad};

/// See whether this machine has what runs need
#[derive(Debug, Args)]
#[command(
    after_help = "Whether an agent's program is logged in is told by files and variables; only `--probe` makes sure.
Ends with 0 when runs can work here, with 1 when something that they need is missing."
)]
pub(crate) struct Arguments {
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Let each agent's program that looks logged in make one short call of its model, which costs a little
    #[arg(long)]
    probe: bool,
}

/// Looks at everything and says what it found.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let findings = machine::examine(if arguments.probe { Probe::Call } else { Probe::No });
    let broken = findings.iter().any(|finding| finding.health == Health::Missing);
    let exit = if broken { Exit::Internal } else { Exit::Succeeded };
    if arguments.json {
        screen.json(&findings)?;
        return Ok(exit);
    }
    for finding in &findings {
        for line in lines(finding) {
            screen.line(&line)?;
        }
    }
    Ok(exit)
}

fn lines(finding: &Finding) -> Vec<String> {
    let sign = match finding.health {
        Health::Good => paint(GOOD, "ok     "),
        Health::Absent => paint(QUIET, "absent "),
        Health::Poor => paint(ALERT, "poor   "),
        Health::Missing => paint(BAD, "missing"),
    };
    let first = format!("{sign}  {}  {}", pad(finding.what, 18), clean(&finding.found));
    let advice = finding.advice.map(|advice| format!("{:29}{}", "", paint(QUIET, advice)));
    std::iter::once(first).chain(advice).collect()
}
