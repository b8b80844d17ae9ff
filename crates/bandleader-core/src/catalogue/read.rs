//! From the bytes of one agent file to its role, with everything odd about it said.
//!
//! Called by the engine's catalogue and by faces that check files. YAML is tried first; where the keys are no YAML they
//! are read line by line, as most readers of such files do.

use super::decode::decode;
use super::front::{instructions, split};
use super::keys::Keys;
use super::role::Role;
use super::{fields, lines};
use crate::diag::{Diagnostic, SourceFile, Span};
use crate::problems::{Problems, named};
use crate::source;
use crate::tree::{Entry, Tree};

/// Longer files are refused. The largest published ones have 120 KB.
pub const MAX_FILE: usize = 1 << 20;

pub(super) const CLAUDE_SKIPS: &str = "Claude Code skips this file; a run uses it";

/// What came of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The role, or why there is none.
    pub outcome: Outcome,
    /// How its keys were read.
    pub way: Way,
    /// Where its name stands, or what stands for it.
    pub name_at: Span,
    /// Everything there is to say, in the order of the text. An error means that the file is unusable.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that the problems point into, as it was understood.
    pub source: SourceFile,
}

/// Whether a file describes an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Agent(Box<Role>),
    /// It is no agent, and nobody meant it to be one: a page about agents, an empty file.
    Skipped,
    /// It should be one, but nothing of it can be used.
    Unusable,
}

/// How the keys of a file were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As YAML.
    Yaml,
    /// Line by line, since they are no YAML.
    Lines,
    /// There are none.
    NoKeys,
}

/// Reads one file. `name` is its path as people know it; without a name of its own the agent is called as the last part of it.
pub fn read_agent(name: &str, bytes: &[u8]) -> Reading {
    let mut reader =
        Reader { problems: Problems::default(), text: String::new(), way: Way::NoKeys, name_at: Span::default() };
    let outcome = reader.read(name, bytes);
    let source = SourceFile { name: name.to_owned(), text: reader.text };
    Reading { outcome, way: reader.way, name_at: reader.name_at, diagnostics: reader.problems.sorted(), source }
}

pub(super) struct Reader {
    pub(super) problems: Problems,
    pub(super) text: String,
    way: Way,
    name_at: Span,
}

impl Reader {
    fn read(&mut self, name: &str, bytes: &[u8]) -> Outcome {
        if bytes.len() > MAX_FILE {
            let message = format!("this file has {} KB; an agent file may have {}", bytes.len() >> 10, MAX_FILE >> 10);
            let problem = self.problems.error("agent::too-big", Span::default(), message);
            problem.means("the agent cannot be used").hint("move long material into files that the agent reads");
            return Outcome::Unusable;
        }
        let Some(decoded) = decode(bytes) else {
            let problem = self.problems.error("agent::not-text", Span::default(), "this file is not text");
            problem.means("the agent cannot be used").hint("save it as UTF-8 text, or move it out of the folder");
            return Outcome::Unusable;
        };
        self.text = decoded.text;
        self.say_encoding(decoded.encoding);
        if self.text.trim().is_empty() {
            let problem = self.problems.note("agent::empty", Span::default(), "this file is empty");
            problem.means("it is skipped");
            return Outcome::Skipped;
        }
        let text = std::mem::take(&mut self.text);
        let outcome = self.parts(name, &text);
        if matches!(outcome, Outcome::Agent(_)) {
            self.say_suspicious(&text);
        }
        self.text = text;
        outcome
    }

    fn parts(&mut self, name: &str, text: &str) -> Outcome {
        let stem = stem(name);
        let parts = split(text);
        let body = instructions(text.get(parts.body..).unwrap_or_default(), parts.indent);
        let Some(front) = parts.front else {
            return self.without_keys(stem, text, body);
        };
        for (oddity, range) in parts.oddities {
            self.say_oddity(oddity, span(range.start, range.end));
        }
        let keys = text.get(front.clone()).unwrap_or_default();
        let Some(entries) = self.entries(keys, front.start, parts.indent) else { return Outcome::Unusable };
        let place = span(0, text.lines().next().unwrap_or_default().trim_end().len());
        let keys = Keys { entries: &entries, offset: front.start, place };
        self.name_at = keys.place_of("name");
        let mut role = fields::role(&keys, stem, &mut self.problems);
        role.instructions = body;
        if role.instructions.is_empty() {
            let problem = self.problems.note("agent::no-instructions", place, "there is no text below the keys");
            problem.means("the agent is told nothing about its role, only its tasks");
        }
        Outcome::Agent(Box::new(role))
    }

