//! Consecutive commands and probes run by themselves until a person is needed (RUNS.md, "Going forward"), and a
//! rehearsal executes nothing.

use engine::{
    Command, Refusal, RunStatus,
    event::{FinishState, Mode},
    state::ItemStatus,
};
use format::{Item, Phase};
use testkit::{Book, Scripted, check, command, message, probe, undo};

use crate::Rig;

#[test]
fn commands_run_by_themselves_in_the_order_of_the_document() {
    let book = Book::new()
        .section(Phase::Reference, [command("not", "exit 9")])
        .steps([command("one", ""), undo("back", "exit 9"), command("two", "")])
        .section(Phase::Rollback, [command("nor", "exit 9")])
        .section(Phase::Validation, [probe("three", "")]);
    let run = Rig::auto(book).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let started: Vec<String> = run.story().into_iter().filter(|line| line.starts_with("attempt_started")).collect();
    assert_eq!(started, ["attempt_started one", "attempt_started two", "attempt_started three"]);
    assert_eq!(run.handle.state(), run.replayed());
}

#[test]
fn a_failure_without_a_person_finishes_the_run_as_failed() {
    let run = Rig::auto(Book::new().steps([command("one", "exit 3"), command("two", "")])).start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    assert_eq!(run.handle.state().item("two"), ItemStatus::Pending);
}

#[test]
fn an_optional_failure_without_a_person_goes_on() {
    let mut optional = command("one", "exit 3");
    optional.options.optional = true;
    let run = Rig::auto(Book::new().steps([optional, command("two", "")])).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_failure_with_a_person_waits_and_goes_on_after_the_persons_choice() {
    let run = Rig::auto(Book::new().steps([command("one", "exit 3"), command("two", "")])).attended().start();
    run.until_ended("one", 1);
    assert_eq!(run.handle.state().status, RunStatus::Waiting);
    run.skip("one", "known").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(run.handle.state().item("two"), ItemStatus::Passed);
}

fn changed(mut item: Item, change: impl FnOnce(&mut Item)) -> Item {
    change(&mut item);
    item
}

/// Everything that needs a person, and words of the reason.
fn needs_a_person() -> Vec<(Item, &'static str)> {
    vec![
        (check("x"), "check \"x\" (line 20) is attested by a person"),
        (message("x"), "message \"x\" (line 20) is sent by a person"),
        (changed(command("x", ""), |x| x.guessed = true), "taken for a command"),
        (changed(command("x", ""), |x| x.opens_session = true), "opens a session"),
        (changed(command("x", ""), |x| x.options.by_hand = true), "excluded"),
        (changed(command("x", ""), |x| x.placeholders = vec!["pod name".to_owned()]), "<pod name>"),
        (changed(command("x", ""), |x| x.doubts = vec!["YOUR_X".to_owned()]), "YOUR_X"),
        (changed(command("x", ""), |x| x.variables = vec!["REGION".to_owned()]), "$REGION"),
        (changed(command("x", ""), |x| x.refused = Some("`on=web1` is not honoured".to_owned())), "not honoured"),
    ]
}

#[test]
fn without_a_person_what_needs_one_pauses_the_run_with_a_reason_that_names_it() {
    for (item, words) in needs_a_person() {
        let run = Rig::auto(Book::new().steps([command("one", ""), item, command("two", "")])).start();
        let state = run.handle.wait();
        assert_eq!((state.status, state.finished), (RunStatus::Paused, None), "{words}");
        let reason = state.reason.unwrap();
        assert!(reason.contains(words) && reason.contains("line 20"), "{words}: {reason}");
        assert!(!run.story().iter().any(|line| line.starts_with("run_finished")));
        assert_eq!(state.items["one"].status, ItemStatus::Passed);
    }
}

#[test]
fn with_a_person_what_needs_one_waits_and_says_what_is_asked() {
    for (item, words) in needs_a_person() {
        let run = Rig::auto(Book::new().steps([command("one", ""), item, command("two", "")])).attended().start();
        run.watcher.until(|fact| matches!(fact, engine::Fact::ItemReady { .. }));
        let state = run.handle.state();
        assert_eq!((state.status, state.item("x")), (RunStatus::Waiting, ItemStatus::Waiting), "{words}");
        let asked = state.items["x"].remark.clone().unwrap();
        assert!(asked.contains(words), "{words}: {asked}");
        run.skip("x", "not today").unwrap();
        assert_eq!(run.finished(), Some(FinishState::Passed), "it goes on by itself");
    }
}

#[test]
fn after_a_tick_it_goes_on_by_itself() {
    let run =
        Rig::auto(Book::new().steps([command("one", ""), check("two"), command("three", "")])).attended().start();
    run.watcher.until(|fact| fact.item() == Some("two"));
    run.tick("two").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn yes_ticks_checks_and_says_so_and_answers_nothing_else() {
    let run = Rig::auto(Book::new().steps([check("one"), command("two", ""), message("three")])).yes().start();
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Paused);
    assert_eq!(state.items["one"].remark.as_deref(), Some("attested by --yes"));
    assert_eq!(state.item("three"), ItemStatus::Pending);
}

#[test]
fn by_hand_without_a_person_nothing_is_started() {
    let run = Rig::hand(Book::new().steps([command("one", "")])).unattended().start();
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Paused);
    assert_eq!(state.reason.as_deref(), Some("command \"one\" (line 10) is started by a person"));
}

