//! Each language over a real connection: what is asked is understood, and what is answered is what its clients wait for. The
//! sequences of events are those that the real command lines accept (crates/bandleader/tests/real_agents holds them to it).
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use model_server::ModelServer;
use serde_json::{Value, json};

fn server(rules: Value) -> ModelServer {
    ModelServer::start(serde_json::from_value(rules).unwrap()).unwrap()
}

struct Said {
    status: u16,
    head: String,
    body: String,
    /// Whether the body ended as its head announced.
    complete: bool,
}

fn send(server: &ModelServer, method: &str, target: &str, headers: &str, body: &str) -> Said {
    let mut connection = TcpStream::connect(server.url().strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        connection,
        "{method} {target} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut all = Vec::new();
    connection.read_to_end(&mut all).unwrap();
    let all = String::from_utf8(all).unwrap();
    let (head, rest) = all.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let (body, complete) = match length {
        Some(length) => (rest.to_owned(), length.parse() == Ok(rest.len())),
        None => unchunk(rest),
    };
    Said { status, head: head.to_owned(), body, complete }
}

fn unchunk(mut rest: &str) -> (String, bool) {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        body.push_str(&after[..size]);
        rest = after[size..].strip_prefix("\r\n").unwrap();
    }
    (body, false)
}

fn ask(server: &ModelServer, target: &str, body: &Value) -> Said {
    send(server, "POST", target, "", &body.to_string())
}

/// The data of a stream's events that are JSON.
fn events(said: &Said) -> Vec<Value> {
    let data = said.body.split("\n\n").filter_map(|frame| frame.lines().find_map(|line| line.strip_prefix("data: ")));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

/// The types of a stream's events, repeated ones once.
fn types(said: &Said) -> Vec<String> {
    let mut types: Vec<String> = events(said).iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    types.dedup();
    types
}

fn join(events: &[Value], pointer: &str) -> String {
    events.iter().filter_map(|event| event.pointer(pointer).and_then(Value::as_str)).collect()
}

const LONG: &str = "I write the file now, as I was told.";

/// The first question is answered with text and a file to write, the one with the tool's result with an end.
fn script() -> Value {
    json!([
        {"if": {"user": "FILE", "turn": 0, "tools": true, "system": "ROLE"},
         "do": {"text": LONG, "call": [{"write": {"path": "a", "text": "b"}}], "usage": [1000, 40, 200]}},
        {"if": {"result": "written", "turn": 1}, "do": {"text": "Done.", "usage": [1100, 12]}}
    ])
}

#[test]
fn anthropic_messages() {
    let server = server(script());
    let tools = json!([{"name": "Write"}, {"name": "Bash"}]);
    let mut body = json!({
        "model": "claude-x", "stream": true, "tools": tools, "system": [{"type": "text", "text": "a ROLE"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "reminder"}, {"type": "text", "text": "FILE"}]}]
    });
    let said = ask(&server, "/v1/messages?beta=true", &body);
    let events = events(&said);
    let block = ["content_block_start", "content_block_delta", "content_block_stop"];
    let expected = [&["message_start", "ping"][..], &block, &block, &["message_delta", "message_stop"]].concat();
    assert_eq!((said.status, types(&said)), (200, expected.iter().map(|&name| name.to_owned()).collect()));
    assert!(said.complete && said.head.contains("content-type: text/event-stream"), "{}", said.head);
    assert_eq!(join(&events, "/delta/text"), LONG);
    let input: Value = serde_json::from_str(&join(&events, "/delta/partial_json")).unwrap();
    assert_eq!(input, json!({"file_path": "a", "content": "b"}));
    let last = &events[events.len() - 2];
    assert_eq!(last["delta"]["stop_reason"], "tool_use");
    assert_eq!((&last["usage"]["input_tokens"], &last["usage"]["cache_read_input_tokens"]), (&800.into(), &200.into()));

    let call = events.iter().find(|event| event["content_block"]["type"] == "tool_use").unwrap();
    let id = call["content_block"]["id"].clone();
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(
        json!({"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": "Write", "input": input}]}),
    );
    messages
        .push(json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "written"}]}));
    body["stream"] = false.into();
    let said: Value = serde_json::from_str(&ask(&server, "/v1/messages", &body).body).unwrap();
    assert_eq!((&said["content"][0]["text"], &said["stop_reason"]), (&"Done.".into(), &"end_turn".into()));
    let counted = serde_json::from_str::<Value>(&ask(&server, "/v1/messages/count_tokens", &body).body).unwrap();
    assert!(counted["input_tokens"].as_u64() > Some(50), "{counted}");
    let total = &server.count()["total"];
    let total = ["requests", "answered", "input", "cached", "output"].map(|key| total[key].as_u64().unwrap());
    assert_eq!(total, [2, 2, 2100, 200, 52]);
}

