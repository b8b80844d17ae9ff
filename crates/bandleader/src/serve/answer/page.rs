//! The page of a question as text: everything that anybody else has written is made harmless here.

use std::fmt::Write as _;

use axum::http::StatusCode;
use bandleader_core::plan::{Choice, Question};
use bandleader_core::view::when::rfc3339;
use bandleader_core::{Decision, Run, RunId, Timestamp};
use bandleader_engine::hooks::Link;

use crate::render::heard;
use crate::render::text::clean_lines;

/// A question as the page shows it.
pub(super) struct Ask {
    mission: String,
    run: String,
    asker: String,
    question: Question,
    person: String,
    /// What follows when nobody answers, and when.
    silence: String,
    /// How it ended, if it has.
    taken: Option<String>,
    used: Option<(Timestamp, String)>,
}

impl Ask {
    pub(super) fn of(run: &Run, id: &RunId, decision: &Decision, link: &Link, now: Timestamp) -> Ask {
        Ask {
            mission: run.plan().mission.clone(),
            run: id.to_string(),
            asker: heard::asker(run, &decision.asker),
            question: decision.question.clone(),
            person: link.person.clone(),
            silence: heard::silence(decision, now),
            taken: decision.taken.as_ref().map(|_| heard::taken(decision)),
            used: link.used.clone(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.taken.is_some()
    }

    /// The id of an option, as the question writes it.
    pub(super) fn option(&self, id: &str) -> Option<String> {
        self.question.option(id).map(|option| option.id.clone())
    }
}

/// What somebody who follows a link sees.
pub(super) enum Page {
    /// The question, to be answered.
    Open(Box<Ask>),
    /// It was answered by this link.
    Used(Box<Ask>),
    /// It was decided otherwise.
    Over(Box<Ask>),
    /// Nothing is opened by this.
    Unknown,
    /// Nobody does more than look.
    ReadOnly,
    /// Somebody tries links.
    TooOften,
    /// It cannot be done.
    Refused(String),
    /// Something of ours broke.
    Broken(String),
}

impl Page {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Page::Open(_) => StatusCode::OK,
            Page::Used(_) | Page::Over(_) => StatusCode::GONE,
            Page::Unknown => StatusCode::NOT_FOUND,
            Page::ReadOnly => StatusCode::FORBIDDEN,
            Page::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Page::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Page::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn html(&self) -> String {
        match self {
            Page::Open(ask) => whole("A question", &form(ask)),
            Page::Used(ask) => {
                let (at, option) = ask.used.clone().unwrap_or_default();
                let words = format!(
                    "<p>Answered by this link: <strong>{}</strong>, at {}, as {}.</p>{}",
                    safe(&option),
                    safe(&rfc3339(at)),
                    safe(&ask.person),
                    match &ask.taken {
                        Some(taken) => format!("<p>The question is over: {}.</p>", safe(taken)),
                        None => "<p>The run takes the answer as soon as its engine is there.</p>".to_owned(),
                    }
                );
                whole("Answered", &format!("{}{words}{}", head(ask), over_words()))
            }
            Page::Over(ask) => {
                let taken = ask.taken.as_deref().unwrap_or_default();
                whole("Over", &format!("{}<p>This is decided: {}.</p>{}", head(ask), safe(taken), over_words()))
            }
            Page::Unknown => said(
                "This link opens nothing",
                "It is not whole, or it is older than a month, or its run is gone. `band inbox` shows what is open.",
            ),
            Page::ReadOnly => said("This server takes no answers", "It was started to look only (`--read-only`)."),
            Page::TooOften => said("Too many tries", "Wait for a moment, and load the page again."),
            Page::Refused(why) => said("That was not taken", &format!("{why}. Go back and try again.")),
            Page::Broken(why) => said("Something broke", &format!("{why}. The link is still good: try again.")),
        }
    }
}

fn over_words() -> &'static str {
    "<p class=\"quiet\">This link does nothing more.</p>"
}

fn said(title: &str, words: &str) -> String {
    whole(title, &format!("<h1>{}</h1><p>{}</p>", safe(title), safe(words)))
}

fn whole(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>{} · Bandleader</title><link rel=\"stylesheet\" \
         href=\"style.css\"></head><body><main>{body}</main></body></html>\n",
        safe(title)
    )
}

