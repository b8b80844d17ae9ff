//! What a name in `needs` means.
//!
//! A name is looked for beside the one who says it, then around, outwards to the end of its file; if nothing is found, any
//! ending of a path of that file that fits only one node will do. Nobody means himself or a group that he stands in.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::Lowering;
use crate::diag::Span;
use crate::language::{did_you_mean, slug};
use crate::problems::{listed, named};
use crate::tree::Spanned;
use crate::{GroupId, TaskId};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Task(TaskId),
    Group(GroupId),
}

/// All paths.
#[derive(Debug, Default)]
pub(super) struct Index {
    by_path: IndexMap<String, (Target, Span)>,
    /// The paths, sorted: what people are told must not depend on how they are kept. Most plans never ask, so it is made when one does.
    in_order: OnceCell<Vec<String>>,
    /// The same by their last segment.
    by_last: OnceCell<BTreeMap<String, Vec<String>>>,
    /// Paths that were compared with names that mean nothing.
    compared: Cell<usize>,
}

/// So many paths are compared in all, to find out what names were meant to be; half a second at most. Then names are only refused: a plan
/// of ten thousand tasks in which each needs something unknown took 20 seconds.
const MOST_COMPARED: usize = 500_000;

impl Index {
    fn in_order(&self) -> &[String] {
        self.in_order.get_or_init(|| {
            let mut paths: Vec<String> = self.by_path.keys().cloned().collect();
            paths.sort_unstable();
            paths
        })
    }

    /// Whether one more name may be compared with all paths.
    fn may_compare(&self) -> bool {
        self.compared.set(self.compared.get() + self.by_path.len());
        self.compared.get() <= MOST_COMPARED
    }

    fn by_last(&self) -> &BTreeMap<String, Vec<String>> {
        self.by_last.get_or_init(|| {
            let mut by_last: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for path in self.in_order() {
                by_last.entry(last_segment(path).to_owned()).or_default().push(path.clone());
            }
            by_last
        })
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Who says a name.
pub(super) struct Speaker<'s> {
    /// The dotted path before his own name, with the dot.
    pub(super) prefix: &'s str,
    /// The prefix of his file.
    pub(super) root: &'s str,
    /// His own name.
    pub(super) id: &'s str,
}

impl Speaker<'_> {
    /// Whether `path` is his own or that of a group around him.
    fn is_within(&self, path: &str) -> bool {
        let whole = self.prefix.len() + self.id.len();
        if path.len() == whole {
            return path.strip_prefix(self.prefix) == Some(self.id);
        }
        path.len() < whole && self.prefix.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
    }
}

