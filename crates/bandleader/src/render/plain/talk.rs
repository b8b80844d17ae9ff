//! Facts about talk and money: what agents make known, what people are asked and decide, budgets, providers.

use bandleader_core::policy::{Ruling, Terms, ruling};
use bandleader_core::view::spent;
use bandleader_core::{BudgetUnit, By, Decider, Decision, Event, Heard, Millis, Recorded, Run, TaskId, Timestamp};

use super::{Fact, Tone, named};
use crate::render::heard;
use crate::render::text::clean;
use crate::render::words::brief;

pub(super) fn talk_fact(run: &Run, recorded: &Recorded) -> Option<Fact> {
    let named = |id: TaskId, tone, word, detail| named(run, id, tone, word, detail);
    let fact = |tone, word, about: &str, detail| Some(Fact { tone, word, about: clean(about).into_owned(), detail });
    match &recorded.event {
        Event::AgentStarted { attempt, .. } => {
            named(attempt.task, Tone::Usual, "agent", program(run, &recorded.event)?)
        }
        Event::AgentHeard { attempt, heard } => {
            let (tone, word, detail) = said(heard);
            named(attempt.task, tone, word, detail)
        }
        Event::MessageSent { task, text, by, .. } => {
            named(*task, Tone::Usual, "message", format!("from {}: {}", who(by), clean(text)))
        }
        Event::MessageDelivered { message, attempt } => {
            named(attempt.task, Tone::Usual, "heard", format!("message {message} has reached it"))
        }
        Event::ProviderLimited { provider, until, message } => {
            let wait = brief(rounded(*until, recorded.at));
            fact(Tone::Alert, "limited", provider, format!("takes no more for {wait}: {}", clean(message)))
        }
        Event::ProviderOpened { provider } => fact(Tone::Usual, "open", provider, "is used again".into()),
        Event::BudgetReached { scope, unit, percent, limit } => {
            let limit = amount(*unit, *limit);
            fact(Tone::Alert, "budget", &scope.words(run.plan()), format!("{percent} % of {limit} is used"))
        }
        Event::BudgetRaised { scope, unit, limit, .. } => {
            fact(Tone::Usual, "budget", &scope.words(run.plan()), format!("may use {} now", amount(*unit, *limit)))
        }
        Event::DecisionOpened { decision, .. } => {
            // What a rule decides at once is told when it is: nobody is asked.
            let open = run.decisions().get(decision).filter(|open| is_asked(run, open))?;
            let options: Vec<String> = open
                .question
                .options
                .iter()
                .map(|option| format!("{} {}", clean(&option.id), clean(&option.name)))
                .collect();
            let (options, silence) = (options.join(", "), heard::silence(open, recorded.at));
            let detail = format!("{decision}: {} [{options}]; {silence}", clean(&open.question.text));
            fact(Tone::Alert, "question", &heard::asker(run, &open.asker), detail)
        }
        Event::DecisionTaken { decision, .. } => {
            let over = run.decisions().get(decision)?;
            let question = if is_asked(run, over) { String::new() } else { format!("{} ", clean(&over.question.text)) };
            let detail = format!("{decision}: {question}{}", heard::taken(over));
            fact(Tone::Usual, "decided", &heard::asker(run, &over.asker), detail)
        }
        Event::DecisionHeld { decision, until: None, by } => {
            let held = run.decisions().get(decision)?;
            let detail = format!("{decision}: waits for changes by {}, then continue or stop", who(by));
            fact(Tone::Usual, "adjust", &heard::asker(run, &held.asker), detail)
        }
        Event::DecisionEscalated { decision } => {
            let open = run.decisions().get(decision)?;
            let detail = format!("{decision}: nobody answered in time; more people are to be told");
            fact(Tone::Alert, "escalated", &heard::asker(run, &open.asker), detail)
        }
        Event::AnswerKept { decision, option, by, .. } => {
            let over = run.decisions().get(decision)?;
            let detail = format!("{decision}: {} by {}, after it was decided; kept", clean(option), who(by));
            fact(Tone::Alert, "late", &heard::asker(run, &over.asker), detail)
        }
        Event::DecisionCorrected { decision, .. } => {
            let over = run.decisions().get(decision)?;
            let detail = format!("{decision}: {}", heard::taken(over));
            fact(Tone::Alert, "corrected", &heard::asker(run, &over.asker), detail)
        }
        Event::TaskReopened { task, .. } => named(*task, Tone::Usual, "reopened", "to be done anew".into()),
        event => adjusted(run, event),
    }
}

