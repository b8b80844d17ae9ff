//! The Model Context Protocol: a set of tools (`toolbox`) on the wire. The only file that knows the protocol's library.
//!
//! What arrives is hostile input: messages are limited, and every tool checks its own arguments. A person's answer is one only when
//! the client hands it over as the result of a question that was asked of it here: up to revision 2025-11-25 as a request of ours
//! (`elicitation/create`), from 2026-07-28 on as a result that names what is lacking, with which the client calls again.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use bandleader_core::view::safe_json;
use bandleader_engine::chance;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ElicitRequest, ElicitRequestParams,
    ElicitResult, ElicitationAction, ElicitationSchema, Implementation, InitializeRequestParams, InitializeResult,
    InputRequest, InputRequiredResult, ListResourceTemplatesResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, ProtocolVersion, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    Resource, ResourceContents, ResourceTemplate, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::{Map, Value};

use super::toolbox::{Arguments, Description, Effect, Form, Given, Said, Text, Toolbox, Turn};
use crate::error::{Exit, Failure, Outcome};

/// A message of the client may be so long; plans are the longest that we need.
const LONGEST_LINE: usize = 4 << 20;

/// People get so long for a question in their program's window; it stays open in the run all the same.
const LONGEST_QUESTION: Duration = Duration::from_mins(10);

/// So often a question is held open while its person thinks.
const HOLD_AGAIN: Duration = Duration::from_secs(20);

/// Questions that wait for a client's next call, at most: the oldest is forgotten.
const MOST_WAITING: usize = 64;

/// The name of our one question in a result that asks.
const ANSWER: &str = "answer";

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
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
    Router::new().route_service("/mcp", service)
}

/// A call that waits for its client to come again with a person's answer.
struct Waiting {
    ticket: String,
    tool: String,
    arguments: Arguments,
}

/// A set of tools for whoever is connected.
pub(super) struct Server<T> {
    toolbox: Arc<T>,
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
}

impl<T> Clone for Server<T> {
    fn clone(&self) -> Server<T> {
        Server { toolbox: Arc::clone(&self.toolbox), waiting: Arc::clone(&self.waiting) }
    }
}

impl<T: Toolbox> Server<T> {
    pub(super) fn new(toolbox: Arc<T>) -> Server<T> {
        Server { toolbox, waiting: Arc::default() }
    }

    /// One step of a call, in a thread: the store is waited for there, and so may be the run.
    async fn step(&self, tool: &str, arguments: Arguments, given: Given) -> Turn {
        let (toolbox, tool) = (Arc::clone(&self.toolbox), tool.to_owned());
        let step = tokio::task::spawn_blocking(move || toolbox.call(&tool, arguments, given)).await;
        let broken = || Turn::Said(Said::Refused("the tool broke; what it was to do may not have been done".into()));
        step.unwrap_or_else(|_| broken())
    }

