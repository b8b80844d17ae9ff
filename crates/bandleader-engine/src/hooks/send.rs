//! One message over HTTP: to the address that was looked at and no other, signed, without following anybody anywhere.

use std::time::{Duration, Instant};

use bandleader_core::{Millis, Timestamp};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use serde::Serialize;

use super::Hook;
use super::address;
use super::book::{Attempt, Outcome};
use crate::process::wall_clock;

/// A receiver should take a message and do its work afterwards; the specification advises 15 to 30 seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Nobody sets us aside for longer.
const LONGEST_WAIT: u64 = 24 * 3_600;

/// What became of a message.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The try as it is written down.
    pub attempt: Attempt,
    #[serde(skip)]
    pub(super) outcome: Outcome,
}

/// Sends it.
pub(super) async fn send(hook: &Hook, id: &str, body: &str) -> Answer {
    let (at, begun) = (wall_clock(), Instant::now());
    let told = tell(hook, id, at, body).await;
    let took = Millis(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    let (status, error, outcome) = match told {
        Ok((status, _)) if (200..300).contains(&status) => (Some(status), None, Outcome::Taken),
        // Gone for good, by its own word.
        Ok((410, _)) => (Some(410), Some("it wants no more of this (410)".to_owned()), Outcome::NoMore),
        Ok((status, again)) => (Some(status), Some(format!("it answered {status}")), Outcome::Refused { again }),
        Err(why) => (None, Some(why), Outcome::Refused { again: None }),
    };
    Answer { attempt: Attempt { at, took, status, error }, outcome }
}

async fn tell(hook: &Hook, id: &str, at: Timestamp, body: &str) -> Result<(u16, Option<Timestamp>), String> {
    let secret = hook.secret.clone()?;
    let (url, allow) = (hook.webhook.url.clone(), hook.webhook.allow.clone());
    // Names are looked up in a thread: that may take its time.
    let looked = tokio::task::spawn_blocking(move || address::look(&url, &allow)).await;
    let place = looked.map_err(|_| "the name could not be looked up".to_owned())??;
    // The second call finds the first one's choice, which is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // No proxy: it would connect to whatever the name means to it.
    let mut builder = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE);
    if let Some(name) = &place.name {
        builder = builder.resolve_to_addrs(name, &place.addresses);
    }
    let client = builder.build().map_err(|error| format!("no HTTP client: {error}"))?;
    let seconds = at.0 / 1_000;
    let mut request = client
        .post(place.url)
        .header("content-type", "application/json")
        .header("user-agent", concat!("bandleader/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds.to_string());
    if let Some(secret) = secret {
        request = request.header("webhook-signature", secret.sign(id, seconds, body));
    }
    let answer = request.body(body.to_owned()).send().await.map_err(|error| words(&error))?;
    let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let again = wait.map(|seconds| Timestamp(at.0.saturating_add(seconds.min(LONGEST_WAIT) * 1_000)));
    Ok((answer.status().as_u16(), again))
}

/// Why nothing came back, without the address, which may have a secret in it.
fn words(error: &reqwest::Error) -> String {
    let mut words =
        if error.is_timeout() { "it did not answer in time".to_owned() } else { "it cannot be reached".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(one) = cause {
        cause = one.source();
        if cause.is_none() {
            words = format!("{words}: {one}");
        }
    }
    words
}
