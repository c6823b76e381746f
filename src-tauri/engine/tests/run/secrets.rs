//! Nothing goes round the masker (ACCESS.md, "Masking" and "Secrets that come back").

use std::{collections::BTreeMap, ffi::OsStr, sync::Arc};

use engine::{Access, Command, Event, Fetched, Refusal, event::FinishState, process::Leftover};
use format::{Comparison, Expectation, Param, Pattern};
use testkit::{Act, Book, Scripted, Words, check, command, message};

use crate::Rig;

const CANARY: &str = "canary9876543";

fn assert_clean(run: &crate::Ran) {
    let events: Vec<Event> = run.journal.events();
    let told = serde_json::to_string(&run.watcher.events()).unwrap();
    let kept = serde_json::to_string(&events).unwrap();
    let shown = String::from_utf8_lossy(&run.watcher.output()).into_owned();
    let output = run.journal.output_text();
    // Pieces of it count too: what is cut off must have been masked before.
    for piece in [CANARY, &CANARY[..8], &CANARY[6..]] {
        for (place, text) in [("events", &kept), ("observer", &told), ("output", &output), ("shown", &shown)] {
            if let Some(at) = text.find(piece) {
                panic!("{piece:?} in {place}: {}", &text[at.saturating_sub(300)..(at + 60).min(text.len())]);
            }
        }
    }
}

#[test]
fn a_secret_in_every_place_where_text_can_stand_reaches_no_event_and_no_observer() {
    let mut loud = command("loud", &format!("echo {CANARY}"));
    loud.options.cwd = Some(CANARY.to_owned());
    loud.options.timeout = Some(std::time::Duration::from_secs(1));
    loud.options.expectations = vec![
        Expectation::Contains(Pattern::Text(format!("no {CANARY}"))),
        Expectation::Absent(Pattern::Text(CANARY.to_owned())),
        Expectation::Each(Pattern::Text("fine".to_owned())),
        Expectation::Number(Comparison::Less, 5.0),
    ];
    let mut asking = command("asking", "");
    asking.variables = vec!["GIVEN".to_owned()];
    let book = Book::new()
        .steps([loud, asking, check("check"), message("message"), command("carry", ""), command("after", "")])
        .settings(|settings| {
            settings.env = vec![("E".to_owned(), CANARY.to_owned())];
            settings.params =
                vec![Param { name: "P".to_owned(), default: Some(CANARY.to_owned()), ..Param::default() }];
        })
        .with(|runbook| {
            runbook.title = format!("Title {CANARY}");
            runbook.path = format!("/home/{CANARY}/book.md");
        });
    let processes = Scripted::new(|launch| {
        let long = format!("{}{CANARY}", "x".repeat(115));
        let mut acts: Vec<Act> = format!("fine\r\n{long}\r\nends with {CANARY}\r\n{CANARY}")
            .into_bytes()
            .into_iter()
            .map(|byte| Act::Print(vec![byte]))
            .collect();
        let mut carried = engine::process::Carried::default();
        carried.exported.insert("WHOLE".to_owned(), CANARY.to_owned());
        carried.exported.insert("PART".to_owned(), format!("a {CANARY} b"));
        carried.exported.insert(format!("NAME_{CANARY}"), "x".to_owned());
        carried.plain.insert("PLAIN".to_owned(), CANARY.to_owned());
        carried.unset.push(format!("GONE_{CANARY}"));
        carried.left_out.push(format!("LEFT_{CANARY}"));
        carried.cwd = Some(format!("/tmp/{CANARY}").into());
        acts.push(Act::Carry(Box::new(carried)));
        acts.push(Act::WriteTo("ALLGOOD_ENV".to_owned(), format!("W={CANARY}\n")));
        acts.push(Act::Leave(Leftover { pid: 3, name: format!("run-{CANARY}") }));
        acts.push(if launch.script.is_empty() { Act::Exit(0) } else { Act::Exit(3) });
        acts
    });
    let run = Rig::hand(book).words(Words::new([CANARY])).value("EXTRA", CANARY).processes(processes.clone()).start();
    let canary = || CANARY.to_owned();
    let item = |id: &str| id.to_owned();
    run.run("loud");
    run.r#override("loud", CANARY).unwrap();
    run.start_with("asking", &[("GIVEN", CANARY)]).unwrap();
    run.until_ended("asking", 1);
    let asked = [
        Command::Tick { item: item("check"), note: Some(canary()) },
        Command::Untick { item: item("check") },
        Command::Fail { item: item("check"), note: Some(canary()) },
        Command::Skip { item: item("check"), reason: canary() },
        Command::Note { item: None, text: canary() },
        Command::LinkOpened { item: None, url: format!("https://x/{CANARY}") },
        Command::MessageSent { item: item("message"), text: canary() },
        Command::Pause,
        Command::Resume,
    ];
    for command in asked {
        run.handle.send(command).unwrap();
    }
    run.run("carry");
    run.handle.send(Command::StopRun { reason: Some(canary()) }).unwrap();
    run.handle.send(Command::Resume).unwrap();
    run.handle.send(Command::Abandon { reason: Some(canary()) }).unwrap();
    assert_eq!(run.finished(), Some(FinishState::Abandoned));
    assert_clean(&run);
    // It was there to be masked: the commands had it.
    let launch = processes.launches().pop().unwrap();
    assert_eq!(launch.environment[OsStr::new("WHOLE")], CANARY);
    assert_eq!(launch.cwd, std::path::Path::new("/tmp").join(CANARY));
    assert_eq!(launch.shell_variables["PLAIN"], CANARY);
}

