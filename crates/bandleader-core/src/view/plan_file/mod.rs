//! `orchestration-plan.md`: the plan with its progress, for people who open a file, and for agents that read one.
//!
//! A pure function of the run, its history and a moment; for a run that is over the moment is its last event's, so that the file
//! can be made again, byte for byte, from the log.

mod ask;
mod talk;

use std::fmt::Write as _;

use super::markdown::{code, text};
use super::milestones::{MilestoneState, milestones};
use super::when::{date_and_time, length, time_on};
use super::{History, Note, Remaining, remaining};
use crate::plan::Deliverable;
use crate::run::{Run, RunState, TaskState};
use crate::{Millis, TaskId, Timestamp, estimate};

/// Of each list under "Current Activity" and "Blockers"; the file stays readable in a run of ten thousand tasks.
const LISTED: usize = 20;

/// The whole file.
pub fn plan_file(run: &Run, history: &History, now: Timestamp) -> String {
    let page = Page { run, history, now, lengths: estimate::lengths(run.plan()) };
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = page.head(&mut out).and_then(|()| page.phases(&mut out)).and_then(|()| page.rest(&mut out));
    out
}

struct Page<'a> {
    run: &'a Run,
    history: &'a History,
    now: Timestamp,
    lengths: Vec<Millis>,
}

type Written = std::fmt::Result;

