//! The bytes of output, beside the events that speak of them.

use engine::{Event, Fact, RunId};
use rusqlite::Transaction;

use crate::{ErrorKind, Store, error::StoreError, retention, revisions::revision_of, runs};

pub(crate) const MIGRATION: &str = "
CREATE TABLE output (
    run TEXT NOT NULL REFERENCES runs (id),
    item TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (run, item, attempt, start)
) STRICT;
";

/// The most bytes in one row.
pub(crate) const PIECE: usize = 64 * 1024;

/// Bytes of an attempt's output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutputPiece {
    /// Where they begin: what was asked for, or more when bytes before were left out.
    pub offset: u64,
    /// The bytes, without a gap between them. Empty when there are none from there on.
    pub bytes: Vec<u8>,
    /// Where the attempt's output ends, as far as it is kept.
    pub end: u64,
    /// When it was removed by the retention setting, if it was. UTC, RFC 3339.
    pub removed: Option<String>,
}

impl Store {
    /// Up to `limit` bytes of an attempt's output from `offset` on, up to the next place where bytes were left out.
    ///
    /// # Errors
    /// When there is no such run, or the store cannot be read.
    pub fn output(
        &self,
        run: &RunId,
        item: &str,
        attempt: u64,
        offset: u64,
        limit: usize,
    ) -> Result<OutputPiece, StoreError> {
        self.connections.read(|view| {
            runs::tail(view, run)?;
            let end = view
                .prepare_cached(
                    "SELECT start + length(bytes) FROM output WHERE run = ?1 AND item = ?2 AND attempt = ?3
                     ORDER BY start DESC LIMIT 1",
                )?
                .query_map((&run.0, item, attempt), |row| row.get(0))?
                .next()
                .transpose()?
                .unwrap_or(0);
            let removed = if end == 0 { retention::removed_at(view, run, item, attempt)? } else { None };
            let mut piece = OutputPiece { offset, bytes: Vec::new(), end, removed };
            // A row that holds the first byte begins less than a piece before it.
            let lowest = offset.saturating_sub(PIECE as u64 - 1);
            let mut statement = view.prepare_cached(
                "SELECT start, bytes FROM output WHERE run = ?1 AND item = ?2 AND attempt = ?3 AND start >= ?4
                 ORDER BY start",
            )?;
            let mut rows = statement.query((&run.0, item, attempt, lowest))?;
            while let Some(row) = rows.next()? {
                let start: u64 = row.get(0)?;
                let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
                if start.saturating_add(bytes.len() as u64) <= offset {
                    continue;
                }
                if piece.bytes.is_empty() {
                    piece.offset = offset.max(start);
                }
                let wanted = piece.offset + piece.bytes.len() as u64;
                let left = limit - piece.bytes.len();
                if start > wanted || left == 0 {
                    break;
                }
                let skip = usize::try_from(wanted - start).unwrap_or(usize::MAX);
                piece.bytes.extend(bytes.iter().skip(skip).take(left));
            }
            Ok(piece)
        })
    }
}

/// An event of output and its bytes must agree, or the journal would never verify.
pub(crate) fn must_fit(fact: &Fact, bytes: &[u8]) -> Result<(), StoreError> {
    let fits = match fact {
        Fact::Output { length, sha256, .. } => *length == bytes.len() as u64 && *sha256 == revision_of(bytes),
        _ => bytes.is_empty(),
    };
    if fits {
        return Ok(());
    }
    Err(StoreError::new(ErrorKind::Refused, "an event of output does not agree with its bytes in length or SHA-256"))
}

/// Keeps the bytes of an event of output.
pub(crate) fn insert(change: &Transaction<'_>, event: &Event, bytes: &[u8]) -> Result<(), StoreError> {
    let Fact::Output { item, attempt, offset, .. } = &event.fact else { return Ok(()) };
    let mut statement =
        change.prepare_cached("INSERT INTO output (run, item, attempt, start, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let mut start = *offset;
    for piece in bytes.chunks(PIECE) {
        statement.execute((&event.run.0, item, attempt, start, piece))?;
        start += piece.len() as u64;
    }
    Ok(())
}

/// The bytes that are kept of a range, as they lie there: `None` when they do not fill it without a gap.
pub(crate) fn range(
    view: &Transaction<'_>,
    run: &RunId,
    (item, attempt): (&str, u64),
    (offset, length): (u64, u64),
    mut take: impl FnMut(&[u8]),
) -> Result<Option<()>, StoreError> {
    let end = offset.saturating_add(length);
    let mut statement = view.prepare_cached(
        "SELECT start, bytes FROM output WHERE run = ?1 AND item = ?2 AND attempt = ?3 AND start >= ?4 AND start < ?5
         ORDER BY start",
    )?;
    let mut rows = statement.query((&run.0, item, attempt, offset, end))?;
    let mut wanted = offset;
    while let Some(row) = rows.next()? {
        let start: u64 = row.get(0)?;
        if start != wanted {
            return Ok(None);
        }
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        take(bytes);
        wanted = wanted.saturating_add(bytes.len() as u64);
    }
    Ok((wanted == end).then_some(()))
}

/// How many bytes are kept of a whole run.
pub(crate) fn total(view: &Transaction<'_>, run: &RunId) -> Result<u64, StoreError> {
    Ok(view
        .prepare_cached("SELECT coalesce(sum(length(bytes)), 0) FROM output WHERE run = ?1")?
        .query_row([&run.0], |row| row.get(0))?)
}

/// How many bytes are kept of an attempt.
pub(crate) fn kept(view: &Transaction<'_>, run: &RunId, (item, attempt): (&str, u64)) -> Result<u64, StoreError> {
    Ok(view
        .prepare_cached(
            "SELECT coalesce(sum(length(bytes)), 0) FROM output WHERE run = ?1 AND item = ?2 AND attempt = ?3",
        )?
        .query_row((&run.0, item, attempt), |row| row.get(0))?)
}
