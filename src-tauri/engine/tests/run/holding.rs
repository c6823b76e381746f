//! A journal that keeps nothing for a while: the run waits, loses nothing, and goes on.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use engine::{Command, Keeping, Refusal, RunStatus};
use testkit::{Act, Book, MemoryJournal, Scripted, check, command, probe};

use super::*;

/// `run_started`, `item_ready` and `attempt_started` are on disk by then.
const UP_TO_A_START: usize = 3;

fn held_in_a_command(script: &str) -> (Ran, Arc<Scripted>) {
    let processes = Scripted::by_script();
    let run =
        Rig::hand(Book::new().steps([command("one", script), check("two")])).processes(processes.clone()).start();
    run.watcher.until(|fact| fact.item() == Some("one"));
    run.journal.leave_room_for(UP_TO_A_START);
    run.start("one").unwrap();
    (run, processes)
}

#[test]
fn what_a_command_came_to_while_nothing_could_be_kept_is_kept_when_there_is_room() {
    let (run, _) = held_in_a_command("print hello\nexit 7");
    run.watcher.until_keeping(1);
    let sentence = run.handle.held().unwrap();
    assert!(sentence.contains("the disk is full") && sentence.contains("goes on by itself"), "{sentence}");
    assert_eq!(run.watcher.keeping(), [Keeping::Waits(sentence)]);
    assert!(run.handle.trouble().is_none());
    assert_eq!(run.watcher.events().len(), UP_TO_A_START, "nobody is told what is not kept");
    run.journal.leave_room_for(usize::MAX);
    run.until_ended("one", 1);
    run.watcher.until_keeping(2);
    assert_eq!(run.watcher.keeping()[1], Keeping::Kept);
    assert_eq!(run.handle.held(), None);
    assert_eq!(run.journal.output_text(), "hello\r\n");
    assert!(run.story().contains(&"attempt_ended one failed 7".to_owned()), "{:?}", run.story());
    assert_eq!(run.replayed(), run.handle.state());
    engine::event::verify(&run.journal.events()[0].run, run.journal.events(), None).unwrap();
}

#[test]
fn a_command_of_a_person_that_is_not_kept_has_not_happened_and_can_be_given_again() {
    let run = Rig::hand(Book::new().steps([check("one"), check("two")])).start();
    run.watcher.until(|fact| fact.item() == Some("one"));
    let kept = run.journal.events().len();
    run.journal.leave_room_for(kept);
    assert!(matches!(run.tick("one"), Err(Refusal::Journal(why)) if why.contains("disk is full")));
    assert_eq!(run.handle.held(), None, "nothing waits: nothing has happened");
    assert_eq!(run.journal.events().len(), kept);
    run.journal.leave_room_for(usize::MAX);
    run.tick("one").unwrap();
    run.tick("two").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.replayed(), run.handle.state());
}

#[test]
fn a_start_that_is_not_kept_starts_nothing_and_can_be_given_again() {
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "exit 0")])).processes(processes.clone()).start();
    run.watcher.until(|fact| fact.item() == Some("one"));
    run.journal.leave_room_for(UP_TO_A_START - 1);
    assert!(matches!(run.start("one"), Err(Refusal::Journal(_))));
    assert!(processes.launches().is_empty());
    run.journal.leave_room_for(usize::MAX);
    run.run("one");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(processes.launches().len(), 1);
    let attempts = run.story().into_iter().filter(|line| line.starts_with("attempt_started")).count();
    assert_eq!(attempts, 1, "the start that was not kept is no attempt");
}

