//! The plan as a Mermaid flowchart, for Markdown. Groups are subgraphs, the critical path is drawn thicker.

use std::fmt::Write;

use bandleader_core::plan::Work;
use bandleader_core::{GroupId, TaskId};

use super::Picture;
use crate::render::words::brief;

/// Draws it.
pub(crate) fn draw(picture: &Picture<'_>) -> String {
    let mut text = String::from("flowchart LR\n");
    super::walk(picture, |step, depth| {
        let lead = "  ".repeat(depth + 1);
        // Writing into a String cannot fail.
        let _ = match step {
            super::Step::Enter(group) => {
                writeln!(text, "{lead}subgraph {} [\"{}\"]", name(group), quoted(&picture.title(group)))
            }
            super::Step::Leave => writeln!(text, "{lead}end"),
            super::Step::Node(id) => writeln!(text, "{lead}{}", node(picture, id)),
        };
    });
    let mut heavy = Vec::new();
    for (number, (from, to)) in picture.arrows.iter().enumerate() {
        let _ = writeln!(text, "  n{} --> n{}", from.0, to.0);
        if picture.is_critical_arrow(*from, *to) {
            heavy.push(number.to_string());
        }
    }
    text.push_str("  classDef critical stroke-width:3px\n  classDef left stroke-dasharray:4 4,opacity:0.6\n");
    if !heavy.is_empty() {
        let _ = writeln!(text, "  linkStyle {} stroke-width:3px", heavy.join(","));
    }
    text
}

fn node(picture: &Picture<'_>, id: TaskId) -> String {
    let task = picture.plan.task(id);
    if !task.is_real() {
        return format!("n{}((\" \"))", id.0);
    }
    let mut label = format!("<b>{}</b>", quoted(&picture.name(id)));
    let facts = [Some(picture.doer(id)), task.estimate.map(brief)];
    let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
    if !facts.is_empty() {
        let _ = write!(label, "<br/>{}", quoted(&facts.join(" · ")));
    }
    let class = match task.work {
        Work::Left => ":::left",
        _ if picture.is_critical(id) => ":::critical",
        _ => "",
    };
    format!("n{}[\"{label}\"]{class}", id.0)
}

fn name(group: GroupId) -> String {
    format!("g{}", group.0)
}

/// Mermaid's own character codes, so that no label ends its quotes, starts markup or a directive.
fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '<' | '>' | '&' | '#' | '`' | ';' | '%' | '\\' | '*' | '_' | '[' | ']' | '{' | '}') {
            let _ = write!(safe, "#{};", u32::from(letter));
        } else {
            safe.push(letter);
        }
    }
    safe
}
