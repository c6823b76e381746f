//! Placeholders in blocks that are written as a terminal shows them, and in the lines for a session that a block opens
//! (FORMAT.md, "Prompts", "Another shell" and "Placeholders").

use engine::{Command, Fact, Refusal, RunStatus, event::FinishState, event::Mode, state::ItemStatus};
use proptest::prelude::*;
use testkit::{Book, Scripted};

use crate::{Ran, Rig, read, state_refusal};

/// A session with placeholders in the command that opens it and in the lines for it.
fn session() -> Book {
    let text = "## Steps\n\n~~~console {name=one}\n$ ssh <host>\n$ kubectl delete pod <pod name> -n <ns>\n$ exit\n~~~\n\n- [ ] It is gone\n";
    let mut runbook = format::parse("book.md", text.as_bytes());
    // What is typed is echoed, line by line.
    for item in runbook.phases.iter_mut().flat_map(|section| &mut section.steps).flat_map(|step| &mut step.items) {
        item.script = "echo\necho".to_owned();
        item.placeholder_spans.clear();
    }
    Book::new().with(move |book| *book = runbook)
}

fn send(run: &Ran, line: usize) -> Result<(), Refusal> {
    run.handle.send(Command::SendLine { item: "one".to_owned(), line })
}

#[test]
fn placeholders_of_session_lines_are_asked_for_before_the_session_is_opened_and_filled_when_a_line_is_sent() {
    let processes = Scripted::by_script();
    let run = Rig::hand(session()).processes(processes.clone()).start();
    match run.start("one") {
        Err(Refusal::Needs { sentence, placeholders, .. }) => {
            assert_eq!(placeholders, ["host", "pod name", "ns"]);
            assert!(sentence.contains("<pod name>"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
    for value in ["a; b", "a\nb", "$(b)", "`b`", "'", "\"", ""] {
        let refused = run.start_with("one", &[("host", "web1"), ("pod name", "web-1"), ("ns", value)]);
        let says = |why: &str| why.contains("`ns`") && why.contains("line 1 for its session");
        assert!(matches!(&refused, Err(Refusal::Value(why)) if says(why)), "{value:?}: {refused:?}");
    }
    assert!(processes.launches().is_empty());
    assert_eq!(run.story(), ["run_started", "item_ready one"], "nothing happened");

    run.start_with("one", &[("host", "web1"), ("pod name", "web-1"), ("ns", "shop")]).unwrap();
    assert!(state_refusal(send(&run, 2)).contains("no line 3"));
    send(&run, 0).unwrap();
    send(&run, 1).unwrap();
    run.until_ended("one", 1);
    assert_eq!(processes.orders()[..2], ["input kubectl delete pod web-1 -n shop\r", "input exit\r"]);
    assert_eq!(run.story().iter().filter(|line| line.starts_with("input_sent one")).count(), 2);
    assert!(state_refusal(send(&run, 0)).contains("is not running"));
    // They are remembered for the run, as those of a script are.
    run.start("one").unwrap();
    send(&run, 0).unwrap();
    send(&run, 1).unwrap();
    run.until_ended("one", 2);
    assert_eq!(run.handle.state().parameters["ns"].from, "person");
    for launch in processes.launches() {
        assert!(!launch.environment.contains_key(std::ffi::OsStr::new("ns")), "what stands in text is no variable");
    }
}

#[test]
fn a_secret_in_a_session_line_is_typed_and_is_in_no_event() {
    let book = session().with(|book| {
        book.settings.params =
            vec![format::Param { name: "ns".to_owned(), secret: true, ..format::Param::default() }];
    });
    let processes = Scripted::by_script();
    let run = Rig::hand(book).processes(processes.clone()).value("ns", "canary-5").start();
    run.start_with("one", &[("host", "web1"), ("pod name", "web-1")]).unwrap();
    send(&run, 0).unwrap();
    send(&run, 1).unwrap();
    run.until_ended("one", 1);
    assert!(processes.orders().contains(&"input kubectl delete pod web-1 -n canary-5\r".to_owned()));
    assert!(!serde_json::to_string(&run.journal.events()).unwrap().contains("canary"));
}

#[test]
fn a_rehearsal_says_what_would_be_sent_to_a_session() {
    let run = Rig::hand(session()).mode(Mode::Rehearse).start();
    assert!(matches!(run.start("one"), Err(Refusal::Needs { .. })));
    run.start_with("one", &[("host", "web1"), ("pod name", "web-1"), ("ns", "shop")]).unwrap();
    let story = run.story().join("\n");
    assert!(story.contains("a line at a time:\nkubectl delete pod web-1 -n shop\nexit"), "{story}");
}

#[test]
fn without_a_person_a_session_that_lacks_values_pauses_the_run_and_names_them() {
    for mode in [Mode::Auto, Mode::Hand] {
        let run = Rig::auto(session()).mode(mode).start();
        let state = run.handle.wait();
        assert_eq!(state.status, RunStatus::Paused);
        let reason = state.reason.unwrap_or_default();
        assert!(reason.contains("a person") && reason.contains("<host>, <pod name> and <ns>"), "{reason}");
    }
}

/// A session, and commands beside it: in its section, and in another.
const BESIDE: &str = "## Look\n\n~~~sh {name=open}\nbash --norc --noprofile\n~~~\n\n~~~sh {name=inside}\n\
    printf '%s' \"<a>\" > typed\n~~~\n\n~~~sh {name=careful confirm=prod}\nrm -r \"$HOME/x\"\n~~~\n\n~~~sh {name=judged expect=x}\nls\n~~~\n\n~~~python {name=program}\nx\n~~~\n\n\
    ## Other\n\n~~~sh {name=elsewhere}\nls\n~~~\n";

#[test]
fn while_a_session_is_open_a_command_of_its_section_is_typed_there_after_asking() {
    let run = Rig::read(read(BESIDE)).real().env("HOME", "/h").start();
    run.start("open").unwrap();
    let start = |item: &str, value: &str, confirmed: Option<&str>| {
        let hash = run.book.item(item).unwrap().2.hash.clone();
        let values = [("a".to_owned(), value.to_owned())].into();
        let confirmed = confirmed.map(str::to_owned);
        run.handle.send(Command::Start { item: item.to_owned(), hash, values, confirmed, edited: None })
    };
    assert!(matches!(run.start("inside"), Err(Refusal::Needs { placeholders, .. }) if placeholders == ["a"]));
    match start("inside", "web-1", None) {
        Err(Refusal::Confirm { sentence, typed: None, environment: false }) => {
            assert!(sentence.contains("command \"inside\"") && sentence.contains("session"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
    match run.start("careful") {
        Err(Refusal::Confirm { sentence, typed, .. }) => {
            assert_eq!(typed.as_deref(), Some("prod"));
            assert!(
                sentence.contains("into the session") && sentence.contains("$HOME is what it is in"),
                "{sentence}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(start("careful", "x", Some("yes")), Err(Refusal::Value(_))));
    // Nobody knows what reads it there.
    assert!(matches!(start("inside", "a b", Some("yes")), Err(Refusal::Value(_))));
    // What its block asks of the outcome cannot be kept there; a program is no text for a shell; elsewhere it waits.
    assert!(matches!(run.start("judged"), Err(Refusal::Guard(why)) if why.contains("`expect`")));
    assert!(state_refusal(run.start("program")).contains("leave its session"));
    assert!(state_refusal(run.start("elsewhere")).contains("leave its session"));
    assert_eq!(made(&run), Vec::<String>::new());

    start("inside", "web-1", Some("yes")).unwrap();
    run.handle.send(Command::Input { item: "open".to_owned(), bytes: b"exit\r".to_vec() }).unwrap();
    run.until_ended("open", 1);
    assert_eq!(std::fs::read_to_string(run.folder.path().join("home/typed")).unwrap(), "web-1");
    // The last that happens by itself: the next item is in hand.
    run.watcher.until(|fact| matches!(fact, Fact::ItemReady { item, .. } if item == "careful"));
    let state = run.handle.state();
    assert_eq!(state.item("inside"), ItemStatus::Overridden);
    assert!(state.items["inside"].attempts.is_empty(), "it was not run on this machine");
    assert_eq!(state, run.replayed());
}

/// Everything that a shell would read otherwise than as text, and what it would not.
fn any_value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'"),
        Just("\""),
        Just("`touch x`"),
        Just("$(touch x)"),
        Just("\n"),
        Just("\r"),
        Just(" "),
        Just(";touch x;"),
        Just("| touch x"),
        Just("\\"),
        Just("!!"),
        Just("\t"),
        Just("\u{3}"),
        Just("\u{4}"),
        Just("é"),
    ];
    let nasty = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => nasty, 1 => "[A-Za-z0-9_./:@%+,=-]{1,12}"]
}

/// Nothing but a supervisor's own files was made.
fn made(run: &Ran) -> Vec<String> {
    let names = std::fs::read_dir(run.folder.path().join("home")).unwrap();
    names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_reaches_a_command_behind_a_prompt_as_that_text(value in any_value()) {
        let book = read(
            "## Steps\n\n~~~console {name=one}\n$ printf '%s' <a> > bare\n$ printf '%s' \"<a>\" > double\n\
             $ printf '%s' '<a>' > single\nsample <b>\n$ cat > document <<E\n> [<a>]\n> E\n~~~\n",
        );
        let run = Rig::read(book).real().start();
        match run.start_with("one", &[("a", &value)]) {
            Ok(()) => {
                run.until_ended("one", 1);
                prop_assert_eq!(run.finished(), Some(FinishState::Passed));
                let home = run.folder.path().join("home");
                for (file, wanted) in
                    [("bare", value.clone()), ("double", value.clone()), ("single", value.clone()),
                     ("document", format!("[{value}]\n"))]
                {
                    prop_assert_eq!(std::fs::read_to_string(home.join(file)).unwrap(), wanted, "{}", file);
                }
                prop_assert_eq!(made(&run).len(), 4, "something else ran: {:?}", made(&run));
            }
            Err(refusal) => prop_assert!(false, "{value:?}: {refusal}"),
        }
    }

    /// Nobody here knows what reads the lines in a session: a value arrives as that text, or the session is not opened.
    #[test]
    fn any_value_reaches_a_session_as_that_text_or_the_session_is_not_opened(value in any_value()) {
        let book = read(
            "## Steps\n\n~~~console {name=one}\n$ bash --norc --noprofile\n$ printf '%s' <a> > bare\n\
             $ printf '%s' \"<a>\" > double\n$ printf '%s' '<a>' > single\n$ printf '%s' \"$(printf '%s' <a>)\" > nested\n\
             $ exit\n~~~\n",
        );
        let run = Rig::read(book).real().start();
        let plain = !value.is_empty()
            && value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_./:@%+,=-".contains(letter));
        match run.start_with("one", &[("a", &value)]) {
            Ok(()) => {
                prop_assert!(plain, "{value:?}");
                (0..5).for_each(|line| send(&run, line).unwrap());
                run.until_ended("one", 1);
                prop_assert_eq!(run.finished(), Some(FinishState::Passed));
                for file in ["bare", "double", "single", "nested"] {
                    let text = std::fs::read_to_string(run.folder.path().join("home").join(file)).unwrap();
                    prop_assert_eq!(&text, &value, "{}", file);
                }
                prop_assert_eq!(made(&run).len(), 4, "something else ran: {:?}", made(&run));
            }
            Err(Refusal::Value(why)) => {
                prop_assert!(!plain && why.contains("`a`"), "{value:?}: {why}");
                prop_assert_eq!(run.handle.state().item("one"), ItemStatus::Ready);
                prop_assert_eq!(made(&run).len(), 0);
            }
            Err(refusal) => prop_assert!(false, "{value:?}: {refusal}"),
        }
    }
}
