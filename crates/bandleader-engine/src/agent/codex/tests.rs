//! An assignment for the tests of this driver's parts.

use std::path::PathBuf;

use bandleader_core::{AttemptId, JobId, RunId, Step, TaskId};

use super::super::assignment::{AgentAssignment, Allowance, DriverName, Endpoint, Permissions, Place, ToolRules};

pub(super) fn assignment() -> AgentAssignment {
    AgentAssignment {
        run: RunId::parse("k3v9").unwrap(),
        job: JobId { attempt: AttemptId { task: TaskId(0), number: 1 }, step: Step::Work },
        task: "build.api".into(),
        run_folder: PathBuf::new(),
        driver: DriverName::Codex,
        command: Vec::new(),
        agent: "a".into(),
        role: None,
        instruction: String::new(),
        model: None,
        effort: None,
        tools: ToolRules::default(),
        permissions: Permissions::default(),
        max_turns: None,
        schema: None,
        session: None,
        allowance: Allowance::default(),
        endpoint: Endpoint::default(),
        place: Place::Shared { directory: PathBuf::new() },
        stall: None,
        secrets: Vec::new(),
        given: Vec::new(),
    }
}
