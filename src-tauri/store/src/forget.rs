//! Forgetting a value that should never have been written down (ACCESS.md, "Secrets that come back").
//!
//! It goes from drafts, kept revisions, what was said about them and the index, and from the pages of the file that
//! hold nothing any more. Records of runs are never changed: those that hold it are named.

use std::{fs, path::PathBuf, thread, time::Duration};

use engine::RunId;
use rusqlite::{Transaction, types::Value};

use crate::{
    ErrorKind, Store,
    connections::Durability,
    error::StoreError,
    files::{BACKUPS, DATABASE},
    index, list, palette,
    revisions::{compressed, decompressed},
    schedules, spelling,
};

/// A shorter value would be found everywhere.
const SHORTEST: usize = 4;
/// How often the log is tried to be emptied while somebody still reads.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// What was forgotten, and what still remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// The files whose drafts held it.
    pub drafts: Vec<PathBuf>,
    /// The hashes of the revisions whose bytes held it: from now on they say so.
    pub revisions: Vec<String>,
    /// How many runbooks of the index held it.
    pub runbooks: u64,
    /// Runs whose record holds it still: a record is never changed.
    pub runs: Vec<RunId>,
    /// Copies of the store that were made before and may hold it: backups, and what was set aside.
    pub copies: Vec<PathBuf>,
    /// Whether it is gone from the write-ahead log too. If not, somebody read all the time: it goes with the next
    /// checkpoint.
    pub log_emptied: bool,
}

impl Store {
    /// Puts `replacement` in the place of `value` in every draft and kept revision, in the messages of the history and
    /// in the index. A revision that held it keeps its hash and is marked with `at` (UTC, RFC 3339):
    /// [`Store::revision`] and [`Store::verify`] say that a secret was removed. The files themselves are not touched.
    ///
    /// The search tables are put in order anew, so that deleted entries do not remember it: with 100,000 runbooks that
    /// takes a quarter of a minute.
    ///
    /// # Errors
    /// When the value is shorter than four bytes, the replacement holds it, or the store cannot be written: nothing was
    /// changed then.
    pub fn forget_text(&self, value: &str, replacement: &str, at: &str) -> Result<Forgotten, StoreError> {
        if value.trim().len() < SHORTEST {
            return Err(StoreError::new(
                ErrorKind::Refused,
                format!("what is to be forgotten has fewer than {SHORTEST} characters: it would be found everywhere"),
            ));
        }
        if replacement.contains(value) {
            return Err(StoreError::new(
                ErrorKind::Refused,
                "what takes the place of a forgotten value holds that value: choose other words",
            ));
        }
        let swap = Swap::new(value, replacement);
        let mut forgotten = self.connections.write(Durability::Synced, |change| {
            let mut forgotten = Forgotten::default();
            for form in &swap.values {
                let form = form.as_slice();
                forgotten.drafts.extend(drafts(change, &swap, form)?);
            }
            forgotten.revisions = revisions(change, &swap, at)?;
            change.execute(
                "UPDATE history SET message = replace(message, ?1, ?2) WHERE instr(message, ?1) > 0",
                (value, replacement),
            )?;
            forgotten.runbooks = runbooks(change, value, replacement)?;
            palette::forget(change, value, replacement)?;
            schedules::forget(change, value, replacement)?;
            spelling::tidy(change, &self.words)?;
            forgotten.runs = runs(change, value)?;
            Ok(forgotten)
        })?;
        self.connections.write(Durability::Synced, overwrite_free_pages)?;
        forgotten.copies = self.copies()?;
        for _ in 0..TRIES {
            forgotten.log_emptied = self.connections.empty_log()?;
            if forgotten.log_emptied {
                break;
            }
            thread::sleep(PAUSE);
        }
        Ok(forgotten)
    }

