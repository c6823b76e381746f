//! What belongs to a path goes along when its file, or the folder it is in, gets another name.
//!
//! Drafts, history, marks and the index are kept by path. Records of runs keep the path that they had, beside the
//! place where the file is now.

use std::path::PathBuf;

use crate::{
    LibraryId, Store, connections::Durability, drafts, error::StoreError, history, index, libraries, marks, palette,
    runs, schedules,
};

/// SQL: whether `column` is the path `?1` or lies below it.
pub(crate) fn within(column: &str) -> String {
    // '0' follows '/': a range that an index can answer.
    format!("({column} = ?1 OR ({column} > ?1 || '/' AND {column} < ?1 || '0'))")
}

/// SQL: the path of `column`, which is at or below `?1`, when `?1` is at `?2` now.
pub(crate) fn moved(column: &str) -> String {
    format!("?2 || substr({column}, length(?1) + 1)")
}

impl Store {
    /// The file, or the folder, at `from` was renamed to `to`, both relative to the library, with `/`: drafts, history,
    /// pins, recents, schedules, the row of the index, and which runs are shown beside it go along, all of it or nothing. What
    /// the records of runs say about where they ran stays.
    ///
    /// What the index holds about a file that was at `to` before is taken out; its history is kept, and goes on with
    /// that of the file that came.
    ///
    /// # Errors
    /// When there is no such library, or both places have a draft of one file: nothing was changed then.
    pub fn moved(&self, library: LibraryId, from: &str, to: &str) -> Result<(), StoreError> {
        let folder = self.library(library)?.path;
        if from == to {
            return Ok(());
        }
        let whole = |path: &str| -> Result<String, StoreError> {
            let path: PathBuf = folder.join(path);
            Ok(libraries::text_of(&path)?.to_owned())
        };
        let (before, after) = (whole(from)?, whole(to)?);
        self.connections.write(Durability::Synced, |change| {
            drafts::relocate(change, &before, &after)?;
            history::relocate(change, &before, &after)?;
            runs::relocate(change, &before, &after)?;
            marks::relocate(change, &before, &after)?;
            palette::relocate(change, &before, &after)?;
            schedules::relocate(change, &before, &after)?;
            index::relocate(change, library, from, to)?;
            index::refresh_marks(change, &after)
        })
    }
}
