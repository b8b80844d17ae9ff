//! The home of one attempt (`GEMINI_CLI_HOME`): the user's own by links, with settings, role and rules of ours.
//!
//! ```text
//! home/.gemini/settings.json     the user's, and what this attempt needs on top
//! home/.gemini/GEMINI.md         the user's, then the role: the program appends it to its own system prompt
//! home/.gemini/tmp, history      links: sessions lie where the user's lie, so that a later attempt can take them up
//! home/.gemini/…, .env, .agents  links: login, extensions, commands …; a login that is renewed is renewed for the user
//! home/policy.toml               the rules of tools
//! ```
//! `projects.json` is not linked: the program replaces it as a whole, and finds its folders under `tmp` without it.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use json_comments::StripComments;
use serde_json::{Map, Value, json};

use super::policy::Policy;
use crate::agent::assignment::AgentAssignment;
use crate::agent::driver::{Stage, ToolServer};

/// With no model of its own the program asks a small one first which it should take, and that call fails in ways of its own.
const MODEL: &str = "gemini-2.5-pro";

/// The folder in a home.
const FOLDER: &str = ".gemini";

/// The file that is read as part of the system prompt, unless settings name others.
const CONTEXT: &str = "GEMINI.md";

/// A person may take a day to answer `ask`. In milliseconds.
const TOOL_PATIENCE: u64 = 86_400_000;

/// The home of one attempt, on disk.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    model: String,
    policy: Policy,
    /// Variables of this attempt.
    variables: Vec<(String, String)>,
}

impl Home {
    /// Makes it.
    ///
    /// # Errors
    /// In words for people: settings of the user's that cannot be read, a folder that cannot be written.
    pub(super) fn prepare(stage: &Stage<'_>) -> Result<Home, String> {
        let assignment = stage.assignment;
        let variable =
            |name: &str| stage.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let theirs = variable("GEMINI_CLI_HOME").filter(|home| !home.is_empty()).or_else(|| variable("HOME"));
        let theirs = theirs.map(PathBuf::from).filter(|home| home.is_absolute() && *home != stage.home);
        let settings = match &theirs {
            Some(home) => settings_in(&home.join(FOLDER))?,
            None => Map::new(),
        };
        let project = settings_in(&stage.directory.join(FOLDER)).unwrap_or_default();
        let name = [&project, &settings].into_iter().find_map(context_file).unwrap_or_else(|| CONTEXT.to_owned());
        let key = assignment.endpoint.api_key_env.as_deref().and_then(variable);
        let auth = match (key, variable("GEMINI_API_KEY")) {
            (Some(_), _) => Auth::Key,
            (None, Some(_)) => Auth::KeyUnlessChosen,
            (None, None) => Auth::TheirChoice,
        };
        let model = assignment.model.clone().or_else(|| variable("GEMINI_MODEL").map(str::to_owned));
        let model = model.or_else(|| model_in(&settings)).unwrap_or_else(|| MODEL.to_owned());
        let mut variables = Vec::new();
        variables.extend(key.map(|key| ("GEMINI_API_KEY".to_owned(), key.to_owned())));
        variables.extend(assignment.endpoint.base_url.clone().map(|url| ("GOOGLE_GEMINI_BASE_URL".to_owned(), url)));
        let policy = Policy::of(assignment.permissions, &assignment.tools, &stage.tools.name);
        let home = Home { path: stage.home.to_owned(), model, policy, variables };
        let written =
            home.write(theirs.as_deref(), &name, assignment, &with_ours(settings, auth, assignment, &stage.tools));
        written
            .map_err(|error| format!("the home of the attempt, `{}`, cannot be made: {error}", stage.home.display()))?;
        Ok(home)
    }

