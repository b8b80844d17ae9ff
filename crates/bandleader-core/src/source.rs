//! YAML text to a tree with places. The only file that knows the YAML parser.
//!
//! Called by `lower` for the plan and for every plan that it includes. Duplicate keys, unknown anchors, further documents and
//! syntax errors become diagnostics here. Bounded: the size of the text, the depth, and what aliases may grow to.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle};

use crate::diag::Span;
use crate::problems::{Problems, named};
use crate::syntax;
use crate::tree::{Entry, Node, Tree};

/// Longer texts are refused: a plan of 20,000 tasks has about 3 MB.
const MAX_BYTES: usize = 32 << 20;
/// Values may stand in each other this deep; a plan needs about ten.
pub(crate) const MAX_DEPTH: usize = 64;
/// All aliases together may repeat this many values.
const MAX_REPEATED: usize = 200_000;

/// Reads one document. `None` if there is nothing to go on with; the reason is among the problems then.
pub(crate) fn parse(file: u32, text: &str, problems: &mut Problems) -> Option<Node> {
    let place = |range: Range<usize>| span(file, range);
    if text.len() > MAX_BYTES {
        let message = format!("this file has {} MB; a plan may have {}", text.len() >> 20, MAX_BYTES >> 20);
        problems.error("plan::too-big", place(0..0), message);
        return None;
    }
    let options = granit_parser::options! { emit_unresolved_aliases: true, simple_key_max_lookahead: 4096 };
    let mut builder = Builder::new(file, text, problems);
    for event in Parser::new_from_str_with_options(text, options) {
        let went_on = match event {
            Ok((event, at)) => builder.take(&event, at.byte_range().unwrap_or_default()),
            Err(error) => builder.syntax_error(&error),
        };
        if !went_on {
            return None;
        }
    }
    let root = builder.root.take();
    if root.as_ref().is_none_or(|root| matches!(root.tree, Tree::Nothing)) {
        let hint = "a plan needs at least a `mission` and `tasks`";
        problems.error("plan::empty", place(0..0), "the plan is empty").hint(hint);
        return None;
    }
    root
}

fn span(file: u32, range: Range<usize>) -> Span {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: number(range.start), end: number(range.end) }
}

struct Builder<'t, 'p> {
    file: u32,
    text: &'t str,
    problems: &'p mut Problems,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Anchor>,
    repeated: usize,
    documents: usize,
    last_end: usize,
    root: Option<Node>,
}

/// A list or map whose end has not come yet.
struct Open {
    start: usize,
    anchor: usize,
    is_flow: bool,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, merged: Vec<Node>, key: Option<(String, Span)>, is_broken: bool },
}

struct Anchor {
    node: Node,
    size: usize,
    depth: usize,
}

impl<'t, 'p> Builder<'t, 'p> {
    fn new(file: u32, text: &'t str, problems: &'p mut Problems) -> Self {
        let anchors = BTreeMap::new();
        Builder { file, text, problems, open: vec![], anchors, repeated: 0, documents: 0, last_end: 0, root: None }
    }

