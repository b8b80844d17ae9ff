//! The board: what needs people first, then every agent in the form of a status board (state, task, progress, time, cost,
//! blockers), and below it the critical path, what is next and what stands in the way.

use std::collections::BTreeMap;

use bandleader_core::plan::OnSilence;
use bandleader_core::{Asker, AttemptId, Decision, Millis, Run, TaskId, TaskState};
use ratatui::layout::Rect;

use super::prospect::{below, recent};
use super::{Sight, list, marks, rows};
use crate::render::live::{Scene, notes};
use crate::render::style::{ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, clip, count, fit, pad, pad_left, width};
use crate::render::words::{clock, within_phase};
use crate::watch::page::Page;
use crate::watch::state::{Item, Seen};

/// Failed tasks that have a row of their own; more are on the page of tasks.
const FAILED: usize = 5;

/// How wide the columns are.
struct Columns {
    all: usize,
    state: usize,
    agent: usize,
    task: usize,
    cells: usize,
}

/// What has a row, the most urgent first.
pub(crate) fn items(scene: &Scene<'_>) -> Vec<Item> {
    let run = scene.run;
    let plan = run.plan();
    let (mut blocked, mut failed, mut running, mut again) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for id in plan.ids().filter(|id| plan.task(*id).is_real()) {
        match &run.task(id).state {
            // One that people do stands there as its question.
            TaskState::Blocked { .. } if plan.task(id).question().is_some() => {}
            TaskState::Blocked { .. } => blocked.push(id),
            TaskState::Failed { .. } => failed.push(id),
            TaskState::Running { .. } | TaskState::Reviewing { .. } => running.push(id),
            TaskState::BackingOff { .. } => again.push(id),
            _ => {}
        }
    }
    running.sort_by_key(|id| (run.task(*id).past().attempt_started, *id));
    failed.truncate(FAILED);
    let decisions = run.open_decisions().map(|(number, _)| Item::Decision(number));
    let tasks = [blocked, failed, running, again].concat().into_iter().map(Item::Task);
    let idle = idle(run).into_iter().map(Item::Agent);
    decisions.chain(tasks).chain(idle).collect()
}

/// What an agent has behind and before it.
#[derive(Clone, Copy, Default)]
struct Load {
    all: usize,
    over: usize,
    busy: usize,
    completed: usize,
    failed: usize,
}

fn loads(run: &Run) -> BTreeMap<&str, Load> {
    let mut loads: BTreeMap<&str, Load> = BTreeMap::new();
    for id in run.plan().ids() {
        let Some(name) = run.agent_of(id) else { continue };
        let load = loads.entry(name).or_default();
        let state = &run.task(id).state;
        load.all += 1;
        load.over += usize::from(state.is_over());
        load.completed += usize::from(matches!(state, TaskState::Completed { .. }));
        load.failed += usize::from(matches!(state, TaskState::Failed { .. }));
        let waits = matches!(state, TaskState::Pending | TaskState::Ready { .. });
        load.busy += usize::from(!state.is_over() && !waits);
    }
    loads
}

/// Agents that do nothing now: those with work to come before those whose work is over.
fn idle(run: &Run) -> Vec<usize> {
    let loads = loads(run);
    let names = run.plan().agents.keys().enumerate();
    let of = |name: &String| loads.get(name.as_str()).copied().filter(|load| load.busy == 0 && load.all > 0);
    let idle: Vec<(usize, Load)> = names.filter_map(|(index, name)| Some((index, of(name)?))).collect();
    let (over, open): (Vec<_>, Vec<_>) = idle.into_iter().partition(|(_, load)| load.over == load.all);
    open.into_iter().chain(over).map(|(index, _)| index).collect()
}

/// Draws it.
pub(super) fn draw(sight: &Sight<'_>, page: &mut Page<'_>, area: Rect, seen: &mut Seen) {
    let below = below(sight, usize::from(area.width), if area.height >= 30 { 6 } else { 2 });
    let below_height = rows(below.len()).min(area.height / 2);
    let gap = u16::from(below_height > 0);
    let items = items(sight.scene);
    let columns = columns(sight.scene, &items, usize::from(area.width));
    page.line(area, 0, &heading(&columns));
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1 + below_height + gap), ..area };
    let entries: Vec<list::Entry> = items.iter().copied().map(Some).collect();
    if items.is_empty() {
        page.line(list, 0, &paint(QUIET, " Nothing runs now."));
    }
    let recent = recent(sight, usize::from(list.height).saturating_sub(items.len()), usize::from(area.width));
    let recent_at = list.bottom() - rows(recent.len());
    page.lines(Rect { y: recent_at, height: rows(recent.len()), ..area }, &recent);
    let list = Rect { height: list.height - rows(recent.len()), ..list };
    list::draw(sight.state, page, list, &entries, seen, |index| {
        items.get(index).map(|item| line(sight, *item, &columns)).unwrap_or_default()
    });
    let foot = Rect { y: area.bottom() - below_height, height: below_height, ..area };
    page.lines(foot, &below);
}

