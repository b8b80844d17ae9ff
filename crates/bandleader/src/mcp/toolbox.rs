//! What the protocol carries, in our own words: tools, what they answer, what people are asked on the way, texts to read.
//!
//! Two sets of tools stand on this: those that agents of a run are given (`attempt`), and those for people's own programs (`people`).
//! `protocol` alone knows how it is said on the wire.

use serde_json::{Map, Value};

/// The arguments of a call.
pub(super) type Arguments = Map<String, Value>;

/// What a tool does to the world; programs ask people before some of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It only looks.
    Looks,
    /// It adds something; nothing is lost by it.
    Adds,
    /// The same call again changes nothing more, and nothing is lost by it.
    Sets,
    /// It ends or loses something.
    Destroys,
    /// It adds something that a model outside may have written.
    Consults,
    /// It has programs run, which may do anything; the same call again has no more of them run.
    Starts,
}

/// One tool.
#[derive(Clone, Debug)]
pub(super) struct Description {
    pub(super) name: &'static str,
    /// For people.
    pub(super) title: Option<&'static str>,
    /// For whoever calls it.
    pub(super) text: &'static str,
    /// What it takes: the JSON Schema of an object.
    pub(super) schema: Value,
    /// What it answers, likewise; none for words.
    pub(super) output: Option<Value>,
    pub(super) effect: Option<Effect>,
}

/// How a call goes on.
pub(super) enum Turn {
    /// It is done.
    Said(Said),
    /// A person is to be asked; then the same call is made again with what came of it.
    Ask(Form),
}

/// What a tool answers.
#[derive(Debug)]
pub(super) enum Said {
    /// Words.
    Words(String),
    /// An object, as the tool's output schema says.
    Data(Value),
    /// It was not done: why, and what to do.
    Refused(String),
}

/// A question to the person who sits at the client.
pub(super) struct Form {
    /// The question.
    pub(super) message: String,
    /// A JSON Schema of an object with plain fields.
    pub(super) schema: Value,
    /// Done when the person sees it, and again and again while they think.
    pub(super) while_open: Box<dyn Fn() + Send + Sync>,
    /// Done when nothing came of it.
    pub(super) given_up: Box<dyn FnOnce() + Send>,
}

/// What came of a question to the person.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    /// Nobody was asked yet.
    Nothing,
    /// The client says that a person gave this.
    ByPerson(Value),
    /// The person did not want to.
    Declined,
    /// The client closed the question without an answer.
    Dismissed,
    /// The client cannot ask people.
    NobodyToAsk,
}

/// A text to read.
pub(super) struct Text {
    pub(super) uri: String,
    pub(super) name: String,
    pub(super) about: String,
    pub(super) kind: &'static str,
}

/// A set of tools. Calls may wait for the store and for the run: they are made in threads of their own.
pub(super) trait Toolbox: Send + Sync + 'static {
    /// What the model is told of them all.
    fn instructions(&self) -> &'static str;

    /// The client has found us.
    fn connected(&self) {}

    /// The last client is gone, and no other will come: what only lives for clients is to end, before this returns.
    fn leaving(&self) {}

    /// All tools, in the order in which they are shown.
    fn tools(&self) -> Vec<Description>;

    /// Does what the tool is for. `given` is what a person said to the question of this very call, if it asked one before.
    fn call(&self, tool: &str, arguments: Arguments, given: Given) -> Turn;

    /// Texts to read that there are now; none where there are none at all.
    fn texts(&self) -> Option<Result<Vec<Text>, String>> {
        None
    }

    /// Families of texts, their addresses with names in braces.
    fn families(&self) -> Vec<Text> {
        Vec::new()
    }

    /// One text, and its media type.
    fn read(&self, _uri: &str) -> Result<(String, &'static str), String> {
        Err("there is nothing to read here".into())
    }
}

/// An object's schema.
pub(super) fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), properties);
    schema.insert("required".into(), required.into());
    Value::Object(schema)
}
