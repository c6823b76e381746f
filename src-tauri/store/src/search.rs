//! Searching the text of the runbooks.
//!
//! What a person looks for most often stands in a title, a heading or a tag: these have a small table of their own,
//! which is ranked first. All the text comes after it, and only as many matches of it are ranked as are needed.

use std::collections::HashSet;

use rusqlite::{Transaction, params_from_iter, types::Value};

use crate::{
    Store,
    error::StoreError,
    excerpt::{self, Phrase, SnippetPart},
    filter::Filter,
    index::Listed,
    list,
};

/// Control characters, so that no runbook means them; the index holds none of them.
pub(crate) const MARK_START: char = '\u{2}';
pub(crate) const MARK_END: char = '\u{3}';

/// More words than a person types; each costs a look into the index.
const MOST_WORDS: usize = 16;
/// From so many letters on, the beginning of a word is looked for in all the text; a shorter one in titles, headings
/// and tags alone, and in the text as a whole word.
const PREFIX_IN_TEXT: usize = 3;
/// How many matches in titles, headings and tags are ranked at most. Titles that begin with the words are ranked before.
const MOST_NAMES: usize = 2_000;
/// How many matches in all the text are ranked at most.
const MOST_RANKED: usize = 500;
/// What a match counts in title, headings, tags (and commands and body).
const WEIGHTS_OF_NAMES: &str = "12.0, 5.0, 8.0";
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
    /// Words that were taken for others, because what was typed is not there: what was typed, and what was found.
    pub corrected: Vec<Correction>,
}

/// Where a runbook holds what was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Its title.
    pub title: Vec<SnippetPart>,
    /// Where it matches, with a few words around.
    pub snippet: Vec<SnippetPart>,
    /// Words that were taken for others.
    pub corrected: Vec<Correction>,
}

/// A word that was taken for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// As it was typed.
    pub typed: String,
    /// As it stands in the runbook, without case and accents.
    pub used: String,
}

impl Store {
    /// Up to `limit` runbooks that hold all of `words`, best first; the last word may be the beginning of one.
    /// Whatever was typed is words: nothing in it is an operator.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let Some(query) = Query::new(words) else { return Ok(Vec::new()) };
        self.connections.read(|view| {
            let ids = ranked(view, &query, &Filter::default(), 0, limit)?;
            let rows = list::rows(view, &ids, Some(&query))?;
            let found = rows.into_iter().filter_map(|mut runbook| {
                let Hit { title, snippet, corrected } = runbook.hit.take()?;
                Some(Found { runbook, title, snippet, corrected })
            });
            Ok(found.collect())
        })
    }
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    words: Vec<Word>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    /// As FTS5 takes it.
    quoted: String,
    tokens: Vec<String>,
}

impl Query {
    /// The words of what was typed. `None` when there is nothing to look for.
    pub(crate) fn new(typed: &str) -> Option<Self> {
        let typed = typed.replace(|character: char| character.is_control(), " ");
        let words: Vec<Word> = typed
            .split_whitespace()
            .filter(|word| word.contains(char::is_alphanumeric))
            .take(MOST_WORDS)
            .map(|word| Word { quoted: format!("\"{}\"", word.replace('"', "\"\"")), tokens: excerpt::words(word) })
            .collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// For the table of names: the last word may be the beginning of one.
    pub(crate) fn in_names(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| &*word.quoted).collect();
        format!("{} *", words.join(" "))
    }

    /// For the table of all text: the last word may be the beginning of one when it is long enough.
    pub(crate) fn in_text(&self) -> String {
        let mut text = self.in_names();
        if !self.reaches_text() {
            text.truncate(text.len() - 2);
        }
        text
    }

