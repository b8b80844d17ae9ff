//! Files that are replaced whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Puts `parts`, one behind the other, at `path` such that a reader sees the old content or the new, never a piece. Not made durable:
/// it can be made again.
pub(crate) fn replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    put(path, |mut file| parts.iter().try_for_each(|part| file.write_all(part)))
}

/// The same for what cannot be made again: it is on the disk when this returns.
pub(crate) fn replace_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    put(path, |mut file| file.write_all(content).and_then(|()| file.sync_all()))?;
    path.parent().map_or(Ok(()), crate::folder::sync)
}

fn put(path: &Path, write: impl FnOnce(File) -> io::Result<()>) -> io::Result<()> {
    let mut beside = OsString::from(path);
    beside.push(".new");
    let written = File::create(&beside).and_then(write).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
