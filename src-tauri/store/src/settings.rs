//! What the app remembers between starts: JSON values by name. (The person's own settings are in `config.toml`.)

use rusqlite::OptionalExtension;
use serde::{Serialize, de::DeserializeOwned};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError};

pub(crate) const MIGRATION: &str = "
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
";

impl Store {
    /// Keeps a value.
    ///
    /// # Errors
    /// When it cannot be JSON or the store cannot be written.
    pub fn set_setting<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let json = serde_json::to_string(value).map_err(|error| {
            StoreError::new(ErrorKind::Refused, format!("the setting \"{name}\" cannot be kept: {error}"))
        })?;
        self.connections.write(Durability::Synced, |change| {
            change.execute(
                "INSERT INTO settings (name, value) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, json),
            )?;
            Ok(())
        })
    }

    /// The value of this name; `None` when there is none.
    ///
    /// # Errors
    /// When what is kept is not such a value.
    pub fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let json: Option<String> = self.connections.read(|view| {
            Ok(view
                .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()?)
        })?;
        let read = |json: String| {
            serde_json::from_str(&json).map_err(|error| {
                StoreError::new(
                    ErrorKind::Damaged,
                    format!("the setting \"{name}\" is {json}, which is not what belongs there ({error}): remove it"),
                )
            })
        };
        json.map(read).transpose()
    }

    /// Forgets a value, if it is there.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_setting(&self, name: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute("DELETE FROM settings WHERE name = ?1", [name])?;
            Ok(())
        })
    }
}
