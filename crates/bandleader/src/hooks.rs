//! The webhooks of this project and this person, and who may tell us something, from their `band.toml` files.

use std::process::Command;

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

/// Takes the secrets of those who may tell us something out of what a process is started with: engines have no use for them, and whoever
/// works for an engine must not be able to say in another's name that the work is good. One that signs what is sent, too, stays.
pub(crate) fn keep_secrets(command: &mut Command) {
    let files = config::settings_files().unwrap_or_default();
    let needed: Vec<String> = files.iter().flat_map(webhooks).filter_map(|webhook| webhook.secret_env).collect();
    for hook in files.iter().flat_map(incoming_hooks).filter(|hook| !needed.contains(&hook.secret_env)) {
        command.env_remove(hook.secret_env);
    }
}

/// Tells them while this process runs what happens in the project. A `band.toml` that is broken is for `band check` to tell of.
pub(crate) fn courier(folder: &Folder) -> Option<Courier> {
    Courier::start(folder, all().unwrap_or_default())
}
