//! Signatures by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256 over id, timestamp and body. Pure.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What a secret begins with, in the form in which people hand it on.
const PREFIX: &str = "whsec_";

/// Shorter ones can be guessed, longer ones help nobody; the specification has these bounds, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

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
    fn what_is_no_secret_is_refused_and_one_is_not_shown() {
        for text in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"] {
            assert_eq!(Secret::parse(text).err(), Some(BadSecret), "{text}");
        }
        assert_eq!(format!("{:?}", Secret::parse(KNOWN).unwrap()), "Secret");
    }
}
