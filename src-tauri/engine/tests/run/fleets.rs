//! Commands on several hosts at once (docs/fleets.md).

use std::sync::Arc;

use engine::{
    Access, Event, Fact, Reached, RunState,
    event::AttemptState,
    process::Reach,
    run::TakeUp,
    state::{HostStatus, ItemStatus},
};
use format::{Fleet, MaxFail, On};
use testkit::{Act, Book, Scripted, command, probe};

use super::{Ran, Rig};

/// Every name is a host but `web`, which is a group of three.
struct Hosts;

impl Access for Hosts {
    fn fetch(&self, name: &str, _: &str) -> Result<engine::Fetched, String> {
        Err(format!("there is no {name}"))
    }

    fn reach(&self, entry: &str) -> Result<Reached, String> {
        if entry == "gone" {
            return Err("gone cannot be reached: there is no access entry \"gone\"".to_owned());
        }
        let (user, port, kept) = (None, None, engine::process::Kept::default());
        let reach = Reach::Ssh { destination: entry.to_owned(), user, port, kept };
        Ok(Reached { reach, place: format!("{entry} (ann@{entry})"), warnings: Vec::new() })
    }

    fn hosts(&self, names: &[String]) -> Result<Vec<String>, String> {
        let members = |name: &String| match name.as_str() {
            "web" => vec!["w1".to_owned(), "w2".to_owned(), "w3".to_owned()],
            _ => vec![name.clone()],
        };
        Ok(names.iter().flat_map(members).collect())
    }
}

/// What a host does, by its name and how often it was asked before.
fn rig(
    names: &[&str],
    fleet: Fleet,
    change: impl FnOnce(&mut format::Item),
    does: fn(&str, usize) -> Vec<Act>,
) -> Rig {
    let mut item = command("x", "do");
    item.options.on = Some(On::Hosts(names.iter().map(|name| (*name).to_owned()).collect()));
    item.options.fleet = fleet;
    change(&mut item);
    let asked = std::sync::Mutex::new(std::collections::BTreeMap::<String, usize>::new());
    let processes = Scripted::new(move |launch| {
        let host = launch.target.as_ref().unwrap().name.clone();
        let mut asked = asked.lock().unwrap();
        let before = asked.entry(host.clone()).or_default();
        *before += 1;
        does(&host, *before - 1)
    });
    let mut rig = Rig::hand(Book::new().steps([item])).by_itself().processes(processes);
    rig.access = Some(Arc::new(Hosts));
    rig
}

fn prints(text: &str) -> Act {
    Act::Print(format!("{text}\r\n").into_bytes())
}

fn folded(events: &[Event]) -> RunState {
    events.iter().fold(RunState::default(), RunState::apply)
}

fn statuses(state: &RunState) -> Vec<(String, HostStatus)> {
    state.items["x"].hosts.iter().map(|host| (host.name.clone(), host.status)).collect()
}

fn begun(facts: &[Fact]) -> Vec<String> {
    let hosts = facts.iter().filter_map(|fact| match fact {
        Fact::AttemptStarted { host, .. } => host.clone(),
        _ => None,
    });
    hosts.collect()
}

fn ends(facts: &[Fact]) -> Vec<(AttemptState, u64, Vec<String>, Vec<String>)> {
    let ends = facts.iter().filter_map(|fact| match fact {
        Fact::HostsEnded { state, passed, failed, not_reached, .. } => {
            Some((*state, *passed, failed.clone(), not_reached.clone()))
        }
        _ => None,
    });
    ends.collect()
}

/// How many bytes of an attempt are kept.
fn printed(run: &Ran, number: u64) -> usize {
    let of = |seq: u64| {
        let event = run.journal.events().into_iter().find(|event| event.seq == seq);
        matches!(event.map(|event| event.fact), Some(Fact::Output { attempt, .. }) if attempt == number)
    };
    run.journal.output().iter().filter(|kept| of(kept.seq)).map(|kept| kept.bytes.len()).sum()
}

fn finish(rig: Rig) -> Ran {
    let run = rig.start();
    run.handle.wait();
    run
}

#[test]
fn each_host_of_a_group_gets_an_attempt_with_its_own_place_output_and_end() {
    let run = finish(rig(&["web", "db1"], Fleet::default(), |_| {}, |host, _| vec![prints(&format!("I am {host}"))]));
    let facts = run.journal.facts();
    assert_eq!(begun(&facts), ["w1", "w2", "w3", "db1"]);
    assert_eq!(ends(&facts), [(AttemptState::Passed, 4, vec![], vec![])]);
    let state = run.handle.state();
    assert_eq!(state.item("x"), ItemStatus::Passed);
    let attempt = &state.items["x"].attempts[3];
    assert_eq!((attempt.host.as_deref(), attempt.target.as_str()), (Some("db1"), "db1 (ann@db1)"));
    assert!((1..=4).all(|number| printed(&run, number) > 0), "the output of each is its own");
    assert_eq!(folded(&run.journal.events()), state, "replayed as it was driven");
}

