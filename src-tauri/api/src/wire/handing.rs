//! Runs that go on elsewhere (RUNS.md, "Handing over").

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::RunSummary;

/// Writes a run as one file, for another machine.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct HandOverRun {
    /// Which.
    pub run: String,
    /// The file; must not exist yet.
    pub path: String,
    /// To whom it is handed over: from then on it is finished here. Without it the file is a copy, and nothing changes.
    #[serde(default)]
    #[ts(optional)]
    pub to: Option<String>,
}

/// Takes in a run that another machine wrote as a file.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TakeRun {
    /// The file.
    pub path: String,
    /// Where its runbook is on this machine: its commands start in that folder. Without it, where it was.
    #[serde(default)]
    #[ts(optional)]
    pub runbook: Option<String>,
}

/// A run that was taken in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct TakenRun {
    /// The run.
    pub run: RunSummary,
    /// How many of its events are new here.
    pub events: u64,
    /// It was known here already, and what is new of it was added.
    pub known: bool,
    /// The folder of its runbook, where that is not on this machine: no command of it can start before it is said where
    /// the runbook is.
    pub missing: Option<String>,
    /// The runbook's file here says something else by now: the run goes on with its own revision.
    pub differs: bool,
}
