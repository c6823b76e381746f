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
    list, spelling,
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
/// With fewer hits than this, a word that few runbooks have is taken for those near to it too.
pub(crate) const FEW: u64 = 5;
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
    /// Titles that begin with the words come first, then what holds all of them in title, headings and tags, then what
    /// holds them anywhere. Where hardly anything does, a word of four letters or more is taken for the nearest that
    /// there are too, with one error, or two from eight letters on: such runbooks come last and say so.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, words: &str, limit: usize) -> Result<Vec<Found>, StoreError> {
        let Some(query) = Query::new(words) else { return Ok(Vec::new()) };
        self.connections.read(|view| {
            let (query, _) = counted(view, query, &Filter::default(), FEW)?;
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
    typed: String,
    /// As FTS5 takes it.
    quoted: String,
    tokens: Vec<String>,
    /// Words that it is taken for, because hardly anything holds it.
    near: Vec<String>,
}

impl Word {
    /// With what it is taken for, as FTS5 takes it.
    fn any(&self, ending: &str) -> String {
        if self.near.is_empty() {
            return format!("{}{ending}", self.quoted);
        }
        let near: Vec<String> = self.near.iter().map(|near| format!("\"{near}\"")).collect();
        format!("({}{ending} OR {})", self.quoted, near.join(" OR "))
    }
}

impl Query {
    /// The words of what was typed. `None` when there is nothing to look for.
    pub(crate) fn new(typed: &str) -> Option<Self> {
        let typed = typed.replace(|character: char| character.is_control(), " ");
        let words: Vec<Word> = typed
            .split_whitespace()
            .filter(|word| word.contains(char::is_alphanumeric))
            .take(MOST_WORDS)
            .map(|word| Word {
                typed: word.to_owned(),
                quoted: format!("\"{}\"", word.replace('"', "\"\"")),
                tokens: excerpt::words(word),
                near: Vec::new(),
            })
            .collect();
        (!words.is_empty()).then_some(Self { words })
    }

    /// The same, with words that hardly anything holds taken for those near to them. For one with fewer than [`FEW`]
    /// matches.
    pub(crate) fn forgiving(mut self, view: &Transaction<'_>) -> Result<Self, StoreError> {
        let last = self.words.len() - 1;
        for (at, word) in self.words.iter_mut().enumerate() {
            let [token] = &word.tokens[..] else { continue };
            let alone = Self { words: vec![Word { near: Vec::new(), ..word.clone() }] };
            let alone = if at == last { alone.every() } else { alone.whole() };
            let (sql, parameters) = alone;
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {FEW})");
            let there: u64 = view.prepare_cached(&sql)?.query_row(params_from_iter(parameters), |row| row.get(0))?;
            if there < FEW {
                word.near = spelling::nearest(view, token, at == last)?;
            }
        }
        Ok(self)
    }

    /// Whether a word is taken for others.
    pub(crate) fn forgives(&self) -> bool {
        self.words.iter().any(|word| !word.near.is_empty())
    }

    /// Without forgiving anything.
    fn exact(&self) -> Self {
        Self { words: self.words.iter().map(|word| Word { near: Vec::new(), ..word.clone() }).collect() }
    }

    /// For the table of names: the last word may be the beginning of one.
    pub(crate) fn in_names(&self) -> String {
        self.all(" *")
    }

    /// For the table of all text: the last word may be the beginning of one when it is long enough.
    pub(crate) fn in_text(&self) -> String {
        self.all(if self.reaches_text() { " *" } else { "" })
    }

    fn all(&self, ending: &str) -> String {
        let last = self.words.len() - 1;
        let each = self.words.iter().enumerate().map(|(at, word)| word.any(if at == last { ending } else { "" }));
        // Without AND, FTS5 takes no brackets beside a word.
        each.collect::<Vec<_>>().join(" AND ")
    }

    /// SQL that gives the rows with its words as whole words, with its parameters.
    fn whole(&self) -> (String, Vec<Value>) {
        ("SELECT rowid FROM runbook_text WHERE runbook_text MATCH ?".to_owned(), vec![self.all("").into()])
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
        let mut hit = Hit {
            title: excerpt::highlight(title, &phrases),
            snippet: excerpt::snippet(texts, &phrases),
            corrected: Vec::new(),
        };
        if self.forgives() {
            self.correct(&mut hit, title, texts, phrases);
        }
        hit
    }
}