impl Page<'_> {
    fn head(&self, out: &mut String) -> Written {
        let plan = self.run.plan();
        writeln!(out, "# Orchestration Plan: {}", text(&plan.mission))?;
        writeln!(out, "Generated: {}  ", date_and_time(self.run.created()))?;
        writeln!(out, "Updated: {}  ", date_and_time(self.now))?;
        writeln!(out, "Status: {}  ", status(self.run.state()))?;
        let level = self.run.level_row();
        writeln!(out, "Level: {} ({})\n", level.number, text(&level.name))?;
        writeln!(out, "## Execution Plan\n")
    }

    fn phases(&self, out: &mut String) -> Written {
        for phase in self.history.phases() {
            let tasks = self.tasks(Some(phase));
            let title = &self.run.plan().group(phase.group).title;
            self.section(out, &format!("Phase {}: {}", phase.number, text(title)), &tasks)?;
        }
        let loose = self.tasks(None);
        if !loose.is_empty() {
            self.section(out, "Tasks", &loose)?;
        }
        Ok(())
    }

    /// Where the way leads; nothing where the plan names no point of it.
    fn milestones(&self, out: &mut String) -> Written {
        let all = milestones(self.run, self.now);
        if all.is_empty() {
            return Ok(());
        }
        writeln!(out, "## Milestones")?;
        for one in all {
            let tick = if one.state == MilestoneState::Reached { 'x' } else { ' ' };
            let when = match (one.reached, one.left) {
                (Some(at), _) => format!(", reached {}", time_on(self.run.created(), at)),
                (None, Some(left)) => format!(", in {} at least", length(left)),
                (None, None) => String::new(),
            };
            let asks = one.decision.map(|number| format!(", question {number}")).unwrap_or_default();
            let state = one.state.name().to_uppercase();
            writeln!(out, "- [{tick}] **{}** ({}): {state}{when}{asks}", text(&one.title), code(&one.id))?;
        }
        writeln!(out)
    }

    fn section(&self, out: &mut String, title: &str, tasks: &[TaskId]) -> Written {
        let done = tasks.iter().filter(|id| self.is_completed(**id)).count();
        let estimate = length(self.longest_path(tasks, |id| self.expected(id)));
        writeln!(out, "### {title} ({done}/{} completed) · Est: {estimate}", tasks.len())?;
        for id in tasks {
            self.task(out, *id)?;
        }
        writeln!(out)
    }

    fn task(&self, out: &mut String, id: TaskId) -> Written {
        let (task, task_run) = (self.run.plan().task(id), self.run.task(id));
        let tick = if self.is_completed(id) { 'x' } else { ' ' };
        writeln!(out, "- [{tick}] **{}**: {} ({})", text(self.agent(id)), self.title(id), code(&task.path))?;
        writeln!(out, "  - Status: {}", self.task_status(id))?;
        if let Some(started) = task_run.past().started {
            writeln!(out, "  - Started: {}", time_on(self.run.created(), started))?;
        }
        if let Some(at) = task_run.state.over_at().filter(|_| task_run.past().started.is_some()) {
            writeln!(out, "  - Ended: {} ({})", time_on(self.run.created(), at), length(task_run.past().spent))?;
        }
        let needs: Vec<String> = task.needs.iter().map(|need| self.need(*need)).collect();
        let needs = if needs.is_empty() { "None".to_owned() } else { needs.join(", ") };
        writeln!(out, "  - Dependencies: {needs}")?;
        match task.estimate {
            Some(estimate) => writeln!(out, "  - Estimated: {}", length(estimate))?,
            None => writeln!(out, "  - Estimated: unknown")?,
        }
        if task_run.attempts > 1 {
            writeln!(out, "  - Attempts: {}", task_run.attempts)?;
        }
        if !task.deliverables.is_empty() {
            // What was found goes by its name with everything filled in.
            let mut found =
                task_run.past().report.iter().flat_map(|report| &report.delivered).map(|found| found.path.as_str());
            let list: Vec<String> = task.deliverables.iter().map(|one| deliverable(one, &mut found)).collect();
            writeln!(out, "  - Deliverables: {}", list.join(", "))?;
        }
        Ok(())
    }

    fn rest(&self, out: &mut String) -> Written {
        self.milestones(out)?;
        self.metrics(out)?;
        self.costs(out)?;
        list(out, "Key Decisions Made", self.decisions())?;
        self.insights(out)?;
        self.questions(out)?;
        list(out, "Blockers & Issues", [self.blockers(), self.issues()].concat())?;
        list(out, "Current Activity", self.activity())?;
        writeln!(out, "## Next Checkpoint\n{}", self.next_checkpoint())
    }

    fn metrics(&self, out: &mut String) -> Written {
        let counts = self.run.counts();
        let planned = self.run.plan().ids().filter(|id| self.run.plan().task(*id).needs.is_empty());
        let planned = planned.map(|id| self.run.tail(id)).max().unwrap_or_default();
        writeln!(out, "## Progress Metrics")?;
        let percent = u64::from(counts.over()) * 100 / u64::from(counts.total.max(1));
        let rows = [
            ("Total Agents", counts.total),
            ("Completed", counts.completed),
            ("In Progress", counts.running + counts.reviewing),
            ("Ready", counts.ready),
            ("Waiting", counts.pending),
            ("Blocked", counts.blocked),
            ("Failed", counts.failed),
            ("Skipped", counts.skipped),
            ("Cancelled", counts.cancelled + counts.compensated),
        ];
        for (name, count) in rows {
            writeln!(out, "- {name}: {count}")?;
        }
        writeln!(out, "- Overall Progress: {percent}%")?;
        writeln!(out, "- Total Estimated Time: {}", length(planned))?;
        writeln!(out, "- Elapsed Time: {}", length(self.now.since(self.run.created())))?;
        if !self.run.is_over() {
            writeln!(out, "- Estimated Remaining: {}", self.still())?;
        }
        writeln!(out)
    }

    fn decisions(&self) -> Vec<String> {
        let line = |note: &Note| format!("{} {}", time_on(self.run.created(), note.at), text(&note.text));
        self.history.notes().iter().map(line).collect()
    }

    fn issues(&self) -> Vec<String> {
        let plan = self.run.plan();
        let real = plan.ids().filter(|id| plan.task(*id).is_real());
        let issue = |id: TaskId| {
            let (path, task_run) = (code(&plan.task(id).path), self.run.task(id));
            let failure = task_run.past().failure.as_ref().map(|failure| text(&failure.1)).unwrap_or_default();
            match &task_run.state {
                TaskState::Blocked { why, .. } => Some(format!("{path} waits for a person: {}", text(why))),
                TaskState::Failed { .. } => Some(format!("{path} failed: {failure}")),
                TaskState::BackingOff { until } => {
                    let until = time_on(self.run.created(), *until);
                    Some(format!("{path} is tried again at {until}: {failure}"))
                }
                TaskState::Running { .. } => {
                    task_run.past().silent.map(|silent| format!("{path} has been silent for {}", length(silent)))
                }
                _ => None,
            }
        };
        capped(real.filter_map(issue).collect())
    }

    fn activity(&self) -> Vec<String> {
        let plan = self.run.plan();
        let live = plan.ids().filter_map(|id| {
            let what = match &self.run.task(id).state {
                TaskState::Running { attempt, since } => self.line(id, "running", *attempt, *since),
                TaskState::Reviewing { attempt, since, .. } => self.line(id, "under review", *attempt, *since),
                _ => return None,
            };
            Some(what)
        });
        capped(live.collect())
    }

    fn line(&self, id: TaskId, what: &str, attempt: u32, since: Timestamp) -> String {
        let task = self.run.plan().task(id);
        let of = task.estimate.map(|estimate| format!(" of about {}", length(estimate))).unwrap_or_default();
        let attempt = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
        let took = length(self.now.since(since));
        let used = self.used_now(id);
        format!("**{}** ({}): {what} for {took}{of}{attempt}{used}", text(self.agent(id)), code(&task.path))
    }

    /// How long it still takes: `40m`, or `40m to 1h 5m`.
    fn still(&self) -> String {
        let Remaining { least, most } = remaining(self.run, self.now);
        let (least, most) = (length(least), length(most));
        if least == most { least } else { format!("{least} to {most}") }
    }

    fn next_checkpoint(&self) -> String {
        if let Some((at, _)) = self.history.ended() {
            return format!("None: the run ended at {}", date_and_time(at));
        }
        let open = self.history.phases().iter().find(|phase| phase.ended.is_none());
        match open {
            Some(phase) => {
                let path = self.longest_path(&self.open_tasks(phase), |id| self.left(id));
                format!("After Phase {} completion (about {})", phase.number, length(path))
            }
            None => format!("Completion of the run (about {})", self.still()),
        }
    }
}

fn status(state: RunState) -> String {
    match state {
        RunState::Running => "IN_PROGRESS".into(),
        state => state.name().to_uppercase(),
    }
}

fn deliverable<'a>(deliverable: &'a Deliverable, found: &mut impl Iterator<Item = &'a str>) -> String {
    match deliverable {
        Deliverable::Path(path) => code(found.next().unwrap_or(path)),
        Deliverable::Described(words) => text(words),
    }
}

fn capped(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(LISTED);
    lines.truncate(LISTED);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

fn list(out: &mut String, title: &str, lines: Vec<String>) -> Written {
    writeln!(out, "## {title}")?;
    if lines.is_empty() {
        writeln!(out, "- None")?;
    }
    for line in lines {
        writeln!(out, "- {line}")?;
    }
    writeln!(out)
}
