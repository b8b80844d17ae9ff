//! The plan as a picture that any browser shows: from left to right, light or dark as the reader has it, text never under
//! 12 pixels, the critical path marked by weight and colour.

use std::fmt::Write;

use bandleader_core::plan::{GroupKind, Work};
use bandleader_core::{GroupId, TaskId};

use super::layout::{self, Area, Layout};
use super::{Picture, walk};
use crate::render::text::{clean, fit, width};
use crate::render::words::{brief, size};

/// Around everything.
const MARGIN: i64 = 24;
/// Above everything: mission and facts.
const HEADER: i64 = 64;
/// Columns of the longest label that is shown whole.
const LABEL: usize = 30;
/// Widest letter of the label's bold 14 px and of the facts' 12 px, on average; measured in Chromium's sans-serif.
const LABEL_LETTER: i64 = 8;
const FACTS_LETTER: i64 = 7;
/// Height of a task's box.
const TALL: i64 = 46;
/// A point that bundles arrows.
const POINT: i64 = 8;

const STYLE: &str = "
svg{--ink:#1c2330;--quiet:#5b6472;--line:#a3abb8;--paper:#ffffff;--card:#ffffff;--area:#f4f6f9;--edge:#d5dae2;--hot:#0b63c5;\
font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;background:var(--paper)}
@media (prefers-color-scheme:dark){svg{--ink:#e7ebf2;--quiet:#a2acba;--line:#667080;--paper:#12161d;--card:#1d232d;\
--area:#181d26;--edge:#333c49;--hot:#6cb1ff}}
.paper{fill:var(--paper)}.area{fill:var(--area);stroke:var(--edge)}.inner{fill:none;stroke-dasharray:3 3}
.card{fill:var(--card);stroke:var(--line)}.card.hot{stroke:var(--hot);stroke-width:2.5}.card.left{stroke-dasharray:4 4}
.line{fill:none;stroke:var(--line);stroke-width:1.5}.line.hot{stroke:var(--hot);stroke-width:2.5}
.dot{fill:var(--line)}.dot.hot,.tip.hot{fill:var(--hot)}.tip{fill:var(--line)}
.mission{font-size:20px;font-weight:600;fill:var(--ink)}.about,.facts{font-size:12px;fill:var(--quiet)}.about{font-size:13px}
.title{font-size:13px;font-weight:600;fill:var(--quiet)}.name{font-size:14px;font-weight:600;fill:var(--ink)}
";

/// Draws it.
pub(crate) fn draw(picture: &Picture<'_>) -> String {
    let layout = layout::lay_out(picture, |id| measure(picture, id), |id| title_width(picture, id));
    let about = about(picture);
    let mission = clean(&picture.plan.mission);
    let least = (columns(&mission) * 11).max(columns(&about) * FACTS_LETTER).min(1_000);
    let (wide, tall) = (layout.size.0.max(least) + 2 * MARGIN, layout.size.1 + HEADER + 2 * MARGIN);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{tall}\" viewBox=\"0 0 {wide} {tall}\" role=\"img\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n<defs>{}{}</defs>\n\
         <rect class=\"paper\" width=\"{wide}\" height=\"{tall}\"/>\n\
         <text class=\"mission\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n<text class=\"about\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n\
         <g transform=\"translate({MARGIN} {})\">\n",
        escaped(&mission),
        tip("tip"),
        tip("hot"),
        MARGIN + 14,
        escaped(&fit(&mission, 100)),
        MARGIN + 38,
        escaped(&about),
        MARGIN + HEADER,
    );
    for (group, area) in &layout.groups {
        text.push_str(&group_box(picture, *group, *area));
    }
    // The critical path last, so that it lies on top.
    for hot in [false, true] {
        for ((from, to), points) in picture.arrows.iter().zip(&layout.routes) {
            if picture.is_critical_arrow(*from, *to) == hot {
                text.push_str(&line(picture, *to, points, hot));
            }
        }
    }
    walk(picture, |step, _| {
        if let super::Step::Node(id) = step {
            text.push_str(&node(picture, id, &layout));
        }
    });
    text.push_str("</g>\n</svg>\n");
    text
}

fn about(picture: &Picture<'_>) -> String {
    let plan = picture.plan;
    let guess = picture.caveat();
    let path = if picture.critical.is_empty() {
        String::new()
    } else {
        format!(", critical path {}{guess}", brief(picture.length))
    };
    format!("level {}, {}, at most {} at once{path}", plan.level, size(plan), plan.limits.parallel)
}

fn facts(picture: &Picture<'_>, id: TaskId) -> String {
    let facts = [Some(picture.doer(id)), picture.plan.task(id).estimate.map(brief)];
    facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// How large a node is drawn.
pub(super) fn measure(picture: &Picture<'_>, id: TaskId) -> (i64, i64) {
    if !picture.plan.task(id).is_real() {
        return (POINT, POINT);
    }
    let (name, facts) = (picture.name(id), facts(picture, id));
    let label = columns(&fit(&name, LABEL)) * LABEL_LETTER;
    let below = columns(&fit(&facts, LABEL + 4)) * FACTS_LETTER;
    (label.max(below).max(64) + 24, TALL)
}

/// How wide a group's title is drawn.
pub(super) fn title_width(picture: &Picture<'_>, id: GroupId) -> i64 {
    columns(&fit(&picture.title(id), LABEL)) * LABEL_LETTER
}

fn columns(text: &str) -> i64 {
    i64::try_from(width(text)).unwrap_or(i64::MAX / 1024)
}

fn group_box(picture: &Picture<'_>, id: GroupId, area: Area) -> String {
    let group = picture.plan.group(id);
    let look = if group.kind == GroupKind::Phase { "area" } else { "area inner" };
    let Area { x, y, width, height } = area;
    let title = picture.title(id);
    format!(
        "<g><title>{}</title><rect class=\"{look}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\
         <text class=\"title\" x=\"{}\" y=\"{}\">{}</text></g>\n",
        escaped(&clean(&group.path)),
        x + 12,
        y + 18,
        escaped(&fit(&title, LABEL)),
    )
}

fn node(picture: &Picture<'_>, id: TaskId, layout: &Layout) -> String {
    let Some(Area { x, y, width, height }) = layout.nodes.get(&id).copied() else { return String::new() };
    let task = picture.plan.task(id);
    let hot = if picture.is_critical(id) { " hot" } else { "" };
    if !task.is_real() {
        let radius = POINT / 2;
        return format!("<circle class=\"dot{hot}\" cx=\"{}\" cy=\"{}\" r=\"{radius}\"/>\n", x + radius, y + radius);
    }
    let look = if matches!(task.work, Work::Left) { " left" } else { hot };
    format!(
        "<g><title>{}</title><rect class=\"card{look}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\
         <text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"facts\" x=\"{}\" y=\"{}\">{}</text></g>\n",
        escaped(&clean(&task.path)),
        x + 12,
        y + 20,
        escaped(&fit(&picture.name(id), LABEL)),
        x + 12,
        y + 37,
        escaped(&fit(&facts(picture, id), LABEL + 4)),
    )
}

/// A smooth line through the points: level at each of them.
fn line(picture: &Picture<'_>, to: TaskId, points: &[(i64, i64)], hot: bool) -> String {
    let mut path = String::new();
    let mut last: Option<(i64, i64)> = None;
    for (x, y) in points {
        // Writing into a String cannot fail.
        let _ = match last {
            None => write!(path, "M{x} {y}"),
            Some((_, before)) if before == *y => write!(path, "H{x}"),
            Some((from, before)) => {
                let turn = ((x - from) / 2).max(16);
                write!(path, "C{} {before} {} {y} {x} {y}", from + turn, x - turn)
            }
        };
        last = Some((*x, *y));
    }
    let (look, end) = if hot { (" hot", "hot") } else { ("", "tip") };
    let arrow = if picture.plan.task(to).is_real() { format!(" marker-end=\"url(#{end})\"") } else { String::new() };
    format!("<path class=\"line{look}\" d=\"{path}\"{arrow}/>\n")
}

/// An arrow's tip.
fn tip(id: &str) -> String {
    let look = if id == "hot" { "tip hot" } else { "tip" };
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"{look}\" d=\"M0 0L8 4L0 8z\"/></marker>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
