//! Words that were typed with an error: the nearest words that stand in the index.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Mutex,
};

use rusqlite::Transaction;

use crate::{connections, error::StoreError, excerpt, search::IndexText};

pub(crate) const MIGRATION: &str = "
CREATE VIRTUAL TABLE name_words USING fts5vocab (runbook_names, row);
CREATE VIRTUAL TABLE text_words USING fts5vocab (runbook_text, row);
";

/// A table of its own: going through the words of a search table goes through every place where they stand.
pub(crate) const MIGRATION_WORDS: &str = "
DROP TABLE name_words;
CREATE TABLE words (word TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO words SELECT term FROM text_words WHERE length(term) BETWEEN 4 AND 24 AND term NOT GLOB '*[0-9]*';
";

/// A shorter word is too near to too many others.
const SHORTEST: usize = 4;
/// From so many letters on, two errors are forgiven.
const LONG: usize = 8;
/// A longer word is no word that people type.
const LONGEST: usize = 24;
/// The most words that one is taken for.
const MOST: usize = 4;
/// The most words whose runbooks are counted for that.
const MOST_COUNTED: usize = 12;
/// How far they are counted.
const COUNTED: u64 = 50;
/// How many words are remembered so that they need not be kept again.
const MOST_KNOWN: usize = 200_000;

/// Words that are in the table already.
pub(crate) type Known = Mutex<HashSet<String>>;

/// Keeps the words of a text: those of letters alone, which people may mistype. One that no runbook has any more may
/// stay; it is found nowhere then.
pub(crate) fn keep(
    change: &Transaction<'_>,
    known: &Known,
    text: &IndexText,
    beside: &[&str],
) -> Result<(), StoreError> {
    let mut known = connections::lock(known);
    if known.len() > MOST_KNOWN {
        known.clear();
    }
    let mut statement = change.prepare_cached("INSERT OR IGNORE INTO words (word) VALUES (?1)")?;
    for part in [&text.headings, &text.commands, &text.body].map(String::as_str).iter().chain(beside) {
        excerpt::each_word(part, &mut |word: &str| {
            if worth_keeping(word) && !known.contains(word) {
                statement.execute([word])?;
                known.insert(word.to_owned());
            }
            Ok::<(), StoreError>(())
        })?;
    }
    Ok(())
}

/// Forgets words that stand in no runbook any more.
pub(crate) fn tidy(change: &Transaction<'_>, known: &Known) -> Result<(), StoreError> {
    connections::lock(known).clear();
    change.execute("DELETE FROM words", [])?;
    change.execute(
        "INSERT INTO words SELECT term FROM text_words WHERE length(term) BETWEEN ?1 AND ?2 AND term NOT GLOB '*[0-9]*'",
        (SHORTEST, LONGEST),
    )?;
    Ok(())
}

fn worth_keeping(word: &str) -> bool {
    (SHORTEST..=LONGEST * 4).contains(&word.len())
        && !word.bytes().any(|byte| byte.is_ascii_digit())
        && (SHORTEST..=LONGEST).contains(&word.chars().count())
}

/// The words of the index that `word` was most likely meant to be, the nearest first, then the most common; none when
/// it is short. With `beginning`, it may be typed only as far as it goes.
///
/// Looks through the words that begin with the first or the second letter of what was typed: an error in the first
/// letter is rare but for two letters turned round.
pub(crate) fn nearest(view: &Transaction<'_>, word: &str, beginning: bool) -> Result<Vec<String>, StoreError> {
    let letters = word.chars().count();
    if letters < SHORTEST {
        return Ok(Vec::new());
    }
    let errors = if letters >= LONG { 2 } else { 1 };
    let firsts: BTreeSet<char> = word.chars().take(2).collect();
    let mut near: Vec<(usize, String)> = Vec::new();
    let mut statement = view.prepare_cached("SELECT word FROM words WHERE word >= ?1 AND word < ?2")?;
    for first in firsts {
        let after = char::from_u32(u32::from(first) + 1).unwrap_or(char::MAX);
        let mut rows = statement.query([first.to_string(), after.to_string()])?;
        while let Some(row) = rows.next()? {
            let term = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if let Some(distance) = distance(word, term, errors, beginning) {
                near.push((distance, term.to_owned()));
            }
        }
    }
    near.sort();
    near.truncate(MOST_COUNTED);
    let mut statement = view
        .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM runbook_text WHERE runbook_text MATCH ?1 LIMIT ?2)")?;
    let mut there = Vec::new();
    for (distance, term) in near {
        let count: u64 = statement.query_row((format!("\"{term}\""), COUNTED), |row| row.get(0))?;
        if count > 0 {
            there.push((distance, u64::MAX - count, term));
        }
    }
    there.sort();
    Ok(there.into_iter().take(MOST).map(|(_, _, term)| term).collect())
}

/// How many errors lie between what was typed and a word, from one to `most`: letters left out, added, changed, or two
/// neighbours turned round.
fn distance(typed: &str, term: &str, most: usize, beginning: bool) -> Option<usize> {
    // A letter has four bytes at most: a look at the bytes spares most words the counting.
    if term.len() * 4 + most < typed.len() {
        return None;
    }
    let (typed_length, length) = (typed.chars().count(), term.chars().count());
    if length + most < typed_length || (!beginning && length > typed_length + most) {
        return None;
    }
    let whole = if length <= typed_length + most { strsim::osa_distance(typed, term) } else { usize::MAX };
    let begun = (typed_length.saturating_sub(most)..=typed_length + most).filter(|end| beginning && *end < length);
    let nearest = begun
        .map(|end| {
            let start: String = term.chars().take(end).collect();
            strsim::osa_distance(typed, &start)
        })
        .fold(whole, usize::min);
    // None at all is the word itself, or its beginning: no error.
    (1..=most).contains(&nearest).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_letters_left_out_added_changed_or_turned_round() {
        for (typed, term, most, beginning, expected) in [
            ("certficate", "certificate", 2, false, Some(1)),
            ("certifciate", "certificate", 2, false, Some(1)),
            ("certifikade", "certificate", 2, false, Some(2)),
            ("dsik", "disk", 1, false, Some(1)),
            ("disc", "disk", 1, false, Some(1)),
            ("dusc", "disk", 1, false, None),
            ("disk", "disk", 1, false, None),
            ("kuberntes", "kubernetes", 2, true, Some(1)),
            ("kubre", "kubernetes", 1, true, Some(1)),
            ("kubre", "kubernetes", 1, false, None),
            ("kube", "kubernetes", 1, true, None),
        ] {
            assert_eq!(distance(typed, term, most, beginning), expected, "{typed} {term}");
        }
    }
}
