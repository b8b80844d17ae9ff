//! A source text as miette may show it: control characters replaced, and lines found by an index instead of a scan, so
//! that a thousand diagnostics in a large plan do not cost a thousand passes over it.

use bandleader_core::diag::{SourceFile, Span};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::text::clean;

/// Of a line that is too wide, this much is shown on each side of what it is about. Bytes.
const AROUND: usize = 24;

/// What line numbers and rules take beside a line.
const GUTTER: usize = 10;

/// One text, safe to print, with its lines indexed.
#[derive(Debug)]
pub(crate) struct Snippet {
    name: String,
    text: String,
    /// Lines wider than this are left out of the context, or shown in part. Bytes.
    widest: usize,
    /// First byte of each line.
    lines: Vec<usize>,
    /// Where the original text and `text` drift apart: original byte, and how many bytes were added up to there.
    drift: Vec<(usize, usize)>,
}

impl Snippet {
    /// Cleans and indexes `source`, to be shown on `columns`.
    pub(crate) fn new(source: &SourceFile, columns: usize) -> Snippet {
        let mut text = String::with_capacity(source.text.len());
        let (mut lines, mut drift, mut added) = (vec![0], Vec::new(), 0);
        let mut letter_bytes = [0_u8; 4];
        let mut letters = source.text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if matches!(letter, '\n' | '\t') {
                text.push(letter);
            } else if letter == '\r' && letters.peek().is_some_and(|(_, next)| *next == '\n') {
                text.push(' ');
            } else {
                let plain: &str = letter.encode_utf8(&mut letter_bytes);
                let shown = clean(plain);
                if shown.len() != plain.len() {
                    added += shown.len() - plain.len();
                    drift.push((at + plain.len(), added));
                }
                text.push_str(&shown);
            }
            if letter == '\n' {
                lines.push(text.len());
            }
        }
        Snippet {
            name: clean(&source.name).into_owned(),
            text,
            widest: columns.saturating_sub(GUTTER).max(2 * AROUND),
            lines,
            drift,
        }
    }

    /// The stretch of the shown text that `span` of the original means: its start and length. A span over several lines
    /// is cut to its first one, which is where people look.
    pub(crate) fn stretch(&self, span: Span) -> (usize, usize) {
        let start = self.shown(span.start as usize);
        let end = self.shown(span.end as usize).max(start);
        let stop = self.text.get(start..end).and_then(|text| text.find('\n')).map_or(end, |break_at| start + break_at);
        // More than fits on a line is underlined as far as it is shown.
        let stop = if self.too_wide(self.line_of(start)) { stop.min(start + self.widest) } else { stop };
        (start, self.boundary(stop) - start)
    }

    fn shown(&self, original: usize) -> usize {
        let passed = self.drift.partition_point(|(at, _)| *at <= original);
        let added = passed.checked_sub(1).and_then(|last| self.drift.get(last)).map_or(0, |(_, added)| *added);
        self.boundary((original + added).min(self.text.len()))
    }

    fn too_wide(&self, line: usize) -> bool {
        self.line_start(line + 1) - self.line_start(line) > self.widest
    }

    /// Only what is around the span, of lines that no terminal holds.
    fn clipped(&self, span: &SourceSpan, line: usize) -> MietteSpanContents<'_> {
        let line_start = self.line_start(line);
        let line_end = self
            .text
            .get(span.offset()..)
            .and_then(|rest| rest.find('\n'))
            .map_or(self.text.len(), |at| span.offset() + at);
        // As much on each side as there is room for beside what it is about.
        let around = (self.widest.saturating_sub(span.len()) / 2).min(AROUND);
        let start = self.boundary(span.offset().saturating_sub(around).max(line_start));
        let end = self.boundary((span.offset() + span.len() + around).min(start + self.widest).min(line_end));
        let column = self.text.get(line_start..span.offset()).map_or(0, |text| text.chars().count());
        let data = self.text.as_bytes().get(start..end).unwrap_or_default();
        MietteSpanContents::new_named(self.name.clone(), data, (start, data.len()).into(), line, column, 1)
    }

    fn boundary(&self, mut at: usize) -> usize {
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(self.text.len())
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (line, last) = (self.line_of(span.offset()), self.line_of(span.offset() + span.len()));
        if (line..=last).any(|line| self.too_wide(line)) {
            return Ok(Box::new(self.clipped(span, line)));
        }
        let near = (1..=before.min(line)).take_while(|back| !self.too_wide(line - back)).count();
        let after = (1..=after).take_while(|ahead| !self.too_wide(last + ahead)).count();
        let first = line - near;
        let (start, end) = (self.line_start(first), self.line_start(last + after + 1));
        let data = self.text.as_bytes().get(start..end).ok_or(MietteError::OutOfBounds)?;
        // With no context asked for, the contents begin at the span itself, and its column is told.
        let skipped = if before == 0 { span.offset() - start } else { 0 };
        let column = self.text.get(start..start + skipped).map_or(0, |text| text.chars().count());
        let data = data.get(skipped..).unwrap_or_default();
        let stretch = SourceSpan::from((start + skipped, data.len()));
        let lines = last + after + 1 - first;
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, stretch, first, column, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_behind_an_escape_still_points_at_its_text() {
        let source = SourceFile { name: "p".into(), text: "a: \u{1b}[31m\nid: bad\u{7}thing x\n".into() };
        let snippet = Snippet::new(&source, 80);
        let start = u32::try_from(source.text.find("thing").unwrap()).unwrap();
        let (at, length) = snippet.stretch(Span { file: 0, start, end: start + 5 });
        assert_eq!(&snippet.text[at..at + length], "thing");
        assert!(!snippet.text.contains('\u{1b}'));
    }

    #[test]
    fn of_a_line_that_is_too_wide_no_more_is_shown_than_fits() {
        let line = "key and value, ".repeat(30);
        let source = SourceFile { name: "p".into(), text: format!("a: b\n{line}\nc: d\n") };
        let snippet = Snippet::new(&source, 80);
        for (start, length) in [(5, 3), (40, 12), (200, 60), (100, 250), (5, line.len())] {
            let (start, end) = (u32::try_from(start).unwrap(), u32::try_from(start + length).unwrap());
            let (at, length) = snippet.stretch(Span { file: 0, start, end });
            let span = SourceSpan::from((at, length));
            let contents = snippet.read_span(&span, 1, 1).unwrap();
            assert!(contents.data().len() <= 80 - GUTTER, "{start}: {}", contents.data().len());
            let shown = contents.span().offset()..contents.span().offset() + contents.span().len();
            assert!(shown.contains(&at) && at + length <= shown.end, "{start}: {at}+{length} in {shown:?}");
        }
    }
}
