//! Diagnostics as people read them: message, file with line and column, the offending text underlined, a hint; all of
//! them, then one line that counts them. And as JSON, with positions resolved.

use std::collections::BTreeMap;
use std::fmt;

use bandleader_core::diag::{Diagnostic, Severity, SourceFile, Span};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, ThemeCharacters, ThemeStyles};
use serde::Serialize;

use super::positions::Positions;
use super::snippet::Snippet;
use super::style::{ALERT, BAD, GOOD, paint};
use super::text::{clean, count};

/// One diagnostic for programs. Lines and columns count from 1, columns in characters; the end is one past the last.
#[derive(Debug, Serialize)]
pub(crate) struct Plain<'a> {
    severity: Severity,
    code: &'a str,
    message: &'a str,
    place: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    means: Option<&'a str>,
    hint: Option<&'a str>,
    also: Vec<Also<'a>>,
}

/// Where, resolved.
#[derive(Debug, Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// A further place.
#[derive(Debug, Serialize)]
struct Also<'a> {
    message: &'a str,
    place: Place<'a>,
}

/// All of them for programs, in the order of the text.
pub(crate) fn plain<'a>(diagnostics: &'a [Diagnostic], sources: &'a [SourceFile]) -> Vec<Plain<'a>> {
    let positions: Vec<Positions> = sources.iter().map(Positions::of).collect();
    let also = |diagnostic: &'a Diagnostic| {
        let further = diagnostic.also.iter();
        further.map(|(span, message)| Also { place: place(*span, &positions), message }).collect()
    };
    let one = |diagnostic: &'a Diagnostic| Plain {
        severity: diagnostic.severity,
        code: diagnostic.code,
        message: &diagnostic.message,
        place: place(diagnostic.span, &positions),
        means: diagnostic.means.as_deref(),
        hint: diagnostic.hint.as_deref(),
        also: also(diagnostic),
    };
    in_order(diagnostics).into_iter().map(one).collect()
}

/// All of them for people.
pub(crate) fn graphical(diagnostics: &[Diagnostic], sources: &[SourceFile], width: usize) -> String {
    let positions: Vec<Positions> = sources.iter().map(Positions::of).collect();
    let snippets: Vec<Snippet> = sources.iter().map(|source| Snippet::new(source, width)).collect();
    let mut text = String::new();
    for diagnostic in in_order(diagnostics) {
        let shown = Shown::new(diagnostic, &positions, &snippets);
        let theme = GraphicalTheme { characters: characters(diagnostic.code), styles: ThemeStyles::ansi() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(width.min(120)).with_links(false);
        // Writing into a String cannot fail.
        let _ = handler.render_report(&mut text, &shown);
        text.push('\n');
    }
    text
}

/// `3 errors, 1 warning in plan.yaml`.
pub(crate) fn summary(diagnostics: &[Diagnostic], name: &str) -> String {
    let number = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let kinds =
        [(Severity::Error, "error", BAD), (Severity::Warning, "warning", ALERT), (Severity::Note, "note", GOOD)];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter(|(severity, _, _)| number(*severity) > 0)
        .map(|(severity, word, style)| paint(style, count(number(severity), word)))
        .collect();
    format!("{} in {}", if parts.is_empty() { "no problems".into() } else { parts.join(", ") }, clean(name))
}

fn in_order(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
    sorted
}

fn place<'a>(span: Span, sources: &[Positions<'a>]) -> Place<'a> {
    let Some(source) = sources.get(span.file as usize) else {
        return Place { file: "", line: 1, column: 1, end_line: 1, end_column: 1 };
    };
    let ((line, column), (end_line, end_column)) = (source.at(span.start), source.at(span.end));
    Place { file: source.name(), line, column, end_line, end_column }
}

/// Unicode lines, and signs that read without colour.
fn characters(code: &str) -> ThemeCharacters {
    ThemeCharacters {
        error: format!("error[{code}]:"),
        warning: format!("warning[{code}]:"),
        advice: format!("note[{code}]:"),
        ..ThemeCharacters::unicode()
    }
}

/// A diagnostic in miette's terms. Every text in it is clean.
#[derive(Debug)]
struct Shown<'a> {
    severity: miette::Severity,
    message: String,
    hint: Option<String>,
    labels: Vec<LabeledSpan>,
    snippet: Option<&'a Snippet>,
}

impl<'a> Shown<'a> {
    fn new(diagnostic: &Diagnostic, sources: &[Positions<'_>], snippets: &'a [Snippet]) -> Shown<'a> {
        let file = diagnostic.span.file;
        let snippet = snippets.get(file as usize);
        let mut labels = Vec::new();
        let mut elsewhere: BTreeMap<Span, &str> = BTreeMap::new();
        if let Some(snippet) = snippet {
            let (start, length) = snippet.stretch(diagnostic.span);
            labels.push(LabeledSpan::new_primary_with_span(None, (start, length)));
        }
        for (span, message) in &diagnostic.also {
            match snippet.filter(|_| span.file == file) {
                Some(snippet) => {
                    let label = Some(clean(message).into_owned());
                    labels.push(LabeledSpan::new_with_span(label, snippet.stretch(*span)));
                }
                None => drop(elsewhere.insert(*span, message)),
            }
        }
        let further = elsewhere.into_iter().map(|(span, message)| {
            let place = place(span, sources);
            format!("{} ({}:{}:{})", clean(message), clean(place.file), place.line, place.column)
        });
        let words = diagnostic.means.iter().chain(&diagnostic.hint).map(|words| clean(words).into_owned());
        let hints: Vec<String> = words.chain(further).collect();
        Shown {
            severity: match diagnostic.severity {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
                Severity::Note => miette::Severity::Advice,
            },
            message: clean(&diagnostic.message).into_owned(),
            hint: (!hints.is_empty()).then(|| hints.join("\n")),
            labels,
            snippet,
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl miette::Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.snippet.map(|snippet| snippet as &dyn miette::SourceCode)
    }
}
