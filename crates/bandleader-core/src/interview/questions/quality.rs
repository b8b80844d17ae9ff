//! How much it must bear, which rules apply, who looks after it.

use super::{AUDITED, LIVE, NEW, RULES, by_level, text, when};
use crate::interview::kind::Kind::{Bugfix, Feature, Migration, Research, Review, Saas};
use crate::interview::question::{Opens, Part, Question};

pub(super) const QUALITY: &[Question] = &[
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
