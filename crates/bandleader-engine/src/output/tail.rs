//! The last part of a flood: kept in memory, bounded, written out when the job ends.
//!
//! Invariant: what it holds weighs little more than its limit, however small the pieces are.

use std::collections::VecDeque;

use super::Stream;

/// What a piece costs beside its bytes. Without it a flood of single bytes from two streams would grow without bound.
const PIECE: usize = 64;

/// Pieces are joined up to this size.
const JOIN: usize = 64 << 10;

/// The last bytes of a job.
pub(super) struct Tail {
    pieces: VecDeque<Piece>,
    weight: usize,
    limit: usize,
    dropped: u64,
}

/// A few bytes of one stream.
pub(super) struct Piece {
    pub(super) stream: Stream,
    pub(super) at: u64,
    pub(super) bytes: Vec<u8>,
}

impl Tail {
    pub(super) fn new(limit: usize) -> Tail {
        Tail { pieces: VecDeque::new(), weight: 0, limit, dropped: 0 }
    }

    /// Takes the next bytes and forgets the oldest that are over the limit.
    pub(super) fn push(&mut self, stream: Stream, at: u64, bytes: &[u8]) {
        match self.pieces.back_mut() {
            Some(last) if last.stream == stream && last.bytes.len() + bytes.len() <= JOIN => {
                last.bytes.extend_from_slice(bytes);
                self.weight += bytes.len();
            }
            _ => {
                self.pieces.push_back(Piece { stream, at, bytes: bytes.to_vec() });
                self.weight += bytes.len() + PIECE;
            }
        }
        while let Some(first) = self.pieces.front() {
            let weight = first.bytes.len() + PIECE;
            if self.weight - weight < self.limit {
                return;
            }
            self.weight -= weight;
            self.dropped += first.bytes.len() as u64;
            self.pieces.pop_front();
        }
    }

    /// How many bytes were forgotten, and the ones that were not.
    pub(super) fn into_parts(self) -> (u64, VecDeque<Piece>) {
        (self.dropped, self.pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_the_end_and_counts_the_rest() {
        let mut tail = Tail::new(300_000);
        for _ in 0..100 {
            tail.push(Stream::Stdout, 0, &[b'a'; 10_000]);
        }
        tail.push(Stream::Stdout, 0, b"end");
        let (dropped, pieces) = tail.into_parts();
        let kept: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.bytes).collect();
        assert_eq!(dropped + kept.len() as u64, 1_000_003);
        assert!((290_000..=400_000).contains(&kept.len()), "{}", kept.len());
        assert!(kept.ends_with(b"aend"));
    }

    #[test]
    fn single_bytes_weigh_more_than_one() {
        let mut tail = Tail::new(6_500);
        for n in 0..10_000 {
            tail.push(if n % 2 == 0 { Stream::Stdout } else { Stream::Stderr }, 0, b"x");
        }
        assert!(tail.pieces.len() <= 101, "{}", tail.pieces.len());
    }
}