#[test]
fn a_run_that_goes_by_itself_waits_at_any_of_its_events_and_misses_none() {
    let book =
        || Book::new().steps([command("one", "print a"), command("two", "exit 0"), command("three", "print c")]);
    let story = |run: &Ran| run.story();
    let free = Rig::auto(book()).start();
    assert_eq!(free.finished(), Some(FinishState::Passed));
    let all = free.journal.events().len();
    for room in 1..all {
        let journal = MemoryJournal::default();
        journal.leave_room_for(room);
        let run = Rig::auto(book()).journal(journal).start();
        run.watcher.until_keeping(1);
        assert!(run.journal.events().len() <= room);
        run.journal.leave_room_for(usize::MAX);
        assert_eq!(run.finished(), Some(FinishState::Passed), "held after {room}");
        assert_eq!(story(&run), story(&free), "held after {room}");
        assert_eq!(run.journal.output_text(), "a\r\nc\r\n", "held after {room}");
        engine::event::verify(&run.journal.events()[0].run, run.journal.events(), None).unwrap();
    }
}

#[test]
fn a_command_is_stopped_at_once_also_while_nothing_can_be_kept_and_its_end_is_kept_later() {
    let (run, processes) = held_in_a_command("print hello\nwait");
    run.watcher.until_keeping(1);
    run.handle.send(Command::Stop { item: "one".to_owned() }).unwrap();
    assert!(processes.orders().contains(&"stop".to_owned()));
    assert!(matches!(run.tick("two"), Err(Refusal::Journal(_))), "nothing else is taken");
    run.journal.leave_room_for(usize::MAX);
    run.watcher.until(|fact| matches!(fact, Fact::AttemptEnded { .. }));
    assert_eq!(run.journal.output_text(), "hello\r\n");
}

#[test]
fn a_run_that_is_put_aside_while_nothing_can_be_kept_stops_what_runs_and_claims_nothing() {
    let (run, processes) = held_in_a_command("print hello\nwait");
    run.watcher.until_keeping(1);
    assert!(run.handle.send(Command::StopRun { reason: None }).is_err());
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Running, "its record does not say how it ended");
    assert!(processes.orders().contains(&"stop".to_owned()));
    assert!(run.handle.trouble().unwrap().contains("the disk is full"));
    assert!(matches!(run.watcher.keeping().last(), Some(Keeping::GivenUp(_))));
    assert_eq!(run.journal.events().len(), UP_TO_A_START);
}

#[test]
fn a_run_that_nobody_attends_waits_for_its_time_and_no_longer() {
    let processes = Scripted::by_script();
    let journal = MemoryJournal::default();
    // What goes by itself is never ready: the start is its second event.
    journal.leave_room_for(UP_TO_A_START - 1);
    let run = Rig::auto(Book::new().steps([command("one", "print hello\nwait")]))
        .journal(journal)
        .processes(processes.clone())
        .holds_for(Duration::ZERO)
        .start();
    run.handle.wait();
    assert!(run.handle.trouble().unwrap().contains("the disk is full"));
    assert!(processes.orders().contains(&"stop".to_owned()));
}

#[test]
fn a_probe_whose_next_try_is_not_kept_is_tried_when_there_is_room() {
    let mut probe = probe("up", "exit 1");
    probe.options.every = Some(Duration::from_millis(1));
    probe.options.within = Some(Duration::from_secs(3600));
    for room in 3..10 {
        let journal = MemoryJournal::default();
        journal.leave_room_for(room);
        let tries = AtomicUsize::new(0);
        let processes = Scripted::new(move |_| vec![Act::Exit(i32::from(tries.fetch_add(1, Ordering::SeqCst) < 3))]);
        let run = Rig::auto(Book::new().steps([probe.clone()])).journal(journal).processes(processes).start();
        run.watcher.until_keeping(1);
        run.journal.leave_room_for(usize::MAX);
        assert_eq!(run.finished(), Some(FinishState::Passed), "held after {room}");
        let numbers: Vec<u64> = run
            .journal
            .facts()
            .iter()
            .filter_map(|fact| if let Fact::AttemptStarted { attempt, .. } = fact { Some(*attempt) } else { None })
            .collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no try is counted twice");
    }
}
