//! The library as a list: words, filters, orders, pages, and what each row shows.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    time::Duration,
};

use engine::RunId;
use jiff::civil::Date;
use store::{KindFilter, LibraryId, Listed, ProblemFilter, ReviewFilter, RunMark, SnippetPart, Sort};

use crate::{
    ApiError, App, ErrorCode, learning, views,
    wire::{FacetValue, Facets, ListPage, ListQuery, ListSort, PinArgument, RunSummary, RunbookRow},
};

/// The largest page.
const PAGE: u64 = 500;
/// How long somebody who types waits for hits, and then for what they could be narrowed down to.
const QUICK: Duration = Duration::from_millis(80);
const QUICK_FACETS: Duration = Duration::from_millis(40);
/// Words that say how often a routine is done, as they stand in tags and titles, and as they are shown.
const CADENCES: &[(&str, &str)] = &[
    ("hourly", "hourly"),
    ("nightly", "nightly"),
    ("daily", "daily"),
    ("weekly", "weekly"),
    ("fortnightly", "every 2 weeks"),
    ("biweekly", "every 2 weeks"),
    ("monthly", "monthly"),
    ("quarterly", "quarterly"),
    ("yearly", "yearly"),
    ("annual", "yearly"),
    ("annually", "yearly"),
    ("on-demand", "on request"),
    ("on-request", "on request"),
    ("on request", "on request"),
    ("adhoc", "on request"),
    ("ad-hoc", "on request"),
];

/// Today, where this machine is.
pub(crate) fn today() -> Date {
    jiff::Zoned::now().date()
}

impl App {
    /// A page of the library, with what else could be chosen.
    ///
    /// # Errors
    /// When a filter says nothing that there is to filter by, or the store cannot be read.
    pub fn library_list(&self, query: ListQuery) -> Result<ListPage, ApiError> {
        let today = today();
        let asked = asked(&query, today)?;
        let page = if query.words.trim().is_empty() && query.sort == ListSort::Best {
            self.grouped(&asked)?
        } else {
            self.store.list(&asked)?
        };
        let mut corrected: Vec<(String, Vec<String>)> = Vec::new();
        for correction in page.rows.iter().filter_map(|row| row.hit.as_ref()).flat_map(|hit| &hit.corrected) {
            match corrected.iter_mut().find(|(typed, _)| *typed == correction.typed) {
                Some((_, used)) if used.contains(&correction.used) => {}
                Some((_, used)) => used.push(correction.used.clone()),
                None => corrected.push((correction.typed.clone(), vec![correction.used.clone()])),
            }
        }
        let facets = match asked.patience {
            Some(_) if page.cut => None,
            Some(_) => self.store.facets_within(&asked, Some(QUICK_FACETS))?,
            None => Some(self.store.facets(&asked)?),
        };
        Ok(ListPage {
            rows: self.rows(page.rows, today)?,
            total: page.total,
            all: self.store.counts(&today.to_string())?.runbooks,
            cut: page.cut || facets.is_none(),
            facets: shown(facets.unwrap_or_default()),
            corrected,
        })
    }

    /// Pins a runbook, or takes the pin away.
    ///
    /// # Errors
    /// When there is no such file, or the store cannot be written.
    pub fn pin(&self, argument: PinArgument) -> Result<(), ApiError> {
        let path = PathBuf::from(&argument.path);
        if argument.pinned && !path.is_file() {
            let path = path.display();
            return Err(ApiError::new(ErrorCode::NotFound, format!("There is no file {path} to pin.")));
        }
        self.store.pin(&path, argument.pinned)?;
        self.tell_row(&path)
    }

    /// Tells that the row of a file is not what it was.
    pub(crate) fn tell_row(&self, path: &Path) -> Result<(), ApiError> {
        if let Some(library) = self.store.library_of(path)?
            && let Ok(relative) = path.strip_prefix(&library.path)
        {
            self.tell_changed(&library, &[super::scan::slashed(relative)]);
        }
        Ok(())
    }

    /// The design's groups, one after the other: incidents, routines, then the others; in each the last run first.
    fn grouped(&self, asked: &store::ListQuery) -> Result<store::ListPage, ApiError> {
        let mut kinds =
            vec![KindFilter::Of(format::Kind::Incident), KindFilter::Of(format::Kind::Routine), KindFilter::None];
        if let Some(kind) = asked.kind {
            kinds.retain(|one| *one == kind);
        }
        let mut page = store::ListPage::default();
        let (mut skip, mut left) = (asked.offset, asked.limit.unwrap_or(PAGE));
        for kind in kinds {
            let mut group = store::ListQuery { kind: Some(kind), sort: Sort::LastRun, ..asked.clone() };
            // The last run first is the way round that people mean.
            group.descending = !asked.descending;
            (group.offset, group.limit) = (skip, Some(left));
            let found = self.store.list(&group)?;
            skip = skip.saturating_sub(found.total);
            left -= (found.rows.len() as u64).min(left);
            page.total += found.total;
            page.rows.extend(found.rows);
        }
        Ok(page)
    }

