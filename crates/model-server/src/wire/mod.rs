//! The four languages: what a request means, and how an answer is said, whole or as a stream.

mod anthropic;
mod chat;
mod gemini;
mod responses;

use serde_json::Value;

use crate::answer::{Problem, Stop, Usage};
use crate::asked::{Api, Asked};
use crate::call::Made;

/// An answer of the model before it is put into a language.
pub(crate) struct Reply<'a> {
    /// Different for each answer; part of all the ids in it.
    pub(crate) number: u64,
    pub(crate) model: &'a str,
    pub(crate) text: &'a str,
    pub(crate) thinking: &'a str,
    pub(crate) calls: &'a [Made],
    pub(crate) usage: Usage,
    pub(crate) stop: Stop,
    /// Bytes of text in each piece of a stream.
    pub(crate) piece: usize,
    /// What the stream breaks off with.
    pub(crate) error: Option<&'a Problem>,
}

impl Reply<'_> {
    fn id(&self, of: &str) -> String {
        format!("{of}_{:012}", self.number)
    }

    /// The id of a call. Searches that no script asked for have another beginning: they are no turns.
    fn call_id(&self, of: &str, place: usize) -> String {
        format!("{of}_{:012}_{place}", self.number)
    }
}

/// The pieces of a text, each of about so many bytes and none within a character.
fn pieces(text: &str, bytes: usize) -> Vec<&str> {
    let mut rest = text;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(bytes.clamp(1, rest.len())));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// A request, if this is a question to a model.
pub(crate) fn read(path: &str, body: &Value) -> Option<Asked> {
    if path.ends_with("/messages") {
        Some(anthropic::read(body))
    } else if path.ends_with("/responses") {
        Some(responses::read(body))
    } else if path.ends_with("/chat/completions") {
        Some(chat::read(body))
    } else if path.ends_with(":generateContent") || path.ends_with(":streamGenerateContent") {
        Some(gemini::read(path, body))
    } else {
        None
    }
}

/// An answer as the frames of a stream.
pub(crate) fn stream(api: Api, reply: &Reply) -> Vec<String> {
    match api {
        Api::Anthropic => anthropic::stream(reply),
        Api::Responses => responses::stream(reply),
        Api::Chat => chat::stream(reply),
        Api::Gemini => gemini::stream(reply),
    }
}

/// An answer in one piece.
pub(crate) fn whole(api: Api, reply: &Reply) -> Value {
    match api {
        Api::Anthropic => anthropic::whole(reply),
        Api::Responses => responses::whole(reply),
        Api::Chat => chat::whole(reply),
        Api::Gemini => gemini::whole(reply),
    }
}

/// A refusal.
pub(crate) fn refusal(api: Api, status: u16, problem: &Problem) -> Value {
    let message =
        if problem.message.is_empty() { format!("refused with status {status}") } else { problem.message.clone() };
    let problem = Problem { message, ..problem.clone() };
    match api {
        Api::Anthropic => anthropic::refusal(status, &problem),
        Api::Responses | Api::Chat => chat::refusal(status, &problem),
        Api::Gemini => gemini::refusal(status, &problem),
    }
}

/// An event of a stream that has a name and a body.
fn named(name: &str, body: &Value) -> String {
    format!("event: {name}\ndata: {body}\n\n")
}

/// An event of a stream without a name.
fn data(body: &Value) -> String {
    format!("data: {body}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(pieces("añb→c", 2), ["añ", "b→", "c"]);
        assert!(pieces("", 4).is_empty());
        assert_eq!(pieces("abc", 0), ["a", "b", "c"]);
    }
}
