//! The journals of runs: appended to, never changed (RUNS.md, "The journal").

use std::{borrow::Cow, collections::HashMap, sync::Mutex, vec};

use engine::{
    Event, Fact, ItemStatus, Journal, JournalError, RunId, RunState,
    event::{SealError, seal},
};
use rusqlite::{Row, Transaction};
use serde_json::{Map, Value};

use crate::{
    ErrorKind, Store,
    connections::{self, Durability},
    error::StoreError,
    learning, output, runs,
};

pub(crate) const MIGRATION: &str = "
CREATE TABLE events (
    run TEXT NOT NULL REFERENCES runs (id),
    seq INTEGER NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    fields TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
";

/// How many events are read at a time.
const BATCH: usize = 256;

/// The state of each run that was appended to, so that it is not folded from the start each time.
pub(crate) type States = Mutex<HashMap<RunId, RunState>>;

impl Journal for Store {
    fn append(&self, run: &RunId, at: &str, actor: &str, fact: Fact) -> Result<Event, JournalError> {
        if matches!(fact, Fact::Output { .. }) {
            return Ok(self.keep(Durability::Soon, run, at, actor, fact, &[])?);
        }
        Ok(self.keep(Durability::Synced, run, at, actor, fact, &[])?)
    }

    fn append_all(&self, run: &RunId, actor: &str, facts: Vec<(String, Fact)>) -> Result<Vec<Event>, JournalError> {
        let durability = match facts.iter().any(|(_, fact)| fact.is_decision()) {
            true => Durability::Synced,
            false => Durability::Soon,
        };
        let facts = facts.into_iter().map(|(at, fact)| (at, fact, &[][..])).collect();
        Ok(self.keep_all(durability, run, actor, facts)?)
    }

    fn append_output(
        &self,
        run: &RunId,
        at: &str,
        actor: &str,
        fact: Fact,
        bytes: &[u8],
    ) -> Result<Event, JournalError> {
        Ok(self.keep(Durability::Soon, run, at, actor, fact, bytes)?)
    }
}

impl Store {
    fn keep(
        &self,
        durability: Durability,
        run: &RunId,
        at: &str,
        actor: &str,
        fact: Fact,
        bytes: &[u8],
    ) -> Result<Event, StoreError> {
        let kept = self.keep_all(durability, run, actor, vec![(at.to_owned(), fact, bytes)])?;
        kept.into_iter().next().ok_or_else(|| StoreError::new(ErrorKind::Refused, "no event was kept".to_owned()))
    }

    /// Keeps facts, each with its time and bytes, in one transaction: all of them or none.
    fn keep_all(
        &self,
        durability: Durability,
        run: &RunId,
        actor: &str,
        facts: Vec<(String, Fact, &[u8])>,
    ) -> Result<Vec<Event>, StoreError> {
        for (_, fact, bytes) in &facts {
            output::must_fit(fact, bytes)?;
        }
        let (events, state) = self.connections.write(durability, |change| {
            let (mut seq, mut previous) = runs::tail(change, run)?;
            // Taken out: should this transaction fail, the next one folds the state from the journal.
            let known = connections::lock(&self.states).remove(run).filter(|state| state.last_seq == seq);
            let mut state = match known {
                Some(state) => state,
                None => fold(change, run)?,
            };
            let mut events: Vec<Event> = Vec::with_capacity(facts.len());
            for (at, fact, bytes) in facts {
                seq += 1;
                let (run, actor) = (run.clone(), actor.to_owned());
                let mut event = Event { run, seq, at, actor, fact, hash: String::new() };
                event.hash = seal(&previous, &event).map_err(|error| cannot_seal(&event, &error))?;
                insert(change, &event)?;
                output::insert(change, &event, bytes)?;
                state = state.apply(&event);
                previous.clone_from(&event.hash);
                events.push(event);
            }
            // The row speaks of the last event; `ended_at` is the time of the one that finished the run.
            let finish = events.iter().rfind(|event| matches!(event.fact, Fact::RunFinished { .. }));
            if let Some(event) = events.last() {
                let at = finish.map_or(&event.at, |finish| &finish.at);
                let all_output = events.iter().all(|event| matches!(event.fact, Fact::Output { .. }));
                update_row(change, event, at, all_output, &state)?;
            }
            if learning::ends(&events) {
                learning::keep(change, run, &state)?;
            }
            Ok((events, state))
        })?;
        if state.finished.is_none() {
            connections::lock(&self.states).insert(run.clone(), state);
        }
        Ok(events)
    }

    /// The events of a run, in order.
    ///
    /// # Errors
    /// When there is no such run. Each event may be an error too, when it cannot be read.
    pub fn events(&self, run: &RunId) -> Result<Events<'_>, StoreError> {
        self.events_after(run, 0)
    }

    /// The events of a run after the one with this number, in order.
    ///
    /// # Errors
    /// As for [`Store::events`].
    pub fn events_after(&self, run: &RunId, seq: u64) -> Result<Events<'_>, StoreError> {
        self.run(run)?;
        Ok(Events(Records { store: self, run: run.clone(), after: seq, batch: Vec::new().into_iter(), done: false }))
    }

    /// The journal of a run as JSON Lines (without the line feeds), each as `--json` printed it.
    ///
    /// # Errors
    /// As for [`Store::events`].
    pub fn journal_lines(&self, run: &RunId) -> Result<JournalLines<'_>, StoreError> {
        Ok(JournalLines(self.events(run)?.0))
    }

    /// The state of a run, folded from its journal.
    ///
    /// # Errors
    /// When there is no such run, or an event of it cannot be read.
    pub fn run_state(&self, run: &RunId) -> Result<RunState, StoreError> {
        self.connections.read(|view| {
            runs::tail(view, run)?;
            fold(view, run)
        })
    }

    /// Appends `interrupted`, with the item that was running, to each run that is under way, not paused, and whose
    /// lock is free: the process that drove it is gone (RUNS.md, "After a crash"). Gives those runs. One whose journal
    /// cannot be read is left as it is, for `verify` to say more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn mark_interrupted(&self, at: &str, actor: &str) -> Result<Vec<RunId>, StoreError> {
        let mut marked = Vec::new();
        for run in self.connections.read(runs::driven)? {
            let Some(lock) = self.lock_run(&run)? else { continue };
            match self.interrupt(&run, at, actor) {
                Ok(true) => marked.push(run),
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::Damaged => {
                    tracing::warn!(%run, %error, "a run that was under way cannot be marked as interrupted");
                }
                Err(error) => return Err(error),
            }
            drop(lock);
        }
        Ok(marked)
    }

    /// Appends `interrupted` to a run that is under way and not paused, for whoever holds its lock and so knows that the
    /// process that drove it is gone. Says whether it did.
    ///
    /// # Errors
    /// When its journal cannot be read, or the store not be written.
    pub fn interrupt(&self, run: &RunId, at: &str, actor: &str) -> Result<bool, StoreError> {
        // Whoever drove it may have finished it, or another marked it, before its lock was free.
        if !self.connections.read(runs::driven)?.contains(run) {
            return Ok(false);
        }
        let mut items = self.run_state(run)?.items.into_iter();
        let item = items.find(|(_, item)| item.status == ItemStatus::Running).map(|(id, _)| id);
        self.keep(Durability::Synced, run, at, actor, Fact::Interrupted { item }, &[])?;
        Ok(true)
    }
}

