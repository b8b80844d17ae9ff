//! What somebody who starts a run wants otherwise than the plan says: who is asked, and what it may use.

use bandleader_core::plan::Mode;
use bandleader_core::{Millis, Plan};

/// The wishes; what is none is as the plan says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Wishes {
    /// Who is asked what.
    pub mode: Option<Mode>,
    /// How long the run may take.
    pub time: Option<Millis>,
    /// What it may cost, in US dollars.
    pub cost_usd: Option<f64>,
    /// How many tokens it may use.
    pub tokens: Option<u64>,
}

impl Wishes {
    /// Has the plan say so.
    pub(crate) fn apply(&self, plan: &mut Plan) {
        if let Some(mode) = self.mode {
            plan.mode = mode;
            // Whoever wishes for one does not leave it to the level.
            plan.by_level.mode = false;
        }
        let limits = &mut plan.limits;
        limits.time = self.time.or(limits.time);
        limits.cost_usd = self.cost_usd.or(limits.cost_usd);
        limits.tokens = self.tokens.or(limits.tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_wins_over_the_plan_and_nothing_else_changes() {
        let mut plan = Plan::default();
        plan.limits.tokens = Some(5);
        plan.limits.time = Some(Millis::HOUR);
        let before = plan.clone();
        Wishes::default().apply(&mut plan);
        assert_eq!(plan, before);
        let wishes = Wishes { mode: Some(Mode::Autonomous), time: Some(Millis(1)), cost_usd: Some(2.5), tokens: None };
        wishes.apply(&mut plan);
        assert_eq!((plan.mode, plan.limits.time, plan.limits.cost_usd), (Mode::Autonomous, Some(Millis(1)), Some(2.5)));
        assert_eq!(plan.limits.tokens, Some(5));
    }
}