#[test]
fn expectations_hold_for_each_host_and_one_that_fails_fails_the_item() {
    let expects = |item: &mut format::Item| {
        item.options.expectations = vec![format::Expectation::Contains(format::Pattern::Text("good".to_owned()))];
    };
    let does = |host: &str, _: usize| vec![prints(if host == "b" { "bad" } else { "good" })];
    let run = finish(rig(&["a", "b", "c"], Fleet::default(), expects, does));
    let facts = run.journal.facts();
    assert_eq!(ends(&facts), [(AttemptState::Failed, 2, vec!["b".to_owned()], vec![])]);
    let held = facts.iter().filter(|fact| matches!(fact, Fact::Expectation { holds: true, .. })).count();
    assert_eq!(held, 2);
    assert_eq!(run.handle.state().item("x"), ItemStatus::Failed);
}

#[test]
fn a_batch_waits_for_the_one_before_and_what_is_not_begun_is_named() {
    let fleet = Fleet { batch: Some(2), ..Fleet::default() };
    let does = |host: &str, _: usize| if host == "c" { vec![Act::Exit(3)] } else { vec![] };
    let run = finish(rig(&["a", "b", "c", "d", "e", "f"], fleet, |_| {}, does));
    let facts = run.journal.facts();
    assert_eq!(begun(&facts), ["a", "b", "c", "d"]);
    let left = vec!["e".to_owned(), "f".to_owned()];
    assert_eq!(ends(&facts), [(AttemptState::Failed, 3, vec!["c".to_owned()], left)]);
    let state = run.handle.state();
    assert_eq!(statuses(&state)[4].1, HostStatus::NotReached);
    let note = state.items["x"].hosts_note.clone().unwrap();
    assert!(note.contains("not begun on 2 (e, f)"), "{note}");
}

#[test]
fn a_host_that_leads_nowhere_has_failed_and_the_others_run() {
    let fleet = Fleet { max_fail: Some(MaxFail::Hosts(1)), ..Fleet::default() };
    let run = finish(rig(&["a", "gone", "b"], fleet, |_| {}, |_, _| vec![]));
    assert_eq!(ends(&run.journal.facts()), [(AttemptState::Failed, 2, vec!["gone".to_owned()], vec![])]);
    let state = run.handle.state();
    let told = state.items["x"].telling().unwrap().note.clone().unwrap();
    assert!(told.contains("no access entry \"gone\""), "{told}");
}

#[test]
fn a_retry_goes_to_those_hosts_alone_that_failed() {
    let retries = |item: &mut format::Item| {
        item.options.retry = 2;
        item.options.every = Some(std::time::Duration::from_millis(1));
    };
    let does = |host: &str, before: usize| if host == "b" && before < 2 { vec![Act::Exit(1)] } else { vec![] };
    let run = finish(rig(&["a", "b", "c"], Fleet::default(), retries, does));
    let facts = run.journal.facts();
    assert_eq!(begun(&facts), ["a", "b", "c", "b", "b"]);
    let again: Vec<bool> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::HostsEnded { again, .. } => Some(*again),
            _ => None,
        })
        .collect();
    assert_eq!(again, [true, true, false]);
    let given_up = |fact: &Fact| match fact {
        Fact::AttemptEnded { note, .. } => note.as_ref().is_some_and(|note| note.contains("given up")),
        _ => false,
    };
    assert!(!facts.iter().any(given_up), "what is tried again is not given up");
    let state = run.handle.state();
    assert_eq!((state.item("x"), state.items["x"].tries()), (ItemStatus::Passed, 3));
    assert!(state.items["x"].was_rescued());
}

#[test]
fn a_probe_holds_when_it_holds_on_each() {
    let mut rig = rig(
        &["a", "b"],
        Fleet::default(),
        |_| {},
        |host, before| {
            if host == "a" && before == 0 { vec![Act::Exit(1)] } else { vec![] }
        },
    );
    let mut item = probe("x", "look");
    item.options.on = Some(On::Hosts(vec!["a".to_owned(), "b".to_owned()]));
    item.options.every = Some(std::time::Duration::from_millis(1));
    rig.book = Book::new().steps([item]).build();
    let run = finish(rig);
    assert_eq!(begun(&run.journal.facts()), ["a", "b", "a"]);
    let state = run.handle.state();
    assert_eq!(state.item("x"), ItemStatus::Passed);
    assert!(!state.items["x"].was_rescued(), "a try of a probe that does not hold yet is no failure");
}

