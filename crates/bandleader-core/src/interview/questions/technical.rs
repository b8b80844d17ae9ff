//! What it is made of, what it works with, where it runs.

use super::{CHANGES, DOWNTIME, MODELS, MONEY, NEW, NOTHING, of_form, text, when};
use crate::interview::kind::Kind::{Feature, Migration, Saas};
use crate::interview::question::{Opens, Part, Question};

pub(super) const TECHNICAL: &[Question] = &[
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
