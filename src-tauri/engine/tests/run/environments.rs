//! Environments of the library file in a run: their variables, their guard (FORMAT.md, "The library file").

use engine::{Command, Fact, Refusal, RunStatus, event::FinishState, run::Environment, state::ItemStatus};

use crate::{Rig, read};

fn environment(guard: bool, vars: &[(&str, &str)]) -> Environment {
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment { name: "prod".to_owned(), guard, vars }
}

const BOOK: &str = "---\nenv:\n  C: front\n  D: front\nparams:\n  D: {default: param}\n---\n\n# x\n\n## Diagnosis\n\n\
    ```sh {name=look}\necho \"$A $B $C $D\"\n```\n\n```sh {name=probe probe}\ntrue\n```\n\n## Steps\n\n```sh {name=change}\ntrue\n```\n";

#[test]
fn its_variables_stand_between_the_process_s_environment_and_env() {
    let chosen = environment(false, &[("B", "chosen"), ("C", "chosen"), ("D", "chosen")]);
    let run = Rig::read(read(BOOK)).real().env("A", "process").env("B", "process").chosen(chosen).by_itself().start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    assert_eq!(run.journal.output_text(), "process chosen front param\r\n");
    let facts = run.journal.facts();
    assert!(matches!(&facts[0], Fact::RunStarted { environment: Some(name), .. } if name == "prod"));
    assert_eq!(run.handle.state().environment.as_deref(), Some("prod"));
}

#[test]
fn a_guarded_environment_asks_for_its_name_before_the_first_thing_that_changes_something() {
    let vars = [("A", "a"), ("B", "b")];
    let run = Rig::read(read(BOOK)).real().chosen(environment(true, &vars)).start();
    run.run("look").run("probe");
    let refused = run.start("change");
    let Err(Refusal::Confirm { typed, environment: true, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(typed.as_deref(), Some("prod"));
    for wrong in ["", "Prod", "prod ", "yes"] {
        let answered = run.handle.send(Command::ConfirmEnvironment { typed: wrong.to_owned() });
        assert!(matches!(answered, Err(Refusal::Value(_))), "{wrong:?}");
    }
    run.handle.send(Command::ConfirmEnvironment { typed: "prod".to_owned() }).unwrap();
    run.start("change").unwrap();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(run.journal.facts().iter().any(|fact| matches!(fact, Fact::Confirmed { item: None, .. })));
}

#[test]
fn what_was_typed_at_the_start_answers_the_guard_and_anything_else_starts_nothing() {
    let vars = [("A", "a"), ("B", "b")];
    let rig = || Rig::read(read(BOOK)).real().by_itself().chosen(environment(true, &vars));
    let run = rig().typed("prod").start();
    assert_eq!(run.finished(), Some(FinishState::Passed), "{:#?}", run.story());
    for wrong in ["", "production", "PROD"] {
        assert!(matches!(rig().typed(wrong).try_start(), Err(Refusal::Value(_))), "{wrong:?}");
    }
}

#[test]
fn without_a_person_a_guard_pauses_the_run_and_yes_never_answers_it() {
    let vars = [("A", "a"), ("B", "b")];
    let run = Rig::read(read(BOOK)).real().by_itself().yes().chosen(environment(true, &vars)).start();
    let state = run.handle.wait();
    assert_eq!((state.status, state.item("probe")), (RunStatus::Paused, ItemStatus::Passed));
    assert!(state.reason.as_deref().is_some_and(|why| why.contains("prod")), "{:#?}", run.story());
    assert_eq!(state.item("change"), ItemStatus::Pending);
}

#[test]
fn the_guard_of_a_block_is_asked_about_beside_that_of_the_environment() {
    let book = "# x\n\n## Steps\n\n```sh {name=change confirm}\ntrue\n```\n";
    let run = Rig::read(read(book)).real().by_itself().yes().chosen(environment(true, &[])).start();
    assert_eq!(run.handle.wait().status, RunStatus::Paused, "--yes answers the block, not the environment");
}
