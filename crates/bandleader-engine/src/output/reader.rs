//! Reads what a job printed, also while it is still printing.
//!
//! Called by faces (`band logs -f`) and by the engine (a task's output taken from its standard output).

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bandleader_core::{JobId, Millis, Timestamp};

use super::record::{Record, SIZE, Stream};

/// The most bytes in one `Chunk`.
const MOST: usize = 64 << 10;

/// Some bytes that a job printed, raw and masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// From which stream.
    pub stream: Stream,
    /// When, counted from the start of the process.
    pub at: Millis,
    /// What. May be invalid UTF-8 and may hold terminal sequences.
    pub bytes: Vec<u8>,
}

/// A place in a job's output that moves forward.
pub struct Reader {
    log_path: PathBuf,
    index_path: PathBuf,
    files: Option<(File, File)>,
    began: Option<Timestamp>,
    only: Option<Stream>,
    record: u64,
    used: u32,
    /// Where the next byte is, counted over all streams.
    place: u64,
}

impl Reader {
    /// Starts at the beginning. The job need not have printed anything yet.
    pub fn new(run_folder: &Path, job: JobId) -> Reader {
        Reader {
            log_path: super::log_path(run_folder, job),
            index_path: super::index_path(run_folder, job),
            files: None,
            began: None,
            only: None,
            record: 0,
            used: 0,
            place: 0,
        }
    }

    /// The same from another place on, as `place` gave it.
    #[must_use]
    pub fn starting_at(mut self, place: u64) -> Reader {
        self.place = place;
        self
    }

    /// Where it is: so many bytes of all streams came before. A later reader can start there.
    pub fn place(&self) -> u64 {
        self.place
    }

    /// When the process began, once anything was read; none where that was not written down with what it printed.
    pub fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// Closes its files until they are needed again: for one who holds hundreds of readers.
    pub fn rest(&mut self) {
        self.files = None;
    }

    /// Passes over everything from other streams.
    #[must_use]
    pub fn only(mut self, stream: Stream) -> Reader {
        self.only = Some(stream);
        self
    }

