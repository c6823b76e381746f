//! How long outputs are kept (the retention setting): what is older goes, its events and hashes stay.

use engine::RunId;
use rusqlite::Transaction;

use crate::{Store, connections::Durability, error::StoreError};

pub(crate) const MIGRATION: &str = "
CREATE TABLE removed_output (
    run TEXT NOT NULL REFERENCES runs (id),
    item TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (run, item, attempt)
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_by_end ON runs (ended_at) WHERE ended_at IS NOT NULL;
";

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// From how many runs.
    pub runs: u64,
    /// Of how many attempts.
    pub attempts: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// An attempt whose output was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedOutput {
    /// Which item.
    pub item: String,
    /// Which attempt.
    pub attempt: u64,
    /// When. UTC, RFC 3339.
    pub at: String,
}

/// How much of it is kept, and was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutputSpace {
    /// Bytes that are kept.
    pub bytes: u64,
    /// Of how many runs.
    pub runs: u64,
    /// Bytes of them that belong to runs that finished before the time that was asked about.
    pub due_bytes: u64,
    /// Of how many runs.
    pub due_runs: u64,
    /// Bytes that were removed before.
    pub removed_bytes: u64,
}

impl Store {
    /// The attempts of a run whose output was removed, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn removed_output(&self, run: &RunId) -> Result<Vec<RemovedOutput>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT item, attempt, at FROM removed_output WHERE run = ?1 ORDER BY item, attempt",
            )?;
            let found = statement.query_map([&run.0], |row| {
                Ok(RemovedOutput { item: row.get(0)?, attempt: row.get(1)?, at: row.get(2)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How much output is kept, and how much of it [`Store::remove_output`] would remove for a time. Reads the size of each
    /// piece, not the piece.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn output_space(&self, before: Option<&str>) -> Result<OutputSpace, StoreError> {
        self.connections.read(|view| {
            let (mut space, removed) = view
                .prepare_cached(
                    "WITH kept AS MATERIALIZED (SELECT run, sum(length(bytes)) AS bytes FROM output GROUP BY run),
                        due AS (SELECT kept.bytes FROM kept JOIN runs ON runs.id = kept.run WHERE runs.ended_at < ?1)
                     SELECT (SELECT coalesce(sum(bytes), 0) FROM kept), (SELECT count(*) FROM kept),
                        (SELECT coalesce(sum(bytes), 0) FROM due), (SELECT count(*) FROM due),
                        (SELECT coalesce(sum(bytes), 0) FROM removed_output)",
                )?
                .query_row([before], |row| {
                    let space = OutputSpace {
                        bytes: row.get(0)?,
                        runs: row.get(1)?,
                        due_bytes: row.get(2)?,
                        due_runs: row.get(3)?,
                        removed_bytes: 0,
                    };
                    Ok((space, row.get(4)?))
                })?;
            space.removed_bytes = removed;
            Ok(space)
        })
    }

    /// Removes the output of every run that finished before a time, and notes at each attempt that it was removed `at`.
    /// Both are UTC, RFC 3339. Runs that are not finished, or that somebody drives, keep theirs. Each run is done in a
    /// change of its own, so that nobody waits for all of them.
    ///
    /// # Errors
    /// When the store cannot be written; the runs before were done.
    pub fn remove_output(&self, before: &str, at: &str) -> Result<Removed, StoreError> {
        let old: Vec<RunId> = self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT id FROM runs WHERE ended_at IS NOT NULL AND ended_at < ?1
                    AND EXISTS (SELECT 1 FROM output WHERE run = runs.id) ORDER BY ended_at",
            )?;
            let found = statement.query_map([before], |row| row.get(0).map(RunId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        let mut removed = Removed::default();
        for run in old {
            // Whoever holds it may be about to go on with it.
            let Some(_lock) = self.lock_run(&run)? else { continue };
            let (attempts, bytes) =
                self.connections.write(Durability::Soon, |change| remove(change, &run, before, at))?;
            removed.runs += u64::from(attempts > 0);
            removed.attempts += attempts;
            removed.bytes += bytes;
        }
        Ok(removed)
    }
}

/// Attempts and bytes that were removed.
fn remove(change: &Transaction<'_>, run: &RunId, before: &str, at: &str) -> Result<(u64, u64), StoreError> {
    let still = "SELECT 1 FROM runs WHERE id = ?1 AND ended_at IS NOT NULL AND ended_at < ?2";
    if !change.prepare_cached(still)?.exists((&run.0, before))? {
        return Ok((0, 0));
    }
    let sizes: Vec<u64> = change
        .prepare_cached(
            "INSERT INTO removed_output (run, item, attempt, bytes, at)
             SELECT run, item, attempt, sum(length(bytes)), ?2 FROM output WHERE run = ?1 GROUP BY item, attempt
             ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, at = excluded.at RETURNING bytes",
        )?
        .query_map((&run.0, at), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    change.prepare_cached("DELETE FROM output WHERE run = ?1")?.execute([&run.0])?;
    Ok((sizes.len() as u64, sizes.iter().sum()))
}

/// Notes that the output of an attempt was removed in the store that it comes from.
pub(crate) fn note(
    change: &Transaction<'_>,
    run: &RunId,
    removed: &RemovedOutput,
    bytes: u64,
) -> Result<(), StoreError> {
    change
        .prepare_cached(
            "INSERT INTO removed_output (run, item, attempt, bytes, at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes",
        )?
        .execute((&run.0, &removed.item, removed.attempt, bytes, &removed.at))?;
    Ok(())
}

/// When the output of an attempt was removed, if it was.
pub(crate) fn removed_at(
    view: &Transaction<'_>,
    run: &RunId,
    item: &str,
    attempt: u64,
) -> Result<Option<String>, StoreError> {
    let mut statement =
        view.prepare_cached("SELECT at FROM removed_output WHERE run = ?1 AND item = ?2 AND attempt = ?3")?;
    Ok(statement.query_map((&run.0, item, attempt), |row| row.get(0))?.next().transpose()?)
}

/// Says of a run what was removed of it and when; `None` when nothing was.
pub(crate) fn told(view: &Transaction<'_>, run: &RunId) -> Result<Option<String>, StoreError> {
    let (attempts, first, last): (u64, Option<String>, Option<String>) = view
        .prepare_cached(
            "SELECT count(*), min(substr(at, 1, 10)), max(substr(at, 1, 10)) FROM removed_output WHERE run = ?1",
        )?
        .query_row([&run.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    let what = if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
    let when = if first == last { format!("on {first}") } else { format!("between {first} and {last}") };
    Ok(Some(format!("the output of {what} was removed {when} by the retention setting")))
}
