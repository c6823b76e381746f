//! Words that were typed with an error: the nearest words that stand in the index.

use rusqlite::Transaction;

use crate::error::StoreError;

/// The words of the two search tables, with how many runbooks have them. They hold nothing of their own.
pub(crate) const MIGRATION: &str = "
CREATE VIRTUAL TABLE name_words USING fts5vocab (runbook_names, row);
CREATE VIRTUAL TABLE text_words USING fts5vocab (runbook_text, row);
";

/// A shorter word is too near to too many others.
const SHORTEST: usize = 4;
/// From so many letters on, two errors are forgiven.
const LONG: usize = 8;
/// The most words that one is taken for.
const MOST: usize = 4;

/// The words of the index that `word` was most likely meant to be, the nearest first, then the most common; none when
/// it is short. With `beginning`, it may be typed only as far as it goes.
///
/// Looks through every word of titles, headings and tags, and of all other text those with the same first letter: an
/// error in the first letter is rare, and going through every word of a big library takes long.
pub(crate) fn nearest(view: &Transaction<'_>, word: &str, beginning: bool) -> Result<Vec<String>, StoreError> {
    let letters = word.chars().count();
    let Some(first) = word.chars().next().filter(|_| letters >= SHORTEST) else { return Ok(Vec::new()) };
    let errors = if letters >= LONG { 2 } else { 1 };
    let mut near: Vec<(usize, u64, String)> = Vec::new();
    let mut consider = |term: &str, count: u64| {
        if let Some(distance) = distance(word, term, errors, beginning)
            && !near.iter().any(|(_, _, known)| known == term)
        {
            near.push((distance, count, term.to_owned()));
        }
    };
    for (table, range) in [("name_words", false), ("text_words", true)] {
        let after = char::from_u32(u32::from(first) + 1).unwrap_or(char::MAX);
        let (from, to) =
            if range { (first.to_string(), after.to_string()) } else { (String::new(), char::MAX.to_string()) };
        let mut statement =
            view.prepare_cached(&format!("SELECT term, doc FROM {table} WHERE term >= ?1 AND term < ?2"))?;
        let mut rows = statement.query([from, to])?;
        while let Some(row) = rows.next()? {
            consider(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, row.get(1)?);
        }
    }
    near.sort_by(|one, other| one.0.cmp(&other.0).then(other.1.cmp(&one.1)).then(one.2.cmp(&other.2)));
    Ok(near.into_iter().take(MOST).map(|(_, _, term)| term).collect())
}

/// How many errors lie between what was typed and a word, from one to `most`: letters left out, added, changed, or two
/// neighbours turned round.
fn distance(typed: &str, term: &str, most: usize, beginning: bool) -> Option<usize> {
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
