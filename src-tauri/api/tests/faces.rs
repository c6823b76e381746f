//! What both faces rely on: the library and its trust, runs as they are driven, watched and read again, links,
//! settings and exports. Everything is real but what opens links.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use api::{
    App, Config, ErrorCode, WatchSink,
    commands::*,
    wire::{
        ItemStatus, ListQuery, ListSort, Marking, Mode, Phase, ReportFormat, ResumeRun, RollbackRun, RunAction,
        RunFilter, RunStatus, RunUpdate, RunView, Settings, StartRun, Undoing, WriteReport,
    },
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

const CHECKS: &str = "---\ntitle: Say hello\nkind: routine\nowner: the team\ntags: [greeting, example]\nlinks:\n  - {title: Board, url: https://example.org/board}\n---\n\n# Say hello\n\n## Steps\n\n- [ ] Look up\n- [ ] Wave, see [the guide](https://example.org/guide)\n\n## Rollback\n\n- [ ] Look down\n";

#[derive(Clone, Default)]
struct Opened(Arc<Mutex<Vec<String>>>);

impl access::Opener for Opened {
    fn open(&self, address: &str) -> io::Result<()> {
        self.0.lock().unwrap().push(address.to_owned());
        Ok(())
    }
}

struct House {
    app: Arc<App>,
    opened: Opened,
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let opened = Opened::default();
        Self { app: open(folder.path(), opened.clone()), opened, folder }
    }

    /// A library folder with one runbook.
    fn library(&self) -> PathBuf {
        let library = self.folder.path().join("library");
        fs::create_dir_all(library.join("deep")).unwrap();
        fs::write(library.join("deep/hello.md"), CHECKS).unwrap();
        fs::canonicalize(library).unwrap()
    }

    fn add(&self, trusted: bool) -> PathBuf {
        let library = self.library();
        let added = self.app.library_add(path(&library)).unwrap();
        assert!(!added.trusted, "a folder is not trusted by being added");
        if trusted {
            assert!(self.app.library_trust(IdArgument { id: added.id }).unwrap().trusted);
        }
        library.join("deep/hello.md")
    }

    fn start(&self, file: &Path, mode: Mode) -> Result<RunView, api::ApiError> {
        let revision = self.app.runbook(path(file)).unwrap().revision;
        let path = file.display().to_string();
        self.app.run_start(StartRun {
            step: None,
            path,
            revision,
            mode,
            values: BTreeMap::new(),
            environment: None,
            environment_typed: None,
        })
    }

    fn act(&self, run: &RunView, action: RunAction) -> Result<(), api::ApiError> {
        self.app.run_do(RunDo { run: run.run.id.clone(), action })
    }

    fn view(&self, run: &RunView) -> RunView {
        self.app.run_view(RunArgument { run: run.run.id.clone() }).unwrap()
    }
}

fn open(folder: &Path, opened: Opened) -> Arc<App> {
    App::open(Config { opener: Box::new(opened), ..desk::config(folder, "ada@tower") }).unwrap()
}

fn path(path: &Path) -> PathArgument {
    PathArgument { path: path.display().to_string() }
}

fn checks(view: &RunView) -> Vec<String> {
    let steps = view.runbook.sections.iter().filter(|section| section.phase == Phase::Steps);
    steps.flat_map(|section| section.steps.iter().flat_map(|step| step.items.clone())).collect()
}

#[test]
fn a_folder_is_read_when_it_is_added_and_followed_when_it_changes() {
    let house = House::new();
    let file = house.add(false);
    let rows = house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.title.as_str(), row.relative.as_str(), row.trusted), ("Say hello", "deep/hello.md", false));
    assert_eq!((row.owner.as_deref(), row.tags.len(), row.kind.as_deref()), (Some("the team"), 2, Some("routine")));

    fs::write(file.with_file_name("second.markdown"), "# Another one\n\nA zebra.\n").unwrap();
    fs::create_dir(file.with_file_name(".hidden")).unwrap();
    fs::write(file.with_file_name(".hidden").join("no.md"), "# Hidden\n").unwrap();
    fs::remove_file(&file).unwrap();
    house.app.library_rescan(Nothing {}).unwrap();
    let titles: Vec<String> = house
        .app
        .library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() })
        .unwrap()
        .rows
        .into_iter()
        .map(|row| row.title)
        .collect();
    assert_eq!(titles, ["Another one"]);
    let found = house.app.library_list(ListQuery { words: "zeb".to_owned(), ..ListQuery::default() }).unwrap().rows;
    assert!(found[0].snippet.as_ref().unwrap().contains("\u{2}zebra\u{3}"), "{found:?}");
    assert!(
        house
            .app
            .library_list(ListQuery { words: "hello".to_owned(), ..ListQuery::default() })
            .unwrap()
            .rows
            .is_empty()
    );
}

