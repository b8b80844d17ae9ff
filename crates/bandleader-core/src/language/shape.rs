//! Does a value have the shape that its key asks for? Everything about types, keys and single values is reported here, so
//! that `lower` only reads what fits.
//!
//! Called by `lower` once for each document. Recursion is bounded by the depth of the tree.

use super::id::{is_id, slug};
use super::suggest::{did_you_mean, from_elsewhere};
use super::{Key, Shape, Status, Table, entry_table};
use crate::length::{BadLength, parse_length};
use crate::problems::{Problems, listed, named};
use crate::tree::{Entry, Node, Tree};
use crate::{amounts, template};

/// Reports whatever in `node` does not have the shape.
pub(crate) fn check_shape(node: &Node, shape: &Shape, problems: &mut Problems) {
    match shape {
        _ if matches!(node.tree, Tree::Broken) => {}
        Shape::Value => {}
        Shape::Table(table) => check_table(node, table, problems),
        Shape::Entry if fits(node, shape) => check_table(node, entry_table(node), problems),
        Shape::List(item) => match &node.tree {
            Tree::List(items) => items.iter().for_each(|one| check_shape(one, item, problems)),
            _ => wrong_type(node, shape, problems),
        },
        Shape::OneOrMany(item) => match &node.tree {
            Tree::List(items) => items.iter().for_each(|one| check_shape(one, item, problems)),
            _ if fits(node, item) => check_shape(node, item, problems),
            _ => wrong_type(node, shape, problems),
        },
        Shape::Map(value) => match &node.tree {
            Tree::Map(entries) => entries.iter().for_each(|entry| check_shape(&entry.value, value, problems)),
            _ => wrong_type(node, shape, problems),
        },
        Shape::Either(shapes) => match shapes.iter().find(|one| fits(node, one)) {
            Some(one) => check_shape(node, one, problems),
            None => wrong_type(node, shape, problems),
        },
        _ if !fits(node, shape) => wrong_type(node, shape, problems),
        _ => check_scalar(node, shape, problems),
    }
}

/// Whether the kind of value is right; its inside may still be wrong.
fn fits(node: &Node, shape: &Shape) -> bool {
    match shape {
        Shape::Flag => node.boolean().is_some(),
        Shape::Whole(..) | Shape::Number => node.number().is_some(),
        Shape::Levels => !matches!(node.tree, Tree::Nothing | Tree::Map(_)),
        Shape::List(_) => matches!(node.tree, Tree::List(_)),
        Shape::Map(_) | Shape::Table(_) | Shape::Entry => matches!(node.tree, Tree::Map(_)),
        Shape::OneOrMany(item) => matches!(node.tree, Tree::List(_)) || fits(node, item),
        Shape::Either(shapes) => shapes.iter().any(|one| fits(node, one)),
        Shape::Value => true,
        _ => node.text().is_some(),
    }
}

fn wrong_type(node: &Node, shape: &Shape, problems: &mut Problems) {
    if matches!(node.tree, Tree::Nothing) {
        let message = format!("nothing is given here; expected {}", words(shape));
        problems.error("plan::wrong-type", node.span, message).hint("give a value, or remove the key");
        return;
    }
    let message = match node.text().filter(|_| matches!(shape, Shape::Flag | Shape::Whole(..) | Shape::Number)) {
        Some(text) => format!("expected {}, found {}", words(shape), named(text)),
        None => format!("expected {}, found {}", words(shape), node.kind()),
    };
    let hint = match (shape, node.text()) {
        (Shape::Flag, Some("yes" | "Yes" | "on" | "On" | "y")) => Some("write `true`"),
        (Shape::Flag, Some("no" | "No" | "off" | "Off" | "n")) => Some("write `false`"),
        (Shape::Whole(..) | Shape::Number, Some(text)) if text.parse::<f64>().is_ok() => Some("remove the quotes"),
        (Shape::List(Shape::Entry | Shape::Table(_)), None) if matches!(node.tree, Tree::Map(_)) => {
            Some("write each as an item of a list: `- id: …`")
        }
        _ => None,
    };
    problems.error("plan::wrong-type", node.span, message).maybe_hint(hint.map(Into::into));
}