/// Events of a run. See [`Store::events`].
pub struct Events<'store>(Records<'store>);

impl Iterator for Events<'_> {
    type Item = Result<Event, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.and_then(event_of))
    }
}

/// Lines of an exported journal. See [`Store::journal_lines`].
pub struct JournalLines<'store>(Records<'store>);

impl Iterator for JournalLines<'_> {
    type Item = Result<String, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map(|record| record.object().to_string()))
    }
}

/// Read in batches, so that a long journal is neither in memory as a whole nor holds up the writer's log.
struct Records<'store> {
    store: &'store Store,
    run: RunId,
    after: u64,
    batch: vec::IntoIter<Record>,
    done: bool,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(record) = self.batch.next() {
            self.after = record.seq;
            return Some(Ok(record));
        }
        if self.done {
            return None;
        }
        match self.store.connections.read(|view| batch(view, &self.run, self.after)) {
            Ok(batch) => {
                self.done = batch.is_empty();
                self.batch = batch.into_iter();
                self.next()
            }
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}

/// One row of the table, taken as it is.
pub(crate) struct Record {
    pub(crate) run: String,
    pub(crate) seq: u64,
    pub(crate) at: String,
    pub(crate) actor: String,
    pub(crate) kind: String,
    /// The fields of its kind; `Null` when they are no JSON.
    pub(crate) fields: Value,
    /// Whether they are written as they were when they were kept.
    pub(crate) untouched: bool,
    pub(crate) hash: String,
}

