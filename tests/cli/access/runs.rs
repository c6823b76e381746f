//! Secrets in runs: fetched for each command, asked about once, named before the start, and in no file and no argument.

use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

use super::session::Session;
use crate::{
    support::{processes_of, text, until},
    terminal::Person,
};

const SECRET: &str = "hunter22-and-more";

fn book(access: &str, script: &str) -> String {
    format!("---\naccess: {{{access}}}\n---\n# Use it\n\n## Steps\n\n```sh {{name=use}}\n{script}\n```\n")
}

/// A session in which the entry `db` is kept, and a runbook that uses it.
fn stocked(script: &str) -> Session {
    let session = Session::new();
    session.given(0, SECRET, &["access", "add", "db", "--kind", "database", "--secret", "password"]);
    session.home.file("use.md", &book("PW: keychain://db/password", script));
    session
}

fn allowed(script: &str) -> Session {
    let session = stocked(script);
    session.expect(0, &["access", "allow", "db", "use.md"]);
    session
}

#[test]
fn a_run_gets_its_secret_in_the_environment_and_it_is_in_no_file_and_no_argument() {
    let session =
        allowed("printf '%s' \"$PW\" | wc -c\necho \"it is $PW\"\necho \"$PW\" | base64\nread -r line < hold\nfalse");
    let fifo = session.home.path("hold");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let child = session.command(&["run", "use.md", "--auto", "--json"]).stdin(Stdio::null()).spawn().unwrap();
    let runs = || session.expect(0, &["runs", "--json"]).json();
    until("the command runs", || runs()[0]["id"].as_str().is_some_and(|run| !processes_of(run).is_empty()));
    let run = text(&runs()[0], "id").to_owned();
    until("it has printed", || session.expect(0, &["show-run", &run, "--output"]).out.contains("it is"));
    // While it runs nobody reads it in the list of processes.
    for process in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!line.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()), "{process:?}");
    }
    fs::write(&fifo, "go on\n").unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let shown = session.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("17") && shown.contains("it is •••"), "{shown}");
    for format in ["md", "html", "jsonl", "junit"] {
        session.expect(0, &["report", &run, "--format", format, "-o", &format!("report.{format}")]);
    }
    session.expect(0, &["export", &run, "-o", "run.allgood"]);
    for secret in [SECRET.as_bytes(), &SECRET.as_bytes()[..12]] {
        assert_eq!(session.files_with(secret), [""; 0]);
    }
    assert_eq!(session.expect(0, &["access", "show", "db", "--json"]).json()["uses"], 1);
}

#[test]
fn the_first_use_by_a_library_is_asked_once_and_never_answered_by_yes() {
    let session = stocked("test -n \"$PW\"");
    let refused = session.expect(4, &["run", "use.md", "--auto", "--yes"]);
    assert!(refused.err.contains("access allow db"), "{refused:?}");
    assert_eq!(session.expect(0, &["runs", "--json"]).json().as_array().unwrap().len(), 0, "nothing was started");
    let mut person = Person::in_session(&session, "run use.md --auto");
    person.sees("have not used the secrets of");
    person.sees("y/N");
    person.presses("n");
    person.sees("Nothing was started.");
    person.leaves(130);
    let mut person = Person::in_session(&session, "run use.md --auto");
    person.sees("y/N");
    person.presses("y");
    person.leaves(0);
    session.expect(0, &["run", "use.md", "--auto"]);
    session.expect(0, &["access", "forbid", "db", "use.md"]);
    session.expect(4, &["run", "use.md", "--auto"]);
}

#[test]
fn a_missing_secret_is_named_before_anything_starts_and_can_be_typed_instead() {
    let session = allowed("test \"$PW\" = typed-instead");
    session.expect(0, &["access", "edit", "db", "--forget", "password"]);
    let plan = session.expect(0, &["run", "use.md", "--plan"]).out;
    assert!(plan.contains("has no secret") && plan.contains("access edit db"), "{plan}");
    let refused = session.expect(4, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("PW from keychain://db/password cannot be fetched"), "{refused:?}");
    assert_eq!(session.expect(0, &["runs", "--json"]).json().as_array().unwrap().len(), 0);
    let mut person = Person::in_session(&session, "run use.md --auto");
    person.sees("Value of PW");
    person.presses("typed-instead\r");
    person.leaves(0);
    assert_eq!(session.files_with(b"typed-instead\""), [""; 0]);
    // Rehearsing needs none.
    session.expect(0, &["run", "use.md", "--rehearse", "--yes"]);
}

#[test]
fn an_expired_entry_says_so_before_the_run_and_is_used_all_the_same() {
    let session = allowed("test -n \"$PW\"");
    session.expect(0, &["access", "edit", "db", "--expires", "2020-01-01"]);
    let plan = session.expect(0, &["run", "use.md", "--plan", "--json"]).json();
    assert!(text(&plan["access"][0], "warning").contains("2020-01-01"), "{plan}");
    assert!(session.expect(0, &["run", "use.md", "--plan"]).out.contains("past that day"));
    session.expect(0, &["run", "use.md", "--auto"]);
}

