//! What the palette finds and learns from: the names of all runbooks, the titles of their steps, and what a person chose for
//! which text. How these are ranked is the caller's to know.

use rusqlite::{Transaction, params_from_iter, types::Value};

use crate::{
    Store,
    connections::Durability,
    error::StoreError,
    index, places,
    search::{IndexText, Query},
};

/// Steps were not indexed before: each file looks changed, so that the next look at the folders reads it again.
pub(crate) const MIGRATION: &str = "
CREATE TABLE runbook_steps (
    runbook INTEGER PRIMARY KEY REFERENCES runbooks (id) ON DELETE CASCADE,
    steps TEXT NOT NULL
) STRICT;
UPDATE runbooks SET modified_ns = -1;
CREATE TABLE choices (
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    part TEXT NOT NULL,
    count INTEGER NOT NULL,
    chosen_at TEXT NOT NULL,
    PRIMARY KEY (text, kind, target, part)
) STRICT;
CREATE INDEX choices_by_time ON choices (chosen_at);
";

/// The links of runbooks were not indexed before: as with steps, every file is read again.
pub(crate) const MIGRATION_LINKS: &str = "
CREATE TABLE runbook_addresses (
    runbook INTEGER PRIMARY KEY REFERENCES runbooks (id) ON DELETE CASCADE,
    links TEXT NOT NULL
) STRICT;
UPDATE runbooks SET modified_ns = -1;
";

/// How many choices are remembered: those that were made last.
const REMEMBERED: u32 = 2_000;
/// No choice counts for more, so that a habit that changed is unlearned.
const MOST_COUNTED: u32 = 20;
/// The choices whose target is a file; a link with a part is one of a runbook.
const FILES: &str = "(kind IN ('runbook', 'step') OR (kind = 'link' AND part <> ''))";

/// What was chosen for a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// As it was typed, in the form that the caller keeps.
    pub text: String,
    /// What kind of thing was chosen, in the caller's words; `runbook`, `step`, and a `link` with a part have a file as target,
    /// which is followed when it is moved, and `access` the name of an entry, which is followed when it is renamed.
    pub kind: String,
    /// Which.
    pub target: String,
    /// Which part of it; empty for the whole.
    pub part: String,
    /// How often, 20 at most.
    pub count: u32,
    /// When it was chosen last. UTC, RFC 3339.
    pub chosen_at: String,
}

/// What a runbook is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunbookName {
    /// The whole path of its file.
    pub file: Box<str>,
    /// At which byte of it the path within its library begins.
    pub within: usize,
    /// Its title.
    pub title: Box<str>,
    /// A JSON array, as it is kept.
    pub tags: Box<str>,
}

/// A step of a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTitle {
    /// The whole path of the runbook's file.
    pub file: Box<str>,
    /// The title of the runbook.
    pub runbook: Box<str>,
    /// The title of the step.
    pub title: Box<str>,
    /// Its first line, from 1.
    pub line: u64,
}

/// A link that a runbook names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLink {
    /// The whole path of the runbook's file.
    pub file: Box<str>,
    /// The title of the runbook.
    pub runbook: Box<str>,
    /// What it is called.
    pub title: Box<str>,
    /// Where it leads, as it is written; may hold variables.
    pub address: Box<str>,
}

