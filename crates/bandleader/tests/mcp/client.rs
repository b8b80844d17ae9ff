//! A client of `band mcp` that can be asked things, checks every result against the tool's own schema, and can speak both ways of
//! the protocol: with a greeting, and with everything in each request.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::wire::Wire;

/// What the person at the client does when they are asked.
#[derive(Clone)]
pub(crate) enum Person {
    /// Nobody can be asked here.
    Absent,
    /// They give this.
    Gives(Value),
    /// They do not want to.
    Declines,
    /// They close the window.
    Leaves,
}

pub(crate) struct Client {
    wire: Wire,
    person: Person,
    /// Everything that the person was asked.
    pub(crate) asked: Vec<Value>,
    schemas: BTreeMap<String, Value>,
}

impl Client {
    fn spawn(project: &Path, environment: &[(&str, &str)], person: Person) -> Client {
        let mut command = Command::new(env!("CARGO_BIN_EXE_band"));
        command.arg("mcp").current_dir(project).env("HOME", project).env_remove("XDG_CONFIG_HOME");
        let wire = Wire::start(command.envs(environment.iter().copied()));
        Client { wire, person, asked: Vec::new(), schemas: BTreeMap::new() }
    }

    /// Greeted, at a client whose person does this when asked.
    pub(crate) fn with(project: &Path, person: Person) -> Client {
        Client::in_environment(project, &[], person)
    }

    pub(crate) fn in_environment(project: &Path, environment: &[(&str, &str)], person: Person) -> Client {
        let mut client = Client::spawn(project, environment, person);
        let can = if matches!(client.person, Person::Absent) { json!({}) } else { json!({ "elicitation": {} }) };
        let greeted = client.wire.greet(&can);
        assert!(greeted["capabilities"]["resources"].is_object(), "{greeted}");
        client.learn(json!({}));
        client
    }

    /// One that never greets: each request says who it is, and questions come as results (revision 2026-07-28).
    pub(crate) fn without_greeting(project: &Path) -> Client {
        let mut client = Client::spawn(project, &[], Person::Absent);
        client.learn(inline());
        client
    }

    fn learn(&mut self, params: Value) {
        let listed = self.request("tools/list", params);
        let tools = listed["result"]["tools"].as_array().unwrap_or_else(|| panic!("{listed}"));
        let schemas =
            tools.iter().map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool["outputSchema"].clone()));
        self.schemas = schemas.collect();
    }

    pub(crate) fn line(&mut self, message: &Value) {
        self.wire.line(&message.to_string());
    }

    /// Asks the server; what the server asks meanwhile goes to the person.
    #[expect(clippy::needless_pass_by_value, reason = "every caller makes one for it")]
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let (person, seen) = (&self.person, &mut self.asked);
        self.wire.request(method, &params, |message| {
            if message["method"] != "elicitation/create" {
                return None;
            }
            let result = match person {
                Person::Gives(content) => json!({ "action": "accept", "content": content }),
                Person::Declines => json!({ "action": "decline" }),
                Person::Leaves => json!({ "action": "cancel" }),
                Person::Absent => panic!("nobody is to be asked: {message}"),
            };
            seen.push(message["params"].clone());
            Some(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }))
        })
    }

    /// What a tool says, checked against its schema; or the words in which it refuses.
    #[expect(clippy::needless_pass_by_value, reason = "the same")]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Result<Value, String> {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        self.checked(tool, &answer)
    }

    pub(crate) fn checked(&self, tool: &str, answer: &Value) -> Result<Value, String> {
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{tool}: {answer}"));
        if result["isError"] == json!(true) {
            return Err(text.to_owned());
        }
        let data = &result["structuredContent"];
        let said = jsonschema::validate(&self.schemas[tool], data);
        assert!(said.is_ok(), "{tool}: {said:?} in {data}");
        assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), data, "{tool}");
        Ok(data.clone())
    }

    pub(crate) fn good(&mut self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).unwrap_or_else(|words| panic!("{tool}: {words}"))
    }

    pub(crate) fn bad(&mut self, tool: &str, arguments: Value) -> String {
        let said = self.call(tool, arguments);
        said.err().unwrap_or_else(|| panic!("{tool} was to refuse"))
    }

    /// Waits until the run is over.
    pub(crate) fn ended(&mut self) -> Value {
        loop {
            let status = self.good("run_status", json!({ "wait_seconds": 20, "wait_for": "end" }));
            if status["over"] == json!(true) {
                return status;
            }
        }
    }

    /// Waits until the run asks something; the number of the question.
    pub(crate) fn question(&mut self) -> Value {
        loop {
            let status = self.good("run_status", json!({ "wait_seconds": 20, "wait_for": "decision" }));
            if let Some(number) = status["open_decisions"].as_array().and_then(|open| open.first()) {
                return number.clone();
            }
            assert_eq!(status["over"], json!(false), "{status}");
        }
    }

    /// Closes the connection; the server's exit code.
    pub(crate) fn end(self) -> i32 {
        self.wire.end()
    }
}

/// What each request of a client has that does not greet.
pub(crate) fn inline() -> Value {
    json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "form": {} } },
    } })
}

/// Parameters with that.
pub(crate) fn with_inline(mut params: Value) -> Value {
    params["_meta"] = inline()["_meta"].clone();
    params
}
