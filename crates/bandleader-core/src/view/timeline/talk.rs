//! The lines of the timeline about talk and money: what agents make known, what people are asked and decide, budgets, providers.

use serde_json::{Value, json};

use super::Timeline;
use super::line::Line;
use crate::view::past::{unit_words, who};
use crate::view::{markdown, when};
use crate::{Asker, Decider, Event, Heard, Recorded, TaskId};

impl Timeline {
    /// Every text goes through `Line::text`, which cuts it; `safe_json` makes it harmless.
    pub(super) fn of_talk(&self, recorded: &Recorded) -> Option<Line> {
        let line = |name: &str| Line::new(recorded, name);
        let plan = self.history.plan();
        Some(match &recorded.event {
            Event::AgentStarted { attempt, driver, version, model, session } => self
                .task_line(recorded, "agent_session", attempt.task)
                .put("attempt", attempt.number)
                .text("driver", driver)
                .said("version", version.as_deref())
                .said("model", model.as_deref())
                .said("session", session.as_deref()),
            Event::AgentHeard { attempt, heard } => self.heard(recorded, attempt.task, heard),
            Event::MessageSent { message, task, text, by } => self
                .task_line(recorded, "message", *task)
                .put("message", *message)
                .text("text", text)
                .text("by", who(by)),
            Event::MessageDelivered { message, attempt } => self
                .task_line(recorded, "message_delivered", attempt.task)
                .put("message", *message)
                .put("attempt", attempt.number),
            Event::ProviderLimited { provider, until, message } => line("rate_limit")
                .text("provider", provider)
                .put("until", when::rfc3339(*until))
                .length("wait", until.since(recorded.at))
                .text("message", message),
            Event::ProviderOpened { provider } => line("rate_limit_over").text("provider", provider),
            Event::BudgetReached { scope, unit, percent, limit } => line("budget_notice")
                .text("of", &scope.words(plan))
                .put("unit", json!(unit))
                .put("percent", *percent)
                .put("limit", *limit)
                .put("message", format!("{percent} % of the {}", unit_words(*unit))),
            Event::BudgetRaised { scope, unit, limit, by } => line("limit_raised")
                .text("of", &scope.words(plan))
                .put("unit", json!(unit))
                .put("limit", *limit)
                .text("by", who(by)),
            Event::DecisionOpened { decision, asker, question, deadline } => self
                .asked(recorded, "user_question", asker)
                .put("decision", *decision)
                .put("category", json!(question.kind))
                .text("question", &question.text)
                .said("hook", question.hook.as_ref().map(|hook| hook.name.as_str()))
                .put("options", question.options.iter().map(option).collect::<Vec<_>>())
                .said("recommendation", question.recommend.as_deref())
                .maybe("deadline", deadline.map(when::rfc3339)),
            Event::DecisionTaken { decision, option, by, because } => {
                let (line, known) = match self.history.question(*decision) {
                    Some((asker, question)) => (self.asked(recorded, "decision_point", asker), Some(question)),
                    None => (line("decision_point"), None),
                };
                let line = match self.history.asked_at(*decision) {
                    Some(opened) => line.length("duration", recorded.at.since(opened)),
                    None => line,
                };
                line.put("decision", *decision)
                    .maybe("type", known.map(|question| json!(question.kind)))
                    .said("question", known.map(|question| question.text.as_str()))
                    .maybe("options", known.map(|question| question.options.len()))
                    .said("user_choice", option.as_deref())
                    .text("by", decider(by))
                    .said("rationale", Some(because.as_str()).filter(|words| !words.is_empty()))
            }
            _ => return self.of_questions(recorded),
        })
    }

