//! The connections to the file: one that writes, as many that read as there are readers at the same time.

use std::{
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, config::DbConfig};

use crate::{
    error::{ErrorKind, StoreError},
    files,
};

/// Connections that are kept for the next reader; more are opened when needed, and closed after.
const IDLE_READERS: usize = 4;
/// How long a writer waits for another process, in steps of [`WAIT_STEP`].
const WAIT_STEPS: i32 = 1_000;
const WAIT_STEP: Duration = Duration::from_millis(5);

/// When a change is safe against a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// When the call returns.
    Synced,
    /// With the next synced change. Safe against the end of the process at once.
    Soon,
}

/// What may be done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Write,
    /// Nobody can write it here: it is only read.
    Read,
    /// The same, and nobody has left anything in a log beside it: SQLite then needs no file of its own to read it.
    ReadAlone,
}

/// All connections to one file.
pub(crate) struct Connections {
    file: PathBuf,
    access: Access,
    /// The file that was opened. What is kept in one that was taken away is lost.
    opened: Option<Identity>,
    writer: Mutex<Writer>,
    readers: Mutex<Vec<Connection>>,
}

struct Writer {
    connection: Connection,
    durability: Durability,
    /// The write-ahead log, since the first change.
    log: Option<Identity>,
}

/// Device and number of a file.
type Identity = (u64, u64);

fn identity(path: &Path) -> Option<Identity> {
    // Not opened: closing it would take SQLite's locks away (see `files`).
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl Connections {
    /// Takes the connection that writes; those that read are opened when needed.
    pub(crate) fn new(file: PathBuf, writer: Connection) -> Self {
        Self::with(file, writer, Access::Write)
    }

    /// Those to a file that is only read: what would change something is refused by SQLite.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn to_read(file: PathBuf) -> Result<Self, StoreError> {
        let [_, log, _] = files::with_companions(&file);
        let kept_in_log = std::fs::metadata(&log).is_ok_and(|log| log.len() > 0);
        let access = if kept_in_log { Access::Read } else { Access::ReadAlone };
        let connection = connect(&file, access)?;
        Ok(Self::with(file, connection, access))
    }

    fn with(file: PathBuf, writer: Connection, access: Access) -> Self {
        let writer = Writer { connection: writer, durability: Durability::Synced, log: None };
        let opened = identity(&file);
        Self { file, access, opened, writer: Mutex::new(writer), readers: Mutex::new(Vec::new()) }
    }

    /// Whether it is only read.
    pub(crate) fn only_reads(&self) -> bool {
        self.access != Access::Write
    }

    /// The file.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Lets the file grow to so many pages; see [`crate::Store::limit_pages`].
    pub(crate) fn limit_pages(&self, most: Option<u32>) -> Result<(), StoreError> {
        let most = most.unwrap_or(u32::MAX - 1);
        lock(&self.writer).connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
        Ok(())
    }

    /// Brings everything from the write-ahead log into the file and empties the log; whether that was done.
    pub(crate) fn empty_log(&self) -> Result<bool, StoreError> {
        let writer = lock(&self.writer);
        let done = writer.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        match done.map_err(StoreError::from) {
            Ok(busy) => Ok(busy == 0),
            Err(error) if error.kind() == ErrorKind::Busy => Ok(false),
            Err(error) => Err(error.at(&self.file)),
        }
    }

    /// Does something with one unchanging view of the store, beside any writer.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read_inner(work).map_err(|error| error.at(&self.file))
    }

    /// Refuses to work on a file that is no longer where others look for it.
    ///
    /// # Errors
    /// [`ErrorKind::Moved`].
    fn must_be_there(&self, log: Option<Identity>) -> Result<(), StoreError> {
        let [database, beside, _] = files::with_companions(&self.file);
        let missing = |path: &Path, was: Option<Identity>| match (was, identity(path)) {
            (Some(was), Some(is)) if was != is => Some("another one is in its place"),
            (Some(_), None) => Some("it was moved or deleted"),
            _ => None,
        };
        let wrong = missing(&database, self.opened).map(|what| (&database, what));
        match wrong.or_else(|| missing(&beside, log).map(|what| (&beside, what))) {
            Some((path, what)) => Err(StoreError::of(ErrorKind::Moved, path, what)),
            None => Ok(()),
        }
    }

    fn read_inner<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.must_be_there(None)?;
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => reader(&self.file, self.access)?,
        };
        let transaction = connection.transaction()?;
        let result = work(&transaction)?;
        transaction.finish()?;
        let mut idle = lock(&self.readers);
        if idle.len() < IDLE_READERS {
            idle.push(connection);
        }
        Ok(result)
    }

    /// Changes something, all of it or nothing.
    pub(crate) fn write<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_inner(durability, work).map_err(|error| error.at(&self.file))
    }

    fn write_inner<T>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut writer = lock(&self.writer);
        self.must_be_there(writer.log)?;
        if writer.durability != durability {
            // In WAL mode a synced commit syncs the whole log, so it takes every unsynced one before it along.
            writer.connection.execute_batch(match durability {
                Durability::Synced => "PRAGMA synchronous = FULL",
                Durability::Soon => "PRAGMA synchronous = NORMAL",
            })?;
            writer.durability = durability;
        }
        let transaction = writer.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        if writer.log.is_none() {
            let [_, log, _] = files::with_companions(&self.file);
            writer.log = identity(&log);
        }
        Ok(result)
    }
}

