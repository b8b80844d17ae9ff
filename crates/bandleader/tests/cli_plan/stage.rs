//! What a planner says, rightly and wrongly, and projects that have one.

use std::fs;
use std::path::Path;

use model_server::ModelServer;
use serde_json::{Value, json};

use super::cli_support::empty;

pub(crate) const SOCIAL: &str = "I want to build a SaaS tool for social media scheduling with AI-powered suggestions";

/// A plan as a planner answers it.
pub(crate) fn good() -> Value {
    json!({
        "mission": "Alerts", "level": 5, "limits": { "parallel": 2, "cost": "900 USD" },
        "inputs": { "brief": { "type": "text", "default": "Alerts for shops" } },
        "agents": { "builder": { "description": "Builds.", "instructions": "You build." } },
        "phases": [{ "id": "build", "title": "Build", "tasks": [
            { "id": "api", "agent": "builder", "task": "Build it.", "input": "{{ inputs.brief }}", "expected_time": "30 minutes" },
            { "id": "try", "agent": "builder", "task": "Try it.", "needs": ["api"], "expected_time": "10 minutes" },
        ] }],
    })
}

/// The same with a need that nobody fulfils.
pub(crate) fn bad() -> Value {
    let mut plan = good();
    *plan.pointer_mut("/phases/0/tasks/1/needs").unwrap() = json!(["apo"]);
    plan
}

pub(crate) fn says(text: &Value) -> Value {
    json!({ "text": text.to_string(), "usage": [100, 50] })
}

/// A project whose planner is a model behind `server`.
pub(crate) fn with_model(server: &ModelServer) -> tempfile::TempDir {
    let folder = empty();
    let agent = format!(
        "[agents.planner]\ndriver = \"llm\"\nmodel = \"local\"\nbase_url = \"{}\"\n\
         [agents.shopkeeper]\ndriver = \"llm\"\nmodel = \"local\"\ndescription = \"Knows what shops need.\"\n\
         [prices]\nlocal = {{ input = \"2 USD\", output = \"10 USD\" }}\n",
        server.url()
    );
    fs::write(folder.path().join("band.toml"), agent).unwrap();
    folder
}

pub(crate) fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Where the answers of an interview are, as it said when it was left.
pub(crate) fn kept_in(told: &str) -> String {
    let words = told.replace("\r\n", " ");
    let (_, rest) = words.split_once("answers stay in ").unwrap_or_else(|| panic!("nothing was kept: {told}"));
    rest.split(';').next().unwrap().trim().replace("\u{1b}[1m", "").replace("\u{1b}[0m", "")
}
