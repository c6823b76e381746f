//! Access entries: everything that is known of a system but its secrets (ACCESS.md, "Access entries").
//!
//! Which secret fields an entry has, and where each is kept, stands here; what they hold never does.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, Transaction};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError, palette};

pub(crate) const MIGRATION: &str = "
CREATE TABLE access_entries (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    kind TEXT NOT NULL,
    group_name TEXT,
    address TEXT,
    port INTEGER,
    user TEXT,
    command TEXT,
    note TEXT,
    expires TEXT,
    added_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    used_at TEXT,
    uses INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE access_tags (
    entry TEXT NOT NULL REFERENCES access_entries (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (entry, tag)
) STRICT;
CREATE TABLE access_fields (
    entry TEXT NOT NULL REFERENCES access_entries (id) ON DELETE CASCADE,
    field TEXT NOT NULL,
    place TEXT NOT NULL,
    set_at TEXT NOT NULL,
    PRIMARY KEY (entry, field)
) STRICT;
CREATE TABLE access_grants (
    entry TEXT NOT NULL REFERENCES access_entries (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    granted_at TEXT NOT NULL,
    PRIMARY KEY (entry, scope)
) STRICT;
";

/// What is known of a system, less its secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEntry {
    /// Never changes; its secrets are kept under it.
    pub id: String,
    /// What it is called; no two are called the same, whatever the case of their letters.
    pub name: String,
    /// What it leads to, as the caller names kinds.
    pub kind: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// A host, or an address of the web.
    pub address: Option<String>,
    /// 1 to 65,535.
    pub port: Option<u16>,
    /// The name that one signs in with.
    pub user: Option<String>,
    /// What connects to it.
    pub command: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// The last day on which its secrets hold, `2027-02-20`.
    pub expires: Option<String>,
    /// UTC, RFC 3339.
    pub added_at: String,
    /// UTC, RFC 3339.
    pub changed_at: String,
    /// When a secret of it was used last. UTC, RFC 3339.
    pub used_at: Option<String>,
    /// How often.
    pub uses: u64,
    /// Its secret fields, by name.
    pub fields: BTreeMap<String, SecretField>,
    /// Who may use it in runs without asking again: a library's folder or a runbook's file, and since when.
    pub grants: BTreeMap<String, String>,
}

/// That a secret is kept, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretField {
    /// What keeps it, as the caller names such places.
    pub place: String,
    /// When it was last set. UTC, RFC 3339.
    pub set_at: String,
}

impl Store {
    /// Every entry, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_entries(&self) -> Result<Vec<AccessEntry>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("{SELECT} ORDER BY name COLLATE NOCASE, name"))?;
            let mut found: Vec<AccessEntry> = statement.query_map([], entry)?.collect::<Result<_, _>>()?;
            let places: BTreeMap<String, usize> =
                found.iter().enumerate().map(|(at, entry)| (entry.id.clone(), at)).collect();
            beside(view, None, &mut |id, part| {
                if let Some(entry) = places.get(id).and_then(|at| found.get_mut(*at)) {
                    part.put_into(entry);
                }
            })?;
            Ok(found)
        })
    }

    /// The entry of that name, whatever the case of its letters.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn access_entry(&self, name: &str) -> Result<Option<AccessEntry>, StoreError> {
        self.connections.read(|view| {
            let found = view.query_row(&format!("{SELECT} WHERE name = ?1"), [name], entry).optional()?;
            let Some(mut found) = found else { return Ok(None) };
            let id = found.id.clone();
            beside(view, Some(&id), &mut |_, part| part.put_into(&mut found))?;
            Ok(Some(found))
        })
    }

    /// Keeps a new entry, or what was changed of one that is there under the same id. Its fields, grants and uses are left
    /// as they are.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when another one has its name.
    pub fn put_access_entry(&self, entry: &AccessEntry) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| put(change, entry))
    }

    /// Keeps several new entries, all of them or none.
    ///
    /// # Errors
    /// As for [`Store::put_access_entry`].
    pub fn put_access_entries(&self, entries: &[AccessEntry]) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| entries.iter().try_for_each(|entry| put(change, entry)))
    }

    /// Forgets an entry and everything beside it. Its secrets are the caller's to remove.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_access_entry(&self, id: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            for table in ["access_tags", "access_fields", "access_grants"] {
                change.execute(&format!("DELETE FROM {table} WHERE entry = ?1"), [id])?;
            }
            change.execute("DELETE FROM access_entries WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Notes that a secret field is kept in a place since `at`; without a place, that it is kept no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn set_access_field(&self, id: &str, field: &str, place: Option<&str>, at: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            match place {
                Some(place) => change.execute(
                    "INSERT INTO access_fields (entry, field, place, set_at) VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (entry, field) DO UPDATE SET place = excluded.place, set_at = excluded.set_at",
                    (id, field, place, at),
                )?,
                None => change.execute("DELETE FROM access_fields WHERE entry = ?1 AND field = ?2", (id, field))?,
            };
            change.execute("UPDATE access_entries SET changed_at = ?2 WHERE id = ?1", (id, at))?;
            Ok(())
        })
    }

    /// Notes that a secret of an entry was used. `at` is UTC, RFC 3339.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn access_used(&self, id: &str, at: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Soon, |change| {
            change.execute("UPDATE access_entries SET used_at = ?2, uses = uses + 1 WHERE id = ?1", (id, at))?;
            Ok(())
        })
    }

    /// The person lets the runbooks of a library's folder, or of one file, use an entry; or takes that back.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn grant_access(&self, id: &str, scope: &str, granted_at: Option<&str>) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            match granted_at {
                Some(at) => change.execute(
                    "INSERT INTO access_grants (entry, scope, granted_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (entry, scope) DO NOTHING",
                    (id, scope, at),
                )?,
                None => change.execute("DELETE FROM access_grants WHERE entry = ?1 AND scope = ?2", (id, scope))?,
            };
            Ok(())
        })
    }
}