    fn write(
        &self,
        theirs: Option<&Path>,
        context: &str,
        assignment: &AgentAssignment,
        settings: &Value,
    ) -> io::Result<()> {
        let ours = self.path.join(FOLDER);
        fs::create_dir_all(&ours)?;
        fs::write(ours.join("settings.json"), settings.to_string())?;
        fs::write(self.policy_file(), self.policy.as_toml())?;
        let role = assignment.role.as_deref().map(str::trim).filter(|role| !role.is_empty());
        let folder = theirs.map(|home| home.join(FOLDER));
        if let Some(role) = role {
            let before = folder.as_ref().and_then(|folder| fs::read_to_string(folder.join(context)).ok());
            let text = before.map_or_else(|| format!("{role}\n"), |text| format!("{}\n\n{role}\n", text.trim_end()));
            // Never through a link: what is behind it is the user's.
            let _ = fs::remove_file(ours.join(context));
            fs::write(ours.join(context), text)?;
        }
        let (Some(home), Some(folder)) = (theirs, folder) else { return Ok(()) };
        for kept in ["tmp", "history"] {
            // As the program itself does on its first run. Where it cannot be done, sessions end with the attempt.
            let _ = fs::create_dir_all(folder.join(kept));
        }
        let not_linked = ["settings.json", "projects.json", "projects.json.lock"];
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if !not_linked.iter().any(|name| entry.file_name() == *name) {
                link(&entry.path(), &ours.join(entry.file_name()))?;
            }
        }
        for name in [".env", ".agents"] {
            if home.join(name).exists() {
                link(&home.join(name), &self.path.join(name))?;
            }
        }
        Ok(())
    }

    /// The environment of the program.
    pub(super) fn environment(&self, environment: &[(String, String)]) -> Vec<(String, String)> {
        let home = self.path.to_string_lossy().into_owned();
        // Without the second process, which swallows signals that are for the first; without the question whether to trust the folder.
        let fixed = [
            ("GEMINI_CLI_HOME", home.as_str()),
            ("GEMINI_CLI_NO_RELAUNCH", "true"),
            ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        environment.iter().cloned().chain(fixed).chain(self.variables.iter().cloned()).collect()
    }

    /// Where the program keeps what it knows, sessions among it.
    pub(super) fn folder(&self) -> PathBuf {
        self.path.join(FOLDER)
    }

    /// The model, always named.
    pub(super) fn model(&self) -> &str {
        &self.model
    }

    /// The rules of tools.
    pub(super) fn hidden(&self) -> &Policy {
        &self.policy
    }

    /// Where they lie.
    pub(super) fn policy_file(&self) -> PathBuf {
        self.path.join("policy.toml")
    }
}

/// How it logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Auth {
    /// By the key that the plan gives it.
    Key,
    /// By the key in the environment, unless the user chose something else.
    KeyUnlessChosen,
    /// As the user chose, or as the program finds out.
    TheirChoice,
}

fn link(target: &Path, place: &Path) -> io::Result<()> {
    match symlink(target, place) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// The settings in such a folder; none where there are none.
fn settings_in(folder: &Path) -> Result<Map<String, Value>, String> {
    let file = folder.join("settings.json");
    let text = match fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(format!("`{}` cannot be read: {error}", file.display())),
    };
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    serde_json::from_reader(StripComments::new(text.as_slice()))
        .map_err(|error| format!("`{}` is not an object of JSON: {error}", file.display()))
}

/// The first file that settings name for the system prompt. Only a plain name: it becomes a file of ours.
fn context_file(settings: &Map<String, Value>) -> Option<String> {
    let named = settings.get("context")?.get("fileName")?;
    let name = named.as_str().or_else(|| named.get(0)?.as_str())?;
    let plain = Path::new(name).file_name().is_some_and(|file| file == name) && name != "settings.json";
    plain.then(|| name.to_owned())
}

fn model_in(settings: &Map<String, Value>) -> Option<String> {
    let name = settings.get("model")?.get("name")?.as_str()?;
    (!name.is_empty() && !name.starts_with("auto")).then(|| name.to_owned())
}

