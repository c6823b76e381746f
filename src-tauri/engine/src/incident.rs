//! The frame of an incident: how bad it is, who takes part, when it was detected, mitigated and verified, and when the
//! next status update is due. Folded from the marks and messages of a run; pure, so that a record read again, at any
//! time, says the same.
//!
//! The words of a mark (`docs/journal.md`): the moments [`MOMENTS`]; `severity`; `responder`; `incident`, which one it is;
//! `update`, something that was said without a message of the runbook; `snoozed`, the next update is put off.
//!
//! Chosen here: the last mark of a moment counts, and one that was withdrawn is as if it had never been; all of them stay
//! in the record. A message that is sent is an update, whoever it is for.

mod marking;
mod responders;
mod severity;
mod updates;
mod words;

use format::{Kind, Runbook};
use jiff::Timestamp;

pub use marking::{Marking, mark};
pub use responders::Responding;
pub use severity::{Set, Severity, ladder, level};
pub use updates::{Intervals, LEVELS, Snoozed, Updates};
pub use words::words;

use crate::state::{Mark, RunState};

/// The moments that are marked, in the order in which they come: it began to do harm, was detected, mitigated, verified.
pub const MOMENTS: [&str; 4] = ["began", "detected", "mitigated", "verified"];

/// Everything that a mark can say.
pub const WORDS: [&str; 9] =
    ["began", "detected", "mitigated", "verified", "severity", "responder", "update", "snoozed", "incident"];

/// The frame of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// Which one: what was marked as `incident`.
    pub name: Option<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// Who takes part: the roles of the runbook with who has them, then others.
    pub responders: Vec<Responding>,
    /// Who took part and left.
    pub left: Vec<Responding>,
    /// The moments that are marked and hold, in the order of [`MOMENTS`].
    pub moments: Vec<Moment>,
    /// What was told, and when the next word is due.
    pub updates: Updates,
}

/// A moment of an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// One of [`MOMENTS`].
    pub what: String,
    /// When it was, UTC.
    pub when: String,
    /// When it was marked.
    pub at: String,
    /// By whom.
    pub actor: String,
    /// What was said of it.
    pub note: Option<String>,
    /// How often it was marked before, or taken back.
    pub corrected: u64,
    /// How long it took.
    pub took: Took,
}

/// How long something took, and from when that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Took {
    /// It has no beginning to count from.
    Nothing,
    /// So many milliseconds after that.
    After(u64, Since),
    /// So many milliseconds before that: it was detected before the run began, or one of the marks is wrong.
    Before(u64, Since),
    /// A time cannot be read.
    Unknown,
}

/// What the time of a moment counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The mark `began`.
    Began,
    /// The mark `detected`.
    Detected,
    /// The start of the run.
    Run,
}

impl Incident {
    /// The frame of a run: of a runbook of the kind `incident`, of one without a kind that has a severity, or of a run in
    /// which something was marked. None of any other.
    #[must_use]
    pub fn of(runbook: &Runbook, state: &RunState) -> Option<Self> {
        let about = &runbook.about;
        let is_one = match runbook.kind {
            Some(kind) => kind == Kind::Incident,
            None => about.severity.is_some(),
        };
        if !is_one && state.marks.is_empty() {
            return None;
        }
        let (responders, left) = responders::fold(&about.responders, &state.marks);
        Some(Self {
            name: last(&state.marks, "incident").and_then(|mark| mark.value.clone()),
            severity: Severity::of(about, &state.marks),
            responders,
            left,
            moments: moments(state),
            updates: Updates::of(state),
        })
    }

    /// A moment, where it is marked.
    #[must_use]
    pub fn moment(&self, what: &str) -> Option<&Moment> {
        self.moments.iter().find(|moment| moment.what == what)
    }

    /// How often this incident is told about: as the runbook says for its severity, else as the person has chosen.
    #[must_use]
    pub fn every(&self, runbook: &Runbook, intervals: &Intervals) -> Option<std::time::Duration> {
        let severity = self.severity.as_ref().map(|severity| severity.value.as_str());
        updates::every(&runbook.about.update_every, severity, intervals)
    }

    /// When the next update is due, UTC; none where nobody is reminded.
    #[must_use]
    pub fn due(&self, runbook: &Runbook, intervals: &Intervals) -> Option<String> {
        self.updates.due(self.every(runbook, intervals)?)
    }
}

/// The last mark of that word, where it holds.
fn last<'a>(marks: &'a [Mark], what: &str) -> Option<&'a Mark> {
    marks.iter().rev().find(|mark| mark.what == what).filter(|mark| !mark.withdrawn)
}

fn moments(state: &RunState) -> Vec<Moment> {
    let of = |what: &str| last(&state.marks, what);
    let since = |what: &str| match what {
        "began" => None,
        "detected" => of("began").map(|mark| (when(mark), Since::Began)),
        _ => of("detected")
            .map(|mark| (when(mark), Since::Detected))
            .or_else(|| of("began").map(|mark| (when(mark), Since::Began))),
    };
    let moment = |what: &str| {
        let mark = of(what)?;
        let from = match what {
            "began" => None,
            _ => Some(since(what).unwrap_or((&state.started_at, Since::Run))),
        };
        let others = state.marks.iter().filter(|other| other.what == what).count() as u64;
        Some(Moment {
            what: what.to_owned(),
            when: when(mark).to_owned(),
            at: mark.at.clone(),
            actor: mark.actor.clone(),
            note: mark.value.clone(),
            corrected: others.saturating_sub(1),
            took: from.map_or(Took::Nothing, |(from, since)| took(from, when(mark), since)),
        })
    };
    MOMENTS.iter().filter_map(|what| moment(what)).collect()
}

/// The moment that a mark means.
fn when(mark: &Mark) -> &str {
    mark.when.as_deref().unwrap_or(&mark.at)
}

fn took(from: &str, to: &str, since: Since) -> Took {
    let (Ok(from), Ok(to)) = (from.parse::<Timestamp>(), to.parse::<Timestamp>()) else { return Took::Unknown };
    let gone = to.as_millisecond().saturating_sub(from.as_millisecond());
    if gone < 0 { Took::Before(gone.unsigned_abs(), since) } else { Took::After(gone.unsigned_abs(), since) }
}

#[cfg(test)]
mod tests;