#[test]
fn openai_responses() {
    let server = server(script());
    let mut body = json!({
        "model": "gpt-x", "stream": true, "instructions": "base", "tools": [{"type": "function", "name": "exec_command"}],
        "input": [{"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "the ROLE"}]},
                  {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "FILE"}]}]
    });
    let said = ask(&server, "/v1/responses", &body);
    let events = events(&said);
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(types(&said), expected);
    assert!(events.iter().enumerate().all(|(place, event)| event["sequence_number"] == place), "{events:?}");
    let response = &events.last().unwrap()["response"];
    assert_eq!(response["usage"]["input_tokens_details"]["cached_tokens"], 200);
    let call = response["output"][1].clone();
    assert_eq!((&call["type"], &call["name"]), (&"function_call".into(), &"exec_command".into()));
    assert_eq!(call["arguments"], json!({"cmd": "printf %s 'b' > 'a'"}).to_string());

    let input = body["input"].as_array_mut().unwrap();
    let result = json!({"type": "function_call_output", "call_id": call["call_id"], "output": "written"});
    input.extend([response["output"][0].clone(), call, result]);
    body["stream"] = false.into();
    let said: Value = serde_json::from_str(&ask(&server, "/v1/responses", &body).body).unwrap();
    assert_eq!(said["output"][0]["content"][0]["text"], "Done.");
}

#[test]
fn codex_searches_for_a_servers_tools_before_it_calls_them() {
    let server = server(json!([
        {"if": {"user": "REPORT", "turn": 0}, "times": 1, "do": {"call": [{"mcp": {"server": "band", "tool": "report", "args": {"x": 1}}}]}},
        {"if": {"user": "PATCH"}, "do": {"call": [{"custom": {"name": "apply_patch", "input": "*** Begin"}}]}},
        {"if": {"turn": 1}, "do": {"text": "Reported."}}
    ]));
    let message =
        |text: &str| json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]});
    let mut body = json!({"model": "m", "tools": [{"type": "tool_search"}], "input": [message("REPORT")]});
    let call = |body: &Value| {
        let said = ask(&server, "/v1/responses", body);
        serde_json::from_str::<Value>(&said.body).unwrap()["output"][0].clone()
    };
    let search = call(&body);
    assert_eq!((&search["type"], &search["execution"]), (&"tool_search_call".into(), &"client".into()));
    let namespace =
        json!({"type": "namespace", "name": "mcp__band", "tools": [{"type": "function", "name": "report"}]});
    let found = json!({"type": "tool_search_output", "call_id": search["call_id"], "tools": [namespace]});
    body["input"].as_array_mut().unwrap().extend([search, found]);
    let report = call(&body);
    assert_eq!((&report["name"], &report["namespace"]), (&"report".into(), &"mcp__band".into()));
    let result = json!({"type": "function_call_output", "call_id": report["call_id"], "output": "ok"});
    body["input"].as_array_mut().unwrap().extend([report, result]);
    assert_eq!(call(&body)["content"][0]["text"], "Reported.");
    body["input"] = json!([message("PATCH")]);
    let patch = call(&body);
    assert_eq!((&patch["type"], &patch["input"]), (&"custom_tool_call".into(), &"*** Begin".into()));
}

#[test]
fn chat_completions() {
    let server = server(script());
    let tools = json!([{"type": "function", "function": {"name": "write"}}]);
    let mut body = json!({
        "model": "m", "stream": true, "tools": tools,
        "messages": [{"role": "system", "content": "ROLE"}, {"role": "user", "content": "\"FILE\""}]
    });
    let said = ask(&server, "/v1/chat/completions", &body);
    assert!(said.body.ends_with("data: [DONE]\n\n") && said.complete, "{}", said.body);
    let events = events(&said);
    assert_eq!(join(&events, "/choices/0/delta/content"), LONG);
    let arguments = join(&events, "/choices/0/delta/tool_calls/0/function/arguments");
    assert_eq!(serde_json::from_str::<Value>(&arguments).unwrap(), json!({"filePath": "a", "content": "b"}));
    let [finish, usage] = &events[events.len() - 2..] else { unreachable!() };
    assert_eq!(finish["choices"][0]["finish_reason"], "tool_calls");
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &1040.into()));

    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "tool_calls": [{"id": "c"}]}));
    messages.push(json!({"role": "tool", "tool_call_id": "c", "content": "written"}));
    body["stream"] = false.into();
    let said: Value = serde_json::from_str(&ask(&server, "/v1/chat/completions", &body).body).unwrap();
    assert_eq!(said["choices"][0]["message"]["content"], "Done.");
}

#[test]
fn gemini_contents() {
    let server = server(script());
    let mut body = json!({
        "tools": [{"functionDeclarations": [{"name": "write_file"}]}], "systemInstruction": {"parts": [{"text": "ROLE"}]},
        "contents": [{"role": "user", "parts": [{"text": "FILE"}]}]
    });
    let said = ask(&server, "/v1beta/models/gemini-x:streamGenerateContent?alt=sse", &body);
    let events = events(&said);
    assert_eq!(join(&events, "/candidates/0/content/parts/0/text"), LONG);
    let call = events.iter().find_map(|event| event.pointer("/candidates/0/content/parts/0/functionCall")).unwrap();
    assert_eq!(call["args"], json!({"file_path": "a", "content": "b"}));
    let last = events.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(last["usageMetadata"]["cachedContentTokenCount"], 200);

    let contents = body["contents"].as_array_mut().unwrap();
    contents.push(json!({"role": "model", "parts": [{"functionCall": call}]}));
    let result = json!({"name": "write_file", "response": {"output": "written"}});
    contents.push(json!({"role": "user", "parts": [{"functionResponse": result}]}));
    let said: Value =
        serde_json::from_str(&ask(&server, "/v1beta/models/gemini-x:generateContent", &body).body).unwrap();
    assert_eq!(said["candidates"][0]["content"]["parts"][0]["text"], "Done.");
    assert_eq!(server.count()["model"]["gemini-x"]["input"], 2100);
}
