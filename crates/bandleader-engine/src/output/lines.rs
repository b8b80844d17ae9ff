//! What a job printed, line by line, as it comes: half lines wait for their other half while the job goes on.
//!
//! Called by `band logs`, for the last words of failed tasks, and by `merged`. Invariant: memory does not grow with the log, and a reader
//! that begins at the `places` of another goes on exactly where that one was.

use std::io;
use std::path::Path;

use bandleader_core::{JobId, Millis, Timestamp};

use super::LONGEST;
use super::reader::{Chunk, Reader};
use super::record::Stream;

/// Where each stream of a job has been told up to, in bytes over all of them: out, err, note.
pub type Places = [u64; 3];

/// A line as it was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// On which stream.
    pub stream: Stream,
    /// When its end came, counted from the start of the process; of half a line, when the last output came before it was told.
    pub at: Millis,
    /// Without its end. May be invalid UTF-8 and may hold terminal sequences.
    pub bytes: Vec<u8>,
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// The job may print more: half lines wait.
    MayCome,
    /// This was all: half lines are told.
    WillNotCome,
}

/// A half line is told when so much came after its beginning from other streams: whoever goes on later need not read all that again.
const FAR: u64 = 1 << 20;

const STREAMS: [Stream; 3] = [Stream::Stdout, Stream::Stderr, Stream::Note];

/// The lines of one job, read as they come.
pub struct Lines {
    reader: Reader,
    /// What is being split, and how many of its bytes are.
    chunk: Option<(Chunk, usize)>,
    halves: [Half; 3],
    /// Bytes before these were told by another reader.
    told: Places,
    /// Bytes from these on are left to another reader.
    until: Option<Places>,
    /// All bytes before are split.
    place: u64,
    /// When the last chunk came.
    at: Millis,
}

/// What came after the last line break of a stream.
#[derive(Default)]
struct Half {
    bytes: Vec<u8>,
    from: u64,
}

impl Lines {
    /// Before the first line.
    pub fn new(run_folder: &Path, job: JobId) -> Lines {
        let reader = Reader::new(run_folder, job);
        Lines { reader, chunk: None, halves: Default::default(), told: [0; 3], until: None, place: 0, at: Millis(0) }
    }

    /// Only those of this stream.
    #[must_use]
    pub fn only(mut self, stream: Stream) -> Lines {
        self.reader = self.reader.only(stream);
        self
    }

    /// The same from where another one was.
    #[must_use]
    pub fn going_on(mut self, told: Places) -> Lines {
        self.place = told.iter().copied().min().unwrap_or(0);
        self.reader = self.reader.starting_at(self.place);
        self.told = told;
        self
    }

    /// Only what stands before these places.
    #[must_use]
    pub fn until(mut self, until: Places) -> Lines {
        self.until = Some(until);
        self
    }

    /// Where one has to begin who is to tell the lines that this one has not told.
    pub fn places(&self) -> Places {
        let mut places = [self.place; 3];
        let until = self.until.unwrap_or([u64::MAX; 3]);
        for (((place, half), told), until) in places.iter_mut().zip(&self.halves).zip(self.told).zip(until) {
            let begun = if half.bytes.is_empty() { *place } else { half.from };
            *place = begun.max(told).min(until);
        }
        places
    }

    /// When the process began, once anything was read: see `Reader::began`.
    pub fn began(&self) -> Option<Timestamp> {
        self.reader.began()
    }

    /// See `Reader::rest`.
    pub fn rest(&mut self) {
        self.reader.rest();
    }

    /// The next line; none when there is none now.
    ///
    /// # Errors
    /// As `Reader::next_chunk`.
    pub fn next(&mut self, more: More) -> io::Result<Option<Line>> {
        loop {
            if let Some(line) = self.split() {
                return Ok(Some(line));
            }
            if let Some(stream) = STREAMS.into_iter().find(|stream| self.is_far(*stream)) {
                return Ok(Some(self.tell_half(stream)));
            }
            if self.is_at_bound() {
                break;
            }
            let Some(chunk) = self.reader.next_chunk()? else { break };
            self.at = chunk.at;
            self.place = self.reader.place() - chunk.bytes.len() as u64;
            self.chunk = self.cut(chunk).map(|chunk| (chunk, 0));
        }
        let half = STREAMS.into_iter().find(|stream| !half_of(&mut self.halves, *stream).bytes.is_empty());
        Ok(half.filter(|_| more == More::WillNotCome || self.until.is_some()).map(|stream| self.tell_half(stream)))
    }

