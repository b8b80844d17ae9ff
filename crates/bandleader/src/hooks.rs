//! The webhooks of this project and this person, from their `band.toml` files, for whatever tells them.

use bandleader_core::webhooks;
use bandleader_engine::folder::Folder;
use bandleader_engine::hooks::{Courier, Hook};

use crate::config;
use crate::error::Failure;

/// All of them; of two with one name the project's counts.
pub(crate) fn all() -> Result<Vec<Hook>, Failure> {
    let mut found: Vec<Hook> = Vec::new();
    for webhook in config::settings_files()?.iter().flat_map(webhooks) {
        if !found.iter().any(|hook| hook.webhook.name == webhook.name) {
            found.push(Hook::new(webhook, |name| std::env::var(name).ok()));
        }
    }
    Ok(found)
}

/// Tells them while this process runs what happens in the project. A `band.toml` that is broken is for `band check` to tell of.
pub(crate) fn courier(folder: &Folder) -> Option<Courier> {
    Courier::start(folder, all().unwrap_or_default())
}