/// Opens a connection that may write.
pub(crate) fn writer(file: &Path) -> Result<Connection, StoreError> {
    let connection = connect(file, Access::Write)?;
    // What is deleted is overwritten where its page is written anyway: a draft may have held what nobody should keep.
    // Whole pages that become free are overwritten when something is forgotten.
    // While much is indexed the same pages are written over and over: 16 MiB of them are held, and the log takes as many
    // before they go into the file.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = FAST;
         PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096",
    )?;
    Ok(connection)
}

/// Whether the file is kept with a write-ahead log.
pub(crate) fn has_log(connection: &Connection) -> Result<bool, StoreError> {
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok(mode == "wal")
}

/// Has the file kept with a write-ahead log from now on. Only for one who is alone: SQLite does not wait for others here.
pub(crate) fn keep_log(file: &Path, connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::new(
        ErrorKind::Io,
        format!(
            "{} is on a file system where SQLite cannot keep its write-ahead log (it offers \"{mode}\"): keep Allgood's \
             data on a local disk",
            file.display()
        ),
    ))
}

fn reader(file: &Path, access: Access) -> Result<Connection, StoreError> {
    let connection = connect(file, access)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

fn connect(file: &Path, access: Access) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = match access {
        // Not CREATE: the file is made beforehand, with its mode, and one that vanished must not come back empty.
        Access::Write => Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)?,
        Access::Read => Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        Access::ReadAlone => {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(format!("file:{}?immutable=1", as_address(file)), flags)?
        }
    };
    connection.busy_handler(Some(wait_for_others))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON")?;
    Ok(connection)
}

/// A path as SQLite reads it in an address (RFC 3986).
fn as_address(path: &Path) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(byte);
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Even steps: SQLite's own handler waits up to 100 ms at a time, and a process that writes much would starve others.
fn wait_for_others(times: i32) -> bool {
    if times >= WAIT_STEPS {
        return false;
    }
    std::thread::sleep(WAIT_STEP);
    true
}

/// A panic while the lock was held left no change behind: the transaction was rolled back.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_synced_and_output_with_the_next_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        drop(Connection::open(&file).unwrap());
        let connections = Connections::new(file.clone(), writer(&file).unwrap());
        for (durability, expected) in
            [(Durability::Synced, 2), (Durability::Soon, 1), (Durability::Soon, 1), (Durability::Synced, 2)]
        {
            let level: i64 = connections
                .write(durability, |change| Ok(change.query_row("PRAGMA synchronous", [], |row| row.get(0))?))
                .unwrap();
            assert_eq!(level, expected, "{durability:?}");
        }
    }

    #[test]
    fn what_reads_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.db");
        drop(Connection::open(&file).unwrap());
        let connections = Connections::new(file.clone(), writer(&file).unwrap());
        let error = connections.read(|view| Ok(view.execute("CREATE TABLE x (y)", [])?)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
    }
}
