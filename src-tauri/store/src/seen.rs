//! How files looked when they were indexed, for a part of a library.

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
}
