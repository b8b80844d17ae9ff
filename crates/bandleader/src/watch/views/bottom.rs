//! The last lines of the screen: counts, and what can be typed; or what is being typed, or what came of the last request.

use super::Sight;
use crate::render::live::counts as counted;
use crate::render::style::{ACTIVE, ALERT, BAD, GOOD, QUIET, STRONG, paint};
use crate::render::text::{clean, fit, width};
use crate::watch::state::{Asked, Pace, Prompt, Sure, Tab, Tone};
use crate::watch::update::{acceptable, is_clash};

/// The line of counts, and the line below it.
pub(super) fn lines(sight: &Sight<'_>, columns: usize) -> Vec<String> {
    vec![counts(sight, columns), last(sight, columns)]
}

/// ` done 7   running 2   waiting 6   failed 0            replay · event 120/400 · 8×`
fn counts(sight: &Sight<'_>, columns: usize) -> String {
    let counts = counted(sight.scene.run);
    let wide: usize = counts.iter().map(|(word, number, _)| word.len() + 1 + number.to_string().len() + 3).sum();
    let shown: Vec<String> =
        counts.iter().map(|(word, number, style)| format!("{word} {}", paint(*style, number))).collect();
    let shown = shown.join("   ");
    let right = sight.state.playing.map(|playing| {
        let (played, all) = playing.played;
        let pace = if playing.pace == Pace::Standing { "stopped" } else { "replay" };
        format!("{pace} · event {played}/{all} · {}×", factor(playing.speed))
    });
    let right = right.unwrap_or_default();
    let gap = columns.saturating_sub(wide + width(&right)).max(2);
    format!(" {shown}{:gap$}{}", "", paint(ALERT, right))
}

/// `8`, `0.5`.
fn factor(speed: f64) -> String {
    if speed.fract() == 0.0 { format!("{speed:.0}") } else { format!("{speed:.2}") }
}

fn last(sight: &Sight<'_>, columns: usize) -> String {
    let state = sight.state;
    if let Some(prompt) = &state.prompt {
        return typed(sight, prompt, columns);
    }
    if let Some(sure) = state.sure {
        let question = match sure {
            Sure::CancelRun => "Cancel the whole run? What runs is stopped.".to_owned(),
            Sure::CancelTask(task) => format!("Cancel {}?", clean(&sight.scene.run.plan().task(task).path)),
        };
        return format!(" {}  {}", paint(ALERT, question), paint(STRONG, "[y]es  [n]o"));
    }
    if let Some(note) = &state.note {
        let style = if note.tone == Tone::Done { GOOD } else { BAD };
        return format!(" {}", paint(style, fit(&clean(&note.text), columns.saturating_sub(2))));
    }
    format!(" {}", paint(QUIET, fit(&hint(sight), columns.saturating_sub(2))))
}

/// The end of what is typed stays in sight.
fn typed(sight: &Sight<'_>, prompt: &Prompt, columns: usize) -> String {
    let label = match &prompt.what {
        Asked::Filter => "filter: ".to_owned(),
        Asked::Tell(task) => format!("tell {}: ", clean(&sight.scene.run.plan().task(*task).path)),
        Asked::Because => "because: ".to_owned(),
        Asked::Accept(task) => format!("accept {} because: ", clean(&sight.scene.run.plan().task(*task).path)),
    };
    let label = fit(&label, columns / 2).into_owned();
    let text = clean(&prompt.text);
    let room = columns.saturating_sub(width(&label) + 4);
    let mut shown: &str = &text;
    while width(shown) > room {
        let mut letters = shown.chars();
        letters.next();
        shown = letters.as_str();
    }
    format!(" {}{shown}{}", paint(ACTIVE, &label), paint(STRONG, "▏"))
}

/// What can be typed here: the keys that matter most on this page.
fn hint(sight: &Sight<'_>) -> String {
    let state = sight.state;
    if state.help {
        return "[Esc] back".into();
    }
    if let Some(dialog) = &state.dialog {
        let is_over = sight.scene.run.decisions().get(&dialog.number).is_none_or(|one| one.taken.is_some());
        if is_over {
            return "[Esc] back".into();
        }
        return "[↑↓] choose  [Enter] answer  [w]hy  [Esc] back".into();
    }
    let open = sight.scene.run.open_decisions().next().is_some();
    let decide = if open { "[d]ecide  " } else { "" };
    let run = sight.scene.run;
    let stuck = state.task().filter(|task| acceptable(run, *task));
    let own = match state.tab {
        Tab::Board | Tab::Tasks | Tab::Graph if stuck.is_some_and(|task| is_clash(run, task)) => {
            "[l]og  [R]esolve  [r]etry  [a]ccept  [x] cancel"
        }
        Tab::Board | Tab::Tasks | Tab::Graph if stuck.is_some() => "[l]og  [r]etry  [a]ccept  [x] cancel",
        Tab::Board => "[l]og  [t]ell  [r]etry  [p]ause  [x] cancel",
        Tab::Tasks if state.filter.is_empty() => "[/] filter  [l]og  [r]etry  [x] cancel",
        Tab::Tasks => "[/] filter  [Esc] all tasks  [l]og",
        Tab::Graph => "[l]og  [t]ell  [r]etry  [x] cancel",
        Tab::Timeline => "[v] bars or events  [l]og",
        Tab::Decisions => "[Enter] open",
        Tab::Log => "[Home] beginning  [End] follow  [,] [.] parts",
    };
    if state.playing.is_some() {
        return "[space] stop  [+] [-] speed  [E]nd  [0] again  [l]og  [?] help  [q]uit".into();
    }
    format!("{decide}{own}  [?] help  [q]uit")
}
