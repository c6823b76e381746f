//! What a damaged store still gives (ACCESS.md, "Keeping data"): every row that SQLite can read goes into the new one.
//!
//! The file that was set aside stays as it is: a copy of it is read. Trust in folders is not taken over, because it
//! decides what may run; the index is made anew from the files.

use std::{fs, path::Path};

use rusqlite::{
    Connection, Transaction, params_from_iter,
    types::{Value, ValueRef},
};

use crate::{
    connections::{Connections, Durability},
    error::{ErrorKind, StoreError},
    files, learning,
    revisions::{decompressed, revision_of},
};

/// A copy of what was set aside, while it is read.
const COPY: &str = "recovering.db";
/// How far to look for the next readable row behind an unreadable one: numbers of rows, doubled each time.
const FARTHEST: i64 = 1 << 40;
/// How many rows are kept in one transaction.
const BATCH: usize = 500;

/// What to take, in the order in which rows may speak of each other, with a name for one and for several.
const TABLES: [(&str, &str, &str); 22] = [
    ("libraries", "folder (to be trusted anew)", "folders (to be trusted anew)"),
    ("revisions", "revision", "revisions"),
    ("drafts", "draft", "drafts"),
    ("runs", "run", "runs"),
    ("events", "event", "events"),
    ("shared_runs", "note of a shared run", "notes of shared runs"),
    ("output", "piece of output", "pieces of output"),
    ("removed_output", "note of removed output", "notes of removed output"),
    ("history", "entry of the history", "entries of the history"),
    ("marks", "pin or recent file", "pins and recent files"),
    ("settings", "setting", "settings"),
    ("access_entries", "access entry", "access entries"),
    ("access_tags", "tag of an access entry", "tags of access entries"),
    ("access_fields", "note of a kept secret", "notes of kept secrets"),
    ("links", "link", "links"),
    ("link_tags", "tag of a link", "tags of links"),
    ("link_opens", "day on which a link was opened", "days on which links were opened"),
    ("link_values", "value that was given for links", "values that were given for links"),
    ("choices", "choice of the palette", "choices of the palette"),
    ("schedules", "schedule (paused)", "schedules (paused)"),
    ("schedule_values", "value of a schedule", "values of schedules"),
    ("firings", "firing of a schedule", "firings of schedules"),
];

/// Takes over from the file `aside` what can be read of it, and says in words what that is; `None` when it is nothing.
pub(crate) fn recover(folder: &Path, aside: &Path, into: &Connections) -> Result<Option<String>, StoreError> {
    let copy = folder.join(COPY);
    let remove = || {
        for path in files::with_companions(&copy) {
            let _ = fs::remove_file(path);
        }
    };
    remove();
    let taken = copied(aside, &copy).and_then(|()| take(&copy, into));
    remove();
    taken
}

fn copied(aside: &Path, copy: &Path) -> Result<(), StoreError> {
    // Without the shared memory, which SQLite makes anew from the log.
    for (from, to) in files::with_companions(aside).iter().zip(files::with_companions(copy)).take(2) {
        if from.exists() {
            drop(files::private_file(&to)?);
            fs::copy(from, &to).map_err(|error| StoreError::io(from, &error))?;
            files::close_to_others(&to, 0o600)?;
        }
    }
    Ok(())
}

