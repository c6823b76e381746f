//! Which runs are in a team's records: those that were shared from here, those of others that were taken in, and those that
//! were refused. What a record says stands in the run itself; here is where it came from.

use engine::RunId;
use rusqlite::{OptionalExtension, Row};

use crate::{LibraryId, Store, connections::Durability, error::StoreError};

pub(crate) const MIGRATION: &str = "
CREATE TABLE shared_runs (
    run TEXT PRIMARY KEY,
    library INTEGER NOT NULL,
    blob TEXT NOT NULL,
    who TEXT,
    events INTEGER NOT NULL,
    at TEXT NOT NULL,
    refused TEXT
) STRICT;
";

/// A run in a team's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedRun {
    /// Which.
    pub run: RunId,
    /// By which library it was shared or came.
    pub library: LibraryId,
    /// The name of its file's bytes in git.
    pub blob: String,
    /// Who shared it; none for a run of this store.
    pub who: Option<String>,
    /// How many of its events are there, or were taken in; 0 before any were.
    pub events: u64,
    /// When it was shared from here, or taken in. UTC, RFC 3339.
    pub at: String,
    /// Why these bytes were not taken in, if they were not.
    pub refused: Option<String>,
}

/// SQL: a run of somebody else.
pub(crate) const OF_OTHERS: &str = "id IN (SELECT run FROM shared_runs WHERE who IS NOT NULL)";

const SELECT: &str = "SELECT run, library, blob, who, events, at, refused FROM shared_runs";

impl Store {
    /// What is known of a run in the records of its team; none where it is in none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn shared_run(&self, run: &RunId) -> Result<Option<SharedRun>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("{SELECT} WHERE run = ?1"))?;
            Ok(statement.query_row([&run.0], shared).optional()?)
        })
    }

    /// All that is known of the records of a library, by run.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn shared_runs(&self, library: LibraryId) -> Result<Vec<SharedRun>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("{SELECT} WHERE library = ?1 ORDER BY run"))?;
            let found = statement.query_map([library.0], shared)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps what is known of a run in the records, in place of what was known.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_shared(&self, shared: &SharedRun) -> Result<(), StoreError> {
        let SharedRun { run, library, blob, who, events, at, refused } = shared;
        self.connections.write(Durability::Synced, |change| {
            change
                .prepare_cached(
                    "INSERT OR REPLACE INTO shared_runs (run, library, blob, who, events, at, refused)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute((&run.0, library.0, blob, who, events, at, refused))?;
            Ok(())
        })
    }

    /// From now on a run is of this store: it was handed over to here.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_own(&self, run: &RunId) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.prepare_cached("DELETE FROM shared_runs WHERE run = ?1 AND who IS NOT NULL")?.execute([&run.0])?;
            Ok(())
        })
    }

    /// The finished runs of a library that began at a time or later, are of this store, were no rehearsals, and of which
    /// something is not in the records. `since` is UTC, RFC 3339 with milliseconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runs_to_share(&self, library: LibraryId, since: &str) -> Result<Vec<RunId>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT r.id FROM runs r LEFT JOIN shared_runs s ON s.run = r.id
                 WHERE r.library = ?1 AND r.started_at >= ?2 AND r.file <> '' AND r.mode <> 'rehearse'
                   AND r.state IN ('passed', 'failed', 'rolled_back', 'abandoned', 'handed_over')
                   AND s.who IS NULL AND coalesce(s.events, 0) < r.events
                 ORDER BY r.id",
            )?;
            let found = statement.query_map((library.0, since), |row| row.get(0).map(RunId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

fn shared(row: &Row<'_>) -> rusqlite::Result<SharedRun> {
    Ok(SharedRun {
        run: RunId(row.get(0)?),
        library: LibraryId(row.get(1)?),
        blob: row.get(2)?,
        who: row.get(3)?,
        events: row.get(4)?,
        at: row.get(5)?,
        refused: row.get(6)?,
    })
}
