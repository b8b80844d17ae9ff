//! An agent's answer against the JSON Schema that was asked for: the one place where that is checked, for all drivers.
//!
//! Pure. The attendant asks again with what is said here, in the same conversation, and gives up after `MOST_REPEATS`.

use serde_json::Value;

use super::driver::Answer;

/// How often an agent is asked again for an answer of the right form.
pub(super) const MOST_REPEATS: u32 = 2;

/// As many mistakes are told at once, and as much of each.
const MOST_PROBLEMS: usize = 10;
const LONGEST_PROBLEM: usize = 300;

/// As much of a wrong answer is repeated to an agent that does not know its own any more.
const LONGEST_QUOTE: usize = 20_000;

/// Whether this can be checked against at all. Schemas elsewhere are never fetched.
///
/// # Errors
/// What is wrong with the schema, in words for people.
pub fn check_schema(schema: &Value) -> Result<(), String> {
    jsonschema::validator_for(schema).map(|_| ()).map_err(|error| short(&error.to_string()))
}

/// The JSON of an answer, if it is as the schema wants it.
///
/// # Errors
/// What is wrong with it, for the agent to read.
pub(super) fn check(schema: &Value, answer: &Answer) -> Result<Value, Vec<String>> {
    let Some(value) = answer.structured.clone().or_else(|| json_in(&answer.text)) else {
        return Err(vec!["there is no JSON in the answer".into()]);
    };
    let validator = jsonschema::validator_for(schema).map_err(|error| vec![short(&error.to_string())])?;
    let problems: Vec<String> = validator
        .iter_errors(&value)
        .take(MOST_PROBLEMS)
        .map(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "the top".to_owned() } else { format!("`{place}`") };
            short(&format!("at {place}: {error}"))
        })
        .collect();
    if problems.is_empty() { Ok(value) } else { Err(problems) }
}

/// The JSON in a text: all of it, what is in its last fence, or what lies between the first bracket and the last.
pub fn json_in(text: &str) -> Option<Value> {
    let text = text.trim();
    let fenced = || {
        let (before, _) = text.rsplit_once("```")?;
        let (_, inside) = before.rsplit_once("```")?;
        // The fence may say what is in it.
        serde_json::from_str(inside.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric()).trim()).ok()
    };
    let bracketed = |open: char, close: char| {
        let inside = text.get(text.find(open)?..=text.rfind(close)?)?;
        serde_json::from_str(inside).ok()
    };
    let whole = serde_json::from_str(text).ok();
    whole.or_else(fenced).or_else(|| bracketed('{', '}')).or_else(|| bracketed('[', ']'))
}

/// How an answer of this form is asked for in words, after an instruction.
pub(super) fn asked_in_words(schema: &Value) -> String {
    format!(
        "\n\nYour last message must be one JSON value and nothing else, no fence around it. It must fulfil this JSON Schema:\n{schema}"
    )
}

/// What is said to an agent whose answer was wrong. One whose conversation cannot be taken up is told everything anew.
pub(super) fn once_more(problems: &[String], schema: &Value, instruction_again: Option<(&str, &Answer)>) -> String {
    let problems = problems.join("\n- ");
    let wish = asked_in_words(schema);
    let complaint = format!("is not of the form that was asked for:\n- {problems}\n\nGive the corrected answer.{wish}");
    match instruction_again {
        None => format!("Your answer {complaint}"),
        Some((instruction, answer)) => {
            let said = answer.structured.as_ref().map_or_else(|| answer.text.clone(), Value::to_string);
            let said: String = said.chars().take(LONGEST_QUOTE).collect();
            format!("{instruction}\n\nYou have answered this before:\n{said}\n\nThat {complaint}")
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(LONGEST_PROBLEM).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({ "type": "object", "required": ["verdict"], "properties": { "verdict": { "enum": ["pass", "fail"] } } })
    }

    fn said(text: &str) -> Answer {
        Answer { text: text.into(), structured: None }
    }

    #[test]
    fn json_is_found_where_models_put_it() {
        let right = json!({ "verdict": "pass" });
        for text in [
            r#"{"verdict":"pass"}"#,
            "Here it is:\n```json\n{\"verdict\":\"pass\"}\n```\nDone.",
            "I think that {\"verdict\":\"pass\"} is right.",
        ] {
            assert_eq!(check(&schema(), &said(text)), Ok(right.clone()), "{text}");
        }
        let structured = Answer { text: "{}".into(), structured: Some(right.clone()) };
        assert_eq!(check(&schema(), &structured), Ok(right));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let wrong = check(&schema(), &said(r#"{"verdict":"maybe"}"#)).unwrap_err();
        assert!(wrong[0].starts_with("at `/verdict`"), "{wrong:?}");
        assert_eq!(check(&schema(), &said("no")), Err(vec!["there is no JSON in the answer".into()]));
        let again = once_more(&wrong, &schema(), Some(("Review it.", &said("x"))));
        assert!(again.starts_with("Review it.") && again.contains("at `/verdict`"), "{again}");
    }

    #[test]
    fn a_schema_that_is_none_is_refused_and_nothing_is_fetched() {
        assert!(check_schema(&json!({ "type": "nonsense" })).is_err());
        assert!(check_schema(&json!({ "$ref": "http://127.0.0.1:1/schema.json" })).is_err());
        assert!(check_schema(&schema()).is_ok());
    }
}
