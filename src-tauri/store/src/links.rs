//! Links that a person keeps, how often each was opened, and the values that were given for their parameters
//! (ACCESS.md, "Links"). What an address means is the caller's to know.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, Transaction};

use crate::{ErrorKind, Store, connections::Durability, error::StoreError};

/// A link that was removed stays for a while, so that it can be put back.
pub(crate) const MIGRATION: &str = "
CREATE TABLE links (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL COLLATE NOCASE,
    address TEXT NOT NULL,
    group_name TEXT,
    pin INTEGER,
    added_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    opened_at TEXT,
    removed_at TEXT
) STRICT;
CREATE UNIQUE INDEX links_by_title ON links (title) WHERE removed_at IS NULL;
CREATE TABLE link_tags (
    link TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (link, tag)
) STRICT;
CREATE TABLE link_opens (
    link TEXT NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    day TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (link, day)
) STRICT;
CREATE TABLE link_values (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    used_at TEXT NOT NULL,
    PRIMARY KEY (name, value)
) STRICT;
";

/// How many values of one name are remembered.
const VALUES: u32 = 8;

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Never changes; later ones sort behind earlier ones.
    pub id: String,
    /// What it is called; no two are called the same, whatever the case of their letters.
    pub title: String,
    /// Where it leads; may hold parameters.
    pub address: String,
    /// The group that it is listed in.
    pub group: Option<String>,
    /// Sorted.
    pub tags: Vec<String>,
    /// Its place among the pinned ones, where it is one: any number, in order.
    pub pin: Option<i64>,
    /// UTC, RFC 3339.
    pub added_at: String,
    /// UTC, RFC 3339.
    pub changed_at: String,
    /// When it was opened last. UTC, RFC 3339.
    pub opened_at: Option<String>,
}

/// A link, and how often it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkTally {
    /// The link.
    pub link: Link,
    /// How often since the day that was asked for.
    pub opens: u64,
}