impl Query {
    /// What each word that is not there was taken for in this runbook.
    fn correct(&self, hit: &mut Hit, title: &str, texts: &[&str], mut phrases: Vec<Phrase>) {
        let mut there: HashSet<String> = excerpt::words(title).into_iter().collect();
        texts.iter().for_each(|text| there.extend(excerpt::words(text)));
        for (word, phrase) in self.words.iter().zip(&mut phrases) {
            let [token] = &word.tokens[..] else { continue };
            let exact =
                if phrase.prefix { there.iter().any(|one| one.starts_with(token)) } else { there.contains(token) };
            if exact {
                continue;
            }
            if let Some(used) = word.near.iter().find(|near| there.contains(*near)) {
                hit.corrected.push(Correction { typed: word.typed.clone(), used: used.clone() });
                *phrase = Phrase { tokens: vec![used.clone()], prefix: false };
            }
        }
        if !hit.corrected.is_empty() {
            hit.title = excerpt::highlight(title, &phrases);
            hit.snippet = excerpt::snippet(texts, &phrases);
        }
    }
}

/// What to look for, errors of typing forgiven where hardly anything holds it, and how many runbooks do, counted up to
/// `most`.
pub(crate) fn counted(
    view: &Transaction<'_>,
    query: Query,
    filter: &Filter,
    most: u64,
) -> Result<(Query, u64), StoreError> {
    let count = |query: &Query| -> Result<u64, StoreError> {
        let (sql, parameters) = every_of(query, filter);
        let sql = format!("SELECT count(*) FROM ({sql} LIMIT {most})");
        Ok(view.prepare_cached(&sql)?.query_row(params_from_iter(parameters), |row| row.get(0))?)
    };
    let exact = count(&query)?;
    if exact >= FEW {
        return Ok((query, exact));
    }
    let query = query.forgiving(view)?;
    let all = if query.forgives() { count(&query)? } else { exact };
    Ok((query, all))
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
    let exact = query.exact();
    let forgiving = query.forgives().then_some(query);
    for query in std::iter::once(&exact).chain(forgiving) {
        for (words, most) in [(query.at_title(), MOST_RANKED), (query.in_names(), MOST_NAMES)] {
            best.take(best_of(view, "runbook_names", WEIGHTS_OF_NAMES, &words, filter, most)?);
        }
        if best.ids.len() < wanted {
            best.take(best_of(view, "runbook_text", WEIGHTS, &query.in_text(), filter, MOST_RANKED)?);
        }
        if best.ids.len() < wanted {
            // Whoever goes on that far gets the rest in the order of the index.
            let (sql, parameters) = every_of(query, filter);
            let mut statement =
                view.prepare_cached(&format!("{sql} LIMIT {}", wanted.saturating_add(best.ids.len())))?;
            let rows = statement.query_map(params_from_iter(parameters), |row| row.get(0))?;
            best.take(rows.collect::<Result<_, _>>()?);
        }
    }
    Ok(best.ids.into_iter().skip(offset).take(limit).collect())
}

/// SQL that gives the rows of matches that the filter lets through, in the order of the index, with its parameters.
fn every_of(query: &Query, filter: &Filter) -> (String, Vec<Value>) {
    let (every, mut parameters) = query.every();
    if filter.is_empty() {
        return (every, parameters);
    }
    parameters.extend(filter.parameters());
    (
        format!("SELECT r.id FROM ({every}) m CROSS JOIN runbooks r ON r.id = m.rowid WHERE {}", filter.sql()),
        parameters,
    )
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
            ("disk full", "\"disk\" AND \"full\" *", "\"disk\" AND \"full\" *"),
            ("  disk  ", "\"disk\" *", "\"disk\" *"),
            ("a OR \"b", "\"a\" AND \"OR\" AND \"\"\"b\" *", "\"a\" AND \"OR\" AND \"\"\"b\""),
            ("nul\0inside", "\"nul\" AND \"inside\" *", "\"nul\" AND \"inside\" *"),
            ("disk fu", "\"disk\" AND \"fu\" *", "\"disk\" AND \"fu\""),
        ] {
            let query = Query::new(typed).unwrap();
            assert_eq!((&*query.in_names(), &*query.in_text()), (names, text), "{typed:?}");
        }
        for nothing in ["-- *", ""] {
            assert_eq!(Query::new(nothing), None);
        }
    }
}
