//! `band policy PLAN`: who would be asked what in a run of this plan, for how long, and what silence would do.

use bandleader_core::plan::{Mode, OnSilence, Plan, Question, Timeline};
use bandleader_core::policy::{
    self, KINDS, LONGEST, MODES, MOST_HELD, Ruling, SHORTEST, TIMELINES, Terms, WEIGHTS, floor, ruling, time_to_answer,
    timeline_tenths,
};
use bandleader_core::{Millis, TaskId, foreseen};
use clap::Args;
use serde_json::{Value, json};

use crate::error::{Exit, Outcome};
use crate::plans::{self, Missing, PlanArguments};
use crate::render::screen::Screen;
use crate::render::style::{QUIET, STRONG, paint};
use crate::render::text::{clean, fit, pad, pad_left, width};
use crate::render::words::clock;

/// Show who is asked what, for how long, and what silence means
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band policy plan.yaml
  band policy plan.yaml --level 5
  band policy plan.yaml --json | jq '.decisions[] | select(.within_ms == null) | .task'
Time is base x level x timeline, between 1 and 20 minutes; some kinds have a floor. A decision's own `timeout` wins.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    plan: PlanArguments,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let plan = plans::load(&arguments.plan, None, Missing::Allow, screen)?;
    if arguments.json {
        screen.json(&describe(&plan))?;
        return Ok(Exit::Succeeded);
    }
    for line in table(&plan).into_iter().chain(decisions(&plan, screen.width())) {
        screen.line(&line)?;
    }
    Ok(Exit::Succeeded)
}

fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Interactive => "interactive",
        Mode::Guided => "guided",
        Mode::SemiAutonomous => "semi-autonomous",
        Mode::Autonomous => "autonomous",
    }
}

fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Interactive => "everything asks",
        Mode::Guided => "critical and special kinds ask; the rest takes the recommendation",
        Mode::SemiAutonomous => "everything asks, as if the timeline were urgent",
        Mode::Autonomous => "nothing asks; what only people may decide waits",
    }
}

fn timeline_name(timeline: Timeline) -> &'static str {
    match timeline {
        Timeline::Urgent => "urgent",
        Timeline::Normal => "normal",
        Timeline::Relaxed => "relaxed",
    }
}

/// The whole policy, with what this plan comes to.
fn table(plan: &Plan) -> Vec<String> {
    let factor = |tenths: u64| format!("{}.{}", tenths / 10, tenths % 10);
    let here = |is_here: bool, text: String| if is_here { paint(STRONG, format_args!("[{text}]")) } else { text };
    let levels: Vec<String> = plan
        .levels
        .rows()
        .iter()
        .map(|level| here(level.number == plan.level, format!("{} x{}", level.number, factor(level.deadline_tenths))))
        .collect();
    let timeline = |timeline| {
        here(timeline == plan.timeline, format!("{} x{}", timeline_name(timeline), factor(timeline_tenths(timeline))))
    };
    let modes = MODES.iter().map(|mode| here(*mode == plan.mode, pad(mode_name(*mode), 15)) + " " + mode_words(*mode));
    let mut lines =
        vec![format!("level     {}", levels.join("  ")), format!("timeline  {}", TIMELINES.map(timeline).join("  "))];
    lines.extend(modes.enumerate().map(|(at, words)| format!("{:<10}{words}", if at == 0 { "mode" } else { "" })));
    lines.push(String::new());
    let head: String = KINDS.iter().map(|kind| pad_left(kind.name(), 12)).collect();
    lines.push(paint(QUIET, format_args!("{:<14}{:>6}{head}", "weight", "base")));
    for weight in WEIGHTS {
        let cells: String =
            KINDS.iter().map(|kind| pad_left(&clock(time_to_answer(Terms::of(plan), *kind, weight)), 12)).collect();
        lines.push(format!("{:<14}{:>6}{cells}", weight.name(), clock(policy::base(weight))));
    }
    let floors: String =
        KINDS.iter().map(|kind| pad_left(&floor(*kind).map_or_else(|| "-".to_owned(), clock), 12)).collect();
    lines.push(paint(QUIET, format_args!("{:<14}{:>6}{floors}", "at least", "")));
    lines.push(paint(
        QUIET,
        format_args!("from {} to {}; warnings at 60, 30 and 15 seconds", clock(SHORTEST), clock(LONGEST)),
    ));
    lines.push(paint(
        QUIET,
        format_args!(
            "the clock stands still while somebody has the question open, for {} in all at most",
            clock(MOST_HELD)
        ),
    ));
    lines
}

/// Every question of the plan.
fn asked(plan: &Plan) -> impl Iterator<Item = (TaskId, &Question)> {
    plan.ids().filter_map(|id| Some((id, plan.task(id).question()?)))
}

