//! The questions as data, in the order in which they are asked; follow-ups stand behind what opens them.
//!
//! A question is worth its place when another answer would make another plan: other tasks, other limits, other words to the agents.

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

const UNDERSTANDING: &[Question] = &[
    the_request(text("goal", Part::Understanding, NEW, "What problem does it solve?", "one sentence", "")),
    text(
        "audience",
        Part::Understanding,
        NEW,
        "Who is it for?",
        "such as: shops with 10 to 100 people",
        "not said: the plan finds out first",
    ),
    by_level(
        text("success", Part::Understanding, NEW, "What does success look like?", "something that can be counted", ""),
        [
            "it can be shown to somebody",
            "a few people use it and say what is missing",
            "first customers use it every day",
            "it is used every day and nobody notices an outage",
            "it passes the customer's own acceptance",
        ],
    ),
    text(
        "features",
        Part::Understanding,
        NEW,
        "What must be in it, and what need not?",
        "the three things that matter, and what can wait",
        "what the goal needs, and no more",
    ),
    the_request(text("symptom", Part::Understanding, &[Bugfix], "What goes wrong, and what should happen?", "", "")),
    text(
        "reproduce",
        Part::Understanding,
        &[Bugfix],
        "How does one see it?",
        "a command, an input, a page, a log line",
        "not known: the plan finds out first",
    ),
    text("since", Part::Understanding, &[Bugfix], "Since when?", "a date, a version, a commit", "not known"),
    text(
        "target",
        Part::Understanding,
        &[Review],
        "Which part is looked at?",
        "folders, or a branch against another",
        "the whole repository",
    ),
    text(
        "focus",
        Part::Understanding,
        &[Review],
        "What matters most?",
        "such as: security, speed, what to do before a release",
        "what would hurt most if it stayed",
    ),
    text("from", Part::Understanding, &[Migration], "What is there now?", "name and version", "see the request"),
    text("to", Part::Understanding, &[Migration], "What shall be there?", "name and version", "see the request"),
    text(
        "data",
        Part::Understanding,
        &[Migration],
        "Which data moves along, and how much?",
        "such as: 40 GB of orders; or none",
        "none",
    ),
    when(
        text(
            "data_check",
            Part::Understanding,
            &[Migration],
            "How does one see that all of it arrived?",
            "counts, checksums, a report",
            "counts and checksums of every table before and after",
        ),
        Opens::Unlike("data", NOTHING),
    ),
    the_request(text("question", Part::Understanding, &[Research], "What has to be answered?", "", "")),
    text(
        "use",
        Part::Understanding,
        &[Research],
        "What will be decided by it?",
        "who decides what, and when",
        "not said",
    ),
    text(
        "sources",
        Part::Understanding,
        &[Research],
        "Where is it looked for?",
        "folders, pages, data, people's notes",
        "the repository and what is public",
    ),
];

const TECHNICAL: &[Question] = &[
    text(
        "stack",
        Part::Technical,
        CHANGES,
        "Which languages and frameworks?",
        "such as: React and Node; flexible is an answer",
        "what is there; where nothing is, what the agents recommend",
    ),
    text(
        "integrations",
        Part::Technical,
        &[Saas, Feature, Migration],
        "Which systems must it work with?",
        "APIs, databases, sign-in, payment; or none",
        "none",
    ),
    when(
        text(
            "integration_access",
            Part::Technical,
            &[Saas, Feature, Migration],
            "Are there test accounts for them?",
            "where; names of variables with keys, never keys",
            "no: stand-ins are built from their documentation",
        ),
        Opens::Unlike("integrations", NOTHING),
    ),
    when(
        text(
            "models",
            Part::Technical,
            NEW,
            "Which models may it call, and what may that cost a month?",
            "",
            "the cheapest that does the work; costs are reported before it is built",
        ),
        Opens::Speaks("features", MODELS),
    ),
    when(
        text(
            "payment",
            Part::Technical,
            &[Saas],
            "How do people pay?",
            "such as: Stripe, invoices; or none in the first version",
            "none",
        ),
        Opens::Speaks("success", MONEY),
    ),
    text(
        "hosting",
        Part::Technical,
        &[Saas, Feature, Migration],
        "Where does it run?",
        "a cloud, a server of your own; or undecided",
        "undecided",
    ),
    when(
        text(
            "hosting_limits",
            Part::Technical,
            &[Saas, Feature, Migration],
            "Is there an account, a region or a budget that it must keep to?",
            "",
            "none",
        ),
        Opens::Unlike("hosting", NOTHING),
    ),
    of_form(text("downtime", Part::Technical, &[Migration], "How long may it be down?", "", "short"), DOWNTIME),
    text(
        "rollback",
        Part::Technical,
        &[Migration],
        "How does one get back if it goes wrong?",
        "until when that must be possible",
        "the old one stays untouched until the new one has run for a week",
    ),
];

const QUALITY: &[Question] = &[
    by_level(
        text("load", Part::Quality, &[Saas, Feature, Migration], "How many people use it at the same time?", "", ""),
        ["10 to 50", "up to 100", "up to 500", "up to 10,000", "more than 10,000, in several regions"],
    ),
    when(
        text(
            "peaks",
            Part::Quality,
            &[Saas, Feature, Migration],
            "When do they all come at once, and what may be slow then?",
            "",
            "no known peaks; reading stays quick, writing may queue",
        ),
        Opens::AtLeast("load", 1_000),
    ),
    by_level(
        text("performance", Part::Quality, &[Saas, Feature, Migration], "How quick must it be?", "", ""),
        [
            "nobody waits for long",
            "pages in two seconds",
            "pages in one second, answers in 300 ms",
            "95 of 100 answers in 300 ms under load",
            "99 of 100 answers in 300 ms under load",
        ],
    ),
    when(
        text(
            "live",
            Part::Quality,
            NEW,
            "What has to be live, and how late may it be?",
            "such as: previews while typing, within 200 ms",
            "within a second",
        ),
        Opens::Speaks("performance", LIVE),
    ),
    text(
        "compliance",
        Part::Quality,
        &[Saas, Feature, Migration, Review],
        "Which rules apply?",
        "such as: GDPR, HIPAA, PCI, accessibility; or none",
        "none",
    ),
    when(
        text(
            "personal_data",
            Part::Quality,
            &[Saas, Feature, Migration],
            "Which data about people is kept, where, and how long?",
            "",
            "as little as the features need, in one region, deleted with the account",
        ),
        Opens::Says("compliance", RULES),
    ),
    when(
        text(
            "audit",
            Part::Quality,
            &[Saas, Feature, Migration],
            "Who audits it, and what do they want to see?",
            "",
            "not known: a record of who changed what, kept for a year",
        ),
        Opens::Says("compliance", AUDITED),
    ),
    when(
        text(
            "sign_in",
            Part::Quality,
            NEW,
            "How do people sign in, and who may do what?",
            "accounts of its own, single sign-on, roles",
            "single sign-on, and roles that an administrator gives",
        ),
        Opens::Level(5),
    ),
    when(
        text(
            "operations",
            Part::Quality,
            NEW,
            "Who is called when it breaks at night?",
            "",
            "the team that builds it, by what the monitoring finds",
        ),
        Opens::Level(4),
    ),
    when(
        text(
            "regression",
            Part::Quality,
            &[Bugfix],
            "Which other parts could the repair break?",
            "",
            "whatever the tests cover",
        ),
        Opens::Level(3),
    ),
    text(
        "evidence",
        Part::Quality,
        &[Research],
        "How sure must the answer be?",
        "one good source, several, an experiment of our own",
        "two sources that do not quote each other",
    ),
];

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
