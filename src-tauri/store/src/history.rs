//! The history of a file: every saved revision of it, who or what made it, and how often it was run.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use rusqlite::{OptionalExtension, Row, Transaction, types::Type};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError, libraries::text_of, places, revisions};

pub(crate) const MIGRATION: &str = "
CREATE TABLE history (
    path TEXT NOT NULL,
    number INTEGER NOT NULL,
    hash TEXT NOT NULL REFERENCES revisions (hash),
    at TEXT NOT NULL,
    origin TEXT NOT NULL,
    actor TEXT,
    message TEXT,
    parent TEXT,
    PRIMARY KEY (path, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX history_by_hash ON history (hash);
";

/// What made a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// It was saved in Allgood.
    Here,
    /// Another program wrote the file.
    Outside,
    /// git put it there.
    Git,
}

impl Origin {
    /// A stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Outside => "outside",
            Self::Git => "git",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Here, Self::Outside, Self::Git].into_iter().find(|origin| origin.name() == name)
    }
}

/// A revision of a file that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// The whole path of the file.
    pub path: PathBuf,
    /// SHA-256 of its bytes, as [`crate::revision_of`] gives it.
    pub hash: String,
    /// When it was saved or noticed. UTC, RFC 3339.
    pub at: String,
    /// What made it.
    pub origin: Origin,
    /// Who, if known: `user@host`, or the author that git names.
    pub actor: Option<String>,
    /// What was said about it, if anything.
    pub message: Option<String>,
    /// The hash of the revision that it was made from, if known.
    pub parent: Option<String>,
}

/// A revision in the history of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// From 1, the oldest, for each path.
    pub number: u64,
    /// SHA-256 of its bytes: [`Store::revision`] gives them.
    pub hash: String,
    /// When it was saved or noticed. UTC, RFC 3339.
    pub at: String,
    /// What made it.
    pub origin: Origin,
    /// Who, if known.
    pub actor: Option<String>,
    /// What was said about it, if anything.
    pub message: Option<String>,
    /// The hash of the revision that it was made from, if known.
    pub parent: Option<String>,
    /// Bytes that are kept of it.
    pub size: u64,
    /// How many runs of this file ran this revision, rehearsals left out.
    pub runs: u64,
    /// How many of them failed.
    pub failed: u64,
    /// When a secret was removed from the bytes that are kept, if it was. UTC, RFC 3339.
    pub redacted: Option<String>,
}

