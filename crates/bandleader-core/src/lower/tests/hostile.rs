//! Plans that are large, deep, or written to do harm.

use proptest::prelude::*;

use super::{check, checked, graph, plan, problems};
use crate::CheckOptions;

#[test]
fn ten_thousand_tasks_and_long_chains_are_fine() {
    let chain = |length: usize| {
        let task = |n: usize| match n {
            0 => "- {id: t0, run: x}\n".to_owned(),
            _ => format!("- {{id: t{n}, run: x, needs: t{}}}\n", n - 1),
        };
        format!("mission: m\ntasks:\n{}", (0..length).map(task).collect::<Vec<_>>().concat())
    };
    for length in [1_025, 10_000] {
        let plan = plan(&chain(length));
        assert_eq!(plan.tasks.len(), length);
        assert!(graph(&plan).ends_with(&format!("t{} < t{}", length - 1, length - 2)));
    }
}

#[test]
fn a_sequential_phase_of_ten_thousand_is_fine() {
    let tasks = (0..10_000).map(|n| format!("  - {{id: t{n}, run: x}}\n")).collect::<Vec<_>>().concat();
    let plan = plan(&format!("mission: m\nphases:\n- id: p\n  mode: sequential\n  tasks:\n{tasks}"));
    assert!(graph(&plan).contains("p.t9999 < p.t9998"));
}

#[test]
fn a_circle_of_ten_thousand_is_shown_in_short() {
    let task = |n| format!("- {{id: t{n}, run: x, needs: t{}}}\n", (n + 1) % 10_000);
    let tasks = (0..10_000).map(task).collect::<Vec<_>>().concat();
    let checked = checked(&format!("mission: m\ntasks:\n{tasks}"), &CheckOptions::default(), &[]);
    assert!(
        checked.diagnostics[0].message.contains("`t9` → … 9989 more … → `t9999` → `t0`"),
        "{}",
        checked.diagnostics[0].message
    );
    assert_eq!(checked.diagnostics[0].also.len(), 12);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut lines = vec!["a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned()];
    for (name, before) in ["b", "c", "d", "e", "f", "g", "h", "i"].iter().zip(["a", "b", "c", "d", "e", "f", "g", "h"])
    {
        let aliases = vec![format!("*{before}"); 10].join(", ");
        lines.push(format!("{name}: &{name} [{aliases}]\n"));
    }
    let text = lines.concat();
    check(&text, "6:8 plan::alias-bomb: aliases repeat more than 200000 values");
}

#[test]
fn depth_is_bounded_also_by_way_of_aliases() {
    check(
        &format!("a: {}{}", "[".repeat(100), "]".repeat(100)),
        "1:67 plan::too-deep: values stand in each other more than 64 deep",
    );
    let deep = |name: &str, inner: &str| format!("{name}: &{name} {}{inner}{}\n", "[".repeat(40), "]".repeat(40));
    check(&(deep("a", "x") + &deep("b", "*a")), "2:47 plan::too-deep: values stand in each other more than 64 deep");
}

#[test]
fn control_characters_do_not_reach_messages() {
    let text = "mission: m\ntasks:\n- {id: a, run: x, needs: [\"b\\e[2J\\n\\u202e\"]}";
    let checked = checked(text, &CheckOptions::default(), &[]);
    assert_eq!(problems(&checked), "3:27 plan::unknown-need: no task is called `b\\u{1b}[2J\\n\\u{202e}`\n");
}

#[test]
fn a_thousand_slips_are_all_told_and_half_of_them_compared() {
    let task = |n: usize| format!("- {{id: t{n}, run: x, needs: tt{n}}}\n");
    let text = format!("mission: m\ntasks:\n{}", (0..1_000).map(task).collect::<String>());
    let diagnostics = checked(&text, &CheckOptions::default(), &[]).diagnostics;
    assert_eq!(diagnostics.len(), 1_000);
    let guesses = diagnostics.iter().filter(|one| one.hint.as_ref().is_some_and(|hint| hint.starts_with("did you")));
    assert_eq!(guesses.count(), 500);
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = "mission: m\nlevel: 9\ntasks:\n- {id: a, run: x, needs: [q]}\n- {id: a, runn: x}\n- {id: b, run: x, timeout: 5}\n- {id: c, run: x, needs: c}";
    check(
        text,
        "2:8 plan::bad-number: `9` is too large\n\
         4:27 plan::unknown-need: no task is called `q`\n\
         5:8 plan::duplicate-id: `a` is there twice\n\
         5:11 plan::unknown-key: `runn` is not a key of a task\n\
         6:28 plan::bad-length: `5` has no unit\n\
         7:26 plan::self-need: `c` needs itself",
    );
}

const SEED: &str = include_str!("seed.yaml");

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Whatever is cut out of a plan or put into it, the check comes to an end, and its spans point into the text.
    #[test]
    fn no_text_makes_the_check_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..30), 0..4),
        puts in prop::collection::vec((any::<prop::sample::Index>(), "[-:{}\\[\\]&*!|>'\"%@`#, \n\ta-c0-3é.<?~]{0,6}"), 0..4),
    ) {
        let mut text: Vec<char> = SEED.chars().collect();
        for (at, length) in cuts {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.drain(at..end);
        }
        for (at, put) in puts {
            let at = at.index(text.len() + 1);
            text.splice(at..at, put.chars());
        }
        let text: String = text.into_iter().collect();
        let checked = checked(&text, &CheckOptions::default(), &[("other.yaml", SEED)]);
        prop_assert!(checked.plan.is_some() || !checked.diagnostics.is_empty());
        for one in &checked.diagnostics {
            let file = &checked.sources[one.span.file as usize].text;
            prop_assert!(file.get(one.span.start as usize..one.span.end as usize).is_some(), "{one:?}");
        }
    }
}
