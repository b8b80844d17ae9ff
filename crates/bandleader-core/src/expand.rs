//! `foreach` and `matrix`: the instances of a task, their names and what their templates see.
//!
//! Called by `lower` while it walks the entries. Pure; bounded by [`MAX_INSTANCES`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::language::slug;

/// A fan may have this many instances.
pub(crate) const MAX_INSTANCES: usize = 20_000;

/// One instance of a fan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instance {
    /// Its name within the fan.
    pub(crate) segment: String,
    /// What its templates see: `item` and `index`, or `matrix`.
    pub(crate) bindings: BTreeMap<String, Value>,
}

/// One combination of a matrix: axis and value, in the order of the plan.
pub(crate) type Combination = Vec<(String, Value)>;

/// One instance for each item.
pub(crate) fn for_each(items: &[Value]) -> Vec<Instance> {
    let names = items.iter().map(|item| match item {
        Value::Object(fields) => fields.get("id").or_else(|| fields.get("name")).map(segment).unwrap_or_default(),
        other => segment(other),
    });
    let bindings = items
        .iter()
        .enumerate()
        .map(|(index, item)| BTreeMap::from([("item".to_owned(), item.clone()), ("index".to_owned(), json!(index))]));
    with_distinct_names(names.collect(), bindings.collect())
}

/// All combinations of the axes, the last axis changing fastest; `None` if there are too many.
pub(crate) fn combinations(axes: &[(String, Vec<Value>)]) -> Option<Vec<Combination>> {
    let count = axes.iter().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len()))?;
    if count > MAX_INSTANCES {
        return None;
    }
    let mut all: Vec<Combination> = vec![Vec::new()];
    for (axis, values) in axes {
        let longer = all.iter().flat_map(|so_far| {
            values.iter().map(|value| {
                let mut longer = so_far.clone();
                longer.push((axis.clone(), value.clone()));
                longer
            })
        });
        all = longer.collect();
    }
    Some(all)
}

/// Whether a combination has all of these values.
pub(crate) fn matches(combination: &Combination, pattern: &Combination) -> bool {
    !pattern.is_empty() && pattern.iter().all(|pair| combination.contains(pair))
}

/// One instance for each combination.
pub(crate) fn for_combinations(combinations: &[Combination]) -> Vec<Instance> {
    let name = |combination: &Combination| {
        let parts: Vec<String> =
            combination.iter().map(|(_, value)| segment(value)).filter(|s| !s.is_empty()).collect();
        parts.join("-")
    };
    let bindings = |combination: &Combination| {
        let values: Map<String, Value> = combination.iter().cloned().collect();
        BTreeMap::from([("matrix".to_owned(), Value::Object(values))])
    };
    with_distinct_names(combinations.iter().map(name).collect(), combinations.iter().map(bindings).collect())
}

fn segment(value: &Value) -> String {
    match value {
        Value::String(text) => slug(text),
        other => slug(&other.to_string()),
    }
}

fn with_distinct_names(names: Vec<String>, bindings: Vec<BTreeMap<String, Value>>) -> Vec<Instance> {
    let mut taken = BTreeSet::new();
    let distinct = names.into_iter().zip(bindings).enumerate().map(|(index, (name, bindings))| {
        let mut segment = if name.is_empty() { (index + 1).to_string() } else { name.clone() };
        let mut number = 2;
        while !taken.insert(segment.clone()) {
            segment = format!("{name}-{number}");
            number += 1;
        }
        Instance { segment, bindings }
    });
    distinct.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(instances: &[Instance]) -> String {
        instances.iter().map(|instance| instance.segment.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn instances_have_distinct_names() {
        let items = [json!("Core API"), json!("core-api"), json!(1.5), json!("ü"), json!({"id": "x"}), json!([1])];
        assert_eq!(names(&for_each(&items)), "core-api core-api-2 1-5 4 x 1");
        assert_eq!(for_each(&items)[1].bindings["index"], 1);
    }

    #[test]
    fn a_matrix_is_every_combination() {
        let axes = [("os".to_owned(), vec![json!("linux"), json!("mac")]), ("n".to_owned(), vec![json!(1), json!(2)])];
        let all = combinations(&axes).unwrap();
        assert_eq!(names(&for_combinations(&all)), "linux-1 linux-2 mac-1 mac-2");
        assert!(matches(&all[2], &vec![("os".to_owned(), json!("mac"))]));
        let many = vec![("a".to_owned(), vec![json!(1); 200]), ("b".to_owned(), vec![json!(1); 200])];
        assert_eq!(combinations(&many), None);
    }
}
