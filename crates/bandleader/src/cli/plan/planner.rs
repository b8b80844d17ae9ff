//! The planner: an agent like any other, asked for a plan, and asked again with what is wrong with it, twice at most.
//!
//! It is found in the order of [`Planner::find`]. It may read the project and change nothing. What it answers is data: it is parsed, looked
//! through for what no planner may set, written as a plan by us, and checked as every plan is, before anybody sees more of it than that.

use std::time::Instant;

use bandleader_core::Spending;
use bandleader_core::plan::{Agent, FailureClass};
use bandleader_core::planner::{self, NoPlan};
use bandleader_core::prices::Prices;
use bandleader_engine::agent::json_in;
use bandleader_engine::agent::once::{self, Patience, Question, Reply};
use bandleader_engine::engine::own_binary;
use serde_json::{Value, json};

use super::Wanted;
use super::attention::{AtTerminal, Attention};
use super::proposal::{self, Origin, Proposal};
use super::whom::{Found, USUAL_NAME, colleagues, defined, named, resolve};
use crate::config;
use crate::error::{Exit, Failure, with_causes};
use crate::plans;
use crate::programs;
use crate::render::screen::Screen;
use crate::render::style::{QUIET, paint};
use crate::render::text::clean;
use crate::render::wrap::wrap;

/// Further tries with what was wrong.
const MOST_REPEATS: u32 = 2;

/// A planner that can be asked.
pub(super) struct Planner {
    name: String,
    agent: Agent,
    /// What people say that models cost.
    prices: Prices,
    /// Somebody named it.
    asked_for: bool,
}

/// There is no plan of the planner's.
pub(super) struct Refusal {
    name: String,
    why: String,
    stopped: bool,
}

impl Refusal {
    /// What happened, in a sentence.
    pub(super) fn words(&self) -> String {
        format!("the planner `{}` gave no usable plan: {}", self.name, self.why)
    }

    /// Whether a person stopped it: then nothing is put in its place.
    pub(super) fn is_the_persons(&self) -> bool {
        self.stopped
    }

    /// As the end of the verb.
    pub(super) fn failure(&self) -> Failure {
        let exit = if self.stopped { Exit::Cancelled } else { Exit::TasksFailed };
        let message = clean(&self.words()).into_owned();
        let failure = Failure { exit, ..Failure::usage(message) };
        failure
            .hint("`--template NAME` fills a built-in template instead; `--save-answers FILE` keeps what was answered")
    }
}

impl Planner {
    /// The planner: the one that is named; else the model that is named, called directly; else an agent called `planner`; else the coding
    /// agent that is installed and looks logged in; else none. Says whom it found.
    pub(super) fn find(
        agent: Option<&str>,
        model: Option<&str>,
        wanted: &Wanted,
        screen: &mut Screen,
    ) -> Result<Option<Planner>, Failure> {
        let planner = Planner::look_for(agent, model, wanted)?;
        if let Some(planner) = &planner {
            let who = planner.who();
            for line in
                wrap(&format!("the planner is {who}; --template NAME would ask no model"), screen.width(), usize::MAX)
            {
                screen.note(&paint(QUIET, line));
            }
        }
        Ok(planner)
    }

    /// The same without a word.
    pub(super) fn look_for(
        agent: Option<&str>,
        model: Option<&str>,
        wanted: &Wanted,
    ) -> Result<Option<Planner>, Failure> {
        let asked_for = agent.is_some() || model.is_some();
        let found = match (agent, model) {
            (Some(name), model) => Some(named(name, model, wanted)?),
            (None, Some(model)) => Some(defined(USUAL_NAME, &json!({ "driver": "llm", "model": model }), wanted)?),
            (None, None) => match resolve(USUAL_NAME, None, wanted)? {
                Ok(found) => Some(found),
                Err(_) => match programs::automatic()
                    .filter(|program| program.is_logged_in())
                    .and_then(|program| program.driver)
                {
                    Some(driver) => Some(defined(USUAL_NAME, &json!({ "driver": driver }), wanted)?),
                    None => None,
                },
            },
        };
        Ok(found.map(|Found { name, agent, prices }| Planner { name, agent, prices, asked_for }))
    }

    /// Who it is: `planner` (claude, sonnet), the first in back-ticks.
    pub(super) fn who(&self) -> String {
        let model = self.agent.model.as_deref().map(|model| format!(", {}", clean(model))).unwrap_or_default();
        format!("`{}` ({}{model})", clean(&self.name), clean(&self.agent.driver))
    }

    /// Whether somebody named it.
    pub(super) fn is_asked_for(&self) -> bool {
        self.asked_for
    }

    /// Asks for a plan, at a terminal; `wish` is what a person wants changed in an earlier one.
    pub(super) fn plan(
        &self,
        wanted: &Wanted,
        wish: Option<(&str, &Value)>,
        screen: &mut Screen,
    ) -> Result<Proposal, Refusal> {
        let mut here = AtTerminal::watch(screen).map_err(|error| self.refusal(error.to_string()))?;
        self.plan_for(wanted, wish, &mut here)
    }

