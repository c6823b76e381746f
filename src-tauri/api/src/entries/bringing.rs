//! Entries that come from elsewhere, each shown before it is kept, and entries on their way out, without secrets.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use access::{Account, Incoming, NotReadable};
use store::AccessEntry;

use super::{
    bad,
    keeping::{label, refused},
    using::check_secret,
};
use crate::{
    ApiError, App, ErrorCode, places,
    wire::{AccessDetails, AccessImportRow, AccessQuery, NewAccess},
};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The columns of an exported table.
const COLUMNS: [&str; 10] =
    ["name", "kind", "group", "tags", "address", "port", "user", "command", "note", "expires"];

impl App {
    /// The hosts that ssh's configuration names: of that file, else of the person's own.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn access_read_ssh(&self, path: Option<&Path>) -> Result<Vec<Incoming>, ApiError> {
        let home = places::home().ok_or_else(|| bad("Allgood does not know where your home is: HOME is not set"))?;
        let file = path.map_or_else(|| home.join(".ssh/config"), PathBuf::from);
        let text = String::from_utf8_lossy(&read(&file)?).into_owned();
        access::ssh_hosts(&text, &home).map_err(|error| in_file(&file, &error))
    }

    /// The entries of a table of a password manager.
    ///
    /// # Errors
    /// When it cannot be read, or is no table.
    pub fn access_read_table(&self, path: &Path) -> Result<Vec<Incoming>, ApiError> {
        access::table(&read(path)?).map_err(|error| in_file(path, &error))
    }

    /// What would come of each: nothing is kept yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_import_plan(&self, incoming: &[Incoming]) -> Result<Vec<AccessImportRow>, ApiError> {
        let known = self.store.access_entries()?;
        let names: BTreeSet<String> = known.iter().map(|entry| entry.name.to_lowercase()).collect();
        let rows = incoming.iter().map(|one| AccessImportRow {
            name: one.name.clone(),
            kind: one.kind.name().to_owned(),
            group: one.group.clone(),
            address: one.address.clone(),
            user: one.user.clone(),
            note: one.note.clone(),
            secrets: one.secrets.iter().map(|(field, _)| field.clone()).collect(),
            left: names
                .contains(&one.name.to_lowercase())
                .then(|| "there is an entry of that name, which stays as it is".to_owned()),
        });
        Ok(rows.collect())
    }

    /// Keeps those of them whose names are free; gives how many. Their secrets are kept first, so that none of them is without;
    /// where one of them cannot be kept none is.
    ///
    /// # Errors
    /// When something of one cannot be so, or the keychain cannot be had.
    pub fn access_import(&self, incoming: &[Incoming]) -> Result<u64, ApiError> {
        let plan = self.access_import_plan(incoming)?;
        let (mut entries, mut secrets) = (Vec::new(), Vec::new());
        for (one, _) in incoming.iter().zip(&plan).filter(|(_, row)| row.left.is_none()) {
            let entry = self.brought(one).map_err(|error| {
                let message = format!("{} (\"{}\"; nothing was imported)", error.message, one.name);
                ApiError { message, ..error }
            })?;
            let fields = one
                .secrets
                .iter()
                .map(|(field, secret)| (Account::new(&entry.id, field), secret, label(&entry.name, field)));
            secrets.extend(fields);
            entries.push((entry, one));
        }
        let (place, now) = (self.keeper()?, self.engine.clock.now());
        let keeper = self.keepers.of(place);
        let forget = || {
            let accounts: Vec<Account> = secrets.iter().map(|(account, ..)| account.clone()).collect();
            if let Err(left) = keeper.remove_all(&accounts) {
                tracing::warn!(%left, "secrets of entries that were not imported stay where they were put");
            }
        };
        keeper.set_all(&secrets).map_err(|error| {
            forget();
            refused(&error, format!("The secrets were not kept, so nothing was imported: {error}."))
        })?;
        let put = entries.iter().try_for_each(|(entry, one)| {
            self.put_entry(entry)?;
            one.secrets.iter().try_for_each(|(field, secret)| {
                let _ = self.secrets.register(secret);
                Ok(self.store.set_access_field(&entry.id, field, Some(place), &now)?)
            })
        });
        put.inspect_err(|_: &ApiError| {
            for (entry, _) in &entries {
                drop(self.store.remove_access_entry(&entry.id));
            }
            forget();
        })?;
        Ok(entries.len() as u64)
    }

    /// The entry that one of them would be, if it can be kept with all its secrets.
    fn brought(&self, one: &Incoming) -> Result<AccessEntry, ApiError> {
        let entry = self.made(NewAccess {
            name: one.name.clone(),
            kind: one.kind.name().to_owned(),
            details: AccessDetails {
                group: one.group.clone(),
                address: one.address.clone(),
                user: one.user.clone(),
                note: one.note.clone(),
                ..AccessDetails::default()
            },
        })?;
        one.secrets.iter().try_for_each(|(field, secret)| check_secret(&entry.name, field, secret))?;
        Ok(entry)
    }

    /// All entries as a table (CSV, RFC 4180), without any secret.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_export(&self) -> Result<String, ApiError> {
        let entries = self.access_list(AccessQuery::default())?.entries;
        let lines = entries.into_iter().map(|entry| {
            [
                entry.name,
                entry.kind,
                entry.group.unwrap_or_default(),
                entry.tags.join(","),
                entry.address.unwrap_or_default(),
                entry.port.map(|port| port.to_string()).unwrap_or_default(),
                entry.user.unwrap_or_default(),
                entry.command.unwrap_or_default(),
                entry.note.unwrap_or_default(),
                entry.expires.unwrap_or_default(),
            ]
            .map(|cell| quoted(&cell))
            .join(",")
        });
        Ok([COLUMNS.join(",")].into_iter().chain(lines).map(|line| line + "\r\n").collect())
    }
}

/// A cell of a table.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) || cell.trim() != cell {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell.to_owned()
}

/// A file that a person named, if it is one and not too large.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, ApiError> {
    let unreadable =
        |why: String| ApiError::new(ErrorCode::File, format!("{} cannot be read: {why}.", path.display()));
    let found = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if !found.is_file() {
        return Err(unreadable("it is no file".to_owned()));
    }
    if found.len() > LARGEST {
        return Err(unreadable("it is larger than 16 MiB".to_owned()));
    }
    fs::read(path).map_err(|error| unreadable(error.to_string()))
}

fn in_file(path: &Path, error: &NotReadable) -> ApiError {
    bad(format!("{}: {error}", path.display()))
}