#[test]
fn a_folder_that_vanished_says_so_and_keeps_its_rows() {
    let house = House::new();
    let file = house.add(false);
    fs::rename(file.ancestors().nth(2).unwrap(), house.folder.path().join("moved")).unwrap();
    let folders = house.app.library_rescan(Nothing {}).unwrap();
    assert!(folders[0].problem.as_ref().unwrap().contains("There is no"), "{folders:?}");
    assert_eq!(folders[0].runbooks, 1);
}

#[test]
fn what_is_no_library_is_refused_with_a_sentence() {
    let house = House::new();
    let file = house.library().join("deep/hello.md");
    for (argument, code, says) in [
        (file.clone(), ErrorCode::BadInput, "is a file"),
        (house.folder.path().join("nowhere"), ErrorCode::NotFound, "There is no"),
    ] {
        let error = house.app.library_add(path(&argument)).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(says), "{}", error.message);
    }
    let binary = house.folder.path().join("binary.md");
    fs::write(&binary, b"a\0b").unwrap();
    assert!(house.app.runbook(path(&binary)).unwrap_err().message.contains("binary"));
    assert!(house.app.runbook(path(house.folder.path())).unwrap_err().message.contains("is a folder"));
}

#[test]
fn nothing_of_a_folder_runs_before_it_is_trusted_but_it_can_be_read_and_rehearsed() {
    let house = House::new();
    let file = house.add(false);
    assert_eq!(house.start(&file, Mode::Hand).unwrap_err().code, ErrorCode::NotTrusted);
    assert_eq!(house.start(&file, Mode::Auto).unwrap_err().code, ErrorCode::NotTrusted);
    assert!(house.start(&file, Mode::Rehearse).is_ok());
    let outside = house.folder.path().join("outside.md");
    fs::write(&outside, CHECKS).unwrap();
    assert_eq!(house.start(&outside, Mode::Hand).unwrap_err().code, ErrorCode::NotTrusted);
}

#[test]
fn only_the_revision_that_was_on_screen_is_run() {
    let house = House::new();
    let file = house.add(true);
    let shown = house.app.runbook(path(&file)).unwrap();
    fs::write(&file, CHECKS.replace("Wave", "Wave twice")).unwrap();
    let request = StartRun {
        step: None,
        path: shown.path,
        revision: shown.revision,
        mode: Mode::Hand,
        values: BTreeMap::new(),
        environment: None,
        environment_typed: None,
    };
    assert_eq!(house.app.run_start(request).unwrap_err().code, ErrorCode::Stale);
    assert_eq!(house.app.runs(RunFilter::default()).unwrap().total, 0, "a refused start leaves no run");
}

