//! The names under which tracing systems find things: one table.
//!
//! `GEN_AI_*` and `ERROR_TYPE` are OpenTelemetry's semantic conventions for generative AI (agent and workflow spans), which are in
//! development there and change; what is ours begins with `bandleader.`.

/// What is done: `OPERATION_WORKFLOW` or `OPERATION_AGENT`.
pub const GEN_AI_OPERATION: &str = "gen_ai.operation.name";
/// The value for a whole run.
pub const OPERATION_WORKFLOW: &str = "invoke_workflow";
/// The value for one attempt of an agent.
pub const OPERATION_AGENT: &str = "invoke_agent";
/// The mission.
pub const GEN_AI_WORKFLOW: &str = "gen_ai.workflow.name";
/// The agent's name in the plan.
pub const GEN_AI_AGENT: &str = "gen_ai.agent.name";
/// Whose model it is, see `provider`.
pub const GEN_AI_PROVIDER: &str = "gen_ai.provider.name";
/// The model.
pub const GEN_AI_MODEL: &str = "gen_ai.request.model";
/// Tokens that went in, cached ones included.
pub const GEN_AI_INPUT: &str = "gen_ai.usage.input_tokens";
/// Of those: read from a cache.
pub const GEN_AI_CACHED: &str = "gen_ai.usage.cache_read.input_tokens";
/// Tokens that came out.
pub const GEN_AI_OUTPUT: &str = "gen_ai.usage.output_tokens";
/// The class of a failure.
pub const ERROR_TYPE: &str = "error.type";

/// The run's id.
pub const RUN: &str = "bandleader.run.id";
/// The level of rigor, 1 to 5.
pub const LEVEL: &str = "bandleader.run.level";
/// How the run, a phase, a task or an attempt ended.
pub const STATE: &str = "bandleader.state";
/// The phase's path.
pub const PHASE: &str = "bandleader.phase";
/// The task's path.
pub const TASK: &str = "bandleader.task";
/// The attempt's number, from 1.
pub const ATTEMPT: &str = "bandleader.attempt";
/// The driver of the agent.
pub const DRIVER: &str = "bandleader.driver";
/// US dollars; absent when no price is known.
pub const COST: &str = "bandleader.cost_usd";
/// Seconds between being ready and being started.
pub const WAITED: &str = "bandleader.waited_s";
/// Seconds of processor time.
pub const PROCESSOR: &str = "bandleader.cpu_s";
/// Gates that passed.
pub const GATES_PASSED: &str = "bandleader.gates.passed";
/// Gates that did not.
pub const GATES_REFUSED: &str = "bandleader.gates.refused";

/// The conventions' name for whose model a driver uses; none where that is the agent's own affair.
pub fn provider(driver: &str) -> Option<&'static str> {
    match driver {
        "claude" => Some("anthropic"),
        "codex" => Some("openai"),
        "gemini" => Some("gcp.gemini"),
        _ => None,
    }
}