#[test]
fn a_name_that_holds_a_secret_keeps_the_runbook_from_being_started() {
    let book = Book::new().steps([command(&format!("run-{CANARY}"), "")]);
    let refusal = Rig::auto(book).words(Words::new([CANARY])).try_start().err();
    assert!(matches!(refusal, Some(Refusal::Guard(why)) if !why.contains(CANARY)));
}

#[test]
fn a_carried_value_whose_name_says_that_it_is_secret_stays_in_memory_and_is_masked_from_then_on() {
    let book = Book::new().steps([
        command("one", &format!("export API_TOKEN={CANARY}\nset db_password=hunter22\nexport OPEN=yes")),
        command("two", &format!("print {CANARY} hunter22 yes")),
    ]);
    let processes = Scripted::by_script();
    let run = Rig::auto(book).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let carried = run.handle.state().carried;
    assert_eq!(carried.exported, BTreeMap::from([("OPEN".to_owned(), "yes".to_owned())]));
    assert_eq!(carried.in_memory.iter().collect::<Vec<_>>(), ["API_TOKEN", "db_password"]);
    let launch = &processes.launches()[1];
    assert_eq!(launch.environment[OsStr::new("API_TOKEN")], CANARY);
    assert_eq!(launch.shell_variables["db_password"], "hunter22");
    assert_eq!(run.journal.output_text(), "\u{2022}\u{2022}\u{2022} \u{2022}\u{2022}\u{2022} yes\r\n");
}

#[test]
fn the_same_bytes_are_shown_kept_and_hashed_wherever_the_reads_are_cut() {
    let text = format!("a {CANARY} b {CANARY}{CANARY} canary c");
    for cut in 1..text.len() {
        let pieces: Vec<Act> = text.as_bytes().chunks(cut).map(|piece| Act::Print(piece.to_vec())).collect();
        let processes = Scripted::new(move |_| pieces.clone());
        let words = Words::new([CANARY]);
        let run = Rig::auto(Book::new().steps([command("one", "")])).words(words).processes(processes).start();
        assert_eq!(run.finished(), Some(FinishState::Passed));
        let dots = "\u{2022}\u{2022}\u{2022}";
        assert_eq!(run.journal.output_text(), format!("a {dots} b {dots}{dots} canary c"), "cut at {cut}");
        assert_eq!(run.watcher.output(), run.journal.output_text().into_bytes());
    }
}

#[test]
fn expectations_are_tested_on_the_unmasked_output() {
    let mut item = command("one", &format!("print it is {CANARY}"));
    item.options.expectations = vec![Expectation::Contains(Pattern::Text(CANARY.to_owned()))];
    let run = Rig::auto(Book::new().steps([item])).words(Words::new([CANARY])).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_clean(&run);
    drop(Arc::clone(&run.journal));
}

