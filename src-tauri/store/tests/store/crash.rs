//! Killed at any moment: what was printed is in the store, nothing is half-written, and the run is interrupted.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use engine::{Event, Fact, RunId, event::AttemptState};
use store::{RunLock, Store};

use crate::fixture::{ACTOR, AT, Home, append, append_output, attempt_ended, attempt_started, begin, noise};

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
fn a_run_that_waits_for_a_person_is_interrupted_and_names_no_item() {
    let home = Home::new();
    let (run, lock) = home.begin("run-1");
    drop(lock);
    home.store.mark_interrupted(AT, ACTOR).unwrap();
    let last = home.store.events(&run).unwrap().last().unwrap().unwrap();
    assert_eq!(last.fact, Fact::Interrupted { item: None });
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
