//! What happened in histories, counted: without much of it they would prove little.

use crate::plan::FailureClass;
use crate::{Asker, BudgetScope, Decider, Event, SkipReason, Verdict};

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) crashes: u64,
    pub(super) losses: u64,
    pub(super) retries: u64,
    pub(super) undone: u64,
    pub(super) refused_gates: u64,
    pub(super) snapshots: u64,
    pub(super) landed: u64,
    pub(super) clashes: u64,
    pub(super) merged_again: u64,
    pub(super) merged_into: u64,
    pub(super) decided: u64,
    pub(super) silent: u64,
    pub(super) corrected: u64,
    pub(super) held: u64,
    pub(super) moved: u64,
    pub(super) left_out: u64,
    pub(super) brought_back: u64,
    pub(super) parallel: u64,
    pub(super) parked: u64,
    pub(super) lost_asked: u64,
    pub(super) budgets_asked: u64,
    pub(super) milestones: u64,
    /// Decided by a message from outside.
    pub(super) told: u64,
    pub(super) levelled: u64,
    /// Ended runs that a change took up again.
    pub(super) adjusted_again: u64,
    /// Holds that were refused because the clock had stood still for long enough.
    pub(super) worn_out: u64,
}

impl Tally {
    pub(super) fn plus(self, other: Tally) -> Tally {
        Tally {
            events: self.events + other.events,
            crashes: self.crashes + other.crashes,
            losses: self.losses + other.losses,
            retries: self.retries + other.retries,
            undone: self.undone + other.undone,
            refused_gates: self.refused_gates + other.refused_gates,
            snapshots: self.snapshots + other.snapshots,
            landed: self.landed + other.landed,
            clashes: self.clashes + other.clashes,
            merged_again: self.merged_again + other.merged_again,
            merged_into: self.merged_into + other.merged_into,
            decided: self.decided + other.decided,
            silent: self.silent + other.silent,
            corrected: self.corrected + other.corrected,
            held: self.held + other.held,
            moved: self.moved + other.moved,
            left_out: self.left_out + other.left_out,
            brought_back: self.brought_back + other.brought_back,
            parallel: self.parallel + other.parallel,
            parked: self.parked + other.parked,
            lost_asked: self.lost_asked + other.lost_asked,
            budgets_asked: self.budgets_asked + other.budgets_asked,
            milestones: self.milestones + other.milestones,
            told: self.told + other.told,
            levelled: self.levelled + other.levelled,
            adjusted_again: self.adjusted_again + other.adjusted_again,
            worn_out: self.worn_out + other.worn_out,
        }
    }

    /// Counts an event.
    pub(super) fn count(&mut self, event: &Event) {
        match event {
            Event::RetryScheduled { .. } => self.retries += 1,
            Event::AttemptFailed { class: FailureClass::Lost, .. } => self.losses += 1,
            Event::AttemptFailed { class: FailureClass::Conflict, .. } => self.clashes += 1,
            Event::WorkLanded { verdict: Verdict::Passed, .. } => self.landed += 1,
            Event::WorkLanded { .. } => self.merged_again += 1,
            Event::DecisionTaken { by: Decider::Person { .. }, .. } => self.decided += 1,
            Event::DecisionTaken { by: Decider::Timeout, .. } => self.silent += 1,
            Event::DecisionCorrected { .. } => self.corrected += 1,
            Event::DecisionHeld { .. } => self.held += 1,
            Event::DecisionOpened { asker: Asker::Engine { .. }, question, .. } if !question.people_only => {
                self.lost_asked += 1;
            }
            Event::TaskBlocked { why, .. } if why.starts_with("the budget") => self.parked += 1,
            Event::DecisionOpened { asker: Asker::Budget { scope, .. }, .. } if *scope != BudgetScope::Run => {
                self.budgets_asked += 1;
            }
            Event::TaskSkipped { reason: SkipReason::Asked { .. }, .. } => self.left_out += 1,
            Event::TaskBroughtBack { .. } => self.brought_back += 1,
            Event::ParallelChanged { .. } => self.parallel += 1,
            Event::TaskMoved { .. } => self.moved += 1,
            Event::DecisionTaken { by: Decider::Hook { .. }, .. } => self.told += 1,
            Event::LevelChanged { .. } => self.levelled += 1,
            Event::MilestoneReached { .. } => self.milestones += 1,
            Event::UndoEnded { .. } => self.undone += 1,
            Event::RunMerged { .. } => self.merged_into += 1,
            Event::GateEnded { verdict: Verdict::Refused, .. } => self.refused_gates += 1,
            _ => (),
        }
    }
}
