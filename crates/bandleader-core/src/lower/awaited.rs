//! Questions that a message from outside answers too.

use super::Lowering;
use crate::language::{self, Fields};
use crate::plan::{Awaited, Choice, OUTCOMES, OnSilence, Patience, Question};
use crate::tree::Node;

/// Keys that mean nothing where a message answers.
const WITHOUT_EFFECT: [&str; 5] = ["recommend", "kind", "weight", "irreversible", "auto_proceed"];

impl Lowering<'_> {
    /// Reads `hook` of a decision: what it waits for, and what can come of it.
    pub(super) fn awaited(&mut self, fields: Fields<'_>, question: &mut Question) {
        let Some(node) = fields.get("hook") else { return };
        let hook = Fields::new(node, &language::HOOK);
        let text = |name| hook.get(name).and_then(Node::text).map(|text| text.trim().to_owned());
        let Some(name) = text("name") else { return };
        let filled = |name| text(name).filter(|text| !text.is_empty());
        let awaited = Awaited { name, about: filled("about"), check: filled("check") };
        for entry in WITHOUT_EFFECT.iter().filter_map(|name| fields.entry(name)) {
            let message = format!("`{}` means nothing where a message from outside answers", entry.key);
            self.problems.warning("plan::no-effect", entry.key_span, message).hint("remove it");
        }
        if let Some(options) = fields.entry("options") {
            let message = "a message from outside says `passed` or `failed`, and nothing else";
            self.problems
                .error("plan::bad-decision", options.key_span, message)
                .hint("remove `options`; for other choices ask people in a decision of its own");
        }
        let [passed, failed] = OUTCOMES.map(str::to_owned);
        let choice = |id: String, fails| Choice { name: id.clone(), id, fails, ..Choice::default() };
        question.options = vec![choice(passed, false), choice(failed, true)];
        question.recommend = None;
        let is_timed = matches!(question.timeout, Some(Patience::For(_)));
        let says = fields.get("on_silence");
        match says.and_then(Node::text) {
            None if is_timed => question.on_silence = OnSilence::Fail,
            Some(word @ ("fail" | "escalate")) if !is_timed => {
                let place = says.map_or(node.span, |node| node.span);
                let message = format!("without a `timeout` nobody is ever late, so `on_silence: {word}` has no effect");
                self.problems.warning("plan::no-effect", place, message).hint("give it a `timeout`, such as `2h`");
            }
            _ => (),
        }
        question.hook = Some(Box::new(awaited));
    }
}
