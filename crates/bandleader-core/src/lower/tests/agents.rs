//! Agents that the plan, `band.toml` and the catalogue speak of.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{checked, problems};
use crate::catalogue::{Catalogue, Found, Outcome, Shelf, read_agent};
use crate::lower::{AgentOrigin, CheckOptions, Lowering, SettingsFile};
use crate::plan::{Agent, Permissions};
use crate::tree::Tree;
use crate::{Millis, Plan, source};

const ARCHITECT: &str = "---\nname: backend-architect\ndescription: Designs services\ntools: Read, Bash(git diff *)\n\
    model: opus\npermissionMode: plan\nmaxTurns: 30\nskills: [rest]\nhooks: {Stop: []}\n---\n\nYou design {{ services }}.\n";

fn found(path: &str, text: &str, shelf: Shelf) -> Found {
    let Outcome::Agent(role) = read_agent(path, text.as_bytes()).outcome else { panic!("{path}") };
    Found { role: *role, shelf, path: path.to_owned() }
}

fn options(settings: &[&str]) -> CheckOptions {
    let all = [
        found(".claude/agents/backend-architect.md", ARCHITECT, Shelf::Project),
        found("~/.claude/agents/poet.md", "---\nname: Big Poet\ndescription: p\n---\nRhyme.", Shelf::User),
    ];
    let searched = vec![".claude/agents".to_owned(), "~/.claude/agents".to_owned()];
    let settings = settings.iter().enumerate().map(|(at, text)| SettingsFile {
        name: format!("{at}/band.toml"),
        text: (*text).to_owned(),
        folder: format!("/{at}"),
    });
    CheckOptions {
        catalogue: Some(Arc::new(Catalogue::new(all, searched))),
        settings: settings.collect(),
        ..CheckOptions::default()
    }
}

/// The plan even where it has agents that cannot run yet.
fn lowered(text: &str, options: &CheckOptions, files: &[(&str, &str)]) -> (Plan, BTreeMap<String, AgentOrigin>) {
    let files: BTreeMap<&str, &str> = files.iter().copied().collect();
    let mut load = |path: &str| files.get(path).map(|text| (*text).to_owned()).ok_or_else(|| "no such file".to_owned());
    let mut lowering = Lowering::new(options, &mut load);
    let root = source::parse(0, text, &mut lowering.problems).expect("YAML");
    assert!(matches!(root.tree, Tree::Map(_)));
    lowering.whole_plan(&root);
    let errors: Vec<_> = lowering
        .problems
        .sorted()
        .into_iter()
        .filter(|one| one.code != "plan::not-yet")
        .map(|one| one.message)
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    (lowering.plan, lowering.agent_origins)
}

fn agent(plan: &Plan, key: &str) -> Agent {
    plan.agents.get(key).cloned().unwrap_or_else(|| panic!("{:?}", plan.agents.keys()))
}

#[track_caller]
fn check(text: &str, options: &CheckOptions, expected: &str) {
    assert_eq!(problems(&checked(text, options, &[])).trim_end(), expected, "\n{text}");
}

#[test]
fn an_agent_of_the_catalogue_is_frozen_with_all_that_its_file_says() {
    let (plan, origins) = lowered("mission: m\ntasks: [{agent: backend-architect, task: t}]", &options(&[]), &[]);
    let agent = agent(&plan, "backend-architect");
    assert_eq!((agent.driver.as_str(), agent.model.as_deref(), agent.max_turns), ("auto", Some("opus"), Some(30)));
    assert_eq!(agent.instructions.as_deref(), Some("You design {{ services }}."), "never a template");
    assert_eq!(agent.tools, Some(vec!["Read".into(), "Bash(git diff *)".into()]));
    assert_eq!((agent.permissions, agent.description.as_deref()), (Permissions::ReadOnly, Some("Designs services")));
    let role = agent.role.as_ref().expect("from a file");
    assert_eq!(
        (role.path.as_str(), role.skills.as_slice()),
        (".claude/agents/backend-architect.md", ["rest".to_owned()].as_slice())
    );
    assert_eq!(
        origins["backend-architect"],
        AgentOrigin::Catalogue { shelf: Shelf::Project, path: ".claude/agents/backend-architect.md".into() }
    );
    let frozen = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&frozen).unwrap(), plan);
}

#[test]
fn agents_that_nobody_names_are_not_frozen() {
    let (plan, _) = lowered("mission: m\ntasks: [{id: a, run: x}]", &options(&["[agents.a]\ndriver = 'claude'"]), &[]);
    assert!(plan.agents.is_empty());
    let text = "mission: m\nagents: {bot: {command: [b]}}\ntasks: [{agent: bot, task: t}]";
    let (plan, _) = lowered(text, &options(&[]), &[]);
    let expected = r#"{"bot":{"driver":"command","command":["b"],"max_parallel":null,"backup":[],"env":{}}}"#;
    assert_eq!(serde_json::to_string(&plan.agents).unwrap(), expected, "what runs froze before there were more keys");
    assert_eq!(serde_json::from_str::<BTreeMap<String, Agent>>(expected).unwrap(), plan.agents);
}

