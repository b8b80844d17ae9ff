//! What a webhook is told: a line of the timeline, in the form that it wants. Pure.

use bandleader_core::{RunId, WebhookFormat};
use serde_json::{Map, Value, json};

/// Events that people want to know of, where nobody says which: of chats, mostly.
const OF_INTEREST: [&str; 10] = [
    "orchestration_start",
    "orchestration_complete",
    "run_cancelled",
    "user_question",
    "decision_point",
    "decision_escalated",
    "decision",
    "agent_failed",
    "blocker",
    "budget_notice",
];

/// Letters of a text for a chat at most.
const LONGEST: usize = 500;

/// Whether an event is one of those that are wanted.
pub(super) fn is_wanted(event: &str, format: WebhookFormat, wanted: &[String]) -> bool {
    let fits = |pattern: &str| glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(event));
    match (wanted.is_empty(), format) {
        (false, _) => wanted.iter().any(|pattern| fits(pattern)),
        (true, WebhookFormat::Slack) => OF_INTEREST.into_iter().any(fits),
        (true, WebhookFormat::Standard | WebhookFormat::Json) => true,
    }
}

/// The id of a message: the same for the same line, however often it is sent, so that a receiver can tell a repetition.
pub(super) fn id(hook: &str, run: &RunId, seq: u64, number: usize) -> String {
    let hash = blake3::hash(format!("{hook}\n{run}\n{seq}\n{number}").as_bytes());
    format!("msg_{}", hash.to_hex().chars().take(32).collect::<String>())
}

/// The body for a line.
pub(super) fn body(format: WebhookFormat, run: &RunId, mission: &str, line: &Value) -> String {
    let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut data = Map::new();
    data.insert("run".into(), json!(run));
    data.insert("mission".into(), json!(mission));
    data.extend(line.as_object().cloned().unwrap_or_default());
    let body = match format {
        WebhookFormat::Standard => {
            json!({ "type": format!("band.{}", text("event")), "timestamp": text("timestamp"), "data": data })
        }
        WebhookFormat::Json => Value::Object(data),
        WebhookFormat::Slack => json!({ "text": words(run, mission, line) }),
    };
    body.to_string()
}

/// The body with the link by which its question is answered.
pub(super) fn with_link(format: WebhookFormat, body: &str, link: &str) -> String {
    let Ok(Value::Object(mut fields)) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    match format {
        WebhookFormat::Standard => {
            if let Some(Value::Object(data)) = fields.get_mut("data") {
                data.insert("answer_link".into(), json!(link));
            }
        }
        WebhookFormat::Json => drop(fields.insert("answer_link".into(), json!(link))),
        WebhookFormat::Slack => {
            let text = fields.get("text").and_then(Value::as_str).unwrap_or_default();
            let text = format!("{text}\nAnswer: {link}");
            fields.insert("text".into(), json!(text));
        }
    }
    Value::Object(fields).to_string()
}

/// The question that a line asks people, by its number. What a message from outside answers is not asked of them.
pub(super) fn question(line: &Value) -> Option<u32> {
    let event = line.get("event").and_then(Value::as_str)?;
    let asks = ["user_question", "decision_escalated"].contains(&event) && line.get("hook").is_none();
    line.get("decision").and_then(Value::as_u64).filter(|_| asks).and_then(|number| u32::try_from(number).ok())
}

/// A line in words, with what chats take for markup escaped.
fn words(run: &RunId, mission: &str, line: &Value) -> String {
    let text = |key: &str| line.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let what = text("event").unwrap_or("event").replace('_', " ");
    let whose = text("task").or_else(|| text("agent")).or_else(|| text("name")).map(|whose| format!(" ({whose})"));
    let said = ["question", "description", "error", "message", "status"].into_iter().find_map(text);
    let said = said.map(|said| format!(": {said}")).unwrap_or_default();
    let all = format!("{mission} [{run}] {what}{}{said}", whose.unwrap_or_default());
    let mut safe = String::new();
    for letter in all.chars().take(LONGEST) {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_says_the_same_line_in_its_way() {
        let run = RunId::parse("k3v9").unwrap();
        let line = json!({ "timestamp": "2026-01-01T00:00:00Z", "seq": 7, "event": "agent_failed", "task": "a.b", "error": "<!channel> & \u{1b}" });
        let of = |format| serde_json::from_str::<Value>(&body(format, &run, "Shop", &line)).unwrap();
        let standard = of(WebhookFormat::Standard);
        assert_eq!((&standard["type"], &standard["timestamp"]), (&json!("band.agent_failed"), &line["timestamp"]));
        assert_eq!((&standard["data"]["run"], &standard["data"]["seq"]), (&json!("k3v9"), &json!(7)));
        assert_eq!(of(WebhookFormat::Json), standard["data"]);
        let chat = of(WebhookFormat::Slack);
        assert_eq!(chat["text"], "Shop [k3v9] agent failed (a.b): &lt;!channel&gt; &amp;  ");
    }

    #[test]
    fn a_link_stands_where_the_form_has_a_place_for_it() {
        let run = RunId::parse("k3v9").unwrap();
        let line = json!({ "event": "user_question", "decision": 3, "question": "{answer_link}?" });
        assert_eq!(question(&line), Some(3));
        let of = |format| {
            let body = with_link(format, &body(format, &run, "Shop", &line), "https://a.example/answer/x");
            serde_json::from_str::<Value>(&body).unwrap()
        };
        let address = json!("https://a.example/answer/x");
        assert_eq!(of(WebhookFormat::Standard)["data"]["answer_link"], address);
        assert_eq!(of(WebhookFormat::Json)["answer_link"], address);
        let text = of(WebhookFormat::Slack)["text"].as_str().unwrap().to_owned();
        assert!(text.ends_with("user question: {answer_link}?\nAnswer: https://a.example/answer/x"), "{text}");
        for other in [
            json!({ "event": "decision_point", "decision": 3 }),
            json!({ "event": "user_question", "decision": 3, "hook": "ci" }),
            json!({ "event": "user_question" }),
        ] {
            assert_eq!(question(&other), None, "{other}");
        }
    }

    #[test]
    fn events_are_wanted_by_pattern_or_by_the_form() {
        let wanted = ["decision*".to_owned()];
        assert!(is_wanted("decision_point", WebhookFormat::Standard, &wanted));
        assert!(!is_wanted("agent_failed", WebhookFormat::Slack, &wanted));
        assert!(is_wanted("agent_failed", WebhookFormat::Slack, &[]) && is_wanted("x", WebhookFormat::Json, &[]));
        assert!(!is_wanted("agent_start", WebhookFormat::Slack, &[]));
        let run = RunId::parse("a").unwrap();
        assert_eq!(id("h", &run, 1, 0), id("h", &run, 1, 0));
        assert_ne!(id("h", &run, 1, 0), id("h", &run, 1, 1));
    }
}