    /// Rows as a face shows them.
    pub(crate) fn rows(&self, listed: Vec<Listed>, today: Date) -> Result<Vec<RunbookRow>, ApiError> {
        let trusted: HashMap<LibraryId, bool> =
            self.store.libraries()?.into_iter().map(|library| (library.id, library.is_trusted())).collect();
        let drafts: HashSet<PathBuf> = self.store.drafts()?.into_iter().map(|draft| draft.path).collect();
        let marks: Vec<RunMark> = listed.iter().flat_map(|row| row.last_runs.iter().cloned()).collect();
        let runs: HashMap<String, RunSummary> =
            self.marks(&marks)?.into_iter().map(|run| (run.id.clone(), run)).collect();
        let git = |listed: &Listed| {
            let known = trusted.get(&listed.library).copied().unwrap_or_default();
            let mark = known.then(|| self.follower.repositories.mark(listed.library, &listed.file)).flatten();
            mark.map(str::to_owned)
        };
        let row = |listed: Listed| {
            let git = git(&listed);
            let entry = listed.entry;
            let due: Option<Date> = entry.due.as_ref().and_then(|due| due.parse().ok());
            let cadence =
                if entry.kind == Some(format::Kind::Routine) { cadence(&entry.title, &entry.tags) } else { None };
            RunbookRow {
                last_runs: listed.last_runs.iter().filter_map(|mark| runs.get(&mark.id.0).cloned()).collect(),
                draft: drafts.contains(&listed.file),
                git,
                path: listed.file.display().to_string(),
                relative: entry.seen.path,
                library: listed.library.0,
                title: entry.title,
                kind: entry.kind.map(views::kind),
                severity: entry.severity,
                owner: entry.owner,
                tags: entry.tags,
                steps: entry.steps,
                trusted: trusted.get(&listed.library).copied().unwrap_or_default(),
                errors: entry.problems.errors,
                warnings: entry.problems.warnings,
                review_days: due.and_then(|due| today.until(due).ok()).map(|span| i64::from(span.get_days())),
                review_due: entry.due,
                pinned: listed.pinned,
                no_rollback: entry.codes.iter().any(|(code, _)| code == "no-rollback"),
                cadence,
                problem: entry.problem,
                outcomes: learning::outcomes(listed.outcomes),
                snippet: listed.hit.map(|hit| marked(&hit.snippet)),
            }
        };
        Ok(listed.into_iter().map(row).collect())
    }

    /// What is shown of these runs, in their order, read in one go.
    pub(crate) fn marks(&self, marks: &[RunMark]) -> Result<Vec<RunSummary>, ApiError> {
        let ids: Vec<RunId> = marks.iter().map(|mark| mark.id.clone()).collect();
        self.store.runs_named(&ids)?.iter().map(|row| self.summary(row)).collect()
    }
}

/// What there is to choose from, as a face shows it.
fn shown(found: store::Facets) -> Facets {
    let value = |value: &str, count: u64| FacetValue { value: value.to_owned(), count };
    let values = |values: Vec<store::FacetValue>| -> Vec<FacetValue> {
        values.into_iter().map(|one| FacetValue { value: one.value, count: one.count }).collect()
    };
    let named = |list: Vec<store::FacetValue>| values(list.into_iter().filter(|one| !one.value.is_empty()).collect());
    let review = [
        ("overdue", found.review.overdue),
        ("7", found.review.week),
        ("30", found.review.soon),
        ("90", found.review.quarter),
    ];
    let mut problems = vec![value("errors", found.errors), value("warnings", found.warnings)];
    problems.extend(values(found.codes));
    let mut kinds = values(found.kinds);
    for kind in &mut kinds {
        if kind.value.is_empty() {
            "none".clone_into(&mut kind.value);
        }
    }
    let there = |list: Vec<FacetValue>| list.into_iter().filter(|one| one.count > 0).collect();
    Facets {
        kinds,
        tags: named(found.tags),
        owners: named(found.owners),
        severities: named(found.severities),
        review: there(review.map(|(within, count)| value(within, count)).to_vec()),
        problems: there(problems),
        folders: named(found.folders),
        pinned: found.pinned,
    }
}

