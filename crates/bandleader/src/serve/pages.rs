//! Everything that is not the API: the dashboard's files, which are in the program if `web/built/page` was there when it was built. Without
//! them a page says how to get them.
//!
//! Files under `assets/` have a hash in their names and are kept by browsers for ever; every other address without a dot in its last
//! part is a place in the dashboard, which the page itself finds.

use std::borrow::Cow;
use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::App;
use super::problem::Problem;
use super::reply::{Answer, of_type};
use super::session;

#[derive(RustEmbed)]
#[folder = "../../web/built/"]
#[allow_missing = true]
struct Built;

const WITHOUT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Bandleader</title>\
<h1>Bandleader serves its API here</h1><p>This program was built without the dashboard. With Node 20 or later, in Bandleader's own folder, \
this builds both:</p><pre>npm --prefix web ci &amp;&amp; npm --prefix web run build &amp;&amp; cargo build --release</pre>\
<p>The API is at <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>; docs/API.md describes it.</html>\n";

/// A page, for whoever asks: nothing in it is secret. A link with a token in it is taken care of first.
pub(super) async fn page(State(app): State<App>, request: Request) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::method());
    }
    if let Some(answer) = session::from_link(&app, request.uri()) {
        return answer;
    }
    let path = request.uri().path();
    if path.starts_with("/api/") {
        return Err(Problem::missing("there is no such path in the API").hint("/api/v1/openapi.json has all of them"));
    }
    let name = path.trim_start_matches('/');
    if let Some(file) = file(name).filter(|_| !name.is_empty()) {
        return Ok(answer(name, file, request.headers()));
    }
    // A file that a page of another version asks for is not a place.
    if name.starts_with("assets/") || matches!(name.rsplit('.').next(), Some("js" | "css")) {
        return Err(Problem::missing("this program has no such file").hint("load the page again"));
    }
    match file("index.html") {
        Some(index) => Ok(answer("index.html", index, request.headers())),
        None => Ok(of_type("text/html; charset=utf-8", StatusCode::OK, WITHOUT.to_owned()).into_response()),
    }
}

fn file(name: &str) -> Option<EmbeddedFile> {
    Built::get(&format!("page/{name}"))
}

fn answer(name: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag = tag(&file);
    let known = asked.get(IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let body = match file.data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { (StatusCode::OK, body).into_response() };
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media(name)));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(ETAG, tag);
    response
}

/// Its content in a few letters.
fn tag(file: &EmbeddedFile) -> HeaderValue {
    let mut text = String::from("\"");
    for byte in file.metadata.sha256_hash().iter().take(12) {
        let _ = write!(text, "{byte:02x}");
    }
    text.push('"');
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("\"\""))
}

fn media(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_for_ever_and_nothing_else_is() {
        let of = |name| {
            let file = EmbeddedFile {
                data: Cow::Borrowed(b"x"),
                metadata: rust_embed::Metadata::__rust_embed_new([7; 32], None, None),
            };
            answer(name, file, &HeaderMap::new())
        };
        assert_eq!(of("assets/index-abc.js").headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(of("index.html").headers()[CACHE_CONTROL], "no-cache");
        assert_eq!(of("index.html").headers()[CONTENT_TYPE], "text/html; charset=utf-8");
    }

    #[test]
    fn who_has_it_already_is_told_so() {
        let file = || EmbeddedFile {
            data: Cow::Borrowed(b"x"),
            metadata: rust_embed::Metadata::__rust_embed_new([7; 32], None, None),
        };
        let first = answer("index.html", file(), &HeaderMap::new());
        let asked = HeaderMap::from_iter([(IF_NONE_MATCH, first.headers()[ETAG].clone())]);
        assert_eq!(answer("index.html", file(), &asked).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn the_page_for_programs_without_a_dashboard_says_how_to_get_one() {
        assert!(
            WITHOUT
                .contains("npm --prefix web ci &amp;&amp; npm --prefix web run build &amp;&amp; cargo build --release")
        );
    }
}
