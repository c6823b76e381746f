//! Opening: modes, migrations, backups, what is damaged or newer.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use rusqlite::Connection;
use store::{BackupOutcome, ErrorKind, Store};
use tempfile::TempDir;

use crate::fixture::{Home, names_in, whole_run};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_store_is_readable_by_its_owner_alone() {
    let home = Home::new();
    let data = home.data();
    let (_, lock) = home.begin("run-1");
    home.store.daily_backup("2026-11-22T10:00:00Z".parse().unwrap()).unwrap();
    for folder in ["", "runs", "backups"] {
        assert_eq!(mode(&data.join(folder)), 0o700, "{folder}");
    }
    for file in [
        "allgood.db",
        "allgood.db-wal",
        "allgood.db-shm",
        "allgood.lock",
        "runs/run-1.lock",
        "backups/daily-20261122.db",
    ] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    drop(lock);
}

#[test]
fn a_store_that_others_could_read_is_closed_to_them() {
    let home = Home::new();
    let data = home.data();
    for (name, open) in [("", 0o755), ("allgood.db", 0o644), ("allgood.db-wal", 0o644), ("backups", 0o777)] {
        fs::set_permissions(data.join(name), fs::Permissions::from_mode(open)).unwrap();
    }
    let _second = Store::open(&data).unwrap();
    for (name, closed) in [("", 0o700), ("allgood.db", 0o600), ("allgood.db-wal", 0o600), ("backups", 0o700)] {
        assert_eq!(mode(&data.join(name)), closed, "{name}");
    }
}

#[test]
fn what_cannot_be_written_is_read_as_it_was_left_and_refuses_every_change() {
    // With everything in the file, and with what came last in the log alone: somebody has it open still.
    for in_log in [false, true] {
        let home = Home::new();
        let data = home.data();
        let run = whole_run(&home, "run-1");
        let events = |store: &Store| store.events(&run).unwrap().map(Result::unwrap).collect::<Vec<_>>();
        let kept = events(&home.store);
        let other = in_log.then_some(home.store);
        if !in_log {
            assert!(!data.join("allgood.db-wal").exists());
        }
        let before = names_in(&data);
        let bytes = fs::read(data.join("allgood.db")).unwrap();
        let store = Store::open_to_read(&data).unwrap();
        assert!(store.only_reads() && store.notices()[0].contains("cannot be written"));
        assert_eq!(events(&store), kept, "in the log: {in_log}");
        assert!(store.verify(&run).unwrap().holds());
        for error in [store.set_setting("x", &1).unwrap_err(), store.put_revision(b"# New\n").map(drop).unwrap_err()]
        {
            assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
            assert!(error.to_string().contains("writable for you"), "{error}");
        }
        drop(store);
        assert_eq!((names_in(&data), fs::read(data.join("allgood.db")).unwrap()), (before, bytes));
        drop(other);
    }
}

