//! Checks that stand for a run of another runbook: which do, what is refused before anything starts, and how the two runs
//! follow each other.

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
        ItemStatus, LinkedBookView, Mode, OpenLinked, RollbackRun, RunAction, RunFilter, RunStatus, RunSummary,
        RunView, StartRun, Undoing,
    },
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
const PARENT: &str = "---\nparams: {region: {required: true}}\n---\n\n# Failover\n\n## Steps\n\n- [ ] [Restore](db/restore.md)\n\
                      - [ ] Tell them\n";
const CHILD: &str = "---\nparams: {region: {required: true}}\n---\n\n# Restore\n\n## Steps\n\n- [ ] Look\n- [ ] Copy\n\n\
                     ## Rollback\n\n- [ ] Put back\n";

struct House {
    app: Arc<App>,
    library: PathBuf,
    _folder: TempDir,
}

impl House {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        fs::create_dir(&library).unwrap();
        let library = fs::canonicalize(library).unwrap();
        let app = App::open(desk::config(folder.path(), "ada@tower")).unwrap();
        let house = Self { app, library, _folder: folder };
        files.iter().for_each(|(name, text)| house.write(name, text));
        let added = house.app.library_add(PathArgument { path: house.library.display().to_string() }).unwrap();
        house.app.library_trust(IdArgument { id: added.id }).unwrap();
        house
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.library.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn linked(&self, name: &str) -> Vec<Option<LinkedBookView>> {
        let path = self.library.join(name).display().to_string();
        let book = self.app.runbook(PathArgument { path }).unwrap();
        let mut items: Vec<_> = book.items.into_values().filter(|item| item.on_path).collect();
        items.sort_by_key(|item| item.line);
        items.into_iter().map(|item| item.linked).collect()
    }

    fn start(&self, name: &str, mode: Mode) -> Result<RunView, api::ApiError> {
        let path = self.library.join(name).display().to_string();
        let revision = self.app.runbook(PathArgument { path: path.clone() }).unwrap().revision;
        let values = BTreeMap::from([("region".to_owned(), "eu-1".to_owned())]);
        let declares = fs::read_to_string(self.library.join(name)).unwrap().contains("params");
        let values = if declares { values } else { BTreeMap::new() };
        self.app.run_start(StartRun {
            step: None,
            path,
            revision,
            mode,
            values,
            environment: None,
            environment_typed: None,
        })
    }

    fn open(&self, run: &RunView, item: &str) -> Result<RunView, api::ApiError> {
        let (run, item) = (run.run.id.clone(), item.to_owned());
        self.app.run_open_linked(OpenLinked { run, item, values: BTreeMap::new(), environment_typed: None })
    }

    fn act(&self, run: &RunView, action: RunAction) -> Result<(), api::ApiError> {
        self.app.run_do(RunDo { run: run.run.id.clone(), action })
    }

    fn tick(&self, run: &RunView, item: &str) {
        self.act(run, RunAction::Tick { item: item.to_owned(), note: None }).unwrap();
    }

    fn view(&self, run: &RunView) -> RunView {
        self.app.run_view(RunArgument { run: run.run.id.clone() }).unwrap()
    }

    fn until(&self, run: &RunView, what: &str, holds: impl Fn(&RunView) -> bool) -> RunView {
        let began = Instant::now();
        loop {
            let view = self.view(run);
            if holds(&view) {
                return view;
            }
            assert!(began.elapsed() < PATIENCE, "{what} never came: {:?}", view.progress);
            std::thread::yield_now();
        }
    }
}

fn status(view: &RunView, item: &str) -> ItemStatus {
    view.progress.iter().find(|one| one.item == item).map_or(ItemStatus::Pending, |one| one.status)
}

#[test]
fn a_check_stands_for_a_runbook_of_its_library_in_which_there_is_something_to_do() {
    let house = House::new(&[
        ("db/restore.md", CHILD),
        ("notes.md", "# Notes\n\nWords alone.\n"),
        (
            "a.md",
            "# A\n\n## Steps\n\n- [ ] [Restore](db/restore)\n- [ ] [[restore]]\n- [ ] [Look](db/restore.md#look)\n\
             - [ ] [Steps](db/restore.md#rollback)\n- [ ] [Notes](notes.md)\n- [ ] [Gone](gone.md)\n- [ ] [Up](../up.md)\n",
        ),
    ]);
    let file = house.library.join("db/restore.md").display().to_string();
    let whole = Some(LinkedBookView { path: file, title: "Restore".to_owned(), step: None, refused: None });
    let found = house.linked("a.md");
    assert_eq!(found[..2], [whole.clone(), whole]);
    assert_eq!(found[2], None, "an anchor that no heading has is for reading");
    assert_eq!(found[3].as_ref().and_then(|book| book.step.as_deref()), Some("Rollback"));
    assert_eq!(found[4..], [None, None, None]);
}

