//! Runs that go on elsewhere (RUNS.md, "Handing over").

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Mode, RunStatus, RunSummary};

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
    /// What whoever goes on with it should know: a note in the record, kept before it is handed over.
    #[serde(default)]
    #[ts(optional)]
    pub note: Option<String>,
}

/// The file that a run was handed over in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HandedFile {
    /// Its absolute path, as it was written.
    pub path: String,
    /// There is a file there still.
    pub there: bool,
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

/// What the file of a run holds, before anything of it is taken in. All of it was checked: what does not hold is an error.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunFileView {
    /// The run's id.
    pub run: String,
    /// The runbook's title.
    pub title: String,
    /// Where the runbook was: on the machine that it was run on first.
    pub runbook: String,
    /// SHA-256 of the bytes that it runs.
    pub revision: String,
    /// How it stands.
    pub state: RunStatus,
    /// How it was driven.
    pub mode: Mode,
    /// The environment that it was started in, if any.
    pub environment: Option<String>,
    /// Who started it (`user@host`).
    pub started_by: String,
    /// When.
    pub started_at: String,
    /// Who did the last thing in it.
    pub last_by: String,
    /// When.
    pub last_at: String,
    /// To whom it was handed over, if it was.
    pub to: Option<String>,
    /// The last note before that, by whoever handed it over.
    pub note: Option<String>,
    /// Items of the path that are settled.
    pub done: u64,
    /// Items of the path.
    pub total: u64,
    /// What is to be done next, by the titles of its steps, in order; at most 20.
    pub left: Vec<String>,
    /// How many events its journal has, all of which hold.
    pub events: u64,
    /// What is known of it here.
    pub known: KnownHere,
    /// How many of its events are new here.
    pub new_events: u64,
    /// Files of the library here that its runbook may be: those with its very text first. At most 20.
    pub files: Vec<RunFilePlace>,
    /// Which file it would be run from, where there is one that may be.
    pub place: Option<String>,
    /// Why it cannot be taken in as things are: one sentence that says what to do.
    pub refused: Option<String>,
}

/// What is known here of a run that came as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KnownHere {
    /// Nothing.
    New,
    /// Its beginning: it went on elsewhere.
    Longer,
    /// All of it.
    Known,
    /// Its beginning, and another end: it went on here as well.
    Parted,
}

/// A file here that the runbook of a run may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunFilePlace {
    /// Its absolute path.
    pub path: String,
    /// Its folder is trusted.
    pub trusted: bool,
    /// It says, word for word, what the run runs.
    pub same: bool,
}

/// Writes the runbook of a run that came as a file to a new file, to be read.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SaveRunbook {
    /// The file of the run.
    pub path: String,
    /// The file to write; must not exist yet.
    pub to: String,
}
