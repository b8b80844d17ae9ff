//! What people are asked by a task that is a question; `check_in` has what they are asked before and after phases.

use super::Lowering;
use std::collections::BTreeMap;

use super::check_in::reported;
use super::draft::{Draft, Sees, Text};
use super::settings::length;
use crate::Millis;
use crate::language::{self, Fields, did_you_mean};
use crate::plan::{Choice, OnFailure, OnSilence, Patience, Question, QuestionKind, Rare, Task, Weight, Work};
use crate::problems::{listed, named};
use crate::tree::{Node, Tree};

/// As many as people can compare.
const MOST_OPTIONS: usize = 12;

/// Keys of a task that mean nothing where a person does it.
const WITHOUT_EFFECT: &[&str] = &[
    "input",
    "subtasks",
    "focus_areas",
    "deliverables",
    "outputs",
    "timeout",
    "stall",
    "retry",
    "compensate",
    "uses",
    "reads",
    "writes",
    "gates",
    "env",
    "directory",
    "limits",
    "isolation",
];

impl Lowering<'_> {
    /// Reads the value of `decision`.
    pub(super) fn question(&mut self, node: &Node) -> Option<Work> {
        let Tree::Map(_) = node.tree else { return None };
        let fields = Fields::new(node, &language::DECISION);
        let text = |name| fields.get(name).and_then(Node::text).map(str::to_owned);
        let kind = text("kind");
        let flag = |name| fields.get(name).and_then(Node::boolean);
        let mut question = Question {
            text: text("question").unwrap_or_default(),
            options: self.options(fields),
            recommend: text("recommend").map(|id| id.trim().to_owned()),
            kind: kind_of(kind.as_deref()),
            weight: weight_of(fields.get("weight"), Weight::Standard),
            irreversible: flag("irreversible").unwrap_or(kind.as_deref() == Some("irreversible")),
            on_silence: OnSilence::Park,
            details: text("details"),
            timeout: self.patience(fields.get("timeout")),
            people_only: flag("auto_proceed") == Some(false),
            hook: None,
        };
        if question.text.trim().is_empty() && fields.has("question") {
            let place = fields.get("question").map_or(node.span, |node| node.span);
            self.problems.error("plan::bad-decision", place, "the question is empty");
        }
        self.check_recommendation(fields, &mut question);
        question.on_silence = self.silence(fields.get("on_silence"), &question);
        self.awaited(fields, &mut question);
        if let Some(timeout) = fields.entry("timeout")
            && question.timeout == Some(Patience::Unbounded)
            && matches!(question.on_silence, OnSilence::Fail | OnSilence::Escalate)
        {
            let message = format!(
                "with `timeout: none` silence never counts, so `on_silence: {}` has no effect",
                question.on_silence.name()
            );
            self.problems
                .warning("plan::no-effect", timeout.key_span, message)
                .hint("give a length of time, or remove one of them");
        }
        if let Err(problem) = crate::decide::check_question(&question)
            && !self.problems.any_error()
        {
            self.problems.error("plan::bad-decision", node.span, problem);
        }
        Some(Work::Decision { question: Box::new(question), check_in: None })
    }

    fn options(&mut self, fields: Fields<'_>) -> Vec<Choice> {
        let Some(list) = fields.entry("options") else { return approval() };
        let mut options: Vec<Choice> = Vec::new();
        for (node, letter) in list.value.items().iter().zip('A'..='Z') {
            let option = self.choice(node, letter);
            let same = options.iter().any(|other| other.id.eq_ignore_ascii_case(&option.id));
            if same {
                let message = format!("two options are called {}", named(&option.id));
                let place = node.get("id").map_or(node.span, |id| id.span);
                self.problems
                    .error("plan::duplicate-id", place, message)
                    .hint("people choose by the id: give each its own");
            } else {
                options.push(option);
            }
        }
        let count = list.value.items().len();
        if matches!(list.value.tree, Tree::List(_)) && !(2..=MOST_OPTIONS).contains(&count) {
            let message = format!("a decision has 2 to {MOST_OPTIONS} options, not {count}");
            let hint = "without `options` people approve or reject";
            self.problems.error("plan::bad-decision", list.key_span, message).hint(hint);
        }
        options
    }

    fn choice(&mut self, node: &Node, letter: char) -> Choice {
        if let Some(name) = node.text() {
            return Choice { id: letter.to_string(), name: name.to_owned(), ..Choice::default() };
        }
        let mut choice = Choice { id: letter.to_string(), ..Choice::default() };
        let mut columns = BTreeMap::new();
        for entry in node.entries() {
            let text = entry.value.text().unwrap_or_default().to_owned();
            match entry.key.as_str() {
                "id" => text.trim().clone_into(&mut choice.id),
                "name" => choice.name = text,
                "details" => choice.details = Some(text),
                "fails" => choice.fails = entry.value.boolean() == Some(true),
                _ => drop(columns.insert(entry.key.clone(), text)),
            }
        }
        let is_typed =
            |id: &str| !id.is_empty() && id.len() <= 32 && !id.contains(|c: char| c.is_whitespace() || c.is_control());
        if !is_typed(&choice.id) {
            let place = node.get("id").map_or(node.span, |id| id.span);
            let message = format!("{} cannot be the id of an option", named(&choice.id));
            let hint = "people type it: use a letter or a short word, such as `A` or `keep`";
            self.problems.error("plan::bad-id", place, message).hint(hint);
        }
        if choice.name.trim().is_empty() {
            choice.name = choice.id.clone();
        }
        choice.columns = columns;
        choice
    }

    pub(super) fn patience(&mut self, node: Option<&Node>) -> Option<Patience> {
        let node = node?;
        if node.text().map(str::trim) == Some("none") {
            return Some(Patience::Unbounded);
        }
        let found = length(node)?;
        if found == Millis(0) {
            let hint = "`auto_proceed` and the mode of the plan decide whether anybody is asked";
            self.problems.error("plan::bad-length", node.span, "`timeout` cannot be zero").hint(hint);
        }
        Some(Patience::For(found))
    }

    /// The recommendation names an option, and is written as that one is.
    fn check_recommendation(&mut self, fields: Fields<'_>, question: &mut Question) {
        let (Some(recommended), Some(node)) = (question.recommend.clone(), fields.get("recommend")) else { return };
        if let Some(option) = question.option(&recommended) {
            let (id, fails) = (option.id.clone(), option.fails);
            question.recommend = Some(id);
            if fails {
                let message = format!("{} is recommended, and fails the task", named(&recommended));
                self.problems.warning("plan::bad-decision", node.span, message);
            }
            return;
        }
        let ids: Vec<&str> = question.options.iter().map(|option| option.id.as_str()).collect();
        let by_name =
            question.options.iter().find(|option| option.name == recommended).map(|option| option.id.as_str());
        let hint = match by_name.or_else(|| did_you_mean(&recommended, ids.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", listed(ids.iter().copied(), "and")),
        };
        let message = format!("{} is recommended, but is no option", named(&recommended));
        self.problems.error("plan::bad-decision", node.span, message).hint(hint);
    }

    fn silence(&mut self, node: Option<&Node>, question: &Question) -> OnSilence {
        let recommends = question.recommend.is_some();
        let usual = if recommends { OnSilence::Recommend } else { OnSilence::Park };
        let Some(node) = node else { return usual };
        match node.text() {
            Some("recommend") if !recommends => {
                let message = "silence takes the recommendation, but there is none";
                let hint = "add `recommend: …`, or choose `fail`, `park` or `escalate`";
                self.problems.error("plan::bad-decision", node.span, message).hint(hint);
                usual
            }
            Some("recommend") if question.irreversible || question.people_only => {
                let message = "only a person chooses here, so silence never takes the recommendation: it waits";
                let hint = "write `on_silence: park`, or remove it";
                self.problems.warning("plan::no-effect", node.span, message).hint(hint);
                OnSilence::Park
            }
            Some("recommend") => OnSilence::Recommend,
            Some("fail") => OnSilence::Fail,
            Some("park") => OnSilence::Park,
            Some("escalate") => OnSilence::Escalate,
            _ => usual,
        }
    }

    /// What a task that is a question has and has not, once everything else of it was read.
    pub(super) fn decided_by_people(&mut self, fields: Fields<'_>, task: &mut Task, draft: &mut Draft) {
        let Some(decision) = fields.entry("decision").filter(|_| task.question().is_some()) else { return };
        for entry in WITHOUT_EFFECT.iter().filter_map(|name| fields.entry(name)) {
            let message = format!("`{}` means nothing for a task that a person does", entry.key);
            self.problems.warning("plan::no-effect", entry.key_span, message).hint("remove it");
        }
        if let (Some(entry), false) =
            (fields.entry("on_failure"), matches!(task.on_failure, OnFailure::Fail | OnFailure::Continue))
        {
            let message = "a decision can only `fail`, or `continue` all the same";
            let hint = "`on_silence: park` keeps it waiting for a person";
            self.problems.error("plan::bad-choice", entry.value.span, message).hint(hint);
        }
        if task.on_failure != OnFailure::Continue {
            task.on_failure = OnFailure::Fail;
        }
        (task.uses, task.timeout, task.stall, task.compensate) = (Vec::new(), None, None, None);
        (draft.leveled_gates, task.own_retry) = (Vec::new(), false);
        (task.gates, task.retry, task.deliverables) = (Rare::default(), Rare::default(), Rare::default());
        (task.env, task.reads) = (Rare::default(), Rare::default());
        (task.writes, task.brief) = (Rare::default(), Rare::default());
        task.outputs = reported();
        draft.claims.clear();
        draft.texts.retain(|text| text.sees == Sees::Condition);
        draft.texts.extend(texts_of(&decision.value));
    }
}

