//! What a task hands on: `name=value` lines in `$BAND_OUTPUT`, its standard output, or the text of a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// All outputs of a task together. They travel in events, which are to stay small; larger things are files.
pub(super) const LARGEST_OUTPUTS: usize = 3 << 10;

/// Reads `name=value` lines and `name<<END` … `END` blocks. Later ones win.
///
/// # Errors
/// The line that is neither, in words for people.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut values = BTreeMap::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let block = line.split_once("<<").filter(|(name, end)| is_name(name) && !end.is_empty());
        if let Some((name, end)) = block {
            let mut value = Vec::new();
            loop {
                match lines.next() {
                    Some((_, line)) if line == end => break,
                    Some((_, line)) => value.push(line),
                    None => return Err(format!("the block `{}` in $BAND_OUTPUT has no end", name.trim())),
                }
            }
            values.insert(name.trim().to_owned(), value.join("\n"));
        } else if let Some((name, value)) = line.split_once('=').filter(|(name, _)| is_name(name)) {
            values.insert(name.trim().to_owned(), value.to_owned());
        } else {
            return Err(format!("line {} of $BAND_OUTPUT is not `name=value`", number + 1));
        }
    }
    Ok(values)
}

fn is_name(name: &str) -> bool {
    let name = name.trim();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// The text of a file, if it is not too large to hand on; none when it is not there.
///
/// # Errors
/// It is too large, or cannot be read.
pub(super) fn small_text(path: &Path) -> Result<Option<String>, String> {
    let shown = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match fs::metadata(path) {
        Err(_) => Ok(None),
        Ok(seen) if seen.len() > LARGEST_OUTPUTS as u64 * 16 => {
            Err(format!("`{shown}` is too large for an output; hand on its path"))
        }
        Ok(_) => match fs::read(path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())),
            Err(error) => Err(format!("`{shown}` cannot be read: {error}")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_blocks_are_read_and_the_last_wins() {
        let values = parse("title=A = b\n\nnotes<<END\none\n two\nEND\ntitle=C\n").unwrap();
        assert_eq!(values["title"], "C");
        assert_eq!(values["notes"], "one\n two");
    }

    #[test]
    fn a_line_that_is_no_output_is_named() {
        assert_eq!(parse("a=1\nhello\n").unwrap_err(), "line 2 of $BAND_OUTPUT is not `name=value`");
        assert_eq!(parse("a<<X\n1\n").unwrap_err(), "the block `a` in $BAND_OUTPUT has no end");
    }
}
