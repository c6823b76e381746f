//! The chain of hashes over a journal: made by [`seal`], checked by [`verify`] (RUNS.md, "The journal").
//!
//! The rule: lower-case hexadecimal SHA-256 over the hash of the event before (64 zeros for the first), a line
//! feed, and the event's JSON without `hash` in the canonical form of RFC 8785.

use std::{borrow::Borrow, fmt::Write as _};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Event, RunId};

/// What stands in the place of the hash before the first event.
pub const FIRST_PREVIOUS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The largest integer that every reader of JSON keeps exactly (RFC 8785, 3.2.2.3).
const LARGEST: u64 = (1 << 53) - 1;

/// Why an event cannot be sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The rule for numbers: integers within ±(2^53 − 1), measurements are strings.
    #[error("the number {0} in an event is not an integer within ±(2^53 − 1)")]
    Number(String),
    /// The rule for keys.
    #[error("the key {0:?} in an event is not ASCII")]
    Key(String),
    /// It has no JSON form.
    #[error("an event has no JSON form: {0}")]
    Json(String),
}

/// The end of a journal, as the run's own row keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// How many events.
    pub count: u64,
    /// The hash of the last one; [`FIRST_PREVIOUS`] when there is none.
    pub last_hash: String,
}

/// Where a journal does not hold, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct VerifyError {
    /// The event's place in the journal, from 1.
    pub seq: u64,
    /// One sentence.
    pub sentence: String,
}

/// The hash that belongs to an event; its own `hash` is not looked at.
///
/// # Errors
/// When a number or a key breaks the rules that make the canonical form the same everywhere.
pub fn seal(previous: &str, event: &Event) -> Result<String, SealError> {
    let value = serde_json::to_value(event).map_err(|error| SealError::Json(error.to_string()))?;
    seal_record(previous, value)
}

fn seal_record(previous: &str, mut record: Value) -> Result<String, SealError> {
    if let Value::Object(fields) = &mut record {
        fields.remove("hash");
    }
    check_rules(&record)?;
    let canonical = serde_json_canonicalizer::to_vec(&record).map_err(|error| SealError::Json(error.to_string()))?;
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(b"\n");
    hasher.update(&canonical);
    Ok(hexadecimal(&hasher.finalize()))
}

/// Lower-case hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn check_rules(value: &Value) -> Result<(), SealError> {
    match value {
        Value::Number(number) => {
            let fits = number.as_i64().is_some_and(|n| n.unsigned_abs() <= LARGEST);
            if fits { Ok(()) } else { Err(SealError::Number(number.to_string())) }
        }
        Value::Array(values) => values.iter().try_for_each(check_rules),
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            if key.is_ascii() { check_rules(value) } else { Err(SealError::Key(key.clone())) }
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// Checks a journal from its first event on: a changed, missing, moved or foreign event shows, and, against what the
/// run's own row says (`expected`), a shortened or a lengthened journal.
///
/// # Errors
/// The first event that does not hold.
pub fn verify<E: Borrow<Event>>(
    run: &RunId,
    events: impl IntoIterator<Item = E>,
    expected: Option<&Tail>,
) -> Result<Tail, VerifyError> {
    // An event always has a JSON form; were there none, `null` has no hash and is named.
    let records = events.into_iter().map(|event| serde_json::to_value(event.borrow()).unwrap_or(Value::Null));
    verify_records(run, records, expected)
}

/// [`verify`] over JSON objects as they were exported or stored: fields that this version does not know count too.
///
/// # Errors
/// The first event that does not hold.
pub fn verify_records(
    run: &RunId,
    records: impl IntoIterator<Item = Value>,
    expected: Option<&Tail>,
) -> Result<Tail, VerifyError> {
    let mut tail = Tail { count: 0, last_hash: FIRST_PREVIOUS.to_owned() };
    for record in records {
        let seq = tail.count + 1;
        tail.last_hash =
            check_record(run, seq, &tail.last_hash, record).map_err(|sentence| VerifyError { seq, sentence })?;
        tail.count = seq;
    }
    let Some(expected) = expected else {
        return Ok(tail);
    };
    if tail.count < expected.count {
        let seq = tail.count + 1;
        let count = expected.count;
        let sentence =
            format!("event {seq} is missing: the journal ends with event {}, the run had {count}", tail.count);
        return Err(VerifyError { seq, sentence });
    }
    if tail.count > expected.count {
        let seq = expected.count + 1;
        let sentence = format!("event {seq} does not belong to this run, which had {} events", expected.count);
        return Err(VerifyError { seq, sentence });
    }
    if tail.last_hash != expected.last_hash {
        let seq = tail.count;
        let sentence = format!("event {seq} is not the one that the run ended with: its hash differs");
        return Err(VerifyError { seq, sentence });
    }
    Ok(tail)
}

/// Gives the record's hash, or one sentence that names what is wrong with it.
fn check_record(run: &RunId, seq: u64, previous: &str, record: Value) -> Result<String, String> {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    match record.get("seq").and_then(Value::as_u64) {
        Some(found) if found == seq => {}
        Some(found) if found > seq => {
            return Err(format!("event {seq} is missing: event {found} stands in its place"));
        }
        Some(found) => return Err(format!("event {found} stands where event {seq} should be")),
        None => return Err(format!("event {seq} has no sequence number")),
    }
    match text("run") {
        Some(found) if found == run.0 => {}
        Some(found) => return Err(format!("event {seq} belongs to another run, {found}")),
        None => return Err(format!("event {seq} names no run")),
    }
    let Some(stored) = text("hash").map(str::to_owned) else {
        return Err(format!("event {seq} has no hash"));
    };
    let kind = text("kind").unwrap_or("of no kind").to_owned();
    let computed = seal_record(previous, record).map_err(|error| format!("event {seq}: {error}"))?;
    if computed == stored {
        Ok(computed)
    } else {
        Err(format!("event {seq} ({kind}) was changed, or the one before it was: its hash does not match"))
    }
}

#[cfg(test)]
mod tests;
