//! Asks a person at the terminal for the inputs that a plan still lacks. Called by `load`; writes to stderr only.

use std::io::{self, BufRead as _};

use bandleader_core::Parameter;
use serde_json::Value;

use crate::error::{Exit, Failure};
use crate::render::screen::Screen;
use crate::render::style::{ALERT, QUIET, STRONG, paint};
use crate::render::text::clean;

/// Asks for each missing input until the answer can be its value, and says which values the others have.
pub(super) fn all(
    parameters: &[Parameter],
    given: &[(String, String)],
    screen: &mut Screen,
) -> Result<Vec<(String, String)>, Failure> {
    let mut answers = Vec::new();
    for parameter in parameters.iter().filter(|parameter| parameter.is_missing) {
        answers.push((parameter.name.clone(), one(parameter, screen)?));
    }
    let left = parameters.iter().filter(|parameter| !given.iter().any(|(name, _)| *name == parameter.name));
    let defaults: Vec<String> = left
        .filter_map(|parameter| Some(format!("{}={}", clean(&parameter.name), shown(parameter.default.as_ref()?))))
        .collect();
    if !answers.is_empty() && !defaults.is_empty() {
        let text = format!("by default {}; `--input` changes that", defaults.join(", "));
        screen.note(&paint(QUIET, text));
    }
    Ok(answers)
}

fn one(parameter: &Parameter, screen: &mut Screen) -> Result<String, Failure> {
    let name = clean(&parameter.name);
    let choices: Vec<String> = parameter.choices.iter().map(shown).collect();
    let what = if choices.is_empty() { parameter.kind.words().to_owned() } else { choices.join(" | ") };
    let doc = parameter.doc.as_deref().map(|doc| format!("  {}", clean(doc))).unwrap_or_default();
    screen.note(&format!("{} ({what}){}", paint(STRONG, &name), paint(QUIET, doc)));
    loop {
        screen.prompt("> ");
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        if read.map_err(|error| Failure::usage(format!("cannot read the answer: {error}")))? == 0 {
            screen.note("");
            return Err(Failure { exit: Exit::Usage, ..Failure::usage(format!("the input `{name}` has no value")) }
                .hint(format!("give one with `--input {name}=…`")));
        }
        let answer = answer.trim();
        if answer.is_empty() {
            continue;
        }
        match parameter.check_text(answer) {
            Ok(()) => return Ok(answer.to_owned()),
            Err(why) => screen.note(&format!("{} {}", paint(ALERT, "!"), clean(&why))),
        }
    }
}

/// A value as one types it, safe to show.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Value::String(text) => clean(text).into_owned(),
        other => clean(&other.to_string()).into_owned(),
    }
}
