//! Who may come in: the secrets of the two links, kept so that a link stays good when the server is started again.
//!
//! `.band/serve/links.json`, readable by its owner alone. Each role has two secrets: the token stands in the link and in
//! `Authorization: Bearer`; the session is what a browser keeps as its cookie, so that the cookie says nothing of the token.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use bandleader_engine::chance;
use bandleader_engine::engine::EngineError;
use bandleader_engine::folder::Folder;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::error::Failure;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Look.
    Reader,
    /// Look, and do what the command line can.
    Operator,
}

impl Role {
    /// In a word.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Role::Reader => "reader",
            Role::Operator => "operator",
        }
    }
}

/// The secrets of one role.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub token: String,
    pub session: String,
}

/// Those of both.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    operator: Keys,
    reader: Keys,
    /// Nobody may do more than look.
    #[serde(skip)]
    only_look: bool,
}

/// A token that a person chose has at least so many characters.
pub(crate) const SHORTEST_TOKEN: usize = 32;

/// Whether links that are there stay good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renew {
    Keep,
    Renew,
}

impl Links {
    /// Those that are kept in the project's state folder; made if there are none, or if they are to be new.
    ///
    /// # Errors
    /// The disk refuses; the file is not ours or was damaged.
    pub(crate) fn of(folder: &Folder, renew: Renew) -> Result<Links, Failure> {
        let path = folder.create_serve()?.join("links.json");
        if renew == Renew::Keep
            && let Some(kept) = read(&path)?
        {
            return Ok(kept);
        }
        let links = Links { operator: keys()?, reader: keys()?, only_look: false };
        write(&path, &links)
            .map_err(|error| Failure::internal(format!("cannot write `{}`: {error}", path.display())))?;
        Ok(links)
    }

    /// The same with the operator's token in place of the kept one, for this process.
    pub(crate) fn with_operator(self, token: String) -> Result<Links, Failure> {
        // A session that was made with another token must not open this door.
        Ok(Links { operator: Keys { token, session: keys()?.session }, reader: keys()?, ..self })
    }

    /// The same, but whoever has one may only look.
    pub(crate) fn only_to_look(self) -> Links {
        Links { only_look: true, ..self }
    }

    /// Whether nobody may do more than look.
    pub(crate) fn is_only_to_look(&self) -> bool {
        self.only_look
    }

    /// The secrets of a role.
    pub(crate) fn keys(&self, role: Role) -> &Keys {
        match role {
            Role::Operator => &self.operator,
            Role::Reader => &self.reader,
        }
    }

    /// Whose token this is. Takes as long for a wrong one as for a right one.
    pub(crate) fn by_token(&self, token: &str) -> Option<Role> {
        self.find(|keys| same(&keys.token, token))
    }

    /// Whose session this is; the same.
    pub(crate) fn by_session(&self, session: &str) -> Option<Role> {
        self.find(|keys| same(&keys.session, session))
    }

    fn find(&self, is: impl Fn(&Keys) -> bool) -> Option<Role> {
        match (is(&self.operator), is(&self.reader)) {
            (true, _) if !self.only_look => Some(Role::Operator),
            (true, _) | (_, true) => Some(Role::Reader),
            _ => None,
        }
    }
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn keys() -> Result<Keys, Failure> {
    let secret = || chance::secret().map_err(EngineError::from);
    Ok(Keys { token: secret()?, session: secret()? })
}

fn read(path: &Path) -> Result<Option<Links>, Failure> {
    let refuse = |what: String| {
        Failure::usage(format!("`{}` {what}", path.display())).hint("`band serve --new-links` makes new ones")
    };
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(format!("cannot be read: {error}"))),
        Ok(known) if !known.is_file() || known.permissions().mode() & 0o077 != 0 => {
            return Err(refuse("is open to others, so its links count no more".into()));
        }
        Ok(_) => (),
    }
    let text = fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    let links: Links = serde_json::from_slice(&text).map_err(|error| refuse(format!("is damaged: {error}")))?;
    let secrets = [&links.operator.token, &links.operator.session, &links.reader.token, &links.reader.session];
    if secrets.iter().any(|secret| secret.len() < SHORTEST_TOKEN) {
        return Err(refuse("has a secret that is too short".into()));
    }
    Ok(Some(links))
}

/// Whole or not at all, and never readable by others, not for a moment.
fn write(path: &Path, links: &Links) -> io::Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(serde_json::to_string_pretty(links)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_good_until_new_ones_are_asked_for() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        let first = Links::of(&folder, Renew::Keep).unwrap();
        let again = Links::of(&folder, Renew::Keep).unwrap();
        let token = first.keys(Role::Reader).token.clone();
        assert_eq!(again.by_token(&token), Some(Role::Reader));
        assert_eq!(again.by_session(&token), None, "a token is no session");
        assert_eq!(again.by_session(&first.keys(Role::Operator).session), Some(Role::Operator));
        let renewed = Links::of(&folder, Renew::Renew).unwrap();
        assert_eq!(renewed.by_token(&token), None);
        assert_eq!(Links::of(&folder, Renew::Keep).unwrap().by_token(&token), None);
    }

    #[test]
    fn links_that_others_can_read_are_refused() {
        let project = tempfile::tempdir().unwrap();
        let folder = Folder::create(project.path()).unwrap();
        Links::of(&folder, Renew::Keep).unwrap();
        let path = folder.create_serve().unwrap().join("links.json");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let refusal = Links::of(&folder, Renew::Keep).unwrap_err();
        assert!(refusal.message.contains("open to others"), "{}", refusal.message);
    }
}