fn take(copy: &Path, into: &Connections) -> Result<Option<String>, StoreError> {
    let old = Connection::open(copy)?;
    let mut told = Vec::new();
    for (table, one, several) in TABLES {
        // A table that cannot be read at all, or was not there yet, gives nothing.
        let Ok(columns) = columns(&old, table) else { continue };
        let columns = into.read(|view| {
            let known = self::columns(view, table)?;
            Ok(columns.into_iter().filter(|column| known.contains(column)).collect::<Vec<_>>())
        })?;
        if columns.is_empty() {
            continue;
        }
        let mut kept = 0;
        let mut batch = Vec::new();
        each_row(&old, table, &columns, &mut |row| {
            batch.push(row);
            if batch.len() == BATCH {
                kept += keep(into, table, &columns, &std::mem::take(&mut batch))?;
            }
            Ok(())
        })?;
        kept += keep(into, table, &columns, &batch)?;
        if kept > 0 {
            told.push(format!("{kept} {}", if kept == 1 { one } else { several }));
        }
    }
    Ok((!told.is_empty()).then(|| told.join(", ")))
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = statement.query_map([table], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

type Take<'take> = dyn FnMut(Vec<Value>) -> Result<(), StoreError> + 'take;

/// Every row that can be read, once.
fn each_row(old: &Connection, table: &str, columns: &[String], take: &mut Take<'_>) -> Result<(), StoreError> {
    let names = columns.join(", ");
    // Those of the tables that have no row numbers, with what orders them.
    let keys = match table {
        "events" => "run {way}, seq {way}",
        "history" => "path {way}, number {way}",
        "removed_output" => "run {way}, item {way}, attempt {way}",
        _ => return each_numbered(old, table, &names, take),
    };
    // From both ends to where it breaks; a row that comes twice is kept once.
    for way in ["ASC", "DESC"] {
        let sql = format!("SELECT {names} FROM {table} ORDER BY {}", keys.replace("{way}", way));
        if walk(old, &sql, &[], &mut |row| take(row))? {
            break;
        }
    }
    Ok(())
}

fn each_numbered(old: &Connection, table: &str, names: &str, take: &mut Take<'_>) -> Result<(), StoreError> {
    let up = format!("SELECT {names}, rowid FROM {table} NOT INDEXED WHERE rowid >= ?1 ORDER BY rowid");
    let down =
        format!("SELECT {names}, rowid FROM {table} NOT INDEXED WHERE rowid > ?1 AND rowid < ?2 ORDER BY rowid DESC");
    let (mut from, mut last, mut step) = (i64::MIN, i64::MIN, 1);
    while step < FARTHEST {
        let begun = last;
        let whole = walk(old, &up, &[from], &mut |row| {
            let number = number(&row);
            if last == begun && from > i64::MIN {
                // Behind a gap: what lies between the gap and here was jumped over.
                walk(old, &down, &[begun, number], &mut |row| take(row))?;
            }
            last = number;
            take(row)
        })?;
        if whole {
            break;
        }
        // Behind the row that was read last, farther and farther until something can be read again.
        step = if last > begun { 1 } else { step * 2 };
        from = last.max(0).saturating_add(step);
    }
    Ok(())
}

fn number(row: &[Value]) -> i64 {
    match row.last() {
        Some(Value::Integer(number)) => *number,
        _ => i64::MAX,
    }
}

/// Gives each row until one cannot be read; whether it came to the end.
fn walk(
    old: &Connection,
    sql: &str,
    parameters: &[i64],
    take: &mut dyn FnMut(Vec<Value>) -> Result<(), StoreError>,
) -> Result<bool, StoreError> {
    let Ok(mut statement) = old.prepare(sql) else { return Ok(false) };
    let count = statement.column_count();
    let Ok(mut rows) = statement.query(params_from_iter(parameters)) else { return Ok(false) };
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(true),
            Err(_) => return Ok(false),
        };
        let values = (0..count).map(|column| row.get_ref(column).ok().and_then(value));
        if let Some(values) = values.collect::<Option<Vec<_>>>() {
            take(values)?;
        }
    }
}

/// A text that is none any more is not taken.
fn value(value: ValueRef<'_>) -> Option<Value> {
    Some(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).ok()?.to_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// Keeps those of these rows that can be; how many.
fn keep(into: &Connections, table: &str, columns: &[String], rows: &[Vec<Value>]) -> Result<usize, StoreError> {
    if rows.is_empty() {
        return Ok(0);
    }
    let marks = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT OR IGNORE INTO {table} ({}) VALUES ({marks})", columns.join(", "));
    into.write(Durability::Soon, |change| {
        let mut kept = 0;
        for row in rows {
            let Some(row) = checked(table, columns, row) else { continue };
            match insert(change, &sql, row) {
                Ok(count) => kept += count,
                // A row that speaks of one that is lost, or is not what belongs there.
                Err(error) if error.kind() == ErrorKind::Internal => {}
                Err(error) => return Err(error),
            }
        }
        if table == "runs" && !columns.iter().any(|column| column == "file") {
            change.execute("UPDATE runs SET file = path WHERE file = ''", [])?;
        }
        if table == "runs" {
            learning::forget_all(change)?;
        }
        Ok(kept)
    })
}

fn insert(change: &Transaction<'_>, sql: &str, row: Vec<Value>) -> Result<usize, StoreError> {
    Ok(change.prepare_cached(sql)?.execute(params_from_iter(row))?)
}

/// A row as it may be kept: bytes that are not those of their name are not, and trust must be given anew.
fn checked(table: &str, columns: &[String], row: &[Value]) -> Option<Vec<Value>> {
    let place = |name: &str| columns.iter().position(|column| column == name);
    let mut row: Vec<Value> = row.iter().take(columns.len()).cloned().collect();
    if table == "libraries"
        && let Some(trusted) = place("trusted_at").and_then(|at| row.get_mut(at))
    {
        *trusted = Value::Null;
    }
    // Nothing of what was lost starts by itself.
    if table == "schedules"
        && let Some(paused) = place("paused").and_then(|at| row.get_mut(at))
    {
        *paused = Value::Integer(1);
    }
    if table == "revisions" {
        let at = |name: &str| place(name).and_then(|at| row.get(at));
        let (Some(Value::Text(hash)), Some(Value::Blob(bytes))) = (at("hash"), at("bytes")) else { return None };
        let redacted = matches!(at("redacted"), Some(Value::Text(_)));
        let size = match at("size") {
            Some(Value::Integer(size)) => Some(*size),
            _ => None,
        };
        let bytes = decompressed(bytes, size)?;
        if !redacted && revision_of(&bytes) != *hash {
            return None;
        }
    }
    Some(row)
}
