//! The bytes of a file as text, whatever editor saved them.
//!
//! Called by `read`. What is not UTF-8 is read as UTF-16 where the file begins with its mark, and else byte by byte as
//! Windows-1252, which is what editors that know no UTF-8 have written.

/// A text and what it was written in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Without a byte order mark.
    pub(super) text: String,
    /// What it was written in.
    pub(super) encoding: Encoding,
}

/// What a text was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// What it should be.
    Utf8,
    /// With a mark at its start, as PowerShell writes it.
    Utf16,
    /// Some bytes are not UTF-8; the first of them stands here in the text.
    Windows1252 {
        /// Byte in the text.
        first: usize,
    },
}

/// The text of `bytes`, or `None` if they are no text in any of these.
pub(super) fn decode(bytes: &[u8]) -> Option<Decoded> {
    let decoded = match bytes {
        [0xff, 0xfe, rest @ ..] => Decoded { text: utf16(rest, u16::from_le_bytes)?, encoding: Encoding::Utf16 },
        [0xfe, 0xff, rest @ ..] => Decoded { text: utf16(rest, u16::from_be_bytes)?, encoding: Encoding::Utf16 },
        _ => utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    };
    (!decoded.text.contains('\0')).then_some(decoded)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

fn utf8(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len());
    let mut first = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            first.get_or_insert(text.len());
            text.push(from_1252(*byte));
        }
    }
    let encoding = first.map_or(Encoding::Utf8, |first| Encoding::Windows1252 { first });
    Decoded { text, encoding }
}

/// What Windows-1252 has at 80 to 9f, where it differs from Latin-1; a blank where it has nothing (Unicode's own mapping table).
const UPPER: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

fn from_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => {
            UPPER.chars().nth(usize::from(byte - 0x80)).filter(|letter| *letter != ' ').unwrap_or('\u{fffd}')
        }
        _ => char::from(byte),
    }
}

fn to_1252(letter: char) -> Option<u8> {
    let upper = || UPPER.chars().position(|one| one == letter && letter != ' ').and_then(|at| u8::try_from(at).ok());
    match u8::try_from(u32::from(letter)) {
        // Text that was mangled twice keeps the five bytes that the table has not.
        Ok(byte) => Some(byte),
        Err(_) => upper().map(|at| 0x80 + at),
    }
}

/// The first stretch of `text` that was UTF-8 once and was read as Windows-1252 by somebody on the way: where it stands, and what it
/// was. `â€™` was `’`.
pub(super) fn mangled(text: &str) -> Option<(usize, &str, String)> {
    let mut rest = 0;
    while let Some(start) = text.get(rest..)?.find(|letter: char| !letter.is_ascii()).map(|at| rest + at) {
        let run = text.get(start..)?;
        let run = run.get(..run.find(|letter: char| letter.is_ascii()).unwrap_or(run.len()))?;
        let bytes: Option<Vec<u8>> = run.chars().map(to_1252).collect();
        if let Some(meant) = bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            return Some((start, run, meant));
        }
        rest = start + run.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], text: &str, encoding: Encoding) {
        assert_eq!(decode(bytes), Some(Decoded { text: text.into(), encoding }));
    }

    #[test]
    fn text_is_read_as_whatever_it_was_written_in() {
        check(b"\xef\xbb\xbfa", "a", Encoding::Utf8);
        check("ä".as_bytes(), "ä", Encoding::Utf8);
        check(b"\xff\xfea\0\xe4\0", "aä", Encoding::Utf16);
        check(b"\xfe\xff\0a", "a", Encoding::Utf16);
        check(b"x \x93q\x94 \xe4\xc3\xa4\x81", "x “q” ää\u{fffd}", Encoding::Windows1252 { first: 2 });
        assert_eq!(decode(b"\x7fELF\0\0"), None);
        assert_eq!(decode(b"\xff\xfea"), None, "half a letter");
    }

    #[test]
    fn what_was_mangled_on_the_way_is_recognised() {
        assert_eq!(mangled("it â€™s"), Some((3, "â€™", "’".into())));
        assert_eq!(mangled("âœ… done"), Some((0, "âœ…", "✅".into())));
        assert_eq!(mangled("café, naïve, ✅"), None);
    }
}
