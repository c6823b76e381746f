//! Any beginning of a journal is a run that can be taken up and really finishes, whatever had happened by then: tries,
//! attempts, edits, overrides, branches, marks, what runs in the background, and a rollback (RUNS.md, "After a crash").

use std::{cell::Cell, collections::BTreeSet};

use engine::{
    Command, Fact, Journal as _, RunStatus,
    event::{FinishState, Mode, verify},
    incident::Marking,
    run::{Edited, TakeUp, hand},
    state::ItemStatus,
};
use format::ItemKind;
use testkit::MemoryJournal;

use crate::{Ran, Rig, read, replay};

const BOOK: &str = "\
## Preconditions

```sh {name=sensed probe every=1ms within=3ms}
exit 1
```

## Steps

### One

```sh {name=again retry=1 every=1ms}
exit 1
```

```sh {name=undo-again undo}
print not again
```

### Two

```sh {name=server background}
wait
```

```sh {name=set}
export WHERE=here
cd /tmp
print set
```

```sh {name=undo-set undo}
exit 1
```

### Three

- [ ] look

```message {name=tell}
It moves.
```

### Four

```sh {name=bad}
exit 3
```

```sh {name=undo-bad undo}
print not bad
```

### Five

```sh {name=passed-over}
print never
```

### Six

```sh {name=final undo=none}
print final
```

## Rollback

- [ ] everybody knows

```sh {name=clean}
print clean
```
";

impl Ran {
    /// Waits until something was told after the first `seen` events.
    fn until_more(&self, seen: usize) {
        let count = Cell::new(0);
        self.watcher.until(|_| {
            count.set(count.get() + 1);
            let more = count.get() > seen;
            if more {
                count.set(0);
            }
            more
        });
    }

    pub(crate) fn say(&self, command: Command) {
        self.handle.send(command).unwrap_or_else(|refusal| panic!("{refusal}: {:#?}", self.story()));
    }
}

fn rig() -> Rig {
    Rig::read(read(BOOK)).attended()
}

/// Goes forward through all that can happen on the way, up to the last item.
fn forward() -> Ran {
    let run = rig().start();
    run.say(Command::Mark(Box::new(Marking { what: "detected".to_owned(), ..Marking::default() })));
    run.run("sensed");
    run.r#override("sensed", "seen on the board").unwrap();
    run.run("again");
    run.run("again");
    run.r#override("again", "it is there").unwrap();
    run.start("server").unwrap();
    run.run("set");
    run.tick("look").unwrap();
    run.say(Command::Untick { item: "look".to_owned() });
    run.say(Command::Fail { item: "look".to_owned(), note: Some("dark".to_owned()) });
    run.tick("look").unwrap();
    run.say(Command::MessageSent { item: "tell".to_owned(), text: "It moves.".to_owned() });
    run.say(Command::Pause);
    run.handle.wait();
    // Taken up in another process, as it would be on another day.
    let run = rig().taking_up(&run.journal, TakeUp::Resume).start();
    run.run("bad");
    let hash = run.book.item("bad").unwrap().2.hash.clone();
    let edited = Some(Box::new(Edited { text: "print fine".to_owned(), reason: "moved".to_owned() }));
    let before = run.ended("bad");
    run.say(Command::Start { item: "bad".to_owned(), hash, values: [].into(), confirmed: None, edited });
    run.until_ended("bad", before + 1);
    run.say(Command::Note { item: None, text: "half way".to_owned() });
    run.say(Command::LinkOpened { item: None, url: "https://board.example/".to_owned() });
    run.say(Command::Follow { to: "final".to_owned() });
    run.say(Command::Follow { to: "look".to_owned() });
    run.tick("look").unwrap();
    run.say(Command::MessageSent { item: "tell".to_owned(), text: "Once more.".to_owned() });
    run.run("bad");
    run.skip("bad", "it was fine before").unwrap();
    run.skip("passed-over", "as before").unwrap();
    run
}

/// Finishes a run as a person would: runs what is to be run, attests what is to be attested, and leaves out, with a
/// reason, what fails.
pub(crate) fn finish(run: &Ran) {
    let mut tried = BTreeSet::new();
    for _ in 0..500 {
        let seen = run.watcher.events().len();
        let state = run.handle.state();
        if state.is_finished() {
            return;
        }
        let Some(id) = hand(&run.book, &state) else {
            run.until_more(seen);
            continue;
        };
        let item = run.book.item(&id).unwrap().2;
        let rolling = state.rolling_back();
        let failed = match rolling {
            Some(rollback) => rollback.failed.contains(&id),
            None => matches!(state.item(&id), ItemStatus::Failed | ItemStatus::Interrupted),
        };
        match item.kind {
            _ if rolling.is_some() && item.options.no_return => {
                run.say(Command::UndoneByHand { item: id, note: Some("rebuilt".to_owned()) });
            }
            ItemKind::Check => run.tick(&id).unwrap(),
            ItemKind::Message => run.say(Command::MessageSent { item: id, text: "It moves.".to_owned() }),
            _ if failed && !tried.insert(id.clone()) => run.skip(&id, "it will not").unwrap(),
            // What is chosen to be undone goes by itself; what failed or was cut off is a person's to decide.
            _ if rolling.is_some() && !failed => run.until_more(seen),
            _ if item.options.background => run.start(&id).unwrap(),
            _ => {
                tried.insert(id.clone());
                run.run(&id);
            }
        }
    }
    panic!("it goes round in circles: {:#?}", run.story());
}

