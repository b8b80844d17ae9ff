//! Words that come in pieces, put together again to paragraphs.

/// A paragraph longer than this is told in parts.
const LONGEST: usize = 16 << 10;

/// The paragraph that is being said.
#[derive(Clone, Debug, Default)]
pub(super) struct Paragraphs {
    text: String,
}

impl Paragraphs {
    /// Takes a piece; the paragraphs that are complete now, if any.
    pub(super) fn push(&mut self, piece: &str) -> Option<String> {
        self.text.push_str(piece);
        if self.text.len() > LONGEST {
            return self.take();
        }
        let end = self.text.rfind("\n\n")?;
        let rest = self.text.split_off(end);
        let whole = std::mem::replace(&mut self.text, rest.trim_start_matches('\n').to_owned());
        (!whole.trim().is_empty()).then_some(whole)
    }

    /// What there is of it: the speaker does something else now.
    pub(super) fn take(&mut self) -> Option<String> {
        let text = std::mem::take(&mut self.text);
        (!text.trim().is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_become_paragraphs() {
        let mut said = Paragraphs::default();
        let told: Vec<String> =
            ["All ", "is\nwell.\n", "\nSo", " it ends"].iter().filter_map(|piece| said.push(piece)).collect();
        assert_eq!(told, ["All is\nwell."]);
        assert_eq!(said.take().as_deref(), Some("So it ends"));
        assert_eq!(said.take(), None);
        assert_eq!(said.push("  \n\n \n"), None);
    }

    #[test]
    fn who_never_ends_a_paragraph_is_heard_all_the_same() {
        let mut said = Paragraphs::default();
        let told = (0..40).filter_map(|_| said.push(&"x".repeat(1_000))).map(|part| part.len()).sum::<usize>();
        assert!(told > LONGEST);
    }
}
