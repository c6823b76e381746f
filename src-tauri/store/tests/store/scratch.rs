//! Runs that only try something: no list has them, and they are gone after their time.

use engine::{Journal as _, RunId};
use store::{NewRun, RunFilter};

use crate::fixture::{AT, Home, append_output, begin, new_run, started};

fn try_at(home: &Home, id: &str, started_at: &str) -> (RunId, store::RunLock) {
    let run = NewRun { started_at: started_at.to_owned(), ..new_run(id) };
    let lock = home.store.begin_scratch_run(&run).unwrap();
    home.store.append(&run.id, started_at, "ada@lovelace", started()).unwrap();
    append_output(&home.store, &run.id, "drain", 0, b"tried");
    (run.id, lock)
}

#[test]
fn old_scratch_runs_go_with_all_that_they_left_and_nothing_else_does() {
    let home = Home::new();
    let (kept, lock) = begin(&home.store, "kept");
    drop(lock);
    let old = |id| try_at(&home, id, "2026-11-20T08:00:00.000Z");
    let (left, lock) = old("left");
    drop(lock);
    let (driven, driving) = old("driven");
    let (young, lock) = try_at(&home, "young", AT);
    drop(lock);
    assert_eq!(home.store.runs(&RunFilter::default()).unwrap().1, 1, "no list has what was only tried");

    assert_eq!(home.store.drop_scratch_runs("2026-11-21T08:00:00.000Z").unwrap(), 1);
    assert!(home.store.run(&left).is_err());
    assert_eq!(home.store.events(&left).map_or(0, Iterator::count), 0);
    assert!(home.store.output(&left, "drain", 1, 0, 100).map_or(true, |piece| piece.bytes.is_empty()));
    for run in [&kept, &driven, &young] {
        assert!(home.store.run(run).is_ok(), "{run} stays");
    }
    drop(driving);
    assert_eq!(home.store.drop_scratch_runs("2026-11-21T08:00:00.000Z").unwrap(), 1, "nobody drives it any more");
    assert!(home.store.run(&driven).is_err());
}
