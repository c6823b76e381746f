//! Forgetting a secret: nothing in the folder of the store remembers it, and what held it says so.

use std::{fs, path::Path};

use proptest::prelude::*;
use store::{ErrorKind, IndexEntry, IndexText, NewRevision, Origin, Verdict, revision_of};

use crate::{
    fixture::{AT, Home, append, attempt_ended, attempt_started, finished, new_run, note},
    library::{entry, library, text},
};

const SECRET: &str = "Hunter2Zwei-X9q7";
const LATER: &str = "2026-11-23T09:00:00.000Z";

fn revision(path: &str, bytes: &[u8]) -> NewRevision {
    NewRevision {
        path: path.into(),
        hash: revision_of(bytes),
        at: AT.to_owned(),
        origin: Origin::Outside,
        actor: None,
        message: Some(format!("set it to {SECRET}")),
        parent: None,
    }
}

/// The files below the folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// A store in which it stands everywhere that it can.
fn leaked() -> (Home, Vec<u8>) {
    let home = Home::new();
    let id = library(&home, "books");
    let bytes = format!("# One\n\nexport TOKEN={SECRET}\n").into_bytes();
    for number in 0..20 {
        let long = format!("{}{SECRET}{}", "x".repeat(number * 700), "y".repeat(9_000));
        home.store.draft_keep(Path::new("/books/a.md"), None, long.as_bytes(), AT).unwrap();
    }
    home.store.note_revision(&revision("/books/a.md", &bytes), &bytes).unwrap();
    home.store.note_revision(&revision("/books/a.md", b"clean"), b"clean").unwrap();
    let body = IndexText {
        headings: format!("Heading {SECRET}"),
        commands: format!("export TOKEN={SECRET}"),
        body: format!("It is {SECRET}. Keep it."),
        steps: vec![(3, format!("Say {SECRET}"))],
        schedule: None,
        links: vec![(format!("https://x.example/?k={SECRET}"), format!("With {SECRET}"))],
    };
    let titled = IndexEntry { tags: vec![format!("t-{SECRET}")], ..entry("a.md", &format!("With {SECRET}")) };
    home.store
        .index(id, &[(titled, body.clone()), (entry("b.md", "Other"), body), (entry("c.md", "C"), text("c"))])
        .unwrap();
    // As when the mended file is indexed before the value is forgotten.
    let old: Vec<_> = (0..50).map(|number| (entry(&format!("{number}.md"), "N"), text(SECRET))).collect();
    home.store.index(id, &old).unwrap();
    let new: Vec<_> = (0..50).map(|number| (entry(&format!("{number}.md"), "N"), text("mended"))).collect();
    home.store.index(id, &new).unwrap();
    (home, bytes)
}

#[test]
fn a_forgotten_value_is_in_no_file_of_the_store_any_more() {
    let (home, bytes) = leaked();
    assert!(!holding(&home.data(), SECRET.as_bytes()).is_empty(), "it was there");
    let forgotten = home.store.forget_text(SECRET, "[removed]", LATER).unwrap();
    assert_eq!(forgotten.drafts, [Path::new("/books/a.md")]);
    assert_eq!(forgotten.revisions, [revision_of(&bytes)]);
    assert_eq!((forgotten.runbooks, forgotten.runs.len(), forgotten.copies.len()), (2, 0, 0));
    assert!(forgotten.log_emptied);
    for trace in [SECRET, &SECRET.to_lowercase(), "hunter2zwei", "x9q7"] {
        assert_eq!(holding(&home.data(), trace.as_bytes()), Vec::<String>::new(), "{trace}");
    }
    let draft = home.store.draft(Path::new("/books/a.md")).unwrap().unwrap();
    assert!(draft.bytes.ends_with(format!("x[removed]{}", "y".repeat(9_000)).as_bytes()));
    let (rows, _) = home.store.history(Path::new("/books/a.md"), 9, 0).unwrap();
    assert_eq!(rows[1].message.as_deref(), Some("set it to [removed]"));
    assert_eq!((rows[1].redacted.as_deref(), rows[0].redacted.as_deref()), (Some(LATER), None));
    assert!(home.store.search(SECRET, 9).unwrap().is_empty());
    assert_eq!(home.store.search("removed keep", 9).unwrap().len(), 2);
    assert_eq!(home.store.search("with removed", 9).unwrap()[0].runbook.entry.title, "With [removed]");
    assert_eq!(home.store.search("mended", 99).unwrap().len(), 50);
}