    /// Takes the parser's next event; false when there is no point in going on.
    fn take(&mut self, event: &Event<'_>, at: Range<usize>) -> bool {
        let end = at.end;
        let goes_on = match event {
            Event::DocumentStart(..) => self.start_document(at),
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.as_ref().is_some_and(|tag| tag.core_suffix() == Some("str"));
                if tag.as_ref().is_some_and(|tag| tag.core_suffix().is_none()) {
                    self.refuse_tag(at.start);
                }
                let node = self.scalar(text, *style, is_text, at);
                self.finish(node, *anchor);
                true
            }
            Event::SequenceStart(style, anchor, _) => self.start(*style, *anchor, at.start, Inside::List(vec![])),
            Event::MappingStart(style, anchor, _) => {
                let inside = Inside::Map { entries: vec![], merged: vec![], key: None, is_broken: false };
                self.start(*style, *anchor, at.start, inside)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close(at.end);
                true
            }
            Event::Alias(anchor) => self.repeat(*anchor, at),
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor is called {}", named(name));
                let hint = format!("quote the text if it is meant to start with a star, or define `&{name}` before it");
                self.problems.error("plan::unknown-anchor", span(self.file, at.clone()), message).hint(hint);
                self.finish(Node { span: span(self.file, at), tree: Tree::Broken }, 0);
                true
            }
            _ => true,
        };
        self.last_end = end;
        goes_on
    }

    fn start_document(&mut self, at: Range<usize>) -> bool {
        self.documents += 1;
        if self.documents > 1 {
            let hint = "put each plan into a file of its own; a plan can include another with `plan: other.yaml`";
            let message = "a second document starts here; a plan is one document";
            self.problems.error("plan::several-documents", span(self.file, at), message).hint(hint);
        }
        self.documents == 1
    }

    fn refuse_tag(&mut self, before: usize) {
        let from = self.text.get(..before).and_then(|text| text.rfind('!')).unwrap_or(before);
        let at = span(self.file, from..before.max(from + 1));
        self.problems.error("plan::tag", at, "tags mean nothing in a plan").hint("remove it, or quote the text");
    }

    fn scalar(&self, text: &str, style: ScalarStyle, is_text: bool, at: Range<usize>) -> Node {
        let shown = self.text.get(at.clone()).unwrap_or_default();
        let end = at.start + shown.trim_end().len();
        let is_plain = matches!(style, ScalarStyle::Plain) && !is_text;
        let tree = match text {
            "" | "~" | "null" | "Null" | "NULL" if is_plain => Tree::Nothing,
            _ if is_plain => Tree::Plain(text.to_owned()),
            _ => Tree::Quoted(text.to_owned()),
        };
        Node { span: span(self.file, at.start..end), tree }
    }

    fn start(&mut self, style: StructureStyle, anchor: usize, start: usize, inside: Inside) -> bool {
        if self.open.len() >= MAX_DEPTH {
            self.too_deep(start..start + 1);
            return false;
        }
        self.open.push(Open { start, anchor, is_flow: matches!(style, StructureStyle::Flow), inside });
        true
    }

    fn too_deep(&mut self, at: Range<usize>) {
        let message = format!("values stand in each other more than {MAX_DEPTH} deep");
        self.problems.error("plan::too-deep", span(self.file, at), message);
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let mut range = open.start..end;
        if !open.is_flow {
            // The end of a block comes where the next thing starts; its first line is what people look at.
            let line = self.text.get(open.start..).unwrap_or_default().lines().next().unwrap_or_default();
            range.end = open.start + line.trim_end().len();
        }
        let tree = match open.inside {
            Inside::List(items) => Tree::List(items),
            Inside::Map { is_broken: true, .. } => Tree::Broken,
            Inside::Map { entries, merged, .. } => Tree::Map(self.merge(entries, merged)),
        };
        self.finish(Node { span: span(self.file, range), tree }, open.anchor);
    }

    /// Puts a finished value where it belongs.
    fn finish(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            let (size, depth) = measure(&node);
            self.anchors.insert(anchor, Anchor { node: node.clone(), size, depth });
        }
        let file = self.file;
        match self.open.last_mut().map(|open| (open.start, &mut open.inside)) {
            None => self.root = Some(node),
            Some((_, Inside::List(items))) => items.push(node),
            Some((_, Inside::Map { entries, merged, key, .. })) if key.is_some() => {
                let Some((key, key_span)) = key.take() else { return };
                if key == "<<" && !matches!(node.tree, Tree::Plain(_) | Tree::Quoted(_)) {
                    merged.extend(node.one_or_many().iter().cloned());
                } else {
                    entries.push(Entry { key, key_span, value: node });
                }
            }
            Some((start, Inside::Map { key, is_broken, .. })) => match node.tree {
                Tree::Plain(text) | Tree::Quoted(text) => *key = Some((text, node.span)),
                _ => {
                    let was_broken = std::mem::replace(is_broken, true);
                    *key = Some((String::new(), node.span));
                    if !was_broken {
                        syntax::bad_key(self.problems, file, self.text, start, node.span);
                    }
                }
            },
        }
    }

    /// Merged maps (`<<`) fill in the keys that are not there; a key that is there twice is refused.
    fn merge(&mut self, mut entries: Vec<Entry>, merged: Vec<Node>) -> Vec<Entry> {
        let doubles = doubles(&entries);
        for (first, second) in doubles.iter().rev() {
            let second = entries.remove(*second);
            let message = format!("{} is given twice", named(&second.key));
            let problem = self.problems.error("plan::duplicate-key", second.key_span, message).hint("keep one of them");
            if let Some(first) = entries.get(*first) {
                problem.also(first.key_span, "first given here");
            }
        }
        for entry in merged.into_iter().flat_map(|node| match node.tree {
            Tree::Map(entries) => entries,
            _ => Vec::new(),
        }) {
            if !entries.iter().any(|own| own.key == entry.key) {
                entries.push(entry);
            }
        }
        entries
    }

    fn repeat(&mut self, anchor: usize, at: Range<usize>) -> bool {
        let Some(Anchor { node, size, depth }) = self.anchors.get(&anchor) else {
            let message = "this alias stands inside the value that it repeats";
            self.problems.error("plan::alias", span(self.file, at.clone()), message);
            self.finish(Node { span: span(self.file, at), tree: Tree::Broken }, 0);
            return true;
        };
        self.repeated += size;
        if self.repeated > MAX_REPEATED {
            let message = format!("aliases repeat more than {MAX_REPEATED} values");
            let hint = "aliases of aliases grow fast; write the plan out, or use `foreach` or `matrix`";
            self.problems.error("plan::alias-bomb", span(self.file, at), message).hint(hint);
            return false;
        }
        if self.open.len() + depth > MAX_DEPTH {
            self.too_deep(at);
            return false;
        }
        let node = node.clone();
        self.finish(node, 0);
        true
    }

    fn syntax_error(&mut self, error: &ScanError) -> bool {
        let at = error.marker().byte_offset().unwrap_or(self.last_end);
        let opened = self.open.iter().rev().find(|open| open.is_flow).map(|open| open.start);
        let place = syntax::Place { file: self.file, text: self.text, at, last_end: self.last_end, opened };
        syntax::report(self.problems, &place, &error.kind().to_string());
        false
    }
}

/// Places of entries whose key was there before: the first and the later one, by the later one.
fn doubles(entries: &[Entry]) -> Vec<(usize, usize)> {
    let key = |at: usize| entries.get(at).map_or("", |entry| entry.key.as_str());
    if entries.len() <= 16 {
        let first = |second: usize| (0..second).find(|first| key(*first) == key(second)).map(|first| (first, second));
        return (1..entries.len()).filter_map(first).collect();
    }
    let mut seen = BTreeMap::new();
    let first = |second: usize| {
        let found = seen.get(key(second)).map(|first| (*first, second));
        seen.entry(key(second)).or_insert(second);
        found
    };
    (0..entries.len()).filter_map(first).collect()
}

/// How many values a value has, itself included, and how deep they stand.
fn measure(node: &Node) -> (usize, usize) {
    let inner = node.items().iter().chain(node.entries().iter().map(|entry| &entry.value)).map(measure);
    let (size, depth) = inner.fold((0, 0), |sum: (usize, usize), one| (sum.0 + one.0, sum.1.max(one.1)));
    (size + 1, depth + 1)
}
