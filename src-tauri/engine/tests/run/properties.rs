//! Whatever people do, in whatever order: the journal holds together, and the state is what its events say.

use std::collections::BTreeMap;

use engine::{
    Command, Fact, RunState,
    event::{Mode, verify},
};
use proptest::prelude::*;
use testkit::{Book, MemoryJournal, Scripted, check, command, message, probe, undo};

use crate::{Rig, replay};

fn book() -> Book {
    let mut tried = probe("probe", "exit 1");
    tried.options.every = Some(std::time::Duration::from_millis(1));
    tried.options.within = Some(std::time::Duration::from_millis(3));
    let mut optional = command("optional", "exit 1");
    optional.options.optional = true;
    Book::new().steps([
        command("good", "print fine\nexport A=1\ncd /tmp"),
        command("bad", "exit 3"),
        command("long", "echo\nwait"),
        check("check"),
        message("message"),
        undo("undo", "print back"),
        tried,
        optional,
    ])
}

const ITEMS: [&str; 9] = ["good", "bad", "long", "check", "message", "undo", "probe", "optional", "unknown"];

fn asked() -> impl Strategy<Value = Command> {
    let item = || prop::sample::select(&ITEMS[..]).prop_map(str::to_owned);
    let text = || prop_oneof![Just(String::new()), Just("because".to_owned())];
    let maybe = || prop::option::of(text());
    let start = || {
        (item(), any::<bool>()).prop_map(|(item, stale)| Command::Start {
            hash: if stale { "stale".to_owned() } else { format!("hash of {item}") },
            item,
            values: BTreeMap::new(),
            confirmed: None,
            edited: None,
        })
    };
    prop_oneof![
        start(),
        start(),
        (item(), maybe()).prop_map(|(item, note)| Command::Tick { item, note }),
        item().prop_map(|item| Command::Untick { item }),
        (item(), maybe()).prop_map(|(item, note)| Command::Fail { item, note }),
        (item(), text()).prop_map(|(item, reason)| Command::Skip { item, reason }),
        (item(), text()).prop_map(|(item, reason)| Command::Override { item, reason }),
        (prop::option::of(item()), text()).prop_map(|(item, text)| Command::Note { item, text }),
        (item(), text()).prop_map(|(item, text)| Command::MessageSent { item, text }),
        item().prop_map(|item| Command::Input { item, bytes: b"x\n".to_vec() }),
        item().prop_map(|item| Command::Stop { item }),
        maybe().prop_map(|reason| Command::StopRun { reason }),
        Just(Command::Pause),
        Just(Command::Resume),
        Just(Command::Resume),
        maybe().prop_map(|reason| Command::Abandon { reason }),
    ]
}

fn check_journal(facts: &[Fact]) -> Result<(), TestCaseError> {
    let mut open: Option<(&str, u64)> = None;
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut finished = 0;
    for (at, fact) in facts.iter().enumerate() {
        prop_assert_eq!(at == 0, matches!(fact, Fact::RunStarted { .. }));
        match fact {
            Fact::AttemptStarted { item, attempt, .. } => {
                prop_assert_eq!(open, None, "one at a time");
                prop_assert_eq!(*attempt, last.get(item.as_str()).copied().unwrap_or(0) + 1);
                last.insert(item, *attempt);
                open = Some((item, *attempt));
                prop_assert_eq!(finished, 0);
            }
            Fact::AttemptEnded { item, attempt, .. } => {
                prop_assert_eq!(open.take(), Some((item.as_str(), *attempt)));
            }
            Fact::Output { item, attempt, .. }
            | Fact::Expectation { item, attempt, .. }
            | Fact::InputSent { item, attempt } => prop_assert_eq!(open, Some((item.as_str(), *attempt))),
            Fact::RunFinished { .. } => {
                finished += 1;
                prop_assert_eq!(open, None, "nothing runs any more");
            }
            Fact::Paused { .. } => prop_assert_eq!(open, None, "nothing runs"),
            Fact::Skipped { reason, .. } | Fact::Overridden { reason, .. } => prop_assert!(!reason.trim().is_empty()),
            _ => {}
        }
    }
    prop_assert!(finished <= 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_sequence_of_commands_leaves_a_journal_that_holds_together(
        commands in prop::collection::vec(asked(), 0..24),
        auto: bool,
        attended: bool,
        yes: bool,
        room in prop_oneof![3 => Just(usize::MAX), 1 => 1_usize..30],
    ) {
        let mode = if auto { Mode::Auto } else { Mode::Hand };
        let rig = Rig { attended, yes, ..Rig::hand(book()).mode(mode).journal(MemoryJournal::with_room_for(room)) };
        let run = rig.processes(Scripted::by_script()).start();
        for command in commands {
            let before = run.journal.events().len();
            let empty_handed = matches!(command, Command::Note { .. } | Command::Skip { .. } | Command::Override { .. });
            let answer = run.handle.send(command);
            // What is answered is on disk.
            prop_assert!(!(answer.is_ok() && empty_handed) || run.journal.events().len() > before);
        }
        if run.handle.send(Command::StopRun { reason: None }).is_err() {
            let _ = run.handle.send(Command::Resume);
            let _ = run.handle.send(Command::StopRun { reason: None });
        }
        let state = run.handle.wait();
        let events = run.journal.events();
        prop_assert_eq!(&state, &replay(&events));
        prop_assert!(verify(run.handle.id(), &events, None).is_ok());
        let complete = run.handle.trouble().is_none();
        let facts = run.journal.facts();
        if complete {
            check_journal(&facts)?;
            prop_assert_eq!(state.running(), None);
        }
        // Whoever watches was told of exactly what is kept, in order.
        prop_assert_eq!(run.watcher.events(), events.clone());
        // Any beginning of a journal gives the state that the run had then: folding on from it gives the same end.
        for cut in [0, events.len() / 3, events.len() / 2] {
            let (first, rest) = events.split_at(cut);
            let resumed = rest.iter().fold(replay(first), RunState::apply);
            prop_assert_eq!(&resumed, &state);
        }
        // The order of fields in a stored record means nothing.
        for event in &events {
            let value = serde_json::to_value(event).unwrap();
            let mut turned: Vec<_> = value.as_object().unwrap().clone().into_iter().collect();
            turned.reverse();
            let turned = serde_json::Value::Object(turned.into_iter().collect());
            prop_assert_eq!(&serde_json::from_value::<engine::Event>(turned).unwrap(), event);
        }
    }
}