#[test]
fn a_revision_that_held_a_secret_says_so_and_is_whole_again_when_it_is_run_again() {
    let (home, bytes) = leaked();
    home.store.forget_text(SECRET, "[removed]", LATER).unwrap();
    let hash = revision_of(&bytes);
    let error = home.store.revision(&hash).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(error.to_string().contains("a secret was removed") && error.to_string().contains(LATER), "{error}");
    let text = home.store.revision_text(&hash).unwrap();
    assert_eq!(text.redacted.as_deref(), Some(LATER));
    assert_eq!(text.bytes, b"# One\n\nexport TOKEN=[removed]\n");
    home.store.note_revision(&revision("/books/b.md", &bytes), &bytes).unwrap();
    assert!(home.store.revision(&hash).is_err(), "the history alone does not bring it back");
    assert_eq!(home.store.put_revision(&bytes).unwrap(), hash);
    assert_eq!(home.store.revision(&hash).unwrap(), bytes);
}

#[test]
fn the_record_of_a_run_is_not_changed_and_does_not_look_tampered_with() {
    let (home, bytes) = leaked();
    let hash = home.store.put_revision(&bytes).unwrap();
    for (name, said) in [("run-1", "nothing of it"), ("run-2", SECRET)] {
        let run = store::NewRun { revision: hash.clone(), ..new_run(name) };
        let _lock = home.store.begin_run(&run).unwrap();
        let engine::Fact::RunStarted { path, title, mode, environment, version, .. } = crate::fixture::started()
        else {
            panic!("another event")
        };
        let started = engine::Fact::RunStarted {
            path,
            title,
            revision: hash.clone(),
            mode,
            environment,
            version,
            step: None,
            commit: None,
            differs: false,
            parent: None,
            schedule: None,
        };
        append(&home.store, &run.id, started);
        append(&home.store, &run.id, attempt_started("drain"));
        append(&home.store, &run.id, note(said));
        append(&home.store, &run.id, attempt_ended("drain", engine::event::AttemptState::Passed));
        append(&home.store, &run.id, finished(engine::event::FinishState::Passed));
    }
    let before: Vec<String> =
        home.store.journal_lines(&engine::RunId("run-2".to_owned())).unwrap().map(Result::unwrap).collect();
    let forgotten = home.store.forget_text(SECRET, "[removed]", LATER).unwrap();
    assert_eq!(forgotten.runs, [engine::RunId("run-2".to_owned())]);
    for name in ["run-1", "run-2"] {
        let Verdict::Holds { remark: Some(remark), .. } = home.store.verify(&engine::RunId(name.to_owned())).unwrap()
        else {
            panic!("{name}")
        };
        assert!(remark.contains("a secret was removed") && remark.contains(LATER), "{remark}");
    }
    let after: Vec<String> =
        home.store.journal_lines(&engine::RunId("run-2".to_owned())).unwrap().map(Result::unwrap).collect();
    assert_eq!(before, after);
}

#[test]
fn copies_that_may_remember_are_named() {
    let (home, _) = leaked();
    home.store.daily_backup("2026-11-22T10:00:00Z".parse().unwrap()).unwrap();
    let forgotten = home.store.forget_text(SECRET, "[removed]", LATER).unwrap();
    assert_eq!(forgotten.copies, [home.data().join("backups/daily-20261122.db")]);
}

#[test]
fn what_would_change_everything_is_refused() {
    let (home, _) = leaked();
    for (value, replacement) in [("", "x"), ("   ", "x"), ("abc", "x"), (SECRET, &*format!("<{SECRET}>"))] {
        assert_eq!(home.store.forget_text(value, replacement, LATER).unwrap_err().kind(), ErrorKind::Refused);
    }
    assert_eq!(home.store.search(SECRET, 9).unwrap().len(), 2);
}

fn forget_and_look(home: &Home, id: store::LibraryId, value: &str, before: &str) {
    let bytes = format!("{before}{value}\n").into_bytes();
    home.store.draft_keep(Path::new("/a.md"), None, &bytes, AT).unwrap();
    let hash = home.store.put_revision(&bytes).unwrap();
    let tagged = IndexEntry { tags: vec![value.to_owned()], ..entry("a.md", value) };
    home.store.index(id, &[(tagged, text(value))]).unwrap();
    home.store.forget_text(value, "...", LATER).unwrap();
    let text = home.store.revision_text(&hash).unwrap().bytes;
    assert!(!String::from_utf8(text).unwrap().contains(value));
    let row = home.store.list_runbooks(None).unwrap().remove(0);
    assert_eq!((&*row.entry.title, &row.entry.tags[..]), ("...", &["...".to_owned()][..]), "{value:?}");
    assert_eq!(holding(&home.data(), value.as_bytes()), Vec::<String>::new(), "{value:?}");
}

#[test]
fn any_value_is_forgotten_as_it_stands() {
    let home = Home::new();
    let id = library(&home, "books");
    for value in ["\"a+=-'", "back\\slash", "100%_of_it", "ümläut-ß"] {
        forget_and_look(&home, id, value, "");
    }
    proptest!(ProptestConfig::with_cases(24), |(value in "[a-zA-Z0-9%_'\"\\\\\\-+/=$äß]{6,40}", before in "[a-z \n]{0,20}")| {
        forget_and_look(&home, id, &value, &before);
    });
}
