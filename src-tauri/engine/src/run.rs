//! Drives one run: takes commands, decides, keeps events, starts processes.

use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, sync::Arc};

use format::Runbook;

use crate::{
    event::{Mode, RunId},
    journal::{Clock, Journal, Observer, Secrets},
    process::Supervisor,
    state::RunState,
};

/// What every run on this machine shares.
#[derive(Clone)]
pub struct Settings {
    /// Started for each attempt.
    pub supervisor: Supervisor,
    /// A private folder, in memory where there is one.
    pub scratch: PathBuf,
    /// The environment that commands inherit.
    pub environment: BTreeMap<OsString, OsString>,
    /// `user@host`.
    pub actor: String,
    /// The program's version.
    pub version: String,
}

/// Starts runs.
#[derive(Clone)]
pub struct Engine {
    /// What every run shares.
    pub settings: Settings,
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// What hides secrets.
    pub secrets: Arc<dyn Secrets>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What to run.
#[derive(Clone)]
pub struct RunSpec {
    /// Its name, new. The caller has made its row in the store and holds its lock.
    pub id: RunId,
    /// The revision.
    pub runbook: Arc<Runbook>,
    /// The folder that `cwd` is relative to: the runbook's own.
    pub folder: PathBuf,
    /// How.
    pub mode: Mode,
    /// A person can be asked. Without one, standard input is empty and what needs a person pauses the run.
    pub attended: bool,
    /// `--yes`: ticks checks by itself.
    pub yes: bool,
    /// Only this step (by id or title).
    pub step: Option<String>,
    /// Values for parameters, placeholders, doubts and variables, by name.
    pub values: BTreeMap<String, String>,
    /// Columns and rows of the person's terminal.
    pub size: (u16, u16),
}

/// What can be asked of a run. Items are named by id; `hash` is that of [`format::Item::hash`] as it was on screen.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "RUNS.md, \"Going forward\" and \"When something fails\""
)]
pub enum Command {
    /// Runs a command or undo, or tries a probe, also again or out of order. `values` fill what it asks for.
    Start {
        item: String,
        hash: String,
        values: BTreeMap<String, String>,
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
    LinkOpened {
        item: Option<String>,
        url: String,
    },
    MessageSent {
        item: String,
        text: String,
    },
    /// Bytes typed into the running command.
    Input {
        item: String,
        bytes: Vec<u8>,
    },
    Resize {
        item: String,
        columns: u16,
        rows: u16,
    },
    /// Stops what is running of this item (interrupt, terminate, kill).
    Stop {
        item: String,
    },
    /// Stops whatever is running and puts the run aside: `stopped`, `paused`.
    StopRun {
        reason: Option<String>,
    },
    Pause,
    Resume,
    Abandon {
        reason: Option<String>,
    },
}

/// Why a command was not taken. Nothing happened; the message is a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's message says it")]
pub enum Refusal {
    #[error("this runbook has no item \"{0}\"")]
    UnknownItem(String),
    #[error("item \"{0}\" has changed since it was shown: look at it again before you start it")]
    Stale(String),
    /// A guard that cannot be honoured, or front matter that cannot be read.
    #[error("{0}")]
    Guard(String),
    /// Values that must be given first, by kind.
    #[error("{sentence}")]
    Needs {
        sentence: String,
        placeholders: Vec<String>,
        doubts: Vec<String>,
        variables: Vec<String>,
    },
    /// Not in this state.
    #[error("{0}")]
    State(String),
    /// A value that cannot be taken where it would stand.
    #[error("{0}")]
    Value(String),
    /// The store did not keep it.
    #[error("{0}")]
    Journal(String),
}

/// A run under way, to talk to from any thread.
#[derive(Clone)]
pub struct RunHandle {
    id: RunId,
}

/// How far a run is: what `api` shows of it. Contract for `api`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items of the path that are settled (passed, skipped, overridden; a failed optional one too).
    pub done: u64,
    /// Items of the path.
    pub total: u64,
    /// Title of the step in hand, or of the one that failed.
    pub step: Option<String>,
    /// A failure was rescued on the way: it passed after another try or an override.
    pub rescued: bool,
}

/// How far a run of that runbook is in that state. Pure. Contract for `api`.
#[must_use]
pub fn progress(runbook: &Runbook, state: &RunState) -> Progress {
    let _ = (runbook, state);
    Progress::default()
}

/// The item in hand: the one that runs, failed or waits, else the next of the path to be done. Pure. Contract for `api`.
#[must_use]
pub fn hand(runbook: &Runbook, state: &RunState) -> Option<String> {
    let _ = (runbook, state);
    None
}

impl Engine {
    /// What `start` would refuse, asked before a row for the run is made: front matter that cannot be honoured,
    /// parameters that do not fit, a step that does not exist. Contract for `api`.
    ///
    /// # Errors
    /// The same refusals as `start`.
    pub fn check(
        &self,
        runbook: &Runbook,
        values: &BTreeMap<String, String>,
        step: Option<&str>,
    ) -> Result<(), Refusal> {
        let _ = (runbook, values, step);
        Ok(())
    }

    /// Starts a run: `run_started` is on disk when this returns.
    ///
    /// # Errors
    /// When the runbook refuses to be run, a parameter does not fit, or the journal does not keep the start.
    pub fn start(&self, spec: RunSpec, observer: Arc<dyn Observer>) -> Result<RunHandle, Refusal> {
        let _ = observer;
        Ok(RunHandle { id: spec.id })
    }
}

impl RunHandle {
    /// Which run.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.id
    }

    /// Asks for something; returns when it was decided and its first event is on disk, not when it is over.
    ///
    /// # Errors
    /// When it is refused; nothing happened then.
    pub fn send(&self, command: Command) -> Result<(), Refusal> {
        let _ = command;
        Ok(())
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> RunState {
        RunState::default()
    }

    /// Why its facts could not be kept, if they could not: one sentence; the run goes no further then. Contract for
    /// `api`.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        None
    }

    /// Waits until the run is finished (not merely paused), or its thread is gone, and nothing of it runs any more.
    /// Contract for `api`.
    pub fn wait_finished(&self) -> RunState {
        RunState::default()
    }

    /// Waits until the run is finished or paused, and nothing of it runs any more.
    pub fn wait(&self) -> RunState {
        RunState::default()
    }
}
