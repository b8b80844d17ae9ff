//! A script that is being played: which rule answers a request, and how often it still may.

use crate::answer::Answer;
use crate::asked::Asked;
use crate::rules::Rule;

/// Searches for tools before one answer; sessions side by side share the count.
const MOST_SEARCHES: u64 = 20;

/// A script, and how far it has been played.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Vec<(Rule, u64)>,
    /// How often a search for tools came before an answer, since the last answer.
    searches: u64,
}

impl Script {
    pub(crate) fn new(rules: Vec<Rule>) -> Script {
        Script { rules: rules.into_iter().map(|rule| (rule, 0)).collect(), searches: 0 }
    }

    /// The rule that answers, by its place, and its answer. It is counted when the caller says so with [`Script::used`].
    pub(crate) fn pick(&self, asked: &Asked, headers: &[(String, String)]) -> Option<(usize, &Answer)> {
        let fits =
            |(rule, used): &(Rule, u64)| rule.times.is_none_or(|times| *used < times) && rule.when.fits(asked, headers);
        self.rules.iter().enumerate().find(|(_, entry)| fits(entry)).map(|(place, (rule, _))| (place, &rule.answer))
    }

    /// Whether tools may be searched for once more: what so many searches do not find is not there.
    pub(crate) fn may_search(&mut self) -> bool {
        self.searches += 1;
        self.searches <= MOST_SEARCHES
    }

    /// The rule at this place has answered.
    pub(crate) fn used(&mut self, place: usize) {
        self.searches = 0;
        if let Some((_, used)) = self.rules.get_mut(place) {
            *used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::asked::Api;

    fn script(rules: Value) -> Script {
        Script::new(serde_json::from_value(rules).unwrap())
    }

    #[test]
    fn the_first_rule_that_fits_answers_as_often_as_it_may() {
        let mut script = script(json!([
            {"if": {"user": "^WRITE", "tools": true, "turn": 0}, "times": 1, "do": {"text": "one"}},
            {"if": {"model": "big", "headers": {"x-test-id": "^t1$"}}, "do": {"text": "two"}},
            {"if": {"result": "denied"}, "do": {"text": "three"}},
            {"if": {"tools": false, "api": "chat"}, "do": {"text": "title"}}
        ]));
        let mut said = |asked: &Asked, headers: &[(String, String)]| {
            let place = script.pick(asked, headers).map(|(place, answer)| (place, answer.text.clone()));
            place.map(|(place, text)| {
                script.used(place);
                text
            })
        };
        let asked = |user: &str, offered: &[&str]| Asked {
            user: user.into(),
            offered: offered.iter().map(|&name| name.to_owned()).collect(),
            ..Asked::default()
        };
        assert_eq!(said(&asked("WRITE it", &[]), &[]), None);
        assert_eq!(said(&asked("WRITE it", &["a"]), &[]).as_deref(), Some("one"));
        assert_eq!(said(&asked("WRITE it", &["a"]), &[]), None);
        let header = [("x-test-id".to_owned(), "t1".to_owned())];
        let big = Asked { model: "the-big-one".into(), ..Asked::default() };
        assert_eq!((said(&big, &header).as_deref(), said(&big, &[])), (Some("two"), None));
        assert_eq!(said(&Asked { results: "was denied".into(), ..Asked::default() }, &[]).as_deref(), Some("three"));
        assert_eq!(said(&Asked { api: Api::Chat, ..Asked::default() }, &[]).as_deref(), Some("title"));
    }
}
