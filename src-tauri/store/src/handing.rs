//! Runs of another store, taken in: whole, or what is new of one that is known (RUNS.md, "Handing over").
//!
//! Nothing that somebody wrote elsewhere is believed: what is kept is verified like any record before it is committed, and
//! where one thing does not fit nothing of it is kept.

use engine::{
    Event, Fact, RunId, RunState,
    event::{FIRST_PREVIOUS, Tail},
};
use rusqlite::{OptionalExtension, Transaction};

use crate::{
    ErrorKind, NewRun, RemovedOutput, RunLock, Store, Verdict,
    connections::{self, Durability},
    error::StoreError,
    journal, learning, output, retention, revisions, runs, verify,
};

/// Gives one event after the other, each event of output with its bytes, but for those that were removed; or a sentence why
/// that cannot be.
pub type Arriving<'a> = dyn FnMut() -> Result<Option<(Event, Vec<u8>)>, String> + 'a;

/// What became of a run of another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenIn {
    /// It was not known.
    New,
    /// So many events at its end were new.
    Longer(u64),
    /// Everything of it was known.
    Known,
}

impl Store {
    /// Keeps a run of another store, whose lock the caller holds. `events` gives its whole journal in order, each event of
    /// output with its bytes, but for the attempts of `removed`, whose bytes are not there any more; `tail` is where it ends.
    /// Where `here` says so, a run that is known already is from now on of
    /// the file and library that `run` names.
    ///
    /// # Errors
    /// When the journal went on in both stores, or does not hold; when `events` fails; when the store cannot be written.
    /// Nothing was kept then.
    pub fn take_in(
        &self,
        _lock: &RunLock,
        run: &NewRun,
        (tail, here): (&Tail, bool),
        revision: &[u8],
        removed: &[RemovedOutput],
        events: &mut Arriving<'_>,
    ) -> Result<TakenIn, StoreError> {
        let taken = self.connections.write(Durability::Synced, |change| {
            let known = known(change, run)?;
            match &known {
                None => {
                    revisions::insert(change, &run.revision, revision)?;
                    runs::insert(change, run, &run.path)?;
                }
                Some(_) if here => relocate(change, run)?,
                Some(_) => {}
            }
            let before = known.unwrap_or_else(|| Tail { count: 0, last_hash: FIRST_PREVIOUS.to_owned() });
            if tail.count < before.count {
                return if hash_of(change, &run.id, tail.count)?.as_deref() == Some(tail.last_hash.as_str()) {
                    Ok(TakenIn::Known)
                } else {
                    Err(parted(run))
                };
            }
            append(change, run, &before, removed, events)?;
            match verify::check(change, &run.id)? {
                Verdict::Holds { events, last_hash, .. } if events == tail.count && last_hash == tail.last_hash => {}
                Verdict::Holds { .. } => {
                    return Err(refused(format!("the journal of run {} does not end where it says", run.id)));
                }
                Verdict::Broken(flaw) => {
                    return Err(refused(format!("the record of run {} does not hold: {}", run.id, flaw.sentence)));
                }
            }
            Ok(match tail.count - before.count {
                _ if before.count == 0 => TakenIn::New,
                0 => TakenIn::Known,
                new => TakenIn::Longer(new),
            })
        })?;
        connections::lock(&self.states).remove(&run.id);
        Ok(taken)
    }

    /// The hash of an event of a run; `None` where there is no such event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn event_hash(&self, run: &RunId, seq: u64) -> Result<Option<String>, StoreError> {
        self.connections.read(|view| hash_of(view, run, seq))
    }

    /// The files of the library that hold this revision, or else have this title: those first that hold it. At most
    /// `limit`. As far as the index knows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn files_like(&self, revision: &str, title: &str, limit: usize) -> Result<Vec<String>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT file FROM runbooks WHERE revision = ?1 OR title = ?2 ORDER BY revision <> ?1, file LIMIT ?3",
            )?;
            let found = statement.query_map((revision, title, limit), |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

/// Where the journal that is known of a run ends.
fn known(view: &Transaction<'_>, run: &NewRun) -> Result<Option<Tail>, StoreError> {
    let found = view
        .prepare_cached("SELECT events, last_hash FROM runs WHERE id = ?1")?
        .query_row([&run.id.0], |row| Ok(Tail { count: row.get(0)?, last_hash: row.get(1)? }));
    Ok(found.optional()?)
}

fn hash_of(view: &Transaction<'_>, run: &RunId, seq: u64) -> Result<Option<String>, StoreError> {
    let mut statement = view.prepare_cached("SELECT hash FROM events WHERE run = ?1 AND seq = ?2")?;
    Ok(statement.query_row((&run.0, seq), |row| row.get(0)).optional()?)
}

fn relocate(change: &Transaction<'_>, run: &NewRun) -> Result<(), StoreError> {
    change.prepare_cached("UPDATE runs SET path = ?2, file = ?2, library = ?3 WHERE id = ?1")?.execute((
        &run.id.0,
        &run.path,
        run.library.map(|id| id.0),
    ))?;
    Ok(())
}

/// Appends what comes after `before`, which has to be what `events` begins with.
fn append(
    change: &Transaction<'_>,
    run: &NewRun,
    before: &Tail,
    removed: &[RemovedOutput],
    events: &mut Arriving<'_>,
) -> Result<(), StoreError> {
    let gone = |fact: &Fact| match fact {
        Fact::Output { item, attempt, length, .. } => {
            let found = removed.iter().find(|removed| removed.item == *item && removed.attempt == *attempt);
            found.map(|removed| (removed, *length))
        }
        _ => None,
    };
    let mut state = RunState::default();
    let mut finished_at = None;
    let mut last = None;
    while let Some((event, bytes)) = events().map_err(refused)? {
        state = state.apply(&event);
        if matches!(event.fact, Fact::RunFinished { .. } | Fact::HandedOver { .. }) {
            finished_at = Some(event.at.clone());
        }
        if event.run != run.id {
            return Err(refused(format!("event {} belongs to another run, {}", event.seq, event.run)));
        }
        // The hash of an event binds all that came before it.
        if event.seq == before.count && event.hash != before.last_hash {
            return Err(parted(run));
        }
        if event.seq > before.count {
            journal::insert(change, &event)?;
            match gone(&event.fact) {
                Some((removed, length)) if bytes.is_empty() => retention::note(change, &run.id, removed, length)?,
                _ => {
                    output::must_fit(&event.fact, &bytes)?;
                    output::insert(change, &event, &bytes)?;
                }
            }
            last = Some(event);
        }
    }
    if let Some(event) = last {
        let at = finished_at.unwrap_or_else(|| event.at.clone());
        // It ended when it ended there, not when it was handed over from here.
        change.prepare_cached("UPDATE runs SET ended_at = NULL WHERE id = ?1")?.execute([&run.id.0])?;
        journal::update_row(change, &event, &at, false, &state)?;
        learning::keep(change, &run.id, &state)?;
    }
    Ok(())
}

fn parted(run: &NewRun) -> StoreError {
    refused(format!(
        "run {} went on here and elsewhere: the two records part, and neither is taken into the other",
        run.id
    ))
}

fn refused(sentence: String) -> StoreError {
    StoreError::new(ErrorKind::Refused, sentence)
}
