//! A YAML document as a tree in which every key and value knows its place in the text.
//!
//! Made by `source`, read by `language` (shapes) and `lower` (meaning). Depth is bounded by `source::MAX_DEPTH`, so walking
//! it by recursion is safe.

use crate::diag::Span;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where: a block list or map is represented by its first line.
    pub(crate) span: Span,
    /// What.
    pub(crate) tree: Tree,
}

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    /// Empty, `~` or `null`.
    Nothing,
    /// Already reported; fits everywhere, so that one mistake gives one message.
    Broken,
    /// A text without quotes: may also be read as a number or as true or false.
    Plain(String),
    /// A text in quotes or a block text: only ever a text.
    Quoted(String),
    /// Items.
    List(Vec<Node>),
    /// Keys and values in the order of the text, each key once.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Its place.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node,
}

/// A piece of the plan with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    /// The piece.
    pub(crate) value: T,
    /// Its place.
    pub(crate) span: Span,
}

impl Node {
    /// As text; numbers and true/false are texts as well.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Plain(text) | Tree::Quoted(text) => Some(text),
            _ => None,
        }
    }

    /// As text with its place.
    pub(crate) fn spanned(&self) -> Option<Spanned<String>> {
        self.text().map(|text| Spanned { value: text.to_owned(), span: self.span })
    }

    /// A number without quotes.
    pub(crate) fn number(&self) -> Option<f64> {
        match &self.tree {
            Tree::Plain(text) if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) => {
                text.parse().ok().filter(|number: &f64| number.is_finite())
            }
            _ => None,
        }
    }

    /// A whole number without quotes.
    pub(crate) fn whole(&self) -> Option<i64> {
        match &self.tree {
            Tree::Plain(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// True or false without quotes.
    pub(crate) fn boolean(&self) -> Option<bool> {
        match &self.tree {
            Tree::Plain(text) => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; none for anything else.
    pub(crate) fn items(&self) -> &[Node] {
        match &self.tree {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none for anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.tree {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list, or a single value as a list of one. Nothing for nothing.
    pub(crate) fn one_or_many(&self) -> &[Node] {
        match &self.tree {
            Tree::List(items) => items,
            Tree::Nothing | Tree::Broken => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The entry of a map with this key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a map's key, unless nothing is given for it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value).filter(|node| !matches!(node.tree, Tree::Nothing))
    }

    /// What it is, in a message: "a list".
    pub(crate) fn kind(&self) -> &'static str {
        match &self.tree {
            Tree::Nothing | Tree::Broken => "nothing",
            Tree::Plain(_) if self.boolean().is_some() => "true or false",
            Tree::Plain(_) if self.number().is_some() => "a number",
            Tree::Plain(_) | Tree::Quoted(_) => "text",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }

    /// As a plain value: quotes make a text, everything else is read as YAML reads it.
    pub(crate) fn json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.tree {
            Tree::Nothing | Tree::Broken => Value::Null,
            Tree::Quoted(text) => text.as_str().into(),
            Tree::Plain(text) => match (self.boolean(), self.whole(), self.number()) {
                (Some(boolean), _, _) => boolean.into(),
                (_, Some(whole), _) => whole.into(),
                (_, _, Some(number)) => number.into(),
                _ => text.as_str().into(),
            },
            Tree::List(items) => items.iter().map(Node::json).collect(),
            Tree::Map(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.key.clone(), entry.value.json())).collect())
            }
        }
    }
}
