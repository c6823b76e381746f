//! Rolling back (RUNS.md, "When something fails").

use engine::{
    Command, Fact, Refusal, RunStatus,
    event::FinishState,
    run::{Undoing, rollback_plan},
    state::ItemStatus,
};
use testkit::Scripted;

use crate::{Ran, Rig, read, state_refusal};

/// Three steps with an undo, one of them by hand, and a rollback phase.
const BOOK: &str = "\
## Steps

### One

```sh {name=one}
print one
```

```sh {name=undo-one undo}
print not one
```

### Two

```sh {name=two undo=none}
print two
```

### Three

```sh {name=three}
exit 1
```

```sh {name=undo-three undo}
print not three
```

### Four

```sh {name=four}
print four
```

```sh {name=undo-four undo}
print not four
```

## Rollback

- [ ] everybody knows
";

fn failed() -> Ran {
    let run = Rig::read(read(BOOK)).attended().start();
    run.run("one").run("two").run("three");
    run
}

fn rollback(leave_out: &[&str], took_effect: Option<bool>) -> Command {
    Command::Rollback { leave_out: leave_out.iter().map(|item| (*item).to_owned()).collect(), took_effect }
}

fn by_hand(item: &str) -> Command {
    Command::UndoneByHand { item: item.to_owned(), note: Some("rebuilt".to_owned()) }
}

fn tick(item: &str) -> Command {
    Command::Tick { item: item.to_owned(), note: None }
}

/// What happened since the rollback began, a line an event.
fn story(run: &Ran) -> Vec<String> {
    let story = run.story();
    let at = story.iter().position(|line| line == "rollback_started").unwrap();
    story[at..].to_vec()
}

#[test]
fn the_plan_undoes_what_has_begun_latest_first_then_comes_the_rollback_phase() {
    let run = failed();
    let plan = rollback_plan(&run.book, &run.handle.state());
    let entries = plan.entries.iter().map(|entry| (entry.item.as_str(), entry.how, entry.in_part));
    assert_eq!(
        entries.collect::<Vec<_>>(),
        [
            ("undo-three", Undoing::Undo, true),
            ("two", Undoing::ByHand, false),
            ("undo-one", Undoing::Undo, false),
            ("everybody-knows", Undoing::Phase, false),
        ]
    );
    assert!(plan.without.is_empty());
}

#[test]
fn what_began_last_is_undone_first_whatever_the_order_of_the_document() {
    let run = Rig::read(read(BOOK)).attended().start();
    run.run("four").run("one");
    let plan = rollback_plan(&run.book, &run.handle.state());
    let items: Vec<&str> = plan.entries.iter().map(|entry| entry.item.as_str()).collect();
    assert_eq!(items, ["undo-one", "undo-four", "everybody-knows"]);
}

#[test]
fn a_step_that_says_nothing_of_its_undoing_is_named() {
    let run = Rig::read(read("## Steps\n\n### Alone\n\n```sh {name=alone}\nexit 1\n```\n")).attended().start();
    run.run("alone");
    let plan = rollback_plan(&run.book, &run.handle.state());
    assert_eq!((plan.entries.len(), plan.without), (0, vec!["alone".to_owned()]));
    assert_eq!(run.handle.send(rollback(&[], None)), Err(Refusal::NothingToUndo));
}

#[test]
fn a_step_that_only_looked_is_not_named_as_left_behind() {
    let book = "## Diagnosis\n\n```sh {name=seen}\nexit 1\n```\n\n## Steps\n\n### Look\n\n```sh {name=look}\ncat x\n```\n\n\
                ### Change\n\n```sh {name=change}\nrm x\n```\n";
    let run = Rig::read(read(book)).attended().processes(Scripted::new(|_| vec![testkit::Act::Exit(0)])).start();
    run.run("seen").run("look").run("change");
    assert_eq!(rollback_plan(&run.book, &run.handle.state()).without, ["change"]);
}

#[test]
fn a_rollback_runs_its_plan_by_itself_and_waits_for_what_a_person_does() {
    let run = failed();
    run.handle.send(rollback(&[], Some(true))).unwrap();
    run.until_ended("undo-three", 1);
    let two = |fact: &Fact| matches!(fact, Fact::Undone { item, .. } if item == "three");
    run.watcher.until(two);
    assert_eq!(run.handle.state().status, RunStatus::Waiting);
    run.handle.send(by_hand("two")).unwrap();
    run.until_ended("undo-one", 1);
    run.watcher.until(|fact| matches!(fact, Fact::ItemReady { item, .. } if item == "everybody-knows"));
    run.handle.send(tick("everybody-knows")).unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    assert_eq!(
        story(&run),
        [
            "rollback_started",
            "note undo-three",
            "plan_chosen",
            "attempt_started undo-three",
            "attempt_ended undo-three passed 0",
            "undone three",
            "undone two (rebuilt)",
            "attempt_started undo-one",
            "attempt_ended undo-one passed 0",
            "undone one",
            "item_ready everybody-knows (check \"everybody-knows\" (line 41) is attested by a person)",
            "check_ticked everybody-knows",
            "run_finished rolled_back",
        ]
    );
    let state = run.handle.state();
    assert_eq!(state, run.replayed());
    for item in ["one", "two", "three"] {
        assert_eq!(state.item(item), ItemStatus::Undone, "{item}");
    }
}

