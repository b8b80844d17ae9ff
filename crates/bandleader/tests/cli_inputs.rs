//! Inputs that a plan lacks: asked for at a terminal, named in the error elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

mod cli_support;

use cli_support::{Live, band, project};

const PLAN: &str = "\
mission: m
inputs:
  target: { type: path, description: the folder to look at }
  depth: { type: number }
  mode: { choices: [fast, thorough] }
  speed: { type: number, default: 3 }
tasks:
  - { id: a, run: 'echo $ALL', env: { ALL: '{{ inputs.target }} {{ inputs.depth }} {{ inputs.mode }} {{ inputs.speed }}' } }
";

#[test]
fn without_a_terminal_the_error_names_each_and_how_to_give_it() {
    let folder = project(PLAN);
    let said = band(folder.path(), &["run", "plan.yaml", "--input", "depth=2"]);
    assert_eq!((said.code, said.out.as_str()), (2, ""));
    assert!(said.err.ends_with("give --input target=… --input mode=…\n"), "{}", said.err);
}

#[test]
fn at_a_terminal_each_is_asked_for_until_the_answer_fits() {
    let folder = project(PLAN);
    let mut run = Live::at_terminal(folder.path(), "run plan.yaml --plain");
    let dialogue = [
        ("the folder to look at", "src\r"),
        ("(a number)", "deep\r"),
        ("`deep` is not a number", "2\r"),
        ("(fast | thorough)", "slow\r"),
        ("`slow` is not among", "fast\r"),
    ];
    for (question, answer) in dialogue {
        run.wait_for(question);
        run.press(answer);
    }
    assert_eq!(run.end(), 0, "{}", run.text);
    assert!(run.text.contains("by default speed=3"), "{}", run.text);
    assert_eq!(band(folder.path(), &["logs", "a"]).out, "src 2 fast 3\n");
}

#[test]
fn what_a_level_leaves_out_is_said_once() {
    let folder = project(
        "mission: m\ntasks:\n  - { id: a, run: 'true' }\n  - { id: b, run: 'true', levels: 3..5, depends_on: [a] }\n",
    );
    let said = band(folder.path(), &["run", "plan.yaml", "--level", "1"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.err,
        "1 note on the plan; `band check` shows more\nat level 1 instead of 3:\n  - task b\n  mode autonomous instead of interactive\n"
    );
}

#[test]
fn a_run_in_the_background_says_how_to_watch_it() {
    let folder = project("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
    let said = band(folder.path(), &["run", "plan.yaml", "--detach"]);
    let id = said.out.strip_suffix('\n').unwrap();
    assert!(said.err.contains(&format!("`band watch {id}`")), "{}", said.err);
    assert_eq!(band(folder.path(), &["watch", id]).code, 0);
}