#[test]
fn a_run_is_driven_watched_and_reads_the_same_when_it_is_over() {
    struct Page(mpsc::Sender<RunUpdate>);
    impl WatchSink for Page {
        fn update(&self, update: &RunUpdate) {
            drop(self.0.send(update.clone()));
        }
        fn bytes(&self, _: Vec<u8>) {}
    }

    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    assert_eq!((run.run.total, run.run.done, run.run.live), (2, 0, true));
    let (sender, updates) = mpsc::channel();
    let watch = WatchRun { run: run.run.id.clone(), after: run.seq };
    let watch = house.app.run_watch(watch, Box::new(Page(sender))).unwrap();

    let items = checks(&run);
    assert_eq!(run.hand.as_ref(), items.first());
    house.act(&run, RunAction::Tick { item: items[0].clone(), note: Some("blue".to_owned()) }).unwrap();
    house.act(&run, RunAction::Note { item: None, text: "wind from the west".to_owned() }).unwrap();
    let error = house.act(&run, RunAction::Skip { item: items[1].clone(), reason: "  ".to_owned() }).unwrap_err();
    assert!(error.message.contains("say why"), "{}", error.message);
    house.act(&run, RunAction::Skip { item: items[1].clone(), reason: "hands full".to_owned() }).unwrap();

    let mut told = Vec::new();
    let mut timeline = Vec::new();
    loop {
        let update = updates.recv_timeout(PATIENCE).unwrap();
        timeline.extend(update.timeline.into_iter().map(|entry| entry.kind));
        told.extend(update.progress.into_iter().map(|item| (item.item, item.status)));
        if update.run.state == RunStatus::Passed {
            break;
        }
    }
    assert!(told.contains(&(items[0].clone(), ItemStatus::Passed)), "{told:?}");
    assert!(told.contains(&(items[1].clone(), ItemStatus::Skipped)), "{told:?}");
    for kind in ["check_ticked", "note", "skipped", "run_finished"] {
        assert!(timeline.iter().any(|found| found == kind), "{kind} in {timeline:?}");
    }
    house.app.run_unwatch(WatchArgument { watch }).unwrap();

    let live = house.view(&run);
    let again = open(house.folder.path(), Opened::default());
    let stored = again.run_view(RunArgument { run: run.run.id[..20].to_owned() }).unwrap();
    let comparable = |view: &RunView| {
        let mut value = serde_json::to_value(view).unwrap();
        value["run"]["live"] = false.into();
        value
    };
    assert_eq!(comparable(&stored), comparable(&live), "the fold of the journal is the state that was shown");
    assert_eq!(stored.run.actor, "ada@tower");
    assert!(again.run_verify(RunArgument { run: run.run.id.clone() }).unwrap().holds);
    let listed = again.runs(RunFilter { words: Some("HELLO".to_owned()), ..RunFilter::default() }).unwrap();
    assert_eq!((listed.total, listed.runs[0].done, listed.runs[0].state), (1, 2, RunStatus::Passed));
    let row = again.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows.remove(0);
    assert_eq!(row.last_runs[0].state, RunStatus::Passed);
}

#[test]
fn a_run_that_is_over_or_unknown_takes_nothing_more() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    house.act(&run, RunAction::Abandon { reason: Some("wrong one".to_owned()) }).unwrap();
    let tick = RunAction::Tick { item: checks(&run)[0].clone(), note: None };
    assert_eq!(house.act(&run, tick.clone()).unwrap_err().code, ErrorCode::State);
    let unknown = RunDo { run: "ffffffff".to_owned(), action: tick };
    assert_eq!(house.app.run_do(unknown).unwrap_err().code, ErrorCode::NotFound);
}

#[test]
fn closing_puts_a_run_aside_and_nothing_is_interrupted() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    house.app.close();
    let again = open(house.folder.path(), Opened::default());
    let found = again.run_view(RunArgument { run: run.run.id.clone() }).unwrap();
    assert_eq!(found.run.state, RunStatus::Paused);
    assert_eq!(again.app_state(Nothing {}).unwrap().open_runs.len(), 1);
}

#[test]
fn a_link_is_opened_by_its_scheme_and_recorded_in_its_run() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    let link = |url: &str| LinkArgument { run: Some(run.run.id.clone()), item: None, url: url.to_owned() };
    house.app.link_open(link("https://example.org/guide")).unwrap();
    assert_eq!(house.app.link_open(link("javascript:alert(1)")).unwrap_err().code, ErrorCode::Scheme);
    assert_eq!(house.app.link_open(link("ssh://tower")).unwrap_err().code, ErrorCode::Scheme);
    let settings = Settings { link_schemes: vec!["ssh".to_owned()], ..Settings::default() };
    house.app.settings_write(settings).unwrap();
    house.app.link_open(link("ssh://tower")).unwrap();
    assert_eq!(*house.opened.0.lock().unwrap(), ["https://example.org/guide", "ssh://tower"]);
    let opened = house.view(&run).timeline.into_iter().filter(|entry| entry.kind == "link_opened");
    assert_eq!(
        opened.filter_map(|entry| entry.text).collect::<Vec<_>>(),
        ["https://example.org/guide", "ssh://tower"],
        "what was refused is not recorded as opened"
    );
    let shown: Vec<(String, bool)> = run.runbook.links.iter().map(|link| (link.text.clone(), link.opens)).collect();
    assert_eq!(shown, [("Board".to_owned(), true), ("the guide".to_owned(), true)]);
}

