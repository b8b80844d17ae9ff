//! Where chance enters: names of new runs and the seeds that they freeze. The core gets both as arguments.

use bandleader_core::RunId;
use rustix::rand::{GetRandomFlags, getrandom};

/// Letters and digits that people do not take for one another: no `0`/`o`, no `1`/`l`/`i`, no `u` (so fewer words).
const ALPHABET: &[u8; 30] = b"abcdefghjkmnpqrstvwxyz23456789";

/// Long enough that ten thousand runs in one folder meet with a chance of about one in ten thousand (30^8).
const LENGTH: usize = 8;

/// The system refused to give random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers (getrandom); check the sandbox that `band` runs in")]
pub struct NoChance(#[source] rustix::io::Errno);

/// A name for a new run. `Store::create_run` refuses the rare one that is taken; ask for another then.
pub fn run_id() -> Result<RunId, NoChance> {
    let mut text = String::with_capacity(LENGTH);
    while text.len() < LENGTH {
        for byte in bytes::<16>()? {
            // Bytes of 240 and more are passed over, so that each of the thirty is equally likely.
            let letter = ALPHABET.get(usize::from(byte % 30)).filter(|_| byte < 240);
            if let Some(letter) = letter.filter(|_| text.len() < LENGTH) {
                text.push(char::from(*letter));
            }
        }
    }
    #[expect(clippy::expect_used, reason = "the alphabet is lower case letters and digits, and the length fits")]
    let run = RunId::parse(&text).expect("made of fitting letters");
    Ok(run)
}

/// A seed for a run's jitter.
pub fn seed() -> Result<u64, NoChance> {
    Ok(u64::from_le_bytes(bytes()?))
}

/// 256 bits that nobody guesses, in hexadecimal: what opens a door to whoever has it.
pub fn secret() -> Result<String, NoChance> {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in bytes::<32>()? {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

fn bytes<const N: usize>() -> Result<[u8; N], NoChance> {
    let mut buffer = [0; N];
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match getrandom(rest, GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(NoChance(error)),
        }
    }
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_thousand_new_runs_have_a_thousand_names() {
        let names: BTreeSet<RunId> = (0..1_000).map(|_| run_id().unwrap()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.as_str().len() == LENGTH));
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(seed().unwrap(), seed().unwrap());
    }
}
