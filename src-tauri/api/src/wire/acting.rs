//! What a person does with a run, as it crosses to a face: starts one, takes one up, acts in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Marking, Mode};

/// Starts a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct StartRun {
    /// Absolute path of the runbook.
    pub path: String,
    /// The revision that was on screen.
    pub revision: String,
    /// How.
    pub mode: Mode,
    /// Only this step, by id or title; without one all of its path.
    #[serde(default)]
    #[ts(optional)]
    pub step: Option<String>,
    /// Values for parameters, by name.
    pub values: BTreeMap<String, String>,
    /// An environment of the library's file, by name.
    #[serde(default)]
    #[ts(optional)]
    pub environment: Option<String>,
    /// What was typed to answer the guard of that environment; without it the guard is asked about before the first
    /// command that changes something.
    #[serde(default)]
    #[ts(optional)]
    pub environment_typed: Option<String>,
}

/// Takes up a run that nobody drives.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ResumeRun {
    /// Which.
    pub run: String,
    /// How it goes on; as before where none is given.
    #[serde(default)]
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// Values by name: those that were kept in memory alone, and any other.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What was typed to answer the guard of its environment; without it the guard is asked about again.
    #[serde(default)]
    #[ts(optional)]
    pub environment_typed: Option<String>,
}

/// Rolls back a run that nobody drives.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RollbackRun {
    /// Which.
    pub run: String,
    /// What of the plan is left out, by item.
    #[serde(default)]
    pub leave_out: Vec<String>,
    /// Whether the step that failed took effect in part; has to be said where one failed.
    pub took_effect: Option<bool>,
    /// What was typed to answer the guard of its environment.
    #[serde(default)]
    #[ts(optional)]
    pub environment_typed: Option<String>,
}

/// What a person does in a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "do")]
#[expect(missing_docs, reason = "the fields of engine's `Command`")]
pub enum RunAction {
    Start {
        item: String,
        hash: String,
        values: BTreeMap<String, String>,
        /// The answer to `confirm`: the text that was typed, or anything where a yes is enough.
        #[serde(default)]
        #[ts(optional)]
        confirmed: Option<String>,
        /// Another text for this run alone: recorded as a deviation.
        #[serde(default)]
        #[ts(optional)]
        edited: Option<Edited>,
    },
    /// Marks a moment or a fact of an incident.
    Mark(Marking),
    /// Follows a branch to a step, or to the step of an item, by id.
    Follow {
        to: String,
    },
    /// Begins to roll back; `leave_out` shortens the plan, by item.
    Rollback {
        leave_out: Vec<String>,
        /// Whether the step that failed took effect in part; has to be said where one failed.
        took_effect: Option<bool>,
    },
    /// What says `undo=none` was undone by a person.
    UndoneByHand {
        item: String,
        note: Option<String>,
    },
    /// Answers the guard of the run's environment.
    ConfirmEnvironment {
        typed: String,
    },
    Tick {
        item: String,
        note: Option<String>,
    },
    Untick {
        item: String,
    },
    Fail {
        item: String,
        note: Option<String>,
    },
    Skip {
        item: String,
        reason: String,
    },
    Override {
        item: String,
        reason: String,
    },
    Note {
        item: Option<String>,
        text: String,
    },
    MessageSent {
        item: String,
        text: String,
    },
    /// Text typed into the running command, as the terminal gives it.
    Input {
        item: String,
        text: String,
    },
    /// Types one of the item's lines for the session that it opened, filled in. Counted from 0.
    SendLine {
        item: String,
        line: u64,
    },
    Resize {
        item: String,
        columns: u16,
        rows: u16,
    },
    Stop {
        item: String,
    },
    StopRun {
        reason: Option<String>,
    },
    Pause,
    Resume,
    Abandon {
        reason: Option<String>,
    },
}

/// A command with another text, for one run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Edited {
    /// What runs in its place, placeholders as in a runbook.
    pub text: String,
    /// Why; may be empty.
    pub reason: String,
}
