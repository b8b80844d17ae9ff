//! Answers as a file: YAML that a person can write, `band plan --answers` reads, and `--save-answers` leaves.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::diag::{Diagnostic, SourceFile};
use crate::language::did_you_mean;
use crate::plan::Mode;
use crate::planner::yaml;
use crate::problems::{Problems, named};
use crate::source;
use crate::tree::{Entry, Node, Tree};

use super::brief::{Brief, Source};
use super::kind::Kind;
use super::{Given, Interview, question, questions};

/// What a file of answers holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// What the person wants.
    pub request: Option<String>,
    /// Which template.
    pub template: Option<Kind>,
    /// How much rigor.
    pub level: Option<u8>,
    /// Who is asked while the plan runs.
    pub mode: Option<Mode>,
    /// By the ids of the questions.
    pub answers: Given,
    /// Questions whose answer is there and empty: somebody left them to their defaults.
    pub left: BTreeSet<String>,
}

/// A file that is none of answers.
#[derive(Clone, Debug)]
pub struct BadAnswers {
    /// Everything that is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// The file, for showing them.
    pub sources: Vec<SourceFile>,
}

const KEYS: [&str; 5] = ["request", "template", "level", "mode", "answers"];

/// Reads a file of answers; `name` is its path as people know it.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn read_answers(name: &str, text: &str) -> Result<Saved, BadAnswers> {
    let mut problems = Problems::default();
    let mut saved = Saved::default();
    if let Some(root) = source::parse(0, text, &mut problems) {
        if let Tree::Map(entries) = &root.tree {
            for entry in entries {
                read_entry(entry, &mut saved, &mut problems);
            }
        } else if !matches!(root.tree, Tree::Broken) {
            let hint = "write `answers:`, and below it lines such as `audience: shops with 10 to 100 people`";
            problems.error("answers::shape", root.span, format!("answers are a map, not {}", root.kind())).hint(hint);
        }
    }
    if problems.any_error() {
        let sources = vec![SourceFile { name: name.to_owned(), text: text.to_owned() }];
        return Err(BadAnswers { diagnostics: problems.sorted(), sources });
    }
    Ok(saved)
}

fn read_entry(entry: &Entry, saved: &mut Saved, problems: &mut Problems) {
    let value = &entry.value;
    let wrong = |problems: &mut Problems, message: &str| {
        problems.error("answers::value", value.span, message);
    };
    match entry.key.as_str() {
        "request" => match value.text() {
            Some(text) => saved.request = Some(text.trim().to_owned()),
            None => wrong(problems, "the request is a text"),
        },
        "template" => {
            saved.template = value.text().and_then(Kind::parse);
            if saved.template.is_none() {
                let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
                wrong(problems, &format!("the template is one of {}", names.join(", ")));
            }
        }
        "level" => {
            match value.whole().and_then(|level| u8::try_from(level).ok()).filter(|level| (1..=5).contains(level)) {
                Some(level) => saved.level = Some(level),
                None => wrong(problems, "the level is a number from 1 to 5"),
            }
        }
        "mode" => {
            saved.mode = value.text().and_then(Mode::parse);
            if saved.mode.is_none() {
                wrong(problems, &format!("the mode is one of {}", Mode::ALL.map(Mode::name).join(", ")));
            }
        }
        "answers" => match &value.tree {
            Tree::Map(answers) => answers.iter().for_each(|answer| read_answer(answer, saved, problems)),
            Tree::Nothing | Tree::Broken => {}
            _ => wrong(problems, "the answers are a map: the name of a question, and what is said to it"),
        },
        other => {
            let near = did_you_mean(other, KEYS).map(|near| format!("did you mean {}?", named(near)));
            let hint = near.unwrap_or_else(|| format!("a file of answers has {}", KEYS.join(", ")));
            let message = format!("{} is no part of a file of answers", named(other));
            problems.error("answers::unknown-key", entry.key_span, message).hint(hint);
        }
    }
}