#[test]
fn what_a_host_exports_does_not_carry() {
    let does = |_: &str, _: usize| {
        let exported = [("MADE".to_owned(), "there".to_owned())].into();
        vec![Act::Carry(Box::new(engine::process::Carried { exported, ..Default::default() }))]
    };
    let run = finish(rig(&["a", "b"], Fleet::default(), |_| {}, does));
    assert!(!run.journal.facts().iter().any(|fact| matches!(fact, Fact::VariablesSet { .. })));
    assert!(run.handle.state().carried.exported.is_empty());
}

#[test]
fn stop_ends_all_and_begins_nowhere_else() {
    let fleet = Fleet { at_once: Some(2), ..Fleet::default() };
    let rig = rig(&["a", "b", "c"], fleet, |_| {}, |_, _| vec![Act::UntilStopped]);
    let run = rig.attended().start();
    run.watcher.until(|fact| matches!(fact, Fact::AttemptStarted { attempt: 2, .. }));
    run.handle.send(engine::Command::Stop { item: "x".to_owned() }).unwrap();
    run.watcher.until(|fact| matches!(fact, Fact::HostsEnded { .. }));
    let facts = run.journal.facts();
    assert_eq!(begun(&facts), ["a", "b"]);
    let [(state, passed, failed, left)] = &ends(&facts)[..] else { panic!("{facts:?}") };
    assert_eq!(
        (*state, *passed, failed.len(), left.as_slice()),
        (AttemptState::Stopped, 0, 2, &["c".to_owned()][..])
    );
    assert_eq!(run.handle.state().item("x"), ItemStatus::Failed);
}

/// Cut off after any event, it is known which hosts had ended, and going on runs on the others alone.
#[test]
fn cut_off_anywhere_it_goes_on_with_the_hosts_alone_on_which_it_had_not_passed() {
    let names = ["a", "b", "c", "d"];
    let fleet = Fleet { at_once: Some(2), ..Fleet::default() };
    let whole = finish(rig(&names, fleet, |_| {}, |_, _| vec![])).journal.events();
    for end in 2..whole.len() {
        let mut events = whole[..end].to_vec();
        let state = folded(&events);
        if state.is_finished() {
            continue;
        }
        let running = state.items.get("x").is_some_and(|item| item.status == ItemStatus::Running);
        let fact = Fact::Interrupted { item: running.then(|| "x".to_owned()) };
        let last = events.last().unwrap().clone();
        events.push(Event { seq: last.seq + 1, fact, ..last });
        let passed: Vec<String> = folded(&events).items.get("x").map_or_else(Vec::new, |item| {
            let passed = item.hosts.iter().filter(|host| host.status == HostStatus::Passed);
            passed.map(|host| host.name.clone()).collect()
        });
        let how = if running {
            TakeUp::Decided { item: "x".to_owned(), choice: engine::run::Choice::Again }
        } else {
            TakeUp::Resume
        };
        let mut again = rig(&names, fleet, |_| {}, |_, _| vec![]);
        again = again.journal(testkit::MemoryJournal::holding(events.clone())).taking(how);
        let run = finish(again);
        let later = run.journal.facts()[events.len()..].to_vec();
        let expected: Vec<&str> = if folded(&events).item("x") == ItemStatus::Passed {
            Vec::new()
        } else {
            names.iter().copied().filter(|name| !passed.iter().any(|known| known == name)).collect()
        };
        assert_eq!(begun(&later), expected, "cut off after {end} events");
        assert_eq!(run.handle.state().item("x"), ItemStatus::Passed, "cut off after {end} events");
    }
}

#[test]
fn a_flood_from_a_host_is_bounded_and_its_two_ends_are_kept() {
    let does = |host: &str, _: usize| match host {
        "a" => (0..30).map(|_| Act::Print(vec![b'x'; 100_000])).collect(),
        _ => vec![prints("small")],
    };
    let run = finish(rig(&["a", "b"], Fleet::default(), |_| {}, does));
    assert_eq!(printed(&run, 1), 1024 * 1024);
    let whole = run.journal.facts().iter().any(|fact| matches!(fact, Fact::Output { whole_sha256: Some(_), .. }));
    assert!(whole, "the hash of all of it is kept");
    assert_eq!(run.handle.state().items["x"].attempts[0].output_bytes, 3_000_000);
}