#[test]
fn values_given_at_the_start_are_enough_to_go_on() {
    let item = changed(command("x", ""), |x| x.variables = vec!["REGION".to_owned(), "EMPTY".to_owned()]);
    let processes = Scripted::by_script();
    let run = Rig::auto(Book::new().steps([item]))
        .value("REGION", "eu-1")
        .value("EMPTY", "")
        .processes(processes.clone())
        .start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let environment = &processes.launches()[0].environment;
    assert_eq!(environment[std::ffi::OsStr::new("REGION")], "eu-1");
    assert_eq!(environment[std::ffi::OsStr::new("EMPTY")], "");
}

#[test]
fn without_a_person_nothing_can_be_typed() {
    let processes = Scripted::by_script();
    let run = Rig::auto(Book::new().steps([command("one", "echo")])).processes(processes.clone()).start();
    run.watcher.until(|fact| matches!(fact, engine::Fact::AttemptStarted { .. }));
    let typed = run.handle.send(Command::Input { item: "one".to_owned(), bytes: b"x".to_vec() });
    assert!(matches!(typed, Err(Refusal::State(why)) if why.contains("without a person")));
    run.handle.send(Command::StopRun { reason: None }).unwrap();
    run.handle.wait();
    let launch = &processes.launches()[0];
    assert!(!launch.interactive);
    assert_eq!(launch.size, (120, 30));
}

#[test]
fn a_rehearsal_without_a_person_ticks_through_everything_and_executes_nothing() {
    let processes = Scripted::by_script();
    let refused = changed(command("six", ""), |x| x.refused = Some("`on=web1` is not honoured".to_owned()));
    let asking = changed(command("five", "print it"), |x| x.placeholders = vec!["pod".to_owned()]);
    let book = Book::new().steps([
        check("one"),
        command("two", "rm -rf /"),
        probe("three", "q"),
        message("four"),
        asking,
        refused,
    ]);
    let run = Rig::auto(book).mode(Mode::Rehearse).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(processes.launches().is_empty());
    let state = run.handle.state();
    let said = |id: &str| state.items[id].remark.clone().unwrap();
    assert_eq!(said("two"), "rehearsed, not run; it would run:\nrm -rf /");
    assert!(said("five").contains("needs a value for <pod>"));
    assert_eq!(state.item("six"), ItemStatus::Skipped);
    assert!(!run.story().iter().any(|line| line.starts_with("attempt_started")));
}

#[test]
fn a_rehearsal_with_a_person_shows_each_item_when_it_is_started() {
    let processes = Scripted::by_script();
    let book = Book::new().steps([command("one", "rm -rf /"), check("two"), message("three")]);
    let run = Rig::hand(book).mode(Mode::Rehearse).processes(processes.clone()).start();
    run.run("one");
    run.tick("two").unwrap();
    run.tick("three").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(processes.launches().is_empty());
}

#[test]
fn a_rehearsal_runs_probes_where_that_was_asked_for_and_nothing_else() {
    let book = || Book::new().steps([command("one", "rm -rf /"), probe("two", "print 1"), check("three")]);
    for (rig, attended) in [(Rig::auto(book()), false), (Rig::hand(book()), true)] {
        let processes = Scripted::by_script();
        let rig = Rig { probes: true, ..rig.mode(Mode::Rehearse).processes(processes.clone()) };
        let run = rig.start();
        if attended {
            run.run("one").run("two");
            run.tick("three").unwrap();
        }
        assert_eq!(run.finished(), Some(FinishState::Passed));
        let launched: Vec<String> = processes.launches().into_iter().map(|launch| launch.script).collect();
        assert_eq!(launched, ["print 1"]);
    }
}

#[test]
fn a_paused_run_that_still_needs_a_person_pauses_again() {
    let run = Rig::auto(Book::new().steps([check("one")])).start();
    run.handle.wait();
    run.handle.send(Command::Resume).unwrap();
    run.handle.wait();
    let tail = run.story().split_off(2);
    assert_eq!(tail[0], "resumed");
    assert!(tail[1].starts_with("paused"), "{tail:?}");
}
