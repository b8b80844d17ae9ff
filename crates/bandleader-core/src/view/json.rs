//! JSON that is safe to show: what would steer a terminal or mislead an eye stands in it as an escape.
//!
//! Pure. JSON itself escapes only the first 32 control characters; a terminal also obeys U+009B, and an eye the marks of direction.
//! Called by whoever writes JSON with texts from plans or programs in it. Invariant: it stays the same value to every parser.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The same JSON text; its hostile characters, which can only stand inside of strings, are escaped as `\uXXXX`.
pub fn safe_json(text: &str) -> Cow<'_, str> {
    // Nearly all text is plain ASCII, of which only one character is hostile; that is seen eight bytes at a time.
    let is_plain = text.is_ascii() && !text.contains('\u{7f}');
    if is_plain || !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_hostile(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(letter);
        }
    }
    Cow::Owned(safe)
}

/// Direction marks and isolates (Unicode UAX #9), invisible fillers, tags, and the controls that JSON lets through; not its own
/// line breaks between values.
fn is_hostile(letter: char) -> bool {
    matches!(letter,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_another_text_of_the_same_value() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{1b}[2J", "b\u{202e}c\u{e0041}", "Grüße 👩\u{200d}🔧\n"] });
        let text = value.to_string();
        let safe = safe_json(&text);
        assert_eq!(safe, "{\"a\\u009b\":[\"\\u001b[2J\",\"b\\u202ec\\udb40\\udc41\",\"Grüße 👩\u{200d}🔧\\n\"]}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn usual_text_is_left_as_it_is() {
        assert!(matches!(safe_json("{\n  \"a\": \"日本\"\n}"), Cow::Borrowed(_)));
        assert!(matches!(safe_json("{\n  \"a\": \"b\"\n}"), Cow::Borrowed(_)));
        assert_eq!(safe_json("\"a\u{7f}\""), "\"a\\u007f\"");
    }
}
