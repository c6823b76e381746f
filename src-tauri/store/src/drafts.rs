//! Drafts: what was typed into a runbook and not saved yet (ACCESS.md, "Keeping data").
//!
//! A draft is safe against a loss of power when the call that keeps it returns. It belongs to a path, whether or not
//! there is a file.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Transaction};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError, libraries::text_of, places};

pub(crate) const MIGRATION: &str = "
CREATE TABLE drafts (
    path TEXT PRIMARY KEY,
    base TEXT,
    at TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
";

/// What was typed and not saved yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The whole path of its file.
    pub path: PathBuf,
    /// The revision that it was begun from, by its hash; `None` when there was no file yet.
    pub base: Option<String>,
    /// The whole text, exactly as it was typed.
    pub bytes: Vec<u8>,
    /// When it was kept. UTC, RFC 3339.
    pub at: String,
}

/// A draft in the list of them: everything but its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// The whole path of its file.
    pub path: PathBuf,
    /// The revision that it was begun from, by its hash; `None` when there was no file yet.
    pub base: Option<String>,
    /// When it was kept. UTC, RFC 3339.
    pub at: String,
    /// Bytes.
    pub size: u64,
}

impl Store {
    /// Keeps what was typed into the runbook at `path`, in place of what was kept of it before, and has it on disk
    /// when this returns. `base` is the hash of the revision it was begun from; `at` is UTC, RFC 3339.
    ///
    /// # Errors
    /// When the path is not UTF-8, or the store cannot be written: the draft before it stays then.
    pub fn draft_keep(&self, path: &Path, base: Option<&str>, bytes: &[u8], at: &str) -> Result<(), StoreError> {
        let path = text_of(path)?;
        self.connections.write(Durability::Synced, |change| {
            change
                .prepare_cached(
                    "INSERT INTO drafts (path, base, at, bytes) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (path) DO UPDATE SET base = excluded.base, at = excluded.at, bytes = excluded.bytes",
                )?
                .execute((path, base, at, bytes))?;
            Ok(())
        })
    }

    /// What was typed into the runbook at `path` and not saved; `None` when there is nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft(&self, path: &Path) -> Result<Option<Draft>, StoreError> {
        let Some(text) = path.to_str() else { return Ok(None) };
        self.connections.read(|view| {
            let mut statement = view.prepare_cached("SELECT base, at, bytes FROM drafts WHERE path = ?1")?;
            Ok(statement
                .query_row([text], |row| {
                    Ok(Draft { path: path.to_owned(), base: row.get(0)?, at: row.get(1)?, bytes: row.get(2)? })
                })
                .optional()?)
        })
    }

    /// Every draft, the one that was kept last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self) -> Result<Vec<DraftRow>, StoreError> {
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT path, base, at, length(bytes) FROM drafts ORDER BY at DESC, path")?;
            let rows = statement.query_map([], |row| {
                Ok(DraftRow {
                    path: PathBuf::from(row.get::<_, String>(0)?),
                    base: row.get(1)?,
                    at: row.get(2)?,
                    size: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Drops the draft of the runbook at `path`, if there is one: it was saved, or the person threw it away.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn draft_drop(&self, path: &Path) -> Result<(), StoreError> {
        let Some(path) = path.to_str() else { return Ok(()) };
        self.connections.write(Durability::Synced, |change| {
            change.execute("DELETE FROM drafts WHERE path = ?1", [path])?;
            Ok(())
        })
    }

    /// The file, or the folder of files, at `from` is at `to` now: its drafts go along.
    ///
    /// # Errors
    /// When both places have a draft of one file: neither is thrown away, and nothing was changed.
    pub fn draft_move(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (text_of(from)?, text_of(to)?);
        self.connections.write(Durability::Synced, |change| relocate(change, from, to))
    }
}

/// Gives the drafts at and below `from` their places at and below `to`.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let moving = places::within("path");
    let taken: Option<String> = change
        .prepare_cached(&format!(
            "SELECT path FROM drafts WHERE path IN (SELECT {} FROM drafts WHERE {moving}) LIMIT 1",
            places::moved("path")
        ))?
        .query_row((from, to), |row| row.get(0))
        .optional()?;
    if let Some(path) = taken {
        return Err(StoreError::new(
            ErrorKind::Refused,
            format!("there is a draft for {path} already: save it or throw it away, then move the other one there"),
        ));
    }
    change
        .prepare_cached(&format!("UPDATE drafts SET path = {} WHERE {moving}", places::moved("path")))?
        .execute((from, to))?;
    Ok(())
}
