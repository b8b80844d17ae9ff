//! The built-in templates of `band plan`: whole plans, filled from answers by the core.

use bandleader_core::interview::Kind;

/// The template of a kind of plan.
pub(crate) fn template(kind: Kind) -> &'static str {
    match kind {
        Kind::Saas => include_str!("../../plans/templates/saas.yaml"),
        Kind::Feature => include_str!("../../plans/templates/feature.yaml"),
        Kind::Review => include_str!("../../plans/templates/review.yaml"),
        Kind::Bugfix => include_str!("../../plans/templates/bugfix.yaml"),
        Kind::Migration => include_str!("../../plans/templates/migration.yaml"),
        Kind::Research => include_str!("../../plans/templates/research.yaml"),
    }
}