    /// A chunk without what others tell; none if that is all of it.
    fn cut(&mut self, mut chunk: Chunk) -> Option<Chunk> {
        let end = self.until.map_or(u64::MAX, |until| place_of(until, chunk.stream));
        let begin = place_of(self.told, chunk.stream);
        let kept = usize::try_from(end.saturating_sub(self.place)).unwrap_or(usize::MAX);
        let passed = usize::try_from(begin.saturating_sub(self.place)).unwrap_or(usize::MAX);
        let whole = chunk.bytes.len();
        chunk.bytes.truncate(kept);
        let passed = passed.min(chunk.bytes.len());
        chunk.bytes.drain(..passed);
        if chunk.bytes.is_empty() {
            self.place += whole as u64;
            return None;
        }
        self.place += passed as u64;
        Some(chunk)
    }

    fn is_at_bound(&self) -> bool {
        self.until.is_some_and(|until| until.iter().all(|end| *end <= self.reader.place()))
    }

    /// The line that ends next in the chunk.
    fn split(&mut self) -> Option<Line> {
        while let Some((chunk, used)) = &mut self.chunk {
            let (stream, at) = (chunk.stream, chunk.at);
            let half = half_of(&mut self.halves, stream);
            let rest = chunk.bytes.get(*used..).unwrap_or_default();
            let room = LONGEST.saturating_sub(half.bytes.len()) + 1;
            let near = rest.get(..room.min(rest.len())).unwrap_or_default();
            let ends = near.iter().position(|byte| *byte == b'\n');
            let piece = near.get(..ends.unwrap_or(near.len())).unwrap_or_default();
            if half.bytes.is_empty() {
                half.from = self.place;
            }
            half.bytes.extend_from_slice(piece);
            let read = piece.len() + usize::from(ends.is_some());
            (*used, self.place) = (*used + read, self.place + read as u64);
            if *used >= chunk.bytes.len() {
                self.chunk = None;
            }
            if ends.is_none() && half.bytes.len() <= LONGEST {
                continue;
            }
            let mut bytes = std::mem::take(&mut half.bytes);
            if ends.is_none() {
                half.bytes = bytes.split_off(whole_characters(&bytes));
                half.from = self.place - half.bytes.len() as u64;
            }
            // The supervisor sets its notes apart by line breaks.
            if !(stream == Stream::Note && bytes.is_empty()) {
                return Some(Line { stream, at, bytes });
            }
        }
        None
    }

    fn is_far(&mut self, stream: Stream) -> bool {
        let place = self.place;
        let half = half_of(&mut self.halves, stream);
        !half.bytes.is_empty() && place - half.from > FAR + half.bytes.len() as u64
    }

    fn tell_half(&mut self, stream: Stream) -> Line {
        let half = std::mem::take(half_of(&mut self.halves, stream));
        Line { stream, at: self.at, bytes: half.bytes }
    }
}

fn half_of(halves: &mut [Half; 3], stream: Stream) -> &mut Half {
    let [out, err, note] = halves;
    match stream {
        Stream::Stdout => out,
        Stream::Stderr => err,
        Stream::Note => note,
    }
}

fn place_of([out, err, note]: Places, stream: Stream) -> u64 {
    match stream {
        Stream::Stdout => out,
        Stream::Stderr => err,
        Stream::Note => note,
    }
}

/// In UTF-8 (RFC 3629).
pub const LONGEST_CHARACTER: usize = 4;

