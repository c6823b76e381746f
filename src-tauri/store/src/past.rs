//! What there is to filter the history of runs by, and how many there are.

use engine::RunStatus;
use rusqlite::Row;

use crate::{Store, error::StoreError, facets::Value, runs::enum_of};

/// The most of each sort: those that most runs have.
const MOST: usize = 200;

/// What the history can be filtered by, the most common first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFacets {
    /// Names of environments.
    pub environments: Vec<Value>,
    /// Who started runs.
    pub actors: Vec<Value>,
    /// Files that were run, by where they are now.
    pub files: Vec<RunFile>,
}

/// A file that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFile {
    /// Its whole path now.
    pub path: String,
    /// The runbook's title in its last run.
    pub title: String,
    /// How many runs.
    pub count: u64,
}

/// How many runs there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// In all.
    pub all: u64,
    /// Running, waiting or paused.
    pub under_way: u64,
    /// Interrupted.
    pub interrupted: u64,
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl Store {
    /// Environments, people and files of all runs, with how many runs each has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn run_facets(&self) -> Result<RunFacets, StoreError> {
        self.connections.read(|view| {
            let values = |column: &str| -> Result<Vec<Value>, StoreError> {
                let sql = format!(
                    "SELECT {column}, count(*) FROM runs WHERE file <> '' AND {column} IS NOT NULL
                     GROUP BY {column} ORDER BY 2 DESC, 1 LIMIT ?1"
                );
                let mut statement = view.prepare_cached(&sql)?;
                let found =
                    statement.query_map([MOST], |row| Ok(Value { value: row.get(0)?, count: row.get(1)? }))?;
                Ok(found.collect::<Result<_, _>>()?)
            };
            // Beside max(), SQLite takes the other columns from the row that has it: the title is that of the last run.
            let mut statement = view.prepare_cached(
                "SELECT file, title, count(*), max(id) FROM runs WHERE file <> ''
                 GROUP BY file ORDER BY 3 DESC, 1 LIMIT ?1",
            )?;
            let files = statement.query_map([MOST], file)?.collect::<Result<_, _>>()?;
            Ok(RunFacets { environments: values("environment")?, actors: values("actor")?, files })
        })
    }

    /// How many runs there are, by state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn run_counts(&self) -> Result<RunCounts, StoreError> {
        self.connections.read(|view| {
            let mut counts = RunCounts::default();
            let mut statement =
                view.prepare_cached("SELECT state, count(*) FROM runs WHERE file <> '' GROUP BY state")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let count: u64 = row.get(1)?;
                counts.all += count;
                match enum_of(row, 0)? {
                    RunStatus::Waiting | RunStatus::Running | RunStatus::Paused => counts.under_way += count,
                    RunStatus::Interrupted => counts.interrupted += count,
                    RunStatus::Passed => counts.passed += count,
                    RunStatus::Failed => counts.failed += count,
                    RunStatus::RolledBack | RunStatus::Abandoned | RunStatus::HandedOver => {}
                }
            }
            Ok(counts)
        })
    }
}

fn file(row: &Row<'_>) -> rusqlite::Result<RunFile> {
    Ok(RunFile { path: row.get(0)?, title: row.get(1)?, count: row.get(2)? })
}
