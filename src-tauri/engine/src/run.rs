//! Drives one run: takes commands, decides, keeps events, starts processes.
//!
//! `command` has what can be asked of a run, `starting` how one begins. [`decide`](self::decide) and what it rests on (`plan`,
//! `values`, `prepare`, `carrying`) are pure; `driver`, with `trying` and `attempt`, carries out what they decide, on one thread
//! for each run; `inbox` and `shared` connect that thread with its handles.

mod ahead;
mod ansible;
mod attempt;
mod branch;
mod carrying;
mod command;
mod confirming;
mod decide;
mod driver;
mod exports;
mod fleet;
mod holding;
mod inbox;
mod into_session;
mod linked;
mod measuring;
mod patience;
mod plan;
mod prepare;
mod processes;
mod progress;
mod rollback;
mod secrecy;
mod shared;
mod starting;
mod taking;
mod trying;
mod values;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};

use format::Runbook;

pub use self::{
    ahead::{Asked, AskedKind, Way, WayBack, asked_ahead, unfit, way_back},
    command::{Command, Edited, Refusal},
    decide::ATTESTED_BY_YES,
    exports::asked,
    linked::{Linked, LinkedAsk, LinkedRuns},
    plan::{path, run_items},
    prepare::{THIS_MACHINE, cannot_fetch, terminal_rows},
    processes::{Process, Processes, Sink},
    progress::{Progress, hand, progress, remaining},
    rollback::{PlanEntry, RollbackPlan, Undoing, rollback_plan},
    taking::{Choice, TakeUp},
    values::says_secret,
};
use self::{inbox::Inbox, shared::Shared};
use crate::{
    event::{Mode, Parent, RunId},
    journal::{Access, Clock, Journal, Secrets},
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
    /// How long a run that no person attends waits for a journal that keeps no facts, before it is stopped. With a person
    /// there it waits until they stop it.
    pub holds_for: Duration,
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
    /// In a rehearsal probes run, as they change nothing. To be set only for somebody who may run the runbook.
    pub probes: bool,
    /// Only this step (by id or title).
    pub step: Option<String>,
    /// Values for parameters, placeholders, doubts and variables, by name.
    pub values: BTreeMap<String, String>,
    /// Columns and rows of the person's terminal.
    pub size: (u16, u16),
    /// The environment of the library that was chosen for it.
    pub environment: Option<Environment>,
    /// What was typed to answer the guard of that environment. Without it the guard is asked about before the first
    /// thing that changes something.
    pub environment_typed: Option<String>,
    /// What a failure leads to where nobody can be asked.
    pub on_failure: OnFailure,
    /// Where the runbook's repository stands, for the record.
    pub commit: Option<Commit>,
    /// The run that this one is a part of.
    pub parent: Option<Parent>,
    /// The schedule that starts it, for the record.
    pub schedule: Option<String>,
    /// Which of its checks open runs, and who opens them.
    pub linked: Option<Linked>,
    /// Where the values come from that its front matter refers to. Without it they have to be given.
    pub access: Option<Arc<dyn Access>>,
}

/// Where the repository of a runbook stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its name, as git has it.
    pub id: String,
    /// What is run is not what stands in it.
    pub differs: bool,
}

/// What a failure leads to where nobody can be asked (`--on-failure`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// The run ends as failed.
    #[default]
    Stop,
    /// It is rolled back.
    Rollback,
}

/// An environment of the library file (FORMAT.md, "The library file").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its name has to be typed before anything is changed in it.
    pub guard: bool,
    /// Its variables.
    pub vars: Vec<(String, String)>,
}

/// A run under way, to talk to from any thread.
///
/// Dropping the last handle of a run stops what runs of it; the run then stands as its journal has it.
#[derive(Clone)]
pub struct RunHandle {
    id: RunId,
    shared: Arc<Shared>,
    line: Arc<Line>,
}

/// The way to the run's own thread; closes with the last handle.
struct Line(Arc<Inbox>);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.close();
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
        let gone = || Refusal::State("this run is driven no longer: start it anew".to_owned());
        let (reply, answer) = mpsc::channel();
        self.line.0.command(command, reply).map_err(|_| gone())?;
        answer.recv().unwrap_or_else(|_| Err(gone()))
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> RunState {
        self.shared.with_state(RunState::clone)
    }

    /// Every value that was given or chosen, by name, those that are kept in memory alone among them: for a run that is
    /// opened for one of its checks. Never to be shown or kept.
    #[must_use]
    pub fn given(&self) -> BTreeMap<String, String> {
        self.shared.given()
    }

    /// Why its facts could not be kept, if they could not: one sentence; the run goes no further then.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.shared.trouble()
    }

    /// Why its facts cannot be kept at present, if they cannot: one sentence; the run waits for it and goes on by itself.
    #[must_use]
    pub fn held(&self) -> Option<String> {
        self.shared.held()
    }

    /// Waits until the run is finished or paused, and nothing of it runs any more; or until it goes no further,
    /// because its facts cannot be kept.
    pub fn wait(&self) -> RunState {
        self.shared.wait(true)
    }

    /// As [`RunHandle::wait`], but goes on waiting while the run is paused.
    pub fn wait_finished(&self) -> RunState {
        self.shared.wait(false)
    }
}
