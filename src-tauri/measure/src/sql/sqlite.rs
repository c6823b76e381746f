//! A file of SQLite.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Error, OpenFlags, types::ValueRef};

use super::Statement;
use crate::{
    stop::Ending,
    table::{Cell, Rows},
};

/// How long another who writes is waited for.
const BUSY: Duration = Duration::from_secs(5);

pub(super) fn ask(file: &str, statement: &Statement<'_>, ending: &Ending) -> Result<Rows, String> {
    // Not made where it is not there, not even to be written to.
    let flags = match statement.write {
        true => OpenFlags::SQLITE_OPEN_READ_WRITE,
        false => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    if !Path::new(file).is_file() {
        return Err(format!("there is no file {file}: look at the address of the entry"));
    }
    let why = |error: Error| match error {
        Error::MultipleStatement => "it holds more than one statement: write each into a block of its own".to_owned(),
        Error::SqliteFailure(_, Some(said)) => format!("{file}: {said}"),
        other => format!("{file}: {other}"),
    };
    let connection = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(why)?;
    connection.busy_timeout(BUSY).map_err(why)?;
    let interrupt = connection.get_interrupt_handle();
    ending.by(move || interrupt.interrupt());
    let mut prepared = connection.prepare(&statement.query.with_signs(|number| format!("?{number}"))).map_err(why)?;
    if !statement.write && !prepared.readonly() {
        return Err("the statement would change something: write `write` into the braces if that is meant".to_owned());
    }
    for (at, value) in statement.values.iter().enumerate() {
        let at = at + 1;
        // A number is one to it too, or `count(*) > {{N}}` would compare a number with a text.
        let bound = match value.parse::<i64>() {
            Ok(number) if number.to_string() == *value => prepared.raw_bind_parameter(at, number),
            _ => match value.parse::<f64>() {
                Ok(number) if number.to_string() == *value => prepared.raw_bind_parameter(at, number),
                _ => prepared.raw_bind_parameter(at, value),
            },
        };
        bound.map_err(why)?;
    }
    let mut found =
        Rows { columns: prepared.column_names().into_iter().map(str::to_owned).collect(), ..Rows::default() };
    let before = connection.total_changes();
    let columns = found.columns.len();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(why)? {
        let cells = (0..columns).map(|at| row.get_ref(at).map(cell)).collect::<Result<Vec<Cell>, Error>>();
        // What changes something is done to its end.
        if !found.push(cells.map_err(why)?) && !statement.write {
            break;
        }
    }
    if statement.write {
        found.changed = Some(connection.total_changes().saturating_sub(before));
    }
    Ok(found)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(format!("({} bytes)", bytes.len())),
    }
}
