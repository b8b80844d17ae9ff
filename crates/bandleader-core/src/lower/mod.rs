//! From the tree of a plan file to a `Plan`: every name resolved, every template checked, all problems at once.
//!
//! Called by every face through [`check`]. The way: the shape of the document is checked (`language`); settings, inputs and
//! entries are read in one walk, plans included and fans spread out on the way (`outline`); then names are resolved and
//! needs wired (`names`, `wire`), templates checked (`templates`), and circles searched (`circles`). A step never stops at a problem.

mod agent;
mod agents;
mod awaited;
mod check_in;
mod circles;
mod claims;
mod decision;
mod draft;
mod fan;
mod form;
mod held;
mod include;
mod incoming;
mod inputs;
mod levels;
mod milestones;
mod names;
mod outline;
mod parameter;
mod pieces;
mod points;
mod script;
mod settings;
mod shared;
mod templates;
#[cfg(test)]
mod tests;
mod webhooks;
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Plan;
use crate::catalogue::Catalogue;
use crate::diag::{Diagnostic, SourceFile, Span};
use crate::language::{self, Fields, Shape, check_shape};
use crate::plan::{Resource, Value};
use crate::problems::{Problems, named};
use crate::source;
use crate::tree::{Node, Tree};

pub use agents::AgentOrigin;
pub use incoming::{HookFormat, IncomingHook, incoming_hooks};
pub use parameter::{Parameter, ParameterKind};
pub use shared::{SettingsFile, agents_in, check_settings, parse_rhythm, settings_levels, wants_bell, wants_updates};
pub use webhooks::{AnswerLinks, Webhook, WebhookFormat, webhooks};

/// What the person asks for besides the file.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// Values of the plan's inputs, as written on the command line.
    pub inputs: BTreeMap<String, String>,
    /// Wins over the plan's level.
    pub level: Option<u8>,
    /// Wins over the plan's `limits.parallel`.
    pub parallel: Option<u32>,
    /// Counts where the plan has no `limits.parallel`; 4 if this is not given either.
    pub default_parallel: Option<u32>,
    /// What an input without a value means.
    pub missing_inputs: MissingInputs,
    /// The driver that `auto` means on this machine; it stays `auto` when none.
    pub auto_driver: Option<String>,
    /// Agents that plans may name without defining them.
    pub catalogue: Option<Arc<Catalogue>>,
    /// The `band.toml` of the project and of the person, the stronger first.
    pub settings: Vec<SettingsFile>,
}

/// What an input without a value means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingInputs {
    /// An error: the plan is about to run.
    #[default]
    Refuse,
    /// Nothing yet: it will be asked for (see `Checked::parameters`), or the plan is only looked at. An empty value stands in.
    Allow,
}

/// What came of a plan file.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan, if there is no error.
    pub plan: Option<Plan>,
    /// Everything there is to say, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The file, and the plans that it includes; spans point into these.
    pub sources: Vec<SourceFile>,
    /// What the plan can be given, for asking and for help.
    pub parameters: Vec<Parameter>,
    /// Where the plan's agents come from, by their key in `Plan::agents`.
    pub agents: BTreeMap<String, AgentOrigin>,
}

/// Reads a plan: `name` is its path as people know it, `text` its content. `load` gives the text of an included plan, whose path
/// it gets relative to the folder of the first file, or says why it cannot.
pub fn check(
    name: &str,
    text: &str,
    options: &CheckOptions,
    load: &mut dyn FnMut(&str) -> Result<String, String>,
) -> Checked {
    let mut lowering = Lowering::new(options, load);
    lowering.sources.push(SourceFile { name: name.to_owned(), text: text.to_owned() });
    if let Some(root) = source::parse(0, text, &mut lowering.problems) {
        lowering.whole_plan(&root);
    }
    let Lowering { problems, plan, sources, parameters, agent_origins: agents, .. } = lowering;
    let plan = (!problems.any_error()).then_some(plan);
    Checked { plan, diagnostics: problems.sorted(), sources, parameters, agents }
}

/// A plan may have this many nodes; matrices grow fast, and the machine should not go down with them.
const MAX_NODES: usize = 100_000;