#[test]
fn a_runbook_that_leads_back_to_itself_is_refused_before_anything_starts() {
    let steps = |links: &str| format!("# X\n\n## Steps\n\n{links}\n- [ ] Wave\n");
    let house = House::new(&[
        ("self.md", &steps("- [ ] [Self](self.md)")),
        ("a.md", &steps("- [ ] [B](b.md)")),
        ("b.md", &steps("- [ ] [A](./deep/../a.md)")),
        ("c.md", &steps("- [ ] [Other](other.md)")),
        ("deep/x.md", "# X\n"),
    ]);
    std::os::unix::fs::symlink(house.library.join("c.md"), house.library.join("other.md")).unwrap();
    for name in ["self.md", "a.md", "c.md"] {
        let refused = house.linked(name)[0].as_ref().and_then(|book| book.refused.clone());
        assert!(refused.is_some_and(|why| why.contains("cannot be a part of itself")), "{name}");
        let error = house.start(name, Mode::Auto).unwrap_err();
        assert_eq!(error.code, ErrorCode::State, "{error}");
        assert!(error.message.contains("Nothing was started"), "{error}");
    }
    assert_eq!(house.app.runs(RunFilter::default()).unwrap().total, 0, "nothing was started");
    let run = house.start("a.md", Mode::Hand).unwrap();
    assert!(house.open(&run, "b").unwrap_err().message.contains("part of itself"));
    house.tick(&run, "b");
}

#[test]
fn runs_within_runs_have_a_bound() {
    let house = House::new(&[]);
    for at in 0..12 {
        house.write(&format!("n{at}.md"), &format!("# N\n\n## Steps\n\n- [ ] [Next](n{}.md)\n", at + 1));
    }
    house.write("n12.md", "# Last\n\n## Steps\n\n- [ ] Wave\n");
    assert!(house.linked("n0.md")[0].as_ref().unwrap().refused.as_ref().unwrap().contains("are the most"));
    assert_eq!(house.linked("n5.md")[0].as_ref().unwrap().refused, None);
}

#[test]
fn a_run_that_passes_ticks_its_check_and_both_say_so() {
    let house = House::new(&[("db/restore.md", CHILD), ("failover.md", PARENT)]);
    let parent = house.start("failover.md", Mode::Hand).unwrap();
    let refused = house.act(&parent, RunAction::Tick { item: "restore".to_owned(), note: None }).unwrap_err();
    assert!(refused.message.contains("say why"), "{refused}");
    let child = house.open(&parent, "restore").unwrap();
    assert_eq!(child.parameters.get("region").map(String::as_str), Some("eu-1"), "same names, same values");
    let part = child.run.parent.clone().unwrap();
    assert_eq!(
        (part.run, part.item.as_str(), part.title.as_deref()),
        (parent.run.id.clone(), "restore", Some("Failover"))
    );
    assert_eq!(house.open(&parent, "restore").unwrap().run.id, child.run.id, "one at a time");
    let view = house.view(&parent);
    assert_eq!((status(&view, "restore"), view.linked[0].id.clone()), (ItemStatus::Waiting, child.run.id.clone()));
    house.tick(&child, "look");
    house.tick(&child, "copy");
    let view = house.until(&parent, "the tick", |view| status(view, "restore") == ItemStatus::Passed);
    let remark = view.progress.iter().find(|one| one.item == "restore").unwrap().remark.clone();
    assert_eq!(remark, Some(format!("passed by run {}", child.run.id)));
    house.tick(&parent, "tell-them");
    house.until(&parent, "the end", |view| view.run.state == RunStatus::Passed);
    for run in [&parent, &child] {
        let verdict = house.app.run_verify(RunArgument { run: run.run.id.clone() }).unwrap();
        assert!(verdict.holds, "{}", verdict.sentence);
    }
    let rows = house.app.runs(RunFilter::default()).unwrap().runs;
    let child_row = rows.iter().find(|row| row.id == child.run.id).unwrap();
    assert_eq!(child_row.parent.as_ref().unwrap().run, parent.run.id);
}

#[test]
fn a_run_that_is_given_up_fails_its_check_which_is_tried_again() {
    let house = House::new(&[("db/restore.md", CHILD), ("failover.md", PARENT)]);
    let parent = house.start("failover.md", Mode::Hand).unwrap();
    let child = house.open(&parent, "restore").unwrap();
    house.act(&child, RunAction::Abandon { reason: Some("no backup".to_owned()) }).unwrap();
    let view = house.until(&parent, "the failure", |view| status(view, "restore") == ItemStatus::Failed);
    let remark = view.progress.iter().find(|one| one.item == "restore").unwrap().remark.clone().unwrap();
    assert!(remark.contains("was given up") && remark.contains("no backup"), "{remark}");
    let second = house.open(&parent, "restore").unwrap();
    assert_ne!(second.run.id, child.run.id);
    house.act(&parent, RunAction::StopRun { reason: None }).unwrap();
    assert_eq!(house.view(&second).run.state, RunStatus::Paused, "what is put aside puts aside what is a part of it");
}

