//! A question as agents and scripts put it, and the words in which its answer comes back.

use std::collections::BTreeMap;
use std::time::Duration;

use bandleader_core::plan::{Choice, OnSilence, Question, QuestionKind, Weight};
use bandleader_core::view::when::date_and_time;
use bandleader_core::{Decider, Millis};
use bandleader_engine::agent::speaker::{Answer, SpeakError, Speaker};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What is waited when nobody says how long: programs give their tools about a minute.
const USUAL_WAIT: u64 = 45;

/// Nobody waits longer in one call.
const LONGEST_WAIT: u64 = 600;

/// A question with what goes with it.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The question.
    pub question: String,
    /// What can be chosen.
    pub options: Vec<OptionAsked>,
    /// The id of one of them.
    #[serde(default)]
    pub recommend: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub kind: QuestionKind,
    /// How much hangs on it.
    #[serde(default)]
    pub weight: Weight,
    /// Silence never decides it.
    #[serde(default)]
    pub irreversible: bool,
    /// What follows when nobody answers.
    #[serde(default)]
    pub on_silence: OnSilence,
    /// How long to wait in this call.
    #[serde(default)]
    pub wait_seconds: Option<u64>,
    /// The time that people get is no longer than this.
    #[serde(default)]
    pub patience_seconds: Option<u64>,
}

/// An option: what has no place of its own becomes a column by which options are compared.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct OptionAsked(pub Choice);

impl TryFrom<Map<String, Value>> for OptionAsked {
    type Error = String;

    fn try_from(mut fields: Map<String, Value>) -> Result<OptionAsked, String> {
        let mut text = |key: &str| fields.remove(key).map(|value| plain(&value)).filter(|text| !text.trim().is_empty());
        let id = text("id").ok_or("an option has no `id`")?;
        let name = text("name").unwrap_or_else(|| id.clone());
        let details = text("details");
        let columns: BTreeMap<String, String> =
            fields.into_iter().map(|(column, value)| (column, plain(&value))).collect();
        Ok(OptionAsked(Choice { id, name, columns, details, fails: false }))
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl Asked {
    /// Asks it, and waits for a while.
    ///
    /// # Errors
    /// It cannot be asked.
    pub(crate) fn put(self, speaker: &Speaker) -> Result<Answer, SpeakError> {
        let wait = Duration::from_secs(self.wait_seconds.unwrap_or(USUAL_WAIT).min(LONGEST_WAIT));
        let patience = self.patience_seconds.map(|seconds| Millis(seconds.saturating_mul(1_000)));
        let question = Question {
            text: self.question,
            options: self.options.into_iter().map(|option| option.0).collect(),
            recommend: self.recommend,
            kind: self.kind,
            weight: self.weight,
            irreversible: self.irreversible,
            on_silence: self.on_silence,
            ..Question::default()
        };
        speaker.ask(question, patience, wait)
    }
}

/// The answer as an agent or a person reads it.
pub(crate) fn words_of(answer: &Answer) -> String {
    let decision = match answer {
        Answer::Over(decision) => decision,
        Answer::Open { deadline: Some(deadline) } => {
            let at = date_and_time(*deadline);
            return format!(
                "Still open: nobody has answered yet, and silence counts at {at}. Call ask again with the same question to wait for the answer."
            );
        }
        Answer::Open { deadline: None } => {
            return "Still open: nobody has answered yet. Call ask again with the same question to wait for the answer, or \
                    go on with what does not hang on it."
                .into();
        }
    };
    let Some(taken) = &decision.taken else { return "Still open.".into() };
    let because = if taken.because.is_empty() { String::new() } else { format!(": {}", taken.because) };
    let chosen = taken.option.as_ref().map(|id| {
        let name = decision.question.option(id).map(|option| option.name.as_str()).filter(|name| name != id);
        name.map_or_else(|| format!("option {id}"), |name| format!("option {id} ({name})"))
    });
    match (chosen, &taken.by) {
        (Some(chosen), Decider::Person { name }) => format!("Decided: {chosen}, by {name}{because}."),
        (Some(chosen), Decider::Timeout) => {
            format!("Decided: {chosen}, which was recommended; no person answered in time.")
        }
        (Some(chosen), _) => format!("Decided: {chosen}, by a rule of the plan{because}."),
        (None, Decider::Withdrawn) => "The question was withdrawn: whoever asked it is no longer at work.".into(),
        (None, _) => format!(
            "Nothing was decided{because}. There is no recommendation to fall back on, so do not guess: say that \
                              you cannot go on without this, and end your task."
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_option_says_beyond_its_own_keys_is_a_column() {
        let asked: Asked = serde_json::from_value(json!({
            "question": "Which?", "options": [{ "id": "A", "name": "one", "cost": 3, "fast": true }, { "id": "B" }],
        }))
        .unwrap();
        let columns = &asked.options[0].0.columns;
        assert_eq!((columns["cost"].as_str(), columns["fast"].as_str()), ("3", "true"));
        assert_eq!(asked.options[1].0.name, "B");
        let bad = serde_json::from_value::<Asked>(json!({ "question": "Which?", "options": [{ "name": "x" }] }));
        assert!(bad.unwrap_err().to_string().contains("no `id`"));
    }
}
