//! The bytes of runbooks as they were when something was run or saved, by their SHA-256.

use std::{fmt::Write as _, io::Read as _};

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

/// How many bytes they are, where they lie there compressed (Zstandard, RFC 8878); none where they lie there as they are,
/// as all did before.
pub(crate) const MIGRATION_COMPRESSED: &str = "ALTER TABLE revisions ADD COLUMN size INTEGER;";

/// Fewer bytes are kept as they are.
const LEAST: usize = 128;
/// How hard it is tried: a text of 4 KB takes a tenth of a millisecond.
const LEVEL: i32 = 9;

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

/// The bytes of this name as they lie there, not checked; none of them when they cannot be decompressed.
pub(crate) fn kept(view: &Transaction<'_>, hash: &str) -> Result<Option<Kept>, StoreError> {
    let mut statement = view.prepare_cached("SELECT bytes, size, redacted FROM revisions WHERE hash = ?1")?;
    let found = statement.query_row([hash], |row| {
        let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        Ok(Kept { bytes: decompressed(bytes, row.get(1)?).unwrap_or_default(), redacted: row.get(2)? })
    });
    Ok(found.optional()?)
}

/// As bytes are kept: smaller where they can be, with how many they are then.
pub(crate) fn compressed(bytes: &[u8]) -> (Vec<u8>, Option<i64>) {
    let small = (bytes.len() >= LEAST).then(|| zstd::bulk::compress(bytes, LEVEL).ok()).flatten();
    match (small.filter(|small| small.len() < bytes.len()), i64::try_from(bytes.len())) {
        (Some(small), Ok(size)) => (small, Some(size)),
        _ => (bytes.to_vec(), None),
    }
}

/// The bytes that are kept so; `None` when they are not what was kept.
pub(crate) fn decompressed(bytes: &[u8], size: Option<i64>) -> Option<Vec<u8>> {
    let Some(size) = size else { return Some(bytes.to_vec()) };
    let size = u64::try_from(size).ok()?;
    let mut whole = Vec::new();
    // One more than there are, so that what is too long shows; never as many as somebody made it say.
    zstd::stream::read::Decoder::new(bytes).ok()?.take(size.saturating_add(1)).read_to_end(&mut whole).ok()?;
    (whole.len() as u64 == size).then_some(whole)
}

/// Keeps these bytes under their name, if they are not there.
pub(crate) fn insert(change: &Transaction<'_>, hash: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let (bytes, size) = compressed(bytes);
    change
        .prepare_cached(
            "INSERT INTO revisions (hash, bytes, size) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING",
        )?
        .execute((hash, bytes, size))?;
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
            let (bytes, size) = compressed(bytes);
            self.connections.write(Durability::Synced, |change| {
                change.execute(
                    "INSERT INTO revisions (hash, bytes, size) VALUES (?1, ?2, ?3) ON CONFLICT (hash)
                     DO UPDATE SET bytes = excluded.bytes, size = excluded.size, redacted = NULL
                     WHERE redacted IS NOT NULL",
                    (&hash, &bytes, size),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), times in 1_usize..20) {
            let bytes = bytes.repeat(times);
            let (kept, size) = compressed(&bytes);
            prop_assert!(kept.len() <= bytes.len());
            prop_assert_eq!(decompressed(&kept, size), Some(bytes));
        }

        #[test]
        fn what_is_not_what_was_kept_gives_nothing_or_other_bytes(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), size in any::<i64>(),
        ) {
            let text = b"a runbook ".repeat(50);
            let (kept, _) = compressed(&text);
            prop_assert!(decompressed(&bytes, Some(size)).is_none_or(|found| found.len() as i64 == size));
            prop_assert_eq!(decompressed(&kept, Some(size)).is_some(), size == text.len() as i64);
        }
    }
}
