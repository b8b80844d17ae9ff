//! How long a plan takes at least, as far as its estimates go.

use bandleader_core::plan::Work;
use bandleader_core::{Millis, Plan, TaskId, estimate};

use crate::render::words::brief;

/// The longest path of a plan by its estimates.
pub(crate) struct Longest {
    /// Its tasks, first one first; real tasks only.
    pub critical: Vec<TaskId>,
    /// How long it is.
    pub length: Millis,
    /// Tasks of the plan that it gives no estimate.
    pub guessed: usize,
    /// What each of those counts as.
    guess: Millis,
}

impl Longest {
    /// Looks for it.
    pub(crate) fn of(plan: &Plan) -> Longest {
        let critical = estimate::critical_path(plan);
        let lengths = estimate::lengths(plan);
        let length = Millis(critical.iter().filter_map(|id| lengths.get(id.index())).map(|length| length.0).sum());
        let is_unknown = |id: &TaskId| {
            let task = plan.task(*id);
            task.estimate.is_none()
                && !matches!(task.work, Work::Join | Work::Milestone | Work::Left | Work::Decision { .. })
        };
        let guessed = plan.ids().filter(is_unknown).count();
        let guess = plan.ids().find(is_unknown).and_then(|id| lengths.get(id.index()).copied()).unwrap_or_default();
        // What the level leaves out takes no time, and is only in the way of reading the path.
        let critical = critical.into_iter().filter(|id| plan.task(*id).work != Work::Left).collect();
        Longest { critical, length, guessed, guess }
    }

    /// ` (2 tasks without an estimate count as 20 m each)`, or nothing.
    pub(crate) fn caveat(&self) -> String {
        match self.guessed {
            0 => String::new(),
            1 => format!(" (1 task without an estimate counts as {})", brief(self.guess)),
            tasks => format!(" ({tasks} tasks without an estimate count as {} each)", brief(self.guess)),
        }
    }
}
