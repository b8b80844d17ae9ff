//! How a process of the simulated world ended, as the engine would tell the core.

use super::world::World;
use crate::{AgentReport, Exit, Input, IntoBranch, JobId, Report, Run, Step};

impl World {
    pub(super) fn seen(&mut self, run: &Run, job: JobId, exit: Exit) -> Input {
        let attempt = job.attempt;
        match job.step {
            _ if exit == Exit::Unseen => Input::Lost { job },
            Step::Work => {
                let missing = if self.rng.once_in(20) { vec!["report.md".to_owned()] } else { Vec::new() };
                let mut agent = self.branch.work_left(attempt);
                if run.agent_of(attempt.task).is_some() {
                    let spending = self.spending(100);
                    agent = Some(AgentReport { spending, ..agent.unwrap_or_default() });
                }
                let agent = agent.map(Box::new);
                Input::WorkEnded { attempt, report: Report { exit, missing, agent, ..Report::default() } }
            }
            Step::Gate(gate) => Input::GateEnded { attempt, gate, exit, usage: crate::Usage::default(), number: None },
            Step::Undo => Input::UndoEnded { attempt, exit },
            Step::MergedGate(index) => {
                let usage = crate::Usage::default();
                Input::MergedGateEnded { attempt, index, exit, usage, number: None }
            }
            Step::Merge(round) => Input::Merged { attempt, round, came: self.branch.merge(attempt, round, &exit) },
            Step::Into(round) => {
                let came = match exit {
                    Exit::Code { code: 0 } => {
                        let (commit, onto) = ("m1".to_owned(), "m0".to_owned());
                        IntoBranch::Merged { commit, onto, message: "fast-forward".into() }
                    }
                    _ => IntoBranch::Refused { message: "it is dirty".into() },
                };
                Input::MergedInto { round, came }
            }
            Step::Land(round) => match self.branch.land(job, &exit) {
                Some(came) => Input::Landed { attempt, round, came },
                None => Input::Lost { job },
            },
        }
    }
}
