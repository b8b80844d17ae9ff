//! What an attempt has used so far, from figures that are sums and figures that are not.

use bandleader_core::Spending;

use super::assignment::Allowance;
use super::event::Tally;

/// The figures of one attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ledger {
    spent: Spending,
    /// Used before the driver was started once more: its sums know nothing of that.
    earlier: Spending,
}

impl Ledger {
    /// Takes a figure in; true if anything is different now.
    pub(super) fn take(&mut self, spending: Spending, tally: Tally) -> bool {
        let before = self.spent;
        self.spent = match tally {
            Tally::More => before.plus(spending),
            // A cost that was known is not forgotten because a later figure has none.
            Tally::Total => {
                let total = self.earlier.plus(spending);
                Spending { cost: total.cost.or(before.cost), ..total }
            }
        };
        self.spent != before
    }

    /// The driver is started once more within the attempt: what it calls a sum is one from here on.
    pub(super) fn begin_again(&mut self) {
        self.earlier = self.spent;
    }

    /// Everything so far.
    pub(super) fn spent(&self) -> Spending {
        self.spent
    }

    /// What is used up, in words, if anything is.
    pub(super) fn used_up(&self, allowance: Allowance) -> Option<String> {
        let tokens = allowance.tokens.filter(|most| self.spent.tokens() >= *most);
        if let Some(most) = tokens {
            return Some(format!("it used {} tokens; it had {most} left", self.spent.tokens()));
        }
        let (cost, most) = (self.spent.cost?, allowance.cost?);
        (cost >= most).then(|| format!("it spent {}; it had {} left", dollars(cost), dollars(most)))
    }
}

/// Millionths of a dollar as people read them.
pub(super) fn dollars(millionths: u64) -> String {
    let cents = millionths.div_ceil(100);
    format!("${}.{:04}", cents / 10_000, cents % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(input: u64, cost: Option<u64>) -> Spending {
        Spending { input, output: 1, cost, turns: 1, ..Spending::default() }
    }

    #[test]
    fn sums_and_increments_come_to_the_same() {
        let (mut one, mut other) = (Ledger::default(), Ledger::default());
        one.take(spent(10, Some(5)), Tally::More);
        one.take(spent(20, Some(6)), Tally::More);
        other.take(spent(10, Some(5)), Tally::Total);
        other.take(Spending { output: 2, turns: 2, ..spent(30, Some(11)) }, Tally::Total);
        assert_eq!(one.spent(), other.spent());
        assert!(!other.take(other.spent(), Tally::Total));
    }

    #[test]
    fn sums_begin_anew_with_the_driver() {
        let mut ledger = Ledger::default();
        ledger.take(spent(10, Some(5)), Tally::Total);
        ledger.begin_again();
        ledger.take(spent(7, Some(2)), Tally::Total);
        ledger.take(spent(8, Some(3)), Tally::Total);
        assert_eq!(ledger.spent(), Spending { output: 2, turns: 2, ..spent(18, Some(8)) });
    }

    #[test]
    fn what_is_used_up_is_said_in_its_own_unit() {
        let mut ledger = Ledger::default();
        ledger.take(spent(99, None), Tally::More);
        let tokens = Allowance { tokens: Some(100), cost: None };
        assert_eq!(ledger.used_up(tokens).as_deref(), Some("it used 100 tokens; it had 100 left"));
        assert_eq!(ledger.used_up(Allowance { tokens: Some(101), cost: Some(0) }), None, "no price, no money");
        ledger.take(spent(1, Some(12_345)), Tally::More);
        let money = Allowance { tokens: None, cost: Some(10_000) };
        assert_eq!(ledger.used_up(money).as_deref(), Some("it spent $0.0124; it had $0.0100 left"));
    }
}