/// Takes up a run at each of its events, as after a crash at that moment, and finishes it.
fn taken_up_at_every_event(whole: &Ran) {
    let all = whole.journal.events();
    for count in 1..=all.len() {
        let journal = MemoryJournal::holding(all[..count].to_vec());
        let state = replay(&journal.events());
        let how = match state.finished {
            Some(FinishState::Passed) => TakeUp::Rollback { leave_out: Vec::new(), took_effect: Some(true) },
            Some(FinishState::Failed) | None => TakeUp::Resume,
            Some(FinishState::RolledBack | FinishState::Abandoned | FinishState::HandedOver) => continue,
        };
        if matches!(state.status, RunStatus::Running | RunStatus::Waiting) {
            let fact = Fact::Interrupted { item: None };
            journal.append(&all[0].run, "2026-11-22T15:00:00.000Z", "ada@box", fact).unwrap();
        }
        let before = journal.events().len();
        let run = rig().taking_up(&journal, how).start();
        finish(&run);
        let ended = run.handle.wait();
        let expected = if ended.rollback.is_some() { FinishState::RolledBack } else { FinishState::Passed };
        let last = &all[count - 1];
        assert_eq!(ended.finished, Some(expected), "after event {count} of {}: {:?}", all.len(), last.fact);
        let events = run.journal.events();
        assert_eq!(ended, replay(&events), "after event {count}");
        verify(&all[0].run, &events, None).unwrap();
        assert_eq!(events[..before], journal.events(), "what was is not touched");
        assert!(ended.marks.len() <= 1 && ended.running().is_none());
        assert!(
            !events.is_empty() && matches!(events[before].fact, Fact::Resumed { .. }),
            "it says that it was taken up"
        );
    }
}

#[test]
fn a_run_is_taken_up_after_any_of_its_events_and_passes() {
    let run = forward();
    run.run("final");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    taken_up_at_every_event(&run);
}

#[test]
fn a_rollback_is_taken_up_after_any_of_its_events_and_ends_rolled_back() {
    let run = forward();
    run.say(Command::Rollback { leave_out: Vec::new(), took_effect: Some(true) });
    finish(&run);
    assert_eq!(run.finished(), Some(FinishState::RolledBack));
    let facts = run.journal.facts();
    let undone: Vec<&str> = facts
        .iter()
        .filter_map(|fact| if let Fact::Undone { item, .. } = fact { Some(item.as_str()) } else { None })
        .collect();
    assert!(undone.contains(&"bad") && undone.contains(&"again"), "{undone:?}");
    taken_up_at_every_event(&run);
}

#[test]
fn a_run_by_itself_ends_or_is_put_aside_wherever_it_was_cut_off_and_runs_nothing_twice_unasked() {
    let run = forward();
    run.run("final");
    assert_eq!(run.finished(), Some(FinishState::Passed));
    let all = run.journal.events();
    for count in 1..all.len() {
        let journal = MemoryJournal::holding(all[..count].to_vec());
        let under_way = matches!(replay(&journal.events()).status, RunStatus::Running | RunStatus::Waiting);
        if under_way {
            let fact = Fact::Interrupted { item: None };
            journal.append(&all[0].run, "2026-11-22T15:00:00.000Z", "ada@box", fact).unwrap();
        }
        let before = replay(&journal.events());
        let cut_off = before.items.iter().filter(|(_, item)| item.status == ItemStatus::Interrupted);
        let cut_off: BTreeSet<String> = cut_off.map(|(id, _)| id.clone()).collect();
        let run =
            Rig::read(read(BOOK)).mode(Mode::Auto).unattended().yes().taking_up(&journal, TakeUp::Resume).start();
        let ended = run.handle.wait();
        assert!(
            matches!(ended.status, RunStatus::Paused | RunStatus::Failed | RunStatus::Passed),
            "after event {count}: {:?}",
            ended.status
        );
        for item in &cut_off {
            assert_eq!(
                ended.items[item].attempts.len(),
                before.items[item].attempts.len(),
                "{item} was cut off at event {count}, and nobody said that it is to be run again"
            );
        }
    }
}
