//! The order of the migrations. Each stands beside its table; here they are put in a row.
//!
//! Only ever append: what was released is never changed, and the place in this row is the version of the schema
//! (`PRAGMA user_version`).

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use crate::{
    ErrorKind, drafts, entries, error::StoreError, history, index, journal, learning, libraries, links, marks,
    output, palette, retention, revisions, runs, schedules, settings, shared, spelling,
};

/// Every migration, from version 1.
const MIGRATIONS: &[M<'static>] = &[
    M::up(libraries::MIGRATION),
    M::up(index::MIGRATION),
    M::up(revisions::MIGRATION),
    M::up(runs::MIGRATION),
    M::up(journal::MIGRATION),
    M::up(output::MIGRATION),
    M::up(settings::MIGRATION),
    M::up(drafts::MIGRATION),
    M::up(revisions::MIGRATION_REDACTED),
    M::up(history::MIGRATION),
    M::up(marks::MIGRATION),
    M::up(runs::MIGRATION_FILE),
    M::up(index::MIGRATION_LIST),
    M::up(spelling::MIGRATION),
    M::up(spelling::MIGRATION_WORDS),
    M::up(revisions::MIGRATION_COMPRESSED),
    M::up(learning::MIGRATION),
    M::up(retention::MIGRATION),
    M::up(runs::MIGRATION_HISTORY),
    M::up(runs::MIGRATION_PARENT),
    M::up(entries::MIGRATION),
    M::up(links::MIGRATION),
    M::up(palette::MIGRATION),
    M::up(schedules::MIGRATION),
    M::up(palette::MIGRATION_LINKS),
    M::up(shared::MIGRATION),
];

/// The version that this program writes.
pub(crate) const VERSION: usize = MIGRATIONS.len();

/// The version of a store; 0 when it is new.
pub(crate) fn version(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings a store from the version before `version` to it, all of it or nothing.
pub(crate) fn migrate(connection: &mut Connection, version: usize) -> Result<(), StoreError> {
    Migrations::from_slice(MIGRATIONS).to_version(connection, version).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
        other => StoreError::new(
            ErrorKind::Internal,
            format!("the store could not be brought to version {version}: {other}"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_valid() {
        Migrations::from_slice(MIGRATIONS).validate().unwrap();
    }
}
