//! Several threads and several processes at once: the window and the command line use one store.

use std::{
    io::{BufRead, BufReader},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use engine::{RunId, event::verify};
use store::{Store, Verdict};

use crate::{
    crash::appender,
    fixture::{Home, append, append_output, attempt_started, begin, noise, note},
};

#[test]
fn a_store_goes_to_any_thread() {
    fn check<T: Send + Sync>() {}
    check::<Store>();
}

#[test]
fn two_processes_append_to_two_runs_at_once() {
    let home = Home::new();
    let mut children: Vec<_> = ["run-1", "run-2"].map(|run| appender(&home.data(), run)).into_iter().collect();
    let events: Vec<_> = thread::scope(|scope| {
        let readers: Vec<_> = children
            .iter_mut()
            .map(|child| {
                let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
                // The pipe stays open until the child is killed.
                scope.spawn(move || (lines.by_ref().filter(|line| line.contains("event ")).take(300).count(), lines))
            })
            .collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert!(events.iter().all(|(count, _)| *count == 300), "neither starves nor fails");
    for child in &mut children {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    drop(events);
    for run in ["run-1", "run-2"] {
        let Verdict::Holds { events, .. } = home.store.verify(&RunId(run.to_owned())).unwrap() else {
            panic!("{run} is broken")
        };
        assert!(events > 300);
    }
}

#[test]
fn readers_see_whole_events_while_others_are_written() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    append(&home.store, &run, attempt_started("drain"));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut seen = 0;
                while !done.load(Ordering::Relaxed) {
                    let events: Vec<_> = home.store.events(&run).unwrap().map(Result::unwrap).collect();
                    verify(&run, &events, None).unwrap();
                    assert!(events.len() >= seen, "what was there stays there");
                    seen = events.len();
                    assert!(home.store.verify(&run).unwrap().holds());
                    home.store.search("disk", 5).unwrap();
                }
            });
        }
        let piece = noise(5_000);
        for number in 0..200 {
            append_output(&home.store, &run, "drain", number * 5_000, &piece);
            append(&home.store, &run, note("x"));
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(home.store.run(&run).unwrap().events, 402);
}

#[test]
fn threads_append_to_one_run_without_a_gap() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    thread::scope(|scope| {
        for thread in 0..8 {
            let (home, run) = (&home, &run);
            scope.spawn(move || {
                for number in 0..50 {
                    append(&home.store, run, note(&format!("{thread} {number}")));
                }
            });
        }
    });
    assert_eq!(home.store.run(&run).unwrap().events, 401);
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn many_who_open_a_new_store_at_once_all_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    thread::scope(|scope| {
        for thread in 0..8 {
            let data = &data;
            scope.spawn(move || {
                let store = Store::open(data).unwrap();
                assert!(store.notices().is_empty(), "{:?}", store.notices());
                let (run, _lock) = begin(&store, &format!("run-{thread}"));
                assert!(store.verify(&run).unwrap().holds());
            });
        }
    });
    assert_eq!(Store::open(&data).unwrap().run_counts().unwrap().all, 8);
}
