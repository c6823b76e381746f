//! The encrypted file for a machine without a keychain.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rusqlite::Connection;

use super::session::Session;
use crate::terminal::Person;

const SECRET: &str = "hunter22-and-more";

fn passphrase_file(session: &Session, mode: u32) -> PathBuf {
    let file = session.home.file("passphrase", "correct horse\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    file
}

#[test]
fn the_vault_is_chosen_by_a_person_and_opened_by_its_passphrase() {
    let session = Session::without_keychain();
    let mut person = Person::in_session(&session, "access vault create");
    person.sees("New passphrase");
    person.presses("correct horse\r");
    person.sees("The same again");
    person.presses("correct horse\r");
    person.sees("was made");
    person.leaves(0);
    let mut person = Person::in_session(&session, "access add db --secret password");
    person.sees("password of db");
    person.presses(&format!("{SECRET}\r"));
    person.sees("Passphrase of the vault");
    person.presses("wrong horse\r");
    person.sees("that is not the passphrase");
    person.sees("Passphrase of the vault");
    person.presses("correct horse\r");
    person.sees("with password in the vault");
    person.leaves(0);
    let done = session.expect(4, &["access", "reveal", "db"]);
    assert!(done.err.contains("nobody is there to type its passphrase"), "{done:?}");
    assert_eq!(session.files_with(SECRET.as_bytes()), [""; 0]);
    assert_eq!(session.files_with(b"correct horse"), [""; 0]);
}

#[test]
fn without_a_terminal_the_passphrase_is_read_from_a_file_that_is_nobody_elses() {
    let session = Session::without_keychain();
    let file = passphrase_file(&session, 0o600);
    let with_file = |status: i32, arguments: &[&str]| {
        let done = session.command(arguments).env("ALLGOOD_VAULT_PASSPHRASE_FILE", &file).output().unwrap();
        assert_eq!(done.status.code(), Some(status), "{arguments:?}: {done:?}");
        String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
    };
    let refused = session.expect(4, &["access", "vault", "create"]);
    assert!(refused.err.contains("for a person to choose"), "{refused:?}");
    with_file(0, &["access", "vault", "create"]);
    assert!(with_file(2, &["access", "vault", "create"]).contains("already"));
    with_file(0, &["access", "add", "db", "--address", "db1"]);
    let key = session.home.file("key", SECRET);
    let mut command = session.command(&["access", "edit", "db", "--secret", "password"]);
    command.env("ALLGOOD_VAULT_PASSPHRASE_FILE", &file).stdin(fs::File::open(key).unwrap());
    assert!(command.output().unwrap().status.success());
    assert_eq!(with_file(0, &["access", "reveal", "db"]), format!("{SECRET}\n"));
    passphrase_file(&session, 0o644);
    assert!(with_file(2, &["access", "reveal", "db"]).contains("others can read it"));
}

#[test]
fn what_runs_by_itself_opens_the_vault_by_that_file_and_what_needs_no_secret_needs_no_vault() {
    let session = Session::without_keychain();
    let file = passphrase_file(&session, 0o600);
    let with_file = |arguments: &[&str]| {
        let mut command = session.command(arguments);
        command.env("ALLGOOD_VAULT_PASSPHRASE_FILE", &file);
        command
    };
    let done = |mut command: Command, status: i32| {
        let done = command.output().unwrap();
        assert_eq!(done.status.code(), Some(status), "{command:?}: {done:?}");
        String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
    };
    done(with_file(&["access", "vault", "create"]), 0);
    session.expect(0, &["access", "add", "db"]);
    let mut edit = with_file(&["access", "edit", "db", "--secret", "password"]);
    edit.stdin(fs::File::open(session.home.file("key", SECRET)).unwrap());
    done(edit, 0);
    let book = "---\naccess:\n  PGPASSWORD: keychain://db/password\n---\n# Save\n\n## Steps\n\n\
                ```sh {name=save}\n[ -n \"$PGPASSWORD\" ] && echo saved >> \"$HOME/saved\"\n```\n";
    session.home.file("books/save.md", book);
    session.expect(0, &["library", "add", "books"]);
    session.home.trust("books");
    // Whether it may be used is a person's word alone.
    session.expect(0, &["access", "allow", "--all", "books/save.md"]);
    assert!(session.expect(0, &["run", "books/save.md", "--plan"]).out.contains("is locked"));
    assert!(!done(with_file(&["run", "books/save.md", "--plan"]), 0).contains("locked"));
    // Due a moment ago, and not again while this goes on.
    let due = Timestamp::now().checked_sub(2.minutes()).unwrap().to_zoned(TimeZone::UTC);
    let cron = format!("{} {} * * *", due.minute(), due.hour());
    let add = ["schedule", "add", "books/save.md", "--name", "Nightly", "--zone", "UTC", "--yes", "--cron", &cron];
    session.expect(0, &add);
    let locked = session.expect(4, &["schedule", "run", "Nightly"]);
    assert!(locked.err.contains("is locked"), "{locked:?}");
    done(with_file(&["schedule", "run", "Nightly"]), 0);
    let store = Connection::open(session.home.path("data/allgood.db")).unwrap();
    let before = Timestamp::now().checked_sub(30.minutes()).unwrap();
    store.execute("UPDATE schedules SET after = ?1", [format!("{before:.3}")]).unwrap();
    drop(store);
    done(with_file(&["schedule", "run-due"]), 0);
    assert_eq!(fs::read_to_string(session.home.path("saved")).unwrap(), "saved\nsaved\n");
    let units = done(with_file(&["schedule", "install", "--print"]), 0);
    assert!(units.contains(&format!("ALLGOOD_VAULT_PASSPHRASE_FILE={}", file.display())), "{units}");
}

#[test]
fn secrets_move_between_the_keychain_and_the_vault() {
    let session = Session::new();
    session.given(0, SECRET, &["access", "add", "db", "--secret", "password"]);
    let file = passphrase_file(&session, 0o600);
    let done = |arguments: &[&str]| {
        let done = session.command(arguments).env("ALLGOOD_VAULT_PASSPHRASE_FILE", &file).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    };
    done(&["access", "vault", "create"]);
    assert!(done(&["access", "vault", "move", "--to", "vault"]).contains("1 secret was moved"));
    assert!(done(&["access", "show", "db"]).contains("in the vault"));
    session.lock();
    assert_eq!(done(&["access", "reveal", "db"]), format!("{SECRET}\n"), "the keychain is not needed any more");
}