impl Store {
    /// Notes that a file was saved, and keeps its bytes; both or neither, on disk when this returns. Gives the number
    /// of the new row, or `None` when the newest row of that path has the same hash: then nothing is added.
    ///
    /// # Errors
    /// When the hash is not that of the bytes, the path is not UTF-8, or the store cannot be written.
    pub fn note_revision(&self, revision: &NewRevision, bytes: &[u8]) -> Result<Option<u64>, StoreError> {
        let path = text_of(&revision.path)?;
        if revisions::revision_of(bytes) != revision.hash {
            return Err(StoreError::new(
                ErrorKind::Refused,
                format!("the bytes of {path} are not those of revision {}: read the file again", revision.hash),
            ));
        }
        self.connections.write(Durability::Synced, |change| {
            let newest: Option<(u64, String)> = change
                .prepare_cached("SELECT number, hash FROM history WHERE path = ?1 ORDER BY number DESC LIMIT 1")?
                .query_row([path], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if newest.as_ref().is_some_and(|(_, hash)| *hash == revision.hash) {
                return Ok(None);
            }
            revisions::insert(change, &revision.hash, bytes)?;
            let number = newest.map_or(1, |(number, _)| number + 1);
            change
                .prepare_cached(
                    "INSERT INTO history (path, number, hash, at, origin, actor, message, parent)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )?
                .execute((
                    path,
                    number,
                    &revision.hash,
                    &revision.at,
                    revision.origin.name(),
                    &revision.actor,
                    &revision.message,
                    &revision.parent,
                ))?;
            Ok(Some(number))
        })
    }

    /// The saved revisions of the file at `path`, newest first, up to `limit` after the first `offset` of them, and how
    /// many there are in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, path: &Path, limit: u64, offset: u64) -> Result<(Vec<HistoryRow>, u64), StoreError> {
        let Some(path) = path.to_str() else { return Ok((Vec::new(), 0)) };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connections.read(|view| {
            let total = view
                .prepare_cached("SELECT count(*) FROM history WHERE path = ?1")?
                .query_row([path], |row| row.get(0))?;
            let mut statement = view.prepare_cached(
                "SELECT h.number, h.hash, h.at, h.origin, h.actor, h.message, h.parent, coalesce(v.size, length(v.bytes)),
                    v.redacted,
                    (SELECT count(*) FROM runs WHERE file = h.path AND revision = h.hash AND mode <> 'rehearse'),
                    (SELECT count(*) FROM runs WHERE file = h.path AND revision = h.hash AND mode <> 'rehearse'
                        AND state = 'failed')
                 FROM history h JOIN revisions v ON v.hash = h.hash
                 WHERE h.path = ?1 ORDER BY h.number DESC LIMIT ?2 OFFSET ?3",
            )?;
            let rows = statement.query_map((path, limit, offset), row)?;
            Ok((rows.collect::<Result<_, _>>()?, total))
        })
    }

    /// The files below a folder that have a history.
    ///
    /// # Errors
    /// When the folder is not UTF-8, or the store cannot be read.
    pub fn history_paths(&self, folder: &Path) -> Result<HashSet<PathBuf>, StoreError> {
        let folder = text_of(folder)?;
        self.connections.read(|view| {
            let sql = format!("SELECT DISTINCT path FROM history WHERE {}", places::within("path"));
            let mut statement = view.prepare_cached(&sql)?;
            let paths = statement.query_map([folder], |row| row.get::<_, String>(0).map(PathBuf::from))?;
            Ok(paths.collect::<Result<_, _>>()?)
        })
    }

    /// The file, or the folder of files, at `from` is at `to` now: its history goes along, after what is kept of a file
    /// that was there before.
    ///
    /// # Errors
    /// When a path is not UTF-8, or the store cannot be written.
    pub fn history_move(&self, from: &Path, to: &Path) -> Result<(), StoreError> {
        let (from, to) = (text_of(from)?, text_of(to)?);
        self.connections.write(Durability::Synced, |change| relocate(change, from, to))
    }
}

/// Gives the history at and below `from` its place at and below `to`.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let paths: Vec<String> = change
        .prepare_cached(&format!("SELECT DISTINCT path FROM history WHERE {}", places::within("path")))?
        .query_map([from], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for path in paths {
        let place = format!("{to}{}", path.strip_prefix(from).unwrap_or_default());
        let there: u64 = change
            .prepare_cached("SELECT coalesce(max(number), 0) FROM history WHERE path = ?1")?
            .query_row([&place], |row| row.get(0))?;
        change
            .prepare_cached("UPDATE history SET path = ?2, number = number + ?3 WHERE path = ?1")?
            .execute((&path, &place, there))?;
    }
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<HistoryRow> {
    let origin: String = row.get(3)?;
    Ok(HistoryRow {
        number: row.get(0)?,
        hash: row.get(1)?,
        at: row.get(2)?,
        origin: Origin::of(&origin).ok_or_else(|| {
            rusqlite::Error::FromSqlConversionFailure(
                3,
                Type::Text,
                format!("\"{origin}\" is not what makes a revision").into(),
            )
        })?,
        actor: row.get(4)?,
        message: row.get(5)?,
        parent: row.get(6)?,
        size: row.get(7)?,
        redacted: row.get(8)?,
        runs: row.get(9)?,
        failed: row.get(10)?,
    })
}
