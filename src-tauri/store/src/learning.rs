//! What runs teach (RUNS.md, "What a run teaches"): one row for each item of a run that ended or was put aside.
//!
//! The rows are written with the event that ends the run, so that nobody has to read its journal again to know how long
//! things take. They follow from the journal and can be made again from it: the runs of older versions, and those of a
//! store that was damaged, are learnt from when their runbook is first asked for. A row belongs to its run, and the run
//! knows where its file is now, so that what was learnt goes along when a file gets another name.
//!
//! Rehearsals and scratch runs teach nothing.

use std::collections::HashMap;

use engine::{
    Event, Fact, ItemStatus, RunId, RunState, RunStatus,
    event::Mode,
    state::{Attempt, ItemState},
};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction};

use crate::{
    Store,
    connections::Durability,
    error::{ErrorKind, StoreError},
    runs,
};

/// `learnt` says whether the rows of a run are those of its last end. The index answers for the library how runs of a file
/// went, without a look at the runs themselves; it changes only when a run ends.
pub(crate) const MIGRATION: &str = "
CREATE TABLE run_items (
    run TEXT NOT NULL REFERENCES runs (id),
    item TEXT NOT NULL,
    state TEXT NOT NULL,
    duration_ms INTEGER,
    attempts INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    rescued INTEGER NOT NULL,
    PRIMARY KEY (run, item)
) STRICT, WITHOUT ROWID;
ALTER TABLE runs ADD COLUMN learnt INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_that_ended ON runs (file, id, state, ended_at)
    WHERE ended_at IS NOT NULL AND mode <> 'rehearse' AND state <> 'handed_over';
";

/// How many runs of a runbook are looked at.
pub(crate) const LAST: usize = 50;

/// SQL: what [`MIGRATION`]'s index holds.
const ENDED: &str = "ended_at IS NOT NULL AND mode <> 'rehearse' AND state <> 'handed_over'";

/// What the last runs of a runbook teach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lessons {
    /// The runs that ended or were put aside, latest first, at most 50.
    pub runs: Vec<TaughtRun>,
    /// What happened to their items.
    pub items: Vec<TaughtItem>,
    /// When one of them passed last, however long ago. UTC, RFC 3339.
    pub last_passed_at: Option<String>,
}

/// How a run went as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaughtRun {
    /// Which.
    pub id: RunId,
    /// Its state.
    pub state: RunStatus,
    /// When it started. UTC, RFC 3339.
    pub started_at: String,
    /// When it finished, if it did.
    pub ended_at: Option<String>,
}

/// What happened to an item in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaughtItem {
    /// Which item.
    pub item: String,
    /// Its state in the end.
    pub state: ItemStatus,
    /// Milliseconds: of its last attempt; of what a person did, from when the item before was settled.
    pub duration_ms: Option<u64>,
    /// How many attempts it had.
    pub attempts: u64,
    /// It failed at any time.
    pub failed: bool,
    /// That was rescued.
    pub rescued: bool,
}

/// How the last runs of a runbook ended, for its row in the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// How many of the last 50 that finished here are known; rehearsals are none.
    pub runs: u64,
    /// How many of those passed.
    pub passed: u64,
    /// When one passed last, however long ago. UTC, RFC 3339.
    pub last_passed_at: Option<String>,
}

