//! Facts of a run and the chain that binds them (RUNS.md, "The journal").

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// Names a run: a UUID version 7 in its usual form, so that ids sort by time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One fact in a run's journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Which run.
    pub run: RunId,
    /// From 1, without gaps.
    pub seq: u64,
    /// UTC, RFC 3339 with milliseconds and `Z`.
    pub at: String,
    /// `user@host`.
    pub actor: String,
    /// What happened: `kind` and its fields.
    #[serde(flatten)]
    pub fact: Fact,
    /// Lower-case hexadecimal SHA-256 over the hash of the event before (64 zeros for the first), a line feed, and
    /// this event's JSON without `hash` in the canonical form of RFC 8785.
    pub hash: String,
}

/// How a run is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A person starts each item.
    Hand,
    /// Consecutive commands and probes run by themselves until a person is needed.
    Auto,
    /// Nothing is executed.
    Rehearse,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Exit status and expectations hold.
    Passed,
    /// They do not, or it timed out or could not be started.
    Failed,
    /// A person stopped it.
    Stopped,
}

/// How a run finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishState {
    /// Every item of the path is settled, none failed.
    Passed,
    /// An item failed and nobody chose otherwise.
    Failed,
    /// Undone.
    RolledBack,
    /// A person gave it up.
    Abandoned,
    /// Goes on elsewhere.
    HandedOver,
}

/// A fact, by kind. Fields that do not apply are left out of the JSON. Every text field has been masked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the table in RUNS.md, \"The journal\", says what each field holds")]
pub enum Fact {
    RunStarted {
        path: String,
        title: String,
        revision: String,
        mode: Mode,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        environment: Option<String>,
        version: String,
    },
    ParameterSet {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
        from: String,
    },
    ItemReady {
        item: String,
    },
    AttemptStarted {
        item: String,
        attempt: u64,
        command: String,
        target: String,
        cwd: String,
    },
    Output {
        item: String,
        attempt: u64,
        offset: u64,
        length: u64,
        sha256: String,
        /// Bytes that were left out before this piece (RUNS.md: beyond 8 MiB only the last 8 MiB are kept).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<u64>,
        /// SHA-256 of the whole output of the attempt, on the last piece of one that left something out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        whole_sha256: Option<String>,
    },
    Expectation {
        item: String,
        attempt: u64,
        expected: String,
        observed: String,
        holds: bool,
    },
    AttemptEnded {
        item: String,
        attempt: u64,
        state: AttemptState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exit: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signal: Option<String>,
        /// One sentence, where exit status or signal do not say it all: a timeout, a shell that is missing,
        /// processes left running, values that could not be carried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        duration_ms: u64,
    },
    CheckTicked {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    CheckUnticked {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    CheckFailed {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    Confirmed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        what: String,
    },
    InputSent {
        item: String,
        attempt: u64,
    },
    MessageSent {
        item: String,
        text: String,
    },
    LinkOpened {
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    Note {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    Marked {
        what: String,
    },
    Skipped {
        item: String,
        reason: String,
    },
    Overridden {
        item: String,
        reason: String,
    },
    Deviation {
        item: String,
        reason: String,
        text: String,
    },
    VariablesSet {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        values: BTreeMap<String, String>,
    },
    RollbackStarted {
        plan: Vec<String>,
    },
    Undone {
        item: String,
    },
    PlanChosen {
        plan: Vec<String>,
    },
    Paused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Resumed {},
    /// The process that drove the run is gone; `item` was running.
    Interrupted {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
    },
    Stopped {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    HandedOver {
        to: String,
    },
    RunFinished {
        state: FinishState,
    },
}
