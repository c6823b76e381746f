//! Searching the text of the runbooks.

use std::collections::BTreeSet;

use rusqlite::Transaction;

use crate::{
    Store,
    error::StoreError,
    index::{self, Listed, RunbookId},
};

/// Control characters, so that no runbook means them; the index holds none of them.
pub(crate) const MARK_START: char = '\u{2}';
pub(crate) const MARK_END: char = '\u{3}';

/// More words than a person types; each costs a look into the index.
const MOST_WORDS: usize = 16;
/// How many matches are ranked at most (ARCHITECTURE.md, "Limits": rank few, not all). Those whose title, headings or
/// tags match come first, so that what is left out matches somewhere in its text alone.
const MOST_RANKED: usize = 500;
/// Words around a match.
const SNIPPET_WORDS: u32 = 14;
/// What a match counts in title, headings, tags, commands and body.
const WEIGHTS: &str = "12.0, 5.0, 8.0, 3.0, 1.0";

/// A runbook that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The runbook.
    pub runbook: Listed,
    /// Its title.
    pub title: Vec<SnippetPart>,
    /// Where it matches.
    pub snippet: Vec<SnippetPart>,
}

/// A piece of text, matching or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether it is what was searched for.
    pub matched: bool,
}

impl Store {
    /// Up to `limit` runbooks that hold all of `words`, best first; the last word may be the beginning of one.
    /// Whatever was typed is words: nothing in it is an operator.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let Some(query) = query(words) else { return Ok(Vec::new()) };
        self.connections.read(|view| {
            let best = ranked(view, &query, limit)?;
            let mut found = Vec::with_capacity(best.len());
            for id in best {
                if let Some(runbook) = index::by_id(view, RunbookId(id))? {
                    let (title, snippet) = excerpts(view, &query, id)?;
                    found.push(Found { runbook, title: parts(&title), snippet: parts(&snippet) });
                }
            }
            Ok(found)
        })
    }
}

/// The words as FTS5 takes them: each quoted, the last as a prefix. `None` when there is nothing to look for.
fn query(words: &str) -> Option<String> {
    let words = words.replace(|character: char| character.is_control(), " ");
    let quoted: Vec<String> = words
        .split_whitespace()
        .filter(|word| word.contains(char::is_alphanumeric))
        .take(MOST_WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    if quoted.is_empty() { None } else { Some(format!("{} *", quoted.join(" "))) }
}

fn ranked(view: &Transaction<'_>, query: &str, limit: usize) -> Result<Vec<i64>, StoreError> {
    let sql =
        format!("SELECT rowid, bm25(runbook_text, {WEIGHTS}) FROM runbook_text WHERE runbook_text MATCH ?1 LIMIT ?2");
    let mut statement = view.prepare_cached(&sql)?;
    let mut matches: Vec<(f64, i64)> = Vec::new();
    let mut known = BTreeSet::new();
    for query in [&format!("{{title headings tags}} : ({query})"), query] {
        let rows = statement.query_map((query, MOST_RANKED), |row| Ok((row.get(1)?, row.get(0)?)))?;
        for row in rows {
            let (rank, id): (f64, i64) = row?;
            if known.insert(id) {
                matches.push((rank, id));
            }
        }
    }
    matches.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    Ok(matches.into_iter().take(limit).map(|(_, id)| id).collect())
}

fn excerpts(view: &Transaction<'_>, query: &str, id: i64) -> Result<(String, String), StoreError> {
    let sql = format!(
        "SELECT highlight(runbook_text, 0, char(2), char(3)),
                snippet(runbook_text, -1, char(2), char(3), '…', {SNIPPET_WORDS})
         FROM runbook_text WHERE runbook_text MATCH ?1 AND rowid = ?2"
    );
    Ok(view.prepare_cached(&sql)?.query_row((query, id), |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn parts(marked: &str) -> Vec<SnippetPart> {
    let mut parts = Vec::new();
    let mut push = |text: &str, matched| {
        if !text.is_empty() {
            parts.push(SnippetPart { text: text.to_owned(), matched });
        }
    };
    for piece in marked.split(MARK_START) {
        match piece.split_once(MARK_END) {
            Some((inside, after)) => {
                push(inside, true);
                push(after, false);
            }
            None => push(piece, false),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_becomes_quoted_words() {
        for (typed, expected) in [
            ("disk full", Some("\"disk\" \"full\" *")),
            ("  disk  ", Some("\"disk\" *")),
            ("a OR \"b", Some("\"a\" \"OR\" \"\"\"b\" *")),
            ("nul\0inside", Some("\"nul\" \"inside\" *")),
            ("-- *", None),
            ("", None),
        ] {
            assert_eq!(query(typed).as_deref(), expected, "{typed:?}");
        }
    }

    #[test]
    fn marks_become_parts() {
        let part = |text: &str, matched| SnippetPart { text: text.to_owned(), matched };
        assert_eq!(
            parts("the \u{2}disk\u{3} is \u{2}full\u{3}"),
            [part("the ", false), part("disk", true), part(" is ", false), part("full", true)]
        );
    }
}
