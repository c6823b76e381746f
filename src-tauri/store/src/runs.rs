//! One row a run: what the lists show, and what a shortened journal is told by.

use std::collections::HashMap;

use engine::{ItemStatus, RunId, RunState, RunStatus, event::FIRST_PREVIOUS, event::Mode, event::Parent};
use rusqlite::{
    OptionalExtension, Row, Transaction, params_from_iter,
    types::{Type, Value},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ErrorKind, LibraryId, RunLock, Store, connections::Durability, error::StoreError, index, places,
    shared::OF_OTHERS,
};

pub(crate) const MIGRATION: &str = "
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    library INTEGER,
    title TEXT NOT NULL,
    revision TEXT NOT NULL,
    mode TEXT NOT NULL,
    environment TEXT,
    actor TEXT NOT NULL,
    items INTEGER NOT NULL,
    state TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    events INTEGER NOT NULL,
    last_hash TEXT NOT NULL,
    summary TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_path ON runs (path, id);
CREATE INDEX runs_by_state ON runs (state);
";

/// Where the file that was run is now, as far as the store was told; `path` is where it was. By it runs are found.
pub(crate) const MIGRATION_FILE: &str = "
ALTER TABLE runs ADD COLUMN file TEXT NOT NULL DEFAULT '';
UPDATE runs SET file = path;
DROP INDEX runs_by_path;
CREATE INDEX runs_by_file ON runs (file, id);
CREATE INDEX runs_by_revision ON runs (revision, file);
";

/// What the history is filtered by. Whoever lists runs with failures says [`FAILED`] in these very words.
pub(crate) const MIGRATION_HISTORY: &str = "
CREATE INDEX runs_by_start ON runs (started_at, id);
CREATE INDEX runs_by_environment ON runs (environment, id) WHERE environment IS NOT NULL;
CREATE INDEX runs_by_actor ON runs (actor, id);
CREATE INDEX runs_with_failures ON runs (id) WHERE state = 'failed' OR (json_valid(summary)
    AND (summary ->> '$.failed' > 0 OR summary ->> '$.failures' > 0 OR summary ->> '$.rescued'));
";

/// The run that one is a part of, and the check there.
pub(crate) const MIGRATION_PARENT: &str = "
ALTER TABLE runs ADD COLUMN parent TEXT;
ALTER TABLE runs ADD COLUMN parent_item TEXT;
CREATE INDEX runs_by_parent ON runs (parent, id) WHERE parent IS NOT NULL;
";

/// SQL: whether anything failed in a run, whatever became of it afterwards.
const FAILED: &str = "(state = 'failed' OR (json_valid(summary) \
    AND (summary ->> '$.failed' > 0 OR summary ->> '$.failures' > 0 OR summary ->> '$.rescued')))";

/// The file of a scratch run: none. Where lists and counts leave these out they write `file <> ''`.
const SCRATCH: &str = "";

/// How many runs the library shows beside a runbook.
pub(crate) const DOTS: usize = 4;

/// What is known of a run before its first event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Its name: a UUID version 7, so that names sort by time.
    pub id: RunId,
    /// The whole path of the runbook's file.
    pub path: String,
    /// The library it is in, if any.
    pub library: Option<LibraryId>,
    /// The runbook's title.
    pub title: String,
    /// SHA-256 of its bytes.
    pub revision: String,
    /// How it is driven.
    pub mode: Mode,
    /// Where, if an environment was chosen.
    pub environment: Option<String>,
    /// Who starts it, `user@host`.
    pub actor: String,
    /// How many items its path has.
    pub items: u64,
    /// UTC, RFC 3339 with milliseconds and `Z`.
    pub started_at: String,
    /// The run that it is a part of, and the check there that it was opened for.
    pub parent: Option<Parent>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// What was known at its start.
    pub start: NewRun,
    /// Its state after its last event.
    pub state: RunStatus,
    /// When it finished, if it did.
    pub ended_at: Option<String>,
    /// How many events its journal has.
    pub events: u64,
    /// The hash of the last one; 64 zeros when there is none.
    pub last_hash: String,
    /// How it went so far.
    pub summary: RunSummary,
    /// Who shared it, of a run of somebody else.
    pub shared_by: Option<String>,
}

