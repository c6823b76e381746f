//! What runs teach: usual times, what is left, suggestions for the file, and two runs side by side.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use api::{
    ErrorCode,
    commands::*,
    wire::{
        CompareRuns, Edited, ItemStatus, ListQuery, Mode, ProposalKind, RunAction, RunFilter, RunStatus, RunView,
        Saved, Settings, StartRun,
    },
};

use crate::house::{House, argument};

const TEXT: &str = "# Move it\n\n## Steps\n\n### One\n\n1. First\n\n   ```sh {name=one}\n   echo before\n   exit 3\n   ```\n\n### Two\n\n- [ ] Look\n\n```sh {name=two expect=seen}\necho something\n```\n";
const PATIENCE: Duration = Duration::from_secs(60);

fn start(house: &House, file: &Path, mode: Mode) -> RunView {
    let revision = house.app.runbook(argument(file)).unwrap().revision;
    let path = file.display().to_string();
    let request = StartRun {
        step: None,
        path,
        revision,
        mode,
        values: BTreeMap::new(),
        environment: None,
        environment_typed: None,
    };
    house.app.run_start(request).unwrap()
}

fn view(house: &House, run: &RunView) -> RunView {
    house.app.run_view(RunArgument { run: run.run.id.clone() }).unwrap()
}

fn act(house: &House, run: &RunView, action: RunAction) {
    house.app.run_do(RunDo { run: run.run.id.clone(), action }).unwrap();
}

