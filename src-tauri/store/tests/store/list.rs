//! The list: what is in a page, in which order, and what there is to choose from.

use format::Kind;
use store::{
    FacetValue, IndexEntry, KindFilter, LibraryId, ListQuery, ProblemCounts, ProblemFilter, ReviewFilter, Sort,
};

use crate::{
    fixture::{AT, Home, new_run},
    library::{entry, library, text},
};

const TODAY: &str = "2026-11-22";

/// Path, title, kind, tags, owner, severity, due, errors, warnings, codes.
type Row<'a> =
    (&'a str, &'a str, Option<Kind>, &'a [&'a str], Option<&'a str>, Option<&'a str>, Option<&'a str>, u64, u64);

const ROWS: [Row<'_>; 6] = [
    (
        "db/disk.md",
        "Disk full",
        Some(Kind::Incident),
        &["disk", "db"],
        Some("dba"),
        Some("1"),
        Some("2026-11-21"),
        1,
        0,
    ),
    ("db/backup.md", "backup", Some(Kind::Routine), &["db"], Some("dba"), None, Some("2026-11-22"), 0, 2),
    ("db2/x.md", "Über alles", Some(Kind::Routine), &["db"], Some("web"), None, Some("2026-12-22"), 0, 0),
    ("web/cert.md", "Certificate", Some(Kind::Incident), &["tls"], Some("web"), Some("2"), Some("2027-06-01"), 0, 0),
    ("web/deploy.md", "deploy", None, &[], None, None, None, 1, 1),
    ("zebra.md", "Zebra", None, &["disk"], None, None, None, 0, 0),
];

fn filled() -> (Home, LibraryId) {
    let home = Home::new();
    let id = library(&home, "books");
    let entries: Vec<_> = ROWS
        .iter()
        .map(|&(path, title, kind, tags, owner, severity, due, errors, warnings)| {
            let mut codes = Vec::new();
            if errors > 0 {
                codes.push(("secret-in-text".to_owned(), errors));
            }
            if warnings > 0 {
                codes.push(("no-owner".to_owned(), warnings));
            }
            let entry = IndexEntry {
                kind,
                tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
                owner: owner.map(str::to_owned),
                severity: severity.map(str::to_owned),
                due: due.map(str::to_owned),
                problems: ProblemCounts { errors, warnings, hints: 0 },
                codes,
                links: vec!["zebra.md".to_owned()],
                ..entry(path, title)
            };
            (entry, text(&format!("the text of {title} and the failover")))
        })
        .collect();
    home.store.index(id, &entries).unwrap();
    (home, id)
}

fn query() -> ListQuery {
    ListQuery { today: TODAY.to_owned(), ..ListQuery::default() }
}

fn paths(home: &Home, query: &ListQuery) -> Vec<String> {
    let page = home.store.list(query).unwrap();
    if query.limit.is_none() && query.offset == 0 {
        assert_eq!(page.total, page.rows.len() as u64, "{query:?}");
    }
    page.rows.into_iter().map(|row| row.entry.seen.path).collect()
}

