//! The index of the runbooks in the libraries: what the list shows, and the text that is searched.
//!
//! Everything here can be made again from the files.

use std::path::PathBuf;

use format::Kind;
use rusqlite::{OptionalExtension, Row, Transaction};

use crate::{
    LibraryId, RunMark, Store,
    connections::Durability,
    error::StoreError,
    runs,
    search::{MARK_END, MARK_START},
};

pub(crate) const MIGRATION: &str = "
CREATE TABLE runbooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL REFERENCES libraries (id),
    path TEXT NOT NULL,
    revision TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT,
    severity TEXT,
    owner TEXT,
    tags TEXT NOT NULL,
    reviewed TEXT,
    review_every TEXT,
    steps INTEGER NOT NULL,
    items INTEGER NOT NULL,
    commands INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    hints INTEGER NOT NULL,
    problem TEXT,
    modified_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    UNIQUE (library, path)
) STRICT;

CREATE VIRTUAL TABLE runbook_text USING fts5 (
    title, headings, tags, commands, body,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3'
);
";

/// Names a runbook in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunbookId(pub i64);

/// Problems of a runbook, by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProblemCounts {
    /// Errors.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Hints.
    pub hints: u64,
}

/// How a file looked when it was indexed: one that still looks so need not be read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Relative to its library, with `/`.
    pub path: String,
    /// When it was last changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Bytes.
    pub size: u64,
}

/// What the list shows of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// How its file looked.
    pub seen: Seen,
    /// SHA-256 of its bytes.
    pub revision: String,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub kind: Option<Kind>,
    /// Front matter's `severity`.
    pub severity: Option<String>,
    /// Front matter's `owner`.
    pub owner: Option<String>,
    /// Front matter's `tags`.
    pub tags: Vec<String>,
    /// Front matter's `reviewed`, a date.
    pub reviewed: Option<String>,
    /// Front matter's `review_every`.
    pub review_every: Option<String>,
    /// How many steps.
    pub steps: u64,
    /// How many items.
    pub items: u64,
    /// How many of them run something.
    pub commands: u64,
    /// What is wrong with it.
    pub problems: ProblemCounts,
    /// Why its file cannot be read, if it cannot: one sentence.
    pub problem: Option<String>,
}

/// What is searched of a runbook, beside its title and tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexText {
    /// Its headings.
    pub headings: String,
    /// Its commands.
    pub commands: String,
    /// Its prose.
    pub body: String,
}

/// A runbook of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in the index.
    pub id: RunbookId,
    /// The library it is in.
    pub library: LibraryId,
    /// The whole path of its file.
    pub file: PathBuf,
    /// What is known of it.
    pub entry: IndexEntry,
    /// Its last four runs, latest first, without rehearsals.
    pub last_runs: Vec<RunMark>,
}

impl Store {
    /// Puts runbooks of one library into the index, or in the place of what was there for their paths; all or none.
    ///
    /// # Errors
    /// When there is no such library or the store cannot be written.
    pub fn index(&self, library: LibraryId, entries: &[(IndexEntry, IndexText)]) -> Result<(), StoreError> {
        self.library(library)?;
        self.connections.write(Durability::Soon, |change| {
            entries.iter().try_for_each(|(entry, text)| upsert(change, library, entry, text))
        })
    }

    /// Takes files that are gone out of the index. Paths are relative to the library.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unindex(&self, library: LibraryId, paths: &[String]) -> Result<(), StoreError> {
        self.connections.write(Durability::Soon, |change| {
            for path in paths {
                let found: Option<i64> = change
                    .prepare_cached("SELECT id FROM runbooks WHERE library = ?1 AND path = ?2")?
                    .query_row((library.0, path), |row| row.get(0))
                    .optional()?;
                if let Some(id) = found {
                    change.prepare_cached("DELETE FROM runbook_text WHERE rowid = ?1")?.execute([id])?;
                    change.prepare_cached("DELETE FROM runbooks WHERE id = ?1")?.execute([id])?;
                }
            }
            Ok(())
        })
    }

    /// How the files of a library looked when they were indexed, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seen(&self, library: LibraryId) -> Result<Vec<Seen>, StoreError> {
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT path, modified_ns, size FROM runbooks WHERE library = ?1 ORDER BY path")?;
            let found = statement.query_map([library.0], |row| {
                Ok(Seen { path: row.get(0)?, modified_ns: row.get(1)?, size: row.get(2)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// The runbooks of one library, or of all, by library and path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_runbooks(&self, library: Option<LibraryId>) -> Result<Vec<Listed>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!(
                "{SELECT} WHERE ?1 IS NULL OR r.library = ?1 ORDER BY l.name, l.path, r.path"
            ))?;
            let found = statement.query_map([library.map(|id| id.0)], listed)?.collect::<Result<Vec<_>, _>>()?;
            found.into_iter().map(|row| with_runs(view, row)).collect()
        })
    }

    /// One runbook of the index.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbook(&self, id: RunbookId) -> Result<Option<Listed>, StoreError> {
        self.connections.read(|view| by_id(view, id))
    }
}

