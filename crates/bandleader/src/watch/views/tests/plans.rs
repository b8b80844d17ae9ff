//! The plans of the stage, and an afternoon of a team.

use bandleader_core::plan::{Choice, Question, QuestionKind};
use bandleader_core::{Heard, Said, Severity};
use bandleader_engine::agent::notes::Activity;

use super::stage::Stage;

pub(super) const SHOP: &str = "
mission: Low-stock alerts
limits: { parallel: 2 }
phases:
  - id: planning
    tasks:
      - { id: spec, run: 'true', expected_time: 30m }
  - id: build
    needs: [planning]
    tasks:
      - { id: api, run: 'true', expected_time: 1h, on_failure: ask }
      - { id: docs, run: 'true', expected_time: 10m, retry: { limit: 1, backoff: 5m } }
      - { id: wire, run: 'true', expected_time: 20m, needs: [api] }
";

const TEAM: &str = "
mission: Low-stock alerts for the shop
level: 3
limits: { parallel: 4, cost: 20 USD }
agents:
  backend-architect: { driver: claude }
  ui-designer: { driver: claude }
  test-automator: { driver: claude }
  security-auditor: { driver: claude }
phases:
  - id: planning
    tasks:
      - { id: spec, agent: backend-architect, task: Write down what alerts do., expected_time: 20m }
  - id: build
    needs: [planning]
    tasks:
      - { id: api, agent: backend-architect, task: Build the service that sends alerts to whoever asked for them., expected_time: 1h }
      - { id: alert-list, agent: ui-designer, task: Show alerts in a list., expected_time: 30m }
      - { id: e2e, agent: test-automator, task: Test it end to end., expected_time: 40m }
  - id: verify
    needs: [build]
    tasks:
      - { id: audit, agent: security-auditor, task: Look for holes., expected_time: 30m }
      - { id: deploy, run: ./deploy, needs: [audit], expected_time: 5m }
";

pub(super) const BROKEN: &str = "
mission: Low-stock alerts
agents:
  analyst: { driver: claude }
  builder: { driver: claude }
  looker: { driver: claude }
phases:
  - id: plan
    tasks:
      - { id: spec, agent: analyst, task: Write it down., expected_time: 20m }
      - { id: look, agent: looker, task: Look around., expected_time: 20m }
      - { id: sum, agent: analyst, task: Sum it up., needs: [spec], expected_time: 20m }
  - id: build
    needs: [plan]
    tasks:
      - { id: api, agent: builder, task: Build it., expected_time: 1h }
      - { id: shown, agent: looker, task: Show it., expected_time: 1h }
";

pub(super) const MODELS: &str = "
mission: Social media scheduler
tasks:
  - id: models
    decision:
      question: How does the product use models?
      kind: cost
      weight: critical
      options:
        - { id: A, name: 'A model of a provider, called over its API', cost: grows with use, quality: best at once, time: days, details: Nothing to run. }
        - { id: B, name: An open model that we run, cost: 'a machine, used or not', quality: good after work on it, time: weeks }
        - { id: C, name: 'Both: a small model for most, a large one where it shows', cost: least for each answer, quality: nearly the best, time: a week or two }
      recommend: C
";

/// An afternoon of a team: a question is open, an agent is stuck, money was spent.
pub(super) fn team() -> Stage {
    let mut stage = Stage::new(TEAM);
    stage.pass(18);
    stage.spend("planning.spec", 310_000);
    stage.end("planning.spec", 0);
    stage.pass(15);
    stage.spend("build.api", 1_020_000);
    stage.spend("build.alert-list", 410_000);
    let text = "the staging database is down";
    let (name, text) = ("staging-db".to_owned(), text.to_owned());
    let heard = Heard::Blocker { name, severity: Severity::High, text, needs: None };
    stage.say("build.e2e", Said::Known { heard });
    stage.pass(4);
    let option = |id: &str, name: &str, effort: &str, load: &str, details: &str| Choice {
        id: id.into(),
        name: name.into(),
        columns: [("effort".to_owned(), effort.to_owned()), ("load".to_owned(), load.to_owned())].into(),
        details: Some(details.into()),
        fails: false,
    };
    let question = Question {
        text: "Which transport carries alerts to browsers?".into(),
        options: vec![
            option(
                "A",
                "WebSocket",
                "3 days",
                "one connection each",
                "Both ways, but proxies need to be told about it.",
            ),
            option("B", "Server-sent events", "1 day", "one request each", "One way, which is all that alerts need."),
            option("C", "Polling", "2 hours", "a request every 5 s", "Works everywhere; late by up to five seconds."),
        ],
        recommend: Some("B".into()),
        kind: QuestionKind::ApiDesign,
        ..Question::default()
    };
    stage.say("build.api", Said::Asks { key: "q1".into(), question, patience: None });
    stage.pass(1);
    let task = stage.run.plan().find("build.alert-list").unwrap();
    let doing = "runs npm test".to_owned();
    stage.activities.insert(task, Activity { doing, percent: Some(80), ..Activity::default() });
    stage
}