fn head(ask: &Ask) -> String {
    format!(
        "<p class=\"quiet\">{} · run {} · {} asks</p><h1 dir=\"auto\">{}</h1>",
        safe(&ask.mission),
        safe(&ask.run),
        safe(&ask.asker),
        safe(&ask.question.text)
    )
}

fn form(ask: &Ask) -> String {
    let mut html = head(ask);
    if let Some(details) = &ask.question.details {
        let _ = write!(html, "<p dir=\"auto\">{}</p>", safe(details));
    }
    let _ = write!(html, "<p class=\"clock\">If nobody answers: {}.</p>", safe(&ask.silence));
    html.push_str("<form method=\"post\"><fieldset><legend>What shall it be?</legend>");
    for option in &ask.question.options {
        choice(&mut html, option, ask.question.recommend.as_deref() == Some(option.id.as_str()));
    }
    let _ = write!(
        html,
        "</fieldset><label class=\"reason\">Why (may be left empty)<textarea name=\"because\" maxlength=\"2000\"></textarea></label>\
         <button type=\"submit\">Answer</button><p class=\"quiet\">You answer as {}. The link works once.</p></form>",
        safe(&ask.person)
    );
    html
}

fn choice(html: &mut String, option: &Choice, is_recommended: bool) {
    let id = safe(&option.id);
    let name = if option.name == option.id { String::new() } else { format!(" · {}", safe(&option.name)) };
    let tag = if is_recommended { " <span class=\"tag\">recommended</span>" } else { "" };
    let _ = write!(
        html,
        "<label class=\"option\"><input type=\"radio\" name=\"option\" value=\"{id}\" required><span class=\"name\" dir=\"auto\">\
         {id}{name}{tag}</span>"
    );
    if !option.columns.is_empty() {
        html.push_str("<span class=\"more facts\">");
        for (name, value) in &option.columns {
            let (name, value) = (safe(name), safe(value));
            let _ = write!(html, "<span class=\"quiet\">{name} </span><span dir=\"auto\">{value}</span>");
        }
        html.push_str("</span>");
    }
    if let Some(details) = &option.details {
        let _ = write!(html, "<span class=\"more\" dir=\"auto\">{}</span>", safe(details));
    }
    html.push_str("</label>");
}

/// A text of somebody else: no letter of it is markup, or invisible, or turns others around.
fn safe(text: &str) -> String {
    let mut safe = String::new();
    for letter in clean_lines(text).chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> Ask {
        let mut option = Choice { id: "A".into(), name: text.into(), details: Some(text.into()), ..Choice::default() };
        option.columns.insert(text.into(), text.into());
        let question = Question {
            text: text.into(),
            options: vec![option, Choice { id: "B".into(), name: "B".into(), ..Choice::default() }],
            recommend: Some("B".into()),
            details: Some(text.into()),
            ..Question::default()
        };
        Ask {
            mission: text.into(),
            run: "k3v9".into(),
            asker: text.into(),
            question,
            person: text.into(),
            silence: "B is taken in 4m".into(),
            taken: Some(text.into()),
            used: Some((Timestamp(0), text.into())),
        }
    }

    #[test]
    fn nothing_of_what_others_write_is_markup() {
        let hostile = "\"><script>alert(1)</script><a href='x' onclick=\"y\">&amp;\u{202e}\u{1b}[31m";
        let pages = [
            Page::Open(Box::new(ask(hostile))),
            Page::Used(Box::new(ask(hostile))),
            Page::Over(Box::new(ask(hostile))),
            Page::Refused(hostile.into()),
            Page::Broken(hostile.into()),
        ];
        for page in pages {
            let html = page.html();
            assert!(!html.contains("<script") && !html.contains("<a ") && !html.contains("onclick=\""), "{html}");
            assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'), "{html}");
            assert!(html.contains("&lt;script&gt;"), "{html}");
        }
    }

    #[test]
    fn an_open_question_is_a_form_with_every_option() {
        let html = Page::Open(Box::new(ask("Which?"))).html();
        assert_eq!(html.matches("type=\"radio\"").count(), 2);
        assert!(html.contains("value=\"B\" required") && html.matches("recommended").count() == 1, "{html}");
        assert!(
            html.contains("If nobody answers: B is taken in 4m.")
                && !html.contains("style=")
                && !html.contains("<script")
        );
        assert_eq!((Page::Unknown.status().as_u16(), Page::Over(Box::new(ask("x"))).status().as_u16()), (404, 410));
    }
}
