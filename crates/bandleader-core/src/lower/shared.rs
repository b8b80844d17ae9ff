//! What `band.toml` says of agents, prices and levels: read once, before what the plan says of them.

use super::Lowering;
use super::incoming::check_hooks;
use super::levels::level_changes;
use crate::diag::{Diagnostic, SourceFile};
use crate::language::{self, Fields, Shape, check_shape};
use crate::length::{BadLength, parse_length};
use crate::levels::LevelChanges;
use crate::problems::Problems;
use crate::toml_source;
use crate::tree::{Entry, Node};
use crate::view::update::Rhythm;

/// A `band.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsFile {
    /// Its path, as people know it.
    pub name: String,
    /// Its content.
    pub text: String,
    /// The absolute path of its folder: what its own paths are relative to.
    pub folder: String,
}

/// One `band.toml` as read.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) name: String,
    pub(super) folder: String,
    pub(super) agents: Vec<Entry>,
    pub(super) prices: Vec<Entry>,
    pub(super) levels: LevelChanges,
}

impl Lowering<'_> {
    /// Reads them all; what is wrong with them is wrong with every plan.
    pub(super) fn read_settings_files(&mut self) {
        for settings in &self.options.settings {
            let Ok(file) = u32::try_from(self.sources.len()) else { return };
            let (agents, prices, levels) = entries(file, &settings.text, &mut self.problems);
            self.sources.push(SourceFile { name: settings.name.clone(), text: settings.text.clone() });
            let (name, folder) = (settings.name.clone(), settings.folder.clone());
            self.shared.push(Shared { name, folder, agents, prices, levels });
        }
    }
}

/// The problems of one `band.toml` by itself, with no plan.
pub fn check_settings(settings: &SettingsFile) -> (Vec<Diagnostic>, SourceFile) {
    let mut problems = Problems::default();
    entries(0, &settings.text, &mut problems);
    (problems.sorted(), SourceFile { name: settings.name.clone(), text: settings.text.clone() })
}

/// What a `band.toml` says of the levels, and everything that is wrong with the file.
pub fn settings_levels(settings: &SettingsFile) -> (LevelChanges, Vec<Diagnostic>, SourceFile) {
    let mut problems = Problems::default();
    let (_, _, levels) = entries(0, &settings.text, &mut problems);
    (levels, problems.sorted(), SourceFile { name: settings.name.clone(), text: settings.text.clone() })
}

/// Whether people are told of open decisions by bell and notice; none where this `band.toml` does not say so, or cannot be read.
pub fn wants_bell(settings: &SettingsFile) -> Option<bool> {
    let root = toml_source::parse(0, &settings.text, &mut Problems::default())?;
    Fields::new(&root, &language::SETTINGS).get("bell")?.boolean()
}

/// How often people are told how far a run is; none where this `band.toml` does not say it, or cannot be read.
pub fn wants_updates(settings: &SettingsFile) -> Option<Rhythm> {
    let root = toml_source::parse(0, &settings.text, &mut Problems::default())?;
    parse_rhythm(Fields::new(&root, &language::SETTINGS).get("updates")?.text()?).ok()
}

/// `10m`, or `none`.
///
/// # Errors
/// It is no length of time.
pub fn parse_rhythm(text: &str) -> Result<Rhythm, BadLength> {
    if text.trim() == "none" { Ok(Rhythm::Off) } else { Ok(Rhythm::Every(parse_length(text)?)) }
}

/// The agents that a `band.toml` has, with what is said of each: its description, else the first line of its instructions, else nothing.
pub fn agents_in(settings: &SettingsFile) -> Vec<(String, String)> {
    let (agents, _, _) = entries(0, &settings.text, &mut Problems::default());
    let said = |entry: &Entry| {
        let fields = Fields::new(&entry.value, &language::AGENT);
        let text = ["description", "instructions"].into_iter().find_map(|key| fields.get(key)?.text());
        text.and_then(|text| text.lines().next()).unwrap_or_default().trim().to_owned()
    };
    agents.iter().map(|entry| (entry.key.clone(), said(entry))).collect()
}

/// Agents, prices and levels.
fn entries(file: u32, text: &str, problems: &mut Problems) -> (Vec<Entry>, Vec<Entry>, LevelChanges) {
    let Some(root) = toml_source::parse(file, text, problems) else { return Default::default() };
    check_shape(&root, &Shape::Table(&language::SETTINGS), problems);
    let fields = Fields::new(&root, &language::SETTINGS);
    let of = |key| fields.get(key).map(Node::entries).unwrap_or_default().to_vec();
    check_hooks(&root, problems);
    (of("agents"), of("prices"), level_changes(&of("levels"), problems))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bell_is_what_a_file_says_and_nothing_where_it_is_silent_or_broken() {
        let of = |text: &str| wants_bell(&SettingsFile { text: text.into(), ..SettingsFile::default() });
        assert_eq!(of("bell = false"), Some(false));
        assert_eq!(of("bell = true\n[agents.a]\ndriver = 'command'"), Some(true));
        assert_eq!((of(""), of("bell = 'loud'"), of("bell = ")), (None, None, None));
    }

    #[test]
    fn updates_come_as_often_as_a_file_says() {
        let of = |text: &str| wants_updates(&SettingsFile { text: text.into(), ..SettingsFile::default() });
        assert_eq!(of("updates = '10m'"), Some(Rhythm::Every(crate::Millis::MINUTE.times(10))));
        assert_eq!((of("updates = 'none'"), of("updates = 'often'"), of("")), (Some(Rhythm::Off), None, None));
        let (problems, _) =
            check_settings(&SettingsFile { text: "updates = 'often'".into(), ..SettingsFile::default() });
        assert_eq!(problems.len(), 1);
    }

    #[test]
    fn agents_of_a_file_have_the_words_that_it_has_for_them() {
        let text = "[agents.a]\ndescription = 'Builds.'\n[agents.b]\ninstructions = \"You test.\\nWell.\"\n[agents.c]\nmodel = 'm'";
        let found = agents_in(&SettingsFile { text: text.into(), ..SettingsFile::default() });
        let expected = [("a", "Builds."), ("b", "You test."), ("c", "")];
        assert_eq!(found, expected.map(|(name, said)| (name.to_owned(), said.to_owned())));
    }
}
