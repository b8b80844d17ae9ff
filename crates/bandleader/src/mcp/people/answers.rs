//! Decisions: those that are open, and a person's answer to one.
//!
//! Only people decide, and whoever calls a tool is a model. So the tool asks the client to ask its person, and what counts is what
//! the client says that the person chose; what the model would choose is at most shown to them. Without that there is no answer.

use bandleader_core::{Command, Decision, Run, RunId};
use bandleader_engine::engine::{Follower, desk};
use bandleader_engine::folder::Folder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::find;
use super::page::{self, Window};
use crate::cli::{LEASE, runs as verbs};
use crate::error::Failure;
use crate::json::inbox::{can_ask, entry, rank};
use crate::mcp::toolbox::{Form, Given, Said, Turn, object};
use crate::render::heard;
use crate::render::text::{clean, clean_lines};

/// Letters of a reason at most.
const LONGEST_REASON: usize = 2_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListAsked {
    run: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

/// What is open, in one run or in all.
pub(super) fn list(asked: &ListAsked) -> Result<Value, Failure> {
    let window = Window::of(asked.after.as_deref(), asked.limit)?;
    let Some(run) = asked.run.as_deref() else {
        // A project without runs has no state folder yet.
        let Ok(folder) = verbs::folder() else { return Ok(page::listed("decisions", Vec::new(), window)) };
        return Ok(page::listed("decisions", of_all(&folder)?, window));
    };
    let (folder, id) = find(Some(run))?;
    let follower = Follower::open(&folder, &id)?;
    let run = follower.run();
    let open = run.open_decisions().map(|(number, decision)| entry(&folder, &id, run, number, decision));
    Ok(page::listed("decisions", open.collect(), window))
}

/// What all runs ask, the most pressing first.
fn of_all(folder: &Folder) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::new();
    for row in desk::runs(folder)?.iter().filter(|row| can_ask(&row.state)) {
        let follower = Follower::open(folder, &row.id)?;
        let run = follower.run();
        let one = |(number, open)| (rank(open), entry(folder, &row.id, run, number, open));
        all.extend(run.open_decisions().map(one));
    }
    all.sort_by_key(|(rank, _)| *rank);
    Ok(all.into_iter().map(|(_, value)| value).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerAsked {
    run: Option<String>,
    decision: u32,
    suggest: Option<String>,
}

/// What the person's form brings.
#[derive(Deserialize)]
struct Chosen {
    option: String,
    #[serde(default)]
    because: Option<String>,
}

/// Asks the person, then hands in what they chose.
pub(super) fn answer(asked: &AnswerAsked, given: Given) -> Result<Turn, Failure> {
    let (folder, id) = find(asked.run.as_deref())?;
    let follower = Follower::open(&folder, &id)?;
    let (run, number) = (follower.run(), asked.decision);
    let decision = run.decisions().get(&number).ok_or_else(|| {
        Failure::usage(format!("run {id} has no question {number}")).hint("list_decisions shows those that are open")
    })?;
    if decision.taken.is_some() {
        return Err(Failure::usage(format!("question {number} was decided before: {}", heard::taken(decision)))
            .hint(format!("a person decides otherwise with `band decide {id} {number} OPTION --correct`")));
    }
    let by_hand = format!(
        "they answer with `band decide {id} {number} OPTION` in a terminal, or on the dashboard (`band serve`)"
    );
    let open = |why: &str| Failure::usage(format!("{why}, so question {number} stays open")).hint(by_hand.clone());
    match given {
        Given::Nothing => Ok(Turn::Ask(form(&folder, &id, run, number, decision, asked.suggest.as_deref()))),
        Given::ByPerson(content) => {
            let chosen: Chosen = serde_json::from_value(content)
                .map_err(|error| open(&format!("what came back from the person does not fit: {error}")))?;
            let because: String = chosen.because.unwrap_or_default().trim().chars().take(LONGEST_REASON).collect();
            let command = Command::Answer { decision: number, option: chosen.option, because };
            let after = verbs::people::settle(&folder, &id, number, &command)?;
            let waits = after.is_none();
            let run = after.as_ref().map_or(run, Follower::run);
            let decision = run.decisions().get(&number).unwrap_or(decision);
            let mut value = entry(&folder, &id, run, number, decision);
            if let Value::Object(fields) = &mut value {
                // Without an engine it lies in the run's inbox, and counts when one takes the run up.
                fields.insert("waits_for_engine".into(), json!(waits));
            }
            Ok(Turn::Said(Said::Data(value)))
        }
        Given::Declined => Err(open("the person did not want to answer here")),
        Given::Dismissed => Err(open("the person closed the question without an answer")),
        Given::NobodyToAsk => Err(open(
            "only people decide, and this program does not say that it can ask its person (it offers no `elicitation`)",
        )),
    }
}

fn form(folder: &Folder, id: &RunId, run: &Run, number: u32, decision: &Decision, suggest: Option<&str>) -> Form {
    let question = &decision.question;
    let choice = |option: &bandleader_core::plan::Choice| {
        let columns: Vec<String> =
            option.columns.iter().map(|(name, value)| format!("{} {}", clean(name), clean(value))).collect();
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
        let name = if option.name == option.id { String::new() } else { format!(": {}", clean(&option.name)) };
        json!({ "const": option.id, "title": format!("{}{name}{columns}", clean(&option.id)) })
    };
    let options: Vec<Value> = question.options.iter().map(choice).collect();
    let properties = json!({
        "option": { "type": "string", "title": "Your choice", "oneOf": options },
        "because": { "type": "string", "title": "Why (may stay empty)", "maxLength": LONGEST_REASON },
    });
    let (held, released) = ((folder.clone(), id.clone()), (folder.clone(), id.clone()));
    Form {
        message: message(id, run, number, decision, suggest),
        schema: object(&["option"], properties),
        // Where no engine is, nobody counts; that it cannot be held is no reason not to ask.
        while_open: Box::new(move || {
            let (folder, id) = &held;
            if desk::owner(folder, id).is_some() {
                let _ = desk::ask(folder, id, &Command::Hold { decision: number, lease: LEASE });
            }
        }),
        given_up: Box::new(move || {
            let (folder, id) = &released;
            let _ = desk::ask(folder, id, &Command::Release { decision: number });
        }),
    }
}

/// The question in words. What agents wrote of it is shown as text, and what the caller suggests as that.
fn message(id: &RunId, run: &Run, number: u32, decision: &Decision, suggest: Option<&str>) -> String {
    let question = &decision.question;
    let named = |option: &str| question.option(option).map(|option| clean(&option.id).into_owned());
    let mut lines = vec![
        format!("{}: {}", clean(&run.plan().mission), clean(&question.text)),
        format!("Question {number} of run {id}, asked by {}.", clean(&heard::asker(run, &decision.asker))),
    ];
    lines.extend(question.details.iter().map(|details| clean_lines(details).into_owned()));
    let more = question.options.iter().filter_map(|option| Some((option, option.details.as_ref()?)));
    lines.extend(more.map(|(option, details)| format!("{}: {}", clean(&option.id), clean(details))));
    if let Some(option) = question.recommend.as_deref().and_then(named) {
        lines.push(format!("Recommended by who asks: {option}."));
    }
    if let Some(option) = suggest.and_then(named) {
        lines.push(format!("The assistant suggests: {option}."));
    }
    if question.irreversible {
        lines.push("It cannot be taken back.".into());
    }
    lines.join("\n")
}
