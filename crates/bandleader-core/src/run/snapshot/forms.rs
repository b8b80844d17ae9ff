//! Second shapes of what events are made of, for a format that is not self-describing.
//!
//! Postcard (its wire format: <https://postcard.jamesmunns.com/wire-format>) knows no tags and no fields that are left out, which the stored
//! form of events needs. The compiler refuses a shape that has not every field.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::plan::Value;
use crate::{AgentReport, BudgetScope, Delivered, Exit, LeftOut, Millis, Report, SkipReason, TaskId, Timestamp, Usage};

/// `SkipReason` without its tag.
#[derive(Serialize, Deserialize)]
#[serde(remote = "SkipReason")]
pub(in super::super) enum StoredReason {
    Condition,
    Level,
    Asked(#[serde(with = "as_json")] Box<LeftOut>),
    Upstream {
        need: TaskId,
    },
    Budget {
        #[serde(with = "as_json")]
        scope: BudgetScope,
    },
    BadCondition {
        message: String,
    },
}

/// `Exit` without its tag.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Exit")]
enum StoredExit {
    Code { code: i32 },
    Signal { signal: i32 },
    NotStarted { message: String },
    Unseen,
}

/// `Usage` with every field always there.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Usage")]
pub(in super::super) struct StoredUsage {
    started: Timestamp,
    ended: Timestamp,
    cpu: Millis,
    peak_kib: u64,
    output_bytes: u64,
    swept: u32,
}

/// `Report` with every field always there.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Report")]
struct StoredReport {
    #[serde(with = "StoredExit")]
    exit: Exit,
    #[serde(with = "StoredUsage")]
    usage: Usage,
    #[serde(with = "values")]
    outputs: BTreeMap<String, Value>,
    delivered: Vec<Delivered>,
    missing: Vec<String>,
    output_lost: Option<String>,
    #[serde(with = "as_json")]
    agent: Option<Box<AgentReport>>,
}

/// As a JSON text: for what has tags, or leaves fields out.
pub(super) mod as_json {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::ser::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize, Serializer};

    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&serde_json::to_string(value).map_err(S::Error::custom)?)
    }

    pub(in super::super) fn deserialize<'a, T: DeserializeOwned, D: Deserializer<'a>>(from: D) -> Result<T, D::Error> {
        serde_json::from_str(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Values as JSON: only that says of itself what it is.
mod values {
    use serde::de::Error as _;
    use serde::{Deserializer, Serializer};

    use super::{BTreeMap, Deserialize as _, Value};

    pub(super) fn serialize<S: Serializer>(values: &BTreeMap<String, Value>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(values.iter().map(|(name, value)| (name, value.to_string())))
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<BTreeMap<String, Value>, D::Error> {
        let texts: BTreeMap<String, String> = BTreeMap::deserialize(from)?;
        let value = |(name, text): (String, String)| Ok((name, serde_json::from_str(&text).map_err(D::Error::custom)?));
        texts.into_iter().map(value).collect()
    }
}

/// `StoredReport` behind an `Option<Box<…>>`.
pub(in super::super) mod report {
    use serde::{Deserializer, Serializer};

    use super::{Deserialize, Report, Serialize, StoredReport};

    #[derive(Serialize)]
    struct Shown<'a>(#[serde(with = "StoredReport")] &'a Report);

    #[derive(Deserialize)]
    struct Kept(#[serde(with = "StoredReport")] Report);

    #[expect(clippy::ref_option, reason = "serde asks for it")]
    pub(in super::super::super) fn serialize<S: Serializer>(
        report: &Option<Box<Report>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        report.as_deref().map(Shown).serialize(to)
    }

    pub(in super::super::super) fn deserialize<'a, D: Deserializer<'a>>(
        from: D,
    ) -> Result<Option<Box<Report>>, D::Error> {
        Ok(Option::<Kept>::deserialize(from)?.map(|kept| Box::new(kept.0)))
    }
}