impl Store {
    /// How often the index was changed so far: what was read of it holds while this stays.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn index_generation(&self) -> Result<i64, StoreError> {
        self.connections.read(index::generation)
    }

    /// The names of all runbooks, by title.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn runbook_names(&self) -> Result<Vec<RunbookName>, StoreError> {
        self.connections.read(|view| {
            let mut statement =
                view.prepare_cached("SELECT file, length(CAST(file AS BLOB)) - length(CAST(path AS BLOB)), title, tags FROM runbooks ORDER BY title_key, id")?;
            let rows = statement.query_map([], |row| {
                Ok(RunbookName { file: row.get(0)?, within: row.get(1)?, title: row.get(2)?, tags: row.get(3)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The steps of all runbooks, or with `words` those of at most `most` runbooks that have each of the words, the last one as a
    /// beginning, in a title, a heading or a tag.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn step_titles(&self, words: Option<&str>, most: u32) -> Result<Vec<StepTitle>, StoreError> {
        let (from, parameters): (&str, Vec<Value>) = match words {
            None => ("runbook_steps s JOIN runbooks r ON r.id = s.runbook ORDER BY r.title_key, r.id", Vec::new()),
            Some(words) => {
                let Some(query) = Query::new(words) else { return Ok(Vec::new()) };
                (
                    "(SELECT rowid FROM runbook_names WHERE runbook_names MATCH ? LIMIT ?) m
                     CROSS JOIN runbooks r ON r.id = m.rowid JOIN runbook_steps s ON s.runbook = r.id ORDER BY r.title_key, r.id",
                    vec![query.in_names().into(), most.into()],
                )
            }
        };
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(&format!("SELECT r.file, r.title, s.steps FROM {from}"))?;
            let mut rows = statement.query(params_from_iter(parameters))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (file, runbook): (Box<str>, Box<str>) = (row.get(0)?, row.get(1)?);
                for step in row.get_ref(2)?.as_str().unwrap_or_default().lines() {
                    let Some((line, title)) = step.split_once('\t') else { continue };
                    let line = line.parse().unwrap_or(1);
                    found.push(StepTitle { file: file.clone(), runbook: runbook.clone(), title: title.into(), line });
                }
            }
            Ok(found)
        })
    }

    /// The links that runbooks name, by the titles of their runbooks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn own_links(&self) -> Result<Vec<OwnLink>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT r.file, r.title, a.links FROM runbook_addresses a JOIN runbooks r ON r.id = a.runbook
                 ORDER BY r.title_key, r.id",
            )?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (file, runbook): (Box<str>, Box<str>) = (row.get(0)?, row.get(1)?);
                for link in row.get_ref(2)?.as_str().unwrap_or_default().lines() {
                    let Some((address, title)) = link.split_once('\t') else { continue };
                    let (file, runbook) = (file.clone(), runbook.clone());
                    found.push(OwnLink { file, runbook, title: title.into(), address: address.into() });
                }
            }
            Ok(found)
        })
    }

    /// What was chosen so far, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn choices(&self) -> Result<Vec<Choice>, StoreError> {
        self.connections.read(|view| {
            let mut statement = view.prepare_cached(
                "SELECT text, kind, target, part, count, chosen_at FROM choices ORDER BY chosen_at DESC, text, kind, target, part",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(Choice {
                    text: row.get(0)?,
                    kind: row.get(1)?,
                    target: row.get(2)?,
                    part: row.get(3)?,
                    count: row.get(4)?,
                    chosen_at: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Counts a choice once more, at its `chosen_at`; its `count` does not matter. What was chosen last before `forget` (UTC, RFC
    /// 3339) is forgotten, and of what is left all but the latest 2,000.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn chosen(&self, choice: &Choice, forget: &str) -> Result<(), StoreError> {
        let Choice { text, kind, target, part, count: _, chosen_at } = choice;
        self.connections.write(Durability::Soon, |change| {
            change.execute(
                "INSERT INTO choices (text, kind, target, part, count, chosen_at) VALUES (?1, ?2, ?3, ?4, 1, ?5)
                 ON CONFLICT DO UPDATE SET count = min(count + 1, ?6), chosen_at = excluded.chosen_at",
                (text, kind, target, part, chosen_at, MOST_COUNTED),
            )?;
            change.execute("DELETE FROM choices WHERE chosen_at < ?1", [forget])?;
            change.execute(
                "DELETE FROM choices WHERE rowid NOT IN
                 (SELECT rowid FROM choices ORDER BY chosen_at DESC, text, kind, target, part LIMIT ?1)",
                [REMEMBERED],
            )?;
            Ok(())
        })
    }

    /// Forgets every choice.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_choices(&self) -> Result<(), StoreError> {
        self.connections.write(Durability::Synced, |change| {
            change.execute("DELETE FROM choices", [])?;
            Ok(())
        })
    }
}

/// Gives choices of files at and below `from` their place at and below `to`.
pub(crate) fn relocate(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    let (moved, within) = (places::moved("target"), places::within("target"));
    change
        .prepare_cached(&format!("UPDATE OR REPLACE choices SET target = {moved} WHERE {FILES} AND {within}"))?
        .execute((from, to))?;
    Ok(())
}

/// Gives choices of an access entry its new name.
pub(crate) fn renamed(change: &Transaction<'_>, from: &str, to: &str) -> Result<(), StoreError> {
    change
        .prepare_cached("UPDATE OR REPLACE choices SET target = ?2 WHERE kind = 'access' AND target = ?1")?
        .execute((from, to))?;
    Ok(())
}

/// Keeps the titles of a runbook's steps and its links, a line each: the line where a step begins or the address of a link, a
/// tab, its title.
pub(crate) fn keep_parts(change: &Transaction<'_>, runbook: i64, text: &IndexText) -> Result<(), StoreError> {
    let plain = |text: &str| text.replace(|character: char| character.is_control(), " ");
    let steps = text.steps.iter().map(|(line, title)| format!("{line}\t{}", plain(title)));
    keep_lines(change, runbook, ("runbook_steps", "steps"), steps.collect())?;
    let links = text.links.iter().map(|(address, title)| format!("{}\t{}", plain(address), plain(title)));
    keep_lines(change, runbook, ("runbook_addresses", "links"), links.collect())
}

fn keep_lines(
    change: &Transaction<'_>,
    runbook: i64,
    (table, column): (&str, &str),
    lines: Vec<String>,
) -> Result<(), StoreError> {
    if lines.is_empty() {
        change.prepare_cached(&format!("DELETE FROM {table} WHERE runbook = ?1"))?.execute([runbook])?;
        return Ok(());
    }
    change
        .prepare_cached(&format!(
            "INSERT INTO {table} (runbook, {column}) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET {column} = excluded.{column}"
        ))?
        .execute((runbook, lines.join("\n")))?;
    Ok(())
}

/// Puts `replacement` in the place of a value in the titles of steps and in links; choices that hold it are forgotten.
pub(crate) fn forget(change: &Transaction<'_>, value: &str, replacement: &str) -> Result<(), StoreError> {
    for (table, column) in [("runbook_steps", "steps"), ("runbook_addresses", "links")] {
        change.execute(
            &format!("UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1) > 0"),
            (value, replacement),
        )?;
    }
    // What was typed is kept in small letters.
    change.execute(
        "DELETE FROM choices WHERE instr(text, ?2) > 0 OR instr(part, ?1) > 0 OR instr(target, ?1) > 0",
        (value, value.to_lowercase()),
    )?;
    Ok(())
}
