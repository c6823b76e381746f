//! A person starts each item (RUNS.md, "Going forward" and "When something fails").

use engine::{Command, Refusal, RunStatus, event::FinishState, state::ItemStatus};
use format::{Expectation, Pattern, Phase};
use testkit::{Book, MemoryJournal, Scripted, check, command, message, undo};

use crate::{Rig, state_refusal};

fn three() -> Book {
    Book::new().steps([command("one", "print hello"), check("two"), command("three", "exit 0")])
}

#[test]
fn three_items_are_started_ticked_and_the_run_passes() {
    let run = Rig::hand(three()).start();
    run.run("one");
    run.tick("two").unwrap();
    run.run("three");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(
        run.story(),
        [
            "run_started",
            "item_ready one",
            "attempt_started one",
            "attempt_ended one passed 0",
            "item_ready two (check \"two\" (line 20) is attested by a person)",
            "check_ticked two",
            "item_ready three",
            "attempt_started three",
            "attempt_ended three passed 0",
            "run_finished passed",
        ]
    );
    assert_eq!(run.journal.output_text(), "hello\r\n");
    assert_eq!(run.watcher.output(), b"hello\r\n");
    assert_eq!(run.watcher.events(), run.journal.events());
    let state = run.handle.state();
    assert_eq!(state, run.replayed());
    assert_eq!(state.items["one"].attempts[0].output_bytes, 7);
}

#[test]
fn a_failed_command_waits_for_the_person_and_can_be_tried_again() {
    let fails_once = std::sync::atomic::AtomicBool::new(true);
    let processes = Scripted::new(move |_| {
        let code = i32::from(fails_once.swap(false, std::sync::atomic::Ordering::SeqCst));
        vec![testkit::Act::Exit(code)]
    });
    let run = Rig::hand(Book::new().steps([command("one", "")])).processes(processes).start();
    run.run("one");
    let state = run.handle.state();
    assert_eq!((state.status, state.item("one")), (RunStatus::Waiting, ItemStatus::Failed));
    run.run("one");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(
        run.story()[2..],
        [
            "attempt_started one",
            "expectation one exit 0 exit 1 false",
            "attempt_ended one failed 1",
            "attempt_started one",
            "attempt_ended one passed 0",
            "run_finished passed",
        ]
    );
    assert!(engine::run::progress(&run.book, &run.handle.state()).rescued);
}

