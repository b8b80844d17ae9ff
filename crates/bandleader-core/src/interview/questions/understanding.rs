//! What is wanted, for whom, and how one sees that it works.

use super::{NEW, NOTHING, by_level, text, the_request, when};
use crate::interview::kind::Kind::{Bugfix, Migration, Research, Review};
use crate::interview::question::{Opens, Part, Question};

pub(super) const UNDERSTANDING: &[Question] = &[
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
