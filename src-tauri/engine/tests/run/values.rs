//! Parameters, placeholders, doubts and variables (FORMAT.md, "Variables", "Placeholders", "Doubts", "Variables nobody
//! set"), and guards that never fail open.

use std::{collections::BTreeMap, ffi::OsStr, sync::Arc};

use engine::{
    Command, Fact, Refusal, RunStatus,
    event::{FinishState, Mode},
    process::Launch,
};
use format::{Item, Param, PlaceholderSpan, Quoting, Span};
use proptest::prelude::*;
use testkit::{Book, Scripted, check, command, probe, undo};

use crate::Rig;

fn param(name: &str) -> Param {
    Param { name: name.to_owned(), ..Param::default() }
}

fn with(params: Vec<Param>) -> Book {
    Book::new().steps([command("one", "")]).settings(|settings| settings.params = params)
}

fn variable<'a>(launch: &'a Launch, name: &str) -> Option<&'a str> {
    launch.environment.get(OsStr::new(name)).map(|value| value.to_str().unwrap())
}

#[test]
fn a_parameter_that_is_missing_or_does_not_fit_is_named() {
    let required = || vec![Param { required: true, ..param("REGION") }];
    let choices = || vec![Param { choices: vec!["a".to_owned(), "b".to_owned()], ..param("SIDE") }];
    let pattern = || vec![Param { pattern: Some("[a-z]+".to_owned()), ..param("WORD") }];
    let table = [
        (required(), None, "REGION"),
        (required(), Some(("REGION", "")), "REGION"),
        (choices(), Some(("SIDE", "c")), "\"SIDE\" takes one of a and b"),
        (pattern(), Some(("WORD", "abc1")), "\"WORD\" does not match"),
        (pattern(), Some(("WORD", "1\nabc")), "\"WORD\" does not match"),
        (Vec::new(), Some(("no such name", "x")), "asks for \"no such name\""),
    ];
    for (params, value, words) in table {
        let mut rig = Rig::auto(with(params)).attended();
        if let Some((name, value)) = value {
            rig = rig.value(name, value);
        }
        let journal = Arc::clone(&rig.journal);
        let refusal = rig.try_start().err().unwrap_or_else(|| panic!("not refused: {words}"));
        assert!(refusal.to_string().contains(words), "{words}: {refusal}");
        assert!(journal.events().is_empty(), "nothing happened");
    }
}

#[test]
fn without_a_person_a_run_that_lacks_a_parameter_is_kept_and_paused() {
    let run = Rig::auto(with(vec![Param { required: true, ..param("REGION") }])).start();
    assert_eq!(run.handle.wait().status, RunStatus::Paused);
    let paused = "paused (this runbook needs a value for REGION before it can start)";
    assert_eq!(run.story(), ["run_started", paused]);
}

#[test]
fn parameters_are_recorded_with_where_they_come_from_and_exported() {
    let params = vec![
        Param { default: Some("eu".to_owned()), ..param("REGION") },
        Param { default: Some("9".to_owned()), choices: vec!["9".to_owned(), "10".to_owned()], ..param("COUNT") },
        param("UNSET"),
    ];
    let processes = Scripted::by_script();
    let run = Rig::auto(with(params)).value("COUNT", "10").value("EXTRA", "x").processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let set: Vec<Fact> = run.journal.facts().into_iter().filter(|f| matches!(f, Fact::ParameterSet { .. })).collect();
    let fact = |name: &str, value: &str, from: &str| Fact::ParameterSet {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        from: from.to_owned(),
    };
    assert_eq!(
        set,
        [fact("REGION", "eu", "default"), fact("COUNT", "10", "command line"), fact("EXTRA", "x", "command line")]
    );
    let launch = &processes.launches()[0];
    assert_eq!(variable(launch, "REGION"), Some("eu"));
    assert_eq!(variable(launch, "COUNT"), Some("10"));
    assert_eq!(variable(launch, "EXTRA"), Some("x"));
    assert_eq!(variable(launch, "UNSET"), None);
}

#[test]
fn a_secret_parameter_reaches_the_command_and_no_event() {
    let params = vec![Param { secret: true, required: true, ..param("PIN") }];
    let processes = Scripted::new(|launch| {
        let value = launch.environment[OsStr::new("PIN")].to_str().unwrap().to_owned();
        vec![testkit::Act::Print(format!("it is {value}\r\n").into_bytes()), testkit::Act::Exit(0)]
    });
    let run = Rig::auto(with(params)).value("PIN", "canary-77").processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(variable(&processes.launches()[0], "PIN"), Some("canary-77"));
    assert!(!serde_json::to_string(&run.journal.events()).unwrap().contains("canary"));
    assert_eq!(run.journal.output_text(), "it is \u{2022}\u{2022}\u{2022}\r\n");
    let state = run.handle.state();
    assert_eq!(state.parameters["PIN"].value, None);
}

