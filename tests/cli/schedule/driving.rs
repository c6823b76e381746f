//! What is due is run: once, whoever looks, whenever the machine slept, was set to another time, or died in the middle.

use std::fs;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{SAVE, Shop, book};
use crate::support::{Done, text, until};

/// Says that it has begun, and goes on when it may.
const SLOW: &str =
    "touch \"$HOME/begun\"\nuntil [ -e \"$HOME/go\" ]; do sleep 0.05; done\necho saved >> \"$HOME/saved\"";

fn pairs(firings: &[(String, u64)]) -> Vec<(&str, u64)> {
    firings.iter().map(|(state, times)| (state.as_str(), *times)).collect()
}

#[test]
fn what_is_due_is_run_once_and_its_record_says_which_schedule_started_it() {
    let shop = Shop::nightly(&book(SAVE), 1, 0, &[]);
    let done = shop.run_due(0);
    assert!(done.out.contains("Nightly: run ") && done.out.contains(" passed"), "{done:?}");
    assert_eq!((shop.saved(), shop.run_due(0).out), (1, String::new()));
    assert_eq!(shop.saved(), 1, "it is not due a second time");
    let run = shop.home.only_run();
    assert_eq!((text(&run, "state"), text(&run, "mode")), ("passed", "auto"));
    let run = text(&run, "id");
    let started: serde_json::Value = serde_json::from_str(&shop.home.journal(run)[0]).unwrap();
    assert_eq!(text(&started, "schedule"), "Nightly");
    shop.home.expect(0, &["verify", run]);
    assert!(shop.home.expect(0, &["report", run]).out.contains("by schedule"));
    assert_eq!(pairs(&shop.firings()), [("passed", 1)]);
}

#[test]
fn a_time_that_was_missed_is_said_and_made_up_for_at_most_once_and_by_choice() {
    for (missed, saved, state) in [("skip", 0, "missed"), ("once", 1, "passed")] {
        // Its time was two hours ago, on each of five days.
        let shop = Shop::nightly(&book(SAVE), 120, 4, &["--missed", missed]);
        shop.settled(4 * 24 * 60 + 180);
        let done = shop.run_due(0);
        assert!(done.out.contains("5 times"), "{missed}: {done:?}");
        assert_eq!(shop.saved(), saved, "{missed}: {done:?}");
        assert_eq!(pairs(&shop.firings()), [(state, 5)]);
        assert_eq!(shop.run_due(0).out, "", "{missed}: all of it is settled");
        assert_eq!(shop.saved(), saved);
    }
}

#[test]
fn a_clock_that_is_set_back_brings_no_time_a_second_time() {
    let shop = Shop::nightly(&book(SAVE), 1, 0, &["--missed", "once"]);
    shop.run_due(0);
    // What is settled lies ahead: nothing is due until that has come.
    shop.settled(-3 * 24 * 60);
    assert_eq!(shop.run_due(0).out, "");
    let next = shop.show()["next"][0].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(next.duration_since(jiff::Timestamp::now()).as_hours() > 48, "{next}");
    // Even where that was lost, a time that was run is not run again.
    shop.settled(60);
    assert_eq!(shop.run_due(0).out, "");
    assert_eq!((shop.saved(), shop.home.runs().len()), (1, 1));
}

#[test]
fn however_many_look_at_the_same_time_each_time_is_run_once() {
    let shop = Shop::nightly(&book(SAVE), 1, 0, &[]);
    let look = || shop.home.command(&["schedule", "run-due", "--json"]).spawn().unwrap();
    let all: Vec<_> = (0..6).map(|_| look()).collect();
    let done: Vec<Done> = all.into_iter().map(|one| one.wait_with_output().unwrap().into()).collect();
    assert!(done.iter().all(|one| one.status == Some(0)), "{done:?}");
    let begun: Vec<_> = done.iter().flat_map(Done::events).filter(|told| told["state"] == "running").collect();
    assert_eq!((begun.len(), shop.saved()), (1, 1), "{done:?}");
    assert_eq!(shop.home.runs().len(), 1);
}

