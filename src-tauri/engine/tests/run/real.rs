//! The same with real shells in real pseudo-terminals.

use std::time::Duration;

use engine::{Command, RunStatus, event::FinishState, state::ItemStatus};
use format::{Expectation, Pattern};
use testkit::{Book, check, command, probe};

use crate::Rig;

#[test]
fn a_runbook_of_three_items_passes_by_hand() {
    let book =
        Book::new().steps([command("one", "echo hello"), check("two"), command("three", "test \"$HOME\" = /h")]);
    let run = Rig::hand(book).real().env("HOME", "/h").start();
    run.run("one").tick("two").unwrap();
    run.run("three");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.journal.output_text(), "hello\r\n");
    assert_eq!(run.handle.state(), run.replayed());
}

#[test]
fn commands_run_by_themselves_and_carry_variables_and_the_directory() {
    let mut expecting = command("three", "pwd; echo \"$PLAIN $SENT $ALLGOOD_STEP\"; printenv PLAIN || true");
    expecting.options.expectations = vec![
        Expectation::Contains(Pattern::Expression("/sub$".to_owned())),
        Expectation::Contains(Pattern::Text("one two step-1".to_owned())),
    ];
    let book = Book::new().steps([
        command("one", "mkdir sub; cd sub; PLAIN=one; export SENT=zero"),
        command("two", "export SENT=two; echo 'FILED=yes' >> \"$ALLGOOD_ENV\""),
        expecting,
        command("four", "test \"$FILED\" = yes; test \"$(pwd)\" != /"),
    ]);
    let run = Rig::auto(book).real().start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    let carried = run.handle.state().carried;
    assert_eq!(carried.plain.get("PLAIN").map(String::as_str), Some("one"));
    assert_eq!(carried.exported.get("SENT").map(String::as_str), Some("two"));
    assert!(carried.cwd.is_some_and(|cwd| cwd.ends_with("/sub")));
    // PLAIN was not exported: `printenv` printed nothing of it.
    let lines = run.journal.output_text().lines().count();
    assert_eq!(lines, 2, "{}", run.journal.output_text());
}

#[test]
fn a_command_that_fails_carries_nothing_until_it_is_overridden() {
    let book = Book::new().steps([
        command("one", "LEFT=over\nexit 3"),
        command("two", "echo \"[${LEFT-none}]\""),
        check("three"),
    ]);
    let run = Rig::hand(book).real().start();
    run.run("one").run("two");
    assert_eq!(run.handle.state().item("one"), ItemStatus::Failed);
    assert_eq!(run.journal.output_text(), "[none]\r\n");
    run.r#override("one", "that exit status is fine here").unwrap();
    run.run("two");
    assert_eq!(run.journal.output_text(), "[none]\r\n[over]\r\n");
}

#[test]
fn a_timeout_ends_a_command_and_says_so() {
    let mut slow = command("one", "echo begun; sleep 300");
    slow.options.timeout = Some(Duration::from_millis(300));
    let run = Rig::auto(Book::new().steps([slow])).real().start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    let attempt = run.handle.state().items["one"].attempts[0].clone();
    assert!(attempt.note.is_some_and(|note| note.contains("timeout of 300ms")));
}

#[test]
fn a_person_types_into_a_running_command() {
    let book = Book::new().steps([command("one", "read -r -p 'name? ' name; echo \"hello $name\"")]);
    let run = Rig::hand(book).real().start();
    run.start("one").unwrap();
    run.watcher.until_output("name? ");
    run.handle.send(Command::Input { item: "one".to_owned(), bytes: b"ada\n".to_vec() }).unwrap();
    run.until_ended("one", 1);
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(run.journal.output_text().ends_with("hello ada\r\n"));
}

#[test]
fn a_running_command_is_stopped_with_the_run() {
    let book = Book::new().steps([command("one", "sleep 300 & echo begun; wait")]);
    let run = Rig::hand(book).real().start();
    run.start("one").unwrap();
    run.watcher.until_output("begun");
    run.handle.send(Command::StopRun { reason: Some("enough".to_owned()) }).unwrap();
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Paused);
    assert_eq!(state.reason.as_deref(), Some("enough"));
}

#[test]
fn a_probe_is_tried_until_it_holds() {
    let mut tried = probe("one", "echo x >> tries; test \"$(wc -l < tries)\" -ge 3");
    tried.options.every = Some(Duration::from_millis(10));
    tried.options.within = Some(Duration::from_secs(60));
    let run = Rig::auto(Book::new().steps([tried])).real().start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.handle.state().items["one"].attempts.len(), 3);
    assert!(!engine::run::progress(&run.book, &run.handle.state()).rescued);
}

#[test]
fn the_output_before_is_at_hand_and_that_of_an_upper_case_name_is_exported() {
    let mut named = command("VERSION", "echo ' 1.2 '");
    named.options.name = Some("VERSION".to_owned());
    let book = Book::new().steps([named, command("two", "echo \"$VERSION and $__\"")]);
    let run = Rig::auto(book).real().start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    assert!(run.journal.output_text().ends_with("1.2 and 1.2\r\n"), "{}", run.journal.output_text());
}

#[test]
fn more_output_than_is_kept_leaves_the_beginning_and_the_end() {
    let mut loud = command("one", "head -c 30000000 /dev/zero | tr '\\0' 'x'; echo; echo needle");
    loud.options.expectations = vec![Expectation::Contains(Pattern::Text("needle".to_owned()))];
    let run = Rig::auto(Book::new().steps([loud])).real().start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    let kept: usize = run.journal.output().iter().map(|kept| kept.bytes.len()).sum();
    assert_eq!(kept, 16 * 1024 * 1024);
    assert!(run.journal.output_text().ends_with("needle\r\n"));
    assert_eq!(run.handle.state().items["one"].attempts[0].output_bytes, 30_000_000 + 2 + 8);
    drop(run.folder);
}
