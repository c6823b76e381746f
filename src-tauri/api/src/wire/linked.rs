//! Checks that stand for a run of another runbook, as they cross to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The runbook that a check stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkedBookView {
    /// Its file.
    pub path: String,
    /// Its title.
    pub title: String,
    /// The title of the one step of it that is run.
    pub step: Option<String>,
    /// Why no run of it is opened, if none is: one sentence.
    pub refused: Option<String>,
}

/// The run that another one was opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PartOf {
    /// Its id.
    pub run: String,
    /// The check there.
    pub item: String,
    /// The title of its runbook, where that run is known here.
    pub title: Option<String>,
}

/// The run that was opened for a check, as far as the run knows that opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LinkedRun {
    /// Its id.
    pub run: String,
    /// How it stands.
    pub state: LinkedState,
}

/// How a run stands that was opened for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "docs/journal.md, the event `linked_run`")]
pub enum LinkedState {
    Opened,
    Passed,
    Failed,
    Abandoned,
    RolledBack,
}

/// Opens a run for a check, or goes on with the one that was opened for it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OpenLinked {
    /// The run that the check stands in.
    pub run: String,
    /// The check.
    pub item: String,
    /// Values for the parameters of the linked runbook, beside those of the same names here.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What was typed to answer the guard of the environment.
    #[serde(default)]
    #[ts(optional)]
    pub environment_typed: Option<String>,
}
