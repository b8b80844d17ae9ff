//! Texts that would steer a terminal or mislead an eye, in every place where plans and programs can put them: nothing of it
//! is shown, or stands in a file that people open.

use std::fs::File;
use std::io::Read as _;

use super::stage::Project;
use super::terminal::in_a_terminal;

/// In a double-quoted YAML text: a title sequence, a clear screen as C1, a direction change, and the like.
const POISON: &str = "\\e]0;owned\\a\\x9b2J\\u202eright\\u2066\\b\\r\\u200b";

/// As the shell's `printf` makes it; with bytes that are no UTF-8.
const PRINTED: &str = "\\033]0;owned\\007\\302\\2332J\\342\\200\\256right\\b\\r\\377\\376\\300\\200\\000x\\n";

/// What must not arrive anywhere.
fn hostile(letter: char) -> bool {
    let plain = matches!(letter, '\n' | '\t');
    !plain && letter.is_control()
        || matches!(letter, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn plan() -> String {
    format!(
        r#"mission: "m {POISON}"
inputs: {{ who: {{ type: text, default: "d {POISON}", description: "e {POISON}" }} }}
agents:
  odd: {{ command: [sh, -c, "cat; exit 4"], description: "a {POISON}" }}
  lost: {{ command: ["./no {POISON}"] }}
phases:
  - id: one
    title: "p {POISON}"
    tasks:
      - id: prints
        run: |
          printf '{PRINTED}'; printf '{PRINTED}' >&2
          printf 'title={PRINTED}' | tr -d '\000\r' >> "$BAND_OUTPUT"
          mkdir -p out; echo x > "$(printf 'out/f\033]0;owned\007.txt')"
        outputs: [title]
        deliverables: ["out/*.txt", {{ text: "t {POISON}" }}]
        env: {{ WHO: "{{{{ inputs.who }}}} {POISON}" }}
        gates: [{{ name: "g {POISON}", run: sh ./gate.sh }}]
        on_failure: continue
      - {{ id: told, agent: odd, task: "t {POISON} {{{{ inputs.who }}}}", subtasks: ["s {POISON}"], on_failure: continue }}
      - {{ id: gone, agent: lost, task: x, on_failure: continue }}
      - {{ id: missing, run: 'true', deliverables: ["no{POISON}.txt"], on_failure: continue }}
      - {{ id: fan, foreach: ["i {POISON}", two], run: 'exit 1', optional: true, env: {{ I: "{{{{ item }}}}" }} }}
"#
    )
}

#[test]
fn nothing_hostile_is_shown_or_kept_where_people_look() {
    let project = poisoned();
    let input = "who=i \u{1b}[2J\u{9b}\u{202e}";
    let said = project.band(&["run", "plan.yaml", "--plain", "--input", input]);
    assert!([3, 4].contains(&said.code), "{}{}", said.out, said.err);
    let verbs: [&[&str]; 16] = [
        &["check", "plan.yaml"],
        &["graph", "plan.yaml"],
        &["graph", "plan.yaml", "--format", "svg"],
        &["rehearse", "plan.yaml"],
        &["list"],
        &["list", "--json"],
        &["status"],
        &["status", "--json"],
        &["watch", "--plain"],
        &["logs"],
        &["logs", "--json"],
        &["timeline"],
        &["timeline", "--json"],
        &["report"],
        &["report", "--json"],
        &["retry", "--failed", "--plain"],
    ];
    for verb in verbs {
        clean(&verb.join(" "), &project.band(verb).all());
    }
    clean("run", &said.all());
    assert!(said.out.contains("\\e]0;owned"), "it is shown as an escape: {}", said.out);
    project.band(&["export", "--output", "export"]).ends(0);
    for folder in [project.run_folder(), project.file("export")] {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            if name.starts_with("orchestration-") {
                clean(&name, &std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
}

#[test]
fn the_live_view_is_steered_by_nobody_else() {
    let project = poisoned();
    let (window, mut shell) = in_a_terminal(&project, "$BAND run plan.yaml; $BAND status; $BAND logs");
    let (mut window, mut seen) = (File::from(window), Vec::new());
    // A terminal whose other side is gone says so by an error.
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = window.read(&mut piece) {
        seen.extend_from_slice(&piece[..length]);
    }
    shell.wait().unwrap();
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.contains("\u{1b}[") && seen.contains("\\e]0;owned"), "a live view of it: {seen:?}");
    for foreign in ["\u{1b}]", "\u{7}", "\u{1b}[2J", "\u{8}", "\0"] {
        assert!(!seen.contains(foreign), "{foreign:?} in {seen:?}");
    }
    let found: String = seen.chars().filter(|letter| *letter > '\u{7e}' && hostile(*letter)).collect();
    assert_eq!(found, "");
}

fn poisoned() -> Project {
    let project = Project::new(&plan());
    project.write("gate.sh", format!("printf '{PRINTED}'; exit 1\n"));
    project
}

#[test]
fn words_of_the_command_line_are_escaped_in_what_is_said_about_them() {
    let project = Project::new("mission: m\ntasks:\n  - { id: a, run: 'true' }\n");
    project.band(&["run", "plan.yaml"]).ends(0);
    let odd = "\u{1b}]0;owned\u{7}\u{9b}\u{202e}";
    let verbs: [&[&str]; 9] = [
        &["run", odd],
        &["check", odd],
        &["status", odd],
        &["logs", odd],
        &["retry", odd],
        &["cancel", "--task", odd],
        &["run", "plan.yaml", "--input", odd],
        &["-C", odd, "list"],
        &["export", "--output", "no/\u{1b}[2J"],
    ];
    for verb in verbs {
        let said = project.band(verb).ends(2);
        clean(&format!("{verb:?}"), &said.all());
    }
}

#[track_caller]
fn clean(what: &str, text: &str) {
    let found = text.lines().find(|line| line.chars().any(hostile));
    assert!(found.is_none(), "{what}: {found:?}");
}
