//! A move that is cut off at any point is undone or completed at the next start.

use std::{collections::BTreeMap, sync::Arc};

use super::{record::Held, *};
use crate::{Config, Supervisor, commands::PathArgument};

struct NoOpener;

impl access::Opener for NoOpener {
    fn open(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

fn open(folder: &Path) -> Arc<App> {
    App::open(Config {
        data: folder.join("data"),
        settings: folder.join("config.toml"),
        scratch: folder.join("scratch"),
        supervisor: Supervisor { program: folder.join("none"), arguments: Vec::new() },
        environment: BTreeMap::new(),
        actor: "ada@tower".to_owned(),
        opener: Box::new(NoOpener),
    })
    .unwrap()
}

fn texts(library: &Path) -> Vec<Option<String>> {
    ["a.md", "b.md", "old.md", "new/name.md"].map(|name| fs::read_to_string(library.join(name)).ok()).to_vec()
}

/// A house with two files that link to a third.
fn house() -> (tempfile::TempDir, PathBuf, Arc<App>) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    fs::create_dir(&library).unwrap();
    for (name, text) in [("a.md", "# A\n\n[o](old.md)\n"), ("b.md", "# B\n\n[o](./old.md)\n"), ("old.md", "# Old\n")]
    {
        fs::write(library.join(name), text).unwrap();
    }
    let app = open(folder.path());
    app.library_add(PathArgument { path: library.display().to_string() }).unwrap();
    let library = fs::canonicalize(library).unwrap();
    (folder, library, app)
}

/// The move begins, does so many of its changes, and is cut off.
fn cut_off(app: &App, library: &Path, changes: usize) -> Held {
    let (found, from) = app.movable(&library.join("old.md")).unwrap();
    let plan = app.plan(&found, &from, "new/name.md").unwrap().unwrap();
    assert_eq!(plan.edits.len(), 2);
    let edited = plan.edits.iter().map(|edit| Edited {
        path: edit.path.clone(),
        before: app.store.put_revision(&edit.before).unwrap(),
        after: app.store.put_revision(&edit.after).unwrap(),
    });
    let record = Record {
        library: found.id.0,
        from: plan.from.clone(),
        to: plan.to.clone(),
        folders: missing_folders(&found, &plan.to),
        edited: edited.collect(),
    };
    let held = Records::of(&app.data).begin(&record).unwrap();
    for edit in plan.edits.iter().take(changes) {
        fs::write(library.join(&edit.path), &edit.after).unwrap();
    }
    if changes > plan.edits.len() {
        fs::create_dir(library.join("new")).unwrap();
    }
    if changes > plan.edits.len() + 1 {
        fs::rename(library.join("old.md"), library.join("new/name.md")).unwrap();
    }
    held
}

#[test]
fn a_move_that_is_cut_off_is_undone_or_completed_at_the_next_start() {
    for changes in 0..=4 {
        let (folder, library, app) = house();
        let before = texts(&library);
        drop(cut_off(&app, &library, changes));
        drop(app);
        let app = open(folder.path());
        if changes < 4 {
            assert_eq!(texts(&library), before, "cut off after {changes} changes");
            assert!(!library.join("new").exists(), "cut off after {changes} changes");
        } else {
            let moved = ["# A\n\n[o](new/name.md)\n", "# B\n\n[o](./new/name.md)\n", "", "# Old\n"];
            assert_eq!(texts(&library).into_iter().map(Option::unwrap_or_default).collect::<Vec<_>>(), moved);
        }
        assert!(Records::of(&app.data).cut_off().is_empty(), "cut off after {changes} changes");
    }
}

#[test]
fn a_move_that_another_process_is_in_the_middle_of_is_left_alone() {
    let (folder, library, app) = house();
    let held = cut_off(&app, &library, 1);
    let now = texts(&library);
    let other = open(folder.path());
    assert_eq!(texts(&library), now);
    drop(other);
    held.forget();
}

#[test]
fn a_record_that_was_never_written_whole_is_forgotten() {
    let (folder, library, app) = house();
    let before = texts(&library);
    fs::create_dir_all(app.data.join("moves")).unwrap();
    fs::write(app.data.join("moves/1-1.json"), "{\"library\": 1, \"fr").unwrap();
    drop(app);
    drop(open(folder.path()));
    assert_eq!(texts(&library), before);
    assert!(!folder.path().join("data/moves/1-1.json").exists());
}