#[test]
fn each_filter_lets_through_what_it_says() {
    let (home, id) = filled();
    home.store.pin(&home.store.library(id).unwrap().path.join("zebra.md"), true).unwrap();
    for (query, expected) in [
        (query(), vec!["db/backup.md", "web/cert.md", "web/deploy.md", "db/disk.md", "db2/x.md", "zebra.md"]),
        (ListQuery { libraries: vec![LibraryId(99)], ..query() }, vec![]),
        (ListQuery { kind: Some(KindFilter::Of(Kind::Incident)), ..query() }, vec!["web/cert.md", "db/disk.md"]),
        (ListQuery { kind: Some(KindFilter::None), ..query() }, vec!["web/deploy.md", "zebra.md"]),
        (ListQuery { tags: vec!["db".to_owned(), "disk".to_owned()], ..query() }, vec!["db/disk.md"]),
        (ListQuery { owner: Some("web".to_owned()), ..query() }, vec!["web/cert.md", "db2/x.md"]),
        (ListQuery { severity: Some("1".to_owned()), ..query() }, vec!["db/disk.md"]),
        (ListQuery { review: Some(ReviewFilter::Overdue), ..query() }, vec!["db/disk.md"]),
        (ListQuery { review: Some(ReviewFilter::DueWithin(0)), ..query() }, vec!["db/backup.md"]),
        (ListQuery { review: Some(ReviewFilter::DueWithin(30)), ..query() }, vec!["db/backup.md", "db2/x.md"]),
        (ListQuery { review: Some(ReviewFilter::Unplanned), ..query() }, vec!["web/deploy.md", "zebra.md"]),
        (
            ListQuery { problems: Some(ProblemFilter::Code("secret-in-text".to_owned())), ..query() },
            vec!["web/deploy.md", "db/disk.md"],
        ),
        (ListQuery { problems: Some(ProblemFilter::Errors), ..query() }, vec!["web/deploy.md", "db/disk.md"]),
        (ListQuery { problems: Some(ProblemFilter::Warnings), ..query() }, vec!["db/backup.md", "web/deploy.md"]),
        (
            ListQuery { problems: Some(ProblemFilter::Any), ..query() },
            vec!["db/backup.md", "web/deploy.md", "db/disk.md"],
        ),
        (ListQuery { pinned: true, ..query() }, vec!["zebra.md"]),
        (ListQuery { folder: Some("db".to_owned()), ..query() }, vec!["db/backup.md", "db/disk.md"]),
        (ListQuery { folder: Some("db/".to_owned()), owner: Some("web".to_owned()), ..query() }, vec![]),
        (ListQuery { words: "certif".to_owned(), ..query() }, vec!["web/cert.md"]),
        (
            ListQuery { words: "failover".to_owned(), owner: Some("dba".to_owned()), ..query() },
            vec!["db/backup.md", "db/disk.md"],
        ),
        (
            ListQuery {
                words: "failover disk".to_owned(),
                sort: Sort::Rank,
                tags: vec!["disk".to_owned()],
                ..query()
            },
            vec!["db/disk.md", "zebra.md"],
        ),
        (ListQuery { words: "-- *".to_owned(), ..query() }, vec![]),
        (
            ListQuery { words: "d".to_owned(), ..query() },
            vec!["db/backup.md", "web/deploy.md", "db/disk.md", "db2/x.md", "zebra.md"],
        ),
    ] {
        assert_eq!(paths(&home, &query), expected, "{query:?}");
    }
}

#[test]
fn each_order_is_what_it_says_and_what_has_no_place_in_it_comes_last_both_ways() {
    let (home, id) = filled();
    let folder = home.store.library(id).unwrap().path;
    for (path, run) in [("zebra.md", "1"), ("db/disk.md", "2"), ("zebra.md", "3")] {
        let path = folder.join(path).display().to_string();
        drop(home.store.begin_run(&store::NewRun { path, ..new_run(run) }).unwrap());
    }
    for (path, at) in [("web/cert.md", "2026-11-22T10:00:00Z"), ("db2/x.md", "2026-11-22T09:00:00Z")] {
        home.store.opened(&folder.join(path), at).unwrap();
    }
    let titles = ["db/backup.md", "web/cert.md", "web/deploy.md", "db/disk.md", "db2/x.md", "zebra.md"];
    let byway = |first: &[&str]| -> Vec<String> {
        let rest = titles.iter().filter(|title| !first.contains(title));
        first.iter().chain(rest).map(|path| (*path).to_owned()).collect()
    };
    for (sort, first) in [
        (Sort::LastRun, &["db/disk.md", "zebra.md"][..]),
        (Sort::Opened, &["db2/x.md", "web/cert.md"]),
        (Sort::Due, &["db/disk.md", "db/backup.md", "db2/x.md", "web/cert.md"]),
    ] {
        let up = ListQuery { sort, ..query() };
        let down = ListQuery { descending: true, ..up.clone() };
        let mut reverse = first.to_vec();
        reverse.reverse();
        assert_eq!(paths(&home, &up), byway(first), "{sort:?}");
        assert_eq!(paths(&home, &down), byway(&reverse), "{sort:?}");
        for offset in 0..8 {
            for limit in 0..8 {
                let page = ListQuery { offset, limit: Some(limit), ..down.clone() };
                let whole = byway(&reverse);
                let expected: Vec<_> = whole.into_iter().skip(offset as usize).take(limit as usize).collect();
                assert_eq!(paths(&home, &page), expected, "{sort:?} {offset} {limit}");
            }
        }
    }
    let mut down: Vec<_> = titles.to_vec();
    down.reverse();
    assert_eq!(paths(&home, &ListQuery { descending: true, ..query() }), down, "titles, without case and accents");
    let by_path = ["db/backup.md", "db/disk.md", "db2/x.md", "web/cert.md", "web/deploy.md", "zebra.md"];
    assert_eq!(paths(&home, &ListQuery { sort: Sort::Path, ..query() }), by_path);
}

