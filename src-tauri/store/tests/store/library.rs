//! Libraries, the index, search, revisions, settings.

use std::fs;

use proptest::prelude::*;
use store::{ErrorKind, IndexEntry, IndexText, LibraryId, ProblemCounts, Seen, SnippetPart, revision_of};

use crate::fixture::{AT, Home, begin, new_run, whole_run};

pub(crate) fn library(home: &Home, name: &str) -> LibraryId {
    let folder = home.folder.path().join(name);
    fs::create_dir_all(&folder).unwrap();
    home.store.add_library(&folder, name, AT).unwrap().id
}

pub(crate) fn entry(path: &str, title: &str) -> IndexEntry {
    IndexEntry {
        seen: Seen { path: path.to_owned(), modified_ns: 1_700_000_000_123_456_789, size: 42 },
        revision: revision_of(path.as_bytes()),
        title: title.to_owned(),
        kind: Some(format::Kind::Incident),
        severity: Some("1".to_owned()),
        owner: Some("team-db".to_owned()),
        tags: vec!["disk".to_owned(), "päging".to_owned()],
        reviewed: Some("2026-01-31".to_owned()),
        review_every: Some("90d".to_owned()),
        steps: 3,
        items: 7,
        commands: 5,
        due: Some("2026-05-01".to_owned()),
        codes: vec![("secret-in-text".to_owned(), 1)],
        links: vec!["other.md".to_owned()],
        problems: ProblemCounts { errors: 1, warnings: 2, hints: 3 },
        problem: None,
    }
}

pub(crate) fn text(body: &str) -> IndexText {
    IndexText { body: body.to_owned(), ..IndexText::default() }
}

#[test]
fn a_library_is_added_once_under_its_canonical_path() {
    let home = Home::new();
    let folder = home.folder.path().join("books");
    fs::create_dir(&folder).unwrap();
    let link = home.folder.path().join("link");
    std::os::unix::fs::symlink(&folder, &link).unwrap();
    let first = home.store.add_library(&folder, "books", AT).unwrap();
    let second = home.store.add_library(&link, "again", AT).unwrap();
    assert_eq!(first, second);
    assert_eq!(first.path, fs::canonicalize(&folder).unwrap());
    assert_eq!(home.store.libraries().unwrap(), [first]);
}

#[test]
fn what_is_not_a_folder_is_no_library() {
    let home = Home::new();
    let file = home.folder.path().join("file.md");
    fs::write(&file, "").unwrap();
    assert_eq!(home.store.add_library(&file, "x", AT).unwrap_err().kind(), ErrorKind::Refused);
    let gone = home.store.add_library(&home.folder.path().join("gone"), "x", AT).unwrap_err();
    assert!(gone.to_string().contains("gone"), "{gone}");
}

#[test]
fn a_library_is_trusted_only_after_the_person_said_so() {
    let home = Home::new();
    let id = library(&home, "books");
    assert!(!home.store.library(id).unwrap().is_trusted());
    assert_eq!(home.store.trust_library(id, AT).unwrap().trusted_at.as_deref(), Some(AT));
    assert_eq!(home.store.trust_library(id, "later").unwrap().trusted_at.as_deref(), Some(AT));
    home.store.distrust_library(id).unwrap();
    assert!(!home.store.library(id).unwrap().is_trusted());
    assert_eq!(home.store.trust_library(LibraryId(99), AT).unwrap_err().kind(), ErrorKind::Missing);
}

#[test]
fn a_path_belongs_to_the_innermost_library_around_it() {
    let home = Home::new();
    let outer = library(&home, "books");
    let inner = library(&home, "books/team");
    let root = fs::canonicalize(home.folder.path()).unwrap();
    let of = |path: &str| home.store.library_of(&root.join(path)).unwrap().map(|library| library.id);
    assert_eq!(of("books/a.md"), Some(outer));
    assert_eq!(of("books/team/a.md"), Some(inner));
    assert_eq!(of("books-of-others/a.md"), None);
}

#[test]
fn a_removed_library_takes_its_index_along_and_leaves_runs_and_revisions() {
    let home = Home::new();
    let id = library(&home, "books");
    let other = library(&home, "others");
    for (library, path) in [(id, "a.md"), (other, "b.md")] {
        home.store.index(library, &[(entry(path, "Disk full"), text("words"))]).unwrap();
    }
    let run = whole_run(&home, "run-1");
    home.store.remove_library(id).unwrap();
    assert_eq!(home.store.list_runbooks(None).unwrap().len(), 1);
    assert_eq!(home.store.search("disk", 10).unwrap().len(), 1);
    assert!(home.store.verify(&run).unwrap().holds());
    assert!(home.store.revision(&home.store.run(&run).unwrap().start.revision).is_ok());
    assert_eq!(home.store.remove_library(id).unwrap_err().kind(), ErrorKind::Missing);
    assert_ne!(library(&home, "books"), id, "an id is not used twice");
}

