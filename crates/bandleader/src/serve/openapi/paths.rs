//! Every path of the API with what it takes and gives. A test compares it with what the router really has, and with what really comes.

use serde_json::{Map, Value, json};

use super::super::metrics::{OLDER, OPEN_METRICS};
use super::{bodies, parameters};

/// What a path answers with when all is well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    /// JSON of this schema.
    Json(u16, &'static str),
    /// The same, or server-sent events.
    JsonOrEvents(&'static str),
    /// Server-sent events.
    Events,
    /// The same JSON, or a page.
    JsonOrPage(&'static str),
    /// A text of this kind.
    Text(&'static str),
    /// The first for who asks for it.
    Texts(&'static [&'static str]),
    /// Nothing.
    Nothing,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    /// A name for generated code.
    id: &'static str,
    about: &'static str,
    /// Names that follow the question mark.
    query: &'static [&'static str],
    /// Schema of the body.
    takes: Option<&'static str>,
    gives: Gives,
}

const fn get(
    path: &'static str,
    id: &'static str,
    about: &'static str,
    query: &'static [&'static str],
    gives: Gives,
) -> Operation {
    Operation { path, method: "get", id, about, query, takes: None, gives }
}

const fn post(
    path: &'static str,
    id: &'static str,
    about: &'static str,
    takes: &'static str,
    gives: Gives,
) -> Operation {
    Operation { path, method: "post", id, about, query: &[], takes: Some(takes), gives }
}

const fn delete(path: &'static str, id: &'static str, about: &'static str, gives: Gives) -> Operation {
    Operation { path, method: "delete", id, about, query: &[], takes: None, gives }
}

use Gives::{Events, Json, JsonOrEvents, JsonOrPage, Nothing, Text, Texts};

const ACCEPTED: Gives = Json(202, "Accepted");

