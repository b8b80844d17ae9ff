//! What a webhook is told: a line of the timeline, in the form that it wants. Pure.

use bandleader_core::{RunId, WebhookFormat};
use serde_json::{Map, Value, json};

/// Events that people want to know of, where nobody says which: of chats, mostly.
const OF_INTEREST: [&str; 9] = [
    "orchestration_start",
    "orchestration_complete",
    "run_cancelled",
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