    /// The next bytes; none when there are no more now. Ask again later, or stop once the job has ended and none came after that.
    ///
    /// # Errors
    /// When a file cannot be read, or is shorter than its index says.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        if self.files.is_none() {
            let Some(index) = open(&self.index_path)? else { return Ok(None) };
            let Some(log) = open(&self.log_path)? else { return Ok(None) };
            self.files = Some((log, index));
            self.began = self.record_at(0)?.and_then(Record::began);
            self.find_place()?;
        }
        while let Some((record, length)) = self.next_part()? {
            self.used += length;
            self.place = record.offset + u64::from(self.used);
            if self.only.is_some_and(|only| only != record.stream) {
                continue;
            }
            let Some((log, _)) = &self.files else { return Ok(None) };
            let mut bytes = vec![0; length as usize];
            log.read_exact_at(&mut bytes, record.offset + u64::from(self.used - length))?;
            return Ok(Some(Chunk { stream: record.stream, at: Millis(record.at), bytes }));
        }
        Ok(None)
    }

    /// Goes to the record that the place is in: their offsets rise.
    fn find_place(&mut self) -> io::Result<()> {
        let Some((_, index)) = &self.files else { return Ok(()) };
        let count = index.metadata()?.len() / SIZE as u64;
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.record_at(middle)? {
                Some(record) if record.offset + u64::from(record.length) <= self.place => low = middle + 1,
                _ => high = middle,
            }
        }
        // Behind all of them is the end of the last, which may still grow.
        let low = low.min(count.saturating_sub(1));
        let within = self.record_at(low)?.map_or(0, |record| self.place.saturating_sub(record.offset));
        (self.record, self.used) = (low, u32::try_from(within).unwrap_or(0));
        Ok(())
    }

    /// A record with bytes that were not used yet, and how many of them come next.
    fn next_part(&mut self) -> io::Result<Option<(Record, u32)>> {
        loop {
            let Some(record) = self.record_at(self.record)? else { return Ok(None) };
            if record.length > self.used {
                let most = u32::try_from(MOST).unwrap_or(u32::MAX);
                return Ok(Some((record, (record.length - self.used).min(most))));
            }
            // The last record may still grow. Once there is a further one it does not, but it may have grown since it was read.
            if self.record_at(self.record + 1)?.is_none() {
                return Ok(None);
            }
            if self.record_at(self.record)? == Some(record) {
                (self.record, self.used) = (self.record + 1, 0);
            }
        }
    }

    fn record_at(&self, number: u64) -> io::Result<Option<Record>> {
        let Some((_, index)) = &self.files else { return Ok(None) };
        let mut bytes = [0; SIZE];
        match index.read_exact_at(&mut bytes, number * SIZE as u64) {
            Ok(()) => Ok(Record::from_bytes(&bytes)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// How much a job printed so far, in bytes over all streams; 0 where nothing is known of it.
pub fn size(run_folder: &Path, job: JobId) -> u64 {
    std::fs::metadata(super::log_path(run_folder, job)).map_or(0, |known| known.len())
}

/// All bytes that a job printed to one stream, up to `limit`; whether there were more is the second value.
///
/// # Errors
/// As `Reader::next_chunk`.
pub fn read_stream(run_folder: &Path, job: JobId, stream: Stream, limit: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut reader = Reader::new(run_folder, job).only(stream);
    let mut all = Vec::new();
    while let Some(chunk) = reader.next_chunk()? {
        all.extend(chunk.bytes);
        if all.len() > limit {
            all.truncate(limit);
            return Ok((all, true));
        }
    }
    Ok((all, false))
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{JobsFolder, Writer};
    use super::*;
    use bandleader_core::redact::Redactor;
    use std::fmt::Write;

    const JOB: &str = "1.1";
    const BEGAN: Timestamp = Timestamp(1_700_000_000_000);

    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let path = std::env::temp_dir().join(format!("band-output-{name}-{}", std::process::id()));
            std::fs::create_dir_all(path.join(super::super::JOBS_FOLDER)).unwrap();
            Place(path)
        }
        fn writer(&self, limit: u64) -> Writer {
            let folder = JobsFolder::open(&self.0.join(super::super::JOBS_FOLDER)).unwrap();
            Writer::new(folder, JobId::parse(JOB).unwrap(), BEGAN, &Redactor::default(), limit)
        }
        fn reader(&self) -> Reader {
            Reader::new(&self.0, JobId::parse(JOB).unwrap())
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn text(reader: &mut Reader) -> String {
        let mut all = String::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            let text = String::from_utf8_lossy(&chunk.bytes);
            write!(all, "{:?} {} {text};", chunk.stream, chunk.at.0).unwrap();
        }
        all
    }

    #[test]
    fn streams_are_told_apart_and_followed() {
        let place = Place::new("follow");
        let (mut writer, mut reader) = (place.writer(1000), place.reader());
        assert_eq!(text(&mut reader), "");
        writer.write(Stream::Stdout, 1, b"one ");
        assert_eq!(text(&mut reader), "Stdout 1 one ;");
        assert_eq!(reader.began(), Some(BEGAN));
        reader.rest();
        writer.write(Stream::Stdout, 2, b"two ");
        writer.write(Stream::Stderr, 3, b"bad ");
        writer.write(Stream::Stdout, 500, b"three");
        assert_eq!(text(&mut reader), "Stdout 1 two ;Stderr 3 bad ;Stdout 500 three;");
        assert_eq!(text(&mut reader), "");
        let (all, more) = read_stream(&place.0, JobId::parse(JOB).unwrap(), Stream::Stdout, 100).unwrap();
        assert_eq!((all.as_slice(), more), (b"one two three".as_slice(), false));
        let (all, more) = read_stream(&place.0, JobId::parse(JOB).unwrap(), Stream::Stdout, 5).unwrap();
        assert_eq!((all.as_slice(), more), (b"one t".as_slice(), true));
    }

    #[test]
    fn a_reader_goes_on_where_another_one_was() {
        let place = Place::new("place");
        let mut writer = place.writer(10_000);
        for n in 0..20_u8 {
            writer.write(if n % 3 == 0 { Stream::Stderr } else { Stream::Stdout }, u64::from(n), &[b'a' + n; 7]);
        }
        let mut first = place.reader();
        let mut before = Vec::new();
        while let Some(chunk) = first.next_chunk().unwrap() {
            before.push((first.place(), chunk));
        }
        assert_eq!(before.last().unwrap().0, 140);
        for from in 0..=140 {
            let mut later = place.reader().starting_at(from);
            let mut bytes = Vec::new();
            while let Some(chunk) = later.next_chunk().unwrap() {
                bytes.extend(chunk.bytes);
            }
            let all: Vec<u8> = before.iter().flat_map(|(_, chunk)| chunk.bytes.clone()).collect();
            assert_eq!(bytes, all[usize::try_from(from).unwrap()..], "from {from}");
        }
        // At the end, it is there for what comes next.
        let mut waiting = place.reader().starting_at(140);
        assert_eq!(waiting.next_chunk().unwrap(), None);
        writer.write(Stream::Stdout, 30, b"more");
        assert_eq!(waiting.next_chunk().unwrap().unwrap().bytes, b"more");
    }

    #[test]
    fn over_the_limit_the_middle_is_left_out() {
        let place = Place::new("limit");
        let mut writer = place.writer(1000);
        for n in 0..100_u8 {
            writer.write(if n % 2 == 0 { Stream::Stdout } else { Stream::Stderr }, u64::from(n), &[b'a' + n % 26; 100]);
        }
        let kept = writer.finish(100);
        assert_eq!((kept.total, kept.left_out > 8000, kept.error), (10_000, true, None));
        let all = text(&mut place.reader());
        assert!(all.contains(&format!("\n[band: {} bytes left out here]\n;", kept.left_out)), "{all}");
        assert!(all.starts_with("Stdout 0 aaaa") && all.ends_with("vvvv;"), "{all}");
        assert!(std::fs::metadata(super::super::log_path(&place.0, JobId::parse(JOB).unwrap())).unwrap().len() < 1200);
    }

    #[test]
    fn a_job_that_prints_nothing_leaves_no_file() {
        let place = Place::new("nothing");
        let kept = place.writer(1000).finish(0);
        assert_eq!(kept.total, 0);
        assert_eq!(std::fs::read_dir(place.0.join("jobs")).unwrap().count(), 0);
    }
}
