//! The index of the runbooks in the libraries: what the list shows, and the text that is searched.
//!
//! Everything here can be made again: from the files, the marks and the runs.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use format::Kind;
use rusqlite::{OptionalExtension, Transaction};

use crate::{
    LibraryId, NewRun, Outcomes, RunMark, Store,
    connections::{self, Durability},
    error::StoreError,
    libraries::text_of,
    list, palette, places, schedules,
    search::{Hit, IndexText, MARK_END, MARK_START},
    spelling,
};

/// The first form, which was released and is made anew by [`MIGRATION_LIST`].
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

/// The index for 100,000 runbooks: empty, so that the next look at the folders fills it. `last_run`, `pinned` and
/// `opened` stand here too, so that a page in any order is one walk along one index. The small table of names answers
/// from the first letter on; the big one, of all text, from the third.
pub(crate) const MIGRATION_LIST: &str = "
DROP TABLE runbook_text;
DROP TABLE runbooks;
CREATE TABLE runbooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    library INTEGER NOT NULL REFERENCES libraries (id),
    path TEXT NOT NULL,
    file TEXT NOT NULL,
    revision TEXT NOT NULL,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL,
    kind TEXT,
    severity TEXT,
    owner TEXT,
    tags TEXT NOT NULL,
    codes TEXT NOT NULL,
    links TEXT NOT NULL,
    reviewed TEXT,
    review_every TEXT,
    due TEXT,
    steps INTEGER NOT NULL,
    items INTEGER NOT NULL,
    commands INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    hints INTEGER NOT NULL,
    problem TEXT,
    modified_ns INTEGER NOT NULL,
    size INTEGER NOT NULL,
    last_run TEXT,
    pinned INTEGER NOT NULL,
    opened TEXT,
    UNIQUE (library, path)
) STRICT;
CREATE INDEX runbooks_by_file ON runbooks (file, id);
CREATE INDEX runbooks_by_title ON runbooks (title_key, id);
CREATE INDEX runbooks_by_kind ON runbooks (kind, title_key);
CREATE INDEX runbooks_by_severity ON runbooks (severity, title_key);
CREATE INDEX runbooks_by_owner ON runbooks (owner, title_key);
CREATE INDEX runbooks_by_due ON runbooks (due, id);
CREATE INDEX runbooks_by_last_run ON runbooks (last_run, id) WHERE last_run IS NOT NULL;
CREATE INDEX runbooks_by_opened ON runbooks (opened, id) WHERE opened IS NOT NULL;
CREATE INDEX runbooks_by_pinned ON runbooks (title_key, id) WHERE pinned = 1;
CREATE INDEX runbooks_with_errors ON runbooks (title_key, id) WHERE errors > 0;
CREATE TABLE runbook_tags (
    runbook INTEGER NOT NULL REFERENCES runbooks (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (runbook, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX runbook_tags_by_tag ON runbook_tags (tag, runbook);
CREATE TABLE runbook_codes (
    runbook INTEGER NOT NULL REFERENCES runbooks (id) ON DELETE CASCADE,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (runbook, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX runbook_codes_by_code ON runbook_codes (code, runbook);
CREATE TABLE runbook_links (
    runbook INTEGER NOT NULL REFERENCES runbooks (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    PRIMARY KEY (runbook, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX runbook_links_by_target ON runbook_links (target, runbook);
CREATE TABLE index_state (generation INTEGER NOT NULL) STRICT;
INSERT INTO index_state (generation) VALUES (1);
CREATE VIRTUAL TABLE runbook_names USING fts5 (
    title, headings, tags,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2 3'
);
CREATE VIRTUAL TABLE runbook_text USING fts5 (
    title, headings, tags, commands, body,
    tokenize = 'unicode61 remove_diacritics 2',
    prefix = '3'
);
";

/// The search tables.
const TABLES: [&str; 2] = ["runbook_names", "runbook_text"];
/// How many pages of a search table are merged in one transaction.
const SLICE: i64 = 2_000;
/// How many pieces of one level a search table has before they are merged, a little at a time and at once; and how many
/// bytes it gathers before it writes a piece. FTS5 knows no more than 2,000 pieces, and says that the disk is full then.
const MERGED_AS_IT_COMES: (u32, u32, u32) = (4, 16, 1024 * 1024);
const MERGED_LATER: (u32, u32, u32) = (0, 500, 16 * 1024 * 1024);

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
    /// When the next review is due, if one is planned: a date, `2026-11-22`.
    pub due: Option<String>,
    /// How many steps.
    pub steps: u64,
    /// How many items.
    pub items: u64,
    /// How many of them run something.
    pub commands: u64,
    /// What is wrong with it.
    pub problems: ProblemCounts,
    /// The codes of its problems, each once, with how often it has them.
    pub codes: Vec<(String, u64)>,
    /// Where its links inside its library lead: paths relative to the library, with `/`.
    pub links: Vec<String>,
    /// Why its file cannot be read, if it cannot: one sentence.
    pub problem: Option<String>,
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
    /// How its last runs ended.
    pub outcomes: Outcomes,
    /// Whether the person pinned it.
    pub pinned: bool,
    /// When it was opened last, if ever. UTC, RFC 3339.
    pub opened: Option<String>,
    /// Where it holds the words, when some were looked for.
    pub hit: Option<Hit>,
}

impl Store {
    /// Puts runbooks of one library into the index, or in the place of what was there for their paths; all or none.
    ///
    /// # Errors
    /// When there is no such library or the store cannot be written.
    pub fn index(&self, library: LibraryId, entries: &[(IndexEntry, IndexText)]) -> Result<(), StoreError> {
        let folder = self.library(library)?.path;
        let done = self.connections.write(Durability::Soon, |change| {
            // The search tables come last: a statement that may be taken back within the transaction, as several of the
            // others are, makes FTS5 write what it has gathered, and so a piece of its index for each runbook.
            let mut rows = Vec::with_capacity(entries.len());
            for (entry, text) in entries {
                let row = put_row(change, library, &folder, entry)?;
                palette::keep_parts(change, row.id, text)?;
                schedules::keep_proposal(change, row.id, text)?;
                rows.push((row, entry, text));
                spelling::keep(change, &self.words, text, &[&entry.title])?;
            }
            bump(change)?;
            // FTS5 also writes what it has gathered where a number is smaller than the one before.
            rows.sort_by_key(|(row, ..)| row.id);
            rows.into_iter().try_for_each(|(row, entry, text)| put_text(change, &row, entry, text))
        });
        if done.is_err() {
            // What was kept with them was not.
            connections::lock(&self.words).clear();
        }
        done
    }

    /// Takes files that are gone out of the index. Paths are relative to the library.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unindex(&self, library: LibraryId, paths: &[String]) -> Result<(), StoreError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.connections.write(Durability::Soon, |change| {
            for path in paths {
                let found: Option<i64> = change
                    .prepare_cached("SELECT id FROM runbooks WHERE library = ?1 AND path = ?2")?
                    .query_row((library.0, path), |row| row.get(0))
                    .optional()?;
                if let Some(id) = found {
                    forget(change, id)?;
                }
            }
            bump(change)
        })
    }

    /// Much is about to be indexed: what comes is not merged into what is there as it comes. [`Store::tidy_index`] does so
    /// in the end; until then searches are slower.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn begin_filling(&self) -> Result<(), StoreError> {
        self.connections.write(Durability::Soon, |change| {
            TABLES.iter().try_for_each(|table| merging(change, table, MERGED_LATER))
        })
    }

    /// Whether what was indexed is still to be merged, because whoever began did not come to the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_filling(&self) -> Result<bool, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached("SELECT v = 0 FROM runbook_text_config WHERE k = 'automerge'")?;
            Ok(statement.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
        })
    }

    /// Puts the search tables in order after much was indexed: searches are faster then. Takes about a tenth of the time
    /// that it took to fill them, and nothing when they are in order. Others write in between.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn tidy_index(&self) -> Result<(), StoreError> {
        for table in TABLES {
            let mut slice = -SLICE;
            loop {
                let merged = self.connections.write(Durability::Soon, |change| {
                    let changes = |change: &Transaction<'_>| -> Result<u64, StoreError> {
                        Ok(change.query_row("SELECT total_changes()", [], |row| row.get(0))?)
                    };
                    if slice < 0 {
                        merging(change, table, MERGED_AS_IT_COMES)?;
                    }
                    let before = changes(change)?;
                    change.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)"), [slice])?;
                    Ok(changes(change)? - before)
                })?;
                // The command itself is one (FTS5, "The 'merge' command").
                if merged < 2 {
                    break;
                }
                slice = SLICE;
            }
        }
        Ok(())
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
}

