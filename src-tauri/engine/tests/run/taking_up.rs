//! Runs that are taken up: after a pause, a crash, a failure, by somebody else (RUNS.md, "After a crash"); edits for one
//! run (RUNS.md, "When something fails").

use std::collections::BTreeMap;

use engine::{
    Command, Event, Fact, Refusal, RunStatus,
    event::{FinishState, Mode},
    run::{Edited, TakeUp},
    state::ItemStatus,
};
use testkit::{MemoryJournal, Scripted, Words};

use crate::{Ran, Rig, read};

const BOOK: &str = "```sh {name=one}\nexport WHERE=here\n```\n\n```sh {name=two}\nprint two\n```\n";

/// What a journal holds after the first `events` of a run.
fn cut(run: &Ran, events: usize) -> MemoryJournal {
    MemoryJournal::holding(run.journal.events()[..events].to_vec())
}

fn interrupted(run: &Ran, after: impl Fn(&Fact) -> bool) -> MemoryJournal {
    let events = run.journal.events();
    let at = events.iter().position(|event| after(&event.fact)).unwrap();
    let journal = cut(run, at + 1);
    let first: &Event = &events[0];
    engine::Journal::append(&journal, &first.run, &first.at, &first.actor, Fact::Interrupted { item: None }).unwrap();
    journal
}

#[test]
fn an_interrupted_run_goes_on_where_it_was_and_asks_about_what_ran() {
    let whole = Rig::read(read(BOOK)).attended().start();
    whole.run("one").run("two");
    let started = |fact: &Fact| matches!(fact, Fact::AttemptStarted { item, .. } if item == "two");
    let journal = interrupted(&whole, started);
    let processes = Scripted::by_script();
    let run =
        Rig::read(read(BOOK)).attended().processes(processes.clone()).taking_up(&journal, TakeUp::Resume).start();
    let state = run.handle.state();
    assert_eq!((state.status, state.item("two")), (RunStatus::Waiting, ItemStatus::Interrupted));
    assert!(processes.launches().is_empty(), "nothing runs twice without a person having said so");
    run.run("two");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let launch = &processes.launches()[0];
    let carried = launch.environment.get(std::ffi::OsStr::new("WHERE"));
    assert_eq!(carried.map(|value| value.to_string_lossy().into_owned()), Some("here".to_owned()));
    assert_eq!(run.handle.state().items["two"].attempts.len(), 2);
}

#[test]
fn without_a_person_an_interrupted_item_puts_the_run_aside() {
    let whole = Rig::read(read(BOOK)).attended().start();
    whole.run("one");
    let journal = interrupted(&whole, |fact| matches!(fact, Fact::AttemptStarted { .. }));
    let run = Rig::read(read(BOOK)).by_itself().taking_up(&journal, TakeUp::Resume).start();
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Paused);
    assert!(state.reason.unwrap().contains("interrupted"));
}

#[test]
fn any_prefix_of_a_journal_replays_to_a_state_from_which_the_run_goes_on() {
    let book = "```sh {name=one retry=1 every=1s}\nprint one\n```\n\n- [ ] look\n\n```sh {name=two}\nexit 1\n```\n\n\
                ```sh {name=back undo}\nprint back\n```\n";
    let whole = Rig::read(read(book)).attended().start();
    whole.run("one");
    whole.tick("look").unwrap();
    whole.run("two");
    whole.skip("two", "not today").unwrap();
    assert_eq!(whole.finished(), Some(FinishState::Passed));
    let all = whole.journal.events().len();
    for events in 1..all {
        let journal = cut(&whole, events);
        let first = journal.events()[0].clone();
        let fact = Fact::Interrupted { item: None };
        engine::Journal::append(&journal, &first.run, &first.at, &first.actor, fact).unwrap();
        let run = Rig::read(read(book)).attended().taking_up(&journal, TakeUp::Resume).start();
        for _ in 0..3 {
            let Some(hand) = engine::run::hand(&run.book, &run.handle.state()) else { break };
            run.skip(&hand, "left out").unwrap();
        }
        assert_eq!(run.finished(), Some(FinishState::Passed), "after {events} of {all} events");
        engine::event::verify(&first.run, run.journal.events(), None).unwrap();
    }
}