impl Record {
    /// The whole event, its keys in the order that `--json` prints.
    pub(crate) fn object(self) -> Value {
        let mut object = Map::new();
        object.insert("run".to_owned(), self.run.into());
        object.insert("seq".to_owned(), self.seq.into());
        object.insert("at".to_owned(), self.at.into());
        object.insert("actor".to_owned(), self.actor.into());
        object.insert("kind".to_owned(), self.kind.into());
        if let Value::Object(fields) = self.fields {
            object.extend(fields);
        }
        object.insert("hash".to_owned(), self.hash.into());
        Value::Object(object)
    }
}

/// The events after `seq`, up to [`BATCH`].
pub(crate) fn batch(view: &Transaction<'_>, run: &RunId, seq: u64) -> Result<Vec<Record>, StoreError> {
    let mut statement = view.prepare_cached(
        "SELECT run, seq, at, actor, kind, fields, hash FROM events WHERE run = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let records = statement.query_map((&run.0, seq, BATCH), record)?;
    Ok(records.collect::<Result<_, _>>()?)
}

/// An event as the engine knows it.
pub(crate) fn event_of(record: Record) -> Result<Event, StoreError> {
    let (run, seq, kind) = (record.run.clone(), record.seq, record.kind.clone());
    serde_json::from_value(record.object()).map_err(|error| {
        StoreError::new(
            ErrorKind::Damaged,
            format!("event {seq} ({kind}) of run {run} cannot be read ({error}): `allgood verify {run}` says more"),
        )
    })
}

/// Bytes that are no text stand here as U+FFFD, so that a journal in which one byte was changed can still be read, and
/// the event be named.
fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let mut whole = true;
    let mut text = |column: usize| -> rusqlite::Result<String> {
        let bytes = row.get_ref(column)?.as_bytes().map_err(rusqlite::Error::from)?;
        let text = String::from_utf8_lossy(bytes);
        whole &= matches!(text, Cow::Borrowed(_));
        Ok(text.into_owned())
    };
    let (run, at, actor, kind) = (text(0)?, text(2)?, text(3)?, text(4)?);
    let (written, hash) = (text(5)?, text(6)?);
    let fields: Value = serde_json::from_str(&written).unwrap_or(Value::Null);
    let as_kept = fields.to_string();
    let untouched = whole && fields.is_object() && as_kept == written;
    Ok(Record { run, seq: row.get(1)?, at, actor, kind, fields, untouched, hash })
}

/// The state after every event so far.
fn fold(view: &Transaction<'_>, run: &RunId) -> Result<RunState, StoreError> {
    let mut state = RunState::default();
    loop {
        let records = batch(view, run, state.last_seq)?;
        if records.is_empty() {
            return Ok(state);
        }
        for record in records {
            state = state.apply(&event_of(record)?);
        }
    }
}

/// Keeps an event as it is.
pub(crate) fn insert(change: &Transaction<'_>, event: &Event) -> Result<(), StoreError> {
    let wrong = |error: serde_json::Error| cannot_seal(event, &SealError::Json(error.to_string()));
    let mut fields = serde_json::to_value(&event.fact).map_err(wrong)?;
    let kind = fields.as_object_mut().and_then(|fields| fields.shift_remove("kind"));
    change
        .prepare_cached(
            "INSERT INTO events (run, seq, at, actor, kind, fields, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            &event.run.0,
            event.seq,
            &event.at,
            &event.actor,
            kind.as_ref().and_then(Value::as_str),
            fields.to_string(),
            &event.hash,
        ))?;
    Ok(())
}

/// Output changes nothing that the lists show.
pub(crate) fn update_row(
    change: &Transaction<'_>,
    event: &Event,
    at: &str,
    output_alone: bool,
    state: &RunState,
) -> Result<(), StoreError> {
    if output_alone {
        change.prepare_cached("UPDATE runs SET events = ?2, last_hash = ?3 WHERE id = ?1")?.execute((
            &event.run.0,
            event.seq,
            &event.hash,
        ))?;
        return Ok(());
    }
    let (name, summary) = runs::derived(state);
    change
        .prepare_cached(
            "UPDATE runs SET events = ?2, last_hash = ?3, state = ?4, summary = ?5,
                ended_at = CASE WHEN ?6 THEN coalesce(ended_at, ?7) END WHERE id = ?1",
        )?
        .execute((&event.run.0, event.seq, &event.hash, name, summary, state.finished.is_some(), at))?;
    Ok(())
}

fn cannot_seal(event: &Event, error: &SealError) -> StoreError {
    let run = &event.run;
    StoreError::new(ErrorKind::Refused, format!("an event of run {run} cannot be kept: {error}"))
}
