//! Starts the leader of a job: its program found, its environment complete, its own process group.
//!
//! Called by `watch`. The program is looked for here and not by the standard library, because that would look in the supervisor's
//! `PATH` and would have to fork instead of using `posix_spawn`, which costs half of the rate of starts.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Resource, Rlimit};

use crate::link::Assignment;

/// Starts it with pipes on its output and, if there is input, on its input; `files` is its limit of open files. The message
/// says why it cannot.
pub(super) fn spawn(assignment: &Assignment, env: &[(String, String)], files: Option<Rlimit>) -> Result<Child, String> {
    let Some((name, arguments)) = assignment.argv.split_first() else {
        return Err("there is no program to start: the command is empty".into());
    };
    let directory = &assignment.directory;
    let path = assignment.env.iter().chain(env).find(|(key, _)| key == "PATH").map(|(_, value)| value.as_str());
    let program = find(name, path, directory)?;
    let stdin = if assignment.stdin.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut command = Command::new(&program);
    command.arg0(name).args(arguments).env_clear();
    for (key, value) in env.iter().chain(&assignment.env) {
        command.env(key, value);
    }
    command.current_dir(directory).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.spawn().map_err(|error| explain(&error, name, &program, directory))?;
    if let (Some(files), Some(pid)) = (files, i32::try_from(child.id()).ok().and_then(Pid::from_raw)) {
        // The supervisor raised its own limit. A failure leaves the job with more than its due.
        let _ = rustix::process::prlimit(Some(pid), Resource::Nofile, files);
    }
    Ok(child)
}

/// Where the program is. `PATH` counts as the job sees it: relative entries start at its folder.
fn find(name: &str, path: Option<&str>, directory: &Path) -> Result<PathBuf, String> {
    if name.contains('/') {
        return Ok(directory.join(name));
    }
    let path = path.unwrap_or("/usr/local/bin:/usr/bin:/bin");
    let is_program =
        |file: &PathBuf| file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    let found = path.split(':').map(|folder| directory.join(folder).join(name)).find(is_program);
    found.ok_or_else(|| format!("the program `{name}` is in no folder of its PATH; install it, or give its path"))
}

/// What went wrong, in words: the system says `No such file` of a folder and a program alike.
fn explain(error: &io::Error, name: &str, program: &Path, directory: &Path) -> String {
    if !directory.is_dir() {
        return format!("the folder `{}` in which it should start is not there", directory.display());
    }
    match error.kind() {
        io::ErrorKind::NotFound if program.exists() => {
            format!("`{name}` cannot be started: the interpreter that its first line names is not there")
        }
        io::ErrorKind::NotFound => format!("the program `{name}` is not there"),
        io::ErrorKind::PermissionDenied => format!("`{name}` cannot be started: it is not an executable file"),
        _ => format!("`{name}` cannot be started: {error}"),
    }
}
