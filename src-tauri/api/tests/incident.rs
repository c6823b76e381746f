//! An incident is marked and told about: in a run that this process drives, in one that nobody drives, not in one that
//! another process does.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use api::{
    App, ErrorCode, LiveRun, OnFailure, RunFile,
    commands::*,
    wire::{
        IncidentView, MarkRun, Marking, Mode, RunAction, RunStatus, RunView, SendUpdate, Settings, UpdateMinutes,
    },
};
use tempfile::TempDir;

const BOOK: &str = "---\nkind: incident\nseverity: SEV2\nparams: {HOST: db1}\nresponders:\n  - {role: incident lead, who: on call, contact: pager}\n\
    ---\n# Disk\n\n```message {name=tell to=engineers}\nWe look at {{HOST}}.\n```\n\n## Steps\n\n- [ ] Look\n- [ ] Look again\n";

fn open(folder: &Path) -> Arc<App> {
    App::open(desk::config(folder, "mk@box")).unwrap()
}

struct Desk {
    app: Arc<App>,
    folder: TempDir,
    book: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let book = folder.path().join("disk.md");
        fs::write(&book, BOOK).unwrap();
        Self { app: open(folder.path()), folder, book }
    }

    fn start(&self) -> LiveRun {
        let request = RunFile {
            path: self.book.clone(),
            mode: Mode::Hand,
            attended: true,
            yes: false,
            probes: false,
            step: None,
            values: BTreeMap::new(),
            size: None,
            environment: None,
            environment_typed: None,
            on_failure: OnFailure::Stop,
        };
        self.app.run_file(request, None).unwrap()
    }

    fn mark(&self, run: &str, mark: Marking) -> Result<RunView, api::ApiError> {
        self.app.run_mark(MarkRun { run: run.to_owned(), mark })
    }
}

fn what(what: &str) -> Marking {
    Marking { what: what.to_owned(), ..Marking::default() }
}

fn frame(view: &RunView) -> &IncidentView {
    view.incident.as_ref().unwrap()
}

fn update(run: &str, item: Option<&str>, text: &str) -> SendUpdate {
    SendUpdate { run: run.to_owned(), item: item.map(str::to_owned), text: text.to_owned() }
}

#[test]
fn a_run_under_way_shows_its_frame_and_what_is_marked_in_it() {
    let desk = Desk::new();
    let live = desk.start();
    let id = live.id().to_owned();
    let view = live.view();
    let shown = frame(&view);
    assert_eq!(shown.severity.as_ref().unwrap().value, "SEV2");
    assert_eq!(shown.severities, ["SEV1", "SEV2", "SEV3", "SEV4"]);
    assert_eq!(shown.responders[0].written.as_deref(), Some("on call"));
    let [template] = shown.updates.templates.as_slice() else { panic!("{shown:?}") };
    assert_eq!((template.item.as_str(), template.to.as_deref(), template.sent), ("tell", Some("engineers"), 0));
    assert_eq!(view.messages["tell"], "We look at db1.");

    let raised = Marking { value: Some("SEV1".into()), reason: Some("it grows".into()), ..what("severity") };
    let view = desk.mark(&id, raised).unwrap();
    let severity = frame(&view).severity.clone().unwrap();
    assert_eq!((severity.value.as_str(), severity.moved.as_deref()), ("SEV1", Some("raised")));
    let view = desk.mark(&id, Marking { when: Some("90m".into()), ..what("detected") }).unwrap();
    assert!(frame(&view).moments[0].when < view.run.started_at, "{view:?}");
    let leads = Marking { value: Some("MK".into()), role: Some("incident lead".into()), ..what("responder") };
    live.act(RunAction::Mark(leads)).unwrap();
    assert_eq!(frame(&live.view()).responders[0].who.as_deref(), Some("MK"));
    let said = live.view().timeline.into_iter().filter(|entry| entry.mark.is_some()).count();
    assert_eq!(said, 3);
    let error = desk.mark(&id, Marking { when: Some("2199-01-01 00:00".into()), ..what("verified") }).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadInput);
    assert!(error.message.contains("lies in the future"), "{}", error.message);
}

