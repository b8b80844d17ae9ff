//! No two tasks deliver the same file: which of them would have made it?

use std::collections::BTreeMap;

use super::Lowering;
use crate::diag::Span;
use crate::plan::{Deliverable, Work};
use crate::problems::named;
use crate::template::is_template;

impl Lowering<'_> {
    /// Reports paths that two tasks deliver, and fans whose instances all deliver the same.
    pub(super) fn check_claims(&mut self) {
        let mut claimed: BTreeMap<String, (usize, Span)> = BTreeMap::new();
        let mut doubles = Vec::new();
        for (at, task) in self.plan.tasks.iter().enumerate().filter(|(_, task)| task.work != Work::Left) {
            let Some(draft) = self.origins.get(at).copied().flatten().and_then(|draft| self.drafts.get(draft)) else {
                continue;
            };
            let paths = task.deliverables.iter().filter_map(|one| match one {
                Deliverable::Path(path) => Some(path),
                Deliverable::Described(_) => None,
            });
            for (path, claim) in paths.zip(&draft.claims) {
                let filled = if is_template(path) {
                    self.early_text(path, task.scope, &task.bindings)
                } else {
                    Some(path.clone())
                };
                // What depends on outputs of other tasks is known only when they are there.
                let Some(filled) = filled.map(|path| path.trim_start_matches("./").to_owned()) else { continue };
                if let Some((other, first)) = claimed.get(&filled) {
                    doubles.push((*other, at, filled, *first, claim.span));
                } else {
                    claimed.insert(filled, (at, claim.span));
                }
            }
        }
        for (first, second, path, first_span, second_span) in doubles {
            self.report_claim(first, second, &path, first_span, second_span);
        }
    }

    fn report_claim(&mut self, first: usize, second: usize, path: &str, first_span: Span, second_span: Span) {
        let name = |at: usize| self.plan.tasks.get(at).map(|task| task.path.clone()).unwrap_or_default();
        let (first_name, second_name) = (name(first), name(second));
        let same_draft = self.origins.get(first) == self.origins.get(second);
        if first == second {
            let message = format!("{} is delivered twice by {}", named(path), named(&first_name));
            self.problems.error("plan::claimed-twice", second_span, message).also(first_span, "first named here");
        } else if same_draft {
            let draft = self.origins.get(first).copied().flatten().unwrap_or(usize::MAX);
            if self.problems.is_first("claim", &format!("{draft} {path}")) {
                let message = format!(
                    "every instance delivers {}: {}, {} …",
                    named(path),
                    named(&first_name),
                    named(&second_name)
                );
                let hint = "make the path differ with `{{ item }}` or `{{ matrix.… }}`";
                self.problems.error("plan::claimed-twice", second_span, message).hint(hint);
            }
        } else {
            let message =
                format!("{} is delivered by {} and by {}", named(path), named(&first_name), named(&second_name));
            let problem = self.problems.error("plan::claimed-twice", second_span, message);
            problem
                .also(first_span, "first claimed here")
                .hint("let one of them deliver it, or give each a file of its own");
        }
    }
}