#[test]
fn one_run_at_a_time_and_what_is_due_meanwhile_is_missed() {
    let shop = Shop::nightly(&book(SLOW), 3, 0, &["--missed", "once"]);
    let first = shop.home.command(&["schedule", "run-due"]).spawn().unwrap();
    until("it has begun", || shop.home.path("begun").exists());
    shop.now_at(1);
    // Whoever looks first says so: this one, or the one that drives the run.
    shop.run_due(0);
    let missed = shop.show()["firings"][0].clone();
    assert_eq!(text(&missed, "why"), "the run before it was still under way");
    let hand = shop.home.expect(2, &["schedule", "run", "Nightly"]);
    assert!(hand.err.contains("one runs at a time"), "{hand:?}");
    shop.home.file("go", "");
    let first: Done = first.wait_with_output().unwrap().into();
    assert_eq!(first.status, Some(0), "{first:?}");
    assert_eq!(pairs(&shop.firings()), [("missed", 1), ("passed", 1)]);
    assert_eq!(shop.saved(), 1);
    assert_eq!(shop.run_due(0).out, "");
}

#[test]
fn killed_in_the_middle_its_firing_says_so_and_it_is_resumed_and_not_run_twice() {
    let shop = Shop::nightly(&book(SLOW), 3, 0, &["--missed", "once"]);
    let mut first = shop.home.command(&["schedule", "run-due"]).spawn().unwrap();
    until("it has begun", || shop.home.path("begun").exists());
    first.kill().unwrap();
    first.wait().unwrap();
    let run = text(&shop.home.only_run(), "id").to_owned();
    shop.home.is_left(&run);
    until("it is said", || pairs(&shop.firings()) == [("interrupted", 1)]);
    // What is due next does not begin beside what nobody knows the end of.
    shop.now_at(1);
    // A green unit would hide that no backup is made any more.
    let next = shop.run_due(1);
    assert!(next.out.contains("missed") && next.out.contains(&format!("allgood resume {run}")), "{next:?}");
    let hand = shop.home.expect(2, &["schedule", "run", "Nightly"]);
    assert!(hand.err.contains("was cut off"), "{hand:?}");
    shop.home.file("go", "");
    shop.home.expect(0, &["resume", &run, "--again"]);
    assert_eq!((shop.saved(), shop.home.runs().len()), (1, 1));
    assert_eq!(pairs(&shop.firings()), [("missed", 1), ("passed", 1)]);
    let hand = shop.home.expect(0, &["schedule", "run", "Nightly"]);
    assert!(hand.out.contains("PASSED") || hand.out.contains("passed"), "{hand:?}");
    assert_eq!((shop.saved(), shop.home.runs().len()), (2, 2));
}

#[test]
fn told_to_stop_it_ends_its_run_in_order() {
    let shop = Shop::nightly(&book(SLOW), 1, 0, &[]);
    let child = shop.home.command(&["schedule", "run-due"]).spawn().unwrap();
    until("it has begun", || shop.home.path("begun").exists());
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGTERM).unwrap();
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!(done.status, Some(130), "{done:?}");
    assert!(done.out.contains("waits for a person") && done.out.contains("allgood resume"), "{done:?}");
    assert_eq!(pairs(&shop.firings()), [("waits", 1)]);
    assert_eq!(text(&shop.home.only_run(), "state"), "paused");
}

#[test]
fn where_a_person_is_needed_the_run_waits_and_is_gone_on_with() {
    let shop = Shop::nightly(&book(SAVE).replace("```sh", "- [ ] The disk is mounted\n\n```sh"), 3, 0, &[]);
    let done = shop.run_due(4);
    assert!(done.out.contains("waits for a person at \"Save\""), "{done:?}");
    assert_eq!((shop.saved(), pairs(&shop.firings())), (0, vec![("waits", 1)]));
    let run = text(&shop.home.only_run(), "id").to_owned();
    shop.now_at(1);
    assert!(shop.run_due(4).out.contains("missed"), "nothing begins beside it");
    shop.home.expect(0, &["resume", &run, "--auto", "--yes"]);
    assert_eq!(shop.saved(), 1);
    assert_eq!(pairs(&shop.firings()), [("missed", 1), ("passed", 1)]);
}

