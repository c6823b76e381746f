//! What a move is about to do, on disk before it begins, and what the last ones did.
//!
//! Each is a file of its own in the store's folder, locked while its move is under way: one that nobody holds was cut off.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

/// So many finished moves can be taken back byte for byte.
const KEPT: usize = 100;
/// How the file of a move that is under way ends.
const UNDER_WAY: &str = "json";
/// How that of a finished one does.
const DONE: &str = "done";

/// A move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) library: i64,
    /// Within the library, with `/`.
    pub(super) from: String,
    pub(super) to: String,
    /// Folders that are made for it, the uppermost first.
    pub(super) folders: Vec<String>,
    pub(super) edited: Vec<Edited>,
}

/// A file whose links follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edited {
    /// Before the move, within the library, with `/`.
    pub(super) path: String,
    /// Names of revisions that the store keeps.
    pub(super) before: String,
    pub(super) after: String,
}

/// The records of moves.
pub(super) struct Records {
    folder: PathBuf,
}

/// The record of a move under way. Dropped without a word it stays, to be settled later.
pub(super) struct Held {
    path: PathBuf,
    _lock: Flock<File>,
}

impl Held {
    /// Nothing of the move was done, or all of it was taken back.
    pub(super) fn forget(self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::error!(path = %self.path.display(), %error, "the record of a move could not be removed");
        }
    }

    /// All of the move was done.
    pub(super) fn done(self) {
        if let Err(error) = fs::rename(&self.path, self.path.with_extension(DONE)) {
            tracing::error!(path = %self.path.display(), %error, "the record of a move could not be closed");
        }
    }
}

impl Records {
    /// In the store's folder.
    pub(super) fn of(data: &Path) -> Self {
        Self { folder: data.join("moves") }
    }

    /// Has the record on disk before anything is done.
    pub(super) fn begin(&self, record: &Record) -> io::Result<Held> {
        fs::create_dir_all(&self.folder)?;
        self.tidy();
        let name = jiff::Timestamp::now().as_nanosecond();
        let path = self.folder.join(format!("{name}-{}.{UNDER_WAY}", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let mut lock =
            Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| io::Error::from(errno))?;
        lock.write_all(&serde_json::to_vec(record)?)?;
        lock.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(Held { path, _lock: lock })
    }

    /// Moves whose process is gone.
    pub(super) fn cut_off(&self) -> Vec<(Record, Held)> {
        let found = self.files(UNDER_WAY).into_iter().filter_map(|path| {
            let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
            let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).ok()?;
            let held = Held { path, _lock: lock };
            match serde_json::from_slice(&fs::read(&held.path).ok()?) {
                Ok(record) => Some((record, held)),
                // It was cut off while this was written: nothing had begun.
                Err(_) => {
                    held.forget();
                    None
                }
            }
        });
        found.collect()
    }

    /// The last move, if the one from here to there takes it back.
    pub(super) fn back(&self, library: i64, from: &str, to: &str) -> Option<Record> {
        let records = self.files(DONE).into_iter().rev();
        let mut records = records.filter_map(|path| serde_json::from_slice::<Record>(&fs::read(path).ok()?).ok());
        records.find(|record| record.library == library && record.from == to && record.to == from)
    }

    /// By name, which is by time.
    fn files(&self, ending: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect();
        files.sort();
        files
    }

    fn tidy(&self) {
        let done = self.files(DONE);
        for path in done.iter().take(done.len().saturating_sub(KEPT)) {
            drop(fs::remove_file(path));
        }
    }
}
