//! The plan in Graphviz's language. Groups are clusters, the critical path is bold.

use std::fmt::Write;

use bandleader_core::TaskId;
use bandleader_core::plan::Work;

use super::Picture;
use crate::render::text::clean;
use crate::render::words::brief;

/// Draws it.
pub(crate) fn draw(picture: &Picture<'_>) -> String {
    let mut text = format!(
        "digraph plan {{\n  label={};\n  labelloc=t; rankdir=LR; fontname=\"sans-serif\"; fontsize=16;\n  \
         node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=13];\n  edge [color=gray40];\n",
        quoted(&clean(&picture.plan.mission))
    );
    super::walk(picture, |step, depth| {
        let lead = "  ".repeat(depth + 1);
        // Writing into a String cannot fail.
        let _ = match step {
            super::Step::Enter(group) => {
                let title = quoted(&picture.title(group));
                writeln!(
                    text,
                    "{lead}subgraph cluster_{} {{\n{lead}  label={title}; color=gray60; fontsize=14;",
                    group.0
                )
            }
            super::Step::Leave => writeln!(text, "{lead}}}"),
            super::Step::Node(id) => writeln!(text, "{lead}{}", node(picture, id)),
        };
    });
    for (from, to) in &picture.arrows {
        let look = if picture.is_critical_arrow(*from, *to) { " [penwidth=2.5, color=black]" } else { "" };
        let _ = writeln!(text, "  n{} -> n{}{look};", from.0, to.0);
    }
    text.push_str("}\n");
    text
}

fn node(picture: &Picture<'_>, id: TaskId) -> String {
    let task = picture.plan.task(id);
    if !task.is_real() {
        return format!("n{} [shape=point, label=\"\"];", id.0);
    }
    let facts = [Some(picture.doer(id)), task.estimate.map(brief)];
    let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
    let label = format!("\"{}\\n{}\"", inside(&picture.name(id)), inside(&facts.join(" · ")));
    let tooltip = quoted(&clean(&task.path));
    let look = match task.work {
        Work::Left => ", style=\"rounded,dashed\"",
        _ if picture.is_critical(id) => ", penwidth=2.5",
        _ => "",
    };
    format!("n{} [label={label}{look}, tooltip={tooltip}];", id.0)
}

/// A double-quoted string of DOT: only the quote and the backslash mean something in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", inside(text))
}

fn inside(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
