//! The questions as data, in the order in which they are asked; follow-ups stand behind what opens them.
//!
//! A question is worth its place when another answer would make another plan: other tasks, other limits, other words to the agents.

mod quality;
mod technical;
mod understanding;

use quality::QUALITY;
use technical::TECHNICAL;
use understanding::UNDERSTANDING;

use super::kind::Kind::{self, Bugfix, Feature, Migration, Research, Review, Saas};
use super::question::{Fallback, Form, Opens, Part, Question};

const NEW: &[Kind] = &[Saas, Feature];
const CHANGES: &[Kind] = &[Saas, Feature, Bugfix, Migration];
const ALL_KINDS: &[Kind] = &[Saas, Feature, Review, Bugfix, Migration, Research];

/// Words that say that there is nothing.
const NOTHING: &[&str] = &["none", "no", "nothing", "not yet", "no idea", "undecided"];
const RULES: &[&str] =
    &["gdpr", "hipaa", "pci", "soc 2", "soc2", "iso 27001", "ccpa", "fedramp", "dsgvo", "ferpa", "sox"];
const AUDITED: &[&str] = &["soc 2", "soc2", "hipaa", "pci", "iso 27001", "fedramp", "sox"];
const MODELS: &[&str] = &["ai", "llm", "gpt", "machine learning", "ml", "model", "models", "ai-powered"];
const LIVE: &[&str] = &["real time", "real-time", "realtime", "live", "streaming", "notifications", "chat"];
const MONEY: &[&str] = &[
    "saas",
    "subscription",
    "subscriptions",
    "paying",
    "payment",
    "payments",
    "billing",
    "mrr",
    "pricing",
    "checkout",
];

const URGENCY: Form = Form::Choice(&[
    ("urgent", "decisions wait only shortly"),
    ("normal", "as usual"),
    ("relaxed", "decisions may wait longer"),
]);

const DOWNTIME: Form = Form::Choice(&[
    ("none", "it stays up throughout"),
    ("short", "minutes, announced"),
    ("window", "hours, in a maintenance window"),
]);

const fn text(
    id: &'static str,
    part: Part,
    kinds: &'static [Kind],
    ask: &'static str,
    hint: &'static str,
    fallback: &'static str,
) -> Question {
    Question { id, part, ask, hint, form: Form::Text, fallback: Fallback::Text(fallback), kinds, opens: Opens::Always }
}

const fn when(question: Question, opens: Opens) -> Question {
    Question { opens, ..question }
}

const fn by_level(question: Question, texts: [&'static str; 5]) -> Question {
    Question { fallback: Fallback::Level(texts), ..question }
}

const fn the_request(question: Question) -> Question {
    Question { fallback: Fallback::Request, ..question }
}

const fn of_form(question: Question, form: Form) -> Question {
    Question { form, ..question }
}

/// All of them.
pub(super) static ALL: [&[Question]; 4] = [UNDERSTANDING, TECHNICAL, QUALITY, FRAME];

const FRAME: &[Question] = &[
    of_form(text("timeline", Part::Frame, ALL_KINDS, "How pressed are you?", "", "normal"), URGENCY),
    of_form(
        text(
            "budget",
            Part::Frame,
            ALL_KINDS,
            "What may the agents spend on it?",
            "US dollars for the whole run; at the limit it stops and asks. Or none",
            "none",
        ),
        Form::Money,
    ),
];