#[test]
fn a_locked_or_absent_keychain_is_said_before_a_run_and_runbooks_without_secrets_run_all_the_same() {
    let session = allowed("true");
    session.home.file("plain.md", "# Plain\n\n## Steps\n\n```sh\ntrue\n```\n");
    session.lock();
    let refused = session.expect(4, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("is locked"), "{refused:?}");
    assert!(session.expect(0, &["run", "use.md", "--plan"]).out.contains("is locked"));
    session.expect(0, &["run", "plain.md", "--auto"]);
    let mut command = session.command(&["run", "use.md", "--auto"]);
    let done = command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus").output().unwrap();
    assert_eq!(done.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&done.stderr).contains("cannot be reached"), "{done:?}");
}

#[test]
fn an_environment_says_what_a_name_means() {
    let session = Session::new();
    for (name, secret) in [("orders-prod", "the-secret-of-prod"), ("orders-stg", "the-secret-of-stg")] {
        session.given(0, secret, &["access", "add", name, "--kind", "database", "--secret", "password"]);
    }
    session.home.file(
        "team/allgood.toml",
        "[environments.prod]\naccess = { db = \"orders-prod\" }\n[environments.stg]\naccess = { db = \"orders-stg\" }\n",
    );
    session.home.file("team/use.md", &book("PW: keychain://db/password", "test \"$PW\" = the-secret-of-$ENV_IS"));
    session.expect(0, &["library", "add", "team"]);
    session.expect(0, &["access", "allow", "orders-prod", "orders-stg", "team"]);
    for environment in ["prod", "stg"] {
        let is = format!("ENV_IS={environment}");
        session.expect(0, &["run", "team/use.md", "--auto", "--environment", environment, "--param", &is]);
    }
    let nowhere = session.expect(4, &["run", "team/use.md", "--auto", "--param", "ENV_IS=x"]);
    assert!(nowhere.err.contains("there is no access entry \"db\""), "{nowhere:?}");
}

#[test]
fn the_vault_serves_a_run_without_a_terminal() {
    let session = Session::without_keychain();
    let file = session.home.file("passphrase", "correct horse");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let secret = session.home.file("secret", SECRET);
    session.home.file("use.md", &book("PW: keychain://db/password", "echo \"$PW\" | wc -c"));
    let done = |arguments: &[&str]| {
        let mut command = session.command(arguments);
        command.env("ALLGOOD_VAULT_PASSPHRASE_FILE", &file).stdin(fs::File::open(&secret).unwrap());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    };
    done(&["access", "vault", "create"]);
    done(&["access", "add", "db", "--secret", "password"]);
    done(&["access", "allow", "db", "use.md"]);
    done(&["run", "use.md", "--auto"]);
    let refused = session.expect(4, &["run", "use.md", "--auto"]);
    assert!(refused.err.contains("nobody is there to type its passphrase"), "{refused:?}");
}

#[test]
fn a_reference_of_one_password_is_read_by_its_own_command() {
    let session = Session::without_keychain();
    session.home.file("use.md", &book("PW: op://prod/db/password", "test ${#PW} -eq 17; echo \"$PW\""));
    let missing = session.expect(4, &["run", "use.md", "--auto"]);
    assert!(missing.err.contains("`op` is not installed"), "{missing:?}");
    // A stand-in that insists on what it is asked.
    let script = "#!/bin/sh\n[ \"$*\" = 'read --no-newline op://prod/db/password' ] || { echo \"asked: $*\" >&2; exit 9; }\nprintf from-one-password\n";
    let op = session.home.file("bin/op", script);
    fs::set_permissions(&op, fs::Permissions::from_mode(0o755)).unwrap();
    let run = |status: i32| {
        let mut command = session.command(&["run", "use.md", "--auto"]);
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!(
            "{}:{}:{path}",
            session.home.path("bin").display(),
            crate::support::binary().parent().unwrap().display()
        );
        let done = command.env("PATH", path).output().unwrap();
        assert_eq!(done.status.code(), Some(status), "{done:?}");
        String::from_utf8([done.stdout, done.stderr].concat()).unwrap()
    };
    let said = run(0);
    assert!(!said.contains("from-one-password") && said.contains("•••"), "{said}");
    fs::write(&op, "#!/bin/sh\necho 'you are not signed in' >&2\nexit 1\n").unwrap();
    let said = run(1);
    // It may stand in several lines.
    let said = said.replace(['│', '┆'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("you are not signed in"), "{said}");
}

#[test]
fn the_check_names_an_entry_that_is_not_there_where_somebody_keeps_entries() {
    let session = Session::without_keychain();
    session.home.file("use.md", &book("PW: keychain://orders-bd/password", "true"));
    let codes = |status: i32| {
        let done = session.expect(status, &["check", "use.md", "--json"]);
        done.out.matches("unknown-access").count()
    };
    assert_eq!(codes(0), 0, "where nobody keeps entries, a name says nothing");
    session.expect(0, &["access", "add", "orders-db"]);
    assert!(codes(1) > 0);
}
