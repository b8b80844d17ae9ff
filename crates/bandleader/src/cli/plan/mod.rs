//! `band plan "I want to build …"`: an interview, a plan that fits the answers, a look at it, and a file.
//!
//! The questions and what follows from the answers are the core's; here they are asked and shown. A plan comes from a planner agent where
//! there is one, else from a built-in template. Nothing is ever overwritten, and nothing runs before somebody said so.

mod arguments;
mod attention;
mod lists;
mod menu;
mod picture;
mod planner;
mod proposal;
mod propose;
mod save;
mod talk;
mod whom;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use bandleader_core::interview::{Because, Brief, Chosen, Given, Ground, Interview, Saved, choose, read_answers};
use bandleader_core::plan::Mode;
use bandleader_core::planner::{MARKS, Tests, tests_for};

use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::json;
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::{clean, count};
use planner::Planner;
use proposal::Proposal;

pub(crate) use arguments::Arguments;
pub(crate) use attention::Attention;
pub(crate) use picture::commands;
pub(crate) use propose::{Drafter, Wish, draft};
pub(crate) use save::{must_be_free, write_new};

/// What is known before a plan is made.
struct Wanted {
    /// The answers.
    brief: Brief,
    /// Why it is this kind.
    chosen: Chosen,
    /// What tests the project.
    tests: Tests,
    /// Folders with agent files.
    agents: Vec<PathBuf>,
    /// How many answers were typed that no file has.
    typed: usize,
}

/// Asks, plans, shows, saves.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if arguments.templates {
        return lists::templates(screen);
    }
    if arguments.questions {
        return lists::questions(arguments.template, arguments.level.unwrap_or(3), screen);
    }
    for file in [&arguments.output, &arguments.save_answers].into_iter().flatten() {
        save::must_be_free(file)?;
    }
    let wanted = ask(arguments, screen)?;
    if let Some(file) = &arguments.save_answers {
        save::write_new(file, &bandleader_core::interview::write_answers(&wanted.brief))?;
        screen.note(&format!("answers are in {}", config::shown(file)));
    }
    let planner = match arguments.template {
        Some(_) => None,
        None => Planner::find(arguments.agent.as_deref(), arguments.model.as_deref(), &wanted, screen)?,
    };
    let proposal = match make(arguments, &wanted, planner.as_ref(), screen) {
        Err(failure) if is_seen(arguments) => {
            menu::keep_answers(&wanted, screen)?;
            return Err(failure);
        }
        made => made?,
    };
    finish(arguments, &wanted, planner.as_ref(), proposal, screen)
}

/// The first plan: the planner's, or the template's where there is none or where it fails and nobody insisted on it.
fn make(
    arguments: &Arguments,
    wanted: &Wanted,
    planner: Option<&Planner>,
    screen: &mut Screen,
) -> Result<Proposal, Failure> {
    let Some(planner) = planner else {
        if arguments.template.is_none() {
            screen
                .note("no model is at hand, so this is a built-in template: log in a coding agent (`band doctor`), or");
            screen.note("give --agent, --model or an agent called `planner`, and the plan is written for you");
        }
        return proposal::from_template(wanted);
    };
    match planner.plan(wanted, None, screen) {
        Ok(proposal) => Ok(proposal),
        Err(refusal) if refusal.is_the_persons() || (planner.is_asked_for() && !is_seen(arguments)) => {
            Err(refusal.failure())
        }
        Err(refusal) => {
            screen.note(&clean(&refusal.words()));
            screen.note("this is the built-in template in its place");
            let proposal = proposal::from_template(wanted)?;
            Ok(Proposal { fallback: Some(refusal.words()), ..proposal })
        }
    }
}

