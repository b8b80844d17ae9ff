//! Who is let in, and how far: every request passes here before anything looks at it.
//!
//! In this order: the name that the browser thinks it speaks to (`Host`, so that no other site's name can be bound to this address), the
//! page that asks (`Origin`), how often, who (a token or a session), and whether that one may do this. Then the headers that every answer carries.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::App;
use super::links::Role;
use super::problem::Problem;
use super::session;

/// Scripts, styles and pictures come from here alone, nothing is inline, and no page may frame this one.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Who asks, as found by the guard. Handlers take it as an extension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// What they may do.
    pub role: Role,
    /// How they said who they are.
    pub by: Proof,
}

/// How somebody said who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A header that no page of another site can send.
    Token,
    /// A cookie, which a browser sends by itself.
    Session,
}

/// Everything that is asked, whatever it is: host, page, headers.
pub(crate) async fn door(State(app): State<App>, request: Request, next: Next) -> Response {
    let (method, begun) = (request.method().clone(), Instant::now());
    let mut response = match check_names(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    app.metrics.answered(method.as_str(), response.status(), begun.elapsed());
    response
}

/// What only those may ask who have a token: all of the API but the session itself.
pub(crate) async fn known(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match admit(&app, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn admit(app: &App, request: &Request) -> Result<Caller, Problem> {
    let Some(caller) = caller(app, request.headers()) else {
        app.limits.strangers.take().map_err(|()| Problem::too_often())?;
        return Err(Problem::unknown_caller());
    };
    app.limits.of(caller.role).take().map_err(|()| Problem::too_often())?;
    if is_write(request.method()) {
        check_write(request, caller)?;
    }
    Ok(caller)
}

/// Who asks, if they say so and are believed.
pub(crate) fn caller(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if let Some(token) = bearer {
        return app.links.by_token(token.trim()).map(|role| Caller { role, by: Proof::Token });
    }
    session::cookie(app, headers)
        .and_then(|one| app.links.by_session(one))
        .map(|role| Caller { role, by: Proof::Session })
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD)
}

/// A write is the operator's, comes from this page or from a program, and is JSON.
fn check_write(request: &Request, caller: Caller) -> Result<(), Problem> {
    if caller.role != Role::Operator {
        return Err(Problem::forbidden("read-only", "this link may only look")
            .hint("open the operator's link, which `band serve` prints too"));
    }
    check_page(request.headers(), caller.by)?;
    check_media(request)
}

/// A browser says which page asks whenever it writes; without that, a cookie proves nothing.
pub(crate) fn check_page(headers: &HeaderMap, by: Proof) -> Result<(), Problem> {
    // That the two are of the same place was checked at the door.
    if by == Proof::Session && !headers.contains_key(header::ORIGIN) {
        return Err(Problem::forbidden(
            "no-origin",
            "a write with a cookie must say which page it comes from (`Origin`)",
        )
        .hint("programs send the token as `Authorization: Bearer …` instead"));
    }
    Ok(())
}

/// Only JSON, which a form of another site cannot send.
pub(crate) fn check_media(request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let is_empty = length.unwrap_or(0) == 0 && !headers.contains_key(header::TRANSFER_ENCODING);
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_json = kind.is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if is_json || (is_empty && kind.is_none()) { Ok(()) } else { Err(Problem::media()) }
}

fn check_names(app: &App, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    // An address may name a host of its own, which then counts (RFC 9112, 3.2.2).
    let named = request.uri().authority().is_none_or(|named| app.names.allow(name_of(named.as_str())));
    if headers.get_all(header::HOST).iter().count() != 1 || !app.names.allow(name_of(host)) || !named {
        return Err(Problem::forbidden("host", "this server does not answer to that name")
            .hint("use the address that `band serve` has printed, or start it with `--allow-host NAME`"));
    }
    let Some(origin) = headers.get(header::ORIGIN) else {
        // Browsers that send no origin with a request still say where it comes from.
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        let foreign = is_write(request.method()) && site.is_some_and(|site| !["same-origin", "none"].contains(&site));
        return if foreign { Err(foreign_page()) } else { Ok(()) };
    };
    let authority = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let authority = authority.as_ref().and_then(Uri::authority).map(axum::http::uri::Authority::as_str);
    if authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host)) { Ok(()) } else { Err(foreign_page()) }
}

fn foreign_page() -> Problem {
    Problem::forbidden("origin", "a page of another site may ask nothing here")
}

/// The host of an authority, without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

/// The names that the server answers to.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    allowed: Vec<String>,
    reach: Reach,
}

/// Who can reach the server at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Programs on this machine.
    Loopback,
    /// Others too.
    Network,
}

impl Names {
    pub(crate) fn new(reach: Reach, allowed: &[String]) -> Names {
        Names { allowed: allowed.to_vec(), reach }
    }

    /// A name that somebody else could own must have been allowed; a number cannot be bound to anything.
    fn allow(&self, name: &str) -> bool {
        let address: Option<IpAddr> = name.trim_start_matches('[').trim_end_matches(']').parse().ok();
        match (address, self.reach) {
            (Some(address), Reach::Loopback) => address.is_loopback() || self.is_listed(name),
            (Some(_), Reach::Network) => true,
            (None, _) => name.eq_ignore_ascii_case("localhost") || self.is_listed(name),
        }
    }

    fn is_listed(&self, name: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_nobody_else_can_own_are_answered_to() {
        let names = |reach, name: &str| Names::new(reach, &["band.lan".into()]).allow(name_of(name));
        for good in ["127.0.0.1:4000", "localhost:9", "LOCALHOST", "[::1]:80", "127.1.2.3", "band.lan:80"] {
            assert!(names(Reach::Loopback, good), "{good}");
        }
        for bad in
            ["", "evil.example", "localhost.evil.example:80", "10.0.0.7:80", "127.0.0.1.nip.io", "::1x", "[::2]:80"]
        {
            assert!(!names(Reach::Loopback, bad), "{bad}");
        }
        assert!(names(Reach::Network, "10.0.0.7:80") && !names(Reach::Network, "evil.example:80"));
    }
}
