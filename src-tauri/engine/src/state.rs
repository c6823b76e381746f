//! The state of a run, derived from its events by one pure function that both drives and replays.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{AttemptState, Event, FinishState, Mode};

/// The state of an item (RUNS.md, "States").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum ItemStatus {
    #[default]
    Pending,
    Ready,
    Running,
    Waiting,
    Passed,
    Failed,
    Skipped,
    Overridden,
    Undone,
    Interrupted,
}

/// The state of a run (RUNS.md, "States").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "RUNS.md, \"States\"")]
pub enum RunStatus {
    #[default]
    Waiting,
    Running,
    Paused,
    Passed,
    Failed,
    RolledBack,
    Abandoned,
    HandedOver,
    Interrupted,
}

/// What is known of a run: the fold of its events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunState {
    /// The run's own state.
    pub status: RunStatus,
    /// How it is driven.
    pub mode: Option<Mode>,
    /// What happened to each item that anything happened to.
    pub items: BTreeMap<String, ItemState>,
    /// The last event folded in; 0 before the first.
    pub last_seq: u64,
    /// How it finished, if it did.
    pub finished: Option<FinishState>,
}

/// What is known of an item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemState {
    /// Its state.
    pub status: ItemStatus,
    /// Its attempts, in order.
    pub attempts: Vec<Attempt>,
    /// When its state last changed.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// The note of a tick, the reason of a skip or an override.
    pub remark: Option<String>,
}

/// One try of one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attempt {
    /// From 1.
    pub number: u64,
    /// When it started.
    pub started_at: String,
    /// The exact command (masked).
    pub command: String,
    /// Where it ran.
    pub target: String,
    /// The directory it started in.
    pub cwd: String,
    /// How it ended; `None` while it runs.
    pub state: Option<AttemptState>,
    /// Exit status.
    pub exit: Option<i64>,
    /// Signal.
    pub signal: Option<String>,
    /// A sentence about its end.
    pub note: Option<String>,
    /// Milliseconds from start to end.
    pub duration_ms: Option<u64>,
    /// Bytes of output so far, those left out included.
    pub output_bytes: u64,
    /// Expected against observed.
    pub expectations: Vec<Expected>,
    /// Whether something was typed into it.
    pub typed: bool,
}

/// Expected against observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields of the event `expectation`")]
pub struct Expected {
    pub expected: String,
    pub observed: String,
    pub holds: bool,
}

impl RunState {
    /// The state after one more event. Pure: the same events give the same state, live or replayed.
    #[must_use]
    pub fn apply(self, event: &Event) -> Self {
        let mut state = self;
        state.last_seq = event.seq;
        state
    }
}
