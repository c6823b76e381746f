//! How long outputs are kept: what goes leaves its hash, and everything that speaks of it says so.

use engine::{Fact, RunId, event::FinishState};
use store::{OutputSpace, Removed, Store, Verdict};

use crate::fixture::{AT, Home, append, append_output, attempt_started, finished, whole_run};

const LATER: &str = "2026-12-22T08:00:00.000Z";

fn remark(store: &Store, run: &RunId) -> Option<String> {
    match store.verify(run).unwrap() {
        Verdict::Holds { remark, .. } => remark,
        Verdict::Broken(flaw) => panic!("{flaw:?}"),
    }
}

#[test]
fn old_output_goes_and_its_record_still_holds_and_says_so() {
    let home = Home::new();
    let run = whole_run(&home, "run-1");
    assert_eq!(home.store.remove_output(AT, LATER).unwrap(), Removed::default(), "it is not older than that");
    let removed = home.store.remove_output("2026-11-22T15:04:05.124Z", LATER).unwrap();
    assert_eq!(removed, Removed { runs: 1, attempts: 1, bytes: 200_000 });
    let piece = home.store.output(&run, "drain", 1, 0, 100).unwrap();
    assert_eq!((piece.bytes.len(), piece.removed.as_deref()), (0, Some(LATER)));
    assert_eq!(
        remark(&home.store, &run).as_deref(),
        Some("the output of 1 attempt was removed on 2026-12-22 by the retention setting")
    );
    assert_eq!(home.store.remove_output(LATER, LATER).unwrap(), Removed::default(), "once is enough");
}

#[test]
fn runs_that_are_not_finished_or_are_driven_keep_their_output() {
    let home = Home::new();
    let (paused, lock) = home.begin("paused");
    append(&home.store, &paused, attempt_started("drain"));
    append_output(&home.store, &paused, "drain", 0, b"hello");
    append(&home.store, &paused, Fact::Paused { reason: None });
    drop(lock);
    let (driven, _lock) = home.begin("driven");
    append(&home.store, &driven, attempt_started("drain"));
    append_output(&home.store, &driven, "drain", 0, b"hello");
    append(&home.store, &driven, finished(FinishState::Failed));
    assert_eq!(home.store.remove_output(LATER, LATER).unwrap(), Removed::default());
    for run in [paused, driven] {
        assert_eq!(home.store.output(&run, "drain", 1, 0, 100).unwrap().bytes, b"hello");
        assert_eq!(remark(&home.store, &run), None);
    }
}

#[test]
fn output_that_somebody_else_took_away_is_a_flaw_also_beside_what_was_removed() {
    let home = Home::with_two_runs();
    let run = RunId("run-1".to_owned());
    assert!(home.tamper("DELETE FROM output WHERE run = 'run-1'") > 0);
    assert!(!home.store.verify(&run).unwrap().holds(), "nobody noted that it was removed");
    let home = Home::with_two_runs();
    home.store.remove_output(LATER, LATER).unwrap();
    let put = "INSERT INTO output (run, item, attempt, start, bytes) VALUES ('run-1', 'drain', 1, 0, x'00')";
    assert!(home.tamper(put) > 0);
    assert!(!home.store.verify(&run).unwrap().holds(), "what came back is not what was there");
}

#[test]
fn an_event_of_removed_output_that_was_changed_is_named() {
    let home = Home::with_two_runs();
    home.store.remove_output(LATER, LATER).unwrap();
    assert!(
        home.tamper("UPDATE events SET fields = replace(fields, '200000', '200001') WHERE seq = 3 AND run = 'run-1'")
            > 0
    );
    let Verdict::Broken(flaw) = home.store.verify(&RunId("run-1".to_owned())).unwrap() else { panic!("it holds") };
    assert_eq!(flaw.seq, 3, "{flaw:?}");
}

#[test]
fn how_much_output_is_kept_and_what_would_go_is_what_goes() {
    let home = Home::with_two_runs();
    let (paused, _lock) = home.begin("paused");
    append(&home.store, &paused, attempt_started("drain"));
    append_output(&home.store, &paused, "drain", 0, b"hello");
    let space = home.store.output_space(Some(LATER)).unwrap();
    assert_eq!(space.bytes, space.due_bytes + 5, "what is not finished is kept");
    assert_eq!(space.runs, space.due_runs + 1);
    assert_eq!(home.store.output_space(None).unwrap(), OutputSpace { due_bytes: 0, due_runs: 0, ..space });
    let removed = home.store.remove_output(LATER, LATER).unwrap();
    assert_eq!((removed.bytes, removed.runs), (space.due_bytes, space.due_runs));
    let after = OutputSpace { bytes: 5, runs: 1, removed_bytes: removed.bytes, ..OutputSpace::default() };
    assert_eq!(home.store.output_space(Some(LATER)).unwrap(), after);
}
