//! A plan for faces that have no terminal: from a built-in template, nobody asked, nothing written.

use std::path::Path;

use bandleader_core::interview::{Because, Chosen, Given, Interview, Kind, choose};
use bandleader_core::planner::{MARKS, tests_for};
use serde_json::Value;

use super::{Wanted, ground, kind, picture, proposal};
use crate::config;
use crate::error::Failure;

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

/// The proposal as `band plan --json` prints it, and its text. `file` is where it will be saved, if it will.
pub(crate) fn propose(wish: &Wish, file: Option<&Path>) -> Result<(Value, String), Failure> {
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
    let brief = interview.finish();
    let tests = tests_for(&brief, &marks);
    let wanted = Wanted { brief, chosen, tests, agents: Vec::new(), typed: 0 };
    let proposal = proposal::from_template(&wanted)?;
    Ok((picture::describe(file, &wanted, &proposal), proposal.text))
}