fn until(house: &House, run: &RunView, holds: impl Fn(&RunView) -> bool) -> RunView {
    let began = Instant::now();
    loop {
        let now = view(house, run);
        if holds(&now) {
            return now;
        }
        assert!(began.elapsed() < PATIENCE, "this never came: {now:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Starts a command, and waits until it has ended.
fn go(house: &House, run: &RunView, item: &str, edited: Option<&str>) -> ItemStatus {
    let tries = |view: &RunView| {
        let progress = view.progress.iter().find(|progress| progress.item == item);
        progress.map_or(0, |progress| progress.attempts.iter().filter(|attempt| attempt.state.is_some()).count())
    };
    let before = tries(&view(house, run));
    let hash = run.runbook.items[item].hash.clone();
    let edited = edited.map(|text| Edited { text: text.to_owned(), reason: "it was wrong".to_owned() });
    let item = item.to_owned();
    act(house, run, RunAction::Start { item: item.clone(), hash, values: BTreeMap::new(), confirmed: None, edited });
    let now = until(house, run, |view| tries(view) > before && view.run.state != RunStatus::Running);
    now.progress.iter().find(|progress| progress.item == item).unwrap().status
}

fn check(run: &RunView) -> String {
    run.runbook.items.values().find(|item| item.text == "Look").unwrap().id.clone()
}

/// The first command is edited because it fails, the last is taken as done in spite of its expectation.
fn mended(house: &House, file: &Path) -> RunView {
    let run = start(house, file, Mode::Hand);
    assert_eq!(go(house, &run, "one", None), ItemStatus::Failed);
    assert_eq!(go(house, &run, "one", Some("echo after\nexit 0\n")), ItemStatus::Passed);
    act(house, &run, RunAction::Tick { item: check(&run), note: None });
    assert_eq!(go(house, &run, "two", None), ItemStatus::Failed);
    act(house, &run, RunAction::Override { item: "two".to_owned(), reason: "seen by eye".to_owned() });
    until(house, &run, |view| view.run.state == RunStatus::Passed)
}

#[test]
fn an_edited_command_that_passed_is_put_into_the_file_and_an_override_is_named() {
    let house = House::that_runs();
    let file = house.put("a.md", TEXT);
    let run = mended(&house, &file);
    let asked = || house.app.run_proposals(RunArgument { run: run.run.id.clone() }).unwrap();
    let found = asked();
    let [edited, overridden] = found.proposals.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (edited.item.as_str(), edited.kind, edited.reason.as_str()),
        ("one", ProposalKind::Edited, "it was wrong")
    );
    assert_eq!((edited.was.as_str(), edited.line, &edited.refused), ("echo before\nexit 3", Some(9), &None));
    let after = TEXT.replace("echo before", "echo after").replace("exit 3", "exit 0");
    assert_eq!(api::restored(TEXT, &edited.edits).unwrap(), after.as_bytes(), "the edits are those of the page");
    assert_eq!(edited.comparison.as_ref().map(|found| (found.added, found.removed)), Some((2, 2)));
    assert_eq!((overridden.item.as_str(), overridden.kind), ("two", ProposalKind::Overridden));
    assert_eq!((overridden.reason.as_str(), overridden.edits.len()), ("seen by eye", 0));
    assert!(overridden.expectations.iter().any(|expected| !expected.holds), "{overridden:?}");

    let saved = house.app.apply_proposals(&run.run.id).unwrap();
    assert!(matches!(saved, Some(Saved::Saved { .. })), "{saved:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), after);
    assert!(asked().proposals[0].refused.as_ref().unwrap().contains("already"));
    assert!(house.app.apply_proposals(&run.run.id).unwrap().is_none());
    fs::write(&file, TEXT.replace("exit 3", "exit 4")).unwrap();
    assert!(asked().proposals[0].refused.as_ref().unwrap().contains("changed in the file since"));
    fs::remove_file(&file).unwrap();
    let gone = asked();
    assert!(gone.proposals[0].refused.as_ref().unwrap().contains("There is no"), "{gone:?}");
}

#[test]
fn past_runs_say_what_is_usual_and_what_is_left_and_the_list_how_they_ended() {
    let house = House::that_runs();
    let file = house.put("a.md", TEXT);
    assert_eq!(house.app.runbook(argument(&file)).unwrap().usual, None);
    let first = mended(&house, &file);
    assert_eq!((&first.usual, first.left), (&None, None), "nobody has run it before");
    let second = mended(&house, &file);
    assert_eq!(second.usual.as_ref().map(|usual| usual.runs), Some(1));

    let third = start(&house, &file, Mode::Hand);
    let usual = third.usual.as_ref().unwrap();
    assert_eq!((usual.runs, usual.passed, usual.median_ms.is_some()), (2, 2, true));
    let one = &usual.items["one"];
    assert_eq!((one.runs, one.passed, one.failed, one.overridden, one.timed), (2, 2, 2, 0, 2));
    assert_eq!((usual.items["two"].overridden, usual.items["two"].failed), (2, 2));
    let left = third.left.unwrap();
    assert_eq!((left.runs, left.unknown), (2, 1), "nobody knows how long the last one takes when it passes");
    let of = |id: &str| usual.items[id].median_ms.unwrap();
    assert_eq!(left.ms, of("one") + of(&check(&third)));
    act(&house, &third, RunAction::Skip { item: "one".to_owned(), reason: "not now".to_owned() });
    let now = until(&house, &third, |view| view.progress.iter().any(|item| item.status == ItemStatus::Skipped));
    assert_eq!(now.left.map(|left| left.ms), Some(of(&check(&third))));
    act(&house, &third, RunAction::Abandon { reason: None });
    let over = until(&house, &third, |view| view.run.state == RunStatus::Abandoned);
    assert_eq!(over.left, None);

    let page = house.app.runbook(argument(&file)).unwrap().usual.unwrap();
    assert_eq!((page.runs, page.passed, page.items["one"].skipped), (3, 2, 1));
    house.app.library_rescan(Nothing {}).unwrap();
    let rows = house.app.library_list(ListQuery { limit: 10, ..ListQuery::default() }).unwrap().rows;
    let outcomes = rows[0].outcomes.clone().unwrap();
    assert_eq!((outcomes.runs, outcomes.passed, outcomes.last_passed_at), (3, 2, page.last_passed_at));
}

#[test]
fn two_runs_are_held_beside_each_other_item_by_item() {
    let house = House::that_runs();
    let file = house.put("a.md", TEXT);
    let one = mended(&house, &file);
    fs::write(&file, TEXT.replace("exit 3", "exit 0").replace("- [ ] Look", "- [ ] Watch")).unwrap();
    let other = start(&house, &file, Mode::Hand);
    assert_eq!(go(&house, &other, "one", None), ItemStatus::Passed);
    act(&house, &other, RunAction::Abandon { reason: None });
    until(&house, &other, |view| view.run.state == RunStatus::Abandoned);
    let compare = |one: &RunView, other: &RunView| {
        house.app.run_compare(CompareRuns { one: one.run.id.clone(), other: other.run.id.clone() })
    };
    let found = compare(&one, &other).unwrap();
    assert!(!found.same_revision && found.parameters.is_empty());
    let ids: Vec<&str> = found.items.iter().map(|item| item.item.as_str()).collect();
    let differs = |id: &str| found.items.iter().find(|item| item.item == id).unwrap().differs.join(" ");
    assert_eq!(ids.len(), 4, "{ids:?}");
    assert_eq!(differs("one"), "attempts command");
    assert_eq!(differs("two"), "status exit attempts observed");
    assert_eq!(differs(&check(&one)), "presence");
    let command = found.items[0].command.as_ref().unwrap();
    assert!(
        command.lines.iter().any(|line| line.parts.iter().any(|part| part.text.contains("after"))),
        "{command:?}"
    );
    let same = compare(&one, &one).unwrap();
    assert!(same.same_revision && same.items.iter().all(|item| item.differs.is_empty()), "{same:?}");

    let stranger = house.put("b.md", "# Another\n\n## Steps\n\n- [ ] Wave\n");
    let stranger = start(&house, &stranger, Mode::Rehearse);
    assert_eq!(compare(&one, &stranger).unwrap_err().code, ErrorCode::BadInput);
}

#[test]
fn the_history_is_filtered_by_times_as_people_say_them() {
    let house = House::new();
    let file = house.put("a.md", "# A\n\n## Steps\n\n- [ ] Wave\n");
    start(&house, &file, Mode::Hand);
    let total = |filter: RunFilter| house.app.runs(filter).unwrap().total;
    let since = |text: &str| RunFilter { since: Some(text.to_owned()), ..RunFilter::default() };
    for (text, expected) in [("7d", 1), ("1h", 1), ("2020-01-01T00:00:00Z", 1), ("2020-01-01", 1), ("2199-01-01", 0)]
    {
        assert_eq!(total(since(text)), expected, "{text}");
    }
    let states = vec![RunStatus::Passed, RunStatus::Waiting];
    assert_eq!(total(RunFilter { states, until: Some("2199-01-01".to_owned()), ..RunFilter::default() }), 1);
    let error = house.app.runs(since("yesterday-ish")).unwrap_err();
    assert_eq!(error.code, ErrorCode::BadInput);
    assert!(error.message.contains("yesterday-ish"), "{error:?}");
}

#[test]
fn for_how_long_outputs_are_kept_is_a_setting_with_sense_and_the_rest_of_the_file_stays() {
    let house = House::new();
    let file = house.folder.path().join("data/config.toml");
    fs::write(&file, "# mine\n[runs]\nother = 1\n").unwrap();
    let kept = house.app.settings_write(Settings { keep_output_days: Some(90), ..Settings::default() }).unwrap();
    assert_eq!(kept.keep_output_days, Some(90));
    let text = fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("# mine") && text.contains("other = 1") && text.contains("keep_output_days = 90"),
        "{text}"
    );
    assert_eq!(house.app.apply_retention().unwrap(), 0);
    assert_eq!(house.app.settings_write(Settings::default()).unwrap().keep_output_days, None);
    for days in [0, 40_000] {
        let refused = house.app.settings_write(Settings { keep_output_days: Some(days), ..Settings::default() });
        assert_eq!(refused.unwrap_err().code, ErrorCode::BadInput);
    }
    for wrong in ["0", "-3", "\"a year\"", "1.5"] {
        fs::write(&file, format!("[runs]\nkeep_output_days = {wrong}\n")).unwrap();
        let error = house.app.settings_read(Nothing {}).unwrap_err();
        assert!(error.message.contains("keep_output_days"), "{error:?}");
        assert!(house.app.apply_retention().is_err(), "nothing is removed on a guess");
    }
}