    /// Copies of the store: backups, and damaged ones that were set aside.
    fn copies(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut copies = Vec::new();
        for (folder, beginning) in [(self.folder.join(BACKUPS), ""), (self.folder.clone(), "allgood.db.damaged-")] {
            let wrong = |error: std::io::Error| StoreError::io(&folder, &error);
            for entry in fs::read_dir(&folder).map_err(wrong)? {
                let entry = entry.map_err(wrong)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let sort = if beginning.is_empty() { name.ends_with(".db") } else { name.starts_with(beginning) };
                if sort && name != DATABASE {
                    copies.push(entry.path());
                }
            }
        }
        copies.sort();
        Ok(copies)
    }
}

/// What goes, as it may stand in a file, and what comes.
struct Swap {
    values: Vec<Vec<u8>>,
    replacement: Vec<u8>,
}

impl Swap {
    fn new(value: &str, replacement: &str) -> Self {
        let mut values = vec![value.as_bytes().to_vec()];
        // A key of several lines has other line ends in another file.
        let plain = value.replace("\r\n", "\n");
        for other in [plain.clone(), plain.replace('\n', "\r\n")] {
            if !values.contains(&other.as_bytes().to_vec()) {
                values.push(other.into_bytes());
            }
        }
        Self { values, replacement: replacement.as_bytes().to_vec() }
    }

    fn stands_in(&self, bytes: &[u8]) -> bool {
        self.values.iter().any(|value| bytes.windows(value.len()).any(|part| part == value))
    }

    fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let mut swapped = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            match self.values.iter().find(|value| rest.starts_with(value)) {
                Some(value) => {
                    swapped.extend_from_slice(&self.replacement);
                    rest = rest.get(value.len()..).unwrap_or_default();
                }
                None => {
                    swapped.push(*first);
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
        }
        swapped
    }
}

fn drafts(change: &Transaction<'_>, swap: &Swap, value: &[u8]) -> Result<Vec<PathBuf>, StoreError> {
    let found: Vec<(String, Vec<u8>)> = change
        .prepare("SELECT path, bytes FROM drafts WHERE instr(bytes, ?1) > 0 ORDER BY path")?
        .query_map([value], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (path, bytes) in &found {
        change.execute("UPDATE drafts SET bytes = ?2 WHERE path = ?1", (path, swap.apply(bytes)))?;
    }
    Ok(found.into_iter().map(|(path, _)| PathBuf::from(path)).collect())
}

fn revisions(change: &Transaction<'_>, swap: &Swap, at: &str) -> Result<Vec<String>, StoreError> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut statement = change.prepare("SELECT hash, bytes, size FROM revisions ORDER BY hash")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        // What cannot be read any more tells nobody anything.
        let Some(bytes) = decompressed(bytes, row.get(2)?) else { continue };
        if swap.stands_in(&bytes) {
            found.push((row.get(0)?, swap.apply(&bytes)));
        }
    }
    for (hash, bytes) in &found {
        let (bytes, size) = compressed(bytes);
        change.execute(
            "UPDATE revisions SET bytes = ?2, size = ?3, redacted = ?4 WHERE hash = ?1",
            (hash, bytes, size, at),
        )?;
    }
    Ok(found.into_iter().map(|(hash, _)| hash).collect())
}

