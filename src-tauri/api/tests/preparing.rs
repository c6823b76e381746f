//! What is known of a run before it starts: what it needs, how far it can be taken back, what the last one was given.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

mod desk;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use api::{
    App, Config, ErrorCode,
    commands::PathArgument,
    wire::{AskedKind, Mode, PrepareRun, RunAction, RunPreparation, StartRun, WayBack},
};
use tempfile::TempDir;

struct House {
    app: Arc<App>,
    folder: TempDir,
}

const TEXT: &str = "---\nparams:\n  HOST: {prompt: which}\n  ZONE: {choices: [a, b], default: a}\n  TOKEN: {secret: true, required: false}\nreviewed: 2020-01-01\nreview_every: 30d\n---\n\n# Move it\n\n## Diagnosis\n\n```sh {name=look}\nneeded-here <pod> | ./own.sh | not-anywhere --flag\n```\n\n## Steps\n\n1. Make room\n\n   ```sh {name=room}\n   rm -r \"$CACHE\"\n   ```\n\n   ```sh {undo}\n   only-undone \"$CACHE\"\n   ```\n\n2. Move\n\n   ```sh {name=move undo=none}\n   not-anywhere again\n   ```\n\n- [ ] Tell the team\n\n## Notes\n\n```sh {name=aside}\nnever-on-the-way\n```\n";

impl House {
    /// A library that is trusted, with an environment, and a `PATH` of one folder with one program.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (library, tools) = (folder.path().join("library"), folder.path().join("tools"));
        fs::create_dir_all(&library).unwrap();
        fs::create_dir_all(&tools).unwrap();
        for (name, mode) in [("needed-here", 0o755), ("not-anywhere", 0o644)] {
            let file = tools.join(name);
            fs::write(&file, "#!/bin/sh\necho ran > ran\n").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::write(library.join("move.md"), TEXT).unwrap();
        let toml = "[environments.prod]\nkind = \"production\"\nguard = true\nvars = { CACHE = \"/var/cache/x\" }\n";
        fs::write(library.join("allgood.toml"), toml).unwrap();
        let app = App::open(Config {
            environment: [("PATH".into(), tools.into_os_string())].into(),
            ..desk::config(folder.path(), "ann@here")
        })
        .unwrap();
        let added = app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
        app.library_trust(api::commands::IdArgument { id: added.id }).unwrap();
        Self { app, folder }
    }

    fn file(&self) -> PathBuf {
        fs::canonicalize(self.folder.path().join("library/move.md")).unwrap()
    }

    fn prepare(&self, environment: Option<&str>, values: &[(&str, &str)]) -> Result<RunPreparation, api::ApiError> {
        self.app.run_prepare(PrepareRun {
            path: self.file().display().to_string(),
            environment: environment.map(str::to_owned),
            step: None,
            values: map(values),
        })
    }

    /// Starts a run and gives it up.
    fn run(&self, mode: Mode, environment: Option<&str>, values: &[(&str, &str)]) -> String {
        let path = self.file().display().to_string();
        let revision = self.app.runbook(PathArgument { path: path.clone() }).unwrap().revision;
        let view = self
            .app
            .run_start(StartRun {
                step: None,
                path,
                revision,
                mode,
                values: map(values),
                environment: environment.map(str::to_owned),
                environment_typed: None,
            })
            .unwrap();
        let action = RunAction::Abandon { reason: None };
        self.app.run_do(api::commands::RunDo { run: view.run.id.clone(), action }).unwrap();
        view.run.id
    }
}

fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_tool_that_a_command_calls_is_looked_for_on_path_without_starting_anything() {
    let house = House::new();
    let found = house.prepare(None, &[]).unwrap();
    let tools: Vec<(&str, bool, Vec<&str>)> = found
        .tools
        .iter()
        .map(|tool| (tool.name.as_str(), tool.path.is_some(), tool.items.iter().map(String::as_str).collect()))
        .collect();
    let undo = found.tools.iter().find(|tool| tool.name == "only-undone").unwrap().items[0].clone();
    assert_eq!(
        tools,
        [
            ("needed-here", true, vec!["look"]),
            ("not-anywhere", false, vec!["look", "move"]),
            ("rm", false, vec!["room"]),
            ("only-undone", false, vec![undo.as_str()]),
        ],
        "a file that cannot be run is no program, a path is no name, and reading matter asks for nothing"
    );
    assert!(!found.tools_uncertain);
    for folder in [house.folder.path().to_path_buf(), house.folder.path().join("library")] {
        assert!(!folder.join("ran").exists());
    }
}

