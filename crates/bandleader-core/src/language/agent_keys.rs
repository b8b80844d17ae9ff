//! The table of an agent, in a plan and in `band.toml`, and that of `band.toml` itself.

use super::Status::{Optional, Required};
use super::hook_keys::INCOMING_VALUE;
use super::level_keys::LEVELS;
use super::parts::{PRICE_VALUE, PRICES_DOC, TEXT};
use super::{Key, Shape, Table};

const fn key(name: &'static str, shape: Shape, example: &'static str, doc: &'static str) -> Key {
    Key { name, aliases: &[], shape, doc, example, status: Optional }
}

/// Drivers that plans may name.
pub(crate) const DRIVERS: &[(&str, &str)] = &[
    ("auto", "Whichever of the coding agents is installed; the run says which it took."),
    ("command", "A program; the instruction arrives on its standard input and in `$BAND_TASK`."),
    ("claude", "Claude Code."),
    ("codex", "Codex."),
    ("gemini", "Gemini CLI."),
    ("opencode", "OpenCode."),
    ("acp", "Any agent that speaks the Agent Client Protocol."),
    ("llm", "A direct call of a model."),
];

const PERMISSIONS: &[(&str, &str)] = &[
    ("read-only", "It reads, and changes nothing."),
    ("edit", "It edits files in its folder and runs the tools that it is given. The default."),
    ("full", "It does anything without asking, as the person who started the run could."),
];

const EFFORTS: &[(&str, &str)] = &[
    ("low", "Quick and cheap."),
    ("medium", "In between."),
    ("high", "Thorough."),
    ("xhigh", "More than that, where the model can."),
    ("max", "As much as the model can."),
];

/// Caps of each attempt of an agent.
pub(crate) static AGENT_LIMITS: Table = Table {
    name: "agent limits",
    called: "`limits` of an agent",
    doc: "Caps of each attempt of this agent.",
    keys: &[
        key("cost", Shape::Money, "cost: 2 USD", "Money that all its attempts together may spend."),
        key("tokens", Shape::Tokens, "tokens: 200k", "Tokens that all its attempts together may use, in and out."),
        key("time", Shape::Length, "time: 1h", "Wall time of one attempt; a shorter `timeout` of the task wins."),
    ],
};

/// A named role and the driver that runs it.
pub(crate) static AGENT: Table = Table {
    name: "agent",
    called: "an agent",
    doc: "A named role and the driver that runs it.",
    keys: &[
        key(
            "driver",
            Shape::Choice(DRIVERS),
            "driver: command",
            "How it is run. Default `command` where `command` is given, else `auto`.",
        ),
        key(
            "command",
            Shape::OneOrMany(&TEXT),
            "command: [./scripts/lint.sh, --all]",
            "For `command`, and for `acp`: the program and its arguments, as a list; no shell is involved.",
        ),
        key("description", TEXT, "description: Checks the style of shell scripts.", "What it is good at, for people."),
        key(
            "instructions",
            TEXT,
            "instructions: agents/linter.md",
            "What it is told about its role: a text, or the path of an agent file or a text file (one word that ends in `.md` or `.txt`), relative to this file. What an agent file says counts where the keys here say nothing.",
        ),
        key("model", TEXT, "model: sonnet", "Which model it uses, in its driver's words."),
        key(
            "effort",
            Shape::Choice(EFFORTS),
            "effort: high",
            "How hard its model thinks, where the driver can say so.",
        ),
        key(
            "tools",
            Shape::OneOrMany(&TEXT),
            "tools: [Read, Grep, Bash(git diff *)]",
            "The tools that it may use; an empty list means none. Default all that its permissions allow.",
        ),
        key("disallowed_tools", Shape::OneOrMany(&TEXT), "disallowed_tools: [WebFetch]", "Tools that it may not use."),
        key(
            "permissions",
            Shape::Choice(PERMISSIONS),
            "permissions: read-only",
            "What it may do. Default `edit`. `full` is never taken from an agent file.",
        ),
        key("max_turns", Shape::Whole(1, 100_000), "max_turns: 40", "After so many turns an attempt is stopped."),
        key(
            "limits",
            Shape::Table(&AGENT_LIMITS),
            "limits: { cost: 2 USD, tokens: 200k, time: 1h }",
            "Caps of each of its attempts.",
        ),
        key("max_parallel", Shape::Whole(1, 10_000), "max_parallel: 2", "How many of its tasks may run at once."),
        key("backup", Shape::OneOrMany(&TEXT), "backup: [backend-generalist]", "Agents that may take over."),
        key(
            "env",
            Shape::Map(&TEXT),
            "env: { LANG: C }",
            "Added to the environment of its tasks; values may be templates.",
        ),
        key("provider", TEXT, "provider: anthropic", "For `llm` and `opencode`: whose model it is."),
        key(
            "base_url",
            TEXT,
            "base_url: http://localhost:11434/v1",
            "Where its model is served, if not where its provider does by itself.",
        ),
        key(
            "api_key_env",
            TEXT,
            "api_key_env: TEAM_API_KEY",
            "The name of the environment variable with the key to its model. The key itself never stands in a plan.",
        ),
        key(
            "account",
            TEXT,
            "account: team",
            "Agents with the same account share one rate limit. Default: one for each provider.",
        ),
    ],
};

