//! Tasks that wait for each other: shown as a path, each step with the place that causes it.

use super::Lowering;
use super::draft::Draft;
use super::names::Speaker;
use crate::TaskId;
use crate::diag::Span;
use crate::graph::cycles;
use crate::plan::Work;
use crate::problems::named;
use crate::tree::Spanned;

impl Lowering<'_> {
    /// Reports every circle.
    pub(super) fn report_circles(&mut self) {
        let needs: Vec<Vec<usize>> =
            self.plan.tasks.iter().map(|task| task.needs.iter().map(|need| need.index()).collect()).collect();
        for circle in cycles(&needs) {
            self.report_circle(&circle);
        }
    }

    fn report_circle(&mut self, circle: &[usize]) {
        let path = |at: usize| self.plan.tasks.get(at).map(|task| task.path.clone()).unwrap_or_default();
        let mut shown: Vec<String> = circle.iter().map(|at| named(&path(*at))).collect();
        if shown.len() > 12 {
            let left_out = shown.len() - 11;
            shown.splice(10..shown.len() - 1, [format!("… {left_out} more …")]);
        }
        shown.extend(circle.first().map(|at| named(&path(*at))));
        let message = format!("tasks wait for each other in a circle: {}", shown.join(" → "));
        let mut steps = Vec::new();
        for (position, from) in circle.iter().enumerate().take(12) {
            let to = circle.get(position + 1).or(circle.first()).copied().unwrap_or(*from);
            steps.push(self.step(*from, to));
        }
        let place = steps.iter().find(|(_, _, is_written)| *is_written).or(steps.first()).map(|(span, _, _)| *span);
        let mut problem = self.problems.error("plan::cycle", place.unwrap_or_default(), message);
        for (span, words, _) in steps {
            problem = problem.also(span, words);
        }
        problem.hint("remove one of these needs");
    }

    /// Why one node waits for another: the place, the words, and whether somebody wrote it as a need.
    fn step(&mut self, from: usize, to: usize) -> (Span, String, bool) {
        let name = |at: usize| self.plan.tasks.get(at).map(|task| named(&task.path)).unwrap_or_default();
        let (from_name, to_name) = (name(from), name(to));
        let place = self.places.get(from).copied().unwrap_or_default();
        let Some(task) = self.plan.tasks.get(from) else { return (place, String::new(), false) };
        if task.work == Work::Join {
            let part = self.places.get(to).copied().unwrap_or_default();
            return (part, format!("{from_name} ends when {to_name} ends"), false);
        }
        let target = TaskId(u32::try_from(to).unwrap_or(u32::MAX));
        let this = TaskId(u32::try_from(from).unwrap_or(u32::MAX));
        let mut group = task.group;
        if let Some(draft) = self.origins.get(from).copied().flatten()
            && let Some(span) = self.written_by_task(draft, target)
        {
            return (span, format!("{from_name} needs {to_name}"), true);
        }
        if self.plan.milestone(this).is_some() {
            return (place, format!("{from_name} is reached when {to_name} is over"), false);
        }
        while let Some(id) = group {
            let Some(draft) = self.groups.get(id.index()) else { break };
            let (prefix, root, own) = (draft.prefix.clone(), draft.root.clone(), draft.id.clone());
            let needs = draft.needs.clone();
            let speaker = Speaker { prefix: &prefix, root: &root, id: &own };
            if let Some(span) = self.written(&needs, &speaker, target) {
                return (span, format!("{from_name} stands in {}, which needs {to_name}", named(&own)), true);
            }
            group = self.plan.groups.get(id.index()).and_then(|group| group.parent);
        }
        (place, format!("{from_name} comes after {to_name} in a sequential group"), false)
    }

    fn written_by_task(&mut self, draft: usize, target: TaskId) -> Option<Span> {
        let Draft { prefix, root, id, needs, .. } = self.drafts.get(draft)?;
        let (prefix, root, id, needs) = (prefix.clone(), root.clone(), id.value.clone(), needs.clone());
        self.written(&needs, &Speaker { prefix: &prefix, root: &root, id: &id }, target)
    }

    fn written(&mut self, needs: &[Spanned<String>], speaker: &Speaker<'_>, target: TaskId) -> Option<Span> {
        // What these names mean was reported before; asking again must not report it twice.
        let kept = std::mem::take(&mut self.problems);
        let found = needs.iter().find(|name| self.resolve(name, speaker) == Some(target)).map(|name| name.span);
        self.problems = kept;
        found
    }
}
