//! What a message changes, and what is to be done about it.
//!
//! Pure: `State`, the run as it is, a message in; `Deed`s out. The shell does them and draws.

use bandleader_core::{Run, RunState, TaskId, TaskState};
use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers};

use super::message::{Deed, Message, Play, Request};
use super::moving::{moused, part, step};
use super::state::{Asked, Item, LogView, Prompt, State, Sure, Tab, Tone};
use super::{dialog, views};
use crate::render::live::{Presence, Scene};
use crate::render::words::is_conflict;

/// Takes a message in.
pub(crate) fn update(state: &mut State, scene: &Scene<'_>, message: Message) -> Vec<Deed> {
    let deeds = match message {
        Message::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Message::Key(key) => pressed(state, scene, key),
        Message::Mouse(mouse) => {
            moused(state, scene, mouse);
            Vec::new()
        }
        Message::Paste(text) => {
            if let Some(prompt) = &mut state.prompt {
                prompt.text.push_str(text.trim_end_matches(['\r', '\n']));
            }
            filter(state);
            Vec::new()
        }
        Message::Done(done) => {
            match done {
                Ok(text) => state.say(Tone::Done, text),
                Err(text) => state.say(Tone::Refused, text),
            }
            Vec::new()
        }
        Message::Answered | Message::Signal(_) => Vec::new(),
    };
    settle(state, scene);
    deeds
}

/// Makes what is chosen something that is there; called after every change of the run, too.
pub(crate) fn settle(state: &mut State, scene: &Scene<'_>) {
    if let Some(dialog) = &state.dialog
        && scene.run.decisions().get(&dialog.number).is_none()
    {
        state.dialog = None;
    }
    let items = views::items(state, scene);
    if items.is_empty() {
        return;
    }
    match state.cursor.and_then(|cursor| items.iter().position(|item| *item == cursor)) {
        Some(place) => state.place = place,
        // A row that has gone away: the one that took its place.
        None => choose(state, items.get(state.place.min(items.len() - 1)).copied()),
    }
}

/// Puts the cursor there; another task has another log.
pub(super) fn choose(state: &mut State, item: Option<Item>) {
    let before = state.task();
    state.cursor = item;
    if state.task() != before {
        state.log = LogView::default();
    }
}

fn pressed(state: &mut State, scene: &Scene<'_>, key: KeyEvent) -> Vec<Deed> {
    if key.modifiers.contains(Modifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c') => vec![Deed::Leave],
            KeyCode::Char('z') => vec![Deed::Suspend],
            KeyCode::Char('u') => {
                if let Some(prompt) = &mut state.prompt {
                    prompt.text.clear();
                }
                Vec::new()
            }
            _ => Vec::new(),
        };
    }
    state.note = None;
    if state.prompt.is_some() {
        return type_in(state, key.code);
    }
    if let Some(sure) = state.sure.take() {
        let request = match sure {
            Sure::CancelRun => Request::CancelRun,
            Sure::CancelTask(task) => Request::CancelTask(task),
        };
        return if matches!(key.code, KeyCode::Char('y' | 'Y')) { vec![Deed::Ask(request)] } else { Vec::new() };
    }
    if state.help {
        state.help = false;
        return if key.code == KeyCode::Char('q') { vec![Deed::Leave] } else { Vec::new() };
    }
    if state.dialog.is_some() {
        return dialog::pressed(state, scene, key.code);
    }
    if let Some(deeds) = steer(state, scene, key.code) {
        return deeds;
    }
    go(state, scene, key.code)
}

/// A letter more of what is typed at the bottom, or its end.
fn type_in(state: &mut State, code: KeyCode) -> Vec<Deed> {
    let Some(prompt) = &mut state.prompt else { return Vec::new() };
    match code {
        KeyCode::Char(letter) => prompt.text.push(letter),
        KeyCode::Backspace => drop(prompt.text.pop()),
        KeyCode::Escape => {
            if prompt.what == Asked::Filter {
                state.filter.clear();
            }
            state.prompt = None;
            return Vec::new();
        }
        KeyCode::Enter => {
            let Some(Prompt { what, text }) = state.prompt.take() else { return Vec::new() };
            return typed(state, &what, text);
        }
        _ => {}
    }
    filter(state);
    Vec::new()
}

/// Tasks are filtered while the words are typed.
fn filter(state: &mut State) {
    if let Some(Prompt { what: Asked::Filter, text }) = &state.prompt {
        state.filter.clone_from(text);
    }
}

fn typed(state: &mut State, what: &Asked, text: String) -> Vec<Deed> {
    match what {
        Asked::Filter => state.filter = text,
        Asked::Tell(task) if !text.trim().is_empty() => {
            return vec![Deed::Ask(Request::Tell { task: *task, text })];
        }
        Asked::Tell(_) => {}
        Asked::Accept(task) if !text.trim().is_empty() => {
            let because = text.trim().to_owned();
            return vec![Deed::Ask(Request::Accept { task: *task, because })];
        }
        Asked::Accept(_) => state.say(Tone::Refused, "nothing was accepted: it takes a reason, which stays on record"),
        Asked::Because => {
            if let Some(dialog) = &mut state.dialog {
                dialog.because = text;
            }
        }
    }
    Vec::new()
}

