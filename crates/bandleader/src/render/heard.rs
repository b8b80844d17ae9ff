//! What agents say and ask, and what they use, in words for a screen. Every text of theirs is made harmless here.

use bandleader_core::plan::OnSilence;
use bandleader_core::view::spent;
use bandleader_core::{Asker, BudgetScope, Decider, Decision, Run, Spending, TaskId, Timestamp};
use bandleader_engine::agent::notes::Activity;

use super::card::asked;
use super::style::{ALERT, QUIET, paint};
use super::text::{clean, fit, pad, width};
use super::words::brief;
use super::wrap::hang;

/// Who asks.
pub(crate) fn asker(run: &Run, asker: &Asker) -> String {
    let path = |task: &TaskId| run.plan().tasks.get(task.index()).map_or("?", |task| &task.path).to_owned();
    match asker {
        Asker::Agent { attempt, .. } => path(&attempt.task),
        Asker::Task { task } | Asker::Engine { task } => path(task),
        Asker::Phase { group } => run.plan().group(*group).path.clone(),
        Asker::Run => "the run".into(),
        Asker::Budget { scope, .. } => scope.words(run.plan()),
    }
}

/// An open question with its options, as lines of at most `columns`.
pub(crate) fn question(run: &Run, number: u32, decision: &Decision, now: Timestamp, columns: usize) -> Vec<String> {
    let question = &decision.question;
    let about = format!("({}, {})", clean(&asker(run, &decision.asker)), silence(decision, now));
    let mut lines = asked(&format!("? {number} "), &clean(&question.text), &about, columns);
    let wide = question.options.iter().map(|option| width(&clean(&option.id))).max().unwrap_or_default().min(12);
    for option in &question.options {
        let recommended = question.recommend.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(&option.id));
        let mark = if recommended { "  (recommended)" } else { "" };
        let facts: Vec<String> =
            option.columns.iter().map(|(name, value)| format!("{} {}", clean(name), clean(value))).collect();
        lines.extend(hang(
            &format!("    {}  ", pad(&clean(&option.id), wide)),
            6 + wide,
            &format!("{}{mark}", clean(&option.name)),
            columns,
        ));
        let facts = Some(facts.join(" · ")).filter(|facts| !facts.is_empty());
        let below = facts.into_iter().chain(option.details.as_ref().map(|details| clean(details).into_owned()));
        lines.extend(
            below.flat_map(|text| hang(&" ".repeat(6 + wide), 6 + wide, &text, columns)).map(|line| paint(QUIET, line)),
        );
    }
    lines
}

/// An open question in a line.
pub(crate) fn question_line(run: &Run, number: u32, decision: &Decision, now: Timestamp, columns: usize) -> String {
    let ids: Vec<_> = decision.question.options.iter().map(|option| clean(&option.id)).collect();
    let text = format!("{number}  {}", clean(&decision.question.text));
    let who = format!(" ({})", clean(&asker(run, &decision.asker)));
    let (options, silence) = (format!(" [{}]", ids.join(", ")), format!(" · {}", silence(decision, now)));
    // What is asked and the time that is left are the last to give way; who asks is the first.
    let room = columns.saturating_sub(3);
    let rests = [format!("{who}{options}{silence}"), format!("{options}{silence}"), silence.clone()];
    let rest = rests.into_iter().find(|rest| width(&text) + width(rest) <= room).unwrap_or(silence);
    let text = fit(&text, room.saturating_sub(width(&rest)).max(room / 3)).into_owned() + &rest;
    format!(" {} {}", paint(ALERT, "?"), fit(&text, room))
}

/// What follows when nobody answers.
pub(crate) fn silence(decision: &Decision, now: Timestamp) -> String {
    let what = match (decision.question.on_silence, &decision.question.recommend) {
        (OnSilence::Recommend, Some(option)) => format!("{} is taken", clean(option)),
        (OnSilence::Fail, _) => "it fails".into(),
        (OnSilence::Escalate, _) => "more people are told".into(),
        (OnSilence::Recommend | OnSilence::Park, _) => "nothing is chosen".into(),
    };
    match decision.left(now) {
        Some(left) if decision.is_held(now) => {
            format!("{what} {} after its clock goes on; somebody has it open", brief(coarse(left)))
        }
        Some(left) => format!("{what} in {}", brief(coarse(left))),
        None if decision.is_held(now) => "waits for your changes".into(),
        None if !decision.asks_people() => {
            let name = decision.question.hook.as_ref().map(|hook| clean(&hook.name)).unwrap_or_default();
            format!("waits for a message through {name}")
        }
        None if decision.escalated.is_some() => "nobody answered in time; it waits".into(),
        None => "waits for an answer".into(),
    }
}

fn coarse(left: bandleader_core::Millis) -> bandleader_core::Millis {
    bandleader_core::Millis(left.0.div_ceil(1_000) * 1_000)
}

/// How a question ended.
pub(crate) fn taken(decision: &Decision) -> String {
    let Some(taken) = &decision.taken else { return "open".into() };
    let because = if taken.because.is_empty() { String::new() } else { format!(": {}", clean(&taken.because)) };
    let who = match &taken.by {
        Decider::Person { name } => format!("by {}", clean(name)),
        Decider::Hook { name, .. } => format!("by a message through {}", clean(name)),
        // The reason says so itself, and for how long it was waited.
        Decider::Timeout if taken.because.starts_with("nobody answered") => {
            return format!("{}, because {}", chosen(decision), clean(&taken.because));
        }
        Decider::Policy if !taken.because.is_empty() => {
            return format!("{}, because {}", chosen(decision), clean(&taken.because));
        }
        Decider::Timeout => "because nobody answered".into(),
        Decider::Policy => "by a rule of the plan".into(),
        Decider::Withdrawn => return "withdrawn: whoever asked is gone".into(),
    };
    format!("{}, {who}{because}", chosen(decision))
}

/// `B (Server-sent events)`, or that nothing was chosen.
fn chosen(decision: &Decision) -> String {
    let Some(id) = decision.taken.as_ref().and_then(|taken| taken.option.as_ref()) else {
        return "nothing was chosen".into();
    };
    let name = decision.question.option(id).map_or("", |option| &option.name);
    let name = if name.is_empty() || name == id { String::new() } else { format!(" ({})", clean(name)) };
    format!("{}{name}", clean(id))
}

/// `12.3k tokens, $0.42`; nothing where nothing was used.
pub(crate) fn usage(run: &Run, scope: &BudgetScope, spending: Spending) -> Option<String> {
    (!spending.is_nothing()).then(|| spent::words(spending, run.cost_is_partial(scope)))
}

/// What an agent does now, in a few words, and how far it is; empty when nothing is known.
pub(crate) fn doing(activity: &Activity, now: Timestamp) -> String {
    let percent = activity.percent.map(|percent| format!("{percent} %"));
    let parts: Vec<String> =
        percent.into_iter().chain(Some(at_it(activity, now)).filter(|at| !at.is_empty())).collect();
    parts.join(" · ")
}

/// What an agent does now, where a bar beside it says how far it is.
pub(crate) fn at_it(activity: &Activity, now: Timestamp) -> String {
    let waits = activity.waits_until.filter(|until| *until > now);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(waits.map(|until| format!("waits for its provider, {}", brief(coarse(until.since(now))))));
    let said = activity.progress.as_deref().filter(|words| !words.trim().is_empty());
    let words = said.or(Some(activity.doing.as_str()).filter(|words| !words.trim().is_empty()));
    parts.extend(words.map(|words| clean(words).into_owned()));
    parts.join(" · ")
}