#[test]
fn a_journal_is_exported_to_a_new_file_only() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    let out = house.folder.path().join("journal.jsonl");
    let export = ExportArgument { run: run.run.id.clone(), path: out.display().to_string() };
    house.app.run_export(export.clone()).unwrap();
    let text = fs::read_to_string(&out).unwrap();
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((first["kind"].as_str(), first["seq"].as_u64()), (Some("run_started"), Some(1)));
    assert_eq!(house.app.run_export(export).unwrap_err().code, ErrorCode::File);
    assert_eq!(fs::read_to_string(&out).unwrap(), text);
}

#[test]
fn the_examples_are_offered_until_they_are_there_and_edits_to_them_stay() {
    let house = House::new();
    let state = house.app.app_state(Nothing {}).unwrap();
    assert!(state.first_start && state.examples_offered);
    let folder = house.app.examples_add(Nothing {}).unwrap();
    assert!(folder.trusted && folder.runbooks == 4, "{folder:?}");
    let state = house.app.app_state(Nothing {}).unwrap();
    assert!(!state.first_start && !state.examples_offered && state.runbooks == 4);
    let file = Path::new(&folder.path).join("backup-sqlite.md");
    fs::write(&file, "# Mine\n").unwrap();
    house.app.examples_add(Nothing {}).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "# Mine\n");
}

const LIBRARY_FILE: &str = "[environments.prod]\nkind = \"production\"\nguard = true\nvars = { CLUSTER = \"prd-1\" }\n\n\
    [environments.stg]\nkind = \"staging\"\nvars = { CLUSTER = \"stg-1\" }\n\n[environments.odd]\ngaurd = true\n";

const MESSAGE: &str =
    "# Tell them\n\n## Steps\n\n```message {name=tell to=team}\nMoving {{CLUSTER}} for {{WHO}}.\n```\n";

impl House {
    /// A trusted library with a library file in its root and one deeper, and a message in its folder `deep`.
    fn with_environments(&self) -> PathBuf {
        let hello = self.add(true);
        let (deep, root) = (hello.parent().unwrap(), hello.parent().and_then(Path::parent).unwrap());
        fs::write(root.join("allgood.toml"), LIBRARY_FILE).unwrap();
        fs::write(deep.join("tell.md"), MESSAGE).unwrap();
        fs::write(self.folder.path().join("allgood.toml"), "[environments.outside]\n").unwrap();
        deep.join("tell.md")
    }

    fn start_in(&self, file: &Path, environment: &str, typed: Option<&str>) -> Result<RunView, api::ApiError> {
        let revision = self.app.runbook(path(file)).unwrap().revision;
        self.app.run_start(StartRun {
            step: None,
            path: file.display().to_string(),
            revision,
            mode: Mode::Hand,
            values: BTreeMap::from([("WHO".to_owned(), "us".to_owned())]),
            environment: Some(environment.to_owned()),
            environment_typed: typed.map(str::to_owned),
        })
    }
}

#[test]
fn the_nearest_library_file_within_the_library_names_the_environments() {
    let house = House::new();
    let file = house.with_environments();
    let names = || -> Vec<String> {
        let shown = house.app.runbook(path(&file)).unwrap().environments;
        shown.into_iter().map(|environment| environment.name).collect()
    };
    assert_eq!(names(), ["prod", "stg", "odd"]);
    fs::write(file.with_file_name("allgood.toml"), "[environments.near]\n").unwrap();
    assert_eq!(names(), ["near"]);
    fs::remove_file(file.with_file_name("allgood.toml")).unwrap();
    fs::remove_file(file.parent().and_then(Path::parent).unwrap().join("allgood.toml")).unwrap();
    assert_eq!(names(), Vec::<String>::new(), "one above the library is none of its own");
}

