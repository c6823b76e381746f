//! A run is handed over from the window and taken in by another: what is trusted there decides.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use api::{
    App, ErrorCode,
    commands::*,
    wire::{
        HandOverRun, HandedFile, KnownHere, Mode, ResumeRun, RunAction, RunFileView, RunFilter, RunStatus, RunView,
        SaveRunbook, StartRun, TakeRun,
    },
};
use tempfile::TempDir;

const BOOK: &str = "# Say hello\n\n## Steps\n\n- [ ] Look up\n- [ ] Wave\n";
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody's machine, with a library of one runbook.
struct Desk {
    app: Arc<App>,
    folder: TempDir,
    book: PathBuf,
}

impl Desk {
    fn of(actor: &str, text: &str, trusted: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir(&library).unwrap();
        let library = fs::canonicalize(library).unwrap();
        let book = library.join("hello.md");
        fs::write(&book, text).unwrap();
        let app = App::open(desk::config(folder.path(), actor)).unwrap();
        let added = app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
        if trusted {
            app.library_trust(IdArgument { id: added.id }).unwrap();
        }
        Self { app, folder, book }
    }

    fn start(&self) -> RunView {
        let path = self.book.display().to_string();
        let revision = self.app.runbook(PathArgument { path: path.clone() }).unwrap().revision;
        let request = StartRun {
            step: None,
            path,
            revision,
            mode: Mode::Hand,
            values: BTreeMap::new(),
            environment: None,
            environment_typed: None,
        };
        self.app.run_start(request).unwrap()
    }

    fn tick(&self, run: &str) {
        let view = self.view(run);
        let action = RunAction::Tick { item: view.hand.unwrap(), note: None };
        self.app.run_do(RunDo { run: run.to_owned(), action }).unwrap();
    }

    fn view(&self, run: &str) -> RunView {
        self.app.run_view(RunArgument { run: run.to_owned() }).unwrap()
    }

    fn hand_over(&self, run: &str, name: &str, to: Option<&str>) -> Result<PathBuf, api::ApiError> {
        let path = self.folder.path().join(name);
        let (run, to) = (run.to_owned(), to.map(str::to_owned));
        self.app.run_hand_over(HandOverRun { run, path: path.display().to_string(), to, note: None }).map(|_| path)
    }

    fn take(&self, file: &Path, here: bool) -> Result<api::wire::TakenRun, api::ApiError> {
        let runbook = here.then(|| self.book.display().to_string());
        self.app.run_take(TakeRun { path: file.display().to_string(), runbook })
    }

    fn resume(&self, run: &str) -> Result<RunView, api::ApiError> {
        let run = run.to_owned();
        self.app.run_resume(ResumeRun { run, mode: None, values: BTreeMap::new(), environment_typed: None })
    }
}

#[test]
fn a_run_goes_from_one_window_to_another_and_back() {
    let (ada, bob) = (Desk::of("ada@tower", BOOK, true), Desk::of("bob@barn", BOOK, true));
    let run = ada.start().run.id;
    ada.tick(&run);
    assert_eq!(ada.hand_over(&run, "copy.run", None).unwrap_err().code, ErrorCode::State, "it is under way");
    let file = ada.hand_over(&run, "run", Some("bob@barn")).unwrap();
    assert_eq!(ada.view(&run).run.state, RunStatus::HandedOver);

    let taken = bob.take(&file, true).unwrap();
    assert_eq!((taken.known, taken.missing, taken.differs), (false, None, false));
    assert_eq!(bob.resume(&run).unwrap().run.state, RunStatus::Waiting);
    bob.tick(&run);
    let began = Instant::now();
    while bob.view(&run).run.state != RunStatus::Passed {
        assert!(began.elapsed() < PATIENCE);
        std::thread::yield_now();
    }
    let actors: Vec<String> = bob.view(&run).timeline.into_iter().map(|entry| entry.actor).collect();
    assert!(actors.contains(&"ada@tower".to_owned()) && actors.contains(&"bob@barn".to_owned()), "{actors:?}");
    let back = bob.hand_over(&run, "back", None).unwrap();
    let taken = ada.take(&back, false).unwrap();
    assert!(taken.known && taken.events > 0, "{taken:?}");
    assert_eq!(ada.view(&run).run.state, RunStatus::Passed);
    assert_eq!(ada.view(&run).run.ended_at, bob.view(&run).run.ended_at);
    let rows = |desk: &Desk| desk.app.runs(RunFilter::default()).unwrap().runs;
    assert_eq!(rows(&ada)[0].ended_at, rows(&bob)[0].ended_at, "it ended when it ended there");
    assert!(ada.app.run_verify(RunArgument { run }).unwrap().holds);
}

#[test]
fn a_window_takes_in_only_what_stands_word_for_word_in_a_trusted_folder() {
    let ada = Desk::of("ada@tower", BOOK, true);
    let run = ada.start().run.id;
    let file = ada.hand_over(&run, "run", Some("bob")).unwrap();
    let other = BOOK.replace("Wave", "Wave twice");
    for (text, trusted, here) in [(BOOK, false, true), (other.as_str(), true, true), (BOOK, true, false)] {
        let bob = Desk::of("bob@barn", text, trusted);
        let refused = bob.take(&file, here).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotTrusted, "{refused}");
        let found = bob.app.run_view(RunArgument { run: run.clone() }).unwrap_err();
        assert_eq!(found.code, ErrorCode::NotFound, "nothing was kept");
    }
}

impl Desk {
    fn look(&self, file: &Path) -> Result<RunFileView, api::ApiError> {
        self.app.run_take_look(TakeRun { path: file.display().to_string(), runbook: None })
    }