#[test]
fn a_rollback_does_not_begin_while_something_of_the_way_forward_runs() {
    let book = BOOK.replace("print two", "wait");
    let run = Rig::read(read(&book)).attended().start();
    run.run("one");
    run.start("two").unwrap();
    let sentence = state_refusal(run.handle.send(rollback(&[], Some(true))));
    assert!(sentence.contains("\"two\"") && sentence.contains("is running: stop it"), "{sentence}");
    run.handle.send(Command::Stop { item: "two".to_owned() }).unwrap();
    run.until_ended("two", 1);
    run.handle.send(rollback(&["two", "everybody-knows"], Some(true))).unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
}

#[test]
fn the_plan_can_be_shortened_and_what_is_left_out_stays_done() {
    let run = failed();
    run.handle.send(rollback(&["two", "undo-one", "everybody-knows"], Some(true))).unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    let state = run.handle.state();
    assert_eq!((state.item("three"), state.item("one")), (ItemStatus::Undone, ItemStatus::Passed));
    let unknown = Rig::read(read(BOOK)).attended().start();
    unknown.run("one");
    let refusal = unknown.handle.send(rollback(&["undo-four"], None)).unwrap_err();
    assert!(matches!(&refusal, Refusal::Value(sentence) if sentence.contains("not in the plan")), "{refusal}");
}

#[test]
fn whether_what_failed_took_effect_in_part_has_to_be_said_and_decides_over_its_undo() {
    let run = failed();
    let sentence = state_refusal(run.handle.send(rollback(&[], None)));
    assert!(sentence.contains("took effect in part"), "{sentence}");
    run.handle.send(rollback(&["two", "undo-one", "everybody-knows"], Some(false))).unwrap_err();
    run.handle.send(rollback(&["two", "everybody-knows"], Some(false))).unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    assert!(!run.story().iter().any(|line| line.contains("undo-three passed")), "{:?}", run.story());
    assert_eq!(run.handle.state().item("three"), ItemStatus::Failed);
}

#[test]
fn an_undo_that_fails_stops_the_rollback_until_a_person_chooses() {
    let book = BOOK.replace("print not three", "exit 7");
    let run = Rig::read(read(&book)).attended().start();
    run.run("one").run("two").run("three");
    run.handle.send(rollback(&["two", "everybody-knows"], Some(true))).unwrap();
    run.until_ended("undo-three", 1);
    assert_eq!(run.handle.state().status, RunStatus::Waiting);
    let forward = state_refusal(run.start("four"));
    assert!(forward.contains("rolled back"), "{forward}");
    run.run("undo-three");
    assert_eq!(run.handle.state().finished, None);
    run.r#override("undo-three", "done on the console").unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    let state = run.handle.state();
    assert_eq!((state.item("three"), state.item("one")), (ItemStatus::Undone, ItemStatus::Undone));
}

#[test]
fn an_undo_that_is_left_out_with_a_reason_leaves_its_step_as_it_is() {
    let book = BOOK.replace("print not three", "exit 7");
    let run = Rig::read(read(&book)).attended().start();
    run.run("one").run("two").run("three");
    run.handle.send(rollback(&["two", "everybody-knows"], Some(true))).unwrap();
    run.until_ended("undo-three", 1);
    run.skip("undo-three", "there is nothing to undo").unwrap();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    assert_eq!(run.handle.state().item("three"), ItemStatus::Failed);
}

#[test]
fn a_passed_run_is_rolled_back_where_it_was_run() {
    let run = Rig::read(read("```sh {name=one}\nprint one\n```\n\n```sh {name=no undo}\nprint no\n```\n"))
        .attended()
        .start();
    run.run("one");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    run.handle.send(rollback(&[], None)).unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::RunFinished { state: FinishState::RolledBack, .. }));
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    let again = state_refusal(run.handle.send(rollback(&[], None)));
    assert!(again.contains("finished"), "{again}");
}

#[test]
fn without_a_person_a_failure_is_rolled_back_where_that_was_asked_for() {
    let book = BOOK.replace("{name=two undo=none}", "{name=two}").replace("- [ ] everybody knows\n", "");
    let run = Rig::read(read(&book)).by_itself().rolling_back_by_itself().start();
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    let story = story(&run);
    assert!(story.contains(&"undone three".to_owned()) && story.contains(&"undone one".to_owned()), "{story:#?}");
    let stops = Rig::read(read(&book)).by_itself().start();
    assert_eq!(stops.finished(), Some(FinishState::Failed));
}

#[test]
fn without_a_person_what_is_undone_by_hand_puts_the_run_aside() {
    let run = Rig::read(read(BOOK)).by_itself().rolling_back_by_itself().start();
    let state = run.handle.wait();
    assert_eq!(state.status, RunStatus::Paused);
    assert!(state.reason.as_ref().unwrap().contains("undo=none"));
    assert_eq!((state.item("three"), state.item("one")), (ItemStatus::Undone, ItemStatus::Passed));
}

#[test]
fn without_a_person_an_undo_that_fails_fails_the_run() {
    let book = BOOK.replace("print not three", "exit 7");
    let run = Rig::read(read(&book)).by_itself().rolling_back_by_itself().start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    assert_eq!(run.handle.state().item("one"), ItemStatus::Passed);
}

#[test]
fn a_rehearsal_that_is_rolled_back_starts_nothing() {
    let processes = Scripted::by_script();
    let run =
        Rig::read(read(BOOK)).attended().mode(engine::event::Mode::Rehearse).processes(processes.clone()).start();
    for item in ["one", "two", "three"] {
        run.start(item).unwrap();
    }
    run.handle.send(rollback(&["two"], None)).unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::ItemReady { item, .. } if item == "undo-three"));
    run.start("undo-three").unwrap();
    assert!(processes.launches().is_empty());
}