/// When pieces of a search table are merged. In the end two are enough.
fn merging(
    change: &Transaction<'_>,
    table: &str,
    (little, at_once, gathered): (u32, u32, u32),
) -> Result<(), StoreError> {
    for (name, value) in [("automerge", little), ("crisismerge", at_once), ("usermerge", 2), ("hashsize", gathered)] {
        change.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES (?1, ?2)"), (name, value))?;
    }
    Ok(())
}

/// Takes a whole library out of the index.
pub(crate) fn forget_library(change: &Transaction<'_>, id: LibraryId) -> Result<(), StoreError> {
    for table in TABLES {
        change.execute(
            &format!("DELETE FROM {table} WHERE rowid IN (SELECT id FROM runbooks WHERE library = ?1)"),
            [id.0],
        )?;
    }
    change.execute("DELETE FROM runbooks WHERE library = ?1", [id.0])?;
    bump(change)
}

/// Says that the index is not what it was: what was counted over it must be counted again.
pub(crate) fn bump(change: &Transaction<'_>) -> Result<(), StoreError> {
    change.prepare_cached("UPDATE index_state SET generation = generation + 1")?.execute([])?;
    Ok(())
}

/// How often the index was changed so far.
pub(crate) fn generation(view: &Transaction<'_>) -> Result<i64, StoreError> {
    Ok(view.prepare_cached("SELECT generation FROM index_state")?.query_row([], |row| row.get(0))?)
}

