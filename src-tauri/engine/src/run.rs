//! Drives one run: takes commands, decides, keeps events, starts processes.
//!
//! [`decide`](self::decide) and what it rests on (`plan`, `values`, `prepare`, `carrying`) are pure; `driver`, with
//! `trying` and `attempt`, carries out what they decide, on one thread for each run; `inbox` and `shared` connect that thread with its handles.

mod ahead;
mod attempt;
mod branch;
mod carrying;
mod confirming;
mod decide;
mod driver;
mod exports;
mod holding;
mod inbox;
mod into_session;
mod linked;
mod plan;
mod prepare;
mod processes;
mod progress;
mod rollback;
mod shared;
mod taking;
mod trying;
mod values;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ffi::OsString,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use format::Runbook;

pub use self::{
    ahead::{Asked, AskedKind, Way, WayBack, asked_ahead, unfit, way_back},
    exports::asked,
    linked::{Linked, LinkedAsk, LinkedRuns},
    plan::path,
    prepare::{THIS_MACHINE, cannot_fetch, terminal_rows},
    processes::{Process, Processes, Sink},
    progress::{Progress, hand, progress, remaining},
    rollback::{PlanEntry, RollbackPlan, Undoing, rollback_plan},
    taking::{Choice, TakeUp},
};
use self::{
    driver::Driver,
    inbox::Inbox,
    plan::Plan,
    shared::Shared,
    values::{Chosen, Memory},
};
use crate::{
    event::{LinkedState, Mode, Parent, RunId},
    incident::Marking,
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
    /// Which of its checks open runs, and who opens them.
    pub linked: Option<Linked>,
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

/// A command with another text, for one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// What runs in its place, placeholders as in a runbook.
    pub text: String,
    /// Why; may be empty.
    pub reason: String,
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

/// What can be asked of a run. Items are named by id; `hash` is that of [`format::Item::hash`] as it was on screen.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "RUNS.md, \"Going forward\" and \"When something fails\"")]
pub enum Command {
    /// Runs a command or undo, or tries a probe, also again or out of order. `values` fill what it asks for.
    Start {
        item: String,
        hash: String,
        values: BTreeMap<String, String>,
        /// The answer to `confirm`: the text that was typed, or anything where only a yes is asked for.
        confirmed: Option<String>,
        /// Another text for this run alone: a deviation.
        edited: Option<Box<Edited>>,
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
    LinkOpened {
        item: Option<String>,
        url: String,
    },
    MessageSent {
        item: String,
        text: String,
    },
    /// Marks a moment or a fact of an incident.
    Mark(Box<Marking>),
    /// Follows a branch to a step (by id) or to the step of an item.
    Follow {
        to: String,
    },
    /// Begins to roll back, also a run that has passed or failed in this process. See [`TakeUp::Rollback`].
    Rollback {
        leave_out: Vec<String>,
        took_effect: Option<bool>,
    },
    /// What says `undo=none` was undone by a person.
    UndoneByHand {
        item: String,
        note: Option<String>,
    },
    /// A run is opened for a check; the caller starts it once this was taken.
    OpenLinked {
        item: String,
        run: RunId,
    },
    /// That run has ended.
    LinkedEnded {
        item: String,
        run: RunId,
        state: LinkedState,
        note: String,
    },
    /// That run waits for a person, or could not be opened.
    LinkedWaits {
        item: String,
        note: String,
    },
    /// It goes on elsewhere: here it is finished.
    HandOver {
        to: String,
    },
    /// Bytes typed into the running command.
    Input {
        item: String,
        bytes: Vec<u8>,
    },
    /// Types a line of the item's session input into the running command, filled in, and ends it. Counted from 0.
    SendLine {
        item: String,
        line: usize,
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
    Needs { sentence: String, placeholders: Vec<String>, doubts: Vec<String>, variables: Vec<String> },
    /// A question that has to be answered first.
    #[error("{sentence}")]
    Confirm {
        sentence: String,
        /// The text that has to be typed; `None` where a yes is enough.
        typed: Option<String>,
        /// It is the guard of the environment that asks, not the item.
        environment: bool,
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

/// Says that a run's thread is gone, however it went.
struct Going {
    shared: Arc<Shared>,
    inbox: Arc<Inbox>,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.inbox.deafen();
        self.shared.set_gone();
    }
}

impl Engine {
    /// What `start` would refuse, asked before a row for the run is made: front matter that cannot be honoured,
    /// parameters that do not fit, a step that does not exist.
    ///
    /// # Errors
    /// The same refusals as `start`.
    pub fn check(
        &self,
        runbook: &Runbook,
        values: &BTreeMap<String, String>,
        step: Option<&str>,
    ) -> Result<(), Refusal> {
        match self.prepare(&Arc::new(runbook.clone()), values, step)? {
            (_, _, Some(missing)) => Err(missing),
            _ => Ok(()),
        }
    }

    fn prepare(
        &self,
        runbook: &Arc<Runbook>,
        values: &BTreeMap<String, String>,
        step: Option<&str>,
    ) -> Result<(Plan, Vec<Chosen>, Option<Refusal>), Refusal> {
        if let Some(sentence) = &runbook.settings.refused {
            return Err(Refusal::Guard(sentence.clone()));
        }
        let plan = Plan::new(Arc::clone(runbook), step)?;
        let (chosen, missing) = values::at_start(runbook, values)?;
        self.check_names(runbook, &chosen)?;
        Ok((plan, chosen, missing))
    }

    /// Names hold a journal together and are written as they are: none may hold a secret.
    fn check_names(&self, runbook: &Runbook, chosen: &[Chosen]) -> Result<(), Refusal> {
        let ids = runbook.items().flat_map(|(_, step, item)| [&step.id, &item.id]);
        let asked = runbook.items().flat_map(|(_, _, item)| item.placeholders.iter().chain(&item.doubts));
        let variables = runbook.items().flat_map(|(_, _, item)| &item.variables);
        let params = runbook.settings.params.iter().map(|param| &param.name);
        let given = chosen.iter().map(|chosen| &chosen.name);
        let all: Vec<&str> =
            ids.chain(asked).chain(variables).chain(params).chain(given).map(String::as_str).collect();
        let joined = all.join("\n");
        if self.secrets.mask_text(&joined) == joined {
            return Ok(());
        }
        let sentence = "a name in this runbook (of a block, a step, a placeholder or a variable) holds a secret that is in \
            use: take it out of the file";
        Err(Refusal::Guard(sentence.to_owned()))
    }

    fn check_environment(&self, spec: &RunSpec) -> Result<(), Refusal> {
        let Some(environment) = &spec.environment else { return Ok(()) };
        let named = [&environment.name].into_iter().chain(environment.vars.iter().map(|(name, _)| name));
        let names: Vec<&str> = named.map(String::as_str).collect();
        let joined = names.join("\n");
        if self.secrets.mask_text(&joined) != joined {
            let sentence = "the environment, or a variable of it, has a name that holds a secret: mend allgood.toml";
            return Err(Refusal::Guard(sentence.to_owned()));
        }
        if let Some((name, _)) = environment.vars.iter().find(|(name, _)| !values::is_identifier(name)) {
            return Err(Refusal::Guard(format!("\"{name}\" can be no variable: mend allgood.toml")));
        }
        match &spec.environment_typed {
            Some(typed) => confirming::is_typed(&environment.name, typed),
            None => Ok(()),
        }
    }

    /// Starts a run: `run_started` is on disk when this returns.
    ///
    /// # Errors
    /// When the runbook refuses to be run, a parameter does not fit, or the journal does not keep the start.
    pub fn start(&self, spec: RunSpec, observer: Arc<dyn Observer>) -> Result<RunHandle, Refusal> {
        self.start_with(spec, observer, processes::real())
    }

    /// [`Engine::start`] with something else that starts processes.
    ///
    /// # Errors
    /// As for `start`.
    pub fn start_with(
        &self,
        spec: RunSpec,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
    ) -> Result<RunHandle, Refusal> {
        let (plan, chosen, missing) = self.prepare(&spec.runbook, &spec.values, spec.step.as_deref())?;
        self.check_environment(&spec)?;
        // With a person there the value is asked for first; without one the run is kept, paused (RUNS.md, exit status 4).
        let end_as = match missing {
            Some(missing) if spec.attended => return Err(missing),
            missing => missing.map(|missing| decide::EndAs::Paused(Some(missing.to_string()))),
        };
        let mut driver = self.driver(spec, plan, observer, processes, RunState::default());
        driver.end_as = end_as;
        driver.begin(chosen).map_err(|error| Refusal::Journal(error.to_string()))?;
        drive(driver)
    }

    /// Takes up a run that nobody drives, from the state that its journal replays to: `resumed`, or `rollback_started`,
    /// is on disk when this returns. Its mode is that of `spec`; values of `spec` are remembered, others are known from
    /// the journal, and those that were kept in memory alone are asked for again.
    ///
    /// # Errors
    /// When it cannot be taken up in that state, there is nothing to undo, or the journal does not keep it.
    pub fn take_up(
        &self,
        spec: RunSpec,
        state: RunState,
        how: &TakeUp,
        observer: Arc<dyn Observer>,
    ) -> Result<RunHandle, Refusal> {
        self.take_up_with(spec, state, how, observer, processes::real())
    }

    /// [`Engine::take_up`] with something else that starts processes.
    ///
    /// # Errors
    /// As for `take_up`.
    pub fn take_up_with(
        &self,
        mut spec: RunSpec,
        state: RunState,
        how: &TakeUp,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
    ) -> Result<RunHandle, Refusal> {
        if let Some(sentence) = &spec.runbook.settings.refused {
            return Err(Refusal::Guard(sentence.clone()));
        }
        taking::check(&state, how)?;
        spec.step.clone_from(&state.step);
        let plan = Plan::new(Arc::clone(&spec.runbook), spec.step.as_deref())?;
        values::check_given(&spec.runbook, &spec.values)?;
        self.check_environment(&spec)?;
        let mut driver = self.driver(spec, plan, observer, processes, state);
        driver.take_up(how)?;
        drive(driver)
    }

    fn driver(
        &self,
        spec: RunSpec,
        plan: Plan,
        observer: Arc<dyn Observer>,
        processes: Arc<dyn Processes>,
        state: RunState,
    ) -> Driver {
        Driver {
            engine: self.clone(),
            spec,
            plan,
            observer,
            processes,
            shared: Arc::new(Shared::new(state.clone())),
            inbox: Arc::new(Inbox::default()),
            memory: Memory::default(),
            state,
            pending: VecDeque::new(),
            lives: BTreeMap::new(),
            end_as: None,
            leftovers: Vec::new(),
            left_by_failed: BTreeMap::new(),
            started: 0,
            acts: 0,
            kept: 0,
            held: None,
            asked: BTreeSet::new(),
            trouble: None,
        }
    }
}

/// Gives a run its thread.
fn drive(driver: Driver) -> Result<RunHandle, Refusal> {
    let (shared, inbox, id) = (Arc::clone(&driver.shared), Arc::clone(&driver.inbox), driver.spec.id.clone());
    let going = Going { shared: Arc::clone(&shared), inbox: Arc::clone(&inbox) };
    thread::Builder::new()
        .name("run".to_owned())
        .spawn(move || {
            let _going = going;
            driver.run();
        })
        .map_err(|error| Refusal::State(format!("the run cannot be driven: no thread for it: {error}")))?;
    Ok(RunHandle { id, shared, line: Arc::new(Line(inbox)) })
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
