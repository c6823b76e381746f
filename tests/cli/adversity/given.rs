//! What is given to the commands about runs and is wrong.

use std::fs;

use rusqlite::Connection;

use super::book;
use crate::support::{Home, text};

/// The commands that take a run, and what each needs beside it.
const TAKE_A_RUN: &[&[&str]] = &[
    &["resume"],
    &["rollback"],
    &["show-run"],
    &["verify"],
    &["report"],
    &["export", "-o", "out.run"],
    &["propose"],
];

/// A person with some runs that failed.
fn home(runs: usize) -> Home {
    let home = Home::new();
    home.file("book.md", &book(&[("sh {name=a}", "exit 3")]));
    for _ in 0..runs {
        home.expect(1, &["run", "book.md", "--auto"]);
    }
    home
}

fn with<'a>(words: &[&'a str], run: &'a str) -> Vec<&'a str> {
    let mut all = words.to_vec();
    all.insert(1, run);
    all
}

#[test]
fn a_run_that_is_not_there_or_is_meant_by_several_is_named_by_every_command() {
    let home = home(2);
    for words in TAKE_A_RUN {
        for unknown in
            ["nonesuch", "ffffffff-0000-7000-8000-000000000000", "../../etc/passwd", "%", "é", "'; DROP TABLE runs"]
        {
            home.refused(&with(words, unknown), unknown);
        }
        let done = home.expect(2, &with(words, "0"));
        assert!(done.out.is_empty(), "{words:?}: {done:?}");
        let several = done.err.contains("More than one run begins with");
        assert!(several, "{words:?}: that it is meant by several is said: {done:?}");
        assert_eq!(home.expect(2, &with(words, "")).out, "", "{words:?}");
    }
    assert_eq!(home.runs().len(), 2);
}

#[test]
fn what_is_no_run_file_is_not_taken_and_is_named() {
    let there = home(1);
    let run = there.id();
    there.expect(0, &["export", &run, "-o", "whole.run"]);
    let whole = fs::read(there.path("whole.run")).unwrap();
    let here = Home::new();
    here.file("book.md", "# B\n");
    here.refused(&["take", "nonesuch.run"], "nonesuch.run");
    fs::create_dir(here.path("folder.run")).unwrap();
    here.refused(&["take", "folder.run"], "folder.run");
    for (name, bytes) in [
        ("empty.run", &b""[..]),
        ("text.run", b"# not a run\n"),
        ("cut.run", &whole[..whole.len() / 2]),
        ("short.run", &whole[..whole.len() - 30]),
        ("zeros.run", &[0; 4096]),
    ] {
        fs::write(here.path(name), bytes).unwrap();
        here.refused(&["take", name], name);
    }
    assert_eq!(here.runs().len(), 0, "nothing of them is kept");
}

#[test]
fn a_record_of_another_version_is_neither_misread_nor_changed() {
    let home = home(1);
    let run = home.id();
    let store = Connection::open(home.path("data/allgood.db")).unwrap();
    store
        .execute(
            "UPDATE events SET kind = 'teleported', fields = '{\"to\":\"mars\"}' WHERE run = ?1 AND seq = 2",
            [&run],
        )
        .unwrap();
    let before = home.journal(&run);
    let done = home.expect(1, &["verify", &run]);
    assert!(done.out.contains('2') || done.err.contains('2'), "its event is named: {done:?}");
    for words in [&["resume"][..], &["rollback"], &["show-run"], &["report"]] {
        let done = home.allgood(&with(words, &run));
        assert_ne!(done.status, Some(0), "{words:?}: {done:?}");
        assert!(done.err.contains(&run) && done.err.contains("cannot be read"), "{words:?}: {done:?}");
        assert!(done.err.contains("allgood verify"), "{words:?}: {done:?}");
    }
    assert_eq!(home.journal(&run), before);
}

#[test]
fn choices_that_make_no_sense_are_refused_and_change_nothing() {
    let home = home(1);
    let run = home.id();
    let before = home.journal(&run);
    for (arguments, words) in [
        (&["resume", &run, "--again", "--skip", "x"][..], "cannot be used with"),
        (&["resume", &run, "--done", ""], "say why"),
        (&["resume", &run, "--skip", "  "], "say why"),
        (&["resume", &run, "--param", "nonsense"], "nonsense"),
        (&["rollback", &run, "--leave-out", "nonesuch"], "nonesuch"),
        (&["report", &run, "--format", "pdf"], "pdf"),
        (&["report", &run, "-o", "/nonesuch/report.md"], "/nonesuch"),
    ] {
        let done = home.allgood(arguments);
        assert!(matches!(done.status, Some(2 | 4)), "{arguments:?}: {done:?}");
        assert!(done.err.contains(words), "{arguments:?}: {done:?}");
    }
    assert_eq!(home.journal(&run), before);
    assert_eq!(text(&home.only_run(), "state"), "failed");
}
