//! Parts of a library: how the files in them looked when they were indexed, and what links into them.

use rusqlite::OptionalExtension;

use crate::{LibraryId, Seen, Store, error::StoreError};

impl Store {
    /// How the file at `path`, or the files below it, looked when they were indexed; `path` is relative to the library,
    /// with `/`, and empty for all of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn seen_below(&self, library: LibraryId, path: &str) -> Result<Vec<Seen>, StoreError> {
        if path.is_empty() {
            return self.seen(library);
        }
        self.connections.read(|view| {
            // '0' follows '/': a range that the index by path answers.
            let mut statement = view.prepare_cached(
                "SELECT path, modified_ns, size FROM runbooks
                 WHERE library = ?1 AND (path = ?2 OR (path > ?2 || '/' AND path < ?2 || '0')) ORDER BY path",
            )?;
            let found = statement.query_map((library.0, path), |row| {
                Ok(Seen { path: row.get(0)?, modified_ns: row.get(1)?, size: row.get(2)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// The revision that the row of this file was made from; the path is relative to the library.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn revision_in_index(&self, library: LibraryId, path: &str) -> Result<Option<String>, StoreError> {
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT revision FROM runbooks WHERE library = ?1 AND path = ?2")?;
            Ok(statement.query_row((library.0, path), |row| row.get(0)).optional()?)
        })
    }

    /// The files with a link to one of these places, as their paths relative to the library, in order. With `below`,
    /// links to what lies below a place count too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn linking(&self, library: LibraryId, places: &[String], below: bool) -> Result<Vec<String>, StoreError> {
        let places = serde_json::Value::from(places.to_vec()).to_string();
        let below = if below { "OR (k.target > p.value || '/' AND k.target < p.value || '0')" } else { "" };
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!(
                "SELECT DISTINCT r.path FROM json_each(?2) p JOIN runbook_links k ON k.target = p.value {below}
                 JOIN runbooks r ON r.id = k.runbook WHERE r.library = ?1 ORDER BY r.path"
            ))?;
            let found = statement.query_map((library.0, places), |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}
