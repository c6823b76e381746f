//! The bytes of runbooks as they were when something was run or saved, by their SHA-256.

use std::fmt::Write as _;

use rusqlite::{OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError};

pub(crate) const MIGRATION: &str = "
CREATE TABLE revisions (
    hash TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;
";

/// When a secret was removed from the bytes (ACCESS.md, "Secrets that come back"). UTC, RFC 3339.
pub(crate) const MIGRATION_REDACTED: &str = "ALTER TABLE revisions ADD COLUMN redacted TEXT;";

/// The name of these bytes: their SHA-256, lower-case hexadecimal.
#[must_use]
pub fn revision_of(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A revision as it lies there, not checked.
pub(crate) struct Kept {
    pub(crate) bytes: Vec<u8>,
    pub(crate) redacted: Option<String>,
}

/// The bytes of this name as they lie there, not checked.
pub(crate) fn kept(view: &Transaction<'_>, hash: &str) -> Result<Option<Kept>, StoreError> {
    let mut statement = view.prepare_cached("SELECT bytes, redacted FROM revisions WHERE hash = ?1")?;
    Ok(statement.query_row([hash], |row| Ok(Kept { bytes: row.get(0)?, redacted: row.get(1)? })).optional()?)
}

/// Keeps these bytes under their name, if they are not there.
pub(crate) fn insert(change: &Transaction<'_>, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
    change
        .prepare_cached("INSERT INTO revisions (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING")?
        .execute((hash, bytes))?;
    Ok(())
}

/// The bytes of a revision, and whether they still are what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionText {
    /// Exactly as they were, but for what was removed.
    pub bytes: Vec<u8>,
    /// When a secret was removed from them, if it was. UTC, RFC 3339.
    pub redacted: Option<String>,
}

impl Store {
    /// Keeps these bytes, which are about to be run, and gives their name. From now on they are whole again, when a
    /// secret was removed from them before: they were given anew.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_revision(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = revision_of(bytes);
        let whole = "SELECT 1 FROM revisions WHERE hash = ?1 AND redacted IS NULL";
        let kept = self.connections.read(|view| Ok(view.prepare_cached(whole)?.exists([&hash])?))?;
        if !kept {
            self.connections.write(Durability::Synced, |change| {
                change.execute(
                    "INSERT INTO revisions (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash)
                     DO UPDATE SET bytes = excluded.bytes, redacted = NULL WHERE redacted IS NOT NULL",
                    (&hash, bytes),
                )?;
                Ok(())
            })?;
        }
        Ok(hash)
    }

    /// The bytes of this name, exactly as they were.
    ///
    /// # Errors
    /// When they were never kept, or are not what was kept, or a secret was removed from them: then
    /// [`Store::revision_text`] gives the rest.
    pub fn revision(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let found = self.revision_text(hash)?;
        match found.redacted {
            None => Ok(found.bytes),
            Some(at) => Err(StoreError::new(
                ErrorKind::Missing,
                format!(
                    "a secret was removed from revision {hash} on {at}, so that its exact bytes are not kept any more: \
                     it can still be read, but not run"
                ),
            )),
        }
    }

    /// The bytes of this name to be read: as they were, or without the secret that was removed from them.
    ///
    /// # Errors
    /// When they were never kept, or are not what was kept.
    pub fn revision_text(&self, hash: &str) -> Result<RevisionText, StoreError> {
        let found = self.connections.read(|view| kept(view, hash))?;
        let Kept { bytes, redacted } = found.ok_or_else(|| {
            StoreError::new(ErrorKind::Missing, format!("the store has no revision {hash} of any runbook"))
        })?;
        if redacted.is_none() && revision_of(&bytes) != hash {
            return Err(StoreError::new(
                ErrorKind::Damaged,
                format!("revision {hash} was changed after it was kept: take the runbook from a backup or from git"),
            ));
        }
        Ok(RevisionText { bytes, redacted })
    }
}
