//! Folders of runbooks that the person added, and whether they are trusted (ACCESS.md, "Trust").

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{OptionalExtension, Row};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError};

pub(crate) const MIGRATION: &str = "
CREATE TABLE libraries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    added_at TEXT NOT NULL,
    trusted_at TEXT
) STRICT;
";

/// Names a library. Never used again after its library was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LibraryId(pub i64);

/// A folder of runbooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// Its name in the store.
    pub id: LibraryId,
    /// Canonical: absolute, without symbolic links.
    pub path: PathBuf,
    /// What the person calls it.
    pub name: String,
    /// UTC, RFC 3339.
    pub added_at: String,
    /// When the person trusted it, if ever. UTC, RFC 3339.
    pub trusted_at: Option<String>,
}

impl Library {
    /// Whether what is in it may be run.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.trusted_at.is_some()
    }
}

impl Store {
    /// Adds a folder, not trusted yet; gives the one that is there if it was added before. `at` is UTC, RFC 3339.
    ///
    /// # Errors
    /// When there is no such folder, or its path is not UTF-8.
    pub fn add_library(&self, path: &Path, name: &str, at: &str) -> Result<Library, StoreError> {
        let canonical = fs::canonicalize(path).map_err(|error| StoreError::io(path, &error))?;
        if !canonical.is_dir() {
            return Err(StoreError::new(
                ErrorKind::Refused,
                format!("{} is not a folder: add the folder that holds the runbooks", path.display()),
            ));
        }
        let text = text_of(&canonical)?;
        self.connections.write(Durability::Synced, |change| {
            change.execute(
                "INSERT INTO libraries (path, name, added_at) VALUES (?1, ?2, ?3) ON CONFLICT (path) DO NOTHING",
                (text, name, at),
            )?;
            Ok(change.query_row(&format!("{SELECT} WHERE path = ?1"), [text], library)?)
        })
    }

    /// Every library, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn libraries(&self) -> Result<Vec<Library>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("{SELECT} ORDER BY name, path"))?;
            let found = statement.query_map([], library)?.collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// One library.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn library(&self, id: LibraryId) -> Result<Library, StoreError> {
        self.connections
            .read(|view| Ok(view.query_row(&format!("{SELECT} WHERE id = ?1"), [id.0], library).optional()?))?
            .ok_or_else(|| no_library(id))
    }

    /// The library that a canonical path lies in, the innermost if several do.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn library_of(&self, path: &Path) -> Result<Option<Library>, StoreError> {
        let around = self.libraries()?.into_iter().filter(|library| path.starts_with(&library.path));
        Ok(around.max_by_key(|library| library.path.as_os_str().len()))
    }

    /// Forgets a library and the index of what is in it. Its files, runs and revisions stay.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn remove_library(&self, id: LibraryId) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            crate::index::forget_library(change, id)?;
            match change.execute("DELETE FROM libraries WHERE id = ?1", [id.0])? {
                0 => Err(no_library(id)),
                _ => Ok(()),
            }
        })
    }

    /// The person has seen what is in it and trusts it. `at` is UTC, RFC 3339; the first time counts.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn trust_library(&self, id: LibraryId, at: &str) -> Result<Library, StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute("UPDATE libraries SET trusted_at = coalesce(trusted_at, ?2) WHERE id = ?1", (id.0, at))?;
            let found = change.query_row(&format!("{SELECT} WHERE id = ?1"), [id.0], library).optional()?;
            found.ok_or_else(|| no_library(id))
        })
    }

    /// The person takes the trust back.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn distrust_library(&self, id: LibraryId) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            match change.execute("UPDATE libraries SET trusted_at = NULL WHERE id = ?1", [id.0])? {
                0 => Err(no_library(id)),
                _ => Ok(()),
            }
        })
    }
}

const SELECT: &str = "SELECT id, path, name, added_at, trusted_at FROM libraries";

fn library(row: &Row<'_>) -> rusqlite::Result<Library> {
    Ok(Library {
        id: LibraryId(row.get(0)?),
        path: PathBuf::from(row.get::<_, String>(1)?),
        name: row.get(2)?,
        added_at: row.get(3)?,
        trusted_at: row.get(4)?,
    })
}

fn no_library(id: LibraryId) -> StoreError {
    StoreError::new(
        ErrorKind::Missing,
        format!("there is no library {}: `allgood library list` shows those there are", id.0),
    )
}

/// A path as the store keeps it.
pub(crate) fn text_of(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| {
        StoreError::new(
            ErrorKind::Refused,
            format!("the path {} is not UTF-8: rename the folder or file so that it is", path.display()),
        )
    })
}