#[test]
fn later_values_win_over_earlier_ones() {
    let book = Book::new()
        .steps([
            command("one", "export A=4\nexport FRESH=1\nset B=plain"),
            command("two", "unset A"),
            command("three", ""),
        ])
        .settings(|settings| {
            settings.env = [("A", "2"), ("E", "2"), ("P", "2")].map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec();
            settings.params = vec![Param { default: Some("3".to_owned()), ..param("P") }];
        });
    let processes = Scripted::by_script();
    let mut rig = Rig::auto(book).processes(processes.clone());
    for name in ["A", "B", "E", "P", "Z"] {
        rig = rig.env(name, "1");
    }
    assert_eq!(rig.start().finished(), Some(FinishState::Passed));
    let launches = processes.launches();
    let seen =
        |launch: &Launch| ["A", "B", "E", "P", "Z", "FRESH"].map(|name| variable(launch, name).map(str::to_owned));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(seen(&launches[0]), [some("2"), some("1"), some("2"), some("3"), some("1"), None]);
    assert_eq!(seen(&launches[1]), [some("4"), None, some("2"), some("3"), some("1"), some("1")]);
    assert_eq!(launches[1].shell_variables, BTreeMap::from([("B".to_owned(), "plain".to_owned())]));
    assert_eq!(seen(&launches[2])[0], None, "it was unset");
}

#[test]
fn every_command_is_told_its_run_step_and_runbook_and_has_a_file_for_variables() {
    let processes = Scripted::by_script();
    let run = Rig::auto(Book::new().steps([command("one", "allgood MADE=here"), command("two", "")]))
        .processes(processes.clone())
        .start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let launches = processes.launches();
    assert_eq!(variable(&launches[0], "ALLGOOD_RUN"), Some(run.handle.id().0.as_str()));
    assert_eq!(variable(&launches[0], "ALLGOOD_STEP"), Some("step-1"));
    assert_eq!(variable(&launches[0], "ALLGOOD_RUNBOOK"), Some("book.md"));
    assert_eq!(variable(&launches[1], "MADE"), Some("here"));
    let left = std::path::Path::new(variable(&launches[0], "ALLGOOD_ENV").unwrap()).exists();
    assert!(!left, "the file is gone with its attempt");
}

#[test]
fn the_directory_of_a_block_is_relative_to_that_of_the_front_matter_and_carries_only_when_it_was_left() {
    let mut own = command("own", "");
    own.options.cwd = Some("deep".to_owned());
    let book = Book::new()
        .steps([command("one", ""), own, command("two", "cd /tmp/elsewhere"), command("three", "")])
        .settings(|settings| settings.cwd = Some("base".to_owned()));
    let processes = Scripted::by_script();
    let run = Rig::auto(book).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let home = run.folder.path().join("home");
    let cwds: Vec<_> = processes.launches().into_iter().map(|launch| launch.cwd).collect();
    assert_eq!(cwds, [home.join("base"), home.join("base/deep"), home.join("base"), "/tmp/elsewhere".into()]);
}

fn asking() -> Item {
    let mut item = command("one", "echo <pod name> YOUR_X $REGION $HOME");
    let span = |text: &str, name: &str, quoting| {
        let start = "echo <pod name> YOUR_X $REGION $HOME".find(text).unwrap();
        PlaceholderSpan { name: name.to_owned(), span: Span { start, end: start + text.len() }, quoting }
    };
    item.placeholders = vec!["pod name".to_owned()];
    item.placeholder_spans = vec![span("<pod name>", "pod name", Quoting::Bare)];
    item.doubts = vec!["YOUR_X".to_owned()];
    item.doubt_spans = vec![span("YOUR_X", "YOUR_X", Quoting::Bare)];
    item.variables = vec!["REGION".to_owned(), "HOME".to_owned(), "SECONDS".to_owned()];
    item
}