impl Lowering<'_> {
    /// Enters a path; reports it if it is taken.
    pub(super) fn name(&mut self, path: &str, target: Target, span: Span) {
        if let Some((_, first)) = self.index.by_path.get(path) {
            let (first, last) = (*first, last_segment(path));
            let place = match path.rsplit_once('.') {
                None => String::new(),
                Some((group, _)) => format!(" in {}", named(group)),
            };
            let message = format!("{} is there twice{place}", named(last));
            let problem = self.problems.error("plan::duplicate-id", span, message);
            problem.also(first, "first used here").hint("give one of them another id");
            return;
        }
        self.index.by_path.insert(path.to_owned(), (target, span));
        self.index.in_order.take();
        self.index.by_last.take();
    }

    /// The node that is over when `name` is; reports names that mean nothing or too much.
    pub(super) fn resolve(&mut self, name: &Spanned<String>, speaker: &Speaker<'_>) -> Option<TaskId> {
        let text = name.value.trim();
        let mut means_self = false;
        let mut path = String::new();
        for prefix in outwards(speaker.prefix, speaker.root) {
            path.clear();
            path.push_str(prefix);
            path.push_str(text);
            if speaker.is_within(&path) {
                means_self |= self.index.by_path.contains_key(&path);
            } else if let Some((target, _)) = self.index.by_path.get(&path) {
                return Some(self.end_of(*target));
            }
        }
        let last = last_segment(text);
        let ending = format!(".{text}");
        let fits =
            |path: &&String| path.starts_with(speaker.root) && path.ends_with(&ending) && !speaker.is_within(path);
        let candidates: Vec<&String> =
            self.index.by_last().get(last).into_iter().flatten().filter(fits).take(9).collect();
        match candidates.as_slice() {
            [only] => self.index.by_path.get(*only).map(|(target, _)| self.end_of(*target)),
            [] if means_self => {
                self.needs_itself(name, speaker.id);
                None
            }
            [] => {
                // A wrong id was reported where it is given, and stands in the index as its slug.
                let slug = text.split('.').map(slug).collect::<Vec<_>>().join(".");
                if slug != text && self.index.by_last().contains_key(last_segment(&slug)) {
                    return self.resolve(&Spanned { value: slug, span: name.span }, speaker);
                }
                self.unknown_need(name, speaker);
                None
            }
            several => {
                let paths: Vec<String> =
                    several.iter().map(|path| path.get(speaker.root.len()..).unwrap_or(path).to_owned()).collect();
                let message = format!("{} may mean {}", named(text), listed(paths.iter().map(String::as_str), "or"));
                let hint = "write as much of the path as it takes to tell them apart";
                self.problems.error("plan::ambiguous-need", name.span, message).hint(hint);
                None
            }
        }
    }

    fn end_of(&self, target: Target) -> TaskId {
        match target {
            Target::Task(id) => id,
            Target::Group(group) => self.plan.groups.get(group.index()).map_or(TaskId(0), |group| group.end),
        }
    }

    fn needs_itself(&mut self, name: &Spanned<String>, id: &str) {
        let (message, hint) = if last_segment(name.value.trim()) == id {
            (format!("{} needs itself", named(id)), "remove it from `needs`")
        } else {
            (
                format!("{} stands in {} and cannot wait for its end", named(id), named(&name.value)),
                "name a task of the group instead",
            )
        };
        self.problems.error("plan::self-need", name.span, message).hint(hint);
    }

    fn unknown_need(&mut self, name: &Spanned<String>, speaker: &Speaker<'_>) {
        let text = name.value.trim();
        let message = format!("no task is called {}", named(text));
        let hint = self.index.may_compare().then(|| self.nearest(text, speaker)).flatten().unwrap_or_else(|| {
            let beside: Vec<&str> = self.beside(speaker).collect();
            match beside.len() {
                1 => format!("beside it there is only {}", listed(beside, "and")),
                2..=8 => format!("beside it there are {}", listed(beside, "and")),
                _ => "needs are the ids of other tasks, groups or phases".to_owned(),
            }
        });
        self.problems.error("plan::unknown-need", name.span, message).hint(hint);
    }

    /// What an unknown name was probably meant to be.
    fn nearest(&self, text: &str, speaker: &Speaker<'_>) -> Option<String> {
        if text.contains([',', ' ']) {
            let names: Vec<&str> = text.split([',', ' ']).filter(|name| !name.is_empty()).collect();
            return Some(format!("several needs are written as a list: `[{}]`", names.join(", ")));
        }
        let relative = |path: &String| path.get(speaker.root.len()..).unwrap_or(path).to_owned();
        let (group, last) = text.rsplit_once('.').map_or((None, text), |(group, last)| (Some(group), last));
        let known =
            self.index.by_last().iter().filter(|(_, paths)| {
                paths.iter().any(|path| path.starts_with(speaker.root) && !speaker.is_within(path))
            });
        let names: Vec<&str> = known.map(|(last, _)| last.as_str()).collect();
        let near = if self.index.by_last().contains_key(last) && group.is_some() {
            Some(last)
        } else {
            did_you_mean(last, names)
        }?;
        let paths = self.index.by_last().get(near)?;
        let paths: Vec<String> = paths.iter().filter(|path| !speaker.is_within(path)).map(relative).collect();
        match (paths.as_slice(), group) {
            ([only], Some(_)) => Some(format!("did you mean {}?", named(only))),
            ([], _) => None,
            (_, Some(_)) => Some(format!("did you mean {}?", listed(paths.iter().map(String::as_str), "or"))),
            _ => Some(format!("did you mean {}?", named(near))),
        }
    }

    fn beside<'s>(&'s self, speaker: &'s Speaker<'_>) -> impl Iterator<Item = &'s str> {
        let paths = self.index.in_order();
        let from = paths.partition_point(|path| path.as_str() < speaker.prefix);
        let inside = paths.iter().skip(from).map_while(|path| path.strip_prefix(speaker.prefix));
        inside.filter(|rest| !rest.contains('.') && *rest != speaker.id).take(9)
    }
}

/// The prefixes to look in: `a.b.`, `a.`, and the root.
fn outwards<'p>(prefix: &'p str, root: &'p str) -> impl Iterator<Item = &'p str> {
    let mut next = Some(prefix);
    std::iter::from_fn(move || {
        let this = next?;
        let inner = this.strip_suffix('.').unwrap_or(this);
        let outer = inner.rfind('.').map_or("", |dot| this.get(..=dot).unwrap_or_default());
        next = (this.len() > root.len()).then_some(outer);
        Some(this)
    })
}
