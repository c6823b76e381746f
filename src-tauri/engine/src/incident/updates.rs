//! What was told of an incident, and when the next word is due.

use std::time::Duration;

use format::UpdateEvery;
use jiff::Timestamp;

use super::{last, level};
use crate::{
    event::Mode,
    state::{RunState, RunStatus},
};

/// How many levels of severity have an interval of their own.
pub const LEVELS: usize = 4;

/// How often an incident is told about where its runbook does not say: by the level of its severity, the worst first,
/// and where it has none. `None` reminds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intervals {
    /// Of the levels 1 to 4.
    pub levels: [Option<Duration>; LEVELS],
    /// Of a severity without a level, and of none.
    pub other: Option<Duration>,
}

impl Default for Intervals {
    fn default() -> Self {
        let minutes = |minutes: u64| Some(Duration::from_secs(minutes * 60));
        Self { levels: [minutes(15), minutes(30), minutes(60), None], other: minutes(30) }
    }
}

/// What was told of an incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Updates {
    /// How many updates were sent.
    pub sent: u64,
    /// When the last one was, and by whom.
    pub last: Option<(String, String)>,
    /// The next one is put off.
    pub snoozed: Option<Snoozed>,
    /// What the time until the next one counts from: the last one, else the start of the run. None where no further one is
    /// due: the run is not under way, only rehearsed, or somebody has told that it is verified.
    pub since: Option<String>,
}

/// The next update is put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snoozed {
    /// When it is due, UTC.
    pub until: String,
    /// By whom.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
}

impl Updates {
    pub(super) fn of(state: &RunState) -> Self {
        let marks = state.marks.iter().filter(|mark| mark.what == "update" && !mark.withdrawn);
        let told = state.sent.iter().map(|sent| (sent.seq, &sent.at, &sent.actor));
        let mut told: Vec<_> = told.chain(marks.map(|mark| (mark.seq, &mark.at, &mark.actor))).collect();
        told.sort_by_key(|(seq, ..)| *seq);
        let latest = told.last().copied();
        let after = |seq: u64| latest.is_some_and(|(told, ..)| told > seq);
        let over = last(&state.marks, "verified").is_some_and(|mark| after(mark.seq));
        let under_way = matches!(state.status, RunStatus::Running | RunStatus::Waiting);
        let snoozed = last(&state.marks, "snoozed").filter(|mark| !after(mark.seq)).and_then(|mark| {
            let (actor, reason) = (mark.actor.clone(), mark.reason.clone());
            Some(Snoozed { until: mark.when.clone()?, actor, reason })
        });
        let due = under_way && !over && state.mode != Some(Mode::Rehearse);
        let since = latest.map_or(&state.started_at, |(_, at, _)| at);
        Self {
            sent: told.len() as u64,
            last: latest.map(|(_, at, actor)| (at.clone(), actor.clone())),
            snoozed,
            since: due.then(|| since.clone()),
        }
    }

    /// When the next one is due, UTC, written as the times of a record.
    pub(super) fn due(&self, every: Duration) -> Option<String> {
        let since = self.since.as_deref()?;
        if let Some(snoozed) = &self.snoozed {
            return Some(snoozed.until.clone());
        }
        let at = since.parse::<Timestamp>().ok()?.checked_add(every).ok()?;
        Some(format!("{at:.3}"))
    }
}

/// As the runbook says for this severity, else for any; else as the person has chosen.
pub(super) fn every(written: &[UpdateEvery], severity: Option<&str>, intervals: &Intervals) -> Option<Duration> {
    let level_of = |text: Option<&str>| text.and_then(level);
    let named = |one: &&UpdateEvery| {
        one.severity
            .as_deref()
            .zip(severity)
            .is_some_and(|(one, other)| one.trim().eq_ignore_ascii_case(other.trim()))
    };
    let alike = |one: &&UpdateEvery| {
        one.severity.is_some()
            && level_of(severity).is_some()
            && level_of(one.severity.as_deref()) == level_of(severity)
    };
    let any = |one: &&UpdateEvery| one.severity.is_none();
    let found =
        written.iter().find(named).or_else(|| written.iter().find(alike)).or_else(|| written.iter().find(any));
    match (found, level_of(severity)) {
        (Some(found), _) => found.every,
        (None, Some(level)) => intervals.levels.get(usize::from(level) - 1).copied().flatten(),
        (None, None) => intervals.other,
    }
}
