//! What becomes of a plan that is on the screen: run it, keep it, edit it, ask for another, leave it.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use bandleader_engine::engine::own_binary;
use serde_json::Value;

use super::Wanted;
use super::draft::Draft;
use super::interrupts::Interrupts;
use super::picture;
use super::planner::Planner;
use super::proposal::{self, Origin, Proposal};
use super::save;
use super::talk::{Line, line, listen};
use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::plans;
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{ALERT, GOOD, QUIET, STRONG, paint};
use crate::render::text::clean;
use crate::render::wrap::{hang, hang_coloured};

/// Asks until the person has decided.
pub(super) fn decide(
    output: Option<&Path>,
    wanted: &Wanted,
    planner: Option<&Planner>,
    mut proposal: Proposal,
    draft: &mut Draft,
    screen: &mut Screen,
) -> Outcome {
    let _heard = listen()?;
    show(wanted, &proposal, screen);
    loop {
        offer(planner, &proposal, screen);
        let answer = match line("> ", screen)? {
            Line::Typed(answer) => answer,
            Line::End => "q".into(),
        };
        match answer.to_ascii_lowercase().chars().next() {
            // What it lacks is said again; whoever has installed it meanwhile goes on.
            Some('a') if !lacking(&proposal).is_empty() => {
                screen.note("it cannot run yet, and nothing was saved; [s] saves it for later");
            }
            Some('a') if proposal.checked.plan.is_some() => {
                let file = keep(output, &proposal, draft, screen)?;
                return start(&file, wanted, screen);
            }
            Some('s') => {
                let file = keep(output, &proposal, draft, screen)?;
                let shown = config::shown(&file);
                screen.note(&format!("next: `band check {shown}`, then `band run {shown}`"));
                return Ok(proposal.exit());
            }
            Some('e') => match edit(wanted, &proposal) {
                Ok(Some(edited)) => {
                    proposal = edited;
                    show(wanted, &proposal, screen);
                }
                Ok(None) => screen.note(&paint(QUIET, "nothing was changed")),
                Err(failure) => complain(&failure, screen),
            },
            Some('r') => match planner {
                Some(planner) => proposal = again(planner, wanted, proposal, screen)?,
                None => screen
                    .note("a template takes no notes: `e` edits the plan; with --agent or --model a planner writes it"),
            },
            Some('v') => {
                screen.out(&clean_text(&proposal.text))?;
            }
            Some('q') => {
                screen.note("nothing was saved");
                return Ok(Exit::Succeeded);
            }
            _ => {}
        }
    }
}

fn show(wanted: &Wanted, proposal: &Proposal, screen: &mut Screen) {
    screen.note("");
    if proposal.checked.plan.is_none() {
        let problems = diagnostics::graphical(&proposal.checked.diagnostics, &proposal.checked.sources, screen.width());
        screen.note(problems.trim_end());
        screen.note("");
        screen.note(&diagnostics::summary(&proposal.checked.diagnostics, "the plan"));
        return;
    }
    screen.note(picture::draw(wanted, proposal, screen.width()).trim_end());
}

fn offer(planner: Option<&Planner>, proposal: &Proposal, screen: &mut Screen) {
    let key = |letter: &str, words: &str| format!("{} {words}", paint(STRONG, format_args!("[{letter}]")));
    let mut offers = Vec::new();
    for lacking in lacking(proposal) {
        for line in hang(&paint(ALERT, "before it can run: "), 2, &lacking, screen.width()) {
            screen.note(&line);
        }
    }
    if proposal.checked.plan.is_some() {
        offers.push(key("a", "approve: save and run"));
    }
    offers.extend([key("s", "save"), key("e", "edit")]);
    if planner.is_some() {
        offers.push(key("r", "regenerate with a note"));
    }
    offers.extend([key("v", "view the file"), key("q", "quit")]);
    screen.note("");
    // What a key does stays with it.
    let offers: Vec<String> = offers.iter().map(|offer| offer.replace(' ', "\u{a0}")).collect();
    for line in hang_coloured(&offers.join("  "), 0, screen.width()) {
        screen.note(&line.trim_end().replace('\u{a0}', " "));
    }
}

