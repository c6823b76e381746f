//! What is kept of a run holds together (RUNS.md, "The journal").

use engine::{
    Fact,
    event::{FinishState, verify},
};
use sha2::{Digest, Sha256};
use testkit::{Act, Book, Scripted, check, command};

use crate::Rig;

#[test]
fn a_run_verifies_from_its_first_event_to_its_last() {
    let run = Rig::auto(Book::new().steps([check("one"), command("two", "print x\nexport A=1")])).yes().start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let events = run.journal.events();
    let tail = verify(run.handle.id(), &events, None).unwrap();
    assert_eq!(tail.count, events.len() as u64);
    assert!(events.iter().all(|event| event.actor == "ada@box" && event.at.ends_with('Z')));
}

#[test]
fn each_piece_of_output_has_its_place_and_its_hash() {
    let processes = Scripted::new(|_| (0..50).map(|n| Act::Print(vec![b'a' + n % 26; 10_000])).collect());
    let run = Rig::auto(Book::new().steps([command("one", "")])).processes(processes).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let kept = run.journal.output();
    let mut at = 0;
    for event in run.journal.events() {
        if let Fact::Output { offset, length, sha256, left_out, .. } = event.fact {
            let bytes = &kept.iter().find(|kept| kept.seq == event.seq).unwrap().bytes;
            assert_eq!((offset, length), (at, bytes.len() as u64));
            let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(sha256, hash);
            assert_eq!(left_out, None);
            at += length;
        }
    }
    assert_eq!(at, 500_000);
    assert_eq!(run.watcher.output().len(), 500_000);
}

#[test]
fn bytes_are_kept_as_they_came() {
    let all: Vec<u8> = (0..=255).collect();
    let processes = Scripted::new({
        let all = all.clone();
        move |_| vec![Act::Print(all.clone())]
    });
    let run = Rig::auto(Book::new().steps([command("one", "")])).processes(processes).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.journal.output()[0].bytes, all);
}

#[test]
fn the_output_of_an_attempt_stands_between_its_start_and_its_end() {
    let run = Rig::auto(Book::new().steps([command("one", "print x"), command("two", "print y")])).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let mut open: Option<(String, u64)> = None;
    for fact in run.journal.facts() {
        match fact {
            Fact::AttemptStarted { item, attempt, .. } => assert!(open.replace((item, attempt)).is_none()),
            Fact::Output { item, attempt, .. } => assert_eq!(open, Some((item, attempt))),
            Fact::AttemptEnded { item, attempt, .. } => assert_eq!(open.take(), Some((item, attempt))),
            _ => {}
        }
    }
}

#[test]
fn dropping_the_last_handle_stops_what_runs_and_writes_no_more() {
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "wait")])).processes(processes.clone()).start();
    run.start("one").unwrap();
    let (journal, crate::Ran { handle, .. }) = (run.journal.clone(), run);
    let other = handle.clone();
    drop(handle);
    assert_eq!(other.state().running(), Some(("one", 1)), "another handle keeps it");
    drop(other);
    while !processes.orders().contains(&"drop".to_owned()) {
        std::thread::yield_now();
    }
    assert!(matches!(journal.facts().last(), Some(Fact::AttemptStarted { .. })));
}
