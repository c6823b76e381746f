//! The store is locked, moved away, deleted or replaced while a run is under way.

use std::fs;

use nix::sys::signal::Signal;
use rusqlite::Connection;

use super::{Going, book};
use crate::support::{Home, text, until};

/// A run whose first command waits for the file `go`, then prints.
fn waiting(home: &Home) -> Going {
    let script = "echo begun; touch begun\nwhile [ ! -e go ]; do sleep 0.02; done\necho went on";
    home.file("wait.md", &book(&[("sh {name=wait}", script), ("sh {name=next}", "echo next >> log")]));
    let going = Going::start(home.command(&["run", "wait.md", "--auto"]));
    until("it has begun", || home.path("begun").exists());
    going
}

#[test]
fn a_run_waits_for_a_store_that_another_process_keeps_locked_and_goes_on() {
    let home = Home::new();
    let going = waiting(&home);
    let other = Connection::open(home.path("data/allgood.db")).unwrap();
    other.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    home.file("go", "");
    going.says("locked by another process");
    going.says("The run waits, and goes on by itself");
    other.execute_batch("ROLLBACK").unwrap();
    let (status, out, said) = going.ends();
    assert_eq!(status, Some(0), "{said}");
    assert!(out.contains("went on"), "{out}");
    home.expect(0, &["verify", &home.id()]);
    assert_eq!(home.log(), ["next"]);
}

#[test]
fn a_store_that_was_moved_away_is_named_and_the_run_goes_on_when_it_is_back() {
    let home = Home::new();
    let going = waiting(&home);
    fs::rename(home.path("data"), home.path("away")).unwrap();
    home.file("go", "");
    going.says("data/allgood.db is no longer the file that was opened here");
    going.says("put it back where it was");
    assert!(!home.path("data").exists(), "no new one is begun in its place");
    fs::rename(home.path("away"), home.path("data")).unwrap();
    let (status, _, said) = going.ends();
    assert_eq!(status, Some(0), "{said}");
    home.expect(0, &["verify", &home.id()]);
    assert_eq!(home.log(), ["next"]);
}

#[test]
fn nothing_is_claimed_to_be_kept_in_a_store_that_was_deleted_or_replaced() {
    for replaced in [false, true] {
        let home = Home::new();
        let going = waiting(&home);
        let run = home.id();
        fs::remove_dir_all(home.path("data")).unwrap();
        if replaced {
            assert_eq!(home.runs().len(), 0, "another store begins there");
        }
        home.file("go", "");
        going.says("is no longer the file that was opened here");
        going.signal(Signal::SIGTERM);
        let (status, out, said) = going.ends();
        assert_eq!(status, Some(5), "{said}");
        assert!(!out.contains("✔"), "nothing is said to have passed: {out}");
        home.is_left(&run);
        assert!(home.log().is_empty(), "nothing was started of which nothing is kept");
        assert_eq!(home.runs().len(), 0);
    }
}

#[test]
fn a_log_that_was_deleted_under_a_run_is_noticed() {
    let home = Home::new();
    let going = waiting(&home);
    fs::remove_file(home.path("data/allgood.db-wal")).unwrap();
    home.file("go", "");
    going.says("allgood.db-wal is no longer the file that was opened here");
    going.signal(Signal::SIGTERM);
    assert_eq!(going.ends().0, Some(5));
}

#[test]
fn one_run_is_driven_by_one_process_and_the_other_is_told() {
    let home = Home::new();
    let going = waiting(&home);
    let run = home.id();
    for arguments in
        [&["resume", &run][..], &["rollback", &run], &["export", &run, "-o", "x.run", "--hand-over", "b@c"]]
    {
        let done = home.expect(2, arguments);
        assert!(done.err.contains("driven by another process") || done.err.contains("under way"), "{done:?}");
    }
    home.expect(0, &["show-run", &run]);
    home.expect(0, &["verify", &run]);
    home.file("go", "");
    assert_eq!(going.ends().0, Some(0));
    assert_eq!(text(&home.only_run(), "state"), "passed");
}