/// What the plan needs of this machine and does not have.
fn lacking(proposal: &Proposal) -> Vec<String> {
    proposal.checked.plan.as_ref().map(plans::lacking).unwrap_or_default()
}

/// Saves it where the person wants, or under the first free name.
fn keep(
    output: Option<&Path>,
    proposal: &Proposal,
    draft: &mut Draft,
    screen: &mut Screen,
) -> Result<PathBuf, Failure> {
    let file = output.map_or_else(|| save::free_name("plan"), Path::to_owned);
    save::write_new(&file, &proposal.text)?;
    draft.forget(screen);
    screen.note(&format!("{} {}", paint(GOOD, "saved"), config::shown(&file)));
    Ok(file)
}

/// Becomes `band run FILE`.
fn start(file: &Path, wanted: &Wanted, screen: &mut Screen) -> Outcome {
    let mut command = Command::new(own_binary()?);
    // A path, not a name of a plan.
    let path = if file.is_absolute() { file.to_owned() } else { Path::new(".").join(file) };
    command.args(["--color", screen.colour_word(), "run"]).arg(path);
    for folder in &wanted.agents {
        command.arg("--agents").arg(folder);
    }
    Err(Failure::internal(format!("cannot start the run: {}", command.exec())))
}

/// Another plan by the same planner, with a person's note; the old one stays when there is none.
fn again(planner: &Planner, wanted: &Wanted, proposal: Proposal, screen: &mut Screen) -> Result<Proposal, Failure> {
    screen.note("What should be different?");
    let note = match line("> ", screen)? {
        Line::Typed(note) if !note.is_empty() => note,
        Line::Typed(_) | Line::End => return Ok(proposal),
    };
    // What somebody has edited is YAML of their own: it is told as it stands.
    let edited = (proposal.origin == Origin::Person).then(|| Value::String(proposal.text.clone()));
    match planner.plan(wanted, Some((&note, edited.as_ref().unwrap_or(&proposal.value))), screen) {
        Ok(other) => {
            show(wanted, &other, screen);
            Ok(other)
        }
        Err(refusal) => {
            screen.note(&format!("{} {}; the plan above stays", paint(ALERT, "!"), clean(&refusal.words())));
            Ok(proposal)
        }
    }
}

/// The plan in the person's editor; none if they changed nothing.
fn edit(wanted: &Wanted, proposal: &Proposal) -> Result<Option<Proposal>, Failure> {
    let broken = |error: std::io::Error| Failure::usage(format!("cannot edit the plan: {error}"));
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let number = bandleader_engine::chance::seed().map_err(|error| Failure::internal(error.to_string()))?;
    let folder = std::env::temp_dir().join(format!("band-plan-{number:016x}"));
    DirBuilder::new().mode(0o700).create(&folder).map_err(broken)?;
    let file = folder.join("plan.yaml");
    // The editor is at the terminal with us: Ctrl-C in it is its own.
    let theirs = Interrupts::watch().map_err(broken)?;
    // An editor may be a command with arguments, as for git: the shell takes it apart, the path stays one word.
    let edited = fs::write(&file, &proposal.text).and_then(|()| {
        let status = Command::new("sh").args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(&file).status()?;
        let text = fs::read_to_string(&file)?;
        Ok((status.success(), text))
    });
    theirs.answered();
    let _ = fs::remove_dir_all(&folder);
    let (well, text) = edited.map_err(broken)?;
    if !well {
        let hint = "set $EDITOR, or save the plan and edit it there";
        return Err(Failure::usage(format!("the editor `{}` ended with an error", clean(&editor))).hint(hint));
    }
    if text == proposal.text {
        return Ok(None);
    }
    let (checked, picked) = proposal::check(&text, &wanted.agents)?;
    let value = proposal.value.clone();
    let origin = Origin::Person;
    Ok(Some(Proposal { text, value, checked, picked, origin, left_out: vec![], adopted: vec![], fallback: None }))
}

fn complain(failure: &Failure, screen: &mut Screen) {
    screen.note(&format!("{} {}", paint(ALERT, "!"), clean(&failure.message)));
    if let Some(hint) = &failure.hint {
        screen.note(&format!("  {}", clean(hint)));
    }
}

/// The file as it is, safe to show.
fn clean_text(text: &str) -> String {
    crate::render::text::clean_lines(text).into_owned()
}
