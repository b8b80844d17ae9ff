//! What a planner is told: the request, the answers, who there is, what a plan looks like, what the level means.

use std::fmt::Write as _;

use serde_json::Value;

use crate::interview::Brief;
use crate::plan::Mode;

use super::fill::told;
use super::stack::Tests;

/// As many agents of the catalogue are named, and as much of each description.
const MOST_COLLEAGUES: usize = 150;
const LONGEST_DESCRIPTION: usize = 200;

/// As many problems are sent back at once.
const MOST_PROBLEMS: usize = 30;

/// As much of a wrong answer is repeated to a planner that does not know its own any more.
const LONGEST_QUOTE: usize = 60_000;

/// An agent that a plan may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// What plans call it.
    pub name: String,
    /// What it is good at.
    pub description: String,
}

/// The whole task of a planner. `schema` is the JSON Schema of plans; `wish` is what a person wants changed in an earlier plan.
pub fn instruction(
    brief: &Brief,
    colleagues: &[Colleague],
    tests: Tests,
    schema: &Value,
    wish: Option<(&str, &Value)>,
) -> String {
    let mut text = String::from(
        "Write a plan for what a person wants. The plan is run by a program: each task starts as soon as what it needs is done, tasks \
         that need nothing of each other run at the same time, each task is given to one agent, which sees its own task, the \
         brief and the files in the repository, and nothing of other agents but what they left there.\n\n",
    );
    section(&mut text, "The brief", &told(brief));
    section(&mut text, &format!("Level {} of 5", brief.level), &brief.levels.level(brief.level).bar());
    section(&mut text, "What a good plan is", RULES);
    section(&mut text, "What people are asked", people(brief));
    let commands = match tests.toolchain() {
        Some(tools) => format!("`{}` runs all tests; use it in gates of tasks that change code.", tools.test),
        None => {
            "Which command runs the tests is not known: write a gate only where a task makes the command itself.".into()
        }
    };
    section(&mut text, "Commands", &commands);
    section(&mut text, "Agents", &team(colleagues));
    section(&mut text, "The JSON Schema of a plan", &lean(schema).to_string());
    if let Some((wish, earlier)) = wish {
        section(&mut text, "Your earlier plan", &earlier.to_string());
        section(&mut text, "What the person wants changed in it", wish);
    }
    text.push_str(
        "Answer with the plan as one JSON value that fulfils the schema, and nothing else: no fence, no explanation. Do not touch any file.\n",
    );
    text
}

/// What is said to a planner whose plan cannot be used. One whose conversation cannot be taken up gets everything anew.
pub fn once_more(problems: &[String], anew: Option<(&str, &str)>) -> String {
    let shown = problems.iter().take(MOST_PROBLEMS).map(|problem| ["- ", problem, "\n"].concat()).collect::<String>();
    let more = problems.len().saturating_sub(MOST_PROBLEMS);
    let more = if more > 0 { format!("- and {more} more\n") } else { String::new() };
    let wish = "Answer with the whole corrected plan as one JSON value, and nothing else.";
    match anew {
        None => format!("The plan cannot be used:\n{shown}{more}\n{wish}"),
        Some((instruction, answer)) => {
            let answer: String = answer.chars().take(LONGEST_QUOTE).collect();
            format!(
                "{instruction}\n## Your answer so far\n\n{answer}\n\nThat plan cannot be used:\n{shown}{more}\n{wish}"
            )
        }
    }
}

const RULES: &str = "\
- `phases` in the order of the work, each with an `id`, a `title` and `needs`; two to six of them, three to thirty tasks in all.
- Each task has an `id`, an `agent`, a `task` that somebody can act on who knows only the brief, `expected_time`, and `deliverables`: \
paths of files that will be there afterwards, no path in two tasks.
- `needs` only where a task really needs what another made: everything else runs at the same time. Never a circle.
- What an agent must know of an earlier task stands in a file: name that file in its `input`.
- Every task that reads the brief says so with `input: \"{{ inputs.brief }}\"`; give the plan an input `brief`, of type text, with the brief as its default.
- `gates` only with commands that exist when the task ends. `levels` where a task is only worth it at some levels, such as `levels: 3..5`.
- Whoever reviews something did not make it.
- Agents that stand in the list below are named and not defined. Others are defined in `agents`, with `description` and `instructions`, \
by what they are good at; never with a driver, a command, keys, addresses or rights.
- No secrets, no passwords, nothing irreversible: nothing is published, paid, deleted or sent to people.
- `limits.parallel` is how many tasks run at once: 3 to 6.";

