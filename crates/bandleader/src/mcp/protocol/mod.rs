//! The Model Context Protocol: a set of tools (`toolbox`) on the wire. The only folder that knows the protocol's library.
//!
//! What arrives is hostile input: messages are limited, and every tool checks its own arguments. `asking` has the ways to a client's
//! person, `shape` turns our words into those of the protocol.

mod asking;
mod shape;

use std::sync::Arc;

use asking::Questions;
use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, InitializeRequestParams, InitializeResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, ResourceContents, ServerCapabilities,
    ServerConfig,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use tokio::sync::{Semaphore, oneshot};

use super::toolbox::{Arguments, Given, Said, Toolbox, Turn};
use crate::error::{Exit, Failure, Outcome};

/// A message of the client may be so long; plans are the longest that we need.
const LONGEST_LINE: usize = 4 << 20;

/// Calls that are at work at the same time, at most; further ones wait for these.
const MOST_CALLS: usize = 64;

/// Sessions over HTTP at the same time, at most.
const MOST_SESSIONS: usize = 256;

/// Serves on standard input and output until the client closes the connection.
pub(super) fn serve(toolbox: impl Toolbox) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?;
    let ended = runtime.block_on(talk(Server::new(Arc::new(toolbox))));
    // What still waits in a thread is known to the run; nobody here waits for it any more.
    runtime.shutdown_background();
    ended.map_err(Failure::internal)?;
    Ok(Exit::Succeeded)
}

async fn talk<T: Toolbox>(server: Server<T>) -> Result<(), String> {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(input, output).with_max_line_length(LONGEST_LINE);
    match server.serve(transport).await {
        Ok(service) => service.waiting().await.map(drop).map_err(|error| format!("the connection broke: {error}")),
        // A client that goes before it has greeted has changed its mind.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(format!("the client did not greet as the protocol wants: {error}")),
    }
}

/// Serves at `/mcp` over HTTP. All connections share the set of tools.
pub(super) fn over_http<S: Clone + Send + Sync + 'static>(toolbox: impl Toolbox) -> Router<S> {
    let server = Server::new(Arc::new(toolbox));
    // Names and pages are looked at by whoever mounts this, by one rule for all that it serves.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(LONGEST_LINE);
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(server.clone()), Arc::clone(&sessions), config);
    Router::new()
        .route_service("/mcp", service)
        .layer(from_fn(move |request, next| within(Arc::clone(&sessions), request, next)))
}

/// Begins no further session when there are many: each costs memory until its client ends it, or has said nothing for 5 minutes.
async fn within(sessions: Arc<LocalSessionManager>, request: Request, next: Next) -> Response {
    let begins = request.method() == Method::POST && !request.headers().contains_key("mcp-session-id");
    if begins && sessions.sessions.read().await.len() >= MOST_SESSIONS {
        let words =
            "too many sessions are open here; end those that are not needed any more (DELETE), or wait 5 minutes";
        return (StatusCode::TOO_MANY_REQUESTS, words).into_response();
    }
    next.run(request).await
}

/// A set of tools for whoever is connected.
pub(super) struct Server<T: Toolbox> {
    toolbox: Arc<T>,
    questions: Arc<Questions>,
    calls: Arc<Semaphore>,
    leaving: Arc<Leaving<T>>,
}

/// Dropped with the last connection and whoever takes new ones, but not held by calls: these may still wait for something.
struct Leaving<T: Toolbox>(Arc<T>);

impl<T: Toolbox> Drop for Leaving<T> {
    fn drop(&mut self) {
        self.0.leaving();
    }
}

impl<T: Toolbox> Clone for Server<T> {
    fn clone(&self) -> Server<T> {
        Server {
            toolbox: Arc::clone(&self.toolbox),
            questions: Arc::clone(&self.questions),
            calls: Arc::clone(&self.calls),
            leaving: Arc::clone(&self.leaving),
        }
    }
}

