//! A hundred decisions open at once: seen, answered by number, left to silence one after the other, over a kill.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cli_support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use cli_support::{Live, band, json, none_left, project};

/// Sixty wait for people for as long as it takes, forty take B after 1 to 4 seconds; each has a task behind it.
fn plan() -> String {
    let mut plan = "mission: many\nlimits: { parallel: 4 }\ntasks:\n".to_owned();
    for number in 1..=100 {
        let time = if number <= 60 { "none".to_owned() } else { format!("{}ms", 1_000 + (number - 60) * 75) };
        writeln!(
            plan,
            "  - {{ id: d{number}, decision: {{ question: 'Which, for {number}?', options: [one, two], recommend: B, timeout: {time} }} }}\n  \
             - {{ id: w{number}, run: 'echo \"$CHOICE\" >> made', env: {{ CHOICE: '{number} {{{{ needs.d{number}.outputs.choice }}}}' }}, needs: [d{number}] }}"
        )
        .unwrap();
    }
    plan
}

#[test]
fn a_hundred_open_decisions_are_kept_answered_and_left_to_silence_over_a_kill() {
    let folder = project(&plan());
    let mut run = Live::piped(folder.path(), &["run", "plan.yaml"]);
    run.wait_for("Which, for 100?");
    let inbox = json(folder.path(), &["inbox", "--json"]);
    let inbox = inbox.as_array().unwrap();
    let numbers: BTreeSet<u64> = inbox.iter().map(|one| one["decision"].as_u64().unwrap()).collect();
    assert!(numbers.len() >= 60 && numbers.contains(&1) && numbers.contains(&60), "{numbers:?}");
    // The most pressing first: what has a deadline before what waits for as long as it takes.
    let timed = inbox.iter().take_while(|one| !one["deadline"].is_null()).count();
    assert!(inbox.iter().skip(timed).all(|one| one["deadline"].is_null()));
    assert_eq!(band(folder.path(), &["decide", "7", "A", "--because", "it is lucky"]).code, 0);
    // Killed with many open.
    drop(run);
    let left = json(folder.path(), &["status", "--json"]);
    let open = left["decisions"].as_array().unwrap().iter().filter(|one| one["taken"].is_null()).count();
    assert!((59..100).contains(&open), "{open} are open");

    let mut run = Live::piped(folder.path(), &["resume"]);
    for number in (1..=60).filter(|number| *number != 7) {
        let option = if number % 2 == 0 { "A" } else { "B" };
        let said = band(folder.path(), &["decide", &number.to_string(), option]);
        assert_eq!(said.code, 0, "{number}: {}", said.err);
    }
    assert_eq!(run.end(), 0, "{}", run.text);
    let taken = json(folder.path(), &["status", "--json"]);
    for (place, one) in taken["decisions"].as_array().unwrap().iter().enumerate() {
        let (number, taken) = (place + 1, &one["taken"]);
        let who = if number <= 60 { "person" } else { "timeout" };
        let option = if number == 7 || number <= 60 && number % 2 == 0 { "A" } else { "B" };
        assert_eq!((&taken["by"]["who"], &taken["option"]), (&who.into(), &option.into()), "{number}");
    }
    let made = std::fs::read_to_string(folder.path().join("made")).unwrap();
    let lines: BTreeSet<&str> = made.lines().collect();
    assert_eq!((lines.len(), made.lines().count()), (100, 100), "each is done once");
    assert!(lines.contains("7 A") && lines.contains("60 A") && lines.contains("100 B"), "{made}");
    none_left(folder.path());
}
