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

/// How many choices are remembered: those that were made last.
const REMEMBERED: u32 = 2_000;
/// No choice counts for more, so that a habit that changed is unlearned.
const MOST_COUNTED: u32 = 20;
/// The kinds of choices whose target is a file.
const FILES: &str = "kind IN ('runbook', 'step')";

/// What was chosen for a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// As it was typed, in the form that the caller keeps.
    pub text: String,
    /// What kind of thing was chosen, in the caller's words; `runbook` and `step` have a file as target, which is followed when
    /// it is moved.
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

/// Keeps the titles of a runbook's steps, a line each: the line where it begins, a tab, its title.
pub(crate) fn keep_steps(change: &Transaction<'_>, runbook: i64, text: &IndexText) -> Result<(), StoreError> {
    if text.steps.is_empty() {
        change.prepare_cached("DELETE FROM runbook_steps WHERE runbook = ?1")?.execute([runbook])?;
        return Ok(());
    }
    let lines: Vec<String> = text
        .steps
        .iter()
        .map(|(line, title)| format!("{line}\t{}", title.replace(|character: char| character.is_control(), " ")))
        .collect();
    change
        .prepare_cached(
            "INSERT INTO runbook_steps (runbook, steps) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET steps = excluded.steps",
        )?
        .execute((runbook, lines.join("\n")))?;
    Ok(())
}

/// Puts `replacement` in the place of a value in the titles of steps; choices that hold it are forgotten.
pub(crate) fn forget(change: &Transaction<'_>, value: &str, replacement: &str) -> Result<(), StoreError> {
    change.execute(
        "UPDATE runbook_steps SET steps = replace(steps, ?1, ?2) WHERE instr(steps, ?1) > 0",
        (value, replacement),
    )?;
    // What was typed is kept in small letters.
    change.execute(
        "DELETE FROM choices WHERE instr(text, ?2) > 0 OR instr(part, ?1) > 0 OR instr(target, ?1) > 0",
        (value, value.to_lowercase()),
    )?;
    Ok(())
}
