//! An agent's doings as lines that people read: what `band logs` shows of it.

use super::event::{AgentEvent, TodoState};
use bandleader_core::Millis;

/// A line says what a tool works on up to here; the rest is in the raw transcript.
const LONGEST_DETAIL: usize = 400;

/// The lines of one event. Not cleaned: whoever shows them does that. None for what is of no interest to a reader.
pub(super) fn lines(event: &AgentEvent) -> Option<String> {
    Some(match event {
        AgentEvent::Started { version, model, session } => {
            let parts = [("version", version), ("model", model), ("session", session)];
            let told: Vec<String> =
                parts.iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?))).collect();
            (!told.is_empty()).then(|| format!("· {}", told.join(", ")))?
        }
        AgentEvent::Connected { ok: true } | AgentEvent::Used { .. } | AgentEvent::ToolEnded { ok: true, .. } => {
            return None;
        }
        AgentEvent::Connected { ok: false } => "! it cannot reach band: nothing that it reports will be heard".into(),
        AgentEvent::Said { text } => text.trim_end().to_owned(),
        AgentEvent::Thought { text } => {
            text.trim().lines().map(|line| format!("~ {line}")).collect::<Vec<_>>().join("\n")
        }
        AgentEvent::ToolBegan { name, detail, .. } => with_detail(&format!("→ {name}"), detail),
        AgentEvent::ToolEnded { ok: false, detail, .. } => with_detail("✗ it failed", detail),
        AgentEvent::Todo { items } => {
            let done = items.iter().filter(|item| item.state == TodoState::Done).count();
            let active = items.iter().find(|item| item.state == TodoState::Active);
            let now = active.map(|item| item.text.as_str()).unwrap_or_default();
            with_detail(&format!("☐ {done} of {} done", items.len()), now)
        }
        AgentEvent::Retrying { wait, message, .. } => match wait {
            Some(wait) => format!("! tries again in {wait}: {}", first_line(message)),
            None => format!("! tries again: {}", first_line(message)),
        },
        AgentEvent::Limited { message, .. } => format!("! its provider asks for patience: {}", first_line(message)),
        AgentEvent::Denied { tool } => format!("! it may not use {tool}"),
        AgentEvent::Told { id } => format!("« message {id} has reached it"),
        AgentEvent::Noise { line } => line.clone(),
    })
}

/// What it is doing, in one line, for boards. None leaves the line before.
pub(super) fn doing(event: &AgentEvent) -> Option<String> {
    let line = match event {
        AgentEvent::ToolBegan { name, detail, .. } => with_detail(name, detail),
        AgentEvent::Said { text } | AgentEvent::Thought { text } => first_line(text).to_owned(),
        AgentEvent::Retrying { wait: Some(wait), .. } if *wait > Millis(0) => format!("waits {wait} for its provider"),
        AgentEvent::Limited { .. } | AgentEvent::Retrying { .. } => "waits for its provider".into(),
        _ => return None,
    };
    let line: String = line.chars().take(200).collect();
    (!line.trim().is_empty()).then_some(line)
}

fn with_detail(what: &str, detail: &str) -> String {
    let detail = first_line(detail);
    if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") }
}

fn first_line(text: &str) -> &str {
    let line = text.trim().lines().next().unwrap_or_default();
    let end = line.char_indices().nth(LONGEST_DETAIL).map_or(line.len(), |(at, _)| at);
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::event::TodoItem;
    use super::*;

    fn check(event: &AgentEvent, expected: &str) {
        assert_eq!(lines(event).unwrap_or_default(), expected);
    }

    #[test]
    fn events_read_like_a_log() {
        let tool = |detail: &str| AgentEvent::ToolBegan { id: "1".into(), name: "Bash".into(), detail: detail.into() };
        check(&tool("cargo test\necho"), "→ Bash: cargo test");
        check(&tool(""), "→ Bash");
        let model = Some("opus".to_owned());
        check(&AgentEvent::Started { version: None, model, session: None }, "· model opus");
        check(&AgentEvent::Started { version: None, model: None, session: None }, "");
        let item = |text: &str, state| TodoItem { text: text.into(), state };
        let items =
            vec![item("read", TodoState::Done), item("write", TodoState::Active), item("test", TodoState::Open)];
        check(&AgentEvent::Todo { items }, "☐ 1 of 3 done: write");
        assert_eq!(lines(&AgentEvent::ToolEnded { id: "1".into(), ok: true, detail: "fine".into() }), None);
    }

    #[test]
    fn a_very_long_detail_is_cut_between_characters() {
        let cut = lines(&AgentEvent::Noise { line: "x".into() });
        assert_eq!(cut.as_deref(), Some("x"));
        let long = "ü".repeat(1_000);
        let shown = lines(&AgentEvent::Denied { tool: "t".into() }).unwrap() + first_line(&long);
        assert_eq!(shown.chars().filter(|letter| *letter == 'ü').count(), LONGEST_DETAIL);
    }
}
