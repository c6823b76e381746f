//! Entries and their secrets, from the first to the last.

use std::fs;

use super::session::Session;
use crate::{support::text, terminal::Person};

const SECRET: &str = "hunter22-and-more";

fn stocked() -> Session {
    let session = Session::new();
    let add = ["access", "add", "orders-db", "--kind", "database", "--address", "db1.example.com", "--port", "5433"];
    let rest = ["--user", "app", "--group", "orders", "--tag", "prod", "--tag", "eu", "--secret", "password"];
    let done = session.given(0, &format!("{SECRET}\n"), &[&add[..], &rest[..]].concat());
    assert_eq!(done.out, "orders-db was added, with password in the keychain.\n");
    session
}

#[test]
fn an_entry_lives_on_the_real_keychain_and_its_secret_nowhere_else() {
    let session = stocked();
    let revealed = |name: &str| session.expect(0, &["access", "reveal", name]).out;
    assert_eq!(revealed("orders-db"), format!("{SECRET}\n"), "the line end of `echo` is no part of it");
    // Another name, the same secret; another one leaves nothing of the first.
    session.expect(0, &["access", "rename", "orders-db", "orders-prod-db"]);
    assert_eq!(revealed("orders-prod-db"), format!("{SECRET}\n"));
    session.given(0, "another-secret", &["access", "edit", "orders-prod-db", "--secret", "password"]);
    assert_eq!(revealed("ORDERS-PROD-DB"), "another-secret\n", "whatever the case of its letters");
    let shown = session.expect(0, &["access", "show", "orders-prod-db", "--json"]).json();
    assert_eq!(shown["secrets"][0]["name"], "password");
    assert_eq!(shown["uses"], 3);
    assert!(session.expect(0, &["access", "show", "orders-prod-db"]).out.contains("in the keychain"));
    for secret in [SECRET, "another-secret"] {
        assert_eq!(session.files_with(secret.as_bytes()), [""; 0]);
    }
    let refused = session.expect(4, &["access", "remove", "orders-prod-db"]);
    assert!(refused.err.contains("--yes"), "{refused:?}");
    session.expect(0, &["access", "remove", "orders-prod-db", "--yes"]);
    let gone = session.expect(2, &["access", "reveal", "orders-prod-db"]);
    assert!(gone.err.contains("There is no access entry"), "{gone:?}");
    let status = session.expect(0, &["access", "vault", "status", "--json"]).json();
    assert_eq!((&status["in_keychain"], &status["keeper"]), (&0.into(), &"keychain".into()));
}

#[test]
fn a_key_of_several_lines_and_bytes_that_are_no_text_come_back_as_they_were() {
    let session = Session::new();
    let key = "-----BEGIN KEY-----\nabc\n-----END KEY-----\n";
    session.given(0, key, &["access", "add", "web1", "--address", "web1.example.com", "--secret", "key"]);
    assert_eq!(session.expect(0, &["access", "reveal", "web1"]).out, key, "its only secret, whatever it is called");
    session.given(0, "correct horse", &["access", "edit", "web1", "--secret", "passphrase"]);
    let several = session.expect(2, &["access", "reveal", "web1"]);
    assert!(several.err.contains("say which: key, passphrase"), "{several:?}");
    session.expect(0, &["access", "edit", "web1", "--forget", "key"]);
    assert_eq!(session.expect(0, &["access", "reveal", "web1"]).out, "correct horse\n");
}

#[test]
fn a_secret_is_typed_unseen_and_never_an_argument() {
    let session = Session::new();
    let mut person = Person::in_session(&session, "access add github --kind token --secret token");
    person.sees("token of github");
    person.presses(&format!("{SECRET}\r"));
    let seen = person.reads_up_to("was added");
    assert!(!seen.contains(SECRET), "{seen}");
    person.leaves(0);
    assert_eq!(session.expect(0, &["access", "reveal", "github"]).out, format!("{SECRET}\n"));
    // Shown in a terminal, it is gone from it after any key.
    let mut person = Person::in_session(&session, "access reveal github");
    person.sees(SECRET);
    person.sees("hidden again after 15 seconds");
    person.presses(" ");
    person.sees("\x1b[?1049l");
    person.sees("Hidden again.");
    person.leaves(0);
    // There is no way to write it after the command.
    let done = session.expect(2, &["access", "add", "x", "--secret", "token", SECRET]);
    assert!(done.err.contains("unexpected argument"), "{done:?}");
}

#[test]
fn without_a_keychain_the_cause_and_the_remedy_are_said_and_nothing_is_half_added() {
    let session = Session::without_keychain();
    let done = session.given(4, SECRET, &["access", "add", "db", "--secret", "password"]);
    assert!(done.err.contains("cannot be reached") && done.err.contains("access vault create"), "{done:?}");
    assert_eq!(session.expect(0, &["access", "list", "--json"]).json().as_array().unwrap().len(), 0);
    // What needs no secret works all the same.
    session.expect(0, &["access", "add", "web1", "--address", "web1.example.com"]);
    let status = session.expect(0, &["access", "vault", "status"]);
    assert!(status.out.contains("cannot be reached"), "{status:?}");
    // No bus at all.
    let mut command = session.command(&["access", "vault", "status", "--json"]);
    let done = command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus").output().unwrap();
    let status: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(text(&status, "keychain_problem").contains("cannot be reached"), "{status}");
}

