//! One turn: inputs in, events committed, world and watchers told.
//!
//! The order is the law: decide on staged state, commit everything in one transaction, and only then act and publish. If
//! the commit fails, the staged state is ahead of the log and the engine stops: the next one replays what is true.

use std::sync::Arc;

use bandleader_core::{Event, Input, Recorded, Timestamp, decide};

use super::desk::Letter;
use super::glance::Glance;
use super::{Engine, EngineError};
use crate::store::{Batch, Summary};

impl Engine {
    pub(super) fn turn(&mut self, inputs: Vec<Input>) -> Result<(), EngineError> {
        let now = self.clock.now();
        let after = self.run.last_seq();
        let mut batch = Vec::new();
        let (boot, inputs): (Vec<Input>, Vec<Input>) =
            inputs.into_iter().partition(|input| matches!(input, Input::Boot { .. }));
        for input in boot {
            self.stage(input, now, &mut batch)?;
        }
        // Before any end: what an attempt said while it lived is in there, and means nothing once it is over.
        let taken = self.take_inbox(now, &mut batch)?;
        for input in inputs {
            self.stage(input, now, &mut batch)?;
        }
        while self.stage(Input::Tick, now, &mut batch)? {}
        debug_assert!(self.run.wake_at().is_none_or(|at| at > now), "the engine would spin");
        if !batch.is_empty() || !taken.is_empty() {
            let body = serde_json::to_string(&Glance::of(&self.run)).unwrap_or_default();
            let summary = Summary { state: self.run.state().name(), body: &body };
            let commit = Batch { run: &self.id, after, events: &batch, taken: &taken, summary: Some(summary) };
            self.mark = Some(self.store.commit(&commit)?);
        }
        let batch: Arc<[Recorded]> = batch.into();
        if !batch.is_empty() {
            (self.options.on_commit)(&self.run, &batch);
        }
        self.world.follow(&self.run)?;
        if let (Some(projector), Some(mark)) = (&self.projector, self.mark)
            && !batch.is_empty()
        {
            projector.feed(&batch, mark);
        }
        Ok(())
    }

    /// Decides one input on the staged state. True if anything followed.
    fn stage(&mut self, input: Input, now: Timestamp, batch: &mut Vec<Recorded>) -> Result<bool, EngineError> {
        // A rejected input is late, repeated or means nothing any more: nothing follows, by design.
        let events: Vec<Event> = decide(&self.run, input, now).unwrap_or_default();
        let any = !events.is_empty();
        for event in events {
            let recorded = event.record(self.run.last_seq(), now);
            self.run.apply(&recorded)?;
            batch.push(recorded);
        }
        Ok(any)
    }

    /// Decides what people put into the inbox; each row is marked as taken in the same transaction as its events.
    fn take_inbox(&mut self, now: Timestamp, batch: &mut Vec<Recorded>) -> Result<Vec<i64>, EngineError> {
        let mut taken = Vec::new();
        for waiting in self.store.waiting(&self.id)? {
            // What another version put there and we cannot read is set aside, not stumbled over for ever.
            if let Ok(letter) = serde_json::from_str::<Letter>(&waiting.body) {
                self.stage(letter.input(), now, batch)?;
            }
            taken.push(waiting.id);
        }
        Ok(taken)
    }
}
