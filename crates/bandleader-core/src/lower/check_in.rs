//! The check-ins of phases: what people are asked before or after one.

use std::collections::BTreeMap;

use super::decision::weight_of;
use super::{Lowering, outline};
use crate::amounts::{Levels, parse_levels};
use crate::language::{self, Fields};
use crate::plan::{CheckIn, Choice, OnSilence, OutputSource, Question, Rare, Task, Weight, Work};
use crate::run::CHOICE_OUTPUTS;
use crate::tree::{Node, Tree};
use crate::{GroupId, TaskId};

impl Lowering<'_> {
    /// The nodes of a group's check-ins that stand at this end of it, where it asks for one.
    pub(super) fn check_in(
        &mut self,
        value: Option<&Node>,
        moment: CheckIn,
        group: GroupId,
        around: &outline::Around<'_>,
    ) -> Option<TaskId> {
        let node = value?;
        if !moments(node).contains(&moment) {
            return None;
        }
        let made = self.plan.groups.get_mut(group.index())?;
        made.check_in = true;
        let title = made.title.clone();
        let question = self.check_in_question(node, moment, &title);
        let name = match moment {
            CheckIn::Before => "check-in-before",
            CheckIn::After => "check-in",
        };
        let path = format!("{}{name}", around.prefix);
        let fields = matches!(node.tree, Tree::Map(_)).then(|| Fields::new(node, &language::CHECK_IN));
        let own = fields.and_then(|fields| parse_levels(fields.get("levels")?).ok()).unwrap_or(Levels::ALL);
        let levels = around.levels.and(own);
        let work = Work::Decision { question: Box::new(question), check_in: Some(moment) };
        let scope = around.scope.inputs;
        let mut task = Task { group: Some(group), scope, levels, outputs: reported(), ..Task::plain(&path, work) };
        if !levels.contains(self.plan.level) {
            task.leave_out();
        }
        let id = self.push_node(task, None, node.span)?;
        self.name(&path, super::names::Target::Task(id), node.span);
        Some(id)
    }

    fn check_in_question(&mut self, node: &Node, moment: CheckIn, title: &str) -> Question {
        let fields = matches!(node.tree, Tree::Map(_)).then(|| Fields::new(node, &language::CHECK_IN));
        let value = |name| fields.and_then(|fields| fields.get(name));
        let usual = match moment {
            CheckIn::Before => format!("{title} is about to begin. Go on?"),
            CheckIn::After => format!("{title} is done. Go on?"),
        };
        let choice = |id: &str, name: &str| Choice { id: id.into(), name: name.into(), ..Choice::default() };
        let on_silence = match value("on_silence").and_then(Node::text) {
            Some("park") => OnSilence::Park,
            Some("escalate") => OnSilence::Escalate,
            _ => OnSilence::Recommend,
        };
        Question {
            text: value("question").and_then(Node::text).map_or(usual, str::to_owned),
            options: vec![
                choice("continue", "go on as planned"),
                choice("adjust", "wait while I change something"),
                choice("stop", "stop the run"),
            ],
            recommend: Some("continue".into()),
            weight: weight_of(value("weight"), Weight::Confirmation),
            on_silence,
            timeout: self.patience(value("timeout")),
            people_only: value("auto_proceed").and_then(Node::boolean) == Some(false),
            ..Question::default()
        }
    }
}

/// What a question hands on.
pub(super) fn reported() -> Rare<BTreeMap<String, OutputSource>> {
    CHOICE_OUTPUTS.iter().map(|name| ((*name).to_owned(), OutputSource::Reported)).collect::<BTreeMap<_, _>>().into()
}

fn moments(node: &Node) -> Vec<CheckIn> {
    let one = |node: &Node| match node.text() {
        Some("before") => CheckIn::Before,
        _ => CheckIn::After,
    };
    if let Tree::Map(_) = node.tree {
        let at = Fields::new(node, &language::CHECK_IN).get("at");
        return at.map_or(vec![CheckIn::After], |at| at.one_or_many().iter().map(one).collect());
    }
    match node.boolean() {
        Some(false) => Vec::new(),
        _ => vec![one(node)],
    }
}