/// All of them.
pub(super) const OPERATIONS: &[Operation] = &[
    get("/api/v1/openapi.json", "openapi", "This document", &[], Json(200, "Document")),
    get("/api/v1/session", "session", "Who asks", &[], Json(200, "Session")),
    post("/api/v1/session", "beginSession", "Exchanges a token for a cookie", "TokenGiven", Json(200, "Session")),
    delete("/api/v1/session", "endSession", "Has the browser forget the cookie", Nothing),
    get(
        "/api/v1/runs",
        "runs",
        "The runs of the project, newest first; those of one plan side by side say how long it takes",
        &["plan", "state", "search", "limit", "after"],
        Json(200, "Runs"),
    ),
    post(
        "/api/v1/runs",
        "startRun",
        "Starts a run of a plan; with `preview` it only says what it would be like (200)",
        "RunWanted",
        Json(201, "Started"),
    ),
    get("/api/v1/webhooks", "webhooks", "Who is told what happens in runs", &[], Json(200, "Webhooks")),
    get(
        "/api/v1/webhooks/messages",
        "messages",
        "What they were told, the newest first; one of them with every try",
        &["webhook", "state", "limit", "id"],
        Json(200, "WebhookMessages"),
    ),
    get(
        "/api/v1/webhooks/received",
        "received",
        "What came by hooks, the newest first; one of them with what it says",
        &["hook", "state", "limit", "number"],
        Json(200, "AllReceived"),
    ),
    post(
        "/hooks/{name}",
        "signal",
        "Says how something went that a plan waits for; let in by its signature alone",
        "Told",
        Json(202, "Taken"),
    ),
    post("/api/v1/webhooks/replay", "replayMessages", "Tells again", "Again", Json(200, "ToldAgain")),
    get("/api/v1/runs/{run}", "run", "How a run stands", &[], Json(200, "Run")),
    get(
        "/api/v1/runs/{run}/state",
        "runState",
        "How it stood when an event had just happened",
        &["at"],
        Json(200, "Run"),
    ),
    get(
        "/api/v1/runs/{run}/tasks",
        "tasks",
        "Its tasks, in plan order",
        &["state", "search", "limit", "after"],
        Json(200, "Tasks"),
    ),
    get("/api/v1/runs/{run}/tasks/{task}", "task", "All of one task", &[], Json(200, "Task")),
    get(
        "/api/v1/runs/{run}/tasks/{task}/log",
        "log",
        "What a process of it printed; follows as events",
        &["attempt", "job", "offset", "tail", "limit"],
        JsonOrEvents("Log"),
    ),
    get(
        "/api/v1/runs/{run}/log",
        "runLog",
        "What all its tasks printed, line by line in the order of time; follows as events",
        &["task", "stream", "search", "after", "before", "limit"],
        JsonOrEvents("MergedLog"),
    ),
    get(
        "/api/v1/runs/{run}/tasks/{task}/diff",
        "diff",
        "What it changed in its git worktree",
        &["limit"],
        Json(200, "Diff"),
    ),
    get("/api/v1/runs/{run}/graph", "graph", "Its plan as a drawing, with the states of now", &[], Json(200, "Graph")),
    get("/api/v1/runs/{run}/timeline", "timeline", "Planned against actual", &[], Json(200, "Timeline")),
    get("/api/v1/runs/{run}/resources", "resources", "What was held when", &[], Json(200, "Resources")),
    get("/api/v1/runs/{run}/agents", "agents", "Who works on what, and what each has done", &[], Json(200, "Agents")),
    get("/api/v1/runs/{run}/costs", "costs", "Tokens and money", &[], Json(200, "Costs")),
    get("/api/v1/runs/{run}/report", "report", "What it amounted to", &["format"], JsonOrPage("Report")),
    get("/api/v1/runs/{run}/plan", "planFile", "The live plan file", &[], Text("text/markdown; charset=utf-8")),
    get("/api/v1/runs/{run}/decisions", "decisions", "Every question so far", &[], Json(200, "Decisions")),
    get(
        "/api/v1/runs/{run}/decisions/{decision}",
        "decision",
        "One question; of a check-in, with what people see before they answer",
        &[],
        Json(200, "WholeDecision"),
    ),
    post("/api/v1/runs/{run}/decisions/{decision}/answer", "answer", "Answers a question", "Answer", ACCEPTED),
    post("/api/v1/runs/{run}/decisions/{decision}/hold", "hold", "Stops its clock for a minute", "Nothing", ACCEPTED),
    delete("/api/v1/runs/{run}/decisions/{decision}/hold", "release", "Lets its clock run again", ACCEPTED),
    get(
        "/api/v1/runs/{run}/events",
        "events",
        "Its events; follows them as events, from `Last-Event-ID` or `after` on, without a gap",
        &["after", "limit"],
        JsonOrEvents("Events"),
    ),
    post("/api/v1/runs/{run}/pause", "pause", "Starts nothing new", "Nothing", ACCEPTED),
    post("/api/v1/runs/{run}/resume", "resume", "Goes on, with new limits if there are some", "Resume", ACCEPTED),
    post("/api/v1/runs/{run}/cancel", "cancel", "Stops it, or tasks of it", "Cancel", ACCEPTED),
    post("/api/v1/runs/{run}/retry", "retry", "Tries tasks again", "Retry", ACCEPTED),
    post("/api/v1/runs/{run}/tell", "tell", "Says something to who works on a task", "Tell", ACCEPTED),
    post("/api/v1/runs/{run}/accept", "accept", "Takes the work of a failed task as done", "Accept", ACCEPTED),
    post("/api/v1/runs/{run}/resolve", "resolve", "Takes what is in a task's worktree as its work", "OfTask", ACCEPTED),
    post(
        "/api/v1/runs/{run}/adjust",
        "adjust",
        "Changes what is left of it; with `preview` it only says what that would bring about (200)",
        "AdjustmentWanted",
        ACCEPTED,
    ),
    post("/api/v1/runs/{run}/merge", "merge", "Merges its work into a branch", "Merge", ACCEPTED),
    get("/api/v1/events", "changes", "What changes in the project: `run` and `inbox` events", &[], Events),
    get("/api/v1/inbox", "inbox", "What all runs ask people now, the most pressing first", &[], Json(200, "Inbox")),
    get("/api/v1/plans", "plans", "Plans that have a name", &[], Json(200, "Plans")),
    post(
        "/api/v1/plans/check",
        "checkPlan",
        "What is wrong with a plan, and what a run of it would be like",
        "PlanMeant",
        Json(200, "Check"),
    ),
    get("/api/v1/levels", "levels", "What the levels of rigor mean", &[], Json(200, "Levels")),
    get(
        "/api/v1/policy",
        "policy",
        "Who is asked what in runs of a named plan",
        &["plan", "level"],
        Json(200, "Policy"),
    ),
    get("/metrics", "metrics", "Numbers for Prometheus", &[], Texts(&[OPEN_METRICS, OLDER])),
];

