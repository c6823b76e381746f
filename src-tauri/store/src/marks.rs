//! What a person marked, and what was opened last.

use std::path::{Path, PathBuf};

use rusqlite::Transaction;

use crate::{Store, connections::Durability, error::StoreError, index, libraries::text_of, places};

pub(crate) const MIGRATION: &str = "
CREATE TABLE marks (
    path TEXT PRIMARY KEY,
    pinned INTEGER NOT NULL,
    opened TEXT
) STRICT;
CREATE INDEX marks_by_opened ON marks (opened) WHERE opened IS NOT NULL;
CREATE INDEX marks_by_pinned ON marks (path) WHERE pinned = 1;
";

/// A file that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// The whole path of its file, which may be gone by now.
    pub path: PathBuf,
    /// When it was opened last. UTC, RFC 3339.
    pub at: String,
    /// Its title, when it is in the index.
    pub title: Option<String>,
    /// Whether it is pinned.
    pub pinned: bool,
}

impl Store {
    /// Pins the runbook at `path`, or takes the pin away.
    ///
    /// # Errors
    /// When the path is not UTF-8, or the store cannot be written.
    pub fn pin(&self, path: &Path, pinned: bool) -> Result<(), StoreError> {
        let path = text_of(path)?;
        self.connections.write(Durability::Synced, |change| {
            change
                .prepare_cached(
                    "INSERT INTO marks (path, pinned) VALUES (?1, ?2)
                     ON CONFLICT (path) DO UPDATE SET pinned = excluded.pinned",
                )?
                .execute((path, pinned))?;
            tidy(change)?;
            index::refresh_marks(change, path)
        })
    }

    /// The files that are pinned, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pins(&self) -> Result<Vec<PathBuf>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached("SELECT path FROM marks WHERE pinned = 1 ORDER BY path")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0).map(PathBuf::from))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Notes that the person opened the runbook at `path`. `at` is UTC, RFC 3339.
    ///
    /// # Errors
    /// When the path is not UTF-8, or the store cannot be written.
    pub fn opened(&self, path: &Path, at: &str) -> Result<(), StoreError> {
        let path = text_of(path)?;
        self.connections.write(Durability::Soon, |change| {
            change
                .prepare_cached(
                    "INSERT INTO marks (path, pinned, opened) VALUES (?1, 0, ?2)
                     ON CONFLICT (path) DO UPDATE SET opened = excluded.opened",
                )?
                .execute((path, at))?;
            index::refresh_marks(change, path)
        })
    }

    /// The files that were opened last, latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn recents(&self, limit: u64) -> Result<Vec<Recent>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT path, opened, pinned, (SELECT title FROM runbooks WHERE file = m.path LIMIT 1) FROM marks m
                 WHERE opened IS NOT NULL ORDER BY opened DESC, path LIMIT ?1",
            )?;
            let rows = statement.query_map([limit], |row| {
                Ok(Recent {
                    path: PathBuf::from(row.get::<_, String>(0)?),
                    at: row.get(1)?,
                    pinned: row.get(2)?,
                    title: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The file, or the folder of files, at `from` is at `to` now: pins and recents go along.
    ///
    /// # Errors
    /// When a path is not UTF-8, or the store cannot be written.
    pub fn marks_move(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (text_of(from)?, text_of(to)?);
        self.connections.write(Durability::Synced, |change| {
            relocate(change, from, to)?;
            index::refresh_marks(change, from)?;
            index::refresh_marks(change, to)
        })
    }
}

/// Gives the marks at and below `from` their place at and below `to`, instead of those that are there.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    change
        .prepare_cached(&format!(
            "UPDATE OR REPLACE marks SET path = {} WHERE {}",
            places::moved("path"),
            places::within("path")
        ))?
        .execute((from, to))?;
    Ok(())
}

/// Takes out what marks nothing.
fn tidy(change: &Transaction<'_>) -> Result<(), StoreError> {
    change.prepare_cached("DELETE FROM marks WHERE pinned = 0 AND opened IS NULL")?.execute([])?;
    Ok(())
}