    /// What a client that comes again brings, if it was asked for this very call.
    fn brought(&self, request: &mut CallToolRequestParams) -> Given {
        let (Some(ticket), Some(mut responses)) = (request.request_state.take(), request.input_responses.take()) else {
            return Given::Nothing;
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(at) = waiting.iter().position(|one| one.ticket == ticket) else { return Given::Nothing };
        let Some(asked) = waiting.remove(at) else { return Given::Nothing };
        let same = asked.tool == request.name && Some(&asked.arguments) == request.arguments.as_ref();
        let answer = responses.remove(ANSWER).and_then(|answer| serde_json::from_value::<ElicitResult>(answer).ok());
        match answer {
            Some(answer) if same => given(answer),
            _ => Given::Nothing,
        }
    }

    /// Leaves the question with the client, which calls again with the answer.
    fn hand_over(&self, tool: &str, arguments: &Arguments, form: Form) -> Result<CallToolResponse, ErrorData> {
        let ticket = chance::secret().map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        (form.while_open)();
        let request = InputRequest::Elicitation(ElicitRequest::new(params(form)?));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(Waiting { ticket: ticket.clone(), tool: tool.to_owned(), arguments: arguments.clone() });
        if waiting.len() > MOST_WAITING {
            waiting.pop_front();
        }
        let questions = BTreeMap::from([(ANSWER.to_owned(), request)]);
        Ok(InputRequiredResult::new(Some(questions), Some(ticket)).into())
    }
}

fn given(answer: ElicitResult) -> Given {
    match (answer.action, answer.content) {
        (ElicitationAction::Accept, Some(content)) => Given::ByPerson(content),
        (ElicitationAction::Decline, _) => Given::Declined,
        _ => Given::Dismissed,
    }
}

fn params(form: Form) -> Result<ElicitRequestParams, ErrorData> {
    let schema: ElicitationSchema = serde_json::from_value(form.schema)
        .map_err(|error| ErrorData::internal_error(format!("the question does not fit: {error}"), None))?;
    Ok(ElicitRequestParams::FormElicitationParams { meta: None, message: form.message, requested_schema: schema })
}

/// Asks the person through the client, and holds the question open meanwhile.
async fn ask(form: Form, context: &RequestContext<RoleServer>) -> Result<Given, ErrorData> {
    let Form { message, schema, while_open, given_up } = form;
    let form = Form { message, schema, while_open: Box::new(|| ()), given_up: Box::new(|| ()) };
    let asked = context.peer.create_elicitation_with_timeout(params(form)?, Some(LONGEST_QUESTION));
    let hold: Arc<dyn Fn() + Send + Sync> = while_open.into();
    let mut again = tokio::time::interval(HOLD_AGAIN);
    tokio::pin!(asked);
    let answer = loop {
        tokio::select! {
            answer = &mut asked => break answer.ok().map(given),
            () = context.ct.cancelled() => break None,
            _ = again.tick() => {
                let hold = Arc::clone(&hold);
                drop(tokio::task::spawn_blocking(move || hold()));
            }
        }
    };
    let answer = answer.unwrap_or(Given::Dismissed);
    if !matches!(answer, Given::ByPerson(_)) {
        drop(tokio::task::spawn_blocking(given_up).await);
    }
    Ok(answer)
}

/// Whether the client shows people forms.
fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let asks = context.client_capabilities().and_then(|can| can.elicitation.clone());
    // One that names neither way means forms: so it was before there were two.
    asks.is_some_and(|ways| ways.form.is_some() || ways.url.is_none())
}

/// Whether the revision has no requests of ours: then what is lacking is named in the result.
fn asks_by_result(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

fn result(said: Said) -> CallToolResponse {
    let result = match said {
        Said::Words(words) => CallToolResult::success(vec![ContentBlock::text(words)]),
        Said::Data(data) => {
            // The same as text, for clients that only show that; what would move a cursor is escaped in it.
            let text = safe_json(&data.to_string()).into_owned();
            let mut result = CallToolResult::structured(data);
            result.content = vec![ContentBlock::text(text)];
            result
        }
        Said::Refused(words) => CallToolResult::error(vec![ContentBlock::text(words)]),
    };
    result.into()
}

fn fields(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn tool(one: Description) -> Tool {
    let mut tool = Tool::new(one.name, one.text, fields(one.schema));
    if let Some(title) = one.title {
        tool = tool.with_title(title);
    }
    if let Some(output) = one.output {
        tool = tool.with_raw_output_schema(Arc::new(fields(output)));
    }
    let Some(effect) = one.effect else { return tool };
    let hints = ToolAnnotations::new()
        .read_only(effect == Effect::Looks)
        .destructive(effect == Effect::Destroys)
        .idempotent(matches!(effect, Effect::Looks | Effect::Sets | Effect::Destroys))
        .open_world(false);
    tool.with_annotations(hints)
}

fn resource(text: Text) -> Resource {
    Resource::new(text.uri, text.name).with_description(text.about).with_mime_type(text.kind)
}

fn family(text: Text) -> ResourceTemplate {
    ResourceTemplate::new(text.uri, text.name).with_description(text.about).with_mime_type(text.kind)
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
        Ok(ListToolsResult::with_all_items(self.toolbox.tools().into_iter().map(tool).collect()))
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
        let brought = self.brought(&mut request);
        let (name, arguments) = (request.name.into_owned(), request.arguments.unwrap_or_default());
        let form = match self.step(&name, arguments.clone(), brought).await {
            Turn::Said(said) => return Ok(result(said)),
            Turn::Ask(form) => form,
        };
        let given = if !can_ask(&context) {
            Given::NobodyToAsk
        } else if asks_by_result(&context) {
            return self.hand_over(&name, &arguments, form);
        } else {
            ask(form, &context).await?
        };
        match self.step(&name, arguments, given).await {
            Turn::Said(said) => Ok(result(said)),
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
        Ok(ListResourcesResult::with_all_items(texts.into_iter().map(resource).collect()))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let families = self.toolbox.families().into_iter().map(family);
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