/// The rows of the index and the search tables.
fn runbooks(change: &Transaction<'_>, value: &str, replacement: &str) -> Result<u64, StoreError> {
    const SHOWN: [&str; 6] = ["title", "owner", "severity", "reviewed", "review_every", "problem"];
    const LISTS: [&str; 2] = ["tags", "links"];
    const SEARCHED: [(&str, &[&str]); 2] = [
        ("runbook_names", &["title", "headings", "tags"]),
        ("runbook_text", &["title", "headings", "tags", "commands", "body"]),
    ];
    let holds = |columns: &[&str]| {
        let each: Vec<String> =
            columns.iter().map(|column| format!("coalesce(instr({column}, ?1), 0) > 0")).collect();
        each.join(" OR ")
    };
    let set = |columns: &[&str]| {
        let each: Vec<String> =
            columns.iter().map(|column| format!("{column} = replace({column}, ?1, ?2)")).collect();
        each.join(", ")
    };
    // In the lists within a row it stands as JSON has it.
    let (in_list, in_its_place) = (as_json(value), as_json(replacement));
    let found: u64 = change.query_row(
        &format!(
            "SELECT count(*) FROM (SELECT rowid FROM runbook_text WHERE {}
                UNION SELECT id FROM runbooks WHERE {} OR {})",
            holds(SEARCHED[1].1),
            holds(&SHOWN),
            holds(&LISTS).replace("?1", "?2"),
        ),
        [value, &*in_list],
        |row| row.get(0),
    )?;
    let changed: Vec<(i64, String)> = change
        .prepare(&format!("UPDATE runbooks SET {} WHERE {} RETURNING id, title", set(&SHOWN), holds(&SHOWN)))?
        .query_map((value, replacement), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, title) in changed {
        change.execute("UPDATE runbooks SET title_key = ?2 WHERE id = ?1", (id, list::title_key(&title)))?;
    }
    change
        .execute(&format!("UPDATE runbooks SET {} WHERE {}", set(&LISTS), holds(&LISTS)), (in_list, in_its_place))?;
    for (table, column) in [("runbook_tags", "tag"), ("runbook_links", "target")] {
        change.execute(
            &format!(
                "UPDATE OR REPLACE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1) > 0"
            ),
            (value, replacement),
        )?;
    }
    for (table, columns) in SEARCHED {
        // Without it, a deleted entry stays in the table until it is put in order some day.
        change.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 1)"), [])?;
        change.execute(
            &format!("UPDATE {table} SET {} WHERE {}", set(columns), holds(columns)),
            (value, replacement),
        )?;
        change.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('secure-delete', 0)"), [])?;
        // What was deleted before, as when the mended file was indexed anew.
        change.execute(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), [])?;
    }
    index::bump(change)?;
    Ok(found)
}

/// Fills every page that holds nothing any more with zeros: by taking them all for a table, which is dropped then.
fn overwrite_free_pages(change: &Transaction<'_>) -> Result<(), StoreError> {
    let pragma = |name: &str| -> Result<u64, StoreError> {
        Ok(change.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))?)
    };
    let size = pragma("page_size")?;
    change.execute_batch("CREATE TABLE overwritten (bytes BLOB NOT NULL)")?;
    loop {
        let free = pragma("freelist_count")?;
        if free == 0 {
            break;
        }
        // Many at a time, and at the end one after the other, so that the file does not grow.
        let pages = (free / 2).clamp(1, 4_096);
        change.execute("INSERT INTO overwritten (bytes) VALUES (zeroblob(?1))", [pages * size])?;
    }
    change.execute_batch("DROP TABLE overwritten")?;
    Ok(())
}

/// The runs whose events or output hold it.
fn runs(change: &Transaction<'_>, value: &str) -> Result<Vec<RunId>, StoreError> {
    let mut statement = change.prepare(
        "SELECT DISTINCT run FROM events WHERE instr(fields, ?1) > 0 OR instr(fields, ?2) > 0
         UNION SELECT DISTINCT run FROM output WHERE instr(bytes, ?3) > 0
         UNION SELECT id FROM runs WHERE instr(title, ?1) > 0 ORDER BY 1",
    )?;
    let parameters = (value, as_json(value), Value::Blob(value.as_bytes().to_vec()));
    let found = statement.query_map(parameters, |row| row.get(0).map(RunId))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// As it stands within a text of JSON.
fn as_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_replaced_wherever_it_stands_whatever_its_line_ends() {
        for (value, bytes, expected) in [
            ("secret", &b"secret secretsecret\xff"[..], &b"* **\xff"[..]),
            ("one\ntwo", b"a one\r\ntwo one\ntwo", b"a * *"),
            ("one\r\ntwo", b"one\ntwo", b"*"),
            ("secret", b"secre", b"secre"),
        ] {
            assert_eq!(Swap::new(value, "*").apply(bytes), expected, "{value:?}");
        }
    }
}