/// `claude 2.1, model opus`. It is told once more with each thing that becomes known: a model that was asked for is waited for.
fn program(run: &Run, event: &Event) -> Option<String> {
    let Event::AgentStarted { attempt, driver, version, model, session } = event else { return None };
    let wanted = run.agent_of(attempt.task).and_then(|name| run.plan().agents.get(name)?.model.as_ref());
    if model.is_none() && (session.is_some() || wanted.is_some()) {
        return None;
    }
    let version = version.as_ref().map(|version| format!(" {}", clean(version))).unwrap_or_default();
    let model = model.as_ref().map(|model| format!(", model {}", clean(model))).unwrap_or_default();
    Some(format!("{}{version}{model}", clean(driver)))
}

/// Whether anybody is asked, or was. A question that nobody is asked is over in the commit that opens it, but this may be told in between.
fn is_asked(run: &Run, decision: &Decision) -> bool {
    match &decision.taken {
        Some(taken) => taken.by != Decider::Policy,
        None => matches!(ruling(Terms::in_run(run), &decision.question), Ruling::Asks { .. }),
    }
}

/// What people changed of the run's course.
fn adjusted(run: &Run, event: &Event) -> Option<Fact> {
    let named = |id: TaskId, tone, word, detail| named(run, id, tone, word, detail);
    let fact = |tone, word, about: &str, detail| Some(Fact { tone, word, about: clean(about).into_owned(), detail });
    match event {
        Event::LevelChanged { level, by } => {
            fact(Tone::Alert, "level", "the run", format!("level {level} from now on, by {}", who(by)))
        }
        Event::ParallelChanged { parallel, by } => fact(
            Tone::Usual,
            "parallel",
            "the run",
            format!("up to {parallel} tasks at once from now on, by {}", who(by)),
        ),
        Event::TaskBroughtBack { task, by } => {
            named(*task, Tone::Usual, "back", format!("to be done after all, by {}", who(by)))
        }
        Event::TaskMoved { task, urgency, by } => {
            let place = if *urgency > 0 { "first" } else { "last" };
            named(*task, Tone::Usual, "moved", format!("to be done {place}, by {}", who(by)))
        }
        _ => None,
    }
}

fn said(heard: &Heard) -> (Tone, &'static str, String) {
    match heard {
        Heard::Insight { text } => (Tone::Usual, "insight", clean(text).into_owned()),
        Heard::Choice { question, choice, because, .. } => {
            (Tone::Usual, "chose", format!("{} ({}): {}", clean(choice), clean(question), clean(because)))
        }
        Heard::Blocker { name, severity, text, needs } => {
            let needs = needs.as_ref().map(|needs| format!("; needs: {}", clean(needs))).unwrap_or_default();
            let severity = format!("{severity:?}").to_lowercase();
            (Tone::Alert, "blocker", format!("{} ({severity}): {}{needs}", clean(name), clean(text)))
        }
        Heard::Unblocked { name, how } => (Tone::Good, "unblocked", format!("{}: {}", clean(name), clean(how))),
        Heard::Deliverable { path, text } => {
            let path = path.as_ref().map(|path| format!("{}: ", clean(path))).unwrap_or_default();
            (Tone::Usual, "made", format!("{path}{}", clean(text)))
        }
        Heard::Context { key, value, .. } => (Tone::Usual, "context", format!("{} = {}", clean(key), clean(value))),
    }
}

pub(super) fn who(by: &By) -> String {
    match by {
        By::Person { name } => clean(name).into_owned(),
        By::Engine => "the engine".into(),
    }
}

fn amount(unit: BudgetUnit, amount: u64) -> String {
    match unit {
        BudgetUnit::Cost => spent::money(amount),
        BudgetUnit::Tokens => format!("{} tokens", spent::tokens(amount)),
        BudgetUnit::Time => brief(Millis(amount)),
    }
}

fn rounded(until: Timestamp, from: Timestamp) -> Millis {
    Millis(until.since(from).0.div_ceil(1_000) * 1_000)
}
