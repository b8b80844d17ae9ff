//! Which kind of plan a request asks for: rules that can be read, not guessed at.
//!
//! The words of a request are looked at in their order, and the first that says what is to be done decides. "Build a code review tool"
//! is therefore a product, and "review the build" a review.

use super::question::words_of;

/// A kind of plan. Each has its questions and a built-in template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A product that does not exist yet.
    Saas,
    /// Something new in a product that exists.
    Feature,
    /// An opinion on code that exists.
    Review,
    /// Something that is wrong.
    Bugfix,
    /// From one thing to another, with what is in it.
    Migration,
    /// An answer to a question.
    Research,
}

/// What is in the folder that the plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Nothing that a program is made of.
    Empty,
    /// Code.
    Code,
}

/// A kind and why it is this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The kind.
    pub kind: Kind,
    /// The rule that decided.
    pub because: Because,
}

/// Why a kind was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// These words of the request come first among those that any rule knows.
    Words(&'static str),
    /// These words ask for something new, and the folder or the request says that something is there already.
    NewInOld(&'static str),
    /// No rule knows a word of the request.
    Ground(Ground),
    /// The person said so.
    Asked,
}

impl Kind {
    /// All of them, in the order in which people are told of them.
    pub const ALL: [Kind; 6] = [Kind::Saas, Kind::Feature, Kind::Review, Kind::Bugfix, Kind::Migration, Kind::Research];

    /// As it is typed: `saas`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Saas => "saas",
            Kind::Feature => "feature",
            Kind::Review => "review",
            Kind::Bugfix => "bugfix",
            Kind::Migration => "migration",
            Kind::Research => "research",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What it is for, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Kind::Saas => "a new product, from research to a launch that is prepared",
            Kind::Feature => "something new in a product that exists",
            Kind::Review => "an opinion on code that exists, from several sides",
            Kind::Bugfix => "something that is wrong: reproduced, explained, mended",
            Kind::Migration => "from one thing to another, with a rehearsal and a way back",
            Kind::Research => "an answer to a question, from several sources, checked",
        }
    }

    /// When it is chosen, in words.
    pub fn rule(self) -> String {
        let words = self.words().join(", ");
        match self {
            Kind::Saas => format!(
                "{words}; or {}, where there is no code yet; or no known word, where there is no code yet",
                BUILD.join(", ")
            ),
            Kind::Feature => format!(
                "{words}; or {}, where there is code or the request has one of: {}; or no known word, where there is code",
                BUILD.join(", "),
                OLD.join(", ")
            ),
            _ => words,
        }
    }

    /// Words that ask for it.
    fn words(self) -> &'static [&'static str] {
        match self {
            Kind::Saas => &["saas", "startup", "mvp", "from scratch", "new product", "new app", "marketplace"],
            Kind::Feature => &["add", "implement", "extend", "feature", "enhance", "integrate", "support"],
            Kind::Review => &["review", "audit", "assess", "look over", "code quality"],
            Kind::Bugfix => &[
                "fix",
                "bug",
                "crash",
                "crashes",
                "broken",
                "regression",
                "repair",
                "debug",
                "does not work",
                "doesn't work",
                "fails",
            ],
            Kind::Migration => {
                &["migrate", "migration", "move", "port", "upgrade", "switch", "convert", "replace", "rewrite"]
            }
            Kind::Research => &[
                "research",
                "investigate",
                "compare",
                "evaluate",
                "find out",
                "study",
                "analyse",
                "analyze",
                "feasibility",
                "explore",
                "which",
                "whether",
            ],
        }
    }
}

/// Words that ask for something new, of whichever size.
const BUILD: [&str; 6] = ["build", "create", "make", "develop", "write", "launch"];

/// Words that speak of something that is there already.
const OLD: [&str; 5] = ["our", "existing", "current", "feature", "this"];

/// The kind that a request asks for.
pub fn choose(request: &str, ground: Ground) -> Chosen {
    let words = words_of(request);
    let has = |phrase: &str| place(&words, phrase).is_some();
    let of_kinds = Kind::ALL.into_iter().flat_map(|kind| kind.words().iter().map(move |phrase| (Some(kind), *phrase)));
    let all = of_kinds.chain(BUILD.iter().map(|phrase| (None, *phrase)));
    let placed = all.filter_map(|(kind, phrase)| Some((place(&words, phrase)?, kind, phrase)));
    let Some((_, kind, phrase)) = placed.min_by_key(|(at, _, phrase)| (*at, std::cmp::Reverse(phrase.len()))) else {
        let kind = if ground == Ground::Code { Kind::Feature } else { Kind::Saas };
        return Chosen { kind, because: Because::Ground(ground) };
    };
    if let Some(kind) = kind {
        return Chosen { kind, because: Because::Words(phrase) };
    }
    // To build: a product by its own words, else by what is there.
    if let Some(word) = Kind::Saas.words().iter().find(|word| has(word)) {
        return Chosen { kind: Kind::Saas, because: Because::Words(word) };
    }
    if ground == Ground::Code || OLD.iter().any(|word| has(word)) {
        return Chosen { kind: Kind::Feature, because: Because::NewInOld(phrase) };
    }
    Chosen { kind: Kind::Saas, because: Because::Words(phrase) }
}

/// The place of a phrase's first word among the words.
fn place(words: &[String], phrase: &str) -> Option<usize> {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).position(|window| window.iter().zip(&phrase).all(|(word, wanted)| word == wanted))
}

impl Chosen {
    /// Why, as the rest of a sentence: `because the request says "build"`.
    pub fn why(&self) -> String {
        match self.because {
            Because::Words(words) => format!("because the request says \"{words}\""),
            Because::NewInOld(words) => {
                format!(
                    "because the request says \"{words}\" and speaks of something that is there, or the folder has code"
                )
            }
            Because::Ground(Ground::Code) => "because no rule knows the request, and the folder has code".into(),
            Because::Ground(Ground::Empty) => "because no rule knows the request, and the folder has no code".into(),
            Because::Asked => "because you asked for it".into(),
        }
    }
}
