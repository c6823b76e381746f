//! Which runbooks of the list a person wants to see: as SQL over the rows of the index, named `r`.

use std::time::Duration;

use format::Kind;
use jiff::{ToSpan, civil::Date};
use rusqlite::types::Value;

use crate::{ErrorKind, LibraryId, error::StoreError, index::kind_name};

/// What to list. The default is everything, by title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Only of these libraries, when there are any.
    pub libraries: Vec<LibraryId>,
    /// Only what holds all of these words; the last one may be the beginning of one.
    pub words: String,
    /// Only of this kind.
    pub kind: Option<KindFilter>,
    /// Only with all of these tags.
    pub tags: Vec<String>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only of this severity.
    pub severity: Option<String>,
    /// Only by when they are to be reviewed.
    pub review: Option<ReviewFilter>,
    /// Only with such problems.
    pub problems: Option<ProblemFilter>,
    /// Only what is pinned.
    pub pinned: bool,
    /// Only below this folder, relative to the library, with `/`.
    pub folder: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// The other way round. Runbooks without what is sorted by come last both ways.
    pub descending: bool,
    /// How many to leave out.
    pub offset: u64,
    /// How many at most; `None` is all of them.
    pub limit: Option<u64>,
    /// The day that reviews are told by: a date, `2026-11-22`. The store reads no clock.
    pub today: String,
    /// How long hits of words are looked for, best first; what is found by then is given, and [`crate::ListPage::cut`]
    /// says so. `None` is as long as it takes, and any other order than [`Sort::Rank`] takes it.
    pub patience: Option<Duration>,
}

/// A kind, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindFilter {
    /// Of this kind.
    Of(Kind),
    /// Of no kind.
    None,
}

/// When a review is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewFilter {
    /// Before today.
    Overdue,
    /// Today or in the next so many days; what is overdue is not among them.
    DueWithin(u32),
    /// No review is planned.
    Unplanned,
}

/// What is wrong with a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemFilter {
    /// It has a problem with this code.
    Code(String),
    /// It has errors.
    Errors,
    /// It has warnings.
    Warnings,
    /// It has errors or warnings.
    Any,
}

/// An order of the list. What is equal in it stands by title.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By title, whatever its case.
    #[default]
    Title,
    /// By the whole path.
    Path,
    /// By when it was run last, the longest ago first.
    LastRun,
    /// By when its review is due, the next first.
    Due,
    /// By when it was opened last, the longest ago first.
    Opened,
    /// The best match of the words first; by title without words. Has no other way round.
    Rank,
}

/// A part of the list's filter that a facet counts without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Kind,
    Tag,
    Owner,
    Severity,
    Review,
    Problems,
    Folder,
}

/// Conditions, all of which hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    conditions: Vec<String>,
    parameters: Vec<Value>,
}

impl Filter {
    /// What a query asks for, but for its words, and but for this side of it.
    pub(crate) fn of(query: &ListQuery, without: Option<Side>) -> Result<Self, StoreError> {
        let mut filter = Self::default();
        if !query.libraries.is_empty() {
            let ids: Vec<String> = query.libraries.iter().map(|id| id.0.to_string()).collect();
            filter.add(&format!("r.library IN ({})", ids.join(", ")), []);
        }
        let folder = query.folder.as_deref().filter(|_| without != Some(Side::Folder));
        if let Some(folder) = folder.map(|folder| folder.trim_end_matches('/')).filter(|f| !f.is_empty()) {
            // '0' follows '/'.
            filter
                .add("r.path > ? || '/' AND r.path < ? || '0'", [folder.to_owned().into(), folder.to_owned().into()]);
        }
        if query.pinned {
            filter.add("r.pinned = 1", []);
        }
        let wanted = |side: Side| without != Some(side);
        match query.kind.filter(|_| wanted(Side::Kind)) {
            Some(KindFilter::Of(kind)) => filter.add("r.kind = ?", [kind_name(kind).to_owned().into()]),
            Some(KindFilter::None) => filter.add("r.kind IS NULL", []),
            None => {}
        }
        for tag in query.tags.iter().filter(|_| wanted(Side::Tag)) {
            let having = "r.id IN (SELECT runbook FROM runbook_tags WHERE tag = ?)";
            filter.add(having, [tag.clone().into()]);
        }
        if let Some(owner) = query.owner.as_ref().filter(|_| wanted(Side::Owner)) {
            filter.add("r.owner = ?", [owner.clone().into()]);
        }
        if let Some(severity) = query.severity.as_ref().filter(|_| wanted(Side::Severity)) {
            filter.add("r.severity = ?", [severity.clone().into()]);
        }
        if let Some(review) = query.review.filter(|_| wanted(Side::Review)) {
            filter.review(review, &query.today)?;
        }
        match query.problems.as_ref().filter(|_| wanted(Side::Problems)) {
            Some(ProblemFilter::Code(code)) => {
                let having = "r.id IN (SELECT runbook FROM runbook_codes WHERE code = ?)";
                filter.add(having, [code.clone().into()]);
            }
            Some(ProblemFilter::Errors) => filter.add("r.errors > 0", []),
            Some(ProblemFilter::Warnings) => filter.add("r.warnings > 0", []),
            Some(ProblemFilter::Any) => filter.add("(r.errors > 0 OR r.warnings > 0)", []),
            None => {}
        }
        Ok(filter)
    }

    fn review(&mut self, review: ReviewFilter, today: &str) -> Result<(), StoreError> {
        match review {
            ReviewFilter::Overdue => self.add("r.due < ?", [date(today)?.to_string().into()]),
            ReviewFilter::DueWithin(days) => {
                let last = within(today, days)?;
                self.add("r.due >= ? AND r.due <= ?", [today.to_owned().into(), last.into()]);
            }
            ReviewFilter::Unplanned => self.add("r.due IS NULL", []),
        }
        Ok(())
    }

    /// One more condition, with its parameters.
    pub(crate) fn add<const N: usize>(&mut self, condition: &str, parameters: [Value; N]) {
        self.conditions.push(condition.to_owned());
        self.parameters.extend(parameters);
    }

    /// One more: it is among the rows of this statement.
    pub(crate) fn among(&mut self, (statement, parameters): (String, Vec<Value>)) {
        self.conditions.push(format!("r.id IN ({statement})"));
        self.parameters.extend(parameters);
    }

    /// Whether everything is let through.
    pub(crate) fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// SQL, true without conditions.
    pub(crate) fn sql(&self) -> String {
        if self.conditions.is_empty() { "1".to_owned() } else { self.conditions.join(" AND ") }
    }

    /// What the question marks of it stand for.
    pub(crate) fn parameters(&self) -> Vec<Value> {
        self.parameters.clone()
    }
}

/// The last of so many days from today on.
pub(crate) fn within(today: &str, days: u32) -> Result<String, StoreError> {
    Ok(date(today)?.saturating_add(i64::from(days).days()).to_string())
}

/// A date as it must be written to be compared.
pub(crate) fn date(text: &str) -> Result<Date, StoreError> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text).ok_or_else(|| {
        StoreError::new(
            ErrorKind::Refused,
            format!("\"{text}\" is not a date like 2026-11-22, by which reviews are told"),
        )
    })
}
