//! Links by which people answer a question, once, without anything else of the server.
//!
//! What opens one is made from a key that only this project's owner can read and the message that it goes out with: so it stands nowhere on
//! disk, and the message is the same however often it is sent. `book` has its hash, for which question it is and whose answer it gives.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::PathBuf;

use super::sign::PlainSecret;
use crate::chance;
use crate::folder::Folder;

/// Where the key is, in the folder of what the server keeps.
const KEY: &str = "answers.key";

/// Where the address of the server is, beside it.
const ADDRESS: &str = "address";

/// What makes links.
pub(super) struct Maker(PlainSecret);

impl Maker {
    /// With the key of the project, which is made when there is none.
    pub(super) fn of(folder: &Folder) -> io::Result<Maker> {
        let place = folder.create_serve().map_err(io::Error::other)?;
        let path = place.join(KEY);
        let key = if let Some(key) = read(&path)? {
            key
        } else {
            let beside = place.join(format!("{KEY}.{}", std::process::id()));
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(chance::secret().map_err(io::Error::other)?.as_bytes())?;
            file.sync_all()?;
            // Of two that make one at the same time, the first one's counts.
            let linked = fs::hard_link(&beside, &path);
            fs::remove_file(&beside)?;
            linked.or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })?;
            read(&path)?.ok_or(io::ErrorKind::NotFound)?
        };
        PlainSecret::parse(&key).map(Maker).map_err(io::Error::other)
    }

    /// What opens the link of a message to a webhook.
    pub(super) fn token(&self, hook: &str, message: &str) -> String {
        self.0.token(&format!("answer\n{hook}\n{message}"))
    }
}

fn read(path: &std::path::Path) -> io::Result<Option<String>> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(known) if !known.is_file() || known.permissions().mode() & 0o077 != 0 => {
            Err(io::Error::other("the key of answer links is open to others: remove it"))
        }
        Ok(_) => fs::read_to_string(path).map(Some),
    }
}

/// Says where the server is reached now, for links to it; dropped, that it is not.
pub struct Reached {
    path: PathBuf,
    address: String,
}

impl Reached {
    /// `http://127.0.0.1:4270`, without a slash at its end.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn at(folder: &Folder, address: &str) -> io::Result<Reached> {
        let path = folder.create_serve().map_err(io::Error::other)?.join(ADDRESS);
        fs::write(&path, address)?;
        Ok(Reached { path, address: address.to_owned() })
    }
}

impl Drop for Reached {
    fn drop(&mut self) {
        // Another server may have come to be reached meanwhile.
        if fs::read_to_string(&self.path).is_ok_and(|address| address == self.address) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Where the server is reached now, if one is.
pub(super) fn reached(folder: &Folder) -> Option<String> {
    let path = folder.root().join("serve").join(ADDRESS);
    fs::read_to_string(path).ok().filter(|address| address.starts_with("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_one_key_that_nobody_else_can_read() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (Folder::create(one.path()).unwrap(), Folder::create(other.path()).unwrap());
        let token = |folder: &Folder, message: &str| Maker::of(folder).unwrap().token("ops", message);
        let first = token(&one, "msg_1");
        assert_eq!((first.len(), token(&one, "msg_1") == first), (43, true));
        assert_ne!(token(&one, "msg_2"), first);
        assert_ne!(token(&other, "msg_1"), first);
        let path = one.create_serve().unwrap().join(KEY);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Maker::of(&one).is_err());
    }

    #[test]
    fn an_address_is_told_for_as_long_as_the_server_is_there() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        assert_eq!(reached(&folder), None);
        let first = Reached::at(&folder, "http://127.0.0.1:1").unwrap();
        let second = Reached::at(&folder, "http://127.0.0.1:2").unwrap();
        drop(first);
        assert_eq!(reached(&folder).as_deref(), Some("http://127.0.0.1:2"));
        drop(second);
        assert_eq!(reached(&folder), None);
    }
}
