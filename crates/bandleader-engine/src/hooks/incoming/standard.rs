//! Messages in the form of Standard Webhooks, from a script or a service of one's own.

use serde::Deserialize;

use super::{Content, Outcome, Signal, plain, task_of};

#[derive(Deserialize)]
struct Body {
    #[serde(rename = "type", default)]
    kind: String,
    data: Data,
}

/// Members that it does not know are no concern of ours.
#[derive(Deserialize)]
struct Data {
    outcome: Word,
    #[serde(default)]
    about: Option<About>,
    run: Option<String>,
    task: Option<String>,
    check: Option<String>,
    summary: Option<String>,
    url: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Passed,
    Failed,
    Pending,
}

/// One name, or several for the same thing.
#[derive(Deserialize)]
#[serde(untagged)]
enum About {
    One(String),
    Many(Vec<String>),
}

/// Names for one thing at most.
const MOST_NAMES: usize = 20;

/// Reads a body.
pub(super) fn read(body: &[u8]) -> Result<Content, String> {
    let body: Body =
        serde_json::from_slice(body).map_err(|error| format!("the body is not what is expected: {error}"))?;
    let data = body.data;
    let names = match data.about {
        None => Vec::new(),
        Some(About::One(name)) => vec![name],
        Some(About::Many(names)) => names,
    };
    let mut about: Vec<String> = names.iter().map(|name| plain(name)).filter(|name| !name.is_empty()).collect();
    about.truncate(MOST_NAMES);
    match (&data.run, &data.task) {
        (Some(run), Some(task)) => about.push(task_of(&plain(run), &plain(task))),
        (None, None) => (),
        _ => return Err("`run` and `task` stand together".into()),
    }
    if about.is_empty() {
        return Err("it does not say what it is about: `about`, or `run` and `task`".into());
    }
    let outcome = match data.outcome {
        Word::Passed => Outcome::Passed,
        Word::Failed => Outcome::Failed,
        Word::Pending => Outcome::Pending,
    };
    let check = plain(data.check.as_deref().unwrap_or_default());
    let said = [data.summary.as_deref(), data.url.as_deref()].into_iter().flatten().map(plain);
    let summary =
        std::iter::once(check.clone()).chain(said).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ");
    let signal = Signal { about, part: check.clone(), check, outcome, summary };
    Ok(Content { event: plain(&body.kind), signal: Some(signal) })
}