/// How a run went so far: counts of items by their state now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunSummary {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Skipped.
    pub skipped: u64,
    /// Taken as done in spite of the machine.
    pub overridden: u64,
    /// Undone.
    pub undone: u64,
    /// The item that runs, or was interrupted, or failed, if any.
    pub item: Option<String>,
    /// A failure was rescued on the way: by another attempt, or an override.
    pub rescued: bool,
    /// Items that failed at any time, whatever became of them afterwards.
    pub failures: u64,
}

/// A run as a mark beside its runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMark {
    /// Which run.
    pub id: RunId,
    /// Its state.
    pub state: RunStatus,
    /// When it started.
    pub started_at: String,
    /// When it finished, if it did.
    pub ended_at: Option<String>,
    /// A failure was rescued on the way.
    pub rescued: bool,
}

/// Which runs to list. The default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Only of the runbook whose file has this whole path now.
    pub path: Option<String>,
    /// Only of this library.
    pub library: Option<LibraryId>,
    /// Only in one of these states, when there are any.
    pub states: Vec<RunStatus>,
    /// Only whose title or path holds this, whatever the case of its ASCII letters.
    pub words: Option<String>,
    /// Only in this environment; of an empty name: in none.
    pub environment: Option<String>,
    /// Only driven so.
    pub mode: Option<Mode>,
    /// Only started by them, `user@host`; without `@`, by this user wherever.
    pub actor: Option<String>,
    /// Only those that started then or later. UTC, RFC 3339 with milliseconds and `Z`.
    pub since: Option<String>,
    /// Only those that started before.
    pub until: Option<String>,
    /// Only those in which something failed, whatever became of it afterwards.
    pub failures: bool,
    /// Only those of this store: none that others shared.
    pub own: bool,
    /// How many to leave out.
    pub offset: u64,
    /// How many at most.
    pub limit: Option<u64>,
}

impl RunFilter {
    /// The condition, only with what is asked for, so that an index can answer, and its parameters.
    fn sql(&self) -> (String, Vec<Value>) {
        let mut conditions = vec!["file <> ''".to_owned()];
        let mut parameters = Vec::new();
        let mut add = |condition: &str, value: Option<Value>| {
            if let Some(value) = value {
                conditions.push(condition.to_owned());
                parameters.extend(std::iter::repeat_n(value, condition.matches('?').count()));
            }
        };
        let text = |text: &Option<String>| text.clone().map(Value::from);
        add("file = ?", text(&self.path));
        add("library = ?", self.library.map(|id| Value::from(id.0)));
        let states: Vec<String> = self.states.iter().map(name_of).collect();
        let states = (!states.is_empty()).then(|| Value::from(serde_json::Value::from(states).to_string()));
        add("state IN (SELECT value FROM json_each(?))", states);
        let words = self.words.as_deref().map(|words| Value::from(like_pattern(words)));
        add("(title LIKE ? ESCAPE '\\' OR path LIKE ? ESCAPE '\\')", words);
        add("environment = ?", text(&self.environment).filter(|name| *name != Value::from(String::new())));
        add("mode = ?", self.mode.map(|mode| Value::from(name_of(&mode))));
        match self.actor.as_deref() {
            // '@' is followed by 'A': a range that the index answers.
            Some(user) if !user.contains('@') => {
                add("actor >= ?", Some(Value::from(format!("{user}@"))));
                add("actor < ?", Some(Value::from(format!("{user}A"))));
            }
            _ => add("actor = ?", text(&self.actor)),
        }
        add("started_at >= ?", text(&self.since));
        add("started_at < ?", text(&self.until));
        if self.environment.as_deref() == Some("") {
            conditions.push("environment IS NULL".to_owned());
        }
        if self.failures {
            conditions.push(FAILED.to_owned());
        }
        if self.own {
            conditions.push(format!("NOT {OF_OTHERS}"));
        }
        (conditions.join(" AND "), parameters)
    }
}