#[test]
fn a_ranked_list_goes_on_to_the_last_match_without_gaps_and_twice_the_same() {
    let home = Home::new();
    let id = library(&home, "books");
    let entries: Vec<_> = (0..1_500)
        .map(|number| (entry(&format!("{number:04}.md"), "Other"), text("the failover of it")))
        .chain([(entry("title.md", "A failover"), text("")), (entry("first.md", "Failover"), text(""))])
        .collect();
    home.store.index(id, &entries).unwrap();
    let mut all = Vec::new();
    for offset in (0..2_000).step_by(200) {
        let query = ListQuery { words: "failover".to_owned(), sort: Sort::Rank, offset, limit: Some(200), ..query() };
        let page = home.store.list(&query).unwrap();
        assert_eq!(page.total, 1_502);
        all.extend(page.rows.into_iter().map(|row| row.entry.seen.path));
    }
    assert_eq!(all[..2], ["first.md", "title.md"], "a title that begins with the words comes first");
    assert_eq!(all.len(), 1_502);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 1_502);
}

#[test]
fn a_row_says_where_it_holds_the_words() {
    let (home, _) = filled();
    let query = ListQuery { words: "FAILOVER disk".to_owned(), limit: Some(1), sort: Sort::Rank, ..query() };
    let hit = home.store.list(&query).unwrap().rows.remove(0).hit.unwrap();
    let marked = |parts: &[store::SnippetPart]| -> Vec<String> {
        parts.iter().filter(|part| part.matched).map(|part| part.text.clone()).collect()
    };
    assert_eq!(marked(&hit.title), ["Disk"]);
    assert_eq!(marked(&hit.snippet), ["Disk", "failover"]);
    assert!(home.store.list(&self::query()).unwrap().rows[0].hit.is_none());
}

#[test]
fn a_facet_counts_under_the_other_choices_and_not_under_its_own() {
    let (home, id) = filled();
    let told = |values: &[FacetValue]| -> Vec<(String, u64)> {
        values.iter().map(|value| (value.value.clone(), value.count)).collect()
    };
    let pairs = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    let all = home.store.facets(&query()).unwrap();
    assert_eq!(told(&all.kinds), pairs(&[("", 2), ("incident", 2), ("routine", 2)]));
    assert_eq!(told(&all.tags), pairs(&[("db", 3), ("disk", 2), ("tls", 1)]));
    assert_eq!(told(&all.owners), pairs(&[("", 2), ("dba", 2), ("web", 2)]));
    assert_eq!(told(&all.severities), pairs(&[("", 4), ("1", 1), ("2", 1)]));
    assert_eq!(told(&all.codes), pairs(&[("no-owner", 2), ("secret-in-text", 2)]));
    let review = all.review;
    assert_eq!((review.overdue, review.soon, review.later, review.unplanned), (1, 2, 1, 2));
    assert_eq!((all.errors, all.warnings, all.problems, all.pinned), (2, 2, 3, 0));

    let dba = home.store.facets(&ListQuery { owner: Some("dba".to_owned()), ..query() }).unwrap();
    assert_eq!(told(&dba.owners), told(&all.owners), "one may choose another owner instead");
    assert_eq!(told(&dba.kinds), pairs(&[("incident", 1), ("routine", 1)]));
    assert_eq!(told(&dba.tags), pairs(&[("db", 2), ("disk", 1)]));
    let found = home.store.facets(&ListQuery { words: "certif".to_owned(), ..query() }).unwrap();
    assert_eq!(told(&found.tags), pairs(&[("tls", 1)]));

    home.store.pin(&home.store.library(id).unwrap().path.join("zebra.md"), true).unwrap();
    assert_eq!(home.store.facets(&query()).unwrap().pinned, 1, "what is counted is never older than the index");
    home.store.unindex(id, &["zebra.md".to_owned()]).unwrap();
    assert_eq!(home.store.facets(&query()).unwrap().pinned, 0);
}

