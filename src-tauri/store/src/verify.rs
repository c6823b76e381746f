//! Whether a record still is what it was (`allgood verify RUN`; RUNS.md, "The journal").

use std::vec;

use engine::{
    RunId, RunState,
    event::{Tail, VerifyError, verify_records},
};
use rusqlite::Transaction;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Store,
    error::StoreError,
    journal::{self, Record},
    output, retention,
    revisions::{self, Kept, hexadecimal, revision_of},
    runs,
};

/// Whether a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds {
        /// How many events were checked.
        events: u64,
        /// The hash of the last one.
        last_hash: String,
        /// What could not be checked, and why: a sentence.
        remark: Option<String>,
    },
    /// It does not.
    Broken(Flaw),
}

/// Where a record does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The first event that does not hold, from 1.
    pub seq: u64,
    /// One sentence.
    pub sentence: String,
}

impl Verdict {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds { .. })
    }
}

impl Store {
    /// Checks a run's record: the chain of its events, the bytes of its output against their hashes, the run's own row
    /// against the journal, and the revision that it ran.
    ///
    /// # Errors
    /// When there is no such run, or the store cannot be read. That a record does not hold is no error.
    pub fn verify(&self, run: &RunId) -> Result<Verdict, StoreError> {
        self.connections.read(|view| check(view, run))
    }
}

/// [`Store::verify`] within a transaction.
pub(crate) fn check(view: &Transaction<'_>, run: &RunId) -> Result<Verdict, StoreError> {
    let (count, last_hash) = runs::tail(view, run)?;
    let mut walk = Walk {
        view,
        run,
        after: 0,
        batch: Vec::new().into_iter(),
        state: Some(RunState::default()),
        output: 0,
        stop: None,
    };
    let chain = verify_records(run, &mut walk, Some(&Tail { count, last_hash }));
    let flaw = match (walk.stop.take(), chain) {
        (Some(Stop::Store(error)), _) => return Err(error),
        // The walk ended here, so that to the chain the journal seems to be short.
        (Some(Stop::Flaw(flaw)), Err(VerifyError { seq, .. })) if flaw.seq <= seq => flaw,
        (_, Err(VerifyError { seq, sentence })) => Flaw { seq, sentence },
        (Some(Stop::Flaw(flaw)), Ok(_)) => flaw,
        (None, Ok(tail)) => match walk.beside_the_chain(&tail)? {
            Beside::Flaw(flaw) => flaw,
            Beside::Agrees { remark } => {
                return Ok(Verdict::Holds { events: tail.count, last_hash: tail.last_hash, remark });
            }
        },
    };
    Ok(Verdict::Broken(flaw))
}

/// Gives the chain one event after the other, and looks at what the chain does not see.
struct Walk<'view> {
    view: &'view Transaction<'view>,
    run: &'view RunId,
    after: u64,
    batch: vec::IntoIter<Record>,
    /// Folded along the way; `None` after an event that this version does not know.
    state: Option<RunState>,
    /// Bytes of output that events spoke of so far.
    output: u64,
    stop: Option<Stop>,
}

/// What is kept of a run beside its events.
enum Beside {
    Agrees { remark: Option<String> },
    Flaw(Flaw),
}

/// Why a walk ended early.
enum Stop {
    Flaw(Flaw),
    Store(StoreError),
}

impl Iterator for &mut Walk<'_> {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        if self.stop.is_some() {
            return None;
        }
        match self.step() {
            Ok(value) => value,
            Err(stop) => {
                self.stop = Some(stop);
                None
            }
        }
    }
}

