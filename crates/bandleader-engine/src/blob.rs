//! Content by its hash: frozen plans and whatever is too large for an event.
//!
//! Invariant: a blob that is there is whole. It is written beside its place, made durable, and then renamed into it; what
//! is read is checked against its name. All lie in one folder: each level of folders would cost another durable write.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::folder::{self, Folder};

/// The BLAKE3 hash of some content, as 64 hexadecimal digits. Checked once, here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId(Box<str>);

/// The blobs of one state folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
}

/// A blob cannot be kept or given back.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It never was here, or somebody removed it.
    #[error("blob `{}` is not in `{}`; restore that folder from a backup", .id.as_str(), .root.display())]
    Missing {
        /// Which.
        id: BlobId,
        /// Where it should be.
        root: PathBuf,
    },
    /// Its content is not what its name says.
    #[error("`{}` is damaged: its content does not match its name; restore it from a backup", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// That text names no blob.
    #[error("`{0}` is not the name of a blob: 64 hexadecimal digits")]
    BadId(String),
    /// The disk said no.
    #[error("cannot {action} `{}`; check the disk's room and rights", .file.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl BlobId {
    /// Checks `text` once.
    pub fn parse(text: &str) -> Result<BlobId, BlobError> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hex) {
            return Ok(BlobId(text.into()));
        }
        Err(BlobError::BadId(text.chars().take(80).flat_map(char::escape_default).collect()))
    }

    /// The name of this content.
    pub fn of(content: &[u8]) -> BlobId {
        BlobId(blake3::hash(content).to_hex().as_str().into())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Blobs {
    /// The blobs of this state folder.
    pub fn of(folder: &Folder) -> Blobs {
        Blobs { root: folder.blobs() }
    }

    /// Keeps `content` and names it. When this returns, it survives a power loss. What is there already is not written again,
    /// unless it is damaged: then it is healed.
    pub fn put(&self, content: &[u8]) -> Result<BlobId, BlobError> {
        let id = BlobId::of(content);
        let file = self.file(&id);
        let is_there = fs::read(&file).is_ok_and(|kept| kept == content);
        let written = if is_there { Ok(()) } else { self.write(&file, content) };
        // Also for what is there: who put it may have been killed between the renaming and this.
        let kept = written.and_then(|()| folder::sync(&self.root));
        kept.map_err(|source| BlobError::Io { action: "write", file, source })?;
        Ok(id)
    }

    /// Gives the content back, checked.
    pub fn get(&self, id: &BlobId) -> Result<Vec<u8>, BlobError> {
        let file = self.file(id);
        match fs::read(&file) {
            Ok(content) if BlobId::of(&content) == *id => Ok(content),
            Ok(_) => Err(BlobError::Damaged { file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(BlobError::Missing { id: id.clone(), root: self.root.clone() })
            }
            Err(source) => Err(BlobError::Io { action: "read", file, source }),
        }
    }

    fn file(&self, id: &BlobId) -> PathBuf {
        self.root.join(id.as_str())
    }

    /// Puts `content` at `file` such that at every instant, power loss included, there is the old content or the new.
    fn write(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.root)?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let beside = self.root.join(format!(".new-{}-{number}", std::process::id()));
        let written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
        let renamed = written.and_then(|mut new| {
            new.write_all(content)?;
            new.sync_all()?;
            fs::rename(&beside, file)
        });
        if renamed.is_err() {
            let _ = fs::remove_file(&beside);
        }
        renamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let project = tempfile::tempdir().unwrap();
        let blobs = Blobs::of(&Folder::create(project.path()).unwrap());
        (project, blobs)
    }

    #[test]
    fn what_was_put_comes_back() {
        let (_project, blobs) = blobs();
        for content in [&b""[..], b"plan", &vec![0xff; 100_000]] {
            let id = blobs.put(content).unwrap();
            assert_eq!(blobs.put(content).unwrap(), id);
            assert_eq!(blobs.get(&id).unwrap(), content);
            assert_eq!(BlobId::parse(id.as_str()).unwrap(), id);
        }
    }

    #[test]
    fn damage_is_seen_and_healed() {
        let (_project, blobs) = blobs();
        let id = blobs.put(b"the plan").unwrap();
        fs::write(blobs.file(&id), b"the plot").unwrap();
        assert!(matches!(blobs.get(&id), Err(BlobError::Damaged { .. })));
        blobs.put(b"the plan").unwrap();
        assert_eq!(blobs.get(&id).unwrap(), b"the plan");
    }

    #[test]
    fn a_missing_blob_is_named() {
        let (_project, blobs) = blobs();
        let error = blobs.get(&BlobId::of(b"never put")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("blob `{}` is not in", BlobId::of(b"never put").as_str())), "{error}");
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        for text in ["", "../../etc/passwd", &"A".repeat(64), &"g".repeat(64), &"a".repeat(63)] {
            assert!(BlobId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_is_left_beside_it() {
        let (_project, blobs) = blobs();
        let id = blobs.put(b"x").unwrap();
        let folder = blobs.file(&id).parent().unwrap().to_owned();
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    }
}
