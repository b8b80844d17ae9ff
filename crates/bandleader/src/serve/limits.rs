//! How often: a bucket of tokens for each kind of caller, so that nobody can keep the server from the others.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::links::Role;

/// A bucket that fills by `rate` a second up to `most`.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: f64,
    most: f64,
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    fn new(rate: f64, most: f64) -> Bucket {
        Bucket { rate, most, level: Mutex::new((most, Instant::now())) }
    }

    /// Takes one out.
    ///
    /// # Errors
    /// It is empty.
    pub(crate) fn take(&self) -> Result<(), ()> {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> Result<(), ()> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, at) = *level;
        let filled = (before + self.rate * now.saturating_duration_since(at).as_secs_f64()).min(self.most);
        *level = (if filled < 1.0 { filled } else { filled - 1.0 }, now);
        if filled < 1.0 { Err(()) } else { Ok(()) }
    }
}

/// All buckets of the server.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Those who cannot say who they are: nobody guesses 256 bits, but somebody may fill a log with trying.
    pub strangers: Bucket,
    reader: Bucket,
    operator: Bucket,
}

impl Limits {
    pub(crate) fn new() -> Limits {
        Limits {
            strangers: Bucket::new(20.0, 100.0),
            reader: Bucket::new(500.0, 5_000.0),
            operator: Bucket::new(500.0, 5_000.0),
        }
    }

    /// That of a role.
    pub(crate) fn of(&self, role: Role) -> &Bucket {
        match role {
            Role::Reader => &self.reader,
            Role::Operator => &self.operator,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_is_empty_after_a_burst_and_fills_again() {
        let (bucket, now) = (Bucket::new(2.0, 3.0), Instant::now());
        let taken = (0..10).filter(|_| bucket.take_at(now).is_ok()).count();
        assert_eq!(taken, 3);
        assert!(bucket.take_at(now + Duration::from_millis(400)).is_err());
        assert!(bucket.take_at(now + Duration::from_millis(600)).is_ok());
        let taken = (0..10).filter(|_| bucket.take_at(now + Duration::from_mins(1)).is_ok()).count();
        assert_eq!(taken, 3);
    }
}
