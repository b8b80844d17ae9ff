//! What answers make of a template.

use super::*;
use crate::interview::{Given, Interview, Kind};
use crate::planner::{tests_for, write_plan};
use crate::{CheckOptions, check};

const TEMPLATE: &str = "
mission: x
level: 3
limits: { parallel: 4 }
inputs:
  brief: { default: say it }
  compliance: { default: none }
agents:
  builder: { description: Builds. }
  lawyer: { description: Knows rules. }
phases:
  - id: rules
    tasks:
      - { id: law, agent: lawyer, task: 'Which rules: {{ inputs.brief }}', when: inputs.compliance != 'none' }
  - id: build
    needs: [rules]
    tasks:
      - { id: code, agent: builder, task: 'Build: {{ inputs.brief }}', needs: [rules.law], gates: [{ run: make test }, { run: ./own.sh }] }
      - { id: more, agent: builder, task: More., needs: [code], when: needs.code.state == 'completed' }
";

fn filled(answers: &[(&str, &str)], known: &[&str]) -> Filled {
    let given: Given = answers.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
    let brief = Interview::new("Build it {{ now }}", Kind::Saas, 2, &given).unwrap().finish();
    let known = known.iter().map(|name| (*name).to_owned()).collect();
    fill(TEMPLATE, &brief, tests_for(&brief, &[]), &known).unwrap()
}

fn text(filled: &Filled) -> String {
    let text = write_plan(&filled.plan);
    let checked = check("plan.yaml", &text, &CheckOptions::default(), &mut |_| Err("none".into()));
    assert!(checked.diagnostics.is_empty(), "{:?}\n{text}", checked.diagnostics);
    text
}

#[test]
fn what_no_answer_calls_for_is_left_out_with_all_that_hangs_on_it() {
    let filled = filled(&[("compliance", "No"), ("stack", "Rust"), ("budget", "9 usd")], &[]);
    let text = text(&filled);
    assert_eq!(filled.left_out.len(), 1);
    assert!(!text.contains("law") && !text.contains("id: rules") && !text.contains("compliance:"), "{text}");
    assert!(text.contains("run: cargo test") && text.contains("run: ./own.sh"), "{text}");
    assert!(text.contains("level: 2\n") && text.contains("cost: 9 USD"), "{text}");
    assert!(text.contains("when: needs.code.state"), "what only the run knows stays: {text}");
    assert!(text.starts_with("mission: Build it { { now }}\n"), "{text}");
}

#[test]
fn what_an_answer_calls_for_stays_and_its_condition_goes() {
    let filled = filled(&[("compliance", "GDPR")], &["builder"]);
    let text = text_with_builder(&filled);
    assert!(filled.left_out.is_empty() && filled.adopted == ["builder"]);
    assert!(text.contains("id: law") && !text.contains("inputs.compliance"), "{text}");
    assert!(!text.contains("make test") && text.contains("./own.sh"), "no command is known: {text}");
    assert!(!text.contains("Builds."), "the catalogue's own is taken: {text}");
    assert!(text.contains("Which rules apply? GDPR\n") && text.contains("(assumed)"), "{text}");
}

/// The plan as it is checked where the catalogue has the builder.
fn text_with_builder(filled: &Filled) -> String {
    write_plan(&filled.plan)
}
