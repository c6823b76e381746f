//! Appending, reading, exporting; the run's row; output.

use engine::{
    Event, Fact, ItemStatus, Journal as _, RunId, RunStatus,
    event::{AttemptState, FinishState, verify},
};
use store::RunFilter;

use crate::fixture::{
    ACTOR, AT, Home, append, append_output, attempt_ended, attempt_started, finished, new_run, noise, note, output,
    started, whole_run,
};

#[test]
fn events_come_back_as_they_were_returned_and_their_chain_holds() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let mut returned = vec![home.store.events(&run).unwrap().next().unwrap().unwrap()];
    for number in 0..600 {
        returned.push(append(&home.store, &run, note(&format!("\"note\" {number}\n\u{1f600}"))));
    }
    let read: Vec<Event> = home.store.events(&run).unwrap().map(Result::unwrap).collect();
    assert_eq!(read, returned);
    verify(&run, &read, None).unwrap();
    let after: Vec<Event> = home.store.events_after(&run, 598).unwrap().map(Result::unwrap).collect();
    assert_eq!(after, returned[598..]);
    assert_eq!(home.store.run(&run).unwrap().events, 601);
}

#[test]
fn an_exported_journal_is_what_json_printed() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let mut printed = vec![home.store.events(&run).unwrap().next().unwrap().unwrap()];
    printed.push(append(&home.store, &run, attempt_started("drain")));
    printed.push(append_output(&home.store, &run, "drain", 0, b"node/web1 cordoned\n"));
    printed.push(append(&home.store, &run, attempt_ended("drain", AttemptState::Passed)));
    let values = [("B", "2"), ("A", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    printed.push(append(
        &home.store,
        &run,
        Fact::ParameterSet {
            name: values[0].0.clone(),
            value: Some(values[1].1.clone()),
            from: "--param".to_owned(),
        },
    ));
    printed.push(append(&home.store, &run, Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false }));
    let printed: Vec<String> = printed.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
    let exported: Vec<String> = home.store.journal_lines(&run).unwrap().map(Result::unwrap).collect();
    assert_eq!(exported, printed);
    assert!(printed[3].starts_with(&format!(r#"{{"run":"run-1","seq":4,"at":"{AT}","actor":"{ACTOR}","kind":"#)));
}

#[test]
fn facts_that_are_kept_together_are_all_there_or_none() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let at = |second: u8| format!("2026-11-22T15:00:{second:02}.000Z");
    let facts = vec![
        (at(1), attempt_started("drain")),
        (at(2), attempt_ended("drain", AttemptState::Passed)),
        (at(3), Fact::RunFinished { state: FinishState::Passed, reason: None }),
        (at(4), note("after it")),
    ];
    let kept = home.store.append_all(&run, ACTOR, facts).unwrap();
    assert_eq!(kept.iter().map(|event| event.seq).collect::<Vec<_>>(), [2, 3, 4, 5]);
    let read: Vec<Event> = home.store.events(&run).unwrap().map(Result::unwrap).collect();
    assert_eq!(read[1..], kept);
    verify(&run, &read, None).unwrap();
    let row = home.store.run(&run).unwrap();
    assert_eq!((row.events, row.state, row.ended_at), (5, RunStatus::Passed, Some(at(3))));

    // One that cannot be kept takes the others along: output stands for itself, with its bytes.
    let refused = vec![(at(5), note("one")), (at(6), output("drain", 0, b"x"))];
    assert!(home.store.append_all(&run, ACTOR, refused).is_err());
    assert_eq!(home.store.run(&run).unwrap().events, 5);
    assert_eq!(home.store.events(&run).unwrap().count(), 5);
}

#[test]
fn an_event_for_a_run_that_is_not_there_is_refused() {
    let home = Home::new();
    let error = home.store.append(&RunId("nobody".to_owned()), AT, ACTOR, note("x")).unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
    assert!(home.store.events(&RunId("nobody".to_owned())).is_err());
}

#[test]
fn output_that_does_not_agree_with_its_event_is_refused_and_nothing_is_kept() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    for (fact, bytes) in
        [(output("a", 0, b"abc"), &b"abd"[..]), (output("a", 0, b"abc"), b"ab"), (note("no output"), b"abc")]
    {
        assert!(home.store.append_output(&run, AT, ACTOR, fact, bytes).is_err());
    }
    assert!(home.store.append(&run, AT, ACTOR, output("a", 0, b"abc")).is_err());
    assert_eq!(home.store.run(&run).unwrap().events, 1);
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn ten_megabytes_of_output_come_back_whole_from_any_place() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let all = noise(10 * 1024 * 1024);
    append(&home.store, &run, attempt_started("drain"));
    for (number, piece) in all.chunks(64 * 1024).enumerate() {
        append_output(&home.store, &run, "drain", number as u64 * 64 * 1024, piece);
    }
    // Another item's output is not mixed in.
    append_output(&home.store, &run, "drain2", 0, b"other");
    let mut read = Vec::new();
    while read.len() < all.len() {
        let piece = home.store.output(&run, "drain", 1, read.len() as u64, 1_000_000).unwrap();
        assert_eq!((piece.offset, piece.end), (read.len() as u64, all.len() as u64));
        assert!(!piece.bytes.is_empty());
        read.extend(piece.bytes);
    }
    assert!(read == all);
    for (offset, limit) in [(0, 1), (65_535, 2), (65_536, 65_536), (123_456, 200_000), (all.len() - 3, 10)] {
        let piece = home.store.output(&run, "drain", 1, offset as u64, limit).unwrap();
        assert!(piece.bytes == all[offset..(offset + limit).min(all.len())], "{offset} {limit}");
    }
    assert!(home.store.output(&run, "drain", 1, all.len() as u64, 10).unwrap().bytes.is_empty());
    assert!(home.store.output(&run, "drain", 2, 0, 10).unwrap().bytes.is_empty());
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn reading_output_stops_where_bytes_were_left_out_and_goes_on_after() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    append_output(&home.store, &run, "drain", 0, b"begin");
    append_output(&home.store, &run, "drain", 1_000_000, &noise(100_000));
    let first = home.store.output(&run, "drain", 1, 0, 1 << 20).unwrap();
    assert_eq!((first.offset, first.bytes.as_slice(), first.end), (0, &b"begin"[..], 1_100_000));
    let rest = home.store.output(&run, "drain", 1, 5, 1 << 20).unwrap();
    assert_eq!(rest.offset, 1_000_000);
    assert!(rest.bytes == noise(100_000));
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn the_row_of_a_run_follows_its_journal() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let row = || home.store.run(&run).unwrap();
    assert_eq!(row().state, RunStatus::Waiting);
    append(&home.store, &run, attempt_started("drain"));
    assert_eq!(row().state, RunStatus::Running);
    assert_eq!(row().summary.item.as_deref(), Some("drain"));
    append(&home.store, &run, attempt_ended("drain", AttemptState::Failed));
    assert_eq!((row().state, row().summary.failed), (RunStatus::Waiting, 1));
    append(&home.store, &run, Fact::Paused { reason: None });
    assert_eq!((row().state, row().ended_at), (RunStatus::Paused, None));
    append(&home.store, &run, Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false });
    append(&home.store, &run, Fact::Overridden { item: "drain".to_owned(), reason: "seen by eye".to_owned() });
    append(&home.store, &run, finished(FinishState::Passed));
    let row = row();
    assert_eq!((row.state, row.ended_at.as_deref()), (RunStatus::Passed, Some(AT)));
    assert_eq!((row.summary.overridden, row.summary.rescued), (1, true));
    assert_eq!(home.store.last_run(&row.start.path).unwrap().unwrap().state, RunStatus::Passed);
}