#[test]
fn what_is_indexed_comes_back_as_it_was_and_a_second_time_replaces_it() {
    let home = Home::new();
    let id = library(&home, "books");
    home.store
        .index(id, &[(entry("a.md", "One"), text("apples")), (entry("sub/b.md", "Two"), text("pears"))])
        .unwrap();
    let listed = home.store.list_runbooks(Some(id)).unwrap();
    assert_eq!(
        listed.iter().map(|row| row.entry.clone()).collect::<Vec<_>>(),
        [entry("a.md", "One"), entry("sub/b.md", "Two")]
    );
    assert_eq!(listed[1].file, home.store.library(id).unwrap().path.join("sub/b.md"));
    assert_eq!(home.store.seen(id).unwrap()[0], entry("a.md", "One").seen);

    let mut changed = entry("a.md", "Uno");
    changed.problem = Some("it cannot be read".to_owned());
    home.store.index(id, &[(changed.clone(), text("oranges"))]).unwrap();
    assert_eq!(home.store.list_runbooks(None).unwrap()[0].entry, changed);
    assert_eq!(home.store.list_runbooks(None).unwrap()[0].id, listed[0].id);
    assert!(home.store.search("apples", 10).unwrap().is_empty());
    assert_eq!(home.store.search("oranges", 10).unwrap().len(), 1);

    home.store.unindex(id, &["a.md".to_owned(), "never.md".to_owned()]).unwrap();
    assert!(home.store.search("oranges", 10).unwrap().is_empty());
    assert_eq!(home.store.list_runbooks(None).unwrap().len(), 1);
}

#[test]
fn the_list_shows_the_last_four_runs_without_rehearsals() {
    let home = Home::new();
    let id = library(&home, "books");
    home.store.index(id, &[(entry("a.md", "One"), text("")), (entry("b.md", "Two"), text(""))]).unwrap();
    let file = home.store.library(id).unwrap().path.join("a.md").into_os_string().into_string().unwrap();
    for number in 1..=6 {
        let mut run = new_run(&format!("run-{number}"));
        run.path.clone_from(&file);
        if number == 6 {
            run.mode = engine::event::Mode::Rehearse;
        }
        drop(home.store.begin_run(&run).unwrap());
    }
    let marks = &home.store.list_runbooks(None).unwrap()[0].last_runs;
    assert_eq!(marks.iter().map(|mark| mark.id.0.as_str()).collect::<Vec<_>>(), ["run-5", "run-4", "run-3", "run-2"]);
    assert_eq!(home.store.last_run(&file).unwrap().unwrap().id.0, "run-5");
    assert!(home.store.list_runbooks(None).unwrap()[1].last_runs.is_empty());
}

#[test]
fn search_finds_all_words_and_the_beginning_of_the_last() {
    let home = Home::new();
    let id = library(&home, "books");
    let mut first = text("Look at the volume. Then free some space on it.");
    first.commands = "df -h /var/lib/postgresql\npg_dump orders".to_owned();
    first.headings = "Überblick".to_owned();
    home.store
        .index(
            id,
            &[
                (entry("a.md", "Disk almost full"), first),
                (entry("b.md", "Renew a certificate"), text("The disk is not touched. openssl x509 -enddate")),
            ],
        )
        .unwrap();
    let paths = |words: &str| -> Vec<String> {
        home.store.search(words, 10).unwrap().into_iter().map(|found| found.runbook.entry.seen.path).collect()
    };
    for (words, expected) in [
        ("certif", vec!["b.md"]),
        ("CERTIFICATE renew", vec!["b.md"]),
        ("certif renew", vec![]),
        ("pg_dump", vec!["a.md"]),
        ("uberbl", vec!["a.md"]),
        ("/var/lib/post", vec!["a.md"]),
        ("-enddate", vec!["b.md"]),
        ("disk full volume", vec!["a.md"]),
        ("disk NOT certificate", vec!["b.md"]),
        ("team", vec![]),
        ("", vec![]),
        ("   ", vec![]),
        ("\"", vec![]),
    ] {
        assert_eq!(paths(words), expected, "{words:?}");
    }
    assert_eq!(paths("disk"), ["a.md", "b.md"], "a title counts more than the text");
    assert_eq!(home.store.search("disk", 1).unwrap().len(), 1);
}

#[test]
fn a_find_marks_what_matched() {
    let home = Home::new();
    let id = library(&home, "books");
    home.store
        .index(
            id,
            &[(entry("a.md", "Disk \u{2}almost\u{3} full"), text("Free some space on the volume, then look again."))],
        )
        .unwrap();
    let part = |text: &str, matched| SnippetPart { text: text.to_owned(), matched };
    let found = home.store.search("spac", 10).unwrap().remove(0);
    assert_eq!(
        found.snippet,
        [part("Free some ", false), part("space", true), part(" on the volume, then look again.", false)]
    );
    let found = home.store.search("disk", 10).unwrap().remove(0);
    assert_eq!(found.title, [part("Disk", true), part("  almost  full", false)], "marks in a text are not marks");
}

#[test]
fn a_title_is_found_among_more_matches_than_are_ranked() {
    let home = Home::new();
    let id = library(&home, "books");
    let mut entries: Vec<_> =
        (0..1_200).map(|number| (entry(&format!("{number:04}.md"), "Other"), text("the failover of it"))).collect();
    entries.push((entry("last.md", "Failover"), text("nothing")));
    home.store.index(id, &entries).unwrap();
    let found = home.store.search("failover", 5).unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(found[0].runbook.entry.seen.path, "last.md");
}