impl Store {
    /// Takes the lock of a new run and makes its row, in this order, so that nobody takes it for an interrupted one.
    ///
    /// # Errors
    /// When there is a run of this name, or the store cannot be written.
    pub fn begin_run(&self, run: &NewRun) -> Result<RunLock, StoreError> {
        let lock = self.lock_run(&run.id)?.ok_or_else(|| {
            StoreError::new(ErrorKind::Refused, format!("run {} is driven by another process already", run.id))
        })?;
        self.connections.write(Durability::Synced, |change| insert(change, run, &run.path))?;
        Ok(lock)
    }

    /// As [`Store::begin_run`], of a run that only tries something: it is of no file, so that neither lists nor counts nor
    /// histories know it; by its name it is found like any other.
    ///
    /// # Errors
    /// As [`Store::begin_run`].
    pub fn begin_scratch_run(&self, run: &NewRun) -> Result<RunLock, StoreError> {
        let lock = self.lock_run(&run.id)?.ok_or_else(|| {
            StoreError::new(ErrorKind::Refused, format!("run {} is driven by another process already", run.id))
        })?;
        self.connections.write(Durability::Synced, |change| insert(change, run, SCRATCH))?;
        Ok(lock)
    }

    /// Removes the scratch runs that began before a time and that no process drives; gives how many. `before` is UTC, RFC
    /// 3339.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn drop_scratch_runs(&self, before: &str) -> Result<usize, StoreError> {
        let old: Vec<RunId> = self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT id FROM runs WHERE file = ?1 AND started_at < ?2 ORDER BY id")?;
            let found = statement.query_map([SCRATCH, before], |row| row.get(0).map(RunId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        let mut dropped = 0;
        for id in old {
            let Some(_lock) = self.lock_run(&id)? else { continue };
            self.connections.write(Durability::Soon, |change| {
                for table in ["output", "removed_output", "run_items", "events"] {
                    change.execute(&format!("DELETE FROM {table} WHERE run = ?1"), [&id.0])?;
                }
                change.execute("DELETE FROM runs WHERE id = ?1", [&id.0])?;
                Ok(())
            })?;
            dropped += 1;
        }
        Ok(dropped)
    }

    /// One run.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn run(&self, id: &RunId) -> Result<RunRow, StoreError> {
        self.connections.read(|view| get(view, id))
    }

    /// These runs, in this order, in one query; those that are not there are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runs_named(&self, ids: &[RunId]) -> Result<Vec<RunRow>, StoreError> {
        let wanted = serde_json::Value::from(ids.iter().map(|id| id.0.as_str()).collect::<Vec<_>>()).to_string();
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached(&format!("{SELECT} WHERE id IN (SELECT value FROM json_each(?1))"))?;
            let rows = statement.query_map([wanted], row)?;
            let mut found: HashMap<RunId, RunRow> = HashMap::with_capacity(ids.len());
            for row in rows {
                let row = row?;
                found.insert(row.start.id.clone(), row);
            }
            Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
        })
    }

    /// The runs whose name begins so: a person may type the first characters.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runs_beginning(&self, beginning: &str) -> Result<Vec<RunId>, StoreError> {
        self.connections.read(|view| {
            let sql = "SELECT id FROM runs WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id DESC LIMIT 20";
            let mut statement = view.prepare_cached(sql)?;
            let found = statement.query_map([beginning], |row| row.get(0).map(RunId))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Runs, latest first, and how many the filter lets through in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runs(&self, filter: &RunFilter) -> Result<(Vec<RunRow>, u64), StoreError> {
        let (chosen, parameters) = filter.sql();
        self.connections.read(|view| {
            let all = view
                .prepare_cached(&format!("SELECT count(*) FROM runs WHERE {chosen}"))?
                .query_row(params_from_iter(&parameters), |row| row.get(0))?;
            let sql = format!("{SELECT} WHERE {chosen} ORDER BY id DESC LIMIT ? OFFSET ?");
            let mut statement = view.prepare_cached(&sql)?;
            let limit = filter.limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1);
            let offset = i64::try_from(filter.offset).unwrap_or(i64::MAX);
            let page = [Value::from(limit), Value::from(offset)];
            let rows = statement.query_map(params_from_iter(parameters.iter().chain(&page)), row)?;
            Ok((rows.collect::<Result<_, _>>()?, all))
        })
    }

    /// The last run of a runbook, by the whole path that its file has now, rehearsals left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_run(&self, path: &str) -> Result<Option<RunMark>, StoreError> {
        Ok(self.last_runs(path, 1)?.pop())
    }

    /// The last runs of a runbook, latest first, rehearsals left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_runs(&self, path: &str, limit: usize) -> Result<Vec<RunMark>, StoreError> {
        self.connections.read(|view| last_of(view, path, limit))
    }
}

