//! Masks secrets in a stream of bytes, also where a secret is cut by the border of two chunks.
//!
//! Pure. The supervisor makes one `Redactor` for a run and one `Masker` for each stream of each process. Invariant: what
//! comes out of a `Masker` never contains a whole secret, and without secrets it is exactly what went in.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

/// Stands where a secret stood.
pub const MASK: &str = "***";

/// Shorter values are not masked: they occur everywhere by chance, and the text around a mask would give them away.
pub const SHORTEST: usize = 4;

/// The secrets of a run, ready to be searched for.
#[derive(Clone, Default)]
pub struct Redactor(Option<Arc<Patterns>>);

struct Patterns {
    secrets: Vec<Vec<u8>>,
    finder: AhoCorasick,
    longest: usize,
}

/// The secrets cannot be searched for.
#[derive(Debug, thiserror::Error)]
#[error("the secrets cannot be masked: {0}; shorten or remove some of them")]
pub struct TooManySecrets(String);

impl Redactor {
    /// Takes the values to hide. A value of several lines also hides each of its lines that is long enough.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Result<Redactor, TooManySecrets> {
        let mut all: Vec<Vec<u8>> = Vec::new();
        for secret in secrets {
            let parts = std::iter::once(secret).chain(secret.lines()).map(str::trim);
            all.extend(parts.filter(|part| part.len() >= SHORTEST).map(|part| part.as_bytes().to_vec()));
        }
        all.sort();
        all.dedup();
        let Some(longest) = all.iter().map(Vec::len).max() else { return Ok(Redactor(None)) };
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&all)
            .map_err(|error| TooManySecrets(error.to_string()))?;
        Ok(Redactor(Some(Arc::new(Patterns { secrets: all, finder, longest }))))
    }

    /// A masker for one stream.
    pub fn masker(&self) -> Masker {
        Masker { patterns: self.0.clone(), held: Vec::new() }
    }

    /// Masks a whole text.
    pub fn mask(&self, text: &[u8]) -> Vec<u8> {
        let mut masker = self.masker();
        let mut out = masker.push(text).to_vec();
        out.extend_from_slice(&masker.finish());
        out
    }
}

/// Never shows a secret, not even when a program is debugged.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} secrets)", self.0.as_ref().map_or(0, |patterns| patterns.secrets.len()))
    }
}

/// One stream on its way through. It holds back only an end that may be the start of a secret.
pub struct Masker {
    patterns: Option<Arc<Patterns>>,
    held: Vec<u8>,
}

impl Masker {
    /// Takes the next chunk and gives back what can be passed on now. Without secrets nothing is copied.
    pub fn push<'a>(&mut self, chunk: &'a [u8]) -> std::borrow::Cow<'a, [u8]> {
        let Some(patterns) = &self.patterns else { return chunk.into() };
        self.held.extend_from_slice(chunk);
        let keep_from = patterns.first_open(&self.held);
        let (masked, used) = patterns.mask(&self.held, keep_from);
        self.held.drain(..used);
        masked.into()
    }

    /// The rest, when nothing follows.
    pub fn finish(&mut self) -> Vec<u8> {
        let Some(patterns) = &self.patterns else { return Vec::new() };
        let held = std::mem::take(&mut self.held);
        patterns.mask(&held, held.len()).0
    }
}

impl Patterns {
    /// Where the first end begins that a further chunk could make into a secret; the length when there is none.
    fn first_open(&self, text: &[u8]) -> usize {
        let from = text.len().saturating_sub(self.longest.saturating_sub(1));
        let opens = |at: &usize| {
            let end = text.get(*at..).unwrap_or_default();
            self.secrets.iter().any(|secret| secret.len() > end.len() && secret.starts_with(end))
        };
        (from..text.len()).find(opens).unwrap_or(text.len())
    }

    /// Masks matches that start before `until`; returns the text and how many bytes of the input it stands for.
    fn mask(&self, text: &[u8], until: usize) -> (Vec<u8>, usize) {
        let mut out = Vec::with_capacity(until);
        let mut at = 0;
        for found in self.finder.find_iter(text).take_while(|found| found.start() < until) {
            out.extend_from_slice(text.get(at..found.start()).unwrap_or_default());
            out.extend_from_slice(MASK.as_bytes());
            at = found.end();
        }
        let end = until.max(at);
        out.extend_from_slice(text.get(at..end).unwrap_or_default());
        (out, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever the borders of the chunks are, the same comes out.
    fn check(secrets: &[&str], text: &str, expected: &str) {
        let redactor = Redactor::new(secrets.iter().copied()).unwrap();
        for size in 1..=text.len().max(1) {
            let mut masker = redactor.masker();
            let mut out = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                out.extend_from_slice(&masker.push(chunk));
            }
            out.extend(masker.finish());
            assert_eq!(String::from_utf8_lossy(&out), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn a_secret_is_masked_wherever_the_chunks_end() {
        check(&["hunter22"], "pass hunter22, again hunter22", "pass ***, again ***");
        check(&["hunter22"], "hunter2hunter22hunter", "hunter2***hunter");
        check(&["aaaa"], "aaaaaaaaa", "******a");
    }

    #[test]
    fn the_longer_of_two_that_start_together_wins() {
        check(&["token", "token-long"], "token-long token-lo token", "*** ***-lo ***");
    }

    #[test]
    fn a_secret_inside_another_is_masked_when_the_longer_is_not_there() {
        check(&["abcdefgh", "cdef"], "abcdefgX abcdefgh", "ab***gX ***");
    }

    #[test]
    fn each_line_of_a_secret_is_one_too() {
        check(&["-----BEGIN-----\nAbCdEfGh\n"], "x AbCdEfGh y -----BEGIN-----\n", "x *** y ***\n");
    }

    #[test]
    fn short_values_and_no_values_change_nothing() {
        check(&["abc", ""], "abc abc", "abc abc");
        check(&[], "abc", "abc");
    }

    #[test]
    fn only_a_possible_start_is_held_back() {
        let mut masker = Redactor::new(["hunter22"]).unwrap().masker();
        assert_eq!(masker.push(b"all of this").as_ref(), b"all of this");
        assert_eq!(masker.push(b"not this: hun").as_ref(), b"not this: ");
        assert_eq!(masker.push(b"t!").as_ref(), b"hunt!");
    }
}
