//! Texts to read: the live plan, the report and the timeline of each run, and the language of plans.

use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;

use crate::cli::runs as verbs;
use crate::error::Failure;
use crate::mcp::toolbox::Text;
use crate::plans;
use crate::render::text::clean;

/// Runs whose texts are listed one by one; those of older ones are read by their addresses.
const LISTED: usize = 10;

/// Bytes of one text at most.
const MOST: usize = 1 << 20;

const SCHEMA: &str = "band://schema/plan";

/// What each run has: its name in addresses, what it is, its media type.
const OF_RUN: [(&str, &str, &str); 3] = [
    ("plan", "The live plan of the run: phases, tasks, progress, decisions, blockers", "text/markdown"),
    ("report", "What the run amounted to, or amounts to so far", "text/markdown"),
    ("timeline", "What happened in the run, one JSON object a line", "application/jsonl"),
];

/// The texts of the newest runs, and the language.
pub(super) fn all() -> Result<Vec<Text>, Failure> {
    let schema = Text {
        uri: SCHEMA.into(),
        name: "The language of plans".into(),
        about: "JSON Schema of plan files, with what each key means".into(),
        kind: "application/schema+json",
    };
    let mut texts = vec![schema];
    // A project without runs has no state folder yet.
    let Ok(folder) = verbs::folder() else { return Ok(texts) };
    for row in desk::runs(&folder)?.into_iter().take(LISTED) {
        texts.extend(OF_RUN.iter().map(|(name, about, kind)| Text {
            uri: format!("band://runs/{}/{name}", row.id),
            name: format!("{name} of run {} ({})", row.id, clean(&row.mission)),
            about: (*about).into(),
            kind,
        }));
    }
    Ok(texts)
}

/// The same for any run.
pub(super) fn families() -> Vec<Text> {
    let of_run = OF_RUN.iter().map(|(name, about, kind)| Text {
        uri: format!("band://runs/{{run}}/{name}"),
        name: format!("{name} of a run"),
        about: (*about).into(),
        kind,
    });
    of_run.collect()
}

/// One of them.
pub(super) fn read(uri: &str) -> Result<(String, &'static str), Failure> {
    if uri == SCHEMA {
        return Ok((plans::schema().to_string(), "application/schema+json"));
    }
    let unknown = || {
        Failure::usage(format!("nothing is at `{}`", clean(&uri.chars().take(200).collect::<String>())))
            .hint("addresses are band://runs/RUN/plan, …/report, …/timeline and band://schema/plan")
    };
    let (run, name) = uri.strip_prefix("band://runs/").and_then(|rest| rest.split_once('/')).ok_or_else(unknown)?;
    let (_, _, kind) = OF_RUN.iter().find(|(known, _, _)| *known == name).ok_or_else(unknown)?;
    let (folder, id) = verbs::find(Some(run))?;
    let text = match name {
        "plan" => live_plan(&folder, &id)?,
        "report" => verbs::report::of(&folder, &id)?.to_markdown(),
        _ => {
            verbs::timeline::lines(&folder, &id)?.iter().fold(String::new(), |all, line| all + &line.to_string() + "\n")
        }
    };
    Ok((short(text), kind))
}

fn live_plan(folder: &Folder, id: &bandleader_core::RunId) -> Result<String, Failure> {
    std::fs::read_to_string(folder.run(id).plan_file()).map_err(|error| {
        Failure::usage(format!("the live plan of run {id} cannot be read: {error}"))
            .hint("it is there as soon as an engine has taken the run up")
    })
}

fn short(mut text: String) -> String {
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n… and more: run_report and run_timeline show all of it in pages\n");
    }
    text
}
