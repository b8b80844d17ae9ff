//! A task as the plan says it, before its names are resolved.
//!
//! Made by `outline` for every task entry, once; the instances of a fan share it. Reports what can be judged without
//! knowing the other tasks.

use super::settings::length;
use super::{Lowering, Scope, pieces};
use crate::amounts::{Levels, parse_levels};
use crate::diag::Span;
use crate::language::{self, Fields, is_id, slug};
use crate::plan::{Isolation, Join, LeveledGate, OnFailure, Retry, Task, Work};
use crate::problems::named;
use crate::tree::{Node, Spanned, Tree};
use crate::{Millis, template};

/// What is left of a task to resolve and check when all are known.
#[derive(Debug)]
pub(super) struct Draft {
    /// Its name, and where it stands.
    pub(super) id: Spanned<String>,
    /// The dotted path that stands before its name, with the dot.
    pub(super) prefix: String,
    /// The prefix of the file that it stands in.
    pub(super) root: String,
    /// Names of what it needs, as written.
    pub(super) needs: Vec<Spanned<String>>,
    /// Texts to fill in when it starts.
    pub(super) texts: Vec<Text>,
    /// Paths that it delivers.
    pub(super) claims: Vec<Spanned<String>>,
    /// The levels at which it is done.
    pub(super) levels: Levels,
    /// All its gates, where they are not the same at all levels.
    pub(super) leveled_gates: Vec<LeveledGate>,
}

/// A text to fill in, and what it may see.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: Spanned<String>,
    pub(super) sees: Sees,
}

/// What a text to fill in may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sees {
    /// Needs, inputs, who it is.
    Task,
    /// The engine's environment as well.
    Environment,
    /// A condition, not a text.
    Condition,
    /// Only what is known before the run: inputs, item, matrix.
    Early,
}

/// What tasks have when they do not say otherwise.
#[derive(Clone, Debug, Default)]
pub(super) struct Defaults {
    timeout: Option<Millis>,
    stall: Option<Millis>,
    retry: Retry,
    /// The file says it.
    own_retry: bool,
    on_failure: OnFailure,
    /// The agent of `on_failure: { retry-with: … }`, for checking.
    pub(super) retry_with: Option<Spanned<String>>,
}

impl Defaults {
    /// `retries` counts where nothing is said of them.
    pub(super) fn read(node: Option<&Node>, retries: u32) -> Defaults {
        let retry = Retry { limit: retries, ..Retry::default() };
        let Some(node) = node else { return Defaults { retry, ..Defaults::default() } };
        let fields = Fields::new(node, &language::DEFAULTS);
        let (on_failure, retry_with) = pieces::on_failure(fields.get("on_failure"));
        Defaults {
            timeout: fields.get("timeout").and_then(length),
            stall: fields.get("stall").and_then(length),
            retry: fields.get("retry").map_or(retry, pieces::retry),
            own_retry: fields.has("retry"),
            on_failure: on_failure.unwrap_or_default(),
            retry_with,
        }
    }
}

