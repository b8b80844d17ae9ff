//! A field that most tasks leave alone, in eight bytes.
//!
//! A plan may have many thousand tasks, and every field that none of them sets would be there as often. Reads as what it holds.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Caps, Retry};
use crate::Millis;

/// A `T` that takes no room while it is the usual one.
#[derive(Clone, Debug)]
pub struct Rare<T>(Option<Box<T>>);

/// What a rare thing is when nothing was said.
pub trait Usual: Default + PartialEq + 'static {
    /// The same as `default`.
    const USUAL: &'static Self;
}

impl<T: PartialEq + 'static> Usual for Vec<T> {
    const USUAL: &'static Self = &Vec::new();
}

impl<K: Ord + 'static, V: PartialEq + 'static> Usual for BTreeMap<K, V> {
    const USUAL: &'static Self = &BTreeMap::new();
}

impl Usual for Retry {
    const USUAL: &'static Self = &Retry { limit: 0, backoff: Millis(0), max_backoff: Millis(0), on: Vec::new() };
}

impl Usual for Caps {
    const USUAL: &'static Self = &Caps { cost: None, tokens: None };
}

impl<T: Usual> From<T> for Rare<T> {
    fn from(value: T) -> Rare<T> {
        Rare((value != *T::USUAL).then(|| Box::new(value)))
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Rare<T> {
        Rare(None)
    }
}

impl<T: Usual> Deref for Rare<T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::USUAL)
    }
}

impl<T: Usual> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Usual> PartialEq for Rare<T> {
    fn eq(&self, other: &Rare<T>) -> bool {
        **self == **other
    }
}

impl<T: Usual + Serialize> Serialize for Rare<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Usual + Deserialize<'de>> Deserialize<'de> for Rare<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rare<T>, D::Error> {
        T::deserialize(deserializer).map(Rare::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Task, Work};

    #[test]
    fn what_is_usual_takes_no_room_and_what_is_not_reads_back() {
        let mut names: Rare<Vec<String>> = Vec::new().into();
        assert!(names.0.is_none() && names.is_empty());
        names.push("a".into());
        let stored = serde_json::to_string(&names).unwrap();
        assert_eq!(stored, r#"["a"]"#, "it is stored as what it holds");
        assert_eq!(serde_json::from_str::<Rare<Vec<String>>>(&stored).unwrap(), names);
        assert_eq!(*Retry::USUAL, Retry::default());
    }

    #[test]
    fn a_task_that_sets_little_is_small_in_memory_and_in_store() {
        let task = Task::plain("a", Work::Program { argv: ["true".to_owned()].into() });
        assert!(size_of::<Task>() <= 416, "a task takes {} bytes", size_of::<Task>());
        let stored = serde_json::to_string(&task).unwrap();
        assert_eq!(stored, r#"{"path":"a","group":null,"work":{"kind":"program","argv":["true"]},"needs":[]}"#);
        assert_eq!(serde_json::from_str::<Task>(&stored).unwrap(), task);
    }
}
