//! Signatures: by Standard Webhooks (https://www.standardwebhooks.com), HMAC-SHA256 over id, timestamp and body; and GitHub's, over the body
//! alone. Pure. What is wrong is found to be wrong in the same time, wherever it differs.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::hmac;

/// What a secret begins with, in the form in which people hand it on.
const PREFIX: &str = "whsec_";

/// Shorter ones can be guessed, longer ones help nobody; the specification has these bounds, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// Signatures of one message at most.
const MOST_SIGNATURES: usize = 8;

/// A secret that signs. It is never printed.
#[derive(Clone)]
pub struct Secret(hmac::Key);

/// A text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no secret for webhooks: `whsec_` and 24 to 64 bytes in Base64 (`echo whsec_$(openssl rand -base64 32)` makes one)"
)]
pub struct BadSecret;

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

impl Secret {
    /// Reads one.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Secret, BadSecret> {
        let coded = text.trim().strip_prefix(PREFIX).ok_or(BadSecret)?;
        let bytes = STANDARD.decode(coded).map_err(|_| BadSecret)?;
        if !LENGTHS.contains(&bytes.len()) {
            return Err(BadSecret);
        }
        Ok(Secret(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The value of `webhook-signature`. `timestamp` is in seconds since 1970.
    pub fn sign(&self, id: &str, timestamp: u64, body: &str) -> String {
        let tag = hmac::sign(&self.0, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }

    /// Whether one of the signatures in the value of `webhook-signature` is that of this message. Its id and its time are as they came.
    pub fn verifies(&self, (id, timestamp): (&str, &str), body: &[u8], signatures: &str) -> bool {
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let is_ours = |one: &str| {
            let tag = one.strip_prefix("v1,").and_then(|tag| STANDARD.decode(tag).ok());
            tag.is_some_and(|tag| hmac::verify(&self.0, &signed, &tag).is_ok())
        };
        // As many as one has while a secret is being changed for another.
        signatures.split(' ').take(MOST_SIGNATURES).any(is_ours)
    }
}

/// A secret as GitHub has it: any text.
#[derive(Clone)]
pub struct PlainSecret(hmac::Key);

/// A text is too short to be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is too short for a secret: 16 characters at least (`openssl rand -hex 32` makes one)")]
pub struct ShortSecret;

impl fmt::Debug for PlainSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PlainSecret")
    }
}

impl PlainSecret {
    /// Reads one.
    ///
    /// # Errors
    /// It can be guessed.
    pub fn parse(text: &str) -> Result<PlainSecret, ShortSecret> {
        let text = text.trim();
        if text.chars().count() < 16 { Err(ShortSecret) } else { Ok(PlainSecret::of(text.as_bytes())) }
    }

    /// One that signs nothing, for work that is to take as long as with a real one.
    pub(super) fn nobodys() -> PlainSecret {
        PlainSecret::of(b"nobody signs with this")
    }

    fn of(bytes: &[u8]) -> PlainSecret {
        PlainSecret(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Whether this value of `X-Hub-Signature-256` is that of the body.
    pub fn verifies(&self, body: &[u8], signature: &str) -> bool {
        // Without a tag all the same work is done.
        let tag = signature.strip_prefix("sha256=").and_then(from_hex).unwrap_or_default();
        hmac::verify(&self.0, body, &tag).is_ok()
    }

    /// What only somebody with this secret can make of a text, for an address.
    pub(super) fn token(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, text.as_bytes()).as_ref())
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits.filter(|digits| digits.len() == 64)?;
    pairs.chunks_exact(2).map(|pair| u8::try_from(pair.iter().fold(0, |all, digit| all * 16 + digit)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the tests of the reference libraries.
    const KNOWN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_published_example_is_signed_as_published() {
        let secret = Secret::parse(KNOWN).unwrap();
        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_ne!(secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_331, "{\"test\": 2432232314}"), signed);
    }

    #[test]
    fn one_of_several_signatures_is_enough_and_nothing_may_differ() {
        let secret = Secret::parse(KNOWN).unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", b"{\"test\": 2432232314}");
        let right = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(secret.verifies((id, "1614265330"), body, right));
        assert!(secret.verifies((id, "1614265330"), body, &format!("v1,AAAA v1a,x {right}")));
        for (id, at, body, signature) in [
            ("msg_other", "1614265330", &body[..], right),
            (id, "1614265331", body, right),
            (id, "1614265330", b"{\"test\": 2432232315}", right),
            (id, "1614265330", body, &right[3..]),
            (id, "1614265330", body, "v1,"),
            (id, "1614265330", body, ""),
        ] {
            assert!(!secret.verifies((id, at), body, signature), "{id} {at} {signature}");
        }
    }

    #[test]
    fn the_published_example_of_github_is_verified() {
        let secret = PlainSecret::parse("It's a Secret to Everybody").unwrap();
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(secret.verifies(b"Hello, World!", right) && !secret.verifies(b"Hello, World?", right));
        for wrong in ["", "sha256=", "sha256=00", &right[7..], &right.replace("sha256", "sha1"), &format!("{right}00")]
        {
            assert!(!secret.verifies(b"Hello, World!", wrong), "{wrong}");
        }
        assert_eq!(PlainSecret::parse("short").err(), Some(ShortSecret));
        assert_eq!(format!("{secret:?}"), "PlainSecret");
    }

    #[test]
    fn what_is_no_secret_is_refused_and_one_is_not_shown() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"] {
            assert_eq!(Secret::parse(text).err(), Some(BadSecret), "{text}");
        }
        assert_eq!(format!("{:?}", Secret::parse(KNOWN).unwrap()), "Secret");
    }
}
