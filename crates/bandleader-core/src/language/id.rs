//! Names that a plan gives: what they may be, and the nearest to any text.

/// Whether a text can be a name: `[a-z0-9][a-z0-9_-]*`, at most 64 bytes.
pub(crate) fn is_id(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    text.len() <= 64 && text.bytes().all(inner) && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

/// The name nearest to a text: `Write the Spec!` becomes `write-the-spec`. Empty if nothing is left.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for character in text.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() || (character == '_' && !slug.is_empty()) {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= 64 {
            break;
        }
    }
    slug.trim_end_matches(['-', '_']).to_owned()
}