#[test]
fn whoever_may_take_over_is_found_in_the_catalogue_too() {
    let text = "mission: m\nagents: {bot: {command: [b], backup: [Big Poet]}}\n\
        defaults: {on_failure: {retry-with: big-poet}}\ntasks: [{agent: bot, task: t}]";
    let (plan, origins) = lowered(text, &options(&[]), &[]);
    assert_eq!(agent(&plan, "bot").backup, ["big-poet"]);
    assert_eq!(agent(&plan, "big-poet").instructions.as_deref(), Some("Rhyme."));
    assert!(matches!(origins["big-poet"], AgentOrigin::Catalogue { shelf: Shelf::User, .. }));
    assert_eq!(plan.tasks[0].on_failure, crate::plan::OnFailure::RetryWith("big-poet".into()));
}

#[test]
fn the_plan_wins_over_the_project_wins_over_the_person_wins_over_the_file() {
    let project = "[agents.backend-architect]\nmodel = 'project'\neffort = 'high'\nenv = { A = 'p', B = 'p' }\nlimits = { cost = '2 USD' }";
    let person = "[agents.backend-architect]\nmodel = 'person'\neffort = 'low'\naccount = 'mine'\nenv = { B = 'u', C = 'u' }\n\
        limits = { cost = 9, time = '1h' }\n[agents.helper]\ncommand = ['h']\nmax_parallel = 2";
    let text = "mission: m\nagents: {backend-architect: {tools: [], permissions: full, env: {A: plan}}}\n\
        tasks: [{agent: backend-architect, task: t}, {agent: helper, task: t}]";
    let (plan, origins) = lowered(text, &options(&[project, person]), &[]);
    let agent = agent(&plan, "backend-architect");
    assert_eq!(
        (agent.model.as_deref(), agent.effort.as_deref(), agent.account.as_deref()),
        (Some("project"), Some("high"), Some("mine"))
    );
    assert_eq!(
        (agent.tools.as_deref(), agent.permissions, agent.max_turns),
        (Some([].as_slice()), Permissions::Full, Some(30))
    );
    assert_eq!((agent.cost_limit_usd, agent.time_limit), (Some(2.0), Some(Millis(3_600_000))));
    let env: Vec<(&str, &str)> = agent.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(env, [("A", "plan"), ("B", "p"), ("C", "u")]);
    assert_eq!(origins["backend-architect"], AgentOrigin::Plan);
    assert_eq!(origins["helper"], AgentOrigin::Settings { file: "1/band.toml".into() });
    assert!(plan.resources.iter().any(|one| one.name == "agent:helper" && one.capacity == 2));
}

#[test]
fn instructions_are_a_text_or_a_file() {
    let files = [("agents/linter.md", ARCHITECT), ("agents/rules.txt", "Be kind.\n"), ("/0/x.md", "Plain.")];
    let of = |key: &str, settings: &[&str]| {
        let text = format!("mission: m\nagents: {{linter: {{{key}}}}}\ntasks: [{{agent: linter, task: t}}]");
        agent(&lowered(&text, &options(settings), &files).0, "linter")
    };
    let from_file = of("instructions: agents/linter.md, model: haiku", &[]);
    assert_eq!((from_file.model.as_deref(), from_file.max_turns), (Some("haiku"), Some(30)));
    assert_eq!(from_file.role.map(|role| (role.path, role.shelf)), Some(("agents/linter.md".into(), None)));
    assert_eq!(of("instructions: ./agents/../agents/rules.txt", &[]).instructions.as_deref(), Some("Be kind."));
    assert_eq!(of("instructions: Read agents/linter.md", &[]).instructions.as_deref(), Some("Read agents/linter.md"));
    let shared = of("driver: auto", &["[agents.linter]\ninstructions = 'x.md'"]);
    assert_eq!((shared.instructions.as_deref(), shared.role), (Some("Plain."), None));
}

#[test]
fn a_program_takes_no_role_by_its_name_alone() {
    let text = "mission: m\nagents: {backend-architect: {command: [b]}}\ntasks: [{agent: backend-architect, task: t}]";
    assert_eq!(agent(&lowered(text, &options(&[]), &[]).0, "backend-architect").role, None);
}

