//! `band mcp --attempt`: the tools that an agent is given, over the Model Context Protocol on standard input and output.
//!
//! The agent's program starts it; the environment says for which attempt it speaks. The only file that knows the protocol's library.
//! What arrives is hostile input: lines are limited, and every tool checks its own arguments (`tools`; `descriptions` is what agents are told of them).

mod asking;
mod descriptions;
mod tools;

use std::sync::Arc;

use bandleader_engine::agent::speaker::Speaker;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, InitializeRequestParams,
    InitializeResult, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::async_rw::AsyncRwTransport;
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::Value;

pub(crate) use asking::{Asked, OptionAsked, words_of};
pub(crate) use tools::know;

use crate::error::{Exit, Failure, Outcome};

/// A message of the client may be so long; ours need a few thousand.
const LONGEST_LINE: usize = 1 << 20;

const INSTRUCTIONS: &str = "You work on one task of a larger plan, together with other agents. With these tools people and the \
     other agents see what you do: report progress now and then, record what others should know, say what stands in your way, and \
     ask when a decision is not yours to take. None of them ends your task.";

/// Serves until the client closes the connection.
pub(crate) fn serve() -> Outcome {
    let speaker = Speaker::from_environment().map_err(|error| {
        Failure::usage(error.to_string()).hint("agents of a run are given this server; nobody else needs it")
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::internal(format!("no runtime: {error}")))?;
    let ended = runtime.block_on(talk(speaker));
    // A question that still waits for its answer is known to the run; nobody here waits for it any more.
    runtime.shutdown_background();
    ended.map_err(Failure::internal)?;
    Ok(Exit::Succeeded)
}

async fn talk(speaker: Speaker) -> Result<(), String> {
    let (input, output) = rmcp::transport::io::stdio_pipes();
    let transport = AsyncRwTransport::<RoleServer, _, _>::new(input, output).with_max_line_length(LONGEST_LINE);
    let server = Server { speaker: Arc::new(speaker) };
    match server.serve(transport).await {
        Ok(service) => service.waiting().await.map(drop).map_err(|error| format!("the connection broke: {error}")),
        // A client that goes before it has greeted has changed its mind.
        Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(format!("the client did not greet as the protocol wants: {error}")),
    }
}

struct Server {
    speaker: Arc<Speaker>,
}

impl Server {
    /// The agent's program has found us.
    fn connected(&self) {
        // It only tells people that the tools are there.
        let _ = self.speaker.notes().mark_connected();
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let mut info = InitializeResult::new(capabilities).with_instructions(INSTRUCTIONS);
        info.server_info = Implementation::new("band", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        self.connected();
        context.peer.set_peer_info(request.clone());
        self.negotiate_initialize(&request)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.connected();
        let tool = |tool: descriptions::Description| {
            let schema = match tool.schema {
                Value::Object(schema) => schema,
                _ => serde_json::Map::new(),
            };
            Tool::new(tool.name, tool.text, schema)
        };
        Ok(ListToolsResult::with_all_items(descriptions::all().into_iter().map(tool).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (name, speaker) = (request.name.into_owned(), Arc::clone(&self.speaker));
        if !descriptions::is_known(&name) {
            let name: String = name.chars().take(80).collect();
            let known = bandleader_engine::agent::TOOLS.join(", ");
            return Err(ErrorData::invalid_params(format!("there is no tool `{name}`; there are {known}"), None));
        }
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        // The store is waited for in a thread; so is an answer, which may take its time.
        let said = tokio::task::spawn_blocking(move || tools::call(&speaker, &name, arguments)).await;
        let said = said.unwrap_or_else(|_| Err("the tool broke; what it was to do may not have been done".into()));
        let result = match said {
            Ok(words) => CallToolResult::success(vec![ContentBlock::text(words)]),
            Err(words) => CallToolResult::error(vec![ContentBlock::text(words)]),
        };
        Ok(result.into())
    }
}
