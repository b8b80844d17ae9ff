//! Lines and columns of many places in one text: a text with as many problems as lines takes no longer than its length.

use bandleader_core::diag::SourceFile;

/// Characters are counted up to every so many bytes.
const STEP: usize = 1_024;

/// A text, and where its lines begin.
pub(crate) struct Positions<'a> {
    source: &'a SourceFile,
    lines: Vec<usize>,
    characters: Vec<usize>,
}

impl<'a> Positions<'a> {
    /// Reads it once.
    pub(crate) fn of(source: &'a SourceFile) -> Positions<'a> {
        let bytes = source.text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let sums = bytes.chunks(STEP).scan(0, |sum, chunk| {
            *sum += begun(chunk);
            Some(*sum)
        });
        Positions { source, lines, characters: std::iter::once(0).chain(sums).collect() }
    }

    /// What people call the text.
    pub(crate) fn name(&self) -> &'a str {
        &self.source.name
    }

    /// As `SourceFile::position`.
    pub(crate) fn at(&self, byte: u32) -> (usize, usize) {
        let byte = self.source.text.floor_char_boundary(byte as usize);
        let line = self.lines.partition_point(|start| *start <= byte).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        (line, self.before(byte) - self.before(start) + 1)
    }

    /// How many characters stand before a byte.
    fn before(&self, byte: usize) -> usize {
        let step = byte / STEP;
        let rest = self.source.text.as_bytes().get(step * STEP..byte).unwrap_or_default();
        self.characters.get(step).copied().unwrap_or(0) + begun(rest)
    }
}

/// How many characters begin here: all bytes but those that continue one (RFC 3629).
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_the_one_that_the_core_finds() {
        let long = "ü€😀x".repeat(700);
        for text in ["", "\n", "a\nbü: c\n", "no end", &long, &format!("{long}\n\n{long}\nä")] {
            let source = SourceFile { name: "plan".into(), text: text.into() };
            let positions = Positions::of(&source);
            for byte in (0..=text.len() + 3).step_by(1 + text.len() / 900) {
                let byte = u32::try_from(byte).unwrap();
                assert_eq!(positions.at(byte), source.position(byte), "{byte} of {}", text.len());
            }
        }
    }
}
