//! Whatever people do, in whatever order: the journal holds together, and the state is what its events say.

use std::collections::BTreeMap;

use engine::{
    Command, Fact, Journal as _, Refusal, RunState, RunStatus,
    event::{FinishState, Mode, verify},
    incident::Marking,
    run::{Edited, TakeUp},
};
use proptest::prelude::*;
use testkit::{Act, MemoryJournal, Scripted};

use crate::{Rig, prefixes::finish, read, replay};

const BOOK: &str = "\
## Preconditions

```sh {name=probe probe every=1ms within=3ms}
exit 1
```

## Steps

### One

If it is there already, go to [Three](#three).

```sh {name=good}
print fine
export A=1
cd /tmp
```

```sh {name=undo-good undo}
print not fine
```

### Two

```sh {name=bad}
exit 3
```

```sh {name=undo-bad undo}
exit 4
```

```sh {name=optional optional}
exit 1
```

### Three

```sh {name=long undo=none}
echo
wait
```

- [ ] check

```message {name=message}
It moves.
```

## Rollback

- [ ] everybody knows

```sh {name=clean}
print clean
```
";

const ITEMS: [&str; 12] = [
    "probe",
    "good",
    "undo-good",
    "bad",
    "undo-bad",
    "optional",
    "long",
    "check",
    "message",
    "everybody-knows",
    "clean",
    "unknown",
];
const FORWARD: [&str; 4] = ["good", "bad", "optional", "long"];

fn asked() -> impl Strategy<Value = Command> {
    let item = || prop::sample::select(&ITEMS[..]).prop_map(str::to_owned);
    let text = || prop_oneof![Just(String::new()), Just("because".to_owned())];
    let maybe = || prop::option::of(text());
    let start = || {
        let edited = prop::option::weighted(0.2, prop::sample::select(&["print edited", "exit 9", " "][..]));
        (item(), prop::bool::weighted(0.1), edited).prop_map(|(item, stale, edited)| Command::Start {
            hash: if stale { "stale".to_owned() } else { hash_of(&item) },
            item,
            values: BTreeMap::new(),
            confirmed: None,
            edited: edited.map(|text| Box::new(Edited { text: text.to_owned(), reason: "moved".to_owned() })),
        })
    };
    let mark = (prop::sample::select(&["detected", "mitigated", "severity", "nonsense"][..]), maybe(), any::<bool>());
    let left_out = prop::collection::vec(item(), 0..2);
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
        item().prop_map(|to| Command::Follow { to }),
        mark.prop_map(|(what, value, withdrawn)| {
            Command::Mark(Box::new(Marking { what: what.to_owned(), value, withdrawn, ..Marking::default() }))
        }),
        (left_out, any::<Option<bool>>())
            .prop_map(|(leave_out, took_effect)| Command::Rollback { leave_out, took_effect }),
        (item(), maybe()).prop_map(|(item, note)| Command::UndoneByHand { item, note }),
    ]
}

fn hash_of(item: &str) -> String {
    read(BOOK).item(item).map_or(String::new(), |(_, _, item)| item.hash.clone())
}

