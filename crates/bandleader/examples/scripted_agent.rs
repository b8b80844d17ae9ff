//! Stands in for an agent's program in tests: says and expects what a script tells it to.
//!
//! `scripted_agent SCRIPT [ignored arguments]`; a script has one step a line:
//!
//! ```text
//! > text        prints the text
//! ! text        prints the text on standard error
//! < pattern     reads lines of standard input until one matches the regular expression
//! all           reads standard input to its end
//! write F text  writes a file
//! exit N        ends with that code
//! hang          does nothing for ever
//! deaf          takes no notice of TERM and INT from now on
//! if TEXT       goes on only if one of its arguments begins with that; else behind the next `end`
//! end           the end of that
//! # comment
//! ```
//! In texts `$1` to `$9` are the groups of the last match and `$HOME`-like names are variables of the environment. With
//! `SCRIPTED_LOG` set, its arguments (`arg …`), its environment (`env …`) and every line that it reads (`in …`) are added to that file.

use std::fs::OpenOptions;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::process::ExitCode;

use regex::{Captures, Regex};

fn main() -> ExitCode {
    match play() {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            let _ = writeln!(io::stderr(), "scripted_agent: {problem}");
            ExitCode::from(99)
        }
    }
}

fn play() -> Result<u8, String> {
    let path = std::env::args().nth(1).ok_or("no script was given")?;
    let script = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    for argument in std::env::args().skip(2) {
        log("arg", &argument);
    }
    for (name, value) in std::env::vars() {
        log("env", &format!("{name}={value}"));
    }
    let variables = Regex::new(r"\$([A-Z_]+|[1-9])").map_err(|error| error.to_string())?;
    let mut groups: Vec<String> = Vec::new();
    let mut skipping = false;
    for line in script.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (step, rest) = line.split_once(' ').unwrap_or((line, ""));
        if skipping && step != "end" {
            continue;
        }
        let text = || fill(&variables, rest, &groups);
        match step {
            "if" => skipping = !std::env::args().skip(2).any(|argument| argument.starts_with(rest)),
            "end" => skipping = false,
            ">" => say(&mut io::stdout(), &text())?,
            "!" => say(&mut io::stderr(), &text())?,
            "<" => groups = wait_for(rest)?,
            "all" => {
                let mut all = String::new();
                io::stdin().read_to_string(&mut all).map_err(|error| error.to_string())?;
                log("in", &all);
            }
            "write" => {
                let text = text();
                let (file, content) = text.split_once(' ').unwrap_or((&text, ""));
                std::fs::write(file, format!("{content}\n")).map_err(|error| format!("{file}: {error}"))?;
            }
            "exit" => return rest.parse().map_err(|_| format!("no exit code: {rest}")),
            "hang" => loop {
                std::thread::park();
            },
            "deaf" => deaf()?,
            other => return Err(format!("no such step: {other}")),
        }
    }
    Ok(0)
}

fn fill(variables: &Regex, text: &str, groups: &[String]) -> String {
    let value = |found: &Captures<'_>| {
        let name = &found[1];
        let group = name.parse::<usize>().ok().and_then(|number| groups.get(number).cloned());
        group.or_else(|| std::env::var(name).ok()).unwrap_or_default()
    };
    variables.replace_all(text, value).into_owned()
}

fn say(stream: &mut dyn io::Write, text: &str) -> Result<(), String> {
    writeln!(stream, "{text}").and_then(|()| stream.flush()).map_err(|error| error.to_string())
}

fn wait_for(pattern: &str) -> Result<Vec<String>, String> {
    let wanted = Regex::new(pattern).map_err(|error| error.to_string())?;
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        log("in", &line);
        if let Some(found) = wanted.captures(&line) {
            return Ok(found.iter().map(|group| group.map_or("", |group| group.as_str()).to_owned()).collect());
        }
    }
    Err(format!("standard input ended before `{pattern}`"))
}

fn log(what: &str, text: &str) {
    let Ok(path) = std::env::var("SCRIPTED_LOG") else { return };
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
        let _ = writeln!(file, "{what} {}", text.replace('\n', "\\n"));
    }
}

fn deaf() -> Result<(), String> {
    let signals = [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];
    let mut heard = signal_hook::iterator::Signals::new(signals).map_err(|error| error.to_string())?;
    std::thread::spawn(move || heard.forever().for_each(drop));
    Ok(())
}
