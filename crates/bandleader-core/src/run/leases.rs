//! Path leases: who may read and write which paths while others run.
//!
//! Pure. Two globs are taken to overlap unless a literal part of them differs: too careful now and then, never too bold.

use crate::plan::Task;

/// Whether the two tasks may not run at the same time because of the paths that they read and write.
pub(crate) fn clash(one: &Task, other: &Task) -> bool {
    let any = |left: &[String], right: &[String]| left.iter().any(|a| right.iter().any(|b| overlap(a, b)));
    any(&one.writes, &other.writes) || any(&one.writes, &other.reads) || any(&one.reads, &other.writes)
}

/// Whether a path may match both globs, or lie below what one of them names.
fn overlap(one: &str, other: &str) -> bool {
    let parts = |glob: &str| -> Vec<String> {
        glob.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
    };
    let (one, other) = (parts(one), parts(other));
    for (a, b) in one.iter().zip(&other) {
        if a == "**" || b == "**" {
            return true;
        }
        let literal = |part: &str| !part.contains(['*', '?', '[', '{']);
        if literal(a) && literal(b) && a != b {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_overlap_unless_a_literal_part_differs() {
        let cases = [
            ("src/**", "src/a.rs", true),
            ("src/*.rs", "docs/*.rs", false),
            ("src", "src/a/b.rs", true),
            ("./src/a", "src/a", true),
            ("a/*/c", "a/b/d", false),
            ("a/*/c", "a/b/c", true),
            ("**/x", "anything", true),
            ("a", "b", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(overlap(one, other), expected, "{one} {other}");
            assert_eq!(overlap(other, one), expected, "{other} {one}");
        }
    }
}
