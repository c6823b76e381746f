//! Blocks that measure (`http`, `sql`, `promql`): what they ask is their text, and what they expect of the answer are attributes of
//! their own.
//!
//! This says what is meant and whether it can be. Asking is another program's: it gets an [`Order`] and hands back
//! [`MeasuredVerdict`]s, which are judged like every other expectation.

mod expected;
pub mod http;
pub mod promql;
mod server;
pub mod sql;
mod valued;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    On,
    model::{Expectation, Item, Options, Program, Values},
    options::{self, ReadOptions},
};

pub(crate) use expected::{ATTRIBUTES, COMMON_WORDS, read};
pub use expected::{HeaderTest, JsonTest, Relation, StatusRange, TimeTest, milliseconds};
pub use server::{Database, Server};
pub use valued::{MOST_ROWS, NumberTest, ValueTest};

/// What a block measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The answer of a server to one request.
    Http,
    /// What a database answers to one statement.
    Sql,
    /// What Prometheus answers to a query.
    Promql,
}

impl Measure {
    /// The word of its fence.
    #[must_use]
    pub fn language(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sql => "sql",
            Self::Promql => "promql",
        }
    }

    /// Whether it asks what an access entry leads to, which `on` names.
    #[must_use]
    pub fn asks_an_entry(self) -> bool {
        self != Self::Http
    }

    fn name_one(self) -> &'static str {
        match self {
            Self::Promql => {
                "write `on=NAME` with an access entry of the kind web, whose address is that of a Prometheus"
            }
            _ => "write `on=NAME` with an access entry of the kind database",
        }
    }

    /// Whether an attribute makes a block of it one that is to be asked, and not only shown: files that somebody else
    /// wrote for something else mean what they meant.
    pub(crate) fn is_meant_by(self, key: &str) -> bool {
        match self {
            Self::Http => options::is_ours(key),
            Self::Sql | Self::Promql => {
                let guards = [
                    "on", "probe", "every", "within", "undo", "confirm", "timeout", "retry", "capture", "write",
                    "range",
                ];
                guards.contains(&key) || key.starts_with("expect")
            }
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
    /// `expect_value`: what the first column of the first row is.
    pub value: Option<ValueTest>,
    /// `expect_rows`: how many rows there are.
    pub rows: Option<NumberTest>,
    /// `write`: the statement may change something.
    pub write: bool,
    /// `expect_number` of a block whose values are numbers by themselves: every one of them is so.
    pub numbers: Vec<NumberTest>,
    /// `range`: so many milliseconds until now are asked for, not only now.
    pub range_ms: Option<u64>,
    /// `step`: between two values of a range, in milliseconds.
    pub step_ms: Option<u64>,
    /// `ca`: a file of certificates, relative to the runbook's folder; these alone are trusted then.
    pub ca: Option<String>,
}

impl Measured {
    /// Between two values of a range: what is written, else a sixtieth of it, and a second at least.
    #[must_use]
    pub fn step(&self) -> Duration {
        let usual = (self.range_ms.unwrap_or_default() / 60).max(1000);
        Duration::from_millis(self.step_ms.unwrap_or(usual))
    }
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
    /// Whom, where an access entry says it. Its secret is in the environment, as [`SECRET`].
    pub server: Option<Server>,
    /// When the run began and what time it is, as addresses name them: `run.start_ms`, `run.end_ms`.
    pub times: Values,
    /// When it gives up by itself, in milliseconds; none where somebody else ends it.
    pub limit_ms: Option<u64>,
    /// After so many milliseconds a server of databases ends by itself what it was asked, should nobody be left who does.
    pub server_limit_ms: u64,
    /// The folder of the runbook.
    pub folder: String,
    /// The file that the verdicts go into, as a JSON list. It exists and is empty.
    pub verdicts: String,
}

/// The variable that the secret of a server is handed over by. Nothing that is asked can name it.
pub const SECRET: &str = "ALLGOOD_MEASURE_SECRET";

/// What is waited for where a block names no `timeout`.
pub const LIMIT: Duration = Duration::from_secs(30);

/// How much longer than that a server goes on that is told by nobody to end: who waits for it comes first, and says why.
pub const SERVER_LEEWAY: Duration = Duration::from_secs(5);

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

impl Item {
    /// Whether it asks and measures, and runs nothing.
    #[must_use]
    pub fn measures(&self) -> bool {
        matches!(self.program, Program::Measure(_))
    }

    /// Where it runs, if not on this machine. What measures asks from here whatever its `on` names.
    #[must_use]
    pub fn elsewhere(&self) -> Option<&On> {
        self.options.on.as_ref().filter(|_| !self.measures())
    }
}

/// Where every value is a number by itself, each is tested, and not what is printed last.
pub(crate) fn take_numbers(measure: Measure, options: &mut Options) {
    if measure != Measure::Promql {
        return;
    }
    let numbers = &mut options.measured.numbers;
    options.expectations.retain(|expectation| match expectation {
        Expectation::Number(comparison, number) => {
            numbers.push(NumberTest { comparison: *comparison, number: *number });
            false
        }
        _ => true,
    });
}

/// Whether a block of that text only looks: what it asks changes nothing.
pub(crate) fn only_looks(measure: Measure, text: &str, measured: &Measured) -> bool {
    match measure {
        Measure::Http => http::read(text).is_ok_and(|request| request.is_safe()),
        Measure::Sql => !measured.write,
        Measure::Promql => true,
    }
}

/// The variables that a text names, in order, each once.
pub(crate) fn variables(measure: Measure, text: &str) -> Vec<String> {
    let found: Vec<String> = match (measure, sql::read(text)) {
        (Measure::Sql, Ok(query)) => query.variables().map(str::to_owned).collect(),
        _ => crate::variables::uses_in_request(text).map(|(_, name)| name.to_owned()).collect(),
    };
    let mut names: Vec<String> = Vec::new();
    for name in found {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Attributes that a block cannot have because of what runs it, or lacks: a sentence each.
pub(crate) fn unfit(program: &Program, read: &ReadOptions) -> Vec<String> {
    let has = |key: &str| read.attributes.contains_key(key);
    let own = ATTRIBUTES.iter().filter(|(key, _)| has(key));
    let Program::Measure(measure) = program else {
        let own = own.filter(|(key, _)| !COMMON_WORDS.contains(key));
        return own.map(|(key, takes)| elsewhere(key, takes)).collect();
    };
    let fence = measure.language();
    let mut sentences: Vec<String> =
        own.filter(|(_, takes)| !takes.contains(measure)).map(|(key, takes)| elsewhere(key, takes)).collect();
    let no_exit = match measure {
        Measure::Http => "there is no exit status: write `expect_status`",
        Measure::Sql => "there is no exit status: write `expect_value` or `expect_rows`",
        Measure::Promql => "there is no exit status: write `expect_number`",
    };
    let refused = [("expect_exit", no_exit), ("cwd", "nothing in it depends on a directory: remove it")];
    let here = [("on", "the request is sent from this machine: remove it")];
    let refused = refused.iter().chain(here.iter().filter(|_| !measure.asks_an_entry()));
    sentences.extend(
        refused
            .filter(|(key, _)| has(key))
            .map(|(key, why)| format!("`{key}` does not go with an `{fence}` block: {why}")),
    );
    sentences.extend(read.of_measures.iter().cloned());
    let measured = &read.options.measured;
    match measured.range_ms {
        None if has("step") && *measure == Measure::Promql => {
            sentences.push("`step` is for a range: write `range` beside it, or remove it".to_owned());
        }
        Some(range) if u128::from(range) / measured.step().as_millis().max(1) > u128::from(promql::MOST_POINTS) => {
            sentences.push(format!(
                "so short a `step` makes more than {} values of so long a `range`: write a longer one",
                promql::MOST_POINTS
            ));
        }
        _ => {}
    }
    if measure.asks_an_entry() {
        match &read.options.on {
            Some(On::Entry(_)) => {}
            Some(on) => sentences.push(format!("`on={on}` names nothing that can be asked: {}", measure.name_one())),
            // What cannot be read has its sentence.
            None if has("on") => {}
            None => {
                sentences.push(format!("this `{fence}` block says not whom to ask: {}", measure.name_one()));
            }
        }
    }
    sentences
}

/// An attribute that tests nothing where it stands.
fn elsewhere(key: &str, takes: &[Measure]) -> String {
    let fences: Vec<String> = takes.iter().map(|measure| format!("`{}`", measure.language())).collect();
    format!(
        "`{key}` is for {} blocks alone and would test nothing here: remove it, or write `expect`",
        fences.join(" and ")
    )
}

/// Why a text cannot be asked: one sentence.
pub(crate) fn wrong(measure: Measure, text: &str, measured: &Measured) -> Option<String> {
    match measure {
        Measure::Http => http::read(text).err(),
        Measure::Sql => match sql::read(text) {
            Ok(query) => query.changes().filter(|_| !measured.write),
            Err(why) => Some(why),
        },
        Measure::Promql => promql::wrong(text),
    }
}
