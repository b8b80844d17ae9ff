//! From a link to a browser that stays known: the token of the link is exchanged for a cookie that no script can read and no other
//! site can send.

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::json;

use super::App;
use super::body::read_json;
use super::guard::{Caller, check_media};
use super::links::Role;
use super::problem::Problem;
use super::reply::{self, Answer};

/// `GET /session`
pub(super) async fn show(State(app): State<App>, Extension(caller): Extension<Caller>) -> Answer {
    reply::json(&describe(&app, caller.role))
}

fn describe(app: &App, role: Role) -> serde_json::Value {
    json!({
        "role": role, "project": app.hub.folder().project(), "version": env!("CARGO_PKG_VERSION"),
        "user": match bandleader_engine::engine::person() {
            bandleader_core::By::Person { name } => name,
            bandleader_core::By::Engine => String::new(),
        },
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    token: String,
}

/// `POST /session`: a token for a cookie.
pub(super) async fn begin(State(app): State<App>, request: Request) -> Answer {
    check_media(&request)?;
    let given: Given = read_json(request).await?;
    let Some(role) = app.links.by_token(&given.token) else {
        app.limits.strangers.take().map_err(|()| Problem::too_often())?;
        return Err(Problem::unknown_caller());
    };
    let mut response = reply::json(&describe(&app, role))?;
    response.headers_mut().insert(header::SET_COOKIE, made(&app, role)?);
    Ok(response)
}

/// `DELETE /session`: the browser forgets it. The link stays good; `band serve --new-links` ends it.
pub(super) async fn end(State(app): State<App>) -> Answer {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie_header(&app, "", 0)?);
    Ok(response)
}

/// A link that was opened: its token is taken out of the address, where histories and other people's eyes would find it, and becomes the cookie.
pub(super) fn from_link(app: &App, uri: &Uri) -> Option<Result<Response, Problem>> {
    let query = uri.query()?;
    let token = query.split('&').find_map(|pair| pair.strip_prefix("token="))?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("token=")).collect();
    // Browsers take two slashes, of either kind, for the beginning of another host.
    let leads_away = uri.path().starts_with("//") || uri.path().contains('\\');
    let path = if leads_away { "/" } else { uri.path() };
    let place = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    Some(redirect(app, app.links.by_token(token), &place))
}

fn redirect(app: &App, role: Option<Role>, place: &str) -> Result<Response, Problem> {
    if role.is_none() {
        app.limits.strangers.take().map_err(|()| Problem::too_often())?;
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let place = HeaderValue::from_str(place).map_err(|_| Problem::bad("the address cannot be read"))?;
    headers.insert(header::LOCATION, place);
    // With a wrong token the page comes all the same; it says that it does not know who asks.
    if let Some(role) = role {
        headers.insert(header::SET_COOKIE, made(app, role)?);
    }
    Ok(response)
}

fn made(app: &App, role: Role) -> Result<HeaderValue, Problem> {
    /// A month, in seconds.
    const LONG: u32 = 30 * 24 * 3_600;
    cookie_header(app, &app.links.keys(role).session, LONG)
}

/// Without `Secure`, which loopback does not need and plain HTTP cannot have.
fn cookie_header(app: &App, value: &str, seconds: u32) -> Result<HeaderValue, Problem> {
    let name = &app.cookie;
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"))
        .map_err(|_| Problem::internal("the cookie cannot be written"))
}

/// The session that the browser sends. The name has the port in it: cookies are shared by all ports of a host.
pub(super) fn cookie<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    cookies.flat_map(|cookies| cookies.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (*name == *app.cookie).then_some(value)
    })
}