/// Everything that is to be known: from the command line, a file, a person, and defaults.
fn ask(arguments: &Arguments, screen: &mut Screen) -> Result<Wanted, Failure> {
    let saved = arguments.answers.as_deref().map(|file| read(file, screen)).transpose()?.unwrap_or_default();
    let request = match (&arguments.request, &saved.request) {
        (Some(request), _) | (None, Some(request)) => request.trim().to_owned(),
        (None, None) if arguments.interactive => talk::request(screen)?,
        (None, None) => String::new(),
    };
    if request.is_empty() {
        return Err(Failure::usage("what is it that you want?")
            .hint("for example: band plan \"Add export to the shop\" --interactive"));
    }
    let here = config::here()?;
    let marks: Vec<&str> = MARKS.into_iter().filter(|mark| here.join(mark).is_file()).collect();
    let chosen = match arguments.template.or(saved.template) {
        Some(kind) => Chosen { kind, because: Because::Asked },
        None => choose(&request, ground(&here, &marks)),
    };
    let mut given: Given = saved.answers;
    if let Some(timeline) = arguments.timeline {
        given.insert("timeline".into(), timeline.word().into());
    }
    let from_file = given.len();
    let level = match arguments.level.or(saved.level) {
        Some(level) => level,
        None if arguments.interactive => talk::level(screen)?,
        None => 3,
    };
    let interview = Interview::new(&request, chosen.kind, level, &given).map_err(|wrong| {
        let words: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Failure::usage(words.join("; "))
    })?;
    let brief = if arguments.interactive { talk::interview(interview, &chosen, screen)? } else { interview.finish() };
    if !brief.unused.is_empty() {
        let names = brief.unused.join(", ");
        screen.note(&paint(QUIET, format_args!("answers to questions that nothing opened are not used: {names}")));
    }
    let mode = arguments.mode.or(saved.mode).or(arguments.interactive.then_some(Mode::Interactive));
    let levels = json::levels::changes()?;
    let brief = Brief { mode: mode.filter(|mode| *mode != levels.level(level).mode), levels, ..brief };
    let tests = tests_for(&brief, &marks);
    let is_unkept = arguments.interactive && arguments.save_answers.is_none();
    let typed = if is_unkept { brief.settled.len().saturating_sub(brief.defaults().count() + from_file) } else { 0 };
    Ok(Wanted { brief, chosen, tests, agents: arguments.agents.clone(), typed })
}

fn read(file: &Path, screen: &mut Screen) -> Result<Saved, Failure> {
    let text = save::read(file)?;
    read_answers(&config::shown(file), &text).map_err(|bad| {
        screen.note(diagnostics::graphical(&bad.diagnostics, &bad.sources, screen.width()).trim_end());
        screen.note("");
        screen.note(&diagnostics::summary(&bad.diagnostics, &config::shown(file)));
        Failure::said(Exit::Usage)
    })
}

/// Whether there is code here.
fn ground(here: &Path, marks: &[&str]) -> Ground {
    let has_code = !marks.is_empty()
        || ["src", "lib", "app", "Makefile", "CMakeLists.txt"].iter().any(|name| here.join(name).exists());
    if has_code { Ground::Code } else { Ground::Empty }
}

/// Whether a person sees the plan and can say what becomes of it.
fn is_seen(arguments: &Arguments) -> bool {
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal() && io::stdout().is_terminal();
    terminal && !arguments.json && !arguments.no_menu
}

/// Shows the plan, and does with it what the person wants.
fn finish(
    arguments: &Arguments,
    wanted: &Wanted,
    planner: Option<&Planner>,
    proposal: Proposal,
    screen: &mut Screen,
) -> Outcome {
    if is_seen(arguments) {
        return menu::decide(arguments.output.as_deref(), wanted, planner, proposal, screen);
    }
    if let Some(file) = &arguments.output {
        save::write_new(file, &proposal.text)?;
    }
    if arguments.json {
        screen.json(&picture::describe(arguments.output.as_deref(), wanted, &proposal))?;
        return Ok(proposal.exit());
    }
    screen.note(picture::draw(wanted, &proposal, screen.width()).trim_end());
    match &arguments.output {
        Some(file) => {
            let shown = config::shown(file);
            screen.note(&format!(
                "\n{} is written; `band check {shown}`, then `band run {shown}`",
                paint(STRONG, &shown)
            ));
        }
        None => screen.out(&proposal.text)?,
    }
    Ok(proposal.exit())
}

/// `3 questions were answered by nobody: …`, or nothing.
fn assumed(brief: &Brief) -> Option<String> {
    let names: Vec<&str> = brief.defaults().map(|settled| settled.question.id).collect();
    (!names.is_empty()).then(|| format!("{}: {}", count(names.len(), "answer"), names.join(", ")))
}
