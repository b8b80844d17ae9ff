//! A place in the log of all tasks, as text that can be kept and given back: `Merged` goes on there exactly.
//!
//! It names how many tracks were begun, and of those that were not told to their end, the process and the places within its output. So it
//! grows with what runs at once, not with the run.

use bandleader_core::Step;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::output::Places;

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Tracks from this one on were not begun.
    pub(super) begun: usize,
    /// Those before it that were not told to their end, in order.
    pub(super) open: Vec<Open>,
}

/// Where one track is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) track: usize,
    pub(super) step: Step,
    pub(super) places: Places,
}

/// The form of the text.
const FORM: u64 = 1;

impl Cursor {
    /// Whether nothing stands before it.
    pub fn is_beginning(&self) -> bool {
        self.begun == 0
    }

    /// Reads what `Display` wrote; none if this is something else.
    pub fn parse(text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut numbers = Numbers(&bytes);
        if numbers.next()? != FORM {
            return None;
        }
        let mut cursor = Cursor { begun: usize::try_from(numbers.next()?).ok()?, open: Vec::new() };
        let mut least = 0;
        while !numbers.0.is_empty() {
            let track = least + usize::try_from(numbers.next()?).ok()?.min(cursor.begun);
            if track >= cursor.begun {
                return None;
            }
            least = track + 1;
            let step = step(numbers.next()?)?;
            let first = numbers.next()?;
            // Streams hardly ever stand in different places.
            let mut further = || Some(first.checked_add(numbers.next()?));
            let places = [further()??, further()??, further()??];
            cursor.open.push(Open { track, step, places });
        }
        Some(cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = Vec::new();
        push(&mut bytes, FORM);
        push(&mut bytes, self.begun as u64);
        let mut least = 0;
        for open in &self.open {
            push(&mut bytes, (open.track - least) as u64);
            least = open.track + 1;
            push(&mut bytes, code(open.step));
            let first = open.places.iter().copied().min().unwrap_or(0);
            push(&mut bytes, first);
            open.places.iter().for_each(|place| push(&mut bytes, place - first));
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// A step as a number: its kind in the last three bits.
fn code(step: Step) -> u64 {
    let (kind, number) = match step {
        Step::Work => (0, 0),
        Step::Gate(number) => (1, number),
        Step::Undo => (2, 0),
        Step::Merge(number) => (3, number),
        Step::MergedGate(number) => (4, number),
        Step::Land(number) => (5, number),
        Step::Into(number) => (6, number),
    };
    u64::from(number) << 3 | kind
}

fn step(code: u64) -> Option<Step> {
    let number = u32::try_from(code >> 3).ok()?;
    Some(match code & 7 {
        0 => Step::Work,
        1 => Step::Gate(number),
        2 => Step::Undo,
        3 => Step::Merge(number),
        4 => Step::MergedGate(number),
        5 => Step::Land(number),
        6 => Step::Into(number),
        _ => return None,
    })
}

/// Seven bits a byte, the lowest first; the eighth says that another one follows (LEB128).
fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn next(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back() {
        let open = |track, step, places| Open { track, step, places };
        let cursors = [
            Cursor::default(),
            Cursor { begun: 10_000, open: Vec::new() },
            Cursor {
                begun: 300,
                open: vec![
                    open(0, Step::Work, [0; 3]),
                    open(7, Step::MergedGate(29), [1 << 40, 5, 77]),
                    open(299, Step::Undo, [u64::MAX; 3]),
                ],
            },
        ];
        for cursor in cursors {
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "?", "AA", "AgA", "AQ", "AQEB", "AQEAAA", "AQEBAAAAAAA", "_____________w"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
        // Every byte of a good one changed: refused or another place, never a panic.
        let cursor = Cursor { begun: 9, open: vec![Open { track: 3, step: Step::Gate(1), places: [9, 8, 7] }] };
        let good = URL_SAFE_NO_PAD.decode(cursor.to_string()).unwrap();
        for (at, byte) in (0..good.len()).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
            let mut bad = good.clone();
            bad[at] = byte;
            if let Some(read) = Cursor::parse(&URL_SAFE_NO_PAD.encode(&bad)) {
                assert!(read.open.iter().all(|open| open.track < read.begun));
                let _ = read.to_string();
            }
        }
    }
}