#[test]
fn a_failed_item_is_skipped_or_overridden_only_with_a_reason() {
    let run = Rig::hand(Book::new().steps([command("one", "exit 3"), command("two", "exit 4")])).start();
    run.run("one").run("two");
    assert!(state_refusal(run.skip("one", "  ")).contains("say why"));
    assert!(state_refusal(run.r#override("one", "")).contains("say why"));
    run.skip("one", " not here ").unwrap();
    run.r#override("two", "done by hand").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let state = run.handle.state();
    assert_eq!((state.item("one"), state.item("two")), (ItemStatus::Skipped, ItemStatus::Overridden));
    assert_eq!(state.items["one"].remark.as_deref(), Some("not here"));
}

#[test]
fn the_failure_of_an_optional_item_does_not_hold_the_run_up() {
    let mut optional = command("one", "exit 1");
    optional.options.optional = true;
    let run = Rig::hand(Book::new().steps([optional, command("two", "")])).start();
    run.run("one").run("two");
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn any_item_is_started_out_of_order_and_again_but_one_at_a_time() {
    let book = Book::new()
        .section(Phase::Reference, [command("look", "print seen")])
        .steps([command("one", ""), command("two", "wait")])
        .section(Phase::Rollback, [command("back", "")]);
    let run = Rig::hand(book).start();
    run.run("look").run("look").run("back");
    run.start("two").unwrap();
    assert!(state_refusal(run.start("one")).contains("\"two\" (line 30) is running"));
    assert!(state_refusal(run.skip("two", "no")).contains("stop it first"));
    run.handle.send(Command::Stop { item: "two".to_owned() }).unwrap();
    run.until_ended("two", 1);
    assert!(run.story().contains(&"attempt_ended two stopped SIGTERM".to_owned()));
    assert_eq!(run.handle.state().item("two"), ItemStatus::Failed);
    run.run("one").skip("two", "enough").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn reference_rollback_and_undo_are_not_on_the_path() {
    let book = Book::new()
        .section(Phase::Reference, [command("look", "")])
        .section(Phase::Preconditions, [check("ready")])
        .section(Phase::Diagnosis, [command("ask", "")])
        .steps([command("do", ""), undo("undo-do", "")])
        .section(Phase::Validation, [command("prove", "")])
        .section(Phase::Rollback, [command("back", ""), undo("undo-back", "")])
        .build();
    assert_eq!(engine::run::path(&book), ["ready", "ask", "do", "prove"]);
}

#[test]
fn what_is_not_meant_for_an_item_is_refused_with_a_sentence() {
    let run = Rig::hand(Book::new().steps([check("c"), message("m"), command("x", "exit 1")])).start();
    let item = |id: &str| id.to_owned();
    let table = [
        (Command::Tick { item: item("x"), note: None }, "command \"x\" (line 30) is no check"),
        (Command::Untick { item: item("c") }, "is not ticked"),
        (Command::Fail { item: item("x"), note: None }, "not judged by a person"),
        (Command::MessageSent { item: item("c"), text: item("t") }, "is no message"),
        (Command::Input { item: item("x"), bytes: vec![1] }, "is not running"),
        (Command::Resize { item: item("x"), columns: 1, rows: 1 }, "is not running"),
        (Command::Stop { item: item("x") }, "is not running"),
        (Command::Resume, "not paused"),
        (Command::Note { item: None, text: item(" ") }, "empty"),
    ];
    for (asked, words) in table {
        let name = format!("{asked:?}");
        let sentence = state_refusal(run.handle.send(asked));
        assert!(sentence.contains(words), "{name}: {sentence}");
    }
    assert!(state_refusal(run.start("c")).contains("ticked, not started"));
    assert!(state_refusal(run.start("m")).contains("sent by a person"));
    let unknown = Refusal::UnknownItem("nothing".to_owned());
    assert_eq!(run.start("nothing"), Err(unknown.clone()));
    assert_eq!(run.tick("nothing"), Err(unknown.clone()));
    let note = Command::Note { item: Some(item("nothing")), text: item("t") };
    assert_eq!(run.handle.send(note), Err(unknown));
    let events = run.journal.events().len();
    assert_eq!(events, 2, "a refusal leaves no event");
}

#[test]
fn an_item_that_changed_since_it_was_shown_is_not_started() {
    let run = Rig::hand(three()).start();
    let start = Command::Start {
        item: "one".to_owned(),
        hash: "older".to_owned(),
        values: std::collections::BTreeMap::new(),
        confirmed: None,
        edited: None,
    };
    assert_eq!(run.handle.send(start), Err(Refusal::Stale("one".to_owned())));
    assert!(!run.story().iter().any(|line| line.starts_with("attempt_started")));
}

#[test]
fn a_check_is_ticked_unticked_failed_and_ticked() {
    let run = Rig::hand(Book::new().steps([check("a"), check("b")])).start();
    run.tick("a").unwrap();
    run.handle.send(Command::Untick { item: "a".to_owned() }).unwrap();
    run.handle.send(Command::Fail { item: "a".to_owned(), note: Some("it is red".to_owned()) }).unwrap();
    assert_eq!(run.handle.state().item("a"), ItemStatus::Failed);
    run.tick("b").unwrap();
    assert_eq!(run.handle.state().status, RunStatus::Waiting);
    run.tick("a").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_message_passes_when_it_was_sent() {
    let run = Rig::hand(Book::new().steps([message("m")])).start();
    run.handle.send(Command::MessageSent { item: "m".to_owned(), text: "We are on it".to_owned() }).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn expected_and_observed_stand_side_by_side() {
    let mut item = command("one", "print all drained\nprint node1 ok");
    item.options.expectations = vec![
        Expectation::Contains(Pattern::Text("drained".to_owned())),
        Expectation::Each(Pattern::Text("ok".to_owned())),
    ];
    let run = Rig::hand(Book::new().steps([item])).start();
    run.run("one");
    assert_eq!(
        run.story()[3..],
        [
            "expectation one drained found, line 1 true",
            "expectation one each line: ok 1 of 2 lines; not line 1: \"all drained\" false",
            "attempt_ended one failed 0",
        ]
    );
    assert_eq!(run.handle.state(), run.replayed());
}

#[test]
fn an_accepted_exit_status_that_was_written_is_shown() {
    let mut item = command("one", "exit 1");
    item.options.exit = Some(vec![0, 1]);
    item.attributes.insert("expect_exit".to_owned(), "0,1".into());
    let run = Rig::hand(Book::new().steps([item])).start();
    run.run("one");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(run.story().contains(&"expectation one exit 0 or 1 exit 1 true".to_owned()));
}

#[test]
fn an_end_that_an_exit_status_does_not_tell_is_told_in_a_note() {
    let mut slow = command("slow", "timeout");
    slow.options.timeout = Some(std::time::Duration::from_secs(90));
    let book = Book::new().steps([
        slow,
        command("killed", "signal SIGKILL"),
        command("missing", "missing there is no zsh here: install it"),
        command("left", "leave sleep"),
        command("exec", "nocarry the shell was replaced: nothing carries"),
    ]);
    let run = Rig::hand(book).start();
    for item in ["slow", "killed", "missing", "left", "exec"] {
        run.run(item);
    }
    let ends: Vec<String> = run.story().into_iter().filter(|line| line.starts_with("attempt_ended")).collect();
    assert_eq!(
        ends,
        [
            "attempt_ended slow failed SIGKILL (ended by its timeout of 90s)",
            "attempt_ended killed failed SIGKILL",
            "attempt_ended missing failed (there is no zsh here: install it)",
            "attempt_ended left passed 0 (left running until the run ends: sleep (77))",
            "attempt_ended exec passed 0 (the shell was replaced: nothing carries)",
        ]
    );
}

#[test]
fn what_a_command_left_running_is_ended_with_the_run() {
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "leave sleep"), command("two", "")]))
        .processes(processes.clone())
        .start();
    run.run("one");
    assert!(!processes.orders().contains(&"end leftovers".to_owned()));
    run.run("two");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(processes.orders().contains(&"end leftovers".to_owned()));
}

#[test]
fn a_run_is_abandoned_with_whatever_runs_of_it() {
    let run = Rig::hand(Book::new().steps([command("one", "wait"), check("two")])).start();
    run.start("one").unwrap();
    run.handle.send(Command::Abandon { reason: Some("wrong host".to_owned()) }).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Abandoned));
    assert_eq!(
        run.story()[2..],
        [
            "attempt_started one",
            "stopped (wrong host)",
            "attempt_ended one stopped SIGTERM",
            "run_finished abandoned (wrong host)",
        ]
    );
    assert!(state_refusal(run.tick("two")).contains("finished"));
    run.handle.send(Command::Note { item: None, text: "afterwards".to_owned() }).unwrap();
    assert_eq!(run.handle.state().status, RunStatus::Abandoned);
}

