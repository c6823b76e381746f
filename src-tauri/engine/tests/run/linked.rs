//! Checks that stand for a run of another runbook: opened, told of, rolled back; by a person and by itself.

use std::sync::{Arc, Mutex};

use engine::{
    Command, Fact, Refusal, RunId, RunStatus,
    event::{FinishState, LinkedState, Mode},
    run::{Choice, Linked, LinkedAsk, LinkedRuns, TakeUp, Undoing, rollback_plan},
    state::ItemStatus,
};
use testkit::MemoryJournal;

use crate::{Ran, Rig, read, state_refusal};

const BOOK: &str = "- [ ] [Restore](restore.md)\n\n```sh {name=after}\nprint after\n```\n";
const CHECK: &str = "restore";

/// Remembers what it was asked.
#[derive(Default)]
struct Asked(Mutex<Vec<(String, LinkedAsk)>>);

impl LinkedRuns for Asked {
    fn ask(self: Arc<Self>, item: &str, what: LinkedAsk) {
        self.0.lock().unwrap().push((item.to_owned(), what));
    }
}

impl Asked {
    fn all(&self) -> Vec<LinkedAsk> {
        self.0.lock().unwrap().iter().map(|(_, what)| what.clone()).collect()
    }
}

fn rig(book: &str) -> (Rig, Arc<Asked>) {
    let asked = Arc::new(Asked::default());
    let linked = Linked { items: [CHECK.to_owned()].into(), runs: asked.clone() };
    (Rig { linked: Some(linked), ..Rig::read(read(book)) }, asked)
}

fn run(name: &str) -> RunId {
    RunId(name.to_owned())
}

impl Ran {
    fn open(&self, name: &str) -> Result<(), Refusal> {
        self.handle.send(Command::OpenLinked { item: CHECK.to_owned(), run: run(name) })
    }

    fn is_told(&self, name: &str, state: LinkedState) -> Result<(), Refusal> {
        let (item, note) = (CHECK.to_owned(), format!("{state:?} {name}"));
        self.handle.send(Command::LinkedEnded { item, run: run(name), state, note })
    }

    fn waits(&self, note: &str) {
        self.handle.send(Command::LinkedWaits { item: CHECK.to_owned(), note: note.to_owned() }).unwrap();
    }

    /// What was told of the check, in order.
    fn of_check(&self) -> Vec<String> {
        self.story().into_iter().filter(|line| line.contains(CHECK) && !line.starts_with("item_ready")).collect()
    }

    fn remark(&self) -> (ItemStatus, Option<String>) {
        let state = self.handle.state();
        (state.item(CHECK), state.items[CHECK].remark.clone())
    }
}

#[test]
fn a_run_that_passes_ticks_its_check_and_one_that_does_not_fails_it_with_the_reason() {
    for (state, status) in [
        (LinkedState::Passed, ItemStatus::Passed),
        (LinkedState::Failed, ItemStatus::Failed),
        (LinkedState::Abandoned, ItemStatus::Failed),
        (LinkedState::RolledBack, ItemStatus::Failed),
    ] {
        let ran = rig(BOOK).0.start();
        ran.open("one").unwrap();
        assert_eq!(ran.handle.state().item(CHECK), ItemStatus::Waiting);
        assert!(state_refusal(ran.open("two")).contains("run one is under way"));
        assert!(ran.is_told("other", state).is_err(), "only of the one that was opened last");
        ran.is_told("one", state).unwrap();
        ran.is_told("one", state).unwrap();
        assert_eq!(ran.remark(), (status, Some(format!("{state:?} one"))));
        assert_eq!(ran.of_check().len(), 3, "told once: {:?}", ran.of_check());
        assert_eq!(ran.replayed(), ran.handle.state());
    }
}

#[test]
fn a_check_whose_run_failed_is_tried_again_or_ticked_by_hand_with_a_reason() {
    let ran = rig(BOOK).0.start();
    assert!(state_refusal(ran.tick(CHECK)).contains("say why it is ticked without it"));
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Failed).unwrap();
    ran.open("two").unwrap();
    ran.is_told("two", LinkedState::Passed).unwrap();
    assert_eq!(ran.handle.state().item(CHECK), ItemStatus::Passed);

    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Failed).unwrap();
    ran.handle.send(Command::Tick { item: CHECK.to_owned(), note: Some("done on paper".to_owned()) }).unwrap();
    assert_eq!(ran.remark(), (ItemStatus::Passed, Some("done on paper".to_owned())));
}

#[test]
fn what_a_person_decided_stays_and_what_a_run_decided_follows_the_run() {
    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    ran.skip(CHECK, "not today").unwrap();
    ran.is_told("one", LinkedState::Failed).unwrap();
    assert_eq!(ran.remark(), (ItemStatus::Skipped, Some("not today".to_owned())));

    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Passed).unwrap();
    ran.is_told("one", LinkedState::RolledBack).unwrap();
    assert_eq!(ran.handle.state().item(CHECK), ItemStatus::Failed);
}

#[test]
fn by_itself_a_run_is_opened_and_the_path_goes_on_when_it_has_passed() {
    for yes in [false, true] {
        let (rig, asked) = rig(BOOK);
        let ran = Rig { yes, ..rig.by_itself() }.start();
        ran.waits_for(|| !asked.all().is_empty());
        assert_eq!(asked.all(), [LinkedAsk::Open], "asked once; --yes does not tick it");
        ran.open("one").unwrap();
        ran.is_told("one", LinkedState::Passed).unwrap();
        assert_eq!(ran.finished(), Some(FinishState::Passed));
        assert_eq!(asked.all(), [LinkedAsk::Open]);
    }
}

