//! A plan for faces that have no terminal: from a built-in template, or by a planner whom somebody else waits for. Nobody is asked.

use std::path::Path;

use bandleader_core::interview::{Because, Brief, Chosen, Given, Interview, Kind, choose};
use bandleader_core::planner::{MARKS, tests_for};
use serde_json::Value;

use super::arguments::kind;
use super::attention::Attention;
use super::planner::Planner;
use super::proposal::{self, Proposal};
use super::{Wanted, ground, picture};
use crate::config;
use crate::error::Failure;
use crate::json;
use crate::render::text::clean;

/// What is wanted.
pub(crate) struct Wish {
    /// In the person's words.
    pub(crate) request: String,
    /// How much rigor, 1 to 5.
    pub(crate) level: u8,
    /// A built-in template; chosen from the request if none.
    pub(crate) template: Option<String>,
    /// Answers by the ids of their questions.
    pub(crate) answers: Given,
}

/// Everything that is known before a plan is made.
pub(crate) struct Draft {
    wanted: Wanted,
}

/// A planner that was found for a draft.
pub(crate) struct Drafter {
    draft: Draft,
    planner: Planner,
}

/// Checks a wish: nothing is made or asked yet.
pub(crate) fn draft(wish: &Wish) -> Result<Draft, Failure> {
    let request = wish.request.trim();
    if request.is_empty() || !(1..=5).contains(&wish.level) {
        return Err(Failure::usage("say what is wanted, and a level of 1 to 5"));
    }
    let template: Option<Kind> = wish.template.as_deref().map(kind).transpose().map_err(Failure::usage)?;
    let here = config::here()?;
    let marks: Vec<&str> = MARKS.into_iter().filter(|mark| here.join(mark).is_file()).collect();
    let chosen = match template {
        Some(kind) => Chosen { kind, because: Because::Asked },
        None => choose(request, ground(&here, &marks)),
    };
    let interview = Interview::new(request, chosen.kind, wish.level, &wish.answers).map_err(|wrong| {
        let words: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Failure::usage(words.join("; "))
    })?;
    let brief = Brief { levels: json::levels::changes()?, ..interview.finish() };
    let tests = tests_for(&brief, &marks);
    Ok(Draft { wanted: Wanted { brief, chosen, tests, agents: Vec::new() } })
}

impl Draft {
    /// From the built-in template: as `band plan --json` prints it, and its text. `file` is where it will be saved, if it will.
    pub(crate) fn fill(&self, file: Option<&Path>) -> Result<(Value, String), Failure> {
        Ok(told(&self.wanted, proposal::from_template(&self.wanted)?, file))
    }

    /// The planner whom `band plan` would ask.
    pub(crate) fn drafter(self, agent: Option<&str>, model: Option<&str>) -> Result<Drafter, Failure> {
        let planner = Planner::look_for(agent, model, &self.wanted)?.ok_or_else(|| {
            Failure::usage("no planner is here: no agent is called `planner`, and no coding agent is logged in")
                .hint("name one (an agent of the project, or claude, codex, gemini, opencode) or a model, or have a template filled")
        })?;
        Ok(Drafter { draft: self, planner })
    }
}

impl Drafter {
    /// Who it is, in words.
    pub(crate) fn who(&self) -> String {
        self.planner.who()
    }

    /// Asks it, which takes minutes; then the same as [`Draft::fill`].
    pub(crate) fn write(&self, file: Option<&Path>, waiting: &mut dyn Attention) -> Result<(Value, String), Failure> {
        let made = self.planner.plan_for(&self.draft.wanted, None, waiting);
        Ok(told(&self.draft.wanted, made.map_err(|refusal| Failure::usage(clean(&refusal.words())))?, file))
    }
}

fn told(wanted: &Wanted, proposal: Proposal, file: Option<&Path>) -> (Value, String) {
    (picture::describe(file, wanted, &proposal), proposal.text)
}