/// The work in progress.
struct Lowering<'l> {
    options: &'l CheckOptions,
    load: &'l mut dyn FnMut(&str) -> Result<String, String>,
    problems: Problems,
    sources: Vec<SourceFile>,
    parameters: Vec<Parameter>,
    plan: Plan,
    /// Parallel to `plan.tasks`: the draft that a node was made of; none for ends of groups.
    origins: Vec<Option<usize>>,
    /// Parallel to `plan.tasks`: where the node's name stands.
    places: Vec<Span>,
    drafts: Vec<draft::Draft>,
    /// Parallel to `plan.groups`.
    groups: Vec<outline::GroupDraft>,
    /// The whole plan, as if it were a group.
    top: outline::GroupDraft,
    index: names::Index,
    loaded: BTreeMap<String, Option<Node>>,
    is_full: bool,
    /// The level at which gates of the task that is being read count: the plan's, or, where that leaves the task out, the nearest that does not.
    gates_at: u8,
    /// What `band.toml` says, the stronger first.
    shared: Vec<shared::Shared>,
    /// Agents that the plan names but does not define, by that name: key in `Plan::agents`.
    adopted: BTreeMap<String, String>,
    agent_origins: BTreeMap<String, AgentOrigin>,
    /// What to do about an agent that is not there, by the file's prefix and its name.
    unknown_agents: BTreeMap<(String, String), String>,
}

/// What names mean inside one plan file: the plan itself, or one inclusion of another.
#[derive(Clone, Debug, Default)]
struct Scope {
    /// Index into `Plan::scopes`.
    inputs: u32,
    /// The dotted path that stands before all its names, with the dot; empty for the plan itself.
    root: String,
    /// Its resources: index into `Plan::resources`.
    resources: BTreeMap<String, u32>,
    /// Its agents: key in `Plan::agents`.
    agents: BTreeMap<String, String>,
    /// Environment of all its tasks.
    env: BTreeMap<String, String>,
    /// What its tasks have when they do not say otherwise.
    defaults: draft::Defaults,
    /// The folder of its file, relative to that of the first file.
    folder: String,
    /// The files that include each other up to here.
    files: Vec<String>,
}

impl<'l> Lowering<'l> {
    fn new(options: &'l CheckOptions, load: &'l mut dyn FnMut(&str) -> Result<String, String>) -> Self {
        Lowering {
            options,
            load,
            problems: Problems::default(),
            sources: Vec::new(),
            parameters: Vec::new(),
            plan: Plan::default(),
            origins: Vec::new(),
            places: Vec::new(),
            drafts: Vec::new(),
            groups: Vec::new(),
            top: outline::GroupDraft::default(),
            index: names::Index::default(),
            loaded: BTreeMap::new(),
            is_full: false,
            gates_at: 0,
            shared: Vec::new(),
            adopted: BTreeMap::new(),
            agent_origins: BTreeMap::new(),
            unknown_agents: BTreeMap::new(),
        }
    }

    fn whole_plan(&mut self, root: &Node) {
        check_shape(root, &Shape::Table(&language::PLAN), &mut self.problems);
        if !matches!(root.tree, Tree::Map(_)) {
            return;
        }
        let fields = Fields::new(root, &language::PLAN);
        self.read_settings_files();
        self.headline(fields);
        let parallel = self.plan.limits.parallel;
        self.plan.resources.push(Resource { name: "slots".into(), capacity: parallel });
        let file = self.sources.first().map(|file| file.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
        let mut scope = Scope { files: file.into_iter().collect(), ..Scope::default() };
        self.plan.scopes.push(BTreeMap::new());
        let values = self.own_inputs(fields);
        if let Some(slot) = self.plan.scopes.first_mut() {
            *slot = values;
        }
        self.fill_mission(fields, &scope);
        self.settings(fields, &mut scope);
        self.outline(fields, &scope);
        self.wire();
        self.check_templates();
        self.check_claims();
        self.report_circles();
    }

    /// The mission may name inputs: `Review {{ inputs.target }}`.
    fn fill_mission(&mut self, fields: Fields<'_>, scope: &Scope) {
        let Some(mission) = fields.get("mission") else { return };
        if self.check_early_template(mission, scope)
            && let Some(filled) = self.early_text(&self.plan.mission, scope.inputs, &BTreeMap::new())
        {
            self.plan.mission = filled;
        }
    }

    /// The values of a scope's inputs.
    fn scope_inputs(&self, scope: u32) -> &BTreeMap<String, Value> {
        static NONE: BTreeMap<String, Value> = BTreeMap::new();
        self.plan.scopes.get(scope as usize).unwrap_or(&NONE)
    }

    /// Reports a name that is not among `known`, with the nearest one that is.
    fn unknown<'n>(
        &mut self,
        code: &'static str,
        span: Span,
        message: String,
        wrong: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
        otherwise: &str,
    ) {
        let hint = match language::did_you_mean(wrong, known) {
            Some(near) => format!("did you mean {}?", named(near)),
            None => otherwise.to_owned(),
        };
        self.problems.error(code, span, message).hint(hint);
    }
}
