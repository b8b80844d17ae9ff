//! Puts what a job prints on disk: masked, indexed, within a limit.
//!
//! Called by the job's worker thread. A write that fails never fails the job: the rest of the output is then only counted, and
//! the reason is reported with its end. Invariant: an index record is written after the bytes that it speaks of.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bandleader_core::redact::{Masker, Redactor};
use bandleader_core::{JobId, Timestamp};
use rustix::fs::{Mode, OFlags};

use super::record::{Record, SIZE, Stream};
use super::tail::Tail;

/// How much of the end is kept when the limit is passed, in memory until the job ends: thousands of lines, and little for each of
/// many jobs at once.
const TAIL: u64 = 256 << 10;

/// Bytes of the same stream within this time share an index record: a job that prints byte by byte must not have an index
/// larger than its log.
const JOIN_MILLIS: u64 = 250;

/// Where a line has ended, the next one has a record of its own after this time: by them lines of several jobs find their order.
const JOIN_LINES_MILLIS: u64 = 10;

/// After this many records (24 MB) the last one takes all, whatever its stream.
const MOST_RECORDS: u64 = 1 << 20;

/// The folder that output files are in, held open: a short path for each of thousands of files.
#[derive(Clone)]
pub(crate) struct JobsFolder(Arc<OwnedFd>);

impl JobsFolder {
    /// Opens the folder, which must be there.
    pub(crate) fn open(path: &Path) -> io::Result<JobsFolder> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(JobsFolder(Arc::new(rustix::fs::open(path, flags, Mode::empty())?)))
    }

    fn create(&self, job: JobId, extension: &str) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
        let name = format!("{job}.{extension}");
        Ok(rustix::fs::openat(&*self.0, name, flags, Mode::RUSR | Mode::WUSR)?.into())
    }
}

/// The output of one job.
pub(crate) struct Writer {
    folder: JobsFolder,
    job: JobId,
    began: Timestamp,
    files: Option<Files>,
    stdout: Masker,
    stderr: Masker,
    head_limit: u64,
    tail_limit: u64,
    tail: Option<Tail>,
    total: u64,
    error: Option<String>,
}

/// What became of the output.
pub(crate) struct Kept {
    /// Bytes that the job printed.
    pub(crate) total: u64,
    /// Bytes of them that are not in the log because of the limit.
    pub(crate) left_out: u64,
    /// Why others are not.
    pub(crate) error: Option<String>,
}

impl Writer {
    /// Output of `job`, which `began` at that time, and of which `limit` bytes are kept. Nothing is created yet.
    pub(crate) fn new(folder: JobsFolder, job: JobId, began: Timestamp, redactor: &Redactor, limit: u64) -> Writer {
        let tail_limit = TAIL.min(limit / 2);
        Writer {
            folder,
            job,
            began,
            files: None,
            stdout: redactor.masker(),
            stderr: redactor.masker(),
            head_limit: limit - tail_limit,
            tail_limit,
            tail: None,
            total: 0,
            error: None,
        }
    }

    /// Bytes so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Takes what the job printed `at` milliseconds after its start.
    pub(crate) fn write(&mut self, stream: Stream, at: u64, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let masked = match stream {
            Stream::Stdout => self.stdout.push(bytes),
            Stream::Stderr => self.stderr.push(bytes),
            Stream::Note => Cow::Borrowed(bytes),
        };
        self.keep(stream, at, &masked);
    }

    /// Writes what was held back, the end of a flood, and says how it went.
    pub(crate) fn finish(mut self, at: u64) -> Kept {
        for (stream, rest) in [(Stream::Stdout, self.stdout.finish()), (Stream::Stderr, self.stderr.finish())] {
            self.keep(stream, at, &rest);
        }
        let mut left_out = 0;
        if let Some((dropped, pieces)) = self.tail.take().map(Tail::into_parts) {
            left_out = dropped;
            if dropped > 0 {
                // It stands where they would: times never go back in a log.
                let at = pieces.front().map_or(at, |piece| piece.at);
                self.append(Stream::Note, at, format!("\n[band: {dropped} bytes left out here]\n").as_bytes());
            }
            for piece in pieces {
                self.append(piece.stream, piece.at, &piece.bytes);
            }
        }
        Kept { total: self.total, left_out, error: self.error }
    }

    fn keep(&mut self, stream: Stream, at: u64, bytes: &[u8]) {
        let room = self.head_limit.saturating_sub(self.files.as_ref().map_or(0, |files| files.length));
        let room = if self.tail.is_some() { 0 } else { usize::try_from(room).unwrap_or(usize::MAX) };
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.append(stream, at, head);
        if !rest.is_empty() && self.error.is_none() {
            let limit = usize::try_from(self.tail_limit).unwrap_or(usize::MAX);
            self.tail.get_or_insert_with(|| Tail::new(limit)).push(stream, at, rest);
        }
    }

    fn append(&mut self, stream: Stream, at: u64, bytes: &[u8]) {
        if bytes.is_empty() || self.error.is_some() {
            return;
        }
        if let Err(error) = self.try_append(stream, at, bytes) {
            self.error = Some(format!("cannot keep the output: {error}"));
        }
    }

    fn try_append(&mut self, stream: Stream, at: u64, bytes: &[u8]) -> io::Result<()> {
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(Files::create(&self.folder, self.job, self.began)?),
        };
        // A record counts its bytes in 32 bits; chunks are far smaller, but the rule is kept here.
        bytes.chunks(1 << 30).try_for_each(|bytes| files.append(stream, at, bytes))
    }
}

struct Files {
    log: File,
    index: File,
    length: u64,
    records: u64,
    last: Option<Record>,
    /// Its last byte ended a line.
    is_at_line: bool,
}

impl Files {
    fn create(folder: &JobsFolder, job: JobId, began: Timestamp) -> io::Result<Files> {
        let (log, index) = (folder.create(job, "log")?, folder.create(job, "idx")?);
        index.write_all_at(&Record::beginning(began).to_bytes(), 0)?;
        Ok(Files { log, index, length: 0, records: 1, last: None, is_at_line: false })
    }

    fn append(&mut self, stream: Stream, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.log.write_all(bytes)?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let grown = self.last.and_then(|last| self.grown(last, stream, at, length));
        self.records += u64::from(grown.is_none());
        let record = grown.unwrap_or(Record { offset: self.length, length, at, stream });
        self.index.write_all_at(&record.to_bytes(), (self.records - 1) * SIZE as u64)?;
        self.last = Some(record);
        self.is_at_line = bytes.ends_with(b"\n");
        self.length += u64::from(length);
        Ok(())
    }

    fn grown(&self, last: Record, stream: Stream, at: u64, length: u32) -> Option<Record> {
        let join = if self.is_at_line { JOIN_LINES_MILLIS } else { JOIN_MILLIS };
        let near = last.stream == stream && at.saturating_sub(last.at) < join;
        let full = self.records >= MOST_RECORDS;
        (near || full).then_some(Record { length: last.length.checked_add(length)?, ..last })
    }
}