#[test]
fn what_will_be_asked_for_depends_on_the_environment_and_one_that_is_not_there_is_named() {
    let house = House::new();
    let names = |found: &RunPreparation| -> Vec<(AskedKind, String)> {
        found.asked.iter().map(|asked| (asked.kind, asked.name.clone())).collect()
    };
    let nowhere = house.prepare(None, &[]).unwrap();
    let (pod, cache) = ((AskedKind::Placeholder, "pod".to_owned()), (AskedKind::Variable, "CACHE".to_owned()));
    assert_eq!(names(&nowhere), [pod.clone(), cache]);
    let prod = house.prepare(Some("prod"), &[]).unwrap();
    assert_eq!(names(&prod), [pod]);
    assert!(prod.environment.is_some_and(|environment| environment.guard));
    assert!(nowhere.access.is_empty());
    let unknown = house.prepare(Some("moon"), &[]).unwrap_err();
    assert_eq!(unknown.code, ErrorCode::BadInput);
}

#[test]
fn access_that_cannot_be_fetched_is_named_before_a_start_in_the_words_of_its_refusal() {
    let house = House::new();
    let text = TEXT.replacen("params:", "access: {DB_PASSWORD: keychain://orders/password}\nparams:", 1);
    fs::write(house.file(), text).unwrap();
    let found = house.prepare(None, &[]).unwrap();
    let [access] = found.access.as_slice() else { panic!("{:?}", found.access) };
    assert_eq!((access.name.as_str(), access.reference.as_str()), ("DB_PASSWORD", "keychain://orders/password"));
    let start = StartRun {
        step: None,
        path: found.path,
        revision: found.revision,
        mode: Mode::Hand,
        values: map(&[("HOST", "web-1")]),
        environment: None,
        environment_typed: None,
    };
    let refused = house.app.run_start(start).unwrap_err();
    assert_eq!(access.problem.as_ref(), Some(&refused.message));
}

#[test]
fn the_way_back_of_each_step_and_the_state_of_the_file_are_said() {
    let house = House::new();
    let found = house.prepare(None, &[]).unwrap();
    let ways: Vec<(&str, WayBack)> = found.way_back.iter().map(|back| (back.title.as_str(), back.way)).collect();
    assert_eq!(ways, [("Make room", WayBack::Undo), ("Move", WayBack::ByHand)]);
    assert!(!found.rollback_phase);
    assert_eq!((found.items, found.needs_person), (4, 1), "only the check waits for a person");
    assert_eq!(found.review_due.as_deref(), Some("2020-01-31"));
    assert!(found.review_days.is_some_and(|days| days < -2000));
    assert!(found.usual.is_none());
}

#[test]
fn what_the_last_run_in_this_environment_was_given_is_offered_again_but_never_a_secret() {
    let house = House::new();
    assert_eq!(house.prepare(None, &[]).unwrap().remembered, None);
    house.run(Mode::Hand, None, &[("HOST", "web-1"), ("TOKEN", "hunter2-and-more"), ("ZONE", "b")]);
    house.run(Mode::Hand, Some("prod"), &[("HOST", "web-9")]);
    house.run(Mode::Rehearse, None, &[("HOST", "made-up")]);
    let nowhere = house.prepare(None, &[]).unwrap().remembered.unwrap();
    assert_eq!(nowhere.values, map(&[("HOST", "web-1"), ("ZONE", "b")]));
    let prod = house.prepare(Some("prod"), &[]).unwrap().remembered.unwrap();
    assert_eq!(prod.values, map(&[("HOST", "web-9"), ("ZONE", "a")]));
    // What does not fit any more is not offered.
    fs::write(house.file(), TEXT.replace("[a, b], default: a", "[a, c]")).unwrap();
    let changed = house.prepare(None, &[]).unwrap().remembered.unwrap();
    assert_eq!(changed.values, map(&[("HOST", "web-1")]));
    // What became a secret is not either.
    fs::write(house.file(), TEXT.replace("HOST: {prompt: which}", "HOST: {secret: true}")).unwrap();
    let secret = house.prepare(None, &[]).unwrap().remembered.unwrap();
    assert_eq!(secret.values, map(&[("ZONE", "b")]));
}

#[test]
fn a_value_is_checked_as_a_start_would_check_it() {
    let house = House::new();
    let found = house.prepare(None, &[("HOST", ""), ("ZONE", "z")]).unwrap();
    assert_eq!(found.unfit.keys().map(String::as_str).collect::<Vec<_>>(), ["ZONE"]);
    let sentence = &found.unfit["ZONE"];
    assert!(sentence.contains("ZONE") && sentence.contains("a"), "{sentence}");
    assert!(house.prepare(None, &[("ZONE", "b")]).unwrap().unfit.is_empty());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let house = House::new();
    let path = Path::new("/nowhere/gone.md").display().to_string();
    let error = house.app.run_prepare(PrepareRun { path, ..PrepareRun::default() }).unwrap_err();
    assert!(error.message.contains("/nowhere/gone.md"), "{}", error.message);
}

#[test]
fn nobody_is_asked_in_a_run_for_what_its_environment_sets() {
    let house = House::new();
    let set = |environment: Option<&str>| {
        let id = house.run(Mode::Hand, environment, &[("HOST", "web-1")]);
        house.app.run_view(api::commands::RunArgument { run: id }).unwrap().set
    };
    assert_eq!(set(Some("prod")), ["CACHE"]);
    assert!(set(None).is_empty());
}
