//! Kill -9 while git is at work for us: nothing is lost, nothing is merged twice, and no lock that is left stands in the way for ever.
//!
//! A `git` before the real one on PATH halts at a chosen command with the locks that a git at work has, and waits to be killed or let go.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::cli_support::none_left;
use crate::stage::{git, id_of, repository, script};

/// `STOP` and `REAL` are filled in; `at` is a pattern for a word of its arguments. The folder that git is told is its second argument, by our way of calling it.
const GIT: &str = r#"#!/bin/sh
stop=STOP
at=$(cat $stop/at)
take() { touch $1; taken="$taken $1"; }
for word in "$@"; do
    case "$word" in
    $at)
        mkdir $stop/reached 2>/dev/null || continue
        own=$(REAL -C "$2" rev-parse --absolute-git-dir)
        all=$(cd "$2" && cd "$(REAL rev-parse --git-common-dir)" && pwd)
        case $own in
        */worktrees/*)
            take $own/index.lock
            take $own/HEAD.lock
            head=$(REAL -C "$2" symbolic-ref -q HEAD) && take $all/$head.lock
            ;;
        esac
        for name in "$@"; do
            case $name in refs/heads/band/*) take $all/$name.lock ;; esac
        done
        touch $stop/waits
        while ! test -e $stop/release; do sleep 0.02; done
        rm -f $taken
        ;;
    esac
done
exec REAL "$@"
"#;

/// Waiting longer than this for anything means that it will not come.
const LONG: Duration = Duration::from_mins(1);

struct Scene {
    folder: TempDir,
    stop: TempDir,
}

impl Scene {
    /// Two tasks side by side with a gate each and one that needs both; `next` is a branch that is checked out nowhere.
    fn new(at: &str) -> Scene {
        let gate = ", gates: [{name: there, run: 'test -f base.txt'}]";
        let more = format!("{gate}, needs: [a, b]");
        let tasks = script("a", "echo a > a.txt", gate) + &script("b", "echo b > b.txt", gate);
        let folder = repository(&(tasks + &script("c", "cat a.txt b.txt > c.txt", &more)));
        git(folder.path(), &["branch", "next"]);
        let stop = TempDir::new().unwrap();
        let path = |name: &str| stop.path().join(name);
        let real =
            String::from_utf8(Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout).unwrap();
        let text = GIT.replace("STOP", &stop.path().to_string_lossy()).replace("REAL", real.trim());
        fs::create_dir(path("bin")).unwrap();
        fs::write(path("bin/git"), text).unwrap();
        fs::set_permissions(path("bin/git"), PermissionsExt::from_mode(0o755)).unwrap();
        fs::write(path("at"), at).unwrap();
        Scene { folder, stop }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let path = format!("{}/bin:{}", self.stop.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        command.current_dir(self.folder.path()).args(arguments).env("PATH", path).env("HOME", self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Until git has halted.
    fn wait(&self) {
        let (start, waits) = (Instant::now(), self.stop.path().join("waits"));
        while !waits.exists() {
            assert!(start.elapsed() < LONG, "git never came to it");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn all_merged_once(&self, into: &str) {
        let (folder, id) = (self.folder.path(), id_of(self.folder.path()));
        assert_eq!(git(folder, &["show", &format!("{into}:c.txt")]), "a\nb");
        let merges = git(folder, &["log", "--merges", "--format=%s", into]);
        let mut merges: Vec<&str> = merges.lines().filter_map(|line| line.split(',').next()).collect();
        merges.sort_unstable();
        assert_eq!(merges, ["Merge a", "Merge b", "Merge c"]);
        assert_eq!(git(folder, &["rev-parse", into]), git(folder, &["rev-parse", &format!("band/{id}/run")]));
        assert_eq!(git(folder, &["status", "--porcelain"]), "");
        assert_eq!(locks(&folder.join(".git")), Vec::<PathBuf>::new());
        none_left(folder);
    }
}

/// Locks that are left. Our own, which is always there, is no lock of git's.
fn locks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(locks(&path));
        } else if path.extension().is_some_and(|ending| ending == "lock") && entry.file_name() != "band.lock" {
            found.push(path);
        }
    }
    found
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may have gone by itself.
    let _ = kill_process(pid, Signal::KILL);
}

/// All that works for the run but its engine: its supervisor, what that has started, and their git.
fn workers(run_folder: &Path, id: &str) -> Vec<u32> {
    let marker = format!("BAND_RUN={id}\0");
    let folder = run_folder.to_string_lossy().into_owned();
    let pids = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let read = |file: &str| {
            let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let command = read("cmdline");
        read("environ").contains(&marker) || (command.contains("__supervisor") && command.contains(&folder))
    })
    .collect()
}

/// Everything dies at that command, as when the machine goes down; the next engine takes the run up.
fn all_killed(at: &str, into: &str) {
    let scene = Scene::new(at);
    let mut engine = scene.start(&["run", "plan.yaml", "--plain", "--no-wait", "--merge-into", into]);
    scene.wait();
    let id = id_of(scene.folder.path());
    let run_folder = scene.folder.path().canonicalize().unwrap().join(".band/runs").join(&id);
    // The engine first: it would start another supervisor.
    engine.kill().unwrap();
    engine.wait().unwrap();
    workers(&run_folder, &id).into_iter().for_each(kill);
    assert!(scene.start(&["resume", "--plain", "--no-wait"]).wait().unwrap().success(), "killed at {at}");
    scene.all_merged_once(into);
}

/// Only the engine dies; git is let go when the next one is there.
fn engine_killed(at: &str, into: &str) {
    let scene = Scene::new(at);
    let mut engine = scene.start(&["run", "plan.yaml", "--plain", "--no-wait", "--merge-into", into]);
    scene.wait();
    engine.kill().unwrap();
    engine.wait().unwrap();
    let mut next = scene.start(&["resume", "--plain", "--no-wait"]);
    fs::write(scene.stop.path().join("release"), "").unwrap();
    assert!(next.wait().unwrap().success(), "killed at {at}");
    scene.all_merged_once(into);
}

macro_rules! killed_at {
    ($($name:ident: $at:literal, $into:literal;)*) => {
        mod with_everything {
            $(#[test]
            fn $name() {
                super::all_killed($at, $into);
            })*
        }
        mod the_engine_alone {
            $(#[test]
            fn $name() {
                super::engine_killed($at, $into);
            })*
        }
    };
}

killed_at! {
    making_a_worktree: "worktree", "main";
    adding: "--all", "main";
    committing: "commit", "main";
    resetting: "reset", "next";
    checking_out: "checkout", "main";
    cleaning: "clean", "next";
    merging: "merge", "next";
    landing: "band: work of a task", "main";
    moving_a_branch_of_the_persons: "band: merge *", "next";
    moving_their_checkout: "--no-overwrite-ignore", "main";
}
