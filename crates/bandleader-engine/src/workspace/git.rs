//! Git, by its own command line: the one thing that reads every repository as its owner's git does.
//!
//! Never with the owner's hooks: what we commit, merge and check out is bookkeeping of ours, which must neither be refused by a hook
//! nor set one off. Filters (line ends, large files) stay, because files would be wrong without them.

use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// As much of git's complaint as is told.
const COMPLAINT: usize = 600;

/// Variables that would point git to another repository than the one of its folder (`git rev-parse --local-env-vars`), as they are set
/// within a hook.
const ELSEWHERE: [&str; 15] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
];

/// Settings of every call.
const SETTINGS: [&str; 11] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "rerere.enabled=false",
    "submodule.recurse=false",
    "advice.detachedHead=false",
    "merge.verifySignatures=false",
    // Milliseconds. Others lock a branch for an instant; who still has it locked after that was killed.
    "core.filesRefLockTimeout=2000",
];

/// Whether a variable of the environment would lead git astray.
pub(crate) fn leads_elsewhere(name: &str) -> bool {
    ELSEWHERE.contains(&name)
}

/// Git in one folder.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
    author: Option<String>,
}

impl Git {
    pub(super) fn at(folder: &Path) -> Git {
        Git { folder: folder.to_owned(), author: None }
    }

    /// Commits are this one's, made by way of us.
    pub(super) fn by(mut self, author: &str) -> Git {
        let name: String = author.chars().filter(|c| !c.is_control() && !"<>".contains(*c)).take(100).collect();
        self.author = Some(name);
        self
    }

    /// What it prints, without the last line break.
    ///
    /// # Errors
    /// Git's own words.
    pub(super) fn text(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.asked(arguments)?;
        let text = String::from_utf8(output.stdout).map_err(|_| "git printed what is not text".to_owned())?;
        Ok(text.trim_end_matches('\n').to_owned())
    }

    /// What it prints with `-z`: names, each of which may be anything.
    ///
    /// # Errors
    /// Git's own words.
    pub(super) fn names(&self, arguments: &[&str]) -> Result<Vec<OsString>, String> {
        use std::os::unix::ffi::OsStringExt as _;
        let bytes = self.asked(arguments)?.stdout;
        let names = bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| OsString::from_vec(name.to_vec())).collect())
    }

    /// Does it.
    ///
    /// # Errors
    /// Git's own words.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<(), String> {
        self.asked(arguments).map(drop)
    }

    /// Whether it says yes (exit code 0) or no (1).
    ///
    /// # Errors
    /// Git's own words, when it says neither.
    pub(super) fn says(&self, arguments: &[&str]) -> Result<bool, String> {
        let output = self.output(arguments, "")?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(complaint(arguments, &output)),
        }
    }

    /// Does it with a text on its standard input.
    ///
    /// # Errors
    /// Git's own words.
    pub(super) fn told(&self, arguments: &[&str], text: &str) -> Result<(), String> {
        let output = self.output(arguments, text)?;
        if output.status.success() { Ok(()) } else { Err(complaint(arguments, &output)) }
    }

    /// The commit that a name stands for, if it stands for one.
    pub(super) fn commit(&self, name: &str) -> Option<String> {
        self.text(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")]).ok()
    }

    fn asked(&self, arguments: &[&str]) -> Result<Output, String> {
        let output = self.output(arguments, "")?;
        if output.status.success() { Ok(output) } else { Err(complaint(arguments, &output)) }
    }

    /// The first bytes of what it prints, and whether there were more: it is ended then, and none of the rest is kept.
    ///
    /// # Errors
    /// Git's own words.
    pub(super) fn beginning(&self, arguments: &[&str], limit: usize) -> Result<(Vec<u8>, bool), String> {
        // Nothing is written, not even what git would remember for the next time.
        let mut command = self.command(arguments);
        command.env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
        let mut child = command.spawn().map_err(|error| not_started(&error))?;
        let (mut bytes, mut words) = (Vec::new(), Vec::new());
        if let Some(stdout) = child.stdout.take() {
            let read = stdout.take(limit as u64 + 1).read_to_end(&mut bytes);
            read.map_err(|error| format!("git was lost: {error}"))?;
        }
        let more = bytes.len() > limit;
        bytes.truncate(limit);
        if more {
            // It may have ended by itself meanwhile.
            let _ = child.kill();
        } else if let Some(stderr) = child.stderr.take() {
            let _ = stderr.take(COMPLAINT as u64 * 4).read_to_end(&mut words);
        }
        let status = child.wait().map_err(|error| format!("git was lost: {error}"))?;
        if more || status.success() {
            return Ok((bytes, more));
        }
        Err(complaint(arguments, &Output { status, stdout: Vec::new(), stderr: words }))
    }

    fn output(&self, arguments: &[&str], text: &str) -> Result<Output, String> {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().map_err(|error| not_started(&error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // It says itself what it is missing.
            let _ = stdin.write_all(text.as_bytes());
        }
        child.wait_with_output().map_err(|error| format!("git was lost: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting])).args(arguments.iter().map(OsStr::new));
        for name in ELSEWHERE {
            command.env_remove(name);
        }
        let author = self.author.as_deref().unwrap_or("band");
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_EDITOR", "true");
        // Given, so that it needs no configured identity and none is taken in vain.
        command.env("GIT_AUTHOR_NAME", author).env("GIT_AUTHOR_EMAIL", ADDRESS);
        command.env("GIT_COMMITTER_NAME", "band").env("GIT_COMMITTER_EMAIL", ADDRESS);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

fn not_started(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no `git` on PATH; install it".to_owned(),
        _ => format!("git cannot be started: {error}"),
    }
}

/// No mail goes there (RFC 2606).
const ADDRESS: &str = "band@bandleader.invalid";

fn complaint(arguments: &[&str], output: &Output) -> String {
    let verb = arguments.iter().find(|argument| !argument.starts_with('-')).copied().unwrap_or_default();
    let words = String::from_utf8_lossy(&output.stderr);
    let words = if words.trim().is_empty() { String::from_utf8_lossy(&output.stdout) } else { words };
    let words: Vec<&str> = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let words: String = words.join("; ").chars().take(COMPLAINT).collect();
    if words.is_empty() { format!("`git {verb}` failed ({})", output.status) } else { format!("`git {verb}`: {words}") }
}