/// When a planner puts questions into its plan: what the level can bear (SPEC section 6), and who says that nobody is asked.
fn people(brief: &Brief) -> &'static str {
    match (brief.mode.unwrap_or(brief.levels.level(brief.level).mode), brief.level) {
        (Mode::Autonomous, _) => {
            "Nobody. A choice that matters may stand as a task with `decision` and `recommend`: the recommendation is taken and recorded. \
             Nothing is `irreversible` and nothing has `auto_proceed: false`: that would wait for somebody."
        }
        (_, 1 | 2) => {
            "Little: a task with `decision` for the one choice that changes the work, with `options`, `recommend` and columns to compare."
        }
        (_, 3) => {
            "A task with `decision` for each choice that changes much of the work and that a person would want to make: `options` with columns \
             to compare, `recommend`, `weight`, `kind`. Tasks that hang on it name it in `needs` and are told the choice with \
             `{{ needs.ID.outputs.name }}` in their `input`. `check_in: true` on phases after which it is worth to look before going on."
        }
        _ => {
            "A task with `decision` for each choice that is hard to change: `options` with columns to compare, `recommend`, `weight`, `kind`. \
             Tasks that hang on it name it in `needs` and are told the choice with `{{ needs.ID.outputs.name }}` in their `input`. \
             `check_in: true` on every phase, and an approval (a `decision` without `options`) before what is hard to take back."
        }
    }
}

fn section(text: &mut String, title: &str, body: &str) {
    let _ = write!(text, "## {title}\n\n{}\n\n", body.trim_end());
}

fn team(colleagues: &[Colleague]) -> String {
    if colleagues.is_empty() {
        return "There are none yet: define those that you need.".into();
    }
    let line = |colleague: &Colleague| {
        let words = colleague.description.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = words.chars().take(LONGEST_DESCRIPTION).collect();
        format!("- {}: {short}\n", colleague.name)
    };
    let mut text: String = colleagues.iter().take(MOST_COLLEAGUES).map(line).collect();
    let more = colleagues.len().saturating_sub(MOST_COLLEAGUES);
    if more > 0 {
        let _ = writeln!(text, "- and {more} more that are not named here");
    }
    text
}

/// The schema without what is only for editors: examples and links.
fn lean(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, value)| {
                let is_for_editors =
                    matches!(key.as_str(), "examples" | "markdownDescription" | "$schema" | "$id" | "title");
                // A key of plans may have such a name; its value is a schema, which is a map.
                !is_for_editors || value.is_object()
            });
            Value::Object(kept.map(|(key, value)| (key.clone(), lean(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(lean).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::interview::{Given, Interview, Kind};

    fn brief() -> Brief {
        let given = Given::from([("audience".to_owned(), "shops".to_owned())]);
        Interview::new("Build alerts", Kind::Saas, 4, &given).unwrap().finish()
    }

    #[test]
    fn a_planner_is_told_everything_that_it_needs() {
        let colleagues = [Colleague { name: "backend-expert".into(), description: "Builds\n\tservices.".into() }];
        let earlier = json!({ "mission": "old" });
        let schema = crate::json_schema();
        let text = instruction(&brief(), &colleagues, Tests::Unknown, &schema, Some(("smaller, please", &earlier)));
        for words in [
            "The request: Build alerts",
            "Who is it for? shops\n",
            "(assumed)",
            "## Level 4 of 5",
            "- backend-expert: Builds services.",
            "\"expected_time\"",
            "smaller, please",
            "{\"mission\":\"old\"}",
        ] {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
        assert!(!text.contains("\"examples\""), "editors need them, planners do not");
        assert!(text.len() < 70_000, "{} bytes", text.len());
    }

    #[test]
    fn a_wrong_plan_comes_back_with_what_is_wrong() {
        let problems: Vec<String> = (0..40).map(|number| format!("problem {number}")).collect();
        let short = once_more(&problems, None);
        assert!(short.contains("- problem 29\n- and 10 more") && !short.contains("problem 30"), "{short}");
        let long = once_more(&problems, Some(("Write a plan.", "{}")));
        assert!(long.starts_with("Write a plan.") && long.contains("\n{}\n"), "{long}");
    }
}
