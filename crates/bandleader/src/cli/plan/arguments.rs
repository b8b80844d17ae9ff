//! What `band plan` is asked for.

use std::path::PathBuf;

use bandleader_core::interview::Kind;
use bandleader_core::plan::Mode;
use clap::{Args, ValueEnum};

/// Ask what you want, and write a plan for it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band plan \"I want to build a SaaS tool for scheduling posts\" --level 3 --interactive
  band plan \"Fix the crash on login\" --output fix.yaml
  band plan --answers shop.yaml --template saas > plan.yaml
  band plan --templates                      the built-in templates, and when each is taken
At a terminal the plan is shown, and you choose: run it, save it, edit it, ask for another, quit.
Elsewhere it goes to stdout, or to --output.
A planner agent writes it: --agent, an agent called `planner`, or the coding agent that is here and
logged in. Without any, or with --template, a built-in template is filled from the answers.
Ends with 0, with 2 when a file cannot be read or is there already, with 3 without a usable plan.")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Arguments {
    /// What you want, in your own words
    #[arg(value_name = "REQUEST")]
    pub(super) request: Option<String>,
    /// How much rigor, 1 (prototype) to 5 (enterprise) [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub(super) level: Option<u8>,
    /// Be asked before the plan is written, and about everything while it runs
    #[arg(short, long)]
    pub(super) interactive: bool,
    /// Who is asked while the plan runs [default: interactive with --interactive, else as the level says]
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(super) mode: Option<Mode>,
    /// Take answers from this file; what it leaves out has its default
    #[arg(long, value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Leave the answers in this file, for another time
    #[arg(long, value_name = "FILE")]
    pub(super) save_answers: Option<PathBuf>,
    /// The agent that writes the plan: one of yours, or claude, codex, gemini, opencode
    #[arg(long, value_name = "NAME", conflicts_with = "template")]
    pub(super) agent: Option<String>,
    /// The model that the planner uses; without --agent it is called directly
    #[arg(long, value_name = "MODEL", conflicts_with = "template")]
    pub(super) model: Option<String>,
    /// Fill this built-in template, and ask no model
    #[arg(long, value_name = "NAME", value_parser = kind)]
    pub(super) template: Option<Kind>,
    /// Where the plan goes; must not be there yet
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// How pressed you are
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(super) timeline: Option<Timeline>,
    /// A folder with agent files that win over all others; may be given several times
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(super) agents: Vec<PathBuf>,
    /// Do not ask what to do with the plan
    #[arg(long)]
    pub(super) no_menu: bool,
    /// Print the plan, its graph, its finish and its cost as JSON
    #[arg(long)]
    pub(super) json: bool,
    /// List the built-in templates and the rules by which they are chosen
    #[arg(long, exclusive = true)]
    pub(super) templates: bool,
    /// List the questions, with their defaults
    #[arg(long, conflicts_with_all = ["request", "interactive", "answers"])]
    pub(super) questions: bool,
}

/// As a plan says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Timeline {
    Urgent,
    Normal,
    Relaxed,
}

impl Timeline {
    pub(super) fn word(self) -> &'static str {
        match self {
            Timeline::Urgent => "urgent",
            Timeline::Normal => "normal",
            Timeline::Relaxed => "relaxed",
        }
    }
}

pub(super) fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        format!("the built-in templates are {}", names.join(", "))
    })
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| format!("the modes are {}", Mode::ALL.map(Mode::name).join(", ")))
}