/// How many bytes there are without the beginning of a character whose end is missing.
pub fn whole_characters(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(LONGEST_CHARACTER).enumerate().map(|(back, byte)| (back + 1, *byte)) {
        let needs = match byte {
            0b1000_0000..0b1100_0000 => continue,
            0b1100_0000..0b1110_0000 => 2,
            0b1110_0000..0b1111_0000 => 3,
            0b1111_0000.. => 4,
            _ => 1,
        };
        return if back < needs { bytes.len() - back } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use bandleader_core::redact::Redactor;

    use super::super::{JOBS_FOLDER, JobsFolder, Writer};
    use super::*;

    /// What a job printed: (stream, bytes), 300 ms apart, so that each has a record of its own.
    fn printed(pieces: &[(Stream, &str)]) -> (tempfile::TempDir, JobId) {
        let folder = tempfile::tempdir().unwrap();
        let jobs = folder.path().join(JOBS_FOLDER);
        std::fs::create_dir(&jobs).unwrap();
        let job = JobId::parse("1.1").unwrap();
        let folder_of_jobs = JobsFolder::open(&jobs).unwrap();
        let mut writer = Writer::new(folder_of_jobs, job, Timestamp(5), &Redactor::default(), 64 << 20);
        for (at, (stream, text)) in (0..).step_by(300).zip(pieces) {
            writer.write(*stream, at, text.as_bytes());
        }
        (folder, job)
    }

    fn all(lines: &mut Lines) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(line) = lines.next(More::WillNotCome).unwrap() {
            all.push(format!("{:?} {} {}", line.stream, line.at.0, String::from_utf8_lossy(&line.bytes)));
        }
        all
    }

    #[test]
    fn a_character_is_never_cut() {
        let text = "aü€😀";
        let wholes = [0, 1, 3, 6, 10];
        for length in 0..=text.len() {
            let expected = wholes.iter().rev().find(|whole| **whole <= length).unwrap();
            assert_eq!(whole_characters(&text.as_bytes()[..length]), *expected, "{length}");
        }
        assert_eq!(whole_characters(&[0x80; 9]), 9, "what is no text at all is not waited for");
    }

    const MIXED: [(Stream, &str); 6] = [
        (Stream::Stdout, "one\ntw"),
        (Stream::Stderr, "bad\nwor"),
        (Stream::Stdout, "o\nthr"),
        (Stream::Note, "\n[note]\n"),
        (Stream::Stdout, "ee\n\nlast"),
        (Stream::Stderr, "se\n"),
    ];

    #[test]
    fn a_line_is_told_when_its_end_has_come() {
        let (folder, job) = printed(&MIXED);
        let mut lines = Lines::new(folder.path(), job);
        let told = all(&mut lines);
        let expected = [
            "Stdout 0 one",
            "Stderr 300 bad",
            "Stdout 600 two",
            "Note 900 [note]",
            "Stdout 1200 three",
            "Stdout 1200 ",
            "Stderr 1500 worse",
            "Stdout 1500 last",
        ];
        assert_eq!(told, expected);
        assert_eq!(lines.began(), Some(Timestamp(5)));
    }

    #[test]
    fn another_reader_goes_on_after_any_line_and_stops_before_it() {
        let (folder, job) = printed(&MIXED);
        let whole = all(&mut Lines::new(folder.path(), job));
        for count in 0..=whole.len() {
            let mut first = Lines::new(folder.path(), job);
            for _ in 0..count {
                first.next(More::WillNotCome).unwrap();
            }
            let places = first.places();
            assert_eq!(all(&mut Lines::new(folder.path(), job).going_on(places)), whole[count..], "after {count}");
            let mut before = all(&mut Lines::new(folder.path(), job).until(places));
            before.sort();
            let mut expected = whole[..count].to_vec();
            expected.sort();
            assert_eq!(before, expected, "before {count}");
        }
    }

    #[test]
    fn what_has_no_line_breaks_is_broken_between_letters() {
        let text = "ä".repeat(LONGEST);
        let (folder, job) = printed(&[(Stream::Stdout, &text)]);
        let mut lines = Lines::new(folder.path(), job);
        let mut read = String::new();
        while let Some(line) = lines.next(More::WillNotCome).unwrap() {
            assert!(line.bytes.len() <= LONGEST + 1, "{}", line.bytes.len());
            read.push_str(std::str::from_utf8(&line.bytes).unwrap());
            let mut rest = Lines::new(folder.path(), job).going_on(lines.places());
            let next = rest.next(More::WillNotCome).unwrap().map_or(0, |line| line.bytes.len());
            assert!(next > 0 || read.len() == text.len());
        }
        assert_eq!(read, text);
    }

    #[test]
    fn half_a_line_does_not_hold_back_the_place_for_ever() {
        let flood = "x".repeat(1023) + "\n";
        let mut pieces = vec![(Stream::Stderr, "prompt> ")];
        pieces.extend(std::iter::repeat_n((Stream::Stdout, flood.as_str()), 1_100));
        let (folder, job) = printed(&pieces);
        let mut lines = Lines::new(folder.path(), job);
        let mut told = 0;
        while let Some(line) = lines.next(More::MayCome).unwrap() {
            told += 1;
            if line.stream == Stream::Stderr {
                assert_eq!(line.bytes, b"prompt> ");
            }
        }
        assert_eq!((told, lines.places()), (1_101, [8 + (1_100 << 10); 3]));
    }
}