/// The texts of a question that are filled in when it is asked.
pub(super) fn texts_of(decision: &Node) -> Vec<Text> {
    let fields = Fields::new(decision, &language::DECISION);
    let own = ["question", "details"].into_iter().filter_map(|name| fields.get(name));
    let about = fields.get("hook").and_then(|hook| Fields::new(hook, &language::HOOK).get("about"));
    let options = fields.get("options").map(Node::items).unwrap_or_default();
    let inner = options.iter().flat_map(|option| option.entries().iter().map(|entry| &entry.value).chain([option]));
    let texts = own.chain(about).chain(inner).filter_map(Node::spanned);
    texts.map(|text| Text { text, sees: Sees::Task }).collect()
}

fn approval() -> Vec<Choice> {
    let choice = |id: &str, fails| Choice { id: id.into(), name: id.into(), fails, ..Choice::default() };
    vec![choice("approve", false), choice("reject", true)]
}

fn kind_of(text: Option<&str>) -> QuestionKind {
    match text {
        Some("database") => QuestionKind::Database,
        Some("security") => QuestionKind::Security,
        Some("cost") => QuestionKind::Cost,
        Some("api-design") => QuestionKind::ApiDesign,
        _ => QuestionKind::General,
    }
}

pub(super) fn weight_of(node: Option<&Node>, usual: Weight) -> Weight {
    match node.and_then(Node::text) {
        Some("urgent") => Weight::Urgent,
        Some("confirmation") => Weight::Confirmation,
        Some("standard") => Weight::Standard,
        Some("critical") => Weight::Critical,
        _ => usual,
    }
}