#[test]
fn stopping_the_run_puts_it_aside_without_finishing_it_and_it_can_go_on() {
    let run = Rig::hand(Book::new().steps([command("one", "wait"), check("two")])).start();
    run.start("one").unwrap();
    run.handle.send(Command::StopRun { reason: None }).unwrap();
    let state = run.handle.wait();
    assert_eq!((state.status, state.finished), (RunStatus::Paused, None));
    assert_eq!(run.story()[3..], ["stopped", "attempt_ended one stopped SIGTERM", "paused"]);
    assert!(state_refusal(run.tick("two")).contains("resume it first"));
    run.handle.send(Command::Resume).unwrap();
    run.tick("two").unwrap();
    run.skip("one", "stopped on purpose").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_pause_waits_for_what_runs() {
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "echo"), check("two")])).processes(processes).start();
    run.start("one").unwrap();
    run.handle.send(Command::Pause).unwrap();
    assert_eq!(run.handle.state().status, RunStatus::Running);
    run.handle.send(Command::Input { item: "one".to_owned(), bytes: b"go\n".to_vec() }).unwrap();
    let state = run.handle.wait();
    assert_eq!((state.status, state.item("one")), (RunStatus::Paused, ItemStatus::Passed));
    run.handle.send(Command::Resume).unwrap();
    run.tick("two").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn while_a_pause_waits_what_runs_can_still_be_stopped_or_given_up() {
    let run = Rig::hand(Book::new().steps([command("one", "wait")])).start();
    run.start("one").unwrap();
    run.handle.send(Command::Pause).unwrap();
    run.handle.send(Command::Stop { item: "one".to_owned() }).unwrap();
    assert_eq!(run.handle.wait().status, RunStatus::Paused);
    run.handle.send(Command::Resume).unwrap();
    run.start("one").unwrap();
    run.handle.send(Command::Pause).unwrap();
    run.handle.send(Command::Abandon { reason: None }).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Abandoned));
}

#[test]
fn what_is_typed_reaches_the_command_and_only_that_it_was_typed_is_recorded() {
    let processes = Scripted::by_script();
    let mut session = command("one", "echo\necho");
    session.opens_session = true;
    session.session_input = vec!["select 1;".to_owned()];
    let book = Book::new().steps([session]).steps([command("two", "")]);
    let run = Rig::hand(book).processes(processes.clone()).start();
    run.start("one").unwrap();
    run.handle.send(Command::Resize { item: "one".to_owned(), columns: 100, rows: 40 }).unwrap();
    assert!(state_refusal(run.start("two")).contains("leave its session"));
    run.handle.send(Command::Input { item: "one".to_owned(), bytes: b"s".to_vec() }).unwrap();
    run.handle.send(Command::Input { item: "one".to_owned(), bytes: b"elect 1;\n".to_vec() }).unwrap();
    run.until_ended("one", 1);
    assert_eq!(processes.orders()[..3], ["resize 100 40", "input s", "input elect 1;\n"]);
    let typed = run.story().iter().filter(|line| line.starts_with("input_sent one")).count();
    assert_eq!(typed, 2, "the first bytes, and the end of the line");
    assert!(run.handle.state().items["one"].attempts[0].typed);
    assert!(processes.launches()[0].interactive);
}