/// Who may ask what: the plan its decisions, the engine about what goes wrong.
fn decisions(plan: &Plan, columns: usize) -> Vec<String> {
    let row = |what: &str, question: &Question| {
        let (time, then) = outcome(plan, question);
        [
            clean(what).into_owned(),
            question.kind.name().to_owned(),
            question.weight.name().to_owned(),
            time.map_or_else(|| "-".to_owned(), clock),
            then,
        ]
    };
    let own: Vec<[String; 5]> = asked(plan).map(|(id, question)| row(&plan.task(id).path, question)).collect();
    let engines: Vec<[String; 5]> = foreseen(plan).iter().map(|one| row(&one.when, &one.question)).collect();
    let widths = own.iter().chain(&engines).map(|row| width(&row[0]));
    let widest = widths.max().unwrap_or(8).clamp(8, columns.saturating_sub(50).max(8));
    let line = |row: &[String; 5]| {
        let [path, kind, weight, time, then] = row;
        format!(
            "{}  {}{}{}  {then}",
            pad(&fit(path, widest), widest),
            pad(kind, 12),
            pad(weight, 14),
            pad_left(time, 7)
        )
    };
    let table = |what: &str, rows: &[[String; 5]]| {
        let head = [what, "kind", "weight", "time", "silence"].map(str::to_owned);
        let lines = [String::new(), paint(QUIET, line(&head))].into_iter().chain(rows.iter().map(line));
        if rows.is_empty() { Vec::new() } else { lines.collect::<Vec<_>>() }
    };
    let none = vec![String::new(), "this plan has no decisions of its own; agents and the engine may ask".into()];
    let own = if own.is_empty() { none } else { table("decision", &own) };
    own.into_iter().chain(table("the engine asks when", &engines)).collect()
}

/// How long people have, and what follows then.
fn outcome(plan: &Plan, question: &Question) -> (Option<Millis>, String) {
    match ruling(Terms::of(plan), question) {
        Ruling::Takes(option) => (None, format!("not asked: {} is taken", clean(&option))),
        Ruling::Fails => (None, "not asked: it fails".into()),
        Ruling::Asks { within, then } => {
            let words = match (then, &question.recommend, within) {
                (_, _, None) => "waits for a person".into(),
                (OnSilence::Recommend, Some(option), _) => format!("{} is taken", clean(option)),
                (OnSilence::Fail, _, _) => "it fails".into(),
                (OnSilence::Escalate, _, _) => "more people are told, and it waits".into(),
                _ => "nothing is chosen".into(),
            };
            (within, words)
        }
    }
}

/// All of it, for programs.
pub(crate) fn describe(plan: &Plan) -> Value {
    let times = WEIGHTS.iter().map(|weight| {
        let of = |kind| json!({ "weight": weight.name(), "kind": kind, "ms": time_to_answer(Terms::of(plan), kind, *weight) });
        KINDS.map(of)
    });
    let described = |question: &Question| {
        let (within, words) = outcome(plan, question);
        let (asks, then) = match ruling(Terms::of(plan), question) {
            Ruling::Asks { then, .. } => (true, then.name()),
            Ruling::Takes(_) => (false, "recommend"),
            Ruling::Fails => (false, "fail"),
        };
        json!({
            "question": question.text, "kind": question.kind, "weight": question.weight,
            "irreversible": question.irreversible, "recommend": question.recommend, "asks": asks,
            "within_ms": within, "then": then, "words": words,
        })
    };
    let with = |key: &str, value: &str, question: &Question| {
        let mut described = described(question);
        if let Value::Object(fields) = &mut described {
            fields.insert(key.to_owned(), value.into());
        }
        described
    };
    let decisions = asked(plan).map(|(id, question)| with("task", &plan.task(id).path, question));
    let engine = foreseen(plan);
    let engine = engine.iter().map(|one| {
        let ids: Vec<&str> = one.question.options.iter().map(|option| option.id.as_str()).collect();
        let mut described = with("when", &one.when, &one.question);
        if let Value::Object(fields) = &mut described {
            fields.insert("options".into(), json!(ids));
        }
        described
    });
    let levels: Vec<Value> = plan
        .levels
        .rows()
        .iter()
        .map(|level| json!({ "level": level.number, "tenths": level.deadline_tenths }))
        .collect();
    json!({
        "level": plan.level, "timeline": plan.timeline, "mode": plan.mode, "shortest_ms": SHORTEST, "longest_ms": LONGEST,
        "most_held_ms": MOST_HELD,
        "warnings_ms": policy::WARNINGS, "levels": levels,
        "timelines": TIMELINES.map(|timeline| json!({ "timeline": timeline, "tenths": timeline_tenths(timeline) })),
        "weights": WEIGHTS.map(|weight| json!({ "weight": weight, "base_ms": policy::base(weight) })),
        "kinds": KINDS.map(|kind| json!({ "kind": kind, "floor_ms": floor(kind) })),
        "times": times.flatten().collect::<Vec<_>>(), "decisions": decisions.collect::<Vec<_>>(),
        "engine": engine.collect::<Vec<_>>(),
    })
}
