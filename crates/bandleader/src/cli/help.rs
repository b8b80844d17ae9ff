//! The overview that `band --help` begins with: the verbs under headings, in the order in which one needs them.

use std::fmt::Write as _;

use clap::Command;

use crate::render::style::{STRONG, paint};

/// Headings and their verbs.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Plans", &["init", "plan", "check", "graph", "rehearse", "policy", "levels", "schema", "agents"]),
    (
        "Runs",
        &[
            "run", "resume", "pause", "cancel", "retry", "resolve", "accept", "tell", "decide", "approve", "reject",
            "adjust", "merge",
        ],
    ),
    (
        "Seeing them",
        &[
            "list", "inbox", "status", "watch", "replay", "logs", "timeline", "report", "export", "serve", "webhooks",
            "traces",
        ],
    ),
    ("This machine", &["clean", "doctor", "install", "mcp", "completions"]),
];

/// What most people want first.
const EXAMPLES: &str = "  band init                       set up .band/ and a plan to start from
  band plan \"Add export\" -i       be asked what you want, get a plan for it
  band check plan.yaml            find every mistake before anything runs
  band run review                 run a plan by its name, watch it live
  band resume                     go on with the newest run after a crash";

/// Puts the grouped list in the place of clap's flat one.
pub(crate) fn with_overview(command: Command) -> Command {
    let verbs = overview(&command);
    let template = format!(
        "{{about}}\n\n{}{{usage}}\n\n{verbs}{}\n{{options}}\n\n{}\n{EXAMPLES}\n\n`band VERB --help` says more about each.",
        paint(STRONG, "Usage: "),
        paint(STRONG, "Options:"),
        paint(STRONG, "Examples:"),
    );
    command.help_template(template)
}

fn overview(command: &Command) -> String {
    let mut text = String::new();
    for (heading, verbs) in GROUPS {
        text.push_str(&paint(STRONG, format_args!("{heading}:")));
        text.push('\n');
        for name in verbs {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(text, "  {name:<12} {}", about.unwrap_or_default());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_overview_is_read_in_80_columns() {
        let overview = overview(&super::super::Arguments::command());
        let wide = overview.lines().map(|line| anstream::adapter::strip_str(line).to_string());
        assert_eq!(wide.filter(|line| line.chars().count() > 80).collect::<Vec<_>>(), Vec::<String>::new());
    }

    #[test]
    fn every_verb_stands_under_one_heading() {
        let mut listed: Vec<&str> = GROUPS.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
        let command = super::super::Arguments::command();
        let mut known: Vec<&str> =
            command.get_subcommands().filter(|verb| !verb.is_hide_set()).map(Command::get_name).collect();
        listed.sort_unstable();
        known.sort_unstable();
        assert_eq!(listed, known);
    }
}
