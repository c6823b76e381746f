//! Copies of the whole store in `backups/`, made while it is in use: before migrations, and once a day.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use nix::fcntl::FlockArg;
use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use crate::{
    ErrorKind, Store,
    error::StoreError,
    files::{self, BACKUPS},
};

/// How many of each sort are kept (ACCESS.md, "Keeping data").
const KEPT: usize = 7;
const DAILY: &str = "daily-";
const BEFORE: &str = "before-";
/// Held by who makes a backup, so that two do not write one file.
const LOCK: &str = "backup.lock";

/// What [`Store::daily_backup`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupOutcome {
    /// Today's is there already.
    UpToDate(PathBuf),
    /// It was made.
    Made(PathBuf),
    /// Another process is making it.
    UnderWay,
    /// There is nothing in the store yet that could be lost.
    Empty,
}

impl Store {
    /// Makes the backup of the day `now` falls on (UTC) if it is not there yet, after checking the whole store, and
    /// keeps the newest seven.
    ///
    /// # Errors
    /// When the store is damaged (no backup is made or removed then), or the backup cannot be written.
    pub fn daily_backup(&self, now: Timestamp) -> Result<BackupOutcome, StoreError> {
        let folder = self.folder.join(BACKUPS);
        let path = folder.join(format!("{DAILY}{}.db", now.strftime("%Y%m%d")));
        if path.exists() {
            return Ok(BackupOutcome::UpToDate(path));
        }
        let Some(_alone) = files::lock(&folder.join(LOCK), FlockArg::LockExclusiveNonblock)? else {
            return Ok(BackupOutcome::UnderWay);
        };
        if path.exists() {
            return Ok(BackupOutcome::UpToDate(path));
        }
        if self.libraries()?.is_empty() && self.run_counts()?.all == 0 {
            return Ok(BackupOutcome::Empty);
        }
        self.connections.read(|reader| {
            if let Some(wrong) = check(reader)? {
                let file = self.connections.file().display();
                return Err(StoreError::new(
                    ErrorKind::Damaged,
                    format!("{file} is damaged ({wrong}): no backup was made of it, and the older ones are kept"),
                ));
            }
            copy(reader, &path)
        })?;
        keep_newest(&folder, DAILY)?;
        Ok(BackupOutcome::Made(path))
    }
}

/// Copies a store of `version` before it is brought to the next.
pub(crate) fn before_migration(
    connection: &Connection,
    folder: &Path,
    version: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let folder = folder.join(BACKUPS);
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    copy(connection, &folder.join(format!("{BEFORE}{stamp}-v{version}.db")))?;
    keep_newest(&folder, BEFORE)
}

/// What is wrong with the file as a whole, if anything.
pub(crate) fn check(connection: &Connection) -> Result<Option<String>, StoreError> {
    let answer: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((answer != "ok").then_some(answer))
}

/// The newest backup, of whatever sort.
pub(crate) fn newest(folder: &Path) -> Result<Option<PathBuf>, StoreError> {
    let folder = folder.join(BACKUPS);
    let mut found = Vec::new();
    for sort in [DAILY, BEFORE] {
        for path in backups(&folder, sort)? {
            let modified = fs::metadata(&path).and_then(|data| data.modified());
            found.push((modified.map_err(|error| StoreError::io(&path, &error))?, path));
        }
    }
    Ok(found.into_iter().max().map(|(_, path)| path))
}

/// Under a name of its own first, so that a backup is whole or not there.
fn copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let unfinished = path.with_extension("unfinished");
    remove(&unfinished)?;
    drop(files::private_file(&unfinished)?);
    let result = (|| {
        let mut target = Connection::open(&unfinished)?;
        {
            let backup = Backup::new(connection, &mut target)?;
            // All at once: with several steps it would begin again each time somebody writes.
            if !matches!(backup.step(-1)?, StepResult::Done) {
                return Err(StoreError::new(
                    ErrorKind::Busy,
                    format!("{} could not be written because the store is locked: try again later", path.display()),
                ));
            }
        }
        // A backup is one file: without a log beside it.
        target.execute_batch("PRAGMA journal_mode = DELETE")?;
        target.close().map_err(|(_, error)| StoreError::from(error))
    })();
    if let Err(error) = result {
        remove(&unfinished)?;
        return Err(error.at(path));
    }
    fs::rename(&unfinished, path).map_err(|error| StoreError::io(path, &error))?;
    match path.parent() {
        Some(folder) => files::sync_folder(folder),
        None => Ok(()),
    }
}

fn keep_newest(folder: &Path, sort: &str) -> Result<(), StoreError> {
    let found = backups(folder, sort)?;
    let surplus = found.len().saturating_sub(KEPT);
    found.iter().take(surplus).try_for_each(|path| remove(path))
}

/// Oldest first: their names begin with their time.
fn backups(folder: &Path, sort: &str) -> Result<Vec<PathBuf>, StoreError> {
    let wrong = |error: std::io::Error| StoreError::io(folder, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(sort) && name.ends_with(".db")) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io(path, &error)),
        _ => Ok(()),
    }
}
