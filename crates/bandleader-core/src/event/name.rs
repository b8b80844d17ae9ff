//! What each event is called in the log.

use super::Event;

impl Event {
    /// The variant's stored name (`attempt_started`).
    pub fn name(&self) -> &'static str {
        match self {
            Event::RunCreated { .. } => "run_created",
            Event::EngineBooted { .. } => "engine_booted",
            Event::RunPaused { .. } => "run_paused",
            Event::RunResumed { .. } => "run_resumed",
            Event::RunCancelled { .. } => "run_cancelled",
            Event::TimeBudgetReached { .. } => "time_budget_reached",
            Event::TimeLimitRaised { .. } => "time_limit_raised",
            Event::RunEnded { .. } => "run_ended",
            Event::RunReopened { .. } => "run_reopened",
            Event::TaskReady { .. } => "task_ready",
            Event::TaskSkipped { .. } => "task_skipped",
            Event::AttemptStarted { .. } => "attempt_started",
            Event::StopRequested { .. } => "stop_requested",
            Event::StallNoticed { .. } => "stall_noticed",
            Event::AttemptSucceeded { .. } => "attempt_succeeded",
            Event::AttemptFailed { .. } => "attempt_failed",
            Event::GateEnded { .. } => "gate_ended",
            Event::RetryScheduled { .. } => "retry_scheduled",
            Event::TaskCompleted { .. } => "task_completed",
            Event::TaskFailed { .. } => "task_failed",
            Event::TaskBlocked { .. } => "task_blocked",
            Event::TaskCancelled { .. } => "task_cancelled",
            Event::TaskReset { .. } => "task_reset",
            Event::TaskResolved { .. } => "task_resolved",
            Event::TaskAccepted { .. } => "task_accepted",
            Event::CompensationStarted { .. } => "compensation_started",
            Event::UndoStarted { .. } => "undo_started",
            Event::UndoEnded { .. } => "undo_ended",
            Event::AgentStarted { .. } => "agent_started",
            Event::SpendingNoticed { .. } => "spending_noticed",
            Event::AgentHeard { .. } => "agent_heard",
            Event::ProviderLimited { .. } => "provider_limited",
            Event::ProviderOpened { .. } => "provider_opened",
            Event::BudgetReached { .. } => "budget_reached",
            Event::BudgetRaised { .. } => "budget_raised",
            Event::MessageSent { .. } => "message_sent",
            Event::MessageDelivered { .. } => "message_delivered",
            Event::DecisionOpened { .. } => "decision_opened",
            Event::DecisionTaken { .. } => "decision_taken",
            Event::DecisionHeld { .. } => "decision_held",
            Event::DecisionReleased { .. } => "decision_released",
            Event::DecisionEscalated { .. } => "decision_escalated",
            Event::AnswerKept { .. } => "answer_kept",
            Event::DecisionCorrected { .. } => "decision_corrected",
            Event::TaskReopened { .. } => "task_reopened",
            Event::WorkMerged { .. } => "work_merged",
            Event::WorkLanded { .. } => "work_landed",
        }
    }
}