#[test]
fn a_store_of_another_version_that_cannot_be_written_is_not_read_and_that_is_said() {
    for (version, kind, words) in [(1, ErrorKind::Refused, "older version"), (999, ErrorKind::Newer, "newer version")]
    {
        let home = Home::new();
        let data = home.data();
        drop(home.store);
        let connection = Connection::open(data.join("allgood.db")).unwrap();
        connection.execute_batch(&format!("PRAGMA user_version = {version}")).unwrap();
        drop(connection);
        let error = Store::open_to_read(&data).unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// What takes each migration back, so that a store is as an older version left it.
const BACK: [&str; 26] = [
    "DROP TABLE libraries",
    "DROP TABLE runbooks; DROP TABLE runbook_text",
    "DROP TABLE revisions",
    "DROP TABLE runs",
    "DROP TABLE events",
    "DROP TABLE output",
    "DROP TABLE settings",
    "DROP TABLE drafts",
    "ALTER TABLE revisions DROP COLUMN redacted",
    "DROP TABLE history",
    "DROP TABLE marks",
    "DROP INDEX runs_by_file; DROP INDEX runs_by_revision; ALTER TABLE runs DROP COLUMN file;
     CREATE INDEX runs_by_path ON runs (path, id)",
    "DROP TABLE runbook_tags; DROP TABLE runbook_codes; DROP TABLE runbook_links; DROP TABLE index_state;
     DROP TABLE runbook_names; DROP TABLE runbook_text; DROP TABLE runbooks;
     CREATE TABLE runbooks (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE runbook_text USING fts5 (body)",
    "DROP TABLE name_words; DROP TABLE text_words",
    "DROP TABLE words; CREATE VIRTUAL TABLE name_words USING fts5vocab (runbook_names, row)",
    "ALTER TABLE revisions DROP COLUMN size",
    "DROP INDEX runs_that_ended; DROP TABLE run_items; ALTER TABLE runs DROP COLUMN learnt",
    "DROP INDEX runs_by_end; DROP TABLE removed_output",
    "DROP INDEX runs_by_start; DROP INDEX runs_by_environment; DROP INDEX runs_by_actor; DROP INDEX runs_with_failures",
    "DROP INDEX runs_by_parent; ALTER TABLE runs DROP COLUMN parent_item; ALTER TABLE runs DROP COLUMN parent",
    "DROP TABLE access_grants; DROP TABLE access_fields; DROP TABLE access_tags; DROP TABLE access_entries",
    "DROP TABLE link_values; DROP TABLE link_opens; DROP TABLE link_tags; DROP TABLE links",
    "DROP TABLE choices; DROP TABLE runbook_steps",
    "DROP TABLE runbook_schedules; DROP TABLE firings; DROP TABLE schedule_values; DROP TABLE schedules",
    "DROP TABLE runbook_addresses",
    "DROP TABLE shared_runs",
];

/// A store as version `version` left it: what came later is not there yet.
fn older(data: &Path, version: usize) {
    let file = Connection::open(data.join("allgood.db")).unwrap();
    file.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for back in BACK.iter().skip(version).rev() {
        file.execute_batch(back).unwrap();
    }
    file.pragma_update(None, "user_version", version).unwrap();
}

#[test]
fn every_older_version_is_brought_up_to_date_with_its_data_and_a_backup_before() {
    for version in 1..BACK.len() {
        let home = Home::new();
        let data = home.data();
        let folder = home.folder.path().join("books");
        fs::create_dir(&folder).unwrap();
        home.store.add_library(&folder, "books", "2026-01-01T00:00:00Z").unwrap();
        let revision = home.store.put_revision(b"# One\n").unwrap();
        let run = whole_run(&home, "run-1");
        let Home { folder: keep, store } = home;
        drop(store);
        older(&data, version);

        let store = Store::open(&data).unwrap();
        assert!(store.notices().is_empty(), "{:?}", store.notices());
        assert_eq!(store.libraries().unwrap().len(), 1, "version {version}");
        assert_eq!(store.revision(&revision).is_ok(), version >= 3, "version {version}");
        assert_eq!(store.run(&run).is_ok(), version >= 4, "version {version}");
        assert_eq!(store.verify(&run).is_ok_and(|verdict| verdict.holds()), version >= 6, "version {version}");

        let backups = names_in(&data.join("backups"));
        let [backup] = &backups[..] else { panic!("{backups:?}") };
        assert!(backup.ends_with(&format!("-v{version}.db")), "{backup}");
        let copy = Connection::open(data.join("backups").join(backup)).unwrap();
        let count: i64 = copy.query_row("SELECT count(*) FROM libraries", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1);
        drop(keep);
    }
}

#[test]
fn a_new_store_and_one_that_is_up_to_date_leave_no_backup() {
    let home = Home::new();
    let _again = Store::open(&home.data()).unwrap();
    assert!(names_in(&home.data().join("backups")).is_empty());
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let home = Home::new();
    let data = home.data();
    home.tamper("PRAGMA user_version = 99");
    let Home { folder: _keep, store } = home;
    drop(store);
    let before = fs::read(data.join("allgood.db")).unwrap();
    let error = Store::open(&data).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Newer);
    assert!(error.to_string().contains("newer version of Allgood"), "{error}");
    assert_eq!(fs::read(data.join("allgood.db")).unwrap(), before);
}

#[test]
fn a_damaged_store_is_set_aside_unchanged_and_a_new_one_begun() {
    let zeros: fn(&mut Vec<u8>) = |bytes| bytes[..4096].fill(0);
    let text: fn(&mut Vec<u8>) = |bytes| *bytes = b"this is no database, but a text that somebody put here".to_vec();
    let hole: fn(&mut Vec<u8>) = |bytes| {
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..middle + 8192].fill(0xff);
    };
    for (name, damage) in [("zeros", zeros), ("text", text), ("hole", hole)] {
        let home = Home::new();
        let data = home.data();
        whole_run(&home, "run-1");
        home.store.daily_backup("2026-11-22T10:00:00Z".parse().unwrap()).unwrap();
        let Home { folder: _keep, store } = home;
        drop(store);
        let file = data.join("allgood.db");
        let mut bytes = fs::read(&file).unwrap();
        damage(&mut bytes);
        fs::write(&file, &bytes).unwrap();

        let store = Store::open(&data).unwrap();
        assert!(store.libraries().unwrap().is_empty());
        let [notice] = store.notices() else { panic!("{name}: {:?}", store.notices()) };
        let aside = names_in(&data).into_iter().find(|file| file.starts_with("allgood.db.damaged-")).expect(name);
        assert!(notice.contains(&aside) && notice.contains("daily-20261122.db"), "{name}: {notice}");
        assert_eq!(fs::read(data.join(&aside)).unwrap(), bytes, "{name}");
    }
}

#[test]
fn what_a_damaged_store_still_gives_is_recovered() {
    let home = Home::new();
    let data = home.data();
    let folder = home.folder.path().join("books");
    fs::create_dir(&folder).unwrap();
    let library = home.store.add_library(&folder, "books", "2026-01-01T00:00:00Z").unwrap();
    home.store.trust_library(library.id, "2026-01-01T00:00:00Z").unwrap();
    let run = whole_run(&home, "run-1");
    home.store.set_setting("window", &42).unwrap();
    let text = |number: usize| format!("# Draft {number}\n{}", "line\n".repeat(300)).into_bytes();
    for number in 0..200 {
        let path = format!("/books/{number:03}.md");
        home.store.draft_keep(Path::new(&path), None, &text(number), "2026-01-01T00:00:00Z").unwrap();
        let revision = store::NewRevision {
            path: path.into(),
            hash: store::revision_of(&text(number)),
            at: "2026-01-01T00:00:00Z".to_owned(),
            origin: store::Origin::Here,
            actor: None,
            message: None,
            parent: None,
        };
        home.store.note_revision(&revision, &text(number)).unwrap();
    }
    let Home { folder: _keep, store } = home;
    drop(store);
    // A hole amid the drafts, as a failing disk makes one.
    let file = data.join("allgood.db");
    let mut bytes = fs::read(&file).unwrap();
    let wanted = b"# Draft 100\nline\nline\nline\nline\nline\nline\n";
    let at = bytes.windows(wanted.len()).position(|window| window == wanted).unwrap() / 4096 * 4096;
    bytes[at..at + 4096].fill(0xff);
    fs::write(&file, &bytes).unwrap();

    let store = Store::open(&data).unwrap();
    let [notice] = store.notices() else { panic!("{:?}", store.notices()) };
    let drafts = store.drafts().unwrap();
    assert!((190..200).contains(&drafts.len()), "{} drafts: {notice}", drafts.len());
    for row in &drafts {
        let number = row.path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
        assert_eq!(store.draft(&row.path).unwrap().unwrap().bytes, text(number));
    }
    assert!(notice.contains(&format!("{} drafts", drafts.len())) && notice.contains("1 run,"), "{notice}");
    assert!(store.verify(&run).unwrap().holds(), "{notice}");
    assert_eq!(store.setting::<u32>("window").unwrap(), Some(42));
    for number in [0, 99, 199] {
        let path = format!("/books/{number:03}.md");
        assert_eq!(store.history(Path::new(&path), 9, 0).unwrap().1, 1);
        assert_eq!(store.revision(&store::revision_of(&text(number))).unwrap(), text(number));
    }
    let libraries = store.libraries().unwrap();
    assert_eq!((libraries.len(), libraries[0].is_trusted()), (1, false), "trust is given anew");
    assert!(!names_in(&data).iter().any(|name| name.starts_with("recovering")));
    drop(store);
    assert!(Store::open(&data).unwrap().notices().is_empty(), "the new one is whole");
}

#[test]
fn a_damaged_store_that_somebody_has_open_is_not_taken_away() {
    let home = Home::new();
    let file = home.data().join("allgood.db");
    whole_run(&home, "run-1");
    Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[..100].fill(0);
    fs::write(&file, &bytes).unwrap();
    let error = Store::open(&home.data()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(file.exists());
    assert_eq!(names_in(&home.data()).iter().filter(|name| name.contains("damaged")).count(), 0);
}

#[test]
fn one_backup_a_day_is_made_and_seven_are_kept() {
    let home = Home::new();
    let run = whole_run(&home, "run-1");
    for day in 10..=19 {
        let now = format!("2026-11-{day}T23:59:00Z").parse().unwrap();
        assert!(matches!(home.store.daily_backup(now).unwrap(), BackupOutcome::Made(_)));
        assert!(matches!(home.store.daily_backup(now).unwrap(), BackupOutcome::UpToDate(_)));
    }
    let mut expected: Vec<String> = (13..=19).map(|day| format!("daily-202611{day}.db")).collect();
    expected.insert(0, "backup.lock".to_owned());
    assert_eq!(names_in(&home.data().join("backups")), expected);

    let other = TempDir::new().unwrap();
    fs::copy(home.data().join("backups/daily-20261119.db"), other.path().join("allgood.db")).unwrap();
    assert!(Store::open(other.path()).unwrap().verify(&run).unwrap().holds(), "a backup is a store");
}

#[test]
fn a_damaged_store_gets_no_backup_and_loses_none() {
    let home = Home::new();
    whole_run(&home, "run-1");
    home.store.daily_backup("2026-11-22T10:00:00Z".parse().unwrap()).unwrap();
    let file = home.data().join("allgood.db");
    Connection::open(&file).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 8192].fill(0xff);
    // As a failing disk would: beneath SQLite, in the same file.
    fs::write(&file, &bytes).unwrap();
    let error = home.store.daily_backup("2026-11-23T10:00:00Z".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
    assert_eq!(names_in(&home.data().join("backups")), ["backup.lock", "daily-20261122.db"]);
}

#[test]
fn a_store_with_nothing_in_it_needs_no_backup() {
    let home = Home::new();
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    assert_eq!(home.store.daily_backup(now).unwrap(), BackupOutcome::Empty);
    whole_run(&home, "run-1");
    assert!(matches!(home.store.daily_backup(now).unwrap(), BackupOutcome::Made(_)));
}

#[test]
fn many_who_make_the_backup_of_the_day_at_once_make_one_whole_file() {
    let home = Home::new();
    whole_run(&home, "run-1");
    let now = "2026-11-22T10:00:00Z".parse().unwrap();
    let made = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| home.store.daily_backup(now).unwrap())).collect();
        let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
        outcomes.filter(|outcome| matches!(outcome, BackupOutcome::Made(_))).count()
    });
    assert_eq!(made, 1);
    assert_eq!(names_in(&home.data().join("backups")), ["backup.lock", "daily-20261122.db"]);
}
