//! What runs teach: a row for each item of a run that ended, kept with the event that ended it.

use engine::{
    Fact, ItemStatus, Journal as _, RunId, RunStatus,
    event::{AttemptState, FinishState, Mode},
};
use store::{Lessons, NewRun, Store};

use crate::fixture::{ACTOR, Home, attempt_started, begin, new_run, started};

const FILE: &str = "/runbooks/drain.md";

fn at(seconds: u64) -> String {
    format!("2026-11-22T16:{:02}:{:02}.000Z", seconds / 60, seconds % 60)
}

fn append(store: &Store, run: &RunId, seconds: u64, fact: Fact) {
    store.append(run, &at(seconds), ACTOR, fact).unwrap();
}

fn ended(item: &str, attempt: u64, state: AttemptState, duration_ms: u64) -> Fact {
    Fact::AttemptEnded {
        item: item.to_owned(),
        attempt,
        state,
        exit: Some(0),
        signal: None,
        note: None,
        again: false,
        duration_ms,
        host: None,
    }
}

fn finished(state: FinishState) -> Fact {
    Fact::RunFinished { state, reason: None }
}

/// A run of a command that fails and passes the second time, then a check, which a person ticks 40 seconds later.
fn run(store: &Store, id: &str) -> RunId {
    let (run, _lock) = begin(store, id);
    append(store, &run, 0, attempt_started("drain"));
    append(store, &run, 9, ended("drain", 1, AttemptState::Failed, 9_000));
    let again = Fact::AttemptStarted {
        item: "drain".to_owned(),
        attempt: 2,
        command: "true".to_owned(),
        target: "local".to_owned(),
        cwd: "/".to_owned(),
        of: None,
        background: false,
        host: None,
    };
    append(store, &run, 10, again);
    append(store, &run, 15, ended("drain", 2, AttemptState::Passed, 5_000));
    append(store, &run, 55, Fact::CheckTicked { item: "look".to_owned(), note: None });
    append(store, &run, 55, Fact::Skipped { item: "tell".to_owned(), reason: "nobody there".to_owned() });
    append(store, &run, 56, finished(FinishState::Passed));
    run
}

fn lessons(store: &Store) -> Lessons {
    store.lessons(FILE, None).unwrap()
}

#[test]
fn a_run_that_ends_leaves_a_row_for_each_item_it_came_to() {
    let home = Home::new();
    let id = run(&home.store, "run-1");
    let found = lessons(&home.store);
    assert_eq!((found.runs.len(), &found.runs[0].id, found.runs[0].state), (1, &id, RunStatus::Passed));
    assert_eq!(found.last_passed_at.as_deref(), Some("2026-11-22T16:00:56.000Z"));
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|row| (row.item.as_str(), row.state, row.duration_ms, row.attempts, row.failed, row.rescued))
        .collect();
    assert_eq!(
        rows,
        [
            ("drain", ItemStatus::Passed, Some(5_000), 2, true, true),
            ("look", ItemStatus::Passed, Some(40_000), 0, false, false),
            ("tell", ItemStatus::Skipped, Some(0), 0, false, false),
        ]
    );
    assert!(home.store.lessons(FILE, Some(&id)).unwrap().runs.is_empty(), "a run learns from the others");
}

#[test]
fn a_run_that_is_put_aside_teaches_and_teaches_anew_when_it_ends() {
    let home = Home::new();
    let (run, _lock) = begin(&home.store, "run-1");
    append(&home.store, &run, 0, attempt_started("drain"));
    append(&home.store, &run, 3, ended("drain", 1, AttemptState::Failed, 3_000));
    assert!(lessons(&home.store).items.is_empty(), "while it is under way nothing is known");
    append(&home.store, &run, 4, Fact::Paused { reason: None });
    assert_eq!(lessons(&home.store).items[0].state, ItemStatus::Failed);
    append(&home.store, &run, 5, Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false });
    append(&home.store, &run, 6, Fact::Overridden { item: "drain".to_owned(), reason: "fine".to_owned() });
    append(&home.store, &run, 7, finished(FinishState::Passed));
    let found = lessons(&home.store);
    assert_eq!((found.items.len(), found.items[0].state, found.items[0].rescued), (1, ItemStatus::Overridden, true));
}

#[test]
fn rehearsals_and_scratch_runs_teach_nothing() {
    let home = Home::new();
    let rehearsal = NewRun { mode: Mode::Rehearse, ..new_run("rehearsal") };
    let scratch = new_run("scratch");
    let locks = [home.store.begin_run(&rehearsal).unwrap(), home.store.begin_scratch_run(&scratch).unwrap()];
    for (new, _lock) in [rehearsal, scratch].into_iter().zip(locks) {
        append(&home.store, &new.id, 0, started());
        append(&home.store, &new.id, 1, Fact::CheckTicked { item: "look".to_owned(), note: None });
        append(&home.store, &new.id, 2, finished(FinishState::Passed));
    }
    assert_eq!(lessons(&home.store), Lessons::default());
    assert_eq!(home.store.file_of_run(&RunId("scratch".to_owned())).unwrap(), None);
}

#[test]
fn what_older_versions_ran_is_learnt_from_their_journals_when_it_is_asked_for() {
    let home = Home::new();
    run(&home.store, "run-1");
    let known = lessons(&home.store);
    assert!(home.tamper("DELETE FROM run_items") > 0);
    assert!(home.tamper("UPDATE runs SET learnt = 0") > 0);
    assert_eq!(lessons(&home.store), known);
    // From now on no journal is read for it.
    assert!(home.tamper("DELETE FROM output") + home.tamper("DELETE FROM events") > 0);
    assert_eq!(lessons(&home.store), known);
}

#[test]
fn what_was_learnt_goes_along_when_a_file_is_renamed() {
    let home = Home::new();
    let folder = home.folder.path().join("books");
    std::fs::create_dir(&folder).unwrap();
    let library = home.store.add_library(&folder, "books", &at(0)).unwrap();
    let file = |name: &str| library.path.join(name).display().to_string();
    let new = NewRun { path: file("old.md"), ..new_run("run-1") };
    let _lock = home.store.begin_run(&new).unwrap();
    append(&home.store, &new.id, 0, started());
    append(&home.store, &new.id, 1, Fact::CheckTicked { item: "look".to_owned(), note: None });
    append(&home.store, &new.id, 2, finished(FinishState::Passed));
    home.store.moved(library.id, "old.md", "new.md").unwrap();
    assert_eq!(home.store.lessons(&file("new.md"), None).unwrap().runs.len(), 1);
    assert!(home.store.lessons(&file("old.md"), None).unwrap().runs.is_empty());
    assert_eq!(home.store.file_of_run(&new.id).unwrap(), Some(file("new.md")));
}

#[test]
fn the_last_fifty_runs_count() {
    let home = Home::new();
    for number in 0..52 {
        let (run, _lock) = begin(&home.store, &format!("run-{number:02}"));
        append(&home.store, &run, number, finished(FinishState::Passed));
    }
    let found = lessons(&home.store);
    assert_eq!((found.runs.len(), found.runs[0].id.0.as_str()), (50, "run-51"));
}
