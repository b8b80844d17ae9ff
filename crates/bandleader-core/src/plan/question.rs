//! A question to people: its options, the recommendation, and what silence means (SPEC section 4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Millis;

/// What people are asked to decide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question, in a sentence.
    pub text: String,
    /// What can be chosen; two at least. Ids differ.
    pub options: Vec<Choice>,
    /// The id of the option that whoever asks would take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommend: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub kind: QuestionKind,
    /// How much hangs on it.
    #[serde(default)]
    pub weight: Weight,
    /// It cannot be taken back, so silence never decides it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub irreversible: bool,
    /// What follows when nobody answers in time.
    #[serde(default)]
    pub on_silence: OnSilence,
    /// What people should know before they choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// How long people get, in place of what the policy works out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Patience>,
    /// Neither silence nor a mode takes the recommendation: a person decides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub people_only: bool,
    /// Whose message answers it too; people may answer it as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hook: Option<Box<Awaited>>,
}

/// A message from outside that a question waits for: how something went, such as the checks of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awaited {
    /// The hook that it comes by, as `band.toml` calls it.
    pub name: String,
    /// What it is to be about: a commit, a branch, any name. None: it has to name the run and the task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Which check, where several are told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// The options of a question that a hook answers too: it went well, or it did not.
pub const OUTCOMES: [&str; 2] = ["passed", "failed"];

/// How long people get to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// As long as they want.
    Unbounded,
    /// This long.
    For(Millis),
}

/// At which end of a phase people are asked whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckIn {
    /// Before any task of it starts.
    Before,
    /// When all of it is done, and before anything that needs it.
    After,
}

/// One option.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// `A`, `B` …: what people type.
    pub id: String,
    /// In a few words.
    pub name: String,
    /// Anything that options are compared by: cost, effort, quality …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// For those who want to know more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// Whoever asked has failed when it is chosen: a rejection.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fails: bool,
}

/// What a question is about. Some kinds get more time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// None of those below.
    #[default]
    General,
    /// How data is stored.
    Database,
    /// Who can do what.
    Security,
    /// Money.
    Cost,
    /// What others build on.
    ApiDesign,
}

/// How much hangs on a question. It sets the time that people get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Somebody waits for it.
    Urgent,
    /// A yes is expected.
    Confirmation,
    /// An ordinary question.
    #[default]
    Standard,
    /// Much hangs on it.
    Critical,
}

/// What follows when nobody answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnSilence {
    /// The recommendation is taken.
    #[default]
    Recommend,
    /// Whoever asked fails.
    Fail,
    /// What depends on it waits; everything else goes on.
    Park,
    /// Others are told, and it stays open.
    Escalate,
}

impl QuestionKind {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            QuestionKind::General => "general",
            QuestionKind::Database => "database",
            QuestionKind::Security => "security",
            QuestionKind::Cost => "cost",
            QuestionKind::ApiDesign => "api-design",
        }
    }
}

impl Weight {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Urgent => "urgent",
            Weight::Confirmation => "confirmation",
            Weight::Standard => "standard",
            Weight::Critical => "critical",
        }
    }
}

impl OnSilence {
    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            OnSilence::Recommend => "recommend",
            OnSilence::Fail => "fail",
            OnSilence::Park => "park",
            OnSilence::Escalate => "escalate",
        }
    }
}

impl Question {
    /// The option that is called so.
    pub fn option(&self, id: &str) -> Option<&Choice> {
        self.options.iter().find(|option| option.id.eq_ignore_ascii_case(id))
    }
}
