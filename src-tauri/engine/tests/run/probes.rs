//! A probe runs every `every` until it holds or `within` has passed (RUNS.md, "Going forward").

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use engine::{Command, RunStatus, event::FinishState, state::ItemStatus};
use format::Item;
use testkit::{Act, Book, Scripted, command, probe};

use crate::Rig;

fn trying(every: Duration, within: Duration) -> Item {
    let mut item = probe("lag", "");
    item.options.every = Some(every);
    item.options.within = Some(within);
    item
}

#[test]
fn each_try_is_an_attempt_and_the_first_that_holds_passes_the_probe() {
    let tries = AtomicU32::new(0);
    let processes = Scripted::new(move |_| vec![Act::Exit(i32::from(tries.fetch_add(1, Ordering::SeqCst) < 2))]);
    let item = trying(Duration::from_millis(1), Duration::from_secs(600));
    let run = Rig::auto(Book::new().steps([item])).processes(processes).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(
        run.story()[1..],
        [
            "attempt_started lag",
            "expectation lag exit 0 exit 1 false",
            "attempt_ended lag failed 1 true",
            "attempt_started lag",
            "expectation lag exit 0 exit 1 false",
            "attempt_ended lag failed 1 true",
            "attempt_started lag",
            "attempt_ended lag passed 0",
            "run_finished passed",
        ]
    );
    assert_eq!(run.handle.state(), run.replayed());
}

#[test]
fn between_two_tries_it_is_running_and_can_be_stopped() {
    let item = trying(Duration::from_secs(600), Duration::from_secs(6000));
    let run = Rig::hand(Book::new().steps([item, command("two", "")]))
        .processes(Scripted::new(|_| vec![Act::Exit(1)]))
        .start();
    run.start("lag").unwrap();
    run.watcher.until(|fact| matches!(fact, engine::Fact::AttemptEnded { again: true, .. }));
    let state = run.handle.state();
    assert_eq!((state.status, state.item("lag")), (RunStatus::Running, ItemStatus::Running));
    run.handle.send(Command::Stop { item: "lag".to_owned() }).unwrap();
    let state = run.handle.state();
    assert_eq!((state.status, state.item("lag")), (RunStatus::Waiting, ItemStatus::Failed));
    assert_eq!(run.story().last().unwrap(), "stopped lag");
}

#[test]
fn what_is_typed_between_two_tries_is_refused_and_not_recorded() {
    let item = trying(Duration::from_secs(600), Duration::from_secs(6000));
    let run = Rig { attended: true, ..Rig::hand(Book::new().steps([item])) }
        .processes(Scripted::new(|_| vec![Act::Exit(1)]))
        .start();
    run.start("lag").unwrap();
    run.watcher.until(|fact| matches!(fact, engine::Fact::AttemptEnded { again: true, .. }));
    let refusal = run.handle.send(Command::Input { item: "lag".to_owned(), bytes: b"x\n".to_vec() }).unwrap_err();
    assert!(refusal.to_string().contains("waits for its next try"), "{refusal}");
    assert!(!run.journal.facts().iter().any(|fact| matches!(fact, engine::Fact::InputSent { .. })));
}

#[test]
fn stopping_the_run_between_two_tries_leaves_no_item_running() {
    let item = trying(Duration::from_secs(600), Duration::from_secs(6000));
    let run = Rig::hand(Book::new().steps([item])).processes(Scripted::new(|_| vec![Act::Exit(1)])).start();
    run.start("lag").unwrap();
    run.watcher.until(|fact| matches!(fact, engine::Fact::AttemptEnded { again: true, .. }));
    run.handle.send(Command::StopRun { reason: None }).unwrap();
    let state = run.handle.wait();
    assert_eq!((state.status, state.item("lag")), (RunStatus::Paused, ItemStatus::Failed));
    assert_eq!(state.running(), None);
}

#[test]
fn when_its_patience_is_over_it_has_failed() {
    let item = trying(Duration::from_millis(60), Duration::from_millis(100));
    let run = Rig::auto(Book::new().steps([item])).processes(Scripted::new(|_| vec![Act::Exit(1)])).start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    let attempt = run.handle.state().items["lag"].attempts.last().cloned().unwrap();
    let note = attempt.note.unwrap();
    assert!(note.contains("did not hold within 100ms") || note.contains("still running when 100ms"), "{note}");
}

#[test]
fn a_probe_does_not_give_up_before_its_patience_is_over_however_long_its_period_is() {
    let within = Duration::from_secs(4);
    let began = Instant::now();
    let item = trying(Duration::from_secs(600), within);
    let run = Rig::auto(Book::new().steps([item])).processes(Scripted::new(|_| vec![Act::Exit(1)])).start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    assert_eq!(run.handle.state().items["lag"].attempts.len(), 2, "it was looked once more");
    assert!(began.elapsed() >= within / 2);
}

#[test]
fn a_try_that_is_still_running_then_is_ended_and_has_failed() {
    let item = trying(Duration::from_millis(1), Duration::from_millis(20));
    let run = Rig::auto(Book::new().steps([item])).processes(Scripted::new(|_| vec![Act::UntilStopped])).start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    let state = run.handle.state();
    let attempts = &state.items["lag"].attempts;
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0].state, Some(engine::event::AttemptState::Failed));
    assert!(attempts[0].note.as_ref().unwrap().contains("still running when 20ms had passed"));
}