impl Lowering<'_> {
    /// Reads a task: everything that needs no other task, path and needs left empty, and the rest. `None` if there is not even a name to go on with.
    pub(super) fn draft(&mut self, node: &Node, scope: &Scope, prefix: &str) -> Option<(Task, Draft)> {
        if !matches!(node.tree, Tree::Map(_)) {
            return None;
        }
        let fields = Fields::new(node, &language::TASK);
        let id = self.task_id(fields)?;
        let work = self.work(fields, scope);
        let mut task = Task::plain("", work);
        task.title = fields.get("title").and_then(Node::text).map(str::to_owned);
        task.scope = scope.inputs;
        self.timing(fields, scope, &mut task);
        task.priority = fields.get("priority").and_then(Node::whole).and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
        task.optional = fields.get("optional").and_then(Node::boolean).unwrap_or(false);
        task.join = match fields.get("join").and_then(Node::text) {
            Some("all_done") => Join::AllDone,
            Some("any_success") => Join::AnySuccess,
            _ => Join::AllSuccess,
        };
        task.isolation = match fields.get("isolation").and_then(Node::text) {
            Some("worktree") => Some(Isolation::Worktree),
            Some("shared") => Some(Isolation::Shared),
            Some("none") => Some(Isolation::None),
            _ => None,
        };
        task.compensate = self.script(fields.get("compensate"));
        let mut draft = Draft {
            id,
            prefix: prefix.to_owned(),
            root: scope.root.clone(),
            needs: needs_of(fields),
            texts: Vec::new(),
            claims: Vec::new(),
            levels: fields.get("levels").and_then(|node| parse_levels(node).ok()).unwrap_or(Levels::ALL),
            leveled_gates: Vec::new(),
        };
        self.failure(fields, scope, &mut task, &mut draft);
        self.handed_on(fields, scope, &mut task, &mut draft);
        self.held(fields, scope, &mut task, &mut draft);
        self.decided_by_people(fields, &mut task, &mut draft);
        Some((task, draft))
    }

    fn task_id(&mut self, fields: Fields<'_>) -> Option<Spanned<String>> {
        let (node, is_id_key) = match fields.get("id") {
            Some(id) => (id, true),
            None => (fields.get("agent").filter(|_| !fields.has("id")).unwrap_or(fields.node()), false),
        };
        let Some(text) = node.text() else {
            if !fields.has("id") && !fields.has("agent") && !fields.has_strangers() {
                let message = "this task has no `id`";
                let hint = "give it a short name, such as `id: build`; others need it by that";
                self.problems.error("plan::missing-key", node.span, message).hint(hint);
            }
            return None;
        };
        // A bad `id` was reported by the check of shapes; an agent's name is judged with the agents.
        let value = if is_id(text) { text.to_owned() } else { slug(text) };
        if value.is_empty() && !is_id_key {
            return None;
        }
        Some(Spanned { value, span: node.span })
    }

    fn work(&mut self, fields: Fields<'_>, scope: &Scope) -> Work {
        let nothing = Work::Script { script: String::new() };
        if let Some(decision) = fields.entry("decision") {
            if let Some(other) = ["run", "agent", "task"].into_iter().find_map(|name| fields.entry(name)) {
                let message = format!("a task has either `decision` or `{}`", other.key);
                let problem = self.problems.error("plan::two-works", other.key_span, message);
                problem.also(decision.key_span, "`decision` is here").hint("split it into two tasks");
            }
            return self.question(&decision.value).unwrap_or(nothing);
        }
        if let Some(run) = fields.entry("run") {
            if let Some(other) = fields.entry("agent").or_else(|| fields.entry("task")) {
                let message = format!("a task has either `run` or `{}`", other.key);
                let problem = self.problems.error("plan::two-works", other.key_span, message);
                problem.also(run.key_span, "`run` is here").hint("split it into two tasks, or remove one of them");
            }
            return self.command(&run.value).unwrap_or(nothing);
        }
        let agent = fields.get("agent").and_then(Node::spanned);
        let instruction = fields.get("task").and_then(Node::text);
        match (agent, instruction) {
            (Some(agent), Some(instruction)) => {
                let agent = self.usable_agent(&agent, scope);
                Work::Agent { agent, instruction: instruction.to_owned() }
            }
            (Some(agent), None) if !fields.has("task") => {
                let message = format!("{} is not told what to do", named(&agent.value));
                self.problems.error("plan::missing-key", agent.span, message).hint("add `task: …`, the instruction");
                nothing
            }
            (None, _) if fields.has("task") && !fields.has("agent") => {
                let place = fields.entry("task").map_or(fields.node().span, |entry| entry.key_span);
                let hint = "add `agent: …`, a name from the plan's `agents`; a plain command is written as `run`";
                self.problems.error("plan::missing-key", place, "nobody is named to do this task").hint(hint);
                nothing
            }
            (None, None) if !fields.has("agent") && !fields.has("task") && !fields.has_strangers() => {
                let place = fields.entry("id").map_or(fields.node().span, |entry| entry.value.span);
                let hint = "give it `run: …`, or `agent: …` and `task: …`, or `decision: …`";
                self.problems.error("plan::no-work", place, "this task has nothing to do").hint(hint);
                nothing
            }
            _ => nothing,
        }
    }

    fn timing(&mut self, fields: Fields<'_>, scope: &Scope, task: &mut Task) {
        let positive = |this: &mut Self, name: &'static str| {
            let node = fields.get(name)?;
            let found = length(node)?;
            if found == Millis(0) {
                this.problems.error("plan::bad-length", node.span, format!("`{name}` cannot be zero"));
            }
            Some(found)
        };
        task.estimate = fields.get("expected_time").and_then(length);
        let timeout = positive(self, "timeout");
        let limits = fields.get("limits").map(|node| Fields::new(node, &language::TASK_LIMITS));
        let limit = limits.and_then(|limits| limits.get("time")).and_then(length);
        task.caps = super::settings::caps(fields.get("limits")).into();
        task.timeout = timeout.into_iter().chain(limit).min().or(scope.defaults.timeout);
        task.stall = positive(self, "stall").or(scope.defaults.stall);
        task.own_retry = fields.has("retry") || scope.defaults.own_retry;
        task.retry = fields.get("retry").map_or_else(|| scope.defaults.retry.clone(), pieces::retry).into();
        if let (Some(estimate), Some(timeout), Some(node)) = (task.estimate, timeout, fields.get("timeout"))
            && timeout < estimate
            && timeout > Millis(0)
        {
            let message = format!("the timeout ({timeout}) is shorter than the expected time ({estimate})");
            self.problems.warning("plan::short-timeout", node.span, message);
        }
        if let (Some(stall), Some(timeout), Some(node)) = (task.stall, task.timeout, fields.get("stall"))
            && stall >= timeout
        {
            let message = format!("`stall` ({stall}) has no effect: the timeout ({timeout}) comes first");
            self.problems.warning("plan::short-timeout", node.span, message);
        }
        self.check_retry(fields.get("retry"), &task.retry);
    }

    fn failure(&mut self, fields: Fields<'_>, scope: &Scope, task: &mut Task, draft: &mut Draft) {
        let (on_failure, agent) = pieces::on_failure(fields.get("on_failure"));
        let is_own = on_failure.is_some();
        task.on_failure = on_failure.unwrap_or_else(|| scope.defaults.on_failure.clone());
        if let OnFailure::RetryWith(name) = &mut task.on_failure {
            match agent {
                Some(agent) => *name = self.usable_agent(&agent, scope),
                None => {
                    if let Some(known) = self.known_agent(name, scope) {
                        known.clone_into(name);
                    }
                }
            }
            if is_own && !matches!(task.work, Work::Agent { .. }) {
                let place = fields.entry("on_failure").map_or(Span::default(), |entry| entry.value.span);
                let message = "only a task that an agent does can be tried by another agent";
                self.problems.error("plan::bad-choice", place, message);
            } else if !matches!(task.work, Work::Agent { .. }) {
                task.on_failure = OnFailure::Fail;
            }
        }
        if let Some(when) = fields.get("when").and_then(Node::spanned) {
            task.when = Some(template::bare(&when.value).to_owned());
            draft.texts.push(Text { text: when, sees: Sees::Condition });
        }
    }
}

/// What an entry needs, as written.
pub(super) fn needs_of(fields: Fields<'_>) -> Vec<Spanned<String>> {
    fields
        .get_any_spelling("needs")
        .map(Node::one_or_many)
        .unwrap_or_default()
        .iter()
        .filter_map(Node::spanned)
        .collect()
}
