//! What there is to choose from in the list, with how many runbooks each choice would leave.

use std::{sync::Mutex, time::Duration};

use rusqlite::{Transaction, params_from_iter};

use crate::{
    ListQuery, Sort, Store, connections,
    error::StoreError,
    filter::{self, Filter, Side},
    index, list,
    patience::Patience,
    search::{self, Query},
};

/// The most values of each sort: those that most runbooks have.
const MOST: usize = 100;
/// Within how many days a review may be due.
const WEEK: u32 = 7;
const SOON: u32 = 30;
const QUARTER: u32 = 90;
/// How many answers are kept.
const KEPT: usize = 16;

/// A value and how many runbooks have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it is written; empty for those that have none.
    pub value: String,
    /// Runbooks.
    pub count: u64,
}

/// What there is to choose from under all the other choices that were made, the most common first, at most a hundred
/// of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// `incident`, `routine`, and empty for none.
    pub kinds: Vec<Value>,
    /// Tags.
    pub tags: Vec<Value>,
    /// Owners, and empty for none.
    pub owners: Vec<Value>,
    /// Severities, and empty for none.
    pub severities: Vec<Value>,
    /// By when the review is due.
    pub review: ReviewCounts,
    /// Codes of problems, with how many runbooks have such a problem.
    pub codes: Vec<Value>,
    /// Runbooks with errors.
    pub errors: u64,
    /// Runbooks with warnings.
    pub warnings: u64,
    /// Runbooks with errors or warnings.
    pub problems: u64,
    /// Folders within the libraries, two levels, whatever folder was chosen.
    pub folders: Vec<Value>,
    /// Pinned runbooks.
    pub pinned: u64,
}

/// Runbooks by when their review is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReviewCounts {
    /// Before today.
    pub overdue: u64,
    /// Today or in the next seven days.
    pub week: u64,
    /// Today or in the next thirty days.
    pub soon: u64,
    /// Today or in the next ninety days.
    pub quarter: u64,
    /// After thirty days.
    pub later: u64,
    /// No review is planned.
    pub unplanned: u64,
}

/// Answers, each for what was asked and for the index as it was.
pub(crate) type Cache = Mutex<Vec<(ListQuery, i64, Facets)>>;

impl Store {
    /// What there is to choose from in the list that `query` asks for. Its order and page do not matter.
    ///
    /// # Errors
    /// When `today` is no date, or the store cannot be read.
    pub fn facets(&self, query: &ListQuery) -> Result<Facets, StoreError> {
        Ok(self.facets_within(query, None)?.unwrap_or_default())
    }

    /// The same; none where it takes longer than `patience`.
    ///
    /// # Errors
    /// As [`Store::facets`].
    pub fn facets_within(&self, query: &ListQuery, patience: Option<Duration>) -> Result<Option<Facets>, StoreError> {
        let words = Query::new(&query.words);
        if words.is_none() && !query.words.trim().is_empty() {
            return Ok(Some(Facets::default()));
        }
        let asked = ListQuery {
            sort: Sort::Title,
            descending: false,
            offset: 0,
            limit: None,
            patience: None,
            ..query.clone()
        };
        self.connections.read(|view| {
            let generation = index::generation(view)?;
            let known = |cache: &[(ListQuery, i64, Facets)]| {
                let mut kept = cache.iter();
                kept.find(|(query, of, _)| *of == generation && *query == asked).map(|(_, _, facets)| facets.clone())
            };
            if let Some(facets) = known(&connections::lock(&self.facets)) {
                return Ok(Some(facets));
            }
            let counted = Patience::within(view, patience, |_| {
                let words = match words {
                    Some(words) => {
                        let filter = Filter::of(&asked, None)?;
                        Some(search::counted(view, words, &filter, search::FEW, &Patience::default())?.0)
                    }
                    None => None,
                };
                count(view, &asked, words.as_ref())
            });
            let facets = match counted {
                Err(error) if patience.is_some() && error.is_interrupted() => return Ok(None),
                facets => facets?,
            };
            let mut cache = connections::lock(&self.facets);
            cache.retain(|(_, of, _)| *of == generation);
            if cache.len() == KEPT {
                cache.remove(0);
            }
            cache.push((asked, generation, facets.clone()));
            Ok(Some(facets))
        })
    }
}

