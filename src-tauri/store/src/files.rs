//! The folder of the store and who may look into it.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};

use crate::error::StoreError;

/// The store's file, in its folder.
pub(crate) const DATABASE: &str = "allgood.db";
/// Where backups go, in its folder.
pub(crate) const BACKUPS: &str = "backups";
/// Where the locks of runs are, in its folder.
pub(crate) const RUNS: &str = "runs";
/// Held shared by everybody who has the store open, alone by who migrates it or sets it aside.
const OPEN_LOCK: &str = "allgood.lock";

/// A lock between processes, until it is dropped. Its file is closed on exec.
pub(crate) type FileLock = Flock<File>;

/// Makes a folder that its owner alone can enter, with those above it, or makes an existing one so.
pub(crate) fn private_folder(path: &Path) -> Result<(), StoreError> {
    let wrong = |error: io::Error| StoreError::io(path, &error);
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
    close_to_others(path, 0o700)
}

/// Makes a file that its owner alone can read, empty, or makes an existing one so.
pub(crate) fn private_file(path: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| StoreError::io(path, &error))?;
    close_to_others(path, 0o600)?;
    Ok(file)
}

/// Makes the database's file, empty, if it is not there. One that is there is never opened but by SQLite: closing it
/// would take away the locks that SQLite holds on it in this process (fcntl(2)).
pub(crate) fn create_database(path: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => close_to_others(path, 0o600),
        Err(error) => Err(StoreError::io(path, &error)),
    }
}

/// Gives `path` this mode, if it is there and has another.
pub(crate) fn close_to_others(path: &Path, mode: u32) -> Result<(), StoreError> {
    let wrong = |error: io::Error| StoreError::io(path, &error);
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(wrong(error)),
    };
    if found.permissions().mode() & 0o7777 != mode {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(wrong)?;
    }
    Ok(())
}

/// The database and the two files that SQLite keeps beside it.
pub(crate) fn with_companions(database: &Path) -> [PathBuf; 3] {
    let beside = |ending: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    [database.to_owned(), beside("-wal"), beside("-shm")]
}

/// Makes what was renamed or created in this folder safe against a loss of power.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|error| StoreError::io(path, &error))
}

/// Takes the lock of the store, shared or alone; `None` when somebody else's stands against it.
pub(crate) fn open_lock(folder: &Path, alone: bool) -> Result<Option<FileLock>, StoreError> {
    let kind = if alone { FlockArg::LockExclusiveNonblock } else { FlockArg::LockSharedNonblock };
    lock(&folder.join(OPEN_LOCK), kind)
}

/// Takes the lock of a store that cannot be written, shared, where there is one to take; `None` when somebody is about to change
/// the store as a whole.
pub(crate) fn open_lock_to_read(folder: &Path) -> Result<Option<FileLock>, StoreError> {
    let path = folder.join(OPEN_LOCK);
    match File::open(&path) {
        Ok(file) => Ok(Flock::lock(file, FlockArg::LockSharedNonblock).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io(&path, &error)),
    }
}

/// Takes a lock on this file, which is made if need be; `None` when somebody else's stands against it.
pub(crate) fn lock(path: &Path, kind: FlockArg) -> Result<Option<FileLock>, StoreError> {
    match Flock::lock(private_file(path)?, kind) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(StoreError::io(path, &errno.into())),
    }
}