/// A run's row.
pub(crate) fn get(view: &Transaction<'_>, id: &RunId) -> Result<RunRow, StoreError> {
    view.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row([&id.0], row)
        .optional()?
        .ok_or_else(|| no_run(id))
}

/// Where a journal ends: how many events, and the hash of the last.
pub(crate) fn tail(view: &Transaction<'_>, id: &RunId) -> Result<(u64, String), StoreError> {
    view.prepare_cached("SELECT events, last_hash FROM runs WHERE id = ?1")?
        .query_row([&id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| no_run(id))
}

/// Runs that are under way and not paused.
pub(crate) fn driven(view: &Transaction<'_>) -> Result<Vec<RunId>, StoreError> {
    let states = [name_of(&RunStatus::Running), name_of(&RunStatus::Waiting)];
    let mut statement = view.prepare_cached("SELECT id FROM runs WHERE state IN (?1, ?2) ORDER BY id")?;
    let found = statement.query_map(states, |row| row.get(0).map(RunId))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// What of a row follows from the state of its run.
pub(crate) fn derived(state: &RunState) -> (String, String) {
    let summary = summary_of(state);
    // A struct of numbers and texts always has a JSON form.
    (name_of(&state.status), serde_json::to_string(&summary).unwrap_or_default())
}

/// The last runs of a file, latest first, without rehearsals.
pub(crate) fn last_of(view: &Transaction<'_>, path: &str, limit: usize) -> Result<Vec<RunMark>, StoreError> {
    let mut statement = view.prepare_cached(
        "SELECT id, state, started_at, ended_at, summary FROM runs WHERE file = ?1 AND mode <> 'rehearse'
         ORDER BY id DESC LIMIT ?2",
    )?;
    let found = statement.query_map((path, limit), mark)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// `file` is where its file is, or [`SCRATCH`].
pub(crate) fn insert(change: &Transaction<'_>, run: &NewRun, file: &str) -> Result<(), StoreError> {
    let (state, summary) = derived(&RunState::default());
    let made = change.execute(
        "INSERT INTO runs (id, path, library, title, revision, mode, environment, actor, items, state, started_at,
            events, last_hash, summary, file, parent, parent_item)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12, ?13, ?14, ?15, ?16) ON CONFLICT (id) DO NOTHING",
        rusqlite::params![
            run.id.0,
            run.path,
            run.library.map(|id| id.0),
            run.title,
            run.revision,
            name_of(&run.mode),
            run.environment,
            run.actor,
            run.items,
            state,
            run.started_at,
            FIRST_PREVIOUS,
            summary,
            file,
            run.parent.as_ref().map(|parent| &parent.run.0),
            run.parent.as_ref().map(|parent| &parent.item),
        ],
    )?;
    if made == 0 {
        return Err(StoreError::new(ErrorKind::Refused, format!("there is a run {} already", run.id)));
    }
    if file == SCRATCH { Ok(()) } else { index::note_run(change, run) }
}

/// The file, or the folder of files, at `from` is at `to` now.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    change
        .prepare_cached(&format!(
            "UPDATE runs SET file = {} WHERE {}",
            places::moved("file"),
            places::within("file")
        ))?
        .execute((from, to))?;
    Ok(())
}

