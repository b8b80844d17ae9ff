//! Instructions for programs that take nothing but words: what is asked for in JSON is asked for in words, and no word is a command.

use serde_json::Value;

/// An instruction that asks for JSON when there is a schema.
pub(super) fn asked(instruction: &str, schema: Option<&Value>) -> String {
    match schema {
        Some(schema) => format!(
            "{instruction}\n\nYour last message must be one JSON value that fulfils this JSON Schema, and nothing else:\n\n{schema}\n"
        ),
        None => instruction.to_owned(),
    }
}

/// An instruction that no program takes for one of its own commands: those begin with one of these.
pub(super) fn plain(instruction: &str) -> String {
    if instruction.trim_start().starts_with(['/', '?', '$', '!']) {
        format!("Task: {instruction}")
    } else {
        instruction.to_owned()
    }
}

/// The JSON in an answer: all of it, a fenced block, or what stands between the first and the last bracket.
pub(super) fn answered(text: &str) -> Option<Value> {
    let text = text.trim();
    let fenced = text.rsplit("```").nth(1).map(|block| block.trim_start_matches("json").trim());
    let span = |open, close| text.get(text.find(open)?..=text.rfind(close)?);
    let candidates = [Some(text), fenced, span('{', '}'), span('[', ']')];
    candidates.into_iter().flatten().find_map(|candidate| serde_json::from_str(candidate).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_found_in_what_people_would_say_around_it() {
        let verdict = json!({"verdict": "pass"});
        for text in [
            r#"{"verdict":"pass"}"#,
            "Here it is:\n```json\n{\"verdict\": \"pass\"}\n```\nThat is all.",
            "It is {\"verdict\":\"pass\"}.",
        ] {
            assert_eq!(answered(text).as_ref(), Some(&verdict), "{text}");
        }
        assert_eq!(answered("nothing of the sort {"), None);
        assert_eq!(answered("} {"), None);
    }

    #[test]
    fn no_word_is_a_command() {
        assert_eq!(plain(" /quit now"), "Task:  /quit now");
        assert_eq!(plain("a/b"), "a/b");
    }

    #[test]
    fn only_a_schema_changes_an_instruction() {
        assert_eq!(asked("Do it.", None), "Do it.");
        assert!(asked("Do it.", Some(&json!({"type": "object"}))).contains(r#"{"type":"object"}"#));
    }
}