    /// For the table of names: titles that begin with the words as they were typed.
    fn at_title(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.quoted.trim_matches('"')).collect();
        format!("title : ^ \"{}\" *", words.join(" "))
    }

    /// Whether what the table of names gives is among what the table of all text gives.
    fn reaches_text(&self) -> bool {
        let last = self.words.last().and_then(|word| word.tokens.last());
        last.is_some_and(|token| token.chars().count() >= PREFIX_IN_TEXT)
    }

    /// SQL that gives the rows of every match, with its parameters.
    pub(crate) fn every(&self) -> (String, Vec<Value>) {
        let text = "SELECT rowid FROM runbook_text WHERE runbook_text MATCH ?".to_owned();
        if self.reaches_text() {
            return (text, vec![self.in_text().into()]);
        }
        let both = format!("{text} UNION SELECT rowid FROM runbook_names WHERE runbook_names MATCH ?");
        (both, vec![self.in_text().into(), self.in_names().into()])
    }

    /// Where it stands in a runbook.
    pub(crate) fn hit(&self, title: &str, texts: &[&str]) -> Hit {
        let last = self.words.len() - 1;
        let phrases: Vec<Phrase> = self
            .words
            .iter()
            .enumerate()
            .map(|(at, word)| Phrase { tokens: word.tokens.clone(), prefix: at == last })
            .collect();
        Hit {
            title: excerpt::highlight(title, &phrases),
            snippet: excerpt::snippet(texts, &phrases),
            corrected: Vec::new(),
        }
    }
}

/// The rows of matches that the filter lets through, best first, from `offset` on, up to `limit`.
pub(crate) fn ranked(
    view: &Transaction<'_>,
    query: &Query,
    filter: &Filter,
    offset: usize,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let wanted = offset.saturating_add(limit);
    let mut best = Ranking::default();
    for (words, most) in [(query.at_title(), MOST_RANKED), (query.in_names(), MOST_NAMES)] {
        best.take(best_of(view, "runbook_names", WEIGHTS_OF_NAMES, &words, filter, most)?);
    }
    if best.ids.len() < wanted {
        best.take(best_of(view, "runbook_text", WEIGHTS, &query.in_text(), filter, MOST_RANKED)?);
    }
    if best.ids.len() < wanted {
        // Whoever goes on that far gets the rest in the order of the index.
        let (mut every, mut parameters) = query.every();
        if !filter.is_empty() {
            every = format!("SELECT r.id FROM runbooks r WHERE r.id IN ({every}) AND {}", filter.sql());
            parameters.extend(filter.parameters());
        }
        let most = wanted.saturating_add(best.ids.len());
        let mut statement = view.prepare_cached(&format!("{every} LIMIT {most}"))?;
        let rows = statement.query_map(params_from_iter(parameters), |row| row.get(0))?;
        best.take(rows.collect::<Result<_, _>>()?);
    }
    Ok(best.ids.into_iter().skip(offset).take(limit).collect())
}

/// Rows in order, each once.
#[derive(Default)]
struct Ranking {
    ids: Vec<i64>,
    known: HashSet<i64>,
}

impl Ranking {
    fn take(&mut self, ids: Vec<i64>) {
        self.ids.extend(ids.into_iter().filter(|id| self.known.insert(*id)));
    }
}

/// The first `most` matches in the order of the index, ranked.
fn best_of(
    view: &Transaction<'_>,
    table: &str,
    weights: &str,
    words: &str,
    filter: &Filter,
    most: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut parameters: Vec<Value> = vec![words.to_owned().into()];
    let mut sql = format!("SELECT bm25({table}, {weights}), t.rowid FROM {table} t");
    if filter.is_empty() {
        sql.push_str(&format!(" WHERE {table} MATCH ?"));
    } else {
        // CROSS JOIN keeps the order: each match is looked up, not the other way round.
        sql.push_str(&format!(" CROSS JOIN runbooks r ON r.id = t.rowid WHERE {table} MATCH ? AND {}", filter.sql()));
        parameters.extend(filter.parameters());
    }
    let mut statement = view.prepare_cached(&format!("{sql} LIMIT {most}"))?;
    let mut found: Vec<(f64, i64)> = statement
        .query_map(params_from_iter(parameters), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    found.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_becomes_quoted_words() {
        for (typed, names, text) in [
            ("disk full", "\"disk\" \"full\" *", "\"disk\" \"full\" *"),
            ("  disk  ", "\"disk\" *", "\"disk\" *"),
            ("a OR \"b", "\"a\" \"OR\" \"\"\"b\" *", "\"a\" \"OR\" \"\"\"b\""),
            ("nul\0inside", "\"nul\" \"inside\" *", "\"nul\" \"inside\" *"),
            ("disk fu", "\"disk\" \"fu\" *", "\"disk\" \"fu\""),
        ] {
            let query = Query::new(typed).unwrap();
            assert_eq!((&*query.in_names(), &*query.in_text()), (names, text), "{typed:?}");
        }
        for nothing in ["-- *", ""] {
            assert_eq!(Query::new(nothing), None);
        }
    }
}