#[test]
fn the_next_update_is_due_as_the_settings_say_until_one_was_sent() {
    let desk = Desk::new();
    let live = desk.start();
    let id = live.id().to_owned();
    let due = |every: i64| {
        let since = live.view().incident.unwrap().updates.last_at.unwrap_or(live.view().run.started_at);
        let at = since.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_mins(every);
        Some(format!("{at:.3}"))
    };
    let shown = || frame(&live.view()).updates.clone();
    assert_eq!(shown().due, due(30));
    let [waits] = <[_; 1]>::try_from(desk.app.updates_due()).unwrap();
    assert_eq!((&waits.run, &waits.title[..], waits.severity.as_deref()), (&id, "Disk", Some("SEV2")));
    assert_eq!(Some(waits.due), due(30));

    let chosen = UpdateMinutes { sev2: 20, ..UpdateMinutes::default() };
    let settings = Settings { update_minutes: chosen, ..Settings::default() };
    assert_eq!(desk.app.settings_write(settings).unwrap().update_minutes, chosen);
    assert_eq!(shown().due, due(20), "a run under way is reminded as it was chosen now");

    let view = desk.app.run_update(update(&id, Some("tell"), "We look at db1, and mend it.")).unwrap();
    let sent = frame(&view).updates.clone();
    assert_eq!((sent.sent, sent.templates[0].sent, sent.due), (1, 1, due(20)));
    let last = view.timeline.last().unwrap();
    assert_eq!((last.kind.as_str(), last.text.as_deref()), ("message_sent", Some("We look at db1, and mend it.")));

    live.act(RunAction::Pause).unwrap();
    assert_eq!(live.wait().state, RunStatus::Paused);
    assert_eq!(shown().due, None, "what is put aside reminds nobody");
    assert!(desk.app.updates_due().is_empty());
    assert_eq!(frame(&desk.app.run_update(update(&id, Some("tell"), "Still at it")).unwrap()).updates.sent, 2);
    assert_eq!(live.view().run.state, RunStatus::Paused, "telling about it does not go on with it");
    assert!(desk.app.run_update(update(&id, None, " ")).unwrap_err().message.contains("empty"));
}

#[test]
fn minutes_that_are_none_are_refused_and_those_of_the_file_are_named() {
    let desk = Desk::new();
    let too_many = UpdateMinutes { sev1: 2000, ..UpdateMinutes::default() };
    let error = desk.app.settings_write(Settings { update_minutes: too_many, ..Settings::default() }).unwrap_err();
    assert!(error.message.starts_with("2000 minutes between two updates are too many"), "{}", error.message);
    let file = desk.folder.path().join("config/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "[incident.update_minutes]\nsev1 = 10 # ours\nsev3 = \"often\"\n").unwrap();
    let error = desk.app.settings_read(Nothing {}).unwrap_err();
    assert!(error.message.contains("incident.update_minutes.sev3 is \"often\""), "{}", error.message);
    fs::write(&file, "[incident.update_minutes]\nsev1 = 10 # ours\n").unwrap();
    let settings = desk.app.settings_read(Nothing {}).unwrap();
    assert_eq!(settings.update_minutes, UpdateMinutes { sev1: 10, ..UpdateMinutes::default() });
    desk.app.settings_write(Settings { update_minutes: UpdateMinutes::default(), ..settings }).unwrap();
    assert!(!fs::read_to_string(&file).unwrap().contains("sev1"), "what holds without a choice is not written");
}

#[test]
fn a_run_that_nobody_drives_is_marked_and_stays_as_it_is() {
    let desk = Desk::new();
    let live = desk.start();
    let id = live.id().to_owned();
    for item in ["look", "look-again"] {
        live.act(RunAction::Tick { item: item.to_owned(), note: None }).unwrap();
    }
    assert_eq!(live.wait().state, RunStatus::Passed);
    let view = desk.mark(&id, what("verified")).unwrap();
    assert_eq!((view.run.state, frame(&view).moments[0].what.as_str()), (RunStatus::Passed, "verified"));
    let told = desk.app.run_update(update(&id, Some("tell"), "Solved.")).unwrap();
    assert_eq!(told.timeline.last().unwrap().mark.as_ref().unwrap().value.as_deref(), Some("Solved."));
    assert!(told.progress.iter().all(|item| item.item != "tell"), "nothing of a run that is over changes");
    assert!(desk.app.run_verify(RunArgument { run: id.clone() }).unwrap().holds);
    let error = desk.app.run_update(update(&id, Some("nobody"), "x")).unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound, "{}", error.message);
}

#[test]
fn a_run_that_another_process_drives_is_not_marked_here() {
    let desk = Desk::new();
    let live = desk.start();
    let other = open(desk.folder.path());
    let error = other.run_mark(MarkRun { run: live.id().to_owned(), mark: what("detected") }).unwrap_err();
    assert_eq!(error.code, ErrorCode::State);
    assert!(error.message.contains("is driven by another process"), "{}", error.message);
    assert!(frame(&live.view()).moments.is_empty());
    assert_eq!(live.view().run.state, RunStatus::Waiting, "nor interrupted");
}