/// What is expected, in a message.
fn words(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Condition | Shape::Glob | Shape::Pattern => "text".into(),
        Shape::Id => "a name".into(),
        Shape::Flag => "true or false".into(),
        Shape::Whole(..) => "a whole number".into(),
        Shape::Number | Shape::Tokens => "a number".into(),
        Shape::Length => "a length of time such as `30m`".into(),
        Shape::Patience => "a length of time such as `30m`, or `none`".into(),
        Shape::Levels => "levels such as `3..5`".into(),
        Shape::Money => "an amount such as `20 USD`".into(),
        Shape::Choice(words) => listed(words.iter().map(|(word, _)| *word), "or"),
        Shape::Value => "a value".into(),
        Shape::List(Shape::Text) => "a list of texts".into(),
        Shape::List(Shape::Entry) => "a list of tasks".into(),
        Shape::List(Shape::Table(table)) => format!("a list of {}s", table.name),
        Shape::List(_) => "a list".into(),
        Shape::OneOrMany(item) => format!("{} or a list", words(item)),
        Shape::Map(_) => "a map".into(),
        Shape::Table(table) if table.keys.len() > 8 => format!("{} (a map)", table.called),
        Shape::Table(table) => {
            format!("a map ({})", table.keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", "))
        }
        Shape::Either(shapes) => shapes.iter().map(words).collect::<Vec<_>>().join(", or "),
        Shape::Entry => "a task (a map with `id` and `run`, or `agent` and `task`)".into(),
    }
}

fn check_table(node: &Node, table: &'static Table, problems: &mut Problems) {
    let Tree::Map(entries) = &node.tree else {
        return wrong_type(node, &Shape::Table(table), problems);
    };
    if let ([only], true) = (entries.as_slice(), std::ptr::eq(table, &raw const super::TASK))
        && matches!(only.value.tree, Tree::Map(_))
        && table.key(&only.key).is_none()
    {
        let message = format!("{} is not a key of a task", named(&only.key));
        let hint = format!("if it is the task's name, write `- id: {}`, and the other keys below it", slug(&only.key));
        problems.error("plan::unknown-key", only.key_span, message).hint(hint);
        return;
    }
    let mut meant = Vec::new();
    let mut seen: Vec<(&'static str, &Entry)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Some(key) = table.key(&entry.key) else {
            meant.extend(unknown_key(entry, table, entries, problems));
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(name, _)| *name == key.name) {
            let message = format!("{} says the same as {}", named(&entry.key), named(&first.key));
            let problem = problems.error("plan::duplicate-key", entry.key_span, message);
            problem.also(first.key_span, "first given here").hint(format!("keep `{}` only", key.name));
        }
        seen.push((key.name, entry));
        check_entry(entry, key, problems);
    }
    for key in table.keys.iter().filter(|key| key.status == Status::Required) {
        if !seen.iter().any(|(name, _)| *name == key.name)
            && !meant.iter().any(|hint| hint.contains(&format!("`{}`", key.name)))
        {
            let message = format!("`{}` is missing", key.name);
            problems
                .error("plan::missing-key", node.span, message)
                .hint(format!("{} has one, for example `{}`", table.called, key.example));
        }
    }
}

fn check_entry(entry: &Entry, key: &'static Key, problems: &mut Problems) {
    if entry.key != key.name && problems.is_first(key.name, &entry.key) {
        let message = format!("{} is read as `{}`", named(&entry.key), key.name);
        problems.note("plan::alias", entry.key_span, message).hint(format!("write `{}`", key.name));
    }
    if key.status == Status::NotYet {
        let message = format!("`{}` is accepted, but has no effect yet", key.name);
        problems.warning("plan::not-yet", entry.key_span, message);
    }
    check_shape(&entry.value, &key.shape, problems);
}

/// Returns what the key was probably meant to be, in words.
fn unknown_key(entry: &Entry, table: &'static Table, others: &[Entry], problems: &mut Problems) -> Option<String> {
    let names: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
    let meant = from_elsewhere(&entry.key, &names).map(|ours| format!("here this is {ours}")).or_else(|| {
        let near = did_you_mean(&entry.key, names.iter().copied())?;
        let is_taken = others.iter().any(|other| other.key == near);
        Some(if is_taken {
            format!("`{near}` is the key, and is there already")
        } else {
            format!("did you mean `{near}`?")
        })
    });
    let hint = meant.clone().unwrap_or_else(|| format!("{} has: {}", table.called, names.join(", ")));
    let message = format!("{} is not a key of {}", named(&entry.key), table.called);
    problems.error("plan::unknown-key", entry.key_span, message).hint(hint);
    meant
}

