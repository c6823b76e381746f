//! The list of runbooks, a page at a time, from one runbook to 100,000.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, Transaction, params_from_iter, types::Value};
use serde::de::DeserializeOwned;

use crate::{
    IndexEntry, LibraryId, ListQuery, Listed, Outcomes, ProblemCounts, RunbookId, Seen, Sort, Store,
    error::StoreError,
    filter::{self, Filter},
    index::kind_of,
    learning,
    patience::Patience,
    runs,
    search::{self, Query},
};

/// Up to so many matches of words are counted.
const COUNTED: u64 = 10_000;

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The runbooks of this page, in order.
    pub rows: Vec<Listed>,
    /// How many there are in all.
    pub total: u64,
    /// With words: there are `total` or more, the rest was not counted.
    pub more: bool,
    /// [`ListQuery::patience`] came to its end: there may be more hits, and better ones.
    pub cut: bool,
}

/// What the frame of the window shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Runbooks in all libraries.
    pub runbooks: u64,
    /// Of them, those whose review is overdue.
    pub overdue: u64,
    /// Runs in all.
    pub runs: u64,
    /// Access entries.
    pub entries: u64,
}

impl Store {
    /// A page of the list.
    ///
    /// # Errors
    /// When the query needs a day and `today` is none, or the store cannot be read.
    pub fn list(&self, query: &ListQuery) -> Result<ListPage, StoreError> {
        let filter = Filter::of(query, None)?;
        let words = Query::new(&query.words);
        if words.is_none() && !query.words.trim().is_empty() {
            return Ok(ListPage::default());
        }
        self.connections.read(|view| page(view, query, filter, words))
    }

    /// How many runbooks and runs there are. `today` is a date, `2026-11-22`.
    ///
    /// # Errors
    /// When `today` is no date, or the store cannot be read.
    pub fn counts(&self, today: &str) -> Result<Counts, StoreError> {
        let today = filter::date(today)?.to_string();
        self.connections.read(|view| {
            Ok(view
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM runbooks), (SELECT count(*) FROM runbooks WHERE due < ?1),
                        (SELECT count(*) FROM runs WHERE file <> ''),
                        (SELECT count(*) FROM access_entries)",
                )?
                .query_row([today], |row| {
                    let (runbooks, overdue) = (row.get(0)?, row.get(1)?);
                    Ok(Counts { runbooks, overdue, runs: row.get(2)?, entries: row.get(3)? })
                })?)
        })
    }

    /// The runbooks of the library that have a link to the file at `path`, relative to it, by title.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn linking_to(&self, library: LibraryId, path: &str) -> Result<Vec<Listed>, StoreError> {
        self.connections.read(|view| {
            let ids: Vec<i64> = view
                .prepare_cached(
                    "SELECT r.id FROM runbook_links k JOIN runbooks r ON r.id = k.runbook
                     WHERE k.target = ?2 AND r.library = ?1 ORDER BY r.title_key, r.id",
                )?
                .query_map((library.0, path), |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            rows(view, &ids, None)
        })
    }

    /// The runbooks of one library, or of all, by library and path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_runbooks(&self, library: Option<LibraryId>) -> Result<Vec<Listed>, StoreError> {
        self.connections.read(|view| {
            let ids: Vec<i64> = view
                .prepare_cached(
                    "SELECT r.id FROM runbooks r JOIN libraries l ON l.id = r.library
                     WHERE ?1 IS NULL OR r.library = ?1 ORDER BY l.name, l.path, r.path",
                )?
                .query_map([library.map(|id| id.0)], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            rows(view, &ids, None)
        })
    }

    /// One runbook of the index.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbook(&self, id: RunbookId) -> Result<Option<Listed>, StoreError> {
        self.connections.read(|view| Ok(rows(view, &[id.0], None)?.pop()))
    }

    /// The runbooks that somebody means who names one without saying where it is: by its path in a library, with or without the
    /// ending, else by the end of its path, else by its title without regard to case and accents. At most 20, by path.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbooks_meant(&self, by: &str) -> Result<Vec<Listed>, StoreError> {
        self.connections.read(|view| {
            let found: Vec<(i64, i64)> = view
                .prepare_cached(
                    "SELECT id, CASE
                         WHEN path IN (?1, ?1 || '.md', ?1 || '.markdown') THEN 0
                         WHEN title_key = ?2 THEN 2
                         ELSE 1 END AS how
                     FROM runbooks
                     WHERE path IN (?1, ?1 || '.md', ?1 || '.markdown') OR title_key = ?2
                         OR substr(path, -length('/' || ?1)) = '/' || ?1
                         OR substr(path, -length('/' || ?1 || '.md')) = '/' || ?1 || '.md'
                         OR substr(path, -length('/' || ?1 || '.markdown')) = '/' || ?1 || '.markdown'
                     ORDER BY how, path, id LIMIT 20",
                )?
                .query_map((by, title_key(by)), |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let best = found.first().map(|(_, how)| *how);
            let ids: Vec<i64> = found.iter().filter(|(_, how)| Some(*how) == best).map(|(id, _)| *id).collect();
            rows(view, &ids, None)
        })
    }

    /// The runbook of the index whose file has this whole path, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbook_at(&self, path: &Path) -> Result<Option<Listed>, StoreError> {
        let Some(path) = path.to_str() else { return Ok(None) };
        self.connections.read(|view| {
            let id: Option<i64> = view
                .prepare_cached("SELECT id FROM runbooks WHERE file = ?1 ORDER BY id LIMIT 1")?
                .query_row([path], |row| row.get(0))
                .optional()?;
            Ok(rows(view, &id.into_iter().collect::<Vec<_>>(), None)?.pop())
        })
    }
}

