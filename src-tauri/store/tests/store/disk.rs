//! A full disk, a folder that cannot be written, a store that somebody keeps locked.

use std::{
    env, fs,
    os::unix::fs::{PermissionsExt, chown},
    process::Command,
};

use engine::Journal as _;
use rusqlite::Connection;
use store::{ErrorKind, Store};

use crate::fixture::{ACTOR, AT, Home, append, append_output, attempt_started, noise, note, output};

/// A small file system of its own would need rights that a test has not: the limit stands in for it, with the same
/// answer from SQLite.
#[test]
fn on_a_full_disk_nothing_is_half_kept_and_the_run_goes_on_when_there_is_space() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    append(&home.store, &run, attempt_started("drain"));
    home.store.limit_pages(Some(200)).unwrap();
    let piece = noise(64 * 1024);
    let mut kept = 0_u64;
    let error = loop {
        let fact = output("drain", kept * 65_536, &piece);
        match home.store.append_output(&run, AT, ACTOR, fact, &piece) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    let sentence = error.to_string();
    assert!(sentence.contains("allgood.db") && sentence.contains("the disk is full"), "{sentence}");
    assert!(kept > 0);
    assert_eq!(home.store.run(&run).unwrap().events, 2 + kept);
    assert!(home.store.verify(&run).unwrap().holds());
    assert_eq!(home.store.put_revision(&noise(1 << 20)).unwrap_err().kind(), ErrorKind::Full);

    home.store.limit_pages(None).unwrap();
    append_output(&home.store, &run, "drain", kept * 65_536, &piece);
    append(&home.store, &run, note("there is space again"));
    assert!(home.store.verify(&run).unwrap().holds());
}

#[test]
fn a_store_that_another_process_keeps_locked_is_said_to_be_so() {
    let home = Home::new();
    let (run, _lock) = home.begin("run-1");
    let other = Connection::open(home.data().join("allgood.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sentence = home.store.append(&run, AT, ACTOR, note("x")).unwrap_err().to_string();
    assert!(sentence.contains("locked by another process"), "{sentence}");
    assert_eq!(home.store.run(&run).unwrap().events, 1, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    append(&home.store, &run, note("x"));
    assert!(home.store.verify(&run).unwrap().holds());
}

const NOBODY: u32 = 65_534;
const FOLDER: &str = "STORE_TEST_READ_ONLY";

/// Root may write anywhere: as root this test starts itself again as nobody.
#[test]
fn a_folder_that_cannot_be_written_is_said_to_be_so() {
    if let Some(folder) = env::var_os(FOLDER) {
        nix::unistd::setgroups(&[]).unwrap();
        nix::unistd::setgid(NOBODY.into()).unwrap();
        nix::unistd::setuid(NOBODY.into()).unwrap();
        return must_refuse(folder.as_ref());
    }
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let outer = folder.path().join("read-only");
    fs::create_dir(&outer).unwrap();
    fs::set_permissions(&outer, fs::Permissions::from_mode(0o555)).unwrap();
    if !nix::unistd::Uid::effective().is_root() {
        return must_refuse(&outer);
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(&outer, Some(NOBODY), Some(NOBODY)).unwrap();
    let again = Command::new(env::current_exe().unwrap())
        .args(["--exact", "disk::a_folder_that_cannot_be_written_is_said_to_be_so"])
        .env(FOLDER, &outer)
        .output()
        .unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
}

fn must_refuse(outer: &std::path::Path) {
    let error = Store::open(&outer.join("data")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
    assert!(error.to_string().contains("cannot be written"), "{error}");
}
