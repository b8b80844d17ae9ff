//! `band mcp`: the tools with which a person's own program (Claude Code, Codex, Gemini CLI, OpenCode or any other client) checks,
//! plans, starts, watches and steers runs of the project that it was started in.
//!
//! What they answer is the JSON of the verbs, from the same functions, cut to a size that a model can read, with a way to the rest. A
//! model calls them, not a person. So what only people may say counts only if the client says that a person said it (`answers`);
//! and within a task of a run, where an agent may have found this server in its owner's settings, they only look.

mod answers;
mod descriptions;
mod outputs;
mod page;
mod planning;
mod plans;
mod runs;
mod start;
mod steer;
mod texts;

use bandleader_core::RunId;
use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::toolbox::{Arguments, Description, Effect, Given, Said, Text, Toolbox, Turn};
use crate::cli::runs as verbs;
use crate::error::Failure;
use planning::Proposals;
use start::Previews;

const INSTRUCTIONS: &str = "Bandleader runs plans of tasks (commands and coding agents) in parallel and durably, in the project that \
     this server was started in. Usual way: propose_plan or write a plan yourself (the resource band://schema/plan has the language), \
     check_plan, preview_run, show the person what would run, start_run with the token of the preview, then run_status with \
     wait_seconds until the run ends or asks something. Where no run is named, the newest is meant. Decisions are the person's: answer_decision asks them through this program, \
     and you cannot answer in their place. A run goes on when this connection ends.";

/// The tools of people's programs.
pub(super) struct Tools {
    previews: Previews,
    proposals: Proposals,
    /// Whether this process belongs to a task of a run, whose agent is no person.
    in_task: bool,
}

impl Tools {
    /// For the project that this process stands in.
    pub(super) fn here() -> Tools {
        Tools { previews: Previews::default(), proposals: Proposals::default(), in_task: is_within_a_task() }
    }

    fn do_it(&self, tool: &str, arguments: Arguments, given: Given) -> Result<Turn, Failure> {
        let looks = descriptions::all().iter().any(|one| one.name == tool && one.effect == Some(Effect::Looks));
        if self.in_task && !looks {
            return Err(Failure::usage("this is a task of a run, and only people change runs").hint(
                "use the tools of your own task, or `band report`, to say what you need; `ask` asks the people behind the plan",
            ));
        }
        if tool == "answer_decision" {
            return answers::answer(&read(arguments)?, given);
        }
        let data = match tool {
            "check_plan" => plans::check(&read(arguments)?),
            "propose_plan" => plans::propose(read(arguments)?, &self.proposals),
            "proposal_status" => self.proposals.status(&read(arguments)?),
            "cancel_proposal" => self.proposals.cancel(&read(arguments)?),
            "preview_run" => self.previews.preview(&read(arguments)?),
            "start_run" => self.previews.start(&read(arguments)?),
            "list_runs" => runs::list(&read(arguments)?),
            "run_status" => runs::status(&read(arguments)?),
            "run_timeline" => runs::timeline(&read(arguments)?),
            "run_report" => runs::report(&read(arguments)?),
            "list_decisions" => answers::list(&read(arguments)?),
            "tell_task" => steer::tell(read(arguments)?),
            "pause_run" => steer::pause(&read(arguments)?),
            "resume_run" => steer::resume(&read(arguments)?),
            _ => steer::cancel(read(arguments)?),
        };
        data.map(|data| Turn::Said(Said::Data(data)))
    }
}

impl Toolbox for Tools {
    fn instructions(&self) -> &'static str {
        INSTRUCTIONS
    }

    fn tools(&self) -> Vec<Description> {
        descriptions::all()
    }

    fn call(&self, tool: &str, arguments: Arguments, given: Given) -> Turn {
        self.do_it(tool, arguments, given).unwrap_or_else(|failure| Turn::Said(Said::Refused(words(failure))))
    }

    fn leaving(&self) {
        self.proposals.end();
    }

    fn texts(&self) -> Option<Result<Vec<Text>, String>> {
        Some(texts::all().map_err(words))
    }

    fn families(&self) -> Vec<Text> {
        texts::families()
    }

    fn read(&self, uri: &str) -> Result<(String, &'static str), String> {
        texts::read(uri).map_err(words)
    }
}

/// A run, by its id or the beginning of it; the newest if none is named.
fn find(wanted: Option<&str>) -> Result<(Folder, RunId), Failure> {
    verbs::find(wanted)
        .map_err(|failure| failure.hint("list_runs shows those of this project; preview_run and start_run start one"))
}

fn read<T: DeserializeOwned>(arguments: Arguments) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| Failure::usage(format!("the arguments do not fit: {error}")))
}

fn words(failure: Failure) -> String {
    match failure.hint {
        Some(hint) => format!("{}. {hint}", failure.message),
        None => failure.message,
    }
}