const AGENT_VALUE: Shape = Shape::Table(&AGENT);

/// `band.toml`.
pub(crate) static SETTINGS: Table = Table {
    name: "settings",
    called: "`band.toml`",
    doc: "What holds for all plans of a project, or of a person.",
    keys: &[
        key(
            "agents",
            Shape::Map(&AGENT_VALUE),
            "agents: { backend-architect: { model: opus } }",
            "Agents by name, with the keys that they have in a plan.",
        ),
        key("prices", Shape::Map(&PRICE_VALUE), "prices: { gpt-5.5: { input: 4 USD, output: 25 USD } }", PRICES_DOC),
        key(
            "levels",
            Shape::Table(&LEVELS),
            "levels: { 4: { retries: 2, testing: every page is tested on real devices } }",
            "What the levels mean here, where it is not what `band levels` shows by itself.",
        ),
        key("bell", Shape::Flag, "bell: false", "Whether a terminal rings when a decision is opened. Default: true."),
        key(
            "updates",
            Shape::Patience,
            "updates: 10m",
            "How often plain lines say how far a run is; `none` for never. Default: as the level says.",
        ),
        key(
            "webhooks",
            Shape::List(&WEBHOOK_VALUE),
            "webhooks: [{ name: ops, url: 'https://example.com/hook', secret_env: OPS_SECRET }]",
            "Who is told over HTTP what happens in runs.",
        ),
        key(
            "hooks",
            Shape::List(&INCOMING_VALUE),
            "hooks: [{ name: ci, format: github, secret_env: CI_SECRET }]",
            "Who may tell `band serve` how something went that a plan waits for.",
        ),
    ],
};

const WEBHOOK_VALUE: Shape = Shape::Table(&WEBHOOK);

/// One `[[webhooks]]` of `band.toml`.
pub(crate) static WEBHOOK: Table = Table {
    name: "webhook",
    called: "a webhook",
    doc: "Somebody who is told over HTTP what happens in runs.",
    keys: &[
        Key { status: Required, ..key("name", Shape::Id, "name: ops", "What people call it.") },
        Key {
            status: Required,
            ..key(
                "url",
                TEXT,
                "url: 'https://example.com/hook'",
                "Where it is told; `https`, or `http` at a host of `allow`.",
            )
        },
        key(
            "secret_env",
            TEXT,
            "secret_env: OPS_SECRET",
            "The name of the environment variable with the secret that signs what is sent (`whsec_…`). The secret itself never stands in a file.",
        ),
        key(
            "format",
            Shape::Choice(&[
                ("standard", "type, timestamp and data, as Standard Webhooks wants it"),
                ("json", "the line of the timeline as it is, with the run and its mission"),
                ("slack", "a text, for Slack and what understands the same"),
            ]),
            "format: slack",
            "What the body looks like. Default: standard.",
        ),
        key(
            "events",
            Shape::OneOrMany(&Shape::Text),
            "events: ['decision*', orchestration_complete]",
            "Only these events of the timeline; `*` stands for any letters. Default: all, and for slack those that people want to know.",
        ),
        key(
            "allow",
            Shape::OneOrMany(&Shape::Text),
            "allow: [localhost]",
            "Hosts that may be told although they are not on the public internet.",
        ),
        key(
            "answer_links",
            Shape::Flag,
            "answer_links: true",
            "Whether what it is told of an open question has a link by which whoever gets it answers, once.",
        ),
        key(
            "public_url",
            TEXT,
            "public_url: 'https://band.example.com'",
            "Where people who get such links reach `band serve`. Default: where it listens.",
        ),
        key("answers_as", TEXT, "answers_as: Ada", "Who answers by its links. Default: whoever runs `band`."),
    ],
};