    /// Hands over with a note.
    fn leave(&self, run: &str, note: &str) -> PathBuf {
        let path = self.folder.path().join("left.allgood-run");
        let request = HandOverRun {
            run: run.to_owned(),
            path: path.display().to_string(),
            to: Some("bob".to_owned()),
            note: Some(note.to_owned()),
        };
        self.app.run_hand_over(request).unwrap();
        path
    }
}

#[test]
fn a_file_says_what_it_holds_before_anything_of_it_is_taken_in() {
    let ada = Desk::of("ada@tower", BOOK, true);
    let run = ada.start().run.id;
    ada.tick(&run);
    let file = ada.leave(&run, "the second check needs a ladder");
    let handed = ada.app.run_handed_file(RunArgument { run: run.clone() }).unwrap().unwrap();
    assert_eq!(handed, HandedFile { path: file.display().to_string(), there: true });

    let bob = Desk::of("bob@barn", BOOK, true);
    let view = bob.look(&file).unwrap();
    assert_eq!((view.title.as_str(), view.started_by.as_str()), ("Say hello", "ada@tower"));
    assert_eq!((view.to.as_deref(), view.note.as_deref()), (Some("bob"), Some("the second check needs a ladder")));
    assert_eq!((view.state, view.done, view.total), (RunStatus::HandedOver, 1, 2));
    assert_eq!(view.left, ["Steps"]);
    assert_eq!((view.known, view.new_events), (KnownHere::New, view.events));
    assert_eq!(view.place, Some(bob.book.display().to_string()), "the file here says the same, and is trusted");
    assert_eq!(view.refused, None);
    let none = bob.app.run_view(RunArgument { run: run.clone() }).unwrap_err();
    assert_eq!(none.code, ErrorCode::NotFound, "looking keeps nothing");

    // What it says can be done is what happens.
    bob.take(&file, true).unwrap();
    let view = bob.look(&file).unwrap();
    assert_eq!((view.known, view.new_events), (KnownHere::Known, 0));
    assert!(view.refused.unwrap().contains("nothing of the file is new"));
    let view = ada.look(&file).unwrap();
    assert_eq!(view.known, KnownHere::Known);
}

#[test]
fn a_file_whose_run_went_on_in_both_places_is_said_to_part_before_it_is_taken() {
    let (ada, bob) = (Desk::of("ada@tower", BOOK, true), Desk::of("bob@barn", BOOK, true));
    let run = ada.start().run.id;
    let file = ada.hand_over(&run, "run", Some("bob")).unwrap();
    bob.take(&file, true).unwrap();
    for desk in [&ada, &bob] {
        desk.resume(&run).unwrap();
        desk.tick(&run);
    }
    let back = bob.hand_over(&run, "back", Some("ada")).unwrap();
    let view = ada.look(&back).unwrap();
    assert_eq!(view.known, KnownHere::Parted);
    assert!(view.refused.unwrap().contains("went on here and elsewhere"));
    assert!(ada.take(&back, false).is_err(), "and so it is");
}

#[test]
fn a_file_says_where_its_runbook_is_or_how_to_come_by_it() {
    let ada = Desk::of("ada@tower", BOOK, true);
    let run = ada.start().run.id;
    let file = ada.hand_over(&run, "run", Some("bob")).unwrap();
    // There is no such file on the other machine.
    fs::remove_file(&ada.book).unwrap();
    for (text, trusted, says) in [
        (BOOK.to_owned(), false, "in no folder that is trusted"),
        (BOOK.replace("Wave", "Wave twice"), true, "another text"),
        ("# Something else\n".to_owned(), true, "is in no folder here"),
    ] {
        let bob = Desk::of("bob@barn", &text, trusted);
        // Until its folder has been read, the library cannot say.
        let began = Instant::now();
        let view = loop {
            let view = bob.look(&file).unwrap();
            if view.refused.as_ref().is_some_and(|refused| refused.contains(says)) || began.elapsed() > PATIENCE {
                break view;
            }
            std::thread::yield_now();
        };
        assert!(view.refused.as_ref().unwrap().contains(says), "{:?}", view.refused);
        assert_eq!(view.place, None);
        if trusted {
            let to = bob.book.with_file_name("brought.md");
            let request = || SaveRunbook { path: file.display().to_string(), to: to.display().to_string() };
            bob.app.run_take_runbook(request()).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), BOOK);
            assert_eq!(
                bob.app.run_take_runbook(request()).unwrap_err().code,
                ErrorCode::File,
                "nothing is written over"
            );
            let named = TakeRun { path: file.display().to_string(), runbook: Some(to.display().to_string()) };
            assert_eq!(bob.app.run_take_look(named.clone()).unwrap().place, Some(to.display().to_string()));
            bob.app.run_take(named).unwrap();
        }
    }
}

#[test]
fn a_file_that_was_tampered_with_or_is_no_run_is_refused_at_the_first_look() {
    let ada = Desk::of("ada@tower", BOOK, true);
    let run = ada.start().run.id;
    let file = ada.hand_over(&run, "run", Some("bob")).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    let bent = ada.folder.path().join("bent");
    fs::write(&bent, bytes).unwrap();
    let other = ada.folder.path().join("other");
    fs::write(&other, "no zip").unwrap();
    for file in [bent, other] {
        let refused = ada.look(&file).unwrap_err();
        assert_eq!(refused.code, ErrorCode::BadInput);
        assert!(refused.message.contains("is not taken in"), "{refused}");
    }
}
