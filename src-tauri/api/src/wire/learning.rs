//! What runs teach, and two of them side by side, as they cross to a face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AttemptState, Comparison, Expected, FacetValue, ItemStatus, RunSummary, TextEdit};

/// What the last runs of a runbook teach: at most 50, without rehearsals and the run that is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Usual {
    /// Runs that ended or were put aside.
    pub runs: u64,
    /// How many of them passed.
    pub passed: u64,
    /// How long those took, from start to end: the middle one.
    pub median_ms: Option<u64>,
    /// When one passed last, however long ago.
    pub last_passed_at: Option<String>,
    /// Item by item, by id.
    pub items: BTreeMap<String, UsualItem>,
}

/// What the last runs teach of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UsualItem {
    /// Runs in which anything happened to it.
    pub runs: u64,
    /// In how many it passed in the end.
    pub passed: u64,
    /// In how many it failed at any time, also where that was rescued.
    pub failed: u64,
    /// In how many it was skipped.
    pub skipped: u64,
    /// In how many it was taken as done in spite of the machine.
    pub overridden: u64,
    /// How many of those that passed are timed.
    pub timed: u64,
    /// How long it took when it passed: the middle one. A command's last attempt; what a person did, from when the item
    /// before was settled.
    pub median_ms: Option<u64>,
    /// One in ten was at least as quick.
    pub low_ms: Option<u64>,
    /// Nine in ten were at least as quick.
    pub high_ms: Option<u64>,
}

/// How long what is left of a run under way usually takes. What runs now counts as a whole: whoever shows it takes off
/// what has passed since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TimeLeft {
    /// The sum of what each item left to do usually takes.
    pub ms: u64,
    /// On how many past runs each of them rests at least; 2 or more.
    pub runs: u64,
    /// Items left to do that are not in the sum, because fewer than 2 past runs timed them.
    pub unknown: u64,
}

/// How the last runs of a runbook ended, for its row in the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outcomes {
    /// Of the last 50 that finished; rehearsals are none.
    pub runs: u64,
    /// How many of those passed.
    pub passed: u64,
    /// When one passed last, however long ago.
    pub last_passed_at: Option<String>,
}

/// What a run suggests to change in its runbook.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunProposals {
    /// The run.
    pub run: String,
    /// Absolute path of the runbook's file now.
    pub path: String,
    /// SHA-256 of the file's bytes now, which the edits are made for; none where it cannot be read.
    pub revision: Option<String>,
    /// In the order of the document.
    pub proposals: Vec<Proposal>,
}

/// One suggestion.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Proposal {
    /// Which item.
    pub item: String,
    /// The title of its step.
    pub title: String,
    /// What happened.
    pub kind: ProposalKind,
    /// Why the person did it.
    pub reason: String,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Its line in the file now, from 1; none where it stands there no more.
    pub line: Option<u64>,
    /// What ran in the run's own revision, before anybody edited it.
    pub was: String,
    /// What the file says now; none where the item stands there no more.
    pub now: Option<String>,
    /// What ran: the edited text, or the last command of what was taken as done.
    pub ran: Option<String>,
    /// What was expected of it and what came, of what was taken as done.
    pub expectations: Vec<Expected>,
    /// What puts the edited text into the file's text as it is now, in UTF-16 units, in order.
    pub edits: Vec<TextEdit>,
    /// What that would change.
    pub comparison: Option<Comparison>,
    /// Why there is no edit: one sentence.
    pub refused: Option<String>,
}

/// What a suggestion comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// Its command was edited for the run, and passed.
    Edited,
    /// It was taken as done in spite of the machine.
    Overridden,
}

/// Two runs to be held beside each other.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct CompareRuns {
    /// The one, usually the older.
    pub one: String,
    /// The other.
    pub other: String,
}

/// Two runs of a runbook, side by side.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunComparison {
    /// The one.
    pub one: RunSummary,
    /// The other.
    pub other: RunSummary,
    /// From start to end, where both are known.
    pub duration_ms: [Option<u64>; 2],
    /// The environment of each.
    pub environment: [Option<String>; 2],
    /// Whether both ran the same text.
    pub same_revision: bool,
    /// Parameters whose values differ.
    pub parameters: Vec<ParameterDifference>,
    /// Items in the order of the other run's document; those that only the one has stand where they stood there.
    pub items: Vec<ItemComparison>,
}

/// A parameter that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ParameterDifference {
    /// Its name.
    pub name: String,
    /// Its value in each run; secret ones as `•••`, none where it was not given.
    pub values: [Option<String>; 2],
}

/// An item in two runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ItemComparison {
    /// Which item.
    pub item: String,
    /// The title of its step.
    pub title: String,
    /// A check's or message's text; empty for commands.
    pub text: String,
    /// How it went in each run; none where that runbook does not have it.
    pub sides: [Option<ItemSide>; 2],
    /// What differs: `presence`, `status`, `exit`, `attempts`, `observed`, `command`. Durations alone do not.
    pub differs: Vec<String>,
    /// What ran, word by word, where that differs.
    pub command: Option<Comparison>,
}

/// How an item went in one run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ItemSide {
    /// Its state.
    pub status: ItemStatus,
    /// How many attempts.
    pub attempts: u64,
    /// How the last one ended.
    pub state: Option<AttemptState>,
    /// Its exit status.
    pub exit: Option<i64>,
    /// Its signal.
    pub signal: Option<String>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// What was expected of it and what came.
    pub expectations: Vec<Expected>,
    /// The note of a tick, the reason of a skip or an override.
    pub remark: Option<String>,
}

/// What the history can be filtered by, the most common first, at most 200 of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunFacets {
    /// Names of environments.
    pub environments: Vec<FacetValue>,
    /// Who started runs (`user@host`).
    pub people: Vec<FacetValue>,
    /// Files of runbooks, by their absolute path now.
    pub runbooks: Vec<RunbookFacet>,
}

/// A runbook that was run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunbookFacet {
    /// Absolute path of its file now.
    pub path: String,
    /// Its title in its last run.
    pub title: String,
    /// How many runs.
    pub count: u64,
}

/// Asks how much space outputs take.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct SpaceQuery {
    /// If they were kept for so many days, 1 to 36,500.
    #[serde(default)]
    #[ts(optional)]
    pub days: Option<u32>,
}

/// How much space outputs take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutputSpace {
    /// Bytes of output that are kept.
    pub bytes: u64,
    /// Of how many runs.
    pub runs: u64,
    /// How many of those bytes would be removed now, if outputs were kept for as many days as was asked.
    pub due_bytes: u64,
    /// Of how many runs.
    pub due_runs: u64,
    /// Bytes that were removed before; of each its length and hash are kept.
    pub removed_bytes: u64,
}
