//! The plan as text for a terminal: groups as branches, one line per task with who does it, how long it may take and
//! what it comes after.

use bandleader_core::plan::Work;
use bandleader_core::{GroupId, TaskId};

use super::Picture;
use super::picture::{brief, size};
use crate::render::style::{ACTIVE, QUIET, STRONG, paint};
use crate::render::text::{clean, count, fit, pad, pad_left, width};

/// One line before it is laid out.
struct Row {
    /// Lines that show where it hangs.
    branch: String,
    /// The task, or none for a group's heading.
    task: Option<TaskId>,
    name: String,
    doer: String,
    estimate: String,
    after: Vec<String>,
}

/// What stands in a group, or at the top.
#[derive(Clone, Copy)]
enum Member {
    Group(GroupId),
    Task(TaskId),
}

/// Draws it, `columns` wide, with colours.
pub(crate) fn draw(picture: &Picture<'_>, columns: usize) -> String {
    let rows = rows(picture);
    let longest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let name_columns = longest(|row| width(&row.branch) + 2 + width(&row.name)).clamp(12, columns * 9 / 20);
    let doer_columns = longest(|row| width(&row.doer)).min(columns / 4);
    let time_columns = longest(|row| width(&row.estimate));
    let mut text = heading(picture, columns);
    for row in &rows {
        let left = pad(&format!("{}{}{}", row.branch, sign(picture, row), row.name), name_columns);
        let mut line = paint_name(picture, row, &left);
        let mut used = name_columns;
        for (column, wide) in
            [(pad(&row.doer, doer_columns), doer_columns), (pad_left(&row.estimate, time_columns), time_columns)]
        {
            if wide > 0 {
                line.push_str(&format!("  {}", paint(QUIET, column)));
                used += wide + 2;
            }
        }
        let after = after(&row.after, columns.saturating_sub(used + 2));
        if !after.is_empty() {
            line.push_str("  ");
            line.push_str(&after);
        }
        text.push_str(trimmed(&line));
        text.push('\n');
    }
    text.push_str(&footing(picture, columns));
    text
}

fn heading(picture: &Picture<'_>, columns: usize) -> String {
    let plan = picture.plan;
    let mission = fit(&clean(&plan.mission), columns).into_owned();
    let facts = format!("level {}, {}, at most {} at once", plan.level, size(plan), plan.limits.parallel);
    format!("{}\n{facts}\n\n", paint(STRONG, mission))
}

fn footing(picture: &Picture<'_>, columns: usize) -> String {
    if picture.critical.is_empty() {
        return String::new();
    }
    let guess = match picture.guessed {
        0 => String::new(),
        tasks => format!(" ({} without an estimate counted as 1 m)", count(tasks, "task")),
    };
    let names: Vec<String> = picture.critical.iter().map(|id| picture.name(*id)).collect();
    let mut text = format!("\n{} {}{guess}\n", paint(ACTIVE, "● critical path"), brief(picture.length));
    // A path of hundreds of tasks is told by its ends.
    let (head, tail) = if names.len() > 40 { (20, 20) } else { (names.len(), 0) };
    let left_out = names.len() - head - tail;
    let steps = names.iter().take(head).cloned();
    let gap = (left_out > 0).then(|| format!("… {left_out} more …"));
    let steps = steps.chain(gap).chain(names.iter().skip(head + left_out).cloned());
    let mut line = String::from(" ");
    for (number, step) in steps.enumerate() {
        let step = if number == 0 { step } else { format!("→ {step}") };
        if width(&line) + 1 + width(&step) > columns && width(&line) > 1 {
            text.push_str(&line);
            text.push('\n');
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(&fit(&step, columns.saturating_sub(4)));
    }
    format!("{text}{line}\n")
}

/// All lines, depth first, without recursion.
fn rows(picture: &Picture<'_>) -> Vec<Row> {
    let mut members = members(picture);
    let mut rows = Vec::new();
    let mut waiting: Vec<(Member, String, String)> = Vec::new();
    let push = |waiting: &mut Vec<(Member, String, String)>, inside: Vec<Member>, lead: &str, top: bool| {
        let last = inside.len().saturating_sub(1);
        for (at, member) in inside.into_iter().enumerate().rev() {
            let (own, below) = match (top, at == last) {
                (true, _) => ("", ""),
                (false, false) => ("├─", "│ "),
                (false, true) => ("└─", "  "),
            };
            waiting.push((member, format!("{lead}{own}"), format!("{lead}{below}")));
        }
    };
    push(&mut waiting, members.pop().unwrap_or_default(), "", true);
    while let Some((member, branch, lead)) = waiting.pop() {
        match member {
            Member::Task(id) => rows.push(task_row(picture, id, branch)),
            Member::Group(id) => {
                let inside = members.get_mut(id.index()).map(std::mem::take).unwrap_or_default();
                rows.push(group_row(picture, id, branch, &inside));
                push(&mut waiting, inside, &lead, false);
            }
        }
    }
    rows
}

/// The members of each group by its id, and last those of the plan itself; each in plan order.
fn members(picture: &Picture<'_>) -> Vec<Vec<Member>> {
    let plan = picture.plan;
    let top = plan.groups.len();
    let mut placed: Vec<Vec<(TaskId, Member)>> = std::iter::repeat_with(Vec::new).take(top + 1).collect();
    let slot = |group: Option<GroupId>| group.map_or(top, GroupId::index);
    // A group stands where its first task stands; an empty one where it ends.
    let mut first: Vec<Option<TaskId>> = vec![None; top];
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        if let Some(list) = placed.get_mut(slot(plan.task(id).group)) {
            list.push((id, Member::Task(id)));
        }
        let mut around = plan.task(id).group;
        while let Some(group) = around {
            let Some(known) = first.get_mut(group.index()) else { break };
            if known.is_some() {
                break;
            }
            *known = Some(id);
            around = plan.group(group).parent;
        }
    }
    for (id, group) in (0_u32..).map(GroupId).zip(&plan.groups) {
        let place = first.get(id.index()).copied().flatten().unwrap_or(group.end);
        if let Some(list) = placed.get_mut(slot(group.parent)) {
            list.push((place, Member::Group(id)));
        }
    }
    let in_order = |mut list: Vec<(TaskId, Member)>| {
        list.sort_by_key(|(place, _)| *place);
        list.into_iter().map(|(_, member)| member).collect()
    };
    placed.into_iter().map(in_order).collect()
}

