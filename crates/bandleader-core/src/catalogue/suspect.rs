//! Characters that a reader cannot see but a terminal or a model does.

use crate::problems::is_bidi;

/// The first character in `text` that hides something or steers a terminal, and where it stands.
pub(super) fn first_hidden(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|(_, letter)| is_hidden(*letter))
}

/// Controls other than line breaks and tabs; directions (Unicode UAX #9); characters without ink. The joiners of emoji and of many
/// scripts are left alone.
pub(super) fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
        || is_bidi(letter)
        || matches!(letter, '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name on one line, without what is hidden, at most 128 characters.
pub(super) fn plain_name(text: &str) -> String {
    let shown: String = text.chars().filter(|letter| !is_hidden(*letter)).collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    words.join(" ").chars().take(128).collect()
}