fn check_scalar(node: &Node, shape: &Shape, problems: &mut Problems) {
    let text = node.text().unwrap_or_default();
    let mut error = |code, message: String, hint: Option<String>| {
        problems.error(code, node.span, message).maybe_hint(hint);
    };
    match shape {
        Shape::Id => check_id(text, &mut error),
        Shape::Whole(min, max) => check_whole(node, *min, *max, &mut error),
        Shape::Length => check_length(text, &mut error),
        Shape::Patience if text.trim() != "none" => check_length(text, &mut error),
        Shape::Levels => {
            if let Err(message) = amounts::parse_levels(node) {
                error(
                    "plan::bad-level",
                    message,
                    Some("write `3`, `3..5`, `3+` or `[1, 3]`; levels are 1 to 5".into()),
                );
            }
        }
        Shape::Money if amounts::parse_money(text).is_none() => {
            error(
                "plan::bad-amount",
                format!("{} is not an amount of money", named(text)),
                Some("write `20 USD`".into()),
            );
        }
        Shape::Tokens if amounts::parse_tokens(text).is_none() => {
            let hint = "write `200000`, `200k` or `2M`";
            error("plan::bad-amount", format!("{} is not a number of tokens", named(text)), Some(hint.into()));
        }
        Shape::Condition => {
            if let Err(problem) = template::names_in_expression(text) {
                let is_assignment = text.contains(" = ");
                let hint = if is_assignment {
                    "write `==` to compare"
                } else {
                    "for example `needs.spec.outputs.risk == 'high'`"
                };
                error("plan::bad-condition", format!("this condition cannot be read: {problem}"), Some(hint.into()));
            }
        }
        Shape::Glob => check_glob(text, &mut error),
        Shape::Pattern => {
            if let Err(problem) = regex::Regex::new(text) {
                let reason = problem.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                error("plan::bad-pattern", format!("this is not a regular expression: {reason}"), None);
            }
        }
        Shape::Choice(words) if !words.iter().any(|(word, _)| *word == text) => {
            let near = did_you_mean(text, words.iter().map(|(word, _)| *word));
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            let all = listed(words.iter().map(|(word, _)| *word), "or");
            error("plan::bad-choice", format!("{} is not one of {all}", named(text)), hint);
        }
        _ => {}
    }
}

type Report<'r> = dyn FnMut(&'static str, String, Option<String>) + 'r;

fn check_id(text: &str, error: &mut Report<'_>) {
    if !is_id(text) {
        let hint = match slug(text) {
            slug if slug.is_empty() => "use lower-case letters, digits, dashes and underscores".to_owned(),
            slug => format!("use lower-case letters, digits, dashes and underscores: `{slug}`"),
        };
        error("plan::bad-id", format!("{} cannot be a name", named(text)), Some(hint));
    }
}

fn check_whole(node: &Node, min: i64, max: i64, error: &mut Report<'_>) {
    let text = node.text().unwrap_or_default();
    match node.whole() {
        None => error("plan::bad-number", format!("expected a whole number, found {}", named(text)), None),
        Some(number) if number < 0 && min >= 0 => {
            error("plan::bad-number", format!("{} is negative", named(text)), Some(format!("give {min} or more")));
        }
        Some(number) if number < min => {
            error("plan::bad-number", format!("{} is too small", named(text)), Some(format!("give {min} or more")));
        }
        Some(number) if number > max => {
            error("plan::bad-number", format!("{} is too large", named(text)), Some(format!("give {max} or less")));
        }
        Some(_) => {}
    }
}

fn check_length(text: &str, error: &mut Report<'_>) {
    match parse_length(text) {
        Ok(_) => {}
        Err(BadLength::NoUnit) => {
            let hint = format!("write `{0}s`, `{0}m` or `{0}h`", text.trim());
            error("plan::bad-length", format!("{} has no unit", named(text)), Some(hint));
        }
        Err(BadLength::NotALength) => {
            let hint = "write for example `90s`, `30 minutes`, `1h 30m` or `PT30M`";
            error("plan::bad-length", format!("{} is not a length of time", named(text)), Some(hint.into()));
        }
        Err(other) => error("plan::bad-length", format!("{}: {other}", named(text)), None),
    }
}

fn check_glob(text: &str, error: &mut Report<'_>) {
    if template::is_template(text) {
        return;
    }
    if let Err(problem) = globset::Glob::new(text) {
        error("plan::bad-glob", format!("{} is not a path pattern: {}", named(text), problem.kind()), None);
    }
}