impl<T: Toolbox> Server<T> {
    pub(super) fn new(toolbox: Arc<T>) -> Server<T> {
        let leaving = Arc::new(Leaving(Arc::clone(&toolbox)));
        Server { toolbox, questions: Arc::default(), calls: Arc::new(Semaphore::new(MOST_CALLS)), leaving }
    }

    /// One step of a call, in a thread of its own: it may wait for the store and for the run, and those that wait are not to keep the
    /// few threads busy in which everybody else's files are read.
    async fn step(&self, tool: &str, arguments: Arguments, given: Given) -> Turn {
        let _one_of_many = self.calls.acquire().await;
        let (toolbox, tool) = (Arc::clone(&self.toolbox), tool.to_owned());
        let (say, said) = oneshot::channel();
        let call = move || drop(say.send(toolbox.call(&tool, arguments, given)));
        let begun = std::thread::Builder::new().name("tool".into()).spawn(call);
        let broken = || Turn::Said(Said::Refused("the tool broke; what it was to do may not have been done".into()));
        if begun.is_err() {
            return Turn::Said(Said::Refused("this machine starts no more threads now; try again later".into()));
        }
        said.await.unwrap_or_else(|_| broken())
    }
}

impl<T: Toolbox> ServerHandler for Server<T> {
    fn get_info(&self) -> ServerConfig {
        let mut capabilities = ServerCapabilities::builder().enable_tools().build();
        if !self.toolbox.families().is_empty() {
            capabilities.resources = Some(rmcp::model::ResourcesCapability::default());
        }
        let mut info = InitializeResult::new(capabilities).with_instructions(self.toolbox.instructions());
        info.server_info = Implementation::new("band", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        self.toolbox.connected();
        context.peer.set_peer_info(request.clone());
        self.negotiate_initialize(&request)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.toolbox.connected();
        Ok(ListToolsResult::with_all_items(self.toolbox.tools().into_iter().map(shape::tool).collect()))
    }

    async fn call_tool(
        &self,
        mut request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let known: Vec<&str> = self.toolbox.tools().iter().map(|tool| tool.name).collect();
        if !known.contains(&&*request.name) {
            let name: String = request.name.chars().take(80).collect();
            let known = known.join(", ");
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`; there are {known}"), None));
        }
        let brought = self.questions.brought(&mut request);
        let (name, arguments) = (request.name.into_owned(), request.arguments.unwrap_or_default());
        let form = match self.step(&name, arguments.clone(), brought).await {
            Turn::Said(said) => return Ok(shape::result(said)),
            Turn::Ask(form) => form,
        };
        let given = if !asking::can_ask(&context) {
            Given::NobodyToAsk
        } else if asking::by_result(&context) {
            return self.questions.hand_over(&name, &arguments, form);
        } else {
            asking::ask(form, &context).await?
        };
        match self.step(&name, arguments, given).await {
            Turn::Said(said) => Ok(shape::result(said)),
            Turn::Ask(_) => Err(ErrorData::internal_error("the tool asks twice", None)),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let toolbox = Arc::clone(&self.toolbox);
        let texts = tokio::task::spawn_blocking(move || toolbox.texts()).await.unwrap_or_default();
        let texts = texts.unwrap_or_else(|| Ok(Vec::new())).map_err(|words| ErrorData::internal_error(words, None))?;
        Ok(ListResourcesResult::with_all_items(texts.into_iter().map(shape::resource).collect()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let families = self.toolbox.families().into_iter().map(shape::family);
        Ok(ListResourceTemplatesResult::with_all_items(families.collect()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (toolbox, uri) = (Arc::clone(&self.toolbox), request.uri.clone());
        let read = tokio::task::spawn_blocking(move || toolbox.read(&uri)).await;
        let read = read.unwrap_or_else(|_| Err("reading broke".into()));
        let (text, kind) = read.map_err(|words| ErrorData::resource_not_found(words, None))?;
        let contents = ResourceContents::text(text, request.uri).with_mime_type(kind);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}
