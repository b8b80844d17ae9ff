//! The plan as text for a terminal: groups as branches, one line per task with who does it, how long it may take and
//! what it comes after.

use bandleader_core::plan::Work;
use bandleader_core::{GroupId, TaskId};

use super::Picture;
use crate::render::style::{ACTIVE, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, pad, pad_left, width};
use crate::render::words::{brief, size};

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
    let longest =
        |of: fn(&Row) -> usize| rows.iter().filter(|row| row.task.is_some()).map(of).max().unwrap_or_default();
    let name_columns = longest(|row| width(&row.branch) + 2 + width(&row.name)).clamp(6, columns * 9 / 20);
    let doer_columns = longest(|row| width(&row.doer)).min(columns / 4);
    let time_columns = longest(|row| width(&row.estimate));
    let mut text = heading(picture, columns);
    let widths = [name_columns, doer_columns, time_columns];
    for row in &rows {
        let line = if row.task.is_some() {
            task_line(picture, row, widths, columns)
        } else {
            group_line(row, widths, columns)
        };
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&milestones(picture, columns));
    text.push_str(&footing(picture, columns));
    text
}

/// The named points of the way, and what leads to each.
fn milestones(picture: &Picture<'_>, columns: usize) -> String {
    let plan = picture.plan;
    let mut text = String::new();
    for one in plan.milestones.iter().filter(|one| plan.task(one.task).work != Work::Left) {
        let needs = picture.needs.get(one.task.index()).into_iter().flatten().map(|need| plan.task(*need));
        let needs: Vec<String> = needs.map(|need| clean(&need.path).into_owned()).collect();
        let (id, title) = (clean(&one.id), clean(&one.title));
        let name = if id == title { id.into_owned() } else { format!("{id}  {title}") };
        let name = fit(&name, columns / 2).into_owned();
        let after = after(&needs, columns.saturating_sub(width(&name) + 4));
        let line = format!("◆ {name}  {after}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if text.is_empty() { text } else { format!("\n{text}") }
}

/// Sign and name, who does it, how long it may take; filled up with blanks only where something follows.
fn task_line(picture: &Picture<'_>, row: &Row, [name, doer, time]: [usize; 3], columns: usize) -> String {
    let left = format!("{}{}{}", row.branch, sign(picture, row), row.name);
    let who = if doer > 0 { format!("  {}", pad(&row.doer, doer)) } else { String::new() };
    let long = if time > 0 { format!("  {}", pad_left(&row.estimate, time)) } else { String::new() };
    let rest = format!("{who}{long}");
    let left = pad(&left, name);
    let (left, rest) = match (row.after.is_empty(), rest.trim_end().is_empty()) {
        (true, true) => (left.trim_end().to_owned(), String::new()),
        (true, false) => (left, rest.trim_end().to_owned()),
        (false, _) => (left, rest),
    };
    let left = match row.task {
        Some(id) if picture.is_critical(id) => left.replacen('●', &paint(ACTIVE, "●"), 1),
        _ => left,
    };
    let line = if rest.is_empty() { left } else { format!("{left}{}", paint(QUIET, &rest)) };
    let used = name + [doer, time].into_iter().filter(|wide| *wide > 0).map(|wide| wide + 2).sum::<usize>();
    let after = after(&row.after, columns.saturating_sub(used + 2));
    if after.is_empty() { line } else { format!("{line}  {after}") }
}

/// A group's name and, where it says more, its title; `after` is lined up with that of the tasks unless the title is long.
fn group_line(row: &Row, [name, doer, time]: [usize; 3], columns: usize) -> String {
    let lined_up = name + [doer, time].into_iter().filter(|wide| *wide > 0).map(|wide| wide + 2).sum::<usize>();
    let most = if row.after.is_empty() { columns } else { columns * 3 / 5 }.max(lined_up);
    let name = fit(&row.name, most.saturating_sub(width(&row.branch))).into_owned();
    let used = width(&row.branch) + width(&name);
    let title = match fit(&row.doer, most.saturating_sub(used + 2)) {
        title if title.is_empty() => String::new(),
        title => format!("  {title}"),
    };
    let line = format!("{}{}{}", row.branch, paint(STRONG, name), paint(QUIET, &title));
    let (used, after) =
        (used + width(&title), after(&row.after, columns.saturating_sub(lined_up.max(used + width(&title)) + 2)));
    if after.is_empty() { line } else { format!("{line}{:blank$}  {after}", "", blank = lined_up.saturating_sub(used)) }
}

fn heading(picture: &Picture<'_>, columns: usize) -> String {
    let plan = picture.plan;
    let mission = fit(&clean(&plan.mission), columns).into_owned();
    let facts = format!("level {}, {}, at most {} at once", plan.level, size(plan), plan.limits.parallel);
    format!("{}\n{facts}\n\n", paint(STRONG, mission))
}

fn footing(picture: &Picture<'_>, columns: usize) -> String {
    if picture.longest.critical.is_empty() {
        return String::new();
    }
    let guess = picture.longest.caveat();
    let names: Vec<String> = picture.longest.critical.iter().map(|id| picture.name(*id)).collect();
    let mut text = format!("\n{} {}{guess}\n", paint(ACTIVE, "● critical path"), brief(picture.longest.length));
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
    let name = clean(group.path.rsplit('.').next().unwrap_or(&group.path)).into_owned();
    let title = picture.title(id);
    let doer = match inside.is_empty() {
        true => "nothing in it".into(),
        false if title.eq_ignore_ascii_case(&name) => String::new(),
        false => title,
    };
    let branch = if branch.is_empty() { branch } else { format!("{branch} ") };
    Row { branch, task: None, name, doer, estimate: String::new(), after }
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