/// One row of the list.
pub(crate) fn by_id(view: &Transaction<'_>, id: RunbookId) -> Result<Option<Listed>, StoreError> {
    let row = view.prepare_cached(&format!("{SELECT} WHERE r.id = ?1"))?.query_row([id.0], listed).optional()?;
    row.map(|row| with_runs(view, row)).transpose()
}

/// Takes a whole library out of the index.
pub(crate) fn forget_library(change: &Transaction<'_>, id: LibraryId) -> Result<(), StoreError> {
    change.execute("DELETE FROM runbook_text WHERE rowid IN (SELECT id FROM runbooks WHERE library = ?1)", [id.0])?;
    change.execute("DELETE FROM runbooks WHERE library = ?1", [id.0])?;
    Ok(())
}

fn upsert(
    change: &Transaction<'_>,
    library: LibraryId,
    entry: &IndexEntry,
    text: &IndexText,
) -> Result<(), StoreError> {
    let tags = serde_json::Value::from(entry.tags.clone()).to_string();
    let id: i64 = change
        .prepare_cached(
            "INSERT INTO runbooks (library, path, revision, title, kind, severity, owner, tags, reviewed, review_every,
                steps, items, commands, errors, warnings, hints, modified_ns, size,
                problem)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
             ON CONFLICT (library, path) DO UPDATE SET revision = excluded.revision, title = excluded.title,
                kind = excluded.kind, severity = excluded.severity, owner = excluded.owner, tags = excluded.tags,
                reviewed = excluded.reviewed, review_every = excluded.review_every, steps = excluded.steps,
                items = excluded.items, commands = excluded.commands, errors = excluded.errors,
                warnings = excluded.warnings, hints = excluded.hints, modified_ns = excluded.modified_ns,
                size = excluded.size, problem = excluded.problem
             RETURNING id",
        )?
        .query_row(
            rusqlite::params![
                library.0,
                entry.seen.path,
                entry.revision,
                entry.title,
                entry.kind.map(kind_name),
                entry.severity,
                entry.owner,
                tags,
                entry.reviewed,
                entry.review_every,
                entry.steps,
                entry.items,
                entry.commands,
                entry.problems.errors,
                entry.problems.warnings,
                entry.problems.hints,
                entry.seen.modified_ns,
                entry.seen.size,
                entry.problem,
            ],
            |row| row.get(0),
        )?;
    change
        .prepare_cached(
            "INSERT OR REPLACE INTO runbook_text (rowid, title, headings, tags, commands, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            id,
            searchable(&entry.title),
            searchable(&text.headings),
            searchable(&entry.tags.join("\n")),
            searchable(&text.commands),
            searchable(&text.body),
        ))?;
    Ok(())
}

/// Without the characters that mark a match in a snippet, and NUL, which ends a text for FTS5.
fn searchable(text: &str) -> String {
    text.replace([MARK_START, MARK_END, '\0'], " ")
}

const SELECT: &str = "SELECT r.id, r.library, l.path, r.path, r.revision, r.title, r.kind, r.severity, r.owner, r.tags, \
    r.reviewed, r.review_every, r.steps, r.items, r.commands, r.errors, r.warnings, r.hints, r.modified_ns, r.size, r.problem \
    FROM runbooks r JOIN libraries l ON l.id = r.library";

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let path: String = row.get(3)?;
    let kind: Option<String> = row.get(6)?;
    let tags: String = row.get(9)?;
    Ok(Listed {
        id: RunbookId(row.get(0)?),
        library: LibraryId(row.get(1)?),
        file: PathBuf::from(row.get::<_, String>(2)?).join(&path),
        entry: IndexEntry {
            seen: Seen { path, modified_ns: row.get(18)?, size: row.get(19)? },
            revision: row.get(4)?,
            title: row.get(5)?,
            kind: kind.as_deref().and_then(kind_of),
            severity: row.get(7)?,
            owner: row.get(8)?,
            // The index can be made again from the files, so that a row nobody can read is an empty one.
            tags: serde_json::from_str(&tags).unwrap_or_default(),
            reviewed: row.get(10)?,
            review_every: row.get(11)?,
            steps: row.get(12)?,
            items: row.get(13)?,
            commands: row.get(14)?,
            problems: ProblemCounts { errors: row.get(15)?, warnings: row.get(16)?, hints: row.get(17)? },
            problem: row.get(20)?,
        },
        last_runs: Vec::new(),
    })
}

fn with_runs(view: &Transaction<'_>, mut row: Listed) -> Result<Listed, StoreError> {
    if let Some(file) = row.file.to_str() {
        row.last_runs = runs::last_of(view, file, runs::DOTS)?;
    }
    Ok(row)
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Incident => "incident",
        Kind::Routine => "routine",
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    [Kind::Incident, Kind::Routine].into_iter().find(|kind| kind_name(*kind) == name)
}
