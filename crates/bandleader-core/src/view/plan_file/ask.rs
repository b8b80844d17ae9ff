//! What the parts of the page ask about tasks.

use super::Page;
use crate::plan::Work;
use crate::run::TaskState;
use crate::view::markdown::{code, first_line, text};
use crate::view::{Outcome, Phase, left, left_out};
use crate::{Millis, SkipReason, TaskId};

/// Enough of an instruction to know the task by.
const TITLE: usize = 100;

impl Page<'_> {
    pub(super) fn tasks(&self, phase: Option<&Phase>) -> Vec<TaskId> {
        let plan = self.run.plan();
        let number = phase.map(|phase| phase.number);
        let here = |id: &TaskId| self.history.phase(*id).map(|phase| phase.number) == number;
        plan.ids().filter(|id| plan.task(*id).is_real()).filter(here).collect()
    }

    pub(super) fn open_tasks(&self, phase: &Phase) -> Vec<TaskId> {
        let mut tasks = self.tasks(Some(phase));
        tasks.retain(|id| !self.run.task(*id).state.is_over());
        tasks
    }

    /// Expected length of the longest path that stays within `tasks`, which are in plan order. Needs come before what needs them
    /// in nearly every plan; where they do not, the path is cut there.
    pub(super) fn longest_path(&self, tasks: &[TaskId], length_of: impl Fn(TaskId) -> Millis) -> Millis {
        let plan = self.run.plan();
        let mut ends: Vec<u64> = vec![0; plan.tasks.len()];
        let mut longest = 0;
        let (Some(first), Some(last)) = (tasks.first(), tasks.last()) else { return Millis(0) };
        let mut wanted = tasks.iter().peekable();
        // Group ends between the tasks carry the path on.
        for id in (first.0..=last.0).map(TaskId) {
            let member = wanted.next_if_eq(&&id).is_some();
            if !member && plan.task(id).is_real() {
                continue;
            }
            let own = if member { length_of(id).0 } else { 0 };
            let before = plan.task(id).needs.iter().filter_map(|need| ends.get(need.index())).max();
            let end = before.copied().unwrap_or(0) + own;
            longest = longest.max(end);
            if let Some(slot) = ends.get_mut(id.index()) {
                *slot = end;
            }
        }
        Millis(longest)
    }

    /// Its expected length.
    pub(super) fn expected(&self, id: TaskId) -> Millis {
        self.lengths.get(id.index()).copied().unwrap_or_default()
    }

    /// The same, and what is left of that once it runs.
    pub(super) fn left(&self, id: TaskId) -> Millis {
        left(self.run, id, self.expected(id), self.now)
    }

    pub(super) fn is_completed(&self, id: TaskId) -> bool {
        matches!(self.run.task(id).state, TaskState::Completed { .. })
    }

    pub(super) fn agent(&self, id: TaskId) -> &str {
        self.run.task(id).past().agent.as_deref().unwrap_or(self.run.plan().task(id).agent_name())
    }

    pub(super) fn title(&self, id: TaskId) -> String {
        if let Some(title) = &self.run.plan().task(id).title {
            return text(&first_line(title, TITLE));
        }
        match &self.run.plan().task(id).work {
            Work::Agent { instruction, .. } => text(&first_line(instruction, TITLE)),
            Work::Script { script } => code(&first_line(script, TITLE)),
            Work::Program { argv } => code(&first_line(&argv.join(" "), TITLE)),
            Work::Decision { question, .. } => text(&first_line(&question.text, TITLE)),
            Work::Join | Work::Milestone | Work::Left => "not part of this level".to_owned(),
        }
    }

    pub(super) fn need(&self, id: TaskId) -> String {
        let task = self.run.plan().task(id);
        match task.ends_group() {
            Some(group) => format!("all of {}", code(&self.run.plan().group(group).path)),
            None => code(&task.path),
        }
    }

    pub(super) fn task_status(&self, id: TaskId) -> String {
        let task_run = self.run.task(id);
        let failure = || match self.history.latest(id).map(|latest| &latest.outcome) {
            Some(Outcome::Failed { message, .. }) => format!(" ({})", text(&first_line(message, TITLE))),
            _ => String::new(),
        };
        match &task_run.state {
            TaskState::Pending => "WAITING".into(),
            TaskState::Ready { .. } => "PENDING".into(),
            TaskState::BackingOff { .. } => format!("RETRYING{}", failure()),
            TaskState::Running { .. } => "IN_PROGRESS".into(),
            TaskState::Failed { .. } | TaskState::Failing => format!("FAILED{}", failure()),
            TaskState::Skipped { reason, .. } => format!("SKIPPED ({})", self.skip_reason(reason)),
            state => state.name().to_uppercase(),
        }
    }

    pub(super) fn skip_reason(&self, reason: &SkipReason) -> String {
        match reason {
            SkipReason::Condition => "its condition was false".into(),
            SkipReason::Level => "not part of this level".into(),
            SkipReason::Asked(left) => text(&left_out(left)),
            SkipReason::Upstream { need } => format!("{} did not succeed", self.need(*need)),
            SkipReason::Budget { scope } => text(&format!("the budget of {} is used up", scope.words(self.run.plan()))),
            SkipReason::BadCondition { message } => text(message),
        }
    }
}