#[test]
fn an_included_plan_takes_the_catalogues_agent_where_the_outer_one_has_its_own() {
    let inner = "mission: n\ntasks: [{agent: backend-architect, task: t}]";
    let text = "mission: m\nagents: {backend-architect: {command: [mine]}}\ntasks: [{agent: backend-architect, task: t}, {id: i, plan: i.yaml}]";
    let (plan, _) = lowered(text, &options(&[]), &[("i.yaml", inner)]);
    let drivers: Vec<(&str, &str)> =
        plan.agents.iter().map(|(key, agent)| (key.as_str(), agent.driver.as_str())).collect();
    assert_eq!(drivers, [("backend-architect", "command"), ("i.backend-architect", "auto")]);
}

#[test]
fn an_agent_that_is_nowhere_is_reported_with_what_was_searched() {
    let hint = |name: &str| {
        let text = format!("mission: m\ntasks: [{{id: a, agent: {name}, task: t}}]");
        let checked = checked(&text, &options(&["[agents.helper]\ncommand = ['h']"]), &[]);
        assert_eq!(checked.diagnostics[0].code, "plan::unknown-agent");
        checked.diagnostics[0].hint.clone().unwrap()
    };
    assert_eq!(
        hint("backend-architct"),
        "did you mean `backend-architect`? Searched: the plan, `band.toml`, `.claude/agents` and `~/.claude/agents`"
    );
    assert!(hint("helpr").starts_with("did you mean `helper`?"));
    assert!(hint("zzz").contains("a folder that was searched: `.claude/agents` and `~/.claude/agents`"));
    check("mission: m\ntasks: [{agent: backend-architect, task: t}]", &options(&[]), "");
}

#[test]
fn settings_are_checked_like_plans() {
    let plan = "mission: m\ntasks: [{id: a, run: x}]";
    for (settings, expected) in [
        ("[agents.a]\nmodle = 'x'", "0/band.toml:2:1 plan::unknown-key: `modle` is not a key of an agent"),
        ("[agent.a]\nmodel = 'x'", "0/band.toml:1:2 plan::unknown-key: `agent` is not a key of `band.toml`"),
        ("[agents.a]\nmax_turns = 'x'", "0/band.toml:2:13 plan::wrong-type: expected a whole number, found `x`"),
        (
            "[agents.a]\nmodel = ",
            "0/band.toml:2:9 settings::syntax: this is not TOML: string values must be quoted, expected literal string",
        ),
    ] {
        check(plan, &options(&[settings]), expected);
    }
}

#[test]
fn keys_of_agents_are_checked() {
    let check = |keys: &str, expected: &str| {
        check(
            &format!("mission: m\nagents: {{a: {{{keys}}}}}\ntasks: [{{id: a, run: x}}]"),
            &CheckOptions::default(),
            expected,
        );
    };
    check("driver: claude, model: opus, permissions: edit, limits: {cost: 2 USD, tokens: 2k, time: 1h}", "");
    check("base_url: localhost", "2:24 plan::bad-url: `localhost` is not an address");
    check("base_url: 'http://a:b@c/'", "2:24 plan::secret: this address has a name or password in it");
    check("api_key_env: sk-ant-1", "2:27 plan::bad-env: this is not the name of an environment variable");
    check(
        "driver: gemini, effort: high",
        "2:38 warning plan::no-effect: `effort` has no effect with the driver `gemini`",
    );
    check("driver: claude, effort: high", "");
    check("permissions: all", "2:27 plan::bad-choice: `all` is not one of `read-only`, `edit` or `full`");
    check("instructions: /etc/x.md", "2:28 plan::bad-path: `/etc/x.md` is not a path relative to this file");
    check("instructions: x.md", "2:28 plan::unreadable: the instructions `x.md` cannot be read: no such file");
    check("limits: {money: 2}", "2:23 plan::unknown-key: `money` is not a key of `limits` of an agent");
}

#[test]
fn of_prices_the_nearest_counts() {
    let person = "[prices.m]\ninput = 1\noutput = 2\n[prices.\"n-1.5\"]\ninput = 0.5\noutput = 1\n";
    let project = "[prices.m]\ninput = \"3 USD\"\ncached = 0.25\noutput = 4\n[prices.o]\ninput = 1\noutput = 1";
    let text = "mission: m\nprices: {o: {input: 0, output: $7}}\ntasks: [{id: a, run: x}]";
    let (plan, _) = lowered(text, &options(&[project, person]), &[]);
    let price = |name: &str| plan.prices.get(name).map(|price| (price.input, price.cached, price.output));
    assert_eq!(price("m"), Some((3_000_000, 250_000, 4_000_000)));
    assert_eq!(price("n-1.5"), Some((500_000, 500_000, 1_000_000)));
    assert_eq!(price("o"), Some((0, 0, 7_000_000)));
    check(
        "mission: m\nprices: {o: {input: cheap}}\ntasks: [{id: a, run: x}]",
        &options(&[]),
        "2:13 plan::missing-key: `output` is missing\n2:21 plan::bad-amount: `cheap` is not an amount of money",
    );
}