#[test]
fn what_an_item_needs_is_listed_then_remembered_for_the_run_and_the_exact_text_is_recorded() {
    let processes = Scripted::new(|_| vec![testkit::Act::Exit(0)]);
    let run =
        Rig::hand(Book::new().steps([asking(), check("two")])).env("HOME", "/h").processes(processes.clone()).start();
    match run.start("one") {
        Err(Refusal::Needs { sentence, placeholders, doubts, variables }) => {
            assert_eq!(placeholders, ["pod name"]);
            assert_eq!(doubts, ["YOUR_X"]);
            assert_eq!(variables, ["REGION"], "HOME is set, SECONDS is the shell's own");
            assert!(sentence.contains("command \"one\" (line 10)"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
    assert!(processes.launches().is_empty());
    run.start_with("one", &[("pod name", "web 1"), ("YOUR_X", "YOUR_X"), ("REGION", "")]).unwrap();
    run.until_ended("one", 1);
    run.run("one");
    let commands: Vec<String> =
        run.handle.state().items["one"].attempts.iter().map(|attempt| attempt.command.clone()).collect();
    assert_eq!(commands, vec!["echo 'web 1' YOUR_X $REGION $HOME"; 2]);
    let launch = &processes.launches()[1];
    assert_eq!(variable(launch, "REGION"), Some(""));
    assert_eq!(variable(launch, "YOUR_X"), None, "what stands in the text is no variable");
    assert_eq!(run.handle.state().parameters["pod name"].from, "person");
}

#[test]
fn a_value_that_cannot_stand_where_it_would_is_refused() {
    let mut item = asking();
    item.placeholder_spans[0].quoting = Quoting::Uncertain;
    let run = Rig::hand(Book::new().steps([item])).env("HOME", "/h").start();
    let refused = run.start_with("one", &[("pod name", "a; b"), ("YOUR_X", "x"), ("REGION", "eu")]);
    assert!(matches!(&refused, Err(Refusal::Value(why)) if why.contains("pod name")), "{refused:?}");
    assert!(!run.story().iter().any(|line| line.starts_with("parameter_set")), "nothing happened");
}

#[test]
fn a_variable_that_an_earlier_command_set_is_not_asked_for() {
    let mut item = command("two", "");
    item.variables = vec!["A".to_owned(), "B".to_owned()];
    let run = Rig::auto(Book::new().steps([command("one", "export A=1\nset B=2"), item])).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
}

#[test]
fn a_secret_that_this_version_cannot_fetch_has_to_be_given() {
    let book = || {
        Book::new().steps([command("one", "")]).settings(|settings| {
            settings.access = vec![("DB_PASSWORD".to_owned(), "keychain://db/password".to_owned())];
        })
    };
    let run = Rig::hand(book()).start();
    assert!(matches!(run.start("one"), Err(Refusal::Guard(why)) if why.contains("keychain://db/password")));
    let processes = Scripted::by_script();
    let run = Rig::auto(book()).value("DB_PASSWORD", "canary-1").processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(variable(&processes.launches()[0], "DB_PASSWORD"), Some("canary-1"));
    assert!(!serde_json::to_string(&run.journal.events()).unwrap().contains("canary"));
}

#[test]
fn a_runbook_whose_front_matter_cannot_be_honoured_is_not_started() {
    for mode in [Mode::Hand, Mode::Auto, Mode::Rehearse] {
        let book =
            with(Vec::new()).settings(|settings| settings.refused = Some("`timeout: soon` is no time".to_owned()));
        let refusal = Rig::auto(book).mode(mode).try_start().err();
        assert_eq!(refusal, Some(Refusal::Guard("`timeout: soon` is no time".to_owned())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever else is true of a block, and however its run is driven, a guard that cannot be honoured keeps it from
    /// running.
    #[test]
    fn a_refused_block_never_runs(
        kind in 0..3,
        mode in prop_oneof![Just(Mode::Hand), Just(Mode::Auto), Just(Mode::Rehearse)],
        attended: bool,
        yes: bool,
        optional: bool,
        guessed: bool,
        by_hand: bool,
        one_step: bool,
        given: bool,
        attribute in "(confrim|tiemout|on|confirm|retry|capture|background)",
        value in any::<String>(),
    ) {
        let mut item = match kind {
            0 => command("x", ""),
            1 => probe("x", ""),
            _ => undo("x", ""),
        };
        item.attributes.insert(attribute, value.into());
        item.refused = Some("a guard".to_owned());
        item.options.optional = optional;
        item.guessed = guessed;
        item.options.by_hand = by_hand;
        let processes = Scripted::by_script();
        let book = Book::new().steps([check("first"), item, check("last")]);
        let mut rig = Rig { attended, yes, ..Rig::hand(book).mode(mode).processes(processes.clone()) };
        if one_step {
            rig = rig.step("step-1");
        }
        let run = rig.start();
        let _ = run.tick("first");
        let _ = run.handle.send(Command::Resume);
        let values = if given { vec![("A", "b")] } else { Vec::new() };
        let refused = run.start_with("x", &values);
        prop_assert!(matches!(refused, Err(Refusal::Guard(_) | Refusal::State(_))), "{:?}", refused);
        let _ = run.skip("x", "refused");
        let _ = run.tick("last");
        let _ = run.handle.send(Command::Resume);
        let _ = run.start("x");
        let _ = run.handle.send(Command::StopRun { reason: None });
        run.handle.wait();
        prop_assert!(processes.launches().is_empty());
        let started = run.journal.facts().iter().any(|fact| matches!(fact, Fact::AttemptStarted { .. }));
        prop_assert!(!started);
    }
}
