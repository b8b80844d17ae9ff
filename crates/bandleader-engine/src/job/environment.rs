//! The environment that jobs inherit, and the values in it that must never reach the disk.

use bandleader_core::Plan;

use crate::workspace::leads_elsewhere;

/// Variables whose names end so hold secrets.
const SECRET_ENDINGS: [&str; 7] = ["_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PASSWD", "_PASSPHRASE", "_CREDENTIALS"];

/// Shorter values are not masked: they would be found everywhere.
const SHORTEST_SECRET: usize = 6;

/// Our environment without what is ours: `BAND_…` of an outer run means nothing to an inner one. Nor does the repository that git's hooks are told
/// of, when we were started by one: tasks work in others.
pub(crate) fn inherited_environment() -> Vec<(String, String)> {
    let readable =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    readable.filter(|(name, _)| !name.starts_with("BAND_") && !leads_elsewhere(name)).collect()
}

/// The values of secret variables in our environment: those that the plan names and those that are named like one.
pub(crate) fn secrets(plan: &Plan) -> Vec<String> {
    secret_variables(plan).map(|(_, value)| value).collect()
}

/// Their names.
pub(super) fn secret_names(plan: &Plan) -> Vec<String> {
    secret_variables(plan).map(|(name, _)| name).collect()
}

fn secret_variables(plan: &Plan) -> impl Iterator<Item = (String, String)> {
    let is_secret = move |name: &str| {
        let upper = name.to_ascii_uppercase();
        let named_so =
            SECRET_ENDINGS.iter().any(|ending| upper.ends_with(ending) || upper == ending.trim_start_matches('_'));
        named_so || plan.secrets.iter().any(|secret| secret == name)
    };
    inherited_environment().into_iter().filter(move |(name, value)| is_secret(name) && value.len() >= SHORTEST_SECRET)
}
