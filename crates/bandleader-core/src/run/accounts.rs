//! The accounts with providers of models: which of them take no more for a while.
//!
//! An account is a resource of the plan (`account:anthropic`), without a limit of its own: tasks that need a closed one do not fit,
//! as if its units were all taken, and everything else goes on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apply::Misfit;
use super::{Run, Timer};
use crate::plan::Work;
use crate::{TaskId, Timestamp};

/// What resources that stand for accounts are called.
const PREFIX: &str = "account:";

/// Accounts by their place in `Plan::resources`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Accounts {
    /// Closed until then.
    closed: BTreeMap<u32, Timestamp>,
    /// Limits met in a row, without an attempt that ended well in between.
    streaks: BTreeMap<u32, u32>,
}

impl Run {
    /// Accounts that take no more now, and until when.
    pub fn closed_accounts(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        let name = |resource: u32| self.plan.resources.get(resource as usize)?.name.strip_prefix(PREFIX);
        self.accounts.closed.iter().filter_map(move |(resource, until)| Some((name(*resource)?, *until)))
    }

    /// Resources that nobody can have now.
    pub(crate) fn closed_resources(&self) -> impl Iterator<Item = u32> {
        self.accounts.closed.keys().copied()
    }

    /// The account that a task's agent needs; none for plain commands.
    pub fn account(&self, task: TaskId) -> Option<&str> {
        let resource = self.account_of(task)?;
        self.plan.resources.get(resource as usize)?.name.strip_prefix(PREFIX)
    }

    /// How often in a row it met its limit.
    pub(crate) fn limits_in_a_row(&self, task: TaskId) -> u32 {
        self.account_of(task).and_then(|account| self.accounts.streaks.get(&account)).copied().unwrap_or_default()
    }

    fn account_of(&self, task: TaskId) -> Option<u32> {
        let task = self.plan.task(task);
        let is_account = |resource: u32| {
            self.plan.resources.get(resource as usize).is_some_and(|resource| resource.name.starts_with(PREFIX))
        };
        let agent = matches!(task.work, Work::Agent { .. });
        task.uses.iter().map(|held| held.resource).find(|resource| agent && is_account(*resource))
    }

    fn named_account(&self, provider: &str) -> Result<u32, Misfit> {
        let named = |name: &str| name.strip_prefix(PREFIX) == Some(provider);
        let place = self.plan.resources.iter().position(|resource| named(&resource.name));
        let place = place.and_then(|place| u32::try_from(place).ok());
        place.ok_or_else(|| format!("the plan has no account `{provider}`"))
    }

    pub(super) fn close_account(&mut self, provider: &str, until: Timestamp) -> Result<(), Misfit> {
        let account = self.named_account(provider)?;
        let before = self.accounts.closed.get(&account).copied();
        // The later word counts, and the longer one: two agents may hear of the same limit.
        let until = before.map_or(until, |before| before.max(until));
        if let Some(before) = before {
            self.timers.remove(&(before, Timer::Account(account)));
        } else {
            *self.accounts.streaks.entry(account).or_default() += 1;
        }
        self.accounts.closed.insert(account, until);
        self.timers.insert((until, Timer::Account(account)));
        Ok(())
    }

    pub(super) fn open_account(&mut self, provider: &str) -> Result<(), Misfit> {
        let account = self.named_account(provider)?;
        let until = self.accounts.closed.remove(&account).ok_or("it was not closed")?;
        self.timers.remove(&(until, Timer::Account(account)));
        Ok(())
    }

    /// An attempt of this task ended well: its provider is in a good mood again.
    pub(super) fn account_is_well(&mut self, task: TaskId) {
        if self.accounts.streaks.is_empty() {
            return;
        }
        if let Some(account) = self.account_of(task) {
            self.accounts.streaks.remove(&account);
        }
    }

    /// The name of an account by its resource.
    pub(crate) fn account_name(&self, resource: u32) -> &str {
        let name = self.plan.resources.get(resource as usize).map(|resource| resource.name.as_str());
        name.and_then(|name| name.strip_prefix(PREFIX)).unwrap_or_default()
    }
}