fn task_row(picture: &Picture<'_>, id: TaskId, branch: String) -> Row {
    let task = picture.plan.task(id);
    let hoisted = task.group.map(|group| entry_needs(picture, group)).unwrap_or_default();
    let needs = picture.needs.get(id.index()).map(Vec::as_slice).unwrap_or_default();
    let after = needs.iter().filter(|need| !hoisted.contains(need)).map(|need| picture.called(*need, id)).collect();
    let estimate = task.estimate.map(brief).unwrap_or_default();
    Row { branch, task: Some(id), name: picture.name(id), doer: picture.doer(id), estimate, after }
}

fn group_row(picture: &Picture<'_>, id: GroupId, branch: String, inside: &[Member]) -> Row {
    let group = picture.plan.group(id);
    let around = group.parent.map(|parent| entry_needs(picture, parent)).unwrap_or_default();
    let needs = entry_needs(picture, id);
    let after =
        needs.iter().filter(|need| !around.contains(need)).map(|need| picture.called(*need, group.end)).collect();
    let doer = if inside.is_empty() { "nothing in it".into() } else { String::new() };
    Row { branch, task: None, name: picture.title(id), doer, estimate: String::new(), after }
}

fn entry_needs<'a>(picture: &'a Picture<'_>, group: GroupId) -> &'a [TaskId] {
    picture.entries.get(group.index()).map(Vec::as_slice).unwrap_or_default()
}

fn sign(picture: &Picture<'_>, row: &Row) -> &'static str {
    match row.task {
        None => "",
        Some(id) if matches!(picture.plan.task(id).work, Work::Left) => "- ",
        Some(id) if picture.is_critical(id) => "● ",
        Some(_) => "○ ",
    }
}

fn paint_name(picture: &Picture<'_>, row: &Row, padded: &str) -> String {
    match row.task {
        None => paint(STRONG, padded),
        Some(id) if picture.is_critical(id) => padded.replacen('●', &paint(ACTIVE, "●"), 1),
        Some(_) => padded.to_owned(),
    }
}

/// `after a, b` or, where there is no room for all, `after a +7`.
fn after(needs: &[String], room: usize) -> String {
    if needs.is_empty() {
        return String::new();
    }
    for shown in (1..=needs.len().min(8)).rev() {
        let names = needs.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
        let more = needs.len() - shown;
        let text = if more > 0 { format!("after {names} +{more}") } else { format!("after {names}") };
        if width(&text) <= room {
            return text;
        }
    }
    fit(&format!("after {}", needs.join(", ")), room).into_owned()
}

fn trimmed(line: &str) -> &str {
    line.trim_end()
}