fn count(view: &Transaction<'_>, query: &ListQuery, words: Option<&Query>) -> Result<Facets, StoreError> {
    let words = words.map(|words| hits(view, words)).transpose()?;
    let words = words.as_ref();
    let without = |side: Side| -> Result<Filter, StoreError> {
        let mut filter = Filter::of(query, Some(side))?;
        if let Some(words) = words {
            filter.among(words.clone());
        }
        Ok(filter)
    };
    let column = |side: Side, column: &str| -> Result<Vec<Value>, StoreError> {
        let filter = without(side)?;
        let sql = format!(
            "SELECT coalesce(r.{column}, ''), count(*) FROM runbooks r WHERE {} GROUP BY r.{column}
             ORDER BY 2 DESC, 1 LIMIT {MOST}",
            filter.sql()
        );
        values(view, &sql, &filter)
    };
    let list = |side: Side, table: &str, column: &str| -> Result<Vec<Value>, StoreError> {
        let filter = without(side)?;
        let sql = if filter.is_empty() {
            format!("SELECT {column}, count(*) FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}")
        } else {
            format!(
                "SELECT v.{column}, count(*) FROM runbooks r JOIN {table} v ON v.runbook = r.id WHERE {}
                 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}",
                filter.sql()
            )
        };
        values(view, &sql, &filter)
    };
    let (errors, warnings, problems) = problems(view, &without(Side::Problems)?)?;
    let mut pinned = Filter::of(query, None)?;
    pinned.add("r.pinned = 1", []);
    if let Some(words) = words {
        pinned.among(words.clone());
    }
    Ok(Facets {
        kinds: column(Side::Kind, "kind")?,
        tags: list(Side::Tag, "runbook_tags", "tag")?,
        owners: column(Side::Owner, "owner")?,
        severities: column(Side::Severity, "severity")?,
        review: review(view, query, &without(Side::Review)?)?,
        codes: list(Side::Problems, "runbook_codes", "code")?,
        errors,
        warnings,
        problems,
        folders: folders(view, &without(Side::Folder)?)?,
        pinned: list::count(view, &pinned, "1")?,
    })
}

/// The rows that hold the words, looked for once for all that is counted: SQL, with its parameters.
fn hits(view: &Transaction<'_>, words: &Query) -> Result<(String, Vec<rusqlite::types::Value>), StoreError> {
    let (sql, parameters) = words.every();
    let mut statement = view.prepare_cached(&sql)?;
    let ids = statement.query_map(params_from_iter(parameters), |row| row.get::<_, i64>(0))?;
    let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
    Ok(("SELECT value FROM json_each(?)".to_owned(), vec![serde_json::Value::from(ids).to_string().into()]))
}

fn values(view: &Transaction<'_>, sql: &str, filter: &Filter) -> Result<Vec<Value>, StoreError> {
    let mut statement = view.prepare_cached(sql)?;
    let rows = statement.query_map(params_from_iter(filter.parameters()), |row| {
        Ok(Value { value: row.get(0)?, count: row.get(1)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The folders that the runbooks are in, and those that these are in: the first two levels.
fn folders(view: &Transaction<'_>, filter: &Filter) -> Result<Vec<Value>, StoreError> {
    let first = "substr(r.path, 1, instr(r.path, '/') - 1)";
    let rest = "substr(r.path, instr(r.path, '/') + 1)";
    let second = format!("{first} || '/' || substr({rest}, 1, instr({rest}, '/') - 1)");
    let level = |folder: &str, of: &str| {
        let sql = format!(
            "SELECT {folder}, count(*) FROM runbooks r WHERE {} AND instr({of}, '/') > 0
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}",
            filter.sql()
        );
        values(view, &sql, filter)
    };
    let mut found = level(first, "r.path")?;
    found.extend(level(&second, rest)?);
    found.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.value.cmp(&other.value)));
    found.truncate(MOST);
    Ok(found)
}

fn problems(view: &Transaction<'_>, filter: &Filter) -> Result<(u64, u64, u64), StoreError> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE r.errors > 0), count(*) FILTER (WHERE r.warnings > 0),
            count(*) FILTER (WHERE r.errors > 0 OR r.warnings > 0) FROM runbooks r WHERE {}",
        filter.sql()
    );
    Ok(view
        .prepare_cached(&sql)?
        .query_row(params_from_iter(filter.parameters()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

fn review(view: &Transaction<'_>, query: &ListQuery, filter: &Filter) -> Result<ReviewCounts, StoreError> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE r.due < ?), count(*) FILTER (WHERE r.due >= ? AND r.due <= ?),
            count(*) FILTER (WHERE r.due > ?), count(*) FILTER (WHERE r.due IS NULL),
            count(*) FILTER (WHERE r.due >= ? AND r.due <= ?), count(*) FILTER (WHERE r.due >= ? AND r.due <= ?)
         FROM runbooks r WHERE {}",
        filter.sql()
    );
    let today = &query.today;
    let [week, soon, quarter] = [WEEK, SOON, QUARTER].map(|days| filter::within(today, days));
    let (week, soon, quarter) = (week?, soon?, quarter?);
    let days = [today, today, &soon, &soon, today, &week, today, &quarter].map(|day| day.clone().into());
    let parameters = days.into_iter().chain(filter.parameters());
    Ok(view.prepare_cached(&sql)?.query_row(params_from_iter(parameters), |row| {
        Ok(ReviewCounts {
            overdue: row.get(0)?,
            week: row.get(4)?,
            soon: row.get(1)?,
            quarter: row.get(5)?,
            later: row.get(2)?,
            unplanned: row.get(3)?,
        })
    })?)
}
