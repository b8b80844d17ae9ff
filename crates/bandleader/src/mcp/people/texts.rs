//! Texts to read: the live plan, the report and the timeline of each run, and the language of plans.

use bandleader_engine::engine::desk;
use bandleader_engine::folder::Folder;
use serde_json::{Value, json};

use super::find;
use crate::cli::runs as verbs;
use crate::error::Failure;
use crate::mcp::toolbox::Text;
use crate::plans;
use crate::render::text::clean;

/// Runs whose texts are listed one by one; those of older ones are read by their addresses.
const LISTED: usize = 10;

/// Bytes of one text of a run at most: programs put it into their model's context whole.
const MOST: usize = 64_000;

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
    let (folder, id) = find(Some(run))?;
    let text = match name {
        "plan" => beginning(live_plan(&folder, &id)?),
        "report" => beginning(verbs::report::of(&folder, &id)?.to_markdown()),
        _ => end(&verbs::timeline::lines(&folder, &id)?),
    };
    Ok((text, kind))
}

fn live_plan(folder: &Folder, id: &bandleader_core::RunId) -> Result<String, Failure> {
    std::fs::read_to_string(folder.run(id).plan_file()).map_err(|error| {
        Failure::usage(format!("the live plan of run {id} cannot be read: {error}"))
            .hint("it is there as soon as an engine has taken the run up")
    })
}

/// As much of a text as may be.
fn beginning(mut text: String) -> String {
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push_str("\n\n… and more: run_status has all tasks and run_report the whole report, in pages\n");
    }
    text
}

/// The last events that fit, one a line; before them, how many there are.
fn end(events: &[Value]) -> String {
    let lines: Vec<String> = events.iter().map(|event| event.to_string() + "\n").collect();
    let mut size = 0;
    let kept = lines.iter().rev().take_while(|line| {
        size += line.len();
        size <= MOST
    });
    let from = lines.len() - kept.count();
    let mut text = String::new();
    if from > 0 {
        let left_out = json!({ "left_out": from, "of": lines.len(), "more": "run_timeline has all of it in pages" });
        text = left_out.to_string() + "\n";
    }
    text.extend(lines.into_iter().skip(from));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_text_the_beginning_is_read_and_of_a_long_story_the_end() {
        assert_eq!(beginning("short".into()), "short");
        let long = beginning("ä".repeat(MOST));
        assert!(long.len() < MOST + 100 && long.contains("ä\n\n… and more: run_status"), "{}", long.len());
        assert_eq!(end(&[json!(1), json!(2)]), "1\n2\n");
        let long = end(&(0..MOST).map(|number| json!({ "n": number })).collect::<Vec<_>>());
        let (head, last) = (long.lines().next().unwrap(), long.lines().last().unwrap());
        assert!(long.len() < MOST + 200 && head.contains("\"of\":64000") && last == "{\"n\":63999}", "{head} {last}");
    }
}