/// Brings marks and runs over to the rows of the file, or folder of files, at this whole path.
pub(crate) fn refresh_marks(change: &Transaction<'_>, path: &str) -> Result<(), StoreError> {
    change
        .prepare_cached(&format!(
            "UPDATE runbooks SET pinned = coalesce((SELECT pinned FROM marks WHERE path = file), 0),
                opened = (SELECT opened FROM marks WHERE path = file), last_run = {LAST_RUN} WHERE {}",
            places::within("file")
        ))?
        .execute([path])?;
    bump(change)
}

/// A run began: its runbook is the one that was run last.
pub(crate) fn note_run(change: &Transaction<'_>, run: &NewRun) -> Result<(), StoreError> {
    if run.mode == engine::event::Mode::Rehearse {
        return Ok(());
    }
    change
        .prepare_cached("UPDATE runbooks SET last_run = max(coalesce(last_run, ?2), ?2) WHERE file = ?1")?
        .execute((&run.path, &run.id.0))?;
    Ok(())
}

/// The file, or the folder of files, at `from` in this library is at `to` now.
pub(crate) fn relocate(change: &Transaction<'_>, library: LibraryId, from: &str, to: &str) -> Result<(), StoreError> {
    let (within, place) = (places::within("path"), places::moved("path"));
    let gone: Vec<i64> = change
        .prepare_cached(&format!(
            "SELECT id FROM runbooks WHERE library = ?3 AND path IN
                (SELECT {place} FROM runbooks WHERE library = ?3 AND {within})"
        ))?
        .query_map((from, to, library.0), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    gone.into_iter().try_for_each(|id| forget(change, id))?;
    change
        .prepare_cached(&format!(
            "UPDATE runbooks SET path = {place},
                file = substr(file, 1, length(file) - length(path)) || {place}
             WHERE library = ?3 AND {within}"
        ))?
        .execute((from, to, library.0))?;
    bump(change)
}

/// SQL: the name of the last run of the file, rehearsals left out.
const LAST_RUN: &str = "(SELECT max(id) FROM runs WHERE runs.file = runbooks.file AND mode <> 'rehearse')";

fn forget(change: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    change.prepare_cached("DELETE FROM runbook_names WHERE rowid = ?1")?.execute([id])?;
    change.prepare_cached("DELETE FROM runbook_text WHERE rowid = ?1")?.execute([id])?;
    change.prepare_cached("DELETE FROM runbooks WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// A row of the index.
struct Row {
    id: i64,
    /// It was there before.
    known: bool,
}

fn put_row(
    change: &Transaction<'_>,
    library: LibraryId,
    folder: &Path,
    entry: &IndexEntry,
) -> Result<Row, StoreError> {
    let json = |value: Result<String, serde_json::Error>| value.unwrap_or_else(|_| "[]".to_owned());
    let tags = json(serde_json::to_string(&entry.tags));
    let codes = json(serde_json::to_string(&entry.codes));
    let links = json(serde_json::to_string(&entry.links));
    let file = folder.join(&entry.seen.path);
    let file = text_of(&file)?;
    let known: Option<i64> = change
        .prepare_cached("SELECT id FROM runbooks WHERE library = ?1 AND path = ?2")?
        .query_row((library.0, &entry.seen.path), |row| row.get(0))
        .optional()?;
    let id: i64 = change
        .prepare_cached(
            "INSERT INTO runbooks (id, library, path, file, revision, title, title_key, kind, severity, owner, tags,
                reviewed, review_every, due, steps, items, commands, errors, warnings, hints, modified_ns, size, problem,
                pinned, codes, links)
             VALUES (?23, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22, 0, ?24, ?25)
             ON CONFLICT (id) DO UPDATE SET file = excluded.file, revision = excluded.revision, title = excluded.title,
                title_key = excluded.title_key, kind = excluded.kind, severity = excluded.severity,
                owner = excluded.owner, tags = excluded.tags, reviewed = excluded.reviewed,
                review_every = excluded.review_every, due = excluded.due, steps = excluded.steps,
                items = excluded.items, commands = excluded.commands, errors = excluded.errors,
                warnings = excluded.warnings, hints = excluded.hints, modified_ns = excluded.modified_ns,
                size = excluded.size, problem = excluded.problem, codes = excluded.codes,
                links = excluded.links
             RETURNING id",
        )?
        .query_row(
            rusqlite::params![
                library.0,
                entry.seen.path,
                file,
                entry.revision,
                entry.title,
                list::title_key(&entry.title),
                entry.kind.map(kind_name),
                entry.severity,
                entry.owner,
                tags,
                entry.reviewed,
                entry.review_every,
                entry.due,
                entry.steps,
                entry.items,
                entry.commands,
                entry.problems.errors,
                entry.problems.warnings,
                entry.problems.hints,
                entry.seen.modified_ns,
                entry.seen.size,
                entry.problem,
                known,
                codes,
                links,
            ],
            |row| row.get(0),
        )?;
    if known.is_none() {
        change
            .prepare_cached(&format!(
                "UPDATE runbooks SET pinned = coalesce((SELECT pinned FROM marks WHERE path = ?2), 0),
                    opened = (SELECT opened FROM marks WHERE path = ?2), last_run = {LAST_RUN}
                 WHERE id = ?1 AND (EXISTS (SELECT 1 FROM marks WHERE path = ?2)
                    OR EXISTS (SELECT 1 FROM runs WHERE file = ?2))"
            ))?
            .execute((id, file))?;
    }
    keep_lists(change, id, known.is_some(), entry)?;
    Ok(Row { id, known: known.is_some() })
}

fn put_text(change: &Transaction<'_>, row: &Row, entry: &IndexEntry, text: &IndexText) -> Result<(), StoreError> {
    let (title, headings) = (searchable(&entry.title), searchable(&text.headings));
    let tags = entry.tags.join("\n");
    let tags = searchable(&tags);
    // To replace a row FTS5 looks for it first: nobody else has a new one's number.
    let put = if row.known { "INSERT OR REPLACE" } else { "INSERT" };
    change
        .prepare_cached(&format!("{put} INTO runbook_names (rowid, title, headings, tags) VALUES (?1, ?2, ?3, ?4)"))?
        .execute((row.id, &title, &headings, &tags))?;
    change
        .prepare_cached(&format!(
            "{put} INTO runbook_text (rowid, title, headings, tags, commands, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        ))?
        .execute((row.id, &title, &headings, &tags, searchable(&text.commands), searchable(&text.body)))?;
    Ok(())
}

/// Tags, codes and links: each a row of its own.
fn keep_lists(change: &Transaction<'_>, id: i64, known: bool, entry: &IndexEntry) -> Result<(), StoreError> {
    if known {
        for table in ["runbook_tags", "runbook_codes", "runbook_links"] {
            change.prepare_cached(&format!("DELETE FROM {table} WHERE runbook = ?1"))?.execute([id])?;
        }
    }
    for tag in &entry.tags {
        change
            .prepare_cached("INSERT OR IGNORE INTO runbook_tags (runbook, tag) VALUES (?1, ?2)")?
            .execute((id, tag))?;
    }
    for (code, count) in &entry.codes {
        change
            .prepare_cached(
                "INSERT INTO runbook_codes (runbook, code, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
            )?
            .execute((id, code, count))?;
    }
    for target in &entry.links {
        change
            .prepare_cached("INSERT OR IGNORE INTO runbook_links (runbook, target) VALUES (?1, ?2)")?
            .execute((id, target))?;
    }
    Ok(())
}

/// Without the characters that mark a match in a snippet, and NUL, which ends a text for FTS5.
fn searchable(text: &str) -> Cow<'_, str> {
    const LEFT_OUT: [char; 3] = [MARK_START, MARK_END, '\0'];
    if text.contains(LEFT_OUT) { text.replace(LEFT_OUT, " ").into() } else { text.into() }
}

/// How a kind is written in the index.
pub(crate) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Incident => "incident",
        Kind::Routine => "routine",
    }
}

/// The kind that is written so.
pub(crate) fn kind_of(name: &str) -> Option<Kind> {
    [Kind::Incident, Kind::Routine].into_iter().find(|kind| kind_name(*kind) == name)
}