#[test]
fn nothing_that_is_typed_breaks_the_search() {
    let home = Home::new();
    let id = library(&home, "books");
    home.store.index(id, &[(entry("a.md", "Disk full"), text("one AND two"))]).unwrap();
    let typed = prop_oneof![
        any::<String>(),
        "[\"'*()^:+ANDORT {}.\\-\\\\0-9a-z\u{0}-\u{7f}]{0,40}",
        "(title|body|NEAR|AND|OR|NOT|\\*|\\^|\"|\\(|\\)|:|\\+|,| ){0,12}",
    ];
    proptest!(|(words in typed)| {
        let found = home.store.search(&words, 10);
        prop_assert!(found.is_ok(), "{words:?}: {found:?}");
    });
}

#[test]
fn a_word_that_is_there_is_found_whatever_stands_around_it() {
    let home = Home::new();
    let id = library(&home, "books");
    let number = std::cell::Cell::new(0);
    proptest!(ProptestConfig::with_cases(64), |(word in "[a-z]{3,12}", around in "[ \\-\"*():.,;/]{0,4}")| {
        number.set(number.get() + 1);
        let path = format!("{}.md", number.get());
        home.store.index(id, &[(entry(&path, "x"), text(&format!("before {word} after")))]).unwrap();
        let found = home.store.search(&format!("{around}{word}{around}"), 1_000).unwrap();
        prop_assert!(found.iter().any(|found| found.runbook.entry.seen.path == path), "{word:?} {around:?}");
    });
}

#[test]
fn a_revision_comes_back_byte_for_byte_or_not_at_all() {
    let home = Home::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for bytes in [&bytes[..], b"", b"# One\r\n\xff"] {
        let hash = home.store.put_revision(bytes).unwrap();
        assert_eq!(hash, revision_of(bytes));
        assert_eq!(home.store.put_revision(bytes).unwrap(), hash);
        assert_eq!(home.store.revision(&hash).unwrap(), bytes);
    }
    assert_eq!(home.store.revision("0".repeat(64).as_str()).unwrap_err().kind(), ErrorKind::Missing);
    for damage in ["bytes = x'00'", "size = 99999", "size = NULL", "size = -1"] {
        assert_eq!(
            home.tamper(&format!("UPDATE revisions SET {damage} WHERE length(bytes) < 10000 AND size > 9999")),
            1
        );
        let error = home.store.revision(&revision_of(&bytes)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{damage}");
        assert!(error.to_string().contains(&revision_of(&bytes)), "{error}");
        home.tamper("DELETE FROM revisions");
        home.store.put_revision(&bytes).unwrap();
    }
}

#[test]
fn a_revision_is_kept_small_under_the_name_of_its_whole_bytes_and_one_kept_whole_is_read_as_before() {
    let home = Home::new();
    let text = "# Restart\n\nDrain the node, then restart the service and look at the log.\n".repeat(60);
    let hash = home.store.put_revision(text.as_bytes()).unwrap();
    assert_eq!(hash, revision_of(text.as_bytes()));
    assert_eq!(home.tamper("UPDATE revisions SET redacted = NULL WHERE length(bytes) < 400 AND size = 4380"), 1);
    assert_eq!(home.store.revision(&hash).unwrap(), text.as_bytes());
    // As every revision was kept before.
    let plain = text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(home.tamper(&format!("UPDATE revisions SET bytes = x'{plain}', size = NULL")), 1);
    assert_eq!(home.store.revision(&hash).unwrap(), text.as_bytes());
    assert_eq!(home.store.put_revision(text.as_bytes()).unwrap(), hash);
}

#[test]
fn a_setting_is_kept_replaced_and_removed() {
    let home = Home::new();
    assert_eq!(home.store.setting::<bool>("examples.seen").unwrap(), None);
    home.store.set_setting("examples.seen", &true).unwrap();
    home.store.set_setting("window", &[1440, 900]).unwrap();
    home.store.set_setting("window", &[1024, 700]).unwrap();
    assert_eq!(home.store.setting::<Vec<u32>>("window").unwrap(), Some(vec![1024, 700]));
    let error = home.store.setting::<bool>("window").unwrap_err();
    assert!(error.to_string().contains("\"window\""), "{error}");
    home.store.remove_setting("window").unwrap();
    assert_eq!(home.store.setting::<Vec<u32>>("window").unwrap(), None);
    assert_eq!(home.store.setting::<bool>("examples.seen").unwrap(), Some(true));
}

#[test]
fn two_runs_cannot_have_one_name() {
    let home = Home::new();
    let (_run, lock) = begin(&home.store, "run-1");
    assert_eq!(home.store.begin_run(&new_run("run-1")).unwrap_err().kind(), ErrorKind::Refused);
    drop(lock);
    assert_eq!(home.store.begin_run(&new_run("run-1")).unwrap_err().kind(), ErrorKind::Refused);
}