#[test]
fn a_failed_run_is_taken_up_and_waits_for_a_choice() {
    let book = "```sh {name=one}\nexit 3\n```\n";
    let failed = Rig::read(read(book)).by_itself().start();
    assert_eq!(failed.finished(), Some(FinishState::Failed));
    let run = Rig::read(read(book)).attended().taking_up(&failed.journal, TakeUp::Resume).start();
    assert_eq!(run.handle.state().mode, Some(Mode::Hand));
    run.r#override("one", "it is there").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_passed_run_is_not_resumed_but_rolled_back() {
    let book = "```sh {name=one}\nprint\n```\n\n```sh {name=no undo}\nprint no\n```\n";
    let passed = Rig::read(read(book)).by_itself().start();
    assert_eq!(passed.finished(), Some(FinishState::Passed));
    let refused = Rig::read(read(book)).attended().taking_up(&passed.journal, TakeUp::Resume).try_start();
    assert!(matches!(refused.map(|_| ()), Err(Refusal::State(sentence)) if sentence.contains("has passed")));
    let back = TakeUp::Rollback { leave_out: Vec::new(), took_effect: None };
    let run = Rig::read(read(book)).by_itself().taking_up(&passed.journal, back).start();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    assert_eq!(run.handle.state().item("one"), ItemStatus::Undone);
}

#[test]
fn what_was_kept_in_memory_alone_is_named_and_asked_for_again() {
    let book = "```sh {name=one}\nexport API_TOKEN=hunter2\n```\n\n```sh {name=two}\necho $API_TOKEN\n```\n";
    let whole = Rig::read(read(book)).attended().words(Words::default()).start();
    whole.run("one");
    whole.handle.send(Command::Pause).unwrap();
    whole.handle.wait();
    let run = Rig::read(read(book)).attended().taking_up(&whole.journal, TakeUp::Resume).start();
    let resumed = run.journal.facts().into_iter().find_map(|fact| match fact {
        Fact::Resumed { lost, .. } => Some(lost),
        _ => None,
    });
    assert_eq!(resumed, Some(vec!["API_TOKEN".to_owned()]));
    assert!(matches!(run.start("two"), Err(Refusal::Needs { variables, .. }) if variables == ["API_TOKEN"]));
    run.start_with("two", &[("API_TOKEN", "hunter2")]).unwrap();
}

#[test]
fn an_edited_command_runs_in_its_place_and_is_a_deviation() {
    let processes = Scripted::by_script();
    let run = Rig::read(read("```sh {name=one}\nexit 1\n```\n")).attended().processes(processes.clone()).start();
    run.run("one");
    let edit = |text: &str, values: BTreeMap<String, String>| {
        let hash = run.book.item("one").unwrap().2.hash.clone();
        let edited = Some(Box::new(Edited { text: text.to_owned(), reason: "the host has moved".to_owned() }));
        run.handle.send(Command::Start { item: "one".to_owned(), hash, values, confirmed: None, edited })
    };
    assert!(matches!(edit("print <host>", BTreeMap::new()), Err(Refusal::Needs { placeholders, .. })
        if placeholders == ["host"]));
    edit("print <host>", [("host".to_owned(), "db2".to_owned())].into()).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(processes.launches()[1].script, "print db2");
    let state = run.handle.state();
    let deviation = state.items["one"].deviation.clone().unwrap();
    assert_eq!((deviation.text.as_str(), deviation.reason.as_str()), ("print <host>", "the host has moved"));
    assert!(state.items["one"].was_rescued());
    assert!(matches!(edit(" ", BTreeMap::new()), Err(Refusal::State(_) | Refusal::Value(_))));
}