#[test]
fn a_value_that_comes_with_a_secret_and_holds_it_stays_in_memory_and_reaches_the_next_command_whole() {
    let book = Book::new().steps([
        command("one", &format!("export ADDRESS=https://{CANARY}@host\nexport Z_TOKEN={CANARY}")),
        command("two", ""),
    ]);
    let processes = Scripted::by_script();
    let run = Rig::auto(book).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    // What the script says of itself, before it ran, is not what is asked about.
    let carried = run.journal.events().into_iter().find_map(|event| match event.fact {
        engine::Fact::VariablesSet { values, .. } => Some(values),
        _ => None,
    });
    assert_eq!(carried, Some(BTreeMap::new()));
    let launch = &processes.launches()[1];
    assert_eq!(launch.environment[OsStr::new("ADDRESS")], format!("https://{CANARY}@host").as_str());
    let in_memory = run.handle.state().carried.in_memory;
    assert_eq!(in_memory.iter().collect::<Vec<_>>(), ["ADDRESS", "Z_TOKEN"]);
}

#[test]
fn a_value_that_is_given_with_a_secret_and_holds_it_stays_in_memory() {
    let mut asking = command("asking", "");
    asking.variables = vec!["ADDRESS".to_owned(), "Z_TOKEN".to_owned()];
    let address = format!("https://{CANARY}@host");
    let processes = Scripted::by_script();
    let at_start = Rig::auto(Book::new().steps([asking.clone()])).value("ADDRESS", &address).value("Z_TOKEN", CANARY);
    let run = at_start.processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_clean(&run);
    assert_eq!(processes.launches()[0].environment[OsStr::new("ADDRESS")], address.as_str());

    let processes = Scripted::by_script();
    let run = Rig::hand(Book::new().steps([asking])).processes(processes.clone()).start();
    run.start_with("asking", &[("ADDRESS", &address), ("Z_TOKEN", CANARY)]).unwrap();
    run.until_ended("asking", 1);
    assert_clean(&run);
    assert_eq!(processes.launches()[0].environment[OsStr::new("ADDRESS")], address.as_str());
}

