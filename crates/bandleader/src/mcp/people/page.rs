//! Results of a size that a model can read: pages of long lists, and the beginnings of lists that only go along.

use std::fmt::Write as _;

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
    /// Bytes, about.
    most: usize,
}

impl Window {
    /// As a caller gave it: `after` is the `next` of the page before.
    pub(super) fn of(after: Option<&str>, limit: Option<usize>) -> Result<Window, Failure> {
        let from = after.map(str::parse).transpose().map_err(|_| {
            Failure::usage("`after` is not the `next` of an earlier page")
                .hint("leave it out to begin at the beginning")
        })?;
        Ok(Window { from: from.unwrap_or(0), limit: limit.unwrap_or(USUAL).clamp(1, 1_000), most: MOST })
    }

    /// The same for a list that has much beside it.
    pub(super) fn beside_others(self) -> Window {
        Window { most: MOST / 2, ..self }
    }
}

/// The entries of one page: as many as were wanted and as fit, one at least; what to give for the next, if there is one.
pub(super) fn page(items: Vec<Value>, window: Window) -> (Vec<Value>, Option<String>) {
    let all = items.len();
    let mut size = 0;
    let mut shown = Vec::new();
    for item in items.into_iter().skip(window.from).take(window.limit).map(entry) {
        size += item.to_string().len();
        if size > window.most && !shown.is_empty() {
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

/// Bytes of one list that only goes along with something else, about.
const ALONG: usize = 6_000;

/// Letters of one text within an entry that is too long as a whole.
const LONGEST_TEXT: usize = 2_000;

/// And entries of one list.
const LONGEST_LIST: usize = 50;

/// An entry as it is, or where it alone is as long as a result may be, with its texts and lists cut.
fn entry(mut item: Value) -> Value {
    if item.to_string().len() > MOST / 2 {
        shorten(&mut item);
    }
    item
}

fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
                let letters = text.chars().count();
                text.truncate(end);
                let _ = write!(text, "… (the first of {letters} letters)");
            }
        }
        Value::Array(items) => {
            let total = items.len();
            items.truncate(LONGEST_LIST);
            items.iter_mut().for_each(shorten);
            if total > LONGEST_LIST && items.first().is_some_and(Value::is_string) {
                items.push(json!(format!("… (the first of {total})")));
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}

/// Keeps the first `most` entries of a list, and says beside it how many there are.
pub(super) fn first(object: &mut Value, list: &str, most: usize) {
    let Value::Object(fields) = object else { return };
    let Some(Value::Array(items)) = fields.get_mut(list) else { return };
    let total = items.len();
    items.truncate(most);
    if total > most {
        fields.insert(format!("{list}_total"), json!(total));
    }
}

/// Cuts every list of an object to `most` entries and to what is worth reading on the way, but for `spared`, which is a page already. Of
/// what is `ahead` the beginning stays, of everything else the end: it grows with time. What was cut, and how long it was.
pub(super) fn cut(object: &mut Value, spared: &str, ahead: &[&str], most: usize) -> Map<String, Value> {
    let mut cut = Map::new();
    let Value::Object(fields) = object else { return cut };
    for (name, value) in fields.iter_mut() {
        let Value::Array(items) = value else { continue };
        if name == spared {
            continue;
        }
        let (total, from_end) = (items.len(), !ahead.contains(&name.as_str()));
        if from_end {
            items.reverse();
        }
        let mut size = 0;
        let kept: Vec<Value> = std::mem::take(items).into_iter().map(entry).take(most).collect();
        items.extend(
            kept.into_iter()
                .enumerate()
                .take_while(|(place, item)| {
                    size += item.to_string().len();
                    *place == 0 || size <= ALONG
                })
                .map(|(_, item)| item),
        );
        if from_end {
            items.reverse();
        }
        if items.len() < total {
            cut.insert(name.clone(), json!(total));
        }
    }
    cut
}

/// An object without what is null or an empty list: most of a row of tasks is not there yet.
pub(super) fn lean(object: Value) -> Value {
    let Value::Object(mut fields) = object else { return object };
    fields.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
    Value::Object(fields)
}

/// A piece of a text from the letter `offset` on: the piece, the offset of the next, and the length of it all, in letters.
pub(super) fn piece(text: &str, offset: usize) -> (String, Option<usize>, usize) {
    let total = text.chars().count();
    let mut piece = String::new();
    let mut letters = 0;
    for letter in text.chars().skip(offset) {
        if piece.len() + letter.len_utf8() > MOST {
            break;
        }
        piece.push(letter);
        letters += 1;
    }
    let end = offset.saturating_add(letters);
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
        let long = json!(vec!["x".repeat(1_000); 40]);
        let (shown, next) = page(vec![long.clone(), long.clone()], Window::of(None, None).unwrap());
        assert_eq!((shown.len(), next.as_deref()), (1, Some("1")));
        let (shown, _) = page(vec![json!({ "text": "ä".repeat(MOST) })], Window::of(None, None).unwrap());
        let text = shown[0]["text"].as_str().unwrap();
        assert!(text.ends_with("ä… (the first of 32000 letters)") && text.chars().count() < 2_100, "{text}");
        assert_eq!(piece("äöü", 1), ("öü".to_owned(), None, 3));
        assert_eq!(piece(&"ä".repeat(MOST + 2), 0).1, Some(MOST / 2), "an ä has two bytes");
    }

    #[test]
    fn lists_that_only_go_along_keep_their_ends_and_what_is_ahead_its_beginning() {
        let mut object = json!({ "tasks": [1, 2, 3], "messages": [1, 2, 3], "critical_path": [1, 2, 3], "id": "x" });
        let was = cut(&mut object, "tasks", &["critical_path"], 2);
        assert_eq!(Value::Object(was), json!({ "messages": 3, "critical_path": 3 }));
        assert_eq!(object, json!({ "tasks": [1, 2, 3], "messages": [2, 3], "critical_path": [1, 2], "id": "x" }));
        let mut object = json!({ "messages": vec![json!("x".repeat(ALONG / 2 - 2)); 9] });
        assert_eq!(Value::Object(cut(&mut object, "", &[], 9)), json!({ "messages": 9 }));
        assert_eq!(object["messages"].as_array().unwrap().len(), 2);
        first(&mut object, "messages", 1);
        assert_eq!((object["messages"].as_array().unwrap().len(), &object["messages_total"]), (1, &json!(2)));
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        assert_eq!(lean(json!({ "a": null, "b": [], "c": 0, "d": [0] })), json!({ "c": 0, "d": [0] }));
    }
}
