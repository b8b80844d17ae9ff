//! Everything of a plan that is not its tasks: level, limits, resources, environment, defaults; `agents` has the agents.

use super::draft::Defaults;
use super::levels::mode;
use super::{Lowering, Scope};
use crate::amounts::{parse_millionths, parse_money, parse_tokens};
use crate::language::{self, Fields, is_id, slug};
use crate::length::parse_length;
use crate::levels::LevelChanges;
use crate::plan::{ByLevel, Caps, Limits, Resource, Timeline};
use crate::prices::Price;
use crate::problems::named;
use crate::tree::{Entry, Node, Tree};
use crate::{Millis, template};

/// Units of a read/write lock: more readers than any machine runs.
pub(super) const SHARED_CAPACITY: u32 = 1_000_000;

impl Lowering<'_> {
    /// Mission, level, timeline, mode, limits: what counts in the first file only.
    pub(super) fn headline(&mut self, fields: Fields<'_>) {
        let text = |name| fields.get(name).and_then(Node::text);
        text("mission").unwrap_or_default().trim().clone_into(&mut self.plan.mission);
        if let Some(mission) =
            fields.get("mission").filter(|node| node.text().is_some_and(|text| text.trim().is_empty()))
        {
            self.problems.error("plan::missing-key", mission.span, "the mission is empty");
        }
        let level = fields.get("level").and_then(Node::whole).and_then(|level| u8::try_from(level).ok());
        self.plan.level = self.options.level.or(level).unwrap_or(3).clamp(1, 5);
        self.plan.timeline = match text("timeline") {
            Some("urgent") => Timeline::Urgent,
            Some("relaxed") => Timeline::Relaxed,
            _ => Timeline::Normal,
        };
        // The project's file wins over the person's.
        let said = self.shared.iter().rev();
        self.plan.levels = said.fold(LevelChanges::default(), |weaker, shared| shared.levels.over(&weaker));
        self.plan.mode = text("mode").and_then(mode).unwrap_or_else(|| self.plan.level_row().mode);
        self.plan.by_level = ByLevel { mode: text("mode").and_then(mode).is_none(), retries: true };
        self.plan.limits = self.limits(fields.get("limits"));
        let shared = self.shared.iter().rev().flat_map(|shared| &shared.prices);
        let own = fields.get("prices").map(Node::entries).unwrap_or_default();
        // Later ones win: the person's, the project's, the plan's.
        self.plan.prices = shared.chain(own).map(|entry| (entry.key.clone(), price(&entry.value))).collect();
        let secrets = fields.get("secrets").map(Node::one_or_many).unwrap_or_default();
        self.plan.secrets = secrets.iter().filter_map(Node::text).map(str::to_owned).collect();
    }

    fn limits(&self, node: Option<&Node>) -> Limits {
        let value = |name| node.map(|node| Fields::new(node, &language::LIMITS)).and_then(|fields| fields.get(name));
        let parallel = value("parallel").and_then(whole);
        let parallel = self.options.parallel.or(parallel).or(self.options.default_parallel).unwrap_or(4);
        Limits {
            parallel: parallel.max(1),
            time: value("time").and_then(length),
            cost_usd: value("cost").and_then(Node::text).and_then(parse_money),
            tokens: value("tokens").and_then(Node::text).and_then(parse_tokens),
        }
    }

    /// Resources, agents, environment, defaults: what every file has of its own.
    pub(super) fn settings(&mut self, fields: Fields<'_>, scope: &mut Scope) {
        for entry in fields.get("resources").map(Node::entries).unwrap_or_default() {
            self.resource(entry, scope);
        }
        self.own_agents(fields.get("agents").map(Node::entries).unwrap_or_default(), scope);
        for entry in fields.get("env").map(Node::entries).unwrap_or_default() {
            self.check_env_name(entry);
            if let Some(text) = entry.value.text() {
                self.check_early_template(&entry.value, scope);
                scope.env.insert(entry.key.clone(), text.to_owned());
            }
        }
        scope.defaults = Defaults::read(fields.get("defaults"), self.plan.level_row().retries);
        let agent = scope.defaults.retry_with.clone();
        if let Some(agent) = agent {
            self.agent_key(&agent, scope);
        }
    }

    fn resource(&mut self, entry: &Entry, scope: &mut Scope) {
        let name = entry.key.as_str();
        if name == "slots" {
            let hint = "`limits: { parallel: … }` sets how many tasks run at once";
            self.problems.error("plan::bad-id", entry.key_span, "the resource `slots` is built in").hint(hint);
            return;
        }
        self.check_name(entry, "a resource");
        let capacity = match &entry.value.tree {
            Tree::Map(_) => {
                let fields = Fields::new(&entry.value, &language::RESOURCE);
                let is_shared = fields.get("shared").and_then(Node::boolean) == Some(true);
                if let Some(capacity) = fields.entry("capacity").filter(|_| is_shared) {
                    let message = "a shared resource has no capacity of its own";
                    self.problems.error("plan::bad-resource", capacity.key_span, message).hint("keep one of the two");
                }
                if !is_shared && !fields.has("capacity") {
                    let message = format!("the resource {} has no capacity", named(name));
                    let hint = "write `capacity: 4`, `shared: true`, or `lock` instead of the map";
                    self.problems.error("plan::bad-resource", entry.key_span, message).hint(hint);
                }
                if is_shared { SHARED_CAPACITY } else { fields.get("capacity").and_then(whole).unwrap_or(1) }
            }
            _ if entry.value.text() == Some("shared") => SHARED_CAPACITY,
            _ => whole(&entry.value).unwrap_or(1),
        };
        let known = self.plan.resources.iter().position(|resource| resource.name == name);
        if let Some(other) = known.and_then(|at| self.plan.resources.get(at)).filter(|other| other.capacity != capacity)
        {
            let message =
                format!("the resource {} has capacity {capacity} here and {} elsewhere", named(name), other.capacity);
            let hint = "a plan and the plans that it includes share resources by name";
            self.problems.error("plan::bad-resource", entry.key_span, message).hint(hint);
        }
        let index = known.unwrap_or_else(|| {
            self.plan.resources.push(Resource { name: name.to_owned(), capacity });
            self.plan.resources.len() - 1
        });
        scope.resources.insert(name.to_owned(), u32::try_from(index).unwrap_or(0));
    }

    pub(super) fn check_name(&mut self, entry: &Entry, what: &str) {
        if !is_id(&entry.key) {
            let message = format!("{} cannot be the name of {what}", named(&entry.key));
            let hint = format!("use lower-case letters, digits, dashes and underscores: `{}`", slug(&entry.key));
            self.problems.error("plan::bad-id", entry.key_span, message).hint(hint);
        }
    }

    /// Reports a name that no environment can have, or that is the engine's own.
    pub(super) fn check_env_name(&mut self, entry: &Entry) {
        let name = &entry.key;
        if name.is_empty() || name.contains(['=', '\0']) || name.chars().any(char::is_whitespace) {
            let message = format!("{} cannot be the name of an environment variable", named(name));
            self.problems.error("plan::bad-env", entry.key_span, message);
        } else if name.starts_with("BAND_") {
            let message = format!("{} is set by Bandleader itself", named(name));
            self.problems
                .error("plan::bad-env", entry.key_span, message)
                .hint("names that start with `BAND_` are taken");
        }
        if let Some(text) = entry.value.text().filter(|text| template::is_template(text) && text.contains('\0')) {
            self.problems.error("plan::bad-env", entry.value.span, format!("{} contains a zero byte", named(text)));
        }
    }
}

/// A whole number that fits; wrong ones were reported by the check of shapes.
pub(super) fn whole(node: &Node) -> Option<u32> {
    node.whole().and_then(|number| u32::try_from(number).ok())
}

/// A length of time; wrong ones were reported by the check of shapes.
pub(super) fn length(node: &Node) -> Option<Millis> {
    node.text().and_then(|text| parse_length(text).ok())
}

/// What a model costs; what is missing or wrong was reported by the check of shapes.
fn price(node: &Node) -> Price {
    let fields = Fields::new(node, &language::PRICE);
    let money = |key| fields.get(key).and_then(Node::text).and_then(parse_millionths);
    let input = money("input").unwrap_or_default();
    Price { input, cached: money("cached").unwrap_or(input), output: money("output").unwrap_or_default() }
}

/// What agents may spend, of a task's or a group's `limits`.
pub(super) fn caps(limits: Option<&Node>) -> Caps {
    let value = |name| limits.and_then(|node| Fields::new(node, &language::TASK_LIMITS).get(name)).and_then(Node::text);
    Caps {
        cost: value("cost").and_then(parse_money).map(crate::plan::millionths),
        tokens: value("tokens").and_then(parse_tokens),
    }
}