#[test]
fn a_secret_that_is_too_short_to_be_masked_is_said_when_it_is_used() {
    let book = Book::new()
        .steps([command("one", "export API_KEY=xy\nexport EMPTY_KEY="), command("two", "")])
        .settings(|settings| {
            settings.params =
                vec![Param { name: "PIN".to_owned(), secret: true, required: true, ..Param::default() }];
        });
    let run = Rig::auto(book).value("PIN", "123").processes(Scripted::by_script()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let notes: Vec<String> = run
        .journal
        .events()
        .into_iter()
        .filter_map(|event| match event.fact {
            engine::Fact::Note { text, .. } => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(
        notes,
        ["PIN: 3 characters are too few to be masked", "API_KEY: 2 characters are too few to be masked"]
    );
}

#[test]
fn a_refusal_does_not_say_a_secret() {
    let mut lost = command("lost", "");
    lost.options.cwd = Some(format!("/nowhere/{CANARY}"));
    let run = Rig::hand(Book::new().steps([lost])).words(Words::new([CANARY])).start();
    let refusals = [
        run.start_with("lost", &[(&format!("no {CANARY}"), "x")]),
        run.start_with(&format!("no-{CANARY}"), &[]),
        run.handle.send(Command::Tick { item: CANARY.to_owned(), note: None }),
    ];
    for refusal in refusals {
        let said = refusal.unwrap_err().to_string();
        assert!(!said.contains(CANARY) && said.contains('\u{2022}'), "{said}");
    }
}

/// Gives what it is told to, and counts how often it was asked.
struct Keeper {
    words: Words,
    asked: std::sync::Mutex<Vec<String>>,
    answer: Result<&'static str, &'static str>,
}

impl Access for Keeper {
    fn fetch(&self, name: &str, reference: &str) -> Result<Fetched, String> {
        self.asked.lock().unwrap().push(format!("{name} {reference}"));
        let value = self.answer.map_err(str::to_owned)?;
        engine::Secrets::learn(&self.words, value);
        let warning = (value.len() < 4).then(|| "it is too short to be masked".to_owned());
        Ok(Fetched { value: value.into(), warning })
    }
}

fn keeper(words: &Words, answer: Result<&'static str, &'static str>) -> Arc<Keeper> {
    Arc::new(Keeper { words: words.clone(), asked: std::sync::Mutex::default(), answer })
}

fn referring() -> Book {
    let mut uses = command("uses", "print $DB_PASSWORD");
    uses.variables = vec!["DB_PASSWORD".to_owned()];
    Book::new().steps([uses, command("more", "")]).settings(|settings| {
        settings.access = vec![("DB_PASSWORD".to_owned(), "keychain://db/password".to_owned())];
    })
}

#[test]
fn a_secret_is_fetched_at_the_start_of_each_command_into_its_environment_alone() {
    let words = Words::default();
    let keeper = keeper(&words, Ok(CANARY));
    let processes = Scripted::new(|launch| {
        let value = launch.environment.get(OsStr::new("DB_PASSWORD")).unwrap().to_str().unwrap().to_owned();
        let mut carried = engine::process::Carried::default();
        carried.exported.insert("DB_PASSWORD".to_owned(), format!("{value} changed"));
        carried.exported.insert("COPY".to_owned(), value.clone());
        vec![Act::Print(value.into_bytes()), Act::Carry(Box::new(carried)), Act::Exit(0)]
    });
    let rig = Rig { access: Some(keeper.clone()), ..Rig::auto(referring()) };
    let run = rig.words(words).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert_eq!(*keeper.asked.lock().unwrap(), ["DB_PASSWORD keychain://db/password"; 2]);
    for launch in processes.launches() {
        let value = launch.environment.get(OsStr::new("DB_PASSWORD")).unwrap();
        assert_eq!(value, CANARY, "what one command makes of it is not handed on to the next");
        assert!(!launch.script.contains(CANARY));
    }
    assert_clean(&run);
}

#[test]
fn a_secret_that_cannot_be_fetched_starts_nothing_and_says_why() {
    let words = Words::default();
    let keeper = keeper(&words, Err("this machine's keychain is locked"));
    let processes = Scripted::by_script();
    let rig = Rig { access: Some(keeper), ..Rig::auto(referring()) };
    let run = rig.words(words).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Failed));
    assert!(processes.launches().is_empty());
    let kept = serde_json::to_string(&run.journal.events()).unwrap();
    assert!(kept.contains("this machine's keychain is locked"), "{kept}");
}

#[test]
fn a_value_that_a_person_gives_is_taken_instead_of_what_the_front_matter_refers_to() {
    let words = Words::default();
    let keeper = keeper(&words, Err("nobody asks"));
    let processes = Scripted::by_script();
    let rig = Rig { access: Some(keeper.clone()), ..Rig::auto(referring()).value("DB_PASSWORD", CANARY) };
    let run = rig.words(words).processes(processes.clone()).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(keeper.asked.lock().unwrap().is_empty());
    assert_eq!(processes.launches()[0].environment.get(OsStr::new("DB_PASSWORD")).unwrap(), CANARY);
    assert_clean(&run);
}

#[test]
fn a_secret_that_is_too_short_to_be_masked_is_said_to_be_so_once_in_the_record() {
    let words = Words::default();
    let rig = Rig { access: Some(keeper(&words, Ok("abc"))), ..Rig::auto(referring()) };
    let run = rig.words(words).start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let kept = serde_json::to_string(&run.journal.events()).unwrap();
    assert_eq!(kept.matches("too short to be masked").count(), 1, "{kept}");
}

#[test]
fn a_rehearsal_fetches_nothing() {
    let words = Words::default();
    let keeper = keeper(&words, Ok(CANARY));
    let rig = Rig { access: Some(keeper.clone()), ..Rig::auto(referring()).mode(engine::event::Mode::Rehearse) };
    let run = rig.words(words).unattended().start();
    assert_eq!(run.finished(), Some(FinishState::Passed));
    assert!(keeper.asked.lock().unwrap().is_empty());
}
