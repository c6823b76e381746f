//! What can be asked of a run, and why it is not done.

use std::collections::BTreeMap;

use crate::{
    event::{LinkedState, RunId},
    incident::Marking,
};

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

/// A command with another text, for one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// What runs in its place, placeholders as in a runbook.
    pub text: String,
    /// Why; may be empty.
    pub reason: String,
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
    /// A rollback of which nothing would be done.
    #[error(
        "there is nothing to undo: no step with an undo has begun, and the runbook has no rollback phase, or all of the plan \
         is left out"
    )]
    NothingToUndo,
    /// A value that cannot be taken where it would stand.
    #[error("{0}")]
    Value(String),
    /// The store did not keep it.
    #[error("{0}")]
    Journal(String),
}