    /// What becomes of questions between their opening and their end, and after it.
    fn of_questions(&self, recorded: &Recorded) -> Option<Line> {
        let line = |name: &str, decision: &u32| {
            let asker = self.history.question(*decision).map(|(asker, _)| asker);
            let line = asker.map_or_else(|| Line::new(recorded, name), |asker| self.asked(recorded, name, asker));
            line.put("decision", *decision)
        };
        Some(match &recorded.event {
            Event::DecisionHeld { decision, until, by } => {
                line("decision_held", decision).text("by", who(by)).maybe("until", until.map(when::rfc3339))
            }
            Event::DecisionReleased { decision, by } => line("decision_released", decision).text("by", who(by)),
            Event::DecisionEscalated { decision } => line("decision_escalated", decision),
            Event::AnswerKept { decision, option, by, because } => line("late_answer", decision)
                .text("user_choice", option)
                .text("by", who(by))
                .said("rationale", Some(because.as_str()).filter(|words| !words.is_empty())),
            Event::DecisionCorrected { decision, option, by, because } => line("decision_corrected", decision)
                .text("user_choice", option)
                .text("by", who(by))
                .said("rationale", Some(because.as_str()).filter(|words| !words.is_empty())),
            Event::LevelChanged { level, by } => {
                Line::new(recorded, "level_changed").put("level", *level).text("by", who(by))
            }
            Event::ParallelChanged { parallel, by } => {
                Line::new(recorded, "parallel_changed").put("parallel", *parallel).text("by", who(by))
            }
            Event::TaskBroughtBack { task, by } => {
                self.task_line(recorded, "task_brought_back", *task).text("by", who(by))
            }
            Event::TaskMoved { task, urgency, by } => self
                .task_line(recorded, "task_moved", *task)
                .put("place", if *urgency > 0 { "first" } else { "last" })
                .text("by", who(by)),
            Event::TaskReopened { task, by } if self.history.plan().task(*task).is_real() => {
                self.task_line(recorded, "task_reopened", *task).text("by", who(by))
            }
            _ => return None,
        })
    }

    fn heard(&self, recorded: &Recorded, task: TaskId, heard: &Heard) -> Line {
        let line = |name: &str| self.task_line(recorded, name, task);
        match heard {
            Heard::Insight { text } => line("insight").text("insight", text),
            Heard::Choice { question, choice, because, alternatives } => {
                let line =
                    line("decision").text("question", question).text("choice", choice).text("rationale", because);
                if alternatives.is_empty() { line } else { line.text("alternatives", &alternatives.join("; ")) }
            }
            Heard::Blocker { name, severity, text, needs } => line("blocker")
                .text("name", name)
                .put("severity", json!(severity))
                .text("description", text)
                .said("needs", needs.as_deref()),
            Heard::Unblocked { name, how } => line("blocker_resolved").text("name", name).text("how", how),
            Heard::Deliverable { path, text } => {
                line("deliverable").said("path", path.as_deref()).text("description", text)
            }
            Heard::Context { key, value, ttl } => {
                let line = line("context").text("key", key).text("value", value);
                match ttl {
                    Some(ttl) => line.length("ttl", *ttl),
                    None => line,
                }
            }
        }
    }

    fn asked(&self, recorded: &Recorded, name: &str, asker: &Asker) -> Line {
        match asker {
            Asker::Agent { attempt, .. } => self.task_line(recorded, name, attempt.task),
            Asker::Task { task } | Asker::Engine { task } => self.task_line(recorded, name, *task),
            Asker::Phase { group } => {
                let phase = self.history.phases().iter().find(|phase| phase.group == *group);
                Line::new(recorded, name).maybe("phase", phase.map(|phase| phase.number))
            }
            Asker::Budget { scope, unit } => Line::new(recorded, name)
                .text("budget", &scope.words(self.history.plan()))
                .text("unit", unit_words(*unit)),
            Asker::Run => Line::new(recorded, name),
        }
    }
}

fn option(option: &crate::plan::Choice) -> Value {
    let short = |text: &str| markdown::short(text, 200);
    json!({ "id": short(&option.id), "name": short(&option.name) })
}

fn decider(by: &Decider) -> &str {
    match by {
        Decider::Person { name } | Decider::Hook { name, .. } => name,
        Decider::Timeout => "nobody answered",
        Decider::Policy => "a rule",
        Decider::Withdrawn => "withdrawn",
    }
}
