//! Drafts, the history of a file, pins and recents, and what goes along when a file gets another name.

use std::{fs, path::Path};

use store::{ErrorKind, NewRevision, Origin, Store, revision_of};

use crate::{
    fixture::{AT, Home, begin, finished, new_run},
    library::{entry, library, text},
};

fn revision(path: &str, bytes: &[u8], at: &str) -> NewRevision {
    NewRevision {
        path: path.into(),
        hash: revision_of(bytes),
        at: at.to_owned(),
        origin: Origin::Here,
        actor: Some("ada@lovelace".to_owned()),
        message: None,
        parent: None,
    }
}

#[test]
fn a_draft_comes_back_byte_for_byte_and_goes_when_it_is_dropped() {
    let home = Home::new();
    let path = Path::new("/books/ä disk.md");
    assert_eq!(home.store.draft(path).unwrap(), None);
    for (base, bytes, at) in [
        (None, &b"# One"[..], "2026-11-22T10:00:00Z"),
        (Some("abc"), b"# One\r\n\xff\0", "2026-11-22T10:00:01Z"),
        (Some("abc"), b"", "2026-11-22T10:00:02Z"),
    ] {
        home.store.draft_keep(path, base, bytes, at).unwrap();
        let draft = home.store.draft(path).unwrap().unwrap();
        assert_eq!(
            (draft.path.as_path(), draft.base.as_deref(), &draft.bytes[..], &*draft.at),
            (path, base, bytes, at)
        );
    }
    home.store.draft_keep(Path::new("/books/b.md"), None, b"12345", "2026-11-22T11:00:00Z").unwrap();
    let rows: Vec<(String, u64)> =
        home.store.drafts().unwrap().into_iter().map(|row| (row.path.display().to_string(), row.size)).collect();
    assert_eq!(rows, [("/books/b.md".to_owned(), 5), ("/books/ä disk.md".to_owned(), 0)], "the last one first");
    home.store.draft_drop(path).unwrap();
    home.store.draft_drop(path).unwrap();
    assert_eq!(home.store.draft(path).unwrap(), None);
    assert_eq!(home.store.drafts().unwrap().len(), 1);
}

#[test]
fn a_draft_that_was_kept_is_there_for_another_process_at_once() {
    let home = Home::new();
    home.store.draft_keep(Path::new("/a.md"), None, b"typed", AT).unwrap();
    let other = Store::open(&home.data()).unwrap();
    assert_eq!(other.draft(Path::new("/a.md")).unwrap().unwrap().bytes, b"typed");
}

#[test]
fn a_draft_is_never_thrown_away_by_a_move() {
    let home = Home::new();
    for (path, bytes) in [("/books/a.md", "a"), ("/books/b.md", "b")] {
        home.store.draft_keep(Path::new(path), None, bytes.as_bytes(), AT).unwrap();
    }
    let error = home.store.draft_move(Path::new("/books/a.md"), Path::new("/books/b.md")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("/books/b.md"), "{error}");
    home.store.draft_move(Path::new("/books/a.md"), Path::new("/books/c.md")).unwrap();
    home.store.draft_move(Path::new("/books"), Path::new("/shelf")).unwrap();
    let paths: Vec<_> = home.store.drafts().unwrap().into_iter().map(|row| row.path.display().to_string()).collect();
    assert_eq!(paths, ["/shelf/b.md", "/shelf/c.md"]);
}