fn read_answer(entry: &Entry, saved: &mut Saved, problems: &mut Problems) {
    let Some(question) = question::find(&entry.key) else {
        let all = questions::ALL.iter().copied().flatten().map(|question| question.id);
        let near = did_you_mean(&entry.key, all).map(|near| format!("did you mean {}?", named(near)));
        let hint = near.unwrap_or_else(|| "`band plan --questions` lists them".to_owned());
        let message = format!("no question is called {}", named(&entry.key));
        problems.error("answers::unknown-question", entry.key_span, message).hint(hint);
        return;
    };
    let Some(text) = as_text(&entry.value) else {
        match entry.value.tree {
            Tree::Nothing => drop(saved.left.insert(question.id.to_owned())),
            Tree::Broken => {}
            _ => {
                let message = format!("the answer to {} is a text, or a list of texts", named(&entry.key));
                problems.error("answers::value", entry.value.span, message);
            }
        }
        return;
    };
    match question.check(&text) {
        // An empty one is left to the default, as at the terminal.
        Ok(answer) if answer.is_empty() => drop(saved.left.insert(question.id.to_owned())),
        Ok(answer) => drop(saved.answers.insert(question.id.to_owned(), answer)),
        Err(problem) => drop(problems.error("answers::value", entry.value.span, problem.message)),
    }
}

/// A text, or a list of texts as people say one: with commas.
fn as_text(value: &Node) -> Option<String> {
    match &value.tree {
        Tree::List(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(Node::text).collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => value.text().map(str::to_owned),
    }
}

/// The answers of a brief as such a file. Defaults that nobody changed are there as comments, so that one sees what can be said.
pub fn write_answers(brief: &Brief) -> String {
    let about =
        "Answers for `band plan --answers FILE`. Lines that begin with # are defaults: nobody said anything there.";
    written(about, brief, |_| false)
}

/// An interview that is not over as such a file, to go on from ([`Interview::take_up`]). Questions that were left to their defaults are
/// there without an answer; those that nobody was asked yet are comments. `went_back_from` has answers to questions that were gone back
/// from, by their ids: they count as given. `mode` is who is to be asked while the plan runs, where somebody said so.
pub fn write_draft(interview: &Interview, mode: Option<Mode>, went_back_from: &Given) -> String {
    let mut whole = interview.clone();
    whole.take_up(&Saved { answers: went_back_from.clone(), ..Saved::default() });
    let brief = Brief { mode, ..whole.clone().finish() };
    let about = "Answers of an interview that has no plan yet: `band plan` with the same request goes on from here, `band plan --answers FILE` \
                 takes them as they are. Lines that begin with # are defaults of questions that were not asked yet.";
    written(about, &brief, |id| whole.is_skipped(id))
}

fn written(about: &str, brief: &Brief, is_left: impl Fn(&str) -> bool) -> String {
    let mut text = format!("# {about}\n");
    let _ = writeln!(text, "request: {}", yaml::inline_text(&brief.request));
    let _ = writeln!(text, "template: {}", brief.kind.name());
    let _ = writeln!(text, "level: {}", brief.level);
    if let Some(mode) = brief.mode {
        let _ = writeln!(text, "mode: {}", mode.name());
    }
    text.push_str("answers:\n");
    let mut part = None;
    for settled in &brief.settled {
        if part != Some(settled.question.part) {
            part = Some(settled.question.part);
            let _ = writeln!(text, "  # {}", settled.question.part.title());
        }
        let (id, value) = (settled.question.id, yaml::inline_text(&settled.value));
        let _ = match settled.source {
            Source::Default if is_left(id) => writeln!(text, "  {id}: # {value}"),
            Source::Default => writeln!(text, "  # {id}: {value}"),
            Source::Person | Source::File => writeln!(text, "  {id}: {value}"),
        };
    }
    text
}