#[test]
fn without_a_person_a_run_that_waits_puts_aside_what_it_is_a_part_of_and_one_that_fails_fails_it() {
    let (rig_, asked) = rig(BOOK);
    let ran = rig_.by_itself().start();
    ran.waits_for(|| !asked.all().is_empty());
    ran.open("one").unwrap();
    ran.waits("run one waits for a person");
    let state = ran.handle.wait();
    assert_eq!((state.status, state.reason.as_deref()), (RunStatus::Paused, Some("run one waits for a person")));

    let (rig, asked) = rig(BOOK);
    let ran = rig.by_itself().start();
    ran.waits_for(|| !asked.all().is_empty());
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Failed).unwrap();
    assert_eq!(ran.finished(), Some(FinishState::Failed));
}

#[test]
fn a_run_that_is_taken_up_goes_on_with_the_run_of_its_check() {
    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    let journal = MemoryJournal::holding(ran.journal.events());
    let first = journal.events()[0].clone();
    let fact = Fact::Interrupted { item: None };
    engine::Journal::append(&journal, &first.run, &first.at, &first.actor, fact).unwrap();

    let (rig_, asked) = rig(BOOK);
    let taken = rig_.by_itself().taking_up(&journal, TakeUp::Resume).start();
    taken.waits_for(|| !asked.all().is_empty());
    assert_eq!(asked.all(), [LinkedAsk::GoOn(run("one"))]);
    taken.is_told("one", LinkedState::Passed).unwrap();
    assert_eq!(taken.finished(), Some(FinishState::Passed));

    let (rig, asked) = rig(BOOK);
    let attended = rig.attended().taking_up(&journal, TakeUp::Resume).start();
    assert_eq!(attended.handle.state().status, RunStatus::Waiting);
    assert!(asked.all().is_empty(), "a person chooses");
}

#[test]
fn a_failed_check_is_run_again_without_a_person_when_that_was_said() {
    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Failed).unwrap();
    let journal = MemoryJournal::holding(ran.journal.events());
    let first = journal.events()[0].clone();
    let fact = Fact::Paused { reason: None };
    engine::Journal::append(&journal, &first.run, &first.at, &first.actor, fact).unwrap();
    let (rig, asked) = rig(BOOK);
    let again = TakeUp::Decided { item: CHECK.to_owned(), choice: Choice::Again };
    let taken = rig.by_itself().taking_up(&journal, again).start();
    taken.waits_for(|| !asked.all().is_empty());
    assert_eq!(asked.all(), [LinkedAsk::Open]);
    taken.open("two").unwrap();
    taken.is_told("two", LinkedState::Passed).unwrap();
    assert_eq!(taken.finished(), Some(FinishState::Passed));
}

#[test]
fn a_rollback_has_an_entry_for_a_run_that_passed_and_it_is_done_when_that_is_rolled_back() {
    let ran = rig(BOOK).0.start();
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Passed).unwrap();
    let plan = rollback_plan(&ran.book, &ran.handle.state());
    let [entry] = plan.entries.as_slice() else { panic!("{plan:?}") };
    assert_eq!((entry.how, entry.run.as_ref(), entry.in_part), (Undoing::Run, Some(&run("one")), false));
    ran.handle.send(Command::Rollback { leave_out: Vec::new(), took_effect: None }).unwrap();
    assert!(ran.open("two").is_err(), "a rollback opens nothing of the way forward");
    assert_eq!(ran.handle.state().status, RunStatus::Waiting);
    ran.is_told("one", LinkedState::RolledBack).unwrap();
    assert_eq!(ran.finished(), Some(FinishState::RolledBack));
    assert_eq!(ran.handle.state().item(CHECK), ItemStatus::Undone);
    assert!(rollback_plan(&ran.book, &ran.handle.state()).entries.is_empty());

    let by_hand = rig(BOOK).0.start();
    by_hand.open("one").unwrap();
    by_hand.is_told("one", LinkedState::Failed).unwrap();
    assert!(rollback_plan(&by_hand.book, &by_hand.handle.state()).entries[0].in_part);
    by_hand.handle.send(Command::Rollback { leave_out: Vec::new(), took_effect: Some(true) }).unwrap();
    let note = Some("restored from the copy".to_owned());
    by_hand.handle.send(Command::UndoneByHand { item: CHECK.to_owned(), note }).unwrap();
    assert_eq!(by_hand.finished(), Some(FinishState::RolledBack));
}

#[test]
fn without_a_person_a_rollback_asks_for_the_run_to_be_rolled_back() {
    let book = "- [ ] [Restore](restore.md)\n\n```sh {name=after}\nexit 1\n```\n";
    let (rig, asked) = rig(book);
    let ran = rig.by_itself().rolling_back_by_itself().start();
    ran.waits_for(|| !asked.all().is_empty());
    ran.open("one").unwrap();
    ran.is_told("one", LinkedState::Passed).unwrap();
    ran.waits_for(|| asked.all().len() > 1);
    assert_eq!(asked.all()[1], LinkedAsk::RollBack(run("one")));
    ran.is_told("one", LinkedState::RolledBack).unwrap();
    assert_eq!(ran.finished(), Some(FinishState::RolledBack));
}

#[test]
fn a_check_that_opens_nothing_is_a_check_like_any_other() {
    let ran = Rig::read(read(BOOK)).start();
    assert!(state_refusal(ran.open("one")).contains("stands for no run"));
    ran.tick(CHECK).unwrap();
    let rehearsed = rig(BOOK).0.mode(Mode::Rehearse).start();
    rehearsed.tick(CHECK).unwrap();
}
