//! The plan's parameters: what they may be, and the values that they have.
//!
//! Values come from the command line as texts, from `with` of an including plan as values, or from the default.

use std::collections::BTreeMap;

use super::parameter::{Parameter, ParameterKind};
use super::{Lowering, MissingInputs};
use crate::diag::Span;
use crate::language::{self, Fields, did_you_mean};
use crate::plan::Value;
use crate::problems::{listed, named};
use crate::tree::{Entry, Node, Tree};

/// A value given for an input, and the place to complain about.
pub(super) struct Given {
    /// `None` if it was reported already.
    pub(super) value: Option<Value>,
    pub(super) span: Span,
}

impl Lowering<'_> {
    /// The inputs of the plan itself, with the values of the command line.
    pub(super) fn own_inputs(&mut self, fields: Fields<'_>) -> BTreeMap<String, Value> {
        let place = fields.entry("inputs").map_or(Span::default(), |entry| entry.key_span);
        let parameters = self.declared(fields);
        for name in self.options.inputs.keys() {
            if !parameters.iter().any(|(parameter, _)| parameter.name == *name) {
                let names: Vec<&str> = parameters.iter().map(|(parameter, _)| parameter.name.as_str()).collect();
                let hint = match did_you_mean(name, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => "it has no inputs".to_owned(),
                    None => format!("it has {}", listed(names, "and")),
                };
                let message = format!("the plan has no input {}", named(name));
                self.problems.error("plan::unknown-input", place, message).hint(hint);
            }
        }
        let mut values = BTreeMap::new();
        for (mut parameter, span) in parameters {
            let text = self.options.inputs.get(&parameter.name);
            let given = text.map(|text| (parameter.kind.read(text), text.as_str()));
            let value = match given {
                Some((None, text)) => {
                    self.bad_value(&parameter, span, text, "given on the command line");
                    None
                }
                Some((Some(value), _)) => Some(value),
                None => None,
            };
            let is_given = text.is_some();
            let value = self.value_of(&mut parameter, value, is_given, span);
            values.insert(parameter.name.clone(), value);
            self.parameters.push(parameter);
        }
        values
    }

    /// The inputs of an included plan, with the values of `with`.
    pub(super) fn included_inputs(
        &mut self,
        fields: Fields<'_>,
        mut given: BTreeMap<String, Given>,
        place: Span,
    ) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        let parameters = self.declared(fields);
        let names: Vec<String> = parameters.iter().map(|(parameter, _)| parameter.name.clone()).collect();
        for (mut parameter, _) in parameters {
            let given = given.remove(&parameter.name);
            let span = given.as_ref().map_or(place, |given| given.span);
            let value = given.as_ref().and_then(|given| {
                let written = given.value.as_ref()?;
                let value = parameter.kind.convert(written);
                if value.is_none() {
                    self.bad_value(&parameter, given.span, &plain(written), "given here");
                }
                value
            });
            let value = self.value_of(&mut parameter, value, given.is_some(), span);
            values.insert(parameter.name, value);
        }
        for (name, given) in given {
            let message = format!("the included plan has no input {}", named(&name));
            self.unknown(
                "plan::unknown-input",
                given.span,
                message,
                &name,
                names.iter().map(String::as_str),
                "remove it",
            );
        }
        values
    }

    fn declared(&mut self, fields: Fields<'_>) -> Vec<(Parameter, Span)> {
        let entries = fields.get("inputs").map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| (self.parameter(entry), entry.key_span)).collect()
    }

    fn parameter(&mut self, entry: &Entry) -> Parameter {
        let name = entry.key.clone();
        if !is_identifier(&name) {
            let message = format!("{} cannot be the name of an input", named(&name));
            let hint = format!("templates say `inputs.{0}`: call it `{0}`", identifier(&name));
            self.problems.error("plan::bad-id", entry.key_span, message).hint(hint);
        }
        let fields = Fields::new(&entry.value, &language::INPUT);
        let default = fields.get("default").map(Node::json);
        let stated = fields.get("type").and_then(Node::text).and_then(ParameterKind::named);
        let kind = stated.unwrap_or_else(|| default.as_ref().map_or(ParameterKind::Text, ParameterKind::of));
        let choices: Vec<Value> =
            fields.get("choices").map(Node::items).unwrap_or_default().iter().map(Node::json).collect();
        let doc = fields.get_any_spelling("description").and_then(Node::text).map(str::to_owned);
        let is_map = matches!(entry.value.tree, Tree::Map(_));
        let may_be_left_out = fields.get("required").and_then(Node::boolean) == Some(false) || !is_map;
        let mut parameter =
            Parameter { name, kind, default: None, choices: Vec::new(), is_missing: !may_be_left_out, doc };
        for (choice, node) in choices.iter().zip(fields.get("choices").map(Node::items).unwrap_or_default()) {
            match kind.convert(choice).filter(|_| kind != ParameterKind::List) {
                Some(choice) => parameter.choices.push(choice),
                None if kind == ParameterKind::List => parameter.choices.push(choice.clone()),
                None => self.bad_value(&parameter, node.span, &plain(choice), "among its choices"),
            }
        }
        if let (Some(value), Some(node)) = (&default, fields.get("default")) {
            match kind.convert(value) {
                None => self.bad_value(&parameter, node.span, &plain(value), "its default"),
                Some(value) => {
                    self.check_choice(&parameter, &value, node.span);
                    parameter.default = Some(value);
                }
            }
        }
        parameter
    }

    /// The value that counts: the one given, else the default, else what an absent one means.
    fn value_of(&mut self, parameter: &mut Parameter, given: Option<Value>, is_given: bool, span: Span) -> Value {
        let may_be_left_out = !std::mem::replace(&mut parameter.is_missing, false);
        if let Some(value) = given {
            self.check_choice(parameter, &value, span);
            return value;
        }
        if let Some(default) = &parameter.default {
            return default.clone();
        }
        if !is_given && !may_be_left_out {
            parameter.is_missing = true;
            if self.options.missing_inputs == MissingInputs::Refuse {
                let message = format!("the input {} has no value", named(&parameter.name));
                let hint = if span.file == 0 {
                    format!("give one with `--input {}=…`, or give it a `default`", parameter.name)
                } else {
                    format!("give one under `with: {{ {}: … }}`", parameter.name)
                };
                self.problems.error("plan::missing-input", span, message).hint(hint);
            }
        }
        parameter.choices.first().filter(|_| parameter.is_missing).cloned().unwrap_or_else(|| parameter.kind.empty())
    }

    fn bad_value(&mut self, parameter: &Parameter, span: Span, value: &str, whence: &str) {
        let message =
            format!("{}, {whence} for {}, is not {}", named(value), named(&parameter.name), parameter.kind.words());
        self.problems.error("plan::bad-input", span, message);
    }

    fn check_choice(&mut self, parameter: &Parameter, value: &Value, span: Span) {
        if parameter.choices.is_empty() {
            return;
        }
        let choices: Vec<String> = parameter.choices.iter().map(plain).collect();
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values.iter().map(plain).filter(|value| !choices.contains(value)) {
            let all = listed(choices.iter().map(String::as_str), "or");
            let message = format!("{} is not a choice for {}: it may be {all}", named(&value), named(&parameter.name));
            let near = did_you_mean(&value, choices.iter().map(String::as_str));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            self.problems.error("plan::bad-choice", span, message).maybe_hint(hint);
        }
    }
}

/// A value as people write it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether templates can say it after a dot.
pub(super) fn is_identifier(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.bytes().all(inner) && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit()) && text.len() <= 64
}

/// The identifier nearest to a text.
pub(super) fn identifier(text: &str) -> String {
    let slug = language::slug(text).replace('-', "_");
    if slug.starts_with(|c: char| c.is_ascii_digit()) { format!("_{slug}") } else { slug }
}

/// Values under `with`, before their types are known.
pub(super) fn given_by(node: Option<&Node>) -> impl Iterator<Item = &Entry> {
    node.map(Node::entries).unwrap_or_default().iter().filter(|entry| !matches!(entry.value.tree, Tree::Broken))
}