fn columns(scene: &Scene<'_>, items: &[Item], all: usize) -> Columns {
    let run = scene.run;
    let tasks = items.iter().filter_map(|item| if let Item::Task(id) = item { Some(*id) } else { None });
    let state = if all >= 90 { 10 } else { 0 };
    let cells = if all >= 90 { 10 } else { 8 };
    let agent = marks::agent_columns(run, 24);
    let task = tasks.map(|id| width(&within_phase(run.plan(), id))).max().unwrap_or(4).clamp(4, 40);
    // Sign, percent, time, rest, cost and the blanks between.
    let room = all.saturating_sub(3 + state + 2 + cells + 6 + 2 + 7 + 2 + 6 + 2 + 7);
    let agent = if agent == 0 { 0 } else { agent.min(room.saturating_sub(task.min(room / 2) + 2)) };
    let task = task.min(room.saturating_sub(agent + 2));
    Columns { all, state, agent, task, cells }
}

/// The column of agents, if there is one.
fn agent(name: &str, columns: &Columns) -> String {
    if columns.agent == 0 { String::new() } else { format!("{}  ", pad(name, columns.agent)) }
}

fn heading(columns: &Columns) -> String {
    let state = if columns.state > 0 { pad("STATE", columns.state) } else { String::new() };
    let text = format!(
        "   {}{state}{}  {}  {}  {}  {}",
        agent("AGENT", columns),
        pad("TASK", columns.task),
        pad("PROGRESS", columns.cells + 6),
        pad_left("TIME", 7),
        pad_left("LEFT", 6),
        pad_left("COST", 7),
    );
    paint(QUIET, fit(&text, columns.all))
}

fn line(sight: &Sight<'_>, item: Item, columns: &Columns) -> String {
    let scene = sight.scene;
    match item {
        Item::Decision(number) => match scene.run.decisions().get(&number) {
            Some(open) => question_line(scene, number, open, columns.all),
            None => String::new(),
        },
        Item::Agent(index) => idle_line(scene.run, index, columns),
        Item::Task(id) => match &scene.run.task(id).state {
            TaskState::Blocked { why, since } => {
                let text = format!("blocked {}: {}", marks::short(scene.now.since(*since)), clean(why));
                told(scene, id, "BLOCKED", &text, columns)
            }
            TaskState::Failed { .. } => {
                let why = scene.run.task(id).past().failure.as_ref().map_or("", |failure| &failure.1);
                told(scene, id, "FAILED", &format!("failed: {}", clean(why)), columns)
            }
            TaskState::BackingOff { until } => {
                let why = scene.run.task(id).past().failure.as_ref().map_or("", |failure| &failure.1);
                let again = marks::short(until.since(scene.now));
                let text = format!("try {} in {again}: {}", scene.run.task(id).attempts + 1, clean(why));
                told(scene, id, "WAITING", &text, columns)
            }
            _ => at_work(scene, id, columns),
        },
    }
}

/// ` ● backend-architect  api             ████████░░ 80 %    12:05     ~3m    $1.02`
fn at_work(scene: &Scene<'_>, id: TaskId, columns: &Columns) -> String {
    let run = scene.run;
    let task = run.task(id);
    let stuck = run.blockers().iter().any(|blocker| blocker.attempt.task == id);
    let word = match &task.state {
        _ if stuck => "BLOCKED",
        TaskState::Reviewing { .. } => "REVIEWING",
        _ => "ACTIVE",
    };
    let sign = if stuck { paint(ALERT, "!") } else { marks::sign(run, id) };
    let line = format!(
        " {sign} {}{}{}  {}  {}  {}  {}",
        agent(&marks::doer(run, id), columns),
        state_word(word, columns),
        pad(&within_phase(run.plan(), id), columns.task),
        marks::bar(marks::percent(scene, id), columns.cells),
        pad_left(&marks::took(scene, id).map(clock).unwrap_or_default(), 7),
        pad_left(&marks::left(scene, id), 6),
        pad_left(&marks::cost(scene, id), 7),
    );
    let notes = notes(run, id);
    // Where there is no room for them, they matter more than the last columns.
    let room = columns.all.saturating_sub(width(&notes) + 2);
    if notes.is_empty() { line } else { format!("{}  {}", cut(&line, room), paint(ALERT, notes)) }
}

