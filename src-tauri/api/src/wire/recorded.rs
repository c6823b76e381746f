//! The runs that were recorded, as they cross to a face: which of them are listed, and whether a record holds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Mode, RunStatus, RunSummary};

/// Which runs to list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct RunFilter {
    /// Only of this runbook.
    pub runbook: Option<String>,
    /// Only in this state.
    pub state: Option<RunStatus>,
    /// Only in one of these states, beside `state`.
    #[ts(as = "Option<Vec<RunStatus>>", optional)]
    pub states: Vec<RunStatus>,
    /// Only whose title or path contains this.
    pub words: Option<String>,
    /// Only in this environment; of an empty name: in none.
    #[ts(optional)]
    pub environment: Option<String>,
    /// Only driven so.
    #[ts(optional)]
    pub mode: Option<Mode>,
    /// Only started by them, `user@host`; without `@`, by this user wherever.
    #[ts(optional)]
    pub actor: Option<String>,
    /// Only those that started then or later: a time of RFC 3339, a day (`2026-11-22`, where this machine is), or so long
    /// ago (`7d`, `12h`, `2w`).
    #[ts(optional)]
    pub since: Option<String>,
    /// Only those that started before, written in the same ways.
    #[ts(optional)]
    pub until: Option<String>,
    /// Only those in which something failed, whatever became of it afterwards.
    #[ts(as = "Option<bool>", optional)]
    pub failures: bool,
    /// How many to leave out, for paging.
    pub offset: u64,
    /// How many at most; 0 is 100.
    pub limit: u64,
}

/// A page of runs.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunPage {
    /// Newest first.
    pub runs: Vec<RunSummary>,
    /// How many there are in all.
    pub total: u64,
}

/// Whether a record holds.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Verdict {
    /// The run.
    pub run: String,
    /// It holds.
    pub holds: bool,
    /// How many events were checked.
    pub events: u64,
    /// The first event that does not hold.
    pub seq: Option<u64>,
    /// The hash of the last event, where it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_hash: Option<String>,
    /// What holds but could not be checked as a whole, and why: output that the retention setting removed, a secret that
    /// was taken out. Part of the sentence, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub remark: Option<String>,
    /// One sentence.
    pub sentence: String,
}
