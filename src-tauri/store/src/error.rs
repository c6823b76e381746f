//! What can go wrong with the store, as a sentence and a kind that programs may rely on.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use rusqlite::ffi::ErrorCode;

/// What kind of trouble. [`ErrorKind::code`] never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The disk is full.
    Full,
    /// The folder or the file cannot be written.
    ReadOnly,
    /// Another process keeps it locked.
    Busy,
    /// What is stored cannot be read, or is not what was stored.
    Damaged,
    /// A newer version of Allgood made it.
    Newer,
    /// There is no such thing.
    Missing,
    /// The file is no longer where it was when it was opened: moved, deleted, or another one in its place.
    Moved,
    /// What was to be kept is not allowed.
    Refused,
    /// The disk or the file system failed.
    Io,
    /// Allgood itself is wrong.
    Internal,
}

impl ErrorKind {
    /// A stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "store_full",
            Self::ReadOnly => "store_read_only",
            Self::Busy => "store_busy",
            Self::Damaged => "store_damaged",
            Self::Newer => "store_newer",
            Self::Missing => "store_missing",
            Self::Moved => "store_moved",
            Self::Refused => "store_refused",
            Self::Io => "store_io",
            Self::Internal => "store_internal",
        }
    }
}

/// Why the store could not do it. Displays as a sentence for a person.
#[derive(Debug)]
pub struct StoreError {
    kind: ErrorKind,
    place: Option<PathBuf>,
    detail: String,
}

impl StoreError {
    /// An error whose sentence is complete.
    pub(crate) fn new(kind: ErrorKind, sentence: impl Into<String>) -> Self {
        Self { kind, place: None, detail: sentence.into() }
    }

    /// An error of the file system, on one file or folder.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
            _ => ErrorKind::Io,
        };
        Self { kind, place: Some(path.to_owned()), detail: error.to_string() }
    }

    /// An error of that kind, on one file.
    pub(crate) fn of(kind: ErrorKind, path: &Path, detail: &str) -> Self {
        Self { kind, place: Some(path.to_owned()), detail: detail.to_owned() }
    }

    /// The same, said of this file.
    pub(crate) fn at(mut self, path: &Path) -> Self {
        if self.place.is_none() && self.detail.starts_with(SQLITE) {
            self.detail.drain(..SQLITE.len());
            self.place = Some(path.to_owned());
        }
        // Beside a database of which not even the shared memory finds room, SQLite only says that the disk failed.
        if self.kind == ErrorKind::Io && self.place.as_deref() == Some(path) && is_full(path) {
            self.kind = ErrorKind::Full;
        }
        self
    }

    /// What kind of trouble.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

/// Whether the file system that this is on has no room left.
fn is_full(path: &Path) -> bool {
    path.parent().is_some_and(|folder| {
        nix::sys::statvfs::statvfs(folder)
            .is_ok_and(|found| found.blocks_available() * found.fragment_size() < LITTLE)
    })
}

/// What SQLite needs beside a database to open it, in bytes.
const LITTLE: u64 = 64 * 1024;

/// Marks a detail that came from SQLite and does not know its file yet.
const SQLITE: &str = "sqlite: ";

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(place) = &self.place else { return formatter.write_str(&self.detail) };
        let (place, detail) = (place.display(), &self.detail);
        match self.kind {
            ErrorKind::Full => write!(
                formatter,
                "{place} cannot grow because the disk is full ({detail}); nothing of this change was kept: free some \
                 space and try again"
            ),
            ErrorKind::ReadOnly => write!(
                formatter,
                "{place} cannot be written ({detail}); nothing of this change was kept: make the folder and its files \
                 writable for you and try again"
            ),
            ErrorKind::Busy => write!(
                formatter,
                "{place} is locked by another process ({detail}); nothing of this change was kept: wait until that \
                 process is done, or end it, and try again"
            ),
            ErrorKind::Damaged => write!(
                formatter,
                "{place} is damaged ({detail}): close Allgood, and open it again to have the file checked and set aside"
            ),
            ErrorKind::Io => write!(
                formatter,
                "{place} could not be read or written ({detail}): look at the disk and the file system it is on"
            ),
            ErrorKind::Moved => write!(
                formatter,
                "{place} is no longer the file that was opened here ({detail}); nothing of this change was kept: put it \
                 back where it was, or end this Allgood and start it again"
            ),
            ErrorKind::Newer | ErrorKind::Missing | ErrorKind::Refused | ErrorKind::Internal => {
                write!(formatter, "{place}: {detail}")
            }
        }
    }
}

impl StoreError {
    /// Whether SQLite was told to end a statement before it was done.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.detail == format!("{SQLITE}interrupted")
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => ErrorKind::Full,
                ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => ErrorKind::ReadOnly,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
                    ErrorKind::Busy
                }
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => ErrorKind::Damaged,
                ErrorCode::SystemIoFailure => ErrorKind::Io,
                ErrorCode::TooBig => ErrorKind::Refused,
                _ => ErrorKind::Internal,
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => ErrorKind::Damaged,
            _ => ErrorKind::Internal,
        };
        Self { kind, place: None, detail: format!("{SQLITE}{error}") }
    }
}

impl From<StoreError> for engine::JournalError {
    fn from(error: StoreError) -> Self {
        // Space is freed, a lock let go, a disk put back: a run may wait for it. Nothing else mends itself.
        let passing = [ErrorKind::Full, ErrorKind::ReadOnly, ErrorKind::Busy, ErrorKind::Moved, ErrorKind::Io];
        Self { sentence: error.to_string(), may_pass: passing.contains(&error.kind) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_the_file_and_what_to_do() {
        for (code, kind, words) in [
            (rusqlite::ffi::SQLITE_FULL, ErrorKind::Full, "free some space"),
            (rusqlite::ffi::SQLITE_READONLY, ErrorKind::ReadOnly, "writable for you"),
            (rusqlite::ffi::SQLITE_BUSY, ErrorKind::Busy, "locked by another process"),
            (rusqlite::ffi::SQLITE_CORRUPT, ErrorKind::Damaged, "damaged"),
            (rusqlite::ffi::SQLITE_IOERR, ErrorKind::Io, "file system"),
        ] {
            let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
            let error = StoreError::from(error).at(Path::new("/data/allgood.db"));
            assert_eq!(error.kind(), kind);
            let sentence = error.to_string();
            assert!(sentence.contains("/data/allgood.db"), "{sentence}");
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("sqlite: "), "{sentence}");
        }
    }
}
