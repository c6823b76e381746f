//! Schedules as a face sees them. How a run stands that one began is read from its record: nothing of it is kept twice.

use std::collections::{BTreeMap, BTreeSet};

use engine::{RunId, RunStatus};
use format::ScheduleProposal;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Serialize, de::DeserializeOwned};
use store::{Firing, Outcome, RunRow, Schedule};

use super::{
    text,
    times::{Times, zone_here},
};
use crate::{
    ApiError, App,
    wire::{FiringState, FiringView, ScheduleDay, ScheduleProposalView, ScheduleView},
};

/// The word of a choice, as the store keeps it and the front matter says it.
pub(super) fn word(choice: impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The choice of that word; the usual one where it is none.
pub(super) fn choice<T: DeserializeOwned + Default>(word: &str) -> T {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).unwrap_or_default()
}

/// How a firing stands, with the row of its run.
pub(super) fn state(firing: &Firing, row: Option<&RunRow>) -> FiringState {
    match (firing.outcome, row.map(|row| row.state)) {
        (Outcome::Missed, _) => FiringState::Missed,
        (Outcome::Refused, _) => FiringState::Refused,
        // Not begun yet, or never: whoever looks at the schedule next settles that.
        (Outcome::Begun, None | Some(RunStatus::Running)) => FiringState::Running,
        (Outcome::Begun, Some(RunStatus::Waiting | RunStatus::Paused)) => FiringState::Waits,
        (Outcome::Begun, Some(RunStatus::Passed)) => FiringState::Passed,
        (Outcome::Begun, Some(RunStatus::Failed)) => FiringState::Failed,
        (Outcome::Begun, Some(RunStatus::RolledBack)) => FiringState::RolledBack,
        (Outcome::Begun, Some(RunStatus::Abandoned)) => FiringState::Abandoned,
        (Outcome::Begun, Some(RunStatus::HandedOver)) => FiringState::HandedOver,
        (Outcome::Begun, Some(RunStatus::Interrupted)) => FiringState::Interrupted,
    }
}

impl App {
    /// The rows of the runs of firings, by their ids.
    pub(super) fn rows_of(&self, firings: &[Firing]) -> Result<BTreeMap<RunId, RunRow>, ApiError> {
        let ids: Vec<RunId> = firings.iter().filter_map(|firing| firing.run.clone()).collect();
        Ok(self.store.runs_named(&ids)?.into_iter().map(|row| (row.start.id.clone(), row)).collect())
    }

    pub(super) fn schedule_view(
        &self,
        schedule: &Schedule,
        now: Timestamp,
        most: u64,
    ) -> Result<ScheduleView, ApiError> {
        let firings = if most == 0 { Vec::new() } else { self.store.firings(&schedule.id, most)? };
        let rows = self.rows_of(&firings)?;
        let (problem, changed, stops) = match self.accepted_book(schedule) {
            Ok(opened) => (None, false, self.stops(&opened, schedule)),
            Err(refusal) => (Some(refusal.sentence), refusal.changed, Vec::new()),
        };
        let times = Times::of(schedule);
        let settled = schedule.after.parse().unwrap_or(now);
        let next = match &times {
            // A clock that was set back: what it has passed already does not come again.
            Ok(times) if !schedule.paused => times.next(now.max(settled)).into_iter().map(text).collect(),
            _ => Vec::new(),
        };
        let week = match &times {
            Ok(times) if !schedule.paused && most > 0 => times.week(now.max(settled), &TimeZone::system()),
            _ => Vec::new(),
        };
        let week = week.into_iter().map(|(day, first, count)| ScheduleDay {
            day: day.to_string(),
            first: text(first),
            count,
        });
        Ok(ScheduleView {
            week: week.collect(),
            id: schedule.id.clone(),
            name: schedule.name.clone(),
            runbook: schedule.path.clone(),
            cron: schedule.cron.clone(),
            words: times.as_ref().map(Times::words).unwrap_or_default(),
            zone: schedule.zone.clone(),
            environment: schedule.environment.clone(),
            values: schedule.values.clone(),
            on_failure: choice(&schedule.on_failure),
            missed: choice(&schedule.missed),
            paused: schedule.paused,
            revision: schedule.revision.clone(),
            accepted_at: schedule.accepted_at.clone(),
            added_at: schedule.added_at.clone(),
            problem: problem.or(times.err().map(|error| error.message)),
            changed,
            stops,
            next,
            usual_ms: self.usual(schedule.path.as_ref())?.median_ms,
            firings: firings.iter().map(|firing| view(firing, &rows)).collect(),
        })
    }

    /// What runbooks in the library propose that are on no schedule yet.
    pub(super) fn proposals(&self, all: &[Schedule], now: Timestamp) -> Result<Vec<ScheduleProposalView>, ApiError> {
        let taken: BTreeSet<&str> = all.iter().map(|one| one.path.as_str()).collect();
        let proposed = self.store.proposed_schedules()?;
        let open = proposed.into_iter().filter(|one| !taken.contains(one.path.as_str()));
        let views = open.filter_map(|one| {
            let proposal: ScheduleProposal = serde_json::from_str(&one.schedule).ok()?;
            let zone = proposal.zone.unwrap_or_else(zone_here);
            let times = Times::new(&proposal.cron, &zone);
            let trust = self.trusted(one.path.as_ref(), engine::event::Mode::Auto).err();
            Some(ScheduleProposalView {
                runbook: one.path,
                title: one.title,
                words: times.as_ref().map(Times::words).unwrap_or_default(),
                next: times.as_ref().map(|times| times.next(now)).unwrap_or_default().into_iter().map(text).collect(),
                problem: trust.or(times.err()).map(|error| error.message),
                cron: proposal.cron,
                zone,
                environment: proposal.environment,
                on_failure: choice(&proposal.on_failure.unwrap_or_default()),
                missed: choice(&proposal.missed.unwrap_or_default()),
            })
        });
        Ok(views.collect())
    }
}

fn view(firing: &Firing, rows: &BTreeMap<RunId, RunRow>) -> FiringView {
    let row = firing.run.as_ref().and_then(|run| rows.get(run));
    FiringView {
        due: firing.due.clone(),
        times: firing.times,
        at: firing.at.clone(),
        by_hand: firing.by_hand,
        state: state(firing, row),
        run: firing.run.as_ref().map(|run| run.0.clone()),
        ended_at: row.and_then(|row| row.ended_at.clone()),
        why: firing.why.clone(),
    }
}
