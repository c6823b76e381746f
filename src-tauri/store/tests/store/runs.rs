//! The history of runs, by whatever it is filtered.

use engine::{
    Fact, RunStatus,
    event::{FinishState, Mode},
};
use store::{NewRun, RunFilter};

use crate::fixture::{Home, append, finished, new_run};

#[test]
fn runs_are_found_by_each_filter_and_by_all_of_them() {
    let home = Home::new();
    let day = |day: u32| format!("2026-11-{day:02}T10:00:00.000Z");
    let production = || Some("prod".to_owned());
    let runs = [
        (NewRun { started_at: day(1), environment: production(), ..new_run("run-1") }, Some(FinishState::Passed)),
        (NewRun { started_at: day(2), mode: Mode::Auto, ..new_run("run-2") }, Some(FinishState::Failed)),
        (
            NewRun { started_at: day(3), actor: "bo@tower".to_owned(), ..new_run("run-3") },
            Some(FinishState::Abandoned),
        ),
        (
            NewRun { started_at: day(4), environment: production(), path: "/b.md".to_owned(), ..new_run("run-4") },
            None,
        ),
    ];
    for (new, state) in runs {
        drop(home.store.begin_run(&new).unwrap());
        if new.id.0 == "run-1" {
            append(&home.store, &new.id, Fact::CheckFailed { item: "look".to_owned(), note: None });
            append(&home.store, &new.id, Fact::Overridden { item: "look".to_owned(), reason: "fine".to_owned() });
        }
        if let Some(state) = state {
            append(&home.store, &new.id, finished(state));
        }
    }
    let all = RunFilter::default;
    let text = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (all(), &["run-4", "run-3", "run-2", "run-1"][..]),
        (RunFilter { environment: production(), ..all() }, &["run-4", "run-1"]),
        (RunFilter { environment: text(""), ..all() }, &["run-3", "run-2"]),
        (RunFilter { mode: Some(Mode::Auto), ..all() }, &["run-2"]),
        (RunFilter { actor: text("bo@tower"), ..all() }, &["run-3"]),
        (RunFilter { actor: text("bo"), ..all() }, &["run-3"]),
        (RunFilter { actor: text("b"), ..all() }, &[]),
        (RunFilter { since: Some(day(3)), ..all() }, &["run-4", "run-3"]),
        (RunFilter { until: Some(day(3)), ..all() }, &["run-2", "run-1"]),
        (RunFilter { since: Some(day(2)), until: Some(day(4)), ..all() }, &["run-3", "run-2"]),
        (RunFilter { states: vec![RunStatus::Failed, RunStatus::Abandoned], ..all() }, &["run-3", "run-2"]),
        (RunFilter { failures: true, ..all() }, &["run-2", "run-1"]),
        (RunFilter { path: text("/b.md"), ..all() }, &["run-4"]),
        (RunFilter { environment: production(), failures: true, since: Some(day(1)), ..all() }, &["run-1"]),
    ] {
        let (rows, total) = home.store.runs(&filter).unwrap();
        let found: Vec<&str> = rows.iter().map(|row| row.start.id.0.as_str()).collect();
        assert_eq!((found.as_slice(), total), (expected, expected.len() as u64), "{filter:?}");
        let limited = RunFilter { offset: 1, limit: Some(1), ..filter };
        let (rows, total) = home.store.runs(&limited).unwrap();
        let found: Vec<&str> = rows.iter().map(|row| row.start.id.0.as_str()).collect();
        assert_eq!((found.first(), total), (expected.get(1), expected.len() as u64), "{limited:?}");
    }
}

#[test]
fn the_library_knows_how_the_runs_of_each_runbook_ended() {
    let home = Home::new();
    for (id, state) in
        [("run-1", FinishState::Passed), ("run-2", FinishState::Failed), ("run-3", FinishState::HandedOver)]
    {
        let (run, _lock) = home.begin(id);
        append(&home.store, &run, finished(state));
    }
    let (_under_way, _lock) = home.begin("run-4");
    // The row of the index is made by hand: what is asked here is the count beside it.
    let folder = home.folder.path().join("runbooks");
    std::fs::create_dir(&folder).unwrap();
    let library = home.store.add_library(&folder, "runbooks", crate::fixture::AT).unwrap();
    let file = library.path.join("drain.md").display().to_string();
    assert!(home.tamper(&format!("UPDATE runs SET file = '{file}'")) > 0);
    home.store
        .index(library.id, &[(crate::library::entry("drain.md", "Drain"), crate::library::text("body"))])
        .unwrap();
    let found = home.store.list_runbooks(None).unwrap();
    let outcomes = &found[0].outcomes;
    assert_eq!((outcomes.runs, outcomes.passed), (2, 1));
    assert_eq!(outcomes.last_passed_at.as_deref(), Some(crate::fixture::AT));
}

#[test]
fn what_runs_can_be_filtered_by_is_counted_the_most_common_first() {
    let home = Home::new();
    let in_ = |name: &str| Some(name.to_owned());
    let runs = [
        NewRun { environment: in_("prod"), title: "Drain".to_owned(), ..new_run("run-1") },
        NewRun { environment: in_("staging"), ..new_run("run-2") },
        NewRun { environment: in_("prod"), title: "Drain a node".to_owned(), ..new_run("run-3") },
        NewRun { path: "/b.md".to_owned(), actor: "bo@tower".to_owned(), ..new_run("run-4") },
    ];
    let (path, actor) = (runs[0].path.clone(), runs[0].actor.clone());
    for run in runs {
        drop(home.store.begin_run(&run).unwrap());
    }
    drop(home.store.begin_scratch_run(&NewRun { environment: in_("dev"), ..new_run("run-5") }).unwrap());
    let found = home.store.run_facets().unwrap();
    let told = |values: &[store::FacetValue]| -> Vec<(String, u64)> {
        values.iter().map(|value| (value.value.clone(), value.count)).collect()
    };
    assert_eq!(
        told(&found.environments),
        [("prod".to_owned(), 2), ("staging".to_owned(), 1)],
        "trials are no history"
    );
    assert_eq!(told(&found.actors), [(actor, 3), ("bo@tower".to_owned(), 1)]);
    let files: Vec<_> =
        found.files.iter().map(|file| (file.path.as_str(), file.title.as_str(), file.count)).collect();
    assert_eq!(files[0], (path.as_str(), "Drain a node", 3), "the title is that of the last run");
    assert_eq!((files[1].0, files[1].2), ("/b.md", 1));
}

#[test]
fn a_run_knows_the_run_that_it_is_a_part_of() {
    let home = Home::new();
    let parent = engine::event::Parent { run: engine::RunId("run-1".to_owned()), item: "restore".to_owned() };
    drop(home.store.begin_run(&new_run("run-1")).unwrap());
    drop(home.store.begin_run(&NewRun { parent: Some(parent.clone()), ..new_run("run-2") }).unwrap());
    let of = |name: &str| home.store.run(&engine::RunId(name.to_owned())).unwrap().start.parent;
    assert_eq!((of("run-1"), of("run-2")), (None, Some(parent)));
}