fn check_journal(facts: &[Fact]) -> Result<(), TestCaseError> {
    let mut open: Option<(&str, u64)> = None;
    let mut last: BTreeMap<&str, u64> = BTreeMap::new();
    let mut finished = 0;
    // What may be undone, and what was chosen to be.
    let (mut whole, mut plan): (Option<&[String]>, Option<&[String]>) = (None, None);
    for (at, fact) in facts.iter().enumerate() {
        prop_assert_eq!(at == 0, matches!(fact, Fact::RunStarted { .. }));
        match fact {
            Fact::AttemptStarted { item, attempt, .. } => {
                prop_assert_eq!(open, None, "one at a time");
                prop_assert_eq!(*attempt, last.get(item.as_str()).copied().unwrap_or(0) + 1);
                last.insert(item, *attempt);
                open = Some((item, *attempt));
                prop_assert_eq!(finished, 0);
                let forward = FORWARD.contains(&item.as_str());
                prop_assert!(plan.is_none() || !forward, "a rollback never goes forward: {}", item);
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
            // One that has passed or failed can still be rolled back.
            Fact::RollbackStarted { plan } => {
                prop_assert!(open.is_none() && !plan.is_empty());
                whole = Some(plan);
                finished = 0;
            }
            Fact::PlanChosen { plan: chosen } => {
                let of_whole = whole.is_some_and(|whole| chosen.iter().all(|item| whole.contains(item)));
                prop_assert!(of_whole && !chosen.is_empty(), "{:?} of {:?}", chosen, whole);
                plan = Some(chosen);
            }
            Fact::Undone { .. } => prop_assert!(plan.is_some(), "nothing is undone but by a rollback"),
            Fact::Branched { .. } => prop_assert!(plan.is_none(), "a rollback follows no branch"),
            Fact::Marked { what, .. } => prop_assert!(what != "nonsense"),
            Fact::Deviation { text, reason, .. } => {
                prop_assert!(!text.trim().is_empty() && !reason.trim().is_empty());
            }
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
        let rig = Rig { attended, yes, ..Rig::read(read(BOOK)).mode(mode).journal(MemoryJournal::with_room_for(room)) };
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

    #[test]
    fn any_beginning_of_what_people_did_is_a_run_that_is_taken_up_and_finishes(
        commands in prop::collection::vec(asked(), 4..28),
        auto: bool,
        cut in 0.0_f64..1.0,
    ) {
        let mode = if auto { Mode::Auto } else { Mode::Hand };
        let run = Rig::read(read(BOOK)).mode(mode).start();
        for command in commands {
            let _ = run.handle.send(command);
        }
        // What runs still may add to it, or not: any beginning is one.
        let all = run.journal.events();
        drop(run);
        let count = 1 + (cut * (all.len() - 1) as f64) as usize;
        let journal = MemoryJournal::holding(all[..count].to_vec());
        let state = replay(&journal.events());
        let how = match state.finished {
            Some(FinishState::Passed) => TakeUp::Rollback { leave_out: Vec::new(), took_effect: Some(true) },
            Some(FinishState::Failed) | None => TakeUp::Resume,
            Some(FinishState::RolledBack | FinishState::Abandoned | FinishState::HandedOver) => return Ok(()),
        };
        if matches!(state.status, RunStatus::Running | RunStatus::Waiting) {
            let fact = Fact::Interrupted { item: None };
            journal.append(&all[0].run, "2026-11-22T15:00:00.000Z", "ada@box", fact).unwrap();
        }
        let before = journal.events();
        let everything_passes = Scripted::new(|_| vec![Act::Exit(0)]);
        let taken = Rig::read(read(BOOK)).processes(everything_passes).taking_up(&journal, how).try_start();
        let taken = match taken {
            Err(Refusal::NothingToUndo) => return Ok(()),
            taken => taken.map_err(|refusal| TestCaseError::fail(format!("event {count}: {refusal}")))?,
        };
        finish(&taken);
        let ended = taken.handle.wait();
        let expected = if ended.rollback.is_some() { FinishState::RolledBack } else { FinishState::Passed };
        prop_assert_eq!(ended.finished, Some(expected), "after event {} of {}: {:?}", count, all.len(), all[count - 1].fact);
        let events = taken.journal.events();
        prop_assert_eq!(&ended, &replay(&events));
        prop_assert!(verify(&all[0].run, &events, None).is_ok());
        prop_assert_eq!(&events[..before.len()], &before[..], "what was is not touched");
    }
}

#[test]
fn a_command_of_the_way_back_that_failed_before_it_began_is_started_by_the_rollback() {
    let run = Rig::read(read(BOOK)).mode(Mode::Hand).processes(Scripted::by_script()).start();
    let before = run.ended("clean");
    let edited = Some(Box::new(Edited { text: "exit 9".to_owned(), reason: "moved".to_owned() }));
    let item = "clean".to_owned();
    let hash = hash_of(&item);
    run.say(Command::Start { item, hash, values: BTreeMap::new(), confirmed: None, edited });
    run.until_ended("clean", before + 1);
    assert_eq!(run.handle.state().item("clean"), engine::ItemStatus::Failed);
    run.say(Command::Rollback { leave_out: Vec::new(), took_effect: None });
    finish(&run);
    let state = run.handle.wait();
    assert_eq!(state.finished, Some(FinishState::RolledBack));
    assert_eq!(state.items["clean"].attempts.len(), 2, "without a person");
}

#[test]
fn a_check_of_the_way_back_that_was_ticked_before_it_began_is_asked_for_anew() {
    let run = Rig::read(read(BOOK)).mode(Mode::Hand).start();
    run.tick("everybody-knows").unwrap();
    run.handle.send(Command::Rollback { leave_out: Vec::new(), took_effect: None }).unwrap();
    finish(&run);
    assert_eq!(run.handle.wait().finished, Some(FinishState::RolledBack));
}