impl Store {
    /// What the last runs of the file at this whole path teach, without the run `but`.
    ///
    /// # Errors
    /// When the store cannot be read, or what was not learnt yet cannot be kept.
    pub fn lessons(&self, file: &str, but: Option<&RunId>) -> Result<Lessons, StoreError> {
        if file.is_empty() {
            return Ok(Lessons::default());
        }
        self.learn_older(file)?;
        let but = but.map(|id| id.0.as_str());
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT id, state, started_at, ended_at FROM runs
                 WHERE file = ?1 AND mode <> 'rehearse' AND learnt = 1 AND id IS NOT ?2 ORDER BY id DESC LIMIT ?3",
            )?;
            let found = statement.query_map((file, but, LAST), |row| {
                Ok(TaughtRun {
                    id: RunId(row.get(0)?),
                    state: runs::enum_of(row, 1)?,
                    started_at: row.get(2)?,
                    ended_at: row.get(3)?,
                })
            })?;
            let runs: Vec<TaughtRun> = found.collect::<Result<_, _>>()?;
            let ids = serde_json::Value::from(runs.iter().map(|run| run.id.0.as_str()).collect::<Vec<_>>());
            let mut statement = view.prepare_cached(
                "SELECT item, state, duration_ms, attempts, failed, rescued FROM json_each(?1) wanted
                 JOIN run_items i ON i.run = wanted.value ORDER BY i.item, wanted.key",
            )?;
            let found = statement.query_map([ids.to_string()], |row| {
                Ok(TaughtItem {
                    item: row.get(0)?,
                    state: runs::enum_of(row, 1)?,
                    duration_ms: row.get(2)?,
                    attempts: row.get(3)?,
                    failed: row.get(4)?,
                    rescued: row.get(5)?,
                })
            })?;
            let items = found.collect::<Result<_, _>>()?;
            let last_passed_at = view
                .prepare_cached(&format!(
                    "SELECT ended_at FROM runs WHERE file = ?1 AND {ENDED} AND state = 'passed' AND id IS NOT ?2
                     ORDER BY id DESC LIMIT 1"
                ))?
                .query_row((file, but), |row| row.get(0))
                .optional()?;
            Ok(Lessons { runs, items, last_passed_at })
        })
    }

    /// Where the file of a run is now, as far as the store was told; none of a scratch run.
    ///
    /// # Errors
    /// When there is no such run.
    pub fn file_of_run(&self, run: &RunId) -> Result<Option<String>, StoreError> {
        self.connections.read(|view| {
            runs::tail(view, run)?;
            let file: String =
                view.prepare_cached("SELECT file FROM runs WHERE id = ?1")?.query_row([&run.0], |row| row.get(0))?;
            Ok((!file.is_empty()).then_some(file))
        })
    }

    /// Learns from the last runs of a file that ended before this was done as they ended.
    fn learn_older(&self, file: &str) -> Result<(), StoreError> {
        let old: Vec<RunId> = self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT id FROM (SELECT id, learnt, state FROM runs WHERE file = ?1 AND mode <> 'rehearse'
                    ORDER BY id DESC LIMIT ?2) WHERE learnt = 0 AND state NOT IN ('running', 'waiting')",
            )?;
            let found = statement.query_map((file, LAST), |row| row.get(0).map(RunId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        for run in old {
            let state = match self.run_state(&run) {
                Ok(state) => state,
                // It teaches nothing; `verify` says what is wrong with it.
                Err(error) if error.kind() == ErrorKind::Damaged => RunState::default(),
                Err(error) => return Err(error),
            };
            self.connections.write(Durability::Soon, |change| {
                // Somebody may have gone on with it meanwhile.
                let (events, _) = runs::tail(change, &run)?;
                if events == state.last_seq || state.last_seq == 0 { keep(change, &run, &state) } else { Ok(()) }
            })?;
        }
        Ok(())
    }
}

/// Whether these events end a run or put it aside.
pub(crate) fn ends(events: &[Event]) -> bool {
    events.iter().any(|event| {
        matches!(
            event.fact,
            Fact::RunFinished { .. } | Fact::HandedOver { .. } | Fact::Paused { .. } | Fact::Interrupted { .. }
        )
    })
}

