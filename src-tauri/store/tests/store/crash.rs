//! Killed at any moment: what was printed is in the store, nothing is half-written, and the run is interrupted.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use engine::{Event, Fact, RunId, RunStatus, event::AttemptState};
use store::{RunLock, Store};

use crate::fixture::{
    ACTOR, AT, Home, append, append_output, attempt_ended, attempt_started, begin, noise, note, whole_run,
};

const FOLDER: &str = "STORE_TEST_FOLDER";

/// Starts this very program as a process that appends until it is killed.
pub(crate) fn appender(folder: &Path, run: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::a_run_goes_on_until_its_events_are_told", "--nocapture"])
        .env(FOLDER, folder)
        .env("STORE_TEST_RUN", run)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Also the process that the others kill: with a folder given, it appends and prints without an end.
#[test]
fn a_run_goes_on_until_its_events_are_told() {
    let Some(folder) = env::var_os(FOLDER) else {
        let home = Home::new();
        let (run, _lock) = home.begin("run-1");
        let printed = round(&home.store, &run, 0);
        assert_eq!(home.store.events_after(&run, 1).unwrap().map(Result::unwrap).collect::<Vec<_>>(), printed);
        return;
    };
    let store = Store::open(Path::new(&folder)).unwrap();
    let (run, lock) = begin(&store, &env::var("STORE_TEST_RUN").unwrap());
    for number in 0.. {
        for event in round(&store, &run, number) {
            println!("event {}", serde_json::to_string(&event).unwrap());
        }
    }
    drop(lock);
}

/// One command with its output, some of it in several pieces.
fn round(store: &Store, run: &RunId, number: usize) -> Vec<Event> {
    let item = format!("item-{number}");
    let bytes = noise(1 + number * 40_013 % 150_000);
    let half = bytes.len() / 2;
    vec![
        append(store, run, attempt_started(&item)),
        append_output(store, run, &item, 0, &bytes[..half]),
        append_output(store, run, &item, half as u64, &bytes[half..]),
        append(store, run, attempt_ended(&item, AttemptState::Passed)),
    ]
}

#[test]
fn killed_at_any_moment_every_event_that_was_printed_is_kept_and_none_is_half_written() {
    let home = Home::new();
    for round in 0..20 {
        let id = format!("run-{round}");
        let mut child = appender(&home.data(), &id);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        // After as many events as the round says, at whatever moment the process is in by then.
        let mut printed: Vec<Event> = Vec::new();
        while printed.len() < 1 + round * 7 {
            printed.extend(event_in(&lines.next().expect("it prints without an end")));
        }
        child.kill().unwrap();
        printed.extend(lines.filter_map(|line| event_in(&line)));
        child.wait().unwrap();

        let run = RunId(id);
        let kept: Vec<Event> = home.store.events(&run).unwrap().map(Result::unwrap).collect();
        assert!(kept.len() > printed.len(), "run_started is not printed");
        assert_eq!(kept[1..=printed.len()], printed, "round {round}");
        assert!(home.store.verify(&run).unwrap().holds(), "round {round}");
        assert_eq!(home.store.mark_interrupted(AT, ACTOR).unwrap(), std::slice::from_ref(&run), "round {round}");
        assert_eq!(home.store.run(&run).unwrap().state, RunStatus::Interrupted);
        assert!(home.store.verify(&run).unwrap().holds(), "round {round}");
    }
}

/// A line cut off by the kill is no event that was printed.
fn event_in(line: &str) -> Option<Event> {
    serde_json::from_str(line.split_once("event ")?.1).ok()
}

#[test]
fn what_was_running_is_named_when_its_run_is_interrupted() {
    let home = Home::new();
    let (run, lock) = home.begin("run-1");
    append(&home.store, &run, attempt_started("one"));
    append(&home.store, &run, attempt_ended("one", AttemptState::Passed));
    append(&home.store, &run, attempt_started("two"));
    assert!(home.store.mark_interrupted(AT, ACTOR).unwrap().is_empty(), "somebody drives it");
    drop(lock);
    assert_eq!(home.store.mark_interrupted(AT, ACTOR).unwrap(), std::slice::from_ref(&run));
    let last = home.store.events(&run).unwrap().last().unwrap().unwrap();
    assert_eq!(last.fact, Fact::Interrupted { item: Some("two".to_owned()) });
    assert!(home.store.mark_interrupted(AT, ACTOR).unwrap().is_empty(), "once");
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn a_run_that_waits_for_a_person_is_interrupted_and_names_no_item() {
    let home = Home::new();
    let (run, lock) = home.begin("run-1");
    drop(lock);
    home.store.mark_interrupted(AT, ACTOR).unwrap();
    let last = home.store.events(&run).unwrap().last().unwrap().unwrap();
    assert_eq!(last.fact, Fact::Interrupted { item: None });
}

#[test]
fn runs_that_are_paused_or_over_are_not_interrupted() {
    let home = Home::new();
    let (run, lock) = home.begin("run-1");
    append(&home.store, &run, attempt_started("one"));
    append(&home.store, &run, attempt_ended("one", AttemptState::Passed));
    append(&home.store, &run, Fact::Paused { reason: None });
    drop(lock);
    whole_run(&home, "run-2");
    assert!(home.store.mark_interrupted(AT, ACTOR).unwrap().is_empty());
}

#[test]
fn many_who_start_at_once_mark_a_run_once() {
    let home = Home::new();
    let (run, lock) = home.begin("run-1");
    append(&home.store, &run, note("x"));
    drop(lock);
    let stores: Vec<Arc<Store>> = (0..8).map(|_| Arc::new(Store::open(&home.data()).unwrap())).collect();
    let marked: usize = std::thread::scope(|scope| {
        let threads: Vec<_> =
            stores.iter().map(|store| scope.spawn(|| store.mark_interrupted(AT, ACTOR).unwrap().len())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(marked, 1);
    assert_eq!(home.store.run(&run).unwrap().events, 3);
}

#[test]
fn the_lock_of_a_killed_process_is_free_and_that_of_a_living_one_is_not() {
    let home = Home::new();
    let run = RunId("run-1".to_owned());
    let mut child = appender(&home.data(), &run.0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("event ") {}
    assert!(home.store.lock_run(&run).unwrap().is_none());
    assert!(home.store.mark_interrupted(AT, ACTOR).unwrap().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let lock: Option<RunLock> = home.store.lock_run(&run).unwrap();
    assert!(lock.is_some());
}

#[test]
fn a_run_whose_journal_cannot_be_read_does_not_stand_in_the_way_of_the_others() {
    let home = Home::new();
    for id in ["run-1", "run-2"] {
        let (run, _lock) = home.begin(id);
        append(&home.store, &run, attempt_started("one"));
    }
    home.tamper("UPDATE events SET fields = '{' WHERE run = 'run-1' AND seq = 2");
    let again = Store::open(&home.data()).unwrap();
    assert_eq!(again.mark_interrupted(AT, ACTOR).unwrap(), [RunId("run-2".to_owned())]);
    assert!(!again.verify(&RunId("run-1".to_owned())).unwrap().holds());
}
