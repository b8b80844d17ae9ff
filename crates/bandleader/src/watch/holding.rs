//! The clock of a question stands still while a person has it open in full: held again and again, and let go of when it is closed.

use std::time::Instant;

use bandleader_core::Command;

use crate::cli::{LEASE, RENEWAL};

/// The question whose clock is held, and since when.
#[derive(Debug, Default)]
pub(super) struct Holding(Option<(u32, Instant)>);

impl Holding {
    /// What is asked of the run now that this question is open in full, or none is.
    pub(super) fn due(&mut self, open: Option<u32>, now: Instant) -> Vec<Command> {
        let mut commands = Vec::new();
        if let Some((held, _)) = self.0.filter(|(held, _)| open != Some(*held)) {
            commands.push(Command::Release { decision: held });
            self.0 = None;
        }
        if let Some(decision) = open
            && self.0.is_none_or(|(_, since)| now.duration_since(since) >= RENEWAL)
        {
            commands.push(Command::Hold { decision, lease: LEASE });
            self.0 = Some((decision, now));
        }
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_held_while_its_question_is_open_and_no_longer() {
        let (mut holding, begun) = (Holding::default(), Instant::now());
        let hold = |decision| Command::Hold { decision, lease: LEASE };
        let release = |decision| Command::Release { decision };
        assert_eq!(holding.due(None, begun), []);
        assert_eq!(holding.due(Some(1), begun), [hold(1)]);
        assert_eq!(holding.due(Some(1), begun), []);
        assert_eq!(holding.due(Some(1), begun + RENEWAL), [hold(1)]);
        assert_eq!(holding.due(Some(2), begun + RENEWAL), [release(1), hold(2)]);
        assert_eq!(holding.due(None, begun + RENEWAL), [release(2)]);
        assert_eq!(holding.due(None, begun + RENEWAL), []);
    }
}