/// The last `limit` runs of each of these files, latest first, without rehearsals, in one query.
pub(crate) fn last_of_each(
    view: &Transaction<'_>,
    files: &[&str],
    limit: usize,
) -> Result<HashMap<String, Vec<RunMark>>, StoreError> {
    let mut statement = view.prepare_cached(
        "SELECT r.id, r.state, r.started_at, r.ended_at, r.summary, r.file FROM json_each(?1) f
         JOIN runs r ON r.file = f.value AND r.id IN (
            SELECT id FROM runs WHERE file = f.value AND mode <> 'rehearse' ORDER BY id DESC LIMIT ?2)
         ORDER BY r.file, r.id DESC",
    )?;
    let files = serde_json::Value::from(files).to_string();
    let mut found: HashMap<String, Vec<RunMark>> = HashMap::new();
    let mut rows = statement.query((files, limit))?;
    while let Some(row) = rows.next()? {
        found.entry(row.get(5)?).or_default().push(mark(row)?);
    }
    Ok(found)
}

fn mark(row: &Row<'_>) -> rusqlite::Result<RunMark> {
    Ok(RunMark {
        id: RunId(row.get(0)?),
        state: enum_of(row, 1)?,
        started_at: row.get(2)?,
        ended_at: row.get(3)?,
        rescued: json_of::<RunSummary>(row, 4)?.rescued,
    })
}

fn summary_of(state: &RunState) -> RunSummary {
    let mut summary = RunSummary::default();
    // What runs comes before what was interrupted, and that before what failed.
    let mut in_hand = (3, None);
    for (id, item) in &state.items {
        let urgency = match item.status {
            ItemStatus::Running => 0,
            ItemStatus::Interrupted => 1,
            ItemStatus::Failed => 2,
            _ => 3,
        };
        if urgency < in_hand.0 {
            in_hand = (urgency, Some(id.clone()));
        }
        match item.status {
            ItemStatus::Passed => summary.passed += 1,
            ItemStatus::Failed => summary.failed += 1,
            ItemStatus::Skipped => summary.skipped += 1,
            ItemStatus::Overridden => summary.overridden += 1,
            ItemStatus::Undone => summary.undone += 1,
            ItemStatus::Pending
            | ItemStatus::Ready
            | ItemStatus::Running
            | ItemStatus::Waiting
            | ItemStatus::Interrupted => {}
        }
        summary.rescued |= item.was_rescued();
        summary.failures += u64::from(item.has_failed());
    }
    summary.item = in_hand.1;
    summary
}

const SELECT: &str = "SELECT id, path, library, title, revision, mode, environment, actor, items, started_at, state, \
    ended_at, events, last_hash, summary, parent, parent_item, \
    (SELECT who FROM shared_runs s WHERE s.run = runs.id) FROM runs";

fn row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        start: NewRun {
            id: RunId(row.get(0)?),
            path: row.get(1)?,
            library: row.get::<_, Option<i64>>(2)?.map(LibraryId),
            title: row.get(3)?,
            revision: row.get(4)?,
            mode: enum_of(row, 5)?,
            environment: row.get(6)?,
            actor: row.get(7)?,
            items: row.get(8)?,
            started_at: row.get(9)?,
            parent: match (row.get::<_, Option<String>>(15)?, row.get::<_, Option<String>>(16)?) {
                (Some(run), Some(item)) => Some(Parent { run: RunId(run), item }),
                _ => None,
            },
        },
        state: enum_of(row, 10)?,
        ended_at: row.get(11)?,
        events: row.get(12)?,
        last_hash: row.get(13)?,
        summary: json_of(row, 14)?,
        shared_by: row.get(17)?,
    })
}

fn like_pattern(words: &str) -> String {
    let escaped = words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn no_run(id: &RunId) -> StoreError {
    StoreError::new(ErrorKind::Missing, format!("there is no run {id}: `allgood runs` shows those there are"))
}

/// The name that serde gives a variant without fields, which is the one that RUNS.md gives it.
pub(crate) fn name_of<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

/// The variant of that name.
pub(crate) fn enum_of<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    serde_json::from_value(serde_json::Value::String(name)).map_err(|error| unreadable(column, error))
}

fn json_of<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| unreadable(column, error))
}

fn unreadable(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