#[test]
fn a_failure_is_rolled_back_where_that_was_chosen() {
    let failing = "# Move\n\n## Steps\n\n### Move it\n\n```sh {name=move}\ntouch \"$HOME/moved\"\nexit 3\n```\n\n\
        ```sh {undo}\nrm \"$HOME/moved\"\n```\n";
    for (choice, state, there) in [("stop", "failed", true), ("rollback", "rolled_back", false)] {
        let shop = Shop::nightly(failing, 1, 0, &["--on-failure", choice]);
        let done = shop.run_due(1);
        assert!(done.out.contains("failed"), "{done:?}");
        assert_eq!(pairs(&shop.firings()), [(state, 1)]);
        assert_eq!(shop.home.path("moved").exists(), there, "{choice}");
    }
}

#[test]
fn only_what_a_person_accepted_is_run() {
    let shop = Shop::nightly(&book(SAVE), 3, 0, &[]);
    shop.home.file("books/backup.md", &book("echo changed >> \"$HOME/saved\""));
    let done = shop.run_due(1);
    assert!(done.out.contains("has changed since it was accepted") && done.out.contains("--accept"), "{done:?}");
    assert_eq!((shop.saved(), pairs(&shop.firings())), (0, vec![("refused", 1)]));
    assert!(shop.home.expect(0, &["schedule", "list"]).out.contains("has changed since"));
    assert_eq!(shop.home.expect(2, &["schedule", "run", "Nightly"]).out, "");
    shop.home.expect(0, &["schedule", "edit", "Nightly", "--accept"]);
    shop.now_at(1);
    shop.run_due(0);
    assert_eq!(fs::read_to_string(shop.home.path("saved")).unwrap(), "changed\n");
    // Gone, and in a folder that is no longer in the library.
    fs::remove_file(shop.home.path("books/backup.md")).unwrap();
    shop.settled(30);
    shop.now_at(2);
    assert!(shop.run_due(1).out.contains("backup.md"));
    shop.home.file("books/backup.md", &book("echo changed >> \"$HOME/saved\""));
    shop.home.expect(0, &["library", "remove", "books"]);
    shop.settled(30);
    shop.now_at(0);
    assert!(shop.run_due(1).out.contains("in no folder of the library"));
    assert_eq!(shop.saved(), 1);
}

#[test]
fn what_is_paused_is_not_run_and_not_made_up_for() {
    let shop = Shop::nightly(&book(SAVE), 1, 3, &["--missed", "once"]);
    shop.home.expect(0, &["schedule", "pause", "Nightly"]);
    assert_eq!(shop.run_due(0).out, "");
    shop.home.expect(0, &["schedule", "resume", "Nightly"]);
    assert_eq!((shop.run_due(0).out.as_str(), shop.saved()), ("", 0));
    shop.home.expect(0, &["schedule", "run", "Nightly"]);
    assert_eq!(shop.saved(), 1, "by hand it runs whenever a person wants");
}

#[test]
fn a_guard_a_question_and_a_value_that_is_missing_are_not_answered() {
    let guarded = Shop::new(&book(SAVE));
    guarded.home.file("books/allgood.toml", "[environments.prod]\nguard = true\n");
    let add = ["schedule", "add", "books/backup.md", "--name", "Nightly", "--yes", "--zone", "UTC"];
    let cron = super::daily(1);
    guarded.home.expect(0, &[&add[..], &["--cron", &cron, "--environment", "prod"]].concat());
    guarded.settled(30);
    guarded.run_due(4);
    let asks = Shop::nightly(&book(SAVE).replace("name=save", "name=save confirm=\"Really?\""), 1, 0, &[]);
    asks.run_due(4);
    assert_eq!((guarded.saved(), asks.saved()), (0, 0));
}
