//! Questions to the person at a client, in the middle of a call.
//!
//! A person's answer is one only when the client hands it over as the result of a question that was asked of it here: up to revision
//! 2025-11-25 as a request of ours (`elicitation/create`), from 2026-07-28 on as a result that names what is lacking, with which the
//! client calls again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bandleader_engine::chance;
use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, InputRequest, InputRequiredResult, ProtocolVersion,
};
use rmcp::service::{RequestContext, RoleServer};

use crate::mcp::toolbox::{Arguments, Form, Given};

/// People get so long for a question in their program's window; it stays open in the run all the same.
const LONGEST_QUESTION: Duration = Duration::from_mins(10);

/// So often a question is held open while its person thinks.
const HOLD_AGAIN: Duration = Duration::from_secs(20);

/// Questions that wait for a client's next call, at most: the oldest is forgotten.
const MOST_WAITING: usize = 64;

/// The name of our one question in a result that asks.
const ANSWER: &str = "answer";

/// Whether the client shows people forms.
pub(super) fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let asks = context.client_capabilities().and_then(|can| can.elicitation.clone());
    // One that names neither way means forms: so it was before there were two.
    asks.is_some_and(|ways| ways.form.is_some() || ways.url.is_none())
}

/// Whether the revision has no requests of ours: then what is lacking is named in the result.
pub(super) fn by_result(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

/// A call that waits for its client to come again with a person's answer.
struct Waiting {
    ticket: String,
    tool: String,
    arguments: Arguments,
}

/// Those that were left with clients.
#[derive(Default)]
pub(super) struct Questions(Mutex<VecDeque<Waiting>>);

impl Questions {
    /// What a client that comes again brings, if it was asked for this very call.
    pub(super) fn brought(&self, request: &mut CallToolRequestParams) -> Given {
        let (Some(ticket), Some(mut responses)) = (request.request_state.take(), request.input_responses.take()) else {
            return Given::Nothing;
        };
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    pub(super) fn hand_over(
        &self,
        tool: &str,
        arguments: &Arguments,
        form: Form,
    ) -> Result<CallToolResponse, ErrorData> {
        let ticket = chance::secret().map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        (form.while_open)();
        let request = InputRequest::Elicitation(ElicitRequest::new(params(form)?));
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push_back(Waiting { ticket: ticket.clone(), tool: tool.to_owned(), arguments: arguments.clone() });
        if waiting.len() > MOST_WAITING {
            waiting.pop_front();
        }
        let questions = BTreeMap::from([(ANSWER.to_owned(), request)]);
        Ok(InputRequiredResult::new(Some(questions), Some(ticket)).into())
    }
}

/// Asks the person through the client, and holds the question open meanwhile.
pub(super) async fn ask(form: Form, context: &RequestContext<RoleServer>) -> Result<Given, ErrorData> {
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
