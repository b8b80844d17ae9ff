//! The webhooks of this project and this person, and who may tell us something, from their `band.toml` files.

use bandleader_core::{incoming_hooks, webhooks};
use bandleader_engine::folder::Folder;
use bandleader_engine::hooks::incoming::Incoming;
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

/// Who may tell us something; of two with one name the project's counts.
pub(crate) fn incoming() -> Result<Vec<Incoming>, Failure> {
    let mut found: Vec<Incoming> = Vec::new();
    for hook in config::settings_files()?.iter().flat_map(incoming_hooks) {
        if !found.iter().any(|known| known.hook.name == hook.name) {
            found.push(Incoming::new(hook, |name| std::env::var(name).ok()));
        }
    }
    Ok(found)
}

/// Tells them while this process runs what happens in the project. A `band.toml` that is broken is for `band check` to tell of.
pub(crate) fn courier(folder: &Folder) -> Option<Courier> {
    Courier::start(folder, all().unwrap_or_default())
}
