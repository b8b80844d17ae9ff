//! `band plan "I want to build …"`: an interview, a plan that fits the answers, a look at it, and a file.
//!
//! The questions and what follows from the answers are the core's; here they are asked and shown. A plan comes from a planner agent where
//! there is one, else from a built-in template. Nothing is ever overwritten, and nothing runs before somebody said so.

mod arguments;
mod attention;
mod draft;
mod interrupts;
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
use draft::{Draft, Earlier};
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
    let mut draft = Draft::default();
    let outcome = plan(arguments, &mut draft, screen);
    // However it ends: with a plan, the answers are in it.
    draft.tell(screen);
    outcome
}

fn plan(arguments: &Arguments, draft: &mut Draft, screen: &mut Screen) -> Outcome {
    let wanted = ask(arguments, draft, screen)?;
    if let Some(file) = &arguments.save_answers {
        save::write_new(file, &bandleader_core::interview::write_answers(&wanted.brief))?;
        draft.forget(screen);
        screen.note(&format!("answers are in {}", config::shown(file)));
    }
    let planner = match arguments.template {
        Some(_) => None,
        None => Planner::find(arguments.agent.as_deref(), arguments.model.as_deref(), &wanted, screen)?,
    };
    let proposal = make(arguments, &wanted, planner.as_ref(), screen)?;
    finish(arguments, &wanted, planner.as_ref(), proposal, draft, screen)
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

/// Everything that is to be known: from the command line, a file, an interview that was broken off, a person, and defaults.
fn ask(arguments: &Arguments, draft: &mut Draft, screen: &mut Screen) -> Result<Wanted, Failure> {
    let from_file = arguments.answers.as_deref().map(|file| read(file, screen)).transpose()?.unwrap_or_default();
    let known = arguments.request.as_ref().or(from_file.request.as_ref()).map(|request| request.trim().to_owned());
    let Start { saved, earlier } = start(arguments, known.as_deref(), from_file, screen)?;
    let is_asked = arguments.interactive || earlier.is_some();
    let earlier = earlier.unwrap_or_default();
    let is_typed = known.is_none() && earlier.request.is_none();
    let request = match known.or_else(|| earlier.request.clone()) {
        Some(request) => request,
        None if is_asked => talk::request(screen)?,
        None => String::new(),
    };
    if request.is_empty() {
        return Err(Failure::usage("what is it that you want?")
            .hint("for example: band plan \"Add export to the shop\" --interactive"));
    }
    let here = config::here()?;
    let marks: Vec<&str> = MARKS.into_iter().filter(|mark| here.join(mark).is_file()).collect();
    let chosen = match arguments.template.or(saved.template) {
        Some(kind) => Chosen { kind, because: Because::Asked },
        None => going_on(choose(&request, ground(&here, &marks)), &earlier),
    };
    let mut given: Given = saved.answers;
    if let Some(timeline) = arguments.timeline {
        given.insert("timeline".into(), timeline.word().into());
    }
    let level = match arguments.level.or(saved.level).or(earlier.level) {
        Some(level) => level,
        None if is_asked => talk::level(screen)?,
        None => 3,
    };
    let mut interview = Interview::new(&request, chosen.kind, level, &given).map_err(|wrong| {
        let words: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        Failure::usage(words.join("; "))
    })?;
    interview.take_up(&earlier);
    let mode = arguments.mode.or(saved.mode).or(earlier.mode);
    let mode = mode.or(arguments.interactive.then_some(Mode::Interactive));
    let brief = if is_asked {
        draft.mode = mode;
        if io::stdin().is_terminal() {
            draft.start();
        }
        if is_typed || interview.progress().0 > 0 {
            draft.keep(&request, &interview, &Given::new(), screen);
        }
        talk::interview(&request, interview, &chosen, draft, screen)?
    } else {
        interview.finish()
    };
    if !brief.unused.is_empty() {
        let names = brief.unused.join(", ");
        screen.note(&paint(QUIET, format_args!("answers to questions that nothing opened are not used: {names}")));
    }
    let levels = json::levels::changes()?;
    let brief = Brief { mode: mode.filter(|mode| *mode != levels.level(level).mode), levels, ..brief };
    let tests = tests_for(&brief, &marks);
    Ok(Wanted { brief, chosen, tests, agents: arguments.agents.clone() })
}

/// The folder may have changed since the questions were asked; they stay of their kind.
fn going_on(chosen: Chosen, earlier: &Saved) -> Chosen {
    match earlier.template {
        Some(kind) if kind != chosen.kind => Chosen { kind, because: Because::Asked },
        _ => chosen,
    }
}

/// With what an interview begins.
struct Start {
    /// What a file says; none of it is asked.
    saved: Saved,
    /// What was said in an interview that was broken off, if the person goes on with that.
    earlier: Option<Saved>,
}

/// Looks for an interview that was broken off, and asks whether to go on with it where somebody can be asked.
fn start(arguments: &Arguments, request: Option<&str>, saved: Saved, screen: &mut Screen) -> Result<Start, Failure> {
    if request.is_none() && !arguments.interactive {
        return Ok(Start { saved, earlier: None });
    }
    let Some(found) = Earlier::find(request, screen)? else { return Ok(Start { saved, earlier: None }) };
    if arguments.answers.as_deref().is_some_and(|file| found.is_at(file)) {
        // That very file: with questions it is gone on with, without it is taken as it stands.
        let (saved, earlier) = if arguments.interactive { (Saved::default(), Some(saved)) } else { (saved, None) };
        return Ok(Start { saved, earlier });
    }
    let is_there = io::stdin().is_terminal() && io::stderr().is_terminal();
    if is_there && (arguments.interactive || is_seen(arguments)) {
        return Ok(Start { saved, earlier: found.offer(request, screen)? });
    }
    if request.is_some() {
        found.mention(screen);
    }
    Ok(Start { saved, earlier: None })
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
    draft: &mut Draft,
    screen: &mut Screen,
) -> Outcome {
    if is_seen(arguments) {
        return menu::decide(arguments.output.as_deref(), wanted, planner, proposal, draft, screen);
    }
    if let Some(file) = &arguments.output {
        save::write_new(file, &proposal.text)?;
        draft.forget(screen);
    }
    if arguments.json {
        screen.json(&picture::describe(arguments.output.as_deref(), wanted, &proposal))?;
        draft.forget(screen);
        return Ok(proposal.exit());
    }
    screen.note(picture::draw(wanted, &proposal, screen.width()).trim_end());
    if let Some(file) = &arguments.output {
        let shown = config::shown(file);
        screen.note(&format!("\n{} is written; `band check {shown}`, then `band run {shown}`", paint(STRONG, &shown)));
    } else {
        screen.out(&proposal.text)?;
        draft.forget(screen);
    }
    Ok(proposal.exit())
}

/// `3 questions were answered by nobody: …`, or nothing.
fn assumed(brief: &Brief) -> Option<String> {
    let names: Vec<&str> = brief.defaults().map(|settled| settled.question.id).collect();
    (!names.is_empty()).then(|| format!("{}: {}", count(names.len(), "answer"), names.join(", ")))
}