const SELECT: &str =
    "SELECT id, name, kind, group_name, address, port, user, command, note, expires, added_at, changed_at,
                      used_at, uses FROM access_entries";

fn entry(row: &Row<'_>) -> rusqlite::Result<AccessEntry> {
    Ok(AccessEntry {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        group: row.get(3)?,
        tags: Vec::new(),
        address: row.get(4)?,
        port: row.get(5)?,
        user: row.get(6)?,
        command: row.get(7)?,
        note: row.get(8)?,
        expires: row.get(9)?,
        added_at: row.get(10)?,
        changed_at: row.get(11)?,
        used_at: row.get(12)?,
        uses: row.get(13)?,
        fields: BTreeMap::new(),
        grants: BTreeMap::new(),
    })
}

/// One row of a table beside the entries.
enum Part {
    Tag(String),
    Field(String, SecretField),
    Grant(String, String),
}

impl Part {
    fn put_into(self, entry: &mut AccessEntry) {
        match self {
            Self::Tag(tag) => entry.tags.push(tag),
            Self::Field(name, field) => drop(entry.fields.insert(name, field)),
            Self::Grant(scope, at) => drop(entry.grants.insert(scope, at)),
        }
    }
}

/// What stands beside one entry, or beside all of them.
fn beside(view: &Transaction<'_>, id: Option<&str>, take: &mut dyn FnMut(&str, Part)) -> Result<(), StoreError> {
    type Read = fn(&Row<'_>) -> rusqlite::Result<Part>;
    let tables: [(&str, Read); 3] = [
        ("SELECT entry, tag FROM access_tags", |row| Ok(Part::Tag(row.get(1)?))),
        ("SELECT entry, field, place, set_at FROM access_fields", |row| {
            Ok(Part::Field(row.get(1)?, SecretField { place: row.get(2)?, set_at: row.get(3)? }))
        }),
        ("SELECT entry, scope, granted_at FROM access_grants", |row| Ok(Part::Grant(row.get(1)?, row.get(2)?))),
    ];
    for (select, read) in tables {
        let mut statement = view.prepare_cached(&format!("{select} WHERE ?1 IS NULL OR entry = ?1 ORDER BY 1, 2"))?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            take(&row.get::<_, String>(0)?, read(row)?);
        }
    }
    Ok(())
}

fn put(change: &Transaction<'_>, entry: &AccessEntry) -> Result<(), StoreError> {
    let taken: Option<String> = change
        .query_row("SELECT name FROM access_entries WHERE name = ?1 AND id <> ?2", (&entry.name, &entry.id), |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(taken) = taken {
        return Err(StoreError::new(
            ErrorKind::Refused,
            format!("there is an access entry \"{taken}\" already: choose another name, or change that one"),
        ));
    }
    let before: Option<String> = change
        .query_row("SELECT name FROM access_entries WHERE id = ?1", [&entry.id], |row| row.get(0))
        .optional()?;
    if let Some(before) = before.filter(|before| *before != entry.name) {
        palette::renamed(change, &before, &entry.name)?;
    }
    change.execute(
        "INSERT INTO access_entries (id, name, kind, group_name, address, port, user, command, note, expires, added_at,
         changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, group_name = excluded.group_name,
         address = excluded.address, port = excluded.port, user = excluded.user, command = excluded.command,
         note = excluded.note, expires = excluded.expires, changed_at = excluded.changed_at",
        (
            &entry.id,
            &entry.name,
            &entry.kind,
            &entry.group,
            &entry.address,
            entry.port,
            &entry.user,
            &entry.command,
            &entry.note,
            &entry.expires,
            &entry.added_at,
            &entry.changed_at,
        ),
    )?;
    change.execute("DELETE FROM access_tags WHERE entry = ?1", [&entry.id])?;
    for tag in &entry.tags {
        change.execute("INSERT OR IGNORE INTO access_tags (entry, tag) VALUES (?1, ?2)", (&entry.id, tag))?;
    }
    Ok(())
}
