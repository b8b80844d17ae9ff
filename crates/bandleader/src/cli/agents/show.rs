//! `band agents show NAME`: one agent with all that its file says.

use bandleader_core::catalogue::{Entry, Role};
use bandleader_engine::catalogue::{Discovered, discover};
use clap::Args;
use serde_json::json;

use super::Folders;
use crate::config;
use crate::error::{Exit, Failure, Outcome};
use crate::render::diagnostics;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::{clean, clean_lines, pad};

/// Show one agent: what its file says, and what is odd about it
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band agents show backend-architect
  band agents show my-plugin:reviewer --json | jq -r .role.instructions")]
pub(super) struct Arguments {
    /// Its name, or its id
    name: String,
    #[command(flatten)]
    folders: Folders,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let found = discover(&config::agent_places(&arguments.folders.agents)?);
    let Some(entry) = found.catalogue.entry(&arguments.name) else { return Err(unknown(&arguments.name, &found)) };
    let file = found.files.iter().find(|file| file.reading.source.name == entry.path);
    let (problems, sources) = file.map_or((&[][..], &[][..]), |file| {
        (file.reading.diagnostics.as_slice(), std::slice::from_ref(&file.reading.source))
    });
    let shadows = found.catalogue.shadowed().iter().filter(|one| one.by == entry.path);
    let shadows: Vec<&str> = shadows.map(|one| one.path.as_str()).collect();
    if arguments.json {
        screen.json(&json!({
            "name": entry.role.name, "id": entry.id, "from": entry.shelf.word(), "path": entry.path, "role": entry.role,
            "shadows": shadows, "problems": diagnostics::plain(problems, sources),
        }))?;
        return Ok(Exit::Succeeded);
    }
    screen.line(&paint(STRONG, clean(&entry.role.name)))?;
    for (key, value) in rows(entry, &shadows) {
        screen.line(&format!("{}  {}", paint(QUIET, pad(key, 12)), clean(&value)))?;
    }
    if !entry.role.instructions.is_empty() {
        screen.line("")?;
        screen.line(&clean_lines(&entry.role.instructions))?;
    }
    if !problems.is_empty() {
        screen.note("");
        screen.note(diagnostics::graphical(problems, sources, screen.width()).trim_end());
    }
    Ok(Exit::Succeeded)
}

/// What the file says, in the order in which one wants to know it.
fn rows(entry: &Entry, shadows: &[&str]) -> Vec<(&'static str, String)> {
    let Role { description, model, permission_mode, max_turns, effort, isolation, color, memory, .. } = &entry.role;
    let role = &entry.role;
    let list = |names: &[String]| Some(names.join(", ")).filter(|names| !names.is_empty());
    let tools = match role.tools.as_deref() {
        None => "all".to_owned(),
        Some([]) => "none".to_owned(),
        Some(tools) => tools.join(", "),
    };
    let rows = [
        ("id", Some(entry.id.clone()).filter(|id| *id != role.name)),
        ("from", Some(format!("{} ({})", entry.path, entry.shelf.word()))),
        ("in place of", Some(shadows.join(", ")).filter(|paths| !paths.is_empty())),
        ("description", Some(description.clone()).filter(|text| !text.is_empty())),
        ("model", model.clone()),
        ("tools", Some(tools)),
        ("not allowed", list(&role.disallowed_tools)),
        ("permissions", permission_mode.map(|mode| mode.word().to_owned())),
        ("max turns", max_turns.map(|turns| turns.to_string())),
        ("effort", effort.clone()),
        ("isolation", isolation.clone()),
        ("skills", list(&role.skills)),
        ("MCP servers", list(&role.mcp_servers)),
        ("memory", memory.clone()),
        ("begins with", role.initial_prompt.clone()),
        ("colour", color.clone()),
        ("hooks", role.has_hooks.then(|| "in the file; never run".to_owned())),
        (
            "other keys",
            Some(role.unknown.keys().cloned().collect::<Vec<_>>().join(", ")).filter(|keys| !keys.is_empty()),
        ),
    ];
    rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn unknown(name: &str, found: &Discovered) -> Failure {
    let failure = Failure::usage(format!("no agent is called `{name}`"));
    match found.catalogue.nearest(name, 3).as_slice() {
        [] => failure
            .hint(format!("looked in {}; `band agents list` shows them all", found.catalogue.searched().join(", "))),
        near => failure.hint(format!(
            "did you mean {}?",
            near.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
        )),
    }
}