#[test]
fn a_choice_comes_before_anything_else_and_one_that_is_refused_leaves_the_run_as_it_was() {
    use engine::run::Choice;
    let book = "```sh {name=one}\nexit 3\n```\n\n```sh {name=two}\nprint two\n```\n";
    let decided = |choice: Choice| TakeUp::Decided { item: "one".to_owned(), choice };
    for (choice, status) in [
        (Choice::Done("it is there".to_owned()), ItemStatus::Overridden),
        (Choice::Skip("not needed".to_owned()), ItemStatus::Skipped),
    ] {
        let failed = Rig::read(read(book)).by_itself().start();
        assert_eq!(failed.finished(), Some(FinishState::Failed));
        let run = Rig::read(read(book)).by_itself().taking_up(&failed.journal, decided(choice)).start();
        assert_eq!(run.finished(), Some(FinishState::Passed));
        assert_eq!(run.handle.state().item("one"), status);
    }
    let failed = Rig::read(read(book)).by_itself().start();
    assert_eq!(failed.finished(), Some(FinishState::Failed));
    let run = Rig::read(read(book)).by_itself().taking_up(&failed.journal, decided(Choice::Again)).start();
    assert_eq!(run.finished(), Some(FinishState::Failed), "it was run again, and failed again");
    assert_eq!(run.handle.state().items["one"].attempts.len(), 2);
    for choice in [Choice::Done(" ".to_owned()), Choice::Skip(String::new())] {
        let refused = Rig::read(read(book)).by_itself().taking_up(&failed.journal, decided(choice)).try_start();
        assert!(matches!(refused.map(|_| ()), Err(Refusal::State(_))));
    }
    let other = TakeUp::Decided { item: "two".to_owned(), choice: Choice::Again };
    let refused = Rig::read(read(book)).by_itself().taking_up(&failed.journal, other).try_start();
    assert!(matches!(refused.map(|_| ()), Err(Refusal::State(sentence)) if sentence.contains("nothing to decide")));
}

#[test]
fn running_again_without_a_person_asks_nothing_and_answers_nothing() {
    use engine::run::Choice;
    let book = "```sh {name=one confirm=yes-really}\nexit 3\n```\n";
    let whole = Rig::read(read(book)).attended().start();
    let hash = whole.book.item("one").unwrap().2.hash.clone();
    let start = Command::Start {
        item: "one".to_owned(),
        hash,
        values: BTreeMap::new(),
        confirmed: Some("yes-really".to_owned()),
        edited: None,
    };
    whole.handle.send(start).unwrap();
    let journal = interrupted(&whole, |fact| matches!(fact, Fact::AttemptStarted { .. }));
    let processes = Scripted::by_script();
    let again = TakeUp::Decided { item: "one".to_owned(), choice: Choice::Again };
    let refused =
        Rig::read(read(book)).by_itself().yes().processes(processes.clone()).taking_up(&journal, again).try_start();
    assert!(matches!(refused.map(|_| ()), Err(Refusal::Confirm { typed: Some(_), .. })));
    assert!(processes.launches().is_empty());
}

#[test]
fn one_choice_is_about_everything_that_was_cut_off() {
    use engine::run::Choice;
    let book = "```sh {name=server background}\nwait\n```\n\n```sh {name=use}\nprint used\n```\n";
    let whole = Rig::read(read(book)).attended().start();
    whole.start("server").unwrap();
    whole.run("use");
    let journal = interrupted(&whole, |fact| matches!(fact, Fact::AttemptStarted { item, .. } if item == "use"));
    let decided = |item: &str, choice: Choice| TakeUp::Decided { item: item.to_owned(), choice };
    for named in ["server", "use"] {
        let processes = Scripted::by_script();
        let again = decided(named, Choice::Again);
        let run = Rig::read(read(book)).by_itself().processes(processes.clone()).taking_up(&journal, again).start();
        assert_eq!(run.finished(), Some(FinishState::Passed), "one resume is enough");
        let state = run.handle.state();
        let tries = |item: &str| state.items[item].attempts.len();
        assert_eq!((tries("server"), tries("use"), processes.launches().len()), (2, 2, 2));
    }
    let done = decided("use", Choice::Done("looked".to_owned()));
    let run = Rig::read(read(book)).by_itself().taking_up(&journal, done).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let state = run.handle.state();
    let both = (state.item("server"), state.item("use"));
    assert_eq!(both, (ItemStatus::Overridden, ItemStatus::Overridden));
}