#[test]
fn the_counts_of_the_frame_are_those_of_the_lists() {
    let (home, _) = filled();
    drop(home.store.begin_run(&new_run("1")).unwrap());
    let counts = home.store.counts(TODAY).unwrap();
    assert_eq!((counts.runbooks, counts.overdue, counts.runs), (6, 1, 1));
}

#[test]
fn a_day_that_is_none_is_refused() {
    let (home, _) = filled();
    for today in ["", "2026-11-31", "22.11.2026", "2026-11-22T10:00:00Z"] {
        assert!(home.store.counts(today).is_err(), "{today}");
        let query = ListQuery { today: today.to_owned(), review: Some(ReviewFilter::Overdue), ..query() };
        let error = home.store.list(&query).unwrap_err().to_string();
        assert!(error.contains(today), "{error}");
    }
}

#[test]
fn who_links_to_a_file_is_found_also_after_it_was_indexed_anew() {
    let (home, id) = filled();
    let linking = |path: &str| -> Vec<String> {
        home.store.linking_to(id, path).unwrap().into_iter().map(|row| row.entry.seen.path).collect()
    };
    assert_eq!(linking("zebra.md").len(), 6);
    let other =
        IndexEntry { links: vec!["db/disk.md".to_owned(), "db/disk.md".to_owned()], ..entry("web/cert.md", "C") };
    home.store.index(id, &[(other, text(""))]).unwrap();
    assert_eq!(linking("zebra.md").len(), 5);
    assert_eq!(linking("db/disk.md"), ["web/cert.md"]);
    assert!(home.store.linking_to(LibraryId(99), "zebra.md").unwrap().is_empty());
}

#[test]
fn a_run_that_began_shows_beside_its_runbook_also_in_a_library_that_is_indexed_after_it() {
    let home = Home::new();
    let id = library(&home, "books");
    let path = home.store.library(id).unwrap().path.join("a.md");
    for number in 1..=6 {
        let path = path.display().to_string();
        drop(home.store.begin_run(&store::NewRun { path, ..new_run(&format!("run-{number}")) }).unwrap());
    }
    home.store.index(id, &[(entry("a.md", "A"), text("")), (entry("b.md", "B"), text(""))]).unwrap();
    let query = ListQuery { sort: Sort::LastRun, descending: true, ..query() };
    let rows = home.store.list(&query).unwrap().rows;
    let runs: Vec<_> = rows[0].last_runs.iter().map(|run| run.id.0.clone()).collect();
    assert_eq!(runs, ["run-6", "run-5", "run-4", "run-3"]);
    assert_eq!(rows[0].last_runs[0].started_at, AT);
    assert!(rows[1].last_runs.is_empty());
}

#[test]
fn a_word_with_an_error_is_taken_for_the_nearest_that_is_there_and_the_hit_says_so() {
    let (home, _) = filled();
    for (typed, path, corrected) in [
        ("certifciate", "web/cert.md", vec![("certifciate", "certificate")]),
        ("zebar", "zebra.md", vec![("zebar", "zebra")]),
        ("uberr", "db2/x.md", vec![("uberr", "uber")]),
        ("failovre certificate", "web/cert.md", vec![("failovre", "failover")]),
        ("certifciate failovre", "web/cert.md", vec![("certifciate", "certificate"), ("failovre", "failover")]),
        ("certfi", "web/cert.md", vec![("certfi", "certificate")]),
    ] {
        let query = ListQuery { words: typed.to_owned(), sort: Sort::Rank, ..query() };
        let page = home.store.list(&query).unwrap();
        assert_eq!((page.rows[0].entry.seen.path.as_str(), page.total), (path, 1), "{typed}");
        let hit = page.rows[0].hit.as_ref().unwrap();
        let told: Vec<_> = hit.corrected.iter().map(|one| (one.typed.as_str(), one.used.as_str())).collect();
        assert_eq!(told, corrected, "{typed}");
        assert!(hit.title.iter().chain(&hit.snippet).any(|part| part.matched), "{typed}");
        assert_eq!(home.store.facets(&query).unwrap().kinds.iter().map(|kind| kind.count).sum::<u64>(), 1);
    }
    for typed in ["dik", "qwertzuiop", "certificate zzzz"] {
        assert!(paths(&home, &ListQuery { words: typed.to_owned(), ..query() }).is_empty(), "{typed}");
    }
}