#[test]
fn each_saved_revision_is_kept_once_with_its_bytes_and_who_made_it() {
    let home = Home::new();
    let note = |bytes: &[u8], at: &str| home.store.note_revision(&revision("/a.md", bytes, at), bytes).unwrap();
    assert_eq!(note(b"one", "2026-11-22T10:00:00Z"), Some(1));
    assert_eq!(note(b"one", "2026-11-22T10:00:01Z"), None, "nothing changed");
    assert_eq!(note(b"two", "2026-11-22T10:00:02Z"), Some(2));
    assert_eq!(note(b"one", "2026-11-22T10:00:03Z"), Some(3), "back again is a change");
    let other = NewRevision {
        origin: Origin::Git,
        message: Some("Fix it".to_owned()),
        parent: Some(revision_of(b"two")),
        actor: None,
        ..revision("/b.md", b"two", AT)
    };
    assert_eq!(home.store.note_revision(&other, b"two").unwrap(), Some(1), "each path counts by itself");

    let (rows, total) = home.store.history(Path::new("/a.md"), 2, 0).unwrap();
    assert_eq!((rows.len(), total), (2, 3));
    assert_eq!((rows[0].number, &*rows[0].hash, rows[0].size), (3, &*revision_of(b"one"), 3));
    assert_eq!((rows[0].origin, rows[0].actor.as_deref()), (Origin::Here, Some("ada@lovelace")));
    assert_eq!(rows[1].number, 2);
    assert_eq!(home.store.history(Path::new("/a.md"), 2, 2).unwrap().0[0].number, 1);
    let (rows, _) = home.store.history(Path::new("/b.md"), 10, 0).unwrap();
    assert_eq!((rows[0].origin, rows[0].message.as_deref()), (Origin::Git, Some("Fix it")));
    assert_eq!(rows[0].parent, Some(revision_of(b"two")));
    for bytes in [&b"one"[..], b"two"] {
        assert_eq!(home.store.revision(&revision_of(bytes)).unwrap(), bytes);
    }
    let wrong = home.store.note_revision(&revision("/a.md", b"three", AT), b"other").unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Refused);
    assert_eq!(home.store.history(Path::new("/a.md"), 10, 0).unwrap().1, 3, "nothing was kept");
}

#[test]
fn the_history_says_how_often_a_revision_was_run_and_how_often_it_failed() {
    let home = Home::new();
    let path = new_run("x").path;
    home.store.note_revision(&revision(&path, crate::fixture::REVISION, AT), crate::fixture::REVISION).unwrap();
    home.store.note_revision(&revision(&path, b"later", AT), b"later").unwrap();
    for (id, state) in [("run-1", "passed"), ("run-2", "failed")] {
        let (run, _lock) = begin(&home.store, id);
        let state =
            if state == "failed" { engine::event::FinishState::Failed } else { engine::event::FinishState::Passed };
        crate::fixture::append(&home.store, &run, finished(state));
    }
    let (rows, _) = home.store.history(Path::new(&path), 10, 0).unwrap();
    let counts: Vec<_> = rows.iter().map(|row| (row.number, row.runs, row.failed)).collect();
    assert_eq!(counts, [(2, 0, 0), (1, 2, 1)]);
}

#[test]
fn pins_and_recents_are_kept_by_path() {
    let home = Home::new();
    let id = library(&home, "books");
    let folder = home.store.library(id).unwrap().path;
    home.store.index(id, &[(entry("a.md", "Disk full"), text(""))]).unwrap();
    home.store.opened(&folder.join("a.md"), "2026-11-22T10:00:00Z").unwrap();
    home.store.opened(&folder.join("gone.md"), "2026-11-22T10:00:01Z").unwrap();
    home.store.opened(&folder.join("a.md"), "2026-11-22T10:00:02Z").unwrap();
    home.store.pin(&folder.join("a.md"), true).unwrap();
    home.store.pin(&folder.join("b.md"), true).unwrap();
    home.store.pin(&folder.join("b.md"), false).unwrap();
    let recents = home.store.recents(10).unwrap();
    assert_eq!(recents.len(), 2);
    assert_eq!((recents[0].title.as_deref(), recents[0].pinned), (Some("Disk full"), true));
    assert_eq!((recents[1].title.as_deref(), recents[1].pinned), (None, false));
    assert_eq!(home.store.recents(1).unwrap().len(), 1);
    assert_eq!(home.store.pins().unwrap(), [folder.join("a.md")]);
    let row = home.store.runbook_at(&folder.join("a.md")).unwrap().unwrap();
    assert_eq!((row.pinned, row.opened.as_deref()), (true, Some("2026-11-22T10:00:02Z")));
    home.store.index(id, &[(entry("a.md", "Disk full again"), text(""))]).unwrap();
    let row = home.store.runbook_at(&folder.join("a.md")).unwrap().unwrap();
    assert!(row.pinned && row.opened.is_some(), "a file that is indexed anew keeps its marks");
    home.store.index(id, &[(entry("b.md", "B"), text(""))]).unwrap();
    assert!(!home.store.runbook_at(&folder.join("b.md")).unwrap().unwrap().pinned);
}

