//! "Did you mean": the nearest of the names there are, and what other tools call our keys.

use strsim::damerau_levenshtein;

/// Keys of other tools, and what does the same here.
const FOREIGN: &[(&str, &str)] = &[
    ("script", "`run`"),
    ("cmd", "`run`"),
    ("shell", "`run`"),
    ("bash", "`run`"),
    ("command", "`run`, or an agent with a `command`"),
    ("prompt", "`task`"),
    ("instruction", "`task`"),
    ("instructions", "`task`"),
    ("if", "`when`"),
    ("condition", "`when`"),
    ("environment", "`env`"),
    ("vars", "`env` or `inputs`"),
    ("variables", "`env` or `inputs`"),
    ("params", "`inputs`"),
    ("parameters", "`inputs`"),
    ("args", "`inputs`"),
    ("cwd", "`directory`"),
    ("workdir", "`directory`"),
    ("working_directory", "`directory`"),
    ("dir", "`directory`"),
    ("jobs", "`tasks`"),
    ("steps", "`tasks` of a group with `mode: sequential`"),
    ("stages", "`phases`"),
    ("strategy", "`matrix`"),
    ("loop", "`foreach`"),
    ("with_items", "`foreach`"),
    ("for_each", "`foreach`"),
    ("retries", "`retry`"),
    ("max_retries", "`retry`"),
    ("attempts", "`retry`"),
    ("continue_on_error", "`on_failure: continue` or `optional: true`"),
    ("allow_failure", "`optional: true`"),
    ("timeout_minutes", "`timeout`, with a unit"),
    ("timeout_seconds", "`timeout`, with a unit"),
    ("max", "`limit`"),
    ("times", "`limit`"),
    ("count", "`limit`"),
    ("duration", "`expected_time`"),
    ("estimate", "`expected_time`"),
    ("estimated_time", "`expected_time`"),
    ("checks", "`gates`"),
    ("artifacts", "`deliverables`"),
    ("produces", "`deliverables` or `outputs`"),
    ("locks", "`uses`"),
    ("concurrency", "`limits: { parallel: … }`"),
    ("parallel", "`limits: { parallel: … }`"),
    ("max_parallel", "`limits: { parallel: … }`"),
    ("include", "a task with `plan: other.yaml`"),
    ("goal", "`mission`"),
    ("undo", "`compensate`"),
    ("name", "`id`, and a comment for anything longer"),
    ("description", "a comment, or `task` for what an agent is told"),
];

/// The one of `names` that `wrong` is probably a slip of.
pub(crate) fn did_you_mean<'n>(wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let names: Vec<&str> = names.into_iter().collect();
    let plain = plain(wrong);
    let tolerance = match wrong.chars().count() {
        0..=1 => 0,
        2 => 1,
        3..=5 => 2,
        count => (count / 3).min(4),
    };
    let distance = |name: &str| {
        if name.len().abs_diff(wrong.len()) > tolerance {
            usize::MAX
        } else {
            damerau_levenshtein(&plain, &self::plain(name))
        }
    };
    let near = names.iter().copied().map(|name| (distance(name), name)).filter(|(distance, name)| {
        // A slip leaves more right than wrong.
        *distance <= tolerance && *distance < name.chars().count().min(wrong.chars().count()).max(2)
    });
    let nearest = near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name);
    nearest.or_else(|| names.iter().copied().find(|name| plain.len() >= 3 && self::plain(name).starts_with(&plain)))
}

/// What to write instead of a key that another tool has; `known` are the keys that can stand there.
pub(super) fn from_elsewhere(wrong: &str, known: &[&str]) -> Option<&'static str> {
    let plain = plain(wrong);
    let (_, ours) = FOREIGN.iter().find(|(foreign, _)| *foreign == plain)?;
    let fits = |name: &&str| {
        ours.contains(&format!("`{name}`"))
            || ours.contains(&format!("`{name}:"))
            || *ours == "a task with `plan: other.yaml`"
    };
    known.iter().any(fits).then_some(*ours)
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let names = ["needs", "timeout", "expected_time", "retry", "on_failure", "id"];
        let check = |wrong: &str, expected: Option<&str>| assert_eq!(did_you_mean(wrong, names), expected, "{wrong}");
        check("need", Some("needs"));
        check("neesd", Some("needs"));
        check("time-out", Some("timeout"));
        check("Expected-Time", Some("expected_time"));
        check("onfailure", Some("on_failure"));
        check("banana", None);
        check("x", None);
        check("idd", Some("id"));
    }
}
