//! The store: libraries, the index of runbooks, its list and search, marks, drafts, revisions and the history of files,
//! runs, their journals and output, access entries less their secrets, links, schedules and their firings, what the palette learnt, settings.
//!
//! This room owns the file `allgood.db`, its folder, its backups and the locks of runs, and it is the only one that
//! writes SQL. It must not know what a runbook means, how a run is driven or what a secret is: it keeps what it is
//! given, and gives it back as it was or says that it is not. It reads no environment, no home and no clock for what
//! it records: places and times come in as arguments.
//!
//! A [`Store`] may be used from several threads, and by several processes at the same time.

mod backup;
mod connections;
mod drafts;
mod entries;
mod error;
mod excerpt;
mod facets;
mod files;
mod filter;
mod forget;
mod handing;
mod history;
mod index;
mod journal;
mod learning;
mod libraries;
mod links;
mod list;
mod lock;
mod marks;
mod open;
mod output;
mod palette;
mod past;
mod patience;
mod places;
mod recover;
mod retention;
mod revisions;
mod runs;
mod schedules;
mod schema;
mod search;
mod seen;
mod settings;
mod shared;
mod spelling;
mod verify;

use std::path::{Path, PathBuf};

pub use backup::BackupOutcome;
pub use drafts::{Draft, DraftRow};
pub use entries::{AccessEntry, SecretField};
pub use error::{ErrorKind, StoreError};
pub use excerpt::SnippetPart;
pub use facets::{Facets, ReviewCounts, Value as FacetValue};
pub use filter::{KindFilter, ListQuery, ProblemFilter, ReviewFilter, Sort};
pub use forget::Forgotten;
pub use handing::{Arriving, TakenIn};
pub use history::{HistoryRow, NewRevision, Origin};
pub use index::{IndexEntry, Listed, ProblemCounts, RunbookId, Seen};
pub use journal::{Events, JournalLines};
pub use learning::{Lessons, Outcomes, TaughtItem, TaughtRun};
pub use libraries::{Library, LibraryId};
pub use links::{Link, LinkTally};
pub use list::{Counts, ListPage};
pub use lock::RunLock;
pub use marks::Recent;
pub use output::OutputPiece;
pub use palette::{Choice, OwnLink, RunbookName, StepTitle};
pub use past::{RunCounts, RunFacets, RunFile};
pub use retention::{OutputSpace, Removed, RemovedOutput};
pub use revisions::{RevisionText, revision_of};
pub use runs::{NewRun, RunFilter, RunMark, RunRow, RunSummary};
pub use schedules::{Claim, Firing, Outcome, Proposed, Schedule};
pub use search::{Correction, Found, Hit, IndexText};
pub use shared::SharedRun;
pub use verify::{Flaw, Verdict};

use connections::Connections;

/// Everything that Allgood remembers, in one folder.
pub struct Store {
    folder: PathBuf,
    connections: Connections,
    states: journal::States,
    facets: facets::Cache,
    words: spelling::Known,
    notices: Vec<String>,
    /// Held as long as this store is open, so that nobody migrates it or sets it aside meanwhile.
    _open: Option<files::FileLock>,
}

impl Store {
    /// Opens the store in `folder`, and makes it where there is none.
    ///
    /// The folder is given mode 0700 and the file 0600. A store of an older version is brought up to date, after a
    /// backup. A damaged one is set aside under another name, and a new one with all that could be read of it takes its
    /// place: [`Store::notices`] says so (ACCESS.md, "Keeping data").
    ///
    /// # Errors
    /// When the folder cannot be written and there is nothing in it to read, another process keeps the store locked, or a
    /// newer version of Allgood made it: nothing was changed then.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        open::open(folder)
    }

    /// Opens the store in `folder` as [`Store::open`] does where it cannot be written: it is only read, no file is made or
    /// changed, and every change is refused with [`ErrorKind::ReadOnly`]. [`Store::notices`] says so.
    ///
    /// # Errors
    /// When it cannot be read, or is of another version.
    pub fn open_to_read(folder: &Path) -> Result<Self, StoreError> {
        open::open_to_read(folder)
    }

    /// Whether it is only read, because it cannot be written.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        self.connections.only_reads()
    }

    /// The folder it is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lets the file grow to so many pages of 4 KiB and no further (SQLite's `max_page_count`); `None` takes the limit
    /// away. Growing beyond it fails as on a full disk.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn limit_pages(&self, most: Option<u32>) -> Result<(), StoreError> {
        self.connections.limit_pages(most)
    }

    /// What happened while it was opened that a person should know, one sentence each.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").field("folder", &self.folder).finish_non_exhaustive()
    }
}