#[test]
fn what_belongs_to_a_file_goes_along_when_it_is_renamed() {
    let home = Home::new();
    let id = library(&home, "books");
    let folder = home.store.library(id).unwrap().path;
    fs::create_dir_all(&folder).unwrap();
    home.store
        .index(id, &[(entry("old/a.md", "A"), text("apples")), (entry("old/b.md", "B"), text("pears"))])
        .unwrap();
    let before = folder.join("old/a.md");
    let name = before.to_str().unwrap();
    home.store.draft_keep(&before, None, b"typed", AT).unwrap();
    home.store.note_revision(&revision(name, b"one", AT), b"one").unwrap();
    home.store.pin(&before, true).unwrap();
    home.store.opened(&before, AT).unwrap();
    let run = store::NewRun { path: name.to_owned(), ..new_run("run-1") };
    drop(home.store.begin_run(&run).unwrap());
    let row = home.store.runbook_at(&before).unwrap().unwrap();

    for (from, to, whole) in
        [("old/a.md", "new.md", "new.md"), ("new.md", "old/a.md", "old/a.md"), ("old", "x y", "x y/a.md")]
    {
        home.store.moved(id, from, to).unwrap();
        let after = folder.join(whole);
        assert_eq!(home.store.draft(&after).unwrap().unwrap().bytes, b"typed");
        assert_eq!(home.store.history(&after, 9, 0).unwrap().1, 1);
        assert_eq!(home.store.pins().unwrap(), std::slice::from_ref(&after));
        assert_eq!(home.store.recents(9).unwrap()[0].path, after);
        let now = home.store.runbook_at(&after).unwrap().unwrap();
        assert_eq!((now.id, &*now.entry.seen.path, now.pinned), (row.id, whole, true));
        assert_eq!(now.last_runs.len(), 1, "its runs are found at its new place");
        assert_eq!(home.store.last_runs(after.to_str().unwrap(), 9).unwrap().len(), 1);
        assert_eq!(home.store.search("apples", 9).unwrap()[0].runbook.file, after);
        assert_eq!(home.store.run(&run.id).unwrap().start.path, name, "its record keeps the path that it had");
    }
    assert_eq!(home.store.seen(id).unwrap().len(), 2);
    assert_eq!(home.store.history(&before, 9, 0).unwrap().1, 0);
}

#[test]
fn a_file_that_comes_where_one_was_goes_on_with_its_history() {
    let home = Home::new();
    let id = library(&home, "books");
    let folder = home.store.library(id).unwrap().path;
    home.store.index(id, &[(entry("a.md", "A"), text("")), (entry("b.md", "B"), text(""))]).unwrap();
    for (path, texts) in [("a.md", ["a1", "a2"]), ("b.md", ["b1", "b2"])] {
        for bytes in texts {
            let path = folder.join(path).display().to_string();
            home.store.note_revision(&revision(&path, bytes.as_bytes(), AT), bytes.as_bytes()).unwrap();
        }
    }
    home.store.moved(id, "a.md", "b.md").unwrap();
    let (rows, total) = home.store.history(&folder.join("b.md"), 9, 0).unwrap();
    assert_eq!(total, 4);
    let told: Vec<_> = rows.iter().map(|row| (row.number, row.hash.clone())).collect();
    let expected: Vec<_> = [(4, "a2"), (3, "a1"), (2, "b2"), (1, "b1")]
        .map(|(number, text)| (number, revision_of(text.as_bytes())))
        .into();
    assert_eq!(told, expected);
    let titles: Vec<_> = home.store.list_runbooks(None).unwrap().into_iter().map(|row| row.entry.title).collect();
    assert_eq!(titles, ["A"], "what the index held of the other one is gone");
}

#[test]
fn a_move_that_cannot_be_made_changes_nothing() {
    let home = Home::new();
    let id = library(&home, "books");
    let folder = home.store.library(id).unwrap().path;
    for path in ["a.md", "b.md"] {
        home.store.draft_keep(&folder.join(path), None, b"typed", AT).unwrap();
    }
    home.store.pin(&folder.join("a.md"), true).unwrap();
    assert_eq!(home.store.moved(id, "a.md", "b.md").unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(home.store.drafts().unwrap().len(), 2);
    assert_eq!(home.store.pins().unwrap(), [folder.join("a.md")]);
    assert_eq!(home.store.moved(store::LibraryId(99), "a.md", "c.md").unwrap_err().kind(), ErrorKind::Missing);
}
