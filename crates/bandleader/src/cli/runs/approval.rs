//! `band approve` and `band reject`: answers to questions with two options, one of which is a yes, the other a no.

use bandleader_core::Decision;
use bandleader_engine::engine::Follower;
use clap::Args;

use super::answer::{Words, put};
use super::people::{asks, meant, wanted};
use crate::error::{Failure, Outcome};
use crate::render::screen::Screen;
use crate::render::text::clean;

/// Say yes to an approval
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band approve                  the one approval that is open in the newest run
  band approve 3 --because 'the numbers are good'
For questions with two options, one of them `approve`, `yes` or `continue`.")]
pub(crate) struct ApproveArguments {
    #[command(flatten)]
    given: Given,
}

/// Say no to an approval: its task fails, what needs it is skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band reject 3 --because 'not on a Friday'
For questions with two options, one of them `reject`, `no` or `stop`.")]
pub(crate) struct RejectArguments {
    #[command(flatten)]
    given: Given,
}

#[derive(Debug, Args)]
struct Given {
    /// The run, and the number of the question
    #[arg(value_name = "RUN DECISION", num_args = 0..=2)]
    words: Vec<String>,
    /// Why
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    because: String,
}

/// Says yes.
pub(crate) fn approve(arguments: &ApproveArguments, screen: &mut Screen) -> Outcome {
    judge(&arguments.given, &["approve", "yes", "continue"], "approve", screen)
}

/// Says no.
pub(crate) fn reject(arguments: &RejectArguments, screen: &mut Screen) -> Outcome {
    judge(&arguments.given, &["reject", "no", "stop"], "reject", screen)
}

/// Answers an approval: a question with two options, one of which is a yes, the other a no.
fn judge(given: &Given, words: &[&str], verb: &str, screen: &mut Screen) -> Outcome {
    let (run, number) = match given.words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => (None, None),
        [word] if word.parse::<u32>().is_ok() && asks(word)? => (None, Some(*word)),
        [run] => (Some(*run), None),
        [run, number, ..] => (Some(*run), Some(*number)),
    };
    let mut meant = meant(run, number)?;
    let follower = Follower::open(&meant.folder, &meant.id)?;
    let run = follower.run();
    let option = |decision: &Decision| {
        let options = &decision.question.options;
        let fits = options.iter().find(|option| words.iter().any(|word| option.id.eq_ignore_ascii_case(word)));
        fits.filter(|_| options.len() == 2).map(|option| option.id.clone())
    };
    let chosen = if let Some(number) = meant.number {
        let (_, decision) = wanted(run, Some(number))?;
        option(decision).ok_or_else(|| {
            let ids: Vec<_> = decision.question.options.iter().map(|one| clean(&one.id)).collect();
            Failure::usage(format!("question {number} is no approval: its options are {}", ids.join(", ")))
                .hint(format!("`band decide {number} OPTION` answers it"))
        })?
    } else {
        let open: Vec<(u32, String)> =
            run.open_decisions().filter_map(|(number, one)| Some((number, option(one)?))).collect();
        match open.as_slice() {
            [(number, option)] => {
                meant.number = Some(*number);
                option.clone()
            }
            [] => {
                return Err(Failure::usage(format!("run {} waits for no approval", meant.id))
                    .hint("`band decide` lists what is open"));
            }
            several => {
                let numbers: Vec<String> = several.iter().map(|(number, _)| number.to_string()).collect();
                return Err(Failure::usage(format!("several approvals are open: {}", numbers.join(", ")))
                    .hint(format!("`band {verb} NUMBER` answers one")));
            }
        }
    };
    put(&meant, &Words { option: &chosen, because: &given.because, correct: false, json: false }, screen)
}
