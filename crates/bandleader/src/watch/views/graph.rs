//! Tasks by phase and group, with what each waits for; those on the critical path stand out, and a line says how long the path is.

use bandleader_core::plan::GroupKind;
use bandleader_core::{GroupId, Millis, Run, TaskId};
use ratatui::layout::Rect;

use super::{Sight, list, marks};
use crate::render::live::Scene;
use crate::render::style::{ACTIVE, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, pad, width};
use crate::render::words::within_phase;
use crate::watch::page::Page;
use crate::watch::state::{Item, Seen};

/// A row: the heading of a group, or a task, and how deep it stands.
enum Row {
    Group(GroupId, usize),
    Task(TaskId, usize),
}

/// Tasks in the order in which they stand here.
pub(crate) fn items(scene: &Scene<'_>) -> Vec<Item> {
    let row = |row: Row| if let Row::Task(id, _) = row { Some(Item::Task(id)) } else { None };
    rows(scene.run).into_iter().filter_map(row).collect()
}

/// Every task below the headings of its groups.
fn rows(run: &Run) -> Vec<Row> {
    let plan = run.plan();
    let around = |id: TaskId| {
        let (mut groups, mut group) = (Vec::new(), plan.task(id).group);
        while let Some(inner) = group {
            groups.push(inner);
            group = plan.group(inner).parent;
        }
        groups.reverse();
        groups
    };
    let (mut rows, mut open): (Vec<Row>, Vec<GroupId>) = (Vec::new(), Vec::new());
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        let groups = around(id);
        let same = open.iter().zip(&groups).take_while(|(one, other)| one == other).count();
        for (depth, group) in groups.iter().enumerate().skip(same) {
            rows.push(Row::Group(*group, depth));
        }
        rows.push(Row::Task(id, groups.len()));
        open = groups;
    }
    rows
}

/// Draws it.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let columns = usize::from(area.width);
    let path = path(sight, columns);
    page.lines(area, &path);
    let used = super::rows(path.len());
    let rows = rows(sight.scene.run);
    let entries: Vec<list::Entry> = rows
        .iter()
        .map(|row| match row {
            Row::Task(id, _) => Some(Item::Task(*id)),
            Row::Group(..) => None,
        })
        .collect();
    let list = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    list::draw(sight.state, page, list, &entries, seen, |index| match rows.get(index) {
        Some(Row::Task(id, depth)) => task_line(sight, *id, *depth, columns),
        Some(Row::Group(group, depth)) => group_line(sight.scene.run, *group, *depth, columns),
        None => String::new(),
    });
}

/// ` critical path  3 tasks, ~2h 10m left: api → tests → deploy`
fn path(sight: &Sight<'_>, columns: usize) -> Vec<String> {
    let critical = &sight.outlook.critical;
    let Some(first) = critical.first() else { return Vec::new() };
    let (run, plan) = (sight.scene.run, sight.scene.run.plan());
    let length = sight.scene.lengths.get(first.index()).copied().unwrap_or_default();
    let own = bandleader_core::view::left(run, *first, length, sight.scene.now);
    let left = Millis(own.0 + run.tail(*first).0.saturating_sub(length.0));
    let names: Vec<String> = critical.iter().take(40).map(|id| within_phase(plan, *id)).collect();
    let known = plan.tasks.iter().any(|task| task.estimate.is_some());
    let left = if known { format!(", ~{} left", marks::short(left)) } else { String::new() };
    let head = format!(" critical path, {}{left}: ", crate::render::text::count(critical.len(), "task"));
    let room = columns.saturating_sub(width(&head) + 1);
    vec![format!("{}{}", paint(QUIET, &head), paint(ACTIVE, fit(&names.join(" → "), room))), String::new()]
}

fn group_line(run: &Run, group: GroupId, depth: usize, columns: usize) -> String {
    let group = run.plan().group(group);
    let name = group.path.rsplit('.').next().unwrap_or(&group.path);
    let kind = if group.kind == GroupKind::Phase { "" } else { "  group" };
    let title = if group.title == group.path || group.title == name {
        String::new()
    } else {
        format!("  {}", clean(&group.title))
    };
    let text = format!(" {:blank$}{}", "", clean(name), blank = depth * 2);
    let rest = fit(&format!("{title}{kind}"), columns.saturating_sub(width(&text))).into_owned();
    format!("{}{}", paint(STRONG, text), paint(QUIET, rest))
}

fn task_line(sight: &Sight<'_>, id: TaskId, depth: usize, columns: usize) -> String {
    let (run, plan) = (sight.scene.run, sight.scene.run.plan());
    let task = plan.task(id);
    let name = task.path.rsplit('.').next().unwrap_or(&task.path);
    let is_critical = sight.outlook.critical.contains(&id);
    let mark = if is_critical { paint(ACTIVE, "▸") } else { " ".into() };
    let (_, word, style) = marks::state(run, id);
    let names = (columns / 3).saturating_sub(depth * 2);
    let name = pad(&clean(name), names);
    let name = if is_critical { paint(ACTIVE, name) } else { name };
    let needs: Vec<String> = task.needs.iter().take(12).map(|need| need_name(run, *need)).collect();
    let needs = if needs.is_empty() { String::new() } else { format!("← {}", needs.join(", ")) };
    let used = 1 + depth * 2 + 4 + names + 2 + 9 + 2;
    let needs = fit(&needs, columns.saturating_sub(used)).into_owned();
    let blank = depth * 2;
    format!(
        " {:blank$}{mark} {} {name}  {}  {}",
        "",
        marks::sign(run, id),
        paint(style, pad(word, 9)),
        paint(QUIET, needs)
    )
}

/// A need by its name; the end of a group by the group's.
fn need_name(run: &Run, need: TaskId) -> String {
    let plan = run.plan();
    let node = plan.task(need);
    match node.ends_group() {
        Some(group) => clean(&plan.group(group).path).into_owned(),
        None => within_phase(plan, need),
    }
}
