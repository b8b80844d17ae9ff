//! Pages of lists: so many rows after the one that was the last before, of those that are asked for.

use serde::Deserialize;

use super::problem::Problem;

/// Rows on a page when nothing else is asked for, and at most.
const ROWS: (usize, usize) = (50, 1_000);

/// Where a page begins, and how long it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub after: Option<&'a str>,
    pub limit: Option<usize>,
}

/// Which rows of a list, and which page of them: the query of every list that can be searched.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// States, with commas between them.
    #[serde(default)]
    pub(super) state: Option<String>,
    /// A part of what rows are searched by.
    #[serde(default)]
    pub(super) search: Option<String>,
    #[serde(default)]
    pub(super) limit: Option<usize>,
    #[serde(default)]
    pub(super) after: Option<String>,
}

impl Asked {
    /// Whether rows in this state are asked for.
    pub(super) fn has(&self, state: &str) -> bool {
        self.state.as_ref().is_none_or(|states| states.split(',').any(|one| one == state))
    }

    /// Whether what is searched for stands in one of these, in letters of either case.
    pub(super) fn finds(&self, texts: &[&str]) -> bool {
        let words = self.search.as_deref().unwrap_or_default().to_lowercase();
        texts.iter().any(|text| text.to_lowercase().contains(&words))
    }

    /// Which page.
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { after: self.after.as_deref(), limit: self.limit }
    }
}

/// A page.
#[derive(Debug)]
pub(super) struct Paged<T> {
    pub rows: Vec<T>,
    /// What `after` is for the page that follows; none when there is none.
    pub next: Option<String>,
    /// Rows on all pages.
    pub total: usize,
}

impl Cursor<'_> {
    /// The page of a list whose rows have names.
    pub(super) fn cut<T>(&self, mut all: Vec<T>, name: impl Fn(&T) -> String) -> Result<Paged<T>, Problem> {
        let total = all.len();
        let from = match self.after {
            None => 0,
            Some(after) => all.iter().position(|row| name(row) == after).map(|at| at + 1).ok_or_else(|| {
                Problem::bad("`after` is not the `next` of a page of this list").hint("begin again without it")
            })?,
        };
        let limit = self.limit.unwrap_or(ROWS.0).clamp(1, ROWS.1);
        all.drain(..from);
        let more = all.len() > limit;
        all.truncate(limit);
        let next = all.last().filter(|_| more).map(name);
        Ok(Paged { rows: all, next, total })
    }
}
