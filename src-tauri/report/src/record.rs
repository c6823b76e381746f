//! What a report is made from.

use std::collections::BTreeMap;

use engine::{Event, RunId};
use format::Runbook;

/// The record of a run, as whoever keeps it hands it over.
#[derive(Clone, Debug)]
pub struct Record {
    /// Which run.
    pub run: RunId,
    /// The revision that it ran.
    pub runbook: Runbook,
    /// Its journal, from the first event to the last one there is.
    pub events: Vec<Event>,
    /// Pieces of what each attempt printed, by item and attempt, in order: those that [`excerpts`](crate::excerpts)
    /// asks for.
    pub output: BTreeMap<(String, u64), Vec<Fragment>>,
    /// When output was removed because it was old, by item and attempt (UTC); its events and hashes stay.
    pub removed: BTreeMap<(String, u64), String>,
    /// Whether the journal holds.
    pub verification: Verification,
    /// Texts that must not stand in a report although they stand in the record, such as what looks like a secret in the
    /// runbook's text. Those of fewer than 4 characters are passed over: hiding them would only disfigure the rest.
    pub hide: Vec<String>,
}

/// Bytes of an attempt's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragment {
    /// Where in the output they begin.
    pub offset: u64,
    /// As they were kept: masked, with the sequences of a terminal.
    pub bytes: Vec<u8>,
}

/// Whether a journal holds (`allgood verify RUN`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// It does.
    pub holds: bool,
    /// How many events were checked.
    pub events: u64,
    /// The hash of the last one; `None` where it does not hold.
    pub last_hash: Option<String>,
    /// What was found, in one sentence.
    pub sentence: String,
}
