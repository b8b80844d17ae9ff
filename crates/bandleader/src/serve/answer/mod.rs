//! Answers by link: a page of its own for one question, for whoever was given the link, on a phone, without the dashboard and without
//! scripts.
//!
//! The link is all that is needed, and all that it opens is this question, once. To look at the page answers nothing and stops no clock:
//! chats look at links by themselves. Whoever tries links is slowed down like whoever tries tokens.

mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Form, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Router, middleware};
use bandleader_core::{By, Command, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::desk::{self, AskError};
use bandleader_engine::hooks::{Book, Link, Use};
use serde::Deserialize;
use tower_http::timeout::TimeoutLayer;

use super::App;
use super::audit::{self, Done};
use super::extract::Path;
use super::problem::Problem;
use super::reply::{aside, of_type};
use super::watched::Watched;
use crate::json::inbox::moment;
use page::{Ask, Page};

/// A form with an answer is no longer than this, in bytes.
const LONGEST: usize = 16 << 10;

/// All of it must be there and done within this time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Letters of a reason that are kept.
const REASON: usize = 2_000;

/// Nothing is loaded but the page's own style, and its form goes nowhere else.
const CONTENT_POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The page, its form and its style.
pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/answer/style.css", get(style))
        .route("/answer/{token}", get(show).post(answer))
        .method_not_allowed_fallback(async || Problem::method())
        .layer(DefaultBodyLimit::max(LONGEST))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .layer(middleware::map_response(protect))
        .layer(middleware::from_fn_with_state(app.clone(), audit::record))
}

async fn style() -> Response {
    of_type("text/css; charset=utf-8", StatusCode::OK, include_str!("style.css").to_owned())
}

/// A form tells where it comes from only if its page may say so: to us and to nobody else.
async fn protect(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// `GET /answer/{token}`
async fn show(State(app): State<App>, Path(token): Path<String>) -> Response {
    let seen = aside(move || look(&app, &token)).await;
    match seen {
        Ok(Ok(open)) => shown(&Page::Open(Box::new(open.ask))),
        Ok(Err(page)) => shown(&page),
        Err(problem) => shown(&Page::Broken(problem.words())),
    }
}

/// What the form says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    option: String,
    #[serde(default)]
    because: String,
}

/// `POST /answer/{token}`
async fn answer(
    State(app): State<App>,
    Path(token): Path<String>,
    said: Result<Form<Said>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(said)) = said else {
        return shown(&Page::Refused("the form cannot be read, or no option was chosen".into()));
    };
    let place = format!("/answer/{token}");
    let done = aside(move || hand_in(&app, &token, &said)).await;
    match done {
        Ok(Ok(done)) => {
            // Shown by its own address, so that a page that is loaded again sends nothing again.
            let mut response = StatusCode::SEE_OTHER.into_response();
            if let Ok(place) = HeaderValue::from_str(place.rsplit('/').next().unwrap_or_default()) {
                response.headers_mut().insert(LOCATION, place);
            }
            response.extensions_mut().insert(done);
            response
        }
        Ok(Err(page)) => shown(&page),
        Err(problem) => shown(&Page::Broken(problem.words())),
    }
}

fn shown(page: &Page) -> Response {
    of_type("text/html; charset=utf-8", page.status(), page.html())
}

/// A question that the link opens.
struct Open {
    book: Book,
    link: Link,
    run: Arc<Watched>,
    ask: Ask,
}

/// What the link leads to; or the page that says why to nothing.
fn look(app: &App, token: &str) -> Result<Result<Open, Page>, Problem> {
    if app.links.is_only_to_look() {
        return Ok(Err(Page::ReadOnly));
    }
    let book = Book::open(app.hub.folder()).map_err(|error| Problem::internal(crate::error::with_causes(&error)))?;
    let found = book.link(token).map_err(|error| Problem::internal(crate::error::with_causes(&error)))?;
    let Some(link) = found else {
        return Ok(Err(app.limits.strangers.take().map_or(Page::TooOften, |()| Page::Unknown)));
    };
    // A run that was cleaned away asks nothing any more.
    let Ok(run) = app.hub.open(&link.run) else { return Ok(Err(Page::Unknown)) };
    let ask = run.see(|sight| {
        let decision = sight.run.decisions().get(&link.decision);
        let now = moment(&run.folder, &run.id, sight.run).max(sight.run.last_at());
        decision.map(|decision| Ask::of(sight.run, &run.id, decision, &link, now))
    })?;
    let Some(ask) = ask else { return Ok(Err(Page::Unknown)) };
    if link.used.is_some() {
        return Ok(Err(Page::Used(Box::new(ask))));
    }
    if ask.is_over() {
        return Ok(Err(Page::Over(Box::new(ask))));
    }
    Ok(Ok(Open { book, link, run, ask }))
}

/// Uses the link. Of two who do at the same time one does; what means nothing to the run leaves the link as it was.
fn hand_in(app: &App, token: &str, said: &Said) -> Result<Result<Done, Page>, Problem> {
    let open = match look(app, token)? {
        Ok(open) => open,
        Err(page) => return Ok(Err(page)),
    };
    let Open { book, link, run, ask } = open;
    let Some(option) = ask.option(&said.option) else {
        return Ok(Err(Page::Refused(format!("`{}` is no option of this question", said.option))));
    };
    let trouble = |error: &bandleader_engine::hooks::BookError| Problem::internal(crate::error::with_causes(error));
    let now = Clock::start(Timestamp(0)).now();
    if book.use_link(token, &option, now).map_err(|error| trouble(&error))? == Use::Gone {
        return Ok(look(app, token)?.map_or_else(Err, |_| Err(Page::Unknown)));
    }
    let because: String = said.because.trim().chars().take(REASON).collect();
    let command = Command::Answer { decision: link.decision, option: option.clone(), because };
    let by = By::Person { name: format!("{} (by link, {})", link.person, link.hook) };
    let key = format!("link:{}", link.message);
    let asked = run.see(|sight| desk::ask_as(&run.folder, &run.id, sight.run, &command, Some(&key), by))?;
    match asked {
        Ok(_) => Ok(Ok(Done(serde_json::json!({
            "run": run.id, "decision": link.decision, "option": option, "person": link.person, "webhook": link.hook,
        })))),
        Err(AskError::Rejected(why)) => {
            book.give_back(token).map_err(|error| trouble(&error))?;
            Ok(Err(Page::Refused(why.0)))
        }
        Err(error) => {
            book.give_back(token).map_err(|error| trouble(&error))?;
            Err(error.into())
        }
    }
}