/// At most `columns` of a line with colours, without a mark where it was cut.
fn cut(line: &str, columns: usize) -> String {
    let cut = clip(line, columns);
    match cut.rfind('…') {
        Some(at) if cut != line => cut.split_at(at).0.to_owned() + " \u{1b}[0m",
        _ => cut,
    }
}

fn state_word(word: &str, columns: &Columns) -> String {
    if columns.state == 0 { String::new() } else { pad(word, columns.state) }
}

/// A task that does not run, and why.
fn told(scene: &Scene<'_>, id: TaskId, word: &str, text: &str, columns: &Columns) -> String {
    let head = format!(
        "{}{}{}  ",
        agent(&marks::doer(scene.run, id), columns),
        state_word(word, columns),
        pad(&within_phase(scene.run.plan(), id), columns.task),
    );
    let room = columns.all.saturating_sub(3 + width(&head));
    let style = if word == "FAILED" { BAD } else { ALERT };
    format!(" {} {head}{}", marks::sign(scene.run, id), paint(style, fit(text, room)))
}

/// ` ? 1  api: Which transport carries alerts?          B in 2:34`: what silence does and when is never cut.
pub(super) fn question_line(scene: &Scene<'_>, number: u32, decision: &Decision, columns: usize) -> String {
    // What the engine asks names its task, its phase or its budget itself.
    let asker = match &decision.asker {
        Asker::Agent { attempt: AttemptId { task, .. }, .. } | Asker::Task { task } => {
            format!("{}: ", within_phase(scene.run.plan(), *task))
        }
        _ => String::new(),
    };
    let silence = match (decision.question.on_silence, decision.question.recommend.as_deref()) {
        (OnSilence::Recommend, Some(option)) if !decision.question.irreversible => clean(option).into_owned(),
        (OnSilence::Fail, _) => "fails".into(),
        (OnSilence::Escalate, _) => "escalates".into(),
        _ => "parked".into(),
    };
    let silence = match decision.left(scene.asking_now()) {
        Some(left) => format!("{silence} in {}", clock(Millis(left.0.div_ceil(1_000) * 1_000))),
        None => "waits for you".into(),
    };
    // Numbers stand below each other, however many are open.
    let digits = scene.run.open_decisions().map(|(number, _)| number).max().unwrap_or(number).to_string().len();
    let text = format!("{}  {asker}{}", pad_left(&number.to_string(), digits), clean(&decision.question.text));
    let room = columns.saturating_sub(3 + 2 + width(&silence) + 1);
    format!(" {} {}  {}", paint(ALERT, "?"), paint(STRONG, pad(&text, room)), paint(ALERT, silence))
}

/// ` ○ ui-designer  available  2 tasks to come`
fn idle_line(run: &Run, index: usize, columns: &Columns) -> String {
    let Some(name) = run.plan().agents.keys().nth(index) else { return String::new() };
    let load = loads(run).get(name.as_str()).copied().unwrap_or_default();
    let is_done = load.completed == load.all;
    let (sign, word) = if is_done { (paint(GOOD, "✓"), "COMPLETED") } else { (paint(QUIET, "○"), "AVAILABLE") };
    let rest = if is_done {
        format!("all of {}", count(load.all, "task"))
    } else if load.over == 0 {
        format!("{} to come", count(load.all, "task"))
    } else if load.over < load.all {
        format!("{} of {} to come", load.all - load.over, count(load.all, "task"))
    } else {
        let skipped = load.all - load.completed - load.failed;
        let parts = [(load.completed, "completed"), (load.failed, "failed"), (skipped, "not done")];
        let some = parts.iter().filter(|(number, _)| *number > 0);
        some.map(|(number, word)| format!("{} {word}", count(*number, "task"))).collect::<Vec<_>>().join(", ")
    };
    let word = if columns.state > 0 { pad(word, columns.state) } else { format!("{}  ", word.to_lowercase()) };
    format!(" {sign} {}  {}", pad(&clean(name), columns.agent), paint(QUIET, format_args!("{word}{rest}")))
}
