//! Everything that is not the API: the dashboard's files. Until they are built in, a page says where to go.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;

use super::App;
use super::problem::Problem;
use super::reply::{Answer, of_type};
use super::session;

const PLAIN: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Bandleader</title>\
<h1>Bandleader serves its API here</h1><p>This program was built without the dashboard. The API is at \
<a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>; docs/API.md describes it.</html>\n";

/// A page, for whoever asks: nothing in it is secret. A link with a token in it is taken care of first.
pub(super) async fn page(State(app): State<App>, request: Request) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::method());
    }
    if let Some(answer) = session::from_link(&app, request.uri()) {
        return answer;
    }
    if request.uri().path().starts_with("/api/") {
        return Err(Problem::missing("there is no such path in the API").hint("/api/v1/openapi.json has all of them"));
    }
    Ok(of_type("text/html; charset=utf-8", StatusCode::OK, PLAIN.to_owned()).into_response())
}