/// The user's settings, and what this attempt needs on top.
fn with_ours(mut settings: Map<String, Value>, auth: Auth, assignment: &AgentAssignment, tools: &ToolServer) -> Value {
    let chosen = settings.get("security").and_then(|security| security.get("auth")?.get("selectedType")).is_some();
    if auth == Auth::Key || (auth == Auth::KeyUnlessChosen && !chosen) {
        put(&mut settings, &["security", "auth", "selectedType"], json!("gemini-api-key"));
    }
    // Trying again is ours to do; it tries ten times, for minutes.
    put(&mut settings, &["general", "maxAttempts"], json!(1));
    put(&mut settings, &["general", "enableAutoUpdate"], json!(false));
    put(&mut settings, &["model", "maxSessionTurns"], assignment.max_turns.map_or(json!(-1), |turns| json!(turns)));
    if let Some((program, arguments)) = tools.command.split_first() {
        let environment: Map<String, Value> =
            tools.environment.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let server = json!({
            "command": program, "args": arguments, "env": environment, "trust": true, "timeout": TOOL_PATIENCE,
        });
        put(&mut settings, &["mcpServers", &tools.name], server);
        if let Some(allowed) = settings.get_mut("mcp").and_then(|mcp| mcp.get_mut("allowed")?.as_array_mut()) {
            allowed.push(json!(tools.name));
        }
    }
    Value::Object(settings)
}

/// Sets a value; what is in its way and no object is replaced.
fn put(settings: &mut Map<String, Value>, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        settings.insert((*first).to_owned(), value);
        return;
    }
    let inner = settings.entry(*first).or_insert_with(|| json!({}));
    if !inner.is_object() {
        *inner = json!({});
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_may_have_comments_and_keep_what_is_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{ // mine
            "security": {"auth": {"selectedType": "oauth-personal"}}, /* "x": */
            "model": {"name": "gemini-3-pro", "maxSessionTurns": 3}, "mcp": {"allowed": ["docs"]},
            "mcpServers": {"docs": {"command": "docs"}}, "general": 1 }"#;
        fs::write(folder.path().join("settings.json"), text).unwrap();
        let settings = settings_in(folder.path()).unwrap();
        assert_eq!(model_in(&settings).as_deref(), Some("gemini-3-pro"));
        let tools =
            ToolServer { name: "band".into(), command: vec!["band".into(), "mcp".into()], ..ToolServer::default() };
        let assignment: AgentAssignment = serde_json::from_value(json!({
            "run": "k3v9", "job": bandleader_core::JobId { attempt: bandleader_core::AttemptId {
                task: bandleader_core::TaskId(0), number: 1 }, step: bandleader_core::Step::Work },
            "task": "t", "run_folder": "/", "driver": "gemini", "agent": "a", "instruction": "i",
            "place": {"shared": {"directory": "/"}}, "max_turns": 7,
        }))
        .unwrap();
        let merged = with_ours(settings, Auth::KeyUnlessChosen, &assignment, &tools);
        assert_eq!(merged["security"]["auth"]["selectedType"], "oauth-personal");
        assert_eq!((&merged["general"]["maxAttempts"], &merged["model"]["maxSessionTurns"]), (&json!(1), &json!(7)));
        assert_eq!(
            (&merged["mcpServers"]["docs"]["command"], &merged["mcpServers"]["band"]["trust"]),
            (&json!("docs"), &json!(true))
        );
        assert_eq!(merged["mcp"]["allowed"], json!(["docs", "band"]));
    }

    #[test]
    fn settings_that_cannot_be_understood_are_said() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(settings_in(folder.path()), Ok(Map::new()));
        fs::write(folder.path().join("settings.json"), "[1").unwrap();
        assert!(settings_in(folder.path()).unwrap_err().contains("settings.json` is not an object"));
    }

    #[test]
    fn the_name_of_a_file_is_no_way_out_of_a_folder() {
        let named = |name: Value| context_file(json!({"context": {"fileName": name}}).as_object().unwrap());
        assert_eq!(named(json!(["AGENTS.md", "GEMINI.md"])).as_deref(), Some("AGENTS.md"));
        for bad in
            [json!("../../.bashrc"), json!("/etc/passwd"), json!(".."), json!("settings.json"), json!(7), json!("")]
        {
            assert_eq!(named(bad.clone()), None, "{bad}");
        }
    }
}
