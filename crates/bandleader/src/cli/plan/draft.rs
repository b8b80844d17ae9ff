//! What is typed in an interview is kept as it is given, in a file of `.band/answers/`: whoever is interrupted, by whatever, goes on from
//! there with the next `band plan` of the same request. It is gone when there is a plan of it.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use bandleader_core::Timestamp;
use bandleader_core::interview::{Given, Interview, Saved, write_draft};
use bandleader_core::plan::Mode;
use bandleader_engine::drafts;
use bandleader_engine::folder::Folder;

use super::talk::{Line, line};
use crate::config;
use crate::error::{Failure, with_causes};
use crate::render::screen::Screen;
use crate::render::style::{ALERT, QUIET, STRONG, paint};
use crate::render::text::{clean, clip, count};
use crate::render::when::local;
use crate::render::wrap::hang;

/// As much of a request is shown.
const LONGEST_REQUEST: usize = 60;

/// The draft of one `band plan`.
#[derive(Debug, Default)]
pub(super) struct Draft {
    state: State,
    /// Who is asked while the plan runs, where somebody said so.
    pub(super) mode: Option<Mode>,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody types: answers that come through a pipe are somewhere else already.
    #[default]
    Off,
    /// Nothing was typed yet.
    Empty,
    /// In this file.
    Kept(PathBuf),
    /// They could not be kept, which was said.
    Refused,
}

impl Draft {
    /// For a person who types.
    pub(super) fn start(&mut self) {
        if matches!(self.state, State::Off) {
            self.state = State::Empty;
        }
    }

    /// Keeps what was said so far; `went_back_from` as in [`write_draft`].
    pub(super) fn keep(&mut self, request: &str, interview: &Interview, went_back_from: &Given, screen: &mut Screen) {
        if matches!(self.state, State::Off | State::Refused) {
            return;
        }
        let text = write_draft(interview, self.mode, went_back_from);
        let kept = config::here().and_then(|here| {
            let folder = Folder::find_or_create(&here)?;
            Ok(drafts::keep(&folder, request, &text)?)
        });
        self.state = match kept {
            Ok(path) => State::Kept(path),
            Err(why) => {
                let words =
                    format!("{} your answers cannot be kept as you give them: {}", paint(ALERT, "!"), why.message);
                screen.note(&words);
                State::Refused
            }
        };
    }

    /// There is a plan, or another file has the answers.
    pub(super) fn forget(&mut self, screen: &mut Screen) {
        if let State::Kept(path) = &self.state
            && let Err(error) = drafts::forget(path)
        {
            screen.note(&format!("cannot remove {}: {}", config::shown(path), with_causes(&error)));
        }
        self.state = State::Off;
    }

    /// Where the answers are, for a person who leaves without a plan.
    pub(super) fn tell(&self, screen: &mut Screen) {
        let State::Kept(path) = &self.state else { return };
        let words = format!(
            "your answers stay in {}; `band plan` with the same request goes on from there",
            paint(STRONG, config::shown(path))
        );
        for line in hang("", 0, &words, screen.width()) {
            screen.note(&line);
        }
    }
}

/// A draft that lies here already.
pub(super) struct Earlier {
    path: PathBuf,
    saved: Saved,
}

impl Earlier {
    /// That of this request, or the one that was written last where the request is not known yet.
    pub(super) fn find(request: Option<&str>, screen: &mut Screen) -> Result<Option<Earlier>, Failure> {
        let Ok(folder) = Folder::find(&config::here()?) else { return Ok(None) };
        let path = match request {
            Some(request) => Some(drafts::file_of(&folder, request)).filter(|path| drafts::written_at(path).is_some()),
            None => drafts::newest(&folder),
        };
        let read = |path: PathBuf| Ok(Earlier { saved: super::read(&path, screen)?, path });
        path.map(read).transpose()
    }

    /// Whether it is that very file.
    pub(super) fn is_at(&self, file: &Path) -> bool {
        let same =
            |one: std::io::Result<PathBuf>| one.is_ok_and(|one| self.path.canonicalize().is_ok_and(|own| own == one));
        same(file.canonicalize())
    }

    /// Asks whether to go on with it.
    pub(super) fn offer(self, request: Option<&str>, screen: &mut Screen) -> Result<Option<Saved>, Failure> {
        let about = match (request, &self.saved.request) {
            (None, Some(about)) => format!("\"{}\"", clip(&clean(about), LONGEST_REQUEST)),
            _ => "this".into(),
        };
        let words = format!("an interview about {about} is not over: {} in {}", self.size(), config::shown(&self.path));
        for line in hang("", 2, &words, screen.width()) {
            screen.note(&line);
        }
        match line(&format!("{} [Y/n] ", paint(STRONG, "go on from there?")), screen)? {
            Line::Typed(answer) if matches!(answer.to_ascii_lowercase().as_str(), "n" | "no") => {
                if request.is_some() {
                    screen.note(&paint(QUIET, "your first answer replaces it"));
                }
                Ok(None)
            }
            Line::Typed(_) | Line::End => Ok(Some(self.saved)),
        }
    }

    /// Says that it is there, where nobody can be asked.
    pub(super) fn mention(&self, screen: &mut Screen) {
        let shown = config::shown(&self.path);
        screen.note(&format!("an interview about this is not over: --answers {shown} takes its {}", self.size()));
    }

    /// `4 answers of 14:20`
    fn size(&self) -> String {
        let answers = self.saved.answers.len() + self.saved.left.len();
        let at = |time: std::time::SystemTime| {
            Timestamp(time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0)))
        };
        let when = drafts::written_at(&self.path).map(|then| local(at(then), at(std::time::SystemTime::now())));
        let when = when.map(|when| format!(" of {when}")).unwrap_or_default();
        format!("{}{when}", count(answers, "answer"))
    }
}