    /// The same for whoever waits for it.
    pub(super) fn plan_for(
        &self,
        wanted: &Wanted,
        wish: Option<(&str, &Value)>,
        waiting: &mut dyn Attention,
    ) -> Result<Proposal, Refusal> {
        let colleagues = colleagues(wanted).map_err(|failure| self.refusal(failure.message))?;
        let whole = planner::instruction(&wanted.brief, &colleagues, wanted.tests, &plans::schema(), wish);
        let (mut instruction, mut session) = (whole.clone(), None);
        let mut spent = Spending::default();
        let mut why = String::new();
        for round in 0..=MOST_REPEATS {
            let reply = self.ask(instruction.clone(), session.clone(), waiting)?;
            spent = spent.plus(reply.report.spending);
            if let Some(failure) = &reply.report.failure {
                why.clone_from(&failure.message);
                if failure.class == FailureClass::Cancelled || !failure.class.is_transient() || round == MOST_REPEATS {
                    return Err(Refusal { stopped: failure.class == FailureClass::Cancelled, ..self.refusal(why) });
                }
                waiting.note(&clean(&format!("{why}; asking again")));
                continue;
            }
            match self.understood(&reply, wanted) {
                Ok(mut proposal) => {
                    let model = reply.report.model.clone().or_else(|| self.agent.model.clone());
                    let (name, driver, asked) = (self.name.clone(), self.agent.driver.clone(), round + 1);
                    proposal.origin = Origin::Planner { name, driver, model, asked, spent };
                    return Ok(proposal);
                }
                Err(problems) => {
                    why = told_briefly(&problems);
                    if round < MOST_REPEATS {
                        let number = problems.len();
                        let words = if number == 1 { "1 thing is".to_owned() } else { format!("{number} things are") };
                        waiting.note(&format!("{words} wrong with the plan; the planner is told and asked again"));
                    }
                    session.clone_from(&reply.report.session);
                    let anew = session.is_none().then_some((whole.as_str(), reply.answer.as_str()));
                    instruction = planner::once_more(&problems, anew);
                }
            }
        }
        Err(self.refusal(format!("after {} tries there is still wrong: {why}", MOST_REPEATS + 1)))
    }

    /// One attempt.
    fn ask(&self, instruction: String, session: Option<String>, waiting: &mut dyn Attention) -> Result<Reply, Refusal> {
        let program = own_binary().map_err(|error| self.refusal(error.to_string()))?;
        let directory = config::project_root().map_err(|failure| self.refusal(failure.message))?;
        let (name, agent, prices) = (self.name.as_str(), &self.agent, &self.prices);
        let question = Question { name, agent, prices, instruction, session, directory };
        let errand = once::ask(&program, &question).map_err(|error| self.refusal(with_causes(&error)))?;
        let began = Instant::now();
        let reply = errand.wait(|activity| waiting.at_work(&self.name, began, activity.as_ref()));
        // However far it had come, and whatever its attendant still said: it was a person who ended it.
        if waiting.ended() == Patience::Stop {
            return Err(Refusal { stopped: true, ..self.refusal("it was stopped") });
        }
        reply.map_err(|error| self.refusal(with_causes(&error)))
    }

    /// The plan in an answer, or everything that is wrong with it.
    fn understood(&self, reply: &Reply, wanted: &Wanted) -> Result<Proposal, Vec<String>> {
        let plan = planner::plan_in(json_in(&reply.answer)).map_err(|NoPlan { message }| vec![message])?;
        let plan = planner::pinned(plan, &wanted.brief);
        let forbidden = planner::forbidden(&plan);
        if !forbidden.is_empty() {
            // A plan that names other files is not checked: that would read them.
            return Err(forbidden);
        }
        let made = format!(
            "Written by the planner `{}` ({}) for `band plan`; read it before you run it.",
            self.name, self.agent.driver
        );
        let text = proposal::document(&made, wanted, &plan);
        let (checked, picked) = proposal::check(&text, &wanted.agents).map_err(|failure| vec![failure.message])?;
        let problems = proposal::problems(&checked);
        if !problems.is_empty() || checked.plan.is_none() {
            return Err(problems);
        }
        let origin = Origin::Template;
        Ok(Proposal { text, value: plan, checked, picked, origin, left_out: vec![], adopted: vec![], fallback: None })
    }

    fn refusal(&self, why: impl Into<String>) -> Refusal {
        Refusal { name: self.name.clone(), why: why.into(), stopped: false }
    }
}

/// The worst of what is wrong, for people.
fn told_briefly(problems: &[String]) -> String {
    let more = problems.len().saturating_sub(3);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", problems.iter().take(3).cloned().collect::<Vec<_>>().join("; "))
}
