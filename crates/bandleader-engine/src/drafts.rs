//! Drafts: answers of interviews that have no plan yet. A file for each request, replaced whole and on the disk with every answer, so that
//! whoever is interrupted loses none.
//!
//! Called by `band plan`. What stands in a file is the core's (`write_draft`, `read_answers`); here is only where it lies: in `.band/answers/`,
//! readable by its owner alone. At most [`MOST`] are kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::folder::{Folder, FolderError};
use crate::replace::replace_durably;

/// As many drafts are kept; the oldest go first.
pub const MOST: usize = 32;

/// Letters of a request in its file's name, for people.
const LONGEST_NAME: usize = 24;

/// The file of a request, whether it exists or not. The same words, however they are spaced, have the same file.
pub fn file_of(folder: &Folder, request: &str) -> PathBuf {
    let words: Vec<&str> = request.split_whitespace().collect();
    let mut name = String::new();
    for letter in words.join(" ").chars() {
        match letter {
            letter if letter.is_ascii_alphanumeric() => name.push(letter.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
        if name.len() == LONGEST_NAME {
            break;
        }
    }
    let hash = blake3::hash(words.join(" ").as_bytes()).to_hex();
    let hash = hash.as_str().get(..8).unwrap_or_default();
    let name = name.trim_end_matches('-');
    let dash = if name.is_empty() { "" } else { "-" };
    folder.answers().join(format!("{name}{dash}{hash}.yaml"))
}

/// Puts a draft in place of what stood there before. It is on the disk when this returns.
///
/// # Errors
/// Its folder cannot be made, or the disk said no.
pub fn keep(folder: &Folder, request: &str, text: &str) -> Result<PathBuf, FolderError> {
    folder.create_answers()?;
    let path = file_of(folder, request);
    replace_durably(&path, text.as_bytes()).map_err(|source| FolderError::Io { path: path.clone(), source })?;
    for (_, old) in all(folder).into_iter().rev().skip(MOST) {
        let _ = fs::remove_file(old);
    }
    Ok(path)
}

/// The draft that was written last, if there is any.
pub fn newest(folder: &Folder) -> Option<PathBuf> {
    all(folder).pop().map(|(_, path)| path)
}

/// Since when a draft is as it is; none if there is no such file.
pub fn written_at(path: &Path) -> Option<SystemTime> {
    let about = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    about.modified().ok()
}

/// A plan was made of it. One that is gone already is no error.
pub fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// The oldest first.
fn all(folder: &Folder) -> Vec<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(folder.answers()).into_iter().flatten().flatten().map(|entry| entry.path());
    let drafts = entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut found: Vec<_> = drafts.filter_map(|path| Some((written_at(&path)?, path))).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::time::Duration;

    use super::*;

    fn project() -> (tempfile::TempDir, Folder) {
        let top = tempfile::tempdir().unwrap();
        let folder = Folder::create(top.path()).unwrap();
        (top, folder)
    }

    fn name(folder: &Folder, request: &str) -> String {
        file_of(folder, request).file_name().unwrap().to_string_lossy().into_owned()
    }

    #[test]
    fn a_request_has_one_file_however_it_is_spaced_and_its_name_is_only_a_name() {
        let (_top, folder) = project();
        assert_eq!(name(&folder, "Build a  shop\n"), name(&folder, " Build a shop"));
        assert_ne!(name(&folder, "Build a shop"), name(&folder, "Build a Shop"), "another wish");
        assert!(name(&folder, "Build a shop").starts_with("build-a-shop-"));
        for hostile in ["../../x", "/etc/passwd", "\u{1b}[2J", "Ärger über Öl", "", &"x".repeat(5_000)] {
            let file = file_of(&folder, hostile);
            assert_eq!(file.parent(), Some(folder.answers().as_path()), "{hostile:?}");
            let name = name(&folder, hostile);
            assert!(
                name.len() < 64 && name.chars().all(|one| one.is_ascii_alphanumeric() || "-.".contains(one)),
                "{name}"
            );
            assert!(!name.starts_with('.') && !name.starts_with('-'), "{name}");
        }
    }

    #[test]
    fn a_draft_is_replaced_whole_is_its_owner_s_and_is_forgotten_with_its_plan() {
        let (_top, folder) = project();
        assert_eq!(newest(&folder), None);
        let path = keep(&folder, "Build a shop", "one").unwrap();
        assert_eq!(keep(&folder, "Build a shop", "two").unwrap(), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(folder.answers()).unwrap().count(), 1, "nothing is left beside it");
        let mode = fs::metadata(folder.answers()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700);
        assert!(written_at(&path).is_some());
        forget(&path).unwrap();
        forget(&path).unwrap();
        assert_eq!((newest(&folder), written_at(&path)), (None, None));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let (_top, folder) = project();
        let old = SystemTime::now() - Duration::from_hours(100);
        for number in 0..MOST {
            let path = keep(&folder, &format!("wish {number}"), "x").unwrap();
            let at = old + Duration::from_mins(u64::try_from(number).unwrap());
            fs::File::open(path).unwrap().set_modified(at).unwrap();
        }
        assert!(newest(&folder).is_some_and(|path| path == file_of(&folder, &format!("wish {}", MOST - 1))));
        keep(&folder, "one more", "x").unwrap();
        assert_eq!(all(&folder).len(), MOST);
        assert!(!file_of(&folder, "wish 0").exists() && file_of(&folder, "wish 1").exists());
        assert_eq!(newest(&folder), Some(file_of(&folder, "one more")));
    }
}