#[test]
fn a_run_in_an_environment_shows_it_and_keeps_its_name_and_one_that_cannot_be_read_is_refused() {
    let house = House::new();
    let file = house.with_environments();
    let run = house.start_in(&file, "prod", Some("prod")).unwrap();
    let shown = run.environment.clone().unwrap();
    assert_eq!((shown.name.as_str(), shown.kind.as_deref(), shown.guard), ("prod", Some("production"), true));
    assert!(run.environment_confirmed);
    assert_eq!(house.view(&run).environment.unwrap().name, "prod");
    for (name, typed, code) in [
        ("prod", Some("Prod"), ErrorCode::BadInput),
        ("none", None, ErrorCode::BadInput),
        ("odd", None, ErrorCode::Guard),
    ] {
        let refused = house.start_in(&file, name, typed).unwrap_err();
        assert_eq!(refused.code, code, "{name}: {refused}");
    }
    let file_of = file.parent().and_then(Path::parent).unwrap().join("allgood.toml");
    fs::write(file_of, "[environments.prod\n").unwrap();
    assert_eq!(house.start_in(&file, "prod", None).unwrap_err().code, ErrorCode::Guard);
}

#[test]
fn a_message_is_filled_in_and_the_record_has_the_text_that_was_sent() {
    let house = House::new();
    let file = house.with_environments();
    let run = house.start_in(&file, "stg", None).unwrap();
    assert_eq!(run.messages["tell"], "Moving stg-1 for us.");
    let text = "Moving stg-1 now, it is late.".to_owned();
    house.act(&run, RunAction::MessageSent { item: "tell".to_owned(), text: text.clone() }).unwrap();
    let sent = house.view(&run).timeline.into_iter().find(|entry| entry.kind == "message_sent").unwrap();
    assert_eq!(sent.text, Some(text));
}

/// Waits until a run is in a state: what happens by itself follows the answer to what was asked.
fn until(house: &House, run: &RunView, state: RunStatus) {
    let began = std::time::Instant::now();
    while house.view(run).run.state != state {
        assert!(began.elapsed() < PATIENCE, "the run is {:?}", house.view(run).run.state);
        std::thread::yield_now();
    }
}

/// Resumes a run, as the window does.
fn resume(app: &Arc<App>, run: &RunView) -> Result<RunView, api::ApiError> {
    app.run_resume(ResumeRun {
        run: run.run.id.clone(),
        mode: None,
        values: BTreeMap::new(),
        environment_typed: None,
    })
}

#[test]
fn a_run_is_driven_by_one_process_alone_and_one_that_has_passed_is_not_resumed() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    let driven = resume(&house.app, &run).unwrap_err();
    assert!(driven.message.contains("driven here"), "{}", driven.message);
    let other = open(house.folder.path(), Opened::default());
    let elsewhere = resume(&other, &run).unwrap_err();
    assert!(elsewhere.message.contains("another process"), "{}", elsewhere.message);
    for item in checks(&run) {
        house.act(&run, RunAction::Tick { item, note: None }).unwrap();
    }
    until(&house, &run, RunStatus::Passed);
    assert!(resume(&other, &run).unwrap_err().message.contains("has passed"));
}

#[test]
fn a_run_that_has_passed_is_rolled_back_and_shows_its_plan_before() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    for item in checks(&run) {
        house.act(&run, RunAction::Tick { item, note: None }).unwrap();
    }
    until(&house, &run, RunStatus::Passed);
    let shown = house.view(&run).rollback;
    let [entry] = shown.entries.as_slice() else { panic!("{shown:?}") };
    assert_eq!((entry.text.as_str(), entry.how, shown.at), ("Look down", Undoing::Phase, None));
    let request =
        RollbackRun { run: run.run.id.clone(), leave_out: Vec::new(), took_effect: None, environment_typed: None };
    let back = house.app.run_rollback(request).unwrap();
    assert!(back.rollback.at.is_some());
    let item = back.hand.clone().unwrap();
    assert_eq!(item, entry.item);
    house.act(&run, RunAction::Tick { item, note: None }).unwrap();
    until(&house, &run, RunStatus::RolledBack);
    assert!(house.app.run_verify(RunArgument { run: run.run.id.clone() }).unwrap().holds);
}

