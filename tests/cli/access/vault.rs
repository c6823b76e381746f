//! The encrypted file for a machine without a keychain.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

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
