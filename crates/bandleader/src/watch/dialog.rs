//! Keys while a question is open in full.

use bandleader_core::view::check_in;
use bandleader_core::{Asker, TaskId};
use termina::event::KeyCode;

use super::message::{Deed, Request};
use super::state::{Asked, Dialog, Prompt, State, Tone};
use crate::render::live::Scene;

/// A question, with its recommendation chosen.
pub(super) fn of(scene: &Scene<'_>, number: u32) -> Dialog {
    let question = scene.run.decisions().get(&number).map(|decision| &decision.question);
    let recommended = question.and_then(|question| {
        let id = question.recommend.as_deref()?;
        question.options.iter().position(|option| option.id.eq_ignore_ascii_case(id))
    });
    Dialog { number, option: recommended.unwrap_or_default(), ..Dialog::default() }
}

/// Lines of a check-in that are passed over at once.
const PAGE: usize = 5;

/// The task of a question that is a check-in whose summary was not read yet.
pub(super) fn wants_summary(state: &State, scene: &Scene<'_>) -> Option<TaskId> {
    let dialog = state.dialog.as_ref().filter(|dialog| dialog.summary.is_none())?;
    match scene.run.decisions().get(&dialog.number)?.asker {
        Asker::Task { task } => check_in::moment_of(scene.run, task).map(|_| task),
        _ => None,
    }
}

/// Chooses, answers, or goes back.
pub(super) fn pressed(state: &mut State, scene: &Scene<'_>, code: KeyCode) -> Vec<Deed> {
    let is_replay = state.playing.is_some();
    let Some(dialog) = &mut state.dialog else { return Vec::new() };
    let Some(decision) = scene.run.decisions().get(&dialog.number) else { return Vec::new() };
    let options = &decision.question.options;
    let before = dialog.option;
    match code {
        KeyCode::Escape => {
            state.dialog = None;
            return Vec::new();
        }
        KeyCode::PageDown | KeyCode::Char(' ') => dialog.top = dialog.top.saturating_add(PAGE),
        KeyCode::PageUp => dialog.top = dialog.top.saturating_sub(PAGE),
        KeyCode::Home => dialog.top = 0,
        KeyCode::Up => dialog.option = dialog.option.saturating_sub(1),
        KeyCode::Down => dialog.option = (dialog.option + 1).min(options.len().saturating_sub(1)),
        KeyCode::Enter if decision.taken.is_some() => state.dialog = None,
        KeyCode::Enter if is_replay => state.say(Tone::Refused, "this is a replay: nothing can be answered"),
        KeyCode::Enter if decision.question.irreversible && !dialog.warned => dialog.warned = true,
        KeyCode::Enter => {
            let Some(option) = options.get(dialog.option) else { return Vec::new() };
            let (decision, option, because) = (dialog.number, option.id.clone(), dialog.because.clone());
            state.dialog = None;
            return vec![Deed::Ask(Request::Answer { decision, option, because })];
        }
        KeyCode::Char(letter) => {
            let mut typed = [0; 4];
            let typed = letter.encode_utf8(&mut typed);
            match options.iter().position(|option| option.id.eq_ignore_ascii_case(typed)) {
                Some(at) => dialog.option = at,
                None if letter == 'w' => {
                    state.prompt = Some(Prompt { what: Asked::Because, text: dialog.because.clone() });
                }
                None => {}
            }
        }
        _ => {}
    }
    if let Some(dialog) = state.dialog.as_mut().filter(|dialog| dialog.option != before) {
        dialog.warned = false;
    }
    Vec::new()
}