/// How a title is put in order: without regard to case and accents.
pub(crate) fn title_key(title: &str) -> String {
    let key = crate::excerpt::words(title).join(" ");
    if key.is_empty() { title.to_lowercase() } else { key }
}

fn page(
    view: &Transaction<'_>,
    query: &ListQuery,
    mut filter: Filter,
    words: Option<Query>,
) -> Result<ListPage, StoreError> {
    let (offset, limit) = (query.offset, query.limit.unwrap_or(u64::from(u32::MAX)));
    let Some(words) = words else {
        let total = count(view, &filter, "1")?;
        let ids = ordered(view, &filter, query.sort, query.descending, (offset, limit))?;
        return Ok(ListPage { rows: rows(view, &ids, None)?, total, more: false, cut: false });
    };
    if query.sort == Sort::Rank {
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = (number(offset), number(limit));
        let found = Patience::within(view, query.patience, |patience| {
            search::answer(view, words, &filter, page, COUNTED, patience)
        })?;
        let rows = rows(view, &found.ids, Some(&found.query))?;
        return Ok(ListPage { rows, total: found.total, more: found.cut || found.total >= COUNTED, cut: found.cut });
    }
    let (words, total) = search::counted(view, words, &filter, COUNTED, &Patience::default())?;
    filter.among(words.every());
    let ids = ordered(view, &filter, query.sort, query.descending, (offset, limit))?;
    let rows = rows(view, &ids, Some(&words))?;
    Ok(ListPage { rows, total, more: total >= COUNTED, cut: false })
}

/// How many runbooks the filter lets through, of which this is true too.
pub(crate) fn count(view: &Transaction<'_>, filter: &Filter, and: &str) -> Result<u64, StoreError> {
    let sql = format!("SELECT count(*) FROM runbooks r WHERE {} AND {and}", filter.sql());
    Ok(view.prepare_cached(&sql)?.query_row(params_from_iter(filter.parameters()), |row| row.get(0))?)
}