/// Keeps what a run teaches in its state now, in place of what it taught before.
pub(crate) fn keep(change: &Transaction<'_>, run: &RunId, state: &RunState) -> Result<(), StoreError> {
    let found: Option<(bool, String)> = change
        .prepare_cached(
            "UPDATE runs SET learnt = 1 WHERE id = ?1 RETURNING file <> '' AND mode <> 'rehearse', started_at",
        )?
        .query_row([&run.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((true, started_at)) = found.filter(|_| state.mode != Some(Mode::Rehearse)) else { return Ok(()) };
    change.prepare_cached("DELETE FROM run_items WHERE run = ?1")?.execute([&run.0])?;
    let mut statement = change.prepare_cached(
        "INSERT INTO run_items (run, item, state, duration_ms, attempts, failed, rescued)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let by_hand = by_hand(state, &started_at);
    for (id, item) in &state.items {
        if matches!(item.status, ItemStatus::Pending | ItemStatus::Ready | ItemStatus::Waiting) {
            continue;
        }
        let duration = match item.attempts.last() {
            Some(_) if !item.hosts.is_empty() => item.hosts_took,
            Some(attempt) => whole(item, attempt),
            None => by_hand.get(id.as_str()).copied(),
        };
        statement.execute((
            &run.0,
            id,
            runs::name_of(&item.status),
            duration,
            item.tries(),
            item.has_failed(),
            item.was_rescued(),
        ))?;
    }
    Ok(())
}

/// How long an item took: its last attempt, with the tries of a probe before it, which followed each other by themselves.
fn whole(item: &ItemState, last: &Attempt) -> Option<u64> {
    let tries = item.attempts.iter().rev().skip(1).take_while(|attempt| attempt.again && attempt.of.is_none());
    let first = tries.last().unwrap_or(last);
    let ran = last.duration_ms?;
    Some(between(&first.started_at, &last.started_at).unwrap_or(0).saturating_add(ran))
}

/// How long a person took for each item that has no attempt: since whatever was settled before it, or the run began.
fn by_hand<'state>(state: &'state RunState, started_at: &'state str) -> HashMap<&'state str, u64> {
    let mut order: Vec<(&str, &str, bool)> = state
        .items
        .iter()
        .filter(|(_, item)| item.begun > 0 || matches!(item.status, ItemStatus::Skipped | ItemStatus::Undone))
        .map(|(id, item)| (item.at.as_str(), id.as_str(), item.attempts.is_empty()))
        .collect();
    order.push((started_at, "", false));
    order.sort_unstable();
    let pairs = order.windows(2).filter_map(|pair| match pair {
        [(before, ..), (at, id, true)] => Some((*id, between(before, at)?)),
        _ => None,
    });
    pairs.collect()
}

/// Milliseconds from one time to another; `None` when the clock was set back, or they are no times.
fn between(from: &str, to: &str) -> Option<u64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    u64::try_from(to.duration_since(from).as_millis()).ok()
}

/// How the last runs of each of these files ended, in one query.
pub(crate) fn outcomes(view: &Transaction<'_>, files: &[&str]) -> Result<HashMap<String, Outcomes>, StoreError> {
    let mut statement = view.prepare_cached(&format!(
        "SELECT r.file, count(*), sum(r.state = 'passed'),
            (SELECT ended_at FROM runs WHERE file = f.value AND {ENDED} AND state = 'passed' ORDER BY id DESC LIMIT 1)
         FROM json_each(?1) f CROSS JOIN runs r ON r.file = f.value
            AND r.ended_at IS NOT NULL AND r.mode <> 'rehearse' AND r.state <> 'handed_over'
            AND r.id IN (SELECT id FROM runs WHERE file = f.value AND {ENDED} ORDER BY id DESC LIMIT ?2)
         GROUP BY r.file"
    ))?;
    let files = serde_json::Value::from(files).to_string();
    let found = statement.query_map((files, LAST), |row| {
        Ok((row.get(0)?, Outcomes { runs: row.get(1)?, passed: row.get(2)?, last_passed_at: row.get(3)? }))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The rows of every run are to be made again from its journal.
pub(crate) fn forget_all(change: &Transaction<'_>) -> Result<(), StoreError> {
    change.execute("UPDATE runs SET learnt = 0 WHERE learnt <> 0", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_gives_no_time() {
        let (one, other) = ("2026-11-22T15:00:00.000Z", "2026-11-22T15:00:01.500Z");
        assert_eq!(between(one, other), Some(1_500));
        assert_eq!(between(other, one), None);
        assert_eq!(between("", one), None);
    }
}
