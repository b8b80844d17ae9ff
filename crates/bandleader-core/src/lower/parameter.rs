//! A parameter of a plan, and the kinds of values that it may have.

use serde::Serialize;

use super::inputs::plain;
use crate::plan::Value;
use crate::problems::listed;

/// One of the plan's inputs, for asking and for help.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// `inputs.NAME` in templates, `--input NAME=…` on the command line.
    pub name: String,
    /// What its value is.
    pub kind: ParameterKind,
    /// Its value when none is given.
    pub default: Option<Value>,
    /// The values it may have; any if empty.
    pub choices: Vec<Value>,
    /// Whether a run needs a value for it that has not been given.
    pub is_missing: bool,
    /// For people.
    pub doc: Option<String>,
}

impl Parameter {
    /// Whether a text typed by a person can be its value.
    ///
    /// # Errors
    /// Why not, for that person.
    pub fn check_text(&self, text: &str) -> Result<(), String> {
        let Some(value) = self.kind.read(text) else {
            return Err(format!("`{text}` is not {}", self.kind.words()));
        };
        let choices: Vec<String> = self.choices.iter().map(plain).collect();
        let values = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
        let stranger = values.iter().map(plain).find(|value| !choices.is_empty() && !choices.contains(value));
        match stranger {
            Some(value) => Err(format!("`{value}` is not among {}", listed(choices.iter().map(String::as_str), "and"))),
            None => Ok(()),
        }
    }
}

/// What an input's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A path.
    Path,
    /// A list of plain values.
    List,
}

impl ParameterKind {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "path" => Self::Path,
            "list" => Self::List,
            _ => return None,
        })
    }

    pub(super) fn of(default: &Value) -> Self {
        match default {
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::Array(_) => Self::List,
            _ => Self::Text,
        }
    }

    /// `a number`, for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Path => "a path",
            Self::List => "a list",
        }
    }

    pub(super) fn empty(self) -> Value {
        match self {
            Self::Text | Self::Path => "".into(),
            Self::Number => 0.into(),
            Self::Boolean => false.into(),
            Self::List => Value::Array(Vec::new()),
        }
    }

    /// A text from the command line as such a value.
    pub(super) fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Text | Self::Path => Some(text.into()),
            Self::Number => match text.trim().parse::<i64>() {
                Ok(whole) => Some(whole.into()),
                Err(_) => text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).map(Into::into),
            },
            Self::Boolean => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true.into()),
                "false" | "no" | "off" | "0" => Some(false.into()),
                _ => None,
            },
            Self::List if text.trim().is_empty() => Some(Value::Array(Vec::new())),
            Self::List => Some(text.split(',').map(|item| Value::from(item.trim())).collect()),
        }
    }

    /// A value from a plan as such a value; numbers and true/false are texts where a text is wanted.
    pub(super) fn convert(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Text | Self::Path, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::List, Value::Array(_)) => Some(value.clone()),
            (Self::Text | Self::Path, Value::Number(_) | Value::Bool(_)) => Some(value.to_string().into()),
            (Self::Number | Self::Boolean | Self::List, Value::String(text)) => self.read(text),
            _ => None,
        }
    }
}