/// The rows that the filter lets through, in this order. Those without what is sorted by come last both ways, by title.
fn ordered(
    view: &Transaction<'_>,
    filter: &Filter,
    sort: Sort,
    descending: bool,
    (offset, limit): (u64, u64),
) -> Result<Vec<i64>, StoreError> {
    let column = match sort {
        Sort::Title | Sort::Rank => "title_key",
        Sort::Path => "file",
        Sort::LastRun => "last_run",
        Sort::Due => "due",
        Sort::Opened => "opened",
    };
    let way = if descending { "DESC" } else { "ASC" };
    let take = |and: &str, order: &str, offset: u64, limit: u64| -> Result<Vec<i64>, StoreError> {
        let sql =
            format!("SELECT r.id FROM runbooks r WHERE {} AND {and} ORDER BY {order} LIMIT ? OFFSET ?", filter.sql());
        let mut parameters = filter.parameters();
        parameters.extend([limit, offset].map(|number| Value::from(i64::try_from(number).unwrap_or(i64::MAX))));
        let mut statement = view.prepare_cached(&sql)?;
        let ids = statement.query_map(params_from_iter(parameters), |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    };
    if matches!(sort, Sort::Title | Sort::Rank | Sort::Path) {
        return take("1", &format!("r.{column} {way}, r.id {way}"), offset, limit);
    }
    let (with, without) = (format!("r.{column} IS NOT NULL"), format!("r.{column} IS NULL"));
    let mut ids = take(&with, &format!("r.{column} {way}, r.id {way}"), offset, limit)?;
    let missing = limit.saturating_sub(ids.len() as u64);
    if missing > 0 {
        let first = if ids.is_empty() { offset.saturating_sub(count(view, filter, &with)?) } else { 0 };
        ids.extend(take(&without, "r.title_key, r.id", first, missing)?);
    }
    Ok(ids)
}

/// These rows of the index, in this order, with their last runs; with the words, where they stand.
pub(crate) fn rows(view: &Transaction<'_>, ids: &[i64], words: Option<&Query>) -> Result<Vec<Listed>, StoreError> {
    let wanted = serde_json::Value::from(ids).to_string();
    let mut found: Vec<Listed> =
        view.prepare_cached(SELECT)?.query_map([wanted], listed)?.collect::<Result<_, _>>()?;
    let files: Vec<&str> = found.iter().filter_map(|row| row.file.to_str()).collect();
    let mut runs = runs::last_of_each(view, &files, runs::DOTS)?;
    let mut outcomes = learning::outcomes(view, &files)?;
    for row in &mut found {
        row.last_runs = row.file.to_str().and_then(|file| runs.remove(file)).unwrap_or_default();
        row.outcomes = row.file.to_str().and_then(|file| outcomes.remove(file)).unwrap_or_default();
    }
    if let Some(words) = words {
        let mut statement =
            view.prepare_cached("SELECT title, headings, tags, commands, body FROM runbook_text WHERE rowid = ?1")?;
        for row in &mut found {
            let hit = statement.query_row([row.id.0], |text| {
                let text = |column: usize| text.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
                Ok(words.hit(text(0)?, &[text(4)?, text(3)?, text(1)?, text(2)?]))
            });
            row.hit = hit.optional()?;
        }
    }
    Ok(found)
}

const SELECT: &str = "SELECT r.id, r.library, r.file, r.path, r.revision, r.title, r.kind, r.severity, r.owner, r.tags, \
    r.reviewed, r.review_every, r.steps, r.items, r.commands, r.errors, r.warnings, r.hints, r.modified_ns, r.size, \
    r.problem, r.due, r.codes, r.links, r.pinned, r.opened \
    FROM json_each(?1) wanted CROSS JOIN runbooks r ON r.id = wanted.value ORDER BY wanted.key";

fn listed(row: &Row<'_>) -> rusqlite::Result<Listed> {
    let kind: Option<String> = row.get(6)?;
    Ok(Listed {
        id: RunbookId(row.get(0)?),
        library: LibraryId(row.get(1)?),
        file: PathBuf::from(row.get::<_, String>(2)?),
        entry: IndexEntry {
            seen: Seen { path: row.get(3)?, modified_ns: row.get(18)?, size: row.get(19)? },
            revision: row.get(4)?,
            title: row.get(5)?,
            kind: kind.as_deref().and_then(kind_of),
            severity: row.get(7)?,
            owner: row.get(8)?,
            tags: json(row, 9)?,
            reviewed: row.get(10)?,
            review_every: row.get(11)?,
            due: row.get(21)?,
            steps: row.get(12)?,
            items: row.get(13)?,
            commands: row.get(14)?,
            problems: ProblemCounts { errors: row.get(15)?, warnings: row.get(16)?, hints: row.get(17)? },
            codes: json(row, 22)?,
            links: json(row, 23)?,
            problem: row.get(20)?,
        },
        last_runs: Vec::new(),
        outcomes: Outcomes::default(),
        pinned: row.get(24)?,
        opened: row.get(25)?,
        hit: None,
    })
}

/// The index can be made again from the files, so that a row nobody can read is an empty one.
fn json<T: DeserializeOwned + Default>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    Ok(serde_json::from_str(row.get_ref(column)?.as_str()?).unwrap_or_default())
}
