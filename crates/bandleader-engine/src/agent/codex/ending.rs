//! What came of an attempt by way of the app-server, once its turns are over or it is gone.

use bandleader_core::plan::FailureClass;
use serde_json::Value;

use super::super::child::failed_exit;
use super::super::driver::Outcome;
use super::super::event::AgentEvent;
use super::Stop;
use super::conversation::End;
use super::failure::{by_words, failure, from_log};
use super::link::{Broken, Link};
use super::server::{ORDERLY, Work};
use crate::process::wall_clock;

impl Work<'_, '_> {
    /// Ends the program and says what came of it all.
    pub(super) async fn conclude(self, ended: Result<End, Broken>) -> Outcome {
        let Work { stage, link, stop, .. } = self;
        let Link { mut child, talk, .. } = link;
        let status = child.end_within(ORDERLY).await;
        let complaints = child.complaints().await;
        let told = if ended == Ok(End::Completed) { 0 } else { usize::MAX };
        for line in super::worth_reading(&complaints).take(told) {
            stage.events.tell(AgentEvent::Noise { line });
        }
        let mut outcome = match (ended, stop) {
            (Ok(End::Completed), _) => super::outcome(stage, End::Completed, talk),
            (_, Some(Stop::MaxTurns(calls))) => super::out_of_turns(calls),
            (_, Some(Stop::Asked)) | (Err(Broken::Stopped | Broken::Late), None) => super::cancelled(),
            (Ok(end), None) => super::outcome(stage, end, talk),
            (Err(Broken::Refused(words)), None) => refused(&words),
            (Err(Broken::Gone), None) => match super::worth_reading(&complaints).last() {
                Some(last) if by_words(&last).is_some() => {
                    Outcome { answer: Err(failure(&Value::Null, &last, None, wall_clock())) }
                }
                _ if status.is_some_and(|status| status.success()) => {
                    Outcome::failed(FailureClass::Exit, "it ended without saying how its turn went")
                }
                _ => failed_exit(status),
            },
        };
        if let Err(failed) = &mut outcome.answer {
            let limited = failed.class == FailureClass::RateLimit;
            let busy = failed.class == FailureClass::Overloaded;
            if failed.until.is_none() && (limited || busy) {
                failed.until = from_log(&complaints, wall_clock());
            }
            if limited {
                stage.events.tell(AgentEvent::Limited { until: failed.until, message: failed.message.clone() });
            }
        }
        outcome
    }
}

/// A thread or a turn that was not begun.
fn refused(words: &str) -> Outcome {
    let mut failed = failure(&Value::Null, words, None, wall_clock());
    if failed.class == FailureClass::Exit {
        failed.class = FailureClass::Invalid;
    }
    Outcome { answer: Err(failed) }
}
