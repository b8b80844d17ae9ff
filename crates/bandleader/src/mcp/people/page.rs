//! Results of a size that a model can read: pages of long lists, and the beginnings of lists that only go along.

use serde_json::{Map, Value, json};

use crate::error::Failure;

/// Bytes of one result, about: what programs let their models read of one call is not much more.
const MOST: usize = 32_000;

/// Entries of a page when nobody says how many.
const USUAL: usize = 50;

/// Where a page begins, and how many entries it may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    from: usize,
    limit: usize,
}

impl Window {
    /// As a caller gave it: `after` is the `next` of the page before.
    pub(super) fn of(after: Option<&str>, limit: Option<usize>) -> Result<Window, Failure> {
        let from = after.map(str::parse).transpose().map_err(|_| {
            Failure::usage("`after` is not the `next` of an earlier page")
                .hint("leave it out to begin at the beginning")
        })?;
        Ok(Window { from: from.unwrap_or(0), limit: limit.unwrap_or(USUAL).clamp(1, 1_000) })
    }
}

/// The entries of one page: as many as were wanted and as fit, one at least; what to give for the next, if there is one.
pub(super) fn page(items: Vec<Value>, window: Window) -> (Vec<Value>, Option<String>) {
    let all = items.len();
    let mut size = 0;
    let mut shown = Vec::new();
    for item in items.into_iter().skip(window.from).take(window.limit) {
        size += item.to_string().len();
        if size > MOST && !shown.is_empty() {
            break;
        }
        shown.push(item);
    }
    let end = window.from.saturating_add(shown.len());
    (shown, (end < all).then(|| end.to_string()))
}

/// A list as a result: `{NAME: […], next, total}`.
pub(super) fn listed(name: &str, items: Vec<Value>, window: Window) -> Value {
    let total = items.len();
    let (shown, next) = page(items, window);
    let mut result = Map::new();
    result.insert(name.to_owned(), Value::Array(shown));
    result.insert("next".into(), json!(next));
    result.insert("total".into(), json!(total));
    Value::Object(result)
}

/// Keeps `most` entries of every list of an object, but for `spared`, which is a page already. What was cut, and how long it was.
pub(super) fn cut(object: &mut Value, spared: &str, most: usize) -> Map<String, Value> {
    let mut cut = Map::new();
    let Value::Object(fields) = object else { return cut };
    for (name, value) in fields.iter_mut() {
        if let Value::Array(items) = value
            && name != spared
            && items.len() > most
        {
            cut.insert(name.clone(), json!(items.len()));
            // Of what grows with time the last matters, and it stands at the end.
            items.drain(..items.len() - most);
        }
    }
    cut
}

/// A piece of a text from the letter `offset` on: the piece, the offset of the next, and the length of it all, in letters.
pub(super) fn piece(text: &str, offset: usize) -> (String, Option<usize>, usize) {
    let total = text.chars().count();
    let piece: String = text.chars().skip(offset).take(MOST).collect();
    let end = offset.saturating_add(piece.chars().count());
    (piece, (end < total).then_some(end), total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(window: Window) -> (Vec<Value>, Option<String>) {
        page((0..10).map(|number| json!(number)).collect(), window)
    }

    #[test]
    fn pages_follow_on_each_other_and_end() {
        let (first, next) = numbers(Window::of(None, Some(6)).unwrap());
        assert_eq!((first.len(), next.as_deref()), (6, Some("6")));
        let (second, next) = numbers(Window::of(next.as_deref(), Some(6)).unwrap());
        assert_eq!((second, next), (vec![json!(6), json!(7), json!(8), json!(9)], None));
        assert_eq!(numbers(Window::of(Some("400"), None).unwrap()), (Vec::new(), None));
        assert!(Window::of(Some("x"), None).is_err());
    }

    #[test]
    fn a_page_has_what_fits_and_one_at_least() {
        let long = json!("x".repeat(MOST));
        let (shown, next) = page(vec![long.clone(), long.clone()], Window::of(None, None).unwrap());
        assert_eq!((shown.len(), next.as_deref()), (1, Some("1")));
        assert_eq!(piece("äöü", 1), ("öü".to_owned(), None, 3));
        assert_eq!(piece(&"ä".repeat(MOST + 2), 0).1, Some(MOST));
    }

    #[test]
    fn lists_that_only_go_along_keep_their_ends() {
        let mut object = json!({ "tasks": [1, 2, 3], "messages": [1, 2, 3], "id": "x" });
        assert_eq!(Value::Object(cut(&mut object, "tasks", 2)), json!({ "messages": 3 }));
        assert_eq!(object, json!({ "tasks": [1, 2, 3], "messages": [2, 3], "id": "x" }));
    }
}
