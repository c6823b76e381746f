//! The list: groups, filters, orders, words that are spelt nearly so, and what a row shows.

use std::fs;

use api::{ErrorCode, commands::*, wire::*};

use super::house::House;

fn day(from_now: i64) -> String {
    jiff::Zoned::now().date().checked_add(jiff::Span::new().days(from_now)).unwrap().to_string()
}

/// A library with something of everything.
fn stocked() -> (House, i64) {
    let house = House::new();
    let reviewed = |days: i64| format!("reviewed: {}\nreview_every: 90d\n", day(days - 90));
    house.write(
        "incidents/failover.md",
        format!("---\nkind: incident\nseverity: SEV1\nowner: database team\ntags: [database, orders]\n{}---\n# Fail over the orders database\n\n## Steps\n\n1. Promote the standby\n\n   ```sh\n   rm -f primary\n   ```\n", reviewed(-12)),
    );
    house.write(
        "incidents/disk.md",
        format!("---\nkind: incident\nseverity: SEV3\nowner: platform\ntags: [disk]\n{}---\n# Disk almost full\n\n- [ ] Look at the certificate store\n", reviewed(6)),
    );
    house.write(
        "routine/backup/nightly.md",
        format!(
            "---\nkind: routine\nowner: platform\ntags: database, backup\n{}---\n# Nightly backup\n\n- [ ] Copy\n",
            reviewed(200)
        ),
    );
    house.write("routine/weekly.md", "---\nkind: routine\ntags: [weekly]\n---\n# Prune images\n\n- [ ] Prune\n");
    house.write("notes.md", "# Notes about certificates\n\nRenew the certificate in time.\n");
    let id = house.add();
    (house, id)
}

fn list(house: &House, query: ListQuery) -> ListPage {
    house.app.library_list(query).unwrap()
}

fn titles(page: &ListPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.title.as_str()).collect()
}

#[test]
fn without_words_incidents_come_first_then_routines_then_the_others() {
    let (house, _) = stocked();
    let page = list(&house, ListQuery::default());
    let kinds: Vec<Option<&str>> = page.rows.iter().map(|row| row.kind.as_deref()).collect();
    let (incident, routine) = (Some("incident"), Some("routine"));
    assert_eq!(kinds, [incident, incident, routine, routine, None]);
    assert_eq!((page.total, page.all), (5, 5));
    // Page by page it is the same list.
    let mut paged = Vec::new();
    for offset in 0..6 {
        let page = list(&house, ListQuery { offset, limit: 1, ..ListQuery::default() });
        assert_eq!(page.total, 5);
        paged.extend(page.rows.into_iter().map(|row| row.path));
    }
    assert_eq!(paged, page.rows.iter().map(|row| row.path.clone()).collect::<Vec<_>>());
}