#[test]
fn what_was_kept_in_memory_alone_is_named_where_nobody_knows_it_any_more() {
    let house = House::new();
    let file = house.add(true);
    fs::write(&file, "---\nparams:\n  TOKEN: {secret: true}\n  HOST: web\n---\n\n- [ ] Look up\n").unwrap();
    let values = [("TOKEN", "hunter2"), ("HOST", "web1")];
    let run = house
        .app
        .run_start(StartRun {
            step: None,
            path: file.display().to_string(),
            revision: house.app.runbook(path(&file)).unwrap().revision,
            mode: Mode::Hand,
            values: values.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            environment: None,
            environment_typed: None,
        })
        .unwrap();
    assert!(run.lost.is_empty(), "who drives it knows it");
    let other = open(house.folder.path(), Opened::default());
    let seen = other.run_view(RunArgument { run: run.run.id }).unwrap();
    assert_eq!(seen.lost, ["TOKEN"]);
}

#[test]
fn the_timeline_says_what_was_planned_to_be_undone_and_what_was_marked() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    let mark = Marking { what: "severity".to_owned(), value: Some("SEV 2".to_owned()), ..Marking::default() };
    house.act(&run, RunAction::Mark(mark)).unwrap();
    house.act(&run, RunAction::Rollback { leave_out: Vec::new(), took_effect: None }).unwrap();
    let timeline = house.view(&run).timeline;
    let said = |kind: &str| timeline.iter().find(|entry| entry.kind == kind).and_then(|entry| entry.text.clone());
    assert_eq!(said("marked").as_deref(), Some("severity: SEV 2"));
    assert_eq!(said("rollback_started").as_deref(), Some("look-down"));
    assert_eq!(said("plan_chosen").as_deref(), Some("look-down"));
}

#[test]
fn the_record_of_a_run_is_read_and_reported_while_it_goes_on_and_written_over_nothing() {
    let house = House::new();
    let file = house.add(true);
    let run = house.start(&file, Mode::Hand).unwrap();
    let items = checks(&run);
    house.act(&run, RunAction::Tick { item: items[0].clone(), note: Some("all clear".to_owned()) }).unwrap();
    house.act(&run, RunAction::Note { item: None, text: "the sun is up".to_owned() }).unwrap();
    let id = || RunArgument { run: run.run.id.clone() };
    let record = house.app.run_record(id()).unwrap();
    assert_eq!((record.state, record.heading.as_str()), (RunStatus::Waiting, "Not finished"));
    assert!(record.partial.unwrap().contains("partial"));
    assert!(
        !record.sentence.contains("does not hold"),
        "whether it holds is asked for beside it: {}",
        record.sentence
    );
    let found: Vec<_> = record.phases.iter().flat_map(|phase| &phase.steps).flat_map(|step| &step.items).collect();
    assert_eq!((found[0].state, found[0].result.as_str()), (ItemStatus::Passed, "all clear"));
    assert_eq!(found[0].who, ["ada@tower"]);
    let notes: Vec<_> = record.timeline.iter().filter_map(|moment| moment.detail.as_deref()).collect();
    assert_eq!(notes, ["the sun is up"]);
    assert_eq!(record.left.len(), 1, "{:?}", record.left);
    let checked = house.app.run_verify(id()).unwrap();
    assert!(checked.holds && checked.last_hash.is_some());
    assert!(record.timeline.iter().any(|moment| !moment.notable), "all of it is told");

    let path = house.folder.path().join("report.html").display().to_string();
    let ask = |format, path: Option<&String>| {
        house.app.run_report(WriteReport { run: run.run.id.clone(), format, path: path.cloned() })
    };
    let written = ask(ReportFormat::Html, Some(&path)).unwrap();
    assert!(written.text.is_none() && written.name.ends_with(".html"), "{written:?}");
    assert!(fs::read_to_string(&path).unwrap().contains("the sun is up"));
    let refused = ask(ReportFormat::Md, Some(&path)).unwrap_err();
    assert_eq!(refused.code, ErrorCode::File);
    assert!(refused.message.contains("is there already"), "{}", refused.message);
    for format in [ReportFormat::Md, ReportFormat::Jsonl, ReportFormat::Junit] {
        let text = ask(format, None).unwrap().text.unwrap();
        assert!(text.contains("all clear"), "{text}");
    }
    house.app.close();
}
