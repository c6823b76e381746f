//! `verify`: whatever is changed in the record of a run shows, and the event is named.

use engine::RunId;
use store::Verdict;

use crate::fixture::{Home, whole_run};

/// How many each of the runs has: run_started, attempt_started, output, attempt_ended, check_ticked, run_finished.
const EVENTS: u64 = 6;

fn check(sql: &[&str], seq: u64, words: &str) {
    let home = Home::with_two_runs();
    let (run, other) = (RunId("run-1".to_owned()), RunId("run-2".to_owned()));
    assert!(home.store.verify(&run).unwrap().holds());
    for sql in sql {
        assert!(home.tamper(sql) > 0, "{sql} changed nothing");
    }
    let Verdict::Broken(flaw) = home.store.verify(&run).unwrap() else { panic!("{sql:?}: it still holds") };
    assert_eq!(flaw.seq, seq, "{sql:?}: {flaw:?}");
    assert!(flaw.sentence.contains(words), "{sql:?}: {flaw:?}");
    assert!(home.store.verify(&other).unwrap().holds(), "another run is not touched");
}

#[test]
fn a_record_that_nobody_touched_holds() {
    let home = Home::new();
    let run = whole_run(&home, "run-1");
    let Verdict::Holds { events, last_hash, .. } = home.store.verify(&run).unwrap() else { panic!("broken") };
    let row = home.store.run(&run).unwrap();
    assert_eq!((events, &last_hash), (EVENTS, &row.last_hash));
    assert_eq!(row.events, EVENTS);
}

#[test]
fn one_changed_byte_in_any_column_of_any_event_names_that_event() {
    for seq in 1..=EVENTS {
        for column in ["at", "actor", "kind", "fields", "hash"] {
            for place in ["1", "length({})", "length({}) / 2"] {
                let place = place.replace("{}", column);
                let sql = format!(
                    "UPDATE events SET {column} = substr({column}, 1, {place} - 1)
                        || CASE substr({column}, {place}, 1) WHEN '7' THEN '8' ELSE '7' END
                        || substr({column}, {place} + 1)
                     WHERE run = 'run-1' AND seq = {seq}"
                );
                check(&[&sql], seq, &format!("event {seq}"));
            }
        }
    }
}

#[test]
fn other_changes_to_an_event_name_it() {
    for (sql, seq, words) in [
        // No text any more.
        ("UPDATE events SET fields = CAST(x'7bff7d' AS TEXT) WHERE run = 'run-1' AND seq = 4", 4, "event 4"),
        // The same JSON, written in another way.
        ("UPDATE events SET fields = replace(fields, ':', ': ') WHERE run = 'run-1' AND seq = 4", 4, "event 4"),
        // A field that no kind has.
        ("UPDATE events SET fields = json_set(fields, '$.extra', 1) WHERE run = 'run-1' AND seq = 4", 4, "event 4"),
        // An event of another run.
        (
            "UPDATE events SET fields = (SELECT fields FROM events WHERE run = 'run-1' AND seq = 1)
             WHERE run = 'run-1' AND seq = 2",
            2,
            "event 2",
        ),
    ] {
        check(&[sql], seq, words);
    }
}

#[test]
fn a_missing_event_is_named() {
    for seq in 1..=EVENTS {
        let sql = format!("DELETE FROM events WHERE run = 'run-1' AND seq = {seq}");
        check(&[&sql], seq, &format!("event {seq} is missing"));
    }
    check(&["DELETE FROM events WHERE run = 'run-1'"], 1, "event 1 is missing");
}

#[test]
fn a_missing_event_whose_place_was_closed_up_is_named() {
    check(
        &[
            "DELETE FROM events WHERE run = 'run-1' AND seq = 4",
            "UPDATE events SET seq = 4 WHERE run = 'run-1' AND seq = 5",
            "UPDATE events SET seq = 5 WHERE run = 'run-1' AND seq = 6",
        ],
        4,
        "event 4",
    );
}

#[test]
fn a_swapped_pair_is_named() {
    check(
        &[
            "UPDATE events SET seq = 99 WHERE run = 'run-1' AND seq = 4",
            "UPDATE events SET seq = 4 WHERE run = 'run-1' AND seq = 5",
            "UPDATE events SET seq = 5 WHERE run = 'run-1' AND seq = 99",
        ],
        4,
        "event 4",
    );
}

#[test]
fn an_added_event_is_named() {
    check(
        &[
            "INSERT INTO events SELECT run, 7, at, actor, kind, fields, hash FROM events WHERE run = 'run-1' AND seq = 6",
        ],
        7,
        "event 7",
    );
}

#[test]
fn one_changed_byte_of_output_names_the_event_that_speaks_of_it() {
    for start in [0, 65_536, 196_608] {
        let sql = format!(
            "UPDATE output SET bytes = CAST(x'00' || substr(bytes, 2) AS BLOB) WHERE run = 'run-1' AND start = {start}"
        );
        // The first byte of each piece is another value than zero, or this changes nothing.
        let sql = sql.replace("x'00'", "x'a5'");
        check(&[&sql], 3, "event 3 (output)");
    }
}

#[test]
fn missing_moved_or_added_output_names_the_event() {
    for sql in [
        "DELETE FROM output WHERE run = 'run-1' AND start = 65536",
        "DELETE FROM output WHERE run = 'run-1' AND start = 196608",
        "UPDATE output SET start = start + 1 WHERE run = 'run-1' AND start = 196608",
        "UPDATE output SET item = 'other' WHERE run = 'run-1'",
        "UPDATE output SET bytes = CAST(bytes || x'00' AS BLOB) WHERE run = 'run-1' AND start = 196608",
    ] {
        check(&[sql], 3, "event 3 (output)");
    }
    check(
        &["INSERT INTO output (run, item, attempt, start, bytes) VALUES ('run-1', 'drain', 1, 200000, x'00')"],
        EVENTS,
        "no event speaks of",
    );
}

#[test]
fn the_row_of_a_run_must_agree_with_its_journal() {
    check(&["UPDATE runs SET state = 'failed' WHERE id = 'run-1'"], EVENTS, "own row");
    check(&["UPDATE runs SET mode = 'auto' WHERE id = 'run-1'"], 1, "own row");
    check(
        &["UPDATE runs SET last_hash = replace(last_hash, substr(last_hash, 1, 1), 'x') WHERE id = 'run-1'"],
        EVENTS,
        "event 6",
    );
    check(&["UPDATE runs SET events = 5 WHERE id = 'run-1'"], 6, "event 6");
    check(&["UPDATE runs SET events = 7 WHERE id = 'run-1'"], 7, "event 7 is missing");
}

#[test]
fn the_revision_that_was_run_must_be_what_it_was() {
    let home = Home::new();
    let run = whole_run(&home, "run-1");
    assert_eq!(home.tamper("UPDATE revisions SET bytes = x'23'"), 1);
    let Verdict::Broken(flaw) = home.store.verify(&run).unwrap() else { panic!("it still holds") };
    assert!(flaw.sentence.contains("revision"), "{flaw:?}");
}