    /// The keys with their values; places count from the start of `keys`. `None` if they are beyond use.
    fn entries(&mut self, keys: &str, offset: usize, indent: usize) -> Option<Vec<Entry>> {
        self.way = Way::Yaml;
        let mut yaml = Problems::default();
        let root = source::parse(0, keys, &mut yaml);
        let found = yaml.sorted();
        let at = |one: &Diagnostic| moved(one.span, offset);
        if let Some(hostile) = found.iter().find(|one| matches!(one.code, "plan::alias-bomb" | "plan::too-deep")) {
            let code = if hostile.code == "plan::too-deep" { "agent::too-deep" } else { "agent::alias-bomb" };
            let problem = self.problems.error(code, at(hostile), hostile.message.clone());
            problem
                .means("the agent cannot be used")
                .hint("agent files need no such values; look at where it comes from");
            return None;
        }
        if let Some(deep) = found.first().and_then(|_| too_deep(keys)) {
            let message = format!("brackets stand in each other more than {} deep", source::MAX_DEPTH);
            let problem = self.problems.error("agent::too-deep", span(offset + deep, offset + deep + 1), message);
            problem
                .means("the agent cannot be used")
                .hint("agent files need no such values; look at where it comes from");
            return None;
        }
        let only_doubles = found.iter().all(|one| one.code == "plan::duplicate-key");
        match root.map(|root| root.tree) {
            Some(Tree::Map(entries)) if only_doubles => {
                for one in &found {
                    self.say_double(at(one), one.message.clone());
                }
                return Some(entries);
            }
            Some(Tree::List(_)) if only_doubles => {
                let message = "front matter is not a mapping: it is a list";
                let problem = self.problems.error("agent::not-a-map", span(offset, offset + first_line(keys)), message);
                problem.means("the agent cannot be used").hint("write keys with values, such as `name: reviewer`");
                return None;
            }
            _ => {}
        }
        if keys.trim().is_empty() {
            return Some(Vec::new());
        }
        let entries = lines::entries(keys, indent);
        if entries.is_empty() {
            let message = "front matter is not a mapping: no line begins with a key of an agent";
            let problem = self.problems.error("agent::not-a-map", span(offset, offset + first_line(keys)), message);
            problem.means("the agent cannot be used").hint("write keys with values, such as `name: reviewer`");
            return None;
        }
        self.way = Way::Lines;
        self.say_not_yaml(found.first(), offset);
        Some(self.without_doubles(entries, offset))
    }

    fn without_doubles(&mut self, entries: Vec<Entry>, offset: usize) -> Vec<Entry> {
        let mut kept: Vec<Entry> = Vec::new();
        for entry in entries {
            if kept.iter().any(|one| one.key == entry.key) {
                self.say_double(moved(entry.key_span, offset), format!("{} is given twice", named(&entry.key)));
            } else {
                kept.push(entry);
            }
        }
        kept
    }

    fn without_keys(&mut self, stem: &str, text: &str, body: String) -> Outcome {
        let place = span(0, text.lines().next().unwrap_or_default().trim_end().len());
        if is_page(stem) {
            let problem = self.problems.note("agent::page", place, "this is a page for people, not an agent");
            problem.means("it is skipped");
            return Outcome::Skipped;
        }
        let message = format!("no keys stand at the top; the agent is called {} after its file", named(stem));
        let problem = self.problems.warning("agent::no-keys", place, message);
        problem.means(CLAUDE_SKIPS).hint("begin with `---`, `name: …`, `description: …`, `---`; or move it elsewhere");
        let name = super::suspect::plain_name(stem);
        Outcome::Agent(Box::new(Role {
            name,
            description: first_paragraph(&body),
            instructions: body,
            ..Role::default()
        }))
    }
}

/// A page about agents that lies among them.
fn is_page(stem: &str) -> bool {
    let last = stem.rsplit(['-', '_', ' ', '.']).next().unwrap_or(stem);
    ["readme", "changelog", "contributing", "license"].iter().any(|page| last.eq_ignore_ascii_case(page))
        || ["CLAUDE", "AGENTS", "GEMINI"].contains(&stem)
}

/// `reviewer` of `agents/reviewer.md`, and of `reviewer.agent.md`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let file = file.strip_suffix(".md").unwrap_or(file);
    file.strip_suffix(".agent").unwrap_or(file)
}

/// Where brackets stand in each other deeper than any reader goes; the parser calls that a mistake like any other.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.bytes().position(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > source::MAX_DEPTH
    })
}

/// The first lines of a text that are no heading, as one.
fn first_paragraph(text: &str) -> String {
    let is_text = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '-', '=']);
    let paragraph = text.lines().skip_while(|line| !is_text(line)).take_while(is_text);
    paragraph.map(str::trim).collect::<Vec<_>>().join(" ").chars().take(1_000).collect()
}

fn first_line(text: &str) -> usize {
    text.lines().next().unwrap_or_default().trim_end().len()
}

pub(super) fn span(start: usize, end: usize) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file: 0, start: number(start), end: number(end) }
}

/// A place in the keys as a place in the file.
pub(super) fn moved(place: Span, offset: usize) -> Span {
    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
    Span { file: 0, start: place.start.saturating_add(offset), end: place.end.saturating_add(offset) }
}