impl Operation {
    /// Its part of the document.
    pub(super) fn describe(&self) -> Value {
        let parameters = parameters::of(self.path, self.query, self.method != "get" && !self.is_open());
        let mut operation = json!({
            "operationId": self.id, "summary": self.about, "parameters": parameters, "responses": self.responses(),
        });
        if let (Value::Object(members), true) = (&mut operation, self.is_open()) {
            members.insert("security".into(), json!([]));
        }
        if let (Value::Object(members), Some(body)) = (&mut operation, self.takes) {
            let reference = json!({ "$ref": format!("#/components/schemas/{body}") });
            let content = json!({ "application/json": { "schema": reference } });
            // An empty body counts as one without members.
            let required = bodies::needs(body);
            members.insert("requestBody".into(), json!({ "required": required, "content": content }));
        }
        operation
    }

    /// Whether it is asked without a token.
    fn is_open(&self) -> bool {
        self.path.starts_with("/hooks/") || (self.path == "/api/v1/session" && self.method != "get")
    }

    fn responses(&self) -> Value {
        let of = |schema: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{schema}") } });
        let plain = || json!({ "schema": { "type": "string" } });
        let json = |schema: &str| vec![("application/json".to_owned(), of(schema))];
        let stream = || ("text/event-stream".to_owned(), plain());
        let (status, content): (u16, Vec<(String, Value)>) = match self.gives {
            Json(status, schema) => (status, json(schema)),
            JsonOrEvents(schema) => (200, json(schema).into_iter().chain([stream()]).collect()),
            Events => (200, vec![stream()]),
            JsonOrPage(schema) => {
                (200, json(schema).into_iter().chain([("text/markdown; charset=utf-8".to_owned(), plain())]).collect())
            }
            Text(media) => (200, vec![(media.to_owned(), plain())]),
            Texts(media) => (200, media.iter().map(|media| ((*media).to_owned(), plain())).collect()),
            Nothing => (204, Vec::new()),
        };
        let mut good = json!({ "description": "as asked" });
        if let (Value::Object(members), false) = (&mut good, content.is_empty()) {
            members.insert("content".into(), Value::Object(content.into_iter().collect::<Map<_, _>>()));
        }
        let mut all = Map::new();
        all.insert(status.to_string(), good);
        if self.id == "startRun" {
            all.insert(
                "200".into(),
                json!({ "description": "a preview", "content": { "application/json": of("Check") } }),
            );
        }
        if self.id == "adjust" {
            let good = json!({ "description": "a preview", "content": { "application/json": of("Adjustment") } });
            all.insert("200".into(), good);
        }
        all.insert(
            "default".into(),
            json!({
                "description": "refused", "content": { "application/problem+json": of("Problem") },
            }),
        );
        Value::Object(all)
    }
}
