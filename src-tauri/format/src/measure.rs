//! Blocks that measure (`http`): what they ask is their text, and what they expect of the answer are attributes of their own.
//!
//! This says what is meant and whether it can be. Asking is another program's: it gets an [`Order`] and hands back
//! [`MeasuredVerdict`]s, which are judged like every other expectation.

mod expected;
pub mod http;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{model::Program, options::ReadOptions};

pub(crate) use expected::{ATTRIBUTES, read};
pub use expected::{HeaderTest, JsonTest, Relation, StatusRange, TimeTest, milliseconds};

/// What a block measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The answer of a server to one request.
    Http,
}

impl Measure {
    /// The word of its fence.
    #[must_use]
    pub fn language(self) -> &'static str {
        match self {
            Self::Http => "http",
        }
    }
}

/// What a block expects of what it measures, and how it asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `expect_status`: the answer has one of these; empty: any below 400.
    pub status: Vec<StatusRange>,
    /// `expect_header`: all of these hold.
    pub headers: Vec<HeaderTest>,
    /// `expect_json`: all of these hold.
    pub json: Vec<JsonTest>,
    /// `expect_time`: how long it took, to the last byte.
    pub time: Option<TimeTest>,
    /// `ca`: a file of certificates, relative to the runbook's folder; these alone are trusted then.
    pub ca: Option<String>,
}

/// What the measuring program is to do. Secrets are not in it: it finds the values of variables in its environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// What.
    pub measure: Measure,
    /// The text of the block, with its `{{variables}}` as they are written.
    pub text: String,
    /// What is expected, and how to ask.
    pub measured: Measured,
    /// When it gives up by itself, in milliseconds; none where somebody else ends it.
    pub limit_ms: Option<u64>,
    /// The folder of the runbook.
    pub folder: String,
    /// The file that the verdicts go into, as a JSON list. It exists and is empty.
    pub verdicts: String,
}

/// What is waited for where a block names no `timeout`.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Expected against observed, as the measuring program hands it back. It may hold secrets: it is masked by whoever takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredVerdict {
    /// What the block says.
    pub expected: String,
    /// What came.
    pub observed: String,
    /// Whether it is as expected.
    pub holds: bool,
}

/// Whether a block of that text only looks: it asks with a method that changes nothing.
pub(crate) fn only_looks(measure: Measure, text: &str) -> bool {
    match measure {
        Measure::Http => http::read(text).is_ok_and(|request| request.is_safe()),
    }
}

/// The variables that a text names, in order, each once.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in crate::variables::uses_in_request(text) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// Attributes that a block cannot have because of what runs it: a sentence each.
pub(crate) fn unfit(program: &Program, read: &ReadOptions) -> Vec<String> {
    let has = |key: &&&str| read.attributes.contains_key(**key);
    match program {
        Program::Measure(measure) => {
            let fence = measure.language();
            let refused = [
                ("on", "the request is sent from this machine: remove it"),
                ("expect_exit", "there is no exit status: write `expect_status`"),
                ("cwd", "nothing in it depends on a directory: remove it"),
            ];
            let refused = refused.iter().filter(|(key, _)| has(&key));
            refused.map(|(key, why)| format!("`{key}` does not go with an `{fence}` block: {why}")).collect()
        }
        _ => ATTRIBUTES
            .iter()
            .filter(has)
            .map(|key| {
                format!(
                    "`{key}` is for `http` blocks alone and would test nothing here: remove it, or write `expect`"
                )
            })
            .collect(),
    }
}

/// Why a text cannot be asked: one sentence.
pub(crate) fn wrong(measure: Measure, text: &str) -> Option<String> {
    match measure {
        Measure::Http => http::read(text).err(),
    }
}
