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

/// The bytes of this name as they lie there, not checked.
pub(crate) fn kept(view: &Transaction<'_>, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement = view.prepare_cached("SELECT bytes FROM revisions WHERE hash = ?1")?;
    Ok(statement.query_row([hash], |row| row.get(0)).optional()?)
}

impl Store {
    /// Keeps these bytes and gives their name.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put_revision(&self, bytes: &[u8]) -> Result<String, StoreError> {
        let hash = revision_of(bytes);
        let kept = self
            .connections
            .read(|view| Ok(view.prepare_cached("SELECT 1 FROM revisions WHERE hash = ?1")?.exists([&hash])?))?;
        if !kept {
            self.connections.write(Durability::Synced, |change| {
                change.execute(
                    "INSERT INTO revisions (hash, bytes) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
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
    /// When they were never kept, or are not what was kept.
    pub fn revision(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let found = self.connections.read(|view| kept(view, hash))?;
        let bytes = found.ok_or_else(|| {
            StoreError::new(ErrorKind::Missing, format!("the store has no revision {hash} of any runbook"))
        })?;
        if revision_of(&bytes) != hash {
            return Err(StoreError::new(
                ErrorKind::Damaged,
                format!("revision {hash} was changed after it was kept: take the runbook from a backup or from git"),
            ));
        }
        Ok(bytes)
    }
}