/// What the store is asked.
fn asked(query: &ListQuery, today: Date) -> Result<store::ListQuery, ApiError> {
    let unknown = |what: &str, text: &str, ways: &str| {
        ApiError::new(ErrorCode::BadInput, format!("There is no {what} \"{text}\": say {ways}."))
    };
    let kind = match query.kind.as_deref() {
        None => None,
        Some("incident") => Some(KindFilter::Of(format::Kind::Incident)),
        Some("routine") => Some(KindFilter::Of(format::Kind::Routine)),
        Some("none") => Some(KindFilter::None),
        Some(other) => return Err(unknown("kind", other, "incident, routine or none")),
    };
    let review = match query.review.as_deref() {
        None => None,
        Some("overdue") => Some(ReviewFilter::Overdue),
        Some(days) => {
            let number = days.parse().ok().filter(|days| (1..=3_650).contains(days));
            let number = number.ok_or_else(|| unknown("review", days, "overdue, or a number of days such as 30"))?;
            Some(ReviewFilter::DueWithin(number))
        }
    };
    Ok(store::ListQuery {
        libraries: query.library.map(LibraryId).into_iter().collect(),
        words: query.words.clone(),
        kind,
        tags: query.tag.iter().cloned().collect(),
        owner: query.owner.clone(),
        severity: query.severity.clone(),
        review,
        problems: query.problem.as_deref().map(|problem| match problem {
            "errors" => ProblemFilter::Errors,
            "warnings" => ProblemFilter::Warnings,
            code => ProblemFilter::Code(code.to_owned()),
        }),
        pinned: query.pinned,
        folder: query.folder.clone(),
        sort: match query.sort {
            ListSort::Best => Sort::Rank,
            ListSort::Title => Sort::Title,
            ListSort::Path => Sort::Path,
            ListSort::LastRun => Sort::LastRun,
            ListSort::Review => Sort::Due,
            ListSort::Opened => Sort::Opened,
        },
        // The latest first is the way round that people mean.
        descending: query.descending != matches!(query.sort, ListSort::LastRun | ListSort::Opened),
        offset: query.offset,
        limit: Some(if query.limit == 0 { PAGE } else { query.limit.min(PAGE) }),
        today: today.to_string(),
        patience: (query.quick && !query.words.trim().is_empty()).then_some(QUICK),
    })
}

/// A piece of text with `\u{2}` before and `\u{3}` after each hit.
pub(crate) fn marked(parts: &[SnippetPart]) -> String {
    let part = |part: &SnippetPart| {
        if part.matched { format!("\u{2}{}\u{3}", part.text) } else { part.text.clone() }
    };
    parts.iter().map(part).collect()
}

/// How often a routine is done, if its tags say so, or its title.
fn cadence(title: &str, tags: &[String]) -> Option<String> {
    let tags = tags.iter().map(|tag| tag.to_lowercase());
    let title = title.to_lowercase();
    let words = title.split(|letter: char| !letter.is_alphanumeric() && letter != '-').map(str::to_owned);
    let known =
        |word: String| CADENCES.iter().find(|(known, _)| *known == word).map(|(_, shown)| (*shown).to_owned());
    tags.chain(words).find_map(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_often_a_routine_is_done_stands_in_its_tags_or_its_title() {
        for (title, tags, cadence_of) in [
            ("Nightly backup of billing DB", &["backup"][..], Some("nightly")),
            ("Backup", &["db", "Weekly"], Some("weekly")),
            ("Nightly backup", &["monthly"], Some("monthly")),
            ("Review who can log in, quarterly", &[], Some("quarterly")),
            ("Reset a password", &["on-demand"], Some("on request")),
            ("Dailymotion outage", &[], None),
        ] {
            let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            assert_eq!(cadence(title, &tags).as_deref(), cadence_of, "{title}");
        }
    }

    #[test]
    fn a_filter_that_says_nothing_is_refused() {
        let day = Date::constant(2026, 11, 22);
        for query in [
            ListQuery { kind: Some("outage".to_owned()), ..ListQuery::default() },
            ListQuery { review: Some("soon".to_owned()), ..ListQuery::default() },
            ListQuery { review: Some("0".to_owned()), ..ListQuery::default() },
        ] {
            assert_eq!(asked(&query, day).unwrap_err().code, ErrorCode::BadInput, "{query:?}");
        }
    }
}
