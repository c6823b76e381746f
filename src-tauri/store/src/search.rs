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
    patience::Patience,
    spelling,
};

/// What is searched of a runbook, beside its title and tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexText {
    /// Its headings.
    pub headings: String,
    /// Its commands.
    pub commands: String,
    /// Its prose.
    pub body: String,
    /// Its steps: the line where each begins, from 1, and its title.
    pub steps: Vec<(u64, String)>,
    /// The schedule that its front matter proposes, as the caller writes it down.
    pub schedule: Option<String>,
    /// The links that it names and that lead out of its library: the address as it is written, and what it is called.
    pub links: Vec<(String, String)>,
}

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
            let page = (0, limit);
            let found = answer(view, query, &Filter::default(), page, FEW, &Patience::default())?;
            let rows = list::rows(view, &found.ids, Some(&found.query))?;
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
        let (sql, parameters): (Vec<String>, Vec<Vec<Value>>) = self.each().into_iter().unzip();
        (sql.join(" UNION "), parameters.concat())
    }

    /// The same, table by table: a row may be in more than one.
    fn each(&self) -> Vec<(String, Vec<Value>)> {
        let of = |table: &str, words: String| {
            (format!("SELECT rowid FROM {table} WHERE {table} MATCH ?"), vec![words.into()])
        };
        let mut each = vec![of("runbook_text", self.in_text())];
        if !self.reaches_text() {
            each.push(of("runbook_names", self.in_names()));
        }
        each
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

/// What was found.
pub(crate) struct Answer {
    /// What was looked for, errors of typing forgiven.
    pub(crate) query: Query,
    /// The rows of the page, best first.
    pub(crate) ids: Vec<i64>,
    /// How many there are, counted up to a limit.
    pub(crate) total: u64,
    /// Whether something was left out because nobody waits any longer.
    pub(crate) cut: bool,
}

/// The rows of matches that the filter lets through, best first, from an offset on, up to a limit, and how many there are,
/// counted up to `most`. What stands in names is looked for first, so that it is there when patience ends.
pub(crate) fn answer(
    view: &Transaction<'_>,
    query: Query,
    filter: &Filter,
    (offset, limit): (usize, usize),
    most: u64,
    patience: &Patience,
) -> Result<Answer, StoreError> {
    let wanted = offset.saturating_add(limit);
    let mut best = Ranking::default();
    ranked(view, &query, filter, wanted, &mut best, patience)?;
    let (query, total) = counted(view, query, filter, most, patience)?;
    if query.forgives() {
        ranked(view, &query, filter, wanted, &mut best, patience)?;
    }
    let cut = patience.is_cut();
    let total = if cut { total.max(best.ids.len() as u64) } else { total };
    Ok(Answer { query, ids: best.ids.into_iter().skip(offset).take(limit).collect(), total, cut })
}

/// What to look for, errors of typing forgiven where hardly anything holds it, and how many runbooks do, counted up to
/// `most`.
pub(crate) fn counted(
    view: &Transaction<'_>,
    query: Query,
    filter: &Filter,
    most: u64,
    patience: &Patience,
) -> Result<(Query, u64), StoreError> {
    let count = |query: &Query| -> Result<u64, StoreError> {
        // Each table for itself: to join them SQLite would go to the end of both.
        let mut known: HashSet<i64> = HashSet::new();
        for every in query.each() {
            if patience.is_over() {
                patience.cut();
                break;
            }
            let (sql, parameters) = filtered(every, filter);
            let mut statement = view.prepare_cached(&format!("{sql} LIMIT {most}"))?;
            known.extend(patience.take(&mut statement, params_from_iter(parameters), |row| row.get::<_, i64>(0))?);
        }
        Ok((known.len() as u64).min(most))
    };
    let exact = count(&query)?;
    if exact >= FEW || patience.is_cut() {
        return Ok((query, exact));
    }
    let query = match query.clone().forgiving(view) {
        Err(error) if error.is_interrupted() => {
            patience.cut();
            query
        }
        query => query?,
    };
    let all = if query.forgives() { count(&query)? } else { exact };
    Ok((query, all))
}

/// Puts matches that the filter lets through behind those that are there, best first, until there are as many as are
/// wanted.
fn ranked(
    view: &Transaction<'_>,
    query: &Query,
    filter: &Filter,
    wanted: usize,
    best: &mut Ranking,
    patience: &Patience,
) -> Result<(), StoreError> {
    for (words, most) in [(query.at_title(), MOST_RANKED), (query.in_names(), MOST_NAMES)] {
        best.take(best_of(view, ("runbook_names", WEIGHTS_OF_NAMES), &words, filter, most, patience)?);
    }
    if best.ids.len() < wanted {
        if patience.is_over() {
            patience.cut();
            return Ok(());
        }
        best.take(best_of(view, ("runbook_text", WEIGHTS), &query.in_text(), filter, MOST_RANKED, patience)?);
    }
    if best.ids.len() < wanted {
        if patience.is_over() {
            patience.cut();
            return Ok(());
        }
        // Whoever goes on that far gets the rest in the order of the index.
        let (sql, parameters) = filtered(query.every(), filter);
        let mut statement = view.prepare_cached(&format!("{sql} LIMIT {}", wanted.saturating_add(best.ids.len())))?;
        best.take(patience.take(&mut statement, params_from_iter(parameters), |row| row.get(0))?);
    }
    Ok(())
}

/// Those of these rows of matches that the filter lets through: SQL, with its parameters.
fn filtered((every, mut parameters): (String, Vec<Value>), filter: &Filter) -> (String, Vec<Value>) {
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
    (table, weights): (&str, &str),
    words: &str,
    filter: &Filter,
    most: usize,
    patience: &Patience,
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
    let mut found: Vec<(f64, i64)> =
        patience.take(&mut statement, params_from_iter(parameters), |row| Ok((row.get(0)?, row.get(1)?)))?;
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