/// Keys that ask something of the run, or of the replay.
fn steer(state: &mut State, scene: &Scene<'_>, code: KeyCode) -> Option<Vec<Deed>> {
    let KeyCode::Char(letter) = code else { return None };
    if state.playing.is_some() {
        let play = match letter {
            ' ' => Play::Toggle,
            '+' | '=' => Play::Faster,
            '-' => Play::Slower,
            'E' => Play::End,
            '0' => Play::Begin,
            't' | 'r' | 'a' | 'R' | 'x' | 'X' | 'p' => {
                state.say(Tone::Refused, "this is a replay: nothing can be asked of the run from here");
                return Some(Vec::new());
            }
            _ => return None,
        };
        return Some(vec![Deed::Play(play)]);
    }
    match letter {
        'p' => {
            let stands = scene.run.state() == RunState::Paused || scene.engine == Presence::Gone;
            return Some(vec![Deed::Ask(if stands { Request::Resume } else { Request::Pause })]);
        }
        'X' => {
            state.sure = Some(Sure::CancelRun);
            return Some(Vec::new());
        }
        't' | 'r' | 'a' | 'R' | 'x' => {}
        _ => return None,
    }
    let Some(task) = state.task() else {
        state.say(Tone::Refused, "choose a task first");
        return Some(Vec::new());
    };
    match letter {
        't' => state.prompt = Some(Prompt { what: Asked::Tell(task), text: String::new() }),
        'x' => state.sure = Some(Sure::CancelTask(task)),
        'a' if acceptable(scene.run, task) => {
            state.prompt = Some(Prompt { what: Asked::Accept(task), text: String::new() });
        }
        'a' => state.say(Tone::Refused, "only what failed or is blocked can be accepted"),
        'R' if is_clash(scene.run, task) => return Some(vec![Deed::Ask(Request::Resolve(task))]),
        'R' => state.say(Tone::Refused, "only work that clashes with that of others is resolved"),
        _ => return Some(vec![Deed::Ask(Request::Retry(task))]),
    }
    Some(Vec::new())
}

/// Whether a person may take the task as done although it is not.
pub(super) fn acceptable(run: &Run, task: TaskId) -> bool {
    matches!(run.task(task).state, TaskState::Failed { .. } | TaskState::Blocked { .. })
        && run.plan().task(task).question().is_none()
}

/// Whether its work waits for somebody to settle how it goes together with that of others.
pub(super) fn is_clash(run: &Run, task: TaskId) -> bool {
    acceptable(run, task) && is_conflict(run, task)
}

/// Keys that move.
fn go(state: &mut State, scene: &Scene<'_>, code: KeyCode) -> Vec<Deed> {
    let page = isize::try_from(state.seen.height.saturating_sub(1).max(1)).unwrap_or(1);
    match code {
        KeyCode::Char('q') => return vec![Deed::Leave],
        KeyCode::Char('?') | KeyCode::Function(1) => state.help = true,
        KeyCode::Char(digit @ '1'..='6') => {
            let tab = Tab::ALL.get(digit as usize - '1' as usize).copied();
            open(state, tab.unwrap_or_default());
        }
        KeyCode::Tab | KeyCode::Right => open(state, beside(state.tab, 1)),
        KeyCode::BackTab | KeyCode::Left => open(state, beside(state.tab, Tab::ALL.len() - 1)),
        KeyCode::Char('l') => open(state, Tab::Log),
        KeyCode::Char('g') => open(state, Tab::Graph),
        KeyCode::Char('d') => decide(state, scene),
        KeyCode::Char('/') => {
            state.prompt = Some(Prompt { what: Asked::Filter, text: state.filter.clone() });
            open(state, Tab::Tasks);
        }
        KeyCode::Char('v') => {
            state.events = !state.events;
            open(state, Tab::Timeline);
        }
        KeyCode::Char(',') => part(state, scene, 1),
        KeyCode::Char('.') => part(state, scene, -1),
        KeyCode::Escape if !state.filter.is_empty() => state.filter.clear(),
        KeyCode::Escape => open(state, Tab::Board),
        KeyCode::Enter => enter(state, scene),
        KeyCode::Up | KeyCode::Char('k') => step(state, scene, -1),
        KeyCode::Down | KeyCode::Char('j') => step(state, scene, 1),
        KeyCode::PageUp => step(state, scene, -page),
        KeyCode::PageDown | KeyCode::Char(' ') => step(state, scene, page),
        KeyCode::Home => step(state, scene, isize::MIN / 2),
        KeyCode::End | KeyCode::Char('G') => step(state, scene, isize::MAX / 2),
        _ => {}
    }
    Vec::new()
}

fn beside(tab: Tab, by: usize) -> Tab {
    Tab::ALL.get((tab.index() + by) % Tab::ALL.len()).copied().unwrap_or_default()
}

/// Shows that page.
pub(super) fn open(state: &mut State, tab: Tab) {
    state.tab = tab;
}

/// Opens the chosen question, else the first one that is open.
fn decide(state: &mut State, scene: &Scene<'_>) {
    let chosen = match state.cursor {
        Some(Item::Decision(number)) => Some(number),
        _ => None,
    };
    let is_open = |number: &u32| scene.run.decisions().get(number).is_some_and(|one| one.taken.is_none());
    let first = scene.run.open_decisions().next().map(|(number, _)| number);
    match chosen.filter(is_open).or(first) {
        Some(number) => state.dialog = Some(dialog::of(scene, number)),
        None => state.say(Tone::Refused, "nothing is asked now"),
    }
}

/// Opens what is chosen.
pub(super) fn enter(state: &mut State, scene: &Scene<'_>) {
    match state.cursor {
        Some(Item::Decision(number)) => state.dialog = Some(dialog::of(scene, number)),
        Some(Item::Task(_)) => open(state, Tab::Log),
        Some(Item::Agent(_)) | None => {}
    }
}