impl Walk<'_> {
    fn step(&mut self) -> Result<Option<Value>, Stop> {
        let record = match self.batch.next() {
            Some(record) => record,
            None => {
                self.batch = journal::batch(self.view, self.run, self.after).map_err(Stop::Store)?.into_iter();
                let Some(record) = self.batch.next() else { return Ok(None) };
                record
            }
        };
        let seq = record.seq;
        self.after = seq;
        if !record.untouched {
            let sentence =
                format!("event {seq} ({}) was changed: its fields are not written as they were kept", record.kind);
            return Err(Stop::Flaw(Flaw { seq, sentence }));
        }
        if record.kind == "output" {
            self.check_output(seq, &record.fields)?;
        }
        let value = record.object();
        let event = serde_json::from_value(value.clone()).ok();
        self.state = self.state.take().zip(event).map(|(state, event)| state.apply(&event));
        Ok(Some(value))
    }

    /// The bytes beside the event are those it speaks of.
    fn check_output(&mut self, seq: u64, fields: &Value) -> Result<(), Stop> {
        let flaw = |sentence: String| Stop::Flaw(Flaw { seq, sentence });
        let number = |key: &str| fields.get(key).and_then(Value::as_u64);
        let text = |key: &str| fields.get(key).and_then(Value::as_str);
        let (Some(item), Some(attempt), Some(offset), Some(length), Some(sha256)) =
            (text("item"), number("attempt"), number("offset"), number("length"), text("sha256"))
        else {
            return Err(flaw(format!("event {seq} (output) was changed: a field of it is missing")));
        };
        let mut hasher = Sha256::new();
        let take = |bytes: &[u8]| hasher.update(bytes);
        let whole =
            output::range(self.view, self.run, (item, attempt), (offset, length), take).map_err(Stop::Store)?;
        if whole.is_none() {
            let gone = || -> Result<bool, StoreError> {
                let none = output::kept(self.view, self.run, (item, attempt))? == 0;
                Ok(none && retention::removed_at(self.view, self.run, item, attempt)?.is_some())
            };
            if gone().map_err(Stop::Store)? {
                return Ok(());
            }
            return Err(flaw(format!("event {seq} (output): bytes of it are missing, or there are too many")));
        }
        if hexadecimal(&hasher.finalize()) != sha256 {
            return Err(flaw(format!("event {seq} (output): its bytes were changed, their SHA-256 does not match")));
        }
        self.output = self.output.saturating_add(length);
        Ok(())
    }

    /// The chain holds: what else is kept of the run must agree with it.
    fn beside_the_chain(&self, tail: &Tail) -> Result<Beside, StoreError> {
        let row = runs::get(self.view, self.run)?;
        let flaw = |seq: u64, sentence: String| Ok(Beside::Flaw(Flaw { seq, sentence }));
        if output::total(self.view, self.run)? != self.output {
            return flaw(tail.count, "there are bytes of output that no event speaks of".to_owned());
        }
        if let Some(first) = journal::batch(self.view, self.run, 0)?.into_iter().next() {
            let started = |key: &str| first.fields.get(key).and_then(Value::as_str);
            let mode = serde_json::to_value(row.start.mode).unwrap_or_default();
            let differs = started("revision") != Some(&row.start.revision) || first.fields.get("mode") != Some(&mode);
            if first.kind == "run_started" && differs {
                return flaw(
                    1,
                    "event 1 (run_started) names another revision or mode than the run's own row".to_owned(),
                );
            }
        }
        if let Some(state) = self.state.as_ref().filter(|state| state.status != row.state) {
            return flaw(
                tail.count,
                format!("the run's own row says {:?}, its journal ends as {:?}", row.state, state.status),
            );
        }
        let revision = &row.start.revision;
        let removed = retention::told(self.view, self.run)?;
        match revisions::kept(self.view, revision)? {
            Some(Kept { redacted: Some(at), .. }) => {
                let redacted = format!(
                    "a secret was removed from the revision that was run, {revision}, on {at}: that its text is what was \
                     run cannot be checked any more"
                );
                let remark = removed.map_or(redacted.clone(), |removed| format!("{removed}; {redacted}"));
                Ok(Beside::Agrees { remark: Some(remark) })
            }
            Some(Kept { bytes, .. }) if revision_of(&bytes) != *revision => {
                flaw(1, format!("the revision that was run, {revision}, was changed after it was kept"))
            }
            _ => Ok(Beside::Agrees { remark: removed }),
        }
    }
}