#[test]
fn a_run_that_is_taken_up_again_has_not_ended() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    append(&home.store, &run, finished(FinishState::Failed));
    assert!(home.store.run(&run).unwrap().ended_at.is_some());
    append(&home.store, &run, Fact::Resumed { mode: None, lost: Vec::new(), taken_up: false });
    assert_eq!(home.store.run(&run).unwrap().ended_at, None);
    append(&home.store, &run, finished(FinishState::Passed));
    let row = home.store.run(&run).unwrap();
    assert_eq!((row.state, row.ended_at.as_deref()), (RunStatus::Passed, Some(AT)));
}

#[test]
fn runs_are_listed_latest_first_by_filter_and_page() {
    let home = Home::new();
    for number in 1..=9 {
        let mut run = new_run(&format!("run-{number}"));
        run.title = format!("100% of_{number}");
        drop(home.store.begin_run(&run).unwrap());
        append(&home.store, &run.id, started());
        if number % 3 == 0 {
            append(&home.store, &run.id, finished(FinishState::Failed));
        }
    }
    let ids = |filter: RunFilter| {
        let (rows, all) = home.store.runs(&filter).unwrap();
        (rows.into_iter().map(|row| row.start.id.0[4..].to_owned()).collect::<Vec<_>>().join(" "), all)
    };
    let all = RunFilter::default;
    assert_eq!(ids(all()), ("9 8 7 6 5 4 3 2 1".to_owned(), 9));
    assert_eq!(ids(RunFilter { limit: Some(2), offset: 3, ..all() }), ("6 5".to_owned(), 9));
    assert_eq!(ids(RunFilter { states: vec![RunStatus::Failed], limit: Some(2), ..all() }), ("9 6".to_owned(), 3));
    assert_eq!(ids(RunFilter { words: Some("OF_7".to_owned()), ..all() }), ("7".to_owned(), 1));
    assert_eq!(ids(RunFilter { words: Some("_0%".to_owned()), ..all() }), (String::new(), 0));
    assert_eq!(ids(RunFilter { path: Some("/elsewhere.md".to_owned()), ..all() }), (String::new(), 0));
    let counts = home.store.run_counts().unwrap();
    assert_eq!((counts.all, counts.under_way, counts.failed), (9, 6, 3));
    assert_eq!(home.store.runs_beginning("run-7").unwrap(), [RunId("run-7".to_owned())]);
}

#[test]
fn the_state_of_a_run_is_that_of_its_journal() {
    let home = Home::new();
    let run = whole_run(&home, "run-1");
    let state = home.store.run_state(&run).unwrap();
    assert_eq!(state.status, RunStatus::Passed);
    assert_eq!(state.items["drain"].status, ItemStatus::Passed);
    assert_eq!(state.items["drain"].attempts[0].output_bytes, 200_000);
}
