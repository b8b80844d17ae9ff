//! Files that somebody made to do harm, or that are no agent files at all.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::{MAX_FILE, Outcome, read_agent};
use super::{problems, role};

fn check(bytes: &[u8], code: &str) {
    let reading = read_agent("x.md", bytes);
    assert_eq!(reading.outcome, Outcome::Unusable, "{code}");
    let [problem] = reading.diagnostics.as_slice() else { panic!("{}", problems(&reading)) };
    assert_eq!(problem.code, code);
    assert!(problem.message.len() < 200 && problem.hint.is_some(), "{}", problem.message);
}

#[test]
fn what_is_beyond_use_is_refused_with_words() {
    check(&vec![b'x'; 10 << 20], "agent::too-big");
    check(b"\x7fELF\x02\0\0\0", "agent::not-text");
    check(b"---\n- a\n- b\n---\n", "agent::not-a-map");
    check(b"---\njust words\n---\n", "agent::not-a-map");
    check(format!("---\nname: a\nx: {}\n---\n", "[".repeat(5_000)).as_bytes(), "agent::too-deep");
    let mut bomb = "---\nname: a\nl0: &l0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let last = format!("*l{}, ", level - 1).repeat(9);
        writeln!(bomb, "l{level}: &l{level} [{}]", last.trim_end_matches(", ")).unwrap();
    }
    check(format!("{bomb}---\n").as_bytes(), "agent::alias-bomb");
}

#[test]
fn large_files_within_the_limit_are_read_in_one_pass() {
    let line = "description: a: b\n";
    let many = line.repeat((MAX_FILE - 100) / line.len());
    let reading = read_agent("x.md", format!("---\nname: a\n{many}---\n").as_bytes());
    assert_eq!(role(&reading).description, "a: b");
}

#[test]
fn a_name_never_carries_what_cannot_be_seen() {
    let reading =
        read_agent("x.md", "---\nname: \"a\\e[2Jb\\u202ec\\nd\"\ndescription: \u{e0041}\n---\nHi.".as_bytes());
    assert_eq!(role(&reading).name, "a[2Jbc d");
    assert!(problems(&reading).contains("U+E0041 stands here"), "{}", problems(&reading));
    for one in &reading.diagnostics {
        assert!(!one.message.contains(['\u{1b}', '\u{202e}', '\u{e0041}']), "{}", one.message);
    }
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        problems(&read_agent("x.md", &bytes));
    }

    #[test]
    fn no_keys_make_it_panic(
        words in proptest::collection::vec(
            prop_oneof!["\\PC{0,4}", Just("---".into()), Just("\n".into()), Just("name: ".into()), Just("tools:\n".into()),
                Just("- ".into()), Just("\t".into()), Just("&a ".into()), Just("*a".into()), Just("description: x: ".into()),
                Just("<!--".into()), Just("-->".into()), Just("\r\n".into()), Just("[".into()), Just("\"".into())],
            0..40,
        )
    ) {
        let reading = read_agent("x.md", format!("---\n{}", words.concat()).as_bytes());
        problems(&reading);
    }
}
