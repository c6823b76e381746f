//! What there is to filter the history of runs by.

use rusqlite::Row;

use crate::{Store, error::StoreError, facets::Value};

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
}

fn file(row: &Row<'_>) -> rusqlite::Result<RunFile> {
    Ok(RunFile { path: row.get(0)?, title: row.get(1)?, count: row.get(2)? })
}
