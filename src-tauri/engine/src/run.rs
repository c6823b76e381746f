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

impl Engine {
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

    /// Waits until the run is finished or paused, and nothing of it runs any more.
    pub fn wait(&self) -> RunState {
        RunState::default()
    }
}
