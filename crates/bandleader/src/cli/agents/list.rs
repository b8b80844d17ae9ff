//! `band agents list`: every agent that a plan may name, in columns.

use bandleader_core::catalogue::{Entry, Outcome as Came};
use bandleader_engine::catalogue::{Discovered, discover};
use clap::Args;
use serde_json::{Value, json};

use super::Folders;
use crate::config;
use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;
use crate::render::style::{QUIET, paint};
use crate::render::text::{clean, count, fit, pad, width};

/// List the agents that plans can name
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band agents list
  band agents list --agents ../team/agents
  band agents list --json | jq -r '.[] | select(.from == \"project\") | .name'")]
pub(super) struct Arguments {
    #[command(flatten)]
    folders: Folders,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// Lists them.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let found = discover(&config::agent_places(&arguments.folders.agents)?);
    super::tell_troubles(&found, screen);
    if arguments.json {
        screen.json(&found.catalogue.entries().map(|entry| describe(entry, &found)).collect::<Vec<_>>())?;
        return Ok(Exit::Succeeded);
    }
    if found.catalogue.is_empty() {
        let folders: Vec<String> = found.catalogue.searched().iter().map(|path| clean(path).into_owned()).collect();
        screen.note(&format!("no agents yet; looked in {}", folders.join(", ")));
    } else {
        let columns = Columns::new(&found, screen.width());
        screen.line(&paint(QUIET, columns.line("NAME", "FROM", "MODEL", "TOOLS", "DESCRIPTION").trim_end()))?;
        for entry in found.catalogue.entries() {
            screen.line(columns.entry(entry).trim_end())?;
        }
    }
    for words in left_out(&found) {
        screen.note(&words);
    }
    Ok(Exit::Succeeded)
}

/// What is not in the list, and why.
fn left_out(found: &Discovered) -> Vec<String> {
    let shadowed = found.catalogue.shadowed().len();
    let unusable = found.files.iter().filter(|file| file.reading.outcome == Came::Unusable).count();
    let shadowed = (shadowed > 0).then(|| {
        let verb = if shadowed == 1 { "does" } else { "do" };
        format!(
            "{} {verb} not count, because another has the name; `band agents check` says which",
            count(shadowed, "file")
        )
    });
    let unusable =
        (unusable > 0).then(|| format!("{} cannot be used; `band agents check` says why", count(unusable, "file")));
    shadowed.into_iter().chain(unusable).collect()
}

/// How wide each column is.
struct Columns {
    name: usize,
    from: usize,
    model: usize,
    tools: usize,
    description: usize,
}

/// Below this many columns model and tools are left to `show`.
const NARROW: usize = 70;

impl Columns {
    fn new(found: &Discovered, screen: usize) -> Columns {
        let longest = found.catalogue.entries().map(|entry| width(&clean(&entry.role.name))).max().unwrap_or(0);
        let name = longest.clamp(4, (screen / 3).max(12));
        let (model, tools) = if screen < NARROW { (0, 0) } else { (8, 5) };
        let gaps = if screen < NARROW { 2 * 2 } else { 4 * 2 };
        let from = 7;
        let description = screen.saturating_sub(name + from + model + tools + gaps).max(8);
        Columns { name, from, model, tools, description }
    }

    fn entry(&self, entry: &Entry) -> String {
        let role = &entry.role;
        let tools = role.tools.as_ref().map_or_else(|| "all".to_owned(), |tools| tools.len().to_string());
        let model = role.model.as_deref().unwrap_or("-");
        let description = role.description.split_whitespace().collect::<Vec<_>>().join(" ");
        self.line(&clean(&role.name), entry.shelf.word(), &clean(model), &tools, &clean(&description))
    }

    fn line(&self, name: &str, from: &str, model: &str, tools: &str, description: &str) -> String {
        let start = format!("{}  {}  ", pad(name, self.name), pad(from, self.from));
        let middle = match self.model {
            0 => String::new(),
            _ => format!("{}  {}  ", pad(model, self.model), pad(tools, self.tools)),
        };
        start + &middle + &fit(description, self.description)
    }
}

fn describe(entry: &Entry, found: &Discovered) -> Value {
    let shadows: Vec<&str> =
        found.catalogue.shadowed().iter().filter(|one| one.by == entry.path).map(|one| one.path.as_str()).collect();
    json!({
        "name": entry.role.name, "id": entry.id, "from": entry.shelf.word(), "path": entry.path,
        "description": entry.role.description, "model": entry.role.model, "tools": entry.role.tools, "shadows": shadows,
    })
}