#[test]
fn a_locked_keychain_is_said_to_be_locked_and_what_needs_it_changes_nothing() {
    let session = stocked();
    session.lock();
    let done = session.expect(4, &["access", "reveal", "orders-db"]);
    assert!(done.err.contains("is locked"), "{done:?}");
    assert!(done.out.is_empty());
    let status = session.expect(0, &["access", "vault", "status", "--json"]).json();
    assert!(text(&status, "keychain_problem").contains("unlock it"), "{status}");
    let done = session.given(4, "new", &["access", "edit", "orders-db", "--secret", "password"]);
    assert!(done.err.contains("was not kept"), "{done:?}");
    let done = session.expect(4, &["access", "remove", "orders-db", "--yes"]);
    assert!(done.err.contains("so the entry stays"), "{done:?}");
}

#[test]
fn entries_are_found_by_words_group_tag_kind_and_date() {
    let session = stocked();
    session.expect(0, &["access", "add", "web1", "--address", "web1.example.com", "--expires", "2020-01-01"]);
    session.expect(0, &["access", "add", "Grafana", "--kind", "web", "--note", "the dashboards of orders"]);
    for (filters, expected) in [
        (&[][..], &["Grafana", "orders-db", "web1"][..]),
        (&["ORDERS"], &["Grafana", "orders-db"]),
        (&["orders", "app"], &["orders-db"]),
        (&["--group", "orders"], &["orders-db"]),
        (&["--tag", "eu"], &["orders-db"]),
        (&["--kind", "web"], &["Grafana"]),
        (&["--expired"], &["web1"]),
        (&["--expires-within", "30"], &["web1"]),
    ] {
        let rows = session.expect(0, &[&["access", "list", "--json"], filters].concat()).json();
        let names: Vec<&str> = rows.as_array().unwrap().iter().map(|row| text(row, "name")).collect();
        assert_eq!(names, expected, "{filters:?}");
    }
    let table = session.expect(0, &["access", "list"]).out;
    assert!(table.contains("app@db1.example.com:5433") && table.contains("2020-01-01, past"), "{table}");
    assert!(session.expect(0, &["access", "list", "nowhere"]).err.contains("None of 3"));
}

#[test]
fn what_cannot_be_is_refused_with_a_sentence_and_changes_nothing() {
    let session = stocked();
    for (arguments, words) in [
        (&["access", "add", "a/b"][..], "cannot be the name"),
        (&["access", "add", "ORDERS-DB"], "already"),
        (&["access", "add", "x", "--kind", "host"], "one of ssh, database"),
        (&["access", "add", "x", "--expires", "soon"], "2027-02-20"),
        (&["access", "edit", "order-db", "--user", "x"], "did you mean orders-db?"),
        (&["access", "edit", "orders-db"], "Nothing was named"),
        (&["access", "reveal", "orders-db", "pin"], "it has password"),
        (&["access", "code", "orders-db"], "no seed"),
        (&["access", "open", "web9"], "There is no access entry"),
        (&["access", "edit", "orders-db", "--secret", "a", "--secret", "b"], "Only one secret"),
    ] {
        let done = session.expect(2, arguments);
        assert!(done.err.contains(words) && done.out.is_empty(), "{arguments:?}: {done:?}");
    }
    let done = session.given(2, "no seed!", &["access", "edit", "orders-db", "--secret", "totp"]);
    assert!(done.err.contains("no seed of one-time codes"), "{done:?}");
    let done = session.given(0, "ab", &["access", "edit", "orders-db", "--secret", "pin"]);
    assert!(done.err.contains("cannot be masked"), "{done:?}");
    assert_eq!(session.expect(0, &["access", "list", "--json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn a_seed_gives_its_code() {
    let session = Session::new();
    session.given(0, "JBSW Y3DP EHPK 3PXP\n", &["access", "add", "github", "--kind", "token", "--secret", "totp"]);
    let code = session.expect(0, &["access", "code", "github", "--json"]).json();
    assert_eq!(text(&code, "code").len(), 6);
    assert!((1..=30).contains(&code["seconds_left"].as_u64().unwrap()));
    let plain = session.expect(0, &["access", "code", "github"]).out;
    assert!(plain.trim_end().bytes().all(|byte| byte.is_ascii_digit()), "{plain:?}");
}

#[test]
fn an_entry_says_which_runbooks_use_it_also_by_the_name_of_an_environment() {
    let session = stocked();
    session.home.file("team/a.md", "---\naccess:\n  PW: keychain://orders-db/password\n---\n# Move it\n");
    session.home.file("team/b.md", "---\naccess: {PW: keychain://db/password}\n---\n# Copy it\n");
    session.home.file("team/allgood.toml", "[environments.prod]\naccess = { db = \"orders-db\" }\n");
    session.expect(0, &["library", "add", "team"]);
    let used = session.expect(0, &["access", "show", "orders-db", "--json"]).json()["used_by"].clone();
    let used: Vec<(&str, Option<&str>)> =
        used.as_array().unwrap().iter().map(|one| (text(one, "title"), one["environment"].as_str())).collect();
    assert_eq!(used, [("Move it", None), ("Copy it", Some("prod"))]);
    let renamed = session.expect(0, &["access", "rename", "orders-db", "main-db"]);
    assert!(renamed.err.contains("have to follow") && renamed.err.contains("a.md"), "{renamed:?}");
    assert!(fs::read_to_string(session.home.path("team/a.md")).unwrap().contains("orders-db"), "no file is changed");
}