#[test]
fn what_was_typed_stands_before_what_it_may_have_been_meant_for() {
    let home = Home::new();
    let id = library(&home, "books");
    let titles = ["Drain a node", "Restart a drainn", "Trains"];
    let entries: Vec<_> = titles.iter().map(|title| (entry(&format!("{title}.md"), title), text(""))).collect();
    home.store.index(id, &entries).unwrap();
    let query = ListQuery { words: "drainn".to_owned(), sort: Sort::Rank, ..query() };
    let rows = home.store.list(&query).unwrap().rows;
    let told: Vec<_> =
        rows.iter().map(|row| (row.entry.title.as_str(), row.hit.as_ref().unwrap().corrected.len())).collect();
    assert_eq!(told, [("Restart a drainn", 0), ("Drain a node", 1)]);
}

#[test]
fn whoever_does_not_wait_gets_what_there_is_and_is_told_so_and_who_waits_gets_all_of_it() {
    let (home, _) = filled();
    let of = |words: &str, patience| {
        let query = ListQuery { words: words.to_owned(), sort: Sort::Rank, patience, ..query() };
        (home.store.list(&query).unwrap(), home.store.facets_within(&query, patience).unwrap())
    };
    for words in ["certif", "d", "restart the", "certfiicate", "nothing-holds-it"] {
        let (whole, facets) = of(words, None);
        assert!(!whole.cut && facets.is_some(), "{words}");
        let (waited, _) = of(words, Some(std::time::Duration::from_secs(600)));
        assert_eq!(waited, whole, "{words}");
        let (at_once, _) = of(words, Some(std::time::Duration::ZERO));
        assert!(at_once.cut && at_once.more, "{words}");
        assert!(at_once.rows.len() <= whole.rows.len().max(1), "{words}");
        let known = |row: &store::Listed| whole.rows.iter().any(|one| one.id == row.id);
        assert!(at_once.rows.iter().all(known), "{words}");
    }
}

#[test]
fn a_runbook_is_meant_by_its_path_by_the_end_of_it_or_by_its_title_the_nearest_first() {
    let (home, _) = filled();
    for (by, meant) in [
        ("web/cert.md", &["web/cert.md"][..]),
        ("web/cert", &["web/cert.md"]),
        ("cert.md", &["web/cert.md"]),
        ("cert", &["web/cert.md"]),
        ("certificate", &["web/cert.md"]),
        ("uber ALLES", &["db2/x.md"]),
        ("zebra.md", &["zebra.md"]),
        ("ert.md", &[]),
        ("eb/cert.md", &[]),
        ("web/%", &[]),
        ("web", &[]),
        ("nothing of the kind", &[]),
    ] {
        let found = home.store.runbooks_meant(by).unwrap();
        let found: Vec<&str> = found.iter().map(|row| row.entry.seen.path.as_str()).collect();
        assert_eq!(found, meant, "{by}");
    }
    let more = library(&home, "more");
    home.store.index(more, &[(entry("old/cert.md", "x"), text("")), (entry("y.md", "cert"), text(""))]).unwrap();
    let found = home.store.runbooks_meant("cert").unwrap();
    let found: Vec<&str> = found.iter().map(|row| row.entry.seen.path.as_str()).collect();
    assert_eq!(found, ["old/cert.md", "web/cert.md"], "files of that name stand before a title");
}