#[test]
fn a_rollback_waits_for_the_run_of_a_check_to_be_rolled_back() {
    let house = House::new(&[("db/restore.md", CHILD), ("failover.md", PARENT)]);
    let parent = house.start("failover.md", Mode::Hand).unwrap();
    let child = house.open(&parent, "restore").unwrap();
    house.tick(&child, "look");
    house.tick(&child, "copy");
    let view = house.until(&parent, "the tick", |view| status(view, "restore") == ItemStatus::Passed);
    let entry = &view.rollback.entries[0];
    assert_eq!((entry.how, entry.run.as_ref()), (Undoing::Run, Some(&child.run.id)));
    house.act(&parent, RunAction::Rollback { leave_out: Vec::new(), took_effect: None }).unwrap();
    let back =
        RollbackRun { run: child.run.id.clone(), leave_out: Vec::new(), took_effect: None, environment_typed: None };
    let child = house.app.run_rollback(back).unwrap();
    assert_eq!(child.run.ended_at, None, "it has ended once, and goes on");
    house.tick(&child, "put-back");
    house.until(&parent, "the end", |view| view.run.state == RunStatus::RolledBack);
    assert_eq!(status(&house.view(&parent), "restore"), ItemStatus::Undone);
}

#[test]
fn what_is_missing_is_asked_for_and_nothing_has_happened() {
    let house = House::new(&[("restore.md", CHILD), ("a.md", "# A\n\n## Steps\n\n- [ ] [Restore](restore.md)\n")]);
    let parent = house.start("a.md", Mode::Hand).unwrap();
    let error = house.open(&parent, "restore").unwrap_err();
    assert_eq!((error.code, error.needs.unwrap().variables), (ErrorCode::NeedsValues, vec!["region".to_owned()]));
    assert_eq!(house.app.runs(RunFilter::default()).unwrap().total, 1);
    assert!(Path::new(&parent.run.runbook).is_absolute());
}

struct Page(std::sync::mpsc::Sender<api::wire::RunUpdate>);

impl api::WatchSink for Page {
    fn update(&self, update: &api::wire::RunUpdate) {
        drop(self.0.send(update.clone()));
    }
    fn bytes(&self, _: Vec<u8>) {}
}

#[test]
fn whoever_watches_a_run_is_told_how_the_run_of_its_check_stands() {
    let house = House::new(&[("db/restore.md", CHILD), ("failover.md", PARENT)]);
    let parent = house.start("failover.md", Mode::Hand).unwrap();
    let (page, told) = std::sync::mpsc::channel();
    let watch = WatchRun { run: parent.run.id.clone(), after: parent.seq };
    house.app.run_watch(watch, Box::new(Page(page))).unwrap();
    let stands = |what: &str, holds: &dyn Fn(&RunSummary) -> bool| {
        let began = Instant::now();
        loop {
            let update = told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what} was never told"));
            if update.linked.iter().any(holds) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{what} was never told");
        }
    };
    let child = house.open(&parent, "restore").unwrap();
    stands("that it was opened", &|run| run.id == child.run.id && run.done == 0);
    house.tick(&child, "look");
    stands("its first tick", &|run| run.done == 1 && run.state == RunStatus::Waiting);
    house.tick(&child, "copy");
    stands("that it has passed", &|run| run.done == 2 && run.state == RunStatus::Passed);
}

#[test]
fn a_value_that_does_not_fit_in_the_linked_runbook_is_asked_for_there_anew() {
    let asks = "required: true, choices: [eu-2, us-1]}, table: {required: true";
    let child = CHILD.replace("required: true", asks);
    let house = House::new(&[("db/restore.md", &child), ("failover.md", PARENT)]);
    let parent = house.start("failover.md", Mode::Hand).unwrap();
    let error = house.open(&parent, "restore").unwrap_err();
    assert!(error.message.contains("Restore") && error.message.contains("eu-2"), "{error}");
    let asked = error.needs.unwrap().variables;
    assert_eq!((error.code, asked), (ErrorCode::NeedsValues, vec!["region".to_owned(), "table".to_owned()]));
    let open = |value: &str| {
        house.app.run_open_linked(OpenLinked {
            run: parent.run.id.clone(),
            item: "restore".to_owned(),
            values: BTreeMap::from([("region".to_owned(), value.to_owned()), ("table".to_owned(), "t".to_owned())]),
            environment_typed: None,
        })
    };
    assert_eq!(open("mars").unwrap_err().code, ErrorCode::BadInput, "what is given there has to fit");
    assert_eq!(open("us-1").unwrap().parameters["region"], "us-1");
    assert_eq!(parent.parameters["region"], "eu-1", "the run that it is a part of keeps its own");
}