#[test]
fn one_step_is_run_alone_by_its_id_or_title_whatever_its_phase() {
    let book = || Book::new().steps([command("one", "")]).section(Phase::Reference, [command("two", "")]);
    for step in ["step-2", "reference 2"] {
        let run = Rig::hand(book()).step(step).start();
        let far = || engine::run::progress(&run.book, &run.handle.state());
        assert_eq!(engine::run::hand(&run.book, &run.handle.state()).as_deref(), Some("two"), "{step}");
        assert_eq!((far().done, far().total), (0, 1), "{step}");
        run.run("two");
        assert_eq!((far().done, far().total), (1, 1), "{step}");
        assert_eq!(run.finished(), Some(FinishState::Passed), "{step}");
    }
    let refusal = Rig::hand(book()).step("step-9").try_start().err();
    assert_eq!(
        refusal,
        Some(Refusal::Value("this runbook has no step \"step-9\"; its steps are step-1, step-2".to_owned()))
    );
}

#[test]
fn a_runbook_with_nothing_on_its_path_is_not_started() {
    let book = Book::new().section(Phase::Reference, [command("look", "")]);
    assert!(matches!(Rig::hand(book).try_start().err(), Some(Refusal::Value(_))));
}

#[test]
fn when_the_journal_refuses_a_fact_what_runs_is_stopped_and_nothing_is_claimed() {
    // Room for run_started, item_ready and attempt_started: not for the end of the attempt.
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "wait"), check("two")]))
        .journal(MemoryJournal::with_room_for(3))
        .processes(processes.clone())
        .start();
    run.start("one").unwrap();
    let refused = run.handle.send(Command::Note { item: None, text: "x".to_owned() });
    assert!(matches!(&refused, Err(Refusal::Journal(why)) if why.contains("disk is full")), "{refused:?}");
    let state = run.handle.wait();
    assert_eq!(state.item("one"), ItemStatus::Running, "the end is not known to the journal");
    assert_eq!(run.journal.events().len(), 3);
    assert_eq!(run.watcher.events().len(), 3);
    assert!(processes.orders().contains(&"stop".to_owned()));
    assert!(run.handle.trouble().is_some_and(|why| why.contains("disk is full")));
    assert!(matches!(run.tick("two"), Err(Refusal::Journal(_))));
}

#[test]
fn no_process_is_started_whose_start_the_journal_did_not_keep() {
    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([command("one", "")]))
        .journal(MemoryJournal::with_room_for(2))
        .processes(processes.clone())
        .start();
    // item_ready is kept by the run's own thread.
    run.watcher.until(|fact| fact.item() == Some("one"));
    assert!(matches!(run.start("one"), Err(Refusal::Journal(_))));
    assert!(processes.launches().is_empty());
    assert!(matches!(
        Rig::hand(three()).journal(MemoryJournal::with_room_for(0)).try_start().err(),
        Some(Refusal::Journal(_))
    ));
}

#[test]
fn an_expression_that_cannot_be_used_keeps_its_block_from_running() {
    let mut item = command("one", "");
    item.options.expectations = vec![Expectation::Contains(Pattern::Expression("(".to_owned()))];
    let run = Rig::hand(Book::new().steps([item])).start();
    let refused = run.start_with("one", &[("A", "b")]);
    assert!(matches!(refused, Err(Refusal::Guard(why)) if why.contains("/(/")));
    assert_eq!(run.story(), ["run_started", "item_ready one"], "nothing happened");
}

#[test]
fn what_cannot_even_be_started_has_failed_and_says_why() {
    struct Nothing;
    impl engine::run::Processes for Nothing {
        fn start(
            &self,
            _: engine::process::Launch,
            _: engine::run::Sink,
        ) -> Result<Box<dyn engine::run::Process>, String> {
            Err("there is no terminal left".to_owned())
        }
    }
    let run = Rig::hand(Book::new().steps([command("one", "")])).processes(std::sync::Arc::new(Nothing)).start();
    run.run("one");
    assert_eq!(
        run.story()[2..],
        [
            "attempt_started one",
            "expectation one exit 0 not started: there is no terminal left false",
            "attempt_ended one failed (there is no terminal left)",
        ]
    );
}