#[test]
fn a_row_shows_reviews_rhythm_pins_drafts_and_what_has_no_way_back() {
    let (house, _) = stocked();
    let pinned = house.library.join("notes.md").display().to_string();
    house.app.pin(PinArgument { path: pinned.clone(), pinned: true }).unwrap();
    let page = list(&house, ListQuery { sort: ListSort::Path, ..ListQuery::default() });
    let row = |relative: &str| page.rows.iter().find(|row| row.relative == relative).unwrap();
    assert_eq!(
        (row("incidents/failover.md").review_days, row("incidents/failover.md").review_due.as_deref()),
        (Some(-12), Some(day(-12).as_str()))
    );
    assert_eq!(row("incidents/disk.md").review_days, Some(6));
    assert_eq!(row("notes.md").review_due, None);
    assert_eq!(row("routine/backup/nightly.md").cadence.as_deref(), Some("nightly"));
    assert_eq!(row("routine/weekly.md").cadence.as_deref(), Some("weekly"));
    assert!(row("incidents/failover.md").no_rollback && !row("notes.md").no_rollback);
    assert!(row("notes.md").pinned && !row("incidents/disk.md").pinned);
    house.app.pin(PinArgument { path: pinned, pinned: false }).unwrap();
    assert_eq!(list(&house, ListQuery { pinned: true, ..ListQuery::default() }).total, 0);
    let nowhere = house.library.join("nowhere.md").display().to_string();
    assert_eq!(house.app.pin(PinArgument { path: nowhere, pinned: true }).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn filters_leave_what_they_say_and_facets_count_what_could_be_chosen_instead() {
    let (house, library) = stocked();
    let empty = ListQuery::default;
    for (query, expected) in [
        (
            ListQuery { kind: Some("incident".into()), ..empty() },
            &["Disk almost full", "Fail over the orders database"][..],
        ),
        (ListQuery { kind: Some("none".into()), ..empty() }, &["Notes about certificates"]),
        (ListQuery { tag: Some("database".into()), ..empty() }, &["Fail over the orders database", "Nightly backup"]),
        (ListQuery { owner: Some("platform".into()), kind: Some("routine".into()), ..empty() }, &["Nightly backup"]),
        (ListQuery { severity: Some("SEV1".into()), ..empty() }, &["Fail over the orders database"]),
        (ListQuery { review: Some("overdue".into()), ..empty() }, &["Fail over the orders database"]),
        (ListQuery { review: Some("7".into()), ..empty() }, &["Disk almost full"]),
        (ListQuery { problem: Some("no-rollback".into()), ..empty() }, &["Fail over the orders database"]),
        (ListQuery { folder: Some("routine/backup".into()), ..empty() }, &["Nightly backup"]),
        (ListQuery { library: Some(library), words: "nightly".into(), ..empty() }, &["Nightly backup"]),
        (ListQuery { library: Some(library + 1), ..empty() }, &[]),
    ] {
        let page = list(&house, ListQuery { sort: ListSort::Title, ..query.clone() });
        assert_eq!(titles(&page), expected, "{query:?}");
        assert_eq!((page.total, page.all), (expected.len() as u64, 5), "{query:?}");
    }
    let facets = list(&house, ListQuery { kind: Some("incident".into()), ..empty() }).facets;
    let counts = |values: &[FacetValue]| -> Vec<(String, u64)> {
        values.iter().map(|one| (one.value.clone(), one.count)).collect()
    };
    let expected = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    assert_eq!(counts(&facets.kinds), expected(&[("incident", 2), ("routine", 2), ("none", 1)]));
    assert_eq!(counts(&facets.owners), expected(&[("database team", 1), ("platform", 1)]));
    assert_eq!(counts(&facets.review), expected(&[("overdue", 1), ("7", 1), ("30", 1), ("90", 1)]));
    assert_eq!(counts(&facets.folders), expected(&[("incidents", 2)]));
    let facets = list(&house, ListQuery { folder: Some("incidents".into()), ..empty() }).facets;
    assert_eq!(counts(&facets.folders), expected(&[("incidents", 2), ("routine", 2), ("routine/backup", 1)]));
}

#[test]
fn orders_put_what_is_missing_last() {
    let (house, _) = stocked();
    let by = |sort, descending| list(&house, ListQuery { sort, descending, ..ListQuery::default() });
    let by_review = by(ListSort::Review, false);
    assert_eq!(titles(&by_review)[..3], ["Fail over the orders database", "Disk almost full", "Nightly backup"]);
    assert_eq!(titles(&by(ListSort::Title, true))[0], "Prune images");
    assert_eq!(by(ListSort::Path, false).rows[0].relative, "incidents/disk.md");
}

#[test]
fn a_file_that_cannot_be_read_keeps_its_row_and_says_why() {
    let house = House::new();
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        fs::write(house.library.join(OsStr::from_bytes(b"caf\xe9.md")), "# Coffee\n").unwrap();
    }
    house.write("good.md", "# Good\n");
    house.add();
    let page = list(&house, ListQuery { sort: ListSort::Path, ..ListQuery::default() });
    let problems: Vec<Option<bool>> =
        page.rows.iter().map(|row| row.problem.as_ref().map(|problem| problem.contains("not UTF-8"))).collect();
    assert_eq!(problems, [Some(true), None]);
}

#[test]
fn what_only_looks_like_a_runbook_is_left_out_and_a_file_that_git_ignores_is_not() {
    let house = House::new();
    let outside = house.folder.path().join("outside.md");
    fs::write(&outside, "# Outside\n").unwrap();
    house.write(".gitignore", "private/\n");
    house.write("private/mine.md", "# Mine\n");
    house.write(".hidden/a.md", "# Hidden\n");
    house.write("node_modules/a.md", "# A package\n");
    house.write("a.txt", "# Text\n");
    house.write("large.md", vec![b'x'; 16 * 1024 * 1024 + 1]);
    house.write("deep/b.MARKDOWN", "# Other ending\n");
    std::os::unix::fs::symlink(&outside, house.library.join("link.md")).unwrap();
    std::os::unix::fs::symlink(house.folder.path(), house.library.join("out")).unwrap();
    house.add();
    let page = list(&house, ListQuery { sort: ListSort::Title, ..ListQuery::default() });
    assert_eq!(titles(&page), ["Mine", "Other ending"]);
}

#[test]
fn the_state_of_the_program_counts_without_listing() {
    let (house, id) = stocked();
    assert_eq!(house.app.app_state(Nothing {}).unwrap().runbooks, 5);
    house.app.library_remove(IdArgument { id }).unwrap();
    assert_eq!(house.app.app_state(Nothing {}).unwrap().runbooks, 0);
}
#[test]
fn a_word_that_is_spelt_nearly_so_finds_what_was_meant_and_says_so() {
    let (house, _) = stocked();
    let page = list(&house, ListQuery { words: "certficate".into(), ..ListQuery::default() });
    assert!(!page.rows.is_empty());
    assert_eq!(page.corrected.len(), 1, "{:?}", page.corrected);
    assert_eq!(page.corrected[0].0, "certficate");
    let page = list(&house, ListQuery { words: "certificate".into(), ..ListQuery::default() });
    assert!(page.corrected.is_empty(), "{:?}", page.corrected);
    assert!(page.rows[0].snippet.as_ref().unwrap().contains("\u{2}"), "{:?}", page.rows[0].snippet);
}

#[test]
fn a_typing_error_that_is_near_to_two_words_is_told_once_with_both() {
    let house = House::new();
    house.write("one.md", "# The certificate\n");
    house.write("all.md", "# All certificates\n");
    house.add();
    let page = list(&house, ListQuery { words: "certficate".into(), ..ListQuery::default() });
    let [(typed, used)] = page.corrected.as_slice() else { panic!("{:?}", page.corrected) };
    let mut used = used.clone();
    used.sort();
    assert_eq!((typed.as_str(), used), ("certficate", vec!["certificate".to_owned(), "certificates".to_owned()]));
}