impl Store {
    /// Every link that was not removed, by title, with how often it was opened since a day (`2026-11-22`).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn links(&self, since: &str) -> Result<Vec<LinkTally>, StoreError> {
        self.connections.read(|view| {
            let mut tags: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let mut statement = view.prepare_cached("SELECT link, tag FROM link_tags ORDER BY link, tag")?;
            for row in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (link, tag): (String, String) = row?;
                tags.entry(link).or_default().push(tag);
            }
            let mut statement = view.prepare_cached(&format!(
                "SELECT {COLUMNS}, (SELECT coalesce(sum(count), 0) FROM link_opens WHERE link = links.id AND day >= ?1)
                 FROM links WHERE removed_at IS NULL ORDER BY title COLLATE NOCASE, title"
            ))?;
            let rows = statement.query_map([since], |row| Ok(LinkTally { link: link(row)?, opens: row.get(8)? }))?;
            let mut found: Vec<LinkTally> = rows.collect::<Result<_, _>>()?;
            for one in &mut found {
                one.link.tags = tags.remove(&one.link.id).unwrap_or_default();
            }
            Ok(found)
        })
    }

    /// How many links there are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn link_count(&self) -> Result<u64, StoreError> {
        self.connections.read(|view| {
            Ok(view.query_row("SELECT count(*) FROM links WHERE removed_at IS NULL", [], |row| row.get(0))?)
        })
    }

    /// The link of that id, or of that title whatever the case of its letters.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn link(&self, name: &str) -> Result<Option<Link>, StoreError> {
        self.connections.read(|view| {
            let sql = format!("SELECT {COLUMNS} FROM links WHERE removed_at IS NULL AND (id = ?1 OR title = ?1)");
            let Some(mut found) = view.query_row(&sql, [name], link).optional()? else { return Ok(None) };
            let mut statement = view.prepare_cached("SELECT tag FROM link_tags WHERE link = ?1 ORDER BY tag")?;
            found.tags = statement.query_map([&found.id], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(Some(found))
        })
    }

    /// Keeps new links, or what was changed of those that are there under the same id: all of them or none. How often they
    /// were opened stays.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when another one has its title.
    pub fn put_links(&self, links: &[Link]) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| links.iter().try_for_each(|link| put(change, link)))
    }

    /// Takes a link out of every list at `at`; it can be put back until one is removed after `forget`, both UTC, RFC 3339: what
    /// was removed before that is forgotten now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_link(&self, id: &str, at: &str, forget: &str) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            for table in ["link_tags", "link_opens"] {
                change.execute(
                    &format!("DELETE FROM {table} WHERE link IN (SELECT id FROM links WHERE removed_at < ?1)"),
                    [forget],
                )?;
            }
            change.execute("DELETE FROM links WHERE removed_at < ?1", [forget])?;
            change.execute("UPDATE links SET removed_at = ?2 WHERE id = ?1", (id, at))?;
            Ok(())
        })
    }

    /// Puts a link back that was removed: of that id, or the one removed last of that title. Gives its id; `None` where there is
    /// none.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when another one has its title by now.
    pub fn restore_link(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.connections.write(Durability::Synced, |change| {
            let found: Option<(String, String)> = change
                .query_row(
                    "SELECT id, title FROM links WHERE removed_at IS NOT NULL AND (id = ?1 OR title = ?1)
                     ORDER BY removed_at DESC LIMIT 1",
                    [name],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((id, title)) = found else { return Ok(None) };
            free(change, &id, &title)?;
            change.execute("UPDATE links SET removed_at = NULL WHERE id = ?1", [&id])?;
            Ok(Some(id))
        })
    }

    /// Pins a link behind those that are pinned, or takes it from them. One that is pinned already keeps its place.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn pin_link(&self, id: &str, pinned: bool) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            let sql = if pinned {
                "UPDATE links SET pin = coalesce(pin, (SELECT coalesce(max(pin), 0) + 1 FROM links)) WHERE id = ?1"
            } else {
                "UPDATE links SET pin = NULL WHERE id = ?1"
            };
            change.execute(sql, [id])?;
            Ok(())
        })
    }

    /// Notes that links were opened, and with which values, on a day (`2026-11-22`) at `at` (UTC, RFC 3339). The days before
    /// `forget` are forgotten, and of each name the values that were used last are remembered.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn links_opened(
        &self,
        ids: &[&str],
        values: &BTreeMap<String, String>,
        day: &str,
        at: &str,
        forget: &str,
    ) -> Result<(), StoreError> {
        self.connections.write(Durability::Soon, |change| {
            for id in ids {
                change.execute(
                    "INSERT INTO link_opens (link, day, count) SELECT id, ?2, 1 FROM links WHERE id = ?1
                     ON CONFLICT (link, day) DO UPDATE SET count = count + 1",
                    (id, day),
                )?;
                change.execute("UPDATE links SET opened_at = ?2 WHERE id = ?1", (id, at))?;
            }
            change.execute("DELETE FROM link_opens WHERE day < ?1", [forget])?;
            for (name, value) in values {
                change.execute(
                    "INSERT INTO link_values (name, value, used_at) VALUES (?1, ?2, ?3)
                     ON CONFLICT (name, value) DO UPDATE SET used_at = excluded.used_at",
                    (name, value, at),
                )?;
                change.execute(
                    "DELETE FROM link_values WHERE name = ?1 AND value NOT IN
                     (SELECT value FROM link_values WHERE name = ?1 ORDER BY used_at DESC, value LIMIT ?2)",
                    (name, VALUES),
                )?;
            }
            Ok(())
        })
    }

    /// The values that were given for parameters, by name, the one that was used last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn link_values(&self) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT name, value FROM link_values ORDER BY name, used_at DESC, value")?;
            let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for row in statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
                let (name, value): (String, String) = row?;
                found.entry(name).or_default().push(value);
            }
            Ok(found)
        })
    }
}

const COLUMNS: &str = "id, title, address, group_name, pin, added_at, changed_at, opened_at";

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        id: row.get(0)?,
        title: row.get(1)?,
        address: row.get(2)?,
        group: row.get(3)?,
        tags: Vec::new(),
        pin: row.get(4)?,
        added_at: row.get(5)?,
        changed_at: row.get(6)?,
        opened_at: row.get(7)?,
    })
}

/// Whether nobody else has the title.
fn free(change: &Transaction<'_>, id: &str, title: &str) -> Result<(), StoreError> {
    let taken: Option<String> = change
        .query_row(
            "SELECT title FROM links WHERE title = ?1 AND id <> ?2 AND removed_at IS NULL",
            (title, id),
            |row| row.get(0),
        )
        .optional()?;
    match taken {
        None => Ok(()),
        Some(taken) => Err(StoreError::new(
            ErrorKind::Refused,
            format!("there is a link \"{taken}\" already: choose another title, or change that one"),
        )),
    }
}

fn put(change: &Transaction<'_>, link: &Link) -> Result<(), StoreError> {
    free(change, &link.id, &link.title)?;
    change.execute(
        "INSERT INTO links (id, title, address, group_name, pin, added_at, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET title = excluded.title, address = excluded.address,
         group_name = excluded.group_name, pin = excluded.pin, changed_at = excluded.changed_at",
        (&link.id, &link.title, &link.address, &link.group, link.pin, &link.added_at, &link.changed_at),
    )?;
    change.execute("DELETE FROM link_tags WHERE link = ?1", [&link.id])?;
    for tag in &link.tags {
        change.execute("INSERT OR IGNORE INTO link_tags (link, tag) VALUES (?1, ?2)", (&link.id, tag))?;
    }
    Ok(())
}
